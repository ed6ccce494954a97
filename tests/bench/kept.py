"""Databases of many runs, which take minutes to make and are therefore kept in `build/bench-data`.

A folder there is named by all that its contents depend on: the generator, the migrations, the indexer, and how many
runs there are.
"""

from __future__ import annotations

import asyncio
import hashlib
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import grpc
import psycopg

from runlore import v1
from runlore_server.db import Database
from runlore_server.embedded import EmbeddedPostgres
from runlore_server.store import indexing, migrate
from tests.bench import bulk_runs, bulk_tables
from tests.bench.bulk_runs import Runs
from tests.bench.harness import Bench, Served
from tests.harness.postgres import scratch_folder

FOLDER = Path("build/bench-data")
#: Runs that were deleted long ago stay.
ARGUMENTS = ("--purge-after", "0")
#: Runs that are indexed in one transaction.
_INDEXED_AT_ONCE = 20_000
#: Indexes of what searches walk through: with random places, which is slow to fill and quick to sort.
_INDEXES = """
SELECT i.relname, pg_get_indexdef(x.indexrelid)
FROM pg_index x
JOIN pg_class i ON i.oid = x.indexrelid
JOIN pg_class t ON t.oid = x.indrelid
WHERE t.relname IN ('search_text', 'search_metric') AND i.relname NOT LIKE '%\\_run'
"""


@contextmanager
def served(bench: Bench, runs: Runs) -> Iterator[Served]:
    """A server with these runs; at a full size they are kept for the next time."""
    if bench.tiny:
        with scratch(bench, runs) as server:
            yield server
        return
    folder = FOLDER.absolute() / f"{runs.count}-runs-{runs.experiments}-experiments-{_digest()}"
    # Made under another name: what was broken off is not taken for whole.
    unfinished = folder.with_suffix(".unfinished")
    if not folder.exists():
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True)
        _make(unfinished, runs)
        unfinished.rename(folder)
    with bench.server(*ARGUMENTS, data=folder) as server:
        with grpc.insecure_channel(server.address) as channel:
            tidy(v1.TrackingServiceStub(channel), runs)
        yield server


@contextmanager
def scratch(bench: Bench, runs: Runs) -> Iterator[Served]:
    """A server with these runs, which are gone afterwards."""
    with scratch_folder() as folder:
        _make(folder, runs)
        with bench.server(*ARGUMENTS, data=folder) as server:
            yield server


def tidy(tracking: v1.TrackingServiceStub, runs: Runs) -> None:
    """Remove the runs that a measurement added, such as one that was broken off."""
    latest = int(runs.start_us[-1]) // 1_000
    request = v1.SearchRunsRequest(filter=f"start_time > {latest}", page_size=1_000)
    while added := tracking.SearchRuns(request).runs:
        for run in added:
            tracking.DeleteRun(v1.DeleteRunRequest(run_id=run.run_id))
            tracking.PurgeRun(v1.PurgeRunRequest(run_id=run.run_id))


def _make(folder: Path, runs: Runs) -> None:
    """Make a server's data folder, before a server runs there."""
    postgres = EmbeddedPostgres(folder / "postgres")
    url = postgres.start()
    try:
        migrate.migrate(url)
        began = time.monotonic()
        bulk_tables.load(url, runs)
        loaded = time.monotonic()
        _index(url)
        with psycopg.connect(url, autocommit=True) as conn:
            conn.execute("VACUUM ANALYZE")
            size = conn.execute("SELECT pg_database_size(current_database())").fetchone()
    finally:
        postgres.stop()
    assert size is not None
    print(
        f"{runs.count:,} runs loaded in {loaded - began:,.0f} s, indexed in {time.monotonic() - loaded:,.0f} s; "
        f"{size[0] / runs.count:,.0f} bytes a run",
        file=sys.stderr,
        flush=True,
    )


def _index(url: str) -> None:
    """Index the runs by the server's own statements, without its pauses, and sort what it would have inserted."""
    with psycopg.connect(url, autocommit=True) as conn:
        indexes = conn.execute(_INDEXES).fetchall()
        for name, _ in indexes:
            conn.execute(f"DROP INDEX {name}")
        asyncio.run(_index_all(url))
        for _, definition in indexes:
            conn.execute(definition)


async def _index_all(url: str) -> None:
    database = Database(url)
    await database.open()
    try:
        for index in (indexing.index_texts, indexing.index_metrics):
            while await database.write(lambda conn, index=index: index(conn, _INDEXED_AT_ONCE, 0.0)):  # type: ignore[misc]
                pass
    finally:
        await database.close()


def _digest() -> str:
    """What the contents depend on."""
    sources = [Path(module.__file__ or "").read_bytes() for module in (bulk_runs, bulk_tables, indexing)]
    migrations = [migration.sha256 for migration in migrate.shipped()]
    return hashlib.sha256(b"\0".join([*sources, *migrations])).hexdigest()[:16]
