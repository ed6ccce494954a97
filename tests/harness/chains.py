"""Following a registered model's hash chain from events that were listed with their canonical bytes."""

from __future__ import annotations

from collections.abc import Iterable

from runlore import v1
from runlore.verify import Chain


def assert_chain(events: Iterable[v1.Event], model: v1.RegisteredModel) -> None:
    """Each event follows the one before it, and the last is the head that the model records."""
    chain = Chain(model.model_id)
    for event in events:
        _, problem = chain.follow(event.canonical, event.hash)
        assert not problem, f"event {event.revision}: {problem}"
    assert (chain.revision, chain.hash) == (model.head.revision, model.head.hash)
