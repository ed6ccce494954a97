"""The journal of a writer: requests of the contract, each in a checked record, in the order in which to send them.

A record is the CRC-32 of all that follows (4 bytes), the length of the content (4) and the content: the request in a
google.protobuf.Any, which names its kind.
"""

from __future__ import annotations

import os
import struct
from pathlib import Path
from zlib import crc32

from google.protobuf.any_pb2 import Any
from google.protobuf.message import DecodeError, Message

from runlore import v1

_CRC = struct.Struct("<I")
_LENGTH = struct.Struct("<I")

#: What a journal may hold.
KINDS: tuple[type[Message], ...] = (
    v1.CreateRunRequest,
    v1.LogBatchRequest,
    v1.DeleteRunTagsRequest,
    v1.LogArtifactsRequest,
    v1.UpdateRunRequest,
)


def append(path: Path, request: Message) -> None:
    """Add a request; raises OSError, and then the journal is as it was. One process, one thread at a time."""
    packed = Any()
    packed.Pack(request)
    content = packed.SerializeToString()
    body = _LENGTH.pack(len(content)) + content
    record = memoryview(_CRC.pack(crc32(body)) + body)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    try:
        before = os.fstat(descriptor).st_size
        try:
            while record:
                record = record[os.write(descriptor, record) :]
        except BaseException:
            os.ftruncate(descriptor, before)
            raise
    finally:
        os.close(descriptor)


def read(path: Path) -> tuple[list[Message], bool]:
    """Return the requests up to the first record that is not whole, and whether nothing can be missing after them.

    A record that was cut off at the end was never acknowledged, and is not missing.
    """
    data = path.read_bytes() if path.exists() else b""
    requests: list[Message] = []
    offset = 0
    while offset + _CRC.size + _LENGTH.size <= len(data):
        start = offset + _CRC.size
        (length,) = _LENGTH.unpack_from(data, start)
        end = start + _LENGTH.size + length
        if end > len(data):
            break
        if _CRC.unpack_from(data, offset)[0] != crc32(data[start:end]):
            return requests, False
        request = _unpack(data[start + _LENGTH.size : end])
        if request is None:
            return requests, False
        requests.append(request)
        offset = end
    return requests, True


def _unpack(content: bytes) -> Message | None:
    try:
        packed = Any.FromString(content)
        for kind in KINDS:
            request = kind()
            if packed.Unpack(request):
                return request
    except DecodeError:
        pass
    return None
