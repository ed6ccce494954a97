"""Runs that are being written: what a server remembers of them between commits of their points."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import takewhile

import numpy as np

from runlore import v1
from runlore_server import errors
from runlore_server.db import Connection
from runlore_server.store import queries, runs, summaries
from runlore_server.store.pgarrays import TextArray, UuidArray
from runlore_server.store.summaries import Ints, Summaries

sql = queries.load("live")


@dataclass(eq=False, slots=True)
class LiveRun:
    """A run as of one version; the database's row says whether that still stands."""

    run_id: str
    #: None: to be loaded before anything else is believed.
    version: int | None = None
    #: Each key's place in the arrays, and how many of them the database's row has.
    slots: dict[str, int] = field(default_factory=dict)
    stored_keys: int = 0
    #: By slot.
    summaries: Summaries = field(default_factory=lambda: summaries.none(0))
    #: How many points of each writer that has a stream here are committed.
    watermarks: dict[str, int] = field(default_factory=dict)
    #: Goes up whenever slots are dealt anew.
    deal: int = 0

    def new_keys(self) -> list[str]:
        """Return the keys that the database's row does not have yet."""
        return list(self.slots)[self.stored_keys :] if len(self.slots) > self.stored_keys else []

    def forget(self) -> None:
        """Believe nothing until it is loaded again."""
        self.version = None


@dataclass(eq=False, slots=True)
class Keys:
    """The keys that one stream has introduced, by their number there."""

    names: list[str] = field(default_factory=list)
    #: The slots of the first of them, as of the run's `deal`.
    slots: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    deal: int = -1

    def unplaced(self, run: LiveRun) -> list[str]:
        """Return the names whose slots are not looked up yet."""
        if self.deal != run.deal:
            self.slots, self.deal = np.empty(0, np.int64), run.deal
        return self.names[len(self.slots) :]

    def place(self, run: LiveRun) -> None:
        """Look up the slots of names up to the first that the run does not know.

        A stream is read while a round is under way: such a name came after the run was told of those that it needs.
        """
        unplaced = self.unplaced(run)
        if unplaced:
            known = takewhile(lambda slot: slot is not None, map(run.slots.get, unplaced))
            self.slots = np.concatenate((self.slots, np.fromiter(known, np.int64)))


async def hear(conn: Connection, run_id: str) -> datetime:
    """Record a sign of life of a run that may have had none before, and return its time."""
    heard: datetime = (await queries.one(conn, sql.hear, {"run_id": run_id})).heartbeat_time
    return heard


async def open_stream(conn: Connection, workspace: str, run_id: str, writer_id: str) -> int:
    """Make a writer known and return how many of its points are committed; raises RUN_NOT_FOUND or RUN_DELETED."""
    await runs.require_active(conn, workspace, run_id)
    await hear(conn, run_id)
    return int((await queries.one(conn, sql.open_stream, {"run_id": run_id, "writer_id": writer_id})).points)


async def load(conn: Connection, stale: Sequence[LiveRun]) -> dict[str, errors.RunloreError]:
    """Bring what is remembered of runs up to date; returns why some of them take no points."""
    rows = await queries.planned(conn, sql.load, {"run_ids": [run.run_id for run in stale]})
    found = {row.run_id: row for row in rows}
    refused: dict[str, errors.RunloreError] = {}
    for run in stale:
        row = found.get(run.run_id)
        if row is None:
            refused[run.run_id] = errors.run_not_found(run.run_id)
            continue
        refusal = runs.refusal(run.run_id, row.lifecycle_state, row.experiment_state, row.experiment_name)
        if refusal is not None:
            refused[run.run_id] = refusal
            continue
        run.version = row.version
        run.slots = {key: slot for slot, key in enumerate(row.keys)}
        run.stored_keys = len(row.keys)
        run.summaries = summaries.of_arrays(row)
        run.deal += 1
    loaded = {run.run_id: run for run in stale if run.run_id not in refused}
    writers = [(run.run_id, writer_id) for run in loaded.values() for writer_id in run.watermarks]
    params = {"run_ids": UuidArray.of([r for r, _ in writers]), "writer_ids": TextArray.of([w for _, w in writers])}
    for row in await queries.planned(conn, sql.watermarks, params):
        loaded[row.run_id].watermarks[row.writer_id] = row.points
    return refused


async def add_keys(conn: Connection, wanted: Iterable[tuple[LiveRun, str]]) -> None:
    """Give keys that runs do not know yet their slots, with what is merged of them already."""
    pairs = list(dict.fromkeys(wanted))
    if not pairs:
        return
    params = {
        "run_ids": UuidArray.of([run.run_id for run, _ in pairs]),
        "keys": TextArray.of([key for _, key in pairs]),
    }
    rows = await queries.planned(conn, sql.merged, params)
    merged = dict(zip(((row.run_id, row.key) for row in rows), summaries.of_rows(rows), strict=True))
    added: dict[LiveRun, list[str]] = {}
    for run, key in pairs:
        added.setdefault(run, []).append(key)
    for run, keys in added.items():
        more = summaries.none(len(keys))
        for i, key in enumerate(keys):
            run.slots[key] = len(run.slots)
            if (run.run_id, key) in merged:
                more[i] = merged[run.run_id, key]
        run.summaries = summaries.concatenated((run.summaries, more))


async def beat(conn: Connection, writers: Sequence[tuple[LiveRun, str, int]]) -> set[str]:
    """Record signs of life of (run, writer, dropped points); returns the ids of the runs that are active."""
    params = {
        "writer_runs": [run.run_id for run, _, _ in writers],
        "writer_ids": [writer_id for _, writer_id, _ in writers],
        "dropped_points": [dropped for _, _, dropped in writers],
        "active": v1.LIFECYCLE_STATE_ACTIVE,
    }
    return {row.run_id for row in await queries.planned(conn, sql.beat, params)}
