"""What tests of the store share."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from runlore_server.db import Database


@pytest.fixture
async def servers(database_url: str) -> AsyncIterator[list[Database]]:
    """The access of several servers to one database."""
    made = [Database(database_url) for _ in range(3)]
    for database in made:
        await database.open()
    yield made
    for database in made:
        await database.close()
