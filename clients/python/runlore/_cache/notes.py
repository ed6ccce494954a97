"""Small records that are kept beside the files, each under what it is about."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from runlore._cache import copies

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Note = TypeVar("Note", bound="DataclassInstance")


def load(kind: type[Note], folder: Path, *about: str) -> Note | None:
    """Return what is kept about something, None when nothing is."""
    try:
        return kind(**json.loads(_file(folder, about).read_bytes()))
    except (OSError, ValueError, TypeError):
        return None


def keep(note: DataclassInstance, folder: Path, *about: str) -> None:
    """Keep a note in place of the one before; a cache that cannot be written to stays as it is."""
    path = _file(folder, about)
    try:
        with copies.scratch(path) as scratch:
            (scratch / "new").write_text(json.dumps(asdict(note)))
            os.replace(scratch / "new", path)
    except OSError:
        return


def _file(folder: Path, about: tuple[str, ...]) -> Path:
    return folder / f"{hashlib.sha256(chr(0).join(about).encode()).hexdigest()}.json"
