"""The points that a process has left in a spool, read only."""

from __future__ import annotations

from runlore._spool import records, segments
from runlore._spool.folders import WriterFolder, files_of
from runlore._spool.reader import PointReader
from runlore._spool.segments import ClosedSegment, DamagedError


class LeftPoints:
    """What `PointSpool` is to the process that writes, for one that sends what another wrote."""

    def __init__(self, folder: WriterFolder) -> None:
        """Read a folder of which this process has the lock; raises OSError and DamagedError."""
        self.folder = folder
        self.run_id = folder.about.run_id
        self.workspace = folder.about.workspace
        self.ours = False
        found = _segments(folder)
        first = found[0].first_point if found else 1
        if first is None:
            raise DamagedError(f"{found[0].path} does not say the number of its first point")
        self._found = found
        #: How many points its writer had to drop.
        self.dropped = next((s.dropped for s in reversed(found) if s.dropped is not None), 0)
        self.reader = PointReader(found, first)

    @property
    def writer(self) -> tuple[str, int]:
        """Return the id under which the server knows the writer, and what to subtract from a point's number."""
        return self.folder.about.writer_id, self.folder.about.offset

    def become(self, writer_id: str, offset: int) -> None:
        """Be another writer for the points that are left; raises OSError."""
        self.folder.become(writer_id, offset)

    def end(self) -> tuple[int, int] | None:
        """Return the place behind the last point; None when there is none."""
        return (self._found[-1].index, self._found[-1].end) if self._found else None


def _segments(folder: WriterFolder) -> list[ClosedSegment]:
    paths = list(files_of(folder.path, segments.SUFFIX))
    found: list[ClosedSegment] = []
    for path in paths:
        if path is paths[-1] and not path.read_bytes()[: records.HEADER_BYTES].strip(b"\0"):
            # Its writer was killed before it had begun it.
            break
        segment = ClosedSegment(path)
        if found and segment.index != found[-1].index + 1:
            raise DamagedError(f"there is a gap before {path}: a file is missing")
        found.append(segment)
    return found
