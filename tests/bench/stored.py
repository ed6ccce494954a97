"""What points take on disk."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import LiteralString

import psycopg
from psycopg import sql

#: Every table that holds points or is about them.
POINT_TABLES = ("metric_block", "metric_frame", "run_metric", "run_live", "run_stream", "run_writer")
MERGED_SECONDS = 60.0


def bytes_per_point(database_url: str, tables: Sequence[str], count: LiteralString) -> float:
    """Vacuum the tables and divide their size, with TOAST and indexes, by the points that `count` selects."""
    with psycopg.connect(database_url, autocommit=True) as conn:
        for table in tables:
            conn.execute(sql.SQL("VACUUM {}").format(sql.Identifier(table)))
        sizes = [conn.execute("SELECT pg_total_relation_size(%s)", (table,)).fetchone() for table in tables]
        points = conn.execute(count).fetchone()
    assert points is not None
    return sum(int(size[0]) for size in sizes if size is not None) / float(points[0])


def wait_merged(database_url: str) -> None:
    """Wait until no point is left in a frame; raises TimeoutError."""
    end = time.monotonic() + MERGED_SECONDS
    with psycopg.connect(database_url, autocommit=True) as conn:
        while (frames := conn.execute("SELECT count(*) FROM metric_frame").fetchone()) != (0,):
            if time.monotonic() > end:
                raise TimeoutError(f"{frames} frames are not merged after {MERGED_SECONDS:.0f} s")
            time.sleep(0.1)
