"""What fault tests share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.__main__ import RESULT
from tests.faults.files import make_model
from tests.faults.ledger import Ledger
from tests.faults.world import World
from tests.harness.postgres import scratch_folder


@pytest.fixture(scope="session")
def faults() -> Iterator[Ledger]:
    """Where every injected fault is counted."""
    ledger = Ledger()
    yield ledger
    ledger.write(RESULT)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder of the test's own in which a Postgres can run, whoever runs the tests."""
    with scratch_folder() as made:
        yield made


@pytest.fixture
def world(folder: Path, faults: Ledger) -> Iterator[World]:
    """A durable Postgres, a server of two workers on it, and a network in between."""
    with World(folder, faults) as made:
        yield made


@pytest.fixture
def model(folder: Path) -> Path:
    """A folder of 3 large files and 300 small ones."""
    return make_model(folder / "model")
