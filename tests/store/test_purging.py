"""Purging: what is past its retention goes whole and once, everything else stays."""

from __future__ import annotations

import asyncio
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
from runlore_server.store import (
    experiments,
    inputs,
    live,
    logged_model_metrics,
    logged_models,
    merging,
    purging,
    run_lifecycle,
    runs,
)
from tests.store.calling import begin
from tests.store.records import add_logged_model, add_points, add_run, index_all, log_of, rows_of


def housekeeping(db: Database, days: int = 30) -> Housekeeping:
    return Housekeeping(db, Policy(purge_after=days), Sequencer(db))


async def log(conn: Connection, run: v1.Run, blocks: int = 1, frames: int = 1) -> None:
    """Give a run a row in every table about runs, and several of the large ones."""
    for i in range(blocks):
        series = v1.MetricSeries(key="loss", steps=[i], times_unix_us=[i], values=[float(i)])
        await add_points(conn, run, series, sequence=i + 1)
    await live.open_stream(conn, run.workspace, run.run_id, "s")
    for i in range(frames):
        await conn.execute(
            "INSERT INTO metric_frame VALUES (%s::uuid, %s, '{0}', '{1}', '{2}', '{3}')", (run.run_id, i + 1)
        )
    model = await add_logged_model(conn, run.workspace, run.experiment_id, source_run_id=run.run_id)
    read = v1.DatasetInput(dataset=v1.Dataset(name="clicks", digest="d1"), context="training")
    await inputs.log_inputs(conn, await runs.lock_run(conn, run.workspace, run.run_id), [read], [model.model_id])


async def delete(conn: Connection, run: v1.Run, days: int = 0) -> None:
    await run_lifecycle.delete(conn, await runs.lock_run(conn, run.workspace, run.run_id))
    await conn.execute(
        "UPDATE run SET delete_time = delete_time - make_interval(days => %s) WHERE run_id = %s::uuid",
        (days, run.run_id),
    )


async def test_nothing_is_left_of_a_purged_run(db: Database) -> None:
    begin()

    async def make(conn: Connection) -> tuple[v1.Run, v1.Run]:
        gone, other = await add_run(conn, "w"), await add_run(conn, "w")
        for run in (gone, other):
            await log(conn, run)
        await delete(conn, gone)
        return gone, other

    gone, other = await db.write(make)
    await index_all(db)
    before = await db.read(lambda conn: rows_of(conn, gone.run_id))
    # A table about runs that is not filled here would not be seen when it is forgotten in purging.sql.
    assert 0 not in before.values(), before
    await db.write(lambda conn: purging.run(conn, "w", gone.run_id))
    assert (await db.read(lambda conn: rows_of(conn, gone.run_id)))["run"] == 0
    await housekeeping(db).clean_up()
    assert set((await db.read(lambda conn: rows_of(conn, gone.run_id))).values()) == {0}
    assert await db.read(lambda conn: rows_of(conn, other.run_id)) == before
    assert not await db.write(purging.clean_up)


async def test_logged_models_go_by_themselves_and_with_their_experiment(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With their points and with what runs say of them; an active one, or one deleted lately, stays."""
    monkeypatch.setattr(purging, "_RECORDS", 2)
    begin()

    async def make(conn: Connection) -> tuple[v1.Run, dict[str, v1.LoggedModel]]:
        run, of_gone = await add_run(conn, "w"), await add_run(conn, "w", "gone")
        made = {
            name: await add_logged_model(conn, "w", run.experiment_id, name=name)
            for name in ("a", "old 1", "old 2", "new")
        }
        made |= {
            name: await add_logged_model(conn, "w", of_gone.experiment_id, name=name) for name in ("e1", "e2", "e3")
        }
        for model in made.values():
            point = v1.LoggedModelMetric(key="auc", value=0.5, run_id=run.run_id)
            await logged_model_metrics.add(conn, model.model_id, [point])
        outputs = [v1.LoggedModelOutput(model_id=model.model_id) for model in made.values()]
        await inputs.log_outputs(conn, await runs.lock_run(conn, "w", run.run_id), outputs)
        for name in ("old 1", "old 2", "new"):
            locked = await logged_models.lock_model(conn, "w", made[name].model_id)
            await logged_models.set_lifecycle(conn, locked, v1.LIFECYCLE_STATE_DELETED)
        await conn.execute(
            "UPDATE logged_model SET event_time = event_time - interval '31 days' WHERE name LIKE 'old%'"
        )
        await experiments.delete(conn, await experiments.lock(conn, "w", of_gone.experiment_id))
        await conn.execute("UPDATE experiment SET delete_time = delete_time - interval '31 days' WHERE name = 'gone'")
        return run, made

    run, made = await db.write(make)
    await housekeeping(db).purge()
    kept = await db.read(lambda conn: logged_models.get_many(conn, "w", [m.model_id for m in made.values()]))
    assert [model.name for model in kept] == ["a", "new"]
    assert all(len(model.metrics) == 1 for model in kept)
    stored = await db.read(lambda conn: runs.get(conn, "w", run.run_id))
    assert [o.model_id for o in stored.model_outputs] == [model.model_id for model in kept]
    for model in made.values():
        last = (await log_of(db, model.model_id))[-1]
        assert (last.kind == v1.EVENT_KIND_LOGGED_MODEL_PURGED) == (model.name not in ("a", "new"))


async def test_a_purged_logged_model_leaves_nothing_and_says_who_purged_it(db: Database) -> None:
    begin()

    async def make(conn: Connection) -> tuple[v1.Run, list[v1.LoggedModel]]:
        run = await add_run(conn, "w")
        made = [await add_logged_model(conn, "w", run.experiment_id, name=name) for name in ("gone", "other")]
        for model in made:
            point = v1.LoggedModelMetric(key="auc", value=0.5, run_id=run.run_id)
            await logged_model_metrics.add(conn, model.model_id, [point])
        outputs = [v1.LoggedModelOutput(model_id=model.model_id) for model in made]
        await inputs.log_outputs(conn, await runs.lock_run(conn, "w", run.run_id), outputs)
        return run, made

    run, (gone, other) = await db.write(make)
    with pytest.raises(RunloreError, match="delete it first"):
        await db.write(lambda conn: purging.logged_model(conn, "w", gone.model_id))
    await db.write(lambda conn: delete_model(conn, gone))
    with pytest.raises(RunloreError, match="no logged model"):
        await db.write(lambda conn: purging.logged_model(conn, "another", gone.model_id))
    await db.write(lambda conn: purging.logged_model(conn, "w", gone.model_id, "once"))
    for table in ("logged_model", "logged_model_metric", "logged_model_series", "run_model"):
        assert await db.read(lambda conn, table=table: models_in(conn, table)) == {other.model_id}, table
    stored = await db.read(lambda conn: runs.get(conn, "w", run.run_id))
    assert [output.model_id for output in stored.model_outputs] == [other.model_id]
    last = (await log_of(db, gone.model_id))[-1]
    assert (last.kind, last.revision, last.request_id) == (v1.EVENT_KIND_LOGGED_MODEL_PURGED, 3, "once")


async def delete_model(conn: Connection, model: v1.LoggedModel) -> None:
    locked = await logged_models.lock_model(conn, "w", model.model_id)
    await logged_models.set_lifecycle(conn, locked, v1.LIFECYCLE_STATE_DELETED)


async def models_in(conn: Connection, table: str) -> set[str]:
    rows = await conn.execute(f"SELECT DISTINCT model_id FROM {table}")
    return {row.model_id.replace("-", "") for row in await rows.fetchall()}


async def test_a_link_to_a_logged_model_is_there_before_its_purge_and_goes_with_it(servers: list[Database]) -> None:
    """What links to a model holds it: deletion and purge wait, and find the link."""
    db, other = servers[:2]
    begin()
    run = await db.write(lambda conn: add_run(conn, "w"))
    model = await db.write(lambda conn: add_logged_model(conn, "w", run.experiment_id))
    held = asyncio.Event()

    async def link(conn: Connection) -> None:
        locked = await runs.lock_active(conn, "w", run.run_id)
        await logged_models.hold_active(conn, "w", [model.model_id])
        held.set()
        # Time for the other one to come to the lock, and to pass it if there were none.
        await asyncio.sleep(0.2)
        await inputs.log_outputs(conn, locked, [v1.LoggedModelOutput(model_id=model.model_id)])

    async def remove() -> None:
        await held.wait()
        await other.write(lambda conn: delete_model(conn, model))
        await other.write(lambda conn: purging.logged_model(conn, "w", model.model_id))

    await asyncio.gather(db.write(link), remove())
    assert not (await db.read(lambda conn: runs.get(conn, "w", run.run_id))).model_outputs
    assert await db.read(lambda conn: models_in(conn, "run_model")) == set()


async def test_a_run_that_is_not_deleted_is_not_purged(db: Database) -> None:
    begin()
    run = await db.write(lambda conn: add_run(conn, "w"))
    with pytest.raises(RunloreError, match="delete it first"):
        await db.write(lambda conn: purging.run(conn, "w", run.run_id))
    assert (await db.read(lambda conn: runs.get(conn, "w", run.run_id))).params == {"C": "1"}


async def test_merging_does_not_bring_a_purged_run_back(db: Database) -> None:
    begin()

    async def make(conn: Connection) -> v1.Run:
        run = await add_run(conn, "w")
        await log(conn, run, frames=3)
        await delete(conn, run)
        await purging.run(conn, "w", run.run_id)
        return run

    run = await db.write(make)
    assert not await db.write(lambda conn: merging.merge_some(conn, run.run_id))
    await housekeeping(db).clean_up()
    assert set((await db.read(lambda conn: rows_of(conn, run.run_id))).values()) == {0}


AGES = st.sampled_from([None, 0, 29, 31, 400])


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    experiment_ages=st.lists(AGES, min_size=1, max_size=3),
    run_ages=st.lists(st.tuples(st.integers(0, 2), AGES), max_size=8),
    days=st.sampled_from([0, 30]),
)
async def test_what_is_past_its_retention_goes_and_nothing_else(
    db: Database, experiment_ages: list[int | None], run_ages: list[tuple[int, int | None]], days: int
) -> None:
    begin()
    workspace = ids.new()

    async def make(conn: Connection) -> tuple[dict[str, bool], dict[str, bool]]:
        made_runs, made_experiments = {}, {}
        found = [await experiments.create(conn, workspace, f"e{i}") for i in range(len(experiment_ages))]
        for number, age in run_ages:
            number %= len(found)
            run = await add_run(conn, workspace, f"e{number}")
            if age is not None:
                await delete(conn, run, age)
            own, above = age or 0, experiment_ages[number] or 0
            made_runs[run.run_id] = days > 0 and max(own, above) > days
        for experiment, age in zip(found, experiment_ages, strict=True):
            if age is not None:
                locked = await experiments.lock(conn, workspace, experiment.experiment_id)
                await experiments.delete(conn, locked)
                await conn.execute(
                    "UPDATE experiment SET delete_time = delete_time - make_interval(days => %s) "
                    "WHERE experiment_id = %s::uuid",
                    (age, experiment.experiment_id),
                )
            made_experiments[experiment.experiment_id] = days > 0 and (age or 0) > days
        return made_runs, made_experiments

    made_runs, made_experiments = await db.write(make)
    for _ in range(2):
        await housekeeping(db, days).purge()
    kept = await db.read(lambda conn: runs.get_many(conn, workspace, list(made_runs)))
    assert {run.run_id for run in kept} == {run_id for run_id, gone in made_runs.items() if not gone}
    left = await db.read(lambda conn: experiments.get_many(conn, workspace, list(made_experiments)))
    assert {e.experiment_id for e in left} == {i for i, gone in made_experiments.items() if not gone}
    for resource_id, gone in (made_runs | made_experiments).items():
        purges = [
            event
            for event in await log_of(db, resource_id)
            if event.kind in (v1.EVENT_KIND_RUN_PURGED, v1.EVENT_KIND_EXPERIMENT_PURGED)
        ]
        assert len(purges) == gone
        for event in purges:
            assert (event.actor.kind, event.actor.id) == (v1.ACTOR_KIND_SYSTEM, "runlore-server")
            assert (event.method, event.reason) == ("policy/purge", "deleted for more than --purge-after, 30 days")


async def test_many_servers_purge_in_small_steps(
    db: Database, servers: list[Database], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each run once, whoever comes to it, while some are restored; and no transaction takes all of it."""
    monkeypatch.setattr(purging, "_RECORDS", 3)
    monkeypatch.setattr(purging, "_ROWS", 4)
    begin()

    async def make(conn: Connection) -> list[v1.Run]:
        made = [await add_run(conn, "w") for _ in range(20)]
        for run in made:
            await log(conn, run, blocks=5, frames=5)
            await delete(conn, run, days=31)
        return made

    made = await db.write(make)

    async def restore(run: v1.Run) -> str:
        async def work(conn: Connection) -> str:
            await run_lifecycle.restore(conn, await runs.lock_run(conn, "w", run.run_id))
            return run.run_id

        try:
            return await db.write(work)
        except RunloreError as error:
            return error.reason_name

    async def purge(server: Database) -> None:
        await housekeeping(server).purge()
        await housekeeping(server).clean_up()

    restored: Any
    restored, *_ = await asyncio.gather(
        asyncio.gather(*(restore(run) for run in made[::4])), *(purge(server) for server in servers)
    )
    # A cleaner leaves what another has under way; the next round looks again.
    await housekeeping(db).clean_up()
    assert set(restored) <= {run.run_id for run in made} | {"RUN_NOT_FOUND"}
    for run in made:
        kinds = [event.kind for event in await log_of(db, run.run_id)]
        rows = await db.read(lambda conn, r=run: rows_of(conn, r.run_id))
        if run.run_id in restored:
            assert v1.EVENT_KIND_RUN_PURGED not in kinds
            assert (rows["metric_block"], rows["metric_frame"]) == (5, 5)
        else:
            assert kinds[-1] == v1.EVENT_KIND_RUN_PURGED
            assert kinds.count(v1.EVENT_KIND_RUN_PURGED) == 1
            assert set(rows.values()) == {0}


async def test_a_deletion_by_an_older_server_is_dated(db: Database) -> None:
    begin()

    async def make(conn: Connection) -> v1.Run:
        run = await add_run(conn, "w")
        await delete(conn, run)
        await conn.execute(
            "UPDATE run SET delete_time = NULL, event_time = now() - interval '31 days' WHERE run_id = %s::uuid",
            (run.run_id,),
        )
        return run

    run = await db.write(make)
    await housekeeping(db).purge()
    assert await db.read(lambda conn: runs.get_many(conn, "w", [run.run_id])) == []


async def test_a_deleted_record_says_when_it_will_be_purged(database_url: str) -> None:
    begin()
    for days in (30, 0):
        db = Database(database_url, policy=Policy(purge_after=days))
        await db.open()

        async def make(conn: Connection) -> tuple[v1.Run, v1.Run, v1.LoggedModel, v1.LoggedModel, v1.Experiment]:
            alone, whole = await add_run(conn, "w", "a"), await add_run(conn, "w", "b")
            await delete(conn, alone, days=3)
            of_alone, of_whole = [await add_logged_model(conn, "w", run.experiment_id) for run in (alone, whole)]
            await delete_model(conn, of_alone)
            locked = await experiments.lock(conn, "w", whole.experiment_id)
            gone = await experiments.delete(conn, locked)
            both = (await runs.get(conn, "w", alone.run_id), await runs.get(conn, "w", whole.run_id))
            models = [await logged_models.get(conn, "w", model.model_id) for model in (of_alone, of_whole)]
            await experiments.restore(conn, await experiments.lock(conn, "w", whole.experiment_id))
            return *both, models[0], models[1], gone

        alone, whole, of_alone, of_whole, experiment = await db.write(make)
        await db.close()
        assert whole.delete_time == of_whole.delete_time == experiment.delete_time
        assert of_alone.delete_time == of_alone.update_time
        for record in (alone, whole, of_alone, of_whole, experiment):
            assert record.HasField("purge_time") == bool(days)
            if days:
                assert record.purge_time.seconds - record.delete_time.seconds == days * 86_400
