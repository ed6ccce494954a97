"""Stores `tests/bench/bulk_runs.py` in MLflow's tables by COPY, as its `create_run` and `log_batch` would have.

Left out are the points, as in `bulk_tables.py`: its searches read their last values, which are there.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import psycopg

from runlore import v1
from tests.bench import bulk_tables
from tests.bench.bulk_runs import METRICS, POINTS, SECOND_US, Runs

_RUNS = """
COPY runs (run_uuid, name, source_type, source_name, entry_point_name, user_id, status, start_time, end_time,
           deleted_time, source_version, lifecycle_stage, artifact_uri, experiment_id) FROM STDIN
"""
_METRICS = "COPY latest_metrics (key, value, timestamp, step, is_nan, run_uuid) FROM STDIN"
_PARAMS = "COPY params (key, value, run_uuid) FROM STDIN"
_TAGS = "COPY tags (key, value, run_uuid) FROM STDIN"
#: Runs at a time.
_AT_ONCE = 10_000


def load(database_url: str, experiment_id: str, runs: Runs) -> None:
    """Add the runs to an experiment; all of them must be of one."""
    with psycopg.connect(database_url) as conn:
        for first in range(0, runs.count, _AT_ONCE):
            numbers = runs.numbers[first : first + _AT_ONCE].tolist()
            ids = [runs.run_id(number) for number in numbers]
            params, tags = bulk_tables.texts(runs, slice(first, first + _AT_ONCE))
            for number, entry in zip(numbers, tags, strict=True):
                entry["mlflow.runName"] = runs.run_name(number)
                if runs.parent[number] >= 0:
                    entry["mlflow.parentRunId"] = runs.run_id(int(runs.parent[number]))
            _copy(
                conn,
                _RUNS,
                (_run(runs, number, run_id, experiment_id) for number, run_id in zip(numbers, ids, strict=True)),
            )
            for statement, entries in ((_PARAMS, params), (_TAGS, tags)):
                pairs = zip(ids, entries, strict=True)
                _copy(conn, statement, ((k, v, run_id) for run_id, entry in pairs for k, v in entry.items()))
            for key in METRICS:
                _copy(conn, _METRICS, _summaries(runs, key, numbers, ids))
    with psycopg.connect(database_url, autocommit=True) as conn:
        conn.execute("VACUUM ANALYZE runs, latest_metrics, params, tags")


def _copy(conn: psycopg.Connection, statement: str, rows: Iterable[Sequence[object]]) -> None:
    with conn.cursor() as cursor, cursor.copy(statement.encode()) as copy:
        copy.write("".join("\t".join(map(str, row)) + "\n" for row in rows))


def _run(runs: Runs, number: int, run_id: str, experiment_id: str) -> Sequence[object]:
    status = v1.RunStatus.Name(v1.RunStatus.ValueType(runs.status[number])).removeprefix("RUN_STATUS_")
    end = int(runs.end_us[number]) // 1_000
    gone = (end + 1_000, "deleted") if runs.is_deleted[number] else ("\\N", "active")
    where = ("", gone[1], f"mlflow-artifacts:/{experiment_id}/{run_id}/artifacts", experiment_id)
    start = int(runs.start_us[number]) // 1_000
    return (run_id, runs.run_name(number), "UNKNOWN", "", "", "anonymous", status, start, end, gone[0], *where)


def _summaries(runs: Runs, key: str, numbers: Sequence[int], ids: Sequence[str]) -> Iterable[Sequence[object]]:
    part = slice(numbers[0], numbers[-1] + 1)
    times = ((runs.start_us[part] + POINTS * SECOND_US) // 1_000).tolist()
    columns = zip(runs.has_metric(key)[part].tolist(), runs.metric(key)[part].tolist(), times, ids, strict=True)
    for has, value, time, run_id in columns:
        if has:
            # It keeps NaN as 0 and a mark.
            nan = math.isnan(value)
            yield key, 0.0 if nan else repr(value), time, POINTS - 1, "t" if nan else "f", run_id
