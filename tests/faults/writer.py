"""A training job: logs to several runs at once until it is told to stop, and keeps the independent record.

    python -m tests.faults.writer RECORD WRITER RATE RUN_ID...

Points have values that no other writer of the run uses. SIGTERM ends the runs properly, kill -9 does not; SIGUSR1 lets
the clock jump.
"""

from __future__ import annotations

import random
import signal
import sys
import threading
import time
from pathlib import Path

import runlore
from tests.faults.record import Logged, Recorder

_KEYS = 5
_STEP = 100_000_000


def main(arguments: list[str]) -> None:
    """Log until told to stop."""
    record, writer, rate, *run_ids = arguments
    recorder = Recorder(Path(record))
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    signal.signal(signal.SIGUSR1, _jump)
    threads = [
        threading.Thread(target=_log, args=(recorder, i, int(writer), float(rate), run_id, stop))
        for i, run_id in enumerate(run_ids)
    ]
    for thread in threads:
        thread.start()
    print("logging", flush=True)
    for thread in threads:
        thread.join()


def _jump(*_: object) -> None:
    """Move the clock that this process reads by up to a day."""
    by, now = random.randrange(-86_400, 86_400), time.time_ns
    time.time_ns = lambda: now() + by * 10**9
    time.time = lambda: time.time_ns() / 1e9


def _log(recorder: Recorder, number: int, writer: int, rate: float, run_id: str, stop: threading.Event) -> None:
    numbers = random.Random(f"{writer} {run_id}")
    with runlore.start_run(run_id=run_id, resume=True) as run:
        count = 0
        while not stop.is_set():
            point = Logged(numbers.randrange(_KEYS), numbers.randrange(count // 3 + 1), float(writer * _STEP + count))
            recorder.about(number, point)
            run.log({f"k{point.key}": point.value}, step=point.step)
            recorder.returned(number, point)
            count += 1
            if numbers.random() < 0.02:
                time.sleep(numbers.random() * 100 / rate)


if __name__ == "__main__":
    main(sys.argv[1:])
