"""`runlore register` and `resolve`."""

from __future__ import annotations

from datetime import datetime

import click

from runlore.cli import output
from runlore.cli.session import (
    Session,
    accept_head_option,
    echo_lines,
    json_option,
    moment,
    pass_session,
    tags_option,
)


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
@click.argument("reference")
@click.option("--files", is_flag=True, help="List the files with their digests.")
@click.option("--as-of", metavar="TIME", callback=moment, help="Show what it stood for then, such as 2026-01-31T12:00.")
@click.option("--as-of-position", metavar="POSITION", help="The same, as of an event's position.")
@accept_head_option
@json_option
@pass_session
def resolve(
    session: Session,
    reference: str,
    files: bool,
    as_of: datetime | None,
    as_of_position: str | None,
    accept_head: bool,
    as_json: bool,
) -> None:
    """Show which version a reference stands for, now or then.

    REFERENCE is models:/NAME@ALIAS, models:/NAME/VERSION, models:/NAME/STAGE or models:/NAME/latest.
    """
    if as_of and as_of_position:
        raise click.UsageError("give one of --as-of and --as-of-position")
    with session.connect() as client:
        answer = client.resolve(reference, include_files=files, as_of=as_of or as_of_position, accept_head=accept_head)
    if as_json:
        output.echo_json(output.record(answer))
    else:
        from runlore.cli import registry_view

        echo_lines(registry_view.resolved(answer))


COMMANDS = (register, resolve)
