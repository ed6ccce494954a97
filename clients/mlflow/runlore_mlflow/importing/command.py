"""The command `runlore import mlflow`."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from runlore.cli import output, progress
from runlore.cli.session import Session, echo_lines, json_option, pass_session

if TYPE_CHECKING:
    import runlore
    from runlore_mlflow.importing.context import Importing

#: The exit code when the two sides differ: records are not what they should be.
DIFFERENT = 8
_BAR = 24
#: Seconds between two lines of progress.
_PACE = 0.1


@click.command()
@click.option(
    "--from",
    "source_uri",
    required=True,
    metavar="URI",
    help="MLflow's tracking URI: sqlite:///mlflow.db, postgresql://…, http://…",
)
@click.option(
    "--to", "target_uri", metavar="runlore://HOST:PORT[/WORKSPACE]", help="The server. [default: as for every command]"
)
@click.option(
    "--artifacts",
    type=click.Choice(["copy", "refer"]),
    default="copy",
    show_default=True,
    help="Copy files, or only record where MLflow keeps them.",
)
@click.option("--verify/--no-verify", default=True, show_default=True, help="Compare both sides in the end.")
@click.option(
    "--read-files", is_flag=True, help="Compare files by their bytes too, which reads those of the source again."
)
@click.option(
    "--report",
    "report_file",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write the whole report there, as JSON.",
)
@json_option
@pass_session
def command(
    session: Session,
    source_uri: str,
    target_uri: str | None,
    artifacts: str,
    verify: bool,
    read_files: bool,
    report_file: Path | None,
    as_json: bool,
) -> None:
    """Carry over all that an MLflow tracking server or database holds.

    Experiments, runs with their whole history, datasets, logged models, registered models, versions, stages, aliases
    and artifacts, under the ids that they have, deleted ones as deleted. Nothing is changed at the source.

    It may be interrupted, killed and repeated: what is there already is not written again, and what has changed at
    the source since is. In the end both sides are compared. An alias or stage that somebody has moved in Runlore
    since stays where it is, and is told.

    Exits with 8 when the two sides differ.
    """
    from runlore_mlflow.importing import importing, verifying
    from runlore_mlflow.importing.context import Importing
    from runlore_mlflow.importing.report import Report
    from runlore_mlflow.importing.source import Source

    source = Source(source_uri)
    with _connect(session, target_uri) as client, progress.live(quiet=as_json) as draw:
        ctx = Importing(client, source, Report(), copies_files=artifacts == "copy", reads_files=read_files)
        if draw is not None:
            ctx.progress = _paced(lambda: draw(_line(ctx)))
        try:
            importing.carry(ctx)
            if verify:
                verifying.compare(ctx)
        except source.error as problem:
            raise click.ClickException(f"the source failed: {problem}\nRun the command again to go on.") from problem
    report = ctx.report
    if report_file is not None:
        report_file.write_text(json.dumps(report.record(), indent=2, ensure_ascii=False) + "\n")
    if as_json:
        output.echo_json(report.record())
    else:
        echo_lines(report.lines())
    if report.difference_count:
        raise click.exceptions.Exit(DIFFERENT)


def _connect(session: Session, target_uri: str | None) -> runlore.Client:
    if target_uri is None:
        return session.connect()
    from runlore_mlflow.uris import parse_store

    store = parse_store(target_uri)
    return Session(store.address, store.workspace, session.actor, session.timeout).connect()


def _paced(draw: Callable[[], None]) -> Callable[[], None]:
    last = 0.0

    def paced() -> None:
        nonlocal last
        now = time.monotonic()
        if now - last > _PACE:
            last = now
            draw()

    return paced


def _line(ctx: Importing) -> str:
    report = ctx.report
    drawn = ("█" * round(ctx.done / (len(ctx.experiments) + 1) * _BAR)).ljust(_BAR, "░")
    if ctx.comparing:
        counts = report.compared
        return f"comparing {drawn} {counts['runs']:,} runs, {counts['points']:,} points"
    counts = report.written
    files = output.size(counts["bytes of files"])
    return f"importing {drawn} {report.found['runs']:,} runs; wrote {counts['points']:,} points, files of {files}"
