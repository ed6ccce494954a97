"""A full disk, under the spool and under Postgres."""

from __future__ import annotations

import time
from pathlib import Path

import grpc

from runlore import v1
from tests.faults.disk import small_disk
from tests.faults.fleet import Fleet
from tests.faults.ledger import Ledger, rng
from tests.faults.world import World
from tests.harness.wire import Stubs


def test_a_full_disk_under_the_spool_drops_points_and_counts_them(
    world: World, data_folder: Path, faults: Ledger
) -> None:
    random = rng("spool disk")
    fleet = Fleet(world.address, data_folder / "jobs", faults, rate=20_000)
    with small_disk(fleet.spool, megabytes=24) as disk:
        try:
            runs = fleet.create_runs(2)
            fleet.start(runs)
            for _ in range(3):
                # While the server's answers are lost nothing is freed, and new points need new room.
                world.network.deaf.set()
                disk.fill()
                faults.add("disk full under the spool")
                time.sleep(3 + random.random())
                disk.free()
                world.network.cut()
                world.network.deaf.clear()
                time.sleep(1)
            fleet.stop()
            fleet.sync()
            assert fleet.differences(world.direct) == []
            with grpc.insecure_channel(world.direct) as channel:
                tracking = Stubs(channel).tracking
                dropped = [tracking.GetRun(v1.GetRunRequest(run_id=run_id)).run.dropped_points for run_id in runs]
            assert sum(dropped) > 0, "the disk was never full enough to lose a point"
        finally:
            fleet.kill()


def test_a_full_disk_under_postgres_loses_nothing(data_folder: Path, faults: Ledger) -> None:
    random = rng("postgres disk")
    with small_disk(data_folder / "postgres", megabytes=400) as disk, World(data_folder, faults) as world:
        fleet = Fleet(world.address, data_folder / "jobs", faults)
        try:
            fleet.start(fleet.create_runs(4))
            for _ in range(3):
                time.sleep(1 + random.random())
                disk.fill()
                faults.add("disk full under postgres")
                time.sleep(2 + random.random())
                disk.free()
                world.postgres.revive()
            fleet.settle(world.direct)
        finally:
            fleet.kill()
