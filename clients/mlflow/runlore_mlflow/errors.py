"""The one place where Runlore's errors become MLflow's."""

from __future__ import annotations

import functools
import types
from collections.abc import Callable
from typing import Any, TypeVar

from mlflow.exceptions import MlflowException
from mlflow.protos.databricks_pb2 import (
    INTERNAL_ERROR,
    INVALID_PARAMETER_VALUE,
    INVALID_STATE,
    NOT_IMPLEMENTED,
    RESOURCE_ALREADY_EXISTS,
    RESOURCE_CONFLICT,
    RESOURCE_DOES_NOT_EXIST,
    TEMPORARILY_UNAVAILABLE,
)

from runlore import errors

_C = TypeVar("_C", bound=type)

#: By reason, where MLflow has a code, and often a sentence, of its own for the case.
_REASONS: dict[str, tuple[int, str]] = {
    "EXPERIMENT_NOT_FOUND": (RESOURCE_DOES_NOT_EXIST, "No Experiment with id={experiment_id} exists"),
    "EXPERIMENT_EXISTS": (RESOURCE_ALREADY_EXISTS, "Experiment(name={experiment_name}) already exists."),
    "EXPERIMENT_DELETED": (
        INVALID_PARAMETER_VALUE,
        "The experiment {experiment_id} must be in the 'active' state. Current state is deleted.",
    ),
    "RUN_NOT_FOUND": (RESOURCE_DOES_NOT_EXIST, "Run with id={run_id} not found"),
    "RUN_EXISTS": (RESOURCE_ALREADY_EXISTS, ""),
    "RUN_DELETED": (
        INVALID_PARAMETER_VALUE,
        "The run {run_id} must be in the 'active' state. Current state is deleted.",
    ),
    "PARAM_CONFLICT": (INVALID_PARAMETER_VALUE, ""),
    "LOGGED_MODEL_NOT_FOUND": (RESOURCE_DOES_NOT_EXIST, "Logged model with ID 'm-{model_id}' not found."),
    "MODEL_NOT_FOUND": (RESOURCE_DOES_NOT_EXIST, "Registered Model with name={model_name} not found"),
    "MODEL_EXISTS": (RESOURCE_ALREADY_EXISTS, "Registered Model (name={model_name}) already exists."),
    "MODEL_VERSION_NOT_FOUND": (
        RESOURCE_DOES_NOT_EXIST,
        "Model Version (name={model_name}, version={version}) not found",
    ),
    "ALIAS_NOT_FOUND": (INVALID_PARAMETER_VALUE, "Registered model alias {alias} not found."),
    "BATCH_TOO_LARGE": (INVALID_PARAMETER_VALUE, ""),
    "SEARCH_TOO_EXPENSIVE": (INVALID_PARAMETER_VALUE, ""),
}
#: By the class of the client's error, for all other reasons.
_CLASSES: tuple[tuple[type[errors.RunloreError], int], ...] = (
    (errors.InvalidArgumentError, INVALID_PARAMETER_VALUE),
    (errors.NotFoundError, RESOURCE_DOES_NOT_EXIST),
    (errors.AlreadyExistsError, RESOURCE_ALREADY_EXISTS),
    (errors.PreconditionError, INVALID_STATE),
    (errors.ConflictError, RESOURCE_CONFLICT),
    (errors.LimitExceededError, INVALID_PARAMETER_VALUE),
    (errors.FileChangedError, INVALID_STATE),
    (errors.UnavailableError, TEMPORARILY_UNAVAILABLE),
    (errors.DeadlineError, TEMPORARILY_UNAVAILABLE),
    (errors.OfflineError, TEMPORARILY_UNAVAILABLE),
)


class _Missing(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return ""


def translate(error: errors.RunloreError) -> MlflowException:
    """Return the error that MLflow's own store would raise in the same case."""
    code, sentence = _REASONS.get(error.reason, (None, ""))
    if code is None:
        code = next((code for kind, code in _CLASSES if isinstance(error, kind)), INTERNAL_ERROR)
    if error.reason == "EXPERIMENT_NOT_FOUND" and "experiment_id" not in error.metadata:
        sentence = "Could not find experiment with name '{experiment_name}'"
    # The sentence of a call that names several fields is the server's: it knows which one is wrong.
    message = sentence.format_map(_Missing(error.metadata)) or str(error)
    return MlflowException(message, error_code=code)


def not_kept(feature: str) -> MlflowException:
    """Return the error for what Runlore does not keep, such as `traces`."""
    return MlflowException(
        f"Runlore does not keep {feature}. Use a tracking store of MLflow's own for them.", error_code=NOT_IMPLEMENTED
    )


def translating(cls: _C) -> _C:
    """Have every method that this package gives a class raise MlflowException in place of Runlore's errors."""
    for base in cls.__mro__:
        if not base.__module__.startswith("runlore_mlflow."):
            continue
        for name, value in list(vars(base).items()):
            if isinstance(value, types.FunctionType) and not getattr(value, "__translating__", False):
                setattr(base, name, _translating(value))
    return cls


def _translating(method: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(method)
    def call(*args: Any, **kwargs: Any) -> Any:
        try:
            return method(*args, **kwargs)
        except errors.RunloreError as error:
            raise translate(error) from None

    call.__translating__ = True  # type: ignore[attr-defined]
    return call
