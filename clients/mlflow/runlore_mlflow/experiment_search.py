"""Searches for experiments, by MLflow's filters and orders."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from mlflow.exceptions import MlflowException
from mlflow.utils.search_utils import SearchExperimentsUtils

from runlore import v1
from runlore_mlflow import entities, filters, ids
from runlore_mlflow.session import Session

Predicate = Callable[[v1.Experiment], bool]

_DEFAULT_ORDER = ("creation_time DESC", "experiment_id ASC")


def search(
    session: Session,
    view_type: int,
    max_results: int,
    filter_string: str | None,
    order_by: Iterable[str] | None,
    page_token: str | None,
) -> tuple[list[v1.Experiment], str | None]:
    """Return a page of experiments and the token of the next one."""
    filters.check_max_results(max_results)
    parts: list[str] = []
    predicates: list[Predicate] = []
    for clause in SearchExperimentsUtils.parse_search_filter(filter_string):
        if (clause["type"], clause["key"]) == ("attribute", "experiment_id"):
            predicates.append(_has_id(session, clause["comparator"], clause["value"]))
        else:
            parts.append(_comparison(clause["type"], clause["key"], clause["comparator"], clause["value"]))
    request = v1.SearchExperimentsRequest(
        filter=filters.conjunction(parts), order_by=_order(order_by), lifecycle_view=entities.lifecycle_view(view_type)
    )

    def page(token: str, size: int) -> tuple[Sequence[v1.Experiment], str]:
        request.page_token, request.page_size = token, size
        answer = session.client.tracking.SearchExperiments(request)
        return [each for each in answer.experiments if all(holds(each) for holds in predicates)], answer.next_page_token

    found, token = filters.collect(page, page_token or "", max_results)
    return found, token or None


def _comparison(kind: str, key: str, comparator: str, value: Any) -> str:
    if kind == "tag":
        if comparator not in ("=", "!=", "LIKE", "ILIKE", "IS NULL", "IS NOT NULL"):
            raise MlflowException.invalid_parameter_value(f"Invalid comparator for tag: {comparator}")
        return filters.comparison(filters.key("tags", key), comparator, value)
    if kind != "attribute":
        raise MlflowException.invalid_parameter_value(f"Invalid token type: {kind}")
    if SearchExperimentsUtils.is_string_attribute(kind, key, comparator) and comparator not in (
        "=",
        "!=",
        "LIKE",
        "ILIKE",
    ):
        raise MlflowException.invalid_parameter_value(f"Invalid comparator for string attribute: {comparator}")
    if SearchExperimentsUtils.is_numeric_attribute(kind, key, comparator):
        if isinstance(value, float):
            raise MlflowException.invalid_parameter_value(
                f"Invalid value for numeric attribute '{key}': {str(value)!r}"
            )
        value = int(value)
    return filters.comparison(key, comparator, value)


def _has_id(session: Session, comparator: str, value: Any) -> Predicate:
    """Ids are no field of the search."""
    if comparator not in ("=", "!=", "IN", "NOT IN"):
        raise MlflowException.invalid_parameter_value(f"Invalid comparator for experiment_id: {comparator}")
    wanted = {_known_id(session, each) for each in (value if isinstance(value, tuple) else (value,))}
    negated = comparator in ("!=", "NOT IN")
    return lambda found: (found.experiment_id in wanted) != negated


def _known_id(session: Session, given: str) -> str:
    try:
        found = ids.experiment_id(given)
    except MlflowException as error:
        if error.error_code == "RESOURCE_DOES_NOT_EXIST":
            return given
        raise
    return session.default_experiment_id if found == "0" else found


def _order(order_by: Iterable[str] | None) -> str:
    fields = []
    for kind, key, ascending in map(
        SearchExperimentsUtils.parse_order_by_for_search_experiments, list(order_by or ()) or _DEFAULT_ORDER
    ):
        if kind != "attribute":
            raise MlflowException.invalid_parameter_value(f"Invalid order_by entity: {kind}")
        fields.append((key, ascending))
    if not any(key == "experiment_id" for key, _ in fields):
        fields.append(("experiment_id", False))
    return ", ".join(f"{key} {'asc' if ascending else 'desc'}" for key, ascending in fields)
