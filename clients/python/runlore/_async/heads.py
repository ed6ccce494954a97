"""Answers whose history does not go on from the one that this machine knows are refused.

A model's history is a hash chain, and each answer names its head. A head of the known revision must have the known
hash; of a later one, the events between are fetched and their hashes computed here, back to the known head. So a
history that was cut, or written anew, is noticed by whoever has seen more of it, whatever the server says of itself.

An answer about the past names the head of then, which the known head has to go on from: that is followed here as far as
a thousand events back. What lies farther back is for `verify_history`, which takes a known head, too.
"""

from __future__ import annotations

import hashlib
import json
import time
from typing import TYPE_CHECKING, Any

from runlore import _references, _settings, v1
from runlore._async_tools import call_in_thread
from runlore._cache import heads
from runlore._cache.heads import Head
from runlore.errors import IntegrityError, NotFoundError

if TYPE_CHECKING:
    from runlore._async.connection import Connection

_PAGE = 1_000
#: Most events to ask for at first: a pull follows a few moves.
_FEW = 20


async def resolve(
    client: Connection,
    request: v1.ResolveRequest,
    *,
    accept: bool = False,
    timeout: float | None = None,  # noqa: ASYNC109
) -> v1.ResolveResponse:
    """Resolve a reference, and check the answer's head; raises IntegrityError, unless `accept`."""
    # Before the call: a head that another process sees meanwhile may be later than that of this answer.
    known = await _known(client, [request.reference])
    answer = await client.registry.Resolve(request, timeout=timeout)
    past = request.WhichOneof("as_of") is not None
    await _check(client, answer, known, past=past, accept=accept, timeout=timeout)
    return answer


async def resolve_many(
    client: Connection, request: v1.BatchResolveRequest, *, accept: bool = False
) -> list[v1.ResolveResponse]:
    """Resolve references, and check the head of each model's answers; raises IntegrityError, unless `accept`."""
    known = await _known(client, request.references)
    answers = list((await client.registry.BatchResolve(request)).responses)
    past = request.WhichOneof("as_of") is not None
    # Those of one moment have one head for each model.
    for answer in {(a.model_version.model_id, a.head.revision): a for a in answers}.values():
        await _check(client, answer, known, past=past, accept=accept)
    return answers


async def _known(client: Connection, references: Any) -> dict[str, Head]:
    root, settings = _settings.cache_folder(), client.settings

    def read() -> dict[str, Head]:
        names = {_references.model_name(reference) for reference in references}
        found = [heads.load(root, settings.address, settings.workspace, name) for name in names]
        return {head.model_name: head for head in found if head is not None}

    return await call_in_thread(read)


async def _check(
    client: Connection,
    answer: v1.ResolveResponse,
    known: dict[str, Head],
    *,
    past: bool,
    accept: bool,
    timeout: float | None = None,  # noqa: ASYNC109
) -> None:
    version, settings = answer.model_version, client.settings
    head = Head(version.model_name, version.model_id, answer.head.revision, answer.head.hash, time.time())
    before = known.get(version.model_name)
    if past and (before is None or before.model_id != head.model_id):
        # Another model may have had the name then; and what was is not what this machine saw last.
        return
    if before is not None:
        if answer.HasField("age") and before.model_id == head.model_id and head.revision < before.revision:
            # From the server's memory, as the caller allowed: older than what is known here.
            return
        if (head.model_id, head.revision, head.hash) == (before.model_id, before.revision, before.hash):
            return
        earlier = past and head.revision < before.revision
        if not accept:
            problem = await (_problem_before if earlier else _problem)(client, before, head, timeout)
            if problem:
                raise _refused(before, head, problem)
        if earlier:
            return
    await call_in_thread(heads.keep, _settings.cache_folder(), settings.address, settings.workspace, head)


async def _problem(client: Connection, before: Head, head: Head, timeout: float | None) -> str:  # noqa: ASYNC109
    """Return why a head does not go on from the one before; empty when it does."""
    if head.model_id != before.model_id:
        # Another model has the name now: this one was deleted or renamed, which its own history must tell.
        walked = await _walk_back(client, before, None, timeout)
        return walked and f"another model has the name now, and the history of this one {walked}"
    if head.revision < before.revision:
        return f"ends at event {head.revision}"
    if head.revision == before.revision:
        return f"has another event {head.revision}"
    return await _walk_back(client, before, head, timeout)


async def _problem_before(client: Connection, before: Head, head: Head, timeout: float | None) -> str:  # noqa: ASYNC109
    """Return why the known head, `before`, does not go on from an earlier one; empty when it does, or that is far."""
    if before.revision - head.revision > _PAGE:
        return ""
    return await _walk_back(client, head, before, timeout)


async def _walk_back(
    client: Connection,
    before: Head,
    head: Head | None,
    timeout: float | None,  # noqa: ASYNC109
) -> str:
    """Follow a model's events from a head (None: its last event) back to the one before."""
    request = v1.ListEventsRequest(
        resource_id=before.model_id,
        newest_first=True,
        include_canonical=True,
        page_size=min(head.revision - before.revision + _FEW, _PAGE) if head is not None else _FEW,
    )
    revision, digest = (head.revision, head.hash) if head is not None else (0, None)
    while True:
        try:
            response = await client.events.ListEvents(request, timeout=timeout)
        except NotFoundError:
            return "is gone"
        for event in response.events:
            if head is not None and event.revision > head.revision:
                continue
            if digest is None:
                revision, digest = event.revision, event.hash
            if hashlib.sha256(event.canonical).hexdigest() != digest:
                return f"has an event {revision} that is not the one that its hash names"
            if revision == before.revision:
                return "" if digest == before.hash else f"has another event {revision}"
            digest, revision = json.loads(event.canonical).get("prev_hash", ""), revision - 1
            if revision == before.revision and digest == before.hash:
                return ""
        if not response.next_page_token:
            return f"does not hold event {before.revision}" if revision else "is gone"
        request.page_token = response.next_page_token


def _refused(before: Head, head: Head, problem: str) -> IntegrityError:
    when = time.strftime("%Y-%m-%d %H:%M:%SZ", time.gmtime(before.time))
    return IntegrityError(
        f"the registry's history of model '{before.model_name}' {problem}; at {when} it had event {before.revision} "
        f"with hash {before.hash[:12]}…: it was cut or rewritten, or the database was restored from a backup. Find out "
        "which; if the server's history is the true one, say so by accept_head=True (--accept-head)",
        reason="HISTORY_REWRITTEN",
        metadata={
            "model_name": before.model_name,
            "known_revision": str(before.revision),
            "known_hash": before.hash,
            "revision": str(head.revision),
            "hash": head.hash,
        },
    )
