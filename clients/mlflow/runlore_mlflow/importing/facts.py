"""Records of both sides as facts: plain dicts that are equal when the records are.

What a record of MLflow has and Runlore has no place for is left out of its facts, and said to `lose`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from google.protobuf.timestamp_pb2 import Timestamp

from runlore import v1
from runlore_mlflow import version_tags

if TYPE_CHECKING:
    from mlflow import entities
    from mlflow.entities.model_registry import ModelVersion, RegisteredModel

Facts = dict[str, Any]
#: Takes what cannot be carried, such as "param 'x'", and why.
Lose = Callable[[str, str], None]

CONTEXT_TAG = "mlflow.data.context"
PARENT_TAG = "mlflow.parentRunId"
NAME_TAG = "mlflow.runName"
USER_TAG = "mlflow.user"
NOTE_TAG = "mlflow.note.content"
RUN_ID = re.compile(r"[0-9a-f]{32}")
MODEL_ID = re.compile(r"m-([0-9a-f]{32})")

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_MAX_KEY = 250
_MAX_NAME = 500
#: Characters of the value of a param or a tag, of an experiment's tag, and of a registered model's or version's tag.
_MAX_VALUE = 8_192
_MAX_EXPERIMENT_VALUE = 20_000
MAX_REGISTRY_VALUE = 100_000
_MAX_TAGS = 1_000
_MAX_PARAMS = 10_000
_MAX_SCHEMA = 1_048_575
_MAX_DESCRIPTION = 10_000
_STATUSES = {"RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED"}


def of_experiment(experiment: entities.Experiment, lose: Lose) -> Facts:
    """Return the facts of MLflow's experiment."""
    if experiment.lifecycle_stage == "deleted" and not is_deleted(experiment):
        lose("deletion", "the default experiment cannot be deleted in Runlore")
    return {
        "tags": _entries(experiment.tags, "tag", _MAX_TAGS, lose, _MAX_EXPERIMENT_VALUE),
        "lifecycle": "deleted" if is_deleted(experiment) else "active",
    }


def is_deleted(experiment: entities.Experiment) -> bool:
    """Whether MLflow's experiment is to be deleted in Runlore."""
    return bool(experiment.lifecycle_stage == "deleted" and experiment.name != "Default")


def of_our_experiment(experiment: v1.Experiment) -> Facts:
    """Return the facts of Runlore's experiment."""
    return {"tags": dict(experiment.tags), "lifecycle": _lifecycle(experiment.lifecycle_state)}


def of_run(run: entities.Run, experiment: entities.Experiment, parent: str, lose: Lose) -> Facts:
    """Return the facts of MLflow's run, whose parent has been looked up. Artifacts and points are compared apart."""
    info, data = run.info, run.data
    status = info.status if info.status in _STATUSES else "RUNNING"
    end_time = info.end_time or None
    if end_time and status in ("RUNNING", "SCHEDULED"):
        lose("end time", "a run that has not ended has none in Runlore")
        end_time = None
    datasets = {}
    for given in run.inputs.dataset_inputs if run.inputs else ():
        entry = _dataset(given, lose)
        if entry:
            datasets[entry[0]] = entry[1]
    made = run.outputs.model_outputs if run.outputs else ()
    name = _text(info.run_name or "", "name", _MAX_NAME, lose)
    # As the plugin has it: two of MLflow's tags are fields of Runlore's, and one of its fields is a tag.
    tags = dict(data.tags)
    if tags.get(NAME_TAG) == name:
        del tags[NAME_TAG]
    if parent:
        del tags[PARENT_TAG]
    if info.user_id and info.user_id != "unknown":
        tags.setdefault(USER_TAG, info.user_id)
    return {
        "name": name,
        "parent": parent,
        "status": status,
        "start time": info.start_time,
        "end time": end_time,
        "lifecycle": "deleted" if info.lifecycle_stage == "deleted" or is_deleted(experiment) else "active",
        "params": _entries(data.params, "param", _MAX_PARAMS, lose),
        "tags": _entries(tags, "tag", _MAX_TAGS, lose),
        "datasets": datasets,
        "models read": {given.model_id: "" for given in (run.inputs.model_inputs if run.inputs else None) or ()},
        "models made": {given.model_id: given.step for given in made or ()},
    }


def of_our_run(run: v1.Run) -> Facts:
    """Return the facts of Runlore's run."""
    return {
        "name": run.name,
        "parent": run.parent_run_id,
        "status": v1.RunStatus.Name(run.status).removeprefix("RUN_STATUS_"),
        "start time": millis(run.start_time),
        "end time": millis(run.end_time) if run.HasField("end_time") else None,
        "lifecycle": _lifecycle(run.lifecycle_state),
        "params": dict(run.params),
        "tags": dict(run.tags),
        "datasets": {_dataset_key(given): dict(given.tags) for given in run.dataset_inputs},
        "models read": {f"m-{given.model_id}": "" for given in run.model_inputs},
        "models made": {f"m-{given.model_id}": given.step for given in run.model_outputs},
    }


def of_logged_model(model: entities.LoggedModel, lose: Lose) -> Facts:
    """Return the facts of MLflow's logged model. Files are compared apart."""
    return {
        "name": _text(model.name or "", "name", _MAX_NAME, lose),
        "type": _text(model.model_type or "", "type", 500, lose),
        "status": _model_status(model.status),
        "source run": model.source_run_id or "",
        "creation time": model.creation_timestamp,
        "params": _entries(model.params, "param", _MAX_PARAMS, lose),
        "tags": _entries(model.tags, "tag", _MAX_TAGS, lose),
    }


def of_our_logged_model(model: v1.LoggedModel) -> Facts:
    """Return the facts of Runlore's logged model."""
    return {
        "name": model.name,
        "type": model.model_type,
        "status": v1.LoggedModelStatus.Name(model.status).removeprefix("LOGGED_MODEL_STATUS_"),
        "source run": model.source_run_id,
        "creation time": millis(model.create_time),
        "params": dict(model.params),
        "tags": dict(model.tags),
    }


def of_registered_model(model: RegisteredModel, lose: Lose) -> Facts:
    """Return the facts of MLflow's registered model. Aliases are carried apart."""
    return {
        "description": _text(model.description or "", "description", _MAX_DESCRIPTION, lose),
        # The property leaves out the tag that makes a prompt of a model.
        "tags": _entries(model._tags, "tag", _MAX_TAGS, lose, MAX_REGISTRY_VALUE),
        "aliases": {alias: int(version) for alias, version in model.aliases.items()},
    }


def of_our_registered_model(model: v1.RegisteredModel) -> Facts:
    """Return the facts of Runlore's registered model."""
    return {
        "description": model.description,
        "tags": dict(model.tags),
        "aliases": {alias.alias: alias.version for alias in model.aliases},
    }


def of_version(version: ModelVersion, lose: Lose) -> Facts:
    """Return the facts of MLflow's version. Where its files are from is carried apart."""
    return {
        "description": _text(version.description or "", "description", _MAX_DESCRIPTION, lose),
        "tags": _entries(version.tags, "tag", _MAX_TAGS, lose, MAX_REGISTRY_VALUE),
        "stage": version.current_stage or "None",
        "status": version.status.removesuffix("_REGISTRATION"),
    }


def of_our_version(version: v1.ModelVersion) -> Facts:
    """Return the facts of Runlore's version."""
    return {
        "description": version.description,
        "tags": {key: value for key, value in version.tags.items() if key not in version_tags.HIDDEN},
        "stage": v1.ModelStage.Name(version.stage).removeprefix("MODEL_STAGE_").capitalize(),
        "status": v1.ModelVersionStatus.Name(version.status).removeprefix("MODEL_VERSION_STATUS_"),
    }


def differences(wanted: Facts, found: Facts, *, ignoring: Iterable[str] = ()) -> list[str]:
    """Return in what facts differ, a line for each."""
    lines: list[str] = []
    for name in wanted.keys() - set(ignoring):
        ours, theirs = found[name], wanted[name]
        if ours == theirs:
            continue
        if not isinstance(theirs, dict):
            lines.append(f"{name}: {_short(theirs)} at the source, {_short(ours)} in Runlore")
            continue
        for key in theirs.keys() | ours.keys():
            if key not in ours:
                lines.append(f"{name}: {_short(key)} is missing in Runlore")
            elif key not in theirs:
                lines.append(f"{name}: {_short(key)} is in Runlore only")
            elif ours[key] != theirs[key]:
                lines.append(f"{name}: {_short(key)} is {_short(theirs[key])}, in Runlore {_short(ours[key])}")
    return sorted(lines)


def dataset_message(key: tuple[str, ...], tags: Mapping[str, str]) -> v1.DatasetInput:
    """Return a dataset of the facts as the contract has it."""
    name, digest, source_type, source, schema, profile, context = key
    dataset = v1.Dataset(
        name=name, digest=digest, source_type=source_type, source=source, schema=schema, profile=profile
    )
    return v1.DatasetInput(dataset=dataset, context=context, tags=tags)


def timestamp(milliseconds: int) -> Timestamp:
    """Return a time of MLflow's as the contract has it."""
    made = Timestamp()
    made.FromMilliseconds(milliseconds)
    return made


def millis(time: Timestamp) -> int:
    """Return a time as MLflow has it; one that is not whole milliseconds is no time of MLflow's."""
    return time.ToMilliseconds()


def unfit_key(key: str) -> str:
    """Return why Runlore has no place for a key; empty when it has."""
    return _unfit("keys", key, _MAX_KEY)


def unfit_name(name: str) -> str:
    """Return why no experiment of Runlore's can have a name; empty when one can."""
    return _unfit("names", name, _MAX_NAME)


def _unfit(what: str, text: str, most: int) -> str:
    if not text or len(text) > most:
        return f"{what} have 1 to {most} characters in Runlore"
    return f"{what} have no control characters in Runlore" if _CONTROL.search(text) else ""


def _entries(
    given: Mapping[str, str], kind: str, most: int, lose: Lose, most_characters: int = _MAX_VALUE
) -> dict[str, str]:
    kept: dict[str, str] = {}
    for key, value in sorted(given.items()):
        why = unfit_key(key)
        if not why and len(value) > most_characters:
            why = f"values have at most {most_characters:,} characters in Runlore"
        if not why and "\x00" in value:
            why = "no text has the character U+0000 in Runlore"
        if not why and len(kept) == most:
            why = f"a record has at most {most:,} of them in Runlore"
        if why:
            lose(f"{kind} '{key[:80]}'", why)
        else:
            kept[key] = value
    return kept


def _text(given: str, kind: str, most: int, lose: Lose) -> str:
    """Return a text that has room."""
    if len(given) > most:
        lose(kind, f"it is cut to {most:,} characters")
        given = given[:most]
    if "\x00" in given:
        lose(kind, "no text has the character U+0000 in Runlore")
        given = given.replace("\x00", "")
    return given


def _dataset(given: entities.DatasetInput, lose: Lose) -> tuple[tuple[str, ...], dict[str, str]] | None:
    dataset = given.dataset
    tags = {tag.key: tag.value for tag in given.tags or ()}
    context = tags.pop(CONTEXT_TAG, "")
    large = {"schema": dataset.schema or "", "profile": dataset.profile or ""}
    for name, text in large.items():
        if len(text) > _MAX_SCHEMA:
            lose(f"{name} of dataset '{dataset.name}'", f"it has at most {_MAX_SCHEMA:,} characters in Runlore")
            large[name] = ""
    texts = (dataset.name, dataset.digest, dataset.source_type, context)
    if any(_CONTROL.search(text) for text in texts) or not dataset.name or not dataset.digest:
        lose(f"dataset '{dataset.name}'", "names and digests are not empty and without control characters in Runlore")
        return None
    key = (
        dataset.name,
        dataset.digest,
        dataset.source_type,
        dataset.source,
        large["schema"],
        large["profile"],
        context,
    )
    return key, _entries(tags, f"tag of dataset '{dataset.name}',", 100, lose)


def _dataset_key(given: v1.DatasetInput) -> tuple[str, ...]:
    dataset = given.dataset
    of_it = (dataset.name, dataset.digest, dataset.source_type, dataset.source, dataset.schema, dataset.profile)
    return (*of_it, given.context)


def _model_status(status: object) -> str:
    name = str(getattr(status, "value", status))
    return name if name in ("PENDING", "READY", "FAILED") else "PENDING"


def _lifecycle(state: v1.LifecycleState.ValueType) -> str:
    return "deleted" if state == v1.LIFECYCLE_STATE_DELETED else "active"


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}…"
