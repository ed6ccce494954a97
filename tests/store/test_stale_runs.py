"""Stale runs: shown and closed by the database's clock, each once, whatever writers and servers do meanwhile."""

from __future__ import annotations

import asyncio
import random
from datetime import UTC, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runlore import v1
from runlore_server import ids
from runlore_server.db import Connection, Database
from runlore_server.pages import PageTokens
from runlore_server.policy import Policy
from runlore_server.search.language import parse_filter
from runlore_server.sequencer import Sequencer
from runlore_server.services.tracking.runs import RunMethods
from runlore_server.stale_runs import StaleRuns
from runlore_server.store import live, run_lifecycle, runs, stale_runs
from runlore_server.store.finding import planner
from tests.store.calling import begin
from tests.store.records import add_run, log_of

POLICY = Policy(close_stale_after=120)
RUNNING, FINISHED, KILLED = v1.RUN_STATUS_RUNNING, v1.RUN_STATUS_FINISHED, v1.RUN_STATUS_KILLED


def closer(db: Database, policy: Policy = POLICY) -> StaleRuns:
    return StaleRuns(db, policy, Sequencer(db))


async def heard(conn: Connection, run: v1.Run, seconds: float = 0.0) -> None:
    """Let a writer of the run have been heard of so many seconds ago, and the run not have changed since."""
    await live.open_stream(conn, run.workspace, run.run_id, "w")
    await conn.execute(
        "UPDATE run SET event_time = clock_timestamp() - make_interval(secs => %s) WHERE run_id = %s::uuid",
        (seconds, run.run_id),
    )
    await conn.execute(
        "UPDATE run_live SET heartbeat_time = clock_timestamp() - make_interval(secs => %s) WHERE run_id = %s::uuid",
        (seconds, run.run_id),
    )


async def update(db: Database, run: v1.Run, status: v1.RunStatus.ValueType) -> v1.Run:
    """Set a run's status as its writer does."""
    begin("writer")
    request = v1.UpdateRunRequest(workspace=run.workspace, run_id=run.run_id, status=status)
    request.update_mask.paths.append("status")
    methods = RunMethods(db, PageTokens(b"k" * 32), Sequencer(db))
    return (await methods.UpdateRun(request, None)).run


async def test_a_closed_run_says_why_and_ends_with_its_last_heartbeat(
    db: Database, caplog: pytest.LogCaptureFixture
) -> None:
    begin()

    async def make(conn: Connection) -> v1.Run:
        run = await add_run(conn, "w")
        await heard(conn, run, 7_500)
        await conn.execute("UPDATE run SET start_time = start_time - interval '1 day'")
        return run

    run = await db.write(make)
    assert await closer(db, Policy(close_stale_after=3600, close_stale_as=v1.RUN_STATUS_FAILED)).close() == 1
    found = await db.read(lambda conn: runs.get(conn, "w", run.run_id))
    assert found.status == v1.RUN_STATUS_FAILED
    assert found.end_time == found.last_heartbeat_time
    assert not found.is_stale
    assert found.status_message == "closed by the server: nothing was heard of its writers for 2:05:00"
    event = (await log_of(db, run.run_id))[-1]
    assert (event.kind, event.method) == (v1.EVENT_KIND_RUN_UPDATED, "policy/close-stale")
    assert event.reason == "silent for 2:05:00, and --close-stale-after is 1:00:00"
    assert event.actor == v1.Actor(kind=v1.ACTOR_KIND_SYSTEM, id="runlore-server", verified=True, method="policy")
    assert event.before.run == v1.Run(status=RUNNING)
    assert event.after.run == v1.Run(
        status=v1.RUN_STATUS_FAILED, status_message=found.status_message, end_time=found.end_time
    )
    (record,) = [r for r in caplog.records if r.message == "closed a stale run"]
    assert (record.levelname, record.run_id, record.silent_seconds) == ("WARNING", run.run_id, 7_500)  # type: ignore[attr-defined]
    # Its writer is back: it ends the run itself, now, and the history has both.
    ended = await update(db, run, FINISHED)
    assert (ended.status, ended.status_message) == (FINISHED, "")
    assert ended.end_time.ToDatetime() - found.end_time.ToDatetime() > timedelta(hours=2)
    assert [e.actor.id for e in await log_of(db, run.run_id)] == ["alice", "runlore-server", "writer"]


async def test_a_run_that_is_opened_again_gets_its_time(db: Database) -> None:
    begin()

    async def make(conn: Connection) -> v1.Run:
        run = await add_run(conn, "w")
        await heard(conn, run, 500)
        return run

    run = await db.write(make)
    assert await closer(db).close() == 1
    await update(db, run, RUNNING)
    assert await closer(db).close() == 0
    found = await db.read(lambda conn: runs.get(conn, "w", run.run_id))
    assert (found.status, found.status_message, found.is_stale) == (RUNNING, "", True)


async def test_a_run_never_ends_before_it_started(db: Database) -> None:
    begin()

    async def make(conn: Connection) -> v1.Run:
        run = await add_run(conn, "w")
        await heard(conn, run, 500)
        return run

    run = await db.write(make)
    await closer(db).close()
    found = await db.read(lambda conn: runs.get(conn, "w", run.run_id))
    assert found.end_time == found.start_time


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["hear", "hear", "policy", "policy", "end", "kill", "reopen", "delete", "restore"]),
        st.integers(0, 2),
        st.sampled_from([0, 30, 90, 200, 10_000]),
    ),
    min_size=1,
    max_size=15,
)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
async def test_random_lives_agree_with_a_model(db: Database, steps: list[tuple[str, int, int]]) -> None:
    begin()
    workspace = ids.new()

    async def make(conn: Connection) -> list[v1.Run]:
        return [await add_run(conn, workspace) for _ in range(3)]

    made = await db.write(make)
    silence: list[int | None] = [None] * 3
    changed = [0] * 3
    status = [RUNNING] * 3
    by_server, deleted, closings = [False] * 3, [False] * 3, [0] * 3
    for what, i, seconds in steps:
        begin()
        run = made[i]
        if what == "hear" and not deleted[i]:
            await db.write(lambda conn, r=run, s=seconds: heard(conn, r, s))
            silence[i] = changed[i] = seconds
        elif what in ("end", "kill", "reopen") and not deleted[i]:
            wanted = {"end": FINISHED, "kill": KILLED, "reopen": RUNNING}[what]
            if (wanted, False) != (status[i], by_server[i]):
                status[i], by_server[i], changed[i] = wanted, False, 0
            await update(db, run, wanted)
        elif what in ("delete", "restore"):
            if deleted[i] != (what == "delete"):
                deleted[i], changed[i] = what == "delete", 0
            move = run_lifecycle.delete if deleted[i] else run_lifecycle.restore

            async def change(conn: Connection, move=move, run=run) -> None:  # type: ignore[no-untyped-def]
                await move(conn, await runs.lock_run(conn, workspace, run.run_id))

            await db.write(change)
        elif what == "policy":
            await closer(db).close()
            for j in range(3):
                if status[j] == RUNNING and not deleted[j] and min(silence[j] or 0, changed[j]) > 120:
                    status[j], by_server[j], changed[j] = KILLED, True, 0
                    closings[j] += 1
    found = await db.read(lambda conn: runs.get_many(conn, workspace, [run.run_id for run in made]))
    stale = [status[i] == RUNNING and (silence[i] or 0) > 60 for i in range(3)]
    for i, run in enumerate(found):
        assert (run.status, bool(run.status_message), run.is_stale) == (status[i], by_server[i], stale[i])
        assert run.HasField("last_heartbeat_time") == (silence[i] is not None)
        assert run.HasField("end_time") == (status[i] != RUNNING)
        assert [e.method for e in await log_of(db, run.run_id)].count("policy/close-stale") == closings[i]
    for text, wanted in (("is_stale = 'true'", True), ("is_stale != true", False)):
        listed = await db.snapshot(
            lambda conn, t=text: planner.page(
                conn, workspace, None, parse_filter(t), [], None, 100, v1.LIFECYCLE_VIEW_ALL
            )
        )
        assert {run_id for run_id, _ in listed.rows} == {
            run.run_id for i, run in enumerate(found) if stale[i] is wanted
        }


async def test_runs_are_found_by_their_last_heartbeat(db: Database) -> None:
    begin()

    async def make(conn: Connection) -> list[v1.Run]:
        made = [await add_run(conn, "w") for _ in range(3)]
        await heard(conn, made[0], 1_000)
        await heard(conn, made[1], 10)
        return made

    made = await db.write(make)
    middle = (await db.read(lambda conn: runs.get(conn, "w", made[1].run_id))).last_heartbeat_time
    millis = (middle.ToDatetime(tzinfo=UTC) - timedelta(seconds=100)).timestamp() * 1000
    for operator, expected in ((">", [made[1]]), ("<", [made[0]])):
        comparisons = parse_filter(f"attributes.last_heartbeat_time {operator} {millis:.0f}")
        found = await db.snapshot(lambda conn, c=comparisons: planner.page(conn, "w", None, c, [], None, 10))
        assert [run_id for run_id, _ in found.rows] == [run.run_id for run in expected]


async def test_each_run_is_closed_once_while_writers_come_back(db: Database, servers: list[Database]) -> None:
    begin()

    async def make(conn: Connection) -> list[v1.Run]:
        made = [await add_run(conn, "w") for _ in range(60)]
        for run in made:
            await heard(conn, run, 500)
        return made

    made = await db.write(make)
    dice = random.Random(1)

    async def writer(run: v1.Run) -> None:
        await asyncio.sleep(dice.uniform(0, 0.3))
        await db.write(lambda conn: heard(conn, run))

    async def ender(run: v1.Run) -> None:
        await asyncio.sleep(dice.uniform(0, 0.3))
        await update(db, run, FINISHED)

    done = await asyncio.gather(
        *(closer(server).close() for server in servers),
        *(writer(run) for run in made[:20]),
        *(ender(run) for run in made[20:40]),
    )
    closed = 0
    for i, run in enumerate(await db.read(lambda conn: runs.get_many(conn, "w", [run.run_id for run in made]))):
        methods = [event.method for event in await log_of(db, run.run_id)]
        times = methods.count("policy/close-stale")
        closed += times
        assert times <= 1
        if 20 <= i < 40:
            assert (run.status, run.status_message) == (FINISHED, "")
        else:
            assert (run.status, bool(run.status_message)) == ((KILLED, True) if times else (RUNNING, False))
        if i >= 40:
            assert times == 1
    assert sum(count for count in done if count) == closed


async def test_a_writer_that_is_heard_after_the_look_keeps_its_run(db: Database) -> None:
    begin()

    async def make(conn: Connection) -> v1.Run:
        run = await add_run(conn, "w")
        await heard(conn, run, 500)
        return run

    run = await db.write(make)
    (stale,) = await db.read(lambda conn: stale_runs.find(conn, 120, stale_runs.FIRST, 10))
    await db.write(lambda conn: heard(conn, run))
    assert await db.write(lambda conn: stale_runs.close(conn, stale, 120, KILLED)) is None
    found = await db.read(lambda conn: runs.get(conn, "w", run.run_id))
    assert (found.status, found.etag) == (RUNNING, run.etag)


async def test_running_runs_are_found_among_many_that_ended(db: Database) -> None:
    begin()

    async def make(conn: Connection) -> None:
        run = await add_run(conn, "w")
        await conn.execute(
            """
            INSERT INTO run (run_id, workspace, experiment_id, name, status, start_time, params, tags,
                             lifecycle_state, created_by, create_time, revision, event_time)
            SELECT md5(i::text)::uuid, workspace, experiment_id, '', 3, start_time, '{}', '{}', lifecycle_state,
                   created_by, create_time, 1, event_time
            FROM run, generate_series(1, 20000) AS i
            WHERE run_id = %s::uuid
            """,
            (run.run_id,),
        )

    await db.write(make)

    async def plan(conn: Connection) -> str:
        await conn.execute("ANALYZE run")
        params = {"seconds": 60, "after": stale_runs.FIRST, "limit": 100, "active": v1.LIFECYCLE_STATE_ACTIVE}
        statement: str = f"EXPLAIN {stale_runs.sql.find}"
        return "\n".join(row[0] for row in await (await conn.execute(statement.encode(), params)).fetchall())

    assert "run_running" in await db.read(plan)
