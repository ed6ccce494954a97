"""The one place where Runlore's records become MLflow's entities, and MLflow's words Runlore's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from google.protobuf.timestamp_pb2 import Timestamp
from mlflow.entities import (
    Dataset,
    DatasetInput,
    Experiment,
    ExperimentTag,
    InputTag,
    LifecycleStage,
    LoggedModel,
    LoggedModelInput,
    LoggedModelOutput,
    LoggedModelStatus,
    Metric,
    Param,
    Run,
    RunData,
    RunInfo,
    RunInputs,
    RunOutputs,
    RunStatus,
    RunTag,
    ViewType,
)
from mlflow.entities.model_registry import (
    ModelVersion,
    ModelVersionTag,
    RegisteredModel,
    RegisteredModelAlias,
    RegisteredModelTag,
)
from mlflow.utils.mlflow_tags import MLFLOW_DATASET_CONTEXT, MLFLOW_PARENT_RUN_ID, MLFLOW_RUN_NAME, MLFLOW_USER

from runlore import v1
from runlore_mlflow import uris, version_tags
from runlore_mlflow.session import Session

_STAGES = {
    v1.MODEL_STAGE_NONE: "None",
    v1.MODEL_STAGE_STAGING: "Staging",
    v1.MODEL_STAGE_PRODUCTION: "Production",
    v1.MODEL_STAGE_ARCHIVED: "Archived",
}
_VERSION_STATUSES = {
    v1.MODEL_VERSION_STATUS_PENDING: "PENDING_REGISTRATION",
    v1.MODEL_VERSION_STATUS_READY: "READY",
    v1.MODEL_VERSION_STATUS_FAILED: "FAILED_REGISTRATION",
}
_VIEWS = {
    ViewType.ACTIVE_ONLY: v1.LIFECYCLE_VIEW_ACTIVE,
    ViewType.DELETED_ONLY: v1.LIFECYCLE_VIEW_DELETED,
    ViewType.ALL: v1.LIFECYCLE_VIEW_ALL,
}


# Times: MLflow's are milliseconds.


def millis(time: Timestamp) -> int:
    """Return a time as MLflow has it."""
    return int(time.ToMilliseconds())


def timestamp(time_ms: float) -> Timestamp:
    """Return MLflow's time as the contract has it."""
    found = Timestamp()
    found.FromMilliseconds(int(time_ms))
    return found


# Enums.


def lifecycle_stage(state: v1.LifecycleState.ValueType) -> str:
    """Return MLflow's name of a lifecycle state."""
    name: str = LifecycleStage.DELETED if state == v1.LIFECYCLE_STATE_DELETED else LifecycleStage.ACTIVE
    return name


def lifecycle_view(view_type: int) -> v1.LifecycleView.ValueType:
    """Return the view of a search by MLflow's ViewType."""
    return _VIEWS[view_type]


def run_status(status: int | str) -> v1.RunStatus.ValueType:
    """Return the status that MLflow names, by number or by text: the numbers are the same."""
    return v1.RunStatus.Value(f"RUN_STATUS_{status if isinstance(status, str) else RunStatus.to_string(status)}")


def stage(name: str) -> v1.ModelStage.ValueType:
    """Return the stage of a canonical name."""
    return next(number for number, text in _STAGES.items() if text == name)


# Tracking.


def experiment(session: Session, root: str, found: v1.Experiment) -> Experiment:
    """Return an experiment whose artifacts are below `root` unless it says otherwise."""
    experiment_id = session.experiment_id(found.experiment_id)
    return Experiment(
        experiment_id=experiment_id,
        name=found.name,
        artifact_location=found.artifact_location or uris.experiment_artifacts(root, experiment_id),
        lifecycle_stage=lifecycle_stage(found.lifecycle_state),
        tags=[ExperimentTag(key, value) for key, value in found.tags.items()],
        creation_time=millis(found.create_time),
        last_update_time=millis(found.update_time),
    )


def run(session: Session, root: str, found: v1.Run) -> Run:
    """Return a run with its data, inputs and outputs."""
    return Run(
        run_info(session, root, found),
        RunData(
            metrics=[
                Metric(m.key, m.last, m.last_time_unix_us // 1000, m.last_step, run_id=found.run_id)
                for m in found.metrics
            ],
            params=[Param(key, value) for key, value in found.params.items()],
            tags=[RunTag(key, value) for key, value in run_tags(found).items()],
        ),
        RunInputs(
            dataset_inputs=[dataset_input(given) for given in found.dataset_inputs],
            model_inputs=[LoggedModelInput(logged_model_id(given.model_id)) for given in found.model_inputs],
        ),
        RunOutputs([LoggedModelOutput(logged_model_id(made.model_id), made.step) for made in found.model_outputs]),
    )


def run_info(session: Session, root: str, found: v1.Run) -> RunInfo:
    """Return what a run is, without its data."""
    experiment_id = session.experiment_id(found.experiment_id)
    return RunInfo(
        run_id=found.run_id,
        experiment_id=experiment_id,
        # Of an imported run the actor is who imported it.
        user_id=found.tags.get(MLFLOW_USER) or found.created_by.id,
        status=v1.RunStatus.Name(found.status).removeprefix("RUN_STATUS_"),
        start_time=millis(found.start_time),
        end_time=millis(found.end_time) if found.HasField("end_time") else None,
        lifecycle_stage=lifecycle_stage(found.lifecycle_state),
        artifact_uri=found.artifact_location or uris.run_artifacts(root, experiment_id, found.run_id),
        run_name=found.name,
    )


def run_tags(found: v1.Run) -> Mapping[str, str]:
    """Return the tags that MLflow knows a run by: two of them are fields of Runlore's."""
    tags = dict(found.tags)
    tags.setdefault(MLFLOW_RUN_NAME, found.name)
    if found.parent_run_id:
        tags.setdefault(MLFLOW_PARENT_RUN_ID, found.parent_run_id)
    return tags


def dataset_input(found: v1.DatasetInput) -> DatasetInput:
    """Return an input with its context as the tag that MLflow keeps it in."""
    dataset = found.dataset
    tags = [InputTag(key, value) for key, value in found.tags.items()]
    if found.context:
        tags.insert(0, InputTag(MLFLOW_DATASET_CONTEXT, found.context))
    return DatasetInput(
        Dataset(
            name=dataset.name,
            digest=dataset.digest,
            source_type=dataset.source_type,
            source=dataset.source,
            schema=dataset.schema or None,
            profile=dataset.profile or None,
        ),
        tags,
    )


def dataset_record(given: DatasetInput) -> v1.DatasetInput:
    """Return MLflow's input as the contract has it."""
    tags = {tag.key: tag.value for tag in given.tags}
    context = tags.pop(MLFLOW_DATASET_CONTEXT, "")
    dataset = given.dataset
    return v1.DatasetInput(
        dataset=v1.Dataset(
            name=dataset.name,
            digest=dataset.digest,
            source_type=dataset.source_type,
            source=dataset.source,
            schema=dataset.schema or "",
            profile=dataset.profile or "",
        ),
        context=context,
        tags=tags,
    )


# Logged models: MLflow's ids have `m-` before the digits.


def logged_model_id(model_id: str) -> str:
    """Return MLflow's id of a logged model."""
    return f"m-{model_id}"


def logged_model(
    session: Session, root: str, found: v1.LoggedModel, metrics: Iterable[v1.LoggedModelMetric]
) -> LoggedModel:
    """Return a logged model with all its metric points."""
    experiment_id = session.experiment_id(found.experiment_id)
    model_id = logged_model_id(found.model_id)
    return LoggedModel(
        experiment_id=experiment_id,
        model_id=model_id,
        name=found.name,
        artifact_location=found.artifact_location or uris.model_artifacts(root, experiment_id, model_id),
        creation_timestamp=millis(found.create_time),
        last_updated_timestamp=millis(found.update_time),
        model_type=found.model_type or None,
        source_run_id=found.source_run_id or None,
        status=LoggedModelStatus(v1.LoggedModelStatus.Name(found.status).removeprefix("LOGGED_MODEL_STATUS_")),
        status_message=found.status_message or None,
        tags=dict(found.tags),
        params=dict(found.params),
        metrics=[logged_model_metric(model_id, point) for point in metrics] or None,
    )


def logged_model_metric(model_id: str, point: v1.LoggedModelMetric) -> Metric:
    """Return a metric point of a logged model."""
    return Metric(
        key=point.key,
        value=point.value,
        timestamp=point.time_unix_us // 1000,
        step=point.step,
        model_id=model_id,
        dataset_name=point.dataset_name or None,
        dataset_digest=point.dataset_digest if point.dataset_name else None,
        run_id=point.run_id or None,
    )


# Registry.


def registered_model(found: v1.RegisteredModel, latest: Iterable[ModelVersion]) -> RegisteredModel:
    """Return a registered model; `latest` has the newest version of each stage."""
    return RegisteredModel(
        name=found.name,
        creation_timestamp=millis(found.create_time),
        last_updated_timestamp=millis(found.update_time),
        description=found.description or None,
        latest_versions=list(latest),
        tags=[RegisteredModelTag(key, value) for key, value in found.tags.items()],
        aliases=[RegisteredModelAlias(each.alias, each.version) for each in found.aliases],
    )


def model_version(session: Session, found: v1.ModelVersion) -> ModelVersion:
    """Return a version of a registered model."""
    return ModelVersion(
        name=found.model_name,
        version=found.version,
        creation_timestamp=millis(found.create_time),
        last_updated_timestamp=millis(found.update_time),
        description=found.description or None,
        current_stage=_STAGES[found.stage],
        source=version_tags.source(session, found),
        run_id=found.run_id or found.tags.get(version_tags.RUN_ID) or found.evidence.logged_model.source_run_id or None,
        status=_VERSION_STATUSES[found.status],
        status_message=found.status_message or None,
        tags=[ModelVersionTag(key, value) for key, value in found.tags.items() if key not in version_tags.HIDDEN],
        run_link=found.tags.get(version_tags.RUN_LINK),
        aliases=list(found.aliases),
        model_id=logged_model_id(found.logged_model_id) if found.logged_model_id else None,
    )
