"""Servers that are away, die in the middle of a call, or lose their answers: points are neither lost nor doubled."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import pytest

import runlore
import runlore.aio
from runlore import v1
from tests.clients.conftest import points
from tests.clients.lossy import LossyRelay
from tests.harness.server import ServerProcess
from tests.s3 import free_ports


@pytest.fixture
def relay(shared_server: ServerProcess) -> Iterator[LossyRelay]:
    """A relay to the shared server."""
    made = LossyRelay(shared_server.address)
    yield made
    made.close()


def eventually(condition: Callable[[], bool], seconds: float = 10) -> None:
    """Wait until the condition holds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.02)


def nobody() -> str:
    """An address where nothing listens."""
    return f"127.0.0.1:{free_ports(1)[0]}"


def test_an_unreachable_server_is_one_clear_line() -> None:
    address = nobody()
    began = time.monotonic()
    with runlore.connect(address, timeout=1) as client, pytest.raises(ConnectionError) as caught:
        client.start_run("ctr")
    assert time.monotonic() - began < 5
    assert str(caught.value) == (
        f"cannot reach Runlore at {address}: is a server running there? "
        "(start one with `runlore-server serve`, or set RUNLORE_ADDRESS)"
    )
    assert isinstance(caught.value, runlore.UnavailableError)


async def test_an_unreachable_server_is_one_clear_line_asynchronously() -> None:
    async with runlore.aio.connect(nobody(), timeout=1) as client:
        with pytest.raises(runlore.UnavailableError, match=r"^cannot reach Runlore at 127\.0\.0\.1:\d+: is a server"):
            await client.start_run("ctr")


def test_a_server_that_speaks_no_tls_is_told_from_one_that_is_away(shared_server: ServerProcess) -> None:
    with runlore.connect(shared_server.address, tls=True, timeout=1) as client:
        with pytest.raises(runlore.UnavailableError) as caught:
            client.search_runs()
        assert "the TLS handshake failed" in str(caught.value)


def test_lost_acknowledgements_double_nothing(relay: LossyRelay, client: runlore.Client, workspace: str) -> None:
    with runlore.connect(relay.address, workspace=workspace) as lossy, lossy.start_run() as run:
        run.log({"a": 1.0}, step=0)
        run.flush()
        relay.deaf.set()
        run.log({"a": 2.0}, step=1)
        eventually(lambda: len(points(client, run.run_id)["a"]) == 2)
        run.log({"a": 3.0}, step=2)
        relay.deaf.clear()
        relay.cut()
        run.flush(20)
    assert points(client, run.run_id) == {"a": [(0, 1.0), (1, 2.0), (2, 3.0)]}


def test_a_lost_answer_to_a_mutation_gives_the_first_answer_again(
    relay: LossyRelay, client: runlore.Client, workspace: str
) -> None:
    with runlore.connect(relay.address, workspace=workspace) as lossy:
        lossy.search_runs()
        relay.deaf.set()

        def let_go() -> None:
            relay.lost.wait(10)
            time.sleep(0.3)
            relay.deaf.clear()
            relay.cut()

        relay.lost.clear()
        helper = threading.Thread(target=let_go)
        helper.start()
        run = lossy.start_run("ctr", name="once")
        helper.join()
        run.finish()
    assert [r.run_id for r in client.search_runs("ctr")] == [run.run_id]


def test_a_server_that_dies_and_comes_back_has_every_point_once(
    database_url: str, data_folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    address = nobody()
    arguments = ("--database", database_url, "--listen", address)
    server = ServerProcess(data_folder, *arguments).wait_ready()
    try:
        with runlore.connect(address) as client, client.start_run() as run:
            with caplog.at_level(logging.WARNING, "runlore"):
                for step in range(3000):
                    run.log({"a": float(step)}, step=step)
                    if step == 1000:
                        server.kill()
                    time.sleep(0.0003)
                server = ServerProcess(data_folder, *arguments).wait_ready()
                run.flush(30)
            assert points(client, run.run_id)["a"] == [(step, float(step)) for step in range(3000)]
        assert [r.message for r in caplog.records if "kept" in r.message or "again" in r.message] != []
    finally:
        server.stop()


def test_points_wait_up_to_the_limit_and_the_rest_is_counted(
    relay: LossyRelay,
    client: runlore.Client,
    workspace: str,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("RUNLORE_SPOOL_LIMIT", "2MiB")
    with runlore.connect(relay.address, workspace=workspace) as lossy:
        run = lossy.start_run()
        relay.deaf.set()
        with caplog.at_level(logging.WARNING, "runlore"):
            step = 0
            while run.dropped_points < 1000:
                run.log({"a": float(step)}, step=step)
                step += 1
        assert run.dropped_points == 1000
        assert [r.message for r in caplog.records if "dropped" in r.message] == [
            f"run {run.run_id}: its spool has all of the 2 MiB that it may have; points are dropped until the server "
            "takes some, and counted as dropped_points"
        ]
        relay.deaf.clear()
        relay.cut()
        run.flush(20)
        for more in range(10):
            run.log({"a": -1.0}, step=step + more)
        run.finish()
    stored = client.get_run(run.run_id)
    assert (stored.dropped_points, run.dropped_points) == (1000, 1000)
    assert dict(stored.tags) == {}
    steps = [*range(step - 1000), *range(step, step + 10)]
    assert [s for s, _ in points(client, run.run_id)["a"]] == steps, "what was stored makes room"


def test_flush_says_what_is_not_stored(relay: LossyRelay, workspace: str) -> None:
    with runlore.connect(relay.address, workspace=workspace) as lossy:
        run = lossy.start_run()
        relay.deaf.set()
        run.log({"a": 1.0})
        with pytest.raises(TimeoutError, match=f"^1 points of run {run.run_id} are not stored after 0.5 s"):
            run.flush(0.5)
        relay.deaf.clear()
        relay.cut()
        run.flush(20)
        run.finish()


def test_points_that_the_server_refuses_are_told_and_kept(client: runlore.Client) -> None:
    run = client.start_run()
    run.log({"a": 1.0}, step=0)
    run.flush()
    client.delete_run(run.run_id)
    client.sender.close()
    run.log({"a": 2.0}, step=1)
    with pytest.raises(runlore.PreconditionError) as caught:
        run.flush()
    assert caught.value.reason == "RUN_DELETED"
    client.restore_run(run.run_id)
    run.log({"a": 3.0}, step=2)
    run.flush()
    run.finish()
    assert points(client, run.run_id) == {"a": [(0, 1.0), (1, 2.0), (2, 3.0)]}


def test_a_server_that_forgot_points_gets_the_rest_from_another_writer(
    client: runlore.Client, caplog: pytest.LogCaptureFixture
) -> None:
    with client.start_run() as run:
        for step in range(30_000):
            run.log({"a": 1.0, "b": 2.0}, step=step)
        run.flush()
        # As if the server had been restored to before all of it: it does not know the writer.
        folder = run._points.folder
        assert folder is not None
        assert run._points.reader.first_point > 1, "what is acknowledged is freed"
        folder.become("another", 0)
        client.sender.close()
        with caplog.at_level(logging.WARNING, "runlore"):
            run.log({"c": 3.0}, step=7)
            run.flush()
        assert folder.about.writer_id.startswith("another-")
    assert [r.message for r in caplog.records if "going on as another writer" in r.message] != []
    assert points(client, run.run_id)["c"] == [(7, 3.0)]
    assert run.dropped_points == 0


def test_a_server_without_streams_is_told_and_the_points_are_kept(workspace: str, runlore_env: dict[str, str]) -> None:
    # As an older server: it answers, and does not know the call.
    server = grpc.server(ThreadPoolExecutor(1))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        with runlore.connect(f"127.0.0.1:{port}", timeout=5) as old:
            spool = old.sender.open("a" * 32, workspace)
            spool.add({"a": 1.0}, 0)
            with pytest.raises(runlore.RunloreError, match="has no LogStream, by which this client sends points"):
                old.sender.finish(spool, v1.RUN_STATUS_FINISHED)
    finally:
        server.stop(0)
    assert len(list(Path(runlore_env["RUNLORE_SPOOL"]).glob("*/*/*.points"))) == 1


def test_an_outage_at_the_end_leaves_the_rest_to_sync(
    relay: LossyRelay, client: runlore.Client, workspace: str, caplog: pytest.LogCaptureFixture
) -> None:
    with runlore.connect(relay.address, workspace=workspace, timeout=1) as lossy:
        run = lossy.start_run()
        run.log({"a": 1.0}, step=0)
        run.flush()
        relay.deaf.set()
        run.log({"a": 2.0}, step=1)
        with caplog.at_level(logging.WARNING, "runlore"):
            run.finish("FAILED")
        assert "`runlore sync`" in caplog.text
        relay.deaf.clear()
        relay.cut()
    (found,) = client.sync()
    assert (found.state, found.run_id) == ("sent", run.run_id)
    stored = client.get_run(run.run_id)
    assert stored.status == v1.RUN_STATUS_FAILED
    assert stored.end_time.ToNanoseconds() < stored.update_time.ToNanoseconds()
    assert points(client, run.run_id) == {"a": [(0, 1.0), (1, 2.0)]}
    assert client.sync() == []


def test_logging_does_not_wait_for_a_server_that_is_away(relay: LossyRelay, workspace: str) -> None:
    with runlore.connect(relay.address, workspace=workspace) as lossy:
        run = lossy.start_run()
        relay.deaf.set()
        slowest = 0.0
        for step in range(2000):
            began = time.perf_counter()
            run.log({"a": 1.0}, step=step)
            slowest = max(slowest, time.perf_counter() - began)
        assert slowest < 0.25
        relay.deaf.clear()
        relay.cut()
        run.finish()
        assert lossy.get_run(run.run_id).metrics[0].count == 2000


def test_a_closed_client_sends_what_it_has(runlore_env: dict[str, str], client: runlore.Client) -> None:
    other = runlore.connect()
    run = other.start_run()
    run.log({"a": 1.0})
    other.close()
    assert client.get_run(run.run_id).metrics[0].count == 1
    assert client.get_run(run.run_id).status == v1.RUN_STATUS_RUNNING
    run.log({"a": 2.0})
    run.finish()
    assert client.get_run(run.run_id).metrics[0].count == 2
