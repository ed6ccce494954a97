"""Remembers runs as they are sent, so that a page of runs that nobody changed is bytes put together.

To make a run's message of its rows and to encode it takes a hundred times what it takes to see that neither has
changed. So a page asks for the stamps of its runs (`store/runs.py`), and only those are read whose stamp is another
than what is remembered was made from. Nothing is ever told to forget: a stamp says all that a run's message shows.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence

from runlore import v1
from runlore_server.db import Connection
from runlore_server.store import runs
from runlore_server.store.runs import Selection, Stamp
from runlore_server.wire import delimited

#: Bytes that one takes beside itself, about: its name, its stamp and its places in here.
_BESIDE = 600
_RUNS = v1.SearchRunsResponse.RUNS_FIELD_NUMBER


class Bodies:
    """Runs as fields `runs` of SearchRunsResponse; the longest unread go first."""

    def __init__(self, most_bytes: int) -> None:
        """Remember so many bytes, about; 0: nothing."""
        self._most_bytes = most_bytes
        self._bytes = 0
        self._kept: OrderedDict[str, tuple[Stamp, bytes]] = OrderedDict()

    async def read(self, conn: Connection, workspace: str, run_ids: Sequence[str], wanted: Selection) -> list[bytes]:
        """Return the runs that exist, in the order asked for: what `runs.get_many` returns, encoded.

        In a transaction that sees one moment.
        """
        stamps = await runs.stamps(conn, workspace, run_ids)
        found = self.known(stamps, wanted)
        unknown = [run_id for run_id in stamps if run_id not in found]
        if unknown:
            for run in await runs.get_many(conn, workspace, unknown, wanted=wanted):
                found[run.run_id] = delimited(_RUNS, run.SerializeToString())
                self._keep(run.run_id + _words(wanted), stamps[run.run_id], found[run.run_id])
        return [found[run_id] for run_id in run_ids if run_id in found]

    def known(self, stamps: Mapping[str, Stamp], wanted: Selection) -> dict[str, bytes]:
        """Return those of the runs that are remembered, as of their stamps."""
        found: dict[str, bytes] = {}
        of = _words(wanted)
        for run_id, stamp in stamps.items():
            name = run_id + of
            kept = self._kept.get(name)
            if kept is not None and kept[0] == stamp:
                self._kept.move_to_end(name)
                found[run_id] = kept[1]
        return found

    def _keep(self, name: str, stamp: Stamp, field: bytes) -> None:
        before = self._kept.pop(name, None)
        if before is not None:
            self._bytes -= len(before[1]) + _BESIDE
        self._kept[name] = stamp, field
        self._bytes += len(field) + _BESIDE
        while self._bytes > self._most_bytes:
            self._bytes -= len(self._kept.popitem(last=False)[1][1]) + _BESIDE


def _words(wanted: Selection) -> str:
    """A selection as a text of its own."""
    if wanted == runs.EVERYTHING:
        return ""
    fields = None if wanted.fields is None else sorted(wanted.fields)
    return repr((fields, wanted.param_keys, wanted.tag_keys, wanted.metric_keys))
