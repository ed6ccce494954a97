"""[log_batch] 100 series of 100 points a call, against a bare binary COPY of the same rows."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable

import grpc
import numpy as np
import psycopg

from runlore import v1
from runlore_server.store.blocks import Batch
from tests.bench.harness import Bench, Measured

KEYS, POINTS = 100, 100


def scenario(bench: Bench) -> None:
    """Measure with one writer."""
    with bench.server() as (address, database_url), grpc.insecure_channel(address) as channel:
        tracking = v1.TrackingServiceStub(channel)
        run_id = tracking.CreateRun(v1.CreateRunRequest(experiment_name="bench")).run.run_id
        writer_id, sequence = secrets.token_hex(8), 0

        def ours(seconds: float) -> Measured:
            def call() -> None:
                nonlocal sequence
                sequence += 1
                request = v1.LogBatchRequest(
                    run_id=run_id, writer_id=writer_id, sequence=sequence, series=batches[sequence % len(batches)]
                )
                tracking.LogBatch(request)

            return _repeat(call, seconds)

        batches = [_series(i) for i in range(8)]
        with psycopg.connect(database_url) as conn:
            conn.execute("CREATE TABLE bench_block (LIKE metric_block INCLUDING ALL)")
            conn.commit()
            copied = 0

            def ceiling(seconds: float) -> Measured:
                def call() -> None:
                    nonlocal copied
                    # Encoded outside the transaction, but a primary key wants rows that differ.
                    with conn.cursor() as cursor, cursor.copy("COPY bench_block FROM STDIN (FORMAT BINARY)") as copy:
                        copy.write(encoded[copied])
                    conn.commit()
                    copied += 1

                return _repeat(call, seconds, at_most=lambda: copied < len(encoded))

            rounds = bench.rounds + 1
            encoded = _encoded(batches, 100 if bench.tiny else 700 * rounds)
            bench.compare("log_batch", f"{KEYS} x {POINTS}", "points/s", ours, ceiling=("binary COPY", ceiling))


def _repeat(call: Callable[[], None], seconds: float, at_most: Callable[[], bool] = lambda: True) -> Measured:
    taken: list[float] = []
    began = time.perf_counter()
    while (start := time.perf_counter()) < began + seconds and at_most():
        call()
        taken.append(time.perf_counter() - start)
    return Measured(len(taken) * KEYS * POINTS / (time.perf_counter() - began), taken)


def _series(seed: int) -> list[v1.MetricSeries]:
    """A batch whose values differ from those of every other, as a run's do."""
    dice = np.random.default_rng(seed)
    now = time.time_ns() // 1000
    return [
        v1.MetricSeries(
            key=f"metric-{key}",
            steps=range(seed * POINTS, (seed + 1) * POINTS),
            times_unix_us=range(now, now + POINTS),
            values=dice.random(POINTS).tolist(),
        )
        for key in range(KEYS)
    ]


def _encoded(batches: list[list[v1.MetricSeries]], count: int) -> list[bytes]:
    """Rows as they are stored, each under a run of its own."""
    prepared = [(batch := Batch.of(series), batch.summaries()) for series in batches]
    encoded = []
    for i in range(count):
        batch, summaries = prepared[i % len(prepared)]
        encoded.append(batch.copy_rows(secrets.token_hex(16), [0] * KEYS, summaries))
    return encoded
