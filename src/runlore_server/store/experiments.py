"""Experiments."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg.types.json import Jsonb

from runlore import v1
from runlore_server import errors, ids
from runlore_server.db import Connection
from runlore_server.store import changes, events, queries

sql = queries.load("experiments")

#: The id to which a workspace's default experiment answers, and the name that makes an experiment the default one.
DEFAULT_ID = "0"
DEFAULT_NAME = "Default"

_TEXTS = ("name", "description", "artifact_location")


@dataclass(frozen=True)
class LockedExperiment:
    """An experiment under its row lock, and the place that its next event takes."""

    experiment: v1.Experiment
    place: events.Place


async def get(conn: Connection, workspace: str, experiment_id: str) -> v1.Experiment:
    """Return an experiment by id, `0` being the default one; raises EXPERIMENT_NOT_FOUND."""
    if experiment_id == DEFAULT_ID:
        row = await queries.one(conn, sql.get_default, {"workspace": workspace})
    else:
        row = await queries.one(conn, sql.get, {"workspace": workspace, "experiment_id": experiment_id})
    if row is None:
        raise errors.experiment_not_found(workspace, experiment_id=experiment_id)
    return _experiment(row)


async def get_by_name(conn: Connection, workspace: str, name: str) -> v1.Experiment:
    """Return an experiment by name; raises EXPERIMENT_NOT_FOUND."""
    found = await find_by_name(conn, workspace, name)
    if found is None:
        raise errors.experiment_not_found(workspace, name=name)
    return found


async def find_by_name(conn: Connection, workspace: str, name: str) -> v1.Experiment | None:
    """Return an experiment by name, deleted or not, or None."""
    row = await queries.one(conn, sql.get_by_name, {"workspace": workspace, "name": name})
    return _experiment(row) if row is not None else None


async def get_many(conn: Connection, workspace: str, experiment_ids: Sequence[str]) -> list[v1.Experiment]:
    """Return the experiments that exist, in the order asked for."""
    params = {"workspace": workspace, "experiment_ids": list(experiment_ids)}
    rows = await (await conn.execute(sql.get_many, params, binary=True)).fetchall()
    found = {row.experiment_id: _experiment(row) for row in rows}
    return [found[experiment_id] for experiment_id in experiment_ids if experiment_id in found]


async def of_new(conn: Connection, workspace: str, *, experiment_id: str = "", name: str = "") -> v1.Experiment:
    """Return the experiment that something new goes to, by id or by name; by neither, the workspace's default one.

    One of that name, and the default one, is made when there is none. Raises EXPERIMENT_NOT_FOUND, EXPERIMENT_DELETED.
    """
    if experiment_id and experiment_id != DEFAULT_ID:
        experiment = await get(conn, workspace, experiment_id)
    else:
        name = name or DEFAULT_NAME
        experiment = await find_by_name(conn, workspace, name) or await create(conn, workspace, name)
    if experiment.lifecycle_state == v1.LIFECYCLE_STATE_DELETED:
        raise errors.experiment_deleted(experiment.experiment_id, experiment.name)
    return experiment


async def ids_of(
    conn: Connection, workspace: str, experiment_ids: Iterable[str], names: Iterable[str] = ()
) -> list[str] | None:
    """Return the ids of the experiments that a search names; None when it names none. Raises EXPERIMENT_NOT_FOUND."""
    found = [(await get(conn, workspace, experiment_id)).experiment_id for experiment_id in experiment_ids]
    found += [(await get_by_name(conn, workspace, name)).experiment_id for name in names]
    return found or None


async def lock(conn: Connection, workspace: str, experiment_id: str) -> LockedExperiment:
    """Lock an experiment until the transaction ends and return it; raises EXPERIMENT_NOT_FOUND."""
    by_id = None if experiment_id == DEFAULT_ID else experiment_id
    row = await queries.one(conn, sql.lock, {"workspace": workspace, "experiment_id": by_id})
    if row is None:
        raise errors.experiment_not_found(workspace, experiment_id=experiment_id)
    return LockedExperiment(_experiment(row), events.Place(row.revision + 1, row.now))


async def create(
    conn: Connection,
    workspace: str,
    name: str,
    *,
    description: str = "",
    tags: Mapping[str, str] | None = None,
    artifact_location: str = "",
    request_id: str = "",
) -> v1.Experiment:
    """Create an experiment with its event. The name must be free."""
    row = await queries.one(
        conn,
        sql.insert,
        {
            "experiment_id": ids.new(),
            "workspace": workspace,
            "name": name,
            "description": description,
            "tags": Jsonb(dict(tags or {})),
            "artifact_location": artifact_location,
            "is_default": name == DEFAULT_NAME,
            "active": v1.LIFECYCLE_STATE_ACTIVE,
        },
    )
    experiment = _experiment(row)
    await events.append(
        conn,
        events.Place(row.revision, row.event_time),
        kind=v1.EVENT_KIND_EXPERIMENT_CREATED,
        workspace=experiment.workspace,
        resource=resource(experiment),
        request_id=request_id,
        after=v1.ResourceState(experiment=experiment),
    )
    return experiment


async def update(conn: Connection, locked: LockedExperiment, wanted: v1.Experiment) -> v1.Experiment:
    """Store the texts and tags of `wanted`, with an event of what changed; returns the experiment as it is then."""
    was, now, omitted = _difference(locked.experiment, wanted)
    return await _store(conn, locked, wanted, v1.EVENT_KIND_EXPERIMENT_UPDATED, was, now, omitted)


async def delete(conn: Connection, locked: LockedExperiment) -> v1.Experiment:
    """Mark an active experiment as deleted, with its event."""
    return await _move(conn, locked, v1.LIFECYCLE_STATE_DELETED, v1.EVENT_KIND_EXPERIMENT_DELETED)


async def restore(conn: Connection, locked: LockedExperiment) -> v1.Experiment:
    """Mark a deleted experiment as active, with its event."""
    return await _move(conn, locked, v1.LIFECYCLE_STATE_ACTIVE, v1.EVENT_KIND_EXPERIMENT_RESTORED)


async def _move(
    conn: Connection,
    locked: LockedExperiment,
    state: v1.LifecycleState.ValueType,
    kind: v1.EventKind.ValueType,
) -> v1.Experiment:
    wanted = copy.deepcopy(locked.experiment)
    wanted.lifecycle_state = state
    was = v1.Experiment(lifecycle_state=locked.experiment.lifecycle_state)
    return await _store(conn, locked, wanted, kind, was, v1.Experiment(lifecycle_state=state))


async def _store(
    conn: Connection,
    locked: LockedExperiment,
    wanted: v1.Experiment,
    kind: v1.EventKind.ValueType,
    was: v1.Experiment,
    now: v1.Experiment,
    omitted: changes.Omitted = (0, ""),
) -> v1.Experiment:
    row = await queries.one(
        conn,
        sql.update,
        {
            "experiment_id": wanted.experiment_id,
            "name": wanted.name,
            "description": wanted.description,
            "artifact_location": wanted.artifact_location,
            "tags": Jsonb(dict(wanted.tags)),
            "lifecycle_state": wanted.lifecycle_state,
            "deleted": wanted.lifecycle_state == v1.LIFECYCLE_STATE_DELETED,
            "revision": locked.place.revision,
            "now": locked.place.time,
        },
    )
    await events.append(
        conn,
        locked.place,
        kind=kind,
        workspace=wanted.workspace,
        resource=resource(wanted),
        before=v1.ResourceState(experiment=was),
        after=v1.ResourceState(experiment=now),
        omitted=omitted,
    )
    return _experiment(row)


def _difference(before: v1.Experiment, after: v1.Experiment) -> tuple[v1.Experiment, v1.Experiment, changes.Omitted]:
    """What changed, as it was and as it is, tags cut to what an event spells out."""
    was, now = changes.of_fields(before, after, _TEXTS)
    old_tags, new_tags, omitted = changes.of_tags(before.tags, after.tags)
    was.tags.update(old_tags)
    now.tags.update(new_tags)
    return was, now, omitted


def resource(experiment: v1.Experiment) -> v1.Resource:
    """Return how events name an experiment."""
    return v1.Resource(type=v1.RESOURCE_TYPE_EXPERIMENT, id=experiment.experiment_id, name=experiment.name)


def _experiment(row: Any) -> v1.Experiment:
    experiment = v1.Experiment(
        experiment_id=row.experiment_id,
        workspace=row.workspace,
        name=row.name,
        description=row.description,
        tags=row.tags,
        artifact_location=row.artifact_location,
        lifecycle_state=row.lifecycle_state,
        is_default=row.is_default,
        etag=ids.etag(row.revision),
    )
    if experiment.lifecycle_state == v1.LIFECYCLE_STATE_DELETED:
        changes.tell_deletion(experiment, row)
    experiment.create_time.FromDatetime(row.create_time)
    experiment.update_time.FromDatetime(row.event_time)
    return experiment
