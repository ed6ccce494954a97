"""Everything between `log()` and the disk is killed at random, while training jobs log."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.faults.fleet import Fleet
from tests.faults.ledger import Ledger, rng
from tests.faults.world import World


@pytest.mark.parametrize("number", range(3))
def test_points_survive_whatever_is_killed(number: int, world: World, data_folder: Path, faults: Ledger) -> None:
    random = rng(f"processes {number}")
    fleet = Fleet(world.address, data_folder / "jobs", faults)
    try:
        runs = fleet.create_runs(12)
        for i in range(0, len(runs), 4):
            fleet.start(runs[i : i + 4])
        kinds = {
            world.cut_network: 4,
            lambda: fleet.jump_clock(random): 2,
            lambda: world.cut_within(random.randrange(1, 5000)): 8,
            lambda: world.lose_answers(random.random()): 3,
            lambda: fleet.kill_one(random): 4,
            world.kill_worker: 4,
            world.kill_server: 1,
            world.restart_server: 1,
            world.kill_postgres: 2,
        }
        # Each kind as often as it weighs, in an order that the seed decides.
        for fault in random.sample(list(kinds), sum(kinds.values()), counts=list(kinds.values())):
            fault()
            time.sleep(random.random())
        fleet.settle(world.direct)
    finally:
        fleet.kill()


def test_restarts_under_fifty_writers(world: World, data_folder: Path, faults: Ledger) -> None:
    random = rng("fifty writers")
    fleet = Fleet(world.address, data_folder / "jobs", faults, rate=100)
    try:
        runs = fleet.create_runs(50)
        for i in range(0, len(runs), 10):
            fleet.start(runs[i : i + 10])
        for _ in range(3):
            time.sleep(random.random() * 3)
            world.restart_server()
            time.sleep(random.random() * 3)
            world.kill_server()
        fleet.settle(world.direct)
    finally:
        fleet.kill()
