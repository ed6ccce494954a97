"""What a selection of runs' fields reads: no more than it returns."""

from __future__ import annotations

from typing import Any

from runlore import v1
from runlore_server.db import Connection, Database
from runlore_server.store import runs
from runlore_server.store.runs import Selection
from tests.store.calling import begin
from tests.store.records import add_points, add_run


class Counting:
    """A connection that counts its statements."""

    def __init__(self, conn: Connection) -> None:
        self._conn = conn
        self.statements = 0

    async def execute(self, *arguments: Any, **options: Any) -> Any:
        self.statements += 1
        return await self._conn.execute(*arguments, **options)


async def made(db: Database) -> str:
    begin()

    async def work(conn: Connection) -> str:
        run = await add_run(conn, "w")
        await runs.log(conn, await runs.lock_run(conn, "w", run.run_id), {"a": "1", "b": "2"}, {"t": "x" * 8_000})
        points = [v1.MetricSeries(key=key, steps=[0], times_unix_us=[0], values=[1.0]) for key in ("x", "y", "z")]
        await add_points(conn, run, *points)
        return run.run_id

    return await db.write(work)


async def test_what_is_not_wanted_is_not_asked_for(db: Database) -> None:
    run_id = await made(db)

    async def read(conn: Connection, wanted: Selection) -> tuple[v1.Run, int]:
        counting: Any = Counting(conn)
        (run,) = await runs.get_many(counting, "w", [run_id], wanted=wanted)
        return run, counting.statements

    async def of(*fields: str, **keys: Any) -> tuple[v1.Run, int]:
        wanted = Selection(frozenset(fields) or None, **keys)
        return await db.read(lambda conn: read(conn, wanted))

    whole, _ = await of()
    assert {m.key for m in whole.metrics} == {"x", "y", "z"}
    assert await of("run_id") == (v1.Run(run_id=run_id), 1)
    assert await of("name", "status") == (v1.Run(run_id=run_id, name=whole.name, status=whole.status), 1)
    run, statements = await of("metrics", metric_keys=["y", "nope"])
    assert ([m.key for m in run.metrics], statements) == (["y"], 2)
    run, statements = await of("params", param_keys=["b", "nope"])
    assert (run, statements) == (v1.Run(run_id=run_id, params={"b": "2"}), 1)


async def test_each_field_alone_is_what_it_is_among_all(db: Database) -> None:
    run_id = await made(db)

    async def of(wanted: Selection) -> v1.Run:
        (run,) = await db.read(lambda conn: runs.get_many(conn, "w", [run_id], wanted=wanted))
        return run

    whole = await of(runs.EVERYTHING)
    for field in v1.Run.DESCRIPTOR.fields:
        alone = await of(Selection(frozenset([field.name])))
        assert {found.name for found, _ in alone.ListFields()} <= {"run_id", field.name}
        assert getattr(alone, field.name) == getattr(whole, field.name)
