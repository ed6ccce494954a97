"""`runlore runs list`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from runlore.cli import output, progress
from runlore.cli.session import (
    Session,
    echo_lines,
    json_option,
    lifecycle_view,
    pass_session,
    query_options,
)

if TYPE_CHECKING:
    from runlore import v1


@click.command("list")
@query_options
@click.option(
    "--columns",
    metavar="FIELDS",
    help="What to show beside the id, such as: name,metrics.val_auc,max(metrics.val_auc),params.C,tags.team,duration",
)
@click.option("--limit", default=100, show_default=True, type=click.IntRange(min=1), help="Most runs to list.")
@json_option
@pass_session
def list_runs(
    session: Session,
    names: tuple[str, ...],
    filter_: str,
    order_by: str,
    lifecycle: str,
    columns: str | None,
    limit: int,
    as_json: bool,
) -> None:
    """List the runs that match a query.

    Without --columns, the table shows the fields that the query names, or else the most common metrics. On a terminal
    it is as wide as that, in a pipe it has everything. README.md has the language of --filter and --order-by.
    """
    from runlore import v1
    from runlore._sync.paging import pages
    from runlore.cli import columns as columns_

    try:
        shown = columns_.parse(columns) if columns is not None else columns_.named((filter_, order_by))
    except ValueError as problem:
        raise click.BadParameter(str(problem), param_hint="'--columns'") from None
    request = v1.SearchRunsRequest(
        experiment_names=names, filter=filter_, order_by=order_by, lifecycle_view=lifecycle_view(lifecycle)
    )
    if not as_json or columns is not None:
        columns_.select(request, shown)
    listed: list[v1.Run] = []
    spent = ""
    with session.connect() as client, progress.live(quiet=as_json) as draw:
        for page in pages(client.tracking.SearchRuns, request, "runs", limit):
            listed += page.runs
            spent = page.spent_on or spent
            if spent and draw is not None:
                draw(f"{len(listed)} found, searching on: {output.clean(spent)} is slow")
    if spent and not as_json:
        output.echo(f"hint: the search is slow for {output.clean(spent)}", err=True)
    if as_json:
        output.echo_json([output.record(run) for run in listed])
    else:
        table = columns_.table(listed, shown or columns_.common(listed), order_by, output.width())
        echo_lines(table, fit=True)


COMMANDS = (list_runs,)
