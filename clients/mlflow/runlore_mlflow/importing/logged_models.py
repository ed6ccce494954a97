"""Logged models, under their own ids: MLflow's `m-` and 32 hex digits are Runlore's id without the `m-`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from google.protobuf.field_mask_pb2 import FieldMask

from runlore import v1
from runlore.errors import AlreadyExistsError, InvalidArgumentError, NotFoundError, PreconditionError
from runlore_mlflow.importing import facts, files, runs
from runlore_mlflow.importing.context import Importing
from runlore_mlflow.importing.experiments import tag_changes

if TYPE_CHECKING:
    from mlflow.entities import Experiment, LoggedModel

_POINTS = 10_000


def carry(ctx: Importing, experiment: Experiment) -> None:
    """Carry what is missing of an experiment's logged models."""
    for model in ctx.source.logged_models(experiment.experiment_id):
        ctx.report.found["logged models"] += 1
        carry_one(ctx, model)
        ctx.progress()


def ensure(ctx: Importing, model_id: str, kind: str) -> bool:
    """Have a logged model in Runlore before a run names it; False when there is none to have."""
    found = facts.MODEL_ID.fullmatch(model_id)
    if found and get(ctx, found[1]) is not None:
        return True
    model = ctx.source.logged_model(model_id) if found else None
    if model is None:
        ctx.report.lose(kind.partition(" ")[0] + " link", f"{kind}: {model_id}", "the source shows this model no more")
        return False
    return carry_one(ctx, model)


def get(ctx: Importing, model_id: str) -> v1.LoggedModel | None:
    """Return Runlore's logged model; None when there is none."""
    try:
        return ctx.client.logged_models.GetLoggedModel(v1.GetLoggedModelRequest(model_id=model_id)).logged_model
    except NotFoundError:
        return None


def carry_one(ctx: Importing, model: LoggedModel) -> bool:
    """Make a logged model in Runlore what it is at the source; False when it cannot be."""
    found = facts.MODEL_ID.fullmatch(model.model_id)
    if not found or model.experiment_id not in ctx.experiment_ids:
        ctx.report.lose(
            "logged model", model.model_id, "its id is not m- and 32 hex digits, or its experiment is not here"
        )
        return False
    wanted = expected(ctx, model)
    present = get(ctx, found[1]) or _create(ctx, found[1], model, wanted)
    if ctx.copies_files and not present.artifact_manifest_digest:
        _files(ctx, model, present)
    _entries(ctx, wanted, present)
    _points(ctx, model, present)
    if facts.of_our_logged_model(present)["status"] != wanted["status"]:
        request = v1.UpdateLoggedModelRequest(
            model_id=present.model_id,
            status=v1.LoggedModelStatus.Value(f"LOGGED_MODEL_STATUS_{wanted['status']}"),
            status_message=(model.status_message or "")[:8_192],
            update_mask=FieldMask(paths=["status", "status_message"]),
        )
        ctx.client.logged_models.UpdateLoggedModel(request)
    return True


def expected(ctx: Importing, model: LoggedModel) -> facts.Facts:
    """Return the facts that Runlore can have of a logged model, whose source run is in Runlore then."""
    lose = ctx.lose("logged model", model.model_id)
    wanted = facts.of_logged_model(model, lose)
    if wanted["source run"] and not runs.ensure(ctx, wanted["source run"]):
        lose("source run", "the source has this run no more")
        wanted["source run"] = ""
    return wanted


def _create(ctx: Importing, model_id: str, model: LoggedModel, wanted: facts.Facts) -> v1.LoggedModel:
    ctx.reopen(ctx.experiments[model.experiment_id])
    request = v1.CreateLoggedModelRequest(
        experiment_id=ctx.experiment_ids[model.experiment_id],
        model_id=model_id,
        source_run_id=wanted["source run"],
        name=wanted["name"],
        model_type=wanted["type"],
        params=wanted["params"],
        tags=wanted["tags"],
        create_time=facts.timestamp(wanted["creation time"]),
    )
    if not ctx.copies_files:
        request.artifact_location = model.artifact_location[:2_048]
    try:
        created = ctx.client.logged_models.CreateLoggedModel(request).logged_model
    except AlreadyExistsError:
        created = ctx.client.logged_models.GetLoggedModel(v1.GetLoggedModelRequest(model_id=model_id)).logged_model
    ctx.wrote("logged models")
    return created


def _files(ctx: Importing, model: LoggedModel, present: v1.LoggedModel) -> None:
    try:
        wanted = files.listed(ctx, model.artifact_location)
        if not wanted:
            return
        digest = files.manifest(ctx, model.artifact_location, wanted)
    except files.UnreadableFilesError as problem:
        ctx.report.lose("files of logged model", model.model_id, str(problem))
        return
    except (InvalidArgumentError, PreconditionError) as refused:
        ctx.report.lose("files of logged model", model.model_id, f"Runlore refused them: {refused.message}")
        return
    request = v1.UpdateLoggedModelRequest(
        model_id=present.model_id, manifest_digest=digest, update_mask=FieldMask(paths=["manifest_digest"])
    )
    ctx.client.logged_models.UpdateLoggedModel(request)


def _entries(ctx: Importing, wanted: facts.Facts, present: v1.LoggedModel) -> None:
    params = {key: value for key, value in wanted["params"].items() if key not in present.params}
    if params:
        request = v1.LogLoggedModelParamsRequest(model_id=present.model_id, params=params)
        ctx.client.logged_models.LogLoggedModelParams(request)
    changed, gone = tag_changes(wanted["tags"], present.tags)
    if changed or gone:
        ctx.client.logged_models.SetLoggedModelTags(
            v1.SetLoggedModelTagsRequest(model_id=present.model_id, tags=changed, delete_keys=gone)
        )
    ctx.wrote("params", len(params))
    ctx.wrote("tags", len(changed) + len(gone))


def points_of(ctx: Importing, model: LoggedModel) -> Iterator[v1.LoggedModelMetric]:
    """Yield the source's points of a logged model as Runlore can have them."""
    for metric in model.metrics or ():
        run_id = metric.run_id or ""
        name = f"{model.model_id} {metric.key!r}"
        if run_id and not runs.ensure(ctx, run_id):
            ctx.report.lose("run of logged model's metric", name, "the source has this run no more")
            run_id = ""
        if why := facts.unfit_key(metric.key):
            ctx.report.lose("metric of logged model", name, why)
            continue
        value = float("nan") if metric.value != metric.value else metric.value
        yield v1.LoggedModelMetric(
            key=metric.key,
            value=value,
            step=metric.step,
            time_unix_us=metric.timestamp * 1_000,
            dataset_name=metric.dataset_name or "",
            dataset_digest=(metric.dataset_digest or "") if metric.dataset_name else "",
            run_id=run_id,
        )


def stored_points(ctx: Importing, model_id: str) -> Iterator[v1.LoggedModelMetric]:
    """Yield Runlore's points of a logged model."""
    request = v1.ListLoggedModelMetricsRequest(model_id=model_id, page_size=1_000)
    while True:
        page = ctx.client.logged_models.ListLoggedModelMetrics(request)
        yield from page.metrics
        if not page.next_page_token:
            return
        request.page_token = page.next_page_token


def point_key(point: v1.LoggedModelMetric) -> bytes:
    """Return what equal points have in common."""
    return point.SerializeToString(deterministic=True)


def _points(ctx: Importing, model: LoggedModel, present: v1.LoggedModel) -> None:
    """A point that is there is that point, so all may be sent; those that are known to be there are not."""
    wanted = list(points_of(ctx, model))
    if not wanted:
        return
    has = {point_key(point) for point in stored_points(ctx, present.model_id)}
    new = [point for point in wanted if point_key(point) not in has]
    for start in range(0, len(new), _POINTS):
        request = v1.LogLoggedModelMetricsRequest(model_id=present.model_id, metrics=new[start : start + _POINTS])
        ctx.client.logged_models.LogLoggedModelMetrics(request)
    ctx.wrote("model metrics", len(new))
