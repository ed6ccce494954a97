"""Aliases that are moved while everything around them is killed: nothing acknowledged is lost, nothing is half done."""

from __future__ import annotations

import hashlib
import threading
import time
from collections import Counter
from collections.abc import Callable
from random import Random
from typing import Any, NamedTuple

import grpc

from runlore import v1
from tests.faults.ledger import Ledger, rng
from tests.faults.world import World
from tests.harness.chains import assert_chain
from tests.harness.wire import UNLIMITED, Stubs, refusal

MODELS = ("m0", "m1")
ALIASES = ("champion", "challenger")
VERSIONS = 4
_PATIENCE = 120.0
#: It tries to connect again soon, however often that failed.
_OPTIONS = [*UNLIMITED, ("grpc.max_reconnect_backoff_ms", 500)]
#: Refusals that are an answer; anything else is tried again under its request id.
_ANSWERS = {"ALIAS_MOVED", "ALIAS_NOT_FOUND", "NO_PREVIOUS_HOLDER", "CONDITION_NOT_MET"}


class Acknowledged(NamedTuple):
    """What a mover was told of a change that was made."""

    model: str
    head: v1.ChainHead


class Mover(threading.Thread):
    """Changes aliases and evaluates versions, each change under a reason of its own until there is an answer to it."""

    def __init__(self, address: str, random: Random) -> None:
        super().__init__(daemon=True)
        self._address, self._random = address, random
        self.over = threading.Event()
        self.acknowledged: dict[str, Acknowledged] = {}
        self.refused: dict[str, str] = {}
        self.failures: Counter[str] = Counter()
        self.defect: Exception | None = None

    def run(self) -> None:
        try:
            with grpc.insecure_channel(self._address, options=_OPTIONS) as channel:
                registry = Stubs(channel).registry
                while not self.over.is_set():
                    self._step(registry)
        except Exception as defect:
            self.defect = defect

    def _step(self, registry: Any) -> None:
        random, reason = self._random, self._random.randbytes(8).hex()
        model, version = random.choice(MODELS), random.randint(1, VERSIONS)
        named: dict[str, Any] = {"model_name": model, "reason": reason, "request_id": reason}
        alias = random.choice(ALIASES)
        expect = random.choice(
            [v1.AliasExpectation(version=random.randint(1, VERSIONS)), v1.AliasExpectation(any=True)]
        )
        match random.choices(["set", "promote", "back", "delete", "evaluate"], [6, 3, 3, 1, 2])[0]:
            case "set":
                wanted = v1.SetAliasRequest(**named, alias=alias, version=version, expect=expect)
                self._until_answered(reason, model, lambda: registry.SetAlias(wanted, timeout=5).applied.head)
            case "promote":
                better = v1.MetricCondition(
                    key="auc",
                    direction=v1.DIRECTION_MAXIMIZE,
                    current_holder=True,
                    source=v1.METRIC_SOURCE_LATEST_EVALUATION,
                )
                promoted = v1.SetAliasRequest(
                    **named, alias=alias, version=version, expect=expect, conditions=[v1.Condition(metric=better)]
                )
                self._until_answered(reason, model, lambda: registry.SetAlias(promoted, timeout=5).applied.head)
            case "back":
                back = v1.RollbackAliasRequest(**named, alias=alias, expected_version=version)
                self._until_answered(reason, model, lambda: registry.RollbackAlias(back, timeout=5).applied.head)
            case "delete":
                gone = v1.DeleteAliasRequest(**named, alias=alias, expect=expect)
                self._until_answered(reason, model, lambda: registry.DeleteAlias(gone, timeout=5).head)
            case _:
                measured = v1.RecordEvaluationRequest(**named, version=version, metrics={"auc": random.random()})
                self._until_answered(reason, model, lambda: _none(registry.RecordEvaluation(measured, timeout=5)))

    def _until_answered(self, reason: str, model: str, work: Callable[[], v1.ChainHead]) -> None:
        deadline = time.monotonic() + _PATIENCE
        while True:
            try:
                self.acknowledged[reason] = Acknowledged(model, work())
                return
            except grpc.RpcError as error:
                told = refusal(error)
                if told.reason in _ANSWERS:
                    self.refused[reason] = told.reason
                    return
                self.failures[told.reason or told.code] += 1
                if told.reason == "INTERNAL" or time.monotonic() > deadline:
                    raise
            time.sleep(self._random.uniform(0.01, 0.1))


def _none(response: v1.RecordEvaluationResponse) -> v1.ChainHead:
    """An evaluation's answer says nothing of the chain."""
    assert len(response.evaluations) == 1
    return v1.ChainHead()


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


def check(on: Stubs, name: str, movers: list[Mover]) -> None:
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
        assert not by_reason.keys() & mover.refused.keys()
        for reason, (of, head) in mover.acknowledged.items():
            if of != name:
                continue
            if reason in by_reason:
                event = by_reason[reason]
                assert head in (v1.ChainHead(), v1.ChainHead(revision=event.revision, hash=event.hash))
            else:
                # It was there already: no move, so no event.
                assert head.hash in {event.hash for event in told}
    pending = by_reason.keys() - {reason for m in movers for reason in m.acknowledged}
    assert not pending, "every mover had an answer to all that it did"


def test_moves_survive_whatever_is_killed(world: World, faults: Ledger) -> None:
    random = rng("alias moves")
    register(world.direct)
    movers = [Mover(world.address, Random(random.random())) for _ in range(8)]
    for mover in movers:
        mover.start()
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
    for mover in movers:
        mover.over.set()
    for mover in movers:
        mover.join(_PATIENCE)
        assert mover.defect is None, mover.defect
        assert not mover.is_alive()
    assert sum(len(mover.acknowledged) for mover in movers) > 200
    assert sum(sum(mover.failures.values()) for mover in movers) > 10, "the faults were felt"
    with grpc.insecure_channel(world.direct, options=UNLIMITED) as channel:
        for model in MODELS:
            check(Stubs(channel), model, movers)
