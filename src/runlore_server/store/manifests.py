"""Manifests: trees of files, a row for each folder under its digest. Rows never change.

Digests are 64 lower-case hex digits here, as in the contract.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from runlore import v1
from runlore.manifest import Tree
from runlore_server import errors
from runlore_server.db import Connection
from runlore_server.store import queries

sql = queries.load("manifests")


async def exists(conn: Connection, digest: str) -> bool:
    """Whether a manifest of that digest is stored."""
    return await (await conn.execute(sql.exists, {"digest": bytes.fromhex(digest)})).fetchone() is not None


async def find(conn: Connection, digest: str, path: str) -> v1.Manifest | None:
    """Return the manifest of a folder or file of a manifest (empty path: itself); None when there is nothing.

    For a file it is the manifest that holds that file alone, which is stored, so that its digest can be asked for.
    """
    found = await _find(conn, digest, path)
    if found is None:
        return None
    if isinstance(found, v1.Manifest):
        return found
    alone = Tree()
    alone.files[found.name] = found.file
    return await _store(conn, alone)


async def find_folder(conn: Connection, digest: str, path: str) -> str | None:
    """Return the digest of a folder of a manifest; None when there is nothing. Refuses a file."""
    found = await _find(conn, digest, path)
    if isinstance(found, v1.ArtifactEntry):
        raise errors.invalid_field("path", f"'{path}' is a file: list the folder that it is in")
    return None if found is None else found.digest


async def list_folder(conn: Connection, digest: str, path: str, offset: int, limit: int) -> list[v1.ArtifactEntry]:
    """Return `limit` entries of a folder from the `offset`th on, by name; `path` goes before their files' names.

    Raises MANIFEST_NOT_FOUND.
    """
    params = {"digest": bytes.fromhex(digest), "offset": offset, "limit": limit}
    row = await (await conn.execute(sql.page, params, binary=True)).fetchone()
    if row is None:
        raise errors.manifest_not_found(digest)
    entries = [v1.ArtifactEntry.FromString(entry) for entry in row.entries]
    for entry in entries:
        if entry.HasField("file"):
            entry.file.path = f"{path}/{entry.name}" if path else entry.name
    return entries


async def flat_files(conn: Connection, digest: str) -> tuple[v1.Manifest, list[v1.FileEntry]]:
    """Return a manifest and all its files, in the order of the paths' UTF-8 bytes; raises MANIFEST_NOT_FOUND."""
    rows = await (await conn.execute(sql.walk, {"digest": bytes.fromhex(digest)}, binary=True)).fetchall()
    manifest = None
    files = []
    for row in rows:
        if row.prefix == "":
            manifest = v1.Manifest(digest=digest, size=row.size, file_count=row.file_count)
        for data in row.entries:
            entry = v1.ArtifactEntry.FromString(data)
            if entry.HasField("file"):
                entry.file.path = row.prefix + entry.name
                files.append(entry.file)
    if manifest is None:
        raise errors.manifest_not_found(digest)
    files.sort(key=lambda file: file.path.encode())
    return manifest, files


async def merge_files(conn: Connection, digest: str, files: Sequence[v1.FileEntry]) -> v1.Manifest:
    """Store the manifest `digest` (empty: one without files) with files added or replaced, and return it.

    Touches the folders on the way to the files only. The paths have passed `check_path`. Raises PATH_CONFLICT.
    """
    wanted = {path[: slash + 1] for path in (file.path for file in files) for slash in _slashes(path)}
    root = await _load(conn, digest, wanted) if digest else Tree()
    for index, file in enumerate(files):
        try:
            root.add(_cleaned(file))
        except ValueError as error:
            raise errors.path_conflict(f"files[{index}].path", file.path, str(error)) from None
    return await _store(conn, root)


@dataclass
class _Untouched(Tree):
    """A folder of which no more than its manifest is known, or needed."""

    known: v1.Manifest = field(default_factory=v1.Manifest)


async def _find(conn: Connection, digest: str, path: str) -> v1.Manifest | v1.ArtifactEntry | None:
    """Return what is at a path: a folder's manifest, or a file's entry."""
    params = {"digest": bytes.fromhex(digest), "parts": path.split("/") if path else []}
    row = await (await conn.execute(sql.find, params, binary=True)).fetchone()
    if row is None:
        return None
    if row.digest is None:
        return v1.ArtifactEntry.FromString(row.entry)
    return v1.Manifest(digest=row.digest.hex(), size=row.size, file_count=row.file_count)


async def _load(conn: Connection, digest: str, wanted: set[str]) -> Tree:
    """Return a stored tree with the entries of the folders `wanted`; of others, with their manifests."""
    params = {"digest": bytes.fromhex(digest), "folders": list(wanted)}
    rows = await (await conn.execute(sql.walk_some, params, binary=True)).fetchall()
    loaded: dict[str, Tree] = {"": Tree()}
    for row in rows:
        folder = loaded[row.prefix]
        for data in row.entries:
            entry = v1.ArtifactEntry.FromString(data)
            prefix = f"{row.prefix}{entry.name}/"
            if entry.HasField("file"):
                folder.files[entry.name] = entry.file
            elif prefix in wanted:
                folder.folders[entry.name] = loaded[prefix] = Tree()
            else:
                folder.folders[entry.name] = _Untouched(known=entry.folder)
    return loaded[""]


async def _store(conn: Connection, root: Tree) -> v1.Manifest:
    """Store the folders of a tree that were touched, and return its manifest."""
    trees = [root]
    for tree in trees:
        trees.extend(tree.folders.values())
    manifests: dict[int, v1.Manifest] = {}
    rows = {}
    # Subfolders first: a folder's digest is made of theirs.
    for tree in reversed(trees):
        if isinstance(tree, _Untouched):
            manifests[id(tree)] = tree.known
            continue
        below = {name: manifests[id(folder)] for name, folder in tree.folders.items()}
        manifest = manifests[id(tree)] = tree.manifest_over(below)
        rows[manifest.digest] = _row(tree, below, manifest)
    async with conn.cursor() as cursor:
        # In one order, so that two callers that add the same folders wait for each other and never in a circle.
        await cursor.executemany(sql.add, [rows[digest] for digest in sorted(rows)])
    return manifests[id(root)]


def _row(folder: Tree, below: Mapping[str, v1.Manifest], manifest: v1.Manifest) -> dict[str, Any]:
    entries = {name: v1.ArtifactEntry(name=name, size=m.size, folder=m) for name, m in below.items()}
    for name, file in folder.files.items():
        entries[name] = v1.ArtifactEntry(name=name, size=file.size, file=file)
        entries[name].file.ClearField("path")
    names = sorted(entries, key=str.encode)
    return {
        "digest": bytes.fromhex(manifest.digest),
        "size": manifest.size,
        "file_count": manifest.file_count,
        "names": names,
        "children": [bytes.fromhex(below[name].digest) if name in below else None for name in names],
        "entries": [entries[name].SerializeToString(deterministic=True) for name in names],
    }


def _cleaned(file: v1.FileEntry) -> v1.FileEntry:
    """Return what is kept of a file that a caller sent: what its digest covers, in one form."""
    return v1.FileEntry(
        path=file.path,
        size=file.size,
        sha256=file.sha256,
        mode=file.mode or 0o644,
        media_type=file.media_type,
        chunks=[v1.Chunk(offset=c.offset, size=c.size, sha256=c.sha256) for c in file.chunks],
    )


def _slashes(path: str) -> list[int]:
    return [place for place, character in enumerate(path) if character == "/"]
