"""What the commands share: the global options and the client made of them, `--json`, `KEY=VALUE`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

import click

from runlore.cli import output

if TYPE_CHECKING:
    import runlore
    from runlore import v1

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True)
class Session:
    """The global options; None leaves a choice to the client."""

    address: str | None
    workspace: str | None
    actor: str | None
    timeout: float

    def connect(self) -> runlore.Client:
        """Return a client; use it as a context manager. A command is online, whatever `RUNLORE_MODE` says of runs."""
        import runlore

        return runlore.connect(
            self.address, workspace=self.workspace, actor=self.actor, timeout=self.timeout, mode="online"
        )


#: Gives a command the session as its first argument.
pass_session = click.make_pass_decorator(Session)


def json_option(command: F) -> F:
    """Give a command `--json`."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON.")(command)


def tags_option(command: F) -> F:
    """Give a command `--tag KEY=VALUE`, as a dict."""
    option = click.option("--tag", "tags", multiple=True, metavar="KEY=VALUE", callback=pairs, help="May be repeated.")
    return option(command)


def limit_option(command: F) -> F:
    """Give a command `--limit`."""
    return click.option(
        "--limit", default=100, show_default=True, type=click.IntRange(min=1), help="Most of them to list."
    )(command)


def accept_head_option(command: F) -> F:
    """Give a command `--accept-head`."""
    return click.option(
        "--accept-head",
        is_flag=True,
        help="Take the server's history of the model for true, though it does not go on from the one known here.",
    )(command)


def query_options(command: F) -> F:
    """Give a command the options that say which runs: `--experiment`, `--filter`, `--order-by`, `--lifecycle`."""
    command = lifecycle_option(command)
    command = click.option(
        "--order-by", default="", metavar="FIELDS", help="Such as: metrics.val_auc desc  [default: latest first]"
    )(command)
    command = click.option(
        "--filter",
        "filter_",
        default="",
        metavar="QUERY",
        help="Such as: metrics.val_auc > 0.9 and (num(params.C) < 1 or tags.team = 'ads')",
    )(command)
    return click.option(
        "--experiment", "names", multiple=True, metavar="NAME", help="May be repeated. [default: all of them]"
    )(command)


def lifecycle_option(command: F) -> F:
    """Give a command `--lifecycle`, for `lifecycle_view`."""
    return click.option(
        "--lifecycle",
        type=click.Choice(["active", "deleted", "all"]),
        default="active",
        show_default=True,
        help="Which of them, by whether they were deleted.",
    )(command)


def purge_option(command: F) -> F:
    """Give a command `--yes`, without which it refuses: what it does cannot be undone."""

    def check(context: click.Context, parameter: click.Parameter, said: bool) -> None:
        if not said:
            raise click.UsageError("what is purged cannot be restored: say --yes to go on", context)

    return click.option(
        "--yes", is_flag=True, expose_value=False, callback=check, help="Needed: this cannot be undone."
    )(command)


def lifecycle_view(lifecycle: str) -> v1.LifecycleView.ValueType:
    """Return what `--lifecycle` says."""
    from runlore import v1

    return v1.LifecycleView.Value(f"LIFECYCLE_VIEW_{lifecycle.upper()}")


def pairs(context: click.Context, parameter: click.Parameter, values: Iterable[str]) -> dict[str, str]:
    """Return what a repeated `KEY=VALUE` says (a callback of an option)."""
    found = {}
    for value in values:
        key, equals, rest = value.partition("=")
        if not equals:
            raise click.BadParameter(f"'{value}' has no '=': write KEY=VALUE", context, parameter)
        found[key] = rest
    return found


def numbers(context: click.Context, parameter: click.Parameter, values: Iterable[str]) -> dict[str, float]:
    """Return what a repeated `METRIC=NUMBER` says (a callback of an option)."""
    found = {}
    for value in values:
        # The last one: a metric's key may have the character.
        key, _, number = value.rpartition("=")
        try:
            found[key] = float(number)
        except ValueError:
            key = ""
        if not key:
            raise click.BadParameter(f"'{value}' is not METRIC=NUMBER, such as val_auc=0.9", context, parameter)
    return found


def moment(context: click.Context, parameter: click.Parameter, value: str | None) -> datetime | None:
    """Return what a time of ISO 8601 says; without a zone it is in UTC (a callback of an option)."""
    if value is None:
        return None
    try:
        time = datetime.fromisoformat(value.strip().replace(" ", "T", 1))
    except ValueError:
        raise click.BadParameter(
            f"'{value}' is not a time: write it as 2026-01-31, 2026-01-31T12:00 or 2026-01-31T12:00:00.5+01:00",
            context,
            parameter,
        ) from None
    return time if time.tzinfo is not None else time.replace(tzinfo=UTC)


def echo_lines(lines: Iterable[str], *, fit: bool = False) -> None:
    """Print lines; with `fit`, on a terminal only what its width has room for, as of tables with many columns."""
    columns = output.width() if fit else None
    for line in lines:
        output.echo(line if columns is None else output.cut(line, columns))
