"""[boot_storm] pods that boot together: a fresh connection each, which resolves the champion once."""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import grpc

from runlore import v1
from tests.bench.echo import METHOD, echo
from tests.bench.harness import Bench, Measured
from tests.bench.load import Answer, Load
from tests.bench.registered import RESOLVE, champion

MOVES_A_SECOND = 20


def scenario(bench: Bench) -> None:
    """Measure how long the last pod waits, beside the same storm on the empty RPC; then while the alias moves."""
    pods, rounds = (50, 1) if bench.tiny else (1_000, 5)
    with bench.server() as served, echo() as echo_address:
        request = v1.ResolveRequest(reference=champion(served.address, versions=2)).SerializeToString()
        load = Load()
        load.storm(served.address, RESOLVE, request, pods)
        load.storm(echo_address, METHOD, request, pods)
        for moving in (False, True):
            ours, at_ceiling, seconds = [], [], []
            for _ in range(rounds):
                with Mover(served.address).moving() if moving else _still() as mover:
                    answers = load.storm(served.address, RESOLVE, request, pods)
                if mover is not None:
                    mover.check(answers)
                ours.append(_last(answers))
                seconds += [answer.end - answer.start for answer in answers]
                at_ceiling.append(_last(load.storm(echo_address, METHOD, request, pods)))
            size = f"{pods:,} connections, until the last is answered"
            bench.record(
                "boot_storm",
                f"{size}, the alias moving {MOVES_A_SECOND} times a second" if moving else size,
                "s",
                statistics.median(ours),
                Measured(0, seconds).p99_ms,
                rounds,
                ceiling=(
                    "empty RPC",
                    statistics.median(at_ceiling),
                    statistics.median(c / o for c, o in zip(at_ceiling, ours, strict=True)),
                ),
            )
        load.close()


def _last(answers: list[Answer]) -> float:
    return max(answer.end for answer in answers) - min(answer.start for answer in answers)


@contextmanager
def _still() -> Iterator[None]:
    yield


class Mover:
    """Moves the champion between two versions, and knows which answers are right when."""

    def __init__(self, address: str) -> None:
        """Nothing moves before `moving`."""
        self._address = address
        #: (when the move was sent, when it was acknowledged, the head's revision, the version) of each move.
        self._moves: list[tuple[float, float, int, int]] = []
        self._stop = threading.Event()

    @contextmanager
    def moving(self) -> Iterator[Mover]:
        """Move from a moment before the block until its end."""
        thread = threading.Thread(target=self._run)
        thread.start()
        while not self._moves:
            time.sleep(0.01)
        try:
            yield self
        finally:
            self._stop.set()
            thread.join()

    def _run(self) -> None:
        with grpc.insecure_channel(self._address) as channel:
            registry = v1.RegistryServiceStub(channel)
            while not self._stop.wait(1 / MOVES_A_SECOND):
                version = 2 - len(self._moves) % 2
                request = v1.SetAliasRequest(
                    model_name="bench",
                    alias="champion",
                    version=version,
                    expect=v1.AliasExpectation(any=True),
                )
                sent = time.monotonic()
                move = registry.SetAlias(request).applied
                self._moves.append((sent, time.monotonic(), move.head.revision, version))

    def check(self, answers: list[Answer]) -> None:
        """Raise RuntimeError for an answer that was not right at any time of its call."""
        versions = {revision: version for _, _, revision, version in self._moves}
        for answer in answers:
            got = v1.ResolveResponse.FromString(answer.response)
            oldest = max((m[2] for m in self._moves if m[1] < answer.start), default=0)
            newest = max((m[2] for m in self._moves if m[0] < answer.end), default=2**63)
            revision = got.head.revision
            if not oldest <= revision <= newest or versions.get(revision, got.model_version.version) != (
                got.model_version.version
            ):
                raise RuntimeError(f"wrong for its time: revision {revision} is not in {oldest} to {newest}: {got}")
