"""Bytes straight between this client and an object store, over presigned URLs. Everything here blocks."""

from __future__ import annotations

import contextlib
import http.client
import ssl
import threading
import urllib.parse
from collections.abc import Callable, Iterator, Mapping

from runlore._files import PIECE_BYTES, LocalBlob, changed

#: Seconds that the store may keep a transfer waiting.
_TIMEOUT = 60.0
#: An answer's body is read so far when only its status matters, so that the connection can be used again.
_REST_BYTES = 64 * 1024


class StoreError(Exception):
    """The object store could not be reached or did not take or give the bytes."""

    def __init__(self, message: str, status: int = 0) -> None:
        super().__init__(message)
        #: The HTTP status that it answered with, 0 without an answer.
        self.status = status

    @property
    def expired(self) -> bool:
        """Whether another URL may do: this one is too old, or not for us."""
        return self.status in (401, 403)

    @property
    def refused(self) -> bool:
        """Whether the store will not have these bytes: they are not those that the URL was signed for."""
        return self.status == 400

    @property
    def unreachable(self) -> bool:
        """Whether it makes no sense to ask the store for anything more."""
        return self.status == 0


class ObjectStore:
    """Connections to object stores, kept open from one transfer to the next; any thread may use them."""

    def __init__(self, ca: str = "") -> None:
        """`ca`: a file of PEM certificates to trust beside the system's."""
        self._ca = ca
        self._lock = threading.Lock()
        self._idle: dict[tuple[str, str], list[http.client.HTTPConnection]] = {}
        self._context: ssl.SSLContext | None = None

    def close(self) -> None:
        """Close what is idle."""
        with self._lock:
            idle, self._idle = self._idle, {}
        for connections in idle.values():
            for connection in connections:
                connection.close()

    def put(self, url: str, blob: LocalBlob, headers: Mapping[str, str]) -> None:
        """Store a blob; the headers are part of the URL's signature. Raises StoreError, FileChangedError, OSError."""

        def send(connection: http.client.HTTPConnection, target: str) -> None:
            connection.putrequest("PUT", target, skip_accept_encoding=True)
            for name, value in headers.items():
                connection.putheader(name, value)
            if "content-length" not in {name.lower() for name in headers}:
                connection.putheader("content-length", str(blob.size))
            with open(blob.path, "rb") as file:
                connection.endheaders()
                # A store that will not have the bytes may hang up before it has all of them: its answer says why.
                with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                    # The system copies from file to socket where it can: the bytes never enter this process.
                    if connection.sock.sendfile(file, blob.offset, blob.size) != blob.size:
                        raise changed(blob.path)

        with self._answer(url, send) as response:
            response.read(_REST_BYTES)

    def get(self, url: str, size: int, sink: Callable[[memoryview], object]) -> None:
        """Give the bytes of a blob of `size` bytes to `sink`, in order. Raises StoreError."""

        def send(connection: http.client.HTTPConnection, target: str) -> None:
            connection.putrequest("GET", target, skip_accept_encoding=True)
            connection.endheaders()

        with self._answer(url, send) as response:
            buffer = memoryview(bytearray(min(PIECE_BYTES, size)))
            left = size
            while left and (count := response.readinto(buffer[:left])):
                sink(buffer[:count])
                left -= count
            if left or response.read(1):
                raise StoreError(f"the object store gave other than {size} bytes", response.status)

    @contextlib.contextmanager
    def _answer(
        self, url: str, send: Callable[[http.client.HTTPConnection, str], None]
    ) -> Iterator[http.client.HTTPResponse]:
        """Send a request and yield the good answer to it; the connection is kept when that was read to its end."""
        parts = urllib.parse.urlsplit(url)
        key = (parts.scheme, parts.netloc)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        connection, fresh = self._connection(key)
        try:
            try:
                send(connection, target)
                response = connection.getresponse()
            except (ConnectionError, http.client.HTTPException):
                if fresh:
                    raise
                # The store had closed it meanwhile, as it may.
                connection.close()
                connection = self._new(key)
                send(connection, target)
                response = connection.getresponse()
            if not 200 <= response.status < 300:
                response.read(_REST_BYTES)
                raise StoreError(f"the object store answered {response.status} {response.reason}", response.status)
            yield response
            if response.isclosed() and not response.will_close:
                with self._lock:
                    self._idle.setdefault(key, []).append(connection)
                return
        except (ConnectionError, TimeoutError, ssl.SSLError, http.client.HTTPException) as error:
            # Neither the URL nor its signature belongs in a message.
            connection.close()
            raise StoreError(f"the object store at {parts.hostname} cannot be used: {type(error).__name__}") from None
        except BaseException:
            connection.close()
            raise
        connection.close()

    def _connection(self, key: tuple[str, str]) -> tuple[http.client.HTTPConnection, bool]:
        with self._lock:
            idle = self._idle.get(key)
            if idle:
                return idle.pop(), False
        return self._new(key), True

    def _new(self, key: tuple[str, str]) -> http.client.HTTPConnection:
        scheme, netloc = key
        connection = (
            http.client.HTTPSConnection(netloc, timeout=_TIMEOUT, context=self._tls())
            if scheme == "https"
            else http.client.HTTPConnection(netloc, timeout=_TIMEOUT)
        )
        try:
            connection.connect()
        except OSError as error:
            raise StoreError(f"the object store at {netloc} cannot be reached: {type(error).__name__}") from None
        return connection

    def _tls(self) -> ssl.SSLContext:
        with self._lock:
            if self._context is None:
                # Made once: it takes longer than a small transfer.
                self._context = ssl.create_default_context()
                if self._ca:
                    self._context.load_verify_locations(self._ca)
            return self._context
