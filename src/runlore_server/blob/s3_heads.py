"""HEAD requests to an S3 store, on the event loop and over connections that stay open.

Who logs many small files has the store asked about each of them, which is most of what they cost this process. The
SDK, through urllib3 and a thread, takes about four times the CPU for it. No answer is believed for whom it came to:
the caller compares the checksum in it with the one it asked about.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

_AT_ONCE = 16
_TRIES = 3
#: Seconds before the second try; twice as many before the third.
_PAUSE = 0.2
_CONNECT_SECONDS = 3.0
_ANSWER_SECONDS = 30.0
#: Answers that another try may cure.
_TRANSIENT = (500, 502, 503, 504)


class NoConnectionError(OSError):
    """The store cannot be reached."""


class NotHttpError(OSError):
    """What answered does not speak HTTP/1."""


class Answer(NamedTuple):
    """What the store says of an object."""

    status: int
    #: By their names in lower case.
    headers: Mapping[str, str]


class _Connection(NamedTuple):
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter


class Heads:
    """Asks one endpoint."""

    def __init__(self, endpoint: str, ca_file: Path | None) -> None:
        """`endpoint` is `http[s]://host[:port]`; nothing connects yet. `ca_file`: instead of what the system trusts."""
        url = urlsplit(endpoint)
        self._netloc = url.netloc
        self._host = url.hostname or ""
        self._port = url.port or (443 if url.scheme == "https" else 80)
        self._tls = ssl.create_default_context(cafile=ca_file) if url.scheme == "https" else None
        self._idle: list[_Connection] = []
        self._free = asyncio.Semaphore(_AT_ONCE)

    async def head(self, target: str, headers: Mapping[str, str]) -> Answer:
        """Ask about a target, `/path?query`. Raises OSError, of which the two above tell more."""
        lines = [f"HEAD {target} HTTP/1.1", f"host: {self._netloc}", *(f"{n}: {v}" for n, v in headers.items()), "", ""]
        request = "\r\n".join(lines).encode()
        async with self._free:
            for tried in range(1, _TRIES):
                with contextlib.suppress(OSError):
                    answer = await self._ask(request)
                    if answer.status not in _TRANSIENT:
                        return answer
                await asyncio.sleep(_PAUSE * tried)
            return await self._ask(request)

    def close(self) -> None:
        """Close the connections that are idle."""
        idle, self._idle = self._idle, []
        for connection in idle:
            connection.writer.close()

    async def _ask(self, request: bytes) -> Answer:
        if self._idle:
            with contextlib.suppress(ConnectionError):
                return await self._answer(self._idle.pop(), request)
            # The store has closed it meanwhile, as it may; the others are as old.
            self.close()
        return await self._answer(await self._connect(), request)

    async def _connect(self) -> _Connection:
        try:
            async with asyncio.timeout(_CONNECT_SECONDS):
                return _Connection(*await asyncio.open_connection(self._host, self._port, ssl=self._tls))
        except ssl.SSLError:
            raise
        except OSError as error:
            raise NoConnectionError(str(error)) from None

    async def _answer(self, connection: _Connection, request: bytes) -> Answer:
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                connection.writer.write(request)
                head = await connection.reader.readuntil(b"\r\n\r\n")
            version, status, headers = _parse(head)
        except asyncio.IncompleteReadError as error:
            connection.writer.close()
            if error.partial:
                raise NotHttpError("an answer that ends early") from None
            raise ConnectionResetError("no answer") from None
        except (asyncio.LimitOverrunError, ValueError):
            connection.writer.close()
            raise NotHttpError("no answer of HTTP/1") from None
        except BaseException:
            connection.writer.close()
            raise
        if version == "HTTP/1.1" and headers.get("connection", "").lower() != "close":
            self._idle.append(connection)
        else:
            connection.writer.close()
        return Answer(status, headers)


def _parse(head: bytes) -> tuple[str, int, dict[str, str]]:
    """Take the head of an answer apart; raises ValueError."""
    first, *lines = head.decode("latin-1").removesuffix("\r\n\r\n").split("\r\n")
    version, status, *_ = first.split(" ")
    if not version.startswith("HTTP/1."):
        raise ValueError(f"'{version}' is not HTTP/1")
    pairs = (line.partition(":") for line in lines)
    return version, int(status), {name.lower(): value.strip() for name, _, value in pairs}
