"""`runlore audit`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from runlore.cli import output
from runlore.cli.session import Session, json_option, pass_session

if TYPE_CHECKING:
    import runlore
    from runlore import v1
    from runlore.cli.audit_view import Audit


@click.command()
@click.argument("reference")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "html", "md"]),
    default="text",
    show_default=True,
    help="HTML is one file, which prints well.",
)
@click.option("--output", "-o", "file", type=click.Path(dir_okay=False), metavar="FILE", help="Write to a file.")
@json_option
@pass_session
def audit(session: Session, reference: str, form: str, file: str | None, as_json: bool) -> None:
    """Show everything about a version on one page.

    What it was made of, by whom, what it was measured to be, and every move of a stage or an alias with its reason
    and evidence. REFERENCE is models:/NAME/VERSION or models:/NAME@ALIAS. The model's history is verified for it; when
    it is not as it was written, the page says so, and the exit code is 8.
    """
    with session.connect() as client:
        found = _collect(client, reference)
    text = _written(found, "json" if as_json else form)
    if file is None:
        for line in text:
            output.echo(line)
    else:
        with open(file, "w", encoding="utf-8") as target:
            target.writelines(f"{click.unstyle(line)}\n" for line in text)
        output.echo(file)
    if not found.verified.valid:
        from runlore.cli import failures

        raise click.exceptions.Exit(failures.NOT_GENUINE)


def _collect(client: runlore.Client, reference: str) -> Audit:
    from runlore._sync import origin
    from runlore._words import reference as reference_of
    from runlore.cli.audit_view import Audit

    version = client.resolve(reference).model_version
    context = origin.of_version(client, version)
    return Audit(
        version=version,
        model=client.get_model(version.model_name),
        run=_run(client, version),
        files=client.artifact_files(reference_of(version)) if version.manifest_digest else [],
        context=context,
        captured=origin.captured(client, context.run_id),
        evaluations=client.evaluations(version.model_name, version.version, limit=None),
        events=client.history(version.model_name),
        verified=client.verify_history(version.model_name),
    )


def _run(client: runlore.Client, version: v1.ModelVersion) -> v1.Run | None:
    """Return the run that made it, None when there was none, or when it is purged."""
    from runlore.errors import NotFoundError

    try:
        return client.get_run(version.run_id) if version.run_id else None
    except NotFoundError:
        return None


def _written(found: Audit, form: str) -> list[str]:
    import json

    from runlore.cli import audit_view, document

    if form == "json":
        record: dict[str, Any] = audit_view.record(found)
        return [json.dumps(record, indent=2, ensure_ascii=False)]
    page = audit_view.page(found)
    return {"text": document.as_text, "md": document.as_markdown, "html": document.as_html}[form](page)


COMMANDS = (audit,)
