"""Manifests merged as wholes: the same as adding the files of one to the other, one by one."""

from __future__ import annotations

import random

import pytest

from runlore import v1
from runlore.manifest import Tree
from runlore_server.db import Connection, Database
from runlore_server.errors import RunloreError
from runlore_server.store import manifest_files, manifests

EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def some_files(chance: random.Random) -> list[v1.FileEntry]:
    """A tree of a few names, so that two trees have folders, files and clashes in common."""
    files: dict[str, v1.FileEntry] = {}
    for _ in range(chance.randrange(1, 12)):
        path = "/".join(chance.choice("abc") for _ in range(chance.randrange(1, 5)))
        taken = [p for p in files if p != path and (p.startswith(f"{path}/") or path.startswith(f"{p}/"))]
        if not taken:
            files[path] = v1.FileEntry(path=path, sha256=EMPTY, mode=chance.choice([0o644, 0o755]))
    return list(files.values())


async def test_merging_a_manifest_is_adding_its_files(db: Database) -> None:
    chance = random.Random(5)
    clashes = merged = 0
    for _ in range(150):
        old, new = some_files(chance), some_files(chance)

        async def work(conn: Connection, old: list[v1.FileEntry] = old, new: list[v1.FileEntry] = new) -> None:
            nonlocal clashes, merged
            before = await manifests.merge_files(conn, "", old)
            added = await manifests.merge_files(conn, "", new)
            tree = Tree.of(old)
            try:
                for file in new:
                    tree.add(file)
            except ValueError:
                clashes += 1
                with pytest.raises(RunloreError) as caught:
                    await manifests.merge_manifest(conn, before.digest, added.digest)
                assert caught.value.reason == v1.ERROR_REASON_PATH_CONFLICT
                return
            merged += 1
            assert await manifests.merge_manifest(conn, before.digest, added.digest) == tree.manifest()

        await db.write(work)
    assert clashes > 10
    assert merged > 30


async def test_names_that_differ_by_case_alone_are_noticed(db: Database) -> None:
    async def work(conn: Connection) -> None:
        old = await manifests.merge_files(conn, "", [v1.FileEntry(path="d/README", sha256=EMPTY, mode=0o644)])
        new = await manifests.merge_files(conn, "", [v1.FileEntry(path="d/readme", sha256=EMPTY, mode=0o644)])
        with pytest.raises(RunloreError, match="case") as caught:
            await manifests.merge_manifest(conn, old.digest, new.digest)
        assert caught.value.reason == v1.ERROR_REASON_PATH_CONFLICT

    await db.write(work)


async def test_pages_of_a_tree_that_has_a_folder_many_times(db: Database) -> None:
    files = [v1.FileEntry(path=f"{a}/{b}", sha256=EMPTY, mode=0o644) for a in range(20) for b in range(10)]

    async def work(conn: Connection) -> list[str]:
        manifest = await manifests.merge_files(conn, "", files)
        found: list[str] = []
        while len(found) < manifest.file_count:
            found += [file.path for file in await manifest_files.page(conn, manifest.digest, len(found), 25)]
        return found

    assert await db.write(work) == sorted(file.path for file in files)
