"""`runlore pull` and `push`."""

from __future__ import annotations

from pathlib import Path

import click

from runlore.cli import output, progress
from runlore.cli.session import Session, accept_head_option, json_option, pass_session, tags_option


@click.command()
@click.argument("reference")
@click.option("--dest", metavar="DIR", help="Where to put the files: new, empty, or with these files. [default: cache]")
@click.option("--link", is_flag=True, help="With --dest: link to the cache's files, which must not be written to.")
@click.option("--verify", is_flag=True, help="Read and hash also what was verified before.")
@click.option("--no-fallback", is_flag=True, help="Fail when the registry is down, rather than use the last good copy.")
@accept_head_option
@json_option
@pass_session
def pull(
    session: Session,
    reference: str,
    dest: str | None,
    link: bool,
    verify: bool,
    no_fallback: bool,
    accept_head: bool,
    as_json: bool,
) -> None:
    """Download files, verify them, print the folder.

    REFERENCE is models:/NAME@ALIAS, models:/NAME/VERSION (or a stage, or latest), runs:/RUN_ID or manifests:DIGEST, and
    /PATH behind it for a part of the files. When the registry does not answer, the files of the last pull of the same
    reference are used, and a warning says so on stderr.
    """
    from runlore import _references
    from runlore._sync import pulls
    from runlore.cli import failures

    if link and dest is None:
        raise click.UsageError("--link needs --dest")
    source = _references.parse("ref", reference)
    target = None if dest is None else Path(dest)
    with session.connect() as client, progress.bar("pulling", quiet=as_json) as report:
        try:
            done = pulls.pull(
                client,
                source,
                target,
                verify=verify,
                link=link,
                fallback=not no_fallback,
                accept_head=accept_head,
                report=report,
            )
        except (FileExistsError, NotADirectoryError) as problem:
            raise click.BadParameter(failures.words_of(problem), param_hint="'--dest'") from None
    if as_json:
        output.echo_json(
            {
                "path": str(done.path),
                "manifest_digest": done.manifest_digest,
                "version": done.version,
                "stale": done.stale,
                **progress.record(done.transfer),
            }
        )
        return
    if done.transfer.moved:
        output.echo(output.faint(progress.summary(done.transfer, "received", "had")), err=True)
    click.echo(str(done.path))


@click.command()
@click.argument("path", metavar="DIR", type=click.Path(exists=True))
@click.option("--model", "model_name", required=True, metavar="NAME", help="The model; it is made when it is new.")
@click.option("--description", default="", metavar="TEXT")
@click.option("--rehash", is_flag=True, help="Read all files, also those that did not change since an earlier push.")
@tags_option
@json_option
@pass_session
def push(
    session: Session, path: str, model_name: str, description: str, rehash: bool, tags: dict[str, str], as_json: bool
) -> None:
    """Register a folder as a model's next version, without a run.

    What is stored already is not sent again: a push that was interrupted goes on when it is repeated.
    """
    from runlore._sync import pushes

    with session.connect() as client, progress.bar("pushing", quiet=as_json) as report:
        done = pushes.push(client, path, model_name, description=description, tags=tags, rehash=rehash, report=report)
    if as_json:
        output.echo_json({"model_version": output.record(done.version), **progress.record(done.transfer)})
        return
    from runlore.cli import registry_view

    for text in registry_view.registered(done.version):
        output.echo(text)
    output.echo(output.faint(progress.summary(done.transfer, "sent", "saved")))


COMMANDS = (pull, push)
