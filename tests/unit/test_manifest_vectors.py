"""The published vectors: they are what protos/README.md says, and `runlore.manifest` agrees with them.

`reference_texts` is written from the README alone and shares nothing with `runlore.manifest`.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.json_format import ParseDict

from runlore import v1
from runlore.manifest import CHUNK_BYTES, Tree, check_chunks, check_path

VECTORS = json.loads((Path(__file__).parents[2] / "protos" / "manifest_vectors.json").read_text())
CASES = [pytest.param(vector, id=vector["name"]) for vector in VECTORS["vectors"]]


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def reference_texts(files: list[dict[str, Any]]) -> dict[str, str]:
    """The canonical text of every folder by its path, as protos/README.md says it."""
    contents: dict[str, dict[bytes, str]] = {"": {}}
    for file in files:
        folder, _, name = file["path"].rpartition("/")
        mode = "755" if file["mode"] == 0o755 else "644"
        chunks = ",".join(chunk["sha256"] for chunk in file["chunks"]) or "-"
        line = f"file {mode} {file['size']} {file['sha256']} {file['media_type'] or '-'} {chunks} {name}"
        contents.setdefault(folder, {})[name.encode()] = line
        while folder:
            folder = folder.rpartition("/")[0]
            contents.setdefault(folder, {})
    texts = {}
    # The deepest first: a folder's line needs the digest of the folder's text.
    for folder in sorted(contents, key=lambda path: path.count("/") + bool(path), reverse=True):
        lines = [contents[folder][name] for name in sorted(contents[folder])]
        texts[folder] = "".join(f"{line}\n" for line in ["runlore.tree.v1", *lines])
        if folder:
            parent, _, name = folder.rpartition("/")
            contents[parent][name.encode()] = f"dir {sha256(texts[folder].encode())} {name}"
    return texts


def entries(vector: dict[str, Any]) -> list[v1.FileEntry]:
    return [ParseDict(file, v1.FileEntry()) for file in vector["files"]]


@pytest.mark.parametrize("vector", CASES)
def test_the_vectors_follow_the_rules(vector: dict[str, Any]) -> None:
    assert reference_texts(vector["files"]) == vector["canonical"]
    assert vector["manifest"] == {
        "digest": sha256(vector["canonical"][""].encode()),
        "size": str(sum(int(file["size"]) for file in vector["files"])),
        "file_count": str(len(vector["files"])),
    }


@pytest.mark.parametrize("vector", CASES)
def test_the_implementation_agrees(vector: dict[str, Any]) -> None:
    tree = Tree.of(entries(vector))
    assert tree.manifest() == ParseDict(vector["manifest"], v1.Manifest())
    for path, text in vector["canonical"].items():
        folder = tree
        for part in path.split("/") if path else []:
            folder = folder.folders[part]
        assert folder.canonical() == text.encode()


@pytest.mark.parametrize("vector", CASES)
def test_the_files_of_the_vectors_are_valid(vector: dict[str, Any]) -> None:
    for entry in entries(vector):
        check_path(entry.path)
        check_chunks(entry)


def test_a_digest_that_a_shell_can_check() -> None:
    # printf 'runlore.tree.v1\n' | sha256sum
    assert Tree().manifest().digest == "ca1f6b831ec85a32d22c0f90c391f3bf3e51a8ba134a67dacbaaf0578904119c"


def test_the_chunk_size_is_that_of_the_format() -> None:
    assert VECTORS["chunk_bytes"] == CHUNK_BYTES


def test_the_digests_of_real_bytes() -> None:
    chunks = bytes(CHUNK_BYTES), b"hello\n"
    (file,) = next(vector for vector in VECTORS["vectors"] if vector["name"] == "several chunks")["files"]
    assert file["sha256"] == sha256(b"".join(chunks))
    assert [chunk["sha256"] for chunk in file["chunks"]] == [sha256(chunk) for chunk in chunks]


@pytest.mark.parametrize("case", VECTORS["refused_paths"], ids=lambda case: repr(case["path"][:20]))
def test_refused_paths(case: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"^(is|has) "):
        check_path(case["path"])
    with pytest.raises(ValueError, match=r"^(is|has) "):
        Tree.of([v1.FileEntry(path=case["path"], sha256=sha256(b""))])


@pytest.mark.parametrize("path", VECTORS["accepted_paths"], ids=lambda path: repr(path[:20]))
def test_accepted_paths(path: str) -> None:
    check_path(path)
    assert [found for found, _ in Tree.of([v1.FileEntry(path=path, sha256=sha256(b""))]).walk()] == [path]
