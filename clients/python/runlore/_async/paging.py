"""What a paged RPC finds, over all pages."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Protocol, TypeVar

from runlore.errors import invalid_field


class Response(Protocol):
    """One page."""

    @property
    def next_page_token(self) -> str: ...


Page = TypeVar("Page", bound=Response)
T = TypeVar("T")


async def records(
    call: Callable[[Any], Awaitable[Page]],
    request: Any,
    of: Callable[[Page], Iterable[T]],
    limit: int | None = None,
    *,
    page_size: int = 1_000,
) -> list[T]:
    """Return what is on the pages of a call, `of` each of them: the first `limit`, None for all.

    `page_size` is the most that the call takes; the request's page fields are set here. Raises InvalidArgumentError
    for a limit below 1, and what the call raises.
    """
    if limit is not None and limit < 1:
        raise invalid_field("limit", f"is {limit}: give 1 or more, or None for all")
    found: list[T] = []
    while limit is None or len(found) < limit:
        request.page_size = page_size if limit is None else min(limit - len(found), page_size)
        page = await call(request)
        found += of(page)
        if not page.next_page_token:
            break
        request.page_token = page.next_page_token
    return found
