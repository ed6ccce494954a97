"""What happened to registered models: listed, followed, exported and verified."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterable
from datetime import datetime
from pathlib import Path

from runlore import _words, v1
from runlore._async import watching
from runlore._async.connection import Connection
from runlore._async.paging import collect
from runlore._async_tools import call_in_thread
from runlore._replacing import replacing
from runlore.verify import export_lines

#: Events that are verified in one call: a few seconds, so that no deadline has to fit the length of a history.
_VERIFIED_AT_ONCE = 50_000


class HistoryMethods(Connection):
    """What a client does with the events of registered models. A model is given by its name, or as it was returned."""

    async def history(
        self,
        model_name: str | v1.RegisteredModel,
        *,
        alias: str = "",
        kinds: Iterable[v1.EventKind.ValueType] = (),
        actor: str = "",
        since: datetime | None = None,
        until: datetime | None = None,
        newest_first: bool = False,
        limit: int | None = None,
    ) -> list[v1.Event]:
        """Return the model's events, oldest first: who registered and moved what, when, why, from what to what.

        Only those of an alias, of some kinds (`runlore.v1.EVENT_KIND_ALIAS_SET`), by an actor (`user:alice`), at
        `since` or later, before `until`; at most `limit` of them, None for all. Give a deleted model as `delete_model`
        returned it. Raises NotFoundError, InvalidArgumentError.
        """
        request = v1.ListEventsRequest(alias=alias, kinds=kinds, actor=actor, newest_first=newest_first)
        watching.name(request, model_name)
        if since is not None:
            request.since_time.CopyFrom(_words.timestamp("since", since))
        if until is not None:
            request.until_time.CopyFrom(_words.timestamp("until", until))
        return await collect(self.events.ListEvents, request, "events", limit)

    async def watch(
        self,
        model_name: str | v1.RegisteredModel | None = None,
        *,
        alias: str = "",
        kinds: Iterable[v1.EventKind.ValueType] = (),
        after: str | v1.ResolveResponse = "",
    ) -> AsyncIterator[v1.Event]:
        """Yield events as they are committed, of a model, or of everything in the workspace; without end.

        None is missed and none comes twice, also when the connection breaks or the server restarts: then it goes on
        after the last one, as soon as a server answers. To go on in another process, give the last event's `position`
        as `after`; what `resolve` returned begins with the first event that the answer does not reflect, and empty
        means from now on. A rename of the model is followed. Raises NotFoundError, InvalidArgumentError,
        PreconditionError (`after` is of another log, as when a backup was restored).
        """
        answer = after if isinstance(after, v1.ResolveResponse) else v1.ResolveResponse(position=after)
        request = v1.WatchRequest(alias=alias, kinds=kinds, after_position=answer.position)
        if model_name is not None:
            await watching.pin(self, request, model_name)
        async for response in watching.responses(self, request):
            for event in response.events:
                # The last ones that an answer reflects may have got their positions after it.
                known = event.resource.id == answer.model_version.model_id and event.revision <= answer.head.revision
                if not known:
                    yield event

    async def verify_history(
        self, model_name: str | v1.RegisteredModel, *, known_head: v1.ChainHead | None = None
    ) -> v1.VerifyResponse:
        """Let the server check the model's hash chain from its first event to its head, however long it is.

        The answer says whether it is `valid`, and else where it breaks first; `known_head` is one that it must hold.
        Raises NotFoundError.
        """
        request = v1.VerifyRequest(known_head=known_head, max_events=_VERIFIED_AT_ONCE)
        if isinstance(model_name, str):
            request.model_name = model_name
        else:
            request.model_id = model_name.model_id
        while True:
            found = await self.events.Verify(request)
            # Events that come meanwhile are checked too.
            if not found.valid or found.checked == found.head:
                return found
            request.after.CopyFrom(found.checked)

    async def export_history(self, model_name: str | v1.RegisteredModel, path: str | os.PathLike[str]) -> v1.ChainHead:
        """Write the model's history to a file that `runlore verify FILE` checks without a server; return its head.

        What is at `path` is replaced, all at once. Raises NotFoundError, OSError.
        """
        # First the head, then the events: those that come in between are left out.
        head = (await self.verify_history(model_name)).head
        request = v1.ListEventsRequest(include_canonical=True)
        watching.name(request, model_name)
        events = await collect(self.events.ListEvents, request, "events")
        first, last = events[0], events[-1]
        model = v1.RegisteredModel(
            workspace=first.workspace, model_id=first.resource.id, name=last.resource.name, head=head
        )
        await call_in_thread(_write, Path(path), model, events)
        return head


def _write(path: Path, model: v1.RegisteredModel, events: list[v1.Event]) -> None:
    with replacing(path) as new, new.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(export_lines(model, events))
