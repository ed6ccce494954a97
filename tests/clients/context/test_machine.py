"""The machine and the installed packages."""

from __future__ import annotations

import importlib.metadata
import os
import re
import sys
import time
from pathlib import Path

import pytest

from runlore import _context
from runlore._context import machine, packages
from tests.clients.context.repository import on_path


def test_packages_are_those_that_python_finds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    info = tmp_path / "site" / "odd_one-2.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: Odd.One\nVersion: 2.0\n\nName: not this\n")
    (info / "direct_url.json").write_text(
        '{"url": "https://u:p@git.example/o/r", "vcs_info": {"vcs": "git", "commit_id": "abc"}}'
    )
    broken = tmp_path / "site" / "broken-1.0.dist-info"
    broken.mkdir()
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    assert packages.write(tmp_path) == {}
    lines = (tmp_path / "packages.txt").read_text().splitlines()
    assert lines[0].startswith("# CPython 3.")
    assert "Odd.One==2.0  # from https://git.example/o/r@abc" in lines
    known = {}
    for found in importlib.metadata.distributions():
        if found.metadata is not None and found.metadata["Name"]:
            known.setdefault(re.sub(r"[-_.]+", "-", found.metadata["Name"]).lower(), found.version)
    told = dict(line.partition("  #")[0].split("==") for line in lines[1:])
    assert {re.sub(r"[-_.]+", "-", name).lower(): version for name, version in told.items()} == known
    # A package that is installed later is found by the next run.
    later = tmp_path / "site" / "later-1.dist-info"
    later.mkdir()
    (later / "METADATA").write_text("Name: later\nVersion: 1\n")
    os.utime(tmp_path / "site", (time.time() + 5, time.time() + 5))
    packages.write(tmp_path)
    assert "later==1" in (tmp_path / "packages.txt").read_text().splitlines()


def test_the_machine() -> None:
    tags = machine.tags()
    assert tags["runlore.host"] == os.uname().nodename
    assert tags["runlore.os"].startswith(f"{os.uname().sysname} {os.uname().release}")
    assert re.search(r"\d+ CPUs?$", tags["runlore.cpu"])
    assert re.fullmatch(r"[\d.]+ GiB", tags["runlore.memory"])
    assert all(tags.values())
    assert machine.python_tags()["runlore.python"].endswith(" ".join([".".join(map(str, sys.version_info[:3]))]))


def test_gpus_that_only_a_program_can_tell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.asked_gpus.cache_clear()
    monkeypatch.setattr(machine, "gpus", lambda: "")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not machine.gpus_need_asking()
    on_path(tmp_path / "bin", "nvidia-smi", 'printf "NVIDIA H100\\nNVIDIA H100\\nTesla T4\\n"', monkeypatch)
    context = _context.capture(frozenset({"host"}))
    assert "runlore.gpu" not in context.tags
    assert context.complete(tmp_path) == {"runlore.gpu": "2 x NVIDIA H100, Tesla T4"}
    machine.asked_gpus.cache_clear()
