"""[ingest_bulk] 100 series of 100 points a call from 1 and 4 writers, against MLflow and a bare binary COPY."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager

import psycopg

from runlore_server.store.blocks import Batch
from tests.bench import stored
from tests.bench.harness import Bench, Contestant, Measured
from tests.bench.orders import Processes
from tests.bench.writer import KEYS, POINTS, batches, repeat

WRITERS = (1, 4)
#: A run id that stands for another one each time.
_PLACEHOLDER = "b7" * 16


def scenario(bench: Bench) -> None:
    """Measure the rates, then what a point takes on disk."""
    peer = bench.peer()
    with bench.server("--workers", "2") as served:
        writers = Processes("tests.bench.writer", max(WRITERS))
        for count in WRITERS:
            with _copy(served.database_url, count) as ceiling:

                def ours(seconds: float, count: int = count) -> Measured:
                    return writers.measure(*[{"address": served.address, "seconds": seconds}] * count)

                def theirs(seconds: float, count: int = count) -> Measured:
                    assert peer is not None
                    return peer.measure("log_batch", count, seconds)

                bench.compare(
                    "ingest_bulk",
                    f"{KEYS} x {POINTS}, {count} writer{'s' if count > 1 else ''}",
                    "points/s",
                    ours,
                    ceiling=("binary COPY", ceiling),
                    peer=("MLflow", theirs) if peer else None,
                )
        writers.close()
        stored.wait_merged(served.database_url)
        size = stored.bytes_per_point(served.database_url, stored.POINT_TABLES, "SELECT sum(count) FROM run_metric")
    theirs_size = peer.bytes_per_point() if peer else None
    bench.record(
        "ingest_bulk",
        "stored",
        "bytes/point",
        size,
        peer=("MLflow", theirs_size, theirs_size / size) if theirs_size else None,
    )


@contextmanager
def _copy(database_url: str, writers: int) -> Iterator[Contestant]:
    """COPY of the rows that a call becomes, encoded beforehand, a transaction each, into a table of the same shape."""
    encoded = []
    for series in batches():
        batch = Batch.of(series)
        encoded.append(batch.copy_rows(_PLACEHOLDER, [0] * KEYS, batch.summaries()))

    def write(conn: psycopg.Connection, seconds: float) -> Measured:
        calls = 0

        def call() -> None:
            nonlocal calls
            calls += 1
            # The primary key wants rows that differ.
            rows = encoded[calls % len(encoded)].replace(bytes.fromhex(_PLACEHOLDER), secrets.token_bytes(16))
            with conn.cursor() as cursor, cursor.copy("COPY bench_block FROM STDIN (FORMAT BINARY)") as copy:
                copy.write(rows)
            conn.commit()

        return Measured(**repeat(call, seconds=seconds))

    with ExitStack() as stack:
        conns = [stack.enter_context(psycopg.connect(database_url)) for _ in range(writers)]
        threads = stack.enter_context(ThreadPoolExecutor(writers))
        conns[0].execute("CREATE TABLE bench_block (LIKE metric_block INCLUDING ALL)")
        conns[0].commit()

        def measure(seconds: float) -> Measured:
            found = list(threads.map(write, conns, [seconds] * writers))
            return Measured(sum(m.rate for m in found), [s for m in found for s in m.seconds])

        yield measure
        conns[0].execute("DROP TABLE bench_block")
        conns[0].commit()
