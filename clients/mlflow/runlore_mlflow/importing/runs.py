"""Runs: each made, filled, and ended as the last step, so that a run that is ended as at the source is whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
from google.protobuf.field_mask_pb2 import FieldMask

from runlore import v1
from runlore.errors import AlreadyExistsError, InvalidArgumentError, PreconditionError
from runlore_mlflow.importing import facts, files, logged_models, points
from runlore_mlflow.importing.context import Importing
from runlore_mlflow.importing.experiments import tag_changes

if TYPE_CHECKING:
    from mlflow.entities import Experiment, Run

#: What pages of runs do not tell of both sides, and the lifecycle, which is seen to apart.
_UNTOLD = ("models read", "datasets", "lifecycle")


def carry(ctx: Importing, experiment: Experiment) -> None:
    """Carry what is missing of an experiment's runs."""
    for page in ctx.source.runs(experiment.experiment_id):
        ctx.report.found["runs"] += len(page)
        present = ctx.runs([run.info.run_id for run in page])
        for run in page:
            _carry_unless_whole(ctx, experiment, run, present.get(run.info.run_id))
            ctx.progress()


def _carry_unless_whole(ctx: Importing, experiment: Experiment, run: Run, present: v1.Run | None) -> None:
    """Carry a run of a page unless it is whole already, as far as pages tell; comparing finds what they do not."""
    run_id = run.info.run_id
    if not facts.RUN_ID.fullmatch(run_id):
        ctx.report.lose("run", run_id, "run ids are 32 lower-case hex digits in Runlore")
        return
    wanted = facts.of_run(run, experiment, parent_of(ctx, run), ctx.lose("run", run_id))
    if present is None or not _is_whole(run, wanted, present):
        carry_one(ctx, experiment, run_id)
        return
    ctx.knows(run_id)
    if wanted["lifecycle"] == "active" and present.lifecycle_state == v1.LIFECYCLE_STATE_DELETED:
        ctx.reopen(experiment)
        ctx.client.tracking.RestoreRun(v1.RestoreRunRequest(run_id=run_id))
        ctx.wrote("restorations")


def carry_one(ctx: Importing, experiment: Experiment, run_id: str) -> None:
    """Make a run in Runlore what it is at the source."""
    run = ctx.source.run(run_id)
    if run is None:
        # It was deleted for good since it was listed.
        return
    ctx.reopen(experiment)
    wanted = facts.of_run(run, experiment, parent_of(ctx, run), ctx.lose("run", run_id))
    present = ctx.run(run_id)
    if present is None:
        present = _create(ctx, run, wanted)
    elif present.lifecycle_state == v1.LIFECYCLE_STATE_DELETED:
        present = ctx.client.tracking.RestoreRun(v1.RestoreRunRequest(run_id=run_id)).run
        if wanted["lifecycle"] == "active":
            ctx.wrote("restorations")
    ctx.knows(run_id)
    _entries(ctx, wanted, present)
    points.carry(ctx, run_id, run.data.metrics, present)
    if ctx.copies_files:
        _files(ctx, run, present)
    _datasets(ctx, wanted, present)
    _models(ctx, wanted, present)
    _end(ctx, wanted, present)


def ensure(ctx: Importing, run_id: str) -> bool:
    """Have a run in Runlore, if only as a beginning, before something names it; False when there is none to have."""
    if run_id in ctx.known_runs:
        return True
    if not facts.RUN_ID.fullmatch(run_id):
        return False
    if ctx.run(run_id) is None:
        run = ctx.source.run(run_id)
        if run is None or run.info.experiment_id not in ctx.experiment_ids:
            return False
        experiment = ctx.experiments[run.info.experiment_id]
        ctx.reopen(experiment)
        _create(ctx, run, facts.of_run(run, experiment, parent_of(ctx, run), ctx.lose("run", run_id)))
    ctx.knows(run_id)
    return True


def reopen(ctx: Importing, run_id: str) -> None:
    """Restore a run of the source before something new names it; `delete` deletes it again in the end."""
    run = ctx.source.run(run_id)
    if run is not None:
        ctx.reopen(ctx.experiments[run.info.experiment_id])
    ctx.client.tracking.RestoreRun(v1.RestoreRunRequest(run_id=run_id))


def parent_of(ctx: Importing, run: Run) -> str:
    """Return the run's parent, which is in Runlore then; empty when it has none, or none that can be its parent."""
    run_id: str = run.info.run_id
    parent: str = run.data.tags.get(facts.PARENT_TAG, "")
    if not parent or run_id in ctx.orphans:
        return ""
    if parent == run_id or parent in ctx.beginning:
        _orphan(ctx, run_id, "its parent is a run below it")
        return ""
    ctx.beginning.add(run_id)
    try:
        if ensure(ctx, parent):
            return parent
    finally:
        ctx.beginning.discard(run_id)
    _orphan(ctx, run_id, "the source has its parent no more")
    return ""


def _orphan(ctx: Importing, run_id: str, why: str) -> None:
    ctx.orphans.add(run_id)
    ctx.report.lose("parent of run", run_id, f"{why}; the tag stays")


def _is_whole(run: Run, wanted: facts.Facts, present: v1.Run) -> bool:
    """Whether a run that can get nothing new is as at the source, so far as both sides tell in pages."""
    if wanted["status"] in ("RUNNING", "SCHEDULED") and wanted["lifecycle"] == "active":
        return False
    if facts.differences(wanted, facts.of_our_run(present), ignoring=_UNTOLD):
        return False
    return set(run.data.metrics) == {summary.key for summary in present.metrics}


def _create(ctx: Importing, run: Run, wanted: facts.Facts) -> v1.Run:
    info = run.info
    request = v1.CreateRunRequest(
        experiment_id=ctx.experiment_ids[info.experiment_id],
        run_id=info.run_id,
        name=wanted["name"],
        parent_run_id=wanted["parent"],
        status=v1.RUN_STATUS_SCHEDULED if wanted["status"] == "SCHEDULED" else v1.RUN_STATUS_RUNNING,
        params=wanted["params"],
        tags=wanted["tags"],
        artifact_location="" if ctx.copies_files else info.artifact_uri[:2_048],
    )
    if wanted["start time"] is not None:
        request.start_time.CopyFrom(facts.timestamp(wanted["start time"]))
    try:
        created = ctx.client.tracking.CreateRun(request).run
    except AlreadyExistsError:
        present = ctx.run(info.run_id)
        if present is None:
            raise click.ClickException(
                f"run {info.run_id} is in another workspace of this server, or was purged here: run ids are unique "
                "over all workspaces and not given again"
            ) from None
        # Another import was quicker.
        created = present
    except PreconditionError:
        reopen(ctx, request.parent_run_id)
        created = ctx.client.tracking.CreateRun(request).run
    except InvalidArgumentError as refused:
        if "parent_run_id" not in refused.fields:
            raise
        _orphan(ctx, info.run_id, refused.fields["parent_run_id"])
        request.parent_run_id = wanted["parent"] = ""
        created = ctx.client.tracking.CreateRun(request).run
    ctx.wrote("runs")
    return created


def _entries(ctx: Importing, wanted: facts.Facts, present: v1.Run) -> None:
    """Params that are new, and the tags that the source has and no others."""
    params = {key: value for key, value in wanted["params"].items() if key not in present.params}
    changed, gone = tag_changes(wanted["tags"], present.tags)
    if gone:
        ctx.client.tracking.DeleteRunTags(v1.DeleteRunTagsRequest(run_id=present.run_id, keys=gone))
    if params or changed:
        ctx.client.tracking.LogBatch(v1.LogBatchRequest(run_id=present.run_id, params=params, tags=changed))
    ctx.wrote("params", len(params))
    ctx.wrote("tags", len(changed) + len(gone))


def _files(ctx: Importing, run: Run, present: v1.Run) -> None:
    try:
        wanted = files.listed(ctx, run.info.artifact_uri)
        paths = files.missing(wanted, files.stored(ctx, present.artifact_manifest_digest)) if wanted else []
        if paths:
            files.log(ctx, present, run.info.artifact_uri, wanted, paths)
    except files.UnreadableFilesError as problem:
        ctx.report.lose("artifacts of run", run.info.run_id, str(problem))
    except (InvalidArgumentError, PreconditionError) as refused:
        ctx.report.lose("artifacts of run", run.info.run_id, f"Runlore refused them: {refused.message}")


def _datasets(ctx: Importing, wanted: facts.Facts, present: v1.Run) -> None:
    has = facts.of_our_run(present)["datasets"]
    new = [key for key, tags in wanted["datasets"].items() if key not in has or tags.items() - has[key].items()]
    # One at a time: each may hold megabytes of a profile.
    for key in new:
        given = facts.dataset_message(key, wanted["datasets"][key])
        ctx.client.tracking.LogInputs(v1.LogInputsRequest(run_id=present.run_id, datasets=[given]))
    ctx.wrote("dataset inputs", len(new))


def _models(ctx: Importing, wanted: facts.Facts, present: v1.Run) -> None:
    """Which logged models the run read and made; each is in Runlore before."""
    has = facts.of_our_run(present)
    run_id = present.run_id
    for model_id in wanted["models read"].keys() - has["models read"].keys():
        if logged_models.ensure(ctx, model_id, f"model that run {run_id} read"):
            given = v1.LoggedModelInput(model_id=model_id[2:])
            ctx.client.tracking.LogInputs(v1.LogInputsRequest(run_id=run_id, models=[given]))
            ctx.wrote("model inputs")
    for model_id, step in wanted["models made"].items():
        if model_id in has["models made"] or not logged_models.ensure(ctx, model_id, f"model that run {run_id} made"):
            continue
        made = v1.LoggedModelOutput(model_id=model_id[2:], step=step)
        ctx.client.tracking.LogOutputs(v1.LogOutputsRequest(run_id=run_id, models=[made]))
        ctx.wrote("model outputs")


def _end(ctx: Importing, wanted: facts.Facts, present: v1.Run) -> None:
    """The name, status and end, which say that all else is there."""
    has = facts.of_our_run(present)
    request = v1.UpdateRunRequest(run_id=present.run_id)
    paths = []
    if wanted["name"] and wanted["name"] != has["name"]:
        paths.append("name")
        request.name = wanted["name"]
    if (wanted["status"], wanted["end time"]) != (has["status"], has["end time"]):
        paths += ["status", "end_time"]
        request.status = v1.RunStatus.Value(f"RUN_STATUS_{wanted['status']}")
        if wanted["end time"] is not None:
            request.end_time.CopyFrom(facts.timestamp(wanted["end time"]))
    if paths:
        request.update_mask.CopyFrom(FieldMask(paths=paths))
        ctx.client.tracking.UpdateRun(request)
        ctx.wrote("ends of runs")


def delete(ctx: Importing, experiment: Experiment) -> None:
    """Delete the runs that are deleted at the source."""
    for page in ctx.source.runs(experiment.experiment_id, deleted_only=True):
        for run_id, run in ctx.runs([run.info.run_id for run in page]).items():
            if run.lifecycle_state != v1.LIFECYCLE_STATE_DELETED:
                delete_one(ctx, experiment, run_id)


def delete_one(ctx: Importing, experiment: Experiment, run_id: str) -> None:
    """Delete a run, unless its experiment takes it along, and would bring it back when it is restored."""
    if not facts.is_deleted(experiment):
        ctx.client.tracking.DeleteRun(v1.DeleteRunRequest(run_id=run_id))
        ctx.wrote("deletions")
