"""`runlore artifacts ls|tree|du|cat|cp|diff|rm`."""

from __future__ import annotations

import base64
import re
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from runlore.cli import output, progress
from runlore.cli.session import Session, echo_lines, json_option, pass_session

if TYPE_CHECKING:
    import runlore
    from runlore._progress import Report

_RANGE = re.compile(r"(\d*)-(\d*)")
_REMOTE = ("runs:", "models:", "manifests:")


@click.group()
def artifacts() -> None:
    """List, read, copy, compare and delete files.

    A REFERENCE is runs:/RUN_ID, models:/NAME@ALIAS, models:/NAME/VERSION or manifests:DIGEST, and /PATH behind it.
    """


@artifacts.command()
@click.argument("reference")
@json_option
@pass_session
def ls(session: Session, reference: str, as_json: bool) -> None:
    """List a folder."""
    with session.connect() as client:
        entries = list(client.list_artifacts(reference))
    if as_json:
        output.echo_json([output.record(entry) for entry in entries])
    else:
        from runlore.cli import artifacts_view

        echo_lines(artifacts_view.listing(entries))


@artifacts.command()
@click.argument("reference")
@json_option
@pass_session
def tree(session: Session, reference: str, as_json: bool) -> None:
    """Show everything at and below a folder."""
    with session.connect() as client:
        files = client.artifact_files(reference)
    if as_json:
        output.echo_json([output.record(entry) for entry in files])
    else:
        from runlore.cli import artifacts_view

        echo_lines(artifacts_view.tree(files))


@artifacts.command()
@click.argument("reference")
@json_option
@pass_session
def du(session: Session, reference: str, as_json: bool) -> None:
    """Show what takes the room, the most first.

    What a file has in common with another is stored once.
    """
    from runlore.cli import artifacts_view

    with session.connect() as client:
        usage = artifacts_view.usage(client.artifact_files(reference))
    if as_json:
        output.echo_json(usage)
    else:
        echo_lines(artifacts_view.usage_lines(usage))


@artifacts.command()
@click.argument("reference")
@click.option("--range", "bounds", metavar="FIRST-LAST", help="Bytes, the last included: 0-99, 100- or -100 (the end).")
@json_option
@pass_session
def cat(session: Session, reference: str, bounds: str | None, as_json: bool) -> None:
    """Write a file to stdout, each byte verified; as JSON, in base64."""
    with session.connect() as client, client.open_artifact(reference) as file:
        offset, length = _bounds(bounds, file.size)
        if as_json:
            data = base64.b64encode(file.read(offset, length)).decode()
            output.echo_json({"name": file.name, "size": file.size, "offset": offset, "base64": data})
            return
        for piece in file.stream(offset, length):
            sys.stdout.buffer.write(piece)
        sys.stdout.buffer.flush()


@artifacts.command()
@click.argument("source")
@click.argument("target")
@json_option
@pass_session
def cp(session: Session, source: str, target: str, as_json: bool) -> None:
    """Copy from a REFERENCE to a local path, or from a local path into a run.

    As with cp, a TARGET that is a folder takes the copy under its own name. Nothing that is there is replaced on this
    machine; in a run, a file of the same path is.
    """
    if source.startswith(_REMOTE) == target.startswith(_REMOTE):
        raise click.UsageError("one of SOURCE and TARGET is a reference, the other a local path")
    with session.connect() as client:
        if target.startswith(_REMOTE):
            copied = _upload(client, source, target)
        else:
            with progress.bar("copying", quiet=as_json) as report:
                copied = {"path": str(_download(client, source, Path(target), report))}
    if as_json:
        output.echo_json(copied)
    else:
        click.echo(copied["path"])


@artifacts.command()
@click.argument("old", metavar="REFERENCE")
@click.argument("new", metavar="REFERENCE")
@click.option("--exit-code", is_flag=True, help="Exit with 1 when they differ.")
@json_option
@pass_session
def diff(session: Session, old: str, new: str, exit_code: bool, as_json: bool) -> None:
    """Show which files differ between two folders, and how many bytes of the second the first has."""
    from runlore.cli import artifacts_view

    with session.connect() as client:
        changes = artifacts_view.changes(client.artifact_files(old), client.artifact_files(new))
    if as_json:
        output.echo_json(changes)
    else:
        echo_lines(artifacts_view.changes_lines(changes))
    if exit_code and not changes["same"]:
        raise click.exceptions.Exit(1)


@artifacts.command()
@click.argument("references", metavar="runs:/RUN_ID/PATH...", nargs=-1, required=True)
@json_option
@pass_session
def rm(session: Session, references: tuple[str, ...], as_json: bool) -> None:
    """Take files and folders out of one run's artifacts, all of them or none.

    Versions that were registered from them keep theirs.
    """
    from runlore import _references

    sources = [_references.parse("reference", text) for text in references]
    if len({source.run_id for source in sources}) > 1 or not all(source.run_id and source.path for source in sources):
        raise click.UsageError("give paths of one run, as runs:/RUN_ID/PATH: versions and manifests never change")
    with session.connect() as client:
        left = client.delete_artifacts(sources[0].run_id, [source.path for source in sources])
    if as_json:
        output.echo_json(output.record(left))
    else:
        files = "file" if left.file_count == 1 else "files"
        output.echo(f"{left.file_count} {files}, {output.size(left.size)} left")


def _bounds(text: str | None, size: int) -> tuple[int, int | None]:
    """Return (offset, length) of `--range`."""
    if text is None:
        return 0, None
    match = _RANGE.fullmatch(text)
    if match is None or text == "-" or (match[1] and match[2] and int(match[1]) > int(match[2])):
        raise click.BadParameter(f"'{text}' is not FIRST-LAST, FIRST- or -COUNT", param_hint="'--range'")
    if not match[1]:
        return max(0, size - int(match[2])), None
    return int(match[1]), int(match[2]) - int(match[1]) + 1 if match[2] else None


def _upload(client: runlore.Client, source: str, target: str) -> dict[str, str]:
    from runlore import _references
    from runlore._sync import uploads

    into = _references.parse("target", target)
    if not into.run_id:
        raise click.UsageError("files are copied into runs only; `runlore push` makes a version of a folder")
    run = client.get_run(into.run_id)
    uploads.upload(client, run, source, into.path, keep_name=True)
    path = "/".join(filter(None, (into.path, Path(source).resolve().name)))
    return {"path": f"runs:/{run.run_id}/{path}"}


def _download(client: runlore.Client, source: str, target: Path, report: Report | None) -> Path:
    if target.is_dir():
        name = source.rstrip("/").rpartition("/")[2]
        target = target / re.sub(r"[:@].*", "", name)
    if target.exists():
        raise click.BadParameter(f"'{target}' exists: name something new", param_hint="'TARGET'")
    found = client.pull(source, progress=report)
    if found.is_dir():
        return client.pull(source, target)
    target.parent.mkdir(parents=True, exist_ok=True)
    half = target.with_name(f".{target.name}.part")
    try:
        shutil.copyfile(found, half)
        half.chmod(0o755 if found.stat().st_mode & 0o100 else 0o644)
        half.rename(target)
    finally:
        half.unlink(missing_ok=True)
    return target


COMMANDS = (artifacts,)
