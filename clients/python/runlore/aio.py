"""Runlore for asyncio: the names of `runlore`, where what talks to the server is awaited.

    async with await runlore.aio.start_run("ctr", params={"C": 0.1}) as run:
        run.log({"loss": 0.3}, step=1)
        await run.log_artifact("model")

`Run.log`, `Run.log_metric` and `Run.log_metrics` only append to the spool, and are not awaited. The functions use one
client for each event loop.
"""

from runlore._async.api import (
    Client,
    Run,
    connect,
    default_client,
    delete_artifacts,
    delete_run,
    get_logged_model,
    get_run,
    history,
    log_model_metrics,
    open_artifact,
    promote,
    pull,
    purge_run,
    push,
    register,
    resolve,
    restore_run,
    resume_run,
    rollback,
    search_logged_models,
    search_runs,
    start_run,
    sweep,
    sync,
)

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
