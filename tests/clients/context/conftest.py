"""A shell without settings of its own, a repository, and scripts in it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

import runlore
import runlore.aio
from runlore import _context
from tests.clients.context.repository import Repository
from tests.harness.server import environment


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """A shell's own settings are no part of a test, and every test is the first to warn."""
    for name in ("RUNLORE_CAPTURE", "RUNLORE_CAPTURE_ENV", "GIT_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(_context, "_warned", set())


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "code")


@pytest.fixture
def train(runlore_env: Mapping[str, str], repository: Repository) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs `train.py` of the repository with these arguments and variables."""

    def run(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
        own = {name: value for name, value in runlore_env.items() if name != "RUNLORE_CAPTURE"}
        return subprocess.run(
            [sys.executable, "train.py", *arguments],
            env=environment({**own, **env}),
            cwd=repository.root,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run


@pytest.fixture
def capturing(client: runlore.Client, monkeypatch: pytest.MonkeyPatch) -> runlore.Client:
    """A client whose runs capture the packages only: what is stored then does not depend on the checkout."""
    monkeypatch.setenv("RUNLORE_CAPTURE", "packages")
    return client
