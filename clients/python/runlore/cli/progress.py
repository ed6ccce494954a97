"""How far a transfer is, on one line of a terminal; silent anywhere else."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from runlore.cli import output

if TYPE_CHECKING:
    from runlore._progress import Report, Transfer

_BAR = 24


@contextlib.contextmanager
def bar(verb: str, *, quiet: bool) -> Iterator[Report | None]:
    """Yield what draws a transfer on stderr; None where nobody would see it. The line is gone at the end."""
    with live(quiet=quiet) as draw:
        yield None if draw is None else lambda transfer: draw(line(verb, transfer))


@contextlib.contextmanager
def live(*, quiet: bool) -> Iterator[Callable[[str], None] | None]:
    """Yield what writes a line on stderr in place of the one before, cut to the terminal; None without a terminal."""
    if quiet or not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield None
        return

    def draw(text: str) -> None:
        sys.stderr.write(f"\r\x1b[K{output.cut(text, shutil.get_terminal_size().columns - 1)}")
        sys.stderr.flush()

    try:
        yield draw
    finally:
        sys.stderr.write("\r\x1b[K")
        sys.stderr.flush()


def line(verb: str, transfer: Transfer) -> str:
    """Return a transfer in a line: share, bytes, rate and the time that is left at that rate."""
    done, total = transfer.moved + transfer.saved, transfer.total
    share = min(1.0, done / total) if total else 0.0
    drawn = ("█" * round(share * _BAR)).ljust(_BAR, "░")
    rate = transfer.moved / max(transfer.seconds, 1e-3)
    parts = [f"{verb} {drawn} {share:4.0%}", f"{output.size(done)} of {output.size(total)}"]
    if transfer.moved:
        parts.append(f"{output.size(round(rate))}/s")
        parts.append(f"{output.duration(max(0, total - done) / rate)} left")
    return "  ".join(parts)


def summary(transfer: Transfer, verb: str, saved: str) -> str:
    """Return what came of a transfer: what went over the network, what did not have to, and how fast."""
    files = f"{transfer.files} {'file' if transfer.files == 1 else 'files'}"
    rate = output.size(round(transfer.moved / max(transfer.seconds, 1e-3)))
    moved = f"{verb} {output.size(transfer.moved)} in {output.duration(transfer.seconds)} ({rate}/s)"
    share = f" ({transfer.saved / transfer.total:.0%})" if transfer.total else ""
    return f"{files}, {output.size(transfer.total)}: {moved}, {saved} {output.size(transfer.saved)}{share}"


def record(transfer: Transfer) -> dict[str, object]:
    """Return the same for programs."""
    return {
        "files": transfer.files,
        "bytes_total": transfer.total,
        "bytes_moved": transfer.moved,
        "bytes_saved": transfer.saved,
        "seconds": round(transfer.seconds, 3),
    }
