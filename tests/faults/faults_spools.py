"""What killed processes left in their spools, sent by `runlore sync`: by two at once, from copies, and again."""

from __future__ import annotations

import shutil
import subprocess
import time
from pathlib import Path

import pytest

from tests.faults.fleet import ROOT, RUNLORE, Fleet
from tests.faults.ledger import Ledger, rng
from tests.faults.world import World


def syncing(fleet: Fleet, spool: Path) -> subprocess.Popen[bytes]:
    """A `runlore sync` of a spool, under way."""
    return subprocess.Popen(
        [RUNLORE, "sync", str(spool)],
        cwd=ROOT,
        env=fleet.env,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


@pytest.mark.parametrize("number", range(4))
def test_a_spool_sent_by_many_arrives_once(number: int, world: World, data_folder: Path, faults: Ledger) -> None:
    random = rng(f"spools {number}")
    fleet = Fleet(world.address, data_folder / "jobs", faults, rate=5_000)
    try:
        fleet.start(fleet.create_runs(3))
        time.sleep(random.random())
        world.network.deaf.set()
        time.sleep(2)
        # Two generations leave spools of the same runs; the second can only keep what it logs.
        world.network.cut()
        world.network.deaf.clear()
        fleet.kill_one(random)
        world.network.deaf.set()
        time.sleep(1)
        fleet.kill()
        faults.add("client killed")
        world.network.cut()
        world.network.deaf.clear()
        copies = [data_folder / f"copy-{i}" for i in range(2)]
        for copy in copies:
            shutil.copytree(fleet.spool, copy)
        processes = [syncing(fleet, spool) for spool in (fleet.spool, fleet.spool, *copies)]
        faults.add("spool resumed by two processes")
        faults.add("copied spool sent", len(copies))
        time.sleep(random.random())
        victim = random.choice(processes)
        victim.kill()
        faults.add("sync killed")
        world.cut_network()
        for process in processes:
            process.wait(120)
        for spool in (*copies, fleet.spool):
            # Again, from whatever is left: whoever was killed or cut off goes on, the others have nothing to do.
            fleet.sync(str(spool))
        fleet.demand_all(world.direct)
    finally:
        fleet.kill()
