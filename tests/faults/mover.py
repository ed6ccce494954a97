"""Movers of aliases, in a process of their own: python -m tests.faults.mover ADDRESS SEED.

They go on until the standard input ends; then a line of JSON a mover says what each was told. The process that starts
Postgres and servers has no calls under way that way: a child that is forked between the threads of gRPC may crash.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from random import Random
from typing import Any

import grpc

from runlore import v1
from tests.harness.wire import UNLIMITED, Stubs, refusal

MOVERS = 8
MODELS = ("m0", "m1")
ALIASES = ("champion", "challenger")
VERSIONS = 4
PATIENCE = 120.0
#: It tries to connect again soon, however often that failed.
_OPTIONS = [*UNLIMITED, ("grpc.max_reconnect_backoff_ms", 500)]
#: Refusals that are an answer; anything else is tried again under its request id.
_ANSWERS = {"ALIAS_MOVED", "ALIAS_NOT_FOUND", "NO_PREVIOUS_HOLDER", "CONDITION_NOT_MET"}


class Mover(threading.Thread):
    """Changes aliases and evaluates versions, each change under a reason of its own until there is an answer to it."""

    def __init__(self, address: str, random: Random) -> None:
        super().__init__(daemon=True)
        self._address, self._random = address, random
        self.over = threading.Event()
        #: By the change's reason, the model and what is its chain's head since: revision and hash.
        self.acknowledged: dict[str, tuple[str, int, str]] = {}
        self.refused: dict[str, str] = {}
        self.failures: Counter[str] = Counter()
        self.defect = ""

    def run(self) -> None:
        try:
            with grpc.insecure_channel(self._address, options=_OPTIONS) as channel:
                registry = Stubs(channel).registry
                while not self.over.is_set():
                    self._step(registry)
        except Exception as defect:
            self.defect = repr(defect)

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
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                head = work()
                self.acknowledged[reason] = model, head.revision, head.hash
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


def main(address: str, seed: str) -> None:
    """Move until told to end, and tell."""
    random = Random(seed)
    movers = [Mover(address, Random(random.random())) for _ in range(MOVERS)]
    for mover in movers:
        mover.start()
    sys.stdin.read()
    for mover in movers:
        mover.over.set()
    for mover in movers:
        mover.join(PATIENCE)
        defect = "is stuck" if mover.is_alive() else mover.defect
        told = {"acknowledged": mover.acknowledged, "refused": mover.refused, "defect": defect}
        print(json.dumps({**told, "failures": sum(mover.failures.values())}))


if __name__ == "__main__":
    main(*sys.argv[1:])
