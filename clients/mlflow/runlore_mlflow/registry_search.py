"""Searches for registered models and their versions, by MLflow's filters and orders."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from mlflow.entities.model_registry import ModelVersion
from mlflow.entities.model_registry.prompt_version import IS_PROMPT_TAG_KEY
from mlflow.exceptions import MlflowException
from mlflow.protos.databricks_pb2 import INVALID_PARAMETER_VALUE
from mlflow.utils.search_utils import SearchModelUtils, SearchModelVersionUtils, SearchUtils

from runlore_mlflow import filters, version_tags

Predicate = Callable[[ModelVersion], bool]

_TEXT_COMPARATORS = ("=", "!=", "LIKE", "ILIKE", "IN", "NOT IN")
_TAG_COMPARATORS = ("=", "!=", "LIKE", "ILIKE")
_VERSION_KEYS = {
    "version_number": "version",
    "creation_timestamp": "creation_time",
    "last_updated_timestamp": "last_update_time",
    "name": "name",
}


def plain(page_token: str | bytes | None) -> str:
    """Return a page token as text."""
    return page_token.decode() if isinstance(page_token, bytes) else page_token or ""


def models_filter(filter_string: str | None) -> str:
    """Translate a filter of registered models."""
    clauses = SearchModelUtils.parse_search_filter(filter_string)
    conditions = []
    for clause in clauses:
        if clause["type"] == "attribute":
            _check(clause["key"] == "name", f"Invalid attribute name: {clause['key']}")
            _check(
                clause["comparator"] in _TEXT_COMPARATORS, f"Invalid comparator for attribute: {clause['comparator']}"
            )
            conditions.append(filters.comparison("name", clause["comparator"], clause["value"]))
        else:
            conditions.extend(_tag(clause))
    return filters.conjunction([*conditions, _prompts(clauses)])


def models_order(order_by: Iterable[str] | None) -> str:
    """Translate an order of registered models."""
    order = list(order_by or ())
    keys: list[str] = []
    seen = set()
    for clause in order:
        token, ascending = SearchUtils.parse_order_by_for_search_registered_models(clause)
        # To MLflow both names of a time are that of the last change.
        key = "name" if token == "name" else "last_update_time"
        if key in seen:
            raise MlflowException(f"`order_by` contains duplicate fields: {order}")
        seen.add(key)
        keys.append(f"{key} {'asc' if ascending else 'desc'}")
    return ", ".join(keys)


def versions_filter(filter_string: str | None) -> tuple[str, list[Predicate]]:
    """Translate a filter of versions; what Runlore cannot say of them comes back as predicates."""
    clauses = SearchModelVersionUtils.parse_search_filter(filter_string)
    conditions: list[str] = []
    predicates: list[Predicate] = []
    for clause in clauses:
        if clause["type"] == "attribute":
            _version_attribute(clause, conditions, predicates)
        else:
            conditions.extend(_tag(clause))
    return filters.conjunction([*conditions, _prompts(clauses)]), predicates


def _version_attribute(clause: dict[str, Any], conditions: list[str], predicates: list[Predicate]) -> None:
    key, comparator, value = clause["key"], clause["comparator"], clause["value"]
    utils = SearchModelVersionUtils
    _check(key in utils.VALID_SEARCH_ATTRIBUTE_KEYS, f"Invalid attribute name: {key}")
    if key in utils.NUMERIC_ATTRIBUTES:
        _check(
            comparator in utils.VALID_NUMERIC_ATTRIBUTE_COMPARATORS,
            f"Invalid comparator for attribute {key}: {comparator}",
        )
        try:
            value = int(str(value))
        except ValueError:
            raise MlflowException.invalid_parameter_value(
                f"Invalid value for numeric attribute '{key}': {value!r}"
            ) from None
        conditions.append(filters.comparison(_VERSION_KEYS[key], comparator, value))
        return
    _check(
        comparator in utils.VALID_STRING_ATTRIBUTE_COMPARATORS
        and (comparator not in ("IN", "NOT IN") or key in ("run_id", "name")),
        f"Invalid comparator for attribute: {comparator}",
    )
    if key == "name":
        conditions.append(filters.comparison("name", comparator, value))
        return
    if key == "run_id":
        # Of some versions it is a tag. Without a run it is an empty text here, and nothing in MLflow.
        own = filters.comparison("run_id", comparator, value)
        kept = filters.comparison(filters.key("tags", version_tags.RUN_ID), comparator, value)
        conditions.append(f"({own} and run_id != '') or {kept}")
        return
    # The source follows from other fields.
    holds = SearchUtils.get_comparison_func(comparator)
    predicates.append(lambda version: bool(version.source) and bool(holds(version.source, value)))


def versions_order(order_by: Iterable[str] | None) -> str:
    """Translate an order of versions."""
    order = list(order_by or ()) or ["last_updated_timestamp DESC", "name ASC", "version_number DESC"]
    keys: list[str] = []
    seen = set()
    for clause in order:
        _, key, ascending = SearchModelVersionUtils.parse_order_by_for_search_model_versions(clause)
        _check(key in _VERSION_KEYS, f"Invalid order by key '{key}' specified. Valid keys are {set(_VERSION_KEYS)}")
        if key in seen:
            raise MlflowException(f"`order_by` contains duplicate fields: {order}")
        seen.add(key)
        keys.append(f"{_VERSION_KEYS[key]} {'asc' if ascending else 'desc'}")
    return ", ".join(keys)


def _tag(clause: dict[str, Any]) -> list[str]:
    _check(clause["type"] == "tag", f"Invalid token type: {clause['type']}")
    _check(clause["comparator"] in _TAG_COMPARATORS, f"Invalid comparator for tag: {clause['comparator']}")
    if clause["key"] == IS_PROMPT_TAG_KEY:
        # What it says of prompts is said by `_prompts`, of models too, which do not have the tag.
        return []
    return [filters.comparison(filters.key("tags", clause["key"]), clause["comparator"], clause["value"])]


def _prompts(clauses: list[dict[str, Any]]) -> str:
    """Return which of models and prompts are wanted: models, unless a clause asks for prompts."""
    is_prompt = filters.comparison(filters.key("tags", IS_PROMPT_TAG_KEY), "=", "true")
    for clause in clauses:
        if clause["type"] == "tag" and clause["key"] == IS_PROMPT_TAG_KEY:
            value = str(clause["value"]).lower()
            if (clause["comparator"], value) in (("=", "true"), ("!=", "false")):
                return is_prompt
            break
    return f"not {is_prompt}"


def _check(holds: bool, message: str) -> None:
    if not holds:
        raise MlflowException(message, error_code=INVALID_PARAMETER_VALUE)
