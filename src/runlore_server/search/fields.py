"""The fields that searches know: which kinds of keys, and which attributes of which type."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from runlore import v1


class Kind(Enum):
    """What a field belongs to."""

    METRIC = "metrics"
    PARAM = "params"
    TAG = "tags"
    ATTRIBUTE = "attributes"


@dataclass(frozen=True)
class Field:
    """A field of a record, such as `metrics.auc` of a run."""

    kind: Kind
    key: str


@dataclass(frozen=True)
class FieldSet:
    """The fields that one search accepts."""

    #: The kinds of keys besides attributes.
    kinds: tuple[Kind, ...]
    #: Attributes by name, with the type of their values.
    attributes: Mapping[str, type]
    #: Some fields, for those who wrote none.
    examples: str
    #: Other names of attributes.
    aliases: Mapping[str, str] = field(default_factory=dict)

    def prefixes(self, *, attributes: bool) -> str:
        """The prefixes of keys as a refusal lists them."""
        words = [f"{kind.value}." for kind in self.kinds] + ["attributes."] * attributes
        return " or ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))

    def type_of(self, wanted: Field) -> type:
        """Return the type of a field's values."""
        if wanted.kind is Kind.ATTRIBUTE:
            return self.attributes[wanted.key]
        return float if wanted.kind is Kind.METRIC else str


RUNS = FieldSet(
    kinds=(Kind.METRIC, Kind.PARAM, Kind.TAG),
    attributes={
        "run_id": str,
        "name": str,
        "run_name": str,
        "parent_run_id": str,
        "status": v1.RunStatus,
        "start_time": datetime,
        "end_time": datetime,
        "last_heartbeat_time": datetime,
        "is_stale": bool,
    },
    examples="metrics.auc, params.C, tags.team or start_time",
    aliases={"run_name": "name"},
)
EXPERIMENTS = FieldSet(
    kinds=(Kind.TAG,),
    attributes={"name": str, "creation_time": datetime, "last_update_time": datetime},
    examples="name, tags.team or creation_time",
)
EXPERIMENT_ORDER = FieldSet(
    kinds=(),
    attributes={"name": str, "experiment_id": str, "creation_time": datetime, "last_update_time": datetime},
    examples="name or creation_time",
)

#: Statuses by the names that a filter has for them.
STATUSES = {name.removeprefix("RUN_STATUS_"): value for name, value in v1.RunStatus.items() if value}


def status_number(name: str) -> int:
    """Return the number of a status by its short name, such as FINISHED."""
    return STATUSES[name]
