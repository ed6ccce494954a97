"""Protobuf's wire form, where bytes are put together without a message."""

from __future__ import annotations

#: The wire type of strings, messages and packed columns.
_DELIMITED = 2


def delimited(number: int, body: bytes) -> bytes:
    """Return a field that stands as a tag, its length as a varint, and its bytes; `number` is below 16."""
    head = bytearray([number << 3 | _DELIMITED])
    length = len(body)
    while length >= 0x80:
        head.append(length & 0x7F | 0x80)
        length >>= 7
    head.append(length)
    return bytes(head) + body
