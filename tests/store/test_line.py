"""A line answers what it was asked or says that it cannot, whatever happens to its connection."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import psycopg
import pytest

from runlore_server.db import Database
from runlore_server.line import Line

STATEMENT = "SELECT $1::int4 AS asked, pg_backend_pid(), NULL::text, pg_sleep($2::float8) WHERE $1::int4 > 0"


@pytest.fixture
async def line(database_url: str) -> AsyncIterator[Line]:
    database = Database(database_url)
    line = database.line(STATEMENT)
    await line.connect()
    yield line
    await database.close()


async def ask(line: Line, number: int, sleep: float = 0.0) -> tuple[int, int]:
    """The number that comes back, and who answered. Connects first where it must."""
    row = await line.ask(b"%d" % number, b"%f" % sleep)
    while row is None:
        await line.connect()
        row = await line.ask(b"%d" % number, b"%f" % sleep)
    assert row[2] == b""
    return int(row[0]), int(row[1])


def end(database_url: str, pid: int) -> None:
    with psycopg.connect(database_url, autocommit=True) as conn:
        assert conn.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,)).fetchone() == (True,)


async def test_questions_get_their_answers_from_one_connection(line: Line) -> None:
    answers = [await ask(line, number) for number in (3, 1, 2)]
    assert [number for number, _ in answers] == [3, 1, 2]
    assert len({pid for _, pid in answers}) == 1
    assert await line.ask(b"0", b"0") == [], "no row"


async def test_it_connects_while_it_says_that_it_cannot_answer(database_url: str) -> None:
    line = Line(database_url, STATEMENT, 600.0)
    assert await line.ask(b"7", b"0") is None
    async with asyncio.timeout(30):
        while (row := await line.ask(b"7", b"0")) is None:  # noqa: ASYNC110 - nothing tells
            await asyncio.sleep(0.01)
    assert row[0] == b"7"
    await line.close()
    assert await line.ask(b"7", b"0") is None
    await asyncio.sleep(0)
    assert await line.ask(b"7", b"0") is None, "closed for good"


async def test_a_question_of_megabytes_is_sent_while_the_socket_takes_it(database_url: str) -> None:
    line = Line(database_url, "SELECT length($1::text)", 600.0)
    await line.connect()
    for size in (8_000_000, 3):
        assert await line.ask(b"x" * size) == [b"%d" % size]
    await line.close()


async def test_a_connection_that_has_lived_long_is_replaced(database_url: str) -> None:
    line = Line(database_url, STATEMENT, 0.0)
    await line.connect()
    assert await line.ask(b"7", b"0") is None
    number, _ = await ask(Line(database_url, STATEMENT, 600.0), 7)
    assert number == 7
    await line.close()


async def test_a_connection_that_was_lost_while_idle_is_replaced(line: Line, database_url: str) -> None:
    _, pid = await ask(line, 1)
    end(database_url, pid)
    number, another = await ask(line, 2)
    assert (number, another != pid) == (2, True)


async def test_a_question_under_way_is_not_answered_when_its_connection_is_lost(line: Line, database_url: str) -> None:
    _, pid = await ask(line, 1)
    asking = asyncio.create_task(line.ask(b"2", b"60"))
    await asyncio.sleep(0)
    await asyncio.to_thread(end, database_url, pid)
    assert await asking is None
    assert (await ask(line, 3))[0] == 3


async def test_an_answer_that_nobody_waits_for_is_nobody_elses(line: Line) -> None:
    _, pid = await ask(line, 1)
    asking = asyncio.create_task(line.ask(b"2", b"0.05"))
    await asyncio.sleep(0)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    number, another = await ask(line, 3)
    assert (number, another != pid) == (3, True)


async def test_what_the_database_refuses_is_not_answered_and_does_no_lasting_harm(line: Line) -> None:
    assert await line.ask(b"no number", b"0") is None
    assert (await ask(line, 4))[0] == 4


async def test_a_line_that_is_closed_leaves_its_question(line: Line) -> None:
    asking = asyncio.create_task(line.ask(b"2", b"60"))
    await asyncio.sleep(0)
    await line.close()
    assert await asking is None


async def test_no_database_is_no_answer(tmp_path: object) -> None:
    line = Line(f"postgresql://nobody@/none?host={tmp_path}", STATEMENT, 600.0)
    for _ in range(3):
        assert await line.ask(b"1", b"0") is None
        await line.connect()
    await line.close()
