"""Refusals about experiments, runs and logged models."""

from __future__ import annotations

from collections.abc import Mapping

from grpc import StatusCode

from runlore import v1
from runlore_server.errors.base import RunloreError, Violation, short


def experiment_not_found(workspace: str, *, experiment_id: str = "", name: str = "") -> RunloreError:
    """No such experiment in the workspace."""
    what = f"id {experiment_id}" if experiment_id else f"name '{short(name)}'"
    key = {"experiment_id": experiment_id} if experiment_id else {"experiment_name": name}
    return RunloreError(
        v1.ERROR_REASON_EXPERIMENT_NOT_FOUND,
        StatusCode.NOT_FOUND,
        f"no experiment with the {what} in workspace '{workspace}'",
        {"workspace": workspace, **key},
    )


def experiment_exists(workspace: str, name: str, experiment_id: str, *, deleted: bool) -> RunloreError:
    """The name is taken in the workspace, maybe by an experiment that was deleted."""
    cure = ", which was deleted: restore it, or rename or purge it to free the name" if deleted else ""
    return RunloreError(
        v1.ERROR_REASON_EXPERIMENT_EXISTS,
        StatusCode.ALREADY_EXISTS,
        f"workspace '{workspace}' has an experiment '{short(name)}' already{cure}",
        {"workspace": workspace, "experiment_name": name, "experiment_id": experiment_id},
    )


def experiment_deleted(experiment_id: str, name: str) -> RunloreError:
    """The experiment was deleted and takes no runs."""
    return RunloreError(
        v1.ERROR_REASON_EXPERIMENT_DELETED,
        StatusCode.FAILED_PRECONDITION,
        f"experiment '{short(name)}' was deleted and takes no runs; restore it first",
        {"experiment_id": experiment_id},
        preconditions=[(f"experiment {experiment_id}", "must be active")],
    )


def run_not_found(run_id: str, what: str = "run") -> RunloreError:
    """No such run in the workspace."""
    return RunloreError(
        v1.ERROR_REASON_RUN_NOT_FOUND, StatusCode.NOT_FOUND, f"no {what} with the id {run_id}", {"run_id": run_id}
    )


def run_exists(run_id: str) -> RunloreError:
    """The client's own run id is taken."""
    return RunloreError(
        v1.ERROR_REASON_RUN_EXISTS,
        StatusCode.ALREADY_EXISTS,
        f"run_id: a run with the id {run_id} exists already, or did until it was purged",
        {"run_id": run_id},
        [Violation("run_id", "an id that no run has or had, or empty for one made by the server")],
    )


def run_deleted(run_id: str, *, with_experiment: str = "", what: str = "run") -> RunloreError:
    """The run was deleted and takes nothing new; `with_experiment` names its experiment when that was what was."""
    how, cure = _deletion(with_experiment)
    return RunloreError(
        v1.ERROR_REASON_RUN_DELETED,
        StatusCode.FAILED_PRECONDITION,
        f"{what} {run_id} {how} and takes nothing new; restore {cure} first",
        {"run_id": run_id},
        preconditions=[(f"run {run_id}", "must be active")],
    )


def run_not_deleted(run_id: str) -> RunloreError:
    """Only a deleted run can be purged."""
    return RunloreError(
        v1.ERROR_REASON_RUN_NOT_DELETED,
        StatusCode.FAILED_PRECONDITION,
        f"run {run_id} is active; delete it first, which can be undone, and then purge it",
        {"run_id": run_id},
        preconditions=[(f"run {run_id}", "must be deleted")],
    )


def experiment_not_deleted(experiment_id: str, name: str) -> RunloreError:
    """Only a deleted experiment can be purged."""
    return RunloreError(
        v1.ERROR_REASON_EXPERIMENT_NOT_DELETED,
        StatusCode.FAILED_PRECONDITION,
        f"experiment '{short(name)}' is active; delete it first, which can be undone, and then purge it",
        {"experiment_id": experiment_id},
        preconditions=[(f"experiment {experiment_id}", "must be deleted")],
    )


def param_conflict(owner: Mapping[str, str], key: str, recorded: str, refused: str) -> RunloreError:
    """The param has another value already; `owner` is `run_id` or `model_id` with its value."""
    return RunloreError(
        v1.ERROR_REASON_PARAM_CONFLICT,
        StatusCode.INVALID_ARGUMENT,
        f"params['{key}']: is '{short(recorded)}' already and cannot become '{short(refused)}': params never change",
        {**owner, "key": key, "recorded": short(recorded), "refused": short(refused)},
        [Violation(f'params["{key}"]', f"the recorded value '{short(recorded)}', or another key")],
    )


def sequence_gap(
    run_id: str, writer_id: str, sequence: int, expected: int, field_name: str = "sequence"
) -> RunloreError:
    """The writer's batch or frame does not follow its last one."""
    what = "batch" if field_name == "sequence" else "point"
    return RunloreError(
        v1.ERROR_REASON_SEQUENCE_GAP,
        StatusCode.FAILED_PRECONDITION,
        f"{field_name}: {sequence} leaves a gap; the next {what} of writer '{writer_id}' is {expected}",
        {
            "run_id": run_id,
            "writer_id": writer_id,
            "sequence": str(sequence),
            "expected_sequence": str(expected),
        },
        [Violation(field_name, f"{expected}, or a number up to {expected - 1} that was sent before")],
    )


def logged_model_not_found(model_id: str) -> RunloreError:
    """No such logged model in the workspace."""
    return RunloreError(
        v1.ERROR_REASON_LOGGED_MODEL_NOT_FOUND,
        StatusCode.NOT_FOUND,
        f"no logged model with the id {model_id}",
        {"model_id": model_id},
    )


def logged_model_exists(model_id: str) -> RunloreError:
    """The client's own model id is taken."""
    return RunloreError(
        v1.ERROR_REASON_LOGGED_MODEL_EXISTS,
        StatusCode.ALREADY_EXISTS,
        f"model_id: {model_id} is the id of another record already",
        {"model_id": model_id},
        [Violation("model_id", "an id that no record has, or empty for one made by the server")],
    )


def logged_model_deleted(model_id: str, *, with_experiment: str = "") -> RunloreError:
    """The logged model was deleted and takes nothing new; `with_experiment` names its experiment when that was."""
    how, cure = _deletion(with_experiment)
    return RunloreError(
        v1.ERROR_REASON_LOGGED_MODEL_DELETED,
        StatusCode.FAILED_PRECONDITION,
        f"logged model {model_id} {how} and takes nothing new; restore {cure} first",
        {"model_id": model_id},
        preconditions=[(f"logged model {model_id}", "must be active")],
    )


def logged_model_not_deleted(model_id: str) -> RunloreError:
    """Only a deleted logged model can be purged."""
    return RunloreError(
        v1.ERROR_REASON_LOGGED_MODEL_NOT_DELETED,
        StatusCode.FAILED_PRECONDITION,
        f"logged model {model_id} is active; delete it first, which can be undone, and then purge it",
        {"model_id": model_id},
        preconditions=[(f"logged model {model_id}", "must be deleted")],
    )


def logged_model_not_ready(model_id: str, status: str) -> RunloreError:
    """Only a READY logged model can be registered."""
    return RunloreError(
        v1.ERROR_REASON_LOGGED_MODEL_NOT_READY,
        StatusCode.FAILED_PRECONDITION,
        f"logged model {model_id} is {status}: only a READY one can be registered",
        {"model_id": model_id, "status": status},
        preconditions=[(f"logged model {model_id}", "must be READY")],
    )


def _deletion(with_experiment: str) -> tuple[str, str]:
    """How something was deleted, and what to restore."""
    if with_experiment:
        return f"was deleted with its experiment '{short(with_experiment)}'", "the experiment"
    return "was deleted", "it"
