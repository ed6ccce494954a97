"""`runlore datasets` and `runlore logged-models`."""

from __future__ import annotations

import click

from runlore.cli import output
from runlore.cli.session import Session, echo_lines, json_option, lifecycle_option, lifecycle_view, pass_session


@click.group(invoke_without_command=True)
@click.pass_context
def datasets(context: click.Context) -> None:
    """List (the default) the datasets that runs read."""
    if context.invoked_subcommand is None:
        context.invoke(list_datasets)


@datasets.command("list")
@click.option("--name", default="", metavar="NAME", help="Only those of this name.")
@click.option("--digest", default="", metavar="DIGEST", help="Only those of this digest.")
@json_option
@pass_session
def list_datasets(session: Session, name: str, digest: str, as_json: bool) -> None:
    """List datasets by name, with what they were used for.

    Which runs used one: runlore runs list --filter "dataset.digest = '…'"
    """
    from runlore import v1
    from runlore._sync.paging import collect
    from runlore.cli import data_view

    request = v1.SearchDatasetsRequest(name=name, digest=digest)
    with session.connect() as client:
        found = collect(client.tracking.SearchDatasets, request, "datasets")
    if as_json:
        output.echo_json([output.record(summary) for summary in found])
    else:
        echo_lines(data_view.datasets(found))


@click.group("logged-models", invoke_without_command=True)
@click.pass_context
def logged_models(context: click.Context) -> None:
    """List (the default) and show the models that runs logged."""
    if context.invoked_subcommand is None:
        context.invoke(list_logged_models)


@logged_models.command("list")
@click.option("--experiment", "names", multiple=True, metavar="NAME", help="May be repeated. [default: all of them]")
@click.option("--filter", "filter_", default="", metavar="QUERY", help="Such as: metrics.auc > 0.9")
@click.option("--order-by", default="", metavar="FIELDS", help="Such as: metrics.auc desc  [default: latest first]")
@click.option("--dataset", "on", multiple=True, metavar="NAME", help="Regard metrics on it only. May be repeated.")
@click.option("--limit", default=100, show_default=True, type=click.IntRange(min=1), help="Most models to list.")
@lifecycle_option
@json_option
@pass_session
def list_logged_models(
    session: Session,
    names: tuple[str, ...],
    filter_: str,
    order_by: str,
    on: tuple[str, ...],
    limit: int,
    lifecycle: str,
    as_json: bool,
) -> None:
    """List the logged models that match a query."""
    from runlore import v1
    from runlore._sync.paging import collect
    from runlore.cli import data_view

    request = v1.SearchLoggedModelsRequest(
        experiment_names=names,
        filter=filter_,
        order_by=order_by,
        datasets=[v1.DatasetRef(name=name) for name in on],
        lifecycle_view=lifecycle_view(lifecycle),
    )
    with session.connect() as client:
        found = collect(client.logged_models.SearchLoggedModels, request, "logged_models", limit)
    if as_json:
        output.echo_json([output.record(model) for model in found])
    else:
        echo_lines(data_view.logged_models(found))


@logged_models.command("show")
@click.argument("model_id")
@json_option
@pass_session
def show_logged_model(session: Session, model_id: str, as_json: bool) -> None:
    """Show a logged model: params, tags, and metrics by dataset."""
    from runlore.cli import data_view

    with session.connect() as client:
        model = client.get_logged_model(model_id)
    if as_json:
        output.echo_json(output.record(model))
    else:
        echo_lines(data_view.logged_model(model))


COMMANDS = (datasets, logged_models)
