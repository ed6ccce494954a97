"""Bytes straight between this client and an object store, over presigned URLs. Everything here blocks."""

from __future__ import annotations

import http.client
import ssl
import urllib.parse
from collections.abc import Mapping

#: Seconds that the store may keep a transfer waiting.
_TIMEOUT = 60.0


class StoreError(Exception):
    """The object store could not be reached or did not take or give the bytes; the server can do it instead."""


def put(url: str, data: bytes, headers: Mapping[str, str]) -> None:
    """Store bytes; the headers are part of the URL's signature. Raises StoreError."""
    _request("PUT", url, data, headers)


def get(url: str, size: int) -> bytes:
    """Fetch at most `size` bytes (a longer answer is cut, and its digest then tells). Raises StoreError."""
    return _request("GET", url, None, {}, size)


def _request(method: str, url: str, body: bytes | None, headers: Mapping[str, str], size: int = 65_536) -> bytes:
    parts = urllib.parse.urlsplit(url)
    host = parts.hostname or ""
    connection = (
        http.client.HTTPSConnection(host, parts.port, timeout=_TIMEOUT, context=ssl.create_default_context())
        if parts.scheme == "https"
        else http.client.HTTPConnection(host, parts.port, timeout=_TIMEOUT)
    )
    try:
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        connection.request(method, target, body=body, headers=dict(headers))
        response = connection.getresponse()
        if not 200 <= response.status < 300:
            raise StoreError(f"the object store answered {response.status} {response.reason}")
        return response.read(size)
    except (OSError, http.client.HTTPException) as error:
        # Neither the URL nor its signature belongs in a message.
        raise StoreError(f"the object store at {host} cannot be used: {type(error).__name__}") from None
    finally:
        connection.close()
