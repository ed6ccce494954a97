"""[live_runs] how many runs can be live at once, 20 values a second each; beside MLflow."""

from __future__ import annotations

import sys
from collections.abc import Callable

from tests.bench.harness import Bench, Measured
from tests.bench.orders import Processes, shares

#: Let so many runs be live for so many seconds.
Trial = Callable[[int, float], Measured]

PROCESSES = 4
P99_MS = 1_000.0
TRIAL_SECONDS = 8.0
SECONDS = 120.0
#: The search ends when what held and what did not are this near to each other.
RESOLUTION = 1.1


def scenario(bench: Bench) -> None:
    """Search in short trials, then hold what was found for two minutes."""
    peer = bench.peer()
    with bench.server() as served:
        load = Processes("tests.bench.live", PROCESSES)

        def ours(runs: int, seconds: float) -> Measured:
            orders = [{"address": served.address, "runs": n, "seconds": seconds} for n in shares(runs, PROCESSES)]
            return load.measure(*orders)

        def theirs(runs: int, seconds: float) -> Measured:
            assert peer is not None
            try:
                return peer.measure("live", runs, seconds)
            except RuntimeError as error:
                # Overloaded, its server refuses calls: then these runs do not hold.
                print(f"MLflow at {runs} runs: {error}", file=sys.stderr)
                return Measured(0, [])

        if bench.tiny:
            found = 20, ours(20, 3.0)
            beside = (5, theirs(5, 3.0)) if peer else None
        else:
            found = _most(ours, 500)
            beside = _most(theirs, 16) if peer else None
        load.close()
    runs, held = found
    bench.record(
        "live_runs",
        "20 keys, 1 Hz",
        "runs",
        runs,
        held.p99_ms,
        peer=("MLflow", beside[0], runs / beside[0]) if beside else None,
    )


def _most(trial: Trial, start: int) -> tuple[int, Measured]:
    """The most runs that hold, and how."""
    low, high = 0, start
    while _holds(trial, high, TRIAL_SECONDS):
        low, high = high, high * 2
    while high > max(low * RESOLUTION, low + 1):
        middle = (low + high) // 2
        if _holds(trial, middle, TRIAL_SECONDS):
            low = middle
        else:
            high = middle
    while low > 0:
        if held := _holds(trial, low, SECONDS):
            return low, held
        low = int(low / RESOLUTION)
    raise RuntimeError("not a single run can be live")


def _holds(trial: Trial, runs: int, seconds: float) -> Measured | None:
    """What was measured, when every frame was acknowledged and 99 of 100 in time."""
    measured = trial(runs, seconds)
    whole = len(measured.seconds) >= runs * round(seconds)
    held = whole and measured.p99_ms <= P99_MS
    # The search takes minutes: who waits sees where it is.
    done = f"{len(measured.seconds):,} acknowledged, p99 {measured.p99_ms:,.0f} ms" if measured.seconds else "refused"
    print(f"{runs} runs for {seconds:g} s: {done}: {'held' if held else 'not held'}", file=sys.stderr, flush=True)
    return measured if held else None
