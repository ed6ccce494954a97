"""What a run read and made, logged with its event. The run is locked, so that places and caps hold."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import replace

from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message

from runlore import v1
from runlore_server import errors, limits
from runlore_server.db import Connection
from runlore_server.store import canonical_json, datasets, events, runs


async def log_inputs(
    conn: Connection, locked: runs.LockedRun, inputs: Sequence[v1.DatasetInput], model_ids: Sequence[str]
) -> None:
    """Record inputs that are new, and tags that differ, with one event; nothing when there are none of either.

    The models must exist. Raises BATCH_TOO_LARGE.
    """
    run = locked.run
    await datasets.fill_models(conn, [run])
    wanted = [(datasets.identity(run.workspace, i.dataset), i) for i in inputs]
    new, changed = _difference(await datasets.stored_inputs(conn, run.run_id), wanted)
    models = _new_models(model_ids, [i.model_id for i in run.model_inputs])
    if not new and not changed and not models:
        return
    if new:
        await datasets.add(conn, run.workspace, ((dataset_id, i.dataset) for dataset_id, i in wanted))
        await datasets.put_inputs(conn, run.run_id, run.experiment_id, new, new=True)
    await datasets.put_inputs(conn, run.run_id, run.experiment_id, changed, new=False)
    first = len(run.model_inputs)
    _check("models", "max_inputs_per_run", limits.MAX_INPUTS_PER_RUN, first + len(models))
    await datasets.add_models(conn, run.run_id, ((m, False, 0, first + n) for n, m in enumerate(models)))
    logged = [i.input for i in new + changed]
    after = v1.Run(dataset_inputs=logged, model_inputs=[v1.LoggedModelInput(model_id=m) for m in models])
    await _append(conn, locked, v1.EVENT_KIND_RUN_INPUTS_LOGGED, after)


async def log_outputs(conn: Connection, locked: runs.LockedRun, outputs: Sequence[v1.LoggedModelOutput]) -> None:
    """Record outputs that are new, with one event; nothing when there are none. The models must exist.

    Raises BATCH_TOO_LARGE.
    """
    run = locked.run
    await datasets.fill_models(conn, [run])
    there = [(o.model_id, o.step) for o in run.model_outputs]
    new = [o for o in dict.fromkeys((o.model_id, o.step) for o in outputs) if o not in set(there)]
    if not new:
        return
    _check("models", "max_outputs_per_run", limits.MAX_OUTPUTS_PER_RUN, len(there) + len(new))
    await datasets.add_models(conn, run.run_id, ((m, True, step, len(there) + n) for n, (m, step) in enumerate(new)))
    after = v1.Run(model_outputs=[v1.LoggedModelOutput(model_id=m, step=step) for m, step in new])
    await _append(conn, locked, v1.EVENT_KIND_RUN_OUTPUTS_LOGGED, after)


def _difference(
    stored: Sequence[datasets.StoredInput], wanted: Sequence[tuple[bytes, v1.DatasetInput]]
) -> tuple[list[datasets.StoredInput], list[datasets.StoredInput]]:
    """What is new of the inputs wanted, and what of those stored takes other tags."""
    there = {(i.dataset_id, i.input.context): i for i in stored}
    put: dict[tuple[bytes, str], datasets.StoredInput] = {}
    for dataset_id, given in wanted:
        key = (dataset_id, given.context)
        known = put.get(key) or there.get(key)
        if known is None:
            bare = v1.DatasetInput(dataset=datasets.without_bulk(given.dataset), context=given.context, tags=given.tags)
            place = len(stored) + sum(k not in there for k in put)
            put[key] = datasets.StoredInput(dataset_id, place, datasets.size_of(given.dataset), bare)
        elif _adds(given.tags, known.input.tags):
            merged = copy.deepcopy(known.input)
            merged.tags.update(given.tags)
            put[key] = replace(known, input=merged)
    new = [i for key, i in put.items() if key not in there]
    _check("datasets", "max_inputs_per_run", limits.MAX_INPUTS_PER_RUN, len(stored) + len(new))
    # Every input carries its dataset, so that one read in two contexts counts twice.
    total = sum(i.size + _tag_bytes(i) for i in (there | put).values())
    _check("datasets", "max_input_bytes_per_run", limits.MAX_INPUT_BYTES_PER_RUN, total)
    return new, [i for key, i in put.items() if key in there]


def _tag_bytes(stored: datasets.StoredInput) -> int:
    return sum(len(key.encode()) + len(value.encode()) for key, value in stored.input.tags.items())


def _adds(given: Mapping[str, str], there: Mapping[str, str]) -> bool:
    return any(key not in there or there[key] != value for key, value in given.items())


def _new_models(given: Sequence[str], there: Sequence[str]) -> list[str]:
    return [model_id for model_id in dict.fromkeys(given) if model_id not in set(there)]


def _check(field: str, limit: str, maximum: int, actual: int) -> None:
    if actual > maximum:
        raise errors.batch_too_large(field, limit, maximum, actual)


async def _append(conn: Connection, locked: runs.LockedRun, kind: v1.EventKind.ValueType, after: v1.Run) -> None:
    """Move the run to its next revision and write the event, what it holds cut to what an event spells out."""
    run, place = locked.run, locked.place
    params = {"run_id": run.run_id, "revision": place.revision, "now": place.time}
    await conn.execute(datasets.sql.advance_run, params)
    listed = [(field.name, item) for field, items in after.ListFields() for item in items]
    (kept,), omitted = events.cap_entries({f"{n:05d}": _canonical(item) for n, (_, item) in enumerate(listed)})
    cut = v1.Run()
    for n, (name, item) in enumerate(listed):
        if f"{n:05d}" in kept:
            getattr(cut, name).append(item)
    await events.append(
        conn,
        place,
        kind=kind,
        workspace=run.workspace,
        resource=runs.resource(run),
        after=v1.ResourceState(run=cut),
        omitted=omitted,
    )


def _canonical(message: Message) -> str:
    return canonical_json.dumps(MessageToDict(message, preserving_proto_field_name=True)).decode()
