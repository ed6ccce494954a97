"""Datasets, and what runs read and made, as it is stored. Logging it, with the event, is in `inputs.py`."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg.types.json import Jsonb

from runlore import v1
from runlore_server.db import Connection
from runlore_server.store import queries

sql = queries.load("datasets")

_TEXTS = ("name", "digest", "source_type", "source", "schema", "profile")


@dataclass(frozen=True)
class StoredInput:
    """A dataset input of a run, without schema and profile, and where it stands."""

    dataset_id: bytes
    place: int
    #: Bytes of the dataset's texts, schema and profile included.
    size: int
    input: v1.DatasetInput


def identity(workspace: str, dataset: v1.Dataset) -> bytes:
    """Return the id of a dataset's record: the sha256 of the workspace and of all of its fields."""
    digest = hashlib.sha256()
    for text in (workspace, *(getattr(dataset, name) for name in _TEXTS)):
        encoded = text.encode()
        # The length goes before each text, so that no two records are one text put together.
        digest.update(len(encoded).to_bytes(8, "big") + encoded)
    return digest.digest()


def size_of(dataset: v1.Dataset) -> int:
    """Return the bytes of a dataset's texts."""
    return sum(len(getattr(dataset, name).encode()) for name in _TEXTS)


def without_bulk(dataset: v1.Dataset) -> v1.Dataset:
    """Return a dataset without what may be large: schema and profile."""
    return v1.Dataset(name=dataset.name, digest=dataset.digest, source_type=dataset.source_type, source=dataset.source)


async def add(conn: Connection, workspace: str, found: Iterable[tuple[bytes, v1.Dataset]]) -> None:
    """Store the records, by their ids, that are not there yet."""
    rows = {
        dataset_id: {
            "dataset_id": dataset_id,
            "workspace": workspace,
            "size": size_of(dataset),
            **{name: getattr(dataset, name) for name in _TEXTS},
        }
        for dataset_id, dataset in found
    }
    async with conn.cursor() as cursor:
        # In one order, so that two callers that add the same records wait for each other and never in a circle.
        await cursor.executemany(sql.add, [rows[dataset_id] for dataset_id in sorted(rows)])


async def put_inputs(
    conn: Connection, run_id: str, experiment_id: str, inputs: Sequence[StoredInput], *, new: bool
) -> None:
    """Store inputs of a run; `new` ones count as uses of their datasets too."""
    async with conn.cursor() as cursor:
        await cursor.executemany(
            sql.put_input,
            [
                {
                    "run_id": run_id,
                    "dataset_id": i.dataset_id,
                    "context": i.input.context,
                    "place": i.place,
                    "tags": Jsonb(dict(i.input.tags)),
                }
                for i in inputs
            ],
        )
        if new:
            uses = sorted({(i.dataset_id, i.input.context) for i in inputs})
            await cursor.executemany(
                sql.add_use,
                [{"dataset_id": d, "experiment_id": experiment_id, "context": context} for d, context in uses],
            )


async def stored_inputs(conn: Connection, run_id: str) -> list[StoredInput]:
    """Return a run's dataset inputs in their order."""
    rows = await (await conn.execute(sql.inputs, {"run_ids": [run_id]}, binary=True)).fetchall()
    return [StoredInput(bytes(row.dataset_id), row.place, row.size, _input(row)) for row in rows]


async def add_models(conn: Connection, run_id: str, rows: Iterable[tuple[str, bool, int, int]]) -> None:
    """Store (model id, is output, step, place) of models that a run read or made."""
    names = ("model_id", "is_output", "step", "place")
    async with conn.cursor() as cursor:
        await cursor.executemany(
            sql.add_model, [{"run_id": run_id, **dict(zip(names, row, strict=True))} for row in rows]
        )


async def fill(conn: Connection, runs: Sequence[v1.Run], *, bulk: bool = False) -> None:
    """Put into runs what they read and made; `bulk`: with the datasets' schemas and profiles."""
    by_id = {run.run_id: run for run in runs}
    statement = sql.full_inputs if bulk else sql.inputs
    for row in await (await conn.execute(statement, {"run_ids": list(by_id)}, binary=True)).fetchall():
        found = by_id[row.run_id].dataset_inputs.add()
        found.CopyFrom(_input(row))
        if bulk:
            found.dataset.schema, found.dataset.profile = row.schema, row.profile
    await fill_models(conn, runs)


async def fill_models(conn: Connection, runs: Sequence[v1.Run]) -> None:
    """Put into runs the models that they read and made."""
    by_id = {run.run_id: run for run in runs}
    for row in await (await conn.execute(sql.models, {"run_ids": list(by_id)}, binary=True)).fetchall():
        if row.is_output:
            by_id[row.run_id].model_outputs.add(model_id=row.model_id, step=row.step)
        else:
            by_id[row.run_id].model_inputs.add(model_id=row.model_id)


async def page(
    conn: Connection,
    workspace: str,
    experiment_ids: Sequence[str] | None,
    name: str,
    digest: str,
    after: tuple[str, str] | None,
    limit: int,
) -> list[tuple[v1.DatasetSummary, tuple[str, str]]]:
    """Return up to `limit` datasets with (name, id) of each, those after an earlier one's only; None: of all."""
    params = {
        "workspace": workspace,
        "experiment_ids": list(experiment_ids) if experiment_ids is not None else None,
        "name": name,
        "digest": digest,
        "after_name": after[0] if after else None,
        "after_id": bytes.fromhex(after[1]) if after else None,
        "limit": limit,
    }
    rows = await (await conn.execute(sql.page, params, binary=True, prepare=False)).fetchall()
    return [
        (v1.DatasetSummary(dataset=_dataset(row), contexts=row.contexts or ()), (row.name, bytes(row.dataset_id).hex()))
        for row in rows
    ]


def _input(row: Any) -> v1.DatasetInput:
    return v1.DatasetInput(dataset=_dataset(row), context=row.context, tags=row.tags)


def _dataset(row: Any) -> v1.Dataset:
    return v1.Dataset(name=row.name, digest=row.digest, source_type=row.source_type, source=row.source)
