"""Runs: their record, params and tags. Metric points are in `metrics.py`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from psycopg.types.json import Jsonb

from runlore import v1
from runlore_server import errors, ids
from runlore_server.db import Connection
from runlore_server.store import changes, datasets, events, queries

sql = queries.load("runs")


@dataclass(frozen=True)
class LockedRun:
    """A run under its row lock, and the place that its next event takes."""

    run: v1.Run
    place: events.Place
    #: What the run was itself, whatever its experiment is; `run.lifecycle_state` regards both.
    own_state: v1.LifecycleState.ValueType
    experiment_state: v1.LifecycleState.ValueType

    def require_active(self) -> None:
        """Raise RUN_DELETED unless the run and its experiment are active."""
        _require_active(self.run.run_id, self.own_state, self.experiment_state, self.run.experiment_name)


@dataclass(frozen=True)
class Selection:
    """What of runs is wanted; what is not is not read either, if it is of any size."""

    #: Fields of Run besides `run_id`; None: all.
    fields: frozenset[str] | None = None
    #: The params, tags and metrics wanted, by key; none: all of them.
    param_keys: tuple[str, ...] = ()
    tag_keys: tuple[str, ...] = ()
    metric_keys: tuple[str, ...] = ()

    def has(self, *names: str) -> bool:
        """Whether one of these fields is wanted."""
        return self.fields is None or not self.fields.isdisjoint(names)


EVERYTHING = Selection()

#: What a run's message was made from: as long as it is the same, so is the message.
Stamp = str


async def get(conn: Connection, workspace: str, run_id: str, *, bulk: bool = False) -> v1.Run:
    """Return a run as `get_many` does; raises RUN_NOT_FOUND."""
    found = await get_many(conn, workspace, [run_id], bulk=bulk)
    if not found:
        raise errors.run_not_found(run_id)
    return found[0]


async def get_many(
    conn: Connection, workspace: str, run_ids: Sequence[str], *, bulk: bool = False, wanted: Selection = EVERYTHING
) -> list[v1.Run]:
    """Return the runs that exist, in the order asked for, with their metric summaries, inputs and outputs.

    `bulk`: with the schemas and profiles of their datasets.
    """
    params = {
        "workspace": workspace,
        "run_ids": list(run_ids),
        "params": wanted.has("params"),
        "param_keys": list(wanted.param_keys) or None,
        "tags": wanted.has("tags"),
        "tag_keys": list(wanted.tag_keys) or None,
        "dropped": wanted.has("dropped_points"),
    }
    rows = await (await conn.execute(sql.get, params, binary=True)).fetchall()
    runs = {}
    for row in rows:
        run = runs[row.run_id] = to_run(row)
        run.dropped_points = row.dropped_points or 0
        if row.heartbeat_time is not None:
            run.last_heartbeat_time.FromDatetime(row.heartbeat_time)
            run.is_stale = bool(row.is_stale)
    if wanted.has("metrics"):
        of = {"run_ids": list(runs), "metric_keys": list(wanted.metric_keys) or None}
        for row in await (await conn.execute(sql.metrics, of, binary=True)).fetchall():
            _add_summaries(runs[row.run_id], row)
    if wanted.has("dataset_inputs", "model_inputs", "model_outputs"):
        await datasets.fill(conn, list(runs.values()), bulk=bulk)
    if wanted.fields is not None:
        for name in set(v1.Run.DESCRIPTOR.fields_by_name) - wanted.fields - {"run_id"}:
            for run in runs.values():
                run.ClearField(name)  # type: ignore[arg-type]
    return [runs[run_id] for run_id in run_ids if run_id in runs]


async def stamps(conn: Connection, workspace: str, run_ids: Sequence[str]) -> dict[str, Stamp]:
    """Return the stamps of the runs that exist."""
    rows = await queries.every(conn, sql.stamps, {"workspace": workspace, "run_ids": list(run_ids)})
    return {row.run_id: row.stamp for row in rows}


async def require(conn: Connection, workspace: str, run_id: str) -> None:
    """Raise RUN_NOT_FOUND unless the run exists; in a transaction, it then stays until the end."""
    await _state(conn, workspace, run_id)


async def require_active(conn: Connection, workspace: str, run_id: str, what: str = "run") -> None:
    """Raise RUN_NOT_FOUND or RUN_DELETED unless the run takes something new; it then stays, as with `require`."""
    row = await _state(conn, workspace, run_id, what)
    _require_active(run_id, row.lifecycle_state, row.experiment_state, row.experiment_name, what)


async def _state(conn: Connection, workspace: str, run_id: str, what: str = "run") -> Any:
    row = await queries.one(conn, sql.state, {"workspace": workspace, "run_id": run_id})
    if row is None:
        raise errors.run_not_found(run_id, what)
    return row


async def id_is_taken(conn: Connection, run_id: str) -> bool:
    """Whether any workspace has a run of this id, or had one that is purged."""
    return await queries.one(conn, sql.id_is_taken, {"run_id": run_id}) is not None


async def lock_run(conn: Connection, workspace: str, run_id: str) -> LockedRun:
    """Lock a run, deleted or not, until the transaction ends and return it, without metrics; raises RUN_NOT_FOUND."""
    row = await queries.one(conn, sql.lock, {"workspace": workspace, "run_id": run_id})
    if row is None:
        raise errors.run_not_found(run_id)
    place = events.Place(row.revision + 1, row.now)
    return LockedRun(to_run(row), place, row.lifecycle_state, row.experiment_state)


async def lock_active(conn: Connection, workspace: str, run_id: str) -> LockedRun:
    """Lock a run as `lock_run` does; raises RUN_DELETED too."""
    locked = await lock_run(conn, workspace, run_id)
    locked.require_active()
    return locked


async def create(conn: Connection, run: v1.Run, start_time: datetime | None, request_id: str) -> v1.Run:
    """Insert a run with its event; `run` has the id, experiment, name, status, params and tags."""
    row = await queries.one(
        conn,
        sql.insert,
        {
            "run_id": run.run_id,
            "workspace": run.workspace,
            "experiment_id": run.experiment_id,
            "experiment_name": run.experiment_name,
            "parent_run_id": run.parent_run_id or None,
            "name": run.name,
            "status": run.status,
            "start_time": start_time,
            "ended": is_final(run.status),
            "params": Jsonb(dict(run.params)),
            "tags": Jsonb(dict(run.tags)),
            "artifact_location": run.artifact_location,
            "active": v1.LIFECYCLE_STATE_ACTIVE,
            "created_by": run.created_by.SerializeToString(),
        },
    )
    created = to_run(row)
    after, omitted = changes.cut(created)
    await events.append(
        conn,
        events.Place(row.revision, row.event_time),
        kind=v1.EVENT_KIND_RUN_CREATED,
        workspace=run.workspace,
        resource=resource(created),
        request_id=request_id,
        after=v1.ResourceState(run=after),
        omitted=omitted,
    )
    return created


async def update(conn: Connection, locked: LockedRun, wanted: v1.Run, reason: str = "") -> None:
    """Store the name, status with its message, and end time of `wanted`, with an event of what changed."""
    place, before = locked.place, locked.run
    await conn.execute(
        sql.update,
        {
            "run_id": before.run_id,
            "name": wanted.name,
            "status": wanted.status,
            "status_message": wanted.status_message,
            "end_time": wanted.end_time.ToDatetime(tzinfo=UTC) if wanted.HasField("end_time") else None,
            "revision": place.revision,
            "now": place.time,
        },
    )
    was, now = changes.of_fields(before, wanted, ("name", "status", "status_message", "end_time"))
    await events.append(
        conn,
        place,
        kind=v1.EVENT_KIND_RUN_UPDATED,
        workspace=before.workspace,
        resource=resource(wanted),
        reason=reason,
        before=v1.ResourceState(run=was),
        after=v1.ResourceState(run=now),
    )


async def log(conn: Connection, locked: LockedRun, params: Mapping[str, str], tags: Mapping[str, str]) -> None:
    """Add params that are new and tags that differ, with one event; nothing when there are none of either."""
    if not params and not tags:
        return
    place, run = locked.place, locked.run
    await conn.execute(
        sql.log,
        {
            "run_id": run.run_id,
            "params": Jsonb(dict(params)),
            "tags": Jsonb(dict(tags)),
            "revision": place.revision,
            "now": place.time,
        },
    )
    after, omitted = changes.cut(v1.Run(params=params, tags=tags))
    before = v1.Run(tags={key: run.tags[key] for key in after.tags if key in run.tags})
    await events.append(
        conn,
        place,
        kind=v1.EVENT_KIND_RUN_LOGGED,
        workspace=run.workspace,
        resource=resource(run),
        before=v1.ResourceState(run=before) if before.tags else None,
        after=v1.ResourceState(run=after),
        omitted=omitted,
    )


async def delete_tags(conn: Connection, locked: LockedRun, keys: Iterable[str]) -> None:
    """Delete tags, with one event; nothing when the run has none of them."""
    place, run = locked.place, locked.run
    gone = set(keys) & set(run.tags)
    if not gone:
        return
    await conn.execute(
        sql.delete_tags,
        {"run_id": run.run_id, "keys": list(gone), "revision": place.revision, "now": place.time},
    )
    was, _, omitted = changes.of_tags({key: run.tags[key] for key in gone}, {})
    await events.append(
        conn,
        place,
        kind=v1.EVENT_KIND_RUN_LOGGED,
        workspace=run.workspace,
        resource=resource(run),
        before=v1.ResourceState(run=v1.Run(tags=was)),
        after=v1.ResourceState(run=v1.Run()),
        omitted=omitted,
    )


async def set_manifest(conn: Connection, locked: LockedRun, manifest_digest: str, kind: v1.EventKind.ValueType) -> None:
    """Make a stored manifest (empty: none) the run's artifacts, with an event; nothing when it is already."""
    place, run = locked.place, locked.run
    if manifest_digest == run.artifact_manifest_digest:
        return
    await conn.execute(
        sql.set_manifest,
        {
            "run_id": run.run_id,
            "manifest_digest": bytes.fromhex(manifest_digest) or None,
            "revision": place.revision,
            "now": place.time,
        },
    )
    before = v1.Run(artifact_manifest_digest=run.artifact_manifest_digest)
    await events.append(
        conn,
        place,
        kind=kind,
        workspace=run.workspace,
        resource=resource(run),
        before=v1.ResourceState(run=before) if before.artifact_manifest_digest else None,
        after=v1.ResourceState(run=v1.Run(artifact_manifest_digest=manifest_digest)),
    )


def is_final(status: int) -> bool:
    """Whether a run of this status has ended."""
    return status in (v1.RUN_STATUS_FINISHED, v1.RUN_STATUS_FAILED, v1.RUN_STATUS_KILLED)


def resource(run: v1.Run) -> v1.Resource:
    """Return how events name a run."""
    return v1.Resource(type=v1.RESOURCE_TYPE_RUN, id=run.run_id, name=run.name)


def to_run(row: Any) -> v1.Run:
    """Return the run of a row of `run`, without metrics."""
    run = v1.Run(
        run_id=row.run_id,
        workspace=row.workspace,
        experiment_id=row.experiment_id,
        experiment_name=row.experiment_name,
        parent_run_id=row.parent_run_id or "",
        name=row.name,
        status=row.status,
        params=row.params,
        tags=row.tags,
        artifact_manifest_digest=row.manifest_digest.hex() if row.manifest_digest is not None else "",
        artifact_location=row.artifact_location,
        lifecycle_state=changes.effective_state(row.lifecycle_state, row.experiment_state),
        created_by=v1.Actor.FromString(row.created_by),
        etag=ids.etag(row.revision),
        status_message=row.status_message,
    )
    if run.lifecycle_state == v1.LIFECYCLE_STATE_DELETED:
        changes.tell_deletion(run, row)
    run.start_time.FromDatetime(row.start_time)
    if row.end_time is not None:
        run.end_time.FromDatetime(row.end_time)
    run.create_time.FromDatetime(row.create_time)
    run.update_time.FromDatetime(row.event_time)
    return run


def refusal(
    run_id: str, own: int, of_experiment: int, experiment_name: str, what: str = "run"
) -> errors.RunloreError | None:
    """Return RUN_DELETED unless a run takes something new, by its own state and its experiment's."""
    if of_experiment != v1.LIFECYCLE_STATE_ACTIVE:
        return errors.run_deleted(run_id, with_experiment=experiment_name, what=what)
    if own != v1.LIFECYCLE_STATE_ACTIVE:
        return errors.run_deleted(run_id, what=what)
    return None


def _require_active(run_id: str, own: int, of_experiment: int, experiment_name: str, what: str = "run") -> None:
    refused = refusal(run_id, own, of_experiment, experiment_name, what)
    if refused is not None:
        raise refused


def _add_summaries(run: v1.Run, row: Any) -> None:
    """Add the summaries of a row of `metrics`, whose columns are arrays."""
    add = run.metrics.add
    columns = (
        row.keys,
        row.last,
        row.last_step,
        row.last_time,
        row.min,
        row.min_step,
        row.max,
        row.max_step,
        row.count,
    )
    for key, last, last_step, last_time, low, low_step, high, high_step, count in zip(*columns, strict=True):
        # Made in place: appending copies.
        add(
            key=key,
            last=last,
            last_step=last_step,
            last_time_unix_us=last_time,
            min=low,
            min_step=low_step,
            max=high,
            max_step=high_step,
            count=count,
        )
