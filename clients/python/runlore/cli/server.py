"""`runlore info` and `runlore completion`."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from runlore.cli import output
from runlore.cli.session import Session, echo_lines, json_option, pass_session


@click.command()
@json_option
@pass_session
def info(session: Session, as_json: bool) -> None:
    """Show the server's version, features and limits."""
    from runlore import v1

    with session.connect() as client:
        answer = client.server.GetServerInfo(v1.GetServerInfoRequest())
    if as_json:
        output.echo_json(output.record(answer))
        return
    rows = [
        ("version", answer.version),
        ("contract revision", str(answer.contract_revision)),
        ("features", ", ".join(answer.features) or "none"),
        ("event log", answer.log_id),
        *((field.name.replace("_", " "), f"{value:,}") for field, value in answer.limits.ListFields()),
    ]
    echo_lines(output.pairs(rows))


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print what makes a shell complete `runlore`.

    \b
    bash:  eval "$(runlore completion bash)"    in ~/.bashrc
    zsh:   eval "$(runlore completion zsh)"     in ~/.zshrc
    fish:  runlore completion fish | source     in ~/.config/fish/config.fish
    """
    make = get_completion_class(shell)
    assert make is not None
    click.echo(make(context.find_root().command, {}, "runlore", "_RUNLORE_COMPLETE").source())


COMMANDS = (info, completion)
