"""Verifying hash chains: what is done behind the server's back is named, by its first event."""

from __future__ import annotations

import hashlib
import json

import psycopg
import pytest

from runlore import v1
from runlore_server import ids
from runlore_server.db import Connection, Database
from runlore_server.errors import RunloreError
from runlore_server.sequencer import Sequencer
from runlore_server.store import canonical_json, chains, models
from tests.store.calling import begin
from tests.store.records import add_moved_model

#: Another text for event 4, with the hash that belongs to it.
_FORGED = "UPDATE event SET body = %(body)s, hash = %(hash)s WHERE revision = 4"


@pytest.fixture
async def model(db: Database) -> v1.RegisteredModel:
    """A model of six events: created, two versions, three moves of its champion."""
    begin()
    made = await add_moved_model(db)
    await Sequencer(db).catch_up()
    return made


async def verified(db: Database, known: v1.ChainHead | None = None, **which: str) -> chains.Check:
    head = await db.read(lambda conn: chains.head(conn, "w", **(which or {"name": "m"})))
    check = chains.Check(head, known)
    while await db.read(check.step):
        pass
    return check


async def test_an_untouched_chain_is_good(db: Database, model: v1.RegisteredModel) -> None:
    check = await verified(db, model.head, model_id=model.model_id)
    assert (check.broken, check.event_count) == (None, 6)


@pytest.mark.parametrize(
    ("tamper", "revision", "problem"),
    [
        (
            "UPDATE event SET body = convert_to(replace(convert_from(body, 'UTF8'), 'better', 'bitter'), 'UTF8') "
            "WHERE revision = 5",
            5,
            "text does not have the recorded hash",
        ),
        ("UPDATE event SET hash = sha256('x') WHERE revision = 2", 2, "text does not have the recorded hash"),
        ("UPDATE event SET hash = NULL WHERE revision = 1", 1, "text does not have the recorded hash"),
        (_FORGED, 5, "does not follow the one before it"),
        ("DELETE FROM event WHERE revision = 4", 4, "missing"),
        ("DELETE FROM event WHERE revision = 1", 1, "missing"),
        ("DELETE FROM event", 1, "missing"),
        ("DELETE FROM event WHERE revision > 4", 5, "missing: the chain ends before"),
        (
            "INSERT INTO event (resource_id, revision, workspace, kind, subject, time, hash, body) "
            "SELECT resource_id, 7, workspace, kind, subject, time, hash, body FROM event WHERE revision = 6",
            7,
            "comes after the head",
        ),
        (
            "INSERT INTO event (resource_id, revision, workspace, kind, subject, time, hash, body) "
            "SELECT resource_id, 0, workspace, kind, subject, time, hash, body FROM event WHERE revision = 6",
            0,
            "comes before the first",
        ),
        (
            "UPDATE event SET body = e.body, hash = e.hash FROM event e WHERE event.revision = 4 AND e.revision = 6",
            4,
            "event 6 is in its place",
        ),
        (
            "UPDATE event SET revision = revision - 9 WHERE revision IN (4, 5); "
            "UPDATE event SET revision = -revision WHERE revision < 0",
            4,
            "is in its place",
        ),
        (
            "UPDATE event SET position = -position WHERE revision IN (4, 5); "
            "UPDATE event SET position = CASE revision WHEN 4 THEN 5 ELSE 4 END WHERE revision IN (4, 5)",
            5,
            "position is before",
        ),
        ("UPDATE event SET position = NULL WHERE revision = 3", 4, "position is before"),
        ("UPDATE event SET subject = 'other' WHERE revision = 5", 5, "another alias"),
        ("UPDATE event SET kind = 43 WHERE revision = 5", 5, "another kind"),
        ("UPDATE event SET time = time + interval '1 hour' WHERE revision = 6", 6, "another time"),
        ("UPDATE event SET workspace = 'v' WHERE revision = 2", 2, "another workspace"),
        ("UPDATE event SET actor = 'user:mallory' WHERE revision = 3", 3, "another actor"),
        ("UPDATE event SET version = 2 WHERE revision = 2", 2, "another version"),
        ("UPDATE event SET version = 2 WHERE revision = 6", 6, "another version"),
        ("UPDATE registered_model SET chain_hash = sha256('x')", 6, "not the head"),
        ("UPDATE registered_model SET revision = 5", 5, "not the head"),
        ("UPDATE registered_model SET revision = 7", 7, "missing: the chain ends before"),
        (
            "DELETE FROM event WHERE revision = 6; UPDATE registered_model SET revision = 5, "
            "chain_hash = (SELECT hash FROM event WHERE revision = 5)",
            6,
            "missing: the chain ends before the known head",
        ),
    ],
)
async def test_the_first_bad_event_is_named(
    db: Database, database_url: str, model: v1.RegisteredModel, tamper: str, revision: int, problem: str
) -> None:
    with psycopg.connect(database_url) as conn:
        [[body]] = conn.execute("SELECT body FROM event WHERE revision = 4").fetchall()
        forged = canonical_json.dumps({**json.loads(body), "reason": "forged"})
        values = {"body": forged, "hash": hashlib.sha256(forged).digest()} if tamper is _FORGED else None
        conn.execute(tamper.encode(), values)
    check = await verified(db, model.head)
    assert check.broken is not None
    assert check.broken.revision == revision
    assert problem in check.broken.problem
    assert check.event_count <= max(revision, 0)


async def test_a_chain_written_anew_is_good_until_a_head_of_before_is_known(
    db: Database, database_url: str, model: v1.RegisteredModel
) -> None:
    """Whoever can write the whole database can make another history, and that is what clients keep heads for."""
    with psycopg.connect(database_url) as conn:
        prev = ""
        rows = conn.execute("SELECT revision, body FROM event ORDER BY revision").fetchall()
        for revision, body in rows:
            event = {**json.loads(body), **({"prev_hash": prev} if prev else {})}
            event.update({"reason": "forged"} if revision == 4 else {})
            text = canonical_json.dumps(event)
            prev = hashlib.sha256(text).hexdigest()
            conn.execute(
                "UPDATE event SET body = %s, hash = %s WHERE revision = %s", (text, bytes.fromhex(prev), revision)
            )
        conn.execute("UPDATE registered_model SET chain_hash = %s", (bytes.fromhex(prev),))
    assert (await verified(db)).broken is None
    check = await verified(db, model.head)
    assert check.broken is not None
    assert (check.broken.revision, check.broken.problem) == (6, "the event is not the one of the known head")


async def test_what_follows_while_a_chain_is_verified_is_not_held_against_it(
    db: Database, model: v1.RegisteredModel
) -> None:
    head = await db.read(lambda conn: chains.head(conn, "w", name="m"))
    await db.write(_another_event)
    check = chains.Check(head)
    while await db.read(check.step):
        pass
    assert (check.broken, check.event_count) == (None, 6)
    assert (await verified(db, model.head)).event_count == 7


async def test_the_latest_events_may_have_no_position_yet(db: Database, model: v1.RegisteredModel) -> None:
    await db.write(_another_event)
    check = await verified(db, model.head)
    assert (check.broken, check.event_count) == (None, 7)


async def test_a_long_chain_is_read_in_pages(db: Database, model: v1.RegisteredModel) -> None:
    for _ in range(300):
        await db.write(_another_event)
    check = await verified(db, model.head)
    assert (check.broken, check.event_count) == (None, 306)
    # A break after the first page is found as well.
    await db.write(lambda conn: conn.execute(b"DELETE FROM event WHERE revision = 290"))
    check = await verified(db)
    assert check.broken == chains.Break(290, "the event is missing")


@pytest.mark.parametrize("most", [1, 2, 5, 250, 300])
async def test_a_chain_that_is_checked_in_pieces(db: Database, model: v1.RegisteredModel, most: int) -> None:
    """However it is cut, nothing is left out between the pieces."""
    for _ in range(300):
        await db.write(_another_event)
    await Sequencer(db).catch_up()

    async def pieces(known: v1.ChainHead | None = None) -> tuple[list[int], chains.Break | None]:
        ends, after = [0], None
        while True:
            head = await db.read(lambda conn: chains.head(conn, "w", name="m"))
            check = chains.Check(head, known, after=after, most=most)
            while await db.read(check.step):
                pass
            after = check.checked
            ends.append(check.event_count)
            if check.broken is not None or check.event_count == head.revision:
                return ends, check.broken

    ends, broken = await pieces(model.head)
    assert broken is None
    assert ends == [*range(0, 306, most), 306]
    other = v1.ChainHead(revision=most, hash="00" * 32)
    assert (await pieces(other))[1] == chains.Break(most, "the event is not the one of the known head", most)
    await db.write(lambda conn: conn.execute(b"DELETE FROM event WHERE revision = 290"))
    assert (await pieces())[1] == chains.Break(290, "the event is missing")


async def test_what_was_checked_before_must_still_be_there(db: Database, model: v1.RegisteredModel) -> None:
    head = await db.read(lambda conn: chains.head(conn, "w", name="m"))
    check = chains.Check(head, most=4)
    assert not await db.read(check.step)
    await db.write(lambda conn: conn.execute(b"UPDATE event SET body = body || ' ' WHERE revision = 4"))
    again = chains.Check(head, after=check.checked)
    assert not await db.read(again.step)
    assert again.broken is not None
    assert (again.broken.revision, again.broken.problem) == (4, "the event is not the one that was checked before")


@pytest.mark.parametrize("which", [{"name": "other"}, {"model_id": ids.new()}, {"name": "m", "workspace": "v"}])
async def test_an_unknown_model_is_refused(db: Database, model: v1.RegisteredModel, which: dict[str, str]) -> None:
    workspace = which.pop("workspace", "w")
    with pytest.raises(RunloreError) as refused:
        await db.read(lambda conn: chains.head(conn, workspace, **which))
    assert refused.value.reason_name == "MODEL_NOT_FOUND"


async def _another_event(conn: Connection) -> None:
    locked = await models.lock(conn, "w", "m")
    await models.append_event(conn, locked, kind=v1.EVENT_KIND_MODEL_UPDATED, request_id="")
