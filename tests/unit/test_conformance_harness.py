"""What the conformance suite rests on notices what it is there to notice: other bytes, a driver that hangs, a cut."""

from __future__ import annotations

import socket
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conformance import driving, folders, relays
from tests.conformance.driving import Driver
from tests.conformance.runner import CaseFailure
from tests.conformance.table import Cell, lines


@pytest.mark.parametrize(
    ("actual", "problem"),
    [
        ({"a": "1", "b/c": "2"}, ""),
        ({"a": "1"}, "'b/c' is missing"),
        ({"a": "1", "b/c": "2", "d": ""}, "'d' should not be there"),
        ({"a": "1", "b/c": "3"}, "'b/c' has other bytes"),
        ({"a": {"text": "1", "executable": True}, "b/c": "2"}, "'a' differs in whether"),
    ],
)
def test_folders_are_compared(tmp_path: Path, actual: dict[str, object], problem: str) -> None:
    folders.make(tmp_path / "expected", {"a": "1", "b/c": "2"})
    folders.make(tmp_path / "actual", actual)
    found = folders.difference(tmp_path / "expected", tmp_path / "actual")
    assert found.startswith(problem) if problem else found == ""


def test_a_folder_of_a_size_is_the_same_for_a_seed(tmp_path: Path) -> None:
    folders.make(tmp_path, {"a": {"size": 100, "seed": "x"}, "b": {"size": 100, "seed": "x"}, "c": {"size": 100}})
    a, b, c = ((tmp_path / name).read_bytes() for name in "abc")
    assert a == b != c
    assert len(c) == 100


#: Answers what a driver is asked first of all, before the clock runs.
WARM = "input(); print('{\"stream\": []}', flush=True)"


def driver(tmp_path: Path, program: str) -> Driver:
    return Driver([sys.executable, "-c", program.replace("{warm}", WARM)], tmp_path, retries=True)


def test_a_driver_answers_in_order(tmp_path: Path) -> None:
    echo = driver(tmp_path, "for line in iter(input, ''): print('{\"response\": ' + line + '}', flush=True)")
    assert echo.perform({"op": "a"}) == {"response": {"op": "a"}}
    assert echo.perform({"op": "é"}) == {"response": {"op": "é"}}


@pytest.mark.parametrize(
    ("program", "problem"),
    [
        ("{warm}; input(); raise SystemExit(3)", "ended with 3"),
        ("{warm}; input(); print('no', flush=True); input()", "other than JSON"),
        ("{warm}; input(); print('{}', flush=True); input()", "none of response, stream, error, unsupported"),
        ("{warm}; input(); input()", "did not answer within"),
    ],
)
def test_a_driver_that_breaks_the_protocol_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str, problem: str
) -> None:
    monkeypatch.setattr(driving, "_GRACE", 1.0)
    broken = driver(tmp_path, program)
    with pytest.raises(CaseFailure, match=problem):
        broken.perform({"op": "a", "deadline_seconds": 0.5})


def test_a_driver_ends_with_its_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(driving, "_END", 1.0)
    lingering = driver(tmp_path, "{warm}; import time; input(); print('{\"stream\": []}', flush=True); time.sleep(60)")
    lingering.perform({"op": "a"})
    with pytest.raises(CaseFailure, match="did not end with its input"):
        lingering.close()


@pytest.fixture
def echoing() -> Iterator[str]:
    """A server that sends back what it is sent."""

    def serve(connection: socket.socket) -> None:
        with connection:
            while data := connection.recv(1000):
                connection.sendall(data)

    def accept() -> None:
        try:
            while True:
                threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
        except OSError:
            return

    listener = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=accept, daemon=True).start()
    yield f"127.0.0.1:{listener.getsockname()[1]}"
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()


def received(address: str, sent: bytes) -> bytes:
    host, _, port = address.partition(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection, connection.makefile("rb") as answers:
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        return answers.read()


def test_connections_are_cut_where_a_step_says(echoing: str) -> None:
    with relays.between(echoing, None, [3, {"client": 0}], web=False) as address:
        assert received(address, b"0123456789") == b"012"
        assert received(address, b"0123456789") == b""
        assert received(address, b"0123456789") == b"0123456789"


def test_an_absent_server_refuses_connections(echoing: str) -> None:
    with relays.between(echoing, "absent", [], web=False) as address, pytest.raises(ConnectionRefusedError):
        received(address, b"")


def test_the_table_says_why_a_cell_is_not_passed() -> None:
    results = {
        "go": [Cell("x.json", "a"), Cell("x.json", "b", failed="why")],
        "curl": [Cell("x.json", "a"), Cell("x.json", "b", skipped="no streams")],
    }
    printed = list(lines(results, verbose=False))
    assert [row.split() for row in printed[:2]] == [
        ["go", "curl"],
        ["x.json", "1,", "1", "FAILED", "1,", "1", "skipped"],
    ]
    assert printed[-1] == "curl skips 1 (b): no streams"
