"""Experiments. One of the same name is the same: Runlore's ids are its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runlore import v1
from runlore.errors import AlreadyExistsError, NotFoundError
from runlore_mlflow.importing import facts
from runlore_mlflow.importing.context import Importing

if TYPE_CHECKING:
    from mlflow.entities import Experiment


def carry(ctx: Importing) -> None:
    """Carry every experiment, as active. They stay in memory: all else names them."""
    for experiment in ctx.source.experiments():
        ctx.report.found["experiments"] += 1
        why = facts.unfit_name(experiment.name)
        if why:
            ctx.report.lose("experiment, with all in it", experiment.name, f"it cannot have this name: {why}")
            continue
        _carry(ctx, experiment)


def _carry(ctx: Importing, experiment: Experiment) -> None:
    tracking = ctx.client.tracking
    wanted = facts.of_experiment(experiment, ctx.lose("experiment", experiment.name))
    present = find(ctx, experiment.name)
    if present is None:
        request = v1.CreateExperimentRequest(
            name=experiment.name, description=_note(wanted), artifact_location=_location(ctx, experiment)
        )
        try:
            present = tracking.CreateExperiment(request).experiment
            ctx.wrote("experiments")
        except AlreadyExistsError:
            # Somebody else was quicker, such as another import.
            present = find(ctx, experiment.name)
            assert present is not None
    ctx.experiment_ids[experiment.experiment_id] = present.experiment_id
    ctx.experiments[experiment.experiment_id] = experiment
    if present.lifecycle_state == v1.LIFECYCLE_STATE_DELETED:
        ctx.closed.add(present.experiment_id)
        if wanted["lifecycle"] == "active":
            ctx.reopen(experiment)
            ctx.wrote("restorations")
    changed, gone = tag_changes(wanted["tags"], present.tags)
    if changed or gone:
        ctx.reopen(experiment)
        tracking.SetExperimentTags(
            v1.SetExperimentTagsRequest(experiment_id=present.experiment_id, tags=changed, delete_keys=gone)
        )
        ctx.wrote("tags", len(changed) + len(gone))


def find(ctx: Importing, name: str) -> v1.Experiment | None:
    """Return Runlore's experiment of a name."""
    try:
        return ctx.client.tracking.GetExperiment(v1.GetExperimentRequest(name=name)).experiment
    except NotFoundError:
        return None


def tag_changes(wanted: dict[str, str], present: object) -> tuple[dict[str, str], list[str]]:
    """Return the tags to set and the keys to delete, so that a record has the source's tags."""
    has = dict(present)  # type: ignore[call-overload]
    return {key: value for key, value in wanted.items() if has.get(key) != value}, sorted(has.keys() - wanted.keys())


def _note(wanted: facts.Facts) -> str:
    return str(wanted["tags"].get(facts.NOTE_TAG, ""))


def _location(ctx: Importing, experiment: Experiment) -> str:
    return "" if ctx.copies_files else experiment.artifact_location[:2_048]


def delete(ctx: Importing, experiment: Experiment) -> None:
    """Delete the experiment if it is deleted at the source."""
    wanted = facts.of_experiment(experiment, ctx.lose("experiment", experiment.name))
    experiment_id = ctx.experiment_ids[experiment.experiment_id]
    if wanted["lifecycle"] == "deleted" and experiment_id not in ctx.closed:
        ctx.client.tracking.DeleteExperiment(v1.DeleteExperimentRequest(experiment_id=experiment_id))
        ctx.closed.add(experiment_id)
        ctx.wrote("deletions")
