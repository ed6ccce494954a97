"""`backup` and `restore`: the database, and blobs of a local folder, to and from one file.

The file is a tar: `backup.json` last (what was written, with counts and digests), `tables/<name>` in the text of COPY,
`blobs/<sha256>`. The database is read in one snapshot and before the blobs, of which none is collected meanwhile, so
that every file of a manifest in the backup is in it too. A restore checks every table's digest, every blob's digest and
every model's hash chain, and begins a new event log, because what followed the backup is not in it.
"""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
import os
import tarfile
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import IO, Any

from runlore_server import VERSION
from runlore_server.blob import BlobStore, open_blob_store
from runlore_server.errors import RunloreError
from runlore_server.settings import Settings
from runlore_server.store import backup as store
from runlore_server.store import migrate

FORMAT = 1
_BLOCK = 1024 * 1024


class BackupError(RuntimeError):
    """A backup or restore cannot be done; the message says why and what to do."""


def backup(url: str, settings: Settings, file: Path) -> str:
    """Write a backup and return what is in it, in words."""
    if file.exists():
        raise BackupError(f"{file} exists already: name a new file")
    partial = file.with_name(file.name + ".partial")
    try:
        with store.keeping_blobs(url), tarfile.open(partial, "w") as tar:
            contents = _backup_tables(url, tar)
            contents["blobs"] = asyncio.run(_backup_blobs(settings, tar))
            _add(tar, "backup.json", json.dumps(contents, indent=1).encode())
        with open(partial, "rb") as written:
            os.fsync(written.fileno())
        partial.rename(file)
    except OSError as error:
        raise BackupError(f"cannot write {file}: {error.strerror or error}") from None
    finally:
        partial.unlink(missing_ok=True)
    rows = sum(table["rows"] for table in contents["tables"].values())
    kept = f"{contents['blobs']} blobs" if contents["blobs"] is not None else f"blobs stay in {settings.artifacts_url}"
    return f"{len(contents['tables'])} tables, {rows:,} rows, {kept}"


def restore(url: str, settings: Settings, file: Path) -> str:
    """Read a backup into an empty database and blob store, check all of it, and return what was restored, in words."""
    try:
        with tarfile.open(file, "r") as tar:
            contents = _read_contents(tar, file)
            _prepare_schema(url, contents, file)
            blobs = asyncio.run(_restore_blobs(settings, tar, contents, file))
            with store.connect(url) as conn:
                filled = store.first_filled(conn)
                if filled is not None:
                    raise BackupError(f"the database is not empty (table {filled} has rows): restore into a new one")
                _restore_tables(conn, tar, contents, file)
                log_id = store.begin_log(conn)
                _check_chains(conn)
    except (tarfile.TarError, OSError) as error:
        raise BackupError(f"cannot read {file}: {error}") from None
    migrate.migrate(url)
    rows = sum(table["rows"] for table in contents["tables"].values())
    return (
        f"{len(contents['tables'])} tables, {rows:,} rows, {blobs} blobs, every digest checked; new event log {log_id}"
    )


def _backup_tables(url: str, tar: tarfile.TarFile) -> dict[str, Any]:
    with store.connect(url) as conn:
        contents: dict[str, Any] = {
            "format": FORMAT,
            "version": VERSION,
            "migrations": {str(n): sha256 for n, sha256 in store.migrations(conn).items()},
            "tables": {},
        }
        for table, columns in store.tables(conn).items():
            # A tar entry begins with its size, so a table is spooled first.
            with tempfile.TemporaryFile() as spool:
                digest, rows = hashlib.sha256(), 0
                for block in store.read_table(conn, table, columns):
                    digest.update(block)
                    rows += block.count(b"\n")
                    spool.write(block)
                _add_file(tar, f"tables/{table}", spool)
            contents["tables"][table] = {"columns": columns, "rows": rows, "sha256": digest.hexdigest()}
    return contents


async def _backup_blobs(settings: Settings, tar: tarfile.TarFile) -> int | None:
    """Add the blobs of a local folder; None for an object store, which has backups of its own."""
    if settings.artifacts_url.startswith("s3:"):
        return None
    blobs, count = await _open_blobs(settings), 0
    async for found in blobs.blobs():
        _add(tar, f"blobs/{found.sha256}", b"".join([block async for block in blobs.read(found.sha256)]))
        count += 1
    await blobs.close()
    return count


def _read_contents(tar: tarfile.TarFile, file: Path) -> dict[str, Any]:
    try:
        contents: dict[str, Any] = json.loads(_entry(tar, "backup.json").read())
    except (KeyError, ValueError):
        raise BackupError(f"{file} is not a whole backup: it has no readable backup.json at its end") from None
    if contents.get("format") != FORMAT:
        raise BackupError(f"{file} has format {contents.get('format')}, and this runlore-server reads {FORMAT}")
    return contents


def _prepare_schema(url: str, contents: dict[str, Any], file: Path) -> None:
    """Bring the empty database to the backup's schema; what is newer is applied after the rows are in."""
    shipped = {m.number: m for m in migrate.shipped()}
    for number, sha256 in contents["migrations"].items():
        if int(number) not in shipped or shipped[int(number)].sha256.hex() != sha256:
            raise BackupError(
                f"{file} was made by runlore-server {contents['version']}, whose schema this one ({VERSION}) does not "
                "know: restore with that version or a newer one"
            )
    newest = max(map(int, contents["migrations"]))
    migrate.migrate(url, [m for m in migrate.shipped() if m.number <= newest])


def _restore_tables(conn: store.Connection, tar: tarfile.TarFile, contents: dict[str, Any], file: Path) -> None:
    store.clear_log(conn)
    for table in store.tables(conn):
        recorded = contents["tables"].get(table)
        if recorded is None:
            raise BackupError(f"{file} has no table {table}")
        digest = hashlib.sha256()
        with _entry(tar, f"tables/{table}") as entry:
            rows = store.write_table(conn, table, recorded["columns"], _blocks(entry, digest))
        if (rows, digest.hexdigest()) != (recorded["rows"], recorded["sha256"]):
            raise BackupError(f"table {table} in {file} is not what was backed up: its digest or row count differs")


async def _restore_blobs(settings: Settings, tar: tarfile.TarFile, contents: dict[str, Any], file: Path) -> int:
    count = 0
    if contents["blobs"]:
        blobs = await _open_blobs(settings)
        for member in tar:
            folder, _, sha256 = member.name.partition("/")
            if folder == "blobs":
                with _entry(tar, member.name) as entry:
                    try:
                        await blobs.write(sha256, member.size, _one(entry.read()))
                    except RunloreError as error:
                        raise BackupError(f"{file}: blob {sha256}: {error}") from None
                count += 1
        await blobs.close()
    if count != (contents["blobs"] or 0):
        raise BackupError(f"{file} has {count} of the {contents['blobs']} blobs that were backed up")
    return count


def _check_chains(conn: store.Connection) -> None:
    """Check every model's chain as restored, before it is committed."""
    found = store.broken_chain(conn)
    if found is not None:
        name, broken = found
        raise BackupError(
            f"the history of registered model '{name}' was changed: event {broken.revision}: {broken.problem}"
        )


async def _open_blobs(settings: Settings) -> BlobStore:
    blobs = open_blob_store(settings.artifacts_url, settings.s3)
    await blobs.check()
    return blobs


async def _one(data: bytes) -> AsyncIterator[bytes]:
    yield data


def _entry(tar: tarfile.TarFile, name: str) -> IO[bytes]:
    entry = tar.extractfile(name)
    if entry is None:
        raise KeyError(name)
    return entry


def _blocks(entry: IO[bytes], digest: Any) -> Iterator[bytes]:
    while block := entry.read(_BLOCK):
        digest.update(block)
        yield block


def _add(tar: tarfile.TarFile, name: str, data: bytes) -> None:
    info = tarfile.TarInfo(name)
    info.size = len(data)
    tar.addfile(info, io.BytesIO(data))


def _add_file(tar: tarfile.TarFile, name: str, spool: IO[bytes]) -> None:
    info = tarfile.TarInfo(name)
    info.size = spool.tell()
    spool.seek(0)
    tar.addfile(info, spool)
