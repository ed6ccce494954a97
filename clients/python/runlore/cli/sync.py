"""`runlore sync`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from runlore.cli import output
from runlore.cli.session import Session, echo_lines, json_option, pass_session

if TYPE_CHECKING:
    from runlore._left import Synced

#: The exit code when something is left.
LEFT = 7

_MARKS = {"sent": output.good("sent"), "kept": output.bad("kept"), "live": "live", "gone": "gone"}


@click.command()
@click.argument("folder", required=False, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--keep", is_flag=True, help="Keep what was sent; it may be sent again, and is stored once.")
@click.option("--dry-run", is_flag=True, help="Only list what there is; asks no server.")
@json_option
@pass_session
def sync(session: Session, folder: Path | None, keep: bool, dry_run: bool, as_json: bool) -> None:
    """Send what runs have left in the spool.

    That is what was recorded offline (RUNLORE_MODE=offline), and what a killed process or an outage has left.

    FOLDER is a spool, also one copied from another machine, or the folder of a run in one. [default: this machine's,
    RUNLORE_SPOOL, else ~/.local/state/runlore/spool]

    What is stored is deleted here. What cannot be stored stays, and the command says why. What a living process still
    writes is left to it. It may be interrupted and repeated, and run twice at once: every run and every point is
    stored once.

    Exits with 7 when something is left.
    """
    if dry_run:
        _list(folder, as_json)
        return
    with session.connect() as client, ExitStack() as stack:
        found = client.sync(folder, delete=not keep, progress=_progress(stack))
    if as_json:
        output.echo_json([{**asdict(part), "folder": str(part.folder)} for part in found])
    else:
        echo_lines(_line(part) for part in found)
        if not found:
            output.echo("nothing to send")
    if any(part.state in ("kept", "live") for part in found):
        raise click.exceptions.Exit(LEFT)


def _progress(stack: ExitStack) -> Callable[[int, int], None]:
    if not sys.stderr.isatty():
        return lambda done, total: None
    bars: list[Any] = []

    def progress(done: int, total: int) -> None:
        if not bars:
            bars.append(stack.enter_context(click.progressbar(length=total, label="points", file=sys.stderr)))
        bars[0].update(done - bars[0].pos)

    return progress


def _line(part: Synced) -> str:
    told = f"{_MARKS[part.state]}  {_what(part)}"
    return f"{told}: {output.clean(part.why)}" if part.why else told


def _what(part: Synced) -> str:
    counts = [f"{part.points:,} points"]
    if part.dropped_points:
        counts.append(f"{part.dropped_points:,} dropped")
    if part.file_bytes:
        counts.append(f"files of {output.size(part.file_bytes)}")
    name = f" {output.clean(part.name)}" if part.name else ""
    return f"{part.run_id}{name}  {', '.join(counts)}"


def _list(folder: Path | None, as_json: bool) -> None:
    from runlore import _left, _settings

    found = [
        part.became("live" if part.is_live else "kept", part.damage)
        for part in _left.survey(folder or _settings.spool_folder())
    ]
    if as_json:
        output.echo_json([{**asdict(part), "folder": str(part.folder)} for part in found])
        return
    for part in found:
        told = f"{'live' if part.state == 'live' else 'left'}  {_what(part)}"
        output.echo(f"{told}: {output.bad(output.clean(part.why))}" if part.why else told)
    if not found:
        output.echo("nothing to send")


COMMANDS = (sync,)
