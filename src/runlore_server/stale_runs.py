"""Closes runs whose writers have vanished, when the policy says so.

Any number of servers may do it at once: each run is closed under its lock, once. Nobody is heard of while no server or
no database is there, so closing begins only when writers had time to come back.
"""

from __future__ import annotations

import asyncio
import logging
import time
from functools import partial

from runlore import v1
from runlore_server import calls
from runlore_server.background import Background
from runlore_server.db import Database
from runlore_server.policy import Policy
from runlore_server.sequencer import Sequencer
from runlore_server.store import stale_runs

log = logging.getLogger(__name__)

#: The method of its events.
METHOD = "policy/close-stale"
#: Most seconds between looks.
_BEAT = 10.0
#: Most seconds that writers get to be heard again after this server, the database or the clock was away.
_GRACE = 120.0
#: Seconds by which a look may be late, or the database's clock and ours run apart between two looks.
_SLACK = 5.0
_BATCH = 100


class Hearing:
    """Since when writers could be heard without a break: a pause of the machine silences all of them at once."""

    def __init__(self, beat: float) -> None:
        """`beat`: seconds between two looks."""
        self._beat = beat
        self._since: float | None = None
        self._last = (0.0, 0.0)

    def lost(self) -> None:
        """The database did not answer."""
        self._since = None

    def look(self, clock: float, at: float) -> float:
        """Return for how many seconds there was no break; the time is `clock` at the database and `at` here."""
        passed, passed_here = clock - self._last[0], at - self._last[1]
        self._last = (clock, at)
        if self._since is None or passed_here > self._beat + _SLACK or abs(passed - passed_here) > _SLACK:
            self._since = at
        return at - self._since


class StaleRuns(Background):
    """Looks for stale runs, and closes them; does nothing without a policy."""

    name = "stale runs"

    def __init__(self, db: Database, policy: Policy, sequencer: Sequencer) -> None:
        """Close runs of one database; nothing runs before `start`."""
        super().__init__()
        self._db = db
        self._policy = policy
        self._sequencer = sequencer
        self._beat = min(_BEAT, policy.close_stale_after / 4)
        self._hearing = Hearing(self._beat)

    async def close(self) -> int:
        """Close every run that is stale now, and return how many this was."""
        closed, after = 0, stale_runs.FIRST
        while True:
            find = partial(stale_runs.find, seconds=self._policy.close_stale_after, after=after, limit=_BATCH)
            found = await self._db.read(find)
            for stale in found:
                closed += await self._close(stale)
            if len(found) < _BATCH:
                return closed
            after = found[-1].run_id

    async def _close(self, stale: stale_runs.Stale) -> bool:
        calls.begin_policy(METHOD)
        seconds, status = self._policy.close_stale_after, self._policy.close_stale_as
        silent = await self._db.write(partial(stale_runs.close, stale=stale, seconds=seconds, status=status))
        if silent is None:
            return False
        self._sequencer.wake()
        told = {"run_id": stale.run_id, "workspace": stale.workspace, "status": v1.RunStatus.Name(status)}
        log.warning("closed a stale run", extra={**told, "silent_seconds": silent.total_seconds()})
        return True

    async def _run(self) -> None:
        if not self._policy.close_stale_after:
            return
        while True:
            await asyncio.sleep(self._beat)
            if not await self._outlive(self._look):
                self._hearing.lost()

    async def _look(self) -> None:
        clock = await self._db.read(stale_runs.clock)
        if self._hearing.look(clock, time.monotonic()) >= min(_GRACE, self._policy.close_stale_after):
            await self.close()
