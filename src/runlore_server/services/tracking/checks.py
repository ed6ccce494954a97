"""Checks of requests that the parts of the service share."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping, Sequence
from datetime import UTC, datetime

from google.protobuf.timestamp_pb2 import Timestamp

from runlore import v1
from runlore_server import errors, limits
from runlore_server.store import experiments

Updating = (
    v1.UpdateExperimentRequest
    | v1.UpdateRunRequest
    | v1.UpdateLoggedModelRequest
    | v1.UpdateRegisteredModelRequest
    | v1.UpdateModelVersionRequest
)
Tagging = (
    v1.SetExperimentTagsRequest
    | v1.SetLoggedModelTagsRequest
    | v1.SetRegisteredModelTagsRequest
    | v1.SetModelVersionTagsRequest
)


def check_mask(request: Updating, updatable: Sequence[str], name: str = "name") -> set[str]:
    """Return the fields that an update's mask names, the record's `name` not to be empty; raises INVALID_FIELD."""
    mask = set(request.update_mask.paths)
    unknown = sorted(mask - set(updatable))
    if unknown or not mask:
        got = f" (got '{unknown[0]}')" if unknown else ""
        raise errors.invalid_field("update_mask", f"must name one or more of {', '.join(updatable)}{got}")
    if name in mask and not getattr(request, name):
        raise errors.invalid_field(name, "must not be empty when update_mask names it")
    return mask


def check_tag_keys(request: Tagging) -> None:
    """Raise INVALID_FIELD when a tag is to be both set and deleted."""
    for i, key in enumerate(request.delete_keys):
        if key in request.tags:
            raise errors.invalid_field(f"delete_keys[{i}]", f"'{key}' is in tags too: either set or delete it")


def change_tags(tags: MutableMapping[str, str], request: Tagging) -> None:
    """Set and delete tags as a request says; deleting one that is not there changes nothing."""
    tags.update(request.tags)
    for key in request.delete_keys:
        tags.pop(key, None)


def check_etag(wanted: str, present: str) -> None:
    """Raise ETAG_MISMATCH unless the caller has seen the present record, or does not care."""
    if wanted and wanted != present:
        raise errors.etag_mismatch(present)


def check_experiment_name(field: str, name: str) -> None:
    """Raise INVALID_FIELD for a name that could be taken for the default experiment's id."""
    if name == experiments.DEFAULT_ID:
        raise errors.invalid_field(field, f"must not be '{experiments.DEFAULT_ID}', the default experiment's id")


def check_entries(params: Mapping[str, str], tags: Mapping[str, str]) -> None:
    """Raise INVALID_FIELD when a record would have more params or tags in all than it may."""
    for field, entries, most in (("params", params, limits.MAX_PARAMS), ("tags", tags, limits.MAX_TAGS)):
        if len(entries) > most:
            raise errors.invalid_field(field, f"would make {len(entries)} of them in all, and {most} is the most")
    size = sum(len(key.encode()) + len(value.encode()) for m in (params, tags) for key, value in m.items())
    if size > limits.MAX_ENTRY_BYTES:
        raise errors.invalid_field(
            "params" if params else "tags",
            f"would make {size} bytes of params and tags in all, and {limits.MAX_ENTRY_BYTES} is the most: keep long "
            "texts as artifacts",
        )


def check_params(owner: Mapping[str, str], recorded: Mapping[str, str], params: Mapping[str, str]) -> None:
    """Raise PARAM_CONFLICT when a param that is recorded would change; `owner` as `errors.param_conflict` has it."""
    for key in sorted(params):
        if key in recorded and recorded[key] != params[key]:
            raise errors.param_conflict(owner, key, recorded[key], params[key])


def to_datetime(field: str, value: Timestamp) -> datetime:
    """Return a request's time as an aware datetime, cut to microseconds (what Postgres keeps)."""
    try:
        return value.ToDatetime(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise errors.invalid_field(field, "must be a time from year 1 to 9999") from None
