"""The command line, the entry point and the environment; and no secrets."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from runlore import _context
from runlore._context import command, masking
from runlore._context import environment as variables
from tests.clients.context.repository import ALL, Repository


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("--lr 0.1 --epochs=3", "--lr 0.1 --epochs=3"),
        ("--password X --lr 1", "--password *** --lr 1"),
        ("--db-password=a=b,c --lr 1", "--db-password=*** --lr 1"),
        ("--token=abc", "--token=***"),
        ("-hfToken abc", "-hfToken ***"),
        ("--api_key abc", "--api_key ***"),
        ("--use-auth-token --lr 1", "--use-auth-token --lr 1"),
        ("key=abc db.secret=x +wandb.apiKey=y lr=1", "key=*** db.secret=*** +wandb.apiKey=*** lr=1"),
        ("--max-tokens 512 --max-tokens=512", "--max-tokens 512 --max-tokens=512"),
        ("--tokenizer bert --keypoints 3 --monkey 1", "--tokenizer bert --keypoints 3 --monkey 1"),
        ("--db postgres://u:p@h:5432/d", "--db postgres://h:5432/d"),
        ("'https://h/f?a=1&X-Amz-Signature=abc&token=t'", "https://h/f?a=1&X-Amz-Signature=***&token=***"),
        ("--header 'Authorization: Bearer abc.def'", "--header Authorization: ***"),
        ("""'{"password": "a b", "lr": 1}'""", """{"password": ***, "lr": 1}"""),
        ("""-c 'login(api_key=f"a{1}", token="b" * 2); go(1)'""", "-c login(api_key=***, token=*** * 2); go(1)"),
        ("""-c 'secret = \"\"\"a"b\nc\"\"\"; go()' """, "-c secret = ***; go()"),
        ("ghp_0123456789abcdefghijABCDEFGHIJ012345", "***"),
        ("hf_0123456789abcdefghijABCDEF AKIAIOSFODNN7EXAMPLE", "*** ***"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.abc-_", "***"),
        ("'-----BEGIN RSA PRIVATE KEY-----\nabc\n'", "***"),
    ],
)
def test_secrets_of_a_command_line_are_masked(given: str, told: str) -> None:
    arguments = shlex.split(given)
    masked = masking.arguments(["train.py", *arguments])
    assert " ".join(masked) == f"train.py {told}"
    assert len(masked) == len(arguments) + 1


def test_variables_by_allow_list_and_never_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "CTX_A": "1",
        "CTX_URL": "redis://u:p@h",
        "CTX_TOKEN": "s",
        "CTX_MY_SECRET_X": "s",
        "CTX_PASSWORD": "s",
        "CTX_SSH_KEY": "s",
        "ctx_credentials": "s",
        "CTXB": "2",
    }.items():
        monkeypatch.setenv(name, value)
    assert variables.tags(["CTX_*", "ctx_*", "NOT_SET"]) == (
        {"runlore.env.CTX_A": "1", "runlore.env.CTX_URL": "redis://h"},
        "",
    )
    found, refused = variables.tags(["CTXB", "CTX_TOKEN", "CTX_SSH_KEY", "NO_SUCH_TOKEN"])
    assert found == {"runlore.env.CTXB": "2"}
    assert refused == "CTX_TOKEN, CTX_SSH_KEY are never captured, as names of secrets"
    assert _context.capture(frozenset({"env"})).tags == {}
    monkeypatch.setenv("RUNLORE_CAPTURE_ENV", "CTXB, CTX_TOKEN")
    context = _context.capture(ALL)
    assert {k: v for k, v in context.tags.items() if "env." in k} == {"runlore.env.CTXB": "2"}
    assert "CTX_TOKEN" in context.error_tags()["runlore.capture_errors"]
    assert not any("env." in key for key in _context.capture(ALL - {"env"}).tags)


@pytest.mark.parametrize(
    ("arguments", "entry"),
    [(["sub/train.py"], "sub/train.py"), (["-m", "sub.train"], "sub.train"), (["-m", "sub"], "sub")],
)
def test_the_entry_point(repository: Repository, arguments: list[str], entry: str) -> None:
    folder = repository.root / "sub"
    folder.mkdir()
    code = "from runlore._context import command\nprint(command.tags({root!r})['runlore.entry_point'])"
    for name in ("train.py", "__main__.py"):
        (folder / name).write_text(code.format(root=str(repository.root)))
    done = subprocess.run([sys.executable, *arguments], cwd=repository.root, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == entry


def test_the_repository_is_that_of_the_script_unless_it_is_installed(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    main = sys.modules["__main__"]
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(main, "__file__", str(repository.root / "train.py"), raising=False)
    assert command.folders() == [str(repository.root), str(tmp_path)]
    monkeypatch.setattr(main, "__file__", pytest.__file__)
    assert command.folders() == [str(tmp_path)]
    monkeypatch.delattr(main, "__file__")
    assert command.folders() == [str(tmp_path)]
