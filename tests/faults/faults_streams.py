"""LogStream against clients and networks that do everything wrong, with the frames as a raw stub sends them.

A writer has a list of points, which is the record. It sends them in frames cut anywhere, and frames are sent twice, in
the wrong order, again from any earlier point, cut off within their bytes, or left without an answer. However it goes,
each point is stored once and in order.
"""

from __future__ import annotations

import math
import random
import secrets
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

import grpc
import pytest

from runlore import v1
from tests.clients.lossy import LossyRelay
from tests.faults.ledger import Ledger, rng
from tests.harness.server import ServerProcess
from tests.harness.wire import Stubs, refusal

OWN_CONNECTION = [("grpc.use_local_subchannel_pool", 1), ("grpc.max_receive_message_length", -1)]
#: (key, step, time, value)
Point = tuple[str, int, int, float]


def made(random: random.Random, count: int, writer: int) -> list[Point]:
    """Points with repeated steps, clock jumps and what is not a number; times and values tell the writer."""
    clock, points = 1_700_000_000_000_000 + writer, []
    for i in range(count):
        clock += random.choice([1000, 1000, 1000, -3_600_000_000, 3_600_000_000, 0])
        value = random.choice([float(writer * 1_000_000 + i)] * 8 + [math.nan, math.inf, -math.inf])
        points.append((f"k{random.randrange(4)}", random.randrange(i // 2 + 1), clock, value))
    return points


@dataclass
class Frames:
    """Encodes frames for one stream, which has key numbers of its own."""

    numbers: dict[str, int] = field(default_factory=dict)

    def frame(self, points: list[Point], first: int, end: int) -> v1.LogStreamRequest:
        """The points with numbers `first` to `end`, without the last."""
        chosen = points[first - 1 : end - 1]
        new = [key for key in dict.fromkeys(p[0] for p in chosen) if key not in self.numbers]
        self.numbers.update({key: len(self.numbers) + i for i, key in enumerate(new)})
        return v1.LogStreamRequest(
            frame=v1.LogStreamFrame(
                first_point=first,
                new_keys=new,
                keys=[self.numbers[p[0]] for p in chosen],
                steps=[p[1] for p in chosen],
                times_unix_us=[p[2] for p in chosen],
                values=[p[3] for p in chosen],
            )
        )


class Writer:
    """Sends a record's points, badly."""

    def __init__(self, random: random.Random, faults: Ledger, network: LossyRelay, run_id: str, number: int) -> None:
        self.points = made(random, random.randrange(30, 400), number)
        self.committed = 0
        self._random = random
        self._faults = faults
        self._network = network
        self._hurting = threading.Lock()
        self._open = v1.LogStreamRequest(open=v1.LogStreamOpen(run_id=run_id, writer_id=secrets.token_hex(8)))

    @property
    def done(self) -> bool:
        """Whether everything is acknowledged."""
        return self.committed == len(self.points)

    def stream(self) -> None:
        """One stream, which goes wrong somewhere or comes to its end."""
        known = self.committed
        with grpc.insecure_channel(self._network.address, options=OWN_CONNECTION) as channel:
            over = threading.Event()
            call = Stubs(channel).tracking.LogStream(self._requests(over), timeout=30)
            try:
                for response in call:
                    at = (response.opened if response.HasField("opened") else response.acknowledged).committed_points
                    assert known <= at <= len(self.points), "a watermark fell, or counts what was never written"
                    known = self.committed = at
            except grpc.RpcError as error:
                found = refusal(error)
                assert found.reason in ("", "SEQUENCE_GAP"), found
            finally:
                # gRPC leaves a dead call's requests where they are, in another thread: what they hurt is healed here.
                with self._hurting:
                    over.set()
                    self._network.heal()

    def _hurt(self, over: threading.Event, hurt: Callable[[], None], what: str) -> None:
        with self._hurting:
            if not over.is_set():
                self._faults.add(what)
                hurt()

    def _requests(self, over: threading.Event) -> Iterator[v1.LogStreamRequest]:
        yield self._open
        frames, at = Frames(), self.committed + 1
        while at <= len(self.points):
            end = min(at + self._random.choice([1, 2, 7, 50]), len(self.points) + 1)
            match self._random.randrange(12):
                case 0:
                    self._faults.add("frame sent twice")
                    yield frames.frame(self.points, at, end)
                    yield frames.frame(self.points, at, end)
                case 1 if end <= len(self.points):
                    self._faults.add("frames in the wrong order")
                    later = min(end + 5, len(self.points) + 1)
                    yield frames.frame(self.points, end, later)
                    yield frames.frame(self.points, at, end)
                    return
                case 2:
                    self._faults.add("points sent again in other frames")
                    at = self._random.randrange(1, at + 1)
                    continue
                case 3:
                    size = self._random.randrange(1, 200)
                    self._hurt(over, partial(self._network.cut_after, size), "frame cut off within its bytes")
                    yield frames.frame(self.points, at, end)
                case 4:
                    self._hurt(over, self._network.deaf.set, "answer lost")
                    yield frames.frame(self.points, at, end)
                    self._network.lost.wait(1)
                    self._hurt(over, self._network.cut, "network cut")
                    return
                case _:
                    yield frames.frame(self.points, at, end)
            at = end


def stored(stubs: Stubs, run_id: str) -> dict[str, list[tuple[int, int, str]]]:
    """Every point of a run by key, in the order written; values as text, so that NaN equals NaN."""
    found: dict[str, list[tuple[int, int, str]]] = {}
    for message in stubs.tracking.GetMetricHistory(v1.GetMetricHistoryRequest(run_ids=[run_id])):
        s = message.series
        found.setdefault(s.key, []).extend(
            (step, time, str(value)) for step, time, value in zip(s.steps, s.times_unix_us, s.values, strict=True)
        )
    return found


def demand_all(stubs: Stubs, run_id: str, writers: Sequence[list[Point]]) -> None:
    """Demand that a run has each point of its writers once, in its writer's order by key, and nothing else."""
    found = stored(stubs, run_id)
    for points in writers:
        for key in {p[0] for p in points}:
            mine = [(p[1], p[2], str(p[3])) for p in points if p[0] == key]
            assert [p for p in found[key] if p in set(mine)] == mine
    assert sum(map(len, found.values())) == sum(map(len, writers))


@pytest.mark.parametrize("number", range(12))
def test_each_point_is_stored_once_and_in_order(
    number: int, faults: Ledger, shared_server: ServerProcess, stubs: Stubs
) -> None:
    random = rng(f"streams {number}")
    run_id = stubs.tracking.CreateRun(v1.CreateRunRequest(name=f"streams {number}")).run.run_id
    network = LossyRelay(shared_server.address)
    try:
        writers = [Writer(random, faults, network, run_id, i) for i in range(random.choice([1, 1, 3]))]
        for _ in range(1000):
            unfinished = [writer for writer in writers if not writer.done]
            if not unfinished:
                break
            random.choice(unfinished).stream()
        assert all(writer.done for writer in writers)
    finally:
        network.close()
    demand_all(stubs, run_id, [writer.points for writer in writers])
