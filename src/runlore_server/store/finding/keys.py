"""The small numbers by which the search index knows keys and experiments."""

from __future__ import annotations

from enum import IntEnum

from runlore_server.store import search

#: Characters of a text that the index has: as many as an order looks at. The rest is looked at in the run.
PREFIX = int(search.ORDERED_CHARACTERS)


class KeyKind(IntEnum):
    """What a key belongs to: `search_key.kind`."""

    EXPERIMENT = 0
    PARAM = 1
    TAG = 2
    ATTRIBUTE = 3
    METRIC = 4


class Keys:
    """The numbers of the keys that one search names. A key that no indexed run has has none."""

    def __init__(self, numbers: dict[tuple[int, str], int]) -> None:
        """`numbers`: by kind and key."""
        self._numbers = numbers

    def number(self, kind: KeyKind, key: str) -> int | None:
        """Return a key's number."""
        return self._numbers.get((kind, key))
