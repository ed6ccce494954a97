"""Evaluations: what was measured of a version after its registration. They are only ever added."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from runlore import v1
from runlore_server import calls, errors
from runlore_server.db import Connection
from runlore_server.store import models, queries

sql = queries.load("evaluations")

#: The evaluation recorded last, by version, metric and the digest of the data wanted (empty: on any).
Latest = Mapping[tuple[int, str, str], v1.Evaluation]


async def record(
    conn: Connection,
    locked: models.LockedModel,
    version: int,
    metrics: Mapping[str, float],
    *,
    dataset_digest: str,
    dataset_name: str,
    run_id: str,
    evaluation_time: datetime | None,
    reason: str,
    request_id: str,
) -> list[v1.Evaluation]:
    """Add measurements of a version with their event, in the order of the keys; `evaluation_time` None means now.

    Raises MODEL_VERSION_NOT_FOUND.
    """
    model, place = locked.model, locked.place
    await find_version(conn, model.workspace, model.name, version)
    keys, by = sorted(metrics), calls.current().actor
    measured = evaluation_time or place.time
    await conn.execute(
        sql.insert,
        {
            "model_id": model.model_id,
            "version": version,
            "revision": place.revision,
            "keys": keys,
            "values": [metrics[key] for key in keys],
            "dataset_digest": dataset_digest,
            "dataset_name": dataset_name,
            "run_id": run_id or None,
            "evaluation_time": measured,
            "record_time": place.time,
            "recorded_by": by.SerializeToString(),
        },
    )
    recorded = [
        v1.Evaluation(
            model_name=model.name,
            version=version,
            key=key,
            value=metrics[key],
            dataset_digest=dataset_digest,
            dataset_name=dataset_name,
            run_id=run_id,
            recorded_by=by,
        )
        for key in keys
    ]
    for evaluation in recorded:
        evaluation.evaluation_time.FromDatetime(measured)
        evaluation.record_time.FromDatetime(place.time)
    await models.append_event(
        conn,
        locked,
        kind=v1.EVENT_KIND_EVALUATION_RECORDED,
        request_id=request_id,
        reason=reason,
        after=v1.ResourceState(evaluations=v1.Evaluations(evaluations=recorded)),
    )
    return recorded


async def find_version(conn: Connection, workspace: str, model_name: str, version: int) -> str:
    """Return the id of a model that has the version; raises MODEL_NOT_FOUND, MODEL_VERSION_NOT_FOUND."""
    params = {"workspace": workspace, "name": model_name, "version": version}
    row = await queries.one(conn, sql.find_version, params)
    if row is None:
        raise errors.model_not_found(workspace, model_name)
    if row.version is None:
        raise errors.model_version_not_found(model_name, version)
    return str(row.model_id)


async def page(
    conn: Connection, model_id: str, model_name: str, version: int, key: str, after: tuple[int, str] | None, limit: int
) -> list[tuple[int, v1.Evaluation]]:
    """Return up to `limit` evaluations with their revisions, recorded last first, those of a revision by key.

    `key`: only this metric's; empty for all. `after`: the revision and key that the page follows; None from the first.
    """
    before, after_key = after or (None, None)
    params = {
        "model_id": model_id,
        "version": version,
        "key": key,
        "before": before,
        "after_key": after_key,
        "limit": limit,
    }
    rows = await queries.every(conn, sql.page_of_key if key else sql.page, params)
    return [(row.revision, _evaluation(row, model_name)) for row in rows]


async def latest(
    conn: Connection, model: v1.RegisteredModel, versions: Collection[int], wanted: Collection[tuple[str, str]]
) -> Latest:
    """Return the evaluations recorded last of versions, for each wanted metric and data (an empty digest: any)."""
    if not wanted:
        return {}
    params = {
        "model_id": model.model_id,
        "versions": list(versions),
        "keys": [key for key, _ in wanted],
        "digests": [digest for _, digest in wanted],
    }
    rows = await queries.every(conn, sql.latest, params)
    return {(row.version, row.key, row.wanted_digest): _evaluation(row, model.name) for row in rows}


def _evaluation(row: Any, model_name: str) -> v1.Evaluation:
    evaluation = v1.Evaluation(
        model_name=model_name,
        version=row.version,
        key=row.key,
        value=row.value,
        dataset_digest=row.dataset_digest,
        dataset_name=row.dataset_name,
        run_id=row.run_id or "",
        recorded_by=v1.Actor.FromString(row.recorded_by),
    )
    evaluation.evaluation_time.FromDatetime(row.evaluation_time)
    evaluation.record_time.FromDatetime(row.record_time)
    return evaluation
