"""What a server does to runs by itself, over the wire: shown as stale, closed, purged under their writers."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest

from runlore import v1
from runlore_server.db import Database
from runlore_server.store import purging
from tests.harness.server import ServerProcess, serving
from tests.harness.wire import Stubs, refusal, refused
from tests.store.records import rows_of

WORKSPACE = "w"


@pytest.fixture
def impatient(database_url: str, data_folder: Path) -> Iterator[ServerProcess]:
    """A server that closes runs whose writers are silent for 2 seconds."""
    flags = ("--stale-after", "1", "--close-stale-after", "2", "--close-stale-as", "FAILED")
    with serving(data_folder, "--database", database_url, *flags) as server:
        yield server


def new_run(stubs: Stubs, *, writer_follows: bool = False) -> str:
    request = v1.CreateRunRequest(workspace=WORKSPACE, writer_follows=writer_follows)
    return str(stubs.tracking.CreateRun(request).run.run_id)


def get(stubs: Stubs, run_id: str) -> v1.Run:
    run: v1.Run = stubs.tracking.GetRun(v1.GetRunRequest(workspace=WORKSPACE, run_id=run_id)).run
    return run


def opening(run_id: str) -> v1.LogStreamRequest:
    return v1.LogStreamRequest(open={"workspace": WORKSPACE, "run_id": run_id, "writer_id": "w"})


def frame(first_point: int) -> v1.LogStreamRequest:
    new = ["loss"] if first_point == 1 else []
    point = {"keys": [0], "steps": [first_point], "times_unix_us": [0], "values": [0.5]}
    return v1.LogStreamRequest(frame={"first_point": first_point, "new_keys": new, **point})


def test_a_silent_run_is_shown_then_closed_and_its_writer_may_come_back(impatient: ServerProcess) -> None:
    with grpc.insecure_channel(impatient.address) as channel:
        stubs = Stubs(channel)
        silent, untouched, beating = (new_run(stubs) for _ in range(3))
        # Its writer dies before it has opened a stream.
        announced = new_run(stubs, writer_follows=True)
        opened, _ = list(stubs.tracking.LogStream(iter([opening(silent), frame(1)])))
        assert opened.opened.heartbeat_interval.nanos == 250_000_000

        def beats() -> Iterator[v1.LogStreamRequest]:
            yield opening(beating)
            end = time.monotonic() + 6
            while time.monotonic() < end:
                yield v1.LogStreamRequest(frame={"first_point": 1})
                time.sleep(0.25)

        heartbeats = stubs.tracking.LogStream(beats())
        states, give_up = [], time.monotonic() + 30
        while (run := get(stubs, silent)).status == v1.RUN_STATUS_RUNNING:
            states.append(run.is_stale)
            assert len(states) < 1_000
            time.sleep(0.02)
        assert states == sorted(states)
        assert set(states) == {False, True}
        closed = get(stubs, silent)
        assert (closed.status, closed.is_stale) == (v1.RUN_STATUS_FAILED, False)
        assert closed.end_time == closed.last_heartbeat_time
        while (unborn := get(stubs, announced)).status == v1.RUN_STATUS_RUNNING:
            assert time.monotonic() < give_up
            time.sleep(0.02)
        assert (unborn.status, unborn.end_time) == (v1.RUN_STATUS_FAILED, unborn.last_heartbeat_time)
        for run_id in (untouched, beating):
            run = get(stubs, run_id)
            assert (run.status, run.is_stale) == (v1.RUN_STATUS_RUNNING, False)
        logged = [json.loads(line) for line in impatient.stderr.splitlines()]
        told = [line for line in logged if line["message"] == "closed a stale run"]
        assert {(line["run_id"], line["status"]) for line in told} == {
            (run_id, "RUN_STATUS_FAILED") for run_id in (silent, announced)
        }
        # What it could not send is taken, and so is how it ended.
        *_, last = stubs.tracking.LogStream(iter([opening(silent), frame(1), frame(2), frame(3)]))
        assert last.acknowledged.committed_points == 3
        request = v1.UpdateRunRequest(workspace=WORKSPACE, run_id=silent, status=v1.RUN_STATUS_FINISHED)
        request.update_mask.paths.append("status")
        stubs.tracking.UpdateRun(request)
        found = get(stubs, silent)
        assert (found.status, found.status_message, found.metrics[0].count) == (v1.RUN_STATUS_FINISHED, "", 3)
        heartbeats.cancel()


async def test_a_run_is_purged_under_its_writer(server: ServerProcess, db: Database) -> None:
    """What a stream has under way when its run is purged is committed before, and cleaned up, or refused."""
    with grpc.insecure_channel(server.address) as channel:
        stubs = Stubs(channel)
        for _ in range(5):
            run_id = new_run(stubs)
            acknowledged = 0

            def points(run_id: str = run_id) -> Iterator[v1.LogStreamRequest]:
                yield opening(run_id)
                for number in range(1, 100_000):
                    yield frame(number)
                    time.sleep(0.0005)

            stream = stubs.tracking.LogStream(points())
            for response in stream:
                acknowledged = response.acknowledged.committed_points
                if acknowledged > 20:
                    break
            stubs.tracking.DeleteRun(v1.DeleteRunRequest(workspace=WORKSPACE, run_id=run_id))
            stubs.tracking.PurgeRun(v1.PurgeRunRequest(workspace=WORKSPACE, run_id=run_id, request_id=run_id))
            with pytest.raises(grpc.RpcError) as caught:
                list(stream)
            assert refusal(caught.value).reason in ("RUN_DELETED", "RUN_NOT_FOUND")
            with refused("RUN_NOT_FOUND"):
                list(stubs.tracking.LogStream(iter([opening(run_id), frame(1)])))
            while await db.write(purging.clean_up):
                pass
            assert set((await db.read(lambda conn, r=run_id: rows_of(conn, r))).values()) == {0}
