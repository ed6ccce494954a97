"""MLflow's ids as Runlore takes them; one that no record can have is not found, and not a broken rule."""

from __future__ import annotations

import re
from collections.abc import Iterable

from mlflow.exceptions import MlflowException
from mlflow.protos.databricks_pb2 import INVALID_PARAMETER_VALUE, RESOURCE_DOES_NOT_EXIST

_HEX = re.compile(r"[0-9a-f]{32}")
_DEFAULT = "0"


def run_id(text: str) -> str:
    """Return a run's id."""
    if not isinstance(text, str) or not _HEX.fullmatch(text):
        raise MlflowException(f"Run with id={text} not found", RESOURCE_DOES_NOT_EXIST)
    return text


def experiment_id(given: str | int | None) -> str:
    """Return an experiment's id; MLflow's stores take nothing for the default one."""
    text = str(given) if given not in (None, "") else _DEFAULT
    if text == _DEFAULT or _HEX.fullmatch(text):
        return text
    # What MLflow numbers its experiments by.
    if text.removeprefix("-").isdecimal():
        raise MlflowException(f"No Experiment with id={text} exists", RESOURCE_DOES_NOT_EXIST)
    raise MlflowException(f"Invalid experiment ID '{text}'.", INVALID_PARAMETER_VALUE)


def possible_experiments(given: Iterable[str | int] | None) -> list[str]:
    """Return those ids that an experiment can have, each once."""
    found = []
    for each in given or ():
        try:
            found.append(experiment_id(each))
        except MlflowException as error:
            if error.error_code != "RESOURCE_DOES_NOT_EXIST":
                raise
    return list(dict.fromkeys(found))


def model_id(text: str) -> str:
    """Return a logged model's id without its `m-`."""
    digits = str(text).removeprefix("m-")
    if digits == text or not _HEX.fullmatch(digits):
        raise MlflowException(f"Logged model with ID '{text}' not found.", RESOURCE_DOES_NOT_EXIST)
    return digits
