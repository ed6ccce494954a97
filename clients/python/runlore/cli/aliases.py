"""`runlore promote`, `rollback`, `alias` and `stage`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from runlore.cli import output
from runlore.cli.session import Session, echo_lines, json_option, numbers, pairs, pass_session

if TYPE_CHECKING:
    from runlore import v1
    from runlore._words import Expectation

_STAGES = click.Choice(["None", "Staging", "Production", "Archived"], case_sensitive=False)


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
    multiple=True,
    metavar="max:METRIC|min:METRIC",
    help="Refuse unless the version's metric is better than the holder's; the server decides. May be repeated.",
)
@click.option("--min-delta", default=0.0, metavar="NUMBER", help="With --if-better: better by this much at least.")
@click.option(
    "--if-above",
    multiple=True,
    metavar="METRIC=NUMBER",
    callback=numbers,
    help="Refuse unless the version's metric is greater than this. May be repeated.",
)
@click.option(
    "--if-below", multiple=True, metavar="METRIC=NUMBER", callback=numbers, help="The same, unless it is less."
)
@click.option(
    "--if-tag",
    "if_tags",
    multiple=True,
    metavar="KEY=VALUE",
    callback=pairs,
    help="Refuse unless the version has this tag. May be repeated.",
)
@click.option("--evaluated", is_flag=True, help="Compare the latest evaluations, not what was frozen at registration.")
@click.option("--dataset", default="", metavar="DIGEST", help="Only numbers measured on this data count.")
@click.option("--any-data", is_flag=True, help="Compare with the holder's number also when it is of other data.")
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
    min_delta: float,
    if_above: dict[str, float],
    if_below: dict[str, float],
    if_tags: dict[str, str],
    evaluated: bool,
    dataset: str,
    any_data: bool,
    as_json: bool,
) -> None:
    """Point an alias of the model NAME at VERSION.

    The conditions are decided by the server in the transaction that moves the alias: all of them hold, or it stays.
    """
    from runlore import better

    def condition(metric: str, than: float | None = None) -> v1.Condition:
        by = min_delta if than is None else 0.0
        return better(metric, than=than, by=by, evaluated=evaluated, dataset=dataset, any_data=any_data)

    metrics = [condition(metric) for metric in if_better]
    metrics += [condition(f"max:{metric}", bar) for metric, bar in if_above.items()]
    metrics += [condition(f"min:{metric}", bar) for metric, bar in if_below.items()]
    if not metrics and (evaluated or dataset or any_data):
        raise click.UsageError(
            "--evaluated, --dataset and --any-data say how --if-better, --if-above, --if-below compare"
        )
    if min_delta and not if_better:
        raise click.UsageError("--min-delta says by how much --if-better has to be better")
    with session.connect() as client:
        move = client.promote(name, version, alias, reason=reason, expect=expect, if_better=metrics, if_tags=if_tags)
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


@click.group()
def alias() -> None:
    """Delete aliases; promote and rollback move them."""


@alias.command("delete")
@click.argument("name")
@click.argument("alias_name", metavar="ALIAS")
@click.option("--reason", default="", metavar="TEXT", help="Why; it stays in the history.")
@click.option(
    "--expect",
    callback=_expectation,
    metavar="VERSION|any",
    help="Refuse unless this version holds the alias now. [default: the holder when the command starts]",
)
@json_option
@pass_session
def delete_alias(
    session: Session, name: str, alias_name: str, reason: str, expect: Expectation | None, as_json: bool
) -> None:
    """Delete an alias of the model NAME; its history stays."""
    with session.connect() as client:
        gone = client.delete_alias(name, alias_name, reason=reason, expect=expect)
    if as_json:
        output.echo_json(output.record(gone))
    else:
        output.echo(
            f"deleted {output.strong(output.clean(gone.alias))} of {output.strong(output.clean(name))}, "
            f"which pointed at version {gone.version}"
        )


@click.command()
@click.argument("name")
@click.argument("version", type=click.IntRange(min=1))
@click.argument("stage_name", metavar="STAGE", type=_STAGES)
@click.option("--reason", default="", metavar="TEXT", help="Why; it stays in the history.")
@click.option("--expect", type=_STAGES, help="Refuse unless the version is in this stage now.")
@click.option("--archive-existing", is_flag=True, help="Move the other versions of the stage to Archived.")
@json_option
@pass_session
def stage(
    session: Session,
    name: str,
    version: int,
    stage_name: str,
    reason: str,
    expect: str | None,
    archive_existing: bool,
    as_json: bool,
) -> None:
    """Move VERSION of the model NAME to another stage.

    STAGE is None, Staging, Production or Archived.
    """
    with session.connect() as client:
        done = client.set_stage(
            name, version, stage_name, reason=reason, expect=expect, archive_existing=archive_existing
        )
    if as_json:
        output.echo_json(output.record(done))
        return
    model = output.strong(output.clean(name))
    output.echo(f"version {version} of {model} is in {output.strong(stage_name)}")
    if done.archived_versions:
        output.echo(f"archived: {_listed(done.archived_versions)}")


def _listed(versions: Iterable[int]) -> str:
    return ", ".join(f"version {version}" for version in versions)


def _echo_move(move: v1.AliasMove, as_json: bool) -> None:
    if as_json:
        output.echo_json(output.record(move))
    else:
        from runlore.cli import registry_view

        echo_lines(registry_view.moved(move))


COMMANDS = (promote, rollback, alias, stage)
