"""What stands between a client and the server when a step asks for a fault: one listener on a port of its own."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from typing import Any

from tests.conformance import refusing

_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
_HEADERS, _SETTINGS = 1, 4
_EMPTY_SETTINGS = bytes([0, 0, 0, 4, 0, 0, 0, 0, 0])
_SETTINGS_ACK = bytes([0, 0, 0, 4, 1, 0, 0, 0, 0])
#: Last processed stream 0, NO_ERROR: the client may try all of its calls again.
_GOAWAY = bytes([0, 0, 8, 7, 0, 0, 0, 0, 0]) + bytes(8)


@contextlib.contextmanager
def between(target: str, fault: Any, cuts: list[Any], *, web: bool, port: int | None = None) -> Iterator[str]:
    """Yield the address to use in place of `target` (`host:port`): behind it is the fault that README.md names.

    `web`: it is the web port. Without a fault and cuts it is `target` itself, unless a `port` is given to be at.
    """
    if fault == "older":
        # On HTTP it answers 404, as to any path that it does not know.
        unknown = refusing.status({"code": "UNIMPLEMENTED", "message": "Method not found!"})
        with refusing.serving_web(unknown, 404) if web else refusing.serving(unknown) as address:
            yield address
    elif isinstance(fault, dict):
        answer = refusing.status(fault["refuses"])
        with refusing.serving_web(answer, 503) if web else refusing.serving(answer) as address:
            yield address
    elif fault or cuts or port is not None:
        listener = _Listener(target, fault or "", cuts, web=web, port=port or 0)
        try:
            yield listener.address
        finally:
            listener.close()
    else:
        yield target


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
        return port


class _Listener:
    """Accepts connections, and passes them on, cuts them or leaves them without an answer."""

    def __init__(self, target: str, fault: str, cuts: list[Any], *, web: bool, port: int) -> None:
        host, _, number = target.rpartition(":")
        self._target = (host, int(number))
        self._fault = fault
        #: What is said of the connections to come, the next one first.
        self._cuts = list(cuts)
        if fault == "goaway" and web:
            # The web port speaks HTTP/1.1: there a server that goes away closes the connection.
            self._cuts, self._fault = [{"client": 0}], ""
        self._open: list[socket.socket] = []
        self._socket = socket.socket()
        # Whoever was at this port before has left connections that wait for their end.
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind(("127.0.0.1", port))
        if fault != "absent":
            self._socket.listen(64)
            threading.Thread(target=self._accept, daemon=True).start()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self._socket.getsockname()[1]}"

    def close(self) -> None:
        """Stop listening, and end every connection."""
        # Shutting down wakes the accept call, which closing does not.
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        for connection in self._open:
            _end(connection)

    def _accept(self) -> None:
        while True:
            try:
                inner, _ = self._socket.accept()
            except OSError:
                return
            self._open.append(inner)
            if self._fault == "silent":
                continue
            if self._fault == "goaway":
                self._fault = ""
                threading.Thread(target=_go_away, args=(inner,), daemon=True).start()
                continue
            cut = self._cuts.pop(0) if self._cuts else {}
            limits = cut if isinstance(cut, dict) else {"server": cut}
            outer = socket.create_connection(self._target)
            self._open.append(outer)
            for source, sink, side in ((inner, outer, "client"), (outer, inner, "server")):
                limit = limits.get(side)
                left = None if limit is None else int(limit)
                threading.Thread(target=_pump, args=(source, sink, left), daemon=True).start()


def _pump(source: socket.socket, sink: socket.socket, left: int | None) -> None:
    """Pass bytes on until the source says no more; once `left` bytes have come, end both sides."""
    with contextlib.suppress(OSError):
        while data := source.recv(65_536):
            if left is None:
                sink.sendall(data)
                continue
            sink.sendall(data[:left])
            left -= len(data)
            if left <= 0:
                break
        else:
            sink.shutdown(socket.SHUT_WR)
            return
    _end(source)
    _end(sink)


def _go_away(connection: socket.socket) -> None:
    """Speak HTTP/2 until the first call arrives, and answer that with GOAWAY."""
    with contextlib.suppress(OSError), connection, connection.makefile("rb") as received:
        if received.read(len(_PREFACE)) != _PREFACE:
            return
        connection.sendall(_EMPTY_SETTINGS)
        while header := received.read(9):
            received.read(int.from_bytes(header[:3], "big"))
            if header[3] == _SETTINGS and not header[4]:
                connection.sendall(_SETTINGS_ACK)
            if header[3] == _HEADERS:
                connection.sendall(_GOAWAY)
                return


def _end(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()
