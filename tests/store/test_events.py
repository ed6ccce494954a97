"""The event log: order, positions, hash chains (DESIGN 3)."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable

import pytest

from runlore import v1
from runlore_server import ids
from runlore_server.db import Connection, Database
from runlore_server.errors import RunloreError
from runlore_server.sequencer import Sequencer
from runlore_server.store import event_pages, events, experiments, runs
from runlore_server.store.event_pages import Wanted
from tests.store.calling import begin
from tests.store.records import add_moved_model

Work = Callable[[Connection], Awaitable[object]]


@pytest.fixture(autouse=True)
def in_call() -> None:
    begin()


async def add_run(db: Database) -> v1.Run:
    async def work(conn: Connection) -> v1.Run:
        found = await experiments.find_by_name(conn, "w", "e")
        experiment = found or await experiments.create(conn, "w", "e")
        run = v1.Run(
            run_id=ids.new(),
            workspace="w",
            experiment_id=experiment.experiment_id,
            experiment_name="e",
            name="r",
            status=v1.RUN_STATUS_RUNNING,
        )
        return await runs.create(conn, run, None, "")

    return await db.write(work)


async def tag(conn: Connection, run: v1.Run, value: str) -> None:
    await runs.log(conn, await runs.lock_run(conn, "w", run.run_id), {}, {"t": value})


async def listed(db: Database, **wanted: object) -> list[v1.Event]:
    log = await db.read(events.log)
    which = Wanted("w", **wanted)  # type: ignore[arg-type]
    found, more = await db.read(lambda conn: event_pages.page(conn, which, limit=10_000))
    assert not more
    return [event.event(log, include_canonical=True) for event in found]


async def test_positions_have_no_gaps_and_each_record_keeps_its_order(db: Database) -> None:
    many = [await add_run(db) for _ in range(5)]

    async def work(run: v1.Run) -> None:
        begin()
        for i in range(10):
            await db.write(lambda conn, i=i: tag(conn, run, str(i)))

    sequencer = Sequencer(db)
    sequencer.start()
    await asyncio.gather(*(work(run) for run in many))
    await sequencer.stop()
    await Sequencer(db).catch_up()

    found = await listed(db)
    log = await db.read(events.log)
    assert [e.position for e in found] == [log.position(n) for n in range(1, 1 + 1 + 5 + 50)]
    for run in many:
        assert [e.revision for e in found if e.resource.id == run.run_id] == list(range(1, 12))
    for run in many:
        times = [e.time.ToNanoseconds() for e in found if e.resource.id == run.run_id]
        assert times == sorted(set(times)), "each event of a record is later than the one before"


async def test_a_transaction_held_open_is_numbered_after_it_commits_and_nothing_is_missed(db: Database) -> None:
    held, other = await add_run(db), await add_run(db)
    written, release = asyncio.Event(), asyncio.Event()

    async def slow(conn: Connection) -> None:
        await tag(conn, held, "slow")
        written.set()
        await release.wait()

    holding = asyncio.create_task(db.write(slow))
    await written.wait()
    # Its event is in the table, earlier than what follows, and not committed.
    for i in range(3):
        await db.write(lambda conn, i=i: tag(conn, other, str(i)))
    await Sequencer(db).catch_up()
    before = await listed(db)
    assert held.run_id not in {e.resource.id for e in before if e.kind == v1.EVENT_KIND_RUN_LOGGED}

    release.set()
    await holding
    await Sequencer(db).catch_up()
    after = await listed(db)
    # What a watcher has seen stays as it was, and the late event comes after it, though its time is earlier.
    assert [e.position for e in after[: len(before)]] == [e.position for e in before]
    (late,) = after[len(before) :]
    assert late.resource.id == held.run_id
    assert late.time.ToNanoseconds() < before[-1].time.ToNanoseconds()


async def test_sequencers_of_several_servers_never_give_a_position_twice(db: Database, database_url: str) -> None:
    others = [Database(database_url) for _ in range(3)]
    for other in others:
        await other.open()
    run = await add_run(db)

    async def change() -> None:
        begin()
        for i in range(30):
            await db.write(lambda conn, i=i: tag(conn, run, str(i)))

    async def number(other: Database) -> None:
        for _ in range(30):
            await Sequencer(other).catch_up()

    await asyncio.gather(change(), *(number(other) for other in others))
    await Sequencer(db).catch_up()
    found = await listed(db)
    log = await db.read(events.log)
    assert [e.position for e in found] == [log.position(n) for n in range(1, 33)]
    assert log.last_position == 32
    for other in others:
        await other.close()


async def test_a_failed_change_leaves_no_event(db: Database) -> None:
    run = await add_run(db)

    async def fails(conn: Connection) -> None:
        await tag(conn, run, "x")
        raise RuntimeError("after the event was written")

    with pytest.raises(RuntimeError):
        await db.write(fails)
    await db.write(lambda conn: tag(conn, run, "y"))
    await Sequencer(db).catch_up()
    found = [e for e in await listed(db) if e.resource.id == run.run_id]
    assert [e.revision for e in found] == [1, 2]
    assert found[1].after.run.tags["t"] == "y"


async def test_an_event_says_who_what_and_why(db: Database) -> None:
    await add_moved_model(db)
    await Sequencer(db).catch_up()
    last = (await listed(db))[-1]
    assert last.kind == v1.EVENT_KIND_ALIAS_SET
    assert (last.actor.id, last.actor.verified) == ("alice", False)
    assert last.reason == "better"
    assert (last.before.alias.version, last.after.alias.version) == (2, 1)
    assert last.resource.name == "m"
    assert last.method == "runlore.v1.Test/Test"
    assert last.trace_id == "trace"


async def test_a_chain_links_every_event_(db: Database) -> None:
    model = await add_moved_model(db)
    await Sequencer(db).catch_up()
    found = await listed(db, resource_id=model.model_id)
    assert [e.revision for e in found] == [1, 2, 3, 4, 5, 6]
    prev = ""
    for event in found:
        assert event.prev_hash == prev
        assert event.hash == hashlib.sha256(event.canonical).hexdigest()
        assert json.loads(event.canonical)["format"] == events.FORMAT
        assert events.canonical(event) == event.canonical, "the text is canonical"
        prev = event.hash
    assert (model.head.revision, model.head.hash) == (6, prev)


async def test_a_large_change_is_cut_with_a_digest_of_the_rest(db: Database) -> None:
    run = await add_run(db)
    tags = {f"k{i:04}": "v" * 50 for i in range(500)}

    async def log_all(conn: Connection) -> None:
        await runs.log(conn, await runs.lock_run(conn, "w", run.run_id), {}, tags)

    await db.write(log_all)
    await Sequencer(db).catch_up()
    event = (await listed(db))[-1]
    kept = dict(event.after.run.tags)
    assert 0 < len(kept) <= 100
    assert event.omitted_entries == 500 - len(kept)
    rest = {key: value for key, value in tags.items() if key not in kept}
    canonical = json.dumps([{}, rest], sort_keys=True, separators=(",", ":")).encode()
    assert event.omitted_sha256 == hashlib.sha256(canonical).hexdigest()


@pytest.mark.parametrize("position", ["x", "abc.", ".1", "abc.x", "abc.-1", "abc.1.2", "abc.٣"])
async def test_what_is_no_position_is_refused(db: Database, position: str) -> None:
    log = await db.read(events.log)
    with pytest.raises(RunloreError) as refused:
        log.number("after_position", position)
    assert refused.value.reason_name == "INVALID_POSITION"


async def test_a_position_of_another_log_is_refused(db: Database) -> None:
    log = await db.read(events.log)
    with pytest.raises(RunloreError) as refused:
        log.number("after_position", "0123456789ab.7")
    assert refused.value.reason_name == "POSITION_OF_ANOTHER_LOG"


async def test_a_position_beyond_the_end_is_refused(db: Database) -> None:
    """A database that was set back without a new log has given none such; what comes before it would be missed."""
    await add_run(db)
    await Sequencer(db).catch_up()
    log = await db.read(events.log)
    assert log.number("after_position", log.position(2)) == log.last_position == 2
    with pytest.raises(RunloreError) as refused:
        log.number("after_position", log.position(3))
    assert refused.value.reason_name == "INVALID_POSITION"
    assert "beyond the end" in refused.value.message
