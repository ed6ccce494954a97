"""Blobs: what the blob store has checked, and what was announced to it. Their bytes are in `runlore_server.blob`.

A row says that a blob is stored only after the blob store was asked *while the row was locked*. The collector deletes
under the same lock (`collection.py`), so an answer from before a deletion is never recorded after it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from runlore_server import errors
from runlore_server.db import Connection
from runlore_server.store import queries

sql = queries.load("blobs")


@dataclass(frozen=True)
class Known:
    """A blob that somebody announced before."""

    size: int
    is_stored: bool
    #: Whether it was announced so long ago that it is worth saying again.
    is_stale: bool


async def known(conn: Connection, digests: Iterable[str]) -> dict[str, Known]:
    """Return what is known of these blobs; raises BLOB_STORE_UNAVAILABLE when one is being deleted right now."""
    rows = await (await conn.execute(sql.known, {"digests": _bytes(digests)}, binary=True)).fetchall()
    _refuse_going(rows)
    return {row.sha256.hex(): Known(row.size, row.is_stored, row.is_stale) for row in rows}


async def stored(conn: Connection, digests: Iterable[str]) -> dict[str, int]:
    """Return the size in bytes of each of these blobs that is stored. Errors as `known`."""
    return {digest: blob.size for digest, blob in (await known(conn, digests)).items() if blob.is_stored}


async def announce(conn: Connection, sizes: Mapping[str, int]) -> None:
    """Say that these blobs, by digest with their sizes in bytes, are wanted: they are not collected for a while."""
    if sizes:
        await conn.execute(sql.announce, _columns(sizes))


async def lock(conn: Connection, sizes: Mapping[str, int]) -> dict[str, int]:
    """Announce and lock blobs until the transaction ends; return the sizes of those that are stored for certain.

    Of the others nothing is known until the blob store is asked, now. Errors as `known`.
    """
    rows = await (await conn.execute(sql.lock, _columns(sizes), binary=True)).fetchall()
    _refuse_going(rows)
    return {row.sha256.hex(): row.size for row in rows if row.is_stored}


async def set_stored(conn: Connection, sizes: Mapping[str, int]) -> None:
    """Record blobs that are locked, and that the blob store said to hold since they were."""
    if sizes:
        await conn.execute(sql.set_stored, _columns(sizes))


async def hold(conn: Connection, digests: Iterable[str]) -> bool:
    """Keep stored blobs from being deleted until the transaction ends; False when one of them is not stored."""
    wanted = set(digests)
    rows = await (await conn.execute(sql.hold, {"digests": _bytes(wanted)}, binary=True)).fetchall()
    return len(rows) == len(wanted)


def _refuse_going(rows: Iterable[Any]) -> None:
    if any(row.is_going for row in rows):
        raise errors.blob_store_unavailable("a blob that was long unwanted is just being deleted")


def _columns(sizes: Mapping[str, int]) -> dict[str, Any]:
    return {"digests": _bytes(sizes), "sizes": list(sizes.values())}


def _bytes(digests: Iterable[str]) -> list[bytes]:
    return [bytes.fromhex(digest) for digest in digests]
