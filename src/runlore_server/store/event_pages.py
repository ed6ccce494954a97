"""Reading the event log: which events are wanted, and pages of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, LiteralString

from runlore import v1
from runlore_server import errors
from runlore_server.db import Connection
from runlore_server.store import events, queries
from runlore_server.store.keyset import Statement

sql = queries.load("events")

#: Kinds of events that are never pruned: the contract numbers those of registered models from 40 to 59.
REGISTRY_KINDS = frozenset(number for number in v1.EventKind.values() if 40 <= number < 60)
#: Bytes of the stored texts of one page; its first event may be larger.
_PAGE_BYTES = 4 * 1024 * 1024

# The column, or what it would be for an event that an earlier version wrote. Postgres's JSON cannot have U+0000.
_ACTOR: LiteralString = r"""coalesce(actor, (
    SELECT concat_ws(':', lower(substr(a ->> 'kind', length('ACTOR_KIND_') + 1)), a ->> 'id')
    FROM (SELECT replace(convert_from(body, 'UTF8'), '\u0000', '\u0020')::json -> 'actor' AS a) j
))"""


@dataclass(frozen=True)
class Wanted:
    """Which events are asked for: those that meet all of this."""

    #: Empty: of all workspaces, as only the server itself asks.
    workspace: str = ""
    #: Of one record; empty: of all.
    resource_id: str = ""
    #: Whether that record is a registered model.
    is_model: bool = False
    #: Empty: of all kinds.
    kinds: frozenset[int] = frozenset()
    alias: str = ""
    actor: str = ""
    since: datetime | None = None
    until: datetime | None = None

    @property
    def of_registry(self) -> bool:
        """Whether no tracking event can be among them."""
        return self.is_model or (bool(self.kinds) and self.kinds <= REGISTRY_KINDS)

    def has(self, event: Stored) -> bool:
        """Whether an event of the record is among them. Actor and times are for pages only."""
        return (
            event.workspace == self.workspace
            and (not self.kinds or event.kind in self.kinds)
            and (not self.alias or event.subject == self.alias)
        )


@dataclass(slots=True)
class Stored:
    """A numbered event as it is stored."""

    number: int
    resource_id: str
    workspace: str
    kind: int
    subject: str
    hash: bytes | None
    body: bytes
    _parsed: v1.Event | None = field(default=None, repr=False)

    def event(self, log: events.Log, *, include_canonical: bool = False) -> v1.Event:
        """Return the event, which is made once for all who ask; not to be changed."""
        if self._parsed is None:
            self._parsed = events.from_canonical(self.body)
            self._parsed.position = log.position(self.number)
            self._parsed.hash = self.hash.hex() if self.hash is not None else ""
        if not include_canonical:
            return self._parsed
        whole = v1.Event(canonical=self.body)
        whole.MergeFrom(self._parsed)
        return whole


async def wanted_record(conn: Connection, workspace: str, resource_id: str) -> Wanted:
    """Return that the events of a record are wanted, whatever it is."""
    row = await queries.one(conn, sql.is_model, {"resource_id": resource_id, "workspace": workspace})
    return Wanted(workspace, resource_id, is_model=bool(row.some))


async def page(
    conn: Connection,
    wanted: Wanted,
    *,
    after: int = 0,
    upto: int | None = None,
    limit: int,
    max_bytes: int = _PAGE_BYTES,
    newest_first: bool = False,
) -> tuple[list[Stored], bool]:
    """Return up to `limit` numbered events after a position, in the log's order or back, and whether there are more.

    There are more, too, when the page has `max_bytes` of them before the limit.
    """
    statement = Statement()
    where = [f"position > {statement.bind(after)}", *_conditions(statement, wanted)]
    if upto is not None:
        where.append(f"position <= {statement.bind(upto)}")
    # The revisions of one record are in the order of its positions, and its primary key has them in order.
    order: LiteralString = "revision" if wanted.resource_id else "position"
    way: LiteralString = "DESC" if newest_first else "ASC"
    most = statement.bind(limit)
    text: LiteralString = f"""
        SELECT position, resource_id, workspace, kind, subject, hash,
               CASE WHEN n <= {most} AND before < {statement.bind(max_bytes)} THEN body END AS body
        FROM (
            SELECT position, resource_id, workspace, kind, subject, hash, body,
                   row_number() OVER in_order AS n,
                   sum(octet_length(body)) OVER in_order - octet_length(body) AS before
            FROM (
                SELECT position, resource_id, workspace, kind, subject, hash, body
                FROM event
                WHERE {" AND ".join(where)}
                ORDER BY {order} {way}
                LIMIT {most} + 1
            ) first
            WINDOW in_order AS (ORDER BY position {way} ROWS UNBOUNDED PRECEDING)
        ) sized
        ORDER BY n"""
    rows: list[Any] = await (await conn.execute(text, statement.params, binary=True)).fetchall()
    found = [
        Stored(row.position, row.resource_id, row.workspace, row.kind, row.subject, row.hash, bytes(row.body))
        for row in rows
        if row.body is not None
    ]
    return found, len(found) < len(rows)


async def check_kept(conn: Connection, field_name: str, wanted: Wanted, after: int) -> None:
    """Raise POSITION_EXPIRED unless all that is wanted after a position is still kept.

    To be asked after a page was read: what is pruned in between is then noticed.
    """
    if wanted.of_registry:
        return
    log = await events.log(conn)
    if after < log.pruned_position:
        raise errors.position_expired(field_name, log.log_id, log.position(log.pruned_position))


async def prune(conn: Connection, days: int, limit: int) -> bool:
    """Remove tracking events older than so many days from the next `limit` positions; returns whether to go on."""
    row = await queries.one(conn, sql.prune_before, {"days": days, "limit": limit})
    before = (await events.log(conn)).pruned_position
    if row.position is None or row.position <= before:
        return False
    await conn.execute(sql.prune, {"position": row.position})
    await conn.execute(sql.note_pruned, {"position": row.position})
    return True


def _conditions(statement: Statement, wanted: Wanted) -> list[LiteralString]:
    """Only what is asked for, so that Postgres can choose among the indexes."""
    where: list[LiteralString] = []
    if wanted.workspace:
        where.append(f"workspace = {statement.bind(wanted.workspace)}")
    if wanted.resource_id:
        where.append(f"resource_id = {statement.bind(wanted.resource_id)}::uuid")
    elif wanted.of_registry:
        where.append("hash IS NOT NULL")
    if wanted.kinds:
        where.append(f"kind = ANY ({statement.bind(sorted(wanted.kinds))}::smallint[])")
    if wanted.alias:
        # The index on subjects leaves out the empty one.
        where.append(f"subject = {statement.bind(wanted.alias)} AND subject <> ''")
    if wanted.actor:
        where.append(f"{_ACTOR} = {statement.bind(wanted.actor)}")
    if wanted.since is not None:
        where.append(f"time >= {statement.bind(wanted.since)}")
    if wanted.until is not None:
        where.append(f"time < {statement.bind(wanted.until)}")
    return where
