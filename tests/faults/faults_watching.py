"""Watches, movers and verification while servers, workers, connections, Postgres and the sequencer die.

Every watch gets every event of its model once and in order, whatever it had to be opened again for; every move that was
acknowledged is among them once; and every chain verifies.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import grpc
import psycopg

from runlore import v1
from tests.faults.ledger import Ledger, rng
from tests.faults.world import World
from tests.harness.server import environment
from tests.harness.wire import UNLIMITED, Stubs
from tests.service.test_registry import add_version, run_with_model

ROOT = Path(__file__).resolve().parents[2]
_PATIENCE = 120.0
_ROUNDS = 12
MODELS = ("m0", "m1", "m2", "m3")
KINDS = ("kill_worker", "kill_server", "restart_server", "kill_postgres", "cut_network", "sequencer", "held")


async def begin(address: str) -> str:
    """Register two versions of each model; returns the position from which on to watch."""
    async with grpc.aio.insecure_channel(address, UNLIMITED) as channel:
        stubs = Stubs(channel)
        run_id = await run_with_model(stubs, "")
        for model in MODELS:
            await stubs.registry.CreateRegisteredModel(v1.CreateRegisteredModelRequest(name=model))
            for _ in range(2):
                await add_version(stubs, "", run_id, model)
        async for response in stubs.event.Watch(v1.WatchRequest()):
            return str(response.position)
    raise AssertionError("a watch sends a position at once")


def hurt(world: World, faults: Ledger, kind: str) -> None:
    """Break something, which heals by itself."""
    if kind == "sequencer":
        # Whoever has the sequencer's turn, waits for it, or had it last.
        with psycopg.connect(world.postgres.url, autocommit=True) as conn:
            for _ in range(20):
                conn.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE pid <> pg_backend_pid() AND query LIKE '%event_log%'"
                )
                faults.add("sequencer's connection killed")
                time.sleep(0.02)
    elif kind == "held":
        # A model's lock is held, and its movers wait, while others commit and are numbered.
        with psycopg.connect(world.postgres.url) as conn:
            conn.execute("SELECT FROM registered_model WHERE name = %s FOR UPDATE", (MODELS[0],))
            time.sleep(1)
        faults.add("transaction held open")
    else:
        getattr(world, kind)()


async def listed(stubs: Stubs, after: str) -> list[v1.Event]:
    """Every event after a position."""
    found: list[v1.Event] = []
    request = v1.ListEventsRequest(after_position=after, page_size=1_000)
    while not found or request.page_token:
        page = await stubs.event.ListEvents(request)
        found += page.events
        request.page_token = page.next_page_token
    return found


async def compare(address: str, start: str, record: dict[str, Any]) -> None:
    """Compare what a process says that it saw with what the log has."""
    async with grpc.aio.insecure_channel(address, UNLIMITED) as channel:
        stubs = Stubs(channel)
        every = [[e.position, e.resource.name, e.revision, e.request_id] for e in await listed(stubs, start)]
        for model, acknowledged in record["acknowledged"].items():
            of_model = [event for event in every if event[1] == model]
            assert [event[2] for event in of_model] == list(range(4, 4 + len(of_model)))
            ids = Counter(event[3] for event in of_model)
            assert len(acknowledged) > 10
            assert {ids[request_id] for request_id in acknowledged} == {1}
            verified = await stubs.event.Verify(v1.VerifyRequest(model_name=model))
            assert verified.valid, verified.first_break
        for model, seen in record["watched"]:
            assert seen == [event for event in every if model in ("", event[1])]


def test_watches_miss_nothing_whatever_dies(world: World, faults: Ledger) -> None:
    random = rng("watching")
    start = asyncio.run(begin(world.direct))
    # A process of its own: this one forks, which gRPC's connections need not survive.
    with subprocess.Popen(
        [sys.executable, "-m", "tests.faults.watcher", world.address, start, *MODELS],
        cwd=ROOT,
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            chosen = [*KINDS, *random.choices(KINDS, k=_ROUNDS - len(KINDS))]
            random.shuffle(chosen)
            for kind in chosen:
                time.sleep(random.uniform(0.5, 2))
                hurt(world, faults, kind)
            time.sleep(2)
            told, _ = process.communicate("end\n", timeout=_PATIENCE)
        finally:
            process.kill()
    asyncio.run(compare(world.direct, start, json.loads(told)))
