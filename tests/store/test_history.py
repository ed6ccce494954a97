"""Answers about the past: what a reference meant at a moment is what Resolve answered then."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import LiteralString, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runlore import v1
from runlore_server.db import Connection, Database
from runlore_server.errors import RunloreError
from runlore_server.store import events, history, models, queries, resolving
from runlore_server.store.history import Moment
from runlore_server.store.resolving import LATEST, Question, Reference
from tests.harness import registry_changes as do
from tests.store.calling import begin

NAMES = ("m", "n")
ALIASES = ("champion", "challenger")
STAGES = (v1.MODEL_STAGE_NONE, v1.MODEL_STAGE_STAGING, v1.MODEL_STAGE_PRODUCTION, v1.MODEL_STAGE_ARCHIVED)
REFERENCES = [
    Reference(name, *way)
    for name in NAMES
    for way in [
        *((alias, None, None) for alias in ALIASES),
        *((None, number, None) for number in (1, 2, 3)),
        *((None, None, stage) for stage in (*STAGES, LATEST)),
    ]
]
LAST_EVENT: LiteralString = "SELECT time FROM event WHERE workspace = %(w)s ORDER BY position DESC LIMIT 1"
Answers = Mapping[Reference, v1.ResolveResponse | str]


class Instant(NamedTuple):
    """After a change: the time of its event, the log's position, and what every reference meant."""

    time: datetime
    position: int
    answers: Answers


@pytest.fixture(autouse=True)
def in_call() -> None:
    begin()


async def present(db: Database, workspace: str) -> Answers:
    questions = [Question(workspace, reference) for reference in REFERENCES]
    found = await db.read(lambda conn: resolving.look_up(conn, questions))
    return {
        question.reference: outcome.reason_name if isinstance(outcome, RunloreError) else outcome.response
        for question, outcome in zip(questions, found, strict=True)
    }


async def past(db: Database, workspace: str, moment: Moment) -> Answers:
    found: dict[Reference, v1.ResolveResponse | str] = {}

    async def work(conn: Connection) -> None:
        for reference in REFERENCES:
            try:
                found[reference] = await history.resolve(conn, workspace, reference, moment)
            except RunloreError as error:
                found[reference] = error.reason_name

    await db.read(work)
    return found


def without_position(answers: Answers) -> Answers:
    """The position of an answer by time is that of the model's event; of another, the log's."""
    for answer in answers.values():
        if not isinstance(answer, str):
            answer.ClearField("position")
    return answers


async def step(db: Database, workspace: str, code: int, a: int, b: int) -> bool:
    """Make the change that three numbers stand for, if it can be made; returns whether it was."""
    name, other = NAMES[a % 2], NAMES[1 - a % 2]
    try:
        model = await db.read(lambda conn: models.get(conn, workspace, name))
    except RunloreError:
        await db.write(lambda conn: models.create(conn, workspace, name, "", {}, ""))
        return True
    questions = [Question(workspace, Reference(name, version=number)) for number in range(1, model.latest_version + 1)]
    found = await db.read(lambda conn: resolving.look_up(conn, questions)) if questions else []
    there = [outcome.response.model_version for outcome in found if not isinstance(outcome, RunloreError)]
    version = there[b % len(there)] if there else v1.ModelVersion()
    alias = ALIASES[b % 2]
    change: do.Change | None = None
    if code == 0 or not there:
        change = do.add_version(status=do.PENDING if b % 3 == 0 else do.READY, tags={"born": str(b)})
    elif code == 1 and version.status == do.READY:
        change = do.set_alias(alias, version.version)
    elif code == 2 and any(held.alias == alias for held in model.aliases):
        change = do.delete_alias(alias)
    elif code == 3:
        change = do.set_stage(version.version, STAGES[a % 4], f"reason {b}")
    elif code == 4:
        change = do.update_version(version.version, description="x" * (b % 2), tags={f"t{a % 3}": str(b)})
    elif code == 5 and version.status == do.PENDING:
        change = do.update_version(version.version, status=do.READY)
    elif code == 6 and not version.aliases:
        change = do.delete_version(version.version)
    elif code == 7:
        try:
            await db.read(lambda conn: models.get(conn, workspace, other))
        except RunloreError:
            change = do.rename(other)
    elif code == 8:
        change = do.delete_model()
    if change is not None:
        await do.change(db, workspace, name, change)
    return change is not None


async def live(url: str, program: list[tuple[int, int, int]]) -> None:
    """Make changes, noting after each what every reference means, and then ask for all of those moments."""
    begin()
    workspace = f"w-{secrets.token_hex(6)}"
    db = Database(url)
    await db.open()
    try:
        instants = []
        for code, a, b in program:
            if not await step(db, workspace, code, a, b):
                continue
            await db.write(events.number_committed)
            log = await db.read(events.log)
            row = await db.read(lambda conn: queries.one(conn, LAST_EVENT, {"w": workspace}))
            instants.append(Instant(row.time, log.last_position, without_position(await present(db, workspace))))
        for instant in instants:
            assert without_position(await past(db, workspace, Moment(time=instant.time))) == instant.answers
            assert without_position(await past(db, workspace, Moment(position=instant.position))) == instant.answers
    finally:
        await db.close()


CHANGES = st.tuples(st.integers(0, 8), st.integers(0, 3), st.integers(0, 5))


@given(st.lists(CHANGES, min_size=5, max_size=18))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_past_is_what_was_answered_then(database_url: str, program: list[tuple[int, int, int]]) -> None:
    asyncio.run(live(database_url, program))


MANY = """
INSERT INTO event (resource_id, revision, position, workspace, kind, subject, version, time, hash, body)
SELECT m.model_id, m.revision + i, 100 + i, 'w', %(kind)s, 'champion', 1 + i %% 2, m.event_time + i * interval '1 ms',
       ''::bytea, convert_to('{"after":{"alias":{"alias":"champion","version":"' || 1 + i %% 2 || '"}}}', 'UTF8')
FROM registered_model m, generate_series(1, 100000) AS i
"""


async def test_a_long_history_is_not_read(db: Database) -> None:
    """A model with 100,000 moves of its champion: an answer about any moment of them looks at a few pages."""
    await db.write(lambda conn: models.create(conn, "w", "m", "", {}, ""))
    for change in (do.add_version(), do.add_version(), do.set_alias("champion", 1), do.set_alias("old", 2)):
        await do.change(db, "w", "m", change)
    await db.write(events.number_committed)
    kind = v1.EVENT_KIND_ALIAS_SET

    async def work(conn: Connection) -> None:
        await conn.execute(MANY, {"kind": kind})
        await conn.execute("UPDATE registered_model SET revision = revision + 100000")
        await conn.execute("UPDATE event_log SET last_position = 100100")
        await conn.execute("ANALYZE event")
        for i in (1, 50_000, 100_000):
            for reference in (Reference("m", "champion"), Reference("m", "old"), Reference("m", stage=LATEST)):
                before = await _pages_read(conn)
                answer = await history.resolve(conn, "w", reference, Moment(position=100 + i))
                assert await _pages_read(conn) - before < 1_000
                assert answer.head.revision == 5 + i
                assert answer.model_version.version == (1 + i % 2 if reference.alias == "champion" else 2)

    await db.read(work)


async def _pages_read(conn: Connection) -> int:
    """How many pages of the event table, and of its indexes, were looked at so far."""
    await conn.execute("SELECT pg_stat_force_next_flush()")
    statement: LiteralString = (
        "SELECT heap_blks_read + heap_blks_hit + idx_blks_read + idx_blks_hit AS pages "
        "FROM pg_statio_user_tables WHERE relname = 'event'"
    )
    return int((await queries.one(conn, statement)).pages)
