"""`runlore runs tail`: a run's last points, and those that follow."""

from __future__ import annotations

import json
import time
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

import click

from runlore.cli import output
from runlore.cli.run_naming import run_id_of
from runlore.cli.session import Session, json_option, pass_session

if TYPE_CHECKING:
    import runlore
    from runlore import v1

#: Seconds between two looks at a live run: short while points come in, longer while none do.
_FIRST_PAUSE, _LONGEST_PAUSE, _GROWTH = 0.25, 4.0, 1.5

#: When (microseconds since the Unix epoch), the step, and the keys and values that were logged together.
Line = tuple[int, int, list[tuple[str, float]]]


@click.command("tail")
@click.argument("run")
@click.option("-f", "--follow", is_flag=True, help="Go on with what is logged, until the run ends.")
@click.option("-n", "--lines", default=20, show_default=True, type=click.IntRange(min=0), help="How many at first.")
@click.option("--key", "keys", multiple=True, metavar="KEY", help="A metric to show. May be repeated. [default: all]")
@json_option
@pass_session
def tail_run(session: Session, run: str, follow: bool, lines: int, keys: tuple[str, ...], as_json: bool) -> None:
    """Show a run's last points, a line for what was logged together; with -f, also those to come.

    With -f it ends with the run, says the run's status and exits with 0, whatever the status. A server that is away is
    waited for. --json prints an object a point, each on a line. RUN is an id, or as much of its beginning as no other
    run's id has.
    """
    show = _as_json if as_json else _as_text
    with session.connect() as client:
        tail = _Tail(client, run_id_of(client, run), frozenset(keys))
        try:
            for found in tail.follow(lines) if follow else tail.last(lines):
                show(tail.run, found)
        except KeyboardInterrupt:
            # How people end it: nothing to report.
            from runlore.cli import failures

            raise click.exceptions.Exit(failures.INTERRUPTED) from None
    if follow and not as_json:
        from runlore.cli import tracking_view

        name = output.faint(f"run {tail.run.run_id} ({output.clean(tail.run.name)})")
        output.echo(f"{name} {tracking_view.status(tail.run.status)}")


class _Tail:
    """Reads a run's points as they come, each once."""

    def __init__(self, client: runlore.Client, run_id: str, keys: Collection[str]) -> None:
        self._client = client
        self._run_id = run_id
        self._keys = keys
        #: How many points of each series are read.
        self._read: dict[str, int] = {}
        #: The run as it was last seen.
        self.run: v1.Run = client.get_run(run_id)

    def last(self, lines: int) -> Iterator[Line]:
        """Yield the last lines that there are."""
        # As many lines have at most as many points of each series.
        self._read = {key: max(0, count - lines) for key, count in self._counts().items()}
        found = self._new()
        yield from found[len(found) - lines :] if lines < len(found) else found

    def follow(self, lines: int) -> Iterator[Line]:
        """Yield the last lines, then what is logged, until the run has ended."""
        from runlore.errors import DeadlineError, UnavailableError

        yield from self.last(lines)
        pause = _FIRST_PAUSE
        warned = False
        while not self._ended():
            time.sleep(pause)
            try:
                # What was logged before the end that is seen here is read after it.
                self.run = self._client.get_run(self._run_id)
                found = self._new()
            except (UnavailableError, DeadlineError) as problem:
                if not warned:
                    output.echo(output.faint(f"waiting for the server: {problem}"), err=True)
                warned, pause = True, _LONGEST_PAUSE
                continue
            yield from found
            warned = False
            pause = _FIRST_PAUSE if found else min(pause * _GROWTH, _LONGEST_PAUSE)

    def _ended(self) -> bool:
        from runlore import v1

        return self.run.status not in (v1.RUN_STATUS_RUNNING, v1.RUN_STATUS_SCHEDULED)

    def _counts(self) -> dict[str, int]:
        return {m.key: m.count for m in self.run.metrics if not self._keys or m.key in self._keys}

    def _new(self) -> list[Line]:
        """Read what the run has beyond what was read, as lines by time; nothing counts as read unless all is."""
        from runlore import v1

        behind: dict[int, list[str]] = {}
        for key, count in self._counts().items():
            read = self._read.get(key, 0)
            if count > read:
                behind.setdefault(read, []).append(key)
        found: dict[tuple[int, int], list[tuple[str, float]]] = {}
        read_now = dict(self._read)
        for first_index, keys in behind.items():
            request = v1.GetMetricHistoryRequest(run_ids=[self._run_id], keys=keys, first_index=first_index)
            for message in self._client.tracking.GetMetricHistory(request):
                series = message.series
                read_now[series.key] = read_now.get(series.key, 0) + len(series.values)
                for moment, step, value in zip(series.times_unix_us, series.steps, series.values, strict=True):
                    found.setdefault((moment, step), []).append((series.key, value))
        self._read = read_now
        return [(moment, step, values) for (moment, step), values in sorted(found.items())]


def _as_text(run: v1.Run, line: Line) -> None:
    moment, step, values = line
    shown = [f"{output.faint(output.clean(key))} {output.number(value)}" for key, value in values]
    output.echo("  ".join([output.moment(moment), f"step {step}", *shown]))


def _as_json(run: v1.Run, line: Line) -> None:
    moment, step, values = line
    for key, value in values:
        point = {"run_id": run.run_id, "key": key, "step": step, "time": output.exact_moment(moment)}
        click.echo(json.dumps({**point, "value": output.json_number(value)}, ensure_ascii=False))


COMMANDS = (tail_run,)
