"""The trials of a sweep as columns: the params that vary, and chosen metrics."""

from __future__ import annotations

import math
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Any, cast

from runlore import v1
from runlore_server.db import Connection
from runlore_server.store import queries
from runlore_server.store.pgarrays import TextArray, UuidArray

sql = queries.load("run_trees")

#: Bytes of params after which a page ends, and what a value takes beside its text: a page fits into one message.
_PAGE_BYTES = 8 * 1024 * 1024
_VALUE_BYTES = 8
_STATISTICS = {v1.METRIC_STATISTIC_LAST: "last", v1.METRIC_STATISTIC_MIN: "min", v1.METRIC_STATISTIC_MAX: "max"}


async def page(
    conn: Connection,
    workspace: str,
    run_id: str,
    metrics: Sequence[v1.SweepMetric],
    after: Sequence[str] | None,
    size: int,
) -> tuple[v1.GetSweepTableResponse, list[str] | None]:
    """Return up to `size` trials of a run after the place `after`, and the last one's place when there are more."""
    after_start, after_id = after or (None, None)
    params = {"workspace": workspace, "run_id": run_id, "active": v1.LIFECYCLE_STATE_ACTIVE}
    keys = [row.key for row in await queries.every(conn, sql.sweep_varying_keys, params)]
    rows = await queries.every(
        conn, sql.sweep_rows, {**params, "after_start": after_start, "after_id": after_id, "limit": size + 1}
    )
    found = rows[:size]
    values = await _values(conn, found, keys)
    del found[len(values) :]
    table = v1.GetSweepTableResponse(
        run_ids=[row.run_id for row in found], names=[row.name for row in found], statuses=[row.status for row in found]
    )
    for key, column in zip(keys, zip(*values, strict=True) if values else [()] * len(keys), strict=True):
        table.params.add(
            key=key,
            values=["" if value is None else value for value in column],
            missing_rows=[place for place, value in enumerate(column) if value is None],
        )
    await _add_metrics(conn, table, metrics)
    more = len(found) < len(rows)
    return table, [found[-1].start_time.isoformat(), found[-1].run_id] if more else None


async def _values(conn: Connection, rows: Sequence[Any], keys: Sequence[str]) -> list[list[str | None]]:
    """Return the runs' values of some params: of one run at least, and then as many as fit into a message."""
    params = {"run_ids": UuidArray.of([row.run_id for row in rows]), "keys": TextArray.of(keys)}
    values: list[list[str | None]] = []
    left = _PAGE_BYTES
    cursor = conn.cursor(binary=True)
    # A generator, which psycopg's types do not say; closing it ends the statement.
    async with cursor, aclosing(cast(AsyncGenerator[Any, None], cursor.stream(sql.sweep_values, params))) as found:
        async for row in found:
            left -= sum(len((value or "").encode()) + _VALUE_BYTES for value in row.values)
            if left < 0 and values:
                break
            values.append(row.values)
    return values


async def _add_metrics(conn: Connection, table: v1.GetSweepTableResponse, metrics: Sequence[v1.SweepMetric]) -> None:
    params = {"run_ids": UuidArray.of(table.run_ids), "keys": TextArray.of(sorted({m.key for m in metrics}))}
    rows = await queries.planned(conn, sql.sweep_metrics, params) if metrics else []
    summaries = {(row.run_id, row.key): row for row in rows}
    for metric in metrics:
        statistic = metric.statistic or v1.METRIC_STATISTIC_LAST
        of_runs = [summaries.get((run_id, metric.key)) for run_id in table.run_ids]
        # A series that is all NaN has no extremes.
        found = [getattr(row, _STATISTICS[statistic]) if row is not None else None for row in of_runs]
        table.metrics.add(
            key=metric.key,
            statistic=statistic,
            values=[math.nan if value is None else value for value in found],
            missing_rows=[place for place, row in enumerate(of_runs) if row is None],
        )
