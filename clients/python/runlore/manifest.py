"""Manifests: which paths are allowed, and the digest of a tree of files.

Client and server share this module: the server refuses what `check_path` refuses, and a client that downloads a tree
computes `Tree.digest` again from what it received. `protos/README.md` has the same rules in words, with vectors.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from runlore.v1.artifact_pb2 import FileEntry, Manifest

#: Bytes of every chunk but a file's last (manifest format 1).
CHUNK_BYTES = 16 * 1024 * 1024

_HEADER = "runlore.tree.v1\n"
_DRIVE = re.compile(r"[A-Za-z]:")
_EMPTY = hashlib.sha256().hexdigest()
_MODE_NAMES = {0: "644", 0o644: "644", 0o755: "755"}


def check_path(path: str) -> None:
    """Raise ValueError, saying which rule is broken, unless `path` may stand in a manifest."""
    if not path:
        raise ValueError("is empty: name a file")
    if len(path) > 1024:
        raise ValueError(f"has {len(path)} characters: at most 1,024 are allowed")
    if "\\" in path:
        raise ValueError("has a backslash: separate folders by /")
    if any(ord(c) < 32 or ord(c) == 127 for c in path):
        raise ValueError("has a control character")
    if path.startswith("/") or _DRIVE.match(path):
        raise ValueError("is absolute: give a path relative to the root of the artifacts")
    for part in path.split("/"):
        if part == "..":
            raise ValueError("has the part '..': a path stays inside the artifacts")
        if part in ("", "."):
            raise ValueError(f"has the part '{part}': every part between slashes is a name")


@dataclass
class Tree:
    """A folder: its files and folders by name. Build the root from a flat list with `Tree.of`."""

    files: dict[str, FileEntry] = field(default_factory=dict)
    folders: dict[str, Tree] = field(default_factory=dict)

    @classmethod
    def of(cls, files: Iterable[FileEntry]) -> Tree:
        """Build a tree; raises ValueError on a bad path, or on one that is a file and a folder at once."""
        root = cls()
        for entry in files:
            root.add(entry)
        return root

    def add(self, entry: FileEntry) -> None:
        """Add a file by its path from this folder, replacing a file of the same path."""
        check_path(entry.path)
        *parents, name = entry.path.split("/")
        folder = self
        for part in parents:
            if part in folder.files:
                raise ValueError(f"'{entry.path}' needs the folder '{part}', which is a file")
            folder = folder.folders.setdefault(part, Tree())
        if name in folder.folders:
            raise ValueError(f"'{entry.path}' is a folder and cannot be a file too")
        folder.files[name] = entry

    def canonical(self) -> bytes:
        """Return the canonical text of this folder, over which its digest is taken."""
        return self._text({name: tree.manifest() for name, tree in self.folders.items()})

    def manifest(self) -> Manifest:
        """Return the folder's digest, size and number of files, subfolders included."""
        # Not by recursion: a path may be hundreds of folders deep.
        found: dict[int, Manifest] = {}
        trees = [self]
        for tree in trees:
            trees.extend(tree.folders.values())
        for tree in reversed(trees):
            found[id(tree)] = tree.manifest_over({name: found[id(below)] for name, below in tree.folders.items()})
        return found[id(self)]

    def manifest_over(self, below: Mapping[str, Manifest]) -> Manifest:
        """Return the folder's manifest from those of its subfolders by name."""
        return Manifest(
            digest=hashlib.sha256(self._text(below)).hexdigest(),
            size=sum(f.size for f in self.files.values()) + sum(m.size for m in below.values()),
            file_count=len(self.files) + sum(m.file_count for m in below.values()),
        )

    def _text(self, below: Mapping[str, Manifest]) -> bytes:
        lines = {name: _file_line(name, entry) for name, entry in self.files.items()}
        lines |= {name: f"dir {manifest.digest} {name}\n" for name, manifest in below.items()}
        return (_HEADER + "".join(lines[name] for name in sorted(lines, key=_by_bytes))).encode()

    def walk(self, prefix: str = "") -> Iterator[tuple[str, FileEntry]]:
        """Yield (path from this folder, file) of every file, in the order of the paths' UTF-8 bytes."""
        flat = dict(self._flat(prefix))
        for path in sorted(flat, key=_by_bytes):
            yield path, flat[path]

    def _flat(self, prefix: str) -> Iterator[tuple[str, FileEntry]]:
        for name, entry in self.files.items():
            yield prefix + name, entry
        for name, tree in self.folders.items():
            yield from tree._flat(f"{prefix}{name}/")


def _file_line(name: str, entry: FileEntry) -> str:
    chunks = ",".join(c.sha256 for c in entry.chunks) or "-"
    return f"file {_MODE_NAMES[entry.mode]} {entry.size} {entry.sha256} {entry.media_type or '-'} {chunks} {name}\n"


def _by_bytes(name: str) -> bytes:
    return name.encode()


def check_chunks(entry: FileEntry) -> None:
    """Raise ValueError unless the chunks cover the file as manifest format 1 has it."""
    offset = 0
    for chunk in entry.chunks:
        expected = min(CHUNK_BYTES, entry.size - offset)
        if chunk.offset != offset or chunk.size != expected:
            raise ValueError(
                f"chunk at offset {chunk.offset} has {chunk.size} bytes where {expected} bytes at offset {offset} "
                f"are expected: a file of {entry.size} bytes is cut every {CHUNK_BYTES} bytes"
            )
        offset += chunk.size
    if offset != entry.size:
        raise ValueError(f"chunks cover {offset} of the file's {entry.size} bytes")
    if not entry.chunks and entry.sha256 != _EMPTY:
        raise ValueError("is empty, and sha256 is not that of no bytes")
    if len(entry.chunks) == 1 and entry.chunks[0].sha256 != entry.sha256:
        raise ValueError("sha256 differs from that of the file's only chunk")
