"""A file whose chunks come in any order, from several threads, some of them from an earlier try."""

from __future__ import annotations

import hashlib
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runlore import v1
from runlore._downloading import FileSink, Incoming, MemorySink
from runlore.errors import IntegrityError

CONTENTS = st.lists(st.binary(min_size=1, max_size=40), min_size=1, max_size=8)


def entry_of(parts: list[bytes]) -> v1.FileEntry:
    entry = v1.FileEntry(path="file", sha256=hashlib.sha256(b"".join(parts)).hexdigest())
    for part in parts:
        entry.chunks.add(offset=entry.size, size=len(part), sha256=hashlib.sha256(part).hexdigest())
        entry.size += len(part)
    return entry


@given(CONTENTS, st.data())
def test_chunks_in_any_order_make_the_file_complete_once(parts: list[bytes], data: st.DataObject) -> None:
    entry = entry_of(parts)
    order = data.draw(st.permutations(range(len(parts))))
    with tempfile.TemporaryDirectory() as folder:
        incoming = Incoming(Path(folder, "file"), entry)

        def bring(number: int) -> bool:
            incoming.prepare()
            sink = FileSink(incoming.path, entry.chunks[number])
            sink(b"a way that failed")
            sink.restart()
            for byte in parts[number]:
                sink(bytes([byte]))
            assert sink.is_good
            sink.close()
            return incoming.came(number)

        with ThreadPoolExecutor(4) as threads:
            complete = list(threads.map(bring, order))
        assert complete.count(True) == 1
        assert incoming.path.read_bytes() == b"".join(parts)


@given(CONTENTS, st.sets(st.integers(0, 7)))
def test_what_an_earlier_try_brought_is_told_from_what_it_did_not(parts: list[bytes], brought: set[int]) -> None:
    entry = entry_of(parts)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "file")
        left = bytearray(entry.size)
        for number in brought & set(range(len(parts))):
            chunk = entry.chunks[number]
            left[chunk.offset : chunk.offset + chunk.size] = parts[number]
        path.write_bytes(left)
        incoming = Incoming(path, entry)
        incoming.prepare()
        for number, part in enumerate(parts):
            # Nothing but zeros is what a file has that was only made at its size.
            assert incoming.has(entry.chunks[number]) == (number in brought or not any(part))


def test_a_whole_that_is_not_what_was_claimed_is_refused(tmp_path: Path) -> None:
    entry = entry_of([b"one", b"two"])
    entry.sha256 = "0" * 64
    incoming = Incoming(tmp_path / "file", entry)
    incoming.prepare()
    for number, part in enumerate([b"one", b"two"]):
        sink = FileSink(incoming.path, entry.chunks[number])
        sink(part)
        sink.close()
    assert not incoming.came(1)
    with pytest.raises(IntegrityError, match=r"'file' does not have the sha256 0000.* that its uploader claimed"):
        incoming.came(0)


@pytest.mark.parametrize("data", [b"", b"rest", b"right and more", b"wrong"])
def test_other_bytes_than_the_chunks_are_not_good(tmp_path: Path, data: bytes) -> None:
    chunk = v1.Chunk(offset=2, size=5, sha256=hashlib.sha256(b"right").hexdigest())
    file = tmp_path / "file"
    file.write_bytes(b"--.....--")
    for sink in (FileSink(file, chunk), MemorySink(chunk)):
        sink(data)
        assert not sink.is_good
    assert (file.read_bytes()[:2], file.read_bytes()[7:]) == (b"--", b"--"), "nothing outside of the chunk"
