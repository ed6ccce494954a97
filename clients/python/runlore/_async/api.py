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
    "connect",
    "default_client",
    "delete_artifacts",
    "delete_run",
    "get_logged_model",
    "get_run",
    "history",
    "log_model_metrics",
    "open_artifact",
    "promote",
    "pull",
    "purge_run",
    "push",
    "register",
    "resolve",
    "restore_run",
    "resume_run",
    "rollback",
    "search_logged_models",
    "search_runs",
    "start_run",
    "sweep",
    "sync",
]

P = ParamSpec("P")
R = TypeVar("R")


def _on_default_client(
    method: Callable[Concatenate[Client, P], Coroutine[Any, Any, R]],
) -> Callable[P, Coroutine[Any, Any, R]]:
    @functools.wraps(method)
    async def function(*args: P.args, **kwargs: P.kwargs) -> R:
        return await method(default_client(), *args, **kwargs)

    # The method's own, but for its client.
    signature = inspect.signature(method)
    bare: Any = function
    bare.__signature__ = signature.replace(parameters=list(signature.parameters.values())[1:])
    bare.__module__ = "runlore.aio"
    return function


start_run = _on_default_client(Client.start_run)
get_run = _on_default_client(Client.get_run)
search_runs = _on_default_client(Client.search_runs)
sweep = _on_default_client(Client.sweep)
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
