"""Pages of the event log: filters, both directions, sizes, and what is pruned."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runlore import v1
from runlore_server.db import Database
from runlore_server.errors import RunloreError
from runlore_server.housekeeping import Housekeeping
from runlore_server.policy import Policy
from runlore_server.sequencer import Sequencer
from runlore_server.store import event_pages, events, models, runs
from runlore_server.store.event_pages import Stored, Wanted
from tests.store.calling import begin
from tests.store.records import add_moved_model, add_run
from tests.store.test_events import tag

_DAY = timedelta(days=1)


@pytest.fixture
async def model(db: Database) -> v1.RegisteredModel:
    """Events 1 to 6 of a model by alice, 7 to 10 of an experiment and a run by bob, 11 of another workspace."""
    begin()
    made = await add_moved_model(db)
    begin("bob")
    run = await db.write(lambda conn: add_run(conn, "w"))
    for value in "ab":
        await db.write(lambda conn, value=value: tag(conn, run, value))
    await db.write(lambda conn: models.create(conn, "v", "m", "", {}, ""))
    await Sequencer(db).catch_up()
    return made


async def numbers(db: Database, wanted: Wanted, limit: int = 1_000, **which: object) -> list[int]:
    """The numbers of what is wanted, gathered page by page."""
    found: list[int] = []
    more = True
    backwards = bool(which.get("newest_first"))
    while more:
        page, more = await db.read(lambda conn: event_pages.page(conn, wanted, limit=limit, **which))  # type: ignore[arg-type]
        found += [event.number for event in page]
        if more:
            which["upto" if backwards else "after"] = found[-1] - backwards
    return found


@pytest.mark.parametrize("limit", [1, 2, 1_000])
@pytest.mark.parametrize("newest_first", [False, True])
async def test_filters(db: Database, model: v1.RegisteredModel, limit: int, newest_first: bool) -> None:
    moves = frozenset({v1.EVENT_KIND_ALIAS_SET})
    of_model = Wanted("w", model.model_id, is_model=True)
    wanted: list[tuple[Wanted, Sequence[int]]] = [
        (Wanted(), range(1, 12)),
        (Wanted("w"), range(1, 11)),
        (Wanted("v"), [11]),
        (Wanted("nobody"), []),
        (of_model, range(1, 7)),
        (Wanted("v", model.model_id, is_model=True), []),
        (Wanted("w", kinds=moves), [4, 5, 6]),
        (Wanted("w", kinds=moves | {v1.EVENT_KIND_RUN_CREATED}), [4, 5, 6, 8]),
        (Wanted("w", model.model_id, is_model=True, alias="champion"), [4, 5, 6]),
        (Wanted("w", model.model_id, is_model=True, alias="other"), []),
        (Wanted("w", actor="user:alice"), range(1, 7)),
        (Wanted("w", actor="user:bob"), range(7, 11)),
        (Wanted("w", actor="bob"), []),
    ]
    for which, expected in wanted:
        found = await numbers(db, which, limit, newest_first=newest_first)
        assert found == (list(expected)[::-1] if newest_first else list(expected)), which


async def test_positions_bound_a_page(db: Database, model: v1.RegisteredModel) -> None:
    assert await numbers(db, Wanted("w"), after=3, upto=8) == [4, 5, 6, 7, 8]
    assert await numbers(db, Wanted("w"), 2, after=3, upto=8, newest_first=True) == [8, 7, 6, 5, 4]


async def test_times_bound_a_page(db: Database, database_url: str, model: v1.RegisteredModel) -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    with psycopg.connect(database_url) as conn:
        conn.execute("UPDATE event SET time = %s + position * interval '1 day'", (start,))
    assert await numbers(db, Wanted("w", since=start + 3 * _DAY)) == list(range(3, 11))
    assert await numbers(db, Wanted("w", until=start + 3 * _DAY)) == [1, 2]
    assert await numbers(db, Wanted("w", since=start + 3 * _DAY, until=start + 5 * _DAY)) == [3, 4]


async def test_the_actor_of_an_event_that_an_earlier_version_wrote(
    db: Database, database_url: str, model: v1.RegisteredModel
) -> None:
    anonymous = v1.Actor(id="anonymous")
    assert await numbers(db, Wanted("w", actor="user:alice")) == list(range(1, 7))
    with psycopg.connect(database_url) as conn:
        conn.execute("UPDATE event SET actor = NULL")
        conn.execute(
            "UPDATE event SET body = %s WHERE position = 10",
            (events.canonical(v1.Event(actor=anonymous, reason="\0 and \\u0000")),),
        )
    assert await numbers(db, Wanted("w", actor="user:alice")) == list(range(1, 7))
    assert await numbers(db, Wanted("w", actor="user:bob")) == [7, 8, 9]
    assert await numbers(db, Wanted("w", actor="anonymous")) == [10]


async def test_a_page_ends_early_when_it_is_large(db: Database, model: v1.RegisteredModel) -> None:
    whole, more = await db.read(lambda conn: event_pages.page(conn, Wanted(), limit=11))
    assert (len(whole), more) == (11, False)
    size = len(whole[0].body) + len(whole[1].body)
    for most, expected in ((1, 1), (len(whole[0].body), 1), (size - 1, 2), (size, 2), (size + 1, 3)):
        page, more = await db.read(lambda conn, most=most: event_pages.page(conn, Wanted(), limit=11, max_bytes=most))
        assert (len(page), more) == (expected, True)


_STORED = st.builds(
    Stored,
    number=st.integers(1, 9),
    resource_id=st.sampled_from(["a", "b"]),
    workspace=st.sampled_from(["w", "v"]),
    kind=st.sampled_from([40, 42, 22]),
    subject=st.sampled_from(["", "champion"]),
    hash=st.none(),
    body=st.just(b"{}"),
)
_WANTED = st.builds(
    Wanted,
    workspace=st.sampled_from(["w", "v"]),
    kinds=st.frozensets(st.sampled_from([40, 42, 22])),
    alias=st.sampled_from(["", "champion"]),
)


@given(_STORED, _WANTED)
def test_what_is_handed_out_is_what_a_page_has(event: Stored, wanted: Wanted) -> None:
    """`has` and the conditions of a page say the same; this is the same again in Python's words."""
    expected = all(
        (
            event.workspace == wanted.workspace,
            event.kind in wanted.kinds or wanted.kinds == frozenset(),
            wanted.alias in ("", event.subject),
        )
    )
    assert wanted.has(event) == expected


def test_the_kinds_of_the_registry_are_those_that_no_retention_covers() -> None:
    names = {v1.EventKind.Name(number).removeprefix("EVENT_KIND_") for number in event_pages.REGISTRY_KINDS}
    registry = {"MODEL", "ALIAS", "STAGE", "EVALUATION"}
    every = {name.removeprefix("EVENT_KIND_") for name in v1.EventKind.keys()}  # noqa: SIM118 - not a dict
    assert names == {name for name in every if name.split("_")[0] in registry}


async def age(database_url: str, days: int, upto: int) -> None:
    """Let the events up to a number be so old."""
    with psycopg.connect(database_url) as conn:
        conn.execute("UPDATE event SET time = time - make_interval(days => %s) WHERE position <= %s", (days, upto))


async def pruned(db: Database, days: int = 10, limit: int = 2_000) -> int:
    """Prune all that is past its retention; returns up to where."""
    while await db.write(lambda conn: event_pages.prune(conn, days, limit)):
        pass
    return (await db.read(events.log)).pruned_position


@pytest.mark.parametrize("limit", [1, 3, 2_000])
async def test_pruning_takes_old_tracking_events_and_nothing_else(
    db: Database, database_url: str, model: v1.RegisteredModel, limit: int
) -> None:
    assert await pruned(db, limit=limit) == 0
    await age(database_url, 11, upto=8)
    assert await pruned(db, limit=limit) == 8
    assert await numbers(db, Wanted()) == [1, 2, 3, 4, 5, 6, 9, 10, 11]
    assert await pruned(db, limit=limit) == 8
    await age(database_url, 11, upto=11)
    assert await pruned(db, limit=limit) == 11
    assert await numbers(db, Wanted()) == [1, 2, 3, 4, 5, 6, 11]
    # The log goes on where it was, and a run goes on with its revisions.
    run = await db.write(lambda conn: add_run(conn, "w", "another"))
    await db.write(lambda conn: tag(conn, run, "x"))
    await Sequencer(db).catch_up()
    assert (await numbers(db, Wanted()))[-3:] == [12, 13, 14]


async def test_pruning_stops_at_the_first_event_that_is_younger(
    db: Database, database_url: str, model: v1.RegisteredModel
) -> None:
    """Positions are nearly in the order of times: what is committed late has an earlier time than what precedes it."""
    await age(database_url, 11, upto=11)
    await age(database_url, -11, upto=7)
    assert await pruned(db) == 0
    with psycopg.connect(database_url) as conn:
        conn.execute("UPDATE event SET time = time - interval '30 days' WHERE position < 9")
        conn.execute("UPDATE event SET time = now() WHERE position = 9")
    assert await pruned(db) == 8
    assert await numbers(db, Wanted()) == [1, 2, 3, 4, 5, 6, 9, 10, 11]


async def test_several_servers_prune_at_once(
    servers: list[Database], db: Database, database_url: str, model: v1.RegisteredModel
) -> None:
    await age(database_url, 11, upto=10)
    for server in servers:
        assert await pruned(server, limit=2) == 10
    assert await numbers(db, Wanted()) == [1, 2, 3, 4, 5, 6, 11]


async def test_a_position_before_what_was_pruned_is_refused_only_for_tracking_events(
    db: Database, database_url: str, model: v1.RegisteredModel
) -> None:
    await age(database_url, 11, upto=8)
    await pruned(db)
    log = await db.read(events.log)
    registry = [
        Wanted("w", model.model_id, is_model=True),
        Wanted("w", kinds=event_pages.REGISTRY_KINDS),
        Wanted("w", kinds=frozenset({v1.EVENT_KIND_ALIAS_SET})),
    ]
    tracking = [
        Wanted("w"),
        Wanted("w", "0" * 32),
        Wanted("w", kinds=frozenset({v1.EVENT_KIND_ALIAS_SET, v1.EVENT_KIND_RUN_CREATED})),
    ]
    for wanted in registry:
        await db.read(lambda conn, wanted=wanted: event_pages.check_kept(conn, "f", wanted, 0))
    for wanted in tracking:
        with pytest.raises(RunloreError) as refused:
            await db.read(lambda conn, wanted=wanted: event_pages.check_kept(conn, "f", wanted, 7))
        assert refused.value.reason_name == "POSITION_EXPIRED"
        oldest = log.number("f", refused.value.metadata["oldest_position"])
        await db.read(lambda conn, wanted=wanted, oldest=oldest: event_pages.check_kept(conn, "f", wanted, oldest))


async def test_the_id_of_a_purged_run_is_taken_while_it_has_events(
    db: Database, database_url: str, model: v1.RegisteredModel
) -> None:
    run = await db.write(lambda conn: add_run(conn, "w", "another"))
    await db.write(lambda conn: tag(conn, run, "x"))
    await Sequencer(db).catch_up()
    with psycopg.connect(database_url) as conn:
        conn.execute("DELETE FROM run WHERE run_id = %s", (run.run_id,))
    await age(database_url, 11, upto=13)
    assert await pruned(db) == 13
    assert await db.read(lambda conn: runs.id_is_taken(conn, run.run_id))
    await age(database_url, 11, upto=14)
    assert await pruned(db) == 14
    assert not await db.read(lambda conn: runs.id_is_taken(conn, run.run_id))
    await db.write(lambda conn: runs.create(conn, run, None, ""))


async def test_housekeeping_prunes_as_the_policy_says(
    db: Database, database_url: str, model: v1.RegisteredModel
) -> None:
    await age(database_url, 11, upto=10)
    for days, left in ((0, 11), (12, 11), (10, 7)):
        await Housekeeping(db, Policy(keep_events=days), Sequencer(db)).prune_events()
        assert len(await numbers(db, Wanted())) == left
