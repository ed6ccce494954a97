"""What references stood for when they were last pulled: what there is to boot from when the registry is down."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from runlore._cache import notes


@dataclass(frozen=True)
class LastGood:
    """The outcome of a pull."""

    reference: str
    digest: str
    #: Of a reference to a single file, its name; else empty.
    file: str
    #: Of a model: its version; else 0.
    version: int
    #: When, in seconds since the epoch.
    time: float


def load(root: Path, address: str, workspace: str, reference: str) -> LastGood | None:
    """Return the outcome of the last pull of this reference from this server, None when there was none."""
    return notes.load(LastGood, root / "last", address, workspace, reference)


def keep(root: Path, address: str, workspace: str, outcome: LastGood) -> None:
    """Remember an outcome; a cache that cannot be written to stays as it is."""
    notes.keep(outcome, root / "last", address, workspace, outcome.reference)
