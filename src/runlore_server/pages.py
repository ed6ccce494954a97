"""Page tokens: opaque, bound to the request they were issued for, and signed, so that one from another request or one
that was changed is refused instead of answered wrongly. They expire (AIP-158): so an order or an index may change from
one version of the server to the next, and no token of before is in the way for longer than that.
"""

from __future__ import annotations

import base64
import binascii
import copy
import hashlib
import hmac
import json
import struct
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from google.protobuf.message import Message

from runlore_server import calls, errors

K = TypeVar("K")
R = TypeVar("R", bound=Message)
T = TypeVar("T")

DEFAULT_PAGE_SIZE = 100
#: Seconds after which a token has expired: three days, which AIP-158 recommends.
LIFETIME = 3 * 24 * 3600
_TAG_BYTES = 12
#: When a token was issued, in seconds since 1970; 32 bits have them until 2106.
_ISSUED = struct.Struct(">I")
#: Bytes of the records of a page; its first one may be larger.
_PAGE_BYTES = 16 * 1024 * 1024
# What may differ between the requests of one walk.
_PAGING_FIELDS = ("page_size", "page_token")


class PageTokens:
    """Issues and reads tokens under a key that all servers of one database share."""

    def __init__(self, key: bytes, clock: Callable[[], float] = time.time) -> None:
        """`key`: the database's token key (`event_log.token_key`). `clock` returns the seconds since 1970."""
        self._key = key
        self._clock = clock

    def encode(self, request: Message, after: list[Any]) -> str:
        """Return the token of the page that begins after the keyset values `after` (JSON values)."""
        values = json.dumps(after, separators=(",", ":"), allow_nan=True, ensure_ascii=False).encode()
        payload = _ISSUED.pack(int(self._clock())) + values
        return base64.urlsafe_b64encode(self._tag(request, payload) + payload).decode().rstrip("=")

    def decode(self, request: Message, token: str) -> list[Any] | None:
        """Return the keyset values of a token; None for an empty one.

        Raises INVALID_PAGE_TOKEN for one that has expired, and for one that is not of this request.
        """
        if not token:
            return None
        try:
            raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            raise errors.invalid_page_token() from None
        tag, payload = raw[:_TAG_BYTES], raw[_TAG_BYTES:]
        if not hmac.compare_digest(tag, self._tag(request, payload)):
            raise errors.invalid_page_token()
        [issued] = _ISSUED.unpack_from(payload)
        if self._clock() - issued > LIFETIME:
            raise errors.page_token_expired(LIFETIME)
        values: list[Any] = json.loads(payload[_ISSUED.size :])
        return values

    def cut(
        self, request: Message, found: Sequence[T], size: int, key: Callable[[T], list[Any]]
    ) -> tuple[Sequence[T], str]:
        """Return the page of `size` entries of what was found, and the token of the next page; empty after the last.

        One entry more than a page holds is to be looked for: it says that there is a next page, which begins after the
        `key` of this page's last entry.
        """
        page = found[:size]
        return page, self.encode(request, key(page[-1])) if len(found) > size else ""

    async def fitting(
        self,
        request: Message,
        found: Sequence[tuple[K, list[Any]]],
        size: int,
        read: Callable[[list[K]], Awaitable[Sequence[R]]],
        key: Callable[[R], K],
    ) -> tuple[list[R], str]:
        """Return the records of a page, and the token of the next page; empty after the last.

        As `cut` of (key, keyset values), with the records that `read` returns of their keys; `key` is that of a record.
        The page ends before what would make it larger than a message may be.
        """
        page = found[:size]
        records: list[R] = []
        begun, step, room = 0, DEFAULT_PAGE_SIZE, _PAGE_BYTES
        while begun < len(page):
            for record in await read([name for name, _ in page[begun : begun + step]]):
                room -= record.ByteSize()
                if room < 0 and records:
                    at = [name for name, _ in page].index(key(record))
                    return records, self.encode(request, page[at - 1][1])
                records.append(record)
            begun += step
            # As many more as would fit if they were like these: not all of them are read to be left out.
            step = max(room * max(len(records), 1) // max(_PAGE_BYTES - room, 1), 1)
        return records, self.encode(request, page[-1][1]) if len(found) > size else ""

    def _tag(self, request: Message, payload: bytes) -> bytes:
        bound = copy.deepcopy(request)
        for name in _PAGING_FIELDS:
            bound.ClearField(name)
        call = calls.current()
        message = b"\0".join(
            [
                request.DESCRIPTOR.full_name.encode(),
                call.workspace(getattr(request, "workspace", "")).encode(),
                bound.SerializeToString(deterministic=True),
                payload,
            ]
        )
        return hmac.digest(self._key, message, hashlib.sha256)[:_TAG_BYTES]


def page_size(requested: int) -> int:
    """Return how many entries a page holds for a request's `page_size`."""
    return requested or DEFAULT_PAGE_SIZE
