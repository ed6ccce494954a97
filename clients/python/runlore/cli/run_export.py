"""`runlore runs export`."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from runlore.cli import output, progress
from runlore.cli.run_naming import run_id_of
from runlore.cli.session import Session, json_option, lifecycle_view, pass_session, query_options

if TYPE_CHECKING:
    import runlore
    from runlore import v1
    from runlore.cli.tables import Type

#: Seconds for the points of one group of runs: as good as no end.
_STREAM_SECONDS = 7 * 86_400.0
#: Runs of whose points one call asks, and rows of a file that are written at once.
_RUNS_A_CALL = 100
_POINT_ROWS, _RUN_ROWS = 100_000, 1_000
_PACE = 0.2

Tell = Callable[[str], None]


@click.command("export")
@click.argument("runs", nargs=-1, metavar="[RUN]...")
@query_options
@click.option(
    "--to", "target", required=True, type=click.Path(dir_okay=False, path_type=Path), metavar="FILE.parquet|FILE.csv"
)
@click.option(
    "--runs/--points",
    "wide",
    default=True,
    help="A row a run, with its params, tags and metrics' last values; or a row a point.  [default: runs]",
)
@click.option("--key", "keys", multiple=True, metavar="KEY", help="With --points: a metric. May be repeated.")
@json_option
@pass_session
def export_runs(
    session: Session,
    runs: tuple[str, ...],
    names: tuple[str, ...],
    filter_: str,
    order_by: str,
    lifecycle: str,
    target: Path,
    wide: bool,
    keys: tuple[str, ...],
    as_json: bool,
) -> None:
    """Write runs, or their points, to a file.

    All runs, those of a query, or those named. What is at FILE is replaced when all is there. Times are in UTC. Parquet
    (pip install 'runlore[export]') has NaN apart from missing values; CSV writes NaN, inf and -inf, and leaves empty
    what is missing.
    """
    from runlore import v1
    from runlore._replacing import replacing

    if target.suffix.lower() not in (".parquet", ".csv"):
        raise click.BadParameter(f"'{target}': end it in .parquet or .csv", param_hint="'--to'")
    if target.suffix.lower() == ".parquet":
        _check_arrow()
    if runs and (names or filter_ or order_by):
        raise click.UsageError("name runs, or say which by --experiment and --filter: not both")
    if keys and wide:
        raise click.UsageError("--key says which points: add --points")
    request = v1.SearchRunsRequest(
        experiment_names=names, filter=filter_, order_by=order_by, lifecycle_view=lifecycle_view(lifecycle)
    )
    with session.connect() as client, progress.live(quiet=as_json) as draw, replacing(target) as new:
        tell = _paced(draw)
        found = _named(client, runs) if runs else _searched(client, request, everything=wide)
        if wide:
            counted = {"runs": _write_runs(found, new, tell)}
        else:
            counted = dict(zip(("runs", "points"), _write_points(client, found, keys, new, tell), strict=True))
    if as_json:
        output.echo_json({"file": str(target), **counted})
    else:
        output.echo(f"{target}: {', '.join(f'{count:,} {what}' for what, count in counted.items())}")


def _check_arrow() -> None:
    try:
        import pyarrow  # noqa: F401  # whether it is there
    except ImportError:
        raise click.ClickException("Parquet needs pyarrow: pip install 'runlore[export]'; a .csv does not") from None


def _paced(draw: Tell | None) -> Tell:
    """Return what shows how far it is, a few times a second."""
    shown = 0.0

    def tell(text: str) -> None:
        nonlocal shown
        now = time.monotonic()
        if draw is not None and now - shown >= _PACE:
            shown = now
            draw(text)

    return tell


def _named(client: runlore.Client, runs: Sequence[str]) -> Iterator[list[v1.Run]]:
    """Yield the named runs, one by one."""
    for run_id in dict.fromkeys(run_id_of(client, run) for run in runs):
        yield [client.get_run(run_id)]


def _searched(client: runlore.Client, request: v1.SearchRunsRequest, *, everything: bool) -> Iterator[list[v1.Run]]:
    """Yield the runs that a query finds, a page at a time; without `everything`, their ids only."""
    from runlore._sync.paging import pages

    if not everything:
        request.read_mask.paths.append("run_id")
    for page in pages(client.tracking.SearchRuns, request, "runs"):
        yield list(page.runs)


def _write_runs(found: Iterator[list[v1.Run]], path: Path, tell: Tell) -> int:
    """Write a row a run, and return how many.

    Which columns there are is known at the end only: until then the runs wait in a file, so that memory holds a page.
    """
    from runlore.cli.tables import Type, open_table

    keys: dict[str, set[str]] = {"params": set(), "tags": set(), "metrics": set()}
    count = 0
    with tempfile.TemporaryFile(dir=path.parent) as waiting:
        for page in found:
            for run in page:
                keys["params"].update(run.params)
                keys["tags"].update(run.tags)
                keys["metrics"].update(metric.key for metric in run.metrics)
                message = run.SerializeToString()
                waiting.write(len(message).to_bytes(4, "little") + message)
            count += len(page)
            tell(f"read {count:,} runs")
        columns: dict[str, Type] = {name: type_ for name, (type_, _) in _attributes().items()}
        for kind, type_ in (("params", Type.TEXT), ("tags", Type.TEXT), ("metrics", Type.NUMBER)):
            columns |= {f"{kind}.{key}": type_ for key in sorted(keys[kind])}
        written = 0
        waiting.seek(0)
        with open_table(path, columns) as table:
            for runs in _waiting(waiting):
                table.write(_run_columns(runs, keys))
                written += len(runs)
                tell(f"wrote {written:,} of {count:,} runs")
    return count


def _waiting(file: BinaryIO) -> Iterator[list[v1.Run]]:
    from runlore import v1

    runs = []
    while head := file.read(4):
        runs.append(v1.Run.FromString(file.read(int.from_bytes(head, "little"))))
        if len(runs) == _RUN_ROWS:
            yield runs
            runs = []
    if runs:
        yield runs


def _attributes() -> dict[str, tuple[Type, Callable[[v1.Run], Any]]]:
    """Return the columns that every run has, with their values; an empty text and an absent time are missing."""
    from runlore import v1
    from runlore.cli.tables import Type

    return {
        "run_id": (Type.TEXT, lambda run: run.run_id),
        "name": (Type.TEXT, lambda run: run.name),
        "experiment": (Type.WORD, lambda run: run.experiment_name),
        "status": (Type.WORD, lambda run: v1.RunStatus.Name(run.status).removeprefix("RUN_STATUS_")),
        "start_time": (Type.TIME, lambda run: run.start_time.ToMicroseconds()),
        "end_time": (Type.TIME, lambda run: run.end_time.ToMicroseconds() if run.HasField("end_time") else None),
        "parent_run_id": (Type.TEXT, lambda run: run.parent_run_id or None),
    }


def _run_columns(runs: Sequence[v1.Run], keys: dict[str, set[str]]) -> list[list[Any]]:
    columns = [[value(run) for run in runs] for _, value in _attributes().values()]
    columns += [[run.params.get(key) for run in runs] for key in sorted(keys["params"])]
    columns += [[run.tags.get(key) for run in runs] for key in sorted(keys["tags"])]
    metrics = [{metric.key: metric.last for metric in run.metrics} for run in runs]
    return columns + [[last.get(key) for last in metrics] for key in sorted(keys["metrics"])]


def _write_points(
    client: runlore.Client, found: Iterator[list[v1.Run]], keys: Sequence[str], path: Path, tell: Tell
) -> tuple[int, int]:
    """Write a row a point, and return how many runs and points; each run's are as they were at one moment."""
    from runlore import v1
    from runlore.cli.tables import Type, open_table

    columns = {"run_id": Type.WORD, "key": Type.WORD, "step": Type.WHOLE, "time": Type.TIME, "value": Type.NUMBER}
    runs = points = 0
    with open_table(path, columns) as table:
        rows: list[list[Any]] = [[] for _ in columns]
        for page in found:
            ids = [run.run_id for run in page]
            for start in range(0, len(ids), _RUNS_A_CALL):
                request = v1.GetMetricHistoryRequest(run_ids=ids[start : start + _RUNS_A_CALL], keys=keys)
                for message in client.tracking.GetMetricHistory(request, timeout=_STREAM_SECONDS):
                    series = message.series
                    count = len(series.values)
                    values: tuple[Iterable[Any], ...] = (
                        [message.run_id] * count,
                        [series.key] * count,
                        series.steps,
                        series.times_unix_us,
                        series.values,
                    )
                    for column, more in zip(rows, values, strict=True):
                        column.extend(more)
                    points += count
                    if len(rows[0]) >= _POINT_ROWS:
                        table.write(rows)
                        rows = [[] for _ in columns]
                    tell(f"wrote {points:,} points of {runs + len(request.run_ids):,} runs")
                runs += len(request.run_ids)
        if rows[0]:
            table.write(rows)
    return runs, points


COMMANDS = (export_runs,)
