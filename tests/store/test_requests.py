"""Request ids: done once, answered again."""

from __future__ import annotations

import asyncio

import pytest

from runlore import v1
from runlore_server.db import Connection, Database
from runlore_server.errors import RunloreError
from runlore_server.store import requests
from tests.store.calling import begin

REQUEST = v1.CreateExperimentRequest(name="e", request_id="id-1")


@pytest.fixture(autouse=True)
def in_call() -> None:
    begin()


class Counter:
    """A change that counts how often it was made for good."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def create(self) -> None:
        await self._db.write(lambda conn: conn.execute("CREATE TABLE made (n int)"))

    async def make(self, request: v1.CreateExperimentRequest = REQUEST) -> v1.CreateExperimentResponse:
        async def work(conn: Connection) -> v1.CreateExperimentResponse:
            async def change() -> v1.CreateExperimentResponse:
                row = await (await conn.execute("INSERT INTO made VALUES (1) RETURNING 1")).fetchone()
                assert row is not None
                count = await self._count(conn)
                return v1.CreateExperimentResponse(experiment=v1.Experiment(description=f"made {count}"))

            return await requests.once(conn, request, v1.CreateExperimentResponse, change)

        return await self._db.write(work)

    async def _count(self, conn: Connection) -> int:
        row = await (await conn.execute("SELECT count(*) AS n FROM made")).fetchone()
        assert row is not None
        return int(row.n)

    async def count(self) -> int:
        return await self._db.read(self._count)


async def test_the_same_id_gives_the_first_response(db: Database) -> None:
    counter = Counter(db)
    await counter.create()
    first = await counter.make()
    assert await counter.make() == first
    assert await counter.count() == 1


async def test_many_at_once_are_done_once(db: Database) -> None:
    counter = Counter(db)
    await counter.create()
    found = await asyncio.gather(*(counter.make() for _ in range(8)))
    assert await counter.count() == 1
    assert all(response == found[0] for response in found)


async def test_another_body_under_the_id_is_refused(db: Database) -> None:
    counter = Counter(db)
    await counter.create()
    await counter.make()
    with pytest.raises(RunloreError) as refused:
        await counter.make(v1.CreateExperimentRequest(name="other", request_id="id-1"))
    assert refused.value.reason_name == "REQUEST_ID_REUSED"
    assert await counter.count() == 1


async def test_ids_of_another_actor_method_or_workspace_are_others(db: Database) -> None:
    counter = Counter(db)
    await counter.create()
    await counter.make()
    begin(actor="bob")
    await counter.make()
    begin(method="runlore.v1.Test/Other")
    await counter.make()
    begin()
    await counter.make(v1.CreateExperimentRequest(name="e", workspace="w2", request_id="id-1"))
    assert await counter.count() == 4


async def test_without_an_id_every_call_counts(db: Database) -> None:
    counter = Counter(db)
    await counter.create()
    for _ in range(2):
        await counter.make(v1.CreateExperimentRequest(name="e"))
    assert await counter.count() == 2


async def test_old_responses_are_forgotten_and_young_ones_kept(db: Database) -> None:
    counter = Counter(db)
    await counter.create()
    await counter.make()
    await db.write(requests.delete_old)
    await counter.make()
    assert await counter.count() == 1
    hours = requests.RETENTION_HOURS + 1
    await db.write(
        lambda conn: conn.execute("UPDATE request SET create_time = now() - make_interval(hours => %s)", (hours,))
    )
    await db.write(requests.delete_old)
    await counter.make()
    assert await counter.count() == 2
