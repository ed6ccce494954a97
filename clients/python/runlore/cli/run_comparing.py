"""`runlore runs compare`."""

from __future__ import annotations

from pathlib import Path

import click

from runlore.cli import output
from runlore.cli.run_naming import run_id_of
from runlore.cli.session import Session, echo_lines, json_option, pass_session


@click.command("compare")
@click.argument("runs", nargs=-1, required=True, metavar="RUN RUN...")
@click.option(
    "--best",
    multiple=True,
    metavar="DIRECTION:KEY",
    help="Marks the best value: max:val_auc or min:loss. May be repeated. [default: what the sweep says]",
)
@click.option("--all", "everything", is_flag=True, help="Also what is the same in all runs.")
@click.option("--plot", type=click.Path(dir_okay=False), metavar="FILE", help="Draw the metrics: .png, .svg or .pdf.")
@click.option("--key", "keys", multiple=True, metavar="KEY", help="A metric to draw. May be repeated. [default: all]")
@click.option(
    "--x", type=click.Choice(["step", "time"]), default="step", show_default=True, help="Of --plot, to the right."
)
@click.option("--html", type=click.Path(dir_okay=False), metavar="FILE", help="Write a report: one file, no scripts.")
@json_option
@pass_session
def compare_runs(
    session: Session,
    runs: tuple[str, ...],
    best: tuple[str, ...],
    everything: bool,
    plot: str | None,
    keys: tuple[str, ...],
    x: str,
    html: str | None,
    as_json: bool,
) -> None:
    """Show runs side by side: params that differ, metrics, code, data, environment and packages.

    A RUN is an id, or as much of its beginning as no other run's id has. What a metric's best value is must be said, by
    --best or by the tag `runlore.sweep.best` of the runs or their parent; it is never guessed.
    """
    from runlore import _plots
    from runlore.cli import comparison_page

    if plot is not None:
        # Before anything is fetched.
        _plots.check(x, plot)
    with session.connect() as client:
        ids = list(dict.fromkeys(run_id_of(client, run) for run in runs))
        if len(ids) < 2:
            raise click.UsageError("name at least two different runs to compare")
        found = client.compare(ids, best=best or None)
        if plot is not None:
            found.plot(plot, keys=keys or None, x="time" if x == "time" else "step")
        if html is not None:
            found.to_html(html)
    if as_json:
        output.echo_json(found.record())
        return
    echo_lines(comparison_page.text(found, everything=everything, width=output.width()), fit=True)
    written = [Path(file) for file in (plot, html) if file is not None]
    for number, file in enumerate(written):
        output.echo(f"{'' if number else chr(10)}{output.faint('written')} {file}")


COMMANDS = (compare_runs,)
