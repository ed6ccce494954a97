"""What is wrong with a request whatever it is about: its fields, its page token, its size, its ids."""

from __future__ import annotations

from collections.abc import Sequence

from grpc import StatusCode

from runlore import v1
from runlore_server.errors.base import RunloreError, Violation


def invalid_fields(violations: Sequence[Violation]) -> RunloreError:
    """Fields of the request break rules of the contract."""
    text = "; ".join(f"{v.field}: {v.description}" if v.field else v.description for v in violations)
    return RunloreError(v1.ERROR_REASON_INVALID_FIELD, StatusCode.INVALID_ARGUMENT, text, violations=violations)


def invalid_field(name: str, description: str) -> RunloreError:
    """One field of the request breaks a rule of the contract."""
    return invalid_fields([Violation(name, description)])


def not_a_message(method: str) -> RunloreError:
    """The request's bytes are not those of a message."""
    return invalid_field("", f"the request is not a protobuf message of the type that {method} takes")


def invalid_filter(name: str, column: int, found: str, expected: str) -> RunloreError:
    """A search filter or order does not parse; `column` counts from 1."""
    text = f"column {column}: found {found}, expected {expected}"
    return RunloreError(
        v1.ERROR_REASON_INVALID_FILTER,
        StatusCode.INVALID_ARGUMENT,
        f"{name}: {text}",
        {"field": name, "column": str(column), "expected": expected},
        [Violation(name, text)],
    )


def search_too_expensive(name: str, column: int, part: str) -> RunloreError:
    """No plan answers a search within its budget; `name` is the request's field, `column` counts from 1."""
    return RunloreError(
        v1.ERROR_REASON_SEARCH_TOO_EXPENSIVE,
        StatusCode.RESOURCE_EXHAUSTED,
        f"{name}: column {column}: among so many runs, '{part}' costs more than one call may: name fewer experiments, "
        "add a comparison that few runs meet, or leave this part out",
        {"field": name, "column": str(column), "part": part},
    )


def invalid_page_token() -> RunloreError:
    """The page token was not issued for this request."""
    return _page_token(
        "is not a token of this request: send a response's next_page_token with the same request, or leave it empty"
    )


def page_token_expired(lifetime_seconds: float) -> RunloreError:
    """The page token was issued for this request, but too long ago."""
    hours = f"{lifetime_seconds / 3600:g} hours"
    return _page_token(f"has expired: a token is good for {hours}. Begin again with an empty one")


def _page_token(rule: str) -> RunloreError:
    return RunloreError(
        v1.ERROR_REASON_INVALID_PAGE_TOKEN,
        StatusCode.INVALID_ARGUMENT,
        f"page_token: {rule}",
        violations=[Violation("page_token", rule)],
    )


def invalid_position(name: str, problem: str = "is not an event position") -> RunloreError:
    """The event position is none that this log's servers gave out."""
    rule = f"{problem}: send one that an event or a Resolve carried, or leave it empty"
    return RunloreError(
        v1.ERROR_REASON_INVALID_POSITION,
        StatusCode.INVALID_ARGUMENT,
        f"{name}: {rule}",
        violations=[Violation(name, rule)],
    )


def position_of_another_log(name: str, log_id: str, position_log_id: str) -> RunloreError:
    """The event position was given out by another log, as before a restore."""
    return RunloreError(
        v1.ERROR_REASON_POSITION_OF_ANOTHER_LOG,
        StatusCode.FAILED_PRECONDITION,
        f"{name}: belongs to the log {position_log_id}, and this server's log is {log_id}: it was restored from a "
        "backup or is another server; begin again from an empty position",
        {"log_id": log_id, "position_log_id": position_log_id},
        [Violation(name, f"a position of the log {log_id}")],
    )


def position_expired(name: str, log_id: str, oldest_position: str) -> RunloreError:
    """Events after the position are no longer all kept, and what was asked for may be among those that are not."""
    return RunloreError(
        v1.ERROR_REASON_POSITION_EXPIRED,
        StatusCode.OUT_OF_RANGE,
        f"{name}: tracking events after this position are past their retention and no longer all kept; go on from "
        f"{oldest_position}, or ask for registry events alone, which are always kept",
        {"oldest_position": oldest_position, "log_id": log_id},
        [Violation(name, f"{oldest_position} or later")],
    )


def batch_too_large(field_name: str, limit: str, maximum: int, actual: int) -> RunloreError:
    """The request or its answer holds more than one call may."""
    rule = f"{actual} is over the cap of {maximum} in one call ({limit})"
    return RunloreError(
        v1.ERROR_REASON_BATCH_TOO_LARGE,
        StatusCode.RESOURCE_EXHAUSTED,
        f"{field_name}: {rule}",
        {"limit": limit, "maximum": str(maximum), "actual": str(actual)},
        [Violation(field_name, rule)],
    )


def etag_mismatch(etag: str) -> RunloreError:
    """The record changed since it was read."""
    return RunloreError(
        v1.ERROR_REASON_ETAG_MISMATCH,
        StatusCode.ABORTED,
        "etag: the record has changed since it was read; read it again, then decide",
        {"etag": etag},
        [Violation("etag", "the record's present etag, or empty to change it whatever it is")],
    )


def request_id_reused(request_id: str, method: str) -> RunloreError:
    """The request id was used for another request."""
    return RunloreError(
        v1.ERROR_REASON_REQUEST_ID_REUSED,
        StatusCode.ALREADY_EXISTS,
        f"request_id: '{request_id}' was used for another {method.rpartition('/')[2]} request; take a new one",
        {"request_id": request_id, "method": method},
        [Violation("request_id", "an id that no other request used within 24 hours")],
    )
