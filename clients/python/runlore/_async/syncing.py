"""`sync`: sends what is in a spool."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from runlore import _left, v1
from runlore._async import uploads
from runlore._async.connection import Connection
from runlore._async_tools import call_in_thread
from runlore._files import LocalBlob
from runlore._left import Left, Synced
from runlore._sender import Sender
from runlore._spool.folders import FILES, JOURNAL, WriterFolder, sweep
from runlore._spool.left import LeftPoints
from runlore._spool.segments import DamagedError
from runlore.errors import AlreadyExistsError, OfflineError, RunloreError


class SyncMethods(Connection):
    """What a client does with what other processes have left."""

    async def sync(
        self,
        folder: str | os.PathLike[str] | None = None,
        *,
        delete: bool = True,
        progress: Callable[[int, int], None] | None = None,
    ) -> list[Synced]:
        """Send what processes that ended have left in the spool, and return what became of each writer's part.

        `folder` is a spool (None: this machine's, `RUNLORE_SPOOL`), also one copied from another machine, or a folder
        in one. What is stored is deleted, unless `delete` is False; what cannot be stored, and what a living process
        still writes, stays, and is in the answer with the reason. May be interrupted, repeated and done twice at once:
        each run and each point is there once. `progress` is called with points done and points in all.

        Raises OfflineError, and FileNotFoundError when there is no such folder.
        """
        if not isinstance(self.sender, Sender):
            raise OfflineError("sync needs a server, and this client is offline (mode, RUNLORE_MODE)", reason="OFFLINE")
        root = self.settings.spool if folder is None else Path(folder)
        if folder is not None and not root.is_dir():
            raise FileNotFoundError(f"no folder '{root}' to sync")
        left = await call_in_thread(_left.survey, root)
        meter = _left.Meter(sum(part.points for part in left), progress or (lambda done, total: None))
        found: list[Synced] = []
        for part in left:
            found.append(await self._sync_one(self.sender, part, meter, delete))
        if delete:
            await call_in_thread(sweep, root)
        return found

    async def _sync_one(self, sender: Sender, part: Left, meter: _left.Meter, delete: bool) -> Synced:
        try:
            folder = await call_in_thread(WriterFolder.take, part.path)
        except FileNotFoundError:
            return part.became("gone", "another sync has sent it meanwhile")
        except (OSError, DamagedError) as error:
            return part.became("kept", str(error))
        if folder is None:
            return part.became("live", "a process still writes it, or another sync sends it")
        try:
            await self._send_all(sender, folder, part, meter)
        except (RunloreError, OSError, DamagedError) as error:
            await call_in_thread(folder.release)
            return part.became("kept", str(error))
        except BaseException:
            await call_in_thread(folder.release)
            raise
        await call_in_thread(folder.delete if delete else folder.release)
        return part.became("sent", "")

    async def _send_all(self, sender: Sender, folder: WriterFolder, part: Left, meter: _left.Meter) -> None:
        points = await call_in_thread(LeftPoints, folder)
        first, last = _left.in_order(part.requests)
        for request in first:
            await self._send_request(folder, request)
        await call_in_thread(sender.deliver, points, meter.of(part, points.reader.first_point))
        for request in last:
            await self._send_request(folder, request)
        if part.damage:
            raise DamagedError(part.damage)

    async def _send_request(self, folder: WriterFolder, request: Any) -> None:
        match request:
            case v1.CreateRunRequest():
                await self._create(request)
            case v1.CreateLoggedModelRequest():
                await self._create_logged_model(request)
            case v1.LogArtifactsRequest():
                await self._log_artifacts(folder, request)
            case _:
                # Each other kind that a journal may hold is what a method about runs takes.
                name = type(request).__name__.removesuffix("Request")
                method = getattr(self.tracking, name, None)
                if method is None:
                    raise DamagedError(f"{folder.path / JOURNAL} holds a {name}, which this version cannot send")
                await method(request)

    async def _log_artifacts(self, folder: WriterFolder, request: v1.LogArtifactsRequest) -> None:
        files = folder.path / FILES
        chunks = (chunk for file in request.files for chunk in file.chunks)
        blobs = (LocalBlob(files / chunk.sha256, 0, chunk.size, chunk.sha256) for chunk in chunks)
        await uploads.send_blobs(self, request.workspace, blobs)
        await self.artifacts.LogArtifacts(request)

    async def _create(self, request: v1.CreateRunRequest) -> None:
        try:
            await self.tracking.CreateRun(request)
        except AlreadyExistsError as error:
            if error.reason != "RUN_EXISTS":
                raise
            there = await self.tracking.GetRun(v1.GetRunRequest(workspace=request.workspace, run_id=request.run_id))
            if there.run.start_time != request.start_time:
                # Not this run, of which an earlier sync, or one of a copy, was the first.
                raise

    async def _create_logged_model(self, request: v1.CreateLoggedModelRequest) -> None:
        try:
            await self.logged_models.CreateLoggedModel(request)
        except AlreadyExistsError as error:
            wanted = v1.GetLoggedModelRequest(workspace=request.workspace, model_id=request.model_id)
            there = (await self.logged_models.GetLoggedModel(wanted)).logged_model
            if error.reason != "LOGGED_MODEL_EXISTS" or there.source_run_id != request.source_run_id:
                # Not this model, which an earlier sync, or one of a copy, has created.
                raise
