"""The installed packages, as text that pip can read."""

from __future__ import annotations

import functools
import json
import os
import platform
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from runlore._context.masking import without_credentials

if TYPE_CHECKING:
    from importlib import metadata

_FIELD = re.compile(r"^(Name|Version):[ \t]*(\S+)", re.M)


def write(folder: Path) -> dict[str, str]:
    """Write `packages.txt`, one line a distribution, sorted; there are no tags about it."""
    places = tuple((entry, _changed(entry)) for entry in sys.path)
    (folder / "packages.txt").write_text(_listed(places), encoding="utf-8")
    return {}


@functools.lru_cache(maxsize=1)
def _listed(places: tuple[tuple[str, int], ...]) -> str:
    """Return the list; found out anew when a folder of `sys.path` has changed."""
    # Only needed here, on the thread behind the run.
    from importlib import metadata

    lines: dict[str, str] = {}
    for distribution in metadata.distributions(path=[entry for entry, _ in places]):
        found = _line(distribution)
        if found is not None:
            # The first on the path is the one that is imported.
            lines.setdefault(*found)
    header = f"# {platform.python_implementation()} {platform.python_version()}"
    return "\n".join([header, *(lines[name] for name in sorted(lines))]) + "\n"


def _line(distribution: metadata.Distribution) -> tuple[str, str] | None:
    # Only the fields: parsing all of it, long descriptions included, takes ten times as long.
    text = distribution.read_text("METADATA") or distribution.read_text("PKG-INFO") or ""
    fields = dict(reversed(_FIELD.findall(text.partition("\n\n")[0])))
    name, version = fields.get("Name"), fields.get("Version")
    if not name or not version:
        return None
    key = re.sub(r"[-_.]+", "-", name).lower()
    return key, f"{name}=={version}{_source(distribution)}"


def _source(distribution: metadata.Distribution) -> str:
    """Return as a comment where a package came from that no index has (PEP 610)."""
    try:
        origin = json.loads(distribution.read_text("direct_url.json") or "{}")
        url = without_credentials(str(origin.get("url", "")))
        commit = origin.get("vcs_info", {}).get("commit_id", "")
        editable = origin.get("dir_info", {}).get("editable", False)
    except (ValueError, AttributeError):
        return ""
    if not url:
        return ""
    return f"  # {'editable ' if editable else ''}from {url}{f'@{commit}' if commit else ''}"


def _changed(entry: str) -> int:
    try:
        return os.stat(entry or ".").st_mtime_ns
    except OSError:
        return 0
