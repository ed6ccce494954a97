"""Purging: removing for good what was deleted, in transactions of bounded size.

A run, a logged model or a version of a registered model is gone in one transaction, with its event. What a run logged,
which may be much, is cleaned up afterwards (`clean_up`), by whichever server comes to it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import LiteralString

from runlore import v1
from runlore_server import errors
from runlore_server.db import Connection
from runlore_server.store import events, experiments, logged_models, models, queries, runs

sql = queries.load("purging")

#: Runs or logged models in one transaction.
_RECORDS = 100
#: Rows of points in one transaction.
_ROWS = 5_000
_EXPERIMENTS = 100


@dataclass(frozen=True)
class Experiment:
    """An experiment to be purged."""

    workspace: str
    experiment_id: str


@dataclass(frozen=True)
class Members:
    """A kind of record that is deleted by itself or with its experiment: what purges it, and its event."""

    past: LiteralString
    of_experiment: LiteralString
    remove: LiteralString
    resource_type: v1.ResourceType.ValueType
    kind: v1.EventKind.ValueType
    #: What the event says it was.
    before: v1.ResourceState


_DELETED = v1.LIFECYCLE_STATE_DELETED
RUNS = Members(
    past=sql.past_runs,
    of_experiment=sql.runs_of,
    remove=sql.remove_runs,
    resource_type=v1.RESOURCE_TYPE_RUN,
    kind=v1.EVENT_KIND_RUN_PURGED,
    before=v1.ResourceState(run=v1.Run(lifecycle_state=_DELETED)),
)
MODELS = Members(
    past=sql.past_models,
    of_experiment=sql.models_of,
    remove=sql.remove_models,
    resource_type=v1.RESOURCE_TYPE_LOGGED_MODEL,
    kind=v1.EVENT_KIND_LOGGED_MODEL_PURGED,
    before=v1.ResourceState(logged_model=v1.LoggedModel(lifecycle_state=_DELETED)),
)
#: Every kind, in the order in which an experiment's are purged.
MEMBERS = (RUNS, MODELS)


async def run(conn: Connection, workspace: str, run_id: str, request_id: str = "") -> None:
    """Remove a deleted run, with its event; raises RUN_NOT_FOUND and RUN_NOT_DELETED."""
    locked = await runs.lock_run(conn, workspace, run_id)
    if locked.run.lifecycle_state != v1.LIFECYCLE_STATE_DELETED:
        raise errors.run_not_deleted(run_id)
    await _remove(conn, RUNS, [run_id], request_id=request_id)


async def logged_model(conn: Connection, workspace: str, model_id: str, request_id: str = "") -> None:
    """Remove a deleted logged model, with its event; raises LOGGED_MODEL_NOT_FOUND and LOGGED_MODEL_NOT_DELETED."""
    locked = await logged_models.lock_model(conn, workspace, model_id)
    if locked.model.lifecycle_state != v1.LIFECYCLE_STATE_DELETED:
        raise errors.logged_model_not_deleted(model_id)
    await _remove(conn, MODELS, [model_id], request_id=request_id)


async def experiment(
    conn: Connection, workspace: str, experiment_id: str, days: int = 0, *, reason: str = "", request_id: str = ""
) -> None:
    """Remove an experiment without runs that was deleted for `days`, with its event.

    Raises EXPERIMENT_NOT_FOUND and EXPERIMENT_NOT_DELETED.
    """
    locked = await experiments.lock(conn, workspace, experiment_id)
    gone = locked.experiment
    if gone.lifecycle_state != v1.LIFECYCLE_STATE_DELETED or _age(locked).days < days:
        raise errors.experiment_not_deleted(gone.experiment_id, gone.name)
    await conn.execute(sql.remove_experiment, {"experiment_id": gone.experiment_id})
    await events.append(
        conn,
        locked.place,
        kind=v1.EVENT_KIND_EXPERIMENT_PURGED,
        workspace=workspace,
        resource=experiments.resource(gone),
        request_id=request_id,
        reason=reason,
        before=v1.ResourceState(experiment=v1.Experiment(lifecycle_state=v1.LIFECYCLE_STATE_DELETED)),
    )


async def past(conn: Connection, members: Members, days: int, reason: str) -> bool:
    """Remove records that were deleted by themselves more than `days` ago; returns whether there may be more."""
    return await _remove_found(conn, members, members.past, {"days": days}, reason)


async def past_experiments(conn: Connection, days: int) -> list[Experiment]:
    """Return experiments that were deleted more than `days` ago."""
    found = await (await conn.execute(sql.past_experiments, {"days": days, "limit": _EXPERIMENTS})).fetchall()
    return [Experiment(row.workspace, row.experiment_id) for row in found]


async def past_experiment(conn: Connection, gone: Experiment, days: int, reason: str) -> None:
    """Remove an experiment as `experiment` does; nothing when it was restored, or another server was quicker."""
    with contextlib.suppress(errors.RunloreError):
        await experiment(conn, gone.workspace, gone.experiment_id, days, reason=reason)


async def of_experiment(conn: Connection, members: Members, of: Experiment, days: int = 0, reason: str = "") -> bool:
    """Remove records of an experiment that was deleted for `days`; returns whether there may be more.

    Of an experiment that is not there or was restored, none are removed.
    """
    params = {"workspace": of.workspace, "experiment_id": of.experiment_id, "days": days}
    return await _remove_found(conn, members, members.of_experiment, params, reason)


async def past_versions(conn: Connection, days: int, reason: str) -> bool:
    """Remove versions of one registered model that were deleted, or whose model was, more than `days` ago.

    Each has its event in the model's chain, whose head the model stays. Returns whether there may be more.
    """
    row = await queries.one(conn, sql.lock_model_with_past_versions, {"days": days})
    if row is None:
        return False
    locked = models.to_locked(row)
    params = {"model_id": row.model_id, "days": days, "limit": _RECORDS}
    gone = await queries.every(conn, sql.remove_versions, params)
    async with models.several_events(conn, locked):
        for version in sorted(gone, key=lambda version: version.version):
            digest = version.manifest_digest.hex() if version.manifest_digest is not None else ""
            was = v1.ModelVersion(version=version.version, manifest_digest=digest)
            await models.append_event(
                conn,
                locked,
                kind=v1.EVENT_KIND_MODEL_VERSION_PURGED,
                request_id="",
                reason=reason,
                before=v1.ResourceState(model_version=was),
            )
    return True


async def date_deletions(conn: Connection) -> None:
    """Say when a record was deleted where an older server's deletion did not."""
    await conn.execute(sql.date_deletions)


async def clean_up(conn: Connection) -> bool:
    """Remove some of what purged runs logged; returns whether there may be more."""
    left_over = await (await conn.execute(sql.left_over, {"limit": _RECORDS})).fetchall()
    if not left_over:
        return False
    params = {"run_ids": [row.run_id for row in left_over], "limit": _ROWS}
    for statement in (sql.remove_frames, sql.remove_blocks):
        if (await conn.execute(statement, params)).rowcount == _ROWS:
            return True
    await conn.execute(sql.remove_rest, params)
    return True


def _age(locked: experiments.LockedExperiment) -> timedelta:
    return locked.place.time - locked.experiment.delete_time.ToDatetime(tzinfo=UTC)


async def _remove_found(
    conn: Connection, members: Members, statement: LiteralString, params: dict[str, object], reason: str
) -> bool:
    found = await (await conn.execute(statement, {**params, "limit": _RECORDS}, binary=True)).fetchall()
    await _remove(conn, members, [row.id for row in found], reason)
    return len(found) == _RECORDS


async def _remove(
    conn: Connection, members: Members, ids: Sequence[str], reason: str = "", request_id: str = ""
) -> None:
    if not ids:
        return
    for row in await (await conn.execute(members.remove, {"ids": list(ids)}, binary=True)).fetchall():
        await events.append(
            conn,
            events.Place(row.revision + 1, row.now),
            kind=members.kind,
            workspace=row.workspace,
            resource=v1.Resource(type=members.resource_type, id=row.id, name=row.name),
            request_id=request_id,
            reason=reason,
            before=members.before,
        )
