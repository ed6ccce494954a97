"""What has been read and found to be what it was said to be, by `fsck --deep`."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

from runlore import v1
from runlore_server.db import Connection
from runlore_server.store import queries

sql = queries.load("checks")


def key(file: v1.FileEntry) -> bytes:
    """Return what stands for a file's bytes and the sha256 claimed for them."""
    chunks = b"".join(bytes.fromhex(chunk.sha256) for chunk in file.chunks)
    return hashlib.sha256(bytes.fromhex(file.sha256) + chunks).digest()


async def tell(conn: Connection, files: Sequence[v1.FileEntry]) -> None:
    """Set `sha256_checked` of files: the store itself has checked those of one chunk."""
    claimed: dict[bytes, list[v1.FileEntry]] = {}
    for file in files:
        file.sha256_checked = len(file.chunks) < 2
        if not file.sha256_checked:
            claimed.setdefault(key(file), []).append(file)
    if claimed:
        rows = await (await conn.execute(sql.checked, {"files": list(claimed)}, binary=True)).fetchall()
        for row in rows:
            for file in claimed[bytes(row.file)]:
                file.sha256_checked = True


async def record(conn: Connection, blobs: Iterable[str], files: Iterable[bytes]) -> None:
    """Record that these blobs, by digest, and files, by `key`, were read and are right."""
    await conn.execute(sql.record_blobs, {"digests": [bytes.fromhex(digest) for digest in blobs]})
    await conn.execute(sql.record_files, {"files": list(files)})
