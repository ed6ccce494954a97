"""What DVC has recorded of a tracked path: `<path>.dvc` beside it, or a `dvc.lock` above it. DVC itself is not needed.

Both are YAML as DVC writes it: block style, scalars on one line. This reads what it needs of that, and no other YAML.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from runlore.errors import invalid_field

#: One entry of `outs` or `deps`.
Entry = Mapping[str, str]


def find(path: Path) -> tuple[Path, Entry]:
    """Return the tracked path and DVC's record of it; raises InvalidArgumentError, FileNotFoundError."""
    if path.suffix == ".dvc":
        tracked, record = path.with_suffix(""), path
    else:
        tracked, record = path, path.with_name(f"{path.name}.dvc")
    if record.is_file():
        for entry in _entries(record.read_text(encoding="utf-8"), "outs"):
            return tracked, _checked(entry, record)
        raise invalid_field("path", f"'{record}' has no outs: is it a file that `dvc add` wrote?")
    for lock in _locks(tracked):
        text = lock.read_text(encoding="utf-8")
        for entry in (*_entries(text, "outs"), *_entries(text, "deps")):
            if os.path.abspath(lock.parent / entry.get("path", "")) == os.path.abspath(tracked):
                return tracked, _checked(entry, lock)
    raise FileNotFoundError(f"DVC tracks no '{tracked}': there is no '{record.name}' and no dvc.lock that names it")


def _checked(entry: Entry, record: Path) -> Entry:
    if not entry.get("md5"):
        raise invalid_field("path", f"'{record}' has no md5 for it: commit it with DVC first")
    return entry


def _locks(path: Path) -> Iterator[Path]:
    for folder in Path(os.path.abspath(path)).parents:
        lock = folder / "dvc.lock"
        if lock.is_file():
            yield lock
        if (folder / ".dvc").is_dir():
            return


def _entries(text: str, section: str) -> list[dict[str, str]]:
    """Return the mappings in every list under a key `section`."""
    found: list[dict[str, str]] = []
    #: Indents of the section's key, of its items' dashes and of the keys in them; None outside.
    of_section: int | None = None
    of_items = of_keys = -1
    for line in text.splitlines():
        content = line.strip()
        if not content or content.startswith("#"):
            continue
        indent = len(line) - len(line.lstrip(" "))
        is_item = content.startswith("- ")
        if of_section is not None and (indent > of_section or (indent == of_section and is_item)):
            if is_item and of_items in (-1, indent):
                rest = content[2:].lstrip()
                of_items = indent
                indent = of_keys = indent + len(content) - len(rest)
                content = rest
                found.append({})
            key, colon, value = content.partition(":")
            if found and colon and indent == of_keys:
                found[-1][key.strip()] = _scalar(value.strip())
            continue
        of_section = None
        if content == f"{section}:":
            of_section, of_items, of_keys = indent, -1, -1
    return found


def _scalar(text: str) -> str:
    if len(text) > 1 and text[0] == text[-1] == "'":
        return text[1:-1].replace("''", "'")
    if len(text) > 1 and text[0] == text[-1] == '"':
        try:
            return str(json.loads(text))
        except ValueError:
            return text[1:-1]
    return text
