"""What git says of the code: on real repositories."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path

import pytest

from runlore import _context
from runlore._context import git
from tests.clients.context.repository import ALL, Repository, on_path


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


def test_a_change_that_only_the_bytes_show_is_in_the_diff(repository: Repository, tmp_path: Path) -> None:
    """As one of the same size, within the second of the commit: git looks into a file as old as its index."""
    repository.commit(train="1\n")
    for key, value in (("core.checkStat", "minimal"), ("core.trustctime", "false")):
        repository("config", key, value)
    file, then = repository.root / "train.py", (1_700_000_000, 1_700_000_000)
    os.utime(file, then)
    repository("update-index", "--refresh")
    repository.write(train="2\n")
    for path in (file, repository.root / ".git" / "index"):
        os.utime(path, then)
    tags, diff = repository.later(tmp_path / "out")
    assert (tags["runlore.git.dirty"], "+2\n" in str(diff)) == ("true", True)


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
