"""Refusals about registered models, their versions and aliases."""

from __future__ import annotations

from collections.abc import Sequence

from grpc import StatusCode

from runlore import v1
from runlore_server.calls import actor_name as _actor
from runlore_server.errors.base import RunloreError, short


def model_not_found(workspace: str, name: str) -> RunloreError:
    """No such registered model in the workspace."""
    return RunloreError(
        v1.ERROR_REASON_MODEL_NOT_FOUND,
        StatusCode.NOT_FOUND,
        f"no registered model '{name}' in workspace '{workspace}'",
        {"workspace": workspace, "model_name": name},
    )


def model_exists(workspace: str, name: str) -> RunloreError:
    """The name is taken in the workspace."""
    return RunloreError(
        v1.ERROR_REASON_MODEL_EXISTS,
        StatusCode.ALREADY_EXISTS,
        f"workspace '{workspace}' has a registered model '{name}' already",
        {"workspace": workspace, "model_name": name},
    )


def model_version_not_found(model_name: str, version: int) -> RunloreError:
    """The model has no such version."""
    return RunloreError(
        v1.ERROR_REASON_MODEL_VERSION_NOT_FOUND,
        StatusCode.NOT_FOUND,
        f"registered model '{model_name}' has no version {version}",
        {"model_name": model_name, "version": str(version)},
    )


def alias_not_found(model_name: str, alias: str) -> RunloreError:
    """The model has no such alias."""
    return RunloreError(
        v1.ERROR_REASON_ALIAS_NOT_FOUND,
        StatusCode.NOT_FOUND,
        f"registered model '{model_name}' has no alias '{alias}'",
        {"model_name": model_name, "alias": alias},
    )


def stage_empty(model_name: str, stage: str) -> RunloreError:
    """No READY version is in the stage; for `latest`, the model has none at all."""
    what = "no READY version" if stage == "latest" else f"no READY version in stage {stage}"
    return RunloreError(
        v1.ERROR_REASON_STAGE_EMPTY,
        StatusCode.NOT_FOUND,
        f"registered model '{model_name}' has {what}",
        {"model_name": model_name, "stage": stage},
    )


def alias_moved(model_name: str, alias: str, expected: int | None, current: v1.ModelAlias | None) -> RunloreError:
    """The alias is not where the caller believed; None stands for "no holder"."""
    believed = f"version {expected}" if expected else "no version"
    if current is None:
        actual = "no version holds it"
        trail: dict[str, str] = {"current_version": "", "moved_by": "", "moved_at": "", "move_reason": ""}
    else:
        when = current.set_time.ToJsonString()
        because = f" ('{short(current.reason)}')" if current.reason else ""
        actual = f"version {current.version} holds it, set by {_actor(current.set_by)} at {when}{because}"
        trail = {
            "current_version": str(current.version),
            "moved_by": _actor(current.set_by),
            "moved_at": when,
            "move_reason": short(current.reason),
        }
    return RunloreError(
        v1.ERROR_REASON_ALIAS_MOVED,
        StatusCode.ABORTED,
        f"'{alias}' of '{model_name}' was not moved: you expected {believed} to hold it, but {actual}",
        {"model_name": model_name, "alias": alias, "expected_version": str(expected or ""), **trail},
    )


def condition_not_met(model_name: str, alias: str, results: Sequence[v1.ConditionResult]) -> RunloreError:
    """At least one condition of the move does not hold."""
    failed = [r for r in results if not r.holds]
    held = [r.explanation for r in results if r.holds]
    told = "; ".join(r.explanation for r in failed) + (f" (these hold: {'; '.join(held)})" if held else "")
    return RunloreError(
        v1.ERROR_REASON_CONDITION_NOT_MET,
        StatusCode.FAILED_PRECONDITION,
        short(f"'{alias}' of '{model_name}' was not moved: {told}", 1_000),
        {"model_name": model_name, "alias": alias, "failed": str(len(failed))},
        preconditions=[(short(r.condition.metric.key or r.condition.tag.key, 60), r.explanation) for r in failed],
    )


def no_previous_holder(model_name: str, alias: str) -> RunloreError:
    """The alias has had no earlier holder to go back to."""
    return RunloreError(
        v1.ERROR_REASON_NO_PREVIOUS_HOLDER,
        StatusCode.FAILED_PRECONDITION,
        f"'{alias}' of '{model_name}' has had no earlier holder to go back to",
        {"model_name": model_name, "alias": alias},
    )


def version_not_ready(model_name: str, version: int, status: str, what: str = "can hold an alias") -> RunloreError:
    """Only a READY version can do `what`."""
    return RunloreError(
        v1.ERROR_REASON_VERSION_NOT_READY,
        StatusCode.FAILED_PRECONDITION,
        f"version {version} of '{model_name}' is {status}: only a READY version {what}",
        {"model_name": model_name, "version": str(version), "status": status},
    )


def version_not_pending(model_name: str, version: int, status: str) -> RunloreError:
    """Only a PENDING version can become READY or FAILED."""
    return RunloreError(
        v1.ERROR_REASON_MODEL_VERSION_NOT_PENDING,
        StatusCode.FAILED_PRECONDITION,
        f"version {version} of '{model_name}' is {status} for good: only a PENDING version can become READY or FAILED",
        {"model_name": model_name, "version": str(version), "status": status},
        preconditions=[(f"version {version}", "must be PENDING")],
    )


def has_aliases(model_name: str, version: int | None, aliases: Sequence[str]) -> RunloreError:
    """Aliases point at the version that is to be deleted, or at some version of the model (None)."""
    first = ", ".join(aliases[:20])
    more = f" and {len(aliases) - 20} more" if len(aliases) > 20 else ""
    what = f"version {version} of '{model_name}'" if version is not None else f"registered model '{model_name}'"
    which = "point at it" if version is not None else "point at its versions"
    return RunloreError(
        v1.ERROR_REASON_HAS_ALIASES,
        StatusCode.FAILED_PRECONDITION,
        f"{what} was not deleted: aliases {which} ({first}{more}); move them, or set delete_aliases to delete them too",
        {
            "model_name": model_name,
            "version": str(version or ""),
            "aliases": ",".join(aliases[:20]),
            "count": str(len(aliases)),
        },
        preconditions=[(what, "must have no aliases")],
    )


def stage_moved(expected: str, current: str, version: v1.ModelVersion) -> RunloreError:
    """The version is not in the stage that the caller believed."""
    move = version.stage_move
    moved = version.HasField("stage_move")
    when, because = move.time.ToJsonString() if moved else "", f" ('{short(move.reason)}')" if move.reason else ""
    how = f"moved there by {_actor(move.actor)} at {when}{because}" if moved else "where it began"
    return RunloreError(
        v1.ERROR_REASON_STAGE_MOVED,
        StatusCode.ABORTED,
        f"version {version.version} of '{version.model_name}' was not moved: you expected it in {expected}, but it is "
        f"in {current}, {how}",
        {
            "model_name": version.model_name,
            "version": str(version.version),
            "expected_stage": expected,
            "current_stage": current,
            "moved_by": _actor(move.actor) if moved else "",
            "moved_at": when,
            "move_reason": short(move.reason),
        },
    )
