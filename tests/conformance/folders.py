"""Folders of files, made from what a case says and compared byte for byte."""

from __future__ import annotations

import base64
import random
from pathlib import Path
from typing import Any


def make(folder: Path, files: dict[str, Any]) -> None:
    """Write files by their paths: a text, or an object with one of `text`, `base64` and `size`, and `executable`."""
    folder.mkdir(parents=True, exist_ok=True)
    for path, content in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        described = {"text": content} if isinstance(content, str) else content
        file.write_bytes(_content(described))
        file.chmod(0o755 if described.get("executable") else 0o644)


def _content(described: dict[str, Any]) -> bytes:
    if "size" in described:
        return random.Random(str(described.get("seed", ""))).randbytes(int(described["size"]))
    if "base64" in described:
        return base64.b64decode(described["base64"])
    return str(described["text"]).encode()


def difference(expected: Path, actual: Path) -> str:
    """Return how the files below two folders differ, by path, bytes and whether they may be executed; empty: not."""
    if not actual.is_dir():
        return f"there is no folder {actual.name}"
    wanted, found = _files(expected), _files(actual)
    if missing := sorted(wanted.keys() - found.keys()):
        return f"'{missing[0]}' is missing"
    if further := sorted(found.keys() - wanted.keys()):
        return f"'{further[0]}' should not be there"
    for path, file in wanted.items():
        if file.read_bytes() != found[path].read_bytes():
            return f"'{path}' has other bytes"
        if bool(file.stat().st_mode & 0o100) != bool(found[path].stat().st_mode & 0o100):
            return f"'{path}' differs in whether it may be executed"
    return ""


def _files(folder: Path) -> dict[str, Path]:
    return {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if not path.is_dir()}
