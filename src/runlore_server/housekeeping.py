"""What is cleaned up in the background: what is past its retention, and what purged runs leave."""

from __future__ import annotations

import asyncio
from functools import partial

from runlore_server import calls
from runlore_server.background import Background
from runlore_server.db import Database
from runlore_server.policy import Policy
from runlore_server.sequencer import Sequencer
from runlore_server.store import event_pages, purging, requests, versions

#: The method of the events of purges.
METHOD = "policy/purge"
#: Positions of the log that are pruned in one transaction.
_POSITIONS = 2_000
#: Seconds between rounds.
_INTERVAL = 60.0


class Housekeeping(Background):
    """Cleans up; any number of servers may do it at once."""

    name = "housekeeping"

    def __init__(self, db: Database, policy: Policy, sequencer: Sequencer) -> None:
        """Clean one database; nothing runs before `start`."""
        super().__init__()
        self._db = db
        self._days = policy.purge_after
        self._keep_events = policy.keep_events
        self._sequencer = sequencer

    async def purge(self) -> None:
        """Remove for good what was deleted for longer than the policy keeps it."""
        if not self._days:
            return
        calls.begin_policy(METHOD)
        days, reason = self._days, f"deleted for more than --purge-after, {self._days} days"
        await self._db.write(purging.date_deletions)
        for members in purging.MEMBERS:
            while await self._db.write(partial(purging.past, members=members, days=days, reason=reason)):
                self._sequencer.wake()
        for past in await self._db.read(partial(purging.past_experiments, days=days)):
            for members in purging.MEMBERS:
                purge = partial(purging.of_experiment, members=members, of=past, days=days, reason=reason)
                while await self._db.write(purge):
                    self._sequencer.wake()
            await self._db.write(partial(purging.past_experiment, gone=past, days=days, reason=reason))
        while await self._db.write(partial(purging.past_versions, days=days, reason=reason)):
            self._sequencer.wake()
        self._sequencer.wake()

    async def clean_up(self) -> None:
        """Remove what purged runs logged."""
        while await self._db.write(purging.clean_up):
            pass

    async def prune_events(self) -> None:
        """Remove tracking events that are older than the policy keeps them."""
        if self._keep_events:
            prune = partial(event_pages.prune, days=self._keep_events, limit=_POSITIONS)
            while await self._db.write(prune):
                pass

    async def fill_versions(self) -> None:
        """Note what is searched for of versions that an earlier server wrote."""
        while await self._db.write(versions.fill):
            pass

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(_INTERVAL)
            await self._outlive(lambda: self._db.write(requests.delete_old))
            await self._outlive(self.purge)
            await self._outlive(self.clean_up)
            await self._outlive(self.prune_events)
            await self._outlive(self.fill_versions)
