"""The steps of an import, in the only order that works: what is named comes before what names it."""

from __future__ import annotations

from runlore_mlflow.importing import experiments, logged_models, registry, runs
from runlore_mlflow.importing.context import Importing


def carry(ctx: Importing) -> None:
    """Carry everything that Runlore has a place for."""
    experiments.carry(ctx)
    for experiment in ctx.experiments.values():
        runs.carry(ctx, experiment)
        logged_models.carry(ctx, experiment)
        ctx.done += 1
        if count := ctx.source.trace_count(experiment.experiment_id):
            ctx.report.lose("traces", experiment.name, "Runlore keeps no traces", count)
    registry.carry(ctx)
    # At last, because what is deleted takes nothing new.
    for experiment in ctx.experiments.values():
        runs.delete(ctx, experiment)
        experiments.delete(ctx, experiment)
    ctx.done += 1
