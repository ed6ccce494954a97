"""`runlore register`, `promote`, `rollback`, `resolve` and `history`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from runlore.cli import output
from runlore.cli.session import Session, echo_lines, json_option, pass_session, tags_option

if TYPE_CHECKING:
    from runlore import v1
    from runlore._words import Expectation


def _expectation(context: click.Context, parameter: click.Parameter, value: str | None) -> Expectation | None:
    if value is None:
        return None
    if value == "absent":
        return "absent"
    if value == "any":
        return "any"
    if value.isascii() and value.isdigit() and int(value) > 0:
        return int(value)
    raise click.BadParameter(f"'{value}' is not a version's number, absent or any", context, parameter)


@click.command()
@click.argument("name")
@click.option("--run", "run_id", default="", metavar="RUN_ID", help="The run that made the files.")
@click.option("--logged-model", "model_id", default="", metavar="MODEL_ID", help="In place of --run: what it logged.")
@click.option("--path", default="", metavar="PATH", help="Their folder in the run's artifacts. [default: all of them]")
@click.option("--description", default="", metavar="TEXT")
@tags_option
@json_option
@pass_session
def register(
    session: Session,
    name: str,
    run_id: str,
    model_id: str,
    path: str,
    description: str,
    tags: dict[str, str],
    as_json: bool,
) -> None:
    """Register files as a model's next version.

    They are a run's, or a logged model's.

    The model NAME is made when it is new.
    """
    if bool(run_id) == bool(model_id):
        raise click.UsageError("give one of --run and --logged-model")
    with session.connect() as client:
        source = client.get_logged_model(model_id) if model_id else run_id
        version = client.register(name, source, path, description=description, tags=tags)
    if as_json:
        output.echo_json(output.record(version))
    else:
        from runlore.cli import registry_view

        echo_lines(registry_view.registered(version))


@click.command()
@click.argument("name")
@click.argument("version", type=click.IntRange(min=1))
@click.option("--alias", required=True, metavar="ALIAS", help="Such as champion.")
@click.option("--reason", default="", metavar="TEXT", help="Why; it stays in the history.")
@click.option(
    "--expect",
    callback=_expectation,
    metavar="VERSION|absent|any",
    help="Refuse unless this version, or none, holds the alias now. [default: the holder when the command starts]",
)
@click.option(
    "--if-better",
    "if_better",
    multiple=True,
    metavar="max:METRIC|min:METRIC",
    help="Refuse unless the version's metric is better than the holder's; the server decides. May be repeated.",
)
@json_option
@pass_session
def promote(
    session: Session,
    name: str,
    version: int,
    alias: str,
    reason: str,
    expect: Expectation | None,
    if_better: tuple[str, ...],
    as_json: bool,
) -> None:
    """Point an alias of the model NAME at VERSION."""
    with session.connect() as client:
        move = client.promote(name, version, alias, reason=reason, expect=expect, if_better=if_better)
    _echo_move(move, as_json)


@click.command()
@click.argument("name")
@click.option("--alias", required=True, metavar="ALIAS", help="Such as champion.")
@click.option("--reason", required=True, metavar="TEXT", help="Why; it stays in the history.")
@click.option(
    "--expect",
    type=click.IntRange(min=1),
    metavar="VERSION",
    help="Refuse unless this version holds the alias now. [default: the holder when the command starts]",
)
@json_option
@pass_session
def rollback(session: Session, name: str, alias: str, reason: str, expect: int | None, as_json: bool) -> None:
    """Point an alias back at its holder before this one.

    Doing it again goes further back in the history of the model NAME.
    """
    with session.connect() as client:
        move = client.rollback(name, alias, reason=reason, expect=expect)
    _echo_move(move, as_json)


@click.command()
@click.argument("reference")
@click.option("--files", is_flag=True, help="List the files with their digests.")
@json_option
@pass_session
def resolve(session: Session, reference: str, files: bool, as_json: bool) -> None:
    """Show which version a reference stands for now.

    REFERENCE is models:/NAME@ALIAS or models:/NAME/VERSION.
    """
    with session.connect() as client:
        answer = client.resolve(reference, include_files=files)
    if as_json:
        output.echo_json(output.record(answer))
    else:
        from runlore.cli import registry_view

        echo_lines(registry_view.resolved(answer))


@click.command()
@click.argument("name")
@json_option
@pass_session
def history(session: Session, name: str, as_json: bool) -> None:
    """Show who moved what of a model, when and why.

    Every change of the model NAME, the oldest first: its versions, and its aliases from what to what.
    """
    with session.connect() as client:
        events = client.history(name)
    if as_json:
        output.echo_json([output.record(event) for event in events])
    else:
        from runlore.cli import registry_view

        echo_lines(registry_view.history(events))


def _echo_move(move: v1.AliasMove, as_json: bool) -> None:
    if as_json:
        output.echo_json(output.record(move))
    else:
        from runlore.cli import registry_view

        echo_lines(registry_view.moved(move))


COMMANDS = (register, promote, rollback, resolve, history)
