"""The web port's protocols: Connect and gRPC-Web in both encodings say what gRPC says, and end when it would."""

from __future__ import annotations

import hashlib
import itertools
import math
import signal
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import grpc
import psycopg
import pytest
from connectrpc.errors import ConnectError
from google.protobuf.field_mask_pb2 import FieldMask

from runlore import v1
from tests.harness.server import ServerProcess, serving
from tests.harness.web import WAYS, WebClient, fetch, refusal
from tests.harness.wire import Refusal, Stubs
from tests.harness.wire import refusal as grpc_refusal
from tests.service.artifacts import CHUNK_BYTES, messages, sha256, write
from tests.service.test_aliases import move, versions

HUGE = 2**62 + 1


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest) -> str:
    """Each protocol in each encoding."""
    return str(request.param)


@pytest.fixture
def web(way: str, shared_server: ServerProcess) -> WebClient:
    """A client of the shared server."""
    return WebClient(shared_server.web_address, way)


@pytest.fixture
def own(database_url: str, data_folder: Path) -> Iterator[ServerProcess]:
    """A server of the test's own with a web port."""
    with serving(data_folder, "--database", database_url, "--web-listen", "127.0.0.1:0") as server:
        yield server


def eventually(holds: Callable[[], bool], what: str, seconds: float = 15) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, f"not within {seconds} s: {what}"
        time.sleep(0.05)


def refused_over_web(call: Callable[[], Any]) -> Refusal:
    with pytest.raises(ConnectError) as caught:
        call()
    return refusal(caught.value)


def connected(server: ServerProcess) -> socket.socket:
    host, _, port = server.web_address.removeprefix("http://").rpartition(":")
    return socket.create_connection((host, int(port)), timeout=30)


def answers_at(server: ServerProcess) -> bool:
    try:
        connected(server).close()
    except OSError:
        return False
    return True


def create(stubs: Stubs, workspace: str) -> str:
    return str(stubs.tracking.CreateRun(v1.CreateRunRequest(workspace=workspace)).run.run_id)


def test_what_is_written_over_http_reads_alike_over_grpc(web: WebClient, stubs: Stubs, workspace: str) -> None:
    run = web.unary("TrackingService/CreateRun", v1.CreateRunRequest(workspace=workspace, name="ünï ✓")).run
    values = [math.nan, math.inf, -math.inf]
    series = v1.MetricSeries(key="loss", steps=[-1, 0, HUGE], times_unix_us=[1, HUGE, 3], values=values)
    batch = v1.LogBatchRequest(workspace=workspace, run_id=run.run_id, writer_id="w", sequence=1, series=[series])
    assert web.unary("TrackingService/LogBatch", batch).committed_sequence == 1

    read = v1.GetRunRequest(workspace=workspace, run_id=run.run_id)
    over_grpc, over_web = stubs.tracking.GetRun(read), web.unary("TrackingService/GetRun", read)
    assert over_web.SerializeToString(deterministic=True) == over_grpc.SerializeToString(deterministic=True)
    assert over_web.run.name == "ünï ✓"

    asked = v1.GetMetricHistoryRequest(workspace=workspace, run_ids=[run.run_id], keys=["loss"])
    streamed = list(web.stream("TrackingService/GetMetricHistory", asked))
    expected = list(stubs.tracking.GetMetricHistory(asked))
    assert [m.SerializeToString() for m in streamed] == [m.SerializeToString() for m in expected]
    assert [list(m.series.steps) for m in streamed] == [[-1, 0, HUGE]]


def test_a_refusal_is_that_of_grpc(web: WebClient, stubs: Stubs, workspace: str) -> None:
    versions(stubs, workspace)
    stubs.registry.SetAlias(move(workspace, 1))
    condition = v1.Condition(tag=v1.TagCondition(key="reviewed", value="yes"))
    cases = [
        ("RegistryService/Resolve", v1.ResolveRequest(workspace=workspace, reference="models:/nö@champion")),
        ("RegistryService/Resolve", v1.ResolveRequest(workspace="not a name", reference="")),
        ("RegistryService/SetAlias", move(workspace, 2, expect=v1.AliasExpectation(version=7))),
        ("RegistryService/SetAlias", move(workspace, 2, conditions=[condition])),
        ("TrackingService/SearchRuns", v1.SearchRunsRequest(workspace=workspace, filter="metrics.a >")),
    ]
    seen = set()
    for name, request in cases:
        service, method = name.split("/")
        stub = {"RegistryService": stubs.registry, "TrackingService": stubs.tracking}[service]
        with pytest.raises(grpc.RpcError) as caught:
            getattr(stub, method)(request)
        over_grpc = grpc_refusal(caught.value)
        over_web = refused_over_web(lambda name=name, request=request: web.unary(name, request))  # type: ignore[misc]
        assert web.trailers["runlore-trace-id"] == over_web.metadata.pop("trace_id")
        del over_grpc.metadata["trace_id"]
        assert over_web == over_grpc
        seen.add(over_web.reason)
    assert seen == {"MODEL_NOT_FOUND", "INVALID_FIELD", "ALIAS_MOVED", "CONDITION_NOT_MET", "INVALID_FILTER"}


def test_a_stream_is_refused_with_its_details(web: WebClient, workspace: str) -> None:
    asked = v1.GetMetricHistoryRequest(workspace=workspace, run_ids=["0" * 32], keys=["loss"])
    found = refused_over_web(lambda: list(web.stream("TrackingService/GetMetricHistory", asked)))
    assert (found.code, found.reason, found.metadata["run_id"]) == ("NOT_FOUND", "RUN_NOT_FOUND", "0" * 32)
    found = refused_over_web(lambda: list(web.stream("EventService/Watch", v1.WatchRequest(after_position="x"))))
    assert (found.reason, found.fields) == ("INVALID_POSITION", ["after_position"])


def test_headers_are_the_metadata_of_the_call(web: WebClient, stubs: Stubs, workspace: str) -> None:
    headers = {"runlore-workspace": workspace, "runlore-actor": "user:ada", "runlore-trace-id": "trace-1"}
    run = web.unary("TrackingService/CreateRun", v1.CreateRunRequest(), headers).run
    assert web.trailers["runlore-trace-id"] == "trace-1"
    event = stubs.event.ListEvents(v1.ListEventsRequest(workspace=workspace, resource_id=run.run_id)).events[0]
    assert (event.actor.kind, event.actor.id, event.actor.method) == (v1.ACTOR_KIND_USER, "ada", "metadata")
    bad = {"runlore-workspace": "not a name"}
    found = refused_over_web(lambda: web.unary("TrackingService/CreateRun", v1.CreateRunRequest(), bad))
    assert found.fields == ["metadata runlore-workspace"]


def test_a_watch_tells_what_happens(web: WebClient, stubs: Stubs, workspace: str) -> None:
    request = v1.WatchRequest(workspace=workspace, kinds=[v1.EVENT_KIND_RUN_CREATED])
    watch = web.stream("EventService/Watch", request, timeout_ms=30_000)
    next(watch)
    made = [create(stubs, workspace) for _ in range(3)]
    seen: list[str] = []
    while len(seen) < len(made):
        seen += [event.resource.id for event in next(watch).events]
    assert seen == made


def test_a_deadline_ends_a_stream(web: WebClient, workspace: str) -> None:
    began = time.monotonic()
    found = refused_over_web(
        lambda: list(web.stream("EventService/Watch", v1.WatchRequest(workspace=workspace), timeout_ms=300))
    )
    assert found.code == "DEADLINE_EXCEEDED"
    assert 0.2 < time.monotonic() - began < 10


def test_a_blob_is_sent_as_a_stream(web: WebClient, stubs: Stubs, way: str) -> None:
    content = f"sent over {way}".encode() * 1_000
    digest = sha256(content)
    answer = web.send("ArtifactService/WriteBlob", messages(digest, len(content), content[:100], content[100:]))
    assert (answer.sha256, answer.size) == (digest, len(content))
    parts = web.stream("ArtifactService/ReadBlob", v1.ReadBlobRequest(sha256=digest))
    assert b"".join(part.data for part in parts) == content
    wrong = refused_over_web(lambda: web.send("ArtifactService/WriteBlob", messages("0" * 64, 3, b"abc")))
    assert wrong.reason == "DIGEST_MISMATCH"


def waiting(database_url: str) -> int:
    """Count the statements that wait for a lock."""
    query = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    with psycopg.connect(database_url, autocommit=True) as watcher:
        found = watcher.execute(query).fetchone()
    assert found is not None
    return int(found[0])


@pytest.mark.parametrize("way", ["connect-json", "grpc-web-proto"])
def test_a_deadline_cancels_the_handler(own: ServerProcess, database_url: str, way: str) -> None:
    """A call whose caller has given up changes nothing later, and holds nothing."""
    web = WebClient(own.web_address, way)
    run = web.unary("TrackingService/CreateRun", v1.CreateRunRequest(name="before")).run
    update = v1.UpdateRunRequest(run_id=run.run_id, name="after", update_mask=FieldMask(paths=["name"]))
    with psycopg.connect(database_url) as other:
        other.execute("SELECT 1 FROM run FOR UPDATE")
        found = refused_over_web(lambda: web.unary("TrackingService/UpdateRun", update, timeout_ms=500))
        assert found.code == "DEADLINE_EXCEEDED"
        eventually(lambda: waiting(database_url) == 0, "the abandoned call lets go of the database")
        other.rollback()
    assert web.unary("TrackingService/GetRun", v1.GetRunRequest(run_id=run.run_id)).run.name == "before"


def test_a_client_that_is_gone_cancels_the_handler(own: ServerProcess, database_url: str) -> None:
    web = WebClient(own.web_address)
    run = web.unary("TrackingService/CreateRun", v1.CreateRunRequest(name="before")).run
    body = f'{{"runId":"{run.run_id}","name":"after","updateMask":"name"}}'.encode()
    head = f"POST /runlore.v1.TrackingService/UpdateRun HTTP/1.1\r\nhost: localhost\r\ncontent-length: {len(body)}\r\n"
    with psycopg.connect(database_url) as other:
        other.execute("SELECT 1 FROM run FOR UPDATE")
        with connected(own) as client:
            client.sendall(head.encode() + b"content-type: application/json\r\n\r\n" + body)
            eventually(lambda: waiting(database_url) == 1, "the call is being served")
        eventually(lambda: waiting(database_url) == 0, "the abandoned call lets go of the database")
        other.rollback()
    assert web.unary("TrackingService/GetRun", v1.GetRunRequest(run_id=run.run_id)).run.name == "before"
    eventually(lambda: '"code": "CANCELLED"' in own.stderr, "the log tells of it")
    assert "Traceback" not in own.stderr


def test_an_upload_that_is_cut_can_be_gone_on_with(own: ServerProcess) -> None:
    content = b"x" * 300_000
    digest = hashlib.sha256(content).hexdigest()

    def cut(seconds: float) -> Iterator[v1.WriteBlobRequest]:
        yield from messages(digest, len(content), content[:200_000])
        time.sleep(seconds)
        raise ConnectionError

    web = WebClient(own.web_address)
    status = v1.GetUploadStatusRequest(sha256=digest)
    pauses = itertools.accumulate(itertools.repeat(0.1))

    def kept() -> int:
        # What is cut before the server has read it is not kept: each try leaves it longer.
        with pytest.raises((ConnectError, ConnectionError)):
            web.send("ArtifactService/WriteBlob", cut(next(pauses)))
        return web.unary("ArtifactService/GetUploadStatus", status).kept_bytes

    eventually(lambda: kept() == 200_000, "bytes are kept")
    rest = iter(
        [
            v1.WriteBlobRequest(blob=v1.BlobSpec(sha256=digest, size=len(content)), offset=200_000),
            v1.WriteBlobRequest(data=content[200_000:]),
        ]
    )
    assert web.send("ArtifactService/WriteBlob", rest).sha256 == digest
    assert "Traceback" not in own.stderr


@pytest.mark.parametrize("way", ["connect-json", "grpc-web-proto"])
def test_a_drain_tells_watchers_to_come_back_and_ends(own: ServerProcess, way: str) -> None:
    watch = WebClient(own.web_address, way).stream("EventService/Watch", v1.WatchRequest())
    next(watch)
    assert fetch(own.web_address, "/healthz").json == {"status": "SERVING"}
    own.process.send_signal(signal.SIGTERM)
    with pytest.raises(ConnectError) as caught:
        list(watch)
    found = refusal(caught.value)
    assert (found.code, found.reason, found.retry_after) == ("UNAVAILABLE", "SERVER_STOPPING", 1.0)
    assert own.wait_end() == 0
    assert "Traceback" not in own.stderr


def test_a_drain_does_not_wait_for_who_does_not_read(database_url: str, data_folder: Path) -> None:
    arguments = ("--web-listen", "127.0.0.1:0", "--drain-seconds", "1")
    with serving(data_folder, "--database", database_url, *arguments) as server:
        with grpc.insecure_channel(server.address) as channel:
            digest = write(Stubs(channel), bytes(CHUNK_BYTES))
        body = b'{"sha256":"%s"}' % digest.encode()
        head = (
            "POST /runlore.v1.ArtifactService/ReadBlob HTTP/1.1\r\nhost: localhost\r\n"
            f"content-type: application/connect+json\r\ncontent-length: {len(body) + 5}\r\n\r\n"
        )
        with connected(server) as client:
            client.sendall(head.encode() + struct.pack(">BI", 0, len(body)) + body)
            assert client.recv(15).startswith(b"HTTP/1.1 200")
            server.process.send_signal(signal.SIGTERM)
            assert server.wait_end(20) == 0
        assert "Traceback" not in server.stderr


def test_a_call_in_flight_is_finished_by_a_drain(own: ServerProcess, database_url: str) -> None:
    web = WebClient(own.web_address)
    run = web.unary("TrackingService/CreateRun", v1.CreateRunRequest(name="before")).run
    update = v1.UpdateRunRequest(run_id=run.run_id, name="after", update_mask=FieldMask(paths=["name"]))
    answers: list[Any] = []
    with psycopg.connect(database_url) as other:
        other.execute("SELECT 1 FROM run FOR UPDATE")
        thread = threading.Thread(target=lambda: answers.append(web.unary("TrackingService/UpdateRun", update)))
        thread.start()
        eventually(lambda: waiting(database_url) == 1, "the call is being served")
        own.process.send_signal(signal.SIGTERM)
        eventually(lambda: not answers_at(own), "new connections are refused")
        assert own.process.poll() is None
        other.rollback()
    thread.join()
    assert [answer.run.name for answer in answers] == ["after"]
    assert own.wait_end() == 0
