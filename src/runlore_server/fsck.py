"""`fsck`: whether every manifest's bytes are there, and (deep) are the right ones.

The database is read before the blob store is listed, and nothing is collected meanwhile, so that what is uploaded or
logged at the same time is never taken for a loss.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, field
from typing import Any

from runlore import v1
from runlore_server.blob import BlobStore
from runlore_server.db import Database
from runlore_server.errors import RunloreError
from runlore_server.store import checks, fsck

#: Blobs read at once by a deep check.
_READS_AT_ONCE = 4
#: What was checked is recorded when it is this many blobs or files.
_RECORDED_AT_ONCE = 500


@dataclass(frozen=True)
class Loss:
    """Something that a manifest needs and that is not there, or is not what it should be."""

    #: `blob`, `file` or `manifest`.
    what: str
    digest: str
    problem: str
    #: A folder that needs it, a name in it, and some runs and versions that have the folder.
    manifest: str = ""
    name: str = ""
    owners: tuple[str, ...] = ()

    def __str__(self) -> str:
        where = f", needed by '{self.name}' in the folder {self.manifest}" if self.manifest else ""
        owners = f" of {', '.join(self.owners)}" if self.owners else ""
        return f"{self.what} {self.digest}: {self.problem}{where}{owners}"


@dataclass
class Report:
    """What was looked at, and what was found."""

    is_deep: bool
    manifests: int = 0
    blobs: int = 0
    blob_bytes: int = 0
    #: Bytes read and found right, and files of several chunks whose claimed sha256 was found true.
    read_bytes: int = 0
    checked_files: int = 0
    #: Objects that the database does not know: uploads under way, and what `gc` will collect.
    orphans: int = 0
    orphan_bytes: int = 0
    losses: list[Loss] = field(default_factory=list)

    def __str__(self) -> str:
        deep = f", read {self.read_bytes:,} bytes, checked {self.checked_files:,} large files" if self.is_deep else ""
        looked = f"looked at {self.manifests:,} manifest folders and {self.blobs:,} blobs ({self.blob_bytes:,} bytes)"
        found = f"{len(self.losses):,} LOSSES" if self.losses else "nothing is lost"
        return f"{looked}{deep}: {found}; {self.orphans:,} objects that no manifest needs ({self.orphan_bytes:,} bytes)"

    def fields(self) -> dict[str, Any]:
        """Return the report as JSON values."""
        return asdict(self)


@dataclass(frozen=True)
class _Use:
    """The first place found that needs a blob."""

    size: int
    manifest: str
    name: str


class Check:
    """One run of fsck."""

    def __init__(self, db: Database, blob_store: BlobStore) -> None:
        """Compare a database with a blob store."""
        self._db = db
        self._blob_store = blob_store
        self._uses: dict[str, _Use] = {}
        #: Files of several chunks, by what stands for their bytes and claim, with a folder that has each.
        self._large: dict[bytes, tuple[v1.FileEntry, str, str]] = {}
        self._right: list[str] = []
        self._right_files: list[bytes] = []

    async def run(self, *, deep: bool = False) -> Report:
        """Look at everything; `deep` reads every blob. The caller keeps the collector out."""
        self._report = Report(deep)
        await self._manifests()
        recorded = await fsck.stored_blobs(self._db)
        sizes = await self._sizes()
        report = self._report
        report.blobs, report.blob_bytes = len(self._uses), sum(use.size for use in self._uses.values())
        there = {}
        for digest, use in self._uses.items():
            size = sizes.get(digest)
            if size is None:
                await self._lose("blob", digest, "is not in the blob store", use)
            elif size != use.size:
                await self._lose("blob", digest, f"has {size} bytes in the blob store and not {use.size}", use)
            else:
                there[digest] = use
                if digest not in recorded:
                    await self._lose("blob", digest, "is in the blob store and not in the database", use)
        if deep:
            await self._read_all(there)
        return report

    async def _manifests(self) -> None:
        known: set[str] = set()
        needed: dict[str, str] = {}
        async for folder in fsck.folders(self._db):
            known.add(folder.digest)
            self._report.manifests += 1
            if folder.actual_digest != folder.digest:
                owners = await self._owners(folder.digest)
                self._report.losses.append(
                    Loss("manifest", folder.digest, "its entries are not those of its digest", owners=owners)
                )
            needed.update(dict.fromkeys(folder.children, folder.digest))
            for name, file in folder.files.items():
                if len(file.chunks) > 1:
                    self._large.setdefault(checks.key(file), (file, folder.digest, name))
                for chunk in file.chunks:
                    self._uses.setdefault(chunk.sha256, _Use(chunk.size, folder.digest, name))
        needed.update(dict.fromkeys(await self._db.read(fsck.roots), ""))
        for digest in needed.keys() - known:
            owners = await self._owners(digest)
            self._report.losses.append(
                Loss("manifest", digest, "is not in the database", manifest=needed[digest], owners=owners)
            )

    async def _sizes(self) -> dict[str, int]:
        """Return the sizes of the objects in the blob store that are needed, counting the others."""
        sizes = {}
        async for found in self._blob_store.blobs():
            if found.sha256 in self._uses:
                sizes[found.sha256] = found.size
            else:
                self._report.orphans += 1
                self._report.orphan_bytes += found.size
        return sizes

    async def _read_all(self, there: dict[str, _Use]) -> None:
        """Read every blob once, those of large files in their order."""
        seen: set[str] = set()
        large = []
        for key, (file, manifest, name) in self._large.items():
            if all(chunk.sha256 in there for chunk in file.chunks):
                large.append((key, file, _Use(file.size, manifest, name)))
                seen.update(chunk.sha256 for chunk in file.chunks)
        await _at_once(lambda item: self._read_file(*item), large)
        await _at_once(lambda item: self._read_blob(*item), [(d, use) for d, use in there.items() if d not in seen])
        await self._record()

    async def _read_file(self, key: bytes, file: v1.FileEntry, use: _Use) -> None:
        whole = hashlib.sha256()
        right = True
        for chunk in file.chunks:
            right &= await self._read_blob(chunk.sha256, use, whole)
        if right and whole.hexdigest() != file.sha256:
            await self._lose("file", file.sha256, f"its bytes have the sha256 {whole.hexdigest()}", use)
        elif right:
            self._report.checked_files += 1
            self._right_files.append(key)

    async def _read_blob(self, digest: str, use: _Use, whole: hashlib._Hash | None = None) -> bool:
        """Whether a blob's bytes are right; `whole` is given them too."""
        actual = hashlib.sha256()
        try:
            async for piece in self._blob_store.read(digest):
                actual.update(piece)
                if whole is not None:
                    whole.update(piece)
                self._report.read_bytes += len(piece)
        except RunloreError as error:
            if error.reason != v1.ERROR_REASON_BLOB_NOT_FOUND:
                raise
            await self._lose("blob", digest, "is not in the blob store", use)
            return False
        if actual.hexdigest() != digest:
            await self._lose("blob", digest, f"its bytes have the sha256 {actual.hexdigest()}", use)
            return False
        self._right.append(digest)
        if len(self._right) >= _RECORDED_AT_ONCE:
            await self._record()
        return True

    async def _record(self) -> None:
        blobs, files = self._right, self._right_files
        self._right, self._right_files = [], []
        await self._db.write(lambda conn: checks.record(conn, blobs, files))

    async def _lose(self, what: str, digest: str, problem: str, use: _Use) -> None:
        owners = await self._owners(use.manifest)
        self._report.losses.append(Loss(what, digest, problem, use.manifest, use.name, owners))

    async def _owners(self, digest: str) -> tuple[str, ...]:
        return tuple(await self._db.read(lambda conn: fsck.owners(conn, digest)))


async def _at_once(work: Callable[[Any], Awaitable[object]], items: list[Any]) -> None:
    """Do work on each item, a few at a time."""
    remaining = iter(items)

    async def worker() -> None:
        for item in remaining:
            await work(item)

    await asyncio.gather(*(worker() for _ in range(_READS_AT_ONCE)))
