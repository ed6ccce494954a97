"""Searches for runs, by MLflow's filters and orders.

Two orders mean something else here: statuses go by their names in MLflow, and NaN goes before what is missing. A
search whose order begins with such a key is cut into segments, which one after the other are in MLflow's order. Where
one comes behind another key, runs that are equal in that would be in another order: they are sorted here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from mlflow.entities import Run, RunStatus
from mlflow.exceptions import MlflowException
from mlflow.protos.databricks_pb2 import INVALID_PARAMETER_VALUE
from mlflow.utils.mlflow_tags import MLFLOW_PARENT_RUN_ID, MLFLOW_RUN_NAME, MLFLOW_USER
from mlflow.utils.search_utils import SearchUtils

from runlore_mlflow import filters

Predicate = Callable[[Run], bool]

#: Attributes by MLflow's names, as fields of Runlore's search.
_ATTRIBUTES = {
    "run_id": "run_id",
    "run_name": "name",
    "start_time": "start_time",
    "end_time": "end_time",
    "user_id": filters.key("tags", MLFLOW_USER),
    "artifact_uri": "artifact_location",
}
_PREFIXES = {"metric": "metrics", "parameter": "params", "tag": "tags"}
_STATUSES = sorted(RunStatus.to_string(status) for status in RunStatus.all_status())


@dataclass
class Filter:
    """A filter that was translated."""

    #: Conditions in Runlore's language, all of which must hold.
    conditions: list[str] = field(default_factory=list)
    #: What Runlore's language cannot say.
    predicates: list[Predicate] = field(default_factory=list)
    #: Whether no run can meet it.
    nothing: bool = False


def translate(filter_string: str | None) -> Filter:
    """Translate a filter; raises what MLflow's own store raises on a bad one."""
    found = Filter()
    for clause in SearchUtils.parse_search_filter(filter_string):
        _add(found, clause["type"], clause["key"], clause["comparator"].upper(), clause["value"])
    return found


def _add(found: Filter, kind: str, key: str, comparator: str, value: Any) -> None:
    key = SearchUtils.translate_key_alias(key)
    if SearchUtils.is_string_attribute(kind, key, comparator) or SearchUtils.is_numeric_attribute(
        kind, key, comparator
    ):
        _add_attribute(found, key, comparator, value)
    elif SearchUtils.is_metric(kind, comparator):
        found.conditions.append(filters.comparison(filters.key("metrics", key), comparator, float(value)))
    elif SearchUtils.is_param(kind, comparator):
        found.conditions.append(filters.comparison(filters.key("params", key), comparator, value))
    elif SearchUtils.is_tag(kind, comparator):
        _add_tag(found, key, comparator, value)
    elif SearchUtils.is_dataset(kind, comparator):
        condition = filters.comparison(f"dataset.{key}", comparator, value)
        # An input without a context has no such tag in MLflow, and an empty text here.
        found.conditions.append(f"{condition} and dataset.context != ''" if key == "context" else condition)
    else:
        raise MlflowException(f"Invalid search expression type '{kind}'", error_code=INVALID_PARAMETER_VALUE)


def _add_attribute(found: Filter, key: str, comparator: str, value: Any) -> None:
    if key == "status":
        # Here a status that does not exist is refused.
        holds = SearchUtils.get_comparison_func(comparator)
        statuses = [status for status in _STATUSES if holds(status, value)]
        found.nothing = found.nothing or not statuses
        found.conditions.append(f"status IN {filters.texts(statuses)}")
    elif key == "artifact_uri":
        # It follows from other fields, unless the artifacts are elsewhere.
        holds = SearchUtils.get_comparison_func(comparator)
        found.predicates.append(lambda run: holds(run.info.artifact_uri, value))
    else:
        if key in SearchUtils.NUMERIC_ATTRIBUTES:
            # Older versions of MLflow leave the number as it was written.
            value = float(value)
        found.conditions.append(filters.comparison(_ATTRIBUTES[key], comparator, value))


def _add_tag(found: Filter, key: str, comparator: str, value: Any) -> None:
    tag = filters.comparison(filters.key("tags", key), comparator, value)
    if key == MLFLOW_RUN_NAME and comparator in ("IS NULL", "IS NOT NULL"):
        found.nothing = found.nothing or comparator == "IS NULL"
    elif key == MLFLOW_RUN_NAME:
        found.conditions.append(filters.comparison("name", comparator, value))
    elif key != MLFLOW_PARENT_RUN_ID:
        found.conditions.append(tag)
    elif comparator == "IS NULL":
        found.conditions.append(f"{tag} and parent_run_id = ''")
    elif comparator == "IS NOT NULL":
        found.conditions.append(f"{tag} or parent_run_id != ''")
    else:
        # A parent that is no run of Runlore's is kept as the tag.
        parent = filters.comparison("parent_run_id", comparator, value)
        kept = filters.comparison(filters.key("tags", key), "IS NULL")
        found.conditions.append(f"{tag} or ({parent} and parent_run_id != '' and {kept})")


@dataclass(frozen=True)
class Segment:
    """A part of an order: the runs that meet the conditions, by these keys."""

    conditions: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    #: When any run meets one of these too, the keys are not MLflow's order. An empty one is met by all.
    doubts: tuple[str, ...] = ()


def segments(order_by: Iterable[str] | None) -> list[Segment]:
    """Translate an order; raises what MLflow's own store raises on a bad one."""
    order = list(order_by or ())
    seen: set[tuple[str, str]] = set()
    found = [Segment()]
    for clause in order:
        kind, key, ascending = SearchUtils.parse_order_by_for_search_runs(clause)
        key = SearchUtils.translate_key_alias(key)
        whole, parts = _parts(kind, key, ascending)
        if (kind, key) in seen:
            raise MlflowException(f"`order_by` contains duplicate fields: {order}")
        seen.add((kind, key))
        # Behind a key that tells runs apart a segment stays whole.
        found = [_then(before, part) for before in found for part in ((whole,) if before.keys else parts)]
    return found


def _then(before: Segment, part: Segment) -> Segment:
    return Segment((*before.conditions, *part.conditions), (*before.keys, *part.keys), (*before.doubts, *part.doubts))


def _parts(kind: str, key: str, ascending: bool) -> tuple[Segment, Sequence[Segment]]:
    """Return the order of one key as a whole, as near as Runlore has it, and in segments, exactly."""
    direction = "asc" if ascending else "desc"
    if kind == "attribute":
        whole = Segment(keys=(f"{_ATTRIBUTES.get(key, key)} {direction}",))
        if key == "status":
            statuses = _STATUSES if ascending else reversed(_STATUSES)
            return replace(whole, doubts=("",)), [Segment((f"status = {filters.text(name)}",)) for name in statuses]
        return whole, (whole,)
    if kind not in _PREFIXES:
        raise MlflowException(f"Invalid identifier type '{kind}'", error_code=INVALID_PARAMETER_VALUE)
    name = filters.key(_PREFIXES[kind], key)
    if kind == "metric":
        whole = Segment(keys=(f"{name} {direction}",), doubts=(f"{name} IS NAN",))
        number = Segment((f"{name} IS NOT NAN",), (f"{name} {direction}",))
        return whole, [number, Segment((f"{name} IS NAN",)), Segment((f"{name} IS NULL",))]
    if key == MLFLOW_PARENT_RUN_ID and kind == "tag":
        # Here those without a parent have an empty one.
        parents = Segment(("parent_run_id != ''",), (f"parent_run_id {direction}",))
        others = Segment(("parent_run_id = ''",), (f"{name} {direction}",))
        return Segment(keys=(f"parent_run_id {direction}",), doubts=("",)), [parents, others]
    whole = Segment(keys=(f"{'name' if key == MLFLOW_RUN_NAME and kind == 'tag' else name} {direction}",))
    return whole, (whole,)


#: How tokens begin of searches that are sorted here; others begin with the number of a segment.
_SORTED = "sorted"


@dataclass(frozen=True)
class Place:
    """Where a page begins."""

    #: In which segment, and the server's token there.
    segment: int = 0
    token: str = ""
    #: Of a search that is sorted here: how many runs come before; None for others.
    offset: int | None = None

    def __str__(self) -> str:
        """The page token."""
        return f"{self.segment}.{self.token}" if self.offset is None else f"{_SORTED}.{self.offset}"


def place(page_token: str | bytes | None) -> Place:
    """Return where a page begins by its token; raises MlflowException for one that is none of ours."""
    if not page_token:
        return Place()
    head, dot, rest = (page_token.decode() if isinstance(page_token, bytes) else page_token).partition(".")
    if head == _SORTED and rest.isdecimal():
        return Place(offset=int(rest))
    if not dot or not head.isdecimal():
        raise MlflowException(f"Invalid page token: {page_token!r}", error_code=INVALID_PARAMETER_VALUE)
    return Place(int(head), rest)
