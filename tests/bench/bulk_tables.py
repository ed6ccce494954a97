"""Stores `bulk_runs.py` by COPY as the server would have stored it; through the server, a million would take hours.

As after CreateRun, LogBatch, UpdateRun to a final status and, for some, DeleteRun. Left out is what a search never
reads: the events, and the points themselves, whose summaries are there. Runs that were deleted stay only on a server
with `--purge-after 0`.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator, Sequence

import numpy as np
import psycopg
from numpy.typing import NDArray

from runlore import v1
from tests.bench.bulk_runs import (
    BEGINNING_US,
    METRICS,
    PARAMS,
    POINTS,
    SECOND_US,
    TAGS,
    Runs,
    Stat,
    Texts,
    experiment_id,
    experiment_name,
)

WRITER_ID = "bulk"
#: Runs a COPY; the texts of so many are in memory at a time.
_AT_ONCE = 20_000
_COPY_HEADER = b"PGCOPY\n\xff\r\n\0" + struct.pack("!ii", 0, 0)
_COPY_TRAILER = struct.pack("!h", -1)
#: In COPY's text form.
_NULL = "\\N"
#: At which step each series is least, greatest and last.
_STEPS: dict[Stat, int] = {"min": 0, "max": 1, "last": 2}

_EXPERIMENTS = """
COPY experiment (experiment_id, workspace, name, description, tags, is_default, lifecycle_state, create_time, revision,
                 event_time) FROM STDIN
"""
_RUNS = """
COPY run (run_id, workspace, experiment_id, parent_run_id, name, status, start_time, end_time, params, tags,
          lifecycle_state, created_by, create_time, revision, event_time, delete_time) FROM STDIN
"""
_SUMMARIES = """
COPY run_metric (run_id, key, last, last_step, last_time, min, min_step, max, max_step, count)
FROM STDIN (FORMAT BINARY)
"""
#: What LogBatch leaves of a run that is not live.
_LIVE = """
INSERT INTO run_live (run_id, version, first_frame, heartbeat_time, is_live, keys, last, last_step, last_time, min,
                      min_step, max, max_step, count)
SELECT run_id, 1, 2, end_time, false, '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}' FROM run
"""
_WRITERS = "INSERT INTO run_writer (run_id, writer_id, sequence) SELECT run_id, %s, 1 FROM run"
#: The tables that are filled.
TABLES = ("experiment", "run", "run_metric", "run_live", "run_writer")


def load(database_url: str, runs: Runs) -> None:
    """Fill a migrated database that has no runs."""
    with psycopg.connect(database_url) as conn, conn.cursor() as cursor:
        with cursor.copy(_EXPERIMENTS) as copy:
            copy.write("".join(map(_experiment, range(runs.experiments))))
        for first in range(0, runs.count, _AT_ONCE):
            part = slice(first, first + _AT_ONCE)
            with cursor.copy(_RUNS) as copy:
                copy.write("".join(_run_lines(runs, part)))
            with cursor.copy(_SUMMARIES) as copy:
                copy.write(_COPY_HEADER + _summaries(runs, part) + _COPY_TRAILER)
        cursor.execute(_LIVE)
        cursor.execute(_WRITERS, (WRITER_ID,))
    with psycopg.connect(database_url, autocommit=True) as conn:
        conn.execute(f"VACUUM ANALYZE {', '.join(TABLES)}")


def texts(runs: Runs, part: slice) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """Return the params and the tags of runs."""
    return _of(PARAMS, [runs.param(key)[part] for key in PARAMS]), _of(TAGS, [runs.tag(key)[part] for key in TAGS])


def _of(all_texts: dict[str, Texts], columns: Sequence[NDArray[np.int64]]) -> list[dict[str, str]]:
    forms = [(key, made.form) for key, made in all_texts.items()]
    rows = zip(*(column.tolist() for column in columns), strict=True)
    return [{key: form % number for (key, form), number in zip(forms, row, strict=True) if number >= 0} for row in rows]


def _experiment(number: int) -> str:
    [at] = _times(np.array([BEGINNING_US]))
    state = v1.LIFECYCLE_STATE_ACTIVE
    return f"{experiment_id(number)}\tdefault\t{experiment_name(number)}\t\t{{}}\tf\t{state}\t{at}\t1\t{at}\n"


def _run_lines(runs: Runs, part: slice) -> Iterator[str]:
    """Lines of COPY's text form; nothing in them needs escaping."""
    # The actor of a call that names none.
    actor = v1.Actor(id="anonymous", method="none").SerializeToString().hex()
    active, deleted = v1.LIFECYCLE_STATE_ACTIVE, v1.LIFECYCLE_STATE_DELETED
    encode = json.JSONEncoder(separators=(",", ":")).encode
    columns = (
        runs.numbers[part].tolist(),
        runs.experiment[part].tolist(),
        runs.parent[part].tolist(),
        runs.status[part].tolist(),
        runs.is_deleted[part].tolist(),
        _times(runs.start_us[part]),
        _times(runs.end_us[part]),
        _times(runs.end_us[part] + SECOND_US),
        *texts(runs, part),
    )
    for number, experiment, parent, status, is_deleted, start, end, gone, params, tags in zip(*columns, strict=True):
        yield (
            "\t".join(
                (
                    runs.run_id(number),
                    "default",
                    experiment_id(experiment),
                    runs.run_id(parent) if parent >= 0 else _NULL,
                    runs.run_name(number),
                    str(status),
                    start,
                    end,
                    encode(params),
                    encode(tags),
                    *(
                        (f"{deleted}", "\\\\x" + actor, start, "3", gone, gone)
                        if is_deleted
                        else (f"{active}", "\\\\x" + actor, start, "2", end, _NULL)
                    ),
                )
            )
            + "\n"
        )


def _summaries(runs: Runs, part: slice) -> bytes:
    """Rows of COPY's binary form, a run's together: each metric's rows are of one width, and lie side by side."""
    shape = (runs.count if part.stop > runs.count else part.stop) - part.start
    rows, is_there = [], []
    for key in METRICS:
        made = np.zeros(shape, _summary(key))
        made["columns"] = 10
        for name in made.dtype.names or ():
            if name.startswith("bytes of "):
                made[name] = made.dtype[name.removeprefix("bytes of ")].itemsize
        made["run_id"], made["key"] = runs.ids[part], key.encode()
        for stat, step in _STEPS.items():
            made[stat], made[f"{stat}_step"] = runs.metric(key, stat)[part], step
        made["last_time"] = runs.start_us[part] + POINTS * SECOND_US
        made["count"] = POINTS
        rows.append(made.view(np.uint8).reshape(shape, -1))
        is_there.append(np.repeat(runs.has_metric(key)[part, np.newaxis], rows[-1].shape[1], axis=1))
    return np.hstack(rows)[np.hstack(is_there)].tobytes()


def _summary(key: str) -> np.dtype[np.void]:
    """A row of `run_metric` in a binary COPY: how many columns, and each with its length before it."""
    columns = {"run_id": "V16", "key": f"S{len(key)}", "last": ">f8", "last_step": ">i8", "last_time": ">i8"}
    columns |= {"min": ">f8", "min_step": ">i8", "max": ">f8", "max_step": ">i8", "count": ">i8"}
    fields = [field for name, kind in columns.items() for field in ((f"bytes of {name}", ">i4"), (name, kind))]
    return np.dtype([("columns", ">i2"), *fields])


def _times(us: NDArray[np.int64]) -> list[str]:
    found: list[str] = np.datetime_as_string(us.astype("datetime64[us]"), timezone="UTC").tolist()
    return found
