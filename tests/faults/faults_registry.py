"""Aliases that are moved while everything around them is killed: nothing acknowledged is lost, nothing is half done."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import time
from typing import Any

import grpc

from runlore import v1
from tests.faults.ledger import Ledger, rng
from tests.faults.mover import MODELS, MOVERS, PATIENCE, VERSIONS
from tests.faults.world import World
from tests.harness.chains import assert_chain
from tests.harness.wire import UNLIMITED, Stubs


def register(address: str) -> None:
    """Models of a few versions."""
    with grpc.insecure_channel(address) as channel:
        on = Stubs(channel)
        run_id = on.tracking.CreateRun(v1.CreateRunRequest()).run.run_id
        empty = v1.FileEntry(path="f", sha256=hashlib.sha256().hexdigest())
        on.artifact.LogArtifacts(v1.LogArtifactsRequest(run_id=run_id, files=[empty]))
        for model in MODELS:
            on.registry.CreateRegisteredModel(v1.CreateRegisteredModelRequest(name=model))
            for _ in range(VERSIONS):
                source = v1.RunSource(run_id=run_id)
                on.registry.CreateModelVersion(v1.CreateModelVersionRequest(model_name=model, run=source))


def history(on: Stubs, model: str) -> list[v1.Event]:
    """All events of a model, with their stored text."""
    request = v1.ListEventsRequest(model_name=model, include_canonical=True, page_size=1_000)
    found: list[v1.Event] = []
    while True:
        page = on.event.ListEvents(request)
        found += page.events
        if not page.next_page_token:
            return found
        request.page_token = page.next_page_token


def check(on: Stubs, name: str, movers: list[dict[str, Any]]) -> None:
    """What was acknowledged happened once, what was refused never, and state, history and chain are of one piece."""
    told = history(on, name)
    model = on.registry.GetRegisteredModel(v1.GetRegisteredModelRequest(name=name)).registered_model
    assert_chain(told, model)

    aliases: dict[str, v1.ModelAlias] = {}
    evaluations = 0
    for event in told:
        before, after = event.before, event.after
        if after.HasField("alias") or before.HasField("alias"):
            alias = after.alias.alias or before.alias.alias
            assert before.alias == aliases.pop(alias, v1.ModelAlias()), f"revision {event.revision}"
            if after.HasField("alias"):
                aliases[alias] = after.alias
        evaluations += len(after.evaluations.evaluations)
    assert list(model.aliases) == [aliases[alias] for alias in sorted(aliases)]
    listed = (v1.ListEvaluationsRequest(model_name=name, version=v, page_size=1_000) for v in range(1, VERSIONS + 1))
    assert sum(len(on.registry.ListEvaluations(request).evaluations) for request in listed) == evaluations

    by_reason = {event.reason: event for event in told if event.reason}
    assert len(by_reason) == sum(bool(event.reason) for event in told), "no request was served twice"
    for mover in movers:
        assert not by_reason.keys() & mover["refused"].keys()
        for reason, (of, revision, digest) in mover["acknowledged"].items():
            if of != name:
                continue
            if reason in by_reason:
                event = by_reason[reason]
                assert (revision, digest) in ((0, ""), (event.revision, event.hash))
            else:
                # It was there already: no move, so no event.
                assert digest in {event.hash for event in told}
    pending = by_reason.keys() - {reason for mover in movers for reason in mover["acknowledged"]}
    assert not pending, "every mover had an answer to all that it did"


def test_moves_survive_whatever_is_killed(world: World, faults: Ledger) -> None:
    random = rng("alias moves")
    register(world.direct)
    command = [sys.executable, "-m", "tests.faults.mover", world.address, str(random.random())]
    moving = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    kinds = {
        world.kill_worker: 6,
        world.kill_server: 2,
        world.kill_postgres: 2,
        world.restart_server: 1,
        world.cut_network: 3,
        lambda: world.lose_answers(random.random()): 4,
        lambda: world.cut_within(random.randrange(1, 2_000)): 3,
    }
    for fault in random.sample(list(kinds), sum(kinds.values()), counts=list(kinds.values())):
        time.sleep(random.random())
        fault()
    time.sleep(1)
    said, _ = moving.communicate(timeout=MOVERS * PATIENCE)
    movers = [json.loads(line) for line in said.splitlines()]
    assert [mover["defect"] for mover in movers] == [""] * MOVERS
    assert sum(len(mover["acknowledged"]) for mover in movers) > 200
    assert sum(mover["failures"] for mover in movers) > 10, "the faults were felt"
    with grpc.insecure_channel(world.direct, options=UNLIMITED) as channel:
        for model in MODELS:
            check(Stubs(channel), model, movers)
