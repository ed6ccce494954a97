"""From references to versions, by answers whose history goes on from the one that this machine knows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from runlore import _words, v1
from runlore._async import heads
from runlore._async.connection import Connection


class ResolveMethods(Connection):
    """What a client does to find out which version is real."""

    async def resolve(
        self,
        ref: str,
        *,
        include_files: bool = False,
        as_of: datetime | str | None = None,
        max_staleness: float = 0.0,
        accept_head: bool = False,
    ) -> v1.ResolveResponse:
        """Return the version behind a reference, with its files if asked.

        The forms are `models:/<name>@<alias>`, `models:/<name>/<version>`, `models:/<name>/<stage>` and
        `models:/<name>/latest`. `as_of` is the moment to answer for: a time (with a zone), or an event's position. The
        answer is never older than a change acknowledged before the call, unless by `max_staleness` seconds, within
        which the server may answer from its memory.

        The answer's history has to go on from the one that this machine saw last, else IntegrityError is raised;
        `accept_head` takes the server's for the true one. Raises NotFoundError, InvalidArgumentError.
        """
        request = v1.ResolveRequest(reference=ref, include_files=include_files)
        _when(request, as_of, max_staleness)
        return await heads.resolve(self, request, accept=accept_head)

    async def resolve_many(
        self,
        refs: Sequence[str],
        *,
        as_of: datetime | str | None = None,
        max_staleness: float = 0.0,
        accept_head: bool = False,
    ) -> list[v1.ResolveResponse]:
        """Return the versions behind up to 100 references as of one moment, in their order, without files.

        As `resolve`; when one of them is not found, none is returned, and the error's metadata has its `reference`.
        """
        request = v1.BatchResolveRequest(references=refs)
        _when(request, as_of, max_staleness)
        return await heads.resolve_many(self, request, accept=accept_head)


def _when(
    request: v1.ResolveRequest | v1.BatchResolveRequest, as_of: datetime | str | None, max_staleness: float
) -> None:
    if isinstance(as_of, datetime):
        request.as_of_time.CopyFrom(_words.timestamp("as_of", as_of))
    elif as_of is not None:
        request.as_of_position = as_of
    if max_staleness:
        request.max_staleness.CopyFrom(_words.duration("max_staleness", max_staleness))
