"""The fields that searches know: which kinds of keys, and which attributes of which type."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from runlore import v1
from runlore_server.search.tree import Field, Function, Kind


class Name(str):
    """The type of an attribute of which a record may have many values: a model has it when it has one like this."""

    __slots__ = ()


class Names(dict[str, int]):
    """The type of an attribute of an enum: what a filter calls its values, in any case, and their numbers."""

    def find(self, text: str) -> str | None:
        """Return the name as it is written here; None when there is no such one."""
        return next((name for name in self if name.upper() == text.upper()), None)

    def numbers(self, value: object) -> list[int]:
        """Return the numbers of a comparison's name or names."""
        return [self[name] for name in (value if isinstance(value, tuple) else (str(value),))]


def _names(prefix: str, enum: Iterable[tuple[str, int]]) -> Names:
    return Names({name.removeprefix(prefix): number for name, number in enum if number})


@dataclass(frozen=True)
class FieldSet:
    """The fields that one search accepts."""

    #: The kinds of keys besides attributes.
    kinds: tuple[Kind, ...]
    #: Attributes by name, with the type of their values.
    attributes: Mapping[str, type | Names]
    #: Some fields, for those who wrote none.
    examples: str
    #: Other names of attributes, and what MLflow calls an attribute and we keep elsewhere.
    aliases: Mapping[str, Field] = field(default_factory=dict)
    #: What can be taken of keys.
    functions: tuple[Function, ...] = (Function.NUM,)

    def prefixes(self, *, attributes: bool) -> str:
        """The prefixes of keys as a refusal lists them."""
        words = [f"{kind.value}." for kind in self.kinds] + ["attributes."] * attributes
        return " or ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))

    def type_of(self, wanted: Field) -> type | Names:
        """Return the type of a field's values."""
        if wanted.kind is Kind.ATTRIBUTE:
            return self.attributes[wanted.key]
        # Datasets have texts only, as params and tags do.
        return float if wanted.kind is Kind.METRIC or wanted.function is not None else str


def _attribute(name: str) -> Field:
    return Field(Kind.ATTRIBUTE, name)


RUN_STATUSES = _names("RUN_STATUS_", v1.RunStatus.items())
LOGGED_MODEL_STATUSES = _names("LOGGED_MODEL_STATUS_", v1.LoggedModelStatus.items())
VERSION_STATUSES = _names("MODEL_VERSION_STATUS_", v1.ModelVersionStatus.items())
#: As MLflow writes them.
STAGES = Names(
    {name.removeprefix("MODEL_STAGE_").capitalize(): number for name, number in v1.ModelStage.items() if number}
)
#: What a filter can ask of a dataset.
DATASET_KEYS = ("name", "digest", "context")
RUN_ORDER = FieldSet(
    kinds=(Kind.METRIC, Kind.PARAM, Kind.TAG),
    attributes={
        "run_id": str,
        "name": str,
        "parent_run_id": str,
        "experiment_id": str,
        "experiment_name": str,
        "artifact_location": str,
        "status": RUN_STATUSES,
        "start_time": datetime,
        "end_time": datetime,
        "last_heartbeat_time": datetime,
        "is_stale": bool,
    },
    examples="metrics.auc, params.C, tags.team or start_time",
    # MLflow's names. Its user_id is this tag's value since the tag exists.
    aliases={
        **dict.fromkeys(("run_name", "run name", "Run name", "Run Name"), _attribute("name")),
        **dict.fromkeys(("created", "Created"), _attribute("start_time")),
        "artifact_uri": _attribute("artifact_location"),
        "user_id": Field(Kind.TAG, "mlflow.user"),
    },
    functions=(Function.MIN, Function.MAX, Function.NUM),
)
RUNS = replace(
    RUN_ORDER,
    kinds=(*RUN_ORDER.kinds, Kind.DATASET),
    attributes={**RUN_ORDER.attributes, "ancestor_run_id": Name},
)
LOGGED_MODELS = FieldSet(
    kinds=(Kind.METRIC, Kind.PARAM, Kind.TAG),
    attributes={
        "name": str,
        "model_id": str,
        "model_type": str,
        "source_run_id": str,
        "status": LOGGED_MODEL_STATUSES,
        "creation_timestamp": datetime,
        "last_updated_timestamp": datetime,
    },
    examples="metrics.auc, params.C, tags.team or name",
    aliases={"creation_time": _attribute("creation_timestamp")},
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
MODELS = FieldSet(
    kinds=(Kind.TAG,),
    attributes={
        "name": str,
        "owner": str,
        "team": str,
        "description": str,
        "alias": Name,
        "stage": STAGES,
        "latest_version": float,
        "creation_time": datetime,
        "last_update_time": datetime,
    },
    examples="name, tags.team or alias",
)
MODEL_ORDER = FieldSet(
    kinds=(),
    attributes={"name": str, "latest_version": float, "creation_time": datetime, "last_update_time": datetime},
    examples="name or creation_time",
)
MODEL_VERSIONS = FieldSet(
    kinds=(Kind.METRIC, Kind.PARAM, Kind.TAG),
    attributes={
        "name": str,
        "run_id": str,
        "logged_model_id": str,
        "manifest_digest": str,
        "description": str,
        "alias": Name,
        "stage": STAGES,
        "status": VERSION_STATUSES,
        "version": float,
        "creation_time": datetime,
        "last_update_time": datetime,
    },
    examples="metrics.auc, params.C, tags.team or run_id",
)
MODEL_VERSION_ORDER = FieldSet(
    kinds=(),
    attributes={"name": str, "version": float, "creation_time": datetime, "last_update_time": datetime},
    examples="version or creation_time",
)
