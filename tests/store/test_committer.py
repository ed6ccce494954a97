"""The committer beside streams that go on sending while a round is under way."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, cast

from runlore import v1
from runlore_server.committer import Committer, Stream
from runlore_server.db import Connection, Database
from tests.store.calling import begin
from tests.store.reading import history
from tests.store.records import add_run


class Meanwhile:
    """A database during whose reads something else happens."""

    def __init__(self, db: Database, happens: Callable[[], None]) -> None:
        self._db, self._happens = db, happens
        self.write = db.write

    async def read(self, work: Callable[[Connection], Awaitable[Any]]) -> Any:
        found = await self._db.read(work)
        self._happens()
        return found


def send(server: Committer, stream: Stream, names: Sequence[str]) -> None:
    """Queue a frame that introduces keys, with a point of each."""
    first = len(stream.keys.names)
    stream.keys.names += names
    numbers = range(first, first + len(names))
    frame = v1.LogStreamFrame(first_point=first + 1, new_keys=names, keys=numbers, steps=numbers)
    frame.times_unix_us.extend([0] * len(names))
    frame.values.extend(map(float, numbers))
    server.put(stream, frame)


async def test_keys_that_come_during_a_round_wait_for_the_next(db: Database) -> None:
    begin()
    run = await db.write(lambda conn: add_run(conn, "w"))

    def another_key() -> None:
        send(server, stream, [f"key {len(stream.keys.names)}"])

    server = Committer(cast(Database, Meanwhile(db, another_key)))
    stream = await server.open("w", run.run_id, "w")
    send(server, stream, ["a", "b"])
    committed = 0
    for _ in range(3):
        await server.commit_queued()
        assert stream.error is None
        assert committed < stream.committed < len(stream.keys.names)
        committed = stream.committed
    assert await history(db, run.run_id) == {
        name: [(i, 0, float(i))] for i, name in enumerate(stream.keys.names[:committed])
    }
    server.close(stream)
