"""Records side by side: what differs, what is the same, and whose metrics are best. Works on what was fetched."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, TypeVar

from runlore import _words, v1
from runlore.errors import invalid_field

T = TypeVar("T")

#: Metrics with the direction in which they get better: `{"val_auc": "max"}`, "max:val_auc" or several such words.
Best = Mapping[str, str] | str | Iterable[str]


@dataclass(frozen=True)
class SideBySide(Generic[T]):
    """Records with keys, such as the params of several runs, compared key by key."""

    #: The keys that are not the same in all records, in order, with the value of each record; None: it has none.
    different: dict[str, tuple[T | None, ...]]
    #: The others, with their one value.
    same: dict[str, T]

    @classmethod
    def of(cls, records: Sequence[Mapping[str, T]]) -> SideBySide[T]:
        """Compare them."""
        rows = {key: tuple(r.get(key) for r in records) for key in sorted({key for r in records for key in r})}
        different = {key: row for key, row in rows.items() if any(value != row[0] for value in row)}
        return cls(different, {key: row[0] for key, row in rows.items() if key not in different})  # type: ignore[misc]


#: The parts of a Comparison that are texts by key, in the order in which they are shown.
PARTS: tuple[Literal["params", "code", "data", "environment", "packages"], ...] = (
    "params",
    "code",
    "data",
    "environment",
    "packages",
)


@dataclass(repr=False)
class Compared:
    """Runs side by side; wherever something is listed for each run, it is in the order of `runs`."""

    #: The runs as they were when they were compared.
    runs: list[v1.Run]
    params: SideBySide[str]
    #: Of the context that was captured: commit, branch, uncommitted changes (`git.diff`: their digest), command.
    code: SideBySide[str]
    #: Digests of the datasets read, by what for and name.
    data: SideBySide[str]
    #: Of the context too: Python, host, GPU and so on.
    environment: SideBySide[str]
    #: Versions of the installed packages.
    packages: SideBySide[str]
    #: The direction, "max" or "min", of the metrics of which it is known.
    directions: dict[str, str] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"<Comparison of {', '.join(self.labels)}: {len(self.params.different)} params differ>"

    @property
    def labels(self) -> list[str]:
        """What to call each run: its name, with the end of its id when another has the same name."""
        return labels(self.runs)

    @property
    def metrics(self) -> dict[str, tuple[v1.MetricSummary | None, ...]]:
        """Every metric of any run by key: the summary that each run has of it, or None."""
        by_key = [{m.key: m for m in run.metrics} for run in self.runs]
        return {key: tuple(m.get(key) for m in by_key) for key in sorted({key for m in by_key for key in m})}

    def best(self, key: str) -> list[int]:
        """Return which runs have the best last value of a metric, from 0; none when its direction is not known.

        Several when they are equal. NaN is never best.
        """
        direction = self.directions.get(key)
        found = [(i, m.last) for i, m in enumerate(self.metrics.get(key, ())) if m is not None and m.last == m.last]
        if direction is None or not found:
            return []
        top = max(value for _, value in found) if direction == "max" else min(value for _, value in found)
        return [i for i, value in found if value == top]

    def record(self) -> dict[str, Any]:
        """Return it as JSON can say it: what differs by key, then by run id; what is the same by key."""
        from google.protobuf.json_format import MessageToDict

        ids = [run.run_id for run in self.runs]
        found: dict[str, Any] = {"runs": ids}
        for part in PARTS:
            sides: SideBySide[str] = getattr(self, part)
            found[part] = {
                key: {run_id: value for run_id, value in zip(ids, row, strict=True) if value is not None}
                for key, row in sides.different.items()
            }
        found["metrics"] = {
            key: {
                run_id: MessageToDict(m, preserving_proto_field_name=True, always_print_fields_with_no_presence=True)
                for run_id, m in zip(ids, row, strict=True)
                if m is not None
            }
            for key, row in self.metrics.items()
        }
        found["best"] = {
            key: {"direction": direction, "run_ids": [ids[i] for i in self.best(key)]}
            for key, direction in self.directions.items()
        }
        found["same"] = {part: getattr(self, part).same for part in PARTS}
        return found


def labels(runs: Sequence[v1.Run]) -> list[str]:
    """Return what to call each run: its name, with the end of its id when another has the same name."""
    names = Counter(run.name for run in runs)
    return [f"{run.name} {run.run_id[-6:]}" if names[run.name] > 1 else run.name for run in runs]


def directions(best: Best | None) -> dict[str, str]:
    """Return the directions that `best=` says; raises InvalidArgumentError."""
    if best is None:
        return {}
    if isinstance(best, Mapping):
        words = [f"{direction}:{key}" for key, direction in best.items()]
    else:
        words = [best] if isinstance(best, str) else list(best)
    found: dict[str, str] = {}
    for word in words:
        key, direction = _words.metric_of("best", word)
        said = "max" if direction == v1.DIRECTION_MAXIMIZE else "min"
        if found.setdefault(key, said) != said:
            raise invalid_field("best", f"says both max:{key} and min:{key}: give one of them")
    return found
