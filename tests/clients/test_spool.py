"""The spool by itself: whatever is cut off or damaged, what is read is a beginning of what was written."""

from __future__ import annotations

import itertools
import math
import os
import resource
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import runlore
from runlore import v1
from runlore._spool import folders, journal, keeping, records, segments
from runlore._spool import points as spool_points
from runlore._spool.folders import WriterFolder
from runlore._spool.left import LeftPoints
from runlore._spool.points import PointSpool
from runlore._spool.segments import DamagedError, file_name

RUN = "a" * 32
Point = tuple[str, int, float]

keys = st.text(
    st.characters(min_codepoint=33, max_codepoint=0x2FFF, exclude_categories=["Cs", "Cc"]), min_size=1, max_size=9
)
values = st.floats(allow_nan=True) | st.integers(-5, 5)
calls = st.tuples(st.dictionaries(keys, values, min_size=1, max_size=5), st.integers(-(2**63), 2**63 - 1) | st.none())


def spool_in(root: Path, limit: int = 1 << 30, wake: Callable[[], None] = lambda: None) -> PointSpool:
    return PointSpool(RUN, "w", limit=limit, open_folder=lambda: WriterFolder.create(root, RUN, "w"), wake=wake)


def read(reader: object, limit: int = 7) -> list[Point]:
    """All points from where the reader is, in order."""
    found: list[Point] = []
    while points := read_some(reader, limit):
        found += points
    return found


def same(a: list[Point], b: list[Point]) -> bool:
    return repr(a) == repr(b)


def left_by(spool: PointSpool) -> LeftPoints:
    """What another process finds after this one was killed."""
    assert spool.folder is not None
    spool.folder.release()
    taken = WriterFolder.take(spool.folder.path)
    assert taken is not None
    return LeftPoints(taken)


def read_left(path: Path) -> tuple[list[Point], bool]:
    """The points that can be read of a folder, and whether it says that something is wrong."""
    found: list[Point] = []
    folder = WriterFolder.take(path)
    assert folder is not None
    try:
        reader = LeftPoints(folder).reader
        while rows := read_some(reader, 5_000):
            found += rows
    except DamagedError:
        return found, True
    finally:
        folder.release()
    return found, False


def read_some(reader: object, limit: int = 1) -> list[Point]:
    found: list[Point] = []
    for part in reader.read(limit):  # type: ignore[attr-defined]
        for i, step in enumerate(part.steps):
            found += [(key, step, part.columns[k][i]) for k, key in enumerate(part.keys)]
    return found


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(calls, max_size=30), st.integers(1, 50))
def test_what_was_logged_is_read_in_order_here_and_afterwards(tmp_path: Path, logged: list, limit: int) -> None:
    shutil.rmtree(tmp_path / "s", ignore_errors=True)
    spool = spool_in(tmp_path / "s")
    counted: dict[str, int] = {}
    expected: list[list[Point]] = []
    for metrics, step in logged:
        spool.add(metrics, step)
        here = []
        for key, value in metrics.items():
            here.append((key, counted.get(key, 0) if step is None else step, float(value)))
            if step is None:
                counted[key] = counted.get(key, 0) + 1
        expected.append(here)
    assert spool.reader.pending() == sum(map(len, expected))
    live = read(spool.reader, limit)
    # The points of one call may stand in any order: they are of different series.
    assert sorted(map(repr, live)) == sorted(repr(p) for call in expected for p in call)
    for key in {key for metrics, _ in logged for key in metrics}:
        assert same([p for p in live if p[0] == key], [p for call in expected for p in call if p[0] == key])
    if logged:
        assert same(read(left_by(spool).reader, limit), live)
    spool.close(delete=True)
    assert list(tmp_path.glob("s/*")) == []


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Point]]:
    """A spool of three segments, with records of many sizes at its beginning and end."""
    spool = spool_in(tmp_path_factory.mktemp("example"))
    for step in range(200):
        spool.add({f"k{step % 7}": float(step), "loss": -1.0 * step}, step)
    for step in range(1_200):
        # Many bytes and few points: 250 keys are 2,000 bytes.
        spool.add({f"wide{i}": float(step + i) for i in range(250)}, step)
    for step in range(200):
        spool.add({f"k{step % 7}": float(step), "loss": math.inf}, None)
    folder = spool.folder
    assert folder is not None
    assert len(list(folder.path.glob("*.points"))) == 3
    points = read(spool.reader, 10_000)
    folder.release()
    return folder.path, points


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_damage_leaves_a_beginning_and_no_garbage(
    tmp_path: Path, example: tuple[Path, list[Point]], data: st.DataObject
) -> None:
    original, points = example
    copy = tmp_path / "copy"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(original, copy)
    number = data.draw(st.integers(0, 2))
    target = copy / file_name(number)
    content = bytearray(target.read_bytes())
    used = len(content) if number < 2 else records.end_of_records(bytes(content)) + 100
    # Damage at the edges of a segment is likelier to be told wrongly than in its middle.
    at = data.draw(st.integers(0, used - 1) | st.integers(0, 300) | st.integers(used - 300, used - 1))
    # The first file may be gone: its points are stored then.
    kind = data.draw(st.sampled_from(["cut", "flip", "zeros", "noise", "gone"][: 5 if number else 4]))
    if kind == "cut":
        target.write_bytes(content[:at])
    elif kind == "gone":
        target.unlink()
    else:
        length = data.draw(st.integers(1, 5000))
        part = content[at : at + length]
        new = {
            "flip": bytes([part[0] ^ (1 << data.draw(st.integers(0, 7)))]) + bytes(part[1:]),
            "zeros": bytes(len(part)),
            "noise": data.draw(st.binary(min_size=len(part), max_size=len(part)))
            if len(part) < 50
            else os.urandom(len(part)),
        }[kind]
        content[at : at + length] = new
        target.write_bytes(content)
    found, told = read_left(copy)
    assert found == points[: len(found)]
    if number < 2 and len(found) < len(points):
        assert told, "what is missing in the middle is told"


def test_a_segment_is_freed_once_its_points_are_committed(tmp_path: Path) -> None:
    spool = spool_in(tmp_path)
    for step in range(60_000):
        spool.add({"a": float(step), "b": 1.0, "c": 2.0}, step)
    assert spool.folder is not None
    path = spool.folder.path
    assert len(list(path.glob("*.points"))) == 3
    taken = read(spool.reader, 1000)
    spool.reader.free(10)
    assert len(list(path.glob("*.points"))) == 3
    spool.reader.free(100_000)
    assert len(list(path.glob("*.points"))) == 2
    first = spool.reader.first_point
    assert 1 < first <= 100_001
    left = left_by(spool).reader
    assert left.first_point == first
    assert read(left, 1000) == taken[first - 1 :]


@pytest.mark.parametrize("number", [1, 2, 3, 4, 599, 600, 601, 100_000, 179_999, 180_000, 180_001])
def test_a_reader_goes_to_the_row_of_any_number(tmp_path: Path, number: int) -> None:
    spool = spool_in(tmp_path)
    for step in range(60_000):
        spool.add({"a": float(step), "b": 1.0, "c": 2.0}, step)
    spool.reader.seek(200_000)
    assert spool.reader.number == 180_001
    spool.reader.seek(number)
    assert spool.reader.number == (number - 1) // 3 * 3 + 1
    assert [step for _, step, _ in read_some(spool.reader)[:1]] == ([(number - 1) // 3] if number <= 180_000 else [])


def test_a_handler_may_log_while_a_segment_is_begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The moment is made to come: a test cannot wait for a signal that hits it."""
    spool = spool_in(tmp_path)
    allocate = segments._allocate

    def interrupted(descriptor: int, size: int) -> None:
        allocate(descriptor, size)
        monkeypatch.setattr(segments, "_allocate", allocate)
        spool.add({"handler": 1.0}, 7)

    for step in range(60_000):
        if step % 20_000 == 10_000:
            monkeypatch.setattr(segments, "_allocate", interrupted)
        spool.add({"a": float(step), "b": 0.0}, step)
    found = read(spool.reader, 1000)
    assert [step for key, step, _ in found if key == "a"] == list(range(60_000))
    assert [step for key, step, _ in found if key == "handler"] == [7, 7]
    spool.reader.free(len(found))
    assert read(left_by(spool).reader) == found[spool.reader.first_point - 1 :]


def test_threads_and_signal_handlers_log_at_once(tmp_path: Path) -> None:
    spool = spool_in(tmp_path)
    each = 40_000
    numbers = itertools.count()
    seen: list[int] = []

    def work(name: str) -> None:
        for step in range(each):
            spool.add({name: 1.0, "shared": 2.0}, step)

    def handler(*_: object) -> None:
        number = next(numbers)
        seen.append(number)
        spool.add({"signal": 1.0, f"new{number % 50}": 1.0}, number)

    threads = [threading.Thread(target=work, args=(f"t{n}",)) for n in range(3)]
    before = signal.signal(signal.SIGALRM, handler)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.05, 0.05)
        for thread in threads:
            thread.start()
        work("main")
        for thread in threads:
            thread.join()
        # A busy machine delivers few of the signals while the threads log.
        more = itertools.count()
        while len(seen) <= 3:
            spool.add({"more": 1.0}, next(more))
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    found = read(left_by(spool).reader, 10_000)
    for name in ("t0", "t1", "t2", "main"):
        assert [step for key, step, _ in found if key == name] == list(range(each))
    assert [step for key, step, _ in found if key == "more"] == list(range(next(more)))
    found = [point for point in found if point[0] != "more"]
    interrupts = next(numbers)
    # A handler may interrupt itself.
    assert sorted(step for key, step, _ in found if key == "signal") == list(range(interrupts))
    assert len(found) == 8 * each + 2 * interrupts


@pytest.mark.parametrize(
    ("metrics", "step", "field", "rule"),
    [
        ({"a": "1"}, 0, "metrics['a']", "give a number"),
        ({"a": None}, 0, "metrics['a']", "give a number"),
        ({"a": 1j}, 0, "metrics['a']", "give a number"),
        ({"a": 10**400}, 0, "metrics['a']", "give a number"),
        ({"": 1.0}, 0, "metrics", "0 characters"),
        ({"x" * 251: 1.0}, 0, "metrics", "251 characters"),
        ({"a\nb": 1.0}, 0, "metrics", "control characters"),
        ({"\ud800": 1.0}, 0, "metrics", "not Unicode"),
        ({3: 1.0}, 0, "metrics", "give a string"),
        ({"a": 1.0}, 1.5, "step", "whole number"),
        ({"a": 1.0}, 2**63, "step", "at most 64 bits"),
    ],
)
def test_what_cannot_be_stored_is_refused_and_nothing_is_added(
    tmp_path: Path, metrics: dict, step: object, field: str, rule: str
) -> None:
    spool = spool_in(tmp_path)
    spool.add({"good": 1.0, "a": 1.0}, 0)
    for _ in range(2):
        with pytest.raises(runlore.InvalidArgumentError) as caught:
            spool.add({"good": 1.0, **metrics}, step)  # type: ignore[arg-type]
        assert rule in caught.value.fields[field]
    assert len(read(spool.reader)) == 2
    assert spool.dropped == 0


def test_numbers_of_other_types_are_taken(tmp_path: Path) -> None:
    numpy = pytest.importorskip("numpy")
    spool = spool_in(tmp_path)
    for _ in range(2):
        spool.add({"a": numpy.float32(0.5), "b": True, "c": numpy.array(2)}, numpy.int64(7))
    assert read(spool.reader) == [("a", 7, 0.5), ("b", 7, 1.0), ("c", 7, 2.0)] * 2


def test_a_clock_that_jumps_changes_times_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = itertools.chain([10**18, 5, 2 * 10**18, 10**18], itertools.repeat(7_000))
    monkeypatch.setattr(spool_points, "_now", lambda: next(clock))
    spool = spool_in(tmp_path)
    for step in range(10):
        spool.add({"a": 1.0}, step)
    (rows,) = spool.reader.read(100)
    assert rows.steps == list(range(10))
    assert min(rows.times) < 10
    assert max(rows.times) > 10**14


def test_a_call_may_have_thousands_of_keys(tmp_path: Path) -> None:
    spool = spool_in(tmp_path)
    spool.add({f"{i:04}" + "é" * 240: float(i) for i in range(3000)}, 1)
    assert [value for _, _, value in read(left_by(spool).reader)] == [float(i) for i in range(3000)]


FULL = """
import resource, signal, sys
from pathlib import Path
from runlore._spool.folders import WriterFolder
from runlore._spool.points import PointSpool
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
create = lambda: WriterFolder.create(Path(sys.argv[1]), "a" * 32, "w")
spool = PointSpool("a" * 32, "w", limit=1 << 30, open_folder=create, wake=lambda: None)
spool.add({"a": 0.0}, 0)
if sys.argv[2] == "limit":
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
step = 1
while spool.dropped < 10:
    spool.add({"a": float(step)}, step)
    step += 1
print(step, spool.dropped)
"""


def full(root: Path, how: str) -> tuple[int, int]:
    """Log in another process until ten points were dropped: how many were logged, and how many dropped."""
    command = [sys.executable, "-c", FULL, str(root), how]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("cannot grow") == 1, done.stderr
    logged, dropped = done.stdout.split()
    return int(logged), int(dropped)


def test_a_limit_on_file_sizes_drops_points_and_raises_nothing(tmp_path: Path) -> None:
    logged, dropped = full(tmp_path, "limit")
    (path,) = folders.find(tmp_path)
    assert [step for _, step, _ in read_left(path)[0]] == list(range(logged - dropped))
    folder = WriterFolder.take(path)
    assert folder is not None
    assert LeftPoints(folder).dropped == dropped, "the count outlives the process"
    folder.release()


@pytest.mark.parametrize("native", [True, False])
def test_a_segment_has_its_space_before_it_is_mapped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, native: bool
) -> None:
    if not native:
        # As on macOS.
        monkeypatch.delattr(os, "posix_fallocate")
    spool = spool_in(tmp_path)
    spool.add({"a": 1.0}, 0)
    (path,) = tmp_path.glob("*/*/*.points")
    assert path.stat().st_size == records.SEGMENT_BYTES
    assert path.stat().st_blocks * 512 >= records.SEGMENT_BYTES
    assert read(spool.reader) == [("a", 0, 1.0)]


def test_a_full_disk_drops_points_and_raises_nothing(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2500k", "tmpfs", str(disk)], capture_output=True, check=False
    )
    if mount.returncode != 0:
        # Without the right to mount, the limit on file sizes above is what a full disk looks like.
        assert os.geteuid() != 0 or b"permission denied" in mount.stderr or b"not permitted" in mount.stderr, (
            mount.stderr
        )
        return
    try:
        logged, dropped = full(disk, "disk")
        (path,) = folders.find(disk)
        assert [step for _, step, _ in read_left(path)[0]] == list(range(logged - dropped))
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_without_a_folder_points_wait_in_memory(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").touch()
    spools = [
        PointSpool(
            RUN,
            "",
            limit=1 << 30,
            wake=lambda: None,
            open_folder=lambda: keeping.open_folder(tmp_path / "file", RUN, "", ""),
        )
        for _ in range(2)
    ]
    for spool in spools:
        spool.add({"a": 1.0}, 3)
        assert read(spool.reader) == [("a", 3, 1.0)]
    assert [r.message for r in caplog.records if "points wait in memory" in r.message] == [caplog.records[0].message]


def test_a_spool_in_use_cannot_be_taken(tmp_path: Path) -> None:
    spool = spool_in(tmp_path)
    spool.add({"a": 1.0}, 0)
    assert spool.folder is not None
    path = spool.folder.path
    assert WriterFolder.take(path) is None
    pid = os.fork()
    if pid == 0:
        # The child lets go of its copy of the lock, and the parent still has it.
        spool.after_fork_in_child()
        os._exit(0 if WriterFolder.take(path) is None else 1)
    assert os.waitpid(pid, 0)[1] == 0
    assert WriterFolder.take(path) is None
    spool.close(delete=False)
    taken = WriterFolder.take(path)
    assert taken is not None
    taken.delete()
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_maker_leaves_is_swept(tmp_path: Path) -> None:
    (tmp_path / RUN / ".making-x").mkdir(parents=True)
    (tmp_path / RUN / ".going-y").mkdir()
    assert folders.find(tmp_path) == []
    folders.sweep(tmp_path)
    assert list((tmp_path / RUN).iterdir()) == []


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.dictionaries(st.text("abc", min_size=1), st.text("xyz"), max_size=3), max_size=6), st.data())
def test_a_damaged_journal_gives_a_beginning(tmp_path: Path, tags: list[dict[str, str]], data: st.DataObject) -> None:
    path = tmp_path / "journal"
    path.unlink(missing_ok=True)
    written = [v1.LogBatchRequest(run_id=RUN, tags=part) for part in tags]
    for request in written:
        journal.append(path, request)
    assert journal.read(path) == (written, True)
    if not written:
        return
    content = bytearray(path.read_bytes())
    at = data.draw(st.integers(0, len(content) - 1))
    if data.draw(st.booleans()):
        del content[at:]
    else:
        content[at] ^= 1 << data.draw(st.integers(0, 7))
    path.write_bytes(content)
    found, _ = journal.read(path)
    assert found == written[: len(found)]
    assert len(found) < len(written) or at == len(content)


def test_a_journal_that_cannot_grow_stays_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    request = v1.LogBatchRequest(run_id=RUN, tags={"a": "b" * 5000})
    journal.append(path, request)
    pid = os.fork()
    if pid == 0:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (7000, 7000))
        try:
            journal.append(path, request)
        except OSError:
            os._exit(0)
        os._exit(1)
    assert os.waitpid(pid, 0)[1] == 0
    journal.append(path, v1.LogBatchRequest(run_id=RUN))
    assert journal.read(path) == ([request, v1.LogBatchRequest(run_id=RUN)], True)
