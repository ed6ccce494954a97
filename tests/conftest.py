"""Fixtures: a fresh migrated database per test, and real servers. tests/README.md says which to use when."""

from __future__ import annotations

import os
import secrets
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import grpc
import pytest
from hypothesis import settings

from runlore_server.db import Database
from tests.harness.postgres import Databases, databases, scratch_folder
from tests.harness.server import ServerProcess, serving
from tests.harness.wire import UNLIMITED, Stubs
from tests.s3 import s3_server as s3_server

# How long an example takes says something of the machine, and the machines are shared.
settings.register_profile("runlore", deadline=None)
settings.load_profile("runlore")


@pytest.fixture(scope="session", autouse=True)
def _no_spool_at_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep what any client leaves out of the home of whoever runs the tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        yield


@pytest.fixture(scope="session")
def postgres() -> Iterator[Databases]:
    """Databases on one Postgres: an embedded one, or that of RUNLORE_TEST_DATABASE_URL."""
    with databases(os.environ.get("RUNLORE_TEST_DATABASE_URL", "")) as made:
        yield made


@pytest.fixture
def database_url(postgres: Databases) -> Iterator[str]:
    """The URL of a migrated database of the test's own."""
    with postgres.fresh() as url:
        yield url


@pytest.fixture
def empty_database_url(postgres: Databases) -> Iterator[str]:
    """The URL of a database of the test's own without any migration."""
    with postgres.fresh(migrated=False) as url:
        yield url


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[Database]:
    """The server's own access to a migrated database of the test's own."""
    database = Database(database_url)
    await database.open()
    try:
        yield database
    finally:
        await database.close()


@pytest.fixture
def data_folder() -> Iterator[Path]:
    """A folder of the test's own in which an embedded Postgres can run, whoever runs the tests."""
    with scratch_folder() as folder:
        yield folder


@pytest.fixture
def server(database_url: str, data_folder: Path) -> Iterator[ServerProcess]:
    """A server of the test's own, on a database of its own."""
    with serving(data_folder, "--database", database_url) as process:
        yield process


@pytest.fixture(scope="session")
def shared_server(postgres: Databases) -> Iterator[ServerProcess]:
    """One server for all tests that keep to a workspace of their own and leave the server as it is."""
    web = ("--web-listen", "127.0.0.1:0", "--web-allow-origin", "https://dash.example.com")
    # On a busy machine too, a page is whole.
    flags = (*web, "--search-budget-ms", "10000")
    with postgres.fresh() as url, scratch_folder() as folder, serving(folder, "--database", url, *flags) as process:
        yield process


@pytest.fixture(scope="session")
def shared_channel(shared_server: ServerProcess) -> Iterator[grpc.Channel]:
    """A blocking channel to the shared server."""
    with grpc.insecure_channel(shared_server.address, options=UNLIMITED) as channel:
        yield channel


@pytest.fixture(scope="session")
def stubs(shared_channel: grpc.Channel) -> Stubs:
    """Blocking stubs of the shared server."""
    return Stubs(shared_channel)


@pytest.fixture
async def aio_stubs(shared_server: ServerProcess) -> AsyncIterator[Stubs]:
    """Asynchronous stubs of the shared server."""
    async with grpc.aio.insecure_channel(shared_server.address, options=UNLIMITED) as channel:
        yield Stubs(channel)


@pytest.fixture
def workspace() -> str:
    """A workspace that no other test uses."""
    return f"test-{secrets.token_hex(6)}"
