"""The fields that searches know: which kinds of keys, and which attributes of which type."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum

from runlore import v1


class Kind(Enum):
    """What a field belongs to."""

    METRIC = "metrics"
    PARAM = "params"
    TAG = "tags"
    DATASET = "dataset"
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
    #: What the attribute `status` can be, by the names that a filter has for it.
    statuses: Mapping[str, int] = field(default_factory=dict)

    def prefixes(self, *, attributes: bool) -> str:
        """The prefixes of keys as a refusal lists them."""
        words = [f"{kind.value}." for kind in self.kinds] + ["attributes."] * attributes
        return " or ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))

    def type_of(self, wanted: Field) -> type:
        """Return the type of a field's values."""
        if wanted.kind is Kind.ATTRIBUTE:
            return self.attributes[wanted.key]
        # Datasets have texts only, as params and tags do.
        return float if wanted.kind is Kind.METRIC else str


class Status:
    """The type of an attribute whose values are the names in `FieldSet.statuses`."""


#: What a filter can ask of a dataset.
DATASET_KEYS = ("name", "digest", "context")
RUN_ORDER = FieldSet(
    kinds=(Kind.METRIC, Kind.PARAM, Kind.TAG),
    attributes={
        "run_id": str,
        "name": str,
        "run_name": str,
        "parent_run_id": str,
        "status": Status,
        "start_time": datetime,
        "end_time": datetime,
        "last_heartbeat_time": datetime,
        "is_stale": bool,
    },
    examples="metrics.auc, params.C, tags.team or start_time",
    aliases={"run_name": "name"},
    statuses={name.removeprefix("RUN_STATUS_"): number for name, number in v1.RunStatus.items() if number},
)
RUNS = replace(RUN_ORDER, kinds=(*RUN_ORDER.kinds, Kind.DATASET))
LOGGED_MODELS = FieldSet(
    kinds=(Kind.METRIC, Kind.PARAM, Kind.TAG),
    attributes={
        "name": str,
        "model_id": str,
        "model_type": str,
        "source_run_id": str,
        "status": Status,
        "creation_timestamp": datetime,
        "creation_time": datetime,
        "last_updated_timestamp": datetime,
    },
    examples="metrics.auc, params.C, tags.team or name",
    aliases={"creation_time": "creation_timestamp"},
    statuses={
        name.removeprefix("LOGGED_MODEL_STATUS_"): number for name, number in v1.LoggedModelStatus.items() if number
    },
)
LOGGED_MODEL_ORDER = replace(LOGGED_MODELS, kinds=(Kind.METRIC,), examples="metrics.auc or name")
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
