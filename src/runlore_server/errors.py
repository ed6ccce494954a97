"""Domain errors: what went wrong, for programs (reason, metadata, fields) and for people (message).

Anything may raise them; `interceptors/errors.py` turns them into a gRPC status, and nothing else does. Each factory's
metadata is what the comment of its reason in `error.proto` promises.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from grpc import StatusCode

from runlore import v1


@dataclass(frozen=True)
class Violation:
    """One field that breaks a rule: its path in the request, and the rule with what would be accepted."""

    field: str
    description: str


@dataclass
class RunloreError(Exception):
    """A refusal or failure that the caller is told about in full."""

    reason: v1.ErrorReason.ValueType
    code: StatusCode
    message: str
    metadata: Mapping[str, str] = field(default_factory=dict)
    violations: Sequence[Violation] = ()
    #: Failed preconditions as (subject, description), for google.rpc.PreconditionFailure.
    preconditions: Sequence[tuple[str, str]] = ()
    #: Seconds after which a retry may help; None when it cannot.
    retry_after: float | None = None

    def __str__(self) -> str:
        return self.message

    @property
    def reason_name(self) -> str:
        """The reason as ErrorInfo carries it, such as `ALIAS_MOVED`."""
        return v1.ErrorReason.Name(self.reason).removeprefix("ERROR_REASON_")


def invalid_fields(violations: Sequence[Violation]) -> RunloreError:
    """Fields of the request break rules of the contract."""
    text = "; ".join(f"{v.field}: {v.description}" if v.field else v.description for v in violations)
    return RunloreError(v1.ERROR_REASON_INVALID_FIELD, StatusCode.INVALID_ARGUMENT, text, violations=violations)


def invalid_field(name: str, description: str) -> RunloreError:
    """One field of the request breaks a rule of the contract."""
    return invalid_fields([Violation(name, description)])


def invalid_filter(name: str, column: int, found: str, expected: str) -> RunloreError:
    """A search filter or order does not parse; `column` counts from 1."""
    text = f"column {column}: found {found}, expected {expected}"
    return RunloreError(
        v1.ERROR_REASON_INVALID_FILTER,
        StatusCode.INVALID_ARGUMENT,
        f"{name}: {text}",
        {"field": name, "column": str(column), "expected": expected},
        [Violation(name, text)],
    )


def invalid_page_token() -> RunloreError:
    """The page token was not issued for this request."""
    rule = "is not a token of this request: send a response's next_page_token with the same request, or leave it empty"
    return RunloreError(
        v1.ERROR_REASON_INVALID_PAGE_TOKEN,
        StatusCode.INVALID_ARGUMENT,
        f"page_token: {rule}",
        violations=[Violation("page_token", rule)],
    )


def invalid_position(name: str) -> RunloreError:
    """The event position has no form that a server gives out."""
    rule = "is not an event position: send one that an event or a Resolve carried, or leave it empty"
    return RunloreError(
        v1.ERROR_REASON_INVALID_POSITION,
        StatusCode.INVALID_ARGUMENT,
        f"{name}: {rule}",
        violations=[Violation(name, rule)],
    )


def position_of_another_log(name: str, log_id: str, position_log_id: str) -> RunloreError:
    """The event position was given out by another log, as before a restore."""
    return RunloreError(
        v1.ERROR_REASON_POSITION_OF_ANOTHER_LOG,
        StatusCode.FAILED_PRECONDITION,
        f"{name}: belongs to the log {position_log_id}, and this server's log is {log_id}: it was restored from a "
        "backup or is another server; begin again from an empty position",
        {"log_id": log_id, "position_log_id": position_log_id},
        [Violation(name, f"a position of the log {log_id}")],
    )


def batch_too_large(field_name: str, limit: str, maximum: int, actual: int) -> RunloreError:
    """The request or its answer holds more than one call may."""
    rule = f"{actual} is over the cap of {maximum} in one call ({limit})"
    return RunloreError(
        v1.ERROR_REASON_BATCH_TOO_LARGE,
        StatusCode.RESOURCE_EXHAUSTED,
        f"{field_name}: {rule}",
        {"limit": limit, "maximum": str(maximum), "actual": str(actual)},
        [Violation(field_name, rule)],
    )


def experiment_not_found(workspace: str, *, experiment_id: str = "", name: str = "") -> RunloreError:
    """No such experiment in the workspace."""
    what = f"id {experiment_id}" if experiment_id else f"name '{name}'"
    key = {"experiment_id": experiment_id} if experiment_id else {"experiment_name": name}
    return RunloreError(
        v1.ERROR_REASON_EXPERIMENT_NOT_FOUND,
        StatusCode.NOT_FOUND,
        f"no experiment with the {what} in workspace '{workspace}'",
        {"workspace": workspace, **key},
    )


def experiment_exists(workspace: str, name: str, experiment_id: str, *, deleted: bool) -> RunloreError:
    """The name is taken in the workspace, maybe by an experiment that was deleted."""
    cure = ", which was deleted: restore it, or rename or purge it to free the name" if deleted else ""
    return RunloreError(
        v1.ERROR_REASON_EXPERIMENT_EXISTS,
        StatusCode.ALREADY_EXISTS,
        f"workspace '{workspace}' has an experiment '{_short(name)}' already{cure}",
        {"workspace": workspace, "experiment_name": name, "experiment_id": experiment_id},
    )


def experiment_deleted(experiment_id: str, name: str) -> RunloreError:
    """The experiment was deleted and takes no runs."""
    return RunloreError(
        v1.ERROR_REASON_EXPERIMENT_DELETED,
        StatusCode.FAILED_PRECONDITION,
        f"experiment '{_short(name)}' was deleted and takes no runs; restore it first",
        {"experiment_id": experiment_id},
        preconditions=[(f"experiment {experiment_id}", "must be active")],
    )


def run_not_found(run_id: str, what: str = "run") -> RunloreError:
    """No such run in the workspace."""
    return RunloreError(
        v1.ERROR_REASON_RUN_NOT_FOUND, StatusCode.NOT_FOUND, f"no {what} with the id {run_id}", {"run_id": run_id}
    )


def run_exists(run_id: str) -> RunloreError:
    """The client's own run id is taken."""
    return RunloreError(
        v1.ERROR_REASON_RUN_EXISTS,
        StatusCode.ALREADY_EXISTS,
        f"run_id: a run with the id {run_id} exists already, or did until it was purged",
        {"run_id": run_id},
        [Violation("run_id", "an id that no run has or had, or empty for one made by the server")],
    )


def run_deleted(run_id: str, *, with_experiment: str = "", what: str = "run") -> RunloreError:
    """The run was deleted and takes nothing new; `with_experiment` names its experiment when that was what was."""
    how, cure = "was deleted", "it"
    if with_experiment:
        how, cure = f"was deleted with its experiment '{_short(with_experiment)}'", "the experiment"
    return RunloreError(
        v1.ERROR_REASON_RUN_DELETED,
        StatusCode.FAILED_PRECONDITION,
        f"{what} {run_id} {how} and takes nothing new; restore {cure} first",
        {"run_id": run_id},
        preconditions=[(f"run {run_id}", "must be active")],
    )


def run_not_deleted(run_id: str) -> RunloreError:
    """Only a deleted run can be purged."""
    return RunloreError(
        v1.ERROR_REASON_RUN_NOT_DELETED,
        StatusCode.FAILED_PRECONDITION,
        f"run {run_id} is active; delete it first, which can be undone, and then purge it",
        {"run_id": run_id},
        preconditions=[(f"run {run_id}", "must be deleted")],
    )


def experiment_not_deleted(experiment_id: str, name: str) -> RunloreError:
    """Only a deleted experiment can be purged."""
    return RunloreError(
        v1.ERROR_REASON_EXPERIMENT_NOT_DELETED,
        StatusCode.FAILED_PRECONDITION,
        f"experiment '{_short(name)}' is active; delete it first, which can be undone, and then purge it",
        {"experiment_id": experiment_id},
        preconditions=[(f"experiment {experiment_id}", "must be deleted")],
    )


def param_conflict(owner: Mapping[str, str], key: str, recorded: str, refused: str) -> RunloreError:
    """The param has another value already; `owner` is `run_id` or `model_id` with its value."""
    return RunloreError(
        v1.ERROR_REASON_PARAM_CONFLICT,
        StatusCode.INVALID_ARGUMENT,
        f"params['{key}']: is '{_short(recorded)}' already and cannot become '{_short(refused)}': params never change",
        {**owner, "key": key, "recorded": _short(recorded), "refused": _short(refused)},
        [Violation(f'params["{key}"]', f"the recorded value '{_short(recorded)}', or another key")],
    )


def sequence_gap(
    run_id: str, writer_id: str, sequence: int, expected: int, field_name: str = "sequence"
) -> RunloreError:
    """The writer's batch or frame does not follow its last one."""
    what = "batch" if field_name == "sequence" else "point"
    return RunloreError(
        v1.ERROR_REASON_SEQUENCE_GAP,
        StatusCode.FAILED_PRECONDITION,
        f"{field_name}: {sequence} leaves a gap; the next {what} of writer '{writer_id}' is {expected}",
        {
            "run_id": run_id,
            "writer_id": writer_id,
            "sequence": str(sequence),
            "expected_sequence": str(expected),
        },
        [Violation(field_name, f"{expected}, or a number up to {expected - 1} that was sent before")],
    )


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
        because = f" ('{_short(current.reason)}')" if current.reason else ""
        actual = f"version {current.version} holds it, set by {_actor(current.set_by)} at {when}{because}"
        trail = {
            "current_version": str(current.version),
            "moved_by": _actor(current.set_by),
            "moved_at": when,
            "move_reason": _short(current.reason),
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
        _short(f"'{alias}' of '{model_name}' was not moved: {told}", 1_000),
        {"model_name": model_name, "alias": alias, "failed": str(len(failed))},
        preconditions=[(_short(r.condition.metric.key or r.condition.tag.key, 60), r.explanation) for r in failed],
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
    when, because = move.time.ToJsonString() if moved else "", f" ('{_short(move.reason)}')" if move.reason else ""
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
            "move_reason": _short(move.reason),
        },
    )


def logged_model_not_found(model_id: str) -> RunloreError:
    """No such logged model in the workspace."""
    return RunloreError(
        v1.ERROR_REASON_LOGGED_MODEL_NOT_FOUND,
        StatusCode.NOT_FOUND,
        f"no logged model with the id {model_id}",
        {"model_id": model_id},
    )


def logged_model_exists(model_id: str) -> RunloreError:
    """The client's own model id is taken."""
    return RunloreError(
        v1.ERROR_REASON_LOGGED_MODEL_EXISTS,
        StatusCode.ALREADY_EXISTS,
        f"model_id: {model_id} is the id of another record already",
        {"model_id": model_id},
        [Violation("model_id", "an id that no record has, or empty for one made by the server")],
    )


def logged_model_deleted(model_id: str, *, with_experiment: str = "") -> RunloreError:
    """The logged model was deleted and takes nothing new; `with_experiment` names its experiment when that was."""
    how, cure = "was deleted", "it"
    if with_experiment:
        how, cure = f"was deleted with its experiment '{_short(with_experiment)}'", "the experiment"
    return RunloreError(
        v1.ERROR_REASON_LOGGED_MODEL_DELETED,
        StatusCode.FAILED_PRECONDITION,
        f"logged model {model_id} {how} and takes nothing new; restore {cure} first",
        {"model_id": model_id},
        preconditions=[(f"logged model {model_id}", "must be active")],
    )


def logged_model_not_ready(model_id: str, status: str) -> RunloreError:
    """Only a READY logged model can be registered."""
    return RunloreError(
        v1.ERROR_REASON_LOGGED_MODEL_NOT_READY,
        StatusCode.FAILED_PRECONDITION,
        f"logged model {model_id} is {status}: only a READY one can be registered",
        {"model_id": model_id, "status": status},
        preconditions=[(f"logged model {model_id}", "must be READY")],
    )


def manifest_not_found(digest: str) -> RunloreError:
    """No manifest of that digest is stored."""
    return RunloreError(
        v1.ERROR_REASON_MANIFEST_NOT_FOUND,
        StatusCode.NOT_FOUND,
        f"no manifest with the digest {digest}",
        {"manifest_digest": digest},
    )


def artifact_not_found(path: str, where: str) -> RunloreError:
    """Nothing is stored at that path; `where` names the run or manifest."""
    what = f"no artifact at '{path}'" if path else "no artifacts"
    return RunloreError(v1.ERROR_REASON_ARTIFACT_NOT_FOUND, StatusCode.NOT_FOUND, f"{what} in {where}", {"path": path})


def blob_missing(digests: Sequence[str]) -> RunloreError:
    """Files name blobs that are not stored."""
    return RunloreError(
        v1.ERROR_REASON_BLOB_MISSING,
        StatusCode.FAILED_PRECONDITION,
        f"{len(digests)} blob(s) of these files are not stored, first {digests[0]}: upload them, then call again",
        {"missing": str(len(digests)), "first": digests[0]},
    )


def blob_not_found(sha256: str) -> RunloreError:
    """No blob of that digest is stored."""
    return RunloreError(
        v1.ERROR_REASON_BLOB_NOT_FOUND, StatusCode.NOT_FOUND, f"no blob with the sha256 {sha256}", {"sha256": sha256}
    )


def digest_mismatch(sha256: str, size: int, actual_sha256: str, actual_size: int) -> RunloreError:
    """The bytes are not those that were announced."""
    return RunloreError(
        v1.ERROR_REASON_DIGEST_MISMATCH,
        StatusCode.INVALID_ARGUMENT,
        f"announced {size} bytes of sha256 {sha256}, received {actual_size} bytes of sha256 {actual_sha256}: "
        "nothing was stored",
        {
            "sha256": sha256,
            "actual_sha256": actual_sha256,
            "size": str(size),
            "actual_size": str(actual_size),
        },
    )


def upload_offset_mismatch(sha256: str, offset: int, kept: int) -> RunloreError:
    """An upload goes on from bytes that are not kept."""
    rule = f"is {offset}, and {kept} bytes are kept of the blob {sha256}: go on from there, or from 0"
    return RunloreError(
        v1.ERROR_REASON_UPLOAD_OFFSET_MISMATCH,
        StatusCode.FAILED_PRECONDITION,
        f"offset: {rule}",
        {"sha256": sha256, "offset": str(offset), "kept_bytes": str(kept)},
        [Violation("offset", rule)],
    )


def path_conflict(field_name: str, path: str, description: str) -> RunloreError:
    """A path would be both a file and a folder, or one name with another."""
    return RunloreError(
        v1.ERROR_REASON_PATH_CONFLICT,
        StatusCode.INVALID_ARGUMENT,
        f"{field_name}: {description}",
        {"path": path},
        [Violation(field_name, description)],
    )


def etag_mismatch(etag: str) -> RunloreError:
    """The record changed since it was read."""
    return RunloreError(
        v1.ERROR_REASON_ETAG_MISMATCH,
        StatusCode.ABORTED,
        "etag: the record has changed since it was read; read it again, then decide",
        {"etag": etag},
        [Violation("etag", "the record's present etag, or empty to change it whatever it is")],
    )


def request_id_reused(request_id: str, method: str) -> RunloreError:
    """The request id was used for another request."""
    return RunloreError(
        v1.ERROR_REASON_REQUEST_ID_REUSED,
        StatusCode.ALREADY_EXISTS,
        f"request_id: '{request_id}' was used for another {method.rpartition('/')[2]} request; take a new one",
        {"request_id": request_id, "method": method},
        [Violation("request_id", "an id that no other request used within 24 hours")],
    )


def database_unavailable() -> RunloreError:
    """Postgres does not answer."""
    return RunloreError(
        v1.ERROR_REASON_DATABASE_UNAVAILABLE,
        StatusCode.UNAVAILABLE,
        "the server cannot reach its database; try again in a moment",
        retry_after=1.0,
    )


def blob_store_unavailable(what: str) -> RunloreError:
    """The object store does not answer; `what` says what was tried, without keys or signed URLs."""
    return RunloreError(
        v1.ERROR_REASON_BLOB_STORE_UNAVAILABLE,
        StatusCode.UNAVAILABLE,
        f"the server's artifact store failed: {what}; try again in a moment",
        retry_after=1.0,
    )


def blob_store_misconfigured(what: str, answer: str, cure: str) -> RunloreError:
    """The object store answers, and refuses the server with `answer`; `cure` is for who runs the server."""
    return RunloreError(
        v1.ERROR_REASON_BLOB_STORE_MISCONFIGURED,
        StatusCode.FAILED_PRECONDITION,
        f"the server's artifact store refused it: {what}: {answer}. Whoever runs the server must act: {cure}",
        {"answer": answer},
    )


def blob_store_full() -> RunloreError:
    """The object store has no room left."""
    return RunloreError(
        v1.ERROR_REASON_BLOB_STORE_FULL,
        StatusCode.RESOURCE_EXHAUSTED,
        "the server's artifact store has no room left and stored nothing; whoever runs the server can free some "
        "(runlore-server gc) or add some, then try again",
    )


def server_stopping() -> RunloreError:
    """The server ends its streams because it stops."""
    return RunloreError(
        v1.ERROR_REASON_SERVER_STOPPING,
        StatusCode.UNAVAILABLE,
        "the server is stopping; what it acknowledged is committed, go on with another stream in a moment",
        retry_after=1.0,
    )


def contention() -> RunloreError:
    """Concurrent changes kept colliding."""
    return RunloreError(
        v1.ERROR_REASON_CONTENTION,
        StatusCode.ABORTED,
        "concurrent changes kept colliding with this one; nothing was changed, try again",
        retry_after=0.1,
    )


def internal() -> RunloreError:
    """A defect of the server: the log has the rest."""
    return RunloreError(
        v1.ERROR_REASON_INTERNAL,
        StatusCode.INTERNAL,
        "the server failed on this call; its log says why, under the trace id of this error",
    )


def _actor(actor: v1.Actor) -> str:
    """An actor as `<kind>:<id>`, or as it came when its kind is not known."""
    kind = v1.ActorKind.Name(actor.kind).removeprefix("ACTOR_KIND_").lower()
    return f"{kind}:{actor.id}" if actor.kind else actor.id


def _short(value: str, limit: int = 200) -> str:
    return value if len(value) <= limit else value[:limit] + "…"
