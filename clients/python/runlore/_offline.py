"""What a client does offline: every request that records something is kept in the journal of its run."""

from __future__ import annotations

import copy
import logging
import os
import re
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.message import Message

from runlore import _exit, _fork, v1
from runlore._files import LocalBlob
from runlore._settings import Settings
from runlore._spool import journal
from runlore._spool.folders import FILES, JOURNAL, WriterFolder
from runlore._spool.points import PointSpool
from runlore.errors import InvalidArgumentError, OfflineError, RunloreError, invalid_field
from runlore.manifest import Tree

log = logging.getLogger("runlore")

_RUN_ID = re.compile(r"[0-9a-f]{32}")
_VALUE_LIMIT = 8_192


class OfflineRun:
    """A run as far as this process records it, and the folder in which it is kept."""

    def __init__(self, settings: Settings, run: v1.Run) -> None:
        """Make the folder; raises RunloreError."""
        self.run = run
        self._tree = Tree()
        self._lock = threading.Lock()
        try:
            self.folder = WriterFolder.create(settings.spool, run.run_id, run.workspace, run.name)
        except OSError as error:
            raise RunloreError(
                f"cannot record offline in {settings.spool}: {error.strerror or error}; set RUNLORE_SPOOL"
            ) from None

    def keep(self, request: Message) -> None:
        """Add a request to the journal; raises RunloreError."""
        with self._lock:
            try:
                journal.append(self.folder.path / JOURNAL, request)
            except OSError as error:
                raise RunloreError(f"cannot record in {self.folder.path}: {error.strerror or error}") from None

    def keep_files(
        self, entries: Sequence[v1.FileEntry], blobs: Iterable[LocalBlob], calls: Iterable[list[v1.FileEntry]]
    ) -> v1.Manifest:
        """Copy files, and keep the requests to log them; raises RunloreError and InvalidArgumentError."""
        folder = self.folder.path / FILES
        try:
            folder.mkdir(exist_ok=True)
            for blob in blobs:
                kept = folder / blob.sha256
                if not kept.exists():
                    new = folder / f".{blob.sha256}-{threading.get_ident()}"
                    new.write_bytes(blob.read())
                    new.replace(kept)
        except OSError as error:
            raise RunloreError(f"cannot copy files into {folder}: {error.strerror or error}") from None
        with self._lock:
            for entry in entries:
                try:
                    self._tree.add(entry)
                except ValueError as error:
                    raise invalid_field("files", str(error)) from None
            manifest = self._tree.manifest()
        for part in calls:
            self.keep(v1.LogArtifactsRequest(workspace=self.run.workspace, run_id=self.run.run_id, files=part))
        return manifest


class _Runs:
    """The offline runs of this process, by id. In a forked child they begin anew, each in another folder."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._runs: dict[str, OfflineRun] = {}
        _fork.register(self)

    def add(self, settings: Settings, run: v1.Run) -> OfflineRun:
        with self._lock:
            kept = self._runs[run.run_id] = OfflineRun(settings, run)
            return kept

    def get(self, settings: Settings, run_id: str, workspace: str) -> OfflineRun:
        """Return a run, also one that was begun elsewhere: its requests are sent after those that began it."""
        with self._lock:
            kept = self._runs.get(run_id)
            if kept is None:
                if not _RUN_ID.fullmatch(run_id):
                    raise invalid_field("run_id", f"is '{run_id}': give 32 lower-case hex digits")
                kept = self.add(settings, v1.Run(run_id=run_id, workspace=workspace or settings.workspace))
            return kept

    def forget(self, run_id: str) -> None:
        with self._lock:
            kept = self._runs.pop(run_id, None)
            if kept is not None:
                kept.folder.release()

    def before_fork(self) -> None:
        self._lock.acquire()

    def after_fork_in_parent(self) -> None:
        self._lock.release()

    def after_fork_in_child(self) -> None:
        self._lock = threading.RLock()
        for kept in self._runs.values():
            kept.folder.release()
        self._runs = {}


_runs = _Runs()


def keep(settings: Settings, method: str, request: Any) -> Message:
    """Keep a request and answer it as a server would; raises OfflineError for what needs one."""
    keeper = _KEEPERS.get(method.rpartition("/")[2])
    if keeper is None:
        raise needs_a_server(method)
    return keeper(settings, request)


def needs_a_server(method: str) -> OfflineError:
    """Return the error for a method that cannot be answered offline."""
    name = method.rpartition("/")[2]
    return OfflineError(
        f"{name} needs a server, and this client is offline (mode, RUNLORE_MODE): what runs record is kept for "
        "`runlore sync`, everything else has to wait",
        reason="OFFLINE",
    )


def keep_files(
    settings: Settings,
    run: v1.Run,
    entries: Sequence[v1.FileEntry],
    blobs: Iterable[LocalBlob],
    calls: Iterable[list[v1.FileEntry]],
) -> v1.Manifest:
    """Copy files into the spool and keep the requests to log them."""
    return _runs.get(settings, run.run_id, run.workspace).keep_files(entries, blobs, calls)


def _create_run(settings: Settings, request: v1.CreateRunRequest) -> v1.CreateRunResponse:
    request = copy.deepcopy(request)
    request.run_id = request.run_id or new_run_id()
    request.workspace = request.workspace or settings.workspace
    for field in ("run_id", "parent_run_id"):
        if (value := getattr(request, field)) and not _RUN_ID.fullmatch(value):
            raise invalid_field(field, f"is '{value}': give 32 lower-case hex digits")
    for field, most in (("name", 500), ("experiment_name", 500)):
        if len(getattr(request, field)) > most:
            raise invalid_field(field, f"has {len(getattr(request, field))} characters: give at most {most}")
    _check_labels("params", request.params, 10_000)
    _check_labels("tags", request.tags, 1_000)
    request.name = request.name or f"offline-{request.run_id[-8:]}"
    if not request.HasField("start_time"):
        request.start_time.FromNanoseconds(time.time_ns() // 1000 * 1000)
    run = v1.Run(
        run_id=request.run_id,
        workspace=request.workspace,
        experiment_id=request.experiment_id,
        experiment_name=request.experiment_name,
        parent_run_id=request.parent_run_id,
        name=request.name,
        status=request.status or v1.RUN_STATUS_RUNNING,
        start_time=request.start_time,
        params=request.params,
        tags=request.tags,
        artifact_location=request.artifact_location,
    )
    kept = _runs.add(settings, run)
    try:
        kept.keep(request)
    except RunloreError:
        _runs.forget(run.run_id)
        kept.folder.delete()
        raise
    return v1.CreateRunResponse(run=run)


def _log_batch(settings: Settings, request: v1.LogBatchRequest) -> v1.LogBatchResponse:
    _check_labels("params", request.params, 10_000)
    _check_labels("tags", request.tags, 1_000)
    kept = _runs.get(settings, request.run_id, request.workspace)
    for key, value in request.params.items():
        known = kept.run.params.get(key, value)
        if known != value:
            raise InvalidArgumentError(
                f"param '{key}' is '{known}' already and cannot become '{value}': params never change",
                reason="PARAM_CONFLICT",
                metadata={"run_id": request.run_id, "key": key, "recorded": known, "refused": value},
            )
    kept.keep(request)
    kept.run.params.update(request.params)
    kept.run.tags.update(request.tags)
    return v1.LogBatchResponse(committed_sequence=request.sequence)


def _delete_tags(settings: Settings, request: v1.DeleteRunTagsRequest) -> v1.DeleteRunTagsResponse:
    kept = _runs.get(settings, request.run_id, request.workspace)
    kept.keep(request)
    for key in request.keys:
        kept.run.tags.pop(key, None)
    return v1.DeleteRunTagsResponse(run=kept.run)


def _update_run(settings: Settings, request: v1.UpdateRunRequest) -> v1.UpdateRunResponse:
    kept = _runs.get(settings, request.run_id, request.workspace)
    kept.keep(request)
    for field in request.update_mask.paths:
        if field == "end_time":
            kept.run.end_time.CopyFrom(request.end_time)
        else:
            setattr(kept.run, field, getattr(request, field))
    return v1.UpdateRunResponse(run=kept.run)


def _log_inputs(settings: Settings, request: v1.LogInputsRequest) -> v1.LogInputsResponse:
    kept = _runs.get(settings, request.run_id, request.workspace)
    kept.keep(request)
    return v1.LogInputsResponse(run=kept.run)


def _log_outputs(settings: Settings, request: v1.LogOutputsRequest) -> v1.LogOutputsResponse:
    kept = _runs.get(settings, request.run_id, request.workspace)
    kept.keep(request)
    return v1.LogOutputsResponse(run=kept.run)


def _create_logged_model(settings: Settings, request: v1.CreateLoggedModelRequest) -> v1.CreateLoggedModelResponse:
    """Keep a model with the run that made it; its id is the client's own."""
    if not request.source_run_id or not request.model_id:
        raise needs_a_server("CreateLoggedModel")
    _check_labels("params", request.params, 10_000)
    _check_labels("tags", request.tags, 1_000)
    _runs.get(settings, request.source_run_id, request.workspace).keep(request)
    model = v1.LoggedModel(
        model_id=request.model_id,
        workspace=request.workspace,
        source_run_id=request.source_run_id,
        name=request.name,
        model_type=request.model_type,
        status=request.status,
        params=request.params,
        tags=request.tags,
    )
    return v1.CreateLoggedModelResponse(logged_model=model)


_KEEPERS: dict[str, Callable[[Settings, Any], Message]] = {
    "CreateRun": _create_run,
    "LogBatch": _log_batch,
    "DeleteRunTags": _delete_tags,
    "UpdateRun": _update_run,
    "LogInputs": _log_inputs,
    "LogOutputs": _log_outputs,
    "CreateLoggedModel": _create_logged_model,
}


def _check_labels(field: str, labels: Mapping[str, str], most: int) -> None:
    """Refuse at once what the server would refuse at `runlore sync`."""
    if len(labels) > most:
        raise invalid_field(field, f"has {len(labels)} entries: give at most {most}")
    for key, value in labels.items():
        if not 1 <= len(key) <= 250 or any(ord(c) < 32 or ord(c) == 127 for c in key):
            raise invalid_field(field, f"has the key {key!r}: give 1 to 250 characters without control characters")
        if len(value) > _VALUE_LIMIT or "\0" in value:
            raise invalid_field(
                f"{field}['{key}']", f"has {len(value)} characters: give at most {_VALUE_LIMIT}, without U+0000"
            )


def new_run_id() -> str:
    """Return a UUIDv7 as 32 hex digits."""
    number = (time.time_ns() // 1_000_000 & (1 << 48) - 1) << 80 | int.from_bytes(os.urandom(10), "big")
    return f"{number & ~(0xF << 76) & ~(0x3 << 62) | 0x7 << 76 | 0x2 << 62:032x}"


class OfflineSender:
    """Takes the place of the sender: points go to the spool of their run, and stay there."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._open: list[PointSpool] = []
        _fork.register(self)

    def open(
        self, run_id: str, workspace: str, name: str = "", *, next_steps: Mapping[str, int] | None = None
    ) -> PointSpool:
        """Begin to take points of a run; it is ended at interpreter exit if nobody does before."""
        settings = self._settings
        spool = PointSpool(
            run_id,
            workspace,
            limit=settings.spool_limit,
            open_folder=lambda: _runs.get(settings, run_id, workspace).folder,
            wake=lambda: None,
            next_steps=next_steps,
        )
        self._open.append(spool)
        _exit.register(self)
        return spool

    def flush(self, spool: PointSpool, timeout: float | None = None) -> None:
        """Nothing to wait for: what was logged is where it stays."""

    def leave(self, spool: PointSpool, timeout: float | None = None) -> None:
        """Nothing to do."""

    def finish(self, spool: PointSpool, status: v1.RunStatus.ValueType, timeout: float | None = None) -> None:
        """Keep the run's end; raises RunloreError."""
        request = v1.UpdateRunRequest(
            workspace=spool.workspace, run_id=spool.run_id, update_mask=FieldMask(paths=["status", "end_time"])
        )
        request.status = status
        request.end_time.FromNanoseconds(time.time_ns() // 1000 * 1000)
        try:
            _runs.get(self._settings, spool.run_id, spool.workspace).keep(request)
        finally:
            self._open.remove(spool)
            spool.close(delete=False)
            _runs.forget(spool.run_id)
            if not self._open:
                _exit.forget(self)

    def end_open_runs(self, status: v1.RunStatus.ValueType) -> None:
        """End the runs that nobody ended, as at interpreter exit."""
        for spool in list(self._open):
            if spool.ours:
                try:
                    self.finish(spool, status)
                except RunloreError as error:
                    log.warning("run %s was not ended properly: %s", spool.run_id, error)

    def close(self) -> None:
        """Nothing to do: there is no connection."""

    def before_fork(self) -> None:
        """Nothing to do."""

    def after_fork_in_parent(self) -> None:
        """Nothing to do."""

    def after_fork_in_child(self) -> None:
        """Leave all points to the parent."""
        for spool in self._open:
            spool.after_fork_in_child()
