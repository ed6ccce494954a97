"""Retries, deadlines and errors, against grpcio-testing's fake channel and a clock that stands still."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import grpc
import grpc_testing
import pytest
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.rpc import error_details_pb2 as details
from google.rpc.status_pb2 import Status

import runlore
from runlore import v1
from runlore._rpc import Clock, Policy, is_idempotent
from runlore._settings import load
from runlore._sync.transport import Transport

SERVICES = [
    v1.tracking_pb2.DESCRIPTOR.services_by_name["TrackingService"],
    v1.registry_pb2.DESCRIPTOR.services_by_name["RegistryService"],
]
METHODS = {method.name: method for service in SERVICES for method in service.methods}


class Fake:
    """A client over a fake channel: `start` begins a call in a thread, `answer` and `fail` are the server."""

    def __init__(self, **policy: Any) -> None:
        self.now = 1000.0
        self.pauses: list[float] = []
        self.channel = grpc_testing.channel(SERVICES, grpc_testing.strict_real_time())
        self.transport = Transport(
            load("runlore.test:1", actor="user:alice", workspace="w"),
            policy=Policy(**policy),
            clock=Clock(monotonic=lambda: self.now, jitter=lambda: 1.0),
            pause=self._pause,
            connect=lambda _: self.channel,
        )
        self.tracking = v1.TrackingServiceStub(self.transport.as_channel())
        self.registry = v1.RegistryServiceStub(self.transport.as_channel())
        self._pool = ThreadPoolExecutor(1)

    def _pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds

    def start(self, call: Callable[..., Any], *args: Any, **kwargs: Any) -> Future[Any]:
        return self._pool.submit(call, *args, **kwargs)

    def take(self, method: str) -> tuple[Any, Any, Any]:
        """Wait for the next call of the method: (metadata, request, rpc)."""
        metadata, request, rpc = self.channel.take_unary_unary(METHODS[method])
        rpc.send_initial_metadata(())
        return dict(metadata), request, rpc

    def fail(self, method: str, code: grpc.StatusCode, *parts: Message, text: str = "no") -> Any:
        _, request, rpc = self.take(method)
        rpc.terminate(None, trailers(code, text, *parts), code, text)
        return request

    def answer(self, method: str, response: Message) -> Any:
        _, request, rpc = self.take(method)
        rpc.terminate(response, (), grpc.StatusCode.OK, "")
        return request


def trailers(code: grpc.StatusCode, text: str, *parts: Message) -> tuple[tuple[str, bytes], ...]:
    """The trailing metadata of a refusal with these details; none without any."""
    if not parts:
        return ()
    status = Status(code=code.value[0], message=text)
    for part in parts:
        packed = AnyMessage()
        packed.Pack(part)
        status.details.append(packed)
    return (("grpc-status-details-bin", status.SerializeToString()),)


def info(reason: str, **metadata: str) -> details.ErrorInfo:
    return details.ErrorInfo(reason=reason, domain="runlore", metadata=metadata)


@pytest.fixture
def fake() -> Iterator[Fake]:
    made = Fake()
    yield made
    made._pool.shutdown(wait=False)


def test_a_call_carries_actor_and_workspace(fake: Fake) -> None:
    call = fake.start(fake.tracking.GetRun, v1.GetRunRequest(run_id="a" * 32), metadata=(("x-more", "1"),))
    metadata, _, rpc = fake.take("GetRun")
    rpc.terminate(v1.GetRunResponse(), (), grpc.StatusCode.OK, "")
    call.result(5)
    # The fake adds one of its own, as gRPC does.
    metadata.pop("grpc.metadata_added_by_runtime", None)
    assert metadata == {"runlore-actor": "user:alice", "runlore-workspace": "w", "x-more": "1"}


def test_an_idempotent_call_is_tried_again_with_growing_pauses(fake: Fake) -> None:
    call = fake.start(fake.tracking.GetRun, v1.GetRunRequest(run_id="a" * 32))
    for _ in range(3):
        fake.fail("GetRun", grpc.StatusCode.UNAVAILABLE)
    fake.answer("GetRun", v1.GetRunResponse(run=v1.Run(name="r")))
    assert call.result(5).run.name == "r"
    assert fake.pauses == pytest.approx([0.1, 0.2, 0.4])


def test_a_mutation_gets_a_request_id_and_keeps_it_over_tries(fake: Fake) -> None:
    request = v1.CreateRunRequest(name="r")
    call = fake.start(fake.tracking.CreateRun, request)
    first = fake.fail("CreateRun", grpc.StatusCode.UNAVAILABLE)
    second = fake.answer("CreateRun", v1.CreateRunResponse())
    call.result(5)
    assert len(first.request_id) == 32
    assert second == first
    assert request.request_id == "", "the caller's message is the caller's"


def test_a_request_id_of_the_callers_own_is_kept(fake: Fake) -> None:
    call = fake.start(fake.tracking.CreateRun, v1.CreateRunRequest(request_id="mine"))
    sent = fake.answer("CreateRun", v1.CreateRunResponse())
    call.result(5)
    assert sent.request_id == "mine"


def test_every_method_can_be_tried_again_or_has_a_reason_not_to() -> None:
    """A unary method is idempotent or takes a request id: otherwise one lost answer would leave a caller in doubt."""
    unsafe = [
        method.full_name
        for service in SERVICES
        for method in service.methods
        if not is_idempotent(f"/{service.full_name}/{method.name}")
        and "request_id" not in method.input_type.fields_by_name
    ]
    assert unsafe == []


@pytest.mark.parametrize(
    "code", [grpc.StatusCode.INTERNAL, grpc.StatusCode.NOT_FOUND, grpc.StatusCode.DEADLINE_EXCEEDED]
)
def test_what_a_later_try_cannot_cure_is_raised_at_once(fake: Fake, code: grpc.StatusCode) -> None:
    call = fake.start(fake.tracking.GetRun, v1.GetRunRequest(run_id="a" * 32))
    fake.fail("GetRun", code)
    with pytest.raises(runlore.RunloreError) as caught:
        call.result(5)
    assert caught.value.code is code
    assert fake.pauses == []


def test_tries_end_before_the_deadline_and_the_last_error_is_raised(fake: Fake) -> None:
    call = fake.start(fake.tracking.GetRun, v1.GetRunRequest(run_id="a" * 32), timeout=1.0)
    # Pauses of 0.1, 0.2 and 0.4 s fit into a second; the next, 0.8 s, does not.
    for _ in range(4):
        fake.fail("GetRun", grpc.StatusCode.UNAVAILABLE)
    with pytest.raises(runlore.UnavailableError) as caught:
        call.result(5)
    assert fake.pauses == pytest.approx([0.1, 0.2, 0.4])
    assert str(caught.value) == (
        "cannot reach Runlore at runlore.test:1: is a server running there? "
        "(start one with `runlore-server serve`, or set RUNLORE_ADDRESS)"
    )


def test_a_call_that_keeps_failing_says_so_once(fake: Fake, caplog: pytest.LogCaptureFixture) -> None:
    call = fake.start(fake.tracking.GetRun, v1.GetRunRequest(run_id="a" * 32))
    for _ in range(8):
        fake.fail("GetRun", grpc.StatusCode.UNAVAILABLE)
    fake.answer("GetRun", v1.GetRunResponse())
    call.result(5)
    (said,) = [r.message for r in caplog.records if r.name == "runlore"]
    assert said.startswith("trying again for up to 28 s: cannot reach Runlore at runlore.test:1")


def test_each_try_gets_what_is_left_of_the_deadline() -> None:
    given: list[float] = []
    now = [0.0]

    class Refusing(grpc.RpcError):
        def code(self) -> grpc.StatusCode:
            return grpc.StatusCode.UNAVAILABLE

        def details(self) -> str:
            return ""

        def trailing_metadata(self) -> tuple[()]:
            return ()

    class Channel:
        def unary_unary(self, *_: Any) -> Callable[..., Any]:
            def call(request: Any, timeout: float, metadata: Any) -> Any:
                given.append(timeout)
                now[0] += 10
                raise Refusing

            return call

    channel: Any = Channel()
    transport = Transport(
        load("h:1"),
        policy=Policy(timeout=25),
        clock=Clock(monotonic=lambda: now[0], jitter=lambda: 1.0),
        pause=lambda _: None,
        connect=lambda _: channel,
    )
    with pytest.raises(runlore.UnavailableError):
        v1.TrackingServiceStub(transport.as_channel()).GetRun(v1.GetRunRequest(run_id="a" * 32))
    assert given == [25, 15, 5]


def test_the_server_says_how_long_to_wait(fake: Fake) -> None:
    call = fake.start(fake.tracking.GetRun, v1.GetRunRequest(run_id="a" * 32))
    retry = details.RetryInfo(retry_delay=Duration(seconds=2))
    fake.fail("GetRun", grpc.StatusCode.ABORTED, info("CONTENTION"), retry)
    fake.answer("GetRun", v1.GetRunResponse())
    call.result(5)
    assert fake.pauses == [2.0]


def test_jitter_takes_at_most_half_of_a_pause() -> None:
    fake = Fake()
    fake.transport._clock = Clock(monotonic=lambda: fake.now, jitter=lambda: 0.0)
    call = fake.start(fake.tracking.GetRun, v1.GetRunRequest(run_id="a" * 32))
    fake.fail("GetRun", grpc.StatusCode.UNAVAILABLE)
    fake.answer("GetRun", v1.GetRunResponse())
    call.result(5)
    assert fake.pauses == [0.05]


def test_one_try_only_when_the_policy_says_so() -> None:
    fake = Fake(retries=False)
    call = fake.start(fake.tracking.GetRun, v1.GetRunRequest(run_id="a" * 32))
    fake.fail("GetRun", grpc.StatusCode.UNAVAILABLE)
    with pytest.raises(runlore.UnavailableError):
        call.result(5)
    assert fake.pauses == []


def test_a_refusal_is_read_in_full(fake: Fake) -> None:
    call = fake.start(fake.tracking.CreateRun, v1.CreateRunRequest())
    violation = details.BadRequest.FieldViolation(field="name", description="at most 250 characters")
    fake.fail(
        "CreateRun",
        grpc.StatusCode.INVALID_ARGUMENT,
        info("INVALID_FIELD", trace_id="t1", extra="x"),
        details.BadRequest(field_violations=[violation]),
        text="name: at most 250 characters",
    )
    with pytest.raises(ValueError, match="name: at most 250 characters") as caught:
        call.result(5)
    error = caught.value
    assert isinstance(error, runlore.InvalidArgumentError)
    assert (error.reason, error.trace_id, error.metadata) == ("INVALID_FIELD", "t1", {"extra": "x"})
    assert error.fields == {"name": "at most 250 characters"}


def test_failed_conditions_are_read(fake: Fake) -> None:
    call = fake.start(fake.registry.SetAlias, v1.SetAliasRequest())
    violation = details.PreconditionFailure.Violation(
        type="CONDITION", subject="auc", description="0.8 is not over 0.9"
    )
    fake.fail(
        "SetAlias",
        grpc.StatusCode.FAILED_PRECONDITION,
        info("CONDITION_NOT_MET"),
        details.PreconditionFailure(violations=[violation]),
    )
    with pytest.raises(runlore.ConditionNotMetError) as caught:
        call.result(5)
    assert caught.value.conditions == ["0.8 is not over 0.9"]


def test_details_that_are_not_runlores_or_are_garbled_leave_the_code(fake: Fake) -> None:
    call = fake.start(fake.tracking.GetRun, v1.GetRunRequest(run_id="a" * 32))
    _, _, rpc = fake.take("GetRun")
    garbled = (("grpc-status-details-bin", b"\xff\xff\xff"),)
    rpc.terminate(None, garbled, grpc.StatusCode.PERMISSION_DENIED, "the proxy says no")
    with pytest.raises(runlore.RunloreError) as caught:
        call.result(5)
    assert caught.value.reason == ""
    assert str(caught.value) == "the proxy says no (PERMISSION_DENIED, from runlore.test:1)"


def test_a_deadline_is_a_timeout(fake: Fake) -> None:
    call = fake.start(fake.tracking.GetRun, v1.GetRunRequest(run_id="a" * 32), timeout=7)
    fake.fail("GetRun", grpc.StatusCode.DEADLINE_EXCEEDED)
    with pytest.raises(TimeoutError, match=r"^Runlore at runlore\.test:1 did not answer within 7 s$"):
        call.result(5)


def test_calls_from_many_threads_share_a_transport(fake: Fake) -> None:
    barrier = threading.Barrier(4)

    def call(number: int) -> str:
        barrier.wait(5)
        return fake.tracking.GetRun(v1.GetRunRequest(run_id=f"{number:032x}")).run.run_id

    with ThreadPoolExecutor(4) as pool:
        calls = [pool.submit(call, n) for n in range(4)]
        for _ in range(4):
            _, request, rpc = fake.take("GetRun")
            rpc.terminate(v1.GetRunResponse(run=v1.Run(run_id=request.run_id)), (), grpc.StatusCode.OK, "")
        assert [c.result(5) for c in calls] == [f"{n:032x}" for n in range(4)]
