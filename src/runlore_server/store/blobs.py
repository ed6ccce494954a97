"""Blobs that the blob store has checked; their bytes are in `runlore_server.blob`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from runlore_server.db import Connection
from runlore_server.store import queries

sql = queries.load("blobs")


async def stored(conn: Connection, digests: Iterable[str]) -> dict[str, int]:
    """Return the size in bytes of each of these blobs that is stored."""
    params = {"digests": [bytes.fromhex(digest) for digest in digests]}
    rows = await (await conn.execute(sql.stored, params, binary=True)).fetchall()
    return {row.sha256.hex(): row.size for row in rows}


async def add(conn: Connection, sizes: Mapping[str, int]) -> None:
    """Record blobs, by digest with their sizes, that the blob store has checked; known ones stay as they are."""
    if sizes:
        digests = [bytes.fromhex(digest) for digest in sizes]
        await conn.execute(sql.add, {"digests": digests, "sizes": list(sizes.values())})
