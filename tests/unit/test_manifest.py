"""`runlore.manifest` for any tree of files."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from google.protobuf.json_format import MessageToDict
from hypothesis import given
from hypothesis import strategies as st

from runlore import v1
from runlore.manifest import CHUNK_BYTES, Tree, check_chunks, check_path
from tests.unit.test_manifest_vectors import reference_texts

# Few names, so that paths meet; some that sort differently as UTF-8, UTF-16 and whole paths.
NAMES = st.sampled_from(["a", "b", "a.txt", "a-b", "a b", "é", "e\u0301", "\uff5e", "\U0001f600", "Z", "~"])
PATHS = st.lists(NAMES, min_size=1, max_size=4).map("/".join)
DIGESTS = st.binary(min_size=1, max_size=8).map(lambda data: hashlib.sha256(data).hexdigest())


@st.composite
def file_entries(draw: st.DrawFn, path: str) -> v1.FileEntry:
    size = draw(st.sampled_from([0, 1, 1000, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES]))
    cuts = range(0, size, CHUNK_BYTES)
    chunks = [v1.Chunk(offset=o, size=min(CHUNK_BYTES, size - o), sha256=draw(DIGESTS)) for o in cuts]
    return v1.FileEntry(
        path=path,
        size=size,
        sha256=chunks[0].sha256 if len(chunks) == 1 else draw(DIGESTS),
        mode=draw(st.sampled_from([0, 0o644, 0o755])),
        media_type=draw(st.sampled_from(["", "image/png"])),
        chunks=chunks,
    )


@st.composite
def file_lists(draw: st.DrawFn) -> list[v1.FileEntry]:
    kept: list[str] = []
    for path in draw(st.lists(PATHS, unique=True, max_size=12)):
        if not any(path.startswith(f"{other}/") or other.startswith(f"{path}/") for other in kept):
            kept.append(path)
    return [draw(file_entries(path)) for path in kept]


def plain(files: list[v1.FileEntry]) -> list[dict[str, Any]]:
    return [
        MessageToDict(file, preserving_proto_field_name=True, always_print_fields_with_no_presence=True)
        for file in files
    ]


@given(file_lists())
def test_digest_size_and_count(files: list[v1.FileEntry]) -> None:
    manifest = Tree.of(files).manifest()
    assert manifest.digest == hashlib.sha256(reference_texts(plain(files))[""].encode()).hexdigest()
    assert manifest.size == sum(file.size for file in files)
    assert manifest.file_count == len(files)


@given(file_lists(), st.randoms())
def test_the_order_of_files_does_not_matter(files: list[v1.FileEntry], random: Any) -> None:
    shuffled = files.copy()
    random.shuffle(shuffled)
    assert Tree.of(shuffled).manifest() == Tree.of(files).manifest()


@given(file_lists())
def test_walk_gives_every_file_in_the_order_of_bytes(files: list[v1.FileEntry]) -> None:
    walked = list(Tree.of(files).walk())
    assert [path for path, _ in walked] == sorted((file.path for file in files), key=str.encode)
    assert {path: file.SerializeToString() for path, file in walked} == {f.path: f.SerializeToString() for f in files}


@given(file_lists(), st.data())
def test_any_change_of_a_file_changes_the_digest(files: list[v1.FileEntry], data: st.DataObject) -> None:
    if not files:
        return
    before = Tree.of(files).manifest().digest
    changed = data.draw(st.sampled_from(files))
    what = data.draw(st.sampled_from(["sha256", "mode", "media_type", "path", "gone"]))
    if what == "sha256":
        changed.sha256 = hashlib.sha256(changed.sha256.encode()).hexdigest()
    elif what == "mode":
        changed.mode = 0o644 if changed.mode == 0o755 else 0o755
    elif what == "media_type":
        changed.media_type += "x"
    elif what == "path":
        changed.path += "x"
    else:
        files.remove(changed)
    assert Tree.of(files).manifest().digest != before


def test_a_file_replaces_one_of_the_same_path() -> None:
    one, other = (v1.FileEntry(path="a/b", sha256=hashlib.sha256(x).hexdigest(), size=1) for x in (b"1", b"2"))
    assert Tree.of([one, other]).manifest() == Tree.of([other]).manifest()


@pytest.mark.parametrize(
    ("paths", "message"),
    [
        (["a", "a/b"], "'a/b' needs the folder 'a', which is a file"),
        (["a/b", "a"], "'a' is a folder and cannot be a file too"),
        (["a/b/c", "a/b"], "'a/b' is a folder and cannot be a file too"),
    ],
)
def test_a_path_is_a_file_or_a_folder(paths: list[str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Tree.of(v1.FileEntry(path=path) for path in paths)


def test_the_deepest_tree_that_a_path_allows() -> None:
    deep = v1.FileEntry(path="a/" * 511 + "bc", sha256="0" * 64)
    tree = Tree.of([deep])
    assert tree.manifest().file_count == 1
    assert [path for path, _ in tree.walk()] == [deep.path]


@given(st.text(max_size=40))
def test_what_check_path_accepts_stays_inside(path: str) -> None:
    try:
        check_path(path)
    except ValueError:
        return
    parts = path.split("/")
    assert not {"", ".", ".."} & set(parts)
    assert not any(c in "\\\x7f" or ord(c) < 32 for c in path)


def chunked(size: int, *chunks: tuple[int, int]) -> v1.FileEntry:
    return v1.FileEntry(
        path="f", size=size, sha256="0" * 64, chunks=[v1.Chunk(offset=o, size=s, sha256="0" * 64) for o, s in chunks]
    )


@pytest.mark.parametrize(
    "entry",
    [
        v1.FileEntry(path="f", sha256=hashlib.sha256().hexdigest()),
        chunked(1, (0, 1)),
        chunked(CHUNK_BYTES, (0, CHUNK_BYTES)),
        chunked(CHUNK_BYTES + 5, (0, CHUNK_BYTES), (CHUNK_BYTES, 5)),
    ],
)
def test_chunks_that_cover_a_file(entry: v1.FileEntry) -> None:
    check_chunks(entry)


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        (chunked(0), "is empty, and sha256 is not that of no bytes"),
        (chunked(1), "chunks cover 0 of the file's 1 bytes"),
        (chunked(0, (0, 1)), "chunk at offset 0 has 1 bytes where 0 bytes at offset 0 are expected"),
        (chunked(2, (0, 1)), "chunk at offset 0 has 1 bytes where 2 bytes"),
        (chunked(2, (1, 1)), "chunk at offset 1"),
        (chunked(CHUNK_BYTES + 5, (0, 5), (5, CHUNK_BYTES)), "chunk at offset 0 has 5 bytes"),
        (chunked(CHUNK_BYTES + 5, (CHUNK_BYTES, 5), (0, CHUNK_BYTES)), f"chunk at offset {CHUNK_BYTES}"),
        (chunked(CHUNK_BYTES + 5, (0, CHUNK_BYTES)), f"chunks cover {CHUNK_BYTES} of the file's"),
        (chunked(CHUNK_BYTES + 5, (0, CHUNK_BYTES + 5)), "a file of 16777221 bytes is cut every 16777216 bytes"),
    ],
)
def test_chunks_that_do_not(entry: v1.FileEntry, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        check_chunks(entry)


def test_the_digest_of_an_only_chunk_is_the_file_s() -> None:
    entry = chunked(1, (0, 1))
    entry.sha256 = "1" * 64
    with pytest.raises(ValueError, match="sha256 differs from that of the file's only chunk"):
        check_chunks(entry)
