"""A watch that outlives its connections."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from runlore import v1
from runlore.errors import DeadlineError, RunloreError

if TYPE_CHECKING:
    from runlore._async.connection import Connection

#: Seconds after which a stream is taken up anew: a server that is gone without a word is noticed by keepalive pings,
#: one that hangs by this.
_STREAM_AGE = 600.0
#: Once a server has answered, the next one is waited for without an end.
_FOREVER = sys.float_info.max


def name(request: v1.ListEventsRequest | v1.WatchRequest, model: str | v1.RegisteredModel) -> None:
    """Let a request be about a model: by its name, or by its id, which finds a deleted one too."""
    if isinstance(model, str):
        request.model_name = model
    else:
        request.resource_id = model.model_id


async def pin(client: Connection, request: v1.WatchRequest, model: str | v1.RegisteredModel) -> None:
    """Let a watch be about a model by its id: taken up anew, it must not go on with another of its name."""
    if isinstance(model, str):
        found = await client.registry.GetRegisteredModel(v1.GetRegisteredModelRequest(name=model))
        model = found.registered_model
    name(request, model)


async def responses(client: Connection, request: v1.WatchRequest) -> AsyncIterator[v1.WatchResponse]:
    """Yield what a watch sends, checkpoints too, and go on after the last position whenever a stream ends.

    The first server has to answer within the client's timeout; later ones are waited for.
    """
    wanted = v1.WatchRequest()
    wanted.CopyFrom(request)
    transport = client.transport
    attempts, age = transport.attempts(safe=True), client.settings.timeout
    answered = False
    while True:
        try:
            async for response in client.events.Watch(wanted, timeout=age):
                yield response
                wanted.after_position = response.position
                attempts, age = transport.attempts(safe=True, timeout=_FOREVER), _STREAM_AGE
                answered = True
            continue
        except DeadlineError:
            if not answered:
                raise
            continue
        except RunloreError as error:
            failure = error
        await transport.after(failure, attempts)
