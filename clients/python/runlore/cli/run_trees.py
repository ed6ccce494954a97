"""`runlore runs tree` and `runlore runs sweep`."""

from __future__ import annotations

import click

from runlore.cli import output
from runlore.cli.session import Session, echo_lines, json_option, pass_session


@click.command()
@click.argument("run_id")
@click.option("--depth", default=0, type=click.IntRange(0, 100), help="How many levels below it.  [default: all]")
@json_option
@pass_session
def tree(session: Session, run_id: str, depth: int, as_json: bool) -> None:
    """Show a run with everything below it."""
    from runlore import v1
    from runlore._sync.paging import collect
    from runlore.cli import run_trees_view

    request = v1.ListRunTreeRequest(run_id=run_id, max_depth=depth)
    with session.connect() as client:
        nodes = collect(client.tracking.ListRunTree, request, "nodes")
    if as_json:
        output.echo_json([output.record(node) for node in nodes])
    else:
        echo_lines(run_trees_view.tree(nodes))


@click.command()
@click.argument("run_id")
@click.option("--metric", "best", default="", metavar="DIRECTION:KEY", help="Picks the best: max:val_auc or min:loss")
@json_option
@pass_session
def sweep(session: Session, run_id: str, best: str, as_json: bool) -> None:
    """Summarize the children of a run: where they stand, the best of them, and the params that vary.

    Without --metric, the run's tag `runlore.sweep.best` picks the best, if it has one.
    """
    from runlore import _words
    from runlore.cli import run_trees_view

    with session.connect() as client:
        best = best or client.get_run(run_id).tags.get(_words.SWEEP_BEST, "")
        summary = client.sweep(run_id, best=best)
    if as_json:
        output.echo_json(output.record(summary))
    else:
        echo_lines(run_trees_view.sweep(summary, best.partition(":")[2]))


COMMANDS = (tree, sweep)
