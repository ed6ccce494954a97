"""Load comes from processes of their own, so that it never shares an interpreter with what it measures.

A process takes orders: one JSON object a line in, one a line out. Standard library only: peers run it too.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tests.bench.harness import Measured

Order = dict[str, Any]

_ROOT = Path(__file__).resolve().parents[2]


class Processes:
    """Processes of one module that live until `close`."""

    def __init__(self, module: str, count: int = 1, python: str = sys.executable) -> None:
        """Start `count` times `python -m module`, a module that ends in `serve`."""
        self._processes = [
            subprocess.Popen(
                [python, "-m", module], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=_ROOT
            )
            for _ in range(count)
        ]

    def __len__(self) -> int:
        return len(self._processes)

    def ask(self, *orders: Order) -> list[Order]:
        """Give each process one order, all at once (fewer leave the last ones idle), and return their answers.

        Raises RuntimeError with the words of a process that failed.
        """
        self.tell(*orders)
        answers = []
        for process in self._processes[: len(orders)]:
            assert process.stdout is not None
            line = process.stdout.readline()
            answers.append(json.loads(line) if line else {"error": f"the process ended ({process.wait()})"})
        for answer in answers:
            if "error" in answer:
                raise RuntimeError(f"{orders[0]}: {answer['error']}")
        return answers

    def tell(self, *orders: Order) -> None:
        """Give each process one order, as `ask`, and leave them at it."""
        for process, order in zip(self._processes[: len(orders)], orders, strict=True):
            assert process.stdin is not None
            # A process that ended is noticed by its missing answer.
            with contextlib.suppress(BrokenPipeError):
                process.stdin.write(json.dumps(order) + "\n")
                process.stdin.flush()

    def measure(self, *orders: Order) -> Measured:
        """Ask, and add up the rates."""
        answers = self.ask(*orders)
        return Measured(sum(a["rate"] for a in answers), [second for a in answers for second in a["seconds"]])

    def close(self) -> None:
        """End the processes."""
        for process in self._processes:
            assert process.stdin is not None
            with contextlib.suppress(BrokenPipeError):
                process.stdin.close()
        for process in self._processes:
            process.wait(30)

    def kill(self) -> None:
        """End the processes in the middle of what they do."""
        for process in self._processes:
            process.kill()
        self.close()


def serve(answer: Callable[[Order], Order]) -> None:
    """Answer orders until there are no more; what `answer` raises is an answer too."""
    for line in sys.stdin:
        try:
            # Only answers go out: MLflow's client prints where a run is seen.
            with contextlib.redirect_stdout(sys.stderr):
                result = answer(json.loads(line))
        except Exception as error:
            result = {"error": f"{type(error).__name__}: {error}"[:2_000]}
        print(json.dumps(result), flush=True)


def shares(total: int, processes: int) -> Sequence[int]:
    """Split a number as evenly as it goes, the larger parts first."""
    return [total // processes + (i < total % processes) for i in range(processes)]
