"""What is captured of where and how a run was started: most of it as tags `runlore.*`, the rest as artifacts.

`capture` finds out what is quick to find out; what it left in `Context.later` belongs to a thread behind the run
(`recorder.py`). Nothing in here raises because something could not be found out: it is told in `Context.errors`.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from runlore import _settings
from runlore._context import command, environment, git, machine, masking, packages

__all__ = ["Context", "capture"]

log = logging.getLogger("runlore")

#: The contract's caps: characters of a tag's value, tags of a call.
VALUE_LIMIT = 8_192
TAGS_LIMIT = 1_000

#: Finds out what takes time: writes artifacts into the folder and returns tags.
Later = Callable[[Path], Mapping[str, str]]

_warned: set[tuple[str, str]] = set()


@dataclass
class Context:
    """What is known so far, what is still to be found out, and what could not be."""

    tags: dict[str, str] = field(default_factory=dict)
    #: By part.
    later: list[tuple[str, Later]] = field(default_factory=list)
    errors: dict[str, str] = field(default_factory=dict)

    @contextmanager
    def trying(self, part: str) -> Iterator[None]:
        """Turn a failure of the block into an entry of `errors`, with one warning in the life of the process."""
        try:
            yield
        except git.GitError as error:
            self.failed(part, str(error))
        except Exception as error:
            self.failed(part, f"{type(error).__name__}: {error}")

    def failed(self, part: str, why: str) -> None:
        """Record and warn that a part of the context could not be captured."""
        why = masking.text(why)
        self.errors[part] = why
        if (part, why) not in _warned:
            _warned.add((part, why))
            log.warning("this run's context is not complete: %s: %s", part, why)

    def merged(self, given: Mapping[str, str]) -> dict[str, str]:
        """Return the tags to create the run with: those given win, and captured ones that find no room come later."""
        self.tags = {key: storable(value) for key, value in self.tags.items() if key not in given}
        room = max(TAGS_LIMIT - len(given), 0)
        now = dict(list(self.tags.items())[:room])
        left = {key: value for key, value in self.tags.items() if key not in now}
        if left:
            self.later.append(("tags", lambda _: left))
        taken = frozenset(given)
        self.later = [(part, _without(taken, work)) for part, work in self.later]
        return {**now, **given}

    def complete(self, folder: Path) -> dict[str, str]:
        """Find out the rest: artifacts go into the folder, further tags are returned. Raises nothing."""
        tags: dict[str, str] = {}
        for part, work in self.later:
            with self.trying(part):
                tags.update(work(folder))
        return {key: storable(value) for key, value in {**tags, **self.error_tags()}.items()}

    def error_tags(self) -> dict[str, str]:
        """Return the tag that says what could not be captured, if anything."""
        told = "; ".join(f"{part}: {why}" for part, why in sorted(self.errors.items()))
        return {"runlore.capture_errors": storable(told)} if told else {}


def capture(parts: frozenset[str]) -> Context:
    """Find out these parts of the context; takes milliseconds, and git at most INLINE_TIMEOUT seconds."""
    context = Context()
    repository: git.Repository | None = None
    if parts & {"git", "diff"}:
        with context.trying("git"):
            repository = git.find(command.folders())
    if repository is not None:
        if "git" in parts:
            context.tags.update(repository.tags())
        context.later.append(("git", _work_tree(repository, parts)))
    if "command" in parts:
        with context.trying("command"):
            context.tags.update(command.tags(repository.root if repository is not None else ""))
    if "host" in parts:
        with context.trying("host"):
            context.tags.update(machine.tags())
            if machine.gpus_need_asking():
                context.later.append(("host", _ask_for_gpus))
    if "python" in parts:
        with context.trying("python"):
            context.tags.update(machine.python_tags())
    if "env" in parts and (patterns := _settings.captured_variables()):
        with context.trying("env"):
            found, refused = environment.tags(patterns)
            context.tags.update(found)
            if refused:
                context.failed("env", refused)
    if "packages" in parts:
        context.later.append(("packages", packages.write))
    if context.errors:
        context.later.append(("errors", lambda _: {}))
    return context


def storable(value: str) -> str:
    """Return the value as a tag can hold it: valid Unicode without U+0000, cut with a mark where it is too long."""
    value = value.encode("utf-8", "backslashreplace").decode().replace("\0", "\\x00")
    if len(value) <= VALUE_LIMIT:
        return value
    mark = f" … (cut by runlore, {len(value):,} characters)"
    return value[: VALUE_LIMIT - len(mark)] + mark


def _work_tree(repository: git.Repository, parts: frozenset[str]) -> Later:
    def work(folder: Path) -> dict[str, str]:
        end = time.monotonic() + git.LATER_TIMEOUT
        tags = git.status(repository, folder, end) if "git" in parts else {}
        if "diff" in parts and tags.get("runlore.git.dirty") != "false":
            tags |= git.diff(repository, folder, end)
        return tags

    return work


def _ask_for_gpus(_: Path) -> dict[str, str]:
    names = machine.asked_gpus()
    return {"runlore.gpu": names} if names else {}


def _without(taken: frozenset[str], work: Later) -> Later:
    return lambda folder: {key: value for key, value in work(folder).items() if key not in taken}
