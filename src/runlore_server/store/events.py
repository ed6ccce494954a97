"""The event log: every change's event, written in the transaction that makes the change (DESIGN 3).

What is stored, hashed and verified is the event's canonical text: RFC 8785 JSON of its proto3 JSON form, without the
position (given later), the hash (taken over it) and the text itself, plus `format`, the version of these rules.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Required, TypedDict, Unpack

from google.protobuf.json_format import MessageToDict, ParseDict
from google.protobuf.struct_pb2 import Struct

from runlore import v1
from runlore_server import calls, errors
from runlore_server.db import Connection
from runlore_server.store import canonical_json, queries

sql = queries.load("events")

FORMAT = 1
#: Events numbered in one transaction of the sequencer.
_SEQUENCER_BATCH = 5_000
#: Most changed params or tags that a tracking event spells out.
_MAX_ENTRIES = 100
_MAX_ENTRY_BYTES = 8_192
#: Moves of an alias that are read at once.
_MOVES_AT_ONCE = 500


@dataclass(frozen=True)
class Place:
    """Where an event stands among its record's events, as allocated under the record's row lock."""

    revision: int
    time: datetime
    #: Registry events: the hash of the previous event; None for records without a chain.
    prev_hash: bytes | None = None


class Told(TypedDict, total=False):
    """What an event tells, beside its place and what is known of the call."""

    kind: Required[v1.EventKind.ValueType]
    workspace: Required[str]
    resource: Required[v1.Resource]
    request_id: str
    reason: str
    before: v1.ResourceState | None
    after: v1.ResourceState | None
    evidence: Struct | None
    conditions: Iterable[v1.ConditionResult]


async def append(
    conn: Connection, place: Place, *, subject: str = "", omitted: tuple[int, str] = (0, ""), **told: Unpack[Told]
) -> bytes:
    """Write one event for the current call and return its hash (empty without a chain)."""
    row = columns(place, subject=subject, omitted=omitted, **told)
    await conn.execute(sql.insert, row)
    return row["hash"] or b""


def columns(
    place: Place, *, subject: str = "", omitted: tuple[int, str] = (0, ""), **told: Unpack[Told]
) -> dict[str, Any]:
    """Return the row of one event of the current call, for a statement that writes it together with the change."""
    call = calls.current()
    event = v1.Event(
        revision=place.revision,
        actor=call.actor,
        method=call.method,
        trace_id=call.trace_id,
        omitted_entries=omitted[0],
        omitted_sha256=omitted[1],
        prev_hash=place.prev_hash.hex() if place.prev_hash is not None else "",
        **told,
    )
    event.time.FromDatetime(place.time)
    body = canonical(event)
    return {
        "resource_id": event.resource.id,
        "revision": place.revision,
        "workspace": event.workspace,
        "kind": event.kind,
        "subject": subject,
        "version": _version(told.get("before"), told.get("after")),
        "time": place.time,
        "hash": hashlib.sha256(body).digest() if place.prev_hash is not None else None,
        "body": body,
        "actor_name": calls.actor_name(call.actor),
    }


def _version(before: v1.ResourceState | None, after: v1.ResourceState | None) -> int | None:
    """The version that a registry event is about; of an alias, the one that it points at since."""
    state = after or before
    kind = state.WhichOneof("state") if state is not None else None
    if state is None or kind not in ("model_version", "alias", "evaluations"):
        return None
    if kind == "alias":
        return after.alias.version if after is not None else None
    return state.model_version.version if kind == "model_version" else state.evaluations.evaluations[0].version


def canonical(event: v1.Event) -> bytes:
    """Return the text of an event that is stored and hashed."""
    fields = MessageToDict(event, preserving_proto_field_name=True)
    for name in ("position", "hash", "canonical"):
        fields.pop(name, None)
    return canonical_json.dumps({**fields, "format": FORMAT})


def from_canonical(body: bytes) -> v1.Event:
    """Return the event that a stored text describes."""
    fields = json.loads(body)
    fields.pop("format", None)
    event = v1.Event()
    ParseDict(fields, event, ignore_unknown_fields=True)
    return event


def cap_entries(*maps: dict[str, str]) -> tuple[list[dict[str, str]], tuple[int, str]]:
    """Cut the changed entries of a tracking event to what it spells out, with a count and digest of the rest."""
    kept: list[dict[str, str]] = []
    rest: list[dict[str, str]] = []
    entries, size = 0, 0
    for entry_map in maps:
        kept.append({})
        rest.append({})
        for key in sorted(entry_map):
            value = entry_map[key]
            fits = entries < _MAX_ENTRIES and size + len(key) + len(value) <= _MAX_ENTRY_BYTES
            (kept if fits else rest)[-1][key] = value
            entries += fits
            size += (len(key) + len(value)) * fits
    omitted = sum(map(len, rest))
    return kept, (omitted, hashlib.sha256(canonical_json.dumps(list(rest))).hexdigest() if omitted else "")


def position(log_id: str, number: int) -> str:
    """Return the opaque position of the event of a log numbered so; `Log.number` takes it apart again."""
    return f"{log_id}.{number}"


@dataclass(frozen=True)
class Log:
    """The event log's identity and extent."""

    log_id: str
    last_position: int
    token_key: bytes
    #: Tracking events up to here may be gone: they are past their retention.
    pruned_position: int = 0

    def position(self, number: int) -> str:
        """Return the opaque position of the event numbered so."""
        return position(self.log_id, number)

    def number(self, field: str, position: str) -> int:
        """Return the number in a position of this log; 0 for an empty one. Raises a domain error for any other."""
        if not position:
            return 0
        log_id, dot, number = position.partition(".")
        if not dot or not number.isascii() or not number.isdigit() or len(number) > 18 or not log_id.isalnum():
            raise errors.invalid_position(field)
        if log_id != self.log_id:
            raise errors.position_of_another_log(field, self.log_id, log_id)
        if int(number) > self.last_position:
            # Nobody was given it by this database. Going on from it would miss what comes before it.
            raise errors.invalid_position(field, f"is beyond the end of the log, {self.position(self.last_position)}")
        return int(number)


async def log(conn: Connection) -> Log:
    """Read the event log's identity and extent."""
    row = await queries.one(conn, sql.log)
    return Log(row.log_id, row.last_position, bytes(row.token_key), row.pruned_position)


async def number_committed(conn: Connection) -> bool:
    """Number committed events that have no position yet; returns whether they were too many for one transaction."""
    row = await queries.one(conn, sql.lock_log)
    params = {"last_position": row.last_position, "limit": _SEQUENCER_BATCH}
    counted = await queries.one(conn, sql.number_committed, params)
    return int(counted.numbered) == _SEQUENCER_BATCH


async def any_unnumbered(conn: Connection) -> bool:
    """Whether some committed event has no position yet."""
    row = await queries.one(conn, sql.unnumbered)
    return bool(row.some)


async def alias_moves(conn: Connection, model_id: str, alias: str) -> AsyncIterator[tuple[int, int]]:
    """Yield an alias's moves, the latest first: the kind, and the version that it was moved to."""
    params = {
        "resource_id": model_id,
        "alias": alias,
        "kinds": [v1.EVENT_KIND_ALIAS_SET, v1.EVENT_KIND_ALIAS_ROLLED_BACK],
        "below": 2**63 - 1,
        "limit": _MOVES_AT_ONCE,
    }
    while rows := await queries.every(conn, sql.alias_moves, params):
        for row in rows:
            yield row.kind, row.version
        params["below"] = rows[-1].revision
