"""What fsck reads of the database: every tree, and every blob that it believes to be stored."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

from runlore import v1
from runlore.manifest import Tree
from runlore_server.db import Connection, Database
from runlore_server.store import queries

sql = queries.load("fsck")

_TREES_AT_ONCE = 200
_BLOBS_AT_ONCE = 10_000
_OWNERS = 10


@dataclass
class Folder:
    """A stored folder of a manifest."""

    digest: str
    #: The digest that its entries have.
    actual_digest: str
    children: list[str]
    files: dict[str, v1.FileEntry]


async def folders(db: Database) -> AsyncIterator[Folder]:
    """Yield every folder of every manifest."""
    after = b""
    while True:
        params = {"after": after, "limit": _TREES_AT_ONCE}
        rows = await db.read(lambda conn, params=params: queries.every(conn, sql.trees, params))  # type: ignore[misc]
        for row in rows:
            tree, below = Tree(), {}
            for data in row.entries:
                entry = v1.ArtifactEntry.FromString(data)
                if entry.HasField("file"):
                    tree.files[entry.name] = entry.file
                else:
                    below[entry.name] = entry.folder
            named = dict(zip(row.names, row.children, strict=True))
            children = {name: bytes(child).hex() for name, child in named.items() if child is not None}
            actual = tree.manifest_over(below)
            agrees = (
                sorted([*tree.files, *below]) == sorted(named)
                and {name: manifest.digest for name, manifest in below.items()} == children
                and (actual.size, actual.file_count) == (row.size, row.file_count)
            )
            digest = bytes(row.digest).hex()
            yield Folder(digest, actual.digest if agrees else "", list(children.values()), tree.files)
        if len(rows) < _TREES_AT_ONCE:
            return
        after = rows[-1].digest


async def roots(conn: Connection) -> set[str]:
    """Return the digests that runs and versions have for their files."""
    return {bytes(row.digest).hex() for row in await queries.every(conn, sql.roots)}


async def stored_blobs(db: Database) -> set[str]:
    """Return the digests of the blobs that the database believes to be stored."""
    found: set[str] = set()
    after = b""
    while True:
        params = {"after": after, "limit": _BLOBS_AT_ONCE}
        rows = await db.read(lambda conn, params=params: queries.every(conn, sql.blobs, params))  # type: ignore[misc]
        found.update(bytes(row.sha256).hex() for row in rows)
        if len(rows) < _BLOBS_AT_ONCE:
            return found
        after = rows[-1].sha256


async def owners(conn: Connection, digest: str) -> list[str]:
    """Return some of the runs and versions that have a folder, in words."""
    params = {"digest": bytes.fromhex(digest), "limit": _OWNERS}
    return [row.owner for row in await queries.every(conn, sql.owners, params)]
