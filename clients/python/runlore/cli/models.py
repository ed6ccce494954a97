"""`runlore models`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from runlore.cli import output
from runlore.cli.session import Session, echo_lines, json_option, limit_option, pass_session, tags_option

if TYPE_CHECKING:
    from runlore import v1

_REASONS = "Whether alias moves and stage changes must say why."


@click.group(invoke_without_command=True)
@click.pass_context
def models(context: click.Context) -> None:
    """List (the default), create, change and delete models."""
    if context.invoked_subcommand is None:
        context.invoke(list_models)


@models.command("list")
@click.option(
    "--filter", "filter_", default="", metavar="QUERY", help="Such as: tags.tier = '1' and alias = 'champion'"
)
@click.option("--order-by", default="", metavar="FIELDS", help="Such as: last_update_time desc  [default: name]")
@limit_option
@json_option
@pass_session
def list_models(session: Session, filter_: str, order_by: str, limit: int | None, as_json: bool) -> None:
    """List the workspace's models that match a query."""
    with session.connect() as client:
        listed = client.search_models(filter_, order_by=order_by, limit=limit)
    if as_json:
        output.echo_json([output.record(model) for model in listed])
    else:
        from runlore.cli import models_view

        echo_lines(models_view.models(listed))


@models.command("create")
@click.argument("name")
@click.option("--description", default="", metavar="TEXT")
@click.option("--owner", default="", metavar="WHO", help="Who answers for it.")
@click.option("--team", default="", metavar="TEAM")
@click.option("--reason-required", is_flag=True, help=_REASONS)
@tags_option
@json_option
@pass_session
def create_model(
    session: Session,
    name: str,
    description: str,
    owner: str,
    team: str,
    reason_required: bool,
    tags: dict[str, str],
    as_json: bool,
) -> None:
    """Make a model without versions; register and push make theirs by themselves."""
    with session.connect() as client:
        made = client.create_model(
            name, description=description, owner=owner, team=team, reason_required=reason_required, tags=tags
        )
    _echo(made, as_json)


@models.command("show")
@click.argument("name")
@json_option
@pass_session
def show_model(session: Session, name: str, as_json: bool) -> None:
    """Show a model with its aliases and stages."""
    with session.connect() as client:
        shown = client.get_model(name)
    _echo(shown, as_json)


@models.command("update")
@click.argument("name")
@click.option("--description", metavar="TEXT")
@click.option("--owner", metavar="WHO", help="Who answers for it.")
@click.option("--team", metavar="TEAM")
@click.option("--reason-required/--no-reason-required", default=None, help=_REASONS)
@json_option
@pass_session
def update_model(
    session: Session,
    name: str,
    description: str | None,
    owner: str | None,
    team: str | None,
    reason_required: bool | None,
    as_json: bool,
) -> None:
    """Change what is given of a model."""
    if (description, owner, team, reason_required) == (None,) * 4:
        raise click.UsageError("say what to change: --description, --owner, --team or --[no-]reason-required")
    with session.connect() as client:
        updated = client.update_model(
            name, description=description, owner=owner, team=team, reason_required=reason_required
        )
    _echo(updated, as_json)


@models.command("rename")
@click.argument("name")
@click.argument("new_name")
@json_option
@pass_session
def rename_model(session: Session, name: str, new_name: str, as_json: bool) -> None:
    """Give a model another name; versions, aliases and history go along."""
    with session.connect() as client:
        renamed = client.update_model(name, new_name=new_name)
    _echo(renamed, as_json)


@models.command("delete")
@click.argument("name")
@click.option("--reason", default="", metavar="TEXT", help="Why; it stays in the history.")
@click.option("--delete-aliases", is_flag=True, help="Needed for a model that has aliases.")
@json_option
@pass_session
def delete_model(session: Session, name: str, reason: str, delete_aliases: bool, as_json: bool) -> None:
    """Delete a model with its versions. Its name is free at once, its history stays readable by its id."""
    with session.connect() as client:
        gone = client.delete_model(name, reason=reason, delete_aliases=delete_aliases)
    if as_json:
        output.echo_json(output.record(gone))
    else:
        output.echo(
            f"deleted model {output.strong(output.clean(gone.name))}; its history: runlore history --id {gone.model_id}"
        )


def _echo(model: v1.RegisteredModel, as_json: bool) -> None:
    if as_json:
        output.echo_json(output.record(model))
    else:
        from runlore.cli import models_view

        echo_lines(models_view.model(model))


COMMANDS = (models,)
