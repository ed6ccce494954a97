"""Runs that are remembered as they are sent: whatever happens to a run, its message is what would be made of it now."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from runlore import v1
from runlore_server import errors
from runlore_server.bodies import Bodies
from runlore_server.committer import Committer
from runlore_server.db import Connection, Database
from runlore_server.merger import merge
from runlore_server.store import experiments, inputs, live, logged_models, purging, run_lifecycle, runs
from runlore_server.store.runs import Selection
from tests.store.calling import begin
from tests.store.records import add_logged_model, add_points, add_run

WANTED = [
    Selection(),
    Selection(frozenset({"name", "metrics"}), metric_keys=("m",)),
    Selection(frozenset({"is_stale", "tags", "dropped_points"}), tag_keys=("t",)),
]


class Counting:
    """A connection that counts its statements."""

    def __init__(self, conn: Connection) -> None:
        self._conn = conn
        self.statements = 0

    async def execute(self, *arguments: Any, **options: Any) -> Any:
        self.statements += 1
        return await self._conn.execute(*arguments, **options)


async def read(db: Database, bodies: Bodies, run_ids: Sequence[str], wanted: Selection = WANTED[0]) -> list[v1.Run]:
    """Runs as they are remembered, which must be as they are."""

    async def both(conn: Connection) -> tuple[list[bytes], list[v1.Run]]:
        return await bodies.read(conn, "w", run_ids, wanted), await runs.get_many(conn, "w", run_ids, wanted=wanted)

    fields, as_they_are = await db.snapshot(both)
    found = v1.SearchRunsResponse.FromString(b"".join(fields))
    assert list(found.runs) == as_they_are
    return as_they_are


async def statements(db: Database, bodies: Bodies, run_ids: Sequence[str]) -> int:
    """How many it takes to read runs."""

    async def count(conn: Connection) -> int:
        counting: Any = Counting(conn)
        await bodies.read(counting, "w", run_ids, WANTED[0])
        return int(counting.statements)

    return await db.snapshot(count)


class World:
    """Runs in two experiments, and all that can happen to them."""

    def __init__(self, db: Database, dice: random.Random) -> None:
        self.db, self.dice = db, dice
        self.runs: list[v1.Run] = []
        self.models: list[str] = []
        self.sequences: dict[str, int] = {}
        self.committer = Committer(db)

    async def locked(self, change: Callable[[Connection, runs.LockedRun], Awaitable[Any]]) -> None:
        """Change one of the runs under its lock."""
        run_id = self.dice.choice(self.runs).run_id

        async def work(conn: Connection) -> None:
            await change(conn, await runs.lock_run(conn, "w", run_id))

        await self.db.write(work)

    async def create(self) -> None:
        self.runs.append(await self.db.write(lambda conn: add_run(conn, "w", self.dice.choice("ab"))))

    async def tag(self) -> None:
        value = str(self.dice.random())
        await self.locked(lambda conn, locked: runs.log(conn, locked, {}, {self.dice.choice("tu"): value}))

    async def untag(self) -> None:
        await self.locked(lambda conn, locked: runs.delete_tags(conn, locked, ["t"]))

    async def param(self) -> None:
        await self.locked(lambda conn, locked: runs.log(conn, locked, {str(len(locked.run.params)): "x"}, {}))

    async def update(self) -> None:
        async def change(conn: Connection, locked: runs.LockedRun) -> None:
            wanted = v1.Run()
            wanted.CopyFrom(locked.run)
            wanted.status = self.dice.choice(v1.RunStatus.values()[1:])
            wanted.name, wanted.status_message = self.dice.choice("no"), self.dice.choice(["", "why"])
            await runs.update(conn, locked, wanted)

        await self.locked(change)

    async def delete(self) -> None:
        await self.locked(run_lifecycle.delete)

    async def restore(self) -> None:
        await self.locked(run_lifecycle.restore)

    async def move_experiment(self) -> None:
        async def work(conn: Connection) -> None:
            of = await experiments.lock(conn, "w", self.dice.choice(self.runs).experiment_id)
            match self.dice.randrange(3):
                case 0:
                    await experiments.delete(conn, of)
                case 1:
                    await experiments.restore(conn, of)
                case _:
                    wanted = v1.Experiment()
                    wanted.CopyFrom(of.experiment)
                    wanted.name = f"renamed {self.dice.random()}"
                    await experiments.update(conn, of, wanted)

        await self.db.write(work)

    async def batch(self) -> None:
        """Points in blocks, of a run that has none in frames."""
        run = self.dice.choice(self.runs)
        await merge(self.db, run.run_id)
        series = v1.MetricSeries(key=self.dice.choice("mn"), steps=[1], times_unix_us=[1], values=[self.dice.random()])
        sequence = self.sequences.get(run.run_id, 0) + 1
        try:
            await self.db.write(lambda conn: add_points(conn, run, series, sequence=sequence))
            self.sequences[run.run_id] = sequence
        except AssertionError:
            # It is deleted.
            pass

    async def stream(self) -> None:
        """Points in frames."""
        run = self.dice.choice(self.runs)
        try:
            stream = await self.committer.open("w", run.run_id, "s")
        except errors.RunloreError:
            return
        new = [] if "m" in stream.keys.names else ["m"]
        stream.keys.names += new
        frame = v1.LogStreamFrame(
            first_point=stream.committed + 1,
            new_keys=new,
            keys=[stream.keys.names.index("m")],
            steps=[self.dice.randrange(9)],
            times_unix_us=[2],
            values=[self.dice.choice([self.dice.random(), float("nan")])],
            dropped_points=self.dice.randrange(5),
        )
        self.committer.put(stream, frame)
        await self.committer.commit_queued()

    async def merge(self) -> None:
        await merge(self.db, self.dice.choice(self.runs).run_id)

    async def drop(self) -> None:
        """A count that moves by itself, while the run's live row is another's."""
        await self.db.write(
            lambda conn: conn.execute("UPDATE run_stream SET dropped_points = dropped_points + 1"), one_statement=True
        )

    async def hear(self) -> None:
        run_id = self.dice.choice(self.runs).run_id
        await self.db.write(lambda conn: live.hear(conn, run_id))

    async def fall_silent(self) -> None:
        run_id = self.dice.choice(self.runs).run_id
        silent = "UPDATE run_live SET heartbeat_time = clock_timestamp() - interval '1 hour' WHERE run_id = %s::uuid"
        await self.db.write(lambda conn: conn.execute(silent, (run_id,)), one_statement=True)

    async def read_data(self) -> None:
        given = v1.DatasetInput(dataset=v1.Dataset(name=self.dice.choice("xy"), digest="d"), tags={"a": "b"})
        await self.locked(lambda conn, locked: inputs.log_inputs(conn, locked, [given], []))

    async def make_model(self) -> None:
        async def change(conn: Connection, locked: runs.LockedRun) -> None:
            model = await add_logged_model(conn, "w", locked.run.experiment_id)
            self.models.append(model.model_id)
            await inputs.log_outputs(conn, locked, [v1.LoggedModelOutput(model_id=model.model_id, step=1)])

        await self.locked(change)

    async def purge_model(self) -> None:
        """It goes from the runs that made it, whose revisions stay."""
        if not self.models:
            return
        model_id = self.models.pop(self.dice.randrange(len(self.models)))

        async def work(conn: Connection) -> None:
            locked = await logged_models.lock_model(conn, "w", model_id)
            await logged_models.set_lifecycle(conn, locked, v1.LIFECYCLE_STATE_DELETED)
            await purging.past(conn, purging.MODELS, 0, "")

        await self.db.write(work)

    async def purge(self) -> None:
        """The run goes, and is not found any more."""
        if len(self.runs) < 3:
            return
        run_id = self.dice.choice(self.runs).run_id

        async def work(conn: Connection) -> None:
            await run_lifecycle.delete(conn, await runs.lock_run(conn, "w", run_id))
            await purging.run(conn, "w", run_id)

        await self.db.write(work)
        self.runs = [run for run in self.runs if run.run_id != run_id]


async def test_whatever_happens_to_a_run_its_message_is_what_it_is(db: Database) -> None:
    begin()
    dice = random.Random(7)
    world, bodies = World(db, dice), Bodies(1 << 20)
    seen: list[str] = []
    for _ in range(5):
        await world.create()
    seen += [run.run_id for run in world.runs]
    happens = [getattr(world, name) for name in vars(World) if not name.startswith("_") and name != "locked"]
    for n in range(20 * len(happens)):
        # Each of them soon, and then in any order.
        await (happens[n] if n < len(happens) else dice.choice(happens))()
        seen += [run.run_id for run in world.runs if run.run_id not in seen]
        await read(db, bodies, dice.sample(seen, min(len(seen), 8)), dice.choice(WANTED))
    for wanted in WANTED:
        await read(db, bodies, seen, wanted)


async def test_a_page_that_nobody_changed_takes_one_statement(db: Database) -> None:
    begin()

    async def make(conn: Connection) -> list[str]:
        return [(await add_run(conn, "w")).run_id for _ in range(4)]

    run_ids = await db.write(make)
    bodies = Bodies(1 << 20)
    whole = await statements(db, bodies, run_ids)
    assert await statements(db, bodies, run_ids[::-1]) == 1
    assert await statements(db, bodies, run_ids[:2] * 2) == 1
    await db.write(lambda conn: _tag(conn, run_ids[0]))
    assert await statements(db, bodies, run_ids) == whole


async def _tag(conn: Connection, run_id: str) -> None:
    await runs.log(conn, await runs.lock_run(conn, "w", run_id), {}, {"t": "1"})


async def test_the_longest_unread_are_forgotten(db: Database) -> None:
    begin()

    async def make(conn: Connection) -> list[str]:
        made = []
        for _ in range(6):
            run = await add_run(conn, "w")
            await runs.log(conn, await runs.lock_run(conn, "w", run.run_id), {}, {"t": "x" * 5_000})
            made.append(run.run_id)
        return made

    run_ids = await db.write(make)
    bodies = Bodies(20_000)
    for run_id in run_ids[:3]:
        assert await statements(db, bodies, [run_id]) > 1
    assert await statements(db, bodies, [run_ids[0]]) == 1
    await statements(db, bodies, [run_ids[3]])
    assert await statements(db, bodies, [run_ids[0]]) == 1
    assert await statements(db, bodies, [run_ids[1]]) > 1
    # Those of a page that is larger than all that is remembered are all right nevertheless.
    assert len(await read(db, bodies, run_ids)) == 6
    assert len(await read(db, Bodies(0), run_ids)) == 6


async def test_a_run_becomes_stale_by_time_alone(db: Database) -> None:
    begin()
    run = await db.write(lambda conn: add_run(conn, "w"))
    await db.write(lambda conn: live.hear(conn, run.run_id))
    bodies = Bodies(1 << 20)

    async def is_stale(conn: Connection, after: str) -> bool:
        await conn.execute("SELECT set_config('runlore.stale_after', %s, true)", (after,))
        [field] = await bodies.read(conn, "w", [run.run_id], WANTED[0])
        return v1.SearchRunsResponse.FromString(field).runs[0].is_stale

    for after, expected in (("60", False), ("0", True), ("60", False)):
        assert await db.snapshot(lambda conn, after=after: is_stale(conn, after)) is expected


async def test_a_run_of_another_workspace_is_not_found(db: Database) -> None:
    begin()
    run = await db.write(lambda conn: add_run(conn, "w"))
    bodies = Bodies(1 << 20)
    assert len(await read(db, bodies, [run.run_id])) == 1
    assert await db.snapshot(lambda conn: bodies.read(conn, "other", [run.run_id], WANTED[0])) == []
