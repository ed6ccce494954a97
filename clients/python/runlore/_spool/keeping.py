"""What a client does when something has to stay in the spool, and what it then says."""

from __future__ import annotations

import logging
from pathlib import Path

from google.protobuf.message import Message

from runlore import v1
from runlore._spool import journal
from runlore._spool.folders import JOURNAL, WriterFolder
from runlore._spool.points import PointSpool

log = logging.getLogger("runlore")

_told: set[Path] = set()


def open_folder(root: Path, run_id: str, workspace: str, name: str) -> WriterFolder | None:
    """Make the folder of a new writer; None when that is not possible, which is told once in the life of a process."""
    try:
        return WriterFolder.create(root, run_id, workspace, name)
    except OSError as error:
        if root not in _told:
            _told.add(root)
            log.warning(
                "there can be no spool in %s (%s): points wait in memory, and are lost when this process is killed "
                "or ends while the server is away; set RUNLORE_SPOOL to a folder that can be written",
                root,
                error.strerror or error,
            )
        return None


def keep_end(spool: PointSpool, request: v1.UpdateRunRequest, count: int, error: Exception) -> None:
    """Leave a run's end, and `count` points that are not stored, to `runlore sync`, and say so; raises nothing."""
    folder = spool.folder_to_keep()
    status = v1.RunStatus.Name(request.status).removeprefix("RUN_STATUS_")
    kept = folder is not None and _append(folder, request)
    if folder is None:
        log.error("run %s: %d points and its end (%s) are lost: %s", spool.run_id, count, status, error)
    elif not kept:
        log.error(
            "run %s: %d points stay in %s, but not its end (%s): send them with `runlore sync`: %s",
            spool.run_id,
            count,
            folder.path,
            status,
            error,
        )
    else:
        log.warning(
            "run %s: %d points and its end (%s) are not stored; they stay in %s: send them with `runlore sync` when "
            "the server can take them: %s",
            spool.run_id,
            count,
            status,
            folder.path,
            error,
        )
    spool.close(delete=False)


def _append(folder: WriterFolder, request: Message) -> bool:
    try:
        journal.append(folder.path / JOURNAL, request)
    except OSError as error:
        log.error("the journal in %s cannot be written: %s", folder.path, error.strerror or error)
        return False
    return True
