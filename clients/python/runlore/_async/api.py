"""The client's methods as functions, on the client that the environment names."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Coroutine
from typing import Any, Concatenate, ParamSpec, TypeVar

from runlore._async.client import Client, connect, default_client
from runlore._async.run import Run

__all__ = [
    "Client",
    "Run",
    "compare",
    "connect",
    "create_model",
    "default_client",
    "delete_alias",
    "delete_artifacts",
    "delete_model",
    "delete_run",
    "delete_version",
    "evaluations",
    "export_history",
    "get_logged_model",
    "get_model",
    "get_run",
    "get_version",
    "history",
    "log_model_metrics",
    "metric_history",
    "open_artifact",
    "plot",
    "promote",
    "pull",
    "purge_run",
    "push",
    "record_evaluation",
    "register",
    "resolve",
    "resolve_many",
    "restore_run",
    "resume_run",
    "rollback",
    "search_logged_models",
    "search_models",
    "search_runs",
    "search_versions",
    "set_stage",
    "start_run",
    "sweep",
    "sweep_table",
    "sync",
    "tag_model",
    "tag_version",
    "update_model",
    "update_version",
    "verify_history",
    "watch",
]

P = ParamSpec("P")
R = TypeVar("R")
F = TypeVar("F", bound=Callable[..., Any])


def _on_default_client(
    method: Callable[Concatenate[Client, P], Coroutine[Any, Any, R]],
) -> Callable[P, Coroutine[Any, Any, R]]:
    @functools.wraps(method)
    async def function(*args: P.args, **kwargs: P.kwargs) -> R:
        return await method(default_client(), *args, **kwargs)

    return _as_function(method, function)


def _of_default_client(method: Callable[Concatenate[Client, P], R]) -> Callable[P, R]:
    """As `_on_default_client`, of a method whose result is iterated over."""

    @functools.wraps(method)
    def function(*args: P.args, **kwargs: P.kwargs) -> R:
        return method(default_client(), *args, **kwargs)

    return _as_function(method, function)


def _as_function(method: Callable[..., Any], function: F) -> F:
    """Give a function the method's own signature, but for its client."""
    signature = inspect.signature(method)
    bare: Any = function
    bare.__signature__ = signature.replace(parameters=list(signature.parameters.values())[1:])
    bare.__module__ = "runlore.aio"
    return function


start_run = _on_default_client(Client.start_run)
get_run = _on_default_client(Client.get_run)
search_runs = _on_default_client(Client.search_runs)
compare = _on_default_client(Client.compare)
plot = _on_default_client(Client.plot)
sweep = _on_default_client(Client.sweep)
sweep_table = _on_default_client(Client.sweep_table)
metric_history = _on_default_client(Client.metric_history)
delete_run = _on_default_client(Client.delete_run)
purge_run = _on_default_client(Client.purge_run)
restore_run = _on_default_client(Client.restore_run)
get_logged_model = _on_default_client(Client.get_logged_model)
search_logged_models = _on_default_client(Client.search_logged_models)
log_model_metrics = _on_default_client(Client.log_model_metrics)
resume_run = _on_default_client(Client.resume_run)
register = _on_default_client(Client.register)
promote = _on_default_client(Client.promote)
rollback = _on_default_client(Client.rollback)
resolve = _on_default_client(Client.resolve)
pull = _on_default_client(Client.pull)
push = _on_default_client(Client.push)
open_artifact = _on_default_client(Client.open_artifact)
delete_artifacts = _on_default_client(Client.delete_artifacts)
history = _on_default_client(Client.history)
sync = _on_default_client(Client.sync)
create_model = _on_default_client(Client.create_model)
get_model = _on_default_client(Client.get_model)
search_models = _on_default_client(Client.search_models)
update_model = _on_default_client(Client.update_model)
tag_model = _on_default_client(Client.tag_model)
delete_model = _on_default_client(Client.delete_model)
get_version = _on_default_client(Client.get_version)
search_versions = _on_default_client(Client.search_versions)
update_version = _on_default_client(Client.update_version)
tag_version = _on_default_client(Client.tag_version)
delete_version = _on_default_client(Client.delete_version)
record_evaluation = _on_default_client(Client.record_evaluation)
evaluations = _on_default_client(Client.evaluations)
delete_alias = _on_default_client(Client.delete_alias)
set_stage = _on_default_client(Client.set_stage)
resolve_many = _on_default_client(Client.resolve_many)
verify_history = _on_default_client(Client.verify_history)
export_history = _on_default_client(Client.export_history)
watch = _of_default_client(Client.watch)
