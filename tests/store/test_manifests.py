"""Manifests in the database are the trees that `runlore.manifest` describes, and share what they have in common."""

from __future__ import annotations

import hashlib
import random

import pytest

from runlore import v1
from runlore.manifest import Tree
from runlore_server.db import Connection, Database
from runlore_server.errors import RunloreError
from runlore_server.store import blobs, manifest_files, manifests


def file(path: str, content: str = "x", mode: int = 0o644, media_type: str = "") -> v1.FileEntry:
    digest = hashlib.sha256(content.encode()).hexdigest()
    chunks = [v1.Chunk(offset=0, size=len(content), sha256=digest)] if content else []
    return v1.FileEntry(
        path=path,
        size=len(content),
        sha256=digest,
        mode=mode,
        media_type=media_type,
        chunks=chunks,
        sha256_checked=True,
    )


async def merge(db: Database, digest: str, *files: v1.FileEntry) -> v1.Manifest:
    return await db.write(lambda conn: manifests.merge_files(conn, digest, files))


async def flat(db: Database, digest: str) -> tuple[v1.Manifest, list[v1.FileEntry]]:
    manifest = await db.read(lambda conn: manifests.get(conn, digest))
    return manifest, await db.read(lambda conn: manifest_files.page(conn, digest, 0, manifest.file_count))


async def rows(db: Database) -> int:
    async def count(conn: Connection) -> int:
        row = await (await conn.execute("SELECT count(*) AS count FROM tree")).fetchone()
        assert row is not None
        return int(row.count)

    return await db.read(count)


async def test_any_sequence_of_merges_is_the_tree_of_the_last_files(db: Database) -> None:
    chance = random.Random(7)
    names = ["a", "b", "a.txt", "a b", "é", "\uff5e", "\U0001f600", "-"]
    digest = ""
    model: dict[str, v1.FileEntry] = {}
    for _ in range(40):
        added = {}
        for _ in range(chance.randint(1, 5)):
            # Folders and files of different names, so that no path is both.
            folders = [f"{chance.choice(names)}.d" for _ in range(chance.randint(0, 3))]
            path = "/".join([*folders, chance.choice(names)])
            added[path] = file(path, str(chance.random()), chance.choice([0o644, 0o755]), chance.choice(["", "a/b"]))
        model |= added
        manifest = await merge(db, digest, *added.values())
        digest = manifest.digest
        assert manifest == Tree.of(model.values()).manifest()
    manifest, files = await flat(db, digest)
    assert manifest == Tree.of(model.values()).manifest()
    assert files == [model[path] for path in sorted(model, key=str.encode)]
    assert Tree.of(files).manifest() == manifest


async def test_only_the_folders_on_the_way_are_written(db: Database) -> None:
    first = await merge(db, "", file("a/b/one"), file("c/two"), file("d/e/f/three"), file("top"))
    before = await rows(db)
    second = await merge(db, first.digest, file("a/b/four"))
    assert await rows(db) == before + 3  # the root, a, a/b
    assert second.file_count == first.file_count + 1
    # The earlier manifest is as it was.
    assert [f.path for f in (await flat(db, first.digest))[1]] == ["a/b/one", "c/two", "d/e/f/three", "top"]


async def test_the_same_files_again_write_nothing(db: Database) -> None:
    first = await merge(db, "", file("a/one"), file("two"))
    before = await rows(db)
    assert await merge(db, first.digest, file("a/one")) == first
    assert await merge(db, first.digest, file("two", mode=0)) == first
    assert await rows(db) == before


async def test_replacing_a_file(db: Database) -> None:
    first = await merge(db, "", file("a/one", "old"), file("a/two"))
    second = await merge(db, first.digest, file("a/one", "newer"))
    _, files = await flat(db, second.digest)
    assert [(f.path, f.size) for f in files] == [("a/one", 5), ("a/two", 1)]
    assert second.file_count == 2
    assert second.size == 6


async def test_what_a_caller_may_not_set_is_not_kept(db: Database) -> None:
    sent = file("a", "x", mode=0)
    sent.chunks[0].url = "https://elsewhere.example.com/"
    _, (kept,) = await flat(db, (await merge(db, "", sent)).digest)
    assert kept == file("a", "x")


@pytest.mark.parametrize("path", ["model", "model/MLmodel", "model/data/x"])
async def test_find_gives_a_manifest_that_can_be_read(db: Database, path: str) -> None:
    files = [file("model/MLmodel", "m"), file("model/data/x", "xyz", 0o755, "a/b"), file("other")]
    root = await merge(db, "", *files)
    found = await db.write(lambda conn: manifests.find(conn, root.digest, path))
    assert found is not None
    manifest, inside = await flat(db, found.digest)
    assert manifest == found
    expected = {
        "model": ["MLmodel", "data/x"],
        "model/MLmodel": ["MLmodel"],
        "model/data/x": ["x"],
    }[path]
    assert [f.path for f in inside] == expected
    assert Tree.of(inside).manifest() == found


async def test_find_the_root(db: Database) -> None:
    root = await merge(db, "", file("a/b"))
    assert await db.read(lambda conn: manifests.find(conn, root.digest, "")) == root


@pytest.mark.parametrize("path", ["b", "a/c", "a/b/c", "a/b/c/d", "A", "a/", "%", "a/bx"])
async def test_find_nothing(db: Database, path: str) -> None:
    root = await merge(db, "", file("a/b"))
    assert await db.read(lambda conn: manifests.find(conn, root.digest, path)) is None
    assert await db.read(lambda conn: manifests.find_folder(conn, root.digest, path)) is None


async def test_an_unknown_manifest(db: Database) -> None:
    digest = "0" * 64
    assert not await db.read(lambda conn: manifests.exists(conn, digest))
    assert await db.read(lambda conn: manifests.find(conn, digest, "")) is None
    with pytest.raises(RunloreError, match=f"no manifest with the digest {digest}"):
        await flat(db, digest)
    with pytest.raises(RunloreError, match=f"no manifest with the digest {digest}"):
        await db.read(lambda conn: manifests.list_folder(conn, digest, "", 0, 10))


async def test_listing_a_folder_by_slices(db: Database) -> None:
    names = ["a", "a.txt", "b", "z/deep/er", "é", "\uff5e", "\U0001f600"]
    root = await merge(db, "", *(file(f"top/{name}", name) for name in names))
    digest = await db.read(lambda conn: manifests.find_folder(conn, root.digest, "top"))
    assert digest is not None
    listed = []
    for offset in range(0, 8, 2):
        listed += await db.read(lambda conn, at=offset: manifests.list_folder(conn, digest, "top", at, 2))
    assert [entry.name for entry in listed] == ["a", "a.txt", "b", "z", "é", "\uff5e", "\U0001f600"]
    assert listed[1] == v1.ArtifactEntry(name="a.txt", size=5, file=file("top/a.txt", "a.txt"))
    z = await db.read(lambda conn: manifests.find(conn, root.digest, "top/z"))
    assert z is not None
    assert listed[3] == v1.ArtifactEntry(name="z", size=9, folder=z)


@pytest.mark.parametrize(
    ("stored", "added", "field"),
    [
        (["a"], ["a/b"], "files[0].path"),
        (["a/b"], ["a"], "files[0].path"),
        (["a/b/c"], ["x", "a/b"], "files[1].path"),
        ([], ["a", "b", "a/b"], "files[2].path"),
        ([], ["a/b", "a"], "files[1].path"),
    ],
)
async def test_a_path_is_a_file_or_a_folder(db: Database, stored: list[str], added: list[str], field: str) -> None:
    digest = (await merge(db, "", *map(file, stored))).digest if stored else ""
    before = await rows(db)
    with pytest.raises(RunloreError) as refused:
        await merge(db, digest, *map(file, added))
    assert refused.value.reason == v1.ERROR_REASON_PATH_CONFLICT
    assert [violation.field for violation in refused.value.violations] == [field]
    assert refused.value.metadata == {"path": added[int(field[6])]}
    assert await rows(db) == before


async def test_the_deepest_path(db: Database) -> None:
    deep = "a/" * 511 + "bc"
    root = await merge(db, "", file(deep))
    root = await merge(db, root.digest, file("a/" * 510 + "b"))
    assert [f.path for f in (await flat(db, root.digest))[1]] == [deep, "a/" * 510 + "b"]
    assert await db.read(lambda conn: manifests.find(conn, root.digest, deep)) is not None


async def test_blobs(db: Database) -> None:
    sizes = {hashlib.sha256(bytes([n])).hexdigest(): n for n in range(1, 20)}
    await db.write(lambda conn: blobs.announce(conn, sizes))
    assert await db.read(lambda conn: blobs.stored(conn, sizes)) == {}
    assert await db.write(lambda conn: blobs.lock(conn, sizes)) == {}
    await db.write(lambda conn: blobs.set_stored(conn, sizes))
    await db.write(lambda conn: blobs.announce(conn, dict.fromkeys(sizes, 99)))
    await db.write(lambda conn: blobs.announce(conn, {}))
    assert await db.write(lambda conn: blobs.lock(conn, dict.fromkeys(sizes, 99))) == sizes
    assert await db.read(lambda conn: blobs.stored(conn, [*sizes, "0" * 64])) == sizes
    assert await db.read(lambda conn: blobs.stored(conn, [])) == {}
