"""`runlore experiments` and `runlore runs`."""

from __future__ import annotations

import click

from runlore.cli import output
from runlore.cli.session import Session, echo_lines, json_option, pages, pass_session, tags_option

_PAGE = 1000


@click.group(invoke_without_command=True)
@click.pass_context
def experiments(context: click.Context) -> None:
    """List (the default), create and show experiments."""
    if context.invoked_subcommand is None:
        context.invoke(list_experiments)


@experiments.command("list")
@json_option
@pass_session
def list_experiments(session: Session, as_json: bool) -> None:
    """List the workspace's experiments, by name."""
    from runlore import v1
    from runlore.cli import tracking_view

    with session.connect() as client:
        answers = pages(client.tracking.ListExperiments, v1.ListExperimentsRequest(page_size=_PAGE))
        listed = [experiment for answer in answers for experiment in answer.experiments]
    if as_json:
        output.echo_json([output.record(experiment) for experiment in listed])
    else:
        echo_lines(tracking_view.experiments(listed))


@experiments.command("create")
@click.argument("name")
@click.option("--description", default="", metavar="TEXT")
@tags_option
@json_option
@pass_session
def create_experiment(session: Session, name: str, description: str, tags: dict[str, str], as_json: bool) -> None:
    """Create an experiment."""
    from runlore import v1
    from runlore.cli import tracking_view

    request = v1.CreateExperimentRequest(name=name, description=description, tags=tags)
    with session.connect() as client:
        created = client.tracking.CreateExperiment(request).experiment
    if as_json:
        output.echo_json(output.record(created))
    else:
        echo_lines(tracking_view.experiment(created))


@experiments.command("show")
@click.argument("name")
@json_option
@pass_session
def show_experiment(session: Session, name: str, as_json: bool) -> None:
    """Show an experiment by name."""
    from runlore import v1
    from runlore.cli import tracking_view

    with session.connect() as client:
        shown = client.tracking.GetExperiment(v1.GetExperimentRequest(name=name)).experiment
    if as_json:
        output.echo_json(output.record(shown))
    else:
        echo_lines(tracking_view.experiment(shown))


@click.group(invoke_without_command=True)
@click.pass_context
def runs(context: click.Context) -> None:
    """List (the default), show and compare runs."""
    if context.invoked_subcommand is None:
        context.invoke(list_runs)


@runs.command("list")
@click.option("--experiment", "names", multiple=True, metavar="NAME", help="May be repeated. [default: all of them]")
@click.option("--filter", "filter_", default="", metavar="QUERY", help="Such as: metrics.val_auc > 0.9")
@click.option("--order-by", default="", metavar="FIELDS", help="Such as: metrics.val_auc desc  [default: latest first]")
@click.option("--limit", default=100, show_default=True, type=click.IntRange(min=1), help="Most runs to list.")
@json_option
@pass_session
def list_runs(session: Session, names: tuple[str, ...], filter_: str, order_by: str, limit: int, as_json: bool) -> None:
    """List the runs that match a query.

    The table shows the fields that the query names, or else the most common metrics.
    """
    from runlore import v1
    from runlore.cli import tracking_view

    request = v1.SearchRunsRequest(
        experiment_names=names, filter=filter_, order_by=order_by, page_size=min(limit, _PAGE)
    )
    listed: list[v1.Run] = []
    with session.connect() as client:
        for answer in pages(client.tracking.SearchRuns, request):
            listed += answer.runs
            if len(listed) >= limit:
                break
    listed = listed[:limit]
    if as_json:
        output.echo_json([output.record(run) for run in listed])
    else:
        echo_lines(tracking_view.runs(listed, tracking_view.columns((filter_, order_by), listed)))


@runs.command("show")
@click.argument("run_id")
@json_option
@pass_session
def show_run(session: Session, run_id: str, as_json: bool) -> None:
    """Show a run: params, tags, metrics with their curves, artifacts."""
    from runlore import v1
    from runlore.cli import tracking_view

    with session.connect() as client:
        run = client.tracking.GetRun(v1.GetRunRequest(run_id=run_id)).run
        if as_json:
            output.echo_json(output.record(run))
            return
        points: dict[str, list[float]] = {}
        for message in client.tracking.GetMetricHistory(v1.GetMetricHistoryRequest(run_id=run_id)):
            points.setdefault(message.series.key, []).extend(message.series.values)
        entries: list[v1.ArtifactEntry] = []
        if run.artifact_manifest_digest:
            request = v1.ListArtifactsRequest(run_id=run_id, page_size=_PAGE)
            for answer in pages(client.artifacts.ListArtifacts, request):
                entries += answer.entries
    echo_lines(tracking_view.run(run, points, entries))


@runs.command("compare")
@click.argument("run_ids", nargs=-1, required=True, metavar="RUN_ID RUN_ID...")
@json_option
@pass_session
def compare_runs(session: Session, run_ids: tuple[str, ...], as_json: bool) -> None:
    """Show runs side by side: the params that differ, and every metric."""
    from runlore import v1
    from runlore.cli import tracking_view

    if len(set(run_ids)) < 2:
        raise click.UsageError("name at least two different runs to compare")
    with session.connect() as client:
        compared = [client.tracking.GetRun(v1.GetRunRequest(run_id=r)).run for r in dict.fromkeys(run_ids)]
    if as_json:
        output.echo_json(tracking_view.comparison_record(compared))
    else:
        echo_lines(tracking_view.comparison(compared))


COMMANDS = (experiments, runs)
