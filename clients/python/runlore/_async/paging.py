"""Lists that come in pages."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from runlore.errors import invalid_field

_PAGE = 1_000


async def collect(
    call: Callable[[Any], Awaitable[Any]],
    request: Any,
    records: str,
    limit: int | None = None,
    *,
    page_size: int = _PAGE,
) -> list[Any]:
    """Return up to `limit` records (None: all) from the field `records` of a paged RPC's responses, in their order.

    `page_size` is the most that the call takes; the request's page fields are set here. Raises InvalidArgumentError
    for a limit below 1, and what the call raises.
    """
    found: list[Any] = []
    async for page in pages(call, request, records, limit, page_size=page_size):
        found += getattr(page, records)
    return found


async def pages(
    call: Callable[[Any], Awaitable[Any]],
    request: Any,
    records: str,
    limit: int | None = None,
    *,
    page_size: int = _PAGE,
) -> AsyncIterator[Any]:
    """Yield the responses that `collect` puts together, some of which may be short or empty."""
    if limit is not None and limit < 1:
        raise invalid_field("limit", f"is {limit}: give 1 or more, or None for all")
    found = 0
    while limit is None or found < limit:
        request.page_size = page_size if limit is None else min(limit - found, page_size)
        response = await call(request)
        yield response
        found += len(getattr(response, records))
        if not response.next_page_token:
            break
        request.page_token = response.next_page_token
