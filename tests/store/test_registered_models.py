"""Registered models and versions: one chain whatever happens, numbers without gaps, and what deleting leaves."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runlore import v1
from runlore_server import ids
from runlore_server.db import Connection, Database
from runlore_server.errors import RunloreError
from runlore_server.housekeeping import Housekeeping
from runlore_server.policy import Policy
from runlore_server.sequencer import Sequencer
from runlore_server.store import aliases, chains, deleting, models, purging, stages, versions
from tests.store.calling import begin
from tests.store.records import add_registered_model, add_version, log_of, point_alias

SLOW = settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
_AGE = "UPDATE {} SET delete_time = delete_time - make_interval(days => 31) WHERE delete_time IS NOT NULL"


@pytest.fixture(autouse=True)
def in_call() -> None:
    begin()


async def delete_version(conn: Connection, name: str, number: int) -> None:
    locked = await models.lock(conn, "w", name)
    version = await versions.get(conn, locked.model, number)
    held = await aliases.at(conn, locked.model.model_id, number)
    await deleting.version(conn, locked, version, held, reason="", request_id="")


async def delete_model(conn: Connection, name: str) -> None:
    locked = await models.lock(conn, "w", name)
    await deleting.model(conn, locked, await models.get(conn, "w", name), reason="", request_id="")


async def verified(db: Database, model_id: str) -> list[v1.Event]:
    """The events of a model's chain, which holds."""

    async def work(conn: Connection) -> chains.Break | None:
        check = chains.Check(await chains.head(conn, "w", model_id=model_id))
        while await check.step(conn):
            pass
        return check.broken

    assert await db.read(work) is None
    return await log_of(db, model_id)


async def test_several_events_of_one_transaction_follow_each_other(db: Database) -> None:
    model = await add_registered_model(db, version_count=3)

    async def work(conn: Connection) -> None:
        locked = await models.lock(conn, "w", "m")
        present = [await versions.get(conn, locked.model, number) for number in (1, 2, 3)]
        moves = [(version, v1.MODEL_STAGE_PRODUCTION) for version in present]
        await stages.move(conn, locked, moves, reason="all", request_id="")
        # The lock goes on where they ended.
        await models.update(conn, locked, v1.RegisteredModel.FromString(locked.model.SerializeToString()), "")
        wanted = v1.RegisteredModel.FromString(locked.model.SerializeToString())
        wanted.owner = "alice"
        await models.update(conn, locked, wanted, "")

    await db.write(work)
    found = await verified(db, model.model_id)
    assert [e.revision for e in found] == list(range(1, 9))
    moved = found[4:7]
    assert [(e.kind, e.after.model_version.version) for e in moved] == [(v1.EVENT_KIND_STAGE_SET, n) for n in (1, 2, 3)]
    times = [e.time.ToMicroseconds() for e in moved]
    assert [t - times[0] for t in times] == [0, 1, 2]
    assert [e.after.model_version.stage_move.time for e in moved] == [e.time for e in moved]
    now = await db.read(lambda conn: models.get(conn, "w", "m"))
    assert (now.head.revision, now.etag, now.update_time) == (8, ids.etag(8), found[-1].time)
    third = await db.read(lambda conn: versions.get(conn, now, 3))
    assert third.stage_move == found[6].after.model_version.stage_move
    assert third.update_time == found[6].time


async def test_nothing_is_left_of_several_events_whose_transaction_fails(db: Database) -> None:
    model = await add_registered_model(db, version_count=2)

    async def work(conn: Connection) -> None:
        locked = await models.lock(conn, "w", "m")
        present = await versions.get(conn, locked.model, 1)
        moves = [(present, v1.MODEL_STAGE_STAGING), (present, v1.MODEL_STAGE_PRODUCTION)]
        await stages.move(conn, locked, moves, reason="", request_id="")
        raise RuntimeError("the server dies here")

    before = await verified(db, model.model_id)
    with pytest.raises(RuntimeError, match="dies"):
        await db.write(work)
    assert await verified(db, model.model_id) == before
    assert (await db.read(lambda conn: versions.get(conn, model, 1))).stage == v1.MODEL_STAGE_NONE


PLAN = st.lists(st.sampled_from(["create", "create", "create", "fail", "delete"]), min_size=1, max_size=14)


@SLOW
@given(plans=st.lists(PLAN, min_size=3, max_size=3))
async def test_versions_are_numbered_without_gaps_or_doubles(servers: list[Database], plans: list[list[str]]) -> None:
    """Several servers create at once, some creations fail at the last moment, and versions are deleted in between."""
    name = ids.new()
    model = await add_registered_model(servers[0], name)
    given_out: list[int] = []

    async def create(conn: Connection, fail: bool) -> int:
        made = await add_version(conn, "w", name)
        if fail:
            raise RuntimeError("never committed")
        return made.version

    async def work(server: Database, plan: list[str]) -> None:
        begin()
        for step in plan:
            if step == "delete":
                if given_out:
                    with contextlib.suppress(RunloreError):
                        await server.write(lambda conn: delete_version(conn, name, max(given_out)))
                continue
            with contextlib.suppress(RuntimeError):
                given_out.append(await server.write(lambda conn, fail=step == "fail": create(conn, fail)))

    await asyncio.gather(*(work(server, plan) for server, plan in zip(servers, plans, strict=True)))
    wanted = sum(plan.count("create") for plan in plans)
    assert sorted(given_out) == list(range(1, wanted + 1))
    found = await verified(servers[0], model.model_id)
    kind = v1.EVENT_KIND_MODEL_VERSION_CREATED
    assert [e.after.model_version.version for e in found if e.kind == kind] == list(range(1, wanted + 1))


async def test_of_many_who_take_a_name_one_gets_it(servers: list[Database]) -> None:
    for i in range(4):
        await add_registered_model(servers[0], f"m{i}")

    async def rename(i: int) -> str:
        async def work(conn: Connection) -> None:
            locked = await models.lock(conn, "w", f"m{i}")
            wanted = v1.RegisteredModel.FromString(locked.model.SerializeToString())
            wanted.name = "best"
            await models.update(conn, locked, wanted, "")

        begin()
        try:
            await servers[i % 3].write(work)
        except RunloreError as error:
            return error.reason_name
        return "won"

    async def create() -> str:
        begin()
        try:
            await servers[0].write(lambda conn: models.create(conn, "w", "best", "", {}, ""))
        except RunloreError as error:
            return error.reason_name
        return "won"

    outcomes = await asyncio.gather(*(rename(i) for i in range(4)), create())
    assert sorted(outcomes) == ["MODEL_EXISTS"] * 4 + ["won"]


async def test_a_model_deleted_while_others_change_it_has_one_end(servers: list[Database]) -> None:
    model = await add_registered_model(servers[0], version_count=1)

    async def change(server: Database, i: int) -> str:
        begin()
        try:
            if i == 5:
                await server.write(lambda conn: delete_model(conn, "m"))
            elif i % 2:
                await server.write(lambda conn: add_version(conn, "w", "m"))
            else:
                await server.write(lambda conn: point_alias(conn, "w", "m", f"a{i}", 1))
        except RunloreError as error:
            return error.reason_name
        return ""

    told = await asyncio.gather(*(change(servers[i % 3], i) for i in range(12)))
    assert set(told) <= {"", "MODEL_NOT_FOUND"}
    found = await verified(servers[0], model.model_id)
    assert found[-1].kind == v1.EVENT_KIND_MODEL_DELETED
    assert not await servers[0].read(lambda conn: aliases.at(conn, model.model_id))
    # Each alias that was set was deleted, and is in what the model was.
    kinds = [e.kind for e in found]
    assert kinds.count(v1.EVENT_KIND_ALIAS_SET) == kinds.count(v1.EVENT_KIND_ALIAS_DELETED)
    assert len(found[-1].before.registered_model.aliases) == kinds.count(v1.EVENT_KIND_ALIAS_SET)


async def test_a_model_with_many_aliases_is_deleted_in_one_go(db: Database) -> None:
    model = await add_registered_model(db, version_count=1)
    fill = (
        "INSERT INTO model_alias SELECT %s::uuid, 'a' || n, 1, now(), ''::bytea, '' FROM generate_series(1, 2000) AS n"
    )
    await db.write(lambda conn: conn.execute(fill, (model.model_id,)))
    await asyncio.wait_for(db.write(lambda conn: delete_model(conn, "m")), 60)
    found = await verified(db, model.model_id)
    assert len(found) == 2 + 2_000 + 1
    assert len(found[-1].before.registered_model.aliases) == 2_000


async def age(db: Database, table: str) -> None:
    await db.write(lambda conn: conn.execute(_AGE.format(table).encode()))


async def rows(db: Database, model_id: str) -> list[int]:
    async def work(conn: Connection) -> list[int]:
        query = "SELECT version FROM model_version WHERE model_id = %s::uuid ORDER BY version"
        return [row.version for row in await (await conn.execute(query, (model_id,))).fetchall()]

    return await db.read(work)


async def test_deleted_versions_are_purged_after_the_retention(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """By themselves or with their model, in rounds; what is deleted since stays, and so does every number."""
    monkeypatch.setattr(purging, "_RECORDS", 2)
    kept, gone = await add_registered_model(db, "kept", 6), await add_registered_model(db, "gone", 5)
    for number in (1, 2, 5, 6):
        await db.write(lambda conn, n=number: delete_version(conn, "kept", n))
    await db.write(lambda conn: delete_version(conn, "gone", 2))
    await db.write(lambda conn: delete_model(conn, "gone"))
    days = Housekeeping(db, Policy(purge_after=30), Sequencer(db))
    await days.purge()
    assert (await rows(db, kept.model_id), await rows(db, gone.model_id)) == ([1, 2, 3, 4, 5, 6], [1, 2, 3, 4, 5])

    await age(db, "model_version")
    await age(db, "registered_model")
    await db.write(lambda conn: delete_version(conn, "kept", 3))
    await days.purge()
    await days.purge()
    assert (await rows(db, kept.model_id), await rows(db, gone.model_id)) == ([3, 4], [])
    for model, numbers in ((kept, [1, 2, 5, 6]), (gone, [1, 2, 3, 4, 5])):
        purges = [e for e in await verified(db, model.model_id) if e.kind == v1.EVENT_KIND_MODEL_VERSION_PURGED]
        assert [e.before.model_version.version for e in purges] == numbers
        assert all(e.before.model_version.manifest_digest == "ab" * 32 for e in purges)
        assert {(e.actor.kind, e.method, e.resource.id) for e in purges} == {
            (v1.ACTOR_KIND_SYSTEM, "policy/purge", model.model_id)
        }
        assert "31 days" not in purges[0].reason
        assert "30 days" in purges[0].reason
    assert (await db.write(lambda conn: add_version(conn, "w", "kept"))).version == 7


async def test_two_servers_purge_at_once_and_each_version_goes_once(servers: list[Database]) -> None:
    made = [await add_registered_model(servers[0], f"m{i}", 4) for i in range(4)]
    for i in range(4):
        await servers[0].write(lambda conn, i=i: delete_model(conn, f"m{i}"))
    await age(servers[0], "registered_model")
    await asyncio.gather(*(Housekeeping(s, Policy(purge_after=30), Sequencer(s)).purge() for s in servers))
    for model in made:
        kinds = [e.kind for e in await verified(servers[0], model.model_id)]
        assert kinds.count(v1.EVENT_KIND_MODEL_VERSION_PURGED) == 4


async def test_a_version_that_an_earlier_server_wrote_is_filled_in(db: Database) -> None:
    await add_registered_model(db)
    evidence = v1.Evidence(params={"C": "1"}, metrics=[v1.MetricSummary(key="auc", last=float("nan"))])
    await db.write(lambda conn: add_version(conn, "w", "m", evidence=evidence))
    forget = "UPDATE model_version SET searched = NULL, params = NULL, metrics = NULL"
    await db.write(lambda conn: conn.execute(forget))
    await db.write(lambda conn: conn.execute("DELETE FROM model_version_metric"))
    await Housekeeping(db, Policy(), Sequencer(db)).fill_versions()

    async def searched(conn: Connection) -> Any:
        tables = "model_version v JOIN model_version_metric x USING (model_id, version)"
        return await (await conn.execute(f"SELECT v.params, v.metrics, x.key, x.last::text FROM {tables}")).fetchone()

    assert tuple(await db.read(searched)) == ({"C": "1"}, {"auc": "nan"}, "auc", "NaN")
    assert not await db.write(versions.fill)
