"""Ids, etags and readable names."""

from __future__ import annotations

import os
import secrets
import time

_ADJECTIVES = (
    "amber bold brisk calm clear copper crisp dapper deep eager early fair fleet gentle golden grand green hardy keen "
    "kind lively lucid mellow merry mild neat nimble noble patient plucky proud quick quiet rapid ruby sage sharp "
    "silver sleek smart snug solid steady sunny swift tidy vivid warm wise witty"
).split()
_NOUNS = (
    "acorn badger beacon birch brook canyon cedar comet crane delta dune ember falcon fern finch fjord forest gull "
    "harbor hawk heron ibis island juniper kestrel lagoon lark linden lynx maple marten meadow meteor osprey otter "
    "pebble pine plover prairie raven reef river robin sparrow spruce summit swan thrush tide valley willow wren"
).split()


def new() -> str:
    """Return a new id: a UUIDv7 (RFC 9562) as 32 lower-case hex digits. Its time helps indexes, and orders nothing."""
    millis = time.time_ns() // 1_000_000
    raw = bytearray(millis.to_bytes(6, "big") + os.urandom(10))
    raw[6] = 0x70 | raw[6] & 0x0F
    raw[8] = 0x80 | raw[8] & 0x3F
    return raw.hex()


def etag(revision: int) -> str:
    """Return the etag of a record at a revision."""
    return f"r{revision}"


def next_etag(present: str) -> str:
    """Return the etag of a record at the revision after that of an etag."""
    return etag(int(present[1:]) + 1)


def readable_name() -> str:
    """Return a name that people can say, such as `calm-otter-417`. Not unique."""
    return f"{secrets.choice(_ADJECTIVES)}-{secrets.choice(_NOUNS)}-{secrets.randbelow(900) + 100}"
