"""How far a search may go, and how far it goes at a time."""

from __future__ import annotations

import time
from dataclasses import dataclass


@dataclass(frozen=True)
class Budget:
    """What one search may cost."""

    #: Time that walking may take. What is begun is finished: each stretch is made for what is left.
    seconds: float = 0.08
    #: Entries that are walked at most.
    steps: int = 2_000_000


#: Entries of the first stretch, for each run that is wanted.
_FIRST = 1.5
#: How much longer a stretch may be than the one before.
_GROWTH = 8
#: A share that is taken for this at least.
_LEAST_SHARE = 0.002
#: Entries of a stretch whose time says what the next takes.
_TELLING = 1_000
#: Seconds that an entry takes: one whose run is looked at, and one that is mostly found in no sieve.
_LOOKED_AT, _SIEVED = 10e-6, 0.5e-6


class Pace:
    """The strides of a walk that looks for some runs: short at first, then as long as what was found says."""

    def __init__(self, budget: Budget, wanted: int, share: float | None = None, passing: float = 1.0) -> None:
        """Begin now. `share`: of the entries, so many pass the sieves, as far as is known; None: there are none.

        `passing`: of the runs that are looked at then, so many are taken to be found.
        """
        self._began = self._last = time.perf_counter()
        self._budget = budget
        self._wanted = wanted
        self._step_seconds = _SIEVED if share is not None else _LOOKED_AT
        self._walked = self._found = 0
        self._stride = min(int(_FIRST * wanted / max((share or 1.0) * passing, _LEAST_SHARE)), budget.steps)

    @property
    def spent(self) -> bool:
        """Whether nothing is left."""
        return self._walked >= self._budget.steps or self._seconds_left <= 0

    @property
    def _seconds_left(self) -> float:
        return self._budget.seconds - (time.perf_counter() - self._began)

    def stride(self) -> int:
        """Return how many entries to walk at once."""
        return self._stride

    def walked(self, steps: int, found: int) -> None:
        """Say how many entries were walked since the last time, and how many runs they had."""
        now = time.perf_counter()
        self._walked += steps
        self._found += found
        if steps >= _TELLING:
            # Dearer than was thought is as dear as was thought: the first stretches read what was not in memory.
            self._step_seconds = min(self._step_seconds, (now - self._last) / steps)
        self._last = now
        if steps < self._stride:
            return
        longest = self._stride * _GROWTH
        if self._found:
            # As many as what is left takes at the rate so far, and a third more.
            longest = min(longest, (self._wanted - self._found) * self._walked * 4 // (self._found * 3))
        affordable = min(int(self._seconds_left / self._step_seconds), self._budget.steps - self._walked)
        self._stride = max(min(longest, affordable), self._wanted // 2, 1)
