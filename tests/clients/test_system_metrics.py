"""System metrics: on the real files of the kernel, with real processes."""

from __future__ import annotations

import importlib
import math
import os
import re
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import runlore
from runlore import _settings, _system_metrics
from tests.clients.conftest import points

Script = Callable[..., "subprocess.CompletedProcess[str]"]

KEYS = {
    "system/cpu_percent",
    "system/disk_read_bytes_per_second",
    "system/disk_write_bytes_per_second",
    "system/memory_percent",
    "system/memory_used_bytes",
    "system/network_receive_bytes_per_second",
    "system/network_send_bytes_per_second",
    "system/process_cpu_percent",
    "system/process_memory_bytes",
}


@pytest.fixture(autouse=True)
def no_gpus(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder that is the whole PATH, so that the machine's own GPUs are no part of a test."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.delenv("RUNLORE_SYSTEM_METRICS", raising=False)
    return folder


def threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "runlore-system-metrics"]


def test_metrics_at_an_interval_until_the_end(client: runlore.Client) -> None:
    with client.start_run(system_metrics=0.1) as run:
        begun = time.monotonic()

        def enough() -> bool:
            run.flush()
            # A busy machine misses some of the intervals.
            return all(len(points(client, run.run_id).get(key, ())) >= 5 for key in KEYS)

        while (elapsed := time.monotonic() - begun) < 1.0 or not (elapsed > 30 or enough()):
            math.factorial(2_000)
        (thread,) = threads()
    elapsed = time.monotonic() - begun
    assert not thread.is_alive()
    stored = points(client, run.run_id)
    assert set(stored) == KEYS
    for key, series in stored.items():
        # At most one per interval, one at once and one at the end.
        assert 5 <= len(series) <= elapsed / 0.1 + 2, key
        assert [step for step, _ in series] == list(range(len(series)))
        assert all(math.isfinite(value) and value >= 0 for _, value in series), key
    assert max(value for _, value in stored["system/process_cpu_percent"]) > 20
    assert all(value <= 100 for key in ("system/cpu_percent", "system/memory_percent") for _, value in stored[key])
    status = Path("/proc/self/status").read_text()
    resident = int(re.search(r"VmRSS:\s+(\d+)", status)[1]) * 1024  # type: ignore[index]
    assert abs(stored["system/process_memory_bytes"][-1][1] - resident) < resident / 2
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    assert resident < stored["system/memory_used_bytes"][-1][1] < total


def test_a_run_shorter_than_the_interval_has_one_point(client: runlore.Client) -> None:
    with client.start_run(system_metrics=True) as run:
        time.sleep(0.05)
    assert {key: len(series) for key, series in points(client, run.run_id).items()} == dict.fromkeys(KEYS, 1)


def test_off_by_default_and_on_by_a_variable(client: runlore.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    with client.start_run() as run:
        assert threads() == []
    assert points(client, run.run_id) == {}
    monkeypatch.setenv("RUNLORE_SYSTEM_METRICS", "0.1")
    with client.start_run() as run:
        assert len(threads()) == 1
        with run.start_child() as child, client.start_run(system_metrics=False) as without:
            time.sleep(0.02)
    assert set(points(client, run.run_id)) == KEYS
    assert points(client, child.run_id) == points(client, without.run_id) == {}


def test_how_often(monkeypatch: pytest.MonkeyPatch) -> None:
    interval = _settings.system_metrics_interval
    assert [interval(given) for given in (None, False, True, 5, 0.5)] == [None, None, 10.0, 5.0, 0.5]
    for value, seconds in {"": None, "0": None, "off": None, "1": 10.0, "ON": 10.0, "2.5": 2.5}.items():
        monkeypatch.setenv("RUNLORE_SYSTEM_METRICS", value)
        assert interval(None) == seconds
        assert interval(30) == 30.0
    for value in ("often", "-1", "0.01", "nan", "inf"):
        monkeypatch.setenv("RUNLORE_SYSTEM_METRICS", value)
        with pytest.raises(runlore.InvalidArgumentError, match=r"^RUNLORE_SYSTEM_METRICS: .* at least 0.1$"):
            interval(None)
    with pytest.raises(runlore.InvalidArgumentError, match=r"^system_metrics: is 0: give a switch, or the seconds"):
        interval(0)


def test_network_and_disk_are_counted(tmp_path: Path) -> None:
    read = _system_metrics._Rates({"disk_read": 0, "disk_write": 1}, lambda: next(counts))
    counts = iter([(100, 0), (100, 4_000), (0, 4_000)])
    assert read() == {}
    time.sleep(0.01)
    rates = read()
    assert rates["system/disk_read_bytes_per_second"] == 0
    assert 0 < rates["system/disk_write_bytes_per_second"] <= 400_000
    # A disk that is taken out makes the sum smaller, and no rate negative.
    assert set(read().values()) == {0.0}
    before = _system_metrics._disk_bytes()
    with (tmp_path / "file").open("wb") as file:
        file.write(os.urandom(4_000_000))
        file.flush()
        os.fsync(file.fileno())
    assert all(now >= then for now, then in zip(_system_metrics._disk_bytes(), before, strict=True))
    assert all(isinstance(count, int) and count >= 0 for count in _system_metrics._network_bytes())


def test_gpus_are_those_of_nvidia_smi(client: runlore.Client, no_gpus: Path) -> None:
    program = no_gpus / "nvidia-smi"
    program.write_text('#!/bin/sh\necho "0, 87, 2048, 301.5"\necho "1, 3, 12, [N/A]"\n')
    program.chmod(0o755)
    with client.start_run(system_metrics=True) as run:
        time.sleep(0.05)
    stored = {key: series[-1][1] for key, series in points(client, run.run_id).items() if "gpu" in key}
    assert stored == {
        "system/gpu_0_percent": 87.0,
        "system/gpu_0_memory_used_bytes": 2048.0 * 2**20,
        "system/gpu_0_power_watts": 301.5,
        "system/gpu_1_percent": 3.0,
        "system/gpu_1_memory_used_bytes": 12.0 * 2**20,
    }


def test_what_cannot_be_read_any_more_is_left_out(
    client: runlore.Client, no_gpus: Path, caplog: pytest.LogCaptureFixture
) -> None:
    program = no_gpus / "nvidia-smi"
    program.write_text("#!/bin/sh\nexit 9\n")
    program.chmod(0o755)
    with client.start_run(system_metrics=0.1) as run:
        time.sleep(0.35)
    assert set(points(client, run.run_id)) == KEYS
    warned = [r.message for r in caplog.records if "system metrics" in r.message]
    assert len(warned) == 1
    assert warned[0].startswith("some system metrics are not logged any more: CalledProcessError")


def test_psutil_says_the_same_where_there_is_no_proc() -> None:
    readers = list(_system_metrics._psutil_readers(importlib.import_module("psutil")))
    _system_metrics._read(readers)
    time.sleep(0.05)
    told = _system_metrics._read(readers)
    assert set(told) == KEYS - {"system/process_cpu_percent"}
    own = _system_metrics._memory()
    for key in ("system/memory_used_bytes", "system/process_memory_bytes"):
        assert told[key] == pytest.approx(own[key], rel=0.2)


def test_a_forked_child_logs_none(script: Script, client: runlore.Client) -> None:
    done = script(
        "import os, threading, time, runlore\n"
        "with runlore.start_run('fork', system_metrics=0.1) as run:\n"
        "    print(run.run_id, flush=True)\n"
        "    time.sleep(0.25)\n"
        "    pid = os.fork()\n"
        "    if pid == 0:\n"
        "        names = [t.name for t in threading.enumerate()]\n"
        "        time.sleep(0.5)\n"
        "        os._exit(1 if 'runlore-system-metrics' in names else 0)\n"
        "    assert os.waitpid(pid, 0)[1] == 0\n"
        "    pid = os.fork()\n"
        "    if pid == 0: run.finish(); os._exit(0)\n"
        "    assert os.waitpid(pid, 0)[1] == 0\n"
        "    time.sleep(0.25)\n"
    )
    assert done.returncode == 0, done.stderr
    stored = points(client, done.stdout.strip())
    steps = [step for step, _ in stored["system/process_cpu_percent"]]
    # Each step once: no other process counted along.
    assert steps == list(range(len(steps)))
    assert len(steps) >= 6


def test_the_thread_does_not_keep_a_process_alive(script: Script, client: runlore.Client) -> None:
    began = time.monotonic()
    done = script(
        "import runlore, time\n"
        "run = runlore.start_run('exit', system_metrics=True)\n"
        "print(run.run_id)\n"
        "time.sleep(0.1)\n"
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert time.monotonic() - began < 30
    run = client.get_run(done.stdout.strip())
    assert runlore.v1.RunStatus.Name(run.status) == "RUN_STATUS_FINISHED"
