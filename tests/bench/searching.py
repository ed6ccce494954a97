"""Measures searches among many runs: their answers are checked, then their calls are timed through gRPC to messages."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import grpc
import psycopg

from runlore import v1
from tests.bench import kept, live
from tests.bench.bulk_runs import METRICS, Ints, Runs, experiment_name
from tests.bench.echo import KEEP, KEPT, echo
from tests.bench.expected import EVERY, Where
from tests.bench.harness import Bench, Beside, Measured, Served
from tests.bench.load import Load
from tests.bench.orders import Processes, shares
from tests.bench.searches import BEST, FIRST, Goal, Search, searches, while_live

SEARCH = "/runlore.v1.TrackingService/SearchRuns"
PAGE = 100
#: Runs a page on the way to a page far behind: the most there may be.
_MANY = 1_000
#: The calls of one walk, however short its pages are.
_CALLS = 500
#: How much slower a page far behind may be than the first; the difference between two measurements of the same.
_DEEP = 1.5
_LIVE_SECONDS = 120.0


class WrongAnswerError(Exception):
    """A search returned other runs than it must; the message says which search, and where it differs."""


@dataclass
class Walk:
    """The calls that were made for a search's pages."""

    requests: list[bytes] = field(default_factory=list)
    #: How many of them it took until the first page was full, or there were no more.
    for_first_page: int = 0


@contextmanager
def searcher(bench: Bench, scenario: str, address: str, runs: Runs) -> Iterator[Searcher]:
    """Search a server that holds `runs`; rows are added as `scenario`."""
    options = [("grpc.max_receive_message_length", -1)]
    with echo() as echo_address, grpc.insecure_channel(address, options) as channel:
        made = Searcher(bench, scenario, runs, (address, echo_address), channel)
        try:
            yield made
        finally:
            made.close()


class Searcher:
    """Asks a server for searches among runs, checks the answers and measures the calls."""

    def __init__(
        self, bench: Bench, scenario: str, runs: Runs, addresses: tuple[str, str], channel: grpc.Channel
    ) -> None:
        """Use `searcher`."""
        self._bench, self._scenario, self._runs, self._load = bench, scenario, runs, Load()
        self._address, self._echo_address = addresses
        self._tracking = v1.TrackingServiceStub(channel)

    def close(self) -> None:
        """End the process that loads."""
        self._load.close()

    def measure(self, search: Search, suffix: str = "") -> None:
        """Check and measure a search, and add its rows."""
        size = search.what + suffix
        wheres, runs = (search.wheres[:1], PAGE) if self._bench.tiny else (search.wheres, 3 * PAGE)
        try:
            walks = [
                self.walk(request_of(search, where, self._runs), search.expected(self._runs, where), runs)
                for where in wheres
            ]
        except (WrongAnswerError, grpc.RpcError) as error:
            self._bench.fail(self._scenario, size, _words(error))
            return
        # Those of each first page in turn, so that where pages are short all of its calls count.
        requests = [request for walk in walks for request in walk.requests[: walk.for_first_page]]
        if len(requests) > len(walks):
            size += f", {len(requests) / len(walks):.3g} calls for a full page"
        self.time(size, requests, search.goal)

    def walk(self, request: v1.SearchRunsRequest, expected: Ints, runs: int) -> Walk:
        """Walk through a search until it ends or there were so many runs, and compare; raises WrongAnswerError."""
        walk, met, seen = Walk(), 0, 0
        what = f"'{request.filter}' by '{request.order_by}'"
        while len(walk.requests) < max(_CALLS, 2 * runs // PAGE):
            walk.requests.append(request.SerializeToString())
            response = self._tracking.SearchRuns(request)
            # Runs that are live meanwhile are in between, wherever that is.
            page = [run.run_id for run in response.runs if run.start_time.ToMicroseconds() <= self._runs.start_us[-1]]
            right = [self._runs.run_id(number) for number in expected[met : met + len(page)].tolist()]
            if page != right:
                place = next((i for i, (a, b) in enumerate(zip(page, right, strict=False)) if a != b), len(right))
                instead = right[place] if place < len(right) else "none"
                raise WrongAnswerError(f"{what}: run {met + place} is {page[place]}, not {instead}")
            met, seen = met + len(page), seen + len(response.runs)
            request.page_token = response.next_page_token
            if not walk.for_first_page and (seen >= PAGE or not response.next_page_token):
                walk.for_first_page = len(walk.requests)
            if not response.next_page_token and met < len(expected):
                raise WrongAnswerError(f"{what}: ends after {met} runs of {len(expected)}")
            if not response.next_page_token or met >= runs:
                return walk
            if len(response.runs) < request.page_size and not response.spent_on:
                raise WrongAnswerError(f"{what}: a page is short and does not say why")
        raise WrongAnswerError(f"{what}: {met} runs of {len(expected)} in {len(walk.requests)} calls")

    def measure_deep(self, search: Search, page: int) -> None:
        """Walk to a page far behind, comparing all on the way, and measure it beside the first one."""
        [where] = search.wheres
        request, size = request_of(search, where, self._runs), f"{search.what}, page {page:,}"
        first = request.SerializeToString()
        request.page_size = _MANY
        try:
            self.walk(request, search.expected(self._runs, where), (page - 1) * PAGE)
        except (WrongAnswerError, grpc.RpcError) as error:
            self._bench.fail(self._scenario, size, _words(error))
            return
        # The token stands behind a whole number of large pages: the page before it or this one, which cost the same.
        request.page_size = PAGE
        seconds, at_first = (
            self._seconds(self._address, SEARCH, [message], self._bench.seconds)
            for message in (request.SerializeToString(), first)
        )
        p50, beside = statistics.median(seconds) * 1e3, statistics.median(at_first) * 1e3
        self._bench.record(
            self._scenario,
            size,
            "ms",
            p50,
            Measured(0, seconds).p99_ms,
            ceiling=("page 1", beside, beside / p50),
            wanted=(f"p50 <= {_DEEP:g} times page 1", p50 <= _DEEP * beside),
        )

    def time(self, size: str, requests: list[bytes], goal: Goal) -> None:
        """Time calls, one after the other, and add a row of them beside an echo of their bytes."""
        seconds = self._seconds(self._address, SEARCH, requests, self._bench.seconds)
        p50, p99 = statistics.median(seconds) * 1e3, Measured(0, seconds).p99_ms
        self._bench.record(
            self._scenario,
            size,
            "ms",
            p50,
            p99,
            ceiling=self._echo(requests[0], p50),
            wanted=(str(goal), goal.met(p50, p99)),
        )

    def _echo(self, request: bytes, p50: float) -> Beside:
        """What it takes to move the bytes of an answer and to parse them."""
        response = self._tracking.SearchRuns(v1.SearchRunsRequest.FromString(request)).SerializeToString()
        with grpc.insecure_channel(self._echo_address) as channel:
            channel.unary_unary(KEEP)(response)
        seconds = self._seconds(self._echo_address, KEPT, [b""], self._bench.seconds / 6)
        ms = statistics.median(seconds) * 1e3
        return "an echo of its bytes", ms, ms / p50

    def _seconds(self, address: str, method: str, requests: list[bytes], seconds: float) -> list[float]:
        if self._bench.tiny:
            seconds /= 10
        measured = self._load.call(address, method, requests, 1, seconds, v1.SearchRunsResponse)
        return list(measured.seconds)


def request_of(search: Search, where: Where, runs: Runs) -> v1.SearchRunsRequest:
    """Return the request for a search's first page."""
    names = [experiment_name(number) for number in search.experiments]
    if not names and runs.experiments == 1:
        names = [experiment_name(0)]
    return v1.SearchRunsRequest(experiment_names=names, filter=where.text, order_by=search.order.text, page_size=PAGE)


def _words(error: Exception) -> str:
    return f"{error.code()}: {error.details()}" if isinstance(error, grpc.RpcError) else str(error)


def among(bench: Bench, scenario: str, experiments: int) -> None:
    """Measure every search among runs of so many experiments: RUNLORE_BENCH_RUNS of them, or a million."""
    runs = Runs(1_500 if bench.tiny else int(os.environ.get("RUNLORE_BENCH_RUNS", "1000000")), experiments)
    page = min(5_000, runs.count // PAGE // 2)
    with kept.served(bench, runs) as served, searcher(bench, scenario, served.address, runs) as asking:
        for search in searches(runs):
            asking.measure(search)
        for search in (Search("default order", FIRST, (EVERY,)), Search("by a metric", FIRST, (EVERY,), BEST)):
            asking.measure_deep(search, page)
        live_runs = 20 if bench.tiny else 1_000
        with _streaming(served, live_runs):
            for search in while_live():
                asking.measure(search, f", {live_runs:,} runs live")
        with grpc.insecure_channel(served.address) as channel:
            kept.tidy(v1.TrackingServiceStub(channel), runs)


@contextmanager
def _streaming(served: Served, count: int) -> Iterator[None]:
    """Let so many runs be live, in the first experiment and with the metrics that are searched for."""
    processes = Processes("tests.bench.live", 4)
    order = {"address": served.address, "experiment": experiment_name(0), "keys": list(METRICS)[: live.KEYS]}
    processes.tell(*({**order, "runs": share, "seconds": 3_600} for share in shares(count, len(processes))))
    try:
        _wait_live(served.database_url, count)
        yield
    finally:
        processes.kill()


def _wait_live(database_url: str, count: int) -> None:
    end = time.monotonic() + _LIVE_SECONDS
    with psycopg.connect(database_url, autocommit=True) as conn:
        while (found := conn.execute("SELECT count(*) FROM run_live WHERE is_live").fetchone()) != (count,):
            if time.monotonic() > end:
                raise TimeoutError(f"{found} runs of {count} are live after {_LIVE_SECONDS:.0f} s")
            time.sleep(0.1)
