"""Collecting what nothing needs any more: trees, then blobs, and then the objects in the blob store.

Never a blob that a version or run refers to, whoever uploads, logs or registers at the same time. Why that holds:

1. *While a tree's row exists, so do those of its folders and of its blobs.* A tree is deleted only when no root
   (`tree_root`) and no other tree refers to it, a blob only when no tree does. So who locks a tree's row has all of it.
2. *Whoever begins to refer to something locks its row first*, in the transaction that refers: `blobs.hold`,
   `manifests.hold`, and the upsert of a tree.
3. *The collector decides under the same locks, in a statement that begins after it has them.* Who had a lock before has
   committed, and its references are seen; who gets it afterwards finds the row gone, or marked, and not what it was.
4. *A blob's object is deleted while its row is locked and marked by `delete_time`*, which was committed before. A
   marked blob counts as not stored. The mark is taken off only under the row's lock, so not while the object is being
   deleted; not before five minutes have passed, by when the request of a collector that died, or whose connection to
   the database did, has come to an end; and the blob counts as stored again only when the blob store then says so
   (`blobs.lock`, `set_stored`).

The grace period is not part of the argument. It is for people: what they upload before they log it, and earlier
manifests of a run, stay for that long. A collector that dies at any step leaves marks, which the next one goes on with.

One thing is beyond it, as no blob store refuses a request for being late: a collector that is suspended between having
the lock and sending its request, while the database gives its session up, and that wakes after the five minutes. What
was uploaded anew meanwhile, under the digest of what had just been garbage, is then deleted, and fsck says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from runlore import v1
from runlore_server.db import Connection
from runlore_server.store import queries

sql = queries.load("collection")

#: Blobs marked in one transaction, and those deleted in one.
MARKED_AT_ONCE = 10_000
DELETED_AT_ONCE = 1_000
_FILLED_AT_ONCE = 500


class LockedOutError(RuntimeError):
    """Another collection or a backup is under way."""


@dataclass(frozen=True)
class Doomed:
    """A blob that nothing needs."""

    sha256: str
    size: int
    #: Whether the blob store was found to hold it; else it was announced only.
    is_stored: bool


async def take_turn(conn: Connection, interval: timedelta) -> bool:
    """Whether the last round began longer than `interval` ago; if so, one begins now."""
    return await queries.one(conn, sql.take_turn, {"interval": interval}) is not None


async def fill(conn: Connection) -> bool:
    """Note the blobs of some trees that an earlier version stored; False when there are none left."""
    rows = await (await conn.execute(sql.unfilled, {"limit": _FILLED_AT_ONCE}, binary=True)).fetchall()
    for row in rows:
        entries = [v1.ArtifactEntry.FromString(entry) for entry in row.entries]
        digests = sorted({chunk.sha256 for entry in entries for chunk in entry.file.chunks})
        await conn.execute(sql.fill, {"digest": row.digest, "blobs": [bytes.fromhex(digest) for digest in digests]})
    return bool(rows)


async def unneeded_trees(conn: Connection, grace: timedelta, among: Sequence[bytes] | None = None) -> list[bytes]:
    """Return the trees that nothing refers to, all or those of `among`."""
    params = {"grace": grace, "among": None if among is None else list(among)}
    rows = await (await conn.execute(sql.unneeded_trees, params, binary=True)).fetchall()
    return [bytes(row.digest) for row in rows]


async def delete_trees(conn: Connection, grace: timedelta, digests: Sequence[bytes]) -> tuple[int, list[bytes]]:
    """Delete those of these trees that nothing refers to; return how many, and their folders, which may be next."""
    await _lock_out(conn)
    params = {"grace": grace, "digests": list(digests)}
    await conn.execute(sql.lock_trees, params)
    rows = await (await conn.execute(sql.delete_trees, params, binary=True)).fetchall()
    return len(rows), list({bytes(child) for row in rows for child in row.children if child is not None})


async def unneeded_blobs(conn: Connection, grace: timedelta) -> list[Doomed]:
    """Return the blobs that no tree refers to."""
    rows = await (await conn.execute(sql.unneeded_blobs, {"grace": grace}, binary=True)).fetchall()
    return [_doomed(row) for row in rows]


async def doom(conn: Connection, grace: timedelta, digests: Sequence[str]) -> None:
    """Mark those of these blobs that nothing needs as being deleted."""
    params = {"grace": grace, "digests": [bytes.fromhex(digest) for digest in digests]}
    await conn.execute(sql.lock_blobs, params)
    await conn.execute(sql.doom_blobs, params)


async def unknown(conn: Connection, digests: Sequence[str]) -> list[str]:
    """Return those of these digests of objects that have no row."""
    params = {"digests": [bytes.fromhex(digest) for digest in digests]}
    rows = await (await conn.execute(sql.unknown, params, binary=True)).fetchall()
    return [row.digest.hex() for row in rows]


async def adopt(conn: Connection, sizes: dict[str, int]) -> None:
    """Mark objects that still have no row as being deleted."""
    digests = [bytes.fromhex(digest) for digest in sizes]
    await conn.execute(sql.adopt, {"digests": digests, "sizes": list(sizes.values())})


async def begin_deleting(conn: Connection) -> list[str]:
    """Return blobs marked as being deleted, the marks renewed: to be committed before their objects are deleted."""
    rows = await (await conn.execute(sql.begin_deleting, {"limit": DELETED_AT_ONCE}, binary=True)).fetchall()
    return [row.sha256.hex() for row in rows]


async def lock_doomed(conn: Connection, digests: Sequence[str]) -> list[Doomed]:
    """Lock those of these blobs that are still marked and that nobody else has locked, until the transaction ends."""
    await _lock_out(conn)
    params = {"digests": [bytes.fromhex(digest) for digest in digests]}
    return [_doomed(row) for row in await (await conn.execute(sql.lock_doomed, params, binary=True)).fetchall()]


async def forget(conn: Connection, digests: Sequence[str]) -> None:
    """Delete the rows of blobs whose objects are gone."""
    await conn.execute(sql.forget, {"digests": [bytes.fromhex(digest) for digest in digests]})


async def delete_old_checks(conn: Connection) -> None:
    """Forget what was checked a year ago."""
    await conn.execute(sql.delete_checks)


async def _lock_out(conn: Connection) -> None:
    if not (await queries.one(conn, sql.try_lock)).has:
        raise LockedOutError("another collection or a backup is under way: try again when it is done")


def _doomed(row: Any) -> Doomed:
    return Doomed(row.sha256.hex(), row.size, row.is_stored)
