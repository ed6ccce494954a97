"""The web port as HTTP: plain JSON, what is refused and how, CORS, limits, TLS, workers."""

from __future__ import annotations

import gzip
import json
import shutil
import socket
import ssl
import struct
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psutil
import pytest
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.descriptor_pb2 import MethodOptions
from openapi_spec_validator import validate

from runlore import v1
from runlore_server.limits import MAX_MESSAGE_BYTES
from tests.harness.server import ServerProcess, run_command, serving
from tests.harness.web import fetch, methods, post
from tests.harness.wire import Stubs
from tests.service.artifacts import CHUNK_BYTES, write

ROOT = Path(__file__).resolve().parents[2]
TLS = ROOT / "tests" / "data" / "tls"
ORIGIN = "https://dash.example.com"
RESOLVE = "/runlore.v1.RegistryService/Resolve"
UNARY = [m for m in methods() if not (m.client_streaming or m.server_streaming)]


@pytest.fixture
def url(shared_server: ServerProcess) -> str:
    """Where the shared server's web port is."""
    return shared_server.web_address


def raw(url: str, data: bytes) -> socket.socket:
    host, _, port = url.removeprefix("http://").rpartition(":")
    client = socket.create_connection((host, int(port)), timeout=30)
    client.sendall(data)
    return client


def test_every_unary_rpc_takes_json(url: str) -> None:
    """Whatever it says of an empty request, it is the handlers' or the contract's word."""
    for method in UNARY:
        answer = post(url, f"{method.containing_service.name}/{method.name}", {})
        assert answer.headers["content-type"] == "application/json", method.full_name
        if answer.status != 200:
            assert answer.refusal.reason in {"INVALID_FIELD"}, (method.full_name, answer.body)


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl itself is what this is about, and it is not installed")
def test_curl(url: str, workspace: str) -> None:
    def curl(name: str, content: dict[str, Any], *options: str) -> Any:
        command = [
            "curl",
            "--silent",
            "--show-error",
            *options,
            f"{url}/runlore.v1.{name}",
            "--json",
            json.dumps(content),
        ]
        return json.loads(subprocess.run(command, check=True, capture_output=True, timeout=30).stdout)

    header = ("-H", f"runlore-workspace: {workspace}")
    run = curl("TrackingService/CreateRun", {"name": "by hand", "params": {"C": "0.1"}}, *header)["run"]
    batch = {"runId": run["runId"], "writerId": "w", "sequence": 1, "series": [
        {"key": "loss", "steps": [9007199254740993], "timesUnixUs": ["9007199254740993"], "values": ["NaN"]}
    ]}  # fmt: skip
    assert curl("TrackingService/LogBatch", batch, *header) == {"committedSequence": "1"}
    error = curl("TrackingService/GetRun", {"runId": "0" * 32}, *header)
    assert error["code"] == "not_found"
    assert error["details"][0]["debug"]["reason"] == "RUN_NOT_FOUND"


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl itself is what this is about, and it is not installed")
def test_the_commands_of_the_readme(url: str) -> None:
    section = (ROOT / "README.md").read_text().partition("### Over HTTP")[2].partition("\n## ")[0]
    commands = [
        line.strip().replace("http://127.0.0.1:7411", url) for line in section.splitlines() if "    curl" in line
    ]
    assert len(commands) == 4
    for command in commands:
        said = subprocess.run(["bash", "-c", f"{command} --silent"], check=True, capture_output=True, timeout=30).stdout
        assert "code" not in json.loads(said), command


def test_json_has_64_bits_and_no_numbers_that_json_has_not(url: str, stubs: Stubs, workspace: str) -> None:
    run_id = stubs.tracking.CreateRun(v1.CreateRunRequest(workspace=workspace)).run.run_id
    series = [
        {"key": "k", "steps": ["9007199254740993", 2**53 + 3], "timesUnixUs": [1, 2], "values": [1e300, "-Infinity"]}
    ]
    sent = {"workspace": workspace, "runId": run_id, "writerId": "w", "sequence": "1", "series": series}
    assert post(url, "TrackingService/LogBatch", sent).status == 200
    asked = v1.GetMetricHistoryRequest(workspace=workspace, run_ids=[run_id], keys=["k"])
    (found,) = stubs.tracking.GetMetricHistory(asked)
    assert list(found.series.steps) == [2**53 + 1, 2**53 + 3]
    assert list(found.series.values) == [1e300, float("-inf")]
    summary = post(url, "TrackingService/GetRun", {"workspace": workspace, "runId": run_id}).json["run"]["metrics"][0]
    assert summary["last"] == "-Infinity"
    assert summary["lastStep"] == str(2**53 + 3)


@pytest.mark.parametrize(
    ("content", "field", "words"),
    [
        (b"", "", "is empty: send a JSON object"),
        (b"{", "", "is not JSON: Expecting property name enclosed in double quotes: line 1 column 2"),
        (b"\xff", "", "not UTF-8"),
        (b"5", "", "is not a runlore.v1.ResolveRequest in JSON"),
        (b"[" * 100_000, "", "nests too deeply"),
        (b'{"reference":' + b"1" * 5_000 + b"}", "", "too many digits"),
        (b'{"refrence":"models:/m/1"}', "refrence", "is no field: there are workspace, reference, includeFiles"),
        (b'{"reference":5}', "reference", "must be a string"),
        (b'{"reference":"\\ud800"}', "reference", "must be a string"),
        (b'{"reference":"a","reference":"b"}', "", "duplicate key reference"),
        (b'{"includeFiles":1}', "include_files", "must be true or false"),
        (b'{"maxStaleness":"soon"}', "max_staleness", "must be a duration in seconds such as 1.5s"),
        (b'{"asOfTime":"2026-01-01T00:00:00Z","asOfPosition":"x"}', "as_of", "give one of asOfTime, asOfPosition"),
    ],
)
def test_bad_json_names_the_field(url: str, content: bytes, field: str, words: str) -> None:
    answer = fetch(url, RESOLVE, content, {"content-type": "application/json"})
    assert (answer.status, answer.refusal.reason) == (400, "INVALID_FIELD")
    assert answer.refusal.fields == [field]
    assert words in answer.refusal.message
    assert not any(word in answer.body.decode() for word in ("Traceback", "object is not", "google.protobuf", "sys."))


def test_long_json_keeps_nobody_waiting(url: str) -> None:
    values = b"[" + b"0.5," * 2_000_000 + b"0.5]"
    content = b'{"runId":"%s","writerId":"w","sequence":1,"series":[{"key":"k","values":%s}]}' % (b"0" * 32, values)
    with ThreadPoolExecutor(1) as pool:
        long = pool.submit(fetch, url, "/runlore.v1.TrackingService/LogBatch", content)
        answered = 0
        while not long.done():
            assert fetch(url, "/healthz").status == 200
            answered += 1
    assert (long.result().status, long.result().refusal.reason) == (400, "INVALID_FIELD")
    assert "series[0].values" in long.result().refusal.fields
    assert answered > 40, "as long as it was being read, others got answers"
    values += b","
    content = b'{"series":[{"key":"k","values":%s}]}' % values
    answer = fetch(url, "/runlore.v1.TrackingService/LogBatch", content)
    assert answer.refusal.reason == "INVALID_FIELD"
    assert "is not JSON" in answer.refusal.message


def test_bytes_that_are_no_message_are_refused(url: str) -> None:
    answer = fetch(url, RESOLVE, b"\x0a\xff", {"content-type": "application/proto"})
    assert (answer.status, answer.refusal.reason) == (400, "INVALID_FIELD")


@pytest.mark.parametrize(
    ("path", "content", "headers", "verb", "status", "words"),
    [
        ("/", None, {}, "GET", 404, "there is no method /"),
        ("/runlore.v1.RegistryService/Nothing", {}, {}, "POST", 404, "there is no method"),
        (RESOLVE, {}, {"content-type": "text/plain"}, "POST", 415, "application/json"),
        (RESOLVE, {}, {"content-type": "application/grpc"}, "POST", 415, "application/grpc-web"),
        (RESOLVE, {}, {"content-type": "application/connect+json"}, "POST", 415, "application/json"),
        ("/runlore.v1.EventService/Watch", {}, {}, "POST", 415, "application/connect+json"),
        ("/runlore.v1.TrackingService/LogStream", {}, {}, "POST", 505, "call it by gRPC"),
        (RESOLVE, {}, {"connect-protocol-version": "2"}, "POST", 400, "connect-protocol-version"),
        (RESOLVE, {}, {"connect-timeout-ms": "soon"}, "POST", 400, "timeout"),
        (RESOLVE, {}, {"content-encoding": "br"}, "POST", 501, "gzip"),
        (RESOLVE, {}, {"content-encoding": "gzip"}, "POST", 400, "said to be gzip, and is not"),
        (RESOLVE, None, {}, "GET", 400, "?encoding=json&message="),
        (f"{RESOLVE}?encoding=xml&message=x", None, {}, "GET", 400, "?encoding=json&message="),
        (f"{RESOLVE}?encoding=json", None, {}, "GET", 400, "'message' parameter is required"),
        (f"{RESOLVE}?encoding=json&base64=1&message=x", None, {}, "GET", 400, "base64"),
        (RESOLVE, None, {}, "DELETE", 405, "is called by GET or POST"),
        ("/runlore.v1.RegistryService/SetAlias", None, {}, "GET", 405, "is called by POST"),
        (RESOLVE, {}, {"host": "rebound.example"}, "POST", 403, "--web-allow-origin"),
        (RESOLVE, {}, {"origin": "https://evil.example"}, "POST", 403, "pages of https://evil.example may not"),
        (RESOLVE, {}, {"x-name": b"\xff"}, "POST", 400, "not UTF-8"),
    ],
)
def test_what_is_no_call_is_told_what_would_be(
    url: str, path: str, content: Any, headers: dict[str, Any], verb: str, status: int, words: str
) -> None:
    answer = fetch(url, path, content, headers, verb=verb)
    assert answer.status == status
    assert words in answer.json["message"]
    assert "Traceback" not in answer.body.decode()


def test_a_method_without_side_effects_may_be_got(url: str, workspace: str) -> None:
    message = quote(json.dumps({"workspace": workspace, "reference": "models:/m/1"}))
    answer = fetch(url, f"{RESOLVE}?connect=v1&encoding=json&message={message}")
    assert (answer.status, answer.refusal.reason) == (404, "MODEL_NOT_FOUND")
    assert fetch(url, "/runlore.v1.ServerService/GetServerInfo?encoding=json&message=%7B%7D").json["logId"]


class TestLimits:
    """A request is never larger in memory than the limit, however it comes."""

    def test_a_body_beyond_the_limit(self, url: str) -> None:
        pieces = iter([b" " * 1_048_576] * (MAX_MESSAGE_BYTES // 1_048_576 + 2))
        answer = fetch(url, RESOLVE, pieces, {"content-type": "application/json"})
        assert (answer.status, answer.json["code"]) == (429, "resource_exhausted")
        assert str(MAX_MESSAGE_BYTES) in answer.json["message"]

    def test_a_bomb(self, url: str, shared_server: ServerProcess) -> None:
        before = psutil.Process(shared_server.process.pid).memory_info().rss
        bomb = gzip.compress(b" " * (40 * MAX_MESSAGE_BYTES), 9)
        assert len(bomb) < MAX_MESSAGE_BYTES / 10
        headers = {"content-type": "application/json", "content-encoding": "gzip"}
        answer = fetch(url, RESOLVE, bomb, headers)
        assert (answer.status, answer.json["code"]) == (429, "resource_exhausted")
        assert psutil.Process(shared_server.process.pid).memory_info().rss - before < 5 * MAX_MESSAGE_BYTES

    def test_an_envelope_that_promises_too_much(self, url: str) -> None:
        envelope = struct.pack(">BI", 0, MAX_MESSAGE_BYTES + 1)
        answer = fetch(url, "/runlore.v1.EventService/Watch", envelope, {"content-type": "application/connect+json"})
        assert answer.status == 200
        assert json.loads(answer.body[5:])["error"]["code"] == "resource_exhausted"

    def test_headers_without_an_end(self, url: str) -> None:
        with raw(url, b"POST / HTTP/1.1\r\nhost: localhost\r\n") as client:
            for _ in range(MAX_MESSAGE_BYTES // 10_000):
                try:
                    client.sendall(b"x-more: " + b"y" * 10_000 + b"\r\n")
                except OSError:
                    break
            else:
                pytest.fail("the server takes headers without an end")

    def test_gzip_is_taken_and_given(self, url: str) -> None:
        headers = {"content-type": "application/json", "content-encoding": "gzip", "accept-encoding": "gzip"}
        answer = fetch(url, "/runlore.v1.ServerService/GetServerInfo", gzip.compress(b"{}"), headers)
        assert answer.headers["content-encoding"] == "gzip"
        assert json.loads(gzip.decompress(answer.body))["logId"]

    def test_who_does_not_read_holds_one_message(self, shared_server: ServerProcess, stubs: Stubs) -> None:
        content = bytes(CHUNK_BYTES)
        body = json.dumps({"sha256": write(stubs, content)}).encode()
        envelope = struct.pack(">BI", 0, len(body)) + body
        head = (
            "POST /runlore.v1.ArtifactService/ReadBlob HTTP/1.1\r\nhost: localhost\r\n"
            f"content-type: application/connect+json\r\ncontent-length: {len(envelope)}\r\n\r\n"
        )
        server = psutil.Process(shared_server.process.pid)
        before = server.memory_info().rss
        clients = [raw(shared_server.web_address, head.encode() + envelope) for _ in range(16)]
        try:
            assert all(client.recv(15).startswith(b"HTTP/1.1 200") for client in clients)
            for _ in range(20):
                assert server.memory_info().rss - before < len(clients) * len(content) / 2
                time.sleep(0.05)
        finally:
            for client in clients:
                client.close()


class TestCors:
    """Pages of allowed origins may call; others are refused before anything is done."""

    def test_a_preflight(self, url: str) -> None:
        asked = {
            "origin": ORIGIN,
            "access-control-request-method": "POST",
            "access-control-request-headers": "content-type,connect-protocol-version,x-grpc-web,runlore-workspace",
        }
        answer = fetch(url, RESOLVE, headers=asked, verb="OPTIONS")
        assert answer.status == 200
        assert answer.headers["access-control-allow-origin"] == ORIGIN
        assert "POST" in answer.headers["access-control-allow-methods"]
        assert "runlore-workspace" in answer.headers["access-control-allow-headers"].lower()
        assert fetch(url, RESOLVE, headers=asked | {"origin": "https://evil.example"}, verb="OPTIONS").status == 403

    def test_a_call(self, url: str) -> None:
        answer = post(url, "ServerService/GetServerInfo", {}, {"origin": ORIGIN})
        assert answer.status == 200
        assert answer.headers["access-control-allow-origin"] == ORIGIN
        exposed = answer.headers["access-control-expose-headers"].lower()
        assert {"grpc-status", "grpc-message", "grpc-status-details-bin"} <= set(exposed.split(", "))
        assert "access-control-allow-credentials" not in answer.headers

    def test_off_by_default(self, database_url: str, data_folder: Path) -> None:
        with serving(data_folder, "--database", database_url, "--web-listen", "127.0.0.1:0") as server:
            answer = post(server.web_address, "ServerService/GetServerInfo", {}, {"origin": ORIGIN})
            assert answer.status == 403
            assert "access-control-allow-origin" not in answer.headers


def test_the_description_is_openapi_and_has_every_rpc(url: str) -> None:
    answer = fetch(url, "/openapi.json")
    described = answer.json
    validate(described)
    assert answer.headers["content-type"] == "application/json"
    without_bidi = [m for m in methods() if not (m.client_streaming and m.server_streaming)]
    assert set(described["paths"]) == {f"/{m.containing_service.full_name}/{m.name}" for m in without_bidi}
    for method in without_bidi:
        operations = described["paths"][f"/{method.containing_service.full_name}/{method.name}"]
        assert all(operation["description"] for operation in operations.values())
        assert ("get" in operations) == (changes_nothing(method) and method in UNARY)
    schemas = described["components"]["schemas"]
    assert schemas["ResolveRequest"]["properties"]["reference"]["maxLength"] == 600
    reasons = schemas["google.rpc.ErrorInfo"]["properties"]["reason"]["enum"]
    assert {f"ERROR_REASON_{name}" for name in reasons} | {"ERROR_REASON_UNSPECIFIED"} == set(v1.ErrorReason.keys())


def changes_nothing(method: MethodDescriptor) -> bool:
    return bool(method.GetOptions().idempotency_level == MethodOptions.NO_SIDE_EFFECTS)


def test_health(url: str) -> None:
    assert fetch(url, "/healthz").json == {"status": "SERVING"}
    assert fetch(url, "/healthz", verb="HEAD").body == b""
    assert fetch(url, "/grpc.health.v1.Health/Check", {}).json == {"status": "SERVING"}


def test_tls(database_url: str, data_folder: Path) -> None:
    pair = ("--tls-cert", str(TLS / "localhost.crt"), "--tls-key", str(TLS / "localhost.key"))
    with serving(data_folder, "--database", database_url, "--web-listen", "localhost:0", *pair) as server:
        assert server.web_address.startswith("https://localhost:")
        trusted = ssl.create_default_context(cafile=str(TLS / "localhost.crt"))
        assert fetch(server.web_address, "/healthz", trusted=trusted).status == 200
        with pytest.raises(ssl.SSLCertVerificationError):
            fetch(server.web_address, "/healthz", trusted=ssl.create_default_context())
        with pytest.raises(OSError, match=r"reset|closed|refused|disconnect"):
            fetch(server.web_address.replace("https", "http"), "/healthz")


def test_a_port_in_use_is_refused(shared_server: ServerProcess, database_url: str, data_folder: Path) -> None:
    taken = shared_server.web_address.removeprefix("http://")
    for workers in ("1", "2"):
        code, out, err = run_command(
            *("serve", "--listen", "127.0.0.1:0", "--web-listen", taken, "--data", str(data_folder)),
            *("--database", database_url, "--workers", workers),
        )
        assert (code, out) == (1, "")
        assert f"cannot listen on {taken}: Address already in use. Choose another port with --web-listen" in err
        assert "Traceback" not in err


def test_workers_share_the_port(database_url: str, data_folder: Path) -> None:
    with serving(data_folder, "--database", database_url, "--web-listen", "127.0.0.1:0", "--workers", "2") as server:
        port = int(server.web_address.rpartition(":")[2])
        workers = psutil.Process(server.process.pid).children()
        listening = [w for w in workers if any(c.laddr.port == port for c in w.net_connections("tcp"))]
        assert len(listening) == 2
        assert server.lines[1] == f"runlore-server web on http://127.0.0.1:{port}"
        held = [raw(server.web_address, b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n") for _ in range(24)]
        try:
            assert all(client.recv(1_000).startswith(b"HTTP/1.1 200") for client in held)
            served = [
                sum(c.status == psutil.CONN_ESTABLISHED and c.laddr.port == port for c in w.net_connections("tcp"))
                for w in listening
            ]
        finally:
            for client in held:
                client.close()
        assert min(served) > 0
        assert sum(served) == len(held)
        assert server.stop() == 0
