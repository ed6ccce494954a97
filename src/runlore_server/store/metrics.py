"""Metric points: columnar blocks, with a summary row a series and a watermark row a writer, in one statement."""

from __future__ import annotations

from dataclasses import dataclass

from runlore import v1
from runlore_server import errors
from runlore_server.db import Connection, Overtaken
from runlore_server.store import merging, queries, series, summaries
from runlore_server.store.blocks import Batch

sql = queries.load("metrics")


@dataclass(frozen=True, slots=True)
class Sent:
    """A batch as its writer sent it."""

    workspace: str
    run_id: str
    writer_id: str
    sequence: int
    #: At least one point, and no key twice.
    points: Batch


async def append(conn: Connection, sent: Sent) -> bool:
    """Append a writer's next batch to an active run, by one statement.

    False: no point was written. The run takes none, has frames that are to be merged first, or the batch is not the
    writer's next; `append_after_all` finds out.
    """
    params = {
        "workspace": sent.workspace,
        "run_id": sent.run_id,
        "writer_id": sent.writer_id,
        "sequence": sent.sequence,
        "active": v1.LIFECYCLE_STATE_ACTIVE,
        "keys": sent.points.key_array(),
        **summaries.parameters(sent.points.summaries()),
        **sent.points.parameters(),
    }
    return await queries.one(conn, series.sql.append, params) is not None


async def append_after_all(conn: Connection, sent: Sent) -> tuple[bool, int]:
    """Append a batch to an active run, in the caller's transaction, whatever `append` might find in its way.

    What streams of the run have written and is not merged is merged first. Returns whether the batch is new, and the
    writer's watermark. Raises SEQUENCE_GAP when batches before this one are missing.
    """
    run_id, writer_id, sequence = sent.run_id, sent.writer_id, sent.sequence
    held = await queries.one(conn, sql.hold, {"run_id": run_id})
    if held is not None and held.is_live:
        await merging.merge_all(conn, run_id)
    if await append(conn, sent):
        return True, sequence
    row = await queries.one(conn, sql.writer, {"run_id": run_id, "writer_id": writer_id})
    committed = row.sequence if row is not None else 0
    if sequence <= committed:
        return False, committed
    if sequence > committed + 1:
        raise errors.sequence_gap(run_id, writer_id, sequence, committed + 1)
    # It is the next one: something moved between these statements, such as the run's first stream, or the run's end.
    raise Overtaken
