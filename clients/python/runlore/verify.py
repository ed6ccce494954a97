"""Verifies the exported history of a registered model, offline: `python -m runlore.verify FILE [REVISION:HASH]`.

Standard library only; this module is all of it. The file has one JSON object a line. The first is the header:

    {"format": "runlore.history.v1", "workspace": …, "model_id": …, "model_name": …, "head": {"revision": 7, "hash": …}}

and each other one an event, in the order of their revisions:

    {"position": …, "hash": …, "canonical": "the stored text of the event"}

An event's hash is the SHA-256 of its text, which holds the hash of the event before it: so nothing can be edited,
removed, inserted or reordered without a break, and the header says where the chain ends. Who can write the whole file
anew can make another history: a head that is known from elsewhere, as from a Resolve, finds that out.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FORMAT = "runlore.history.v1"
#: The version of the rules by which an event becomes text.
EVENT_FORMAT = 1


class Chain:
    """Checks the events of one registered model, one after the other. Client and server share it."""

    def __init__(self, model_id: str) -> None:
        """Begin before the model's first event."""
        self._model_id = model_id
        #: The last event that was good: 0 and empty before the first.
        self.revision = 0
        self.hash = ""

    def follow(self, text: bytes, digest: str) -> tuple[dict[str, Any], str]:
        """Check that an event is the next one; returns its members, and what is wrong (empty: nothing is)."""
        if hashlib.sha256(text).hexdigest() != digest:
            return {}, "the event's text does not have the recorded hash"
        try:
            event = json.loads(text.decode())
            revision, model_id = int(event["revision"]), event["resource"]["id"]
        except (ValueError, KeyError, TypeError):
            return {}, "the event's text is not that of an event"
        if event.get("format") != EVENT_FORMAT:
            return event, f"the event is of format {event.get('format')}, and {EVENT_FORMAT} is known here"
        if model_id != self._model_id:
            return event, "the event is another model's"
        if revision != self.revision + 1:
            return event, f"the event is missing; event {revision} is in its place"
        if event.get("prev_hash", "") != self.hash:
            return event, "the event does not follow the one before it"
        self.revision, self.hash = revision, digest
        return event, ""


@dataclass(frozen=True)
class Verified:
    """What became of a file."""

    #: Empty: everything is as it was written.
    problem: str
    #: The revision of the first bad event; 0 when none is, or the header is.
    revision: int
    #: How many events are good.
    event_count: int
    #: Of the header.
    model_name: str
    model_id: str
    head: tuple[int, str]

    @property
    def valid(self) -> bool:
        """Whether everything is as it was written."""
        return not self.problem


def verify_history(path: str | Path, known_head: tuple[int, str] | None = None) -> Verified:
    """Verify an exported history; `known_head` is a (revision, hash) that it must hold. Raises OSError."""
    with Path(path).open("rb") as lines:
        return _verify(lines, known_head)


def export_lines(model: Any, events: Iterable[Any]) -> Iterator[str]:
    """Yield the lines of a file: of a RegisteredModel, and of its events up to its head, with their `canonical`."""
    yield _line(
        format=FORMAT,
        workspace=model.workspace,
        model_id=model.model_id,
        model_name=model.name,
        head={"revision": model.head.revision, "hash": model.head.hash},
    )
    for event in events:
        if event.revision <= model.head.revision:
            yield _line(position=event.position, hash=event.hash, canonical=event.canonical.decode())


def _line(**members: Any) -> str:
    return json.dumps(members, ensure_ascii=False) + "\n"


def _verify(lines: Iterable[bytes], known_head: tuple[int, str] | None) -> Verified:
    numbered = enumerate(lines, 1)
    name, model_id, head = "", "", (0, "")
    try:
        header = json.loads(next(numbered, (1, b""))[1])
        if header["format"] != FORMAT:
            raise ValueError
        name, model_id = str(header["model_name"]), str(header["model_id"])
        head = int(header["head"]["revision"]), str(header["head"]["hash"])
    except (ValueError, KeyError, TypeError):
        return Verified(f"line 1 is not the header of a {FORMAT} file", 0, 0, name, model_id, head)
    chain = Chain(model_id)

    def broken(revision: int, problem: str) -> Verified:
        return Verified(problem, revision, chain.revision, name, model_id, head)

    for number, line in numbered:
        try:
            entry = json.loads(line)
            text, digest = entry["canonical"].encode(), str(entry["hash"])
        except (ValueError, KeyError, TypeError, AttributeError):
            return broken(chain.revision + 1, f"line {number} is not an event")
        if chain.revision == head[0]:
            return broken(chain.revision + 1, "the event comes after the head that the header names")
        _, problem = chain.follow(text, digest)
        if problem:
            return broken(chain.revision + 1, problem)
        if known_head is not None and chain.revision == known_head[0] and digest != known_head[1]:
            return broken(chain.revision, "the event is not the one of the known head")
    if (chain.revision, chain.hash) != head:
        missing = chain.revision < head[0]
        problem = "missing: the history ends before it" if missing else "not the head that the header names"
        return broken(chain.revision + missing, f"the event is {problem}")
    if known_head is not None and known_head[0] > head[0]:
        return broken(head[0] + 1, "the event is missing: the known head comes after the end of the history")
    return Verified("", 0, chain.revision, name, model_id, head)


def main(arguments: list[str]) -> int:
    """Verify a file and say so; returns 0 when it is good, 1 when it is not, 2 when it could not be looked at."""
    if len(arguments) not in (1, 2):
        print("usage: python -m runlore.verify FILE [REVISION:HASH]", file=sys.stderr)
        return 2
    known = None
    if len(arguments) == 2:
        revision, _, digest = arguments[1].partition(":")
        if not revision.isdigit() or len(digest) != 64:
            print(f"error: '{arguments[1]}' is not REVISION:HASH, such as 7:{'0a' * 32}", file=sys.stderr)
            return 2
        known = int(revision), digest
    try:
        found = verify_history(arguments[0], known)
    except OSError as error:
        print(f"error: {arguments[0]}: {error.strerror}", file=sys.stderr)
        return 2
    if found.valid:
        print(f"{arguments[0]}: valid: {found.event_count} events of {found.model_name}, head {found.head[1]}")
        return 0
    where = f"event {found.revision}: " if found.revision else ""
    print(f"{arguments[0]}: NOT VALID: {where}{found.problem}; {found.event_count} events before it are good")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
