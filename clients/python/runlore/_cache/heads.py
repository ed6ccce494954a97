"""The head of each registered model's history as this machine saw it last: a later answer has to go on from it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from runlore._cache import notes


@dataclass(frozen=True)
class Head:
    """The last event of a model's hash chain."""

    model_name: str
    model_id: str
    revision: int
    hash: str
    #: When it was seen, in seconds since the epoch.
    time: float


def load(root: Path, address: str, workspace: str, model_name: str) -> Head | None:
    """Return the head of a model of this server that is known, None when none is."""
    return notes.load(Head, root / "heads", address, workspace, model_name)


def keep(root: Path, address: str, workspace: str, head: Head) -> None:
    """Remember a head; a cache that cannot be written to stays as it is."""
    notes.keep(head, root / "heads", address, workspace, head.model_name)
