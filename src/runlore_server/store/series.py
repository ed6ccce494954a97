"""Appending to series: their summaries of record, and their blocks."""

from __future__ import annotations

from collections.abc import Sequence

from runlore_server.db import Connection
from runlore_server.store import queries, summaries
from runlore_server.store.blocks import Batch
from runlore_server.store.summaries import Summaries

sql = queries.load("series")


async def extend(conn: Connection, run_id: str, batch: Batch, found: Summaries) -> list[int]:
    """Bring the summaries of a batch's series up to date, and return how many points each had before.

    Until the transaction ends, no one else appends to these series. `found` are the batch's own summaries.
    """
    params = {"run_id": run_id, "keys": batch.key_array(), **summaries.parameters(found)}
    rows = await (await conn.execute(sql.merge_summaries, params, binary=True)).fetchall()
    totals = {row.key: row.count for row in rows}
    return [totals[key] - count for key, count in zip(batch.keys, batch.counts, strict=True)]


async def write_blocks(
    conn: Connection, run_id: str, batch: Batch, first_indexes: Sequence[int], found: Summaries
) -> None:
    """Write a block for each stretch of a batch; `first_indexes` are the places of their first points."""
    async with conn.cursor() as cursor, cursor.copy(sql.copy_blocks) as copy:
        await copy.write(batch.copy_rows(run_id, first_indexes, found))
