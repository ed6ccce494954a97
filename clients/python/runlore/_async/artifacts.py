"""Artifacts: pulling, pushing, listing, reading and deleting them."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from runlore import _references, v1
from runlore._async import heads, pulls, pushes
from runlore._async.artifact_file import ArtifactFile
from runlore._async.downloads import FILES_A_PAGE
from runlore._async.locating import locate
from runlore._async.paging import collect
from runlore._async.registry import RegistryMethods
from runlore._async.run import Run
from runlore.errors import invalid_field

if TYPE_CHECKING:
    from runlore._progress import Report

_PAGE = 1_000
_PATHS_A_CALL = 1_000


class ArtifactMethods(RegistryMethods):
    """What a client does with files. A reference may have `/<path>` behind it; README.md lists its forms."""

    async def pull(
        self,
        ref: str,
        dest: str | os.PathLike[str] | None = None,
        *,
        verify: bool = False,
        link: bool = False,
        fallback: bool = True,
        accept_head: bool = False,
        progress: Report | None = None,
    ) -> Path:
        """Download what a reference names and return the local folder (for a single file, the file).

        Every byte is verified: chunks and files against their digests, the whole against the digest in the registry.
        Files live in a cache (`RUNLORE_CACHE`, default `~/.cache/runlore`), read-only; a file that was verified before
        is known by its size, time and inode, and read again only with `verify`. Give `dest` for files of your own: a
        folder that is new, empty, or holds exactly these files already; it appears complete or not at all. With `link`
        they are links to the cache's, which take no room and must not be written to.

        When the registry does not answer, the last good copy of the same reference is returned, with a warning on the
        logger `runlore`; with `fallback=False` it is an error. A registry whose history of the model does not go on
        from the one that this machine saw last is refused, unless `accept_head` takes it for the true one. `progress`
        is called about ten times a second.

        Raises NotFoundError, IntegrityError when bytes or the history are not what they should be, FileExistsError for
        a `dest` that holds anything else, PreconditionError for paths that this disk cannot hold, UnavailableError,
        OSError.
        """
        source = _references.parse("ref", ref)
        target = None if dest is None else Path(dest)
        done = await pulls.pull(
            self,
            source,
            target,
            verify=verify,
            link=link,
            fallback=fallback,
            accept_head=accept_head,
            report=progress,
        )
        return done.path

    async def push(
        self,
        path: str | os.PathLike[str],
        model_name: str,
        *,
        description: str = "",
        tags: Mapping[str, object] | None = None,
        rehash: bool = False,
        progress: Report | None = None,
    ) -> v1.ModelVersion:
        """Register what is in a folder, or a file, as the model's next version; there is no run, and no evidence.

        Bytes that are stored already are not sent again, so that a push that was interrupted goes on when it is
        repeated. Files that did not change since an earlier upload are not read, unless `rehash`. The model is created
        when it is not there. Raises FileNotFoundError, InvalidArgumentError, FileChangedError.
        """
        done = await pushes.push(
            self, path, model_name, description=description, tags=tags, rehash=rehash, report=progress
        )
        return done.version

    async def list_artifacts(self, ref: str) -> AsyncIterator[v1.ArtifactEntry]:
        """Yield the entries of a folder, by name. Raises NotFoundError, InvalidArgumentError for a file."""
        source = _references.parse("ref", ref)
        request = v1.ListArtifactsRequest(path=source.path, page_size=_PAGE)
        if source.run_id:
            request.run_id = source.run_id
        elif source.model:
            found = await heads.resolve(self, v1.ResolveRequest(reference=source.model))
            request.manifest_digest = found.model_version.manifest_digest
        else:
            request.manifest_digest = source.manifest_digest
        while True:
            response = await self.artifacts.ListArtifacts(request)
            for entry in response.entries:
                yield entry
            if not response.next_page_token:
                return
            request.page_token = response.next_page_token

    async def artifact_files(self, ref: str) -> list[v1.FileEntry]:
        """Return every file at or below a reference, paths from there, without URLs. Raises NotFoundError."""
        found = await locate(self, _references.parse("ref", ref))
        request = v1.GetManifestRequest(manifest_digest=found.digest)
        return await collect(self.artifacts.GetManifest, request, "files", page_size=FILES_A_PAGE)

    async def open_artifact(self, ref: str) -> ArtifactFile:
        """Return a handle to read parts of one file with, each byte verified; nothing is kept on disk.

        Use it as a context manager, or close it. Raises NotFoundError, InvalidArgumentError for a folder.
        """
        source = _references.parse("ref", ref)
        found = await locate(self, source)
        if not found.file:
            raise invalid_field("ref", f"is '{ref}', which is a folder: name a file")
        return await ArtifactFile.open(self, found.digest)

    async def delete_artifacts(self, run: Run | v1.Run | str, paths: str | Iterable[str]) -> v1.Manifest:
        """Take files, and folders with all that is in them, out of a run's artifacts, and return what is left.

        What versions were registered from stays theirs. Up to 1,000 paths go in one step, all or none of them. Raises
        NotFoundError when there is nothing at a path.
        """
        run_id = run if isinstance(run, str) else run.run_id
        wanted = [paths] if isinstance(paths, str) else list(paths)
        if not wanted:
            raise invalid_field("paths", "is empty: name files or folders of the run's artifacts")
        manifest = v1.Manifest()
        for start in range(0, len(wanted), _PATHS_A_CALL):
            part = [path.strip("/") for path in wanted[start : start + _PATHS_A_CALL]]
            request = v1.DeleteArtifactsRequest(run_id=run_id, paths=part)
            manifest = (await self.artifacts.DeleteArtifacts(request)).manifest
        return manifest
