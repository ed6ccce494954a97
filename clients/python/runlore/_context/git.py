"""The git repository that the program is in: read by `git`, never changed, never over the network."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from runlore._context.masking import without_credentials

#: Seconds that `start_run` waits for git; seconds that the thread behind it gives status and diff together.
INLINE_TIMEOUT = 2.0
LATER_TIMEOUT = 8.0
#: Bytes of the stored diff.
DIFF_LIMIT = 5 * 1024 * 1024
_STATUS_LIMIT = 16 * 1024 * 1024

#: Take no locks, ask nobody, run no daemon, fetch nothing (as a partial clone would), answer in English.
_ENVIRONMENT = {
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "none",
    "LC_ALL": "C",
}
_OPTIONS = ("-c", "core.fsmonitor=false", "-c", "core.quotePath=false")
_REMOTES = r"^(remote\..*\.url|branch\..*\.remote)$"
_SUBMODULES = "--ignore-submodules=untracked"


class GitError(Exception):
    """Git is there and failed; the text says how."""


@dataclass(frozen=True)
class Repository:
    """Where a work tree is, and what it has checked out."""

    root: str
    #: Empty before the first commit.
    commit: str
    #: Empty when no branch is checked out.
    branch: str
    #: URL of the branch's remote, else of `origin`, else of the first; without credentials, empty for none.
    remote: str

    def tags(self) -> dict[str, str]:
        """Return what is known as tags."""
        known = {"commit": self.commit, "branch": self.branch, "remote": self.remote}
        return {f"runlore.git.{name}": value for name, value in known.items() if value}


def find(folders: Iterable[str]) -> Repository | None:
    """Return the first repository that one of the folders is in; None without any, or without git.

    Raises GitError when git refuses to answer or takes too long.
    """
    git = shutil.which("git")
    if git is None:
        return None
    end = time.monotonic() + INLINE_TIMEOUT
    for folder in folders:
        if _may_be_within(folder) and (found := _open(git, folder, end)):
            return found
    return None


def status(repository: Repository, folder: Path, end: float) -> dict[str, str]:
    """Return as tags whether tracked files differ from the commit, and how many untracked files and folders there are.

    `end` is the monotonic time to stop at. Raises GitError.
    """
    path = folder / "status"
    try:
        _write(repository.root, path, _STATUS_LIMIT, end, "status", "--porcelain=v2", "-z", _SUBMODULES)
        untracked, dirty, renamed = 0, False, False
        for entry in path.read_bytes().split(b"\0"):
            if renamed or not entry:
                # The second part of a rename is the old name alone.
                renamed = False
            elif entry.startswith(b"? "):
                untracked += 1
            else:
                dirty, renamed = True, entry.startswith(b"2 ")
    finally:
        path.unlink(missing_ok=True)
    return {"runlore.git.dirty": str(dirty).lower(), "runlore.git.untracked": str(untracked)}


def diff(repository: Repository, folder: Path, end: float) -> dict[str, str]:
    """Write how tracked files differ from the commit to `git.diff`, cut at DIFF_LIMIT; no file without a difference.

    Changed binary files are named only. Returns the tag that says so when it was cut. Raises GitError.
    """
    path, index = folder / "git.diff", folder / "index"
    done = False
    try:
        base = "HEAD" if repository.commit else _ask(repository.root, end, "hash-object", "-t", "tree", os.devnull)
        # `git diff` brings the index up to date on the disk, whatever it is told: it gets a copy.
        own = Path(repository.root, _ask(repository.root, end, "rev-parse", "--git-path", "index"))
        if own.exists():
            # With its time: git looks into files that are as young as the index.
            shutil.copy2(own, index)
        options = ("--no-ext-diff", "--no-textconv", "--no-color", "--full-index", _SUBMODULES)
        cut = _write(repository.root, path, DIFF_LIMIT, end, "diff", *options, base, "--", GIT_INDEX_FILE=str(index))
        done = path.stat().st_size > 0
    finally:
        index.unlink(missing_ok=True)
        if not done:
            path.unlink(missing_ok=True)
    if not cut:
        return {}
    with path.open("ab") as file:
        file.write(f"\n# cut by runlore: the diff is longer than {DIFF_LIMIT:,} bytes\n".encode())
    return {"runlore.git.diff_cut": "true"}


def _may_be_within(folder: str) -> bool:
    """Whether git would look further than this: a program outside of any repository need not wait for git."""
    path = Path(folder).resolve()
    return "GIT_DIR" in os.environ or any((above / ".git").exists() for above in (path, *path.parents))


def _open(git: str, folder: str, end: float) -> Repository | None:
    head = ["rev-parse", "--show-toplevel", "HEAD", "--symbolic-full-name", "HEAD"]
    # Both at once: starting a process is most of what they take.
    processes = [_start(git, folder, *head), _start(git, folder, "config", "-z", "--get-regexp", _REMOTES)]
    answers = _answers(processes, end)
    code, lines, said = answers[0][0], answers[0][1].splitlines(), answers[0][2]
    if not lines or not os.path.isabs(lines[0]):
        if code == 0 or "not a git repository" in said or "must be run in a work tree" in said:
            return None
        raise GitError(_first_line(said) or f"exit code {code}")
    commit, ref = (lines[1], lines[2]) if code == 0 and len(lines) == 3 else ("", "")
    if not commit:
        ref = _answers([_start(git, folder, "symbolic-ref", "-q", "HEAD")], end)[0][1].strip()
    branch = ref.removeprefix("refs/heads/") if ref.startswith("refs/heads/") else ""
    return Repository(lines[0], commit, branch, _remote(answers[1][1], branch))


def _remote(config: str, branch: str) -> str:
    entries = [entry.partition("\n")[::2] for entry in config.split("\0") if entry]
    # Of a key given twice git takes the first URL to fetch from, and the last of other values.
    urls = dict(reversed([(key[7:-4], value) for key, value in entries if key.startswith("remote.")]))
    upstream = dict(entries).get(f"branch.{branch}.remote", "") if branch else ""
    chosen = next((urls[name] for name in (upstream, "origin") if name in urls), "")
    return without_credentials(chosen or (next(reversed(urls.values())) if urls else ""))


def _ask(root: str, end: float, *arguments: str) -> str:
    code, answer, said = _answers([_start(shutil.which("git") or "git", root, *arguments)], end)[0]
    if code:
        raise GitError(_first_line(said) or f"exit code {code}")
    return answer.removesuffix("\n")


def _start(
    git: str,
    folder: str,
    *arguments: str,
    stdout: int = subprocess.PIPE,
    stderr: int = subprocess.PIPE,
    **variables: str,
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [git, "-C", folder, *_OPTIONS, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=stderr,
        env={**os.environ, **_ENVIRONMENT, **variables},
        # Python's own files are not inherited anyway, and this way starting a process need not copy this one.
        close_fds=False,
    )


def _answers(processes: list[subprocess.Popen[bytes]], end: float) -> list[tuple[int, str, str]]:
    """Return (exit code, stdout, stderr) of each; raises GitError when one is not done by `end`."""
    try:
        answers = []
        for process in processes:
            out, err = process.communicate(timeout=max(end - time.monotonic(), 0.01))
            answers.append((process.returncode, os.fsdecode(out), err.decode(errors="replace")))
        return answers
    except subprocess.TimeoutExpired:
        raise GitError("git took too long") from None
    finally:
        for process in processes:
            if process.returncode is None:
                process.kill()
                process.communicate()


def _write(root: str, path: Path, limit: int, end: float, *arguments: str, **variables: str) -> bool:
    """Write git's answer to a file of at most `limit` bytes, cut after a whole line; return whether it was cut."""
    git = shutil.which("git") or "git"
    errors = path.with_suffix(".stderr")
    with path.open("wb") as out, errors.open("wb") as err:
        process = _start(git, root, *arguments, stdout=out.fileno(), stderr=err.fileno(), **variables)
    pause = 0.001
    try:
        while (code := process.poll()) is None and path.stat().st_size <= limit:
            if time.monotonic() >= end:
                raise GitError(f"`git {arguments[0]}` took too long")
            time.sleep(pause)
            pause = min(pause * 2, 0.02)
        if path.stat().st_size > limit:
            with path.open("r+b") as file:
                file.truncate(file.read(limit).rfind(b"\n") + 1 or limit)
            return True
        if code:
            raise GitError(_first_line(errors.read_text(errors="replace")) or f"exit code {code}")
        return False
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        errors.unlink(missing_ok=True)


def _first_line(text: str) -> str:
    return re.sub(r"^(fatal|error): ", "", text.strip().partition("\n")[0])
