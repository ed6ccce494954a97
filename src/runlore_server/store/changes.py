"""What changed of a record: as its event tells it, and as the record itself does."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from runlore import v1
from runlore_server.store import events

#: How many entries an event leaves out, and their digest.
Omitted = tuple[int, str]


def of_tags(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str], Omitted]:
    """Return the tags that changed as they were and as they are, cut to what an event spells out."""
    (put, gone), omitted = events.cap_entries(*_changed(before, after))
    return {key: before[key] for key in put if key in before} | gone, put, omitted


def of_all_tags(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """Return the tags that changed as they were and as they are: registry events tell all."""
    put, gone = _changed(before, after)
    return {key: before[key] for key in put if key in before} | gone, put


def _changed(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """The tags that were set, and those that were deleted."""
    put = {key: value for key, value in after.items() if key not in before or before[key] != value}
    gone = {key: value for key, value in before.items() if key not in after}
    return put, gone


def tell_deletion(record: v1.Run | v1.Experiment, row: Any) -> None:
    """Say of a deleted record when it was deleted, and when it will be purged."""
    if row.delete_time is not None:
        record.delete_time.FromDatetime(row.delete_time)
        if row.purge_after is not None:
            record.purge_time.FromDatetime(row.delete_time + timedelta(days=row.purge_after))
