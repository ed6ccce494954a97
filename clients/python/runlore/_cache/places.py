"""Whether a list of files is the manifest that it should be, and whether this disk can hold it."""

from __future__ import annotations

import os
import re
import sys
import tempfile
import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path

from runlore import v1
from runlore.errors import IntegrityError, PreconditionError
from runlore.manifest import Tree, check_chunks

_NAME_BYTES = 255
_PATH_BYTES = 4096 if sys.platform != "darwin" else 1024
#: For what goes between the folder and a path: a digest, or a scratch folder's name.
_OWN_BYTES = 80
_NOT_ON_WINDOWS = re.compile(r'[<>:"|?*]|[. ]$|^(con|prn|aux|nul|com[1-9]|lpt[1-9])(\.|$)', re.IGNORECASE)


def check_files(digest: str, files: Sequence[v1.FileEntry]) -> None:
    """Raise IntegrityError unless the files have safe paths, whole chunks and, as a tree, the digest."""
    try:
        tree = Tree.of(files)
        for entry in files:
            check_chunks(entry)
        found = tree.manifest()
    except (ValueError, KeyError) as error:
        raise IntegrityError(f"the server's list of files of manifest {digest} is not valid: {error}") from None
    if found.digest != digest or found.file_count != len(files):
        raise IntegrityError(
            f"the server's list of files has the digest {found.digest}, not {digest} as registered: "
            "nothing was downloaded"
        )


def check_places(folder: Path, paths: Iterable[str]) -> None:
    """Raise PreconditionError when the disk of `folder` cannot hold files of all these paths."""
    same_name = _SAME[tells_names_apart(folder)]
    taken: dict[str, str] = {}
    room = _PATH_BYTES - len(os.fsencode(folder.absolute())) - _OWN_BYTES
    for path in paths:
        problem = _problem(path, room)
        if problem:
            raise _no_place(path, problem)
        parts = path.split("/")
        for end in range(1, len(parts) + 1):
            here = "/".join(parts[:end])
            other = taken.setdefault(same_name(here), here)
            if other != here:
                raise _no_place(path, f"'{other}' has the same name on this disk, which ignores case or Unicode form")


def tells_names_apart(folder: Path) -> bool:
    """Whether files whose names differ by case alone are two files in this folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=folder, prefix="case-") as probe:
        path = Path(probe.name)
        return not path.with_name(path.name.upper()).exists()


def _as_it_is(path: str) -> str:
    return path


def _folded(path: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", path).casefold())


_SAME = {True: _as_it_is, False: _folded}


def _problem(path: str, room: int) -> str:
    if len(path.encode()) > room:
        return f"it has more than the {room} bytes that a path may have here"
    for part in path.split("/"):
        if len(part.encode()) > _NAME_BYTES:
            return f"a name has {len(part.encode())} bytes, and this system allows {_NAME_BYTES}"
        if sys.platform == "win32" and _NOT_ON_WINDOWS.search(part):
            return f"Windows does not allow the name '{part}'"
    return ""


def _no_place(path: str, why: str) -> PreconditionError:
    return PreconditionError(
        f"'{path}' cannot be stored here: {why}; nothing was written. "
        "Files can still be pulled one by one, or read with `runlore artifacts cat`",
        reason="PATH_UNSUPPORTED",
        metadata={"path": path},
    )
