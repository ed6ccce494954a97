"""The load of the machine and of this process while a run goes on, as metrics `system/...` of the run.

On Linux the kernel's files in /proc say it, elsewhere psutil where it is installed; GPUs are asked of `nvidia-smi`.
What cannot be read is left out.
"""

from __future__ import annotations

import importlib
import logging
import os
import re
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from runlore import _exit, _fork, v1

log = logging.getLogger("runlore")

_SECTOR_BYTES = 512
_CPU_FIELDS = 8
#: Devices whose bytes are counted at the devices beneath them, or that are no disks.
_NO_DISK = re.compile(r"(loop|ram|zram|dm-|md|sr|fd|nbd)")
_GPU_QUERY = ("index", "utilization.gpu", "memory.used", "power.draw")
_GPU_TIMEOUT = 2.0
#: Seconds that ending a run waits for the last point.
_PATIENCE = 3.0

#: Reads some of the metrics; a rate needs a reading before.
Reader = Callable[[], dict[str, float]]


class SystemMonitor:
    """Logs system metrics at an interval from a thread of its own, from its start until the run ends.

    The last point is taken when the run ends, so that a short run has one too. A forked child logs none: the thread
    stays with the parent.
    """

    def __init__(self, run_log: Callable[[Mapping[str, float]], None], interval: float) -> None:
        """Start at once; `interval` is in seconds."""
        self._log = run_log
        self._interval = interval
        self._stop = threading.Event()
        self._thread: threading.Thread | None = threading.Thread(
            target=self._work, name="runlore-system-metrics", daemon=True
        )
        _fork.register(self)
        _exit.register(self)
        try:
            self._thread.start()
        except RuntimeError:
            # The interpreter is exiting: there is nothing left to watch.
            self._thread = None

    def settle(self, timeout: float) -> None:
        """Nothing to wait for: points are the run's."""

    def finish(self, timeout: float) -> None:
        """Log the last point and stop."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(min(timeout, _PATIENCE))
        _exit.forget(self)

    def end_open_runs(self, status: v1.RunStatus.ValueType) -> None:
        """Stop before the interpreter exits."""
        self.finish(_PATIENCE)

    def _work(self) -> None:
        stop = self._stop
        readers = list(_readers())
        # What counts up is read once to begin with: its first point is the difference to this.
        _read(readers)
        while not stop.wait(self._interval):
            if not self._log_once(readers):
                return
        self._log_once(readers)

    def _log_once(self, readers: list[Reader]) -> bool:
        points = _read(readers)
        try:
            self._log(points)
        except Exception as error:
            # As when the run was ended by another way: there is nobody to tell points to.
            log.debug("system metrics end: %s", error)
            return False
        return bool(readers)

    def before_fork(self) -> None:
        """Nothing to do: the thread only reads files and appends to the spool."""

    def after_fork_in_parent(self) -> None:
        """Nothing to do."""

    def after_fork_in_child(self) -> None:
        """Leave it to the parent."""
        self._thread = None
        self._stop = threading.Event()


def _read(readers: list[Reader]) -> dict[str, float]:
    """Return what the readers say; one that fails is heard no more."""
    points: dict[str, float] = {}
    for reader in list(readers):
        try:
            points.update(reader())
        except Exception as error:
            readers.remove(reader)
            log.warning("some system metrics are not logged any more: %s: %s", type(error).__name__, error)
    return points


def _readers() -> Iterator[Reader]:
    yield _ProcessCpu()
    if Path("/proc/stat").exists():
        yield _Cpu()
        yield _memory
        yield _Rates({"disk_read": 0, "disk_write": 1}, _disk_bytes)
        yield _Rates({"network_receive": 0, "network_send": 1}, _network_bytes)
    else:
        try:
            yield from _psutil_readers(importlib.import_module("psutil"))
        except ImportError:
            log.info("system metrics other than this process's CPU need psutil on this system: pip install psutil")
    if program := shutil.which("nvidia-smi"):
        yield _Gpus(program)


class _ProcessCpu:
    """CPU of this process's threads in percent of one CPU."""

    def __init__(self) -> None:
        self._last = (time.monotonic(), time.process_time())

    def __call__(self) -> dict[str, float]:
        last, self._last = self._last, (time.monotonic(), time.process_time())
        elapsed = self._last[0] - last[0]
        if elapsed <= 0:
            return {}
        return {"system/process_cpu_percent": 100.0 * (self._last[1] - last[1]) / elapsed}


class _Cpu:
    """Share of the time of all CPUs that was not idle, in percent."""

    def __init__(self) -> None:
        self._last = (0, 0)

    def __call__(self) -> dict[str, float]:
        with open("/proc/stat", "rb") as file:
            # user nice system idle iowait irq softirq steal; what follows is in user and nice already.
            ticks = [int(field) for field in file.readline().split()[1 : 1 + _CPU_FIELDS]]
        last, self._last = self._last, (sum(ticks), ticks[3] + ticks[4])
        total, idle = self._last[0] - last[0], self._last[1] - last[1]
        if total <= 0:
            return {}
        return {"system/cpu_percent": min(max(100.0 * (total - idle) / total, 0.0), 100.0)}


def _memory() -> dict[str, float]:
    with open("/proc/meminfo", "rb") as file:
        fields = dict(line.split(b":", 1) for line in file)
    total, available = (int(fields[name].split()[0]) * 1024 for name in (b"MemTotal", b"MemAvailable"))
    with open("/proc/self/statm", "rb") as file:
        resident = int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return {
        "system/memory_used_bytes": float(total - available),
        "system/memory_percent": 100.0 * (total - available) / total,
        "system/process_memory_bytes": float(resident),
    }


class _Rates:
    """Counters as bytes per second since the reading before."""

    def __init__(self, names: Mapping[str, int], counters: Callable[[], tuple[int, ...]]) -> None:
        self._names = names
        self._counters = counters
        self._last: tuple[float, tuple[int, ...]] | None = None

    def __call__(self) -> dict[str, float]:
        last, self._last = self._last, (time.monotonic(), self._counters())
        if last is None or self._last[0] <= last[0]:
            return {}
        elapsed = self._last[0] - last[0]
        # A device that went away takes its count along.
        return {
            f"system/{name}_bytes_per_second": max(self._last[1][i] - last[1][i], 0) / elapsed
            for name, i in self._names.items()
        }


def _disk_bytes() -> tuple[int, int]:
    """Return the bytes read and written of all disks; partitions are left out, their disk counts them."""
    read = written = 0
    with open("/proc/diskstats", encoding="ascii") as file:
        for line in file:
            fields = line.split()
            if not _NO_DISK.match(fields[2]) and os.path.exists(f"/sys/block/{fields[2].replace('/', '!')}"):
                read += int(fields[5])
                written += int(fields[9])
    return read * _SECTOR_BYTES, written * _SECTOR_BYTES


def _network_bytes() -> tuple[int, int]:
    """Return the bytes received and sent by network cards, or where there are none by all interfaces but loopback."""
    counts: dict[str, tuple[int, int]] = {}
    with open("/proc/net/dev", encoding="ascii") as file:
        for line in file:
            name, colon, rest = line.partition(":")
            if colon and name.strip() != "lo":
                fields = rest.split()
                counts[name.strip()] = (int(fields[0]), int(fields[8]))
    # Bridges and tunnels carry what a card carries again.
    cards = [count for name, count in counts.items() if os.path.exists(f"/sys/class/net/{name}/device")]
    chosen = cards or list(counts.values())
    return sum(count[0] for count in chosen), sum(count[1] for count in chosen)


class _Gpus:
    """Load, memory and power of each GPU, by the number that `nvidia-smi` gives it."""

    def __init__(self, program: str) -> None:
        self._command = [program, f"--query-gpu={','.join(_GPU_QUERY)}", "--format=csv,noheader,nounits"]

    def __call__(self) -> dict[str, float]:
        done = subprocess.run(
            self._command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_GPU_TIMEOUT,
            check=True,
            close_fds=False,
        )
        points: dict[str, float] = {}
        for line in done.stdout.splitlines():
            fields = [field.strip() for field in line.split(",")]
            if len(fields) == len(_GPU_QUERY):
                index, load, mebibytes, watts = fields
                points |= _number(f"system/gpu_{index}_percent", load)
                points |= _number(f"system/gpu_{index}_memory_used_bytes", mebibytes, 2.0**20)
                points |= _number(f"system/gpu_{index}_power_watts", watts)
        return points


def _number(key: str, text: str, unit: float = 1.0) -> dict[str, float]:
    try:
        return {key: float(text) * unit}
    except ValueError:
        # `[N/A]`: this kind of GPU does not say.
        return {}


def _psutil_readers(psutil: Any) -> Iterator[Reader]:
    def cpu_and_memory() -> dict[str, float]:
        memory = psutil.virtual_memory()
        return {
            "system/cpu_percent": float(psutil.cpu_percent(None)),
            "system/memory_used_bytes": float(memory.total - memory.available),
            "system/memory_percent": float(memory.percent),
            "system/process_memory_bytes": float(psutil.Process().memory_info().rss),
        }

    def disk() -> tuple[int, int]:
        counters = psutil.disk_io_counters()
        return (0, 0) if counters is None else (counters.read_bytes, counters.write_bytes)

    def network() -> tuple[int, int]:
        counters = [c for name, c in psutil.net_io_counters(pernic=True).items() if not name.startswith("lo")]
        return sum(c.bytes_recv for c in counters), sum(c.bytes_sent for c in counters)

    yield cpu_and_memory
    yield _Rates({"disk_read": 0, "disk_write": 1}, disk)
    yield _Rates({"network_receive": 0, "network_send": 1}, network)
