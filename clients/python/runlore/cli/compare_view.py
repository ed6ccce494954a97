"""Two versions side by side: records in, plain data or lines out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from runlore import v1
from runlore._origin import Context, comparable, data
from runlore._words import reference
from runlore.cli import artifacts_view, output
from runlore.comparing import SideBySide

_PARTS = ("params", "metrics", "evaluations", "code", "data", "environment", "packages")


@dataclass(frozen=True)
class Side:
    """One of the two."""

    version: v1.ModelVersion
    #: The one recorded last first.
    evaluations: Sequence[v1.Evaluation]
    files: Sequence[v1.FileEntry]
    context: Context
    #: Versions of the installed packages.
    packages: Mapping[str, str]


def compare(old: Side, new: Side) -> dict[str, Any]:
    """Return what differs, by part and key as [old, new] (null: it has none), and how many keys are the same."""
    found: dict[str, Any] = {"old": reference(old.version), "new": reference(new.version), "same_keys": {}}
    for part, before, after in zip(_PARTS, _parts(old), _parts(new), strict=True):
        sides = SideBySide.of([before, after])
        found[part] = {key: list(pair) for key, pair in sides.different.items()}
        found["same_keys"][part] = len(sides.same)
    found["files"] = artifacts_view.changes(old.files, new.files)
    found["same"] = found["files"]["same"] and not any(found[part] for part in _PARTS)
    return found


def lines(found: dict[str, Any]) -> list[str]:
    """Return a comparison as lines."""
    lines = [f"{output.strong(output.clean(found['old']))} -> {output.strong(output.clean(found['new']))}"]
    for part in _PARTS:
        same = found["same_keys"][part]
        if not same and not found[part]:
            continue
        lines += ["", output.strong(part) + output.faint(f" ({same} the same)")]
        rows = [[output.clean(key), *_cells(part, *pair)] for key, pair in found[part].items()]
        shown = output.table(
            ["key", "old", "new", ""], rows, right=[1, 2] if part in ("metrics", "evaluations") else []
        )
        lines += [f"  {line}" for line in (shown if rows else ["no difference"])]
    lines += ["", output.strong("files"), *(f"  {line}" for line in artifacts_view.changes_lines(found["files"]))]
    return lines


def _parts(side: Side) -> tuple[Mapping[str, Any], ...]:
    evidence = side.version.evidence
    # The latest of each metric and data.
    evaluated: dict[str, float | str] = {}
    for e in side.evaluations:
        on = e.dataset_name or e.dataset_digest[:12]
        evaluated.setdefault(f"{e.key} on {on}" if on else e.key, _number(e.value))
    return (
        dict(evidence.params),
        {m.key: _number(m.last) for m in evidence.metrics},
        evaluated,
        comparable(side.context.code),
        data(evidence.dataset_inputs),
        comparable(side.context.surroundings),
        side.packages,
    )


def _number(value: float) -> float | str:
    """Return a number as JSON can say it; NaN would not even be equal to itself."""
    return value if value - value == 0 else str(value)


def _cells(part: str, old: Any, new: Any) -> list[str]:
    if part in ("metrics", "evaluations"):
        change = f"{new - old:+.6g}" if isinstance(old, float) and isinstance(new, float) else ""
        return [_shown(old), _shown(new), change]
    return [_shown(old), _shown(new), ""]


def _shown(value: Any) -> str:
    if value is None:
        return output.faint("none")
    return output.number(value) if isinstance(value, float) else output.clean(str(value))
