"""Which calls are tried again, when, and for how long: the one place that decides it.

A call is tried again when it failed in a way that a later try may cure, when trying twice cannot do its work twice,
and when its deadline leaves time. Twice is safe where the contract says so: by a method's `idempotency_level`, or by
a `request_id`, under which the server keeps its first answer.
"""

from __future__ import annotations

import copy
import functools
import random
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool
from google.protobuf.message import Message

from runlore.errors import RunloreError

_M = TypeVar("_M", bound=Message)


@dataclass(frozen=True)
class Policy:
    """How long and how eagerly to try; all in seconds."""

    #: For a whole call, every try and every pause included.
    timeout: float = 30.0
    #: The longest first pause; each next one may be twice as long.
    first_pause: float = 0.1
    longest_pause: float = 3.0
    #: False: one try only, for a caller that has its own way of trying again.
    retries: bool = True


@dataclass(frozen=True)
class Clock:
    """Time as retries see it, so that a test can hold it still."""

    monotonic: Callable[[], float] = time.monotonic
    #: A number from 0 to 1: how much of a pause to take, so that many clients do not return in step.
    jitter: Callable[[], float] = random.random


class Attempts:
    """The tries of one call."""

    def __init__(self, policy: Policy, clock: Clock, *, safe: bool, timeout: float | None = None) -> None:
        self._policy = policy
        self._clock = clock
        self._safe = safe and policy.retries
        #: Seconds that the call has in all.
        self.timeout = policy.timeout if timeout is None else timeout
        self._end = clock.monotonic() + self.timeout
        self._pause = policy.first_pause
        #: How often the call failed so far.
        self.failures = 0

    def remaining(self) -> float:
        """Return the seconds left, at least a millisecond: gRPC turns that into DEADLINE_EXCEEDED by itself."""
        return max(self._end - self._clock.monotonic(), 0.001)

    def pause_after(self, error: RunloreError) -> float | None:
        """Return the seconds to wait before the next try; None when there is to be none."""
        self.failures += 1
        if not self._safe or not curable(error):
            return None
        # Jitter over the upper half: fully random pauses can come out so short that they burn the tries of a restart.
        pause = self._pause * (0.5 + 0.5 * self._clock.jitter())
        self._pause = min(self._pause * 2, self._policy.longest_pause)
        pause = max(pause, error.retry_after or 0.0)
        return pause if self._clock.monotonic() + pause < self._end else None


def curable(error: RunloreError) -> bool:
    """Whether a later try of the same call may succeed."""
    return error.retry_after is not None or error.code is grpc.StatusCode.UNAVAILABLE


@functools.cache
def is_idempotent(method: str) -> bool:
    """Whether the contract marks the method, such as `/runlore.v1.TrackingService/GetRun`, as safe to call twice."""
    level = _descriptor_options(method).idempotency_level
    return level in (
        descriptor_pb2.MethodOptions.NO_SIDE_EFFECTS,
        descriptor_pb2.MethodOptions.IDEMPOTENT,
    )


def _descriptor_options(method: str) -> descriptor_pb2.MethodOptions:
    service, _, name = method.lstrip("/").partition("/")
    found = descriptor_pool.Default().FindServiceByName(service).methods_by_name[name]
    options: descriptor_pb2.MethodOptions = found.GetOptions()
    return options


def with_request_id(request: _M) -> _M:
    """Return the request with a random `request_id` when it has such a field and it is empty; never changes it."""
    if "request_id" not in request.DESCRIPTOR.fields_by_name or getattr(request, "request_id"):  # noqa: B009
        return request
    filled = copy.deepcopy(request)
    setattr(filled, "request_id", uuid.uuid4().hex)  # noqa: B010
    return filled


def is_safe(method: str, request: object) -> bool:
    """Whether this request may be sent twice."""
    return is_idempotent(method) or bool(getattr(request, "request_id", ""))
