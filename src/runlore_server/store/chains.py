"""Checking a registered model's hash chain, a page at a time: a chain may have a million events.

The chain itself is checked as an exported one is (`runlore.verify`). Beside it, what each event is filed under is
compared with its text: searches, watches and answers about the past go by those columns.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from runlore import v1
from runlore.verify import Chain
from runlore_server import errors
from runlore_server.db import Connection
from runlore_server.store import queries

sql = queries.load("events")

#: Events of one page: a few milliseconds, in which nothing else is served.
_PAGE = 250
_BEFORE_ALL = -(2**63)
_NOT_KNOWN = "the event is not the one of the known head"
_KINDS = dict(v1.EventKind.items())
#: What an event is filed under.
_FILED = ("workspace", "kind", "alias", "time", "actor", "version")


@dataclass(frozen=True)
class Head:
    """What a model records of its chain, and the last of its events that there are."""

    model_id: str
    revision: int
    hash: str
    last_revision: int

    @property
    def proto(self) -> v1.ChainHead:
        """The head."""
        return v1.ChainHead(revision=self.revision, hash=self.hash)


@dataclass(frozen=True)
class Break:
    """The first event of a chain that is not as it was written."""

    revision: int
    problem: str
    #: Its number in the log; 0 when it is missing or has none.
    number: int = 0


class Check:
    """The check of one chain: execute `chain` of `events.sql` with `params`, and `take` the rows, until it is done."""

    def __init__(
        self, head: Head, known: v1.ChainHead | None = None, *, after: v1.ChainHead | None = None, most: int = 0
    ) -> None:
        """Check up to a head, or `most` events (0: all); `known` is one that the chain must hold too.

        `after`: an event up to which the chain was checked before.
        """
        self._head = head
        self._known = known
        self._after = after
        self._most = most
        self._chain = Chain(head.model_id)
        self._number: int | None = 0
        self._taken = 0
        #: What is wrong; None as long as nothing is.
        self.broken: Break | None = None

    @property
    def event_count(self) -> int:
        """How many events are good."""
        return self._chain.revision

    @property
    def checked(self) -> v1.ChainHead | None:
        """The last good event; None when none is."""
        chain = self._chain
        return v1.ChainHead(revision=chain.revision, hash=chain.hash) if chain.revision else None

    @property
    def params(self) -> dict[str, Any]:
        """Which rows come next."""
        head = self._head
        # The event that was checked before is looked at once more.
        before = self._after.revision - 1 if self._after is not None else _BEFORE_ALL
        return {
            "resource_id": head.model_id,
            "after": self._chain.revision or before,
            "upto": head.revision,
            "limit": min(_PAGE, self._most - self._taken) if self._most else _PAGE,
        }

    async def step(self, conn: Connection) -> bool:
        """Check the next page; returns whether to go on."""
        return self.take(await queries.every(conn, sql.chain, self.params))

    def take(self, rows: Sequence[Any]) -> bool:
        """Check rows; returns whether to go on."""
        some = bool(rows)
        if self._after is not None and not self._chain.revision:
            self.broken = self._go_on(self._after, rows)
            rows = rows[1:]
        self._taken += len(rows)
        for row in rows if self.broken is None else ():
            self.broken = self._follow(row)
            if self.broken is not None:
                break
        if self.broken is not None:
            return False
        if some and self._chain.revision < self._head.revision:
            return not self._most or self._taken < self._most
        self.broken = self._end()
        return False

    def _go_on(self, after: v1.ChainHead, rows: Sequence[Any]) -> Break | None:
        """Begin after an event that is the same as when it was checked."""
        row = rows[0] if rows else None
        if row is None or row.revision != after.revision:
            return Break(after.revision, "the event, which was checked before, is missing")
        if not hashlib.sha256(row.body).hexdigest() == (row.hash or b"").hex() == after.hash:
            return Break(after.revision, "the event is not the one that was checked before", row.position or 0)
        known = self._known
        if known is not None and known.revision == after.revision and known.hash != after.hash:
            return Break(after.revision, _NOT_KNOWN, row.position or 0)
        self._chain.revision, self._chain.hash, self._number = after.revision, after.hash, row.position
        return None

    def _follow(self, row: Any) -> Break | None:
        expected = self._chain.revision + 1
        if row.revision < expected:
            return Break(row.revision, "the event comes before the first one", row.position or 0)
        if row.revision != expected:
            return Break(expected, "the event is missing")
        event, problem = self._chain.follow(bytes(row.body), row.hash.hex() if row.hash is not None else "")
        problem = problem or _misfiled(row, event)
        if not problem and not _follows(self._number, row.position):
            problem = "the event's position is before that of the event before it"
        if not problem and self._known is not None and self._known.revision == expected:
            problem = "" if self._known.hash == self._chain.hash else _NOT_KNOWN
        self._number = row.position
        return Break(expected, problem, row.position or 0) if problem else None

    def _end(self) -> Break | None:
        chain, head = self._chain, self._head
        if chain.revision < head.revision:
            return Break(chain.revision + 1, "the event is missing: the chain ends before the model's recorded head")
        if chain.hash != head.hash:
            return Break(head.revision, "the event is not the head that the model records", self._number or 0)
        if head.last_revision > head.revision:
            return Break(head.revision + 1, "the event comes after the head that the model records")
        if self._known is not None and self._known.revision > head.revision:
            return Break(head.revision + 1, "the event is missing: the chain ends before the known head")
        return None


async def head(conn: Connection, workspace: str, *, name: str = "", model_id: str = "") -> Head:
    """Return a model's head, by name, or by id also of a deleted one; raises MODEL_NOT_FOUND."""
    params = {"workspace": workspace, "name": name or None, "model_id": model_id or None}
    row = await queries.one(conn, sql.head, params)
    if row is None:
        raise errors.model_not_found(workspace, name or model_id)
    return Head(row.model_id, row.revision, row.chain_hash.hex(), row.last_revision or 0)


def _misfiled(row: Any, event: dict[str, Any]) -> str:
    """What an event is filed under that is not in its text; empty: nothing."""
    actor, state = event.get("actor", {}), event.get("after") or event.get("before") or {}
    told = (
        event.get("workspace", ""),
        _KINDS.get(event.get("kind", ""), row.kind),  # a newer server's kind is not known here
        state.get("alias", {}).get("alias", ""),
        datetime.fromisoformat(event["time"]),
        # Null: written by a server that did not know the column.
        _who(actor.get("kind", ""), actor.get("id", "")) if row.actor is not None else None,
        _version(event) if row.version is not None else None,
    )
    filed = (row.workspace, row.kind, row.subject, row.time, row.actor, row.version)
    if filed == told:
        return ""
    what = next(name for name, column, text in zip(_FILED, filed, told, strict=True) if column != text)
    return f"the event is filed under another {what} than the one in its text"


def _who(kind: str, id_: str) -> str:
    return ":".join(filter(None, (kind[len("ACTOR_KIND_") :].lower(), id_)))


def _version(event: dict[str, Any]) -> int | None:
    """The version that an event is about; of an alias, the one that it points at since."""
    after = event.get("after", {})
    state = after or event.get("before", {})
    evaluations = state.get("evaluations", {}).get("evaluations", [{}])
    about = state.get("model_version") or after.get("alias") or evaluations[0]
    return int(about["version"]) if "version" in about else None


def _follows(before: int | None, number: int | None) -> bool:
    """Whether a position may come after another; None: not numbered yet, as the latest events may be."""
    return number is None or (before is not None and number > before)
