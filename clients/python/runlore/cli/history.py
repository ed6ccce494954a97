"""`runlore history` and `verify`."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from runlore.cli import output
from runlore.cli.session import Session, echo_lines, json_option, moment, pass_session

if TYPE_CHECKING:
    from runlore import v1

#: Kinds of events of a registered model, as `--kind` has them.
_KINDS = (
    *("model-created", "model-updated", "model-deleted"),
    *("model-version-created", "model-version-updated", "model-version-deleted", "model-version-purged"),
    *("alias-set", "alias-rolled-back", "alias-deleted", "stage-set", "evaluation-recorded"),
)


@click.command()
@click.argument("name", required=False)
@click.option("--id", "model_id", default="", metavar="MODEL_ID", help="In place of NAME: also of a deleted model.")
@click.option("--alias", default="", metavar="ALIAS", help="Only what happened to this alias.")
@click.option(
    "--kind",
    "kinds",
    multiple=True,
    type=click.Choice(_KINDS),
    metavar="KIND",
    help="Such as alias-set. May be repeated.",
)
@click.option("--by", "actor", default="", metavar="KIND:ID", help="Only what this actor did.")
@click.option(
    "--since", metavar="TIME", callback=moment, help="From then on, such as 2026-01-31; in UTC without a zone."
)
@click.option("--until", metavar="TIME", callback=moment, help="Before then.")
@click.option("--last", type=click.IntRange(min=1), metavar="N", help="Only the last N.")
@click.option("--export", "file", metavar="FILE", help="Write all of it to a file that verify checks without a server.")
@json_option
@pass_session
def history(
    session: Session,
    name: str | None,
    model_id: str,
    alias: str,
    kinds: tuple[str, ...],
    actor: str,
    since: datetime | None,
    until: datetime | None,
    last: int | None,
    file: str | None,
    as_json: bool,
) -> None:
    """Show who moved what of a model, when and why.

    Every change of the model NAME, the oldest first: its versions, and its aliases from what to what.
    """
    from runlore import v1

    model = _model(name, model_id)
    if file is not None:
        if alias or kinds or actor or since or until or last:
            raise click.UsageError("--export writes the whole history: its events prove each other")
        _export(session, model, file, as_json)
        return
    with session.connect() as client:
        events = client.history(
            model,
            alias=alias,
            kinds=[v1.EventKind.Value(f"EVENT_KIND_{kind.upper().replace('-', '_')}") for kind in kinds],
            actor=actor,
            since=since,
            until=until,
            newest_first=last is not None,
            limit=last,
        )
    if last is not None:
        events.reverse()
    if as_json:
        output.echo_json([output.record(event) for event in events])
    else:
        from runlore.cli import registry_view

        echo_lines(registry_view.history(events))


@click.command()
@click.argument("target", metavar="NAME|FILE", required=False)
@click.option("--id", "model_id", default="", metavar="MODEL_ID", help="In place of NAME: also of a deleted model.")
@click.option("--known-head", metavar="REVISION:HASH", help="An event that the history must hold.")
@json_option
@pass_session
def verify(session: Session, target: str | None, model_id: str, known_head: str | None, as_json: bool) -> None:
    """Verify that a model's history is as it was written.

    FILE is what history --export wrote, and is verified without a server; NAME is a model, which its server verifies.
    """
    known = _head(known_head)
    if target is not None and not model_id and Path(target).is_file():
        found = _verify_file(target, known)
    else:
        found = _verify_on_server(session, _model(target, model_id), known)
    if as_json:
        output.echo_json(found)
    elif found["valid"]:
        output.echo(f"{output.good('valid')}: {found['event_count']} events, head {found['head']['hash']}")
    else:
        at = f"event {found['revision']}: " if found["revision"] else ""
        output.echo(f"{output.bad('NOT VALID')}: {at}{output.clean(str(found['problem']))}")
    if not found["valid"]:
        from runlore.cli import failures

        raise click.exceptions.Exit(failures.NOT_GENUINE)


def _model(name: str | None, model_id: str) -> str | v1.RegisteredModel:
    from runlore import v1

    if (name is None) == (not model_id):
        raise click.UsageError("give one of NAME and --id")
    return name if name is not None else v1.RegisteredModel(model_id=model_id)


def _head(text: str | None) -> tuple[int, str] | None:
    if text is None:
        return None
    revision, _, digest = text.partition(":")
    if not revision.isdecimal() or len(digest) != 64:
        raise click.BadParameter("write REVISION:HASH, a number and 64 hex digits", param_hint="'--known-head'")
    return int(revision), digest


def _export(session: Session, model: str | v1.RegisteredModel, file: str, as_json: bool) -> None:
    with session.connect() as client:
        head = client.export_history(model, file)
    if as_json:
        output.echo_json({"file": file, "head": output.record(head)})
    else:
        output.echo(f"wrote {head.revision} events to {file}; check it with: runlore verify {file}")


def _verify_file(file: str, known: tuple[int, str] | None) -> dict[str, Any]:
    from runlore.verify import verify_history

    found = verify_history(file, known)
    return {
        "valid": found.valid,
        "event_count": found.event_count,
        "head": {"revision": str(found.head[0]), "hash": found.head[1]},
        "revision": found.revision,
        "problem": found.problem,
    }


def _verify_on_server(
    session: Session, model: str | v1.RegisteredModel, known: tuple[int, str] | None
) -> dict[str, Any]:
    from runlore import v1

    head = v1.ChainHead(revision=known[0], hash=known[1]) if known is not None else None
    with session.connect() as client:
        found = client.verify_history(model, known_head=head)
    return {
        "valid": found.valid,
        "event_count": found.event_count,
        "head": output.record(found.head),
        "revision": found.first_break.revision,
        "problem": found.first_break.problem,
    }


COMMANDS = (history, verify)
