"""[search_memory] a worker's memory over 10,000 searches, and while a series of 10 million points is read slowly."""

from __future__ import annotations

import time

import grpc
import psutil

from runlore import v1
from tests.bench import kept, walks
from tests.bench.bulk_runs import Runs
from tests.bench.harness import Bench
from tests.bench.load import Load
from tests.bench.searches import searches
from tests.bench.searching import SEARCH, request_of

#: A leak of 2 KB a search would be seen in it; what an allocator keeps from the largest page is less.
SEARCH_MB = 20.0
#: A few messages of a stream, each with what it was made of; ten million points themselves are 240 MB.
STREAM_MB = 40.0
#: How long the reader takes.
READING_SECONDS = 20.0


def scenario(bench: Bench) -> None:
    """Measure both; what the first tenth of the searches took fills pools and caches and does not count."""
    _searches(bench, Runs(1_000 if bench.tiny else 20_000, experiments=10), 200 if bench.tiny else 10_000)
    _stream(bench, 200_000 if bench.tiny else 10_000_000)


def _searches(bench: Bench, runs: Runs, count: int) -> None:
    with kept.scratch(bench, runs) as served:
        messages = [
            request_of(search, where, runs).SerializeToString() for search in searches(runs) for where in search.wheres
        ]
        load = Load()
        load.call(served.address, SEARCH, messages, 1, calls=count // 10)
        warm = _megabytes(served.pid)
        load.call(served.address, SEARCH, messages, 1, calls=count)
        grown = _megabytes(served.pid) - warm
        load.close()
    _record(bench, f"{count:,} searches of {len(messages)} kinds", grown, warm, SEARCH_MB)


def _stream(bench: Bench, points: int) -> None:
    with bench.server() as served, grpc.insecure_channel(served.address) as channel:
        tracking = v1.TrackingServiceStub(channel)
        run_id = walks.log(tracking, 7, ["loss"], points)
        request = v1.GetMetricHistoryRequest(run_ids=[run_id])
        first_step = v1.GetMetricHistoryRequest(run_ids=[run_id], max_step=0)
        list(tracking.GetMetricHistory(first_step))
        warm = most = _megabytes(served.pid)
        met, began = 0, time.monotonic()
        seconds = 1.0 if bench.tiny else READING_SECONDS
        for part in tracking.GetMetricHistory(request):
            met += len(part.series.values)
            most = max(most, _megabytes(served.pid))
            # As slow as to be through when its time is over.
            time.sleep(max(0.0, began + seconds * met / points - time.monotonic()))
        if met != points:
            bench.fail("search_memory", "stream", f"{met:,} points of {points:,} came")
    _record(bench, f"a stream of {points / 1e6:g} M points, its reader slow", most - warm, warm, STREAM_MB)


def _record(bench: Bench, what: str, grown: float, before: float, most: float) -> None:
    size = f"growth over {what}, from {before:.0f} MB"
    bench.record("search_memory", size, "MB", grown, wanted=(f"<= {most:g} MB", grown <= most))


def _megabytes(pid: int) -> float:
    return float(psutil.Process(pid).memory_info().rss) / 1e6
