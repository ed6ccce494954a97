"""What processes have left in a spool, in the order in which to send it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from google.protobuf.message import Message

from runlore import v1
from runlore._spool import folders, journal
from runlore._spool.folders import About, WriterFolder
from runlore._spool.left import LeftPoints
from runlore._spool.segments import DamagedError

State = Literal["sent", "kept", "live", "gone"]


@dataclass(frozen=True)
class Synced:
    """What became of the part of one writer of a run."""

    run_id: str
    #: The run's name.
    name: str
    writer_id: str
    folder: Path
    #: "sent": everything is stored. "kept": something is not, `why` says what for. "live": a process still writes it.
    #: "gone": another sync has sent it meanwhile.
    state: State
    why: str
    #: Points that the folder had.
    points: int
    #: Points that the writer had to drop.
    dropped_points: int
    #: Other requests that the folder had.
    requests: int
    #: Bytes of artifacts that the folder had.
    file_bytes: int


@dataclass(frozen=True)
class Left:
    """The part of one writer of a run, as it was found."""

    path: Path
    about: About
    requests: list[Message]
    points: int
    dropped_points: int
    file_bytes: int
    #: What is wrong with it, for people; empty when all of it can be read.
    damage: str
    #: Whether a process still writes it.
    is_live: bool

    def became(self, state: State, why: str) -> Synced:
        """Return what became of it."""
        return Synced(
            run_id=self.about.run_id,
            name=self.about.name,
            writer_id=self.about.writer_id,
            folder=self.path,
            state=state,
            why=why,
            points=self.points,
            dropped_points=self.dropped_points,
            requests=len(self.requests),
            file_bytes=self.file_bytes,
        )


class Meter:
    """Adds up the points that are done, over all writers."""

    def __init__(self, total: int, tell: Callable[[int, int], None]) -> None:
        self._total = total
        self._tell = tell
        self._before = 0

    def of(self, part: Left, first_point: int) -> Callable[[int], None]:
        """Return what takes the number of the last point of this part that is stored by now."""
        base, self._before = self._before, self._before + part.points

        def progress(committed: int) -> None:
            done = min(max(committed - first_point + 1, 0), part.points)
            self._tell(base + done, self._total)

        return progress


def survey(root: Path) -> list[Left]:
    """Look at everything below a spool, and return it in the order in which to send it; changes nothing."""
    looks = (_look(path) for path in folders.find(root))
    found = sorted((part for part in looks if part is not None), key=lambda part: part.about.created_unix_us)
    return list(_parents_first(found))


def in_order(requests: list[Message]) -> tuple[list[Message], list[Message]]:
    """Return what to send before the points, and what after them: changes of the status."""
    first = [r for r in requests if not isinstance(r, v1.UpdateRunRequest)]
    return first, [r for r in requests if isinstance(r, v1.UpdateRunRequest)]


def _look(path: Path) -> Left | None:
    damage = ""
    points = dropped = 0
    requests: list[Message] = []
    about = About(path.parent.name, path.name, "", "", 0)
    is_live = False
    try:
        about = folders.read_about(path)
        folder = WriterFolder.take(path)
        is_live = folder is None
        if folder is not None:
            folder.release()
        requests, whole = journal.read(path / folders.JOURNAL)
        if not whole:
            damage = f"{path / folders.JOURNAL} is damaged after {len(requests)} requests"
        if folder is not None:
            left = LeftPoints(folder)
            dropped = left.dropped
            points = left.reader.pending()
    except FileNotFoundError:
        if not path.is_dir():
            return None
        damage = f"{path} is not whole"
    except (OSError, DamagedError) as error:
        damage = str(error)
    return Left(
        path=path,
        about=about,
        requests=requests,
        points=points,
        dropped_points=dropped,
        file_bytes=_bytes_of(path / folders.FILES),
        damage=damage,
        is_live=is_live,
    )


def _bytes_of(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.iterdir()) if folder.is_dir() else 0


def _parents_first(found: list[Left]) -> Iterable[Left]:
    """Yield everything in its order, but no run before the one that it is a part of."""
    makers: dict[str, Left] = {}
    for part in found:
        for request in _creations(part):
            makers.setdefault(request.run_id, part)
    done: set[Path] = set()

    def visit(part: Left, above: tuple[Path, ...]) -> Iterable[Left]:
        if part.path in done or part.path in above:
            return
        needed = [part.about.run_id, *(request.parent_run_id for request in _creations(part))]
        for run_id in needed:
            maker = makers.get(run_id)
            if maker is not None and maker is not part:
                yield from visit(maker, (*above, part.path))
        if part.path not in done:
            done.add(part.path)
            yield part

    for part in found:
        yield from visit(part, ())


def _creations(part: Left) -> list[Any]:
    return [request for request in part.requests if isinstance(request, v1.CreateRunRequest)]
