"""What is captured as a whole, how it is switched, and how it is shown."""

from __future__ import annotations

import os
import re
import shlex
import sys
from pathlib import Path

import pytest

import runlore
import runlore.aio
from runlore import _context, _settings, v1
from runlore.cli import tracking_view
from tests.clients.context.repository import ALL, TRAIN, Repository, Train, artifacts, on_path


def test_what_a_tag_can_hold() -> None:
    assert _context.storable("a\udce9\0b") == "a\\udce9\\x00b"
    assert _context.storable("x" * 8_192) == "x" * 8_192
    cut = _context.storable("x" * 10_000)
    assert len(cut) == 8_192
    assert cut.endswith("x … (cut by runlore, 10,000 characters)")


def test_tags_that_were_given_win_and_leave_room(tmp_path: Path) -> None:
    context = _context.Context(tags={"runlore.a": "1", "runlore.b": "2"}, later=[("x", lambda _: {"runlore.c": "3"})])
    assert context.merged({"runlore.a": "mine", "runlore.c": "mine"}) == {
        "runlore.a": "mine",
        "runlore.b": "2",
        "runlore.c": "mine",
    }
    assert context.complete(tmp_path) == {}
    context = _context.Context(tags={"runlore.a": "1", "runlore.b": "2"})
    many = {str(number): "" for number in range(999)}
    assert context.merged(many) == {**many, "runlore.a": "1"}
    assert context.complete(tmp_path) == {"runlore.b": "2"}


def test_which_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    parts = _settings.capture_parts
    assert parts(None) == parts(True) == parts("on") == ALL
    assert parts(False) == parts([]) == parts("0") == frozenset()
    assert parts({"git", "host"}) == parts("git, host") == {"git", "host"}
    for value, expected in {
        "0": frozenset(),
        "off": frozenset(),
        "1": ALL,
        "git,diff": {"git", "diff"},
        "": ALL,
    }.items():
        monkeypatch.setenv("RUNLORE_CAPTURE", value)
        assert parts(None) == expected
        assert parts(["env"]) == {"env"}
    monkeypatch.setenv("RUNLORE_CAPTURE", "git,gpu")
    with pytest.raises(runlore.InvalidArgumentError, match=r"^RUNLORE_CAPTURE: has 'gpu', .*command, diff, env, git"):
        parts(None)
    for bad in ("everything", ["git", 3], 7):
        with pytest.raises(runlore.InvalidArgumentError, match=r"^capture: .*give True, False or some of command, "):
            parts(bad)  # type: ignore[arg-type]


def test_a_wrong_switch_starts_no_run(client: runlore.Client) -> None:
    for bad in ({"capture": "gits"}, {"system_metrics": 0.0}):
        with pytest.raises(runlore.InvalidArgumentError):
            client.start_run(**bad)  # type: ignore[arg-type]
    assert client.search_runs() == []


def test_by_default_everything_is_captured(
    train: Train, repository: Repository, client: runlore.Client, tmp_path: Path
) -> None:
    commit = repository.commit(train=TRAIN)
    repository("remote", "add", "origin", "https://me:pw@git.example/o/r")
    repository.write(train=TRAIN + "# changed\n", untracked="")
    done = train("--api-key", "hunter2", "--lr", "0.1")
    assert (done.returncode, done.stderr) == (0, "")
    run_id, child_id = done.stdout.split()
    tags = dict(client.get_run(run_id).tags)
    assert {key: tags.pop(key) for key in list(tags) if key.startswith(("runlore.git", "team"))} == {
        "team": "ads",
        "runlore.git.commit": commit,
        "runlore.git.branch": "main",
        "runlore.git.remote": "https://git.example/o/r",
        "runlore.git.dirty": "true",
        "runlore.git.untracked": "1",
    }
    assert tags["runlore.command"] == f"{shlex.quote(sys.executable)} train.py --api-key '***' --lr 0.1"
    assert (tags["runlore.entry_point"], tags["runlore.working_directory"]) == ("train.py", str(repository.root))
    assert {"host", "user", "os", "cpu", "memory", "python"} <= {key.removeprefix("runlore.") for key in tags}
    assert "hunter2" not in str(client.get_run(run_id))
    assert artifacts(client, run_id) == ["runlore/git.diff", "runlore/packages.txt"]
    pulled = client.pull(f"runs:/{run_id}/runlore", tmp_path / "pulled")
    assert "+# changed\n" in (pulled / "git.diff").read_text()
    assert re.search(r"^grpcio==\d", (pulled / "packages.txt").read_text(), re.M)
    # A child is a part of its parent, whose context is its own.
    child = client.get_run(child_id)
    assert (dict(child.tags), child.parent_run_id, artifacts(client, child_id)) == ({}, run_id, [])


def test_each_part_can_be_switched(
    train: Train, repository: Repository, client: runlore.Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository.commit(train=TRAIN)
    repository.write(train=TRAIN + "# changed\n")
    expected = {
        "0": (set(), []),
        "command": ({"command", "entry_point", "working_directory"}, []),
        "python": ({"python"}, []),
        "git": ({"git.commit", "git.branch", "git.dirty", "git.untracked"}, []),
        "diff": (set(), ["runlore/git.diff"]),
        "packages": (set(), ["runlore/packages.txt"]),
        "env,python": ({"env.LANG_OF_TEST", "python"}, []),
    }
    on_path(
        tmp_path / "bin", "git", f'echo $$ >> {tmp_path}/calls; PATH={os.environ["PATH"]} exec git "$@"', monkeypatch
    )
    for parts, (keys, files) in expected.items():
        done = train(
            RUNLORE_CAPTURE=parts, RUNLORE_CAPTURE_ENV="LANG_OF_TEST", LANG_OF_TEST="x", PATH=os.environ["PATH"]
        )
        assert (done.returncode, done.stderr) == (0, ""), parts
        run_id = done.stdout.split()[0]
        tags = {key.removeprefix("runlore.") for key in client.get_run(run_id).tags if key != "team"}
        assert (tags, artifacts(client, run_id)) == (keys, files), parts
        # Git is run for what needs it, and for nothing else.
        assert (tmp_path / "calls").exists() == bool({"git", "diff"} & {parts}), parts
        (tmp_path / "calls").unlink(missing_ok=True)


def test_show_tells_the_context_apart_from_the_tags() -> None:
    shown = v1.Run(run_id="a" * 32, status=v1.RUN_STATUS_FINISHED)
    shown.tags.update({"team": "ads", "runlore.git.commit": "c0ffee", "runlore.command": "x" * 500})
    lines = tracking_view.run(shown, {}, [])
    at = lines.index("\x1b[1mtags\x1b[0m")
    assert "team" in lines[at + 1]
    assert lines[at + 2] == ""
    assert "context" in lines[at + 3]
    assert "tags runlore.*" in lines[at + 3]
    assert [line.split()[0] for line in lines[at + 4 :]] == ["\x1b[1mcommand\x1b[0m", "\x1b[1mgit.commit\x1b[0m"]
    assert lines[at + 4].endswith("x…")
    assert len(lines[at + 4]) < 200
    assert "context" not in "".join(tracking_view.run(v1.Run(tags={"a": "b"}), {}, []))


def test_the_readme_names_every_tag() -> None:
    readme = Path(runlore.__file__).resolve().parents[1] / "README.md"
    named = set(re.findall(r"`runlore\.([a-z_.]+)`", readme.read_text()))
    captured = {key.removeprefix("runlore.") for key in _context.capture(ALL).tags}
    assert captured <= named
    assert {"git.remote", "git.dirty", "git.untracked", "git.diff_cut", "gpu", "capture_errors"} <= named
