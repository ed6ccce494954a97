"""Artifacts: listed on both sides, and what Runlore lacks copied through a folder of this machine, a part at a time."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from runlore import _files, v1
from runlore._progress import Counting
from runlore._sync import uploads
from runlore.errors import NotFoundError
from runlore_mlflow.importing.context import Importing

if TYPE_CHECKING:
    from mlflow.store.artifact.artifact_repo import ArtifactRepository

#: Bytes on this machine's disk at a time; a file that is larger is there alone.
_PART_BYTES = 1024**3
_PART_FILES = 1_000
#: Deeper than any folder that people make; a repository that never ends would go on for ever.
_DEPTH = 100


class UnreadableFilesError(Exception):
    """The source's files cannot be read; the message says why."""


def listed(ctx: Importing, artifact_uri: str) -> dict[str, int]:
    """Return the size of every file below a URI of the source, by path; raises UnreadableFilesError."""
    try:
        return dict(_walk(ctx.source.repository(artifact_uri), "", _DEPTH))
    except Exception as problem:  # each kind of store has errors of its own
        raise UnreadableFilesError(f"its files cannot be listed: {_words(problem)}") from problem


def stored(ctx: Importing, manifest_digest: str) -> dict[str, v1.FileEntry]:
    """Return every file of a manifest, by path; none of no manifest."""
    if not manifest_digest:
        return {}
    request = v1.GetManifestRequest(manifest_digest=manifest_digest)
    found: dict[str, v1.FileEntry] = {}
    while True:
        try:
            page = ctx.client.artifacts.GetManifest(request)
        except NotFoundError:
            return found
        found.update((entry.path, entry) for entry in page.files)
        if not page.next_page_token:
            return found
        request.page_token = page.next_page_token


def missing(wanted: Mapping[str, int], found: Mapping[str, v1.FileEntry]) -> list[str]:
    """Return the paths that Runlore lacks, or has with another size."""
    return [path for path, size in wanted.items() if path not in found or found[path].size != size]


def compare(ctx: Importing, artifact_uri: str, manifest_digest: str) -> list[str]:
    """Return in what the files differ: by paths and sizes, and by their bytes where they are to be read again."""
    try:
        wanted = listed(ctx, artifact_uri)
        found = stored(ctx, manifest_digest)
        lines = [f"file {path!r} is missing in Runlore, or has another size" for path in missing(wanted, found)]
        lines += [f"file {path!r} is in Runlore only" for path in found.keys() - wanted.keys()]
        if ctx.reads_files and not lines:
            for folder, paths in _parts(ctx, artifact_uri, wanted, wanted):
                lines += [
                    f"file {path!r} has other bytes" for path in paths if _sha256(folder / path) != found[path].sha256
                ]
    except UnreadableFilesError:
        # Said when they were to be carried.
        return []
    for counts in (ctx.report.found, ctx.report.compared):
        counts["files"] += len(wanted)
        counts["bytes of files"] += sum(wanted.values())
    return lines


def log(ctx: Importing, run: v1.Run, artifact_uri: str, wanted: Mapping[str, int], paths: Iterable[str]) -> None:
    """Add files to a run's artifacts; raises UnreadableFilesError."""
    for folder, part in _parts(ctx, artifact_uri, wanted, paths):
        uploads.upload(ctx.client, run, folder, None, keep_name=False)
        _count(ctx, wanted, part)


def manifest(ctx: Importing, artifact_uri: str, wanted: Mapping[str, int]) -> str:
    """Store files that are no run's and return their manifest's digest; raises UnreadableFilesError."""
    entries: list[v1.FileEntry] = []
    for folder, part in _parts(ctx, artifact_uri, wanted, wanted):
        files = _files.scan(folder, None, keep_name=False)
        entries += uploads.send_files(ctx.client, "", files, Counting())
        _count(ctx, wanted, part)
    return uploads.create_manifest(ctx.client, "", entries).digest


def text(ctx: Importing, name: str, content: str) -> str:
    """Store one file of this text and return its manifest's digest."""
    with tempfile.TemporaryDirectory(prefix="runlore-import-") as scratch:
        (Path(scratch) / name).write_text(content, encoding="utf-8")
        files = _files.scan(scratch, None, keep_name=False)
        return uploads.create_manifest(ctx.client, "", uploads.send_files(ctx.client, "", files, Counting())).digest


def _count(ctx: Importing, wanted: Mapping[str, int], paths: Iterable[str]) -> None:
    sizes = [wanted[path] for path in paths]
    ctx.wrote("files", len(sizes))
    ctx.wrote("bytes of files", sum(sizes))


def _parts(
    ctx: Importing, artifact_uri: str, wanted: Mapping[str, int], paths: Iterable[str]
) -> Iterator[tuple[Path, list[str]]]:
    """Yield folders with the next files and their paths; each is gone when the next comes."""
    repository = ctx.source.repository(artifact_uri)
    part: list[str] = []
    size = 0
    for path in paths:
        if part and (size + wanted[path] > _PART_BYTES or len(part) == _PART_FILES):
            yield from _part(repository, part)
            part, size = [], 0
        part.append(path)
        size += wanted[path]
    if part:
        yield from _part(repository, part)


def _part(repository: ArtifactRepository, paths: list[str]) -> Iterator[tuple[Path, list[str]]]:
    with tempfile.TemporaryDirectory(prefix="runlore-import-") as scratch:
        folder = Path(scratch)
        for path in paths:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            try:
                repository._download_file(path, str(folder / path))
            except Exception as problem:  # each kind of store has errors of its own
                raise UnreadableFilesError(f"a file cannot be read: {_words(problem)}") from problem
        yield folder, paths


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _walk(repository: ArtifactRepository, folder: str, depth: int) -> Iterator[tuple[str, int]]:
    for found in repository.list_artifacts(folder or None):
        if not found.is_dir:
            yield found.path, int(found.file_size or 0)
        elif depth and PurePosixPath(found.path) != PurePosixPath(folder):
            yield from _walk(repository, found.path, depth - 1)


def _words(problem: Exception) -> str:
    return str(problem).strip().partition("\n")[0][:200] or type(problem).__name__
