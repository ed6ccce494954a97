"""The server as a process: how it starts, drains, dies, comes back, and what it says when it cannot."""

from __future__ import annotations

import hashlib
import os
import queue
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, LiteralString

import grpc
import psutil
import psycopg
import pytest
from click.testing import CliRunner
from google.protobuf.field_mask_pb2 import FieldMask
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase

from runlore import v1
from runlore_server.embedded import EmbeddedPostgres
from runlore_server.main import main
from tests.harness import story
from tests.harness.server import READY, ServerProcess, run_command, serving
from tests.harness.wire import Stubs, refused

TLS = Path(__file__).resolve().parents[1] / "data" / "tls"
#: Each connection gets a socket of its own; gRPC otherwise shares one among equal channels.
OWN_CONNECTION = [("grpc.use_local_subchannel_pool", 1)]


def eventually(holds: Callable[[], bool], what: str, seconds: float = 15) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, f"not within {seconds} s: {what}"
        time.sleep(0.05)


def server_info(address: str, **options: Any) -> v1.GetServerInfoResponse:
    with grpc.insecure_channel(address, options=OWN_CONNECTION) as channel:
        info: v1.GetServerInfoResponse = Stubs(channel).server.GetServerInfo(v1.GetServerInfoRequest(), timeout=20)
        return info


def answers(address: str) -> bool:
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host, int(port)), timeout=1).close()
    except OSError:
        return False
    return True


def test_one_line_says_when_it_is_ready_and_on_what(database_url: str, data_folder: Path) -> None:
    with serving(data_folder, "--database", database_url) as server:
        assert len(server.lines) == 1
        assert READY.match(server.lines[0])
        assert str(data_folder / "artifacts") in server.lines[0]
        assert int(server.address.rpartition(":")[2]) > 0
        assert server_info(server.address).log_id
        assert server.stop() == 0


def test_the_embedded_database_needs_nothing(data_folder: Path) -> None:
    with serving(data_folder / "new" / "folder") as server:
        run_id = story.tell(server.address)
        assert story.listen(server.address, run_id)["bytes"] == story.WEIGHTS
        assert server.stop() == 0
    assert not any("postgres" in p.name() for p in psutil.process_iter(["name"]) if _uses(p, data_folder))


def test_a_killed_server_loses_nothing_that_it_acknowledged(data_folder: Path) -> None:
    with serving(data_folder) as server:
        run_id = story.tell(server.address)
        before = story.listen(server.address, run_id)
        log_id = server_info(server.address).log_id
        server.kill()
    with serving(data_folder) as server:
        assert story.listen(server.address, run_id) == before
        assert server_info(server.address).log_id == log_id


def test_a_server_killed_while_it_starts_leaves_a_usable_folder(data_folder: Path) -> None:
    for delay in (0.9, 1.3, 1.7):
        server = ServerProcess(data_folder)
        time.sleep(delay)
        server.kill()
    with serving(data_folder) as server:
        assert server_info(server.address).log_id


def test_killing_the_supervisor_ends_its_workers(data_folder: Path) -> None:
    with serving(data_folder, "--workers", "2") as server:
        address = server.address
        workers = psutil.Process(server.process.pid).children(recursive=True)
        server.kill()
        eventually(lambda: not answers(address), "the workers of a killed server let go of its port")
        eventually(lambda: not any("runlore" in " ".join(_command(w)) for w in workers), "its workers end")
    with serving(data_folder, "--workers", "2") as server:
        assert server_info(server.address).log_id


def test_a_second_server_on_the_folder_is_refused(data_folder: Path) -> None:
    with serving(data_folder) as server:
        code, out, err = run_command("serve", "--listen", "127.0.0.1:0", "--data", str(data_folder))
        assert (code, out) == (1, "")
        assert f"in use by another runlore-server (process {server.process.pid})" in err
        assert "--data" in err
        assert len(err.splitlines()) == 1
        assert server_info(server.address).log_id


def test_a_port_in_use_is_refused(server: ServerProcess, database_url: str, data_folder: Path) -> None:
    for workers in ("1", "2"):
        code, out, err = run_command(
            *("serve", "--listen", server.address, "--data", str(data_folder / "other")),
            *("--database", database_url, "--workers", workers),
        )
        assert (code, out) == (1, "")
        assert f"cannot listen on {server.address}" in err
        assert "Traceback" not in err


def test_sigterm_lets_a_call_in_flight_finish(server: ServerProcess) -> None:
    content = b"sent while the server drains"
    sha256 = hashlib.sha256(content).hexdigest()
    messages: queue.Queue[v1.WriteBlobRequest | None] = queue.Queue()
    messages.put(v1.WriteBlobRequest(blob=v1.BlobSpec(sha256=sha256, size=len(content))))
    messages.put(v1.WriteBlobRequest(data=content[:5]))
    with grpc.insecure_channel(server.address) as channel:
        call = Stubs(channel).artifact.WriteBlob.future(iter(messages.get, None), timeout=30)
        eventually(messages.empty, "the first bytes are sent")
        time.sleep(0.3)
        server.process.send_signal(signal.SIGTERM)
        eventually(lambda: not answers(server.address), "new connections are refused")
        assert server.process.poll() is None
        messages.put(v1.WriteBlobRequest(data=content[5:]))
        messages.put(None)
        assert call.result(timeout=30).sha256 == sha256
    assert server.wait_end() == 0


def test_a_drain_has_an_end(database_url: str, data_folder: Path) -> None:
    with serving(data_folder, "--database", database_url, "--drain-seconds", "1") as server:
        forever = threading.Event()

        def stalled() -> Iterator[v1.WriteBlobRequest]:
            yield v1.WriteBlobRequest(blob=v1.BlobSpec(sha256="ab" * 32, size=10))
            forever.wait(30)

        with grpc.insecure_channel(server.address) as channel:
            call = Stubs(channel).artifact.WriteBlob.future(stalled(), timeout=30)
            time.sleep(0.3)
            server.process.send_signal(signal.SIGTERM)
            assert server.wait_end(10) == 0
            forever.set()
            with pytest.raises(grpc.RpcError):
                call.result(timeout=10)


def test_a_deadline_is_honoured(server: ServerProcess, database_url: str) -> None:
    """A call whose caller has given up changes nothing later, and holds nothing."""
    with grpc.insecure_channel(server.address) as channel, psycopg.connect(database_url) as other:
        stubs = Stubs(channel)
        run = stubs.tracking.CreateRun(v1.CreateRunRequest(name="before")).run
        other.execute("SELECT 1 FROM run FOR UPDATE")
        request = v1.UpdateRunRequest(run_id=run.run_id, name="after", update_mask=FieldMask(paths=["name"]))
        began = time.monotonic()
        with pytest.raises(grpc.RpcError) as caught:
            stubs.tracking.UpdateRun(request, timeout=0.5)
        assert caught.value.code() == grpc.StatusCode.DEADLINE_EXCEEDED
        assert time.monotonic() - began < 5
        with psycopg.connect(database_url, autocommit=True) as watcher:
            waiting = (
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            eventually(
                lambda: watcher.execute(waiting).fetchone() == (0,), "the abandoned call lets go of the database"
            )
        other.rollback()
        time.sleep(0.2)
        assert stubs.tracking.GetRun(v1.GetRunRequest(run_id=run.run_id)).run.name == "before"
        assert stubs.tracking.UpdateRun(request, timeout=10).run.name == "after"


def test_two_workers_share_the_port(database_url: str, data_folder: Path) -> None:
    with serving(data_folder, "--database", database_url, "--workers", "2") as server:
        port = int(server.address.rpartition(":")[2])
        workers = [
            child
            for child in psutil.Process(server.process.pid).children()
            if any(c.laddr.port == port for c in child.net_connections("tcp"))
        ]
        assert len(workers) == 2
        channels = [grpc.insecure_channel(server.address, options=OWN_CONNECTION) for _ in range(32)]
        try:
            for channel in channels:
                assert Stubs(channel).server.GetServerInfo(v1.GetServerInfoRequest(), timeout=20).log_id
            held = [
                sum(c.status == psutil.CONN_ESTABLISHED and c.laddr.port == port for c in w.net_connections("tcp"))
                for w in workers
            ]
        finally:
            for channel in channels:
                channel.close()
        assert min(held) > 0
        assert sum(held) == len(channels)

        os.kill(workers[0].pid, signal.SIGKILL)
        eventually(lambda: "starting another" in server.stderr, "a dead worker is replaced")
        for _ in range(8):
            assert server_info(server.address).log_id
        assert server.stop() == 0


@pytest.mark.parametrize("host", ["0.0.0.0", "[::]", "192.0.2.1"])
def test_listening_beyond_loopback_is_refused_and_says_why(data_folder: Path, host: str) -> None:
    result = CliRunner().invoke(main, ["serve", "--listen", f"{host}:0", "--data", str(data_folder / "d")])
    assert (result.exit_code, result.stdout) == (2, "")
    assert "--insecure" in result.stderr
    assert "no access control" in result.stderr
    assert not (data_folder / "d").exists()


def test_insecure_listens_beyond_loopback(database_url: str, data_folder: Path) -> None:
    with serving(data_folder, "--database", database_url, "--listen", "0.0.0.0:0", "--insecure") as server:
        assert server.address.startswith("0.0.0.0:")
        assert server_info(f"127.0.0.1:{server.address.rpartition(':')[2]}").log_id


def test_every_flag_has_a_variable(database_url: str, data_folder: Path) -> None:
    env = {"RUNLORE_DATABASE": database_url, "RUNLORE_ARTIFACTS": str(data_folder / "elsewhere")}
    with serving(data_folder, env=env) as server:
        assert str(data_folder / "elsewhere") in server.lines[0]
        assert not (data_folder / "postgres").exists()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--listen", "7410"], "HOST:PORT"),
        (["--listen", "127.0.0.1:70000"], "HOST:PORT"),
        (["--workers", "0"], "--workers"),
        (["--log-level", "loud"], "--log-level"),
        (["--tls-cert", str(TLS / "localhost.crt")], "--tls-key"),
        (["--tls-cert", "/nowhere.crt", "--tls-key", "/nowhere.key"], "/nowhere.crt"),
    ],
)
def test_bad_settings_are_named(data_folder: Path, arguments: list[str], says: str) -> None:
    result = CliRunner().invoke(main, ["serve", "--data", str(data_folder / "d"), *arguments])
    assert (result.exit_code, result.stdout) == (2, "")
    assert says in result.stderr
    assert not (data_folder / "d").exists()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [(["--artifacts", "ftp://host/path"], "--artifacts"), (["--database", "not a url"], "--database")],
)
def test_bad_urls_are_named(data_folder: Path, arguments: list[str], says: str) -> None:
    code, out, err = run_command("serve", "--listen", "127.0.0.1:0", "--data", str(data_folder), *arguments)
    assert (code, out) == (2, "")
    assert says in err
    assert len(err.splitlines()) == 1


def test_tls(database_url: str, data_folder: Path) -> None:
    pair = ("--tls-cert", str(TLS / "localhost.crt"), "--tls-key", str(TLS / "localhost.key"))
    with serving(data_folder, "--database", database_url, *pair) as server:
        trusted = grpc.ssl_channel_credentials((TLS / "localhost.crt").read_bytes())
        with grpc.secure_channel(server.address, trusted) as channel:
            assert Stubs(channel).server.GetServerInfo(v1.GetServerInfoRequest(), timeout=20).log_id
        for channel in (
            grpc.insecure_channel(server.address),
            grpc.secure_channel(server.address, grpc.ssl_channel_credentials()),
        ):
            with channel, pytest.raises(grpc.RpcError) as caught:
                Stubs(channel).server.GetServerInfo(v1.GetServerInfoRequest(), timeout=20)
            assert caught.value.code() == grpc.StatusCode.UNAVAILABLE


def test_a_broken_certificate_is_refused(database_url: str, data_folder: Path) -> None:
    broken = data_folder / "broken.pem"
    broken.write_text("not a certificate\n")
    pair = ("--tls-cert", str(broken), "--tls-key", str(broken))
    code, out, err = run_command(
        "serve", "--listen", "127.0.0.1:0", "--data", str(data_folder), "--database", database_url, *pair
    )
    assert code != 0
    assert out == ""
    assert "--tls-cert" in err
    assert "Traceback" not in err


@pytest.mark.parametrize("command", ["serve", "migrate"])
def test_a_database_that_is_down_at_start(data_folder: Path, command: str) -> None:
    url = "postgresql://someone:s3cret@127.0.0.1:1/runlore"
    code, out, err = run_command(command, "--data", str(data_folder), "--database", url)
    assert (code, out) == (1, "")
    assert "cannot reach the database" in err
    assert len(err.splitlines()) == 1
    assert "s3cret" not in err


def test_the_embedded_postgres_is_set_up_for_the_machine_unless_its_owner_says_otherwise(data_folder: Path) -> None:
    folder = data_folder / "database"

    def buffers(*changes: LiteralString) -> str:
        postgres = EmbeddedPostgres(folder)
        url = postgres.start()
        try:
            with psycopg.connect(url, autocommit=True) as conn:
                for change in changes:
                    conn.execute(change)
                row = conn.execute("SELECT pg_size_bytes(current_setting('shared_buffers'))").fetchone()
        finally:
            postgres.stop()
        assert row is not None
        return str(row[0])

    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    assert 16 << 20 <= int(buffers()) <= min(memory // 4, 2 << 30)
    buffers("ALTER SYSTEM SET shared_buffers = '64MB'")
    assert buffers() == str(64 << 20)
    assert (folder / "postgresql.conf").read_text().count("runlore.conf") == 1


def test_a_database_that_is_down_during_calls(data_folder: Path) -> None:
    postgres = EmbeddedPostgres(data_folder / "database")
    url = postgres.start()
    try:
        with (
            serving(data_folder / "server", "--database", url) as server,
            grpc.insecure_channel(server.address) as channel,
        ):
            tracking = Stubs(channel).tracking
            tracking.CreateRun(v1.CreateRunRequest(name="before"))
            postgres.stop()
            for call, request in (
                (tracking.CreateRun, v1.CreateRunRequest(name="during", request_id="during")),
                (tracking.SearchRuns, v1.SearchRunsRequest()),
            ):
                # A call that is not answered by then ends with the client library's own error, which has no reason.
                with refused("DATABASE_UNAVAILABLE") as found:
                    call(request, timeout=30)
                assert found[0].code == "UNAVAILABLE"
                assert found[0].retry_after
                assert not any(word in found[0].message.lower() for word in ("socket", "psycopg", "sqlstate", "/tmp"))
            assert postgres.start() == url

            def recovered() -> bool:
                try:
                    tracking.CreateRun(v1.CreateRunRequest(name="during", request_id="during"), timeout=30)
                except grpc.RpcError:
                    return False
                return True

            eventually(recovered, "the server recovers", 30)
            names = {run.name for run in tracking.SearchRuns(v1.SearchRunsRequest()).runs}
            assert names == {"before", "during"}
            assert server.stop() == 0
    finally:
        postgres.stop()


def test_health_answers(shared_channel: grpc.Channel) -> None:
    health = health_pb2_grpc.HealthStub(shared_channel)
    for service in ("", "runlore.v1.TrackingService", "runlore.v1.RegistryService"):
        answer = health.Check(health_pb2.HealthCheckRequest(service=service), timeout=10)
        assert answer.status == health_pb2.HealthCheckResponse.SERVING


def test_health_can_be_watched(shared_channel: grpc.Channel) -> None:
    watch = health_pb2_grpc.HealthStub(shared_channel).Watch(health_pb2.HealthCheckRequest(), timeout=10)
    assert next(watch).status == health_pb2.HealthCheckResponse.SERVING
    watch.cancel()


def test_reflection_describes_the_contract(shared_channel: grpc.Channel) -> None:
    described = ProtoReflectionDescriptorDatabase(shared_channel)
    assert "runlore.v1.RegistryService" in described.get_services()
    registry = described.FindFileContainingSymbol("runlore.v1.RegistryService")
    assert {"SetAlias", "Resolve"} < {method.name for method in registry.service[0].method}
    # Anew each time: a database finds by itself what is within a symbol that it has.
    by_method = ProtoReflectionDescriptorDatabase(shared_channel)
    assert by_method.FindFileContainingSymbol("runlore.v1.RegistryService.Resolve").name == registry.name
    with pytest.raises(KeyError):
        ProtoReflectionDescriptorDatabase(shared_channel).FindFileContainingSymbol("runlore.v1.RegistryService.Resolv")
    for dependency in registry.dependency:
        assert described.FindFileByName(dependency).name == dependency


def test_unknown_methods_are_unimplemented(shared_channel: grpc.Channel) -> None:
    call = shared_channel.unary_unary("/runlore.v1.TrackingService/DropEverything")
    with pytest.raises(grpc.RpcError) as caught:
        call(b"", timeout=10)
    assert caught.value.code() == grpc.StatusCode.UNIMPLEMENTED


@pytest.mark.parametrize("method", ["TrackingService/GetRun", "RegistryService/Resolve", "RegistryService/SetAlias"])
def test_bytes_that_are_no_message_are_refused(shared_channel: grpc.Channel, method: str) -> None:
    call = shared_channel.unary_unary(f"/runlore.v1.{method}")
    with refused("INVALID_FIELD") as found:
        call(b"\xff\xff\xff", timeout=10)
    assert found[0].code == "INVALID_ARGUMENT"
    assert found[0].message == f"the request is not a protobuf message of the type that runlore.v1.{method} takes"


def _uses(process: psutil.Process, folder: Path) -> bool:
    return str(folder) in " ".join(_command(process))


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []
