"""The runs that the benchmarks load behind the server's back are as the server would have stored them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import grpc
import psycopg
from google.protobuf.field_mask_pb2 import FieldMask
from psycopg import sql

from runlore import v1
from runlore_server.db import Database
from runlore_server.store import runs as stored
from tests.bench import bulk_tables
from tests.bench.bulk_runs import METRICS, SECOND_US, Runs, experiment_name
from tests.harness.postgres import Databases
from tests.harness.server import ServerProcess
from tests.harness.wire import Stubs

RUNS = Runs(250, experiments=3)
#: What a server also writes, and a search never reads.
LEFT_OUT = {"event", "event_log", "metric_block", "schema_migration"}
#: What its indexer makes of these, then and for the benchmarks.
INDEX = {"search_key", "search_text", "search_metric", "search_indexing"}
#: By the server's clock, or by how far its indexer is.
CLOCKED = {"create_time", "event_time", "delete_time", "heartbeat_time"}
CLOCKED |= {"indexed_revision", "indexed_version", "unindexed"}


async def test_bulk_runs_are_those_of_the_api(server: ServerProcess, database_url: str, postgres: Databases) -> None:
    with grpc.insecure_channel(server.address) as channel:
        _write(Stubs(channel))
    with postgres.fresh() as bulk_url:
        bulk_tables.load(bulk_url, RUNS)
        filled = {name for name in _tables(database_url) if _rows(database_url, name)}
        assert filled - LEFT_OUT - INDEX == set(bulk_tables.TABLES)
        names = dict(_experiments(database_url)) | dict(_experiments(bulk_url))
        for table in bulk_tables.TABLES:
            assert _comparable(bulk_url, table, names) == _comparable(database_url, table, names)
        of_bulk, of_api = await _messages(bulk_url), await _messages(database_url)
        assert of_bulk == of_api
        assert sum(run.lifecycle_state == v1.LIFECYCLE_STATE_DELETED for run in of_bulk) > 0


def _write(stubs: Stubs) -> None:
    experiments = [
        stubs.tracking.CreateExperiment(v1.CreateExperimentRequest(name=experiment_name(number))).experiment
        for number in range(RUNS.experiments)
    ]
    params, tags = bulk_tables.texts(RUNS, slice(None))
    for number in range(RUNS.count):
        run_id, parent = RUNS.run_id(number), int(RUNS.parent[number])
        request = v1.CreateRunRequest(
            run_id=run_id,
            experiment_id=experiments[RUNS.experiment[number]].experiment_id,
            parent_run_id=RUNS.run_id(parent) if parent >= 0 else "",
            name=RUNS.run_name(number),
            params=params[number],
            tags=tags[number],
        )
        request.start_time.FromMicroseconds(int(RUNS.start_us[number]))
        stubs.tracking.CreateRun(request)
        stubs.tracking.LogBatch(
            v1.LogBatchRequest(run_id=run_id, writer_id=bulk_tables.WRITER_ID, sequence=1, series=_series(number))
        )
        update = v1.UpdateRunRequest(
            run_id=run_id,
            status=v1.RunStatus.ValueType(RUNS.status[number]),
            update_mask=FieldMask(paths=["status", "end_time"]),
        )
        update.end_time.FromMicroseconds(int(RUNS.end_us[number]))
        stubs.tracking.UpdateRun(update)
    # Later, because a deleted run takes no children.
    for number in RUNS.numbers[RUNS.is_deleted].tolist():
        stubs.tracking.DeleteRun(v1.DeleteRunRequest(run_id=RUNS.run_id(number)))


def _series(number: int) -> Iterator[v1.MetricSeries]:
    start = int(RUNS.start_us[number])
    for key in METRICS:
        if RUNS.has_metric(key)[number]:
            yield v1.MetricSeries(
                key=key,
                steps=[0, 1, 2],
                times_unix_us=[start + SECOND_US, start + 2 * SECOND_US, start + 3 * SECOND_US],
                values=[RUNS.metric(key, stat)[number] for stat in ("min", "max", "last")],
            )


async def _messages(url: str) -> list[v1.Run]:
    database = Database(url)
    await database.open()
    try:
        ids = [RUNS.run_id(number) for number in range(RUNS.count)]
        found = await database.read(lambda conn: stored.get_many(conn, "default", ids))
    finally:
        await database.close()
    for run in found:
        for name in ("experiment_id", "create_time", "update_time", "delete_time", "purge_time", "last_heartbeat_time"):
            run.ClearField(name)
        # Repeated as NaN, messages would never be equal.
        for summary in run.metrics:
            if summary.last != summary.last:
                summary.ClearField("last")
    return found


def _tables(url: str) -> list[str]:
    with psycopg.connect(url) as conn:
        found = conn.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
    return [name for (name,) in found]


def _experiments(url: str) -> list[tuple[str, str]]:
    with psycopg.connect(url) as conn:
        return conn.execute("SELECT experiment_id::text, name FROM experiment").fetchall()


def _rows(url: str, table: str) -> list[dict[str, Any]]:
    with psycopg.connect(url) as conn:
        statement = sql.SQL("SELECT to_jsonb(t) FROM {} t").format(sql.Identifier(table))
        return [row for (row,) in conn.execute(statement).fetchall()]


def _comparable(url: str, table: str, experiments: dict[str, str]) -> list[str]:
    """Rows without what differs by nature: times of the server's clock, and the ids of experiments for their names."""
    rows = [{name: value for name, value in row.items() if name not in CLOCKED} for row in _rows(url, table)]
    for row in rows:
        if "experiment_id" in row:
            row["experiment_id"] = experiments[row["experiment_id"]]
    return sorted(map(repr, rows))
