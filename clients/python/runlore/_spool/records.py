"""The format of a segment: a header, then records, then zeros. In the machine's own byte order.

Header, 64 bytes: the magic number (8), the segment's index (4), the CRC-32 of those twelve bytes (4), then cells.
A cell is a number that changes: its value (8), the CRC-32 of these bytes (4), nothing (4).

A record is a whole number of 8-byte words: the CRC-32 of all that follows (4), the shape's number (2), the record's
words (2), and then

* of a declaration (shape 0): the number of the shape that it declares (2), how many keys that has (2), each key's
  length (2) and UTF-8 bytes, zeros up to the next word;
* of a row of that shape: its points' time in microseconds (8), their step (8), a value for each key (8 each).

A segment declares every shape that it uses, and so can be read, and go, by itself. A loop that logs the same keys over
and over costs 16 bytes a point for three of them, and is read column by column without a look at each record.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from mmap import mmap
from zlib import crc32

#: Bytes of a segment; a declaration of the largest shape fits several times.
SEGMENT_BYTES = 1 << 20
HEADER_BYTES = 64
#: Keys of a shape; a call with more is cut into several rows.
SHAPE_KEYS = 256

FIRST_POINT_CELL = 16
DROPPED_CELL = 32

_MAGIC = int.from_bytes(b"RLSPOOL1", "little")
_IDENTITY = struct.Struct("=QI")
_NUMBER = struct.Struct("=Q")
_CELL = struct.Struct("=QI")
_CRC = struct.Struct("=I")
_HEAD = struct.Struct("=HH")
_DECLARED = struct.Struct("=HHHH")
_LENGTH = struct.Struct("=H")
#: Words of a row without its values.
ROW_WORDS = 3
_WORD = 8


Bytes = bytes | mmap
crc_bytes = _CRC.pack


def header(index: int) -> bytes:
    """Return the header of the segment of that index, its cells unset."""
    identity = _IDENTITY.pack(_MAGIC, index)
    return (identity + _CRC.pack(crc32(identity))).ljust(HEADER_BYTES, b"\0")


def index_of(data: Bytes) -> int | None:
    """Return the index in a segment's header; None when it is not the header of a segment."""
    if len(data) < HEADER_BYTES:
        return None
    with memoryview(data) as view:
        identity = bytes(view[: _IDENTITY.size])
        (crc,) = _CRC.unpack_from(view, _IDENTITY.size)
    magic, index = _IDENTITY.unpack(identity)
    return int(index) if magic == _MAGIC and crc == crc32(identity) else None


def write_cell(data: mmap, cell: int, value: int) -> None:
    """Set a cell of the header."""
    _CELL.pack_into(data, cell, value, crc32(_NUMBER.pack(value)))


def read_cell(data: Bytes, cell: int) -> int | None:
    """Return a cell's value; None when it was never set, or is damaged."""
    value, crc = _CELL.unpack_from(data, cell)
    return int(value) if crc == crc32(_NUMBER.pack(value)) else None


def declaration(number: int, keys: Sequence[str]) -> bytes:
    """Return the record that declares a shape; `number` is from 1."""
    parts = []
    for key in keys:
        encoded = key.encode()
        parts += [_LENGTH.pack(len(encoded)), encoded]
    content = b"".join(parts)
    words = -(-(_CRC.size + _DECLARED.size + len(content)) // _WORD)
    body = (_DECLARED.pack(0, words, number, len(keys)) + content).ljust(words * _WORD - _CRC.size, b"\0")
    return _CRC.pack(crc32(body)) + body


def read_declaration(data: Bytes, offset: int) -> tuple[int, tuple[str, ...]]:
    """Return the number and the keys of the shape that the record at `offset` declares."""
    _, _, number, count = _DECLARED.unpack_from(data, offset + _CRC.size)
    position = offset + _CRC.size + _DECLARED.size
    keys = []
    with memoryview(data) as view:
        for _ in range(count):
            (length,) = _LENGTH.unpack_from(view, position)
            position += _LENGTH.size
            keys.append(str(view[position : position + length], "utf-8"))
            position += length
    return number, tuple(keys)


def row_struct(keys: int) -> struct.Struct:
    """Return what packs a row after its checksum: (head, time, step, value of each key)."""
    return struct.Struct(f"=Iqq{keys}d")


def row_head(number: int, keys: int) -> int:
    """Return the head of every row of a shape."""
    (head,) = struct.unpack("=I", _HEAD.pack(number, ROW_WORDS + keys))
    return int(head)


def head_at(data: Bytes, offset: int) -> tuple[int, int]:
    """Return (shape's number, words) of the record at `offset`; words are 0 behind the last one."""
    number, words = _HEAD.unpack_from(data, offset + _CRC.size)
    return number, words


def end_of_records(data: bytes) -> int:
    """Return where the whole records end that a segment begins with, checking each."""
    offset = HEADER_BYTES
    shapes: dict[int, int] = {}
    with memoryview(data) as view:
        while offset + _WORD <= len(data):
            number, words = head_at(data, offset)
            end = offset + words * _WORD
            if words == 0 or end > len(data):
                break
            if _CRC.unpack_from(view, offset)[0] != crc32(view[offset + _CRC.size : end]):
                break
            if number == 0:
                declared, keys = read_declaration(data, offset)
                shapes[declared] = len(keys)
            elif shapes.get(number) != words - ROW_WORDS:
                break
            offset = end
    return offset
