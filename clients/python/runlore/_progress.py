"""How far a transfer is: counters that its threads add to, and who is told of them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

#: Seconds between two reports.
_PACE = 0.1


@dataclass
class Transfer:
    """What an upload or a download has to move and has moved. Bytes count once they are verified, or stored."""

    #: Files, and their bytes: known once they are listed.
    files: int = 0
    total: int = 0
    #: Bytes that went over the network.
    moved: int = 0
    #: Bytes that did not have to: stored already, in the cache already, or twice in the tree.
    saved: int = 0
    began: float = field(default_factory=time.monotonic)

    @property
    def seconds(self) -> float:
        """How long it has been going on."""
        return time.monotonic() - self.began


#: Is told now and then, from any thread, and at the end; it must be quick.
Report = Callable[[Transfer], None]


class Counting:
    """A Transfer that threads add to."""

    def __init__(self, report: Report | None = None) -> None:
        self.transfer = Transfer()
        self._report = report
        self._lock = threading.Lock()
        self._reported = 0.0

    def expect(self, files: int, total: int) -> None:
        """Say what there is to do."""
        self.transfer.files, self.transfer.total = files, total

    def add(self, *, moved: int = 0, saved: int = 0) -> None:
        """Count bytes."""
        with self._lock:
            self.transfer.moved += moved
            self.transfer.saved += saved
            now = time.monotonic()
            if self._report is None or now - self._reported < _PACE:
                return
            self._reported = now
            self._report(self.transfer)

    def end(self) -> None:
        """Report for the last time."""
        if self._report is not None:
            self._report(self.transfer)
