"""Clients of other minor versions on one run, over a network that loses answers.

An older one knows LogBatch only, as the first contract had it. A newer one sends fields that this server does not know.
"""

from __future__ import annotations

import random
import secrets

import grpc
import pytest

from runlore import v1
from tests.clients.lossy import LossyRelay
from tests.faults.faults_streams import OWN_CONNECTION, Writer, demand_all, made
from tests.faults.ledger import Ledger, rng
from tests.harness.server import ServerProcess
from tests.harness.wire import Stubs

#: A field of number 15,000 with the text "new": what a message of a later contract may hold.
_UNKNOWN = bytes([0xC2, 0xA9, 0x07, 3]) + b"new"


class OlderWriter:
    """Writes batches, and sends each again until it is acknowledged."""

    def __init__(self, random: random.Random, faults: Ledger, network: LossyRelay, run_id: str, number: int) -> None:
        self.points = made(random, 200, number)
        self._random = random
        self._faults = faults
        self._network = network
        self._run_id = run_id
        self._writer_id = secrets.token_hex(8)
        self._sequence = 0
        self._sent = 0

    @property
    def done(self) -> bool:
        """Whether everything is acknowledged."""
        return self._sent == len(self.points)

    def stream(self) -> None:
        """Write the next batch, whatever it takes."""
        chosen = self.points[self._sent : self._sent + self._random.randrange(1, 40)]
        self._sent += len(chosen)
        self._sequence += 1
        request = v1.LogBatchRequest(run_id=self._run_id, writer_id=self._writer_id, sequence=self._sequence)
        for key in dict.fromkeys(point[0] for point in chosen):
            series = request.series.add(key=key)
            for _, step, time, value in (point for point in chosen if point[0] == key):
                series.steps.append(step)
                series.times_unix_us.append(time)
                series.values.append(value)
        lose = self._random.random() < 0.5
        while not self._call(request.SerializeToString() + _UNKNOWN, lose):
            lose = False

    def _call(self, request: bytes, lose: bool) -> bool:
        """Send a batch; whether its answer came."""
        with grpc.insecure_channel(self._network.address, options=OWN_CONNECTION) as channel:
            grpc.channel_ready_future(channel).result(30)
            if lose:
                self._network.deaf.set()
                self._faults.add("answer to an older client lost")
            try:
                # In place of an answer that is lost, the deadline.
                method = channel.unary_unary("/runlore.v1.TrackingService/LogBatch")
                answer = v1.LogBatchResponse.FromString(method(request, timeout=0.5 if lose else 30))
            except grpc.RpcError as error:
                if error.code() is not grpc.StatusCode.DEADLINE_EXCEEDED:
                    raise
                return False
            finally:
                self._network.deaf.clear()
        assert answer.committed_sequence == self._sequence
        return True


@pytest.mark.parametrize("number", range(4))
def test_older_and_newer_clients_share_a_run(
    number: int, faults: Ledger, shared_server: ServerProcess, stubs: Stubs
) -> None:
    random = rng(f"versions {number}")
    run_id = stubs.tracking.CreateRun(v1.CreateRunRequest(name=f"versions {number}")).run.run_id
    network = LossyRelay(shared_server.address)
    try:
        writers = [
            kind(random, faults, network, run_id, i) for i, kind in enumerate((OlderWriter, Writer, OlderWriter))
        ]
        while unfinished := [writer for writer in writers if not writer.done]:
            random.choice(unfinished).stream()
    finally:
        network.close()
    demand_all(stubs, run_id, [writer.points for writer in writers])
