"""Checks every request message against the contract's rules before any handler sees it."""

from __future__ import annotations

import json
import re
from typing import Any

import protovalidate

from runlore import v1
from runlore_server import calls, errors
from runlore_server.interceptors.base import Interceptor
from runlore_server.limits import MAX_POINTS_PER_BATCH, MAX_POINTS_PER_FRAME, MAX_SERIES_PER_BATCH

#: What the contract's patterns mean, in words. `tests/unit` proves that every pattern of the contract is here.
PATTERNS = {
    r"^[^\x00]*$": "must not have the character U+0000",
    r"^[^\x00-\x1f\x7f]+$": "must not be empty or have control characters",
    r"^[^\x00-\x1f\x7f]*$": "must not have control characters",
    r"^[^\x00-\x1f\x7f\\]+$": "must not be empty or have control characters or backslashes",
    r"^[^\x00-\x1f\x7f/:@]+$": "must not have control characters, '/', ':' or '@', which model URIs give a meaning",
    r"^[^\x00-\x1f\x7f/:@]*$": "must not have control characters, '/', ':' or '@', which model URIs give a meaning",
    r"^[0-9a-f]{64}$": "must be 64 lower-case hex digits",
    r"^([0-9a-f]{64})?$": "must be 64 lower-case hex digits, or empty",
    r"^[0-9a-f]{32}$": "must be 32 lower-case hex digits",
    r"^([0-9a-f]{32})?$": "must be 32 lower-case hex digits, or empty",
    r"^(0|[0-9a-f]{32})$": "must be 32 lower-case hex digits, or 0 for the default experiment",
    r"^(0|[0-9a-f]{32})?$": "must be 32 lower-case hex digits, 0 for the default experiment, or empty",
    r"^[A-Za-z0-9_-]*$": "may only have letters, digits, '_' and '-'",
    r"^[A-Za-z0-9_-]+$": "must be letters, digits, '_' and '-' only",
    r"^([!-.0-~]+/[!-~]+)?$": "must be a media type such as image/png, or empty",
}
_WORKSPACE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_PATTERN_MESSAGE = re.compile(r"does not match regex pattern `(.*)`", re.DOTALL)
_MAX_SHOWN = 80
_RUN_ID = re.compile(r"[0-9a-f]{32}")
_WRITER_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_METRIC_KEY = re.compile(r"[^\x00-\x1f\x7f]{1,250}")


class ValidationInterceptor(Interceptor):
    """Refuses a message that breaks a rule, naming each field and what would be accepted."""

    def begin(self, method: str, context: Any) -> None:
        """Check the workspace that the call's metadata names."""
        _check_workspace("metadata runlore-workspace", calls.current().metadata_workspace)

    def request(self, method: str, message: Any) -> None:
        """Check one request message."""
        if not method.startswith("runlore.") or is_plain_frame(message):
            return
        found = () if is_plain_batch(message) else protovalidate.collect_violations(message)
        if found:
            # Rules overlap (an empty name is too short and does not match its pattern): one sentence a field will do.
            by_field = {v.field: v for v in reversed([_violation(v, message) for v in found])}
            raise errors.invalid_fields(list(reversed(by_field.values())))
        _check_workspace("workspace", getattr(message, "workspace", ""))


def is_plain_frame(message: Any) -> bool:
    """Whether this is a frame of points of keys that are known, and keeps all rules.

    These are most of what a busy server reads, and this is a tenth of the cost of asking protovalidate, which has the
    words for all other messages.
    """
    if type(message) is not v1.LogStreamRequest or not message.HasField("frame"):
        return False
    frame = message.frame
    longest = max(len(frame.keys), len(frame.steps), len(frame.times_unix_us), len(frame.values))
    return (
        frame.first_point >= 1 and frame.dropped_points >= 0 and not frame.new_keys and longest <= MAX_POINTS_PER_FRAME
    )


def is_plain_batch(message: Any) -> bool:
    """Whether this is a batch of points alone, and keeps all rules but that of the workspace's letters.

    For batches as for frames: a quarter of the cost of asking protovalidate, which goes through every series by itself.
    """
    return (
        type(message) is v1.LogBatchRequest
        and not message.params
        and not message.tags
        and message.sequence >= 1
        and len(message.workspace) <= 64
        and _RUN_ID.fullmatch(message.run_id) is not None
        and _WRITER_ID.fullmatch(message.writer_id) is not None
        and len(message.series) <= MAX_SERIES_PER_BATCH
        and all(map(_is_plain_series, message.series))
    )


def _is_plain_series(series: v1.MetricSeries) -> bool:
    return (
        _METRIC_KEY.fullmatch(series.key) is not None
        and 1 <= len(series.steps) <= MAX_POINTS_PER_BATCH
        and 1 <= len(series.times_unix_us) <= MAX_POINTS_PER_BATCH
        and 1 <= len(series.values) <= MAX_POINTS_PER_BATCH
    )


def _check_workspace(field: str, name: str) -> None:
    if name and not _WORKSPACE.fullmatch(name):
        raise errors.invalid_field(
            field, "must be 1 to 64 of letters, digits, '.', '_' and '-', beginning with a letter or digit"
        )


def _violation(violation: Any, message: Any) -> errors.Violation:
    """Put protovalidate's finding into a sentence with the refused value, cut short."""
    rule, text = violation.proto.rule_id, violation.proto.message
    matched = _PATTERN_MESSAGE.search(text)
    if matched:
        text = PATTERNS.get(matched[1], text)
    elif rule == "required":
        text = "is required" + _choices(violation, message)
    elif rule == "string.min_len" and text.endswith("at least 1 characters"):
        text = "must not be empty"
    value = violation.field_value
    if isinstance(value, str | int | float) and not isinstance(value, bool) and value != "":
        shown = value if not isinstance(value, str) or len(value) <= _MAX_SHOWN else value[:_MAX_SHOWN] + "…"
        text = f"{text} (got {shown!r})"
    if violation.proto.for_key:
        text = f"key {text}"
    return errors.Violation(_path(violation), text)


def _choices(violation: Any, message: Any) -> str:
    """For a oneof that is not set, what it can be."""
    elements = violation.proto.field.elements
    descriptor = message.DESCRIPTOR
    for element in elements[:-1]:
        descriptor = descriptor.fields_by_name[element.field_name].message_type
    oneof = descriptor.oneofs_by_name.get(elements[-1].field_name)
    return ": give one of " + ", ".join(field.name for field in oneof.fields) if oneof is not None else ""


def _path(violation: Any) -> str:
    field = violation.proto.field
    return ".".join(f"{e.field_name}{_subscript(e.subscript)}" for e in (field.elements if field is not None else ()))


def _subscript(subscript: Any) -> str:
    if subscript is None:
        return ""
    return f"[{json.dumps(subscript.value, ensure_ascii=False)}]"
