"""All files of a manifest in one order, a page at a time, without reading what is not on the page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from runlore import v1
from runlore_server.db import Connection
from runlore_server.store import checks, manifests

sql = manifests.sql


@dataclass
class _Part:
    """The files of a folder from the `first`th to before the `end`th, counted over all that is below it."""

    prefix: str
    digest: bytes
    first: int
    end: int


async def page(conn: Connection, digest: str, offset: int, limit: int) -> list[v1.FileEntry]:
    """Return `limit` files from the `offset`th on, by the UTF-8 bytes of their paths. The manifest must exist."""
    files: list[v1.FileEntry] = []
    parts = [_Part("", bytes.fromhex(digest), offset, offset + limit)]
    # A level of folders at a time: the number of statements is the tree's depth, however many folders it has.
    while parts:
        outlines = await _outlines(conn, parts)
        wanted: list[tuple[_Part, list[int]]] = []
        below: list[_Part] = []
        for part in parts:
            places: list[int] = []
            for place, child in _overlapping(part, outlines[part.digest]):
                if child is None:
                    places.append(place)
                else:
                    below.append(child)
            if places:
                wanted.append((part, places))
        files += await _read(conn, wanted)
        parts = below
    files.sort(key=lambda file: file.path.encode())
    await checks.tell(conn, files)
    return files


async def _outlines(conn: Connection, parts: list[_Part]) -> dict[bytes, Any]:
    digests = list({part.digest for part in parts})
    rows = await (await conn.execute(sql.outline, {"digests": digests}, binary=True)).fetchall()
    return {bytes(row.digest): row for row in rows}


def _overlapping(part: _Part, row: Any) -> Iterator[tuple[int, _Part | None]]:
    """Yield the folder's entries that have a share in a part: their places, and for folders the part of them."""
    if row.counts is None:
        yield from ((place, None) for place in range(part.first, min(part.end, len(row.names))))
        return
    counts = iter(row.counts)
    entries = [
        (f"{name}/" if child else name, place, child, next(counts) if child else 1)
        for place, (name, child) in enumerate(zip(row.names, row.children, strict=True))
    ]
    # A folder's files stand where its name with a slash after it does: `a.txt` comes before `a/b`.
    entries.sort(key=lambda entry: entry[0].encode())
    at = 0
    for name, place, child, count in entries:
        if at >= part.end:
            return
        if at + count > part.first:
            inside = _Part(part.prefix + name, bytes(child), max(part.first - at, 0), part.end - at) if child else None
            yield place, inside
        at += count


async def _read(conn: Connection, wanted: list[tuple[_Part, list[int]]]) -> list[v1.FileEntry]:
    slices = {(part.digest, min(places), max(places)) for part, places in wanted}
    if not slices:
        return []
    digests, firsts, lasts = zip(*slices, strict=True)
    params = {"digests": list(digests), "firsts": [n + 1 for n in firsts], "lasts": [n + 1 for n in lasts]}
    rows = await (await conn.execute(sql.slices, params, binary=True)).fetchall()
    found: dict[tuple[bytes, int], list[bytes]] = {}
    for row in rows:
        # A folder that is in the tree more than once may be cut at a page's end in one place and not in another.
        key = (bytes(row.digest), row.first)
        found[key] = max(found.get(key, []), row.entries, key=len)
    files = []
    for part, places in wanted:
        first = min(places)
        entries = found[part.digest, first + 1]
        for place in places:
            entry = v1.ArtifactEntry.FromString(entries[place - first])
            entry.file.path = part.prefix + entry.name
            files.append(entry.file)
    return files
