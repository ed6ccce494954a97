"""What an import did, what it had to leave behind, and in what the two sides differ."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

#: Records named for each reason, and differences described; beyond these they are only counted.
_NAMED = 1_000
_DESCRIBED = 1_000


@dataclass
class Lost:
    """Things of one kind that were not carried for one reason."""

    kind: str
    reason: str
    count: int = 0
    #: The first of them.
    names: list[str] = field(default_factory=list)


class Report:
    """Counts and lists that grow while an import runs."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        #: What the source has, by kind.
        self.found: Counter[str] = Counter()
        #: What this import wrote, by kind. Nothing, the second time.
        self.written: Counter[str] = Counter()
        #: What was compared in the end, by kind.
        self.compared: Counter[str] = Counter()
        self.differences: list[str] = []
        self.difference_count = 0
        self._lost: dict[tuple[str, str], Lost] = {}
        #: Hashes, because there may be many.
        self._seen: set[int] = set()

    @property
    def seconds(self) -> float:
        """How long it has been going on."""
        return time.monotonic() - self._began

    @property
    def lost(self) -> list[Lost]:
        """What was not carried, by kind and reason."""
        return sorted(self._lost.values(), key=lambda entry: (entry.kind, entry.reason))

    def lose(self, kind: str, name: str, reason: str, count: int = 1) -> None:
        """Say that something is not carried; saying it again changes nothing."""
        seen = hash((kind, name, reason))
        if seen in self._seen:
            return
        self._seen.add(seen)
        entry = self._lost.setdefault((kind, reason), Lost(kind, reason))
        entry.count += count
        if len(entry.names) < _NAMED:
            entry.names.append(name)

    def has_lost(self, kind: str, name: str) -> bool:
        """Whether something was said to be not carried."""
        return any(entry.kind == kind and name in entry.names for entry in self._lost.values())

    def differ(self, what: str) -> None:
        """Say in what the two sides differ."""
        self.difference_count += 1
        if len(self.differences) < _DESCRIBED:
            self.differences.append(what)

    def record(self) -> dict[str, object]:
        """Return the whole report for programs."""
        return {
            "seconds": round(self.seconds, 1),
            "found": dict(self.found),
            "written": dict(self.written),
            "compared": dict(self.compared),
            "not_carried": [
                {"kind": entry.kind, "reason": entry.reason, "count": entry.count, "names": entry.names}
                for entry in self.lost
            ],
            "equal": not self.difference_count,
            "difference_count": self.difference_count,
            "differences": self.differences,
        }

    def lines(self) -> Iterator[str]:
        """Yield the report for people."""
        yield f"{'':<22}{'at the source':>15}{'written':>15}{'compared':>15}"
        for kind in self.found | self.written | self.compared:
            counts = (self.found[kind], self.written[kind], self.compared[kind])
            yield f"{kind:<22}" + "".join(f"{count:>15,}" if count else f"{'':>15}" for count in counts)
        if self.lost:
            yield ""
            yield "not carried:"
        for entry in self.lost:
            names = ", ".join(entry.names[:3]) + (", …" if entry.count > 3 else "")
            yield f"  {entry.kind}: {entry.reason} ({entry.count:,}: {names})"
        yield ""
        if not self.compared:
            yield f"not compared; {self.seconds:.0f} s"
        elif not self.difference_count:
            yield f"equal on both sides; {self.seconds:.0f} s"
        else:
            yield f"{self.difference_count:,} differences:"
            yield from (f"  {what}" for what in self.differences[:50])
            if self.difference_count > 50:
                yield "  … (--report FILE has more)"
