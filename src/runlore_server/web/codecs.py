"""The two encodings of messages, and the one compression."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Any

from connectrpc.code import Code
from connectrpc.codec import Codec
from connectrpc.compat import google_protobuf_binary_codec
from connectrpc.compression.gzip import GzipCompression
from connectrpc.errors import ConnectError
from google.protobuf import json_format
from google.protobuf.message import Message

log = logging.getLogger(__name__)


class Encoded(bytes):
    """A request as it came, in protobuf's binary form: the chain of interceptors reads it."""


class EncodedJson(Encoded):
    """A request as it came, in JSON."""

    #: The end of its reading, when that was done beforehand.
    read: asyncio.Future[Message] | None = None


class Binary(Codec[Any, Any]):
    """Protobuf's binary form. Requests stay as they came."""

    def name(self) -> str:
        """Return its name in content types."""
        return "proto"

    def encode(self, message: Message) -> bytes:
        """Return a response's bytes."""
        return google_protobuf_binary_codec().encode(message)

    def decode(self, data: bytes | bytearray, message_class: type[Any]) -> Any:
        """Return the request's bytes."""
        return Encoded(data)


class Json(Codec[Any, Any]):
    """Proto3 JSON. Requests stay as they came, `json_requests.py` reads them.

    Not the library's codec, which indents what it writes: Python does that at a third of the speed.
    """

    def name(self) -> str:
        """Return its name in content types."""
        return "json"

    def encode(self, message: Message) -> bytes:
        """Return a response as JSON."""
        try:
            return json.dumps(json_format.MessageToDict(message), ensure_ascii=False, separators=(",", ":")).encode()
        except (ValueError, TypeError, json_format.Error):
            log.exception("defect: a response has no form in JSON", extra={"type": message.DESCRIPTOR.full_name})
            raise ConnectError(Code.INTERNAL, "the response has no form in JSON; ask for application/proto") from None

    def decode(self, data: bytes | bytearray, message_class: type[Any]) -> Any:
        """Return the request's text."""
        return EncodedJson(data)


class Gzip(GzipCompression):
    """gzip at its fastest; what is not gzip is told so, and no more."""

    def __init__(self) -> None:
        """Compress at level 1: a response waits for it."""
        super().__init__(level=1)

    def decompress(self, data: bytes | bytearray | memoryview, read_max_bytes: int | None = None) -> bytes:
        """Return the data, at most `read_max_bytes` of it."""
        try:
            return super().decompress(data, read_max_bytes)
        except ConnectError:
            raise
        except Exception:
            raise ConnectError(Code.INVALID_ARGUMENT, "the request is said to be gzip, and is not") from None
