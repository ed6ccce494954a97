"""What changed of a record: as its event tells it, and as the record itself does."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any, TypeVar

from google.protobuf.field_mask_pb2 import FieldMask

from runlore import v1
from runlore_server.store import events

#: How many entries an event leaves out, and their digest.
Omitted = tuple[int, str]

Record = TypeVar("Record", v1.Experiment, v1.Run, v1.LoggedModel, v1.RegisteredModel, v1.ModelVersion)
Registered = TypeVar("Registered", v1.RegisteredModel, v1.ModelVersion)
Entries = TypeVar("Entries", v1.Run, v1.LoggedModel)


def of_fields(before: Record, after: Record, fields: Iterable[str]) -> tuple[Record, Record]:
    """Return the fields among these that changed, as they were and as they are."""
    changed = FieldMask(paths=[name for name in fields if getattr(before, name) != getattr(after, name)])
    was, now = type(before)(), type(after)()
    changed.MergeMessage(before, was)
    changed.MergeMessage(after, now)
    return was, now


def of_tags(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str], Omitted]:
    """Return the tags that changed as they were and as they are, cut to what an event spells out."""
    (put, gone), omitted = events.cap_entries(*_changed(before, after))
    return {key: before[key] for key in put if key in before} | gone, put, omitted


def of_registry(before: Registered, after: Registered, fields: Iterable[str]) -> tuple[Registered, Registered]:
    """Return the fields among these and the tags that changed, as they were and as they are: all, also if many."""
    was, now = of_fields(before, after, fields)
    put, gone = _changed(before.tags, after.tags)
    was.tags.update({key: before.tags[key] for key in put if key in before.tags} | gone)
    now.tags.update(put)
    return was, now


def _changed(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """The tags that were set, and those that were deleted."""
    put = {key: value for key, value in after.items() if key not in before or before[key] != value}
    gone = {key: value for key, value in before.items() if key not in after}
    return put, gone


def cut(record: Entries) -> tuple[Entries, Omitted]:
    """Return a copy of a record with its params and tags cut to what an event spells out."""
    (params, tags), omitted = events.cap_entries(dict(record.params), dict(record.tags))
    after = copy.deepcopy(record)
    after.params.clear()
    after.params.update(params)
    after.tags.clear()
    after.tags.update(tags)
    return after, omitted


def effective_state(
    own: v1.LifecycleState.ValueType, of_experiment: v1.LifecycleState.ValueType
) -> v1.LifecycleState.ValueType:
    """Return the state of what is in an experiment, which is deleted by itself or with the experiment.

    What it is itself is kept, so that restoring is exact.
    """
    active = v1.LIFECYCLE_STATE_ACTIVE
    return active if own == of_experiment == active else v1.LIFECYCLE_STATE_DELETED


def tell_deletion(record: v1.Run | v1.LoggedModel | v1.Experiment, row: Any) -> None:
    """Say of a deleted record when it was deleted, and when it will be purged."""
    if row.delete_time is not None:
        record.delete_time.FromDatetime(row.delete_time)
        if row.purge_after is not None:
            record.purge_time.FromDatetime(row.delete_time + timedelta(days=row.purge_after))
