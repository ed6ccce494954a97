"""The machine that a run is on. What cannot be found out is left out."""

from __future__ import annotations

import functools
import getpass
import os
import platform
import shutil
import socket
import subprocess
import sys
from pathlib import Path

#: Seconds for `nvidia-smi` and `sysctl`.
_TIMEOUT = 5.0


def tags() -> dict[str, str]:
    """Return host, user, operating system, CPU, memory and those GPUs that can be told without running a program."""
    found = {
        "host": socket.gethostname(),
        "user": _user(),
        "os": operating_system(),
        "cpu": cpu(),
        "memory": memory(),
        "gpu": gpus(),
    }
    return {f"runlore.{name}": value for name, value in found.items() if value}


def python_tags() -> dict[str, str]:
    """Return which Python this is."""
    return {"runlore.python": f"{platform.python_implementation()} {platform.python_version()}"}


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        # A container may run under a number that no account has.
        return ""


@functools.cache
def operating_system() -> str:
    """Return such as `Linux 6.1.0 x86_64 (Debian GNU/Linux 12)`."""
    kernel = f"{platform.system()} {platform.release()} {platform.machine()}".strip()
    if sys.platform == "darwin":
        return f"macOS {platform.mac_ver()[0]} {platform.machine()}"
    try:
        pretty = platform.freedesktop_os_release().get("PRETTY_NAME", "")
    except OSError:
        pretty = ""
    return f"{kernel} ({pretty})" if pretty else kernel


@functools.cache
def cpu() -> str:
    """Return the model and how many CPUs this process may use, such as `AMD EPYC 7B13, 8 of 64 CPUs`."""
    total = os.cpu_count() or 0
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else total
    count = f"{usable} of {total} CPUs" if usable != total else f"{total} CPU{'' if total == 1 else 's'}"
    return f"{_cpu_model()}, {count}" if total else _cpu_model()


def _cpu_model() -> str:
    try:
        # The kernel writes this file CPU by CPU, so that its beginning comes cheap on a large machine too.
        with Path("/proc/cpuinfo").open("rb", buffering=0) as file:
            start = file.read(4096).decode(errors="replace")
    except OSError:
        start = ""
    for line in start.splitlines():
        name, _, value = line.partition(":")
        if name.strip() in ("model name", "Model") and value.strip():
            return value.strip()
    if sys.platform == "darwin" and (brand := _run("sysctl", "-n", "machdep.cpu.brand_string")):
        return brand
    return platform.processor() or platform.machine()


@functools.cache
def memory() -> str:
    """Return the machine's memory, such as `15.6 GiB`."""
    try:
        size = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return ""
    return f"{size / 2**30:.1f} GiB" if size > 0 else ""


@functools.cache
def gpus() -> str:
    """Return the kinds of GPUs that the kernel's drivers name, such as `4 x NVIDIA H100`; empty for none."""
    names = [_nvidia_model(path) for path in sorted(Path("/proc/driver/nvidia/gpus").glob("*/information"))]
    if not names:
        names = [_first_line(path) for path in sorted(Path("/sys/class/drm").glob("card*/device/product_name"))]
    return _counted([name for name in names if name])


def gpus_need_asking() -> bool:
    """Whether only `nvidia-smi` could tell the GPUs, as in some containers and under WSL."""
    return not gpus() and shutil.which("nvidia-smi") is not None


@functools.cache
def asked_gpus() -> str:
    """Return what `nvidia-smi` says of the kinds of GPUs; empty when it fails. It may take a second."""
    names = _run("nvidia-smi", "--query-gpu=name", "--format=csv,noheader")
    return _counted([name.strip() for name in names.splitlines() if name.strip()])


def _nvidia_model(path: Path) -> str:
    try:
        lines = path.read_text(errors="replace").splitlines()
    except OSError:
        return ""
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("Model:")), "")


def _first_line(path: Path) -> str:
    try:
        return path.read_text(errors="replace").strip().partition("\n")[0]
    except OSError:
        return ""


def _counted(names: list[str]) -> str:
    counts = {name: names.count(name) for name in names}
    return ", ".join(f"{count} x {name}" if count > 1 else name for name, count in counts.items())


def _run(*command: str) -> str:
    program = shutil.which(command[0])
    if program is None:
        return ""
    try:
        done = subprocess.run(
            [program, *command[1:]],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_TIMEOUT,
            check=False,
            close_fds=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
