"""The root command, its global options, and how it ends."""

from __future__ import annotations

import logging
import sys

import click

from runlore.cli import (
    aliases,
    artifacts,
    audit,
    compare,
    data,
    history,
    importing,
    models,
    moving,
    registry,
    server,
    sync,
    tracking,
    versions,
    watch,
)
from runlore.cli.session import Session

_EPILOG = """\b
Every command takes --json: records are proto3 JSON with the contract's
field names, lists are arrays, and an error is an object on stderr.

\b
Exit codes:
  0  done
  1  an unexpected error
  2  wrong usage or an invalid argument
  3  not found
  4  refused: the state is not what was expected (the alias moved, the
     record changed, the name is taken)
  5  refused: a condition is not met
  6  the server is unavailable or did not answer in time; a later try may do
  7  sync: something could not be sent, and is left
  8  bytes, a history or imported records are not what they should be
"""


@click.group(
    invoke_without_command=True,
    epilog=_EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120},
)
@click.option(
    "--address",
    metavar="HOST:PORT",
    help="The server; else RUNLORE_ADDRESS, else 127.0.0.1:7410.",
)
@click.option(
    "--workspace",
    metavar="NAME",
    help="The workspace; else RUNLORE_WORKSPACE, else default.",
)
@click.option("--actor", metavar="KIND:ID", help="Who you are, such as user:alice; else RUNLORE_ACTOR.")
@click.option(
    "--timeout",
    metavar="SECONDS",
    type=click.FloatRange(min=0, min_open=True),
    envvar="RUNLORE_TIMEOUT",
    default=30.0,
    help="How long a call may take, retries included; else RUNLORE_TIMEOUT, else 30.",
)
@click.version_option(package_name="runlore", message="runlore %(version)s")
@click.pass_context
def runlore(
    context: click.Context, address: str | None, workspace: str | None, actor: str | None, timeout: float
) -> None:
    """Record training runs, move models between versions, and say which one is champion and why."""
    context.obj = Session(address=address, workspace=workspace, actor=actor, timeout=timeout)
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


for command in (
    *tracking.COMMANDS,
    *data.COMMANDS,
    *registry.COMMANDS,
    *aliases.COMMANDS,
    *models.COMMANDS,
    *versions.COMMANDS,
    *history.COMMANDS,
    *watch.COMMANDS,
    *compare.COMMANDS,
    *audit.COMMANDS,
    *moving.COMMANDS,
    *artifacts.COMMANDS,
    *sync.COMMANDS,
    *importing.COMMANDS,
    *server.COMMANDS,
):
    runlore.add_command(command)


def main() -> None:
    """Run the command line and end the process with one of the exit codes of `runlore --help`."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal of another encoding shows a question mark where it lacks a character.
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    as_json = "--json" in sys.argv[1:]
    if as_json:
        # What the client tells people while it tries again would stand in front of the object on stderr.
        logging.getLogger("runlore").addHandler(logging.NullHandler())
    try:
        code = runlore.main(prog_name="runlore", standalone_mode=False)
    except SystemExit:
        # Shell completion has answered, or whoever reads the output has seen enough.
        raise
    except BaseException as problem:
        from runlore.cli import failures

        code = failures.report(problem, as_json=as_json)
    sys.exit(code)
