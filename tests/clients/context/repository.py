"""A git repository of a test's own, and what else tests of the context share."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import runlore
import runlore.aio
from runlore import _settings, v1
from runlore._context import git

ALL = frozenset(_settings.CAPTURE_PARTS)


class Repository:
    """A git repository of the test's own."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.root.mkdir()
        self("init", "-q", "-b", "main")

    def __call__(self, *arguments: str) -> str:
        identity = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false"]
        done = subprocess.run(
            ["git", "-C", str(self.root), *identity, *arguments],
            env={**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull},
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()

    def write(self, **files: str) -> None:
        for name, content in files.items():
            (self.root / f"{name}.py").write_text(content)

    def commit(self, **files: str) -> str:
        self.write(**files)
        self("add", "-A")
        self("commit", "-q", "-m", "m")
        return self("rev-parse", "HEAD")

    def find(self) -> git.Repository:
        found = git.find([str(self.root)])
        assert found is not None
        return found

    def later(self, folder: Path) -> tuple[dict[str, str], str | None]:
        """Return the tags of status and diff, and the stored diff."""
        folder.mkdir(exist_ok=True)
        end = time.monotonic() + 20
        tags = git.status(self.find(), folder, end) | git.diff(self.find(), folder, end)
        path = folder / "git.diff"
        assert [p for p in folder.iterdir() if p != path] == []
        return tags, path.read_text() if path.exists() else None


def on_path(folder: Path, name: str, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a program of this name before all others."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")


def artifacts(client: runlore.Client, run_id: str) -> list[str]:
    """Return the paths of a run's artifacts."""
    if not client.get_run(run_id).artifact_manifest_digest:
        return []
    return [file.path for file in client.artifacts.GetManifest(v1.GetManifestRequest(run_id=run_id)).files]


TRAIN = """
import runlore
with runlore.start_run("ctx", tags={"team": "ads"}) as run:
    print(run.run_id, flush=True)
    with run.start_child("trial") as child:
        print(child.run_id, flush=True)
"""


Train = Callable[..., "subprocess.CompletedProcess[str]"]
