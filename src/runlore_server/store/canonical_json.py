"""Canonical JSON (RFC 8785) of what is nearly all strings, as events are.

The package `rfc8785` escapes each string by a regular expression, which costs five times as much as all of this, with
every event. What is left to it is numbers, whose form is the hard part of the standard.
"""

from __future__ import annotations

from json.encoder import encode_basestring
from typing import Any

import rfc8785


def dumps(value: Any) -> bytes:
    """Return the canonical text; raises rfc8785.CanonicalizationError for what has none."""
    return _text(value).encode()


def _text(value: Any) -> str:
    if isinstance(value, str):
        return encode_basestring(value)
    if isinstance(value, dict):
        # By UTF-16 code units, which for ASCII is the order that strings have in Python.
        keys = sorted(value) if "".join(value).isascii() else sorted(value, key=_utf16)
        return "{" + ",".join([f"{encode_basestring(key)}:{_text(value[key])}" for key in keys]) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_text, value)) + "]"
    return rfc8785.dumps(value).decode()


def _utf16(key: str) -> bytes:
    return key.encode("utf-16-be")
