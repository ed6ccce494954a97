"""The published history: it is valid, and events still become the same text."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from runlore.verify import verify_history
from runlore_server.store import events

FILE = Path(__file__).parents[2] / "protos" / "history_vectors.jsonl"
EVENTS = [json.loads(line) for line in FILE.read_text(encoding="utf-8").splitlines()[1:]]


def test_the_history_is_valid() -> None:
    found = verify_history(FILE)
    assert found.valid, found.problem
    assert found.event_count == len(EVENTS) == 4


@pytest.mark.parametrize("event", EVENTS, ids=range(1, len(EVENTS) + 1))
def test_events_become_the_same_text(event: dict[str, str]) -> None:
    text = event["canonical"].encode()
    assert events.canonical(events.from_canonical(text)) == text
