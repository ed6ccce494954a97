"""Runlore: log training runs, register and promote models, pull the champion's exact bytes.

    with runlore.start_run("ctr", params={"C": 0.1}) as run:
        run.log({"loss": 0.3}, step=1)
        run.log_artifact("model")
    version = runlore.register("ctr-model", run, "model")
    runlore.promote("ctr-model", version.version, alias="champion", reason="first")
    path = runlore.pull("models:/ctr-model@champion")

The functions here act on the server that the environment names (`RUNLORE_ADDRESS` and so on, see `connect`); a client
of another one comes from `connect`. `runlore.aio` has the same names for asyncio, `runlore.v1` is the contract.

Importing this package imports nothing else: its names come in when they are first used.
"""

from __future__ import annotations

import importlib
import os
from typing import TYPE_CHECKING, Any

# gRPC reads this when it is first imported, and only then survives a fork of the process.
os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "1")

if TYPE_CHECKING:
    from runlore import aio, data, v1
    from runlore._sync.api import (
        Client,
        Run,
        compare,
        connect,
        create_model,
        default_client,
        delete_alias,
        delete_artifacts,
        delete_model,
        delete_run,
        delete_version,
        evaluations,
        export_history,
        get_logged_model,
        get_model,
        get_run,
        get_version,
        history,
        log_model_metrics,
        metric_history,
        open_artifact,
        plot,
        promote,
        pull,
        purge_run,
        push,
        record_evaluation,
        register,
        resolve,
        resolve_many,
        restore_run,
        resume_run,
        rollback,
        search_logged_models,
        search_models,
        search_runs,
        search_versions,
        set_stage,
        start_run,
        sweep,
        sweep_table,
        sync,
        tag_model,
        tag_version,
        update_model,
        update_version,
        verify_history,
        watch,
    )
    from runlore._words import better
    from runlore.errors import (
        AliasMovedError,
        AlreadyExistsError,
        ConditionNotMetError,
        ConflictError,
        DeadlineError,
        FileChangedError,
        IntegrityError,
        InternalError,
        InvalidArgumentError,
        LimitExceededError,
        NotFoundError,
        OfflineError,
        PreconditionError,
        RunloreError,
        UnavailableError,
    )

__all__ = [
    "AliasMovedError",
    "AlreadyExistsError",
    "Client",
    "ConditionNotMetError",
    "ConflictError",
    "DeadlineError",
    "FileChangedError",
    "IntegrityError",
    "InternalError",
    "InvalidArgumentError",
    "LimitExceededError",
    "NotFoundError",
    "OfflineError",
    "PreconditionError",
    "Run",
    "RunloreError",
    "UnavailableError",
    "aio",
    "better",
    "compare",
    "connect",
    "create_model",
    "data",
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
    "v1",
    "verify_history",
    "watch",
]

_HOMES = {"better": "runlore._words"}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("runlore")
    if name not in __all__:
        raise AttributeError(f"module 'runlore' has no attribute '{name}'")
    if name in ("aio", "data", "v1"):
        return importlib.import_module(f"runlore.{name}")
    home = _HOMES.get(name) or ("runlore.errors" if name.endswith("Error") else "runlore._sync.api")
    value = globals()[name] = getattr(importlib.import_module(home), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
