"""Pages of a manifest's files are its files, in order, wherever the pages are cut."""

from __future__ import annotations

import hashlib

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runlore import v1
from runlore.manifest import Tree
from runlore_server.db import Database
from runlore_server.store import manifest_files, manifests

EMPTY = hashlib.sha256().hexdigest()
# Names that sort differently as names, as paths and as UTF-16, and none that differ by case alone.
NAMES = ["a", "a.b", "a-", "a0", "b", "\u00e9", "\uff5e", "\U0001f600", "z"]
paths = st.lists(st.sampled_from(NAMES), min_size=1, max_size=4).map("/".join)


def tree_of(wanted: set[str]) -> list[v1.FileEntry]:
    """Return files of these paths, but for those that another makes a folder."""
    folders = {path[:at] for path in wanted for at, character in enumerate(path) if character == "/"}
    return [v1.FileEntry(path=path, sha256=EMPTY, mode=0o644) for path in wanted - folders]


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(wanted=st.sets(paths, min_size=1, max_size=40), size=st.integers(1, 7))
async def test_pages_are_the_whole(db: Database, wanted: set[str], size: int) -> None:
    files = tree_of(wanted)
    root = await db.write(lambda conn: manifests.merge_files(conn, "", files))
    expected = [path for path, _ in Tree.of(files).walk()]
    got: list[v1.FileEntry] = []
    while len(got) < root.file_count:
        at = len(got)
        page = await db.read(lambda conn, at=at: manifest_files.page(conn, root.digest, at, size))  # type: ignore[misc]
        assert len(page) == min(size, root.file_count - len(got))
        got += page
    assert [file.path for file in got] == expected
    assert all(file.sha256_checked for file in got)
    assert await db.read(lambda conn: manifest_files.page(conn, root.digest, root.file_count, size)) == []


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(wanted=st.sets(paths, min_size=1, max_size=30), chosen=st.lists(st.integers(0, 10_000), min_size=1, max_size=4))
async def test_what_is_left_after_removing_is_the_tree_of_the_rest(
    db: Database, wanted: set[str], chosen: list[int]
) -> None:
    files = tree_of(wanted)
    root = await db.write(lambda conn: manifests.merge_files(conn, "", files))
    every = sorted({file.path[:at] for file in files for at, c in enumerate(f"{file.path}/") if c == "/"})
    gone = [every[number % len(every)] for number in chosen]
    left = await db.write(lambda conn: manifests.remove_paths(conn, root.digest, gone, "it"))
    rest = [f for f in files if not any(f.path == path or f.path.startswith(f"{path}/") for path in gone)]
    assert left == (Tree.of(rest).manifest() if rest else v1.Manifest())
    if rest:
        page = await db.read(lambda conn: manifest_files.page(conn, left.digest, 0, len(rest)))
        assert sorted(file.path for file in page) == sorted(file.path for file in rest)
