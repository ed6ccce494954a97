"""`runlore runs`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from runlore.cli import experiments, output, run_trees
from runlore.cli.session import (
    Session,
    echo_lines,
    json_option,
    lifecycle_option,
    lifecycle_view,
    pass_session,
    purge_option,
)

if TYPE_CHECKING:
    from runlore import v1


@click.group(invoke_without_command=True)
@click.pass_context
def runs(context: click.Context) -> None:
    """List (the default), show, compare and delete runs."""
    if context.invoked_subcommand is None:
        context.invoke(list_runs)


@runs.command("list")
@click.option("--experiment", "names", multiple=True, metavar="NAME", help="May be repeated. [default: all of them]")
@click.option("--filter", "filter_", default="", metavar="QUERY", help="Such as: metrics.val_auc > 0.9")
@click.option("--order-by", default="", metavar="FIELDS", help="Such as: metrics.val_auc desc  [default: latest first]")
@click.option("--limit", default=100, show_default=True, type=click.IntRange(min=1), help="Most runs to list.")
@lifecycle_option
@json_option
@pass_session
def list_runs(
    session: Session,
    names: tuple[str, ...],
    filter_: str,
    order_by: str,
    limit: int,
    lifecycle: str,
    as_json: bool,
) -> None:
    """List the runs that match a query.

    The table shows the fields that the query names, or else the most common metrics.
    """
    from runlore import v1
    from runlore._sync.paging import collect
    from runlore.cli import tracking_view

    request = v1.SearchRunsRequest(
        experiment_names=names,
        filter=filter_,
        order_by=order_by,
        lifecycle_view=lifecycle_view(lifecycle),
    )
    with session.connect() as client:
        listed = collect(client.tracking.SearchRuns, request, "runs", limit)
    if as_json:
        output.echo_json([output.record(run) for run in listed])
    else:
        echo_lines(tracking_view.runs(listed, tracking_view.columns((filter_, order_by), listed)))


@runs.command("show")
@click.argument("run_id")
@json_option
@pass_session
def show_run(session: Session, run_id: str, as_json: bool) -> None:
    """Show a run: params, tags, metrics with their curves, what it read and made, artifacts."""
    from runlore import v1
    from runlore._sync.paging import collect
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
            request = v1.ListArtifactsRequest(run_id=run_id)
            entries = collect(client.artifacts.ListArtifacts, request, "entries")
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


@runs.command("delete")
@click.argument("run_id")
@json_option
@pass_session
def delete_run(session: Session, run_id: str, as_json: bool) -> None:
    """Delete a run: searches leave it out and it takes nothing new, until it is restored."""
    with session.connect() as client:
        deleted = client.delete_run(run_id)
    _echo_changed("deleted", deleted, as_json)


@runs.command("restore")
@click.argument("run_id")
@json_option
@pass_session
def restore_run(session: Session, run_id: str, as_json: bool) -> None:
    """Restore a deleted run."""
    with session.connect() as client:
        restored = client.restore_run(run_id)
    _echo_changed("restored", restored, as_json)


@runs.command("purge")
@click.argument("run_ids", nargs=-1, required=True, metavar="RUN_ID...")
@purge_option
@json_option
@pass_session
def purge_runs(session: Session, run_ids: tuple[str, ...], as_json: bool) -> None:
    """Remove deleted runs for good, with their points. Their events stay, and versions registered from them."""
    with session.connect() as client:
        for run_id in run_ids:
            client.purge_run(run_id)
            if not as_json:
                output.echo(f"purged run {run_id}")
    if as_json:
        output.echo_json({"purged": list(run_ids)})


def _echo_changed(what: str, run: v1.Run, as_json: bool) -> None:
    if as_json:
        output.echo_json(output.record(run))
    else:
        output.echo(f"{what} run {run.run_id} ({output.clean(run.name)})")


for command in run_trees.COMMANDS:
    runs.add_command(command)

COMMANDS = (experiments.experiments, runs)
