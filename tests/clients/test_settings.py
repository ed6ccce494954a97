"""Where a client connects and as whom; and errors as objects."""

from __future__ import annotations

import pickle

import grpc
import pytest

import runlore
from runlore._settings import load


@pytest.fixture(autouse=True)
def no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ADDRESS", "WORKSPACE", "ACTOR", "TLS", "CA", "CACHE"):
        monkeypatch.delenv(f"RUNLORE_{name}", raising=False)


@pytest.mark.parametrize(
    ("address", "target", "tls"),
    [
        (None, "127.0.0.1:7410", False),
        ("localhost:1", "localhost:1", False),
        ("127.3.4.5", "127.3.4.5:7410", False),
        ("[::1]:99", "[::1]:99", False),
        ("::1", "[::1]:7410", False),
        ("runlore.example:443", "runlore.example:443", True),
        ("10.0.0.1:7410", "10.0.0.1:7410", True),
    ],
)
def test_plaintext_to_loopback_and_tls_elsewhere(address: str | None, target: str, tls: bool) -> None:
    settings = load(address)
    assert (settings.address, settings.tls) == (target, tls)


def test_told_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load("10.0.0.1:1", tls=False).tls is False
    assert load("127.0.0.1:1", tls=True).tls is True
    monkeypatch.setenv("RUNLORE_TLS", "0")
    assert load("10.0.0.1:1").tls is False
    assert load("10.0.0.1:1", tls=True).tls is True
    monkeypatch.setenv("RUNLORE_TLS", "perhaps")
    with pytest.raises(runlore.InvalidArgumentError, match="RUNLORE_TLS: is 'perhaps': give 1 or 0"):
        load("10.0.0.1:1")


@pytest.mark.parametrize("address", ["http://h:1", "h:port", "h:0", "h:65536", ":7410", "h h:1", "[::1", " "])
def test_addresses_that_are_none(address: str) -> None:
    with pytest.raises(runlore.InvalidArgumentError) as caught:
        runlore.connect(address)
    assert list(caught.value.fields) == ["address"]
    assert "give host:port" in str(caught.value)


def test_arguments_win_over_variables_and_errors_name_the_source(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNLORE_ADDRESS", "nonsense:x")
    monkeypatch.setenv("RUNLORE_WORKSPACE", "w1")
    monkeypatch.setenv("RUNLORE_ACTOR", "service:ci")
    with pytest.raises(runlore.InvalidArgumentError, match=r"^RUNLORE_ADDRESS: is 'nonsense:x'"):
        load()
    settings = load("h:1", workspace="w2")
    assert (settings.workspace, settings.actor) == ("w2", "service:ci")
    with pytest.raises(runlore.InvalidArgumentError, match=r"^actor: has characters other than printable ASCII"):
        load("h:1", actor="user:zoë\n")


def test_an_unreadable_ca_is_named() -> None:
    with runlore.connect("h:1", ca="/nowhere/ca.pem") as client, pytest.raises(runlore.InvalidArgumentError) as caught:
        client.get_run("a" * 32)
    assert "'/nowhere/ca.pem'" in caught.value.fields["ca"]


def test_errors_survive_pickling() -> None:
    error = runlore.AliasMovedError(
        "moved", reason="ALIAS_MOVED", code=grpc.StatusCode.ABORTED, metadata={"a": "b"}, trace_id="t"
    )
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is runlore.AliasMovedError
    assert (str(again), vars(again)) == ("moved", vars(error))


def test_errors_are_what_they_resemble() -> None:
    assert issubclass(runlore.InvalidArgumentError, ValueError)
    assert issubclass(runlore.NotFoundError, LookupError)
    assert issubclass(runlore.UnavailableError, ConnectionError)
    assert issubclass(runlore.DeadlineError, TimeoutError)
    assert issubclass(runlore.AliasMovedError, runlore.ConflictError)
    assert str(runlore.InternalError("it failed", trace_id="t1")) == "it failed (trace id t1)"
