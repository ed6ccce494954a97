"""`runlore runs tree` and `runlore runs sweep`."""

from __future__ import annotations

import click

from runlore.cli import output
from runlore.cli.run_naming import run_id_of
from runlore.cli.session import Session, echo_lines, json_option, pass_session


@click.command()
@click.argument("run")
@click.option("--depth", default=0, type=click.IntRange(0, 100), help="How many levels below it.  [default: all]")
@click.option("--metric", "best", default="", metavar="DIRECTION:KEY", help="Shown, the best marked: max:val_auc")
@json_option
@pass_session
def tree(session: Session, run: str, depth: int, best: str, as_json: bool) -> None:
    """Show a run with everything below it.

    Without --metric, the run's tag `runlore.sweep.best` says which metric to show, if it has one.
    """
    from runlore import _words, v1
    from runlore._sync.paging import collect
    from runlore.cli import run_trees_view

    if best:
        _words.metric_of("--metric", best)
    with session.connect() as client:
        request = v1.ListRunTreeRequest(run_id=run_id_of(client, run), max_depth=depth)
        nodes = collect(client.tracking.ListRunTree, request, "nodes")
    if as_json:
        output.echo_json([output.record(node) for node in nodes])
    else:
        best = best or nodes[0].run.tags.get(_words.SWEEP_BEST, "")
        echo_lines(run_trees_view.tree(nodes, best), fit=True)


@click.command()
@click.argument("run")
@click.option("--metric", "best", default="", metavar="DIRECTION:KEY", help="Picks the best: max:val_auc or min:loss")
@json_option
@pass_session
def sweep(session: Session, run: str, best: str, as_json: bool) -> None:
    """Summarize the children of a run: where they stand, the best of them, and the params that vary.

    Without --metric, the run's tag `runlore.sweep.best` picks the best, if it has one.
    """
    from runlore import _words
    from runlore.cli import run_trees_view

    with session.connect() as client:
        run_id = run_id_of(client, run)
        best = best or client.get_run(run_id).tags.get(_words.SWEEP_BEST, "")
        summary = client.sweep(run_id, best=best)
    if as_json:
        output.echo_json(output.record(summary))
    else:
        echo_lines(run_trees_view.sweep(summary, best.partition(":")[2]))


COMMANDS = (tree, sweep)
