"""`runlore watch`."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from runlore.cli import output
from runlore.cli.session import Session, json_option, pass_session

if TYPE_CHECKING:
    from runlore import v1
    from runlore._settings import Settings

_REFERENCE = re.compile(r"models:/+([^/:@]+)(?:@([A-Za-z0-9_-]+))?")


@click.command()
@click.argument("reference")
@click.option("--exec", "command", metavar="CMD", help="Run this by the shell on every event, one after the other.")
@click.option("--state", metavar="FILE", help="Where to keep how far it came. [default, with --exec: one of its own]")
@click.option("--after", default="", metavar="POSITION", help="Begin after this event, not where the state says.")
@json_option
@pass_session
def watch(session: Session, reference: str, command: str | None, state: str | None, after: str, as_json: bool) -> None:
    """Show what happens to an alias or a model, at once.

    And run a command on it, if told. REFERENCE is models:/NAME@ALIAS, or models:/NAME for everything. It begins with
    what happens from now on, and goes on when the server restarts. With --exec or --state it goes on where it left off
    when it is started again, and so misses nothing in between.

    \b
    CMD has the event in its environment:
      RUNLORE_EVENT_KIND              such as ALIAS_SET, ALIAS_ROLLED_BACK, ALIAS_DELETED
      RUNLORE_EVENT_MODEL, _ALIAS     their names
      RUNLORE_EVENT_VERSION           the version it points at now; empty when it is gone
      RUNLORE_EVENT_PREVIOUS_VERSION  the one before; empty when there was none
      RUNLORE_EVENT_ACTOR, _REASON    who, and why
      RUNLORE_EVENT_TIME, _REVISION, _POSITION

    A CMD that fails ends the watch with exit code 1, and gets the same event again when it is started anew: a CMD may
    see an event twice, but none is left out.
    """
    from runlore import v1
    from runlore._sync import watching
    from runlore.errors import PreconditionError

    match = _REFERENCE.fullmatch(reference)
    if match is None:
        raise click.UsageError(f"'{reference}' is not models:/NAME@ALIAS or models:/NAME")
    with session.connect() as client:
        place = _State(_file(state, command, client.settings, reference))
        request = v1.WatchRequest(alias=match[2] or "", after_position=after or place.load())
        watching.pin(client, request, match[1])
        try:
            for response in watching.responses(client, request):
                for event in response.events:
                    _show(event, as_json)
                    if command is not None:
                        _run(command, event)
                    place.keep(event.position)
                place.keep(response.position)
        except PreconditionError as error:
            if place.file is not None and error.reason == "POSITION_OF_ANOTHER_LOG":
                raise click.ClickException(f"{error}; to go on from now, remove {place.file}") from None
            raise


class _State:
    """How far a watch came, in a file; nowhere without one."""

    def __init__(self, file: Path | None) -> None:
        self.file = file
        self._kept = ""

    def load(self) -> str:
        """Return the position after which to go on; empty at the first start."""
        if self.file is None:
            return ""
        try:
            self._kept = str(json.loads(self.file.read_text())["position"])
        except FileNotFoundError:
            return ""
        except (ValueError, KeyError, TypeError):
            raise click.ClickException(
                f"{self.file} is not the state of a watch: remove it to go on from now"
            ) from None
        return self._kept

    def keep(self, position: str) -> None:
        """Note a position, so that a crash leaves this one or the one before."""
        if self.file is None or position == self._kept:
            return
        self.file.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=self.file.parent, prefix=f".{self.file.name}-", delete=False) as new:
            json.dump({"position": position}, new)
            new.flush()
            os.fsync(new.fileno())
        os.replace(new.name, self.file)
        self._kept = position


def _file(state: str | None, command: str | None, settings: Settings, reference: str) -> Path | None:
    """Return where the state is: as said, or for a command in a file of this watch of this server."""
    from runlore import _settings

    if state is not None:
        return Path(state)
    if command is None:
        return None
    key = "\0".join((settings.address, settings.workspace, reference, command))
    return _settings.state_folder() / "watch" / f"{hashlib.sha256(key.encode()).hexdigest()[:32]}.json"


def _show(event: v1.Event, as_json: bool) -> None:
    from runlore.cli import registry_view

    if as_json:
        # A line for each: what reads it must not wait for an end.
        click.echo(json.dumps(output.record(event), ensure_ascii=False))
    else:
        output.echo(registry_view.happened(event))


def _run(command: str, event: v1.Event) -> None:
    ended = subprocess.run(command, shell=True, env={**os.environ, **_variables(event)}, check=False).returncode
    if ended:
        raise click.ClickException(
            f"the command ended with exit code {ended} on event {event.revision}: it gets the event again next time"
        )


def _variables(event: v1.Event) -> dict[str, str]:
    from runlore import v1
    from runlore.cli.tracking_view import actor

    after, before = _version(event.after), _version(event.before)
    alias = event.after.alias.alias or event.before.alias.alias
    values = {
        "KIND": v1.EventKind.Name(event.kind).removeprefix("EVENT_KIND_"),
        "MODEL": event.resource.name,
        "ALIAS": alias,
        "VERSION": str(after or ""),
        "PREVIOUS_VERSION": str(before or ""),
        "ACTOR": actor(event.actor),
        "REASON": event.reason,
        "TIME": event.time.ToJsonString(),
        "REVISION": str(event.revision),
        "POSITION": event.position,
    }
    return {f"RUNLORE_EVENT_{name}": value for name, value in values.items()}


def _version(state: v1.ResourceState) -> int:
    """Return the version that a state is of or points at; 0 for none."""
    if state.evaluations.evaluations:
        return state.evaluations.evaluations[0].version
    return state.alias.version or state.model_version.version


COMMANDS = (watch,)
