"""What references stood for when they were last pulled: what there is to boot from when the registry is down."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from runlore._cache import copies


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
    try:
        return LastGood(**json.loads(_file(root, address, workspace, reference).read_bytes()))
    except (OSError, ValueError, TypeError):
        return None


def keep(root: Path, address: str, workspace: str, outcome: LastGood) -> None:
    """Remember an outcome; a cache that cannot be written to stays as it is."""
    path = _file(root, address, workspace, outcome.reference)
    try:
        with copies.scratch(path) as folder:
            (folder / "new").write_text(json.dumps(asdict(outcome)))
            os.replace(folder / "new", path)
    except OSError:
        return


def _file(root: Path, address: str, workspace: str, reference: str) -> Path:
    key = hashlib.sha256(f"{address}\0{workspace}\0{reference}".encode()).hexdigest()
    return root / "last" / f"{key}.json"
