"""Pages of the log."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from runlore import v1
from runlore_server import errors
from runlore_server.db import Connection
from runlore_server.pages import page_size
from runlore_server.services.base import Methods
from runlore_server.services.events import filters
from runlore_server.services.tracking.checks import to_datetime
from runlore_server.store import event_pages, events
from runlore_server.store.event_pages import Wanted


class ListMethods(Methods):
    """The method that lists events."""

    async def ListEvents(self, request: v1.ListEventsRequest, context: Any) -> v1.ListEventsResponse:
        """Number what is committed, then page in the log's order or back."""
        resume = self._pages.decode(request, request.page_token)
        await self._sequencer.catch_up()

        async def work(conn: Connection) -> v1.ListEventsResponse:
            log = await events.log(conn)
            after, upto = log.number("after_position", request.after_position), None
            if resume is not None and request.newest_first:
                upto = log.number("page_token", resume[0]) - 1
            elif resume is not None:
                after = log.number("page_token", resume[0])
            wanted = _narrowed(await filters.wanted(conn, request), request)
            found, more = await event_pages.page(
                conn,
                wanted,
                after=after,
                upto=upto,
                limit=page_size(request.page_size),
                newest_first=request.newest_first,
            )
            # From the beginning means: from the first that is kept.
            if request.after_position:
                await event_pages.check_kept(conn, "after_position", wanted, after)
            page = [event.event(log, include_canonical=request.include_canonical) for event in found]
            token = self._pages.encode(request, [page[-1].position]) if more else ""
            return v1.ListEventsResponse(events=page, next_page_token=token)

        return await self._db.read(work)


def _narrowed(wanted: Wanted, request: v1.ListEventsRequest) -> Wanted:
    since = to_datetime("since_time", request.since_time) if request.HasField("since_time") else None
    until = to_datetime("until_time", request.until_time) if request.HasField("until_time") else None
    if since is not None and until is not None and until <= since:
        raise errors.invalid_field("until_time", "must be later than since_time: it is the first time that is left out")
    return replace(wanted, actor=request.actor, since=since, until=until)
