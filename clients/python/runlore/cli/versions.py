"""`runlore versions`, `tag` and `evaluate`."""

from __future__ import annotations

import click

from runlore.cli import output
from runlore.cli.session import Session, echo_lines, json_option, limit_option, numbers, pass_session, tags_option

_VERSION = click.IntRange(min=1)


@click.group()
def versions() -> None:
    """List, show, change and delete versions of models."""


@versions.command("list")
@click.argument("name", default="")
@click.option("--filter", "filter_", default="", metavar="QUERY", help="Such as: stage = 'Production'")
@click.option(
    "--order-by", default="", metavar="FIELDS", help="Such as: creation_time desc  [default: the newest first]"
)
@limit_option
@json_option
@pass_session
def list_versions(session: Session, name: str, filter_: str, order_by: str, limit: int | None, as_json: bool) -> None:
    """List the versions of the model NAME, or of all models, that match a query."""
    with session.connect() as client:
        listed = client.search_versions(name, filter_, order_by=order_by, limit=limit)
    if as_json:
        output.echo_json([output.record(version) for version in listed])
    else:
        from runlore.cli import models_view

        echo_lines(models_view.versions(listed))


@versions.command("show")
@click.argument("name")
@click.argument("version", type=_VERSION)
@json_option
@pass_session
def show_version(session: Session, name: str, version: int, as_json: bool) -> None:
    """Show a version with its evidence and evaluations."""
    with session.connect() as client:
        shown = client.get_version(name, version)
        evaluations = client.evaluations(name, version)
    if as_json:
        output.echo_json({**output.record(shown), "evaluations": [output.record(e) for e in evaluations]})
    else:
        from runlore.cli import models_view

        echo_lines(models_view.version(shown, evaluations))


@versions.command("update")
@click.argument("name")
@click.argument("version", type=_VERSION)
@click.option("--description", metavar="TEXT")
@click.option(
    "--status",
    type=click.Choice(["ready", "failed"], case_sensitive=False),
    help="What a version becomes whose files were still to come.",
)
@click.option("--status-message", metavar="TEXT", help="Why it is pending, or has failed.")
@click.option("--path", metavar="PATH", help="With --status ready: the files in the artifacts of its run; '' for all.")
@click.option("--manifest", metavar="DIGEST", help="With --status ready: the files, as a stored manifest.")
@json_option
@pass_session
def update_version(
    session: Session,
    name: str,
    version: int,
    description: str | None,
    status: str | None,
    status_message: str | None,
    path: str | None,
    manifest: str | None,
    as_json: bool,
) -> None:
    """Give a version another description, or complete one whose files were still to come.

    The files and the evidence of a version that is ready never change.
    """
    if description is None and status is None and status_message is None:
        raise click.UsageError("say what to change: --description, --status or --status-message")
    if path is not None and manifest is not None:
        raise click.UsageError("--path and --manifest exclude each other: the files are in one place")
    with session.connect() as client:
        updated = client.update_version(
            name,
            version,
            description=description,
            status=status,
            status_message=status_message,
            artifact_path=path,
            manifest_digest=manifest,
        )
    if as_json:
        output.echo_json(output.record(updated))
    else:
        from runlore.cli import models_view

        echo_lines(models_view.version(updated, []))


@versions.command("delete")
@click.argument("name")
@click.argument("version", type=_VERSION)
@click.option("--reason", default="", metavar="TEXT", help="Why; it stays in the history.")
@click.option("--delete-aliases", is_flag=True, help="Needed for a version that aliases point at.")
@json_option
@pass_session
def delete_version(session: Session, name: str, version: int, reason: str, delete_aliases: bool, as_json: bool) -> None:
    """Delete a version. Its number is not given again, its history stays."""
    with session.connect() as client:
        gone = client.delete_version(name, version, reason=reason, delete_aliases=delete_aliases)
    if as_json:
        output.echo_json(output.record(gone))
    else:
        held = f", and its aliases {', '.join(gone.aliases)}" if gone.aliases else ""
        output.echo(f"deleted version {gone.version} of {output.strong(output.clean(gone.model_name))}{held}")


@click.command()
@click.argument("name")
@click.argument("version", type=_VERSION, required=False)
@tags_option
@click.option("--delete", "delete", multiple=True, metavar="KEY", help="A tag to delete. May be repeated.")
@json_option
@pass_session
def tag(
    session: Session, name: str, version: int | None, tags: dict[str, str], delete: tuple[str, ...], as_json: bool
) -> None:
    """Set and delete tags of a version, or of a whole model.

    They are those of VERSION of the model NAME, or of the model itself.
    """
    if not tags and not delete:
        raise click.UsageError("name at least one tag to set by --tag KEY=VALUE or to delete by --delete KEY")
    with session.connect() as client:
        if version is None:
            tagged = client.tag_model(name, tags, delete=delete)
            record, now = output.record(tagged), tagged.tags
        else:
            of_version = client.tag_version(name, version, tags, delete=delete)
            record, now = output.record(of_version), of_version.tags
    if as_json:
        output.echo_json(record)
    else:
        listed = [(output.clean(key), output.clean(now[key])) for key in sorted(now)]
        echo_lines(output.pairs(listed) if listed else ["no tags"])


@click.command()
@click.argument("name")
@click.argument("version", type=_VERSION)
@click.option(
    "--metric",
    "metrics",
    multiple=True,
    required=True,
    metavar="METRIC=NUMBER",
    callback=numbers,
    help="May be repeated.",
)
@click.option("--dataset", default="", metavar="NAME", help="The data that it was measured on.")
@click.option("--digest", default="", metavar="DIGEST", help="That data's digest.")
@click.option("--run", "run_id", default="", metavar="RUN_ID", help="The run that measured.")
@click.option("--reason", default="", metavar="TEXT", help="Why; it stays in the history.")
@json_option
@pass_session
def evaluate(
    session: Session,
    name: str,
    version: int,
    metrics: dict[str, float],
    dataset: str,
    digest: str,
    run_id: str,
    reason: str,
    as_json: bool,
) -> None:
    """Record what was measured of a version.

    After the registration of VERSION of the model NAME, as on newer data. promote --evaluated compares the latest
    numbers with the holder's.
    """
    from runlore import v1

    data = v1.Dataset(name=dataset, digest=digest)
    with session.connect() as client:
        recorded = client.record_evaluation(name, version, metrics, dataset=data, run=run_id, reason=reason)
    if as_json:
        output.echo_json([output.record(evaluation) for evaluation in recorded])
    else:
        from runlore.cli import models_view

        echo_lines(models_view.evaluations(recorded))


COMMANDS = (versions, tag, evaluate)
