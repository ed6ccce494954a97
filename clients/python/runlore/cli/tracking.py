"""`runlore runs`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from runlore.cli import experiments, output, run_comparing, run_export, run_listing, run_tail, run_trees
from runlore.cli.run_naming import run_id_of
from runlore.cli.session import Session, echo_lines, json_option, pass_session, purge_option

if TYPE_CHECKING:
    from runlore import v1


@click.group(invoke_without_command=True)
@click.pass_context
def runs(context: click.Context) -> None:
    """List (the default), show, compare and export runs."""
    if context.invoked_subcommand is None:
        context.invoke(run_listing.list_runs)


@runs.command("show")
@click.argument("run")
@json_option
@pass_session
def show_run(session: Session, run: str, as_json: bool) -> None:
    """Show a run: params, tags, metrics with their curves, what it read and made, artifacts.

    RUN is an id, or as much of its beginning as no other run's id has.
    """
    from runlore import v1
    from runlore._sync.paging import collect
    from runlore.cli import tracking_view

    with session.connect() as client:
        shown = client.get_run(run_id_of(client, run))
        if as_json:
            output.echo_json(output.record(shown))
            return
        drawn = client.metric_history(shown.run_id, max_points=tracking_view.CURVE_POINTS) if shown.metrics else []
        entries: list[v1.ArtifactEntry] = []
        if shown.artifact_manifest_digest:
            request = v1.ListArtifactsRequest(run_id=shown.run_id)
            entries = collect(client.artifacts.ListArtifacts, request, "entries")
    echo_lines(tracking_view.run(shown, {curve.key: curve.values for curve in drawn}, entries))


@runs.command("delete")
@click.argument("run")
@json_option
@pass_session
def delete_run(session: Session, run: str, as_json: bool) -> None:
    """Delete a run: searches leave it out and it takes nothing new, until it is restored."""
    with session.connect() as client:
        deleted = client.delete_run(run_id_of(client, run))
    _echo_changed("deleted", deleted, as_json)


@runs.command("restore")
@click.argument("run")
@json_option
@pass_session
def restore_run(session: Session, run: str, as_json: bool) -> None:
    """Restore a deleted run."""
    with session.connect() as client:
        restored = client.restore_run(run_id_of(client, run))
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


for command in (
    *run_listing.COMMANDS,
    *run_trees.COMMANDS,
    *run_comparing.COMMANDS,
    *run_tail.COMMANDS,
    *run_export.COMMANDS,
):
    runs.add_command(command)

COMMANDS = (experiments.experiments, runs)
