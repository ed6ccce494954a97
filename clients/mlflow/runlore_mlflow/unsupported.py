"""What MLflow's stores also keep and Runlore does not: lists of it are empty, the rest is refused with a sentence.

MLflow's base classes answer None, or a bare NotImplementedError, to what a store lacks, and each version brings more of
it. So these methods are found by name, in the base class of the version that is installed. Pages of MLflow's UI ask
for much of this, and must not break.
"""

from __future__ import annotations

import types
from collections.abc import Callable
from typing import Any

from mlflow.store.entities.paged_list import PagedList

from runlore_mlflow.errors import not_kept

#: How methods begin that return several records, and those that begin otherwise.
_LISTS = ("list_", "search_", "batch_get_", "find_", "query_")
_OTHER_LISTS = frozenset({
    "get_online_scoring_configs",
    "get_active_online_scorers",
    "get_dataset_experiment_ids",
    "get_mcp_server_versions_for_trace",
})  # fmt: skip
#: Methods that return a list and a page token.
_PAIRS = frozenset({"search_traces", "_load_dataset_records"})
#: What a method is about, by a part of its name; the first that is in it.
_FEATURES = (
    ("gateway", "gateways"),
    ("budget", "gateways"),
    ("guardrail", "gateways"),
    ("endpoint", "gateways"),
    ("secret", "gateways"),
    ("mcp", "MCP servers"),
    ("assessment", "assessments of traces"),
    ("trace", "traces"),
    ("span", "traces"),
    ("issue", "issues"),
    ("scor", "scorers"),
    ("dataset", "evaluation datasets"),
    ("label", "label schemas"),
    ("queue", "review queues"),
    ("webhook", "webhooks"),
)
#: Not public, and called all the same.
_PRIVATE = frozenset({"_delete_traces", "_load_dataset_records"})

#: What the base classes build on what a store has.
TRACKING_KEPT = frozenset({
    "supports_workspaces",
    "supports_trace_archival",
    "search_runs",
    "log_metric_async",
    "log_param_async",
    "set_tag_async",
    "log_batch_async",
    "end_async_logging",
    "flush_async_logging",
    "shut_down_async_logging",
    "set_model_versions_tags",
    "filter_active_experiment_ids",
    "resolve_trace_archival_config",
})  # fmt: skip


def add_unsupported(cls: type, abstract: type, kept: Callable[[str], bool]) -> None:
    """Give a store class the methods of MLflow's base class that this package does not have and MLflow does not keep.

    `kept` says of a method's name whether the base class's own is to stay.
    """
    for base in abstract.__mro__[:-1]:
        for name, value in vars(base).items():
            if not isinstance(value, types.FunctionType) or (name.startswith("_") and name not in _PRIVATE):
                continue
            if not kept(name) and not _is_ours(cls, name):
                setattr(cls, name, _stand_in(name))


def _is_ours(cls: type, name: str) -> bool:
    return any(name in vars(base) for base in cls.__mro__ if base.__module__.startswith("runlore_mlflow."))


def _stand_in(name: str) -> Callable[..., Any]:
    if name in _PAIRS:
        return _empty_pair
    if name.startswith(_LISTS) or name in _OTHER_LISTS:
        return _empty_page
    feature = next((feature for part, feature in _FEATURES if part in name), f"what `{name}` is about")

    def refuse(self: Any, *args: Any, **kwargs: Any) -> Any:
        raise not_kept(feature)

    refuse.__name__ = name
    return refuse


def _empty_page(self: Any, *args: Any, **kwargs: Any) -> PagedList[Any]:
    return PagedList([], None)


def _empty_pair(self: Any, *args: Any, **kwargs: Any) -> tuple[list[Any], None]:
    return [], None
