"""What searches remember of the index, so that they need not ask for it again."""

from __future__ import annotations

import time
from collections.abc import Hashable, Iterable

from runlore_server.db import Connection
from runlore_server.store import queries
from runlore_server.store.finding.keys import KeyKind, Keys

sql = queries.load("finding")

#: Keys, and large sets, that are remembered.
_REMEMBERED = 20_000
#: Seconds for which a set is taken for large.
_LARGE_SECONDS = 60.0


class Known:
    """Numbers of keys, and which sets are large. Nothing that is found depends on the latter, only how."""

    def __init__(self) -> None:
        """Know nothing."""
        self._numbers: dict[tuple[str, int, str], int] = {}
        self._large: dict[Hashable, float] = {}

    async def numbers(self, conn: Connection, workspace: str, wanted: Iterable[tuple[KeyKind, str]]) -> Keys:
        """Return the numbers of the keys that have one. A number never means another key."""
        pairs = list(dict.fromkeys((int(kind), key) for kind, key in wanted))
        numbers = {pair: self._numbers.get((workspace, *pair)) for pair in pairs}
        unknown = [pair for pair, number in numbers.items() if number is None]
        if unknown:
            params = {
                "workspace": workspace,
                "kinds": [kind for kind, _ in unknown],
                "keys": [key for _, key in unknown],
            }
            found = {(row.kind, row.key): row.key_no for row in await queries.every(conn, sql.keys, params)}
            numbers |= found
            if len(self._numbers) > _REMEMBERED:
                self._numbers.clear()
            self._numbers |= {(workspace, *pair): number for pair, number in found.items()}
        return Keys({pair: number for pair, number in numbers.items() if number is not None})

    def is_large(self, name: Hashable) -> bool:
        """Whether a set was large a short while ago."""
        return self._large.get(name, 0.0) > time.monotonic()

    def add_large(self, name: Hashable) -> None:
        """Say that a set is large."""
        if len(self._large) > _REMEMBERED:
            self._large.clear()
        self._large[name] = time.monotonic() + _LARGE_SECONDS
