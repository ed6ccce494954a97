"""What a move of an alias reads, and how far back a rollback goes."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from runlore import v1
from runlore_server.db import Connection, Database
from runlore_server.store import aliases, events, models
from tests.store.calling import begin
from tests.store.records import add_registered_model


@pytest.fixture(autouse=True)
def in_call() -> None:
    begin()


async def change(conn: Connection, to: int, kind: v1.EventKind.ValueType = v1.EVENT_KIND_ALIAS_SET) -> None:
    """Move the champion; to 0 deletes it."""
    locked = await models.lock(conn, "w", "m")
    request = v1.SetAliasRequest(workspace="w", model_name="m", alias="champion")
    standing = await aliases.standing(conn, request, to or 1, with_evidence=True)
    if to:
        await aliases.put(conn, locked, standing.holder, "champion", to, kind=kind, reason="", request_id="")
    else:
        assert standing.holder is not None
        await aliases.delete(conn, locked, standing.holder, reason="", request_id="")


async def test_a_move_reads_no_other_alias(db: Database) -> None:
    model = await add_registered_model(db, version_count=2)

    async def crowd(conn: Connection) -> None:
        await conn.execute(
            "INSERT INTO model_alias (model_id, alias, version, set_time, set_by, reason) "
            "SELECT %s::uuid, 'alias-' || n, 1, now(), '', '' FROM generate_series(1, 10000) AS n",
            (model.model_id,),
        )

    async def reads(conn: Connection, to: int) -> int:
        await change(conn, to)
        found = await conn.execute(
            "SELECT coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0) AS rows FROM pg_stat_xact_user_tables "
            "WHERE relname = 'model_alias'"
        )
        row = await found.fetchone()
        return int(row.rows)

    await db.write(crowd)
    await db.read(lambda conn: conn.execute("ANALYZE model_alias"))
    for to in (1, 2, 1, 0):
        assert await db.write(lambda conn, to=to: reads(conn, to)) <= 5


@pytest.mark.parametrize(
    ("moves", "target"),
    [
        ([], None),
        ([1], None),
        ([1, 2], 1),
        ([1, 2, 3], 2),
        ([1, 2, 3, -2], 1),
        ([1, 2, 3, -2, -1], None),
        ([1, 2, 3, -2, -1, 3], 1),
        ([1, 2, -1, 2, 3], 2),
        # That it was deleted makes no difference.
        ([1, 2, 0, 2], 1),
        ([1, 2, 0, 3], 2),
        ([1, 2, 0, 2, 0, 2], 1),
        ([1, 0, 1], None),
        ([1, 2, 0, 2, -1], None),
        ([3, 1, 2, 0, 2, 0, 2, -1], 3),
        ([2, 1, 2, 1, -2], 1),
        ([1, 2, 3, -2, 0, 2], 1),
        ([1, 2, 3, 0, 3, -2, 0, 3], 2),
    ],
)
async def test_where_a_rollback_goes(db: Database, moves: Sequence[int], target: int | None) -> None:
    """Moves to versions; 0 deletes the alias, and a negative number was a rollback to that version."""
    model = await add_registered_model(db, version_count=3)
    for to in moves:
        kind = v1.EVENT_KIND_ALIAS_SET if to >= 0 else v1.EVENT_KIND_ALIAS_ROLLED_BACK
        await db.write(lambda conn, to=to, kind=kind: change(conn, abs(to), kind))
    assert await db.read(lambda conn: aliases.previous_holder(conn, model.model_id, "champion")) == target


async def test_a_rollback_after_very_many_moves(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was undone is passed over, however many pages of history that is."""
    monkeypatch.setattr(events, "_MOVES_AT_ONCE", 7)
    model = await add_registered_model(db, version_count=3)

    async def shuttle(conn: Connection) -> None:
        await change(conn, 3)
        for _ in range(10):
            await change(conn, 1)
            await change(conn, 2)
            await change(conn, 1, v1.EVENT_KIND_ALIAS_ROLLED_BACK)
            await change(conn, 3, v1.EVENT_KIND_ALIAS_ROLLED_BACK)
        await change(conn, 1)

    await db.write(shuttle)
    assert await db.read(lambda conn: aliases.previous_holder(conn, model.model_id, "champion")) == 3
