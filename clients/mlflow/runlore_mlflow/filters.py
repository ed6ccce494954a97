"""Runlore's search language as text, and pages of MLflow's size by pages of the server's.

MLflow's own parsers read what a caller wrote, so that what they refuse is refused alike; what they return is written
anew in Runlore's language, which means the same by other rules of quoting.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from mlflow.exceptions import MlflowException
from mlflow.protos.databricks_pb2 import INVALID_PARAMETER_VALUE
from mlflow.store.tracking import SEARCH_MAX_RESULTS_THRESHOLD

T = TypeVar("T")

#: The most that the server returns at once.
SERVER_PAGE = 1_000


def text(value: str) -> str:
    """Return a text as a constant."""
    return "'" + value.replace("'", "''") + "'"


def texts(values: Sequence[str]) -> str:
    """Return a list of texts as a constant."""
    return "(" + ", ".join(text(value) for value in values) + ")"


def constant(value: Any) -> str:
    """Return a text, a list of texts or a number as a constant."""
    if isinstance(value, tuple | list):
        return texts(value)
    if isinstance(value, str):
        return text(value)
    # Infinity is written as what is read as it.
    return repr(value).replace("inf", "1e999")


def key(prefix: str, name: str) -> str:
    """Return the field of a param, a tag or a metric."""
    return f"{prefix}.`" + name.replace("`", "``") + "`"


def comparison(field: str, comparator: str, value: Any = None) -> str:
    """Return a comparison; IS NULL and IS NOT NULL have no value."""
    return f"{field} {comparator}" if value is None else f"{field} {comparator} {constant(value)}"


def conjunction(parts: Sequence[str]) -> str:
    """Join conditions, each in parentheses so that it stands for itself."""
    return " and ".join(f"({part})" for part in parts)


def check_max_results(max_results: int | None, *, allow_null: bool = False) -> None:
    """Refuse what MLflow's tracking store refuses as a page's size."""
    given = f"Invalid value {max_results} for parameter 'max_results' supplied."
    if (max_results is None and not allow_null) or (max_results is not None and max_results < 1):
        raise MlflowException(f"{given} It must be a positive integer", INVALID_PARAMETER_VALUE)
    if max_results is not None and max_results > SEARCH_MAX_RESULTS_THRESHOLD:
        raise MlflowException(f"{given} It must be at most {SEARCH_MAX_RESULTS_THRESHOLD}", INVALID_PARAMETER_VALUE)


def collect(page: Callable[[str, int], tuple[Sequence[T], str]], token: str, wanted: int | None) -> tuple[list[T], str]:
    """Return `wanted` records (None: all), and the token of what follows; empty after the last.

    `page` returns records of a token and a size, and the next token. Its pages may be short, and are used up whole, so
    that its tokens are ours.
    """
    found: list[T] = []
    while True:
        size = SERVER_PAGE if wanted is None else min(SERVER_PAGE, wanted - len(found))
        records, token = page(token, size)
        found.extend(records)
        if not token or (wanted is not None and len(found) >= wanted):
            return found, token
