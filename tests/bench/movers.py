"""The load of alias moves: movers that each move aliases from where they believe them to be, and learn from refusals.

Every refusal is checked: it must name a move that was won, and where that left the alias.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from dataclasses import dataclass, field
from itertools import cycle

import grpc
import uvloop
from google.rpc import error_details_pb2 as details_pb2
from google.rpc.status_pb2 import Status

from runlore import v1
from tests.bench.orders import Order, serve


@dataclass
class Movers:
    """Movers on connections of their own. What they know lasts from one order to the next."""

    address: str
    models: list[str]
    #: Versions of each model, a later one with a greater `auc`.
    versions: int
    #: Where each mover believes the alias of each model to be (0: nowhere).
    beliefs: dict[tuple[int, str], int] = field(default_factory=dict)
    #: Where each won move left its alias, by its reason; and what losers were told, the same way.
    won: dict[str, int] = field(default_factory=dict)
    told: dict[str, int] = field(default_factory=dict)
    #: The revision of each won move, by model.
    revisions: dict[str, list[int]] = field(default_factory=dict)
    _channels: dict[int, grpc.aio.Channel] = field(default_factory=dict)

    async def run(self, count: int, shared: bool, seconds: float) -> Order:
        """Let `count` movers move for so long: all of them every model, or each its share of them."""
        taken: list[float] = []
        before = len(self.won)
        began = time.perf_counter()

        async def mover(i: int) -> None:
            if i not in self._channels:
                # A pool of its own for each channel: otherwise all would share one connection.
                self._channels[i] = grpc.aio.insecure_channel(self.address, [("grpc.use_local_subchannel_pool", 1)])
            stub = v1.RegistryServiceStub(self._channels[i])
            for model in cycle(self.models if shared else self.models[i::count]):
                start = time.perf_counter()
                if start > began + seconds:
                    return
                if await self._move(stub, i, model):
                    taken.append(time.perf_counter() - start)

        await asyncio.gather(*map(mover, range(count)))
        took = time.perf_counter() - began
        self._check()
        return {
            "rate": (len(self.won) - before) / took,
            "seconds": taken,
        }

    async def _move(self, stub: v1.RegistryServiceAsyncStub, mover: int, model: str) -> bool:
        """Try a move; whether it was won."""
        believed = self.beliefs.get((mover, model), 0)
        to = believed % self.versions + 1
        reason = f"{mover} {secrets.token_hex(8)}"
        request = v1.SetAliasRequest(
            model_name=model,
            alias="champion",
            version=to,
            expect=v1.AliasExpectation(version=believed) if believed else v1.AliasExpectation(absent=True),
            reason=reason,
            request_id=secrets.token_hex(16),
        )
        metric = request.conditions.add().metric
        metric.key, metric.current_holder = "auc", True
        metric.direction = v1.DIRECTION_MAXIMIZE if to > believed else v1.DIRECTION_MINIMIZE
        try:
            moved = (await stub.SetAlias(request)).applied
        except grpc.aio.AioRpcError as error:
            metadata = _metadata(error)
            assert metadata["expected_version"] == str(believed or ""), metadata
            assert metadata["current_version"] != metadata["expected_version"], metadata
            current = int(metadata["current_version"])
            self.told[metadata["move_reason"]] = current
            self.beliefs[mover, model] = current
            return False
        self.beliefs[mover, model] = self.won[reason] = to
        self.revisions.setdefault(model, []).append(moved.head.revision)
        return True

    def _check(self) -> None:
        """Losers were told of moves that were won, and every revision was won once."""
        wrong = {reason: at for reason, at in self.told.items() if self.won.get(reason) != at}
        assert not wrong, f"refusals that were wrong: {wrong}"
        for model, revisions in self.revisions.items():
            ordered = sorted(revisions)
            assert ordered == list(range(ordered[0], ordered[0] + len(ordered))), f"revisions of {model}: {ordered}"


def _metadata(error: grpc.aio.AioRpcError) -> dict[str, str]:
    """What an ALIAS_MOVED says; anything else is raised."""
    trailer = dict(error.trailing_metadata() or ())
    for packed in Status.FromString(trailer.get("grpc-status-details-bin", b"")).details:
        info = details_pb2.ErrorInfo()
        if packed.Unpack(info) and info.reason == "ALIAS_MOVED":
            return dict(info.metadata)
    raise error


if __name__ == "__main__":
    known: dict[str, Movers] = {}
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:

        def answer(order: Order) -> Order:
            key = f"{order['address']} {order['models'][0]}"
            movers = known.setdefault(key, Movers(order["address"], order["models"], order["versions"]))
            return runner.run(movers.run(order["movers"], order["shared"], order["seconds"]))

        serve(answer)
