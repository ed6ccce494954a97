"""What was read and is worth keeping, bounded by its size."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Remembered(Generic[K, V]):
    """Values by their names, none of which ever changes; the longest unread go first."""

    def __init__(self, most_bytes: int) -> None:
        """Remember so many bytes of them, as told by who keeps them."""
        self._most_bytes = most_bytes
        self._bytes = 0
        self._kept: OrderedDict[K, tuple[V, int]] = OrderedDict()

    def known(self, name: K) -> V | None:
        """Return a value if it is remembered."""
        kept = self._kept.get(name)
        if kept is None:
            return None
        self._kept.move_to_end(name)
        return kept[0]

    def keep(self, name: K, value: V, size: int) -> None:
        """Remember a value of so many bytes."""
        if name in self._kept:
            return
        self._kept[name] = (value, size)
        self._bytes += size
        while self._bytes > self._most_bytes:
            self._bytes -= self._kept.popitem(last=False)[1][1]
