"""What the methods of the service share: what they serve from, and checks of requests."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import TypeVar

from google.protobuf.timestamp_pb2 import Timestamp

from runlore import v1
from runlore_server import errors
from runlore_server.db import Connection, Database
from runlore_server.pages import PageTokens
from runlore_server.sequencer import Sequencer

T = TypeVar("T")


class Methods:
    """A part of TrackingService."""

    def __init__(self, db: Database, pages: PageTokens, sequencer: Sequencer) -> None:
        """Serve from a database; `sequencer` is told of every change."""
        self._db = db
        self._pages = pages
        self._sequencer = sequencer

    async def _change(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        """Make a change that writes an event."""
        result = await self._db.write(work)
        self._sequencer.wake()
        return result


def check_mask(request: v1.UpdateExperimentRequest | v1.UpdateRunRequest, updatable: Sequence[str]) -> set[str]:
    """Return the fields that an update's mask names; raises INVALID_FIELD."""
    mask = set(request.update_mask.paths)
    unknown = sorted(mask - set(updatable))
    if unknown or not mask:
        got = f" (got '{unknown[0]}')" if unknown else ""
        raise errors.invalid_field("update_mask", f"must name one or more of {', '.join(updatable)}{got}")
    if "name" in mask and not request.name:
        raise errors.invalid_field("name", "must not be empty when update_mask names it")
    return mask


def check_etag(wanted: str, present: str) -> None:
    """Raise ETAG_MISMATCH unless the caller has seen the present record, or does not care."""
    if wanted and wanted != present:
        raise errors.etag_mismatch(present)


def to_datetime(field: str, value: Timestamp) -> datetime:
    """Return a request's time as an aware datetime, cut to microseconds (what Postgres keeps)."""
    try:
        return value.ToDatetime(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise errors.invalid_field(field, "must be a time from year 1 to 9999") from None
