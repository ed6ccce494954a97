"""Searches for logged models, by MLflow's filters and orders.

MLflow's own parser of these needs SQLAlchemy, which `mlflow-skinny` does not bring; this one takes what that takes.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping
from typing import Any

import sqlparse
from mlflow.exceptions import MlflowException
from mlflow.utils.search_utils import _join_in_comparison_tokens

from runlore_mlflow import filters

_ENTITY = re.compile(r"([a-z]+)\.(.+)", re.DOTALL)
_KINDS = ("attributes", "metrics", "params", "tags")
_NUMERIC_OPERATORS = ("<", "<=", ">", ">=", "=", "!=")
_TEXT_OPERATORS = ("=", "!=", "LIKE", "ILIKE", "IN", "NOT IN")
_TIMES = ("creation_timestamp", "last_updated_timestamp")
_ATTRIBUTES = {
    **{name: name for name in ("name", "model_id", "model_type", "status", "source_run_id", *_TIMES)},
    "creation_time": "creation_timestamp",
    "creation_timestamp_ms": "creation_timestamp",
    "last_updated_timestamp_ms": "last_updated_timestamp",
}


def translate_filter(filter_string: str | None) -> str:
    """Return a filter in Runlore's language; raises MlflowException on a bad one."""
    if not filter_string:
        return ""
    parsed = sqlparse.parse(filter_string)
    if len(parsed) != 1:
        raise MlflowException.invalid_parameter_value(
            f"Invalid filter string: {filter_string!r}. Expected a single SQL expression."
        )
    conditions = []
    for statement in _join_in_comparison_tokens(parsed[0].tokens):
        if isinstance(statement, sqlparse.sql.Comparison):
            conditions.append(_comparison(statement))
        elif statement.value.strip().upper() not in ("AND", ""):
            raise MlflowException.invalid_parameter_value(
                f"Invalid filter string: {filter_string!r}. Expected a list of comparisons separated by 'AND' "
                "(e.g. 'metrics.loss > 0.1 AND params.lr = 0.01')."
            )
    return filters.conjunction(conditions)


def _comparison(statement: Any) -> str:
    tokens = [str(token) for token in statement.tokens if not token.is_whitespace]
    if len(tokens) != 3:
        raise MlflowException.invalid_parameter_value(
            f"Invalid comparison: {statement}. Expected a comparison with 3 tokens."
        )
    identifier, operator, written = tokens
    operator = operator.upper()
    kind, key = _entity(identifier)
    numeric = kind == "metrics" or key in _TIMES
    allowed = _NUMERIC_OPERATORS if numeric else _TEXT_OPERATORS
    if operator not in allowed:
        raise MlflowException.invalid_parameter_value(
            f"Invalid comparison operator for {identifier}: {operator!r}. Expected one of {allowed}."
        )
    field = key if kind == "attributes" else filters.key(kind, key)
    return filters.comparison(field, operator, _constant(written, numeric=numeric, is_id=field == "model_id"))


def _entity(identifier: str) -> tuple[str, str]:
    match = _ENTITY.fullmatch(identifier)
    kind, key = (match[1], match[2].strip("`")) if match else ("attributes", identifier.strip("`"))
    if kind not in _KINDS:
        raise MlflowException.invalid_parameter_value(f"Invalid entity type: {kind!r}. Expected one of {list(_KINDS)}.")
    if kind == "attributes":
        return kind, _attribute(key)
    return kind, key


def _attribute(key: str) -> str:
    if key not in _ATTRIBUTES:
        raise MlflowException.invalid_parameter_value(
            f"Invalid attribute '{key}'. Expected one of {sorted(_ATTRIBUTES)}."
        )
    return _ATTRIBUTES[key]


def _constant(written: str, *, numeric: bool, is_id: bool) -> Any:
    if numeric:
        try:
            return float(written)
        except ValueError:
            raise MlflowException.invalid_parameter_value(f"Invalid number in filter string: {written}") from None
    if written.startswith("(") and written.endswith(")"):
        listed = ast.literal_eval(written)
        values = (listed,) if isinstance(listed, str) else tuple(listed)
        return tuple(_id(value) for value in values) if is_id else values
    value = written.strip("'")
    return _id(value) if is_id else value


def _id(model_id: str) -> str:
    """Leave off the `m-`, without which Runlore has ids."""
    return model_id.removeprefix("m-")


def translate_order(order_by: Iterable[Mapping[str, Any]] | None) -> tuple[str, tuple[str, str]]:
    """Return an order in Runlore's language, and the name and digest of the dataset that its metrics are on."""
    keys: list[str] = []
    datasets: set[tuple[str, str]] = set()
    for clause in order_by or ():
        name = str(clause.get("field_name"))
        direction = "asc" if clause.get("ascending", True) else "desc"
        kind, dot, key = name.partition(".")
        if not dot:
            if name not in _ATTRIBUTES:
                raise MlflowException.invalid_parameter_value(f"Invalid order by field name: {name}")
            keys.append(f"{_ATTRIBUTES[name]} {direction}")
            continue
        if kind != "metrics":
            raise MlflowException.invalid_parameter_value(
                f"Invalid order by field name: {name}. Only metrics are supported."
            )
        keys.append(f"{filters.key('metrics', key)} {direction}")
        datasets.add((clause.get("dataset_name") or "", clause.get("dataset_digest") or ""))
    if len(datasets) > 1:
        raise MlflowException.invalid_parameter_value(
            "The metrics of order_by must all be on one dataset: Runlore orders by one at a time"
        )
    return ", ".join(keys), next(iter(datasets), ("", ""))
