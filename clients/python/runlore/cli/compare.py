"""`runlore diff`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from runlore.cli import output
from runlore.cli.session import Session, echo_lines, json_option, pass_session

if TYPE_CHECKING:
    import runlore
    from runlore.cli.compare_view import Side


@click.command()
@click.argument("old", metavar="REFERENCE")
@click.argument("new", metavar="REFERENCE")
@click.option("--exit-code", is_flag=True, help="Exit with 1 when they differ.")
@json_option
@pass_session
def diff(session: Session, old: str, new: str, exit_code: bool, as_json: bool) -> None:
    """Show what differs between two versions.

    Their params, metrics, evaluations, code, data, environment, packages and files. A REFERENCE is
    models:/NAME/VERSION or models:/NAME@ALIAS.
    """
    from runlore.cli import compare_view

    with session.connect() as client:
        found = compare_view.compare(_side(client, old), _side(client, new))
    if as_json:
        output.echo_json(found)
    else:
        echo_lines(compare_view.lines(found))
    if exit_code and not found["same"]:
        raise click.exceptions.Exit(1)


def _side(client: runlore.Client, reference: str) -> Side:
    from runlore._sync import origin
    from runlore._words import reference as reference_of
    from runlore.cli.compare_view import Side

    version = client.resolve(reference).model_version
    context = origin.of_version(client, version)
    return Side(
        version,
        client.evaluations(version.model_name, version.version, limit=None),
        client.artifact_files(reference_of(version)) if version.manifest_digest else [],
        context,
        origin.packages(client, context.run_id) if context.run_id else {},
    )


COMMANDS = (diff,)
