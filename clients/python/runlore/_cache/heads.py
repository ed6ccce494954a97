"""The head of each registered model's history as this machine saw it last: a later answer has to go on from it."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from runlore._cache import copies


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
    try:
        return Head(**json.loads(_file(root, address, workspace, model_name).read_bytes()))
    except (OSError, ValueError, TypeError):
        return None


def keep(root: Path, address: str, workspace: str, head: Head) -> None:
    """Remember a head; a cache that cannot be written to stays as it is."""
    path = _file(root, address, workspace, head.model_name)
    try:
        with copies.scratch(path) as folder:
            (folder / "new").write_text(json.dumps(asdict(head)))
            os.replace(folder / "new", path)
    except OSError:
        return


def _file(root: Path, address: str, workspace: str, model_name: str) -> Path:
    key = hashlib.sha256(f"{address}\0{workspace}\0{model_name}".encode()).hexdigest()
    return root / "heads" / f"{key}.json"
