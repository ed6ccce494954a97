"""`runlore experiments`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from runlore.cli import output
from runlore.cli.session import (
    Session,
    echo_lines,
    json_option,
    lifecycle_option,
    lifecycle_view,
    pass_session,
    purge_option,
    tags_option,
)

if TYPE_CHECKING:
    import runlore
    from runlore import v1


@click.group(invoke_without_command=True)
@click.pass_context
def experiments(context: click.Context) -> None:
    """List (the default), create, change and delete experiments."""
    if context.invoked_subcommand is None:
        context.invoke(list_experiments)


@experiments.command("list")
@click.option("--filter", "filter_", default="", metavar="QUERY", help="Such as: tags.team = 'ads'")
@click.option("--order-by", default="", metavar="FIELDS", help="Such as: creation_time desc  [default: name]")
@lifecycle_option
@json_option
@pass_session
def list_experiments(session: Session, filter_: str, order_by: str, lifecycle: str, as_json: bool) -> None:
    """List the workspace's experiments that match a query."""
    from runlore import v1
    from runlore._sync.paging import collect
    from runlore.cli import tracking_view

    request = v1.SearchExperimentsRequest(filter=filter_, order_by=order_by, lifecycle_view=lifecycle_view(lifecycle))
    with session.connect() as client:
        listed = collect(client.tracking.SearchExperiments, request, "experiments")
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

    request = v1.CreateExperimentRequest(name=name, description=description, tags=tags)
    with session.connect() as client:
        created = client.tracking.CreateExperiment(request).experiment
    _echo(created, as_json)


@experiments.command("show")
@click.argument("name")
@json_option
@pass_session
def show_experiment(session: Session, name: str, as_json: bool) -> None:
    """Show an experiment by name."""
    with session.connect() as client:
        shown = _named(client, name)
    _echo(shown, as_json)


@experiments.command("rename")
@click.argument("name")
@click.argument("new_name")
@json_option
@pass_session
def rename_experiment(session: Session, name: str, new_name: str, as_json: bool) -> None:
    """Give an experiment another name, deleted or not."""
    from runlore import v1

    with session.connect() as client:
        request = v1.UpdateExperimentRequest(experiment_id=_named(client, name).experiment_id, name=new_name)
        request.update_mask.paths.append("name")
        renamed = client.tracking.UpdateExperiment(request).experiment
    _echo(renamed, as_json)


@experiments.command("tag")
@click.argument("name")
@tags_option
@click.option("--delete", "delete_keys", multiple=True, metavar="KEY", help="A tag to delete. May be repeated.")
@json_option
@pass_session
def tag_experiment(
    session: Session, name: str, tags: dict[str, str], delete_keys: tuple[str, ...], as_json: bool
) -> None:
    """Set and delete tags of an experiment."""
    from runlore import v1

    if not tags and not delete_keys:
        raise click.UsageError("name at least one tag to set by --tag KEY=VALUE or to delete by --delete KEY")
    with session.connect() as client:
        tagged = client.tracking.SetExperimentTags(
            v1.SetExperimentTagsRequest(
                experiment_id=_named(client, name).experiment_id, tags=tags, delete_keys=delete_keys
            )
        ).experiment
    _echo(tagged, as_json)


@experiments.command("delete")
@click.argument("name")
@json_option
@pass_session
def delete_experiment(session: Session, name: str, as_json: bool) -> None:
    """Delete an experiment: searches leave it and its runs out until it is restored. It keeps its name."""
    from runlore import v1

    with session.connect() as client:
        request = v1.DeleteExperimentRequest(experiment_id=_named(client, name).experiment_id)
        deleted = client.tracking.DeleteExperiment(request).experiment
    _echo(deleted, as_json)


@experiments.command("restore")
@click.argument("name")
@json_option
@pass_session
def restore_experiment(session: Session, name: str, as_json: bool) -> None:
    """Restore a deleted experiment with its runs, but for those that were deleted by themselves."""
    from runlore import v1

    with session.connect() as client:
        request = v1.RestoreExperimentRequest(experiment_id=_named(client, name).experiment_id)
        restored = client.tracking.RestoreExperiment(request).experiment
    _echo(restored, as_json)


@experiments.command("purge")
@click.argument("name")
@purge_option
@json_option
@pass_session
def purge_experiment(session: Session, name: str, as_json: bool) -> None:
    """Remove a deleted experiment for good, with its runs and their points. Its name is free then."""
    from runlore import v1

    with session.connect() as client:
        purged = _named(client, name)
        client.tracking.PurgeExperiment(v1.PurgeExperimentRequest(experiment_id=purged.experiment_id))
    if as_json:
        output.echo_json({"purged": [purged.experiment_id]})
    else:
        output.echo(f"purged experiment {purged.experiment_id} ({output.clean(name)})")


def _named(client: runlore.Client, name: str) -> v1.Experiment:
    from runlore import v1

    return client.tracking.GetExperiment(v1.GetExperimentRequest(name=name)).experiment


def _echo(experiment: v1.Experiment, as_json: bool) -> None:
    from runlore.cli import tracking_view

    if as_json:
        output.echo_json(output.record(experiment))
    else:
        echo_lines(tracking_view.experiment(experiment))
