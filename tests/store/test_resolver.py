"""Look-ups together: few statements, answers that are never old, and a memory that is told apart from the present."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest

from runlore import v1
from runlore_server.db import Connection, Database
from runlore_server.errors import RunloreError
from runlore_server.resolver import Aged, Outcome, Resolver
from runlore_server.store import models
from runlore_server.store.resolving import Question, Reference
from tests.harness import registry_changes as do
from tests.store.calling import begin

CHAMPION = Question("w", Reference("m", "champion"))


class Slow(Resolver):
    """Counts its batches, and hands out what they found only when the gate is open."""

    batches = 0

    def __init__(self, db: Database, **settings: int) -> None:
        super().__init__(db, **settings)
        self.gate = asyncio.Event()
        self.gate.set()
        self.found = asyncio.Event()

    async def _ask(self, asked: Sequence[Question]) -> Sequence[Outcome]:
        self.batches += 1
        found = await super()._ask(asked)
        self.found.set()
        await self.gate.wait()
        return found

    async def connect(self) -> None:
        """Have what is known confirmed over the line from the first batch on."""
        await self._line.connect()


@pytest.fixture(autouse=True)
def in_call() -> None:
    begin()


@pytest.fixture
async def access(database_url: str, db: Database) -> AsyncIterator[Database]:
    """Another access to the database `db`, in which a model has two versions and a champion."""
    await db.write(lambda conn: models.create(conn, "w", "m", "", {}, ""))
    for change in (do.add_version(), do.add_version(), do.set_alias("champion", 1)):
        await do.change(db, "w", "m", change)
    access = Database(database_url)
    await access.open()
    yield access
    await access.close()


def version(aged: Aged) -> int:
    assert not isinstance(aged.outcome, RunloreError), aged.outcome
    return aged.outcome.response.model_version.version


async def test_look_ups_that_come_together_are_one_statement(access: Database) -> None:
    resolver = Slow(access)
    numbers = [Question("w", Reference("m", version=i % 4)) for i in range(200)]
    for _ in range(2):
        resolver.batches = 0
        found = await asyncio.gather(*(resolver.answer([question, CHAMPION]) for question in numbers))
        assert resolver.batches == 1
        for i, (numbered, champion) in enumerate(found):
            assert version(champion) == 1
            if i % 4 in (1, 2):
                assert version(numbered) == i % 4
            else:
                assert isinstance(numbered.outcome, RunloreError)
                assert numbered.outcome.reason == v1.ERROR_REASON_MODEL_VERSION_NOT_FOUND


async def test_a_look_up_never_joins_a_statement_that_was_sent(access: Database, db: Database) -> None:
    resolver = Slow(access)
    await resolver.connect()
    for known in (False, True):
        resolver.gate.clear()
        early = asyncio.create_task(resolver.answer([CHAMPION]))
        resolver.found.clear()
        await resolver.found.wait()
        before = 2 if known else 1
        await do.change(db, "w", "m", do.set_alias("champion", 3 - before))
        late = asyncio.create_task(resolver.answer([CHAMPION]))
        await asyncio.sleep(0)
        resolver.gate.set()
        assert version((await late)[0]) == 3 - before
        assert version((await early)[0]) in (1, 2)
        await resolver.answer([CHAMPION])
        assert resolver.batches == 3 * (1 + known)


async def test_memory_answers_who_allows_it_and_says_how_old_that_is(access: Database, db: Database) -> None:
    resolver = Slow(access)
    [fresh] = await resolver.answer([CHAMPION], max_age=60)
    assert (version(fresh), fresh.age) == (1, 0.0)
    await do.change(db, "w", "m", do.set_alias("champion", 2))
    resolver.batches = 0
    await asyncio.sleep(0.02)
    [old] = await resolver.answer([CHAMPION], max_age=60)
    assert version(old) == 1
    assert 0.02 <= old.age < 60
    assert resolver.batches == 0
    [too_old] = await resolver.answer([CHAMPION], max_age=0.01)
    assert (version(too_old), too_old.age) == (2, 0.0)
    [remembered] = await resolver.answer([CHAMPION], max_age=60)
    assert version(remembered) == 2
    await access.close()
    [without_database] = await resolver.answer([CHAMPION], max_age=60)
    assert version(without_database) == 2
    with pytest.raises(RunloreError) as refused:
        await resolver.answer([CHAMPION])
    assert refused.value.reason == v1.ERROR_REASON_DATABASE_UNAVAILABLE


async def test_what_is_not_found_is_not_remembered(access: Database, db: Database) -> None:
    resolver = Slow(access)
    question = Question("w", Reference("m", "challenger"))
    [missing] = await resolver.answer([question], max_age=60)
    assert isinstance(missing.outcome, RunloreError)
    await do.change(db, "w", "m", do.set_alias("challenger", 2))
    [found] = await resolver.answer([question], max_age=60)
    assert version(found) == 2
    await do.change(db, "w", "m", do.delete_alias("challenger"))
    [gone] = await resolver.answer([question])
    assert isinstance(gone.outcome, RunloreError)
    [still_gone] = await resolver.answer([question], max_age=60)
    assert isinstance(still_gone.outcome, RunloreError), "an answer that was found wrong is forgotten"


@pytest.mark.parametrize(
    "change",
    [
        do.update_version(1, tags={"t": "1"}),
        do.set_stage(1, v1.MODEL_STAGE_PRODUCTION),
        do.set_alias("champion", 2),
        do.set_alias("other", 1),
        do.rename("n"),
    ],
)
async def test_whatever_changes_an_answer_is_noticed(access: Database, db: Database, change: do.Change) -> None:
    resolver, other = Slow(access), Resolver(access)
    await resolver.connect()
    await resolver.answer([CHAMPION])
    await do.change(db, "w", "m", change)
    [confirmed], [anew] = await resolver.answer([CHAMPION]), await other.answer([CHAMPION])
    assert str(confirmed.outcome) == str(anew.outcome)


async def test_a_database_that_was_set_back_is_noticed(access: Database, db: Database) -> None:
    """It has another history under the same revisions."""
    resolver = Slow(access)
    await resolver.connect()
    await resolver.answer([CHAMPION])

    async def set_back(conn: Connection) -> None:
        await conn.execute("UPDATE model_alias SET version = 2")
        await conn.execute("UPDATE registered_model SET chain_hash = sha256('another')")

    await db.write(set_back)
    [answer] = await resolver.answer([CHAMPION])
    assert version(answer) == 2


async def test_one_batch_is_of_one_moment(access: Database, db: Database) -> None:
    """Of two aliases, one always moves before the other: never is the second seen ahead."""
    resolver = Slow(access)
    await resolver.connect()
    first, second = (Question("w", Reference("m", alias)) for alias in ("first", "second"))
    for alias in ("first", "second"):
        await do.change(db, "w", "m", do.set_alias(alias, 1))
    moving = asyncio.create_task(_move(db))
    seen = set()
    while not moving.done():
        answers = await resolver.answer([first, second, CHAMPION])
        seen.add((version(answers[0]), version(answers[1])))
        heads = {str(a.outcome.response.head) for a in answers if not isinstance(a.outcome, RunloreError)}
        positions = {a.outcome.response.position for a in answers if not isinstance(a.outcome, RunloreError)}
        assert len(heads) == len(positions) == 1
    await moving
    assert len(seen) > 1


async def _move(db: Database) -> None:
    begin()
    for i in range(20):
        for alias in ("first", "second"):
            await do.change(db, "w", "m", do.set_alias(alias, 1 + (i + 1) % 2))


async def test_memory_is_bounded(access: Database) -> None:
    resolver = Slow(access, remembered_bytes=5_000)
    one, two = (Question("w", Reference("m", version=number)) for number in (1, 2))
    for question in (CHAMPION, one, two):
        await resolver.answer([question])
    resolver.batches = 0
    await resolver.answer([two], max_age=60)
    assert resolver.batches == 0, "the latest is remembered"
    await resolver.answer([CHAMPION], max_age=60)
    assert resolver.batches == 1, "the oldest made room"
