"""A TCP relay in front of a server that can lose the server's answers, as a network or a dying server does."""

from __future__ import annotations

import contextlib
import socket
import threading


class LossyRelay:
    """Relays connections to `target`, which may come and go; when one side of a connection ends, so does the other.

    While `deaf` is set, answers are dropped. `cut` ends every connection; `cut_after`, once clients have sent so much.
    """

    def __init__(self, target: str) -> None:
        host, _, port = target.rpartition(":")
        self._target = (host, int(port))
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self.deaf = threading.Event()
        #: Set when an answer was dropped: the server has done something that the client does not know of.
        self.lost = threading.Event()
        #: Bytes that clients may still send before every connection ends; None: any number.
        self._left: int | None = None
        self._counting = threading.Lock()
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def address(self) -> str:
        """Where clients connect."""
        return f"127.0.0.1:{self._listener.getsockname()[1]}"

    def cut(self) -> None:
        """End every connection, in both directions; new ones are accepted."""
        connections, self._open = self._open, []
        for connection in connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()

    def cut_after(self, size: int) -> None:
        """End every connection after `size` more bytes from clients, wherever in a message that is."""
        with self._counting:
            self._left = size

    def heal(self) -> None:
        """Forget every fault that was asked for; what is open stays open."""
        self.deaf.clear()
        self.lost.clear()
        with self._counting:
            self._left = None

    def close(self) -> None:
        """Stop listening, and cut what is open."""
        # Shutting down wakes the accept call, which closing does not.
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()

    def _accept(self) -> None:
        while True:
            try:
                inner, _ = self._listener.accept()
            except OSError:
                return
            try:
                outer = socket.create_connection(self._target)
            except OSError:
                inner.close()
                continue
            self._open += [inner, outer]
            threading.Thread(target=self._pump, args=(inner, outer, False), daemon=True).start()
            threading.Thread(target=self._pump, args=(outer, inner, True), daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket, answers: bool) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65_536):
                if answers and self.deaf.is_set():
                    self.lost.set()
                    continue
                allowed = len(data) if answers else self._spend(len(data))
                sink.sendall(data[:allowed])
                if allowed < len(data):
                    self.cut()
        # The other direction's thread wakes, and closes the other side.
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_RDWR)
        source.close()

    def _spend(self, size: int) -> int:
        """How many of `size` bytes may pass before the cut that was asked for."""
        with self._counting:
            if self._left is None:
                return size
            allowed, self._left = min(size, self._left), self._left - size
            if self._left < 0:
                self._left = None
            return allowed
