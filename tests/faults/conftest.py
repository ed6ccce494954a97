"""What fault tests share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.__main__ import RESULT
from tests.faults.files import make_model
from tests.faults.ledger import Ledger
from tests.faults.world import World


@pytest.fixture(scope="session")
def faults() -> Iterator[Ledger]:
    """Where every injected fault is counted."""
    ledger = Ledger()
    yield ledger
    ledger.write(RESULT)


@pytest.fixture
def world(data_folder: Path, faults: Ledger) -> Iterator[World]:
    """A durable Postgres, a server of two workers on it, and a network in between."""
    with World(data_folder, faults) as made:
        yield made


@pytest.fixture
def model(data_folder: Path) -> Path:
    """A folder of 3 large files and 300 small ones."""
    return make_model(data_folder / "model")
