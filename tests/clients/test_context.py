"""What is captured of how a run was started: on real git repositories, in real processes."""

from __future__ import annotations

import asyncio
import importlib.metadata
import os
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

import runlore
import runlore.aio
from runlore import _context, _settings, v1
from runlore._context import command, git, machine, masking, packages, recorder
from runlore._context import environment as variables
from runlore._sync import uploads
from runlore.cli import tracking_view
from runlore.errors import RunloreError
from tests.clients.lossy import LossyRelay
from tests.harness.server import environment

ALL = frozenset(_settings.CAPTURE_PARTS)


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """A shell's own settings are no part of a test, and every test is the first to warn."""
    for name in ("RUNLORE_CAPTURE", "RUNLORE_CAPTURE_ENV", "GIT_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(_context, "_warned", set())


class Repository:
    """A git repository of the test's own."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.root.mkdir()
        self("init", "-q", "-b", "main")

    def __call__(self, *arguments: str) -> str:
        identity = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false"]
        done = subprocess.run(
            ["git", "-C", str(self.root), *identity, *arguments],
            env={**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull},
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()

    def write(self, **files: str) -> None:
        for name, content in files.items():
            (self.root / f"{name}.py").write_text(content)

    def commit(self, **files: str) -> str:
        self.write(**files)
        self("add", "-A")
        self("commit", "-q", "-m", "m")
        return self("rev-parse", "HEAD")

    def find(self) -> git.Repository:
        found = git.find([str(self.root)])
        assert found is not None
        return found

    def later(self, folder: Path) -> tuple[dict[str, str], str | None]:
        """Return the tags of status and diff, and the stored diff."""
        folder.mkdir(exist_ok=True)
        end = time.monotonic() + 20
        tags = git.status(self.find(), folder, end) | git.diff(self.find(), folder, end)
        path = folder / "git.diff"
        assert [p for p in folder.iterdir() if p != path] == []
        return tags, path.read_text() if path.exists() else None


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "code")


def on_path(folder: Path, name: str, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a program of this name before all others."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")


def artifacts(client: runlore.Client, run_id: str) -> list[str]:
    """Return the paths of a run's artifacts."""
    if not client.get_run(run_id).artifact_manifest_digest:
        return []
    return [file.path for file in client.artifacts.GetManifest(v1.GetManifestRequest(run_id=run_id)).files]


# Git.


def test_a_clean_repository(repository: Repository, tmp_path: Path) -> None:
    commit = repository.commit(train="a = 1\n")
    below = repository.root / "deep" / "er"
    below.mkdir(parents=True)
    assert git.find([str(tmp_path / "nowhere"), str(below)]) == git.Repository(str(repository.root), commit, "main", "")
    assert repository.find().tags() == {"runlore.git.commit": commit, "runlore.git.branch": "main"}
    assert repository.later(tmp_path / "out") == ({"runlore.git.dirty": "false", "runlore.git.untracked": "0"}, None)


def test_the_diff_makes_the_commit_what_was_run(repository: Repository, tmp_path: Path) -> None:
    repository.commit(train="a = 1\n", gone="x\n", old="\n".join("abcdefgh"), staged="1\n")
    clone = Repository(tmp_path / "clone")
    clone("fetch", "-q", str(repository.root), "main")
    clone("checkout", "-q", "FETCH_HEAD")
    repository.write(train="a = 2\n", staged="2\n", new="new\n")
    repository("add", "staged.py", "new.py")
    repository("mv", "old.py", "näme of\ttwo words.py")
    (repository.root / "gone.py").unlink()
    repository.write(untracked="not stored", another="not stored")
    tags, diff = repository.later(tmp_path / "out")
    assert tags == {"runlore.git.dirty": "true", "runlore.git.untracked": "2"}
    assert "not stored" not in str(diff)
    clone("apply", str(tmp_path / "out" / "git.diff"))
    files = {p.name: p.read_text() for p in clone.root.glob("*.py")}
    tracked = repository("ls-files", "-z").rstrip("\0").split("\0")
    assert files == {name: (repository.root / name).read_text() for name in tracked if name != "gone.py"}


def test_untracked_files_alone_leave_no_diff(repository: Repository, tmp_path: Path) -> None:
    repository.commit(train="1\n")
    repository.write(notes="2\n")
    assert repository.later(tmp_path / "out") == ({"runlore.git.dirty": "false", "runlore.git.untracked": "1"}, None)


def test_a_detached_head_has_no_branch(repository: Repository) -> None:
    commit = repository.commit(train="1\n")
    repository("checkout", "-q", "--detach")
    assert repository.find().tags() == {"runlore.git.commit": commit}


def test_before_the_first_commit_the_diff_is_what_was_added(repository: Repository, tmp_path: Path) -> None:
    assert repository.find().tags() == {"runlore.git.branch": "main"}
    assert repository.later(tmp_path / "out") == ({"runlore.git.dirty": "false", "runlore.git.untracked": "0"}, None)
    repository.write(train="a = 1\n")
    repository("add", "-A")
    tags, diff = repository.later(tmp_path / "out")
    assert tags == {"runlore.git.dirty": "true", "runlore.git.untracked": "0"}
    assert "+a = 1\n" in str(diff)


def test_no_repository_and_no_git(tmp_path: Path, repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    repository.commit(train="1\n")
    assert git.find([str(tmp_path)]) is None
    assert git.find([str(repository.root / ".git")]) is None
    monkeypatch.chdir(repository.root)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert git.find([str(repository.root)]) is None
    context = _context.capture(ALL)
    assert context.errors == {}
    assert not any(key.startswith("runlore.git") for key in context.tags)
    assert context.tags["runlore.working_directory"] == str(repository.root)


@pytest.mark.parametrize(
    ("configured", "told"),
    [
        ({"origin": "https://user:pa%40ss@git.example:8443/o/r.git"}, "https://git.example:8443/o/r.git"),
        ({"origin": "https://ghp_0123456789@git.example/o/r"}, "https://git.example/o/r"),
        ({"origin": "git@git.example:o/r.git"}, "git@git.example:o/r.git"),
        ({"origin": "ssh://git:secret@git.example/o/r.git"}, "ssh://git@git.example/o/r.git"),
        ({"origin": "ssh://git@git.example/o/r.git"}, "ssh://git@git.example/o/r.git"),
        ({"a": "https://x/a", "origin": "https://x/o", "b": "https://x/b"}, "https://x/o"),
        ({"b": "/srv/b.git", "a": "https://x/a"}, "/srv/b.git"),
        ({}, ""),
    ],
)
def test_the_remote_is_told_without_credentials(repository: Repository, configured: dict[str, str], told: str) -> None:
    repository.commit(train="1\n")
    for name, url in configured.items():
        repository("remote", "add", name, url)
    assert repository.find().remote == told


def test_the_branchs_own_remote_comes_first(repository: Repository) -> None:
    repository.commit(train="1\n")
    repository("remote", "add", "origin", "https://x/origin")
    repository("remote", "add", "fork", "https://x/fork")
    repository("config", "branch.main.remote", "fork")
    assert repository.find().remote == "https://x/fork"


def test_the_repository_is_left_as_it_is(repository: Repository, tmp_path: Path) -> None:
    repository.commit(train="1\n", other="2\n")
    # Stat data that the index does not have: `git status` would write it there.
    os.utime(repository.root / "train.py", (1, 1))
    repository.write(other="3\n")
    marks = tmp_path / "ran"
    spy = tmp_path / "spy"
    spy.write_text(f"#!/bin/sh\necho ran >> {marks}\n")
    spy.chmod(0o755)
    for key in ("diff.external", "core.fsmonitor", "diff.py.textconv", "core.pager"):
        repository("config", key, str(spy))
    (repository.root / ".git" / "info" / "attributes").write_text("*.py diff=py\n")

    def state() -> dict[str, tuple[int, bytes]]:
        files = [p for p in repository.root.rglob("*") if p.is_file()]
        return {str(p): (p.stat().st_mtime_ns, p.read_bytes()) for p in files}

    before = state()
    tags, diff = repository.later(tmp_path / "out")
    assert (tags["runlore.git.dirty"], "+3\n" in str(diff)) == ("true", True)
    assert state() == before
    assert not marks.exists()


def test_a_long_diff_is_cut_after_a_line(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(git, "DIFF_LIMIT", 2_000)
    repository.commit(train="")
    repository.write(train="".join(f"line {number}\n" for number in range(1_000)))
    tags, diff = repository.later(tmp_path / "out")
    assert tags["runlore.git.diff_cut"] == "true"
    assert diff is not None
    body, _, note = diff.rpartition("\n# ")
    assert note == "cut by runlore: the diff is longer than 2,000 bytes\n"
    assert len(body) <= 2_000
    assert re.fullmatch(r"\+line \d+", body.splitlines()[-1])


def test_changed_binary_files_are_named_only(repository: Repository, tmp_path: Path) -> None:
    (repository.root / "model.bin").write_bytes(bytes(range(256)))
    repository.commit()
    (repository.root / "model.bin").write_bytes(os.urandom(100_000))
    _, diff = repository.later(tmp_path / "out")
    assert "Binary files a/model.bin and b/model.bin differ" in str(diff)
    assert len(str(diff)) < 500


def test_a_git_that_refuses_is_recorded(
    repository: Repository, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    repository.commit(train="1\n")
    (repository.root / ".git" / "config").write_text("nonsense [")
    monkeypatch.chdir(repository.root)
    context = _context.capture(ALL)
    assert re.match(r"bad config line 1 in file", context.errors["git"])
    assert context.tags["runlore.working_directory"] == str(repository.root)
    assert context.error_tags()["runlore.capture_errors"].startswith("git: bad config line 1")
    _context.capture(ALL)
    assert len([r for r in caplog.records if "not complete: git: bad config" in r.message]) == 1


def test_a_git_that_hangs_is_left(repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = repository.find()
    on_path(tmp_path / "bin", "git", f"echo $$ >> {tmp_path}/pids; exec sleep 60", monkeypatch)
    monkeypatch.setattr(git, "INLINE_TIMEOUT", 0.3)
    began = time.monotonic()
    with pytest.raises(git.GitError, match="took too long"):
        git.find([str(repository.root)])
    with pytest.raises(git.GitError, match="`git status` took too long"):
        git.status(found, tmp_path, time.monotonic() + 0.3)
    assert time.monotonic() - began < 5
    pids = (tmp_path / "pids").read_text().split()
    assert len(pids) == 3
    assert [pid for pid in pids if Path(f"/proc/{pid}").exists()] == []


# The command line, the environment, the packages, the machine.


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


def test_packages_are_those_that_python_finds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    info = tmp_path / "site" / "odd_one-2.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: Odd.One\nVersion: 2.0\n\nName: not this\n")
    (info / "direct_url.json").write_text(
        '{"url": "https://u:p@git.example/o/r", "vcs_info": {"vcs": "git", "commit_id": "abc"}}'
    )
    broken = tmp_path / "site" / "broken-1.0.dist-info"
    broken.mkdir()
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    assert packages.write(tmp_path) == {}
    lines = (tmp_path / "packages.txt").read_text().splitlines()
    assert lines[0].startswith("# CPython 3.")
    assert "Odd.One==2.0  # from https://git.example/o/r@abc" in lines
    known = {}
    for found in importlib.metadata.distributions():
        if found.metadata is not None and found.metadata["Name"]:
            known.setdefault(re.sub(r"[-_.]+", "-", found.metadata["Name"]).lower(), found.version)
    told = dict(line.partition("  #")[0].split("==") for line in lines[1:])
    assert {re.sub(r"[-_.]+", "-", name).lower(): version for name, version in told.items()} == known
    # A package that is installed later is found by the next run.
    later = tmp_path / "site" / "later-1.dist-info"
    later.mkdir()
    (later / "METADATA").write_text("Name: later\nVersion: 1\n")
    os.utime(tmp_path / "site", (time.time() + 5, time.time() + 5))
    packages.write(tmp_path)
    assert "later==1" in (tmp_path / "packages.txt").read_text().splitlines()


def test_the_machine() -> None:
    tags = machine.tags()
    assert tags["runlore.host"] == os.uname().nodename
    assert tags["runlore.os"].startswith(f"{os.uname().sysname} {os.uname().release}")
    assert re.search(r"\d+ CPUs?$", tags["runlore.cpu"])
    assert re.fullmatch(r"[\d.]+ GiB", tags["runlore.memory"])
    assert all(tags.values())
    assert machine.python_tags()["runlore.python"].endswith(" ".join([".".join(map(str, sys.version_info[:3]))]))


def test_gpus_that_only_a_program_can_tell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.asked_gpus.cache_clear()
    monkeypatch.setattr(machine, "gpus", lambda: "")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not machine.gpus_need_asking()
    on_path(tmp_path / "bin", "nvidia-smi", 'printf "NVIDIA H100\\nNVIDIA H100\\nTesla T4\\n"', monkeypatch)
    context = _context.capture(frozenset({"host"}))
    assert "runlore.gpu" not in context.tags
    assert context.complete(tmp_path) == {"runlore.gpu": "2 x NVIDIA H100, Tesla T4"}
    machine.asked_gpus.cache_clear()


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


# The switch.


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


TRAIN = """
import runlore
with runlore.start_run("ctx", tags={"team": "ads"}) as run:
    print(run.run_id, flush=True)
    with run.start_child("trial") as child:
        print(child.run_id, flush=True)
"""


@pytest.fixture
def train(runlore_env: Mapping[str, str], repository: Repository) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs `train.py` of the repository with these arguments and variables."""

    def run(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
        own = {name: value for name, value in runlore_env.items() if name != "RUNLORE_CAPTURE"}
        return subprocess.run(
            [sys.executable, "train.py", *arguments],
            env=environment({**own, **env}),
            cwd=repository.root,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run


Train = Callable[..., "subprocess.CompletedProcess[str]"]


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


# The thread behind the run.


@pytest.fixture
def capturing(client: runlore.Client, monkeypatch: pytest.MonkeyPatch) -> runlore.Client:
    """A client whose runs capture the packages only: what is stored then does not depend on the checkout."""
    monkeypatch.setenv("RUNLORE_CAPTURE", "packages")
    return client


def test_ending_a_run_waits_for_its_context(capturing: runlore.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    write = packages.write

    def slowly(folder: Path) -> dict[str, str]:
        time.sleep(0.4)
        return {**write(folder), "runlore.late": "1"}

    monkeypatch.setattr(packages, "write", slowly)
    began = time.monotonic()
    run = capturing.start_run()
    assert time.monotonic() - began < 0.3
    assert artifacts(capturing, run.run_id) == []
    run.finish()
    assert artifacts(capturing, run.run_id) == ["runlore/packages.txt"]
    assert capturing.get_run(run.run_id).tags["runlore.late"] == "1"
    with capturing.start_run() as another:
        # A version is of the files that the run has by then.
        assert capturing.register("whole-run", another, "runlore").version == 1


def test_what_fails_behind_the_run_is_recorded_and_told_once(
    capturing: runlore.Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_: Path) -> dict[str, str]:
        raise OSError("no room for token=abc")

    monkeypatch.setattr(packages, "write", fail)
    for _ in range(2):
        with capturing.start_run() as run:
            run.log({"a": 1.0})
        stored = capturing.get_run(run.run_id)
        assert stored.status == v1.RUN_STATUS_FINISHED
        assert dict(stored.tags) == {"runlore.capture_errors": "packages: OSError: no room for token=***"}
    assert [r.message for r in caplog.records if r.name == "runlore"] == [
        "this run's context is not complete: packages: OSError: no room for token=***"
    ]


def test_artifacts_that_the_server_refuses_are_recorded(
    capturing: runlore.Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise RunloreError("the store is full")

    monkeypatch.setattr(uploads, "upload", refuse)
    with capturing.start_run() as run:
        pass
    stored = capturing.get_run(run.run_id)
    assert stored.status == v1.RUN_STATUS_FINISHED
    assert dict(stored.tags) == {"runlore.capture_errors": "artifacts: not stored: the store is full"}
    assert f"the context of run {run.run_id} could not be stored: the store is full" in caplog.text


@pytest.fixture
def relay(runlore_env: Mapping[str, str]) -> Iterator[LossyRelay]:
    made = LossyRelay(runlore_env["RUNLORE_ADDRESS"])
    yield made
    made.close()


def test_a_server_that_comes_back_gets_the_context(
    relay: LossyRelay, capturing: runlore.Client, workspace: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with runlore.connect(relay.address, workspace=workspace, timeout=2) as lossy:
        began = time.monotonic()
        run = lossy.start_run()
        relay.deaf.set()
        time.sleep(3)
        relay.deaf.clear()
        relay.cut()
        run.finish()
    assert artifacts(capturing, run.run_id) == ["runlore/packages.txt"]
    assert time.monotonic() - began < 20


def test_a_server_that_stays_away_does_not_hold_up_the_end_for_long(
    relay: LossyRelay,
    capturing: runlore.Client,
    workspace: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(recorder, "PATIENCE", 0.5)
    with runlore.connect(relay.address, workspace=workspace, timeout=2) as lossy:
        run = lossy.start_run()
        relay.deaf.set()
        began = time.monotonic()
        run.finish()
        assert time.monotonic() - began < 5
        assert f"run {run.run_id} ends without all of its context" in caplog.text
        relay.deaf.clear()
        relay.cut()
    assert [part.state for part in capturing.sync()] == ["sent"]
    assert capturing.get_run(run.run_id).status == v1.RUN_STATUS_FINISHED


def test_a_process_that_ends_by_itself_stores_the_context_first(
    train: Train, repository: Repository, client: runlore.Client
) -> None:
    repository.commit(train="import runlore\nprint(runlore.start_run('x').run_id)\n")
    done = train()
    assert (done.returncode, done.stderr) == (0, "")
    stored = client.get_run(done.stdout.strip())
    assert stored.status == v1.RUN_STATUS_FINISHED
    assert stored.tags["runlore.git.dirty"] == "false"
    assert artifacts(client, stored.run_id) == ["runlore/packages.txt"]


def test_a_run_that_is_started_while_the_interpreter_exits(
    train: Train, repository: Repository, client: runlore.Client
) -> None:
    repository.commit(
        train="import atexit, runlore\n"
        "def last():\n"
        "    with runlore.start_run('x') as run: run.log({'a': 1.0})\n"
        "    print(run.run_id)\n"
        "atexit.register(last)\n"
    )
    done = train()
    assert (done.returncode, done.stderr) == (0, "")
    assert artifacts(client, done.stdout.strip()) == ["runlore/packages.txt"]


def test_forks_while_the_context_is_stored(train: Train, repository: Repository, client: runlore.Client) -> None:
    """Children neither store it nor wait for it, and the parent's thread outlives every fork."""
    repository.commit(
        train="import os, time, runlore\n"
        "with runlore.start_run('x') as run:\n"
        "    print(run.run_id, flush=True)\n"
        "    for number in range(40):\n"
        "        pid = os.fork()\n"
        "        if pid == 0:\n"
        "            began = time.monotonic()\n"
        "            run.log({'child': 1.0}); run.flush(20)\n"
        "            os._exit(0 if time.monotonic() - began < 10 else 3)\n"
        "        assert os.waitpid(pid, 0)[1] == 0\n"
        "        time.sleep(0.005)\n"
    )
    done = train()
    # gRPC would say on stderr that it was not quiet at a fork.
    assert (done.returncode, done.stderr) == (0, "")
    run_id = done.stdout.strip()
    stored = client.get_run(run_id)
    assert stored.tags["runlore.git.dirty"] == "false"
    assert "runlore.capture_errors" not in stored.tags
    assert artifacts(client, run_id) == ["runlore/packages.txt"]
    assert [(m.key, m.count) for m in stored.metrics] == [("child", 40)]


async def test_the_event_loop_goes_on_while_git_is_slow(
    aio_client: runlore.aio.Client, repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository.commit(train="1\n")
    monkeypatch.chdir(repository.root)
    on_path(tmp_path / "bin", "git", f'sleep 0.3; PATH={os.environ["PATH"]} exec git "$@"', monkeypatch)
    longest = 0.0

    async def tick() -> None:
        nonlocal longest
        while True:
            began = time.monotonic()
            await asyncio.sleep(0.01)
            longest = max(longest, time.monotonic() - began)

    ticking = asyncio.create_task(tick())
    async with await aio_client.start_run(capture=["git", "packages"]) as run:
        pass
    ticking.cancel()
    stored = await aio_client.get_run(run.run_id)
    assert stored.tags["runlore.git.dirty"] == "false"
    assert stored.artifact_manifest_digest
    assert longest < 0.25


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
