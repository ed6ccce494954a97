"""A command on a terminal of its own."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios
import threading
from collections.abc import Mapping

from tests.harness.server import environment


def on_terminal(variables: Mapping[str, str], *arguments: str, columns: int = 80) -> str:
    """Return what `runlore` writes on a terminal of so many columns, stdout and stderr together."""
    main, side = pty.openpty()
    fcntl.ioctl(side, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    said = bytearray()

    def read() -> None:
        with contextlib.suppress(OSError):
            while piece := os.read(main, 65_536):
                said.extend(piece)

    reader = threading.Thread(target=read, daemon=True)
    kept = {k: v for k, v in environment(variables).items() if k not in ("NO_COLOR", "FORCE_COLOR", "COLUMNS")}
    try:
        process = subprocess.Popen(
            [sys.executable, "-c", "from runlore.cli import main; main()", *arguments],
            stdin=side,
            stdout=side,
            stderr=side,
            env=kept | {"TERM": "xterm", "PYTHONIOENCODING": "utf-8"} | dict(variables),
        )
        reader.start()
        process.wait(60)
    finally:
        # What is left to read is read before the last writer's end is seen.
        os.close(side)
    reader.join(10)
    os.close(main)
    return said.decode().replace("\r\n", "\n")
