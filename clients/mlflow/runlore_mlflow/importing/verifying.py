"""Both sides compared, record by record, whatever the import believes to have written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runlore_mlflow.importing import experiments, facts, files, logged_models, points, registry, runs, versions
from runlore_mlflow.importing.context import Importing

if TYPE_CHECKING:
    from mlflow.entities import Experiment, LoggedModel, Run
    from mlflow.entities.model_registry import RegisteredModel


def compare(ctx: Importing) -> None:
    """Compare everything; what differs goes into the report."""
    ctx.comparing, ctx.done = True, 0
    for experiment in ctx.experiments.values():
        _experiment(ctx, experiment)
        for page in ctx.source.runs(experiment.experiment_id):
            for run in page:
                if facts.RUN_ID.fullmatch(run.info.run_id):
                    _run(ctx, experiment, run.info.run_id)
                    ctx.progress()
        for model in ctx.source.logged_models(experiment.experiment_id):
            if facts.MODEL_ID.fullmatch(model.model_id):
                _differ(ctx, f"logged model {model.model_id}", logged_model_differences(ctx, model))
                ctx.report.compared["logged models"] += 1
                ctx.progress()
        ctx.done += 1
    for registered in ctx.source.registered_models():
        _registered_model(ctx, registered)
        ctx.progress()


def _experiment(ctx: Importing, experiment: Experiment) -> None:
    found = experiments.find(ctx, experiment.name)
    wanted = facts.of_experiment(experiment, ctx.lose("experiment", experiment.name))
    lines = facts.differences(wanted, facts.of_our_experiment(found)) if found else ["is missing in Runlore"]
    _differ(ctx, f"experiment '{experiment.name}'", lines)
    ctx.report.compared["experiments"] += 1


def _run(ctx: Importing, experiment: Experiment, run_id: str) -> None:
    run = ctx.source.run(run_id)
    if run is None:
        return
    report = ctx.report
    counts = report.found.copy(), report.compared.copy()
    lines = _run_differences(ctx, experiment, run)
    if lines:
        # Pages of runs do not tell all: what was added to a run that had ended is seen only now.
        runs.carry_one(ctx, experiment, run_id)
        if run.info.lifecycle_stage == "deleted":
            runs.delete_one(ctx, experiment, run_id)
        experiments.delete(ctx, experiment)
        report.found, report.compared = counts
        lines = _run_differences(ctx, experiment, run)
    _differ(ctx, f"run {run_id}", lines)
    ctx.report.compared["runs"] += 1


def _run_differences(ctx: Importing, experiment: Experiment, run: Run) -> list[str]:
    run_id = run.info.run_id
    found = ctx.run(run_id)
    if found is None:
        return ["is missing in Runlore"]
    wanted = facts.of_run(run, experiment, runs.parent_of(ctx, run), ctx.lose("run", run_id))
    wanted["name"] = wanted["name"] or found.name
    for links in ("models read", "models made"):
        # Models that the source does not show any more.
        gone = [m for m in wanted[links] if m not in facts.of_our_run(found)[links] and not ctx.source.logged_model(m)]
        for model_id in gone:
            del wanted[links][model_id]
    lines = facts.differences(wanted, facts.of_our_run(found))
    lines += points.compare(ctx, run_id, run.data.metrics)
    if ctx.copies_files:
        lines += files.compare(ctx, run.info.artifact_uri, found.artifact_manifest_digest)
    return lines


def logged_model_differences(ctx: Importing, model: LoggedModel) -> list[str]:
    """Return in what a logged model differs."""
    found = logged_models.get(ctx, model.model_id[2:])
    if found is None:
        return ["is missing in Runlore"]
    wanted = logged_models.expected(ctx, model)
    wanted["name"] = wanted["name"] or found.name
    lines = facts.differences(wanted, facts.of_our_logged_model(found))
    theirs = {logged_models.point_key(point) for point in logged_models.points_of(ctx, model)}
    ours = {logged_models.point_key(point) for point in logged_models.stored_points(ctx, found.model_id)}
    if theirs != ours:
        lines.append(f"metrics: {len(theirs - ours):,} points missing in Runlore, {len(ours - theirs):,} there only")
    if ctx.copies_files:
        lines += files.compare(ctx, model.artifact_location, found.artifact_manifest_digest)
    return lines


def _registered_model(ctx: Importing, model: RegisteredModel) -> None:
    found = registry.get(ctx, model.name)
    ctx.report.compared["registered models"] += 1
    if found is None:
        if not ctx.report.has_lost("registered model, with its versions", model.name):
            _differ(ctx, f"registered model '{model.name}'", ["is missing in Runlore"])
        return
    wanted = facts.of_registered_model(model, ctx.lose("registered model", model.name))
    ours = versions.stored(ctx, model.name)
    lines = facts.differences(wanted, facts.of_our_registered_model(found))
    for version in ctx.source.versions(model):
        number = int(version.version)
        ctx.report.compared["versions"] += 1
        mine = ours.pop(number, None)
        if mine is None:
            lines.append(f"version {number} is missing in Runlore")
            continue
        told = facts.of_version(version, ctx.lose("version", f"{model.name}/{number}"))
        lines += [f"version {number}: {line}" for line in versions.compare(ctx, version, mine, told)]
    lines += [f"version {number} is in Runlore only" for number in ours]
    _differ(ctx, f"registered model '{model.name}'", lines)


def _differ(ctx: Importing, what: str, lines: list[str]) -> None:
    for line in lines:
        ctx.report.differ(f"{what}: {line}")
