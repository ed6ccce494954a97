"""Manifests: trees of files, a row for each folder under its digest. What a row says never changes.

Digests are 64 lower-case hex digits here, as in the contract. While a tree's row exists, so do those of its folders and
blobs: the collector deletes from the top down (`collection.py`). Whoever makes something refer to a tree that may be
nobody's any more holds it first.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from runlore import v1
from runlore.manifest import Tree
from runlore_server import errors
from runlore_server.db import Connection
from runlore_server.store import checks, queries

sql = queries.load("manifests")


async def exists(conn: Connection, digest: str) -> bool:
    """Whether a manifest of that digest is stored."""
    return await (await conn.execute(sql.exists, {"digest": bytes.fromhex(digest)})).fetchone() is not None


async def get(conn: Connection, digest: str) -> v1.Manifest:
    """Return a manifest; raises MANIFEST_NOT_FOUND."""
    found = await _find(conn, digest, "")
    if not isinstance(found, v1.Manifest):
        raise errors.manifest_not_found(digest)
    return found


async def hold(conn: Connection, digest: str) -> None:
    """Keep a manifest and all that is in it until the transaction ends; raises MANIFEST_NOT_FOUND."""
    if await (await conn.execute(sql.hold, {"digest": bytes.fromhex(digest)})).fetchone() is None:
        raise errors.manifest_not_found(digest)


async def find(conn: Connection, digest: str, path: str) -> v1.Manifest | None:
    """Return the manifest of a folder or file of a manifest (empty path: itself); None when there is nothing.

    For a file it is the manifest that holds that file alone, which is stored, so that its digest can be asked for. With
    a path, that needs a transaction.
    """
    if path:
        await hold(conn, digest)
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
    await checks.tell(conn, [entry.file for entry in entries if entry.HasField("file")])
    return entries


async def merge_files(conn: Connection, digest: str, files: Sequence[v1.FileEntry]) -> v1.Manifest:
    """Store the manifest `digest` (empty: one without files) with files added or replaced, and return it.

    Touches the folders on the way to the files only. The paths have passed `check_path`. Raises PATH_CONFLICT.
    """
    root = await _load(conn, digest, [file.path for file in files]) if digest else Tree()
    names = _Names()
    for index, file in enumerate(files):
        try:
            names.check(root, file.path)
            root.add(_cleaned(file))
        except ValueError as error:
            raise errors.path_conflict(f"files[{index}].path", file.path, str(error)) from None
    return await _replace(conn, digest, root)


async def merge_manifest(conn: Connection, digest: str, added: str) -> v1.Manifest:
    """Store the manifest `digest` (empty: one without files) with all files of the manifest `added`, and return it.

    Folders that only one of them has are taken as they are, however much is in them. Raises MANIFEST_NOT_FOUND,
    PATH_CONFLICT.
    """
    await hold(conn, added)
    if not digest:
        return await get(conn, added)
    root, new, shared = Tree(), Tree(), [""]
    while shared:
        root, new = await _load(conn, digest, shared), await _load(conn, added, shared)
        deeper = list(_folders_of_both(root, new))
        shared = shared + deeper if deeper else []
    names = _Names()
    try:
        _graft(root, new, root, "", names)
    except ValueError as error:
        raise errors.path_conflict("manifest_digest", "", str(error)) from None
    return await _replace(conn, digest, root)


def _folders_of_both(old: Tree, new: Tree, prefix: str = "") -> Iterator[str]:
    """Yield the folders that are in both, differ, and are not loaded."""
    for name, folder in new.folders.items():
        other = old.folders.get(name)
        if isinstance(folder, _Untouched) and isinstance(other, _Untouched):
            if folder.known.digest != other.known.digest:
                yield f"{prefix}{name}/"
        elif other is not None:
            yield from _folders_of_both(other, folder, f"{prefix}{name}/")


def _graft(folder: Tree, new: Tree, root: Tree, prefix: str, names: _Names) -> None:
    """Add what is in `new` to a folder at a path; raises ValueError."""
    for name in (*new.files, *new.folders):
        names.check(root, prefix + name)
        if name in (folder.folders if name in new.files else folder.files):
            raise ValueError(f"'{prefix}{name}' would be both a file and a folder")
    folder.files.update(new.files)
    for name, below in new.folders.items():
        if name in folder.folders and not isinstance(below, _Untouched):
            _graft(folder.folders[name], below, root, f"{prefix}{name}/", names)
        else:
            folder.folders[name] = below


async def remove_paths(conn: Connection, digest: str, paths: Sequence[str], where: str) -> v1.Manifest:
    """Store the manifest `digest` without some files and folders, and return it; an empty one when nothing is left.

    Raises ARTIFACT_NOT_FOUND for a path with nothing at it, `where` naming the manifest for people.
    """
    root = await _load(conn, digest, paths) if digest else Tree()
    parents = [(path, _folder_above(root, path), path.rpartition("/")[2]) for path in paths]
    for path, folder, name in parents:
        if folder is None or (name not in folder.files and name not in folder.folders):
            raise errors.artifact_not_found(path, where)
    for _, folder, name in parents:
        assert folder is not None
        folder.files.pop(name, None)
        folder.folders.pop(name, None)
    _prune(root)
    if not root.files and not root.folders:
        await conn.execute(sql.touch, {"digest": bytes.fromhex(digest)})
        return v1.Manifest()
    return await _replace(conn, digest, root)


@dataclass
class _Untouched(Tree):
    """A folder of which no more than its manifest is known, or needed."""

    known: v1.Manifest = field(default_factory=v1.Manifest)


class _Names:
    """The names in folders, to notice those that a disk without case or with one Unicode form would take for one."""

    def __init__(self) -> None:
        self._folders: dict[int, dict[str, str]] = {}

    def check(self, root: Tree, path: str) -> None:
        """Raise ValueError when a part of a path to be added differs from a name beside it by case or form alone."""
        folder: Tree | None = root
        for part in path.split("/"):
            if folder is None:
                return
            names = self._folders.get(id(folder))
            if names is None:
                names = self._folders[id(folder)] = {_folded(name): name for name in (*folder.files, *folder.folders)}
            known = names.setdefault(_folded(part), part)
            if known != part and part not in folder.files and part not in folder.folders:
                raise ValueError(
                    f"'{path}' and the '{known}' that is there differ by case or Unicode form alone in '{part}', and "
                    "on the disks of macOS and Windows one would replace the other: choose another name"
                )
            folder = folder.folders.get(part)


def _folded(name: str) -> str:
    if name.isascii():
        return name.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", name).casefold())


def _folder_above(root: Tree, path: str) -> Tree | None:
    folder: Tree | None = root
    for part in path.split("/")[:-1]:
        if folder is None:
            return None
        folder = folder.folders.get(part)
    return folder


def _prune(root: Tree) -> None:
    """Take out the folders that hold nothing any more."""
    trees = [root]
    for tree in trees:
        trees.extend(tree.folders.values())
    for tree in reversed(trees):
        for name, below in list(tree.folders.items()):
            if not isinstance(below, _Untouched) and not below.files and not below.folders:
                del tree.folders[name]


async def _find(conn: Connection, digest: str, path: str) -> v1.Manifest | v1.ArtifactEntry | None:
    """Return what is at a path: a folder's manifest, or a file's entry."""
    params = {"digest": bytes.fromhex(digest), "parts": path.split("/") if path else []}
    row = await (await conn.execute(sql.find, params, binary=True)).fetchone()
    if row is None:
        return None
    if row.digest is None:
        return v1.ArtifactEntry.FromString(row.entry)
    return v1.Manifest(digest=row.digest.hex(), size=row.size, file_count=row.file_count)


async def _load(conn: Connection, digest: str, paths: Sequence[str]) -> Tree:
    """Return a stored tree with the entries of the folders on the way to `paths`; of others, with their manifests."""
    wanted = {path[: slash + 1] for path in paths for slash in _slashes(path)}
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


async def _replace(conn: Connection, digest: str, root: Tree) -> v1.Manifest:
    """Store a tree in the place of the manifest `digest`, which stays readable for the grace period."""
    manifest = await _store(conn, root)
    if digest and manifest.digest != digest:
        await conn.execute(sql.touch, {"digest": bytes.fromhex(digest)})
    return manifest


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
        "blobs": [bytes.fromhex(d) for d in sorted({c.sha256 for file in folder.files.values() for c in file.chunks})],
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
