"""What an error is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from grpc import StatusCode

from runlore import v1


@dataclass(frozen=True)
class Violation:
    """One field that breaks a rule: its path in the request, and the rule with what would be accepted."""

    field: str
    description: str


@dataclass
class RunloreError(Exception):
    """A refusal or failure that the caller is told about in full."""

    reason: v1.ErrorReason.ValueType
    code: StatusCode
    message: str
    metadata: Mapping[str, str] = field(default_factory=dict)
    violations: Sequence[Violation] = ()
    #: Failed preconditions as (subject, description), for google.rpc.PreconditionFailure.
    preconditions: Sequence[tuple[str, str]] = ()
    #: Seconds after which a retry may help; None when it cannot.
    retry_after: float | None = None

    def __str__(self) -> str:
        return self.message

    @property
    def reason_name(self) -> str:
        """The reason as ErrorInfo carries it, such as `ALIAS_MOVED`."""
        return v1.ErrorReason.Name(self.reason).removeprefix("ERROR_REASON_")


def short(value: str, limit: int = 200) -> str:
    """A text cut to what a message can carry."""
    return value if len(value) <= limit else value[:limit] + "…"
