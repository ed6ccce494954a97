"""Watches, movers and verification while servers, workers, connections, Postgres and the sequencer die.

Every watch gets every event of its model once and in order, whatever it had to be opened again for; every move that was
acknowledged is among them once; and every chain verifies.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import TypeVar

import grpc
import psycopg

from runlore import v1
from tests.faults.ledger import Ledger, rng
from tests.faults.world import World
from tests.harness.wire import UNLIMITED, Stubs
from tests.service.test_registry import add_version, run_with_model

_PATIENCE = 120.0
_MODELS = 4
_ROUNDS = 12
#: A connection of each client's own, which is dialled again soon after it broke.
_OPTIONS = [*UNLIMITED, ("grpc.use_local_subchannel_pool", 1), ("grpc.max_reconnect_backoff_ms", 500)]

T = TypeVar("T")


async def whatever_it_takes(call: Callable[[], Awaitable[T]]) -> T:
    """Call until it is answered."""
    async with asyncio.timeout(_PATIENCE):
        while True:
            try:
                return await call()
            except grpc.aio.AioRpcError as error:
                if error.code() not in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED):
                    raise
                await asyncio.sleep(0.1)
    raise AssertionError("unreachable")


class Mover:
    """Moves the champion of a model to and fro."""

    def __init__(self, stubs: Stubs, model: str) -> None:
        self._stubs = stubs
        self._model = model
        self.acknowledged: list[str] = []

    async def move(self, done: asyncio.Event) -> None:
        """Move until all is done, each time again until it is acknowledged."""
        number = 0
        while not done.is_set():
            number += 1
            request = v1.SetAliasRequest(
                model_name=self._model, alias="champion", version=1 + number % 2, request_id=secrets.token_hex(8)
            )
            request.expect.any = True

            async def call(request: v1.SetAliasRequest = request) -> None:
                await self._stubs.registry.SetAlias(request, timeout=10)

            await whatever_it_takes(call)
            self.acknowledged.append(request.request_id)
            await asyncio.sleep(0.01)


class Watcher:
    """Watches, and goes on from its position whenever a watch ends."""

    def __init__(self, address: str, position: str, model: str) -> None:
        self._address = address
        self._model = model
        self.position = position
        self.events: list[v1.Event] = []

    async def watch(self) -> None:
        """Watch without end."""
        while True:
            with contextlib.suppress(grpc.aio.AioRpcError):
                async with grpc.aio.insecure_channel(self._address, _OPTIONS) as channel:
                    request = v1.WatchRequest(after_position=self.position, checkpoint_interval={"seconds": 1})
                    if self._model:
                        request.model_name = self._model
                    async for response in Stubs(channel).event.Watch(request):
                        self.events += response.events
                        self.position = response.position
            await asyncio.sleep(0.05)


async def hurt(world: World, faults: Ledger, kind: str, models: list[str]) -> None:
    """Break something, which heals by itself."""
    if kind == "sequencer":
        # Whoever has, or waits for, the sequencer's turn.
        with psycopg.connect(world.postgres.url, autocommit=True) as conn:
            for _ in range(20):
                conn.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE pid <> pg_backend_pid() AND query LIKE '%event_log%'"
                )
                faults.add("sequencer's connection killed")
                await asyncio.sleep(0.02)
    elif kind == "held":
        # A transaction that wrote its event and stays open, while others commit and are numbered; then it is lost.
        async with await psycopg.AsyncConnection.connect(world.postgres.url) as conn:
            await conn.execute("UPDATE registered_model SET event_time = event_time WHERE name = %s", (models[0],))
            await asyncio.sleep(1)
            await conn.rollback()
        faults.add("transaction held open")
    else:
        await asyncio.to_thread(getattr(world, kind))


async def test_watches_miss_nothing_whatever_dies(world: World, faults: Ledger) -> None:
    random = rng("watching")
    models = [f"m{i}" for i in range(_MODELS)]
    async with grpc.aio.insecure_channel(world.direct, _OPTIONS) as channel:
        stubs = Stubs(channel)
        run_id = await run_with_model(stubs, "")
        for model in models:
            await stubs.registry.CreateRegisteredModel(v1.CreateRegisteredModelRequest(name=model))
            for _ in range(2):
                await add_version(stubs, "", run_id, model)
        start = (await anext(aiter(stubs.event.Watch(v1.WatchRequest())))).position
    channels = [grpc.aio.insecure_channel(world.address, _OPTIONS) for _ in models]
    movers = [Mover(Stubs(channel), model) for channel, model in zip(channels, models, strict=True)]
    watchers = [Watcher(world.address, start, model) for model in (*models, *models, "", "")]
    done = asyncio.Event()
    watching = [asyncio.create_task(watcher.watch()) for watcher in watchers]
    moving = [asyncio.create_task(mover.move(done)) for mover in movers]
    kinds = ["kill_worker", "kill_server", "restart_server", "kill_postgres", "cut_network", "sequencer", "held"]
    chosen = [*kinds, *random.choices(kinds, k=_ROUNDS - len(kinds))]
    random.shuffle(chosen)
    for kind in chosen:
        await asyncio.sleep(random.uniform(0.3, 1.5))
        await hurt(world, faults, kind, models)
    await asyncio.sleep(1)
    done.set()
    await asyncio.gather(*moving)

    async with grpc.aio.insecure_channel(world.direct, _OPTIONS) as channel:
        stubs = Stubs(channel)
        every = await listed(stubs, start)
        assert len(every) >= sum(len(mover.acknowledged) for mover in movers) > 100
        for model, mover in zip(models, movers, strict=True):
            ids = Counter(event.request_id for event in every if event.resource.name == model)
            assert {ids[request_id] for request_id in mover.acknowledged} == {1}
            verified = await stubs.event.Verify(v1.VerifyRequest(model_name=model))
            assert verified.valid, verified.first_break
        for watcher in watchers:
            expected = [event for event in every if watcher._model in ("", event.resource.name)]
            async with asyncio.timeout(_PATIENCE):
                while len(watcher.events) < len(expected):  # noqa: ASYNC110 - it is reading
                    await asyncio.sleep(0.05)
            assert [event.position for event in watcher.events] == [event.position for event in expected]
            assert watcher.events == expected
    for task in watching:
        task.cancel()
    await asyncio.gather(*watching, return_exceptions=True)
    for channel in channels:
        await channel.close()


async def listed(stubs: Stubs, after: str) -> list[v1.Event]:
    """Every event after a position."""
    found: list[v1.Event] = []
    request = v1.ListEventsRequest(after_position=after, page_size=1_000)
    while not found or request.page_token:
        page = await stubs.event.ListEvents(request)
        found += page.events
        request.page_token = page.next_page_token
    return found
