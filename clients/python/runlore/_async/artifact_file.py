"""Reading parts of a file where it is."""

from __future__ import annotations

from collections.abc import AsyncIterator
from types import TracebackType
from typing import TYPE_CHECKING, Self

from runlore import v1
from runlore._async.downloads import BlobReader, list_files
from runlore._async_tools import call_in_thread
from runlore._downloading import MemorySink
from runlore.errors import invalid_field
from runlore.manifest import CHUNK_BYTES

if TYPE_CHECKING:
    from runlore._async.connection import Connection


class ArtifactFile:
    """One file of a run or version, as it was when it was opened.

    Bytes are fetched in the chunks of 16 MiB that have digests, and come back when their chunk's is right. The last
    chunk is kept in memory, so that reading on costs nothing until the next.
    """

    def __init__(self, reader: BlobReader, entry: v1.FileEntry) -> None:
        """Use `Client.open_artifact`."""
        self._reader = reader
        self._entry = entry
        self._number = -1
        self._chunk = b""

    @classmethod
    async def open(cls, client: Connection, digest: str) -> Self:
        """Open the only file of a manifest."""
        (entry,) = await list_files(client, "", digest)
        return cls(BlobReader(client, "", digest), entry)

    @property
    def name(self) -> str:
        """The file's name."""
        return self._entry.path

    @property
    def size(self) -> int:
        """Bytes."""
        return self._entry.size

    @property
    def sha256(self) -> str:
        """The whole file's digest, 64 hex digits."""
        return self._entry.sha256

    async def read(self, offset: int = 0, length: int | None = None) -> bytes:
        """Return `length` bytes from `offset` (None: all that follow); fewer, or none, at the file's end.

        Raises IntegrityError, UnavailableError, InvalidArgumentError.
        """
        found = bytearray()
        async for piece in self.stream(offset, length):
            found += piece
        return bytes(found)

    async def stream(self, offset: int = 0, length: int | None = None) -> AsyncIterator[bytes]:
        """Yield the same bytes in pieces of up to 16 MiB."""
        if offset < 0:
            raise invalid_field("offset", f"is {offset}: give 0 or more")
        if length is not None and length < 0:
            raise invalid_field("length", f"is {length}: give 0 or more, or None for all that follow")
        end = self.size if length is None else min(self.size, offset + length)
        while offset < end:
            number, start = divmod(offset, CHUNK_BYTES)
            piece = (await self._get(number))[start : start + end - offset]
            yield piece
            offset += len(piece)

    async def close(self) -> None:
        """Close connections."""
        await call_in_thread(self._reader.close)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    async def _get(self, number: int) -> bytes:
        if number != self._number:
            sink = MemorySink(self._entry.chunks[number])
            await self._reader.read(self._entry, number, sink)
            self._number, self._chunk = number, bytes(sink.data)
        return self._chunk
