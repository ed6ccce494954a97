"""Versions of registered models, under their numbers: those of versions that the source deleted are used up."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from google.protobuf.field_mask_pb2 import FieldMask
from mlflow.entities.model_registry.prompt_version import IS_PROMPT_TAG_KEY, PROMPT_TEXT_TAG_KEY

from runlore import v1
from runlore.errors import InvalidArgumentError, NotFoundError, PreconditionError
from runlore_mlflow import version_tags
from runlore_mlflow.importing import facts, files, logged_models, runs
from runlore_mlflow.importing.context import REASON, Importing
from runlore_mlflow.importing.experiments import tag_changes
from runlore_mlflow.sources import PROMPT_FILE

if TYPE_CHECKING:
    from mlflow.entities.model_registry import ModelVersion, RegisteredModel

_MESSAGE = 4_096
#: What marks a version that only uses up a number.
_PLACEHOLDER = f"{REASON}: a version that the source has deleted"


def stored(ctx: Importing, model_name: str) -> dict[int, v1.ModelVersion]:
    """Return Runlore's versions of a model, by number."""
    request = v1.SearchModelVersionsRequest(model_name=model_name, page_size=1_000)
    found: dict[int, v1.ModelVersion] = {}
    while True:
        page = ctx.client.registry.SearchModelVersions(request)
        found.update((version.version, version) for version in page.model_versions)
        if not page.next_page_token:
            return found
        request.page_token = page.next_page_token


def carry(ctx: Importing, model: RegisteredModel, present: v1.RegisteredModel) -> None:
    """Carry what is missing of a model's versions, in the order of their numbers."""
    given = sorted(ctx.source.versions(model), key=lambda version: int(version.version))
    ctx.report.found["versions"] += len(given)
    has = stored(ctx, model.name)
    for number in has.keys() - {int(version.version) for version in given}:
        if has[number].status_message == _PLACEHOLDER:
            # An import was broken off between using up a number and deleting what used it.
            _delete(ctx, model.name, number)
    used = _last_number(ctx, model.name)
    for version in given:
        number = int(version.version)
        wanted = facts.of_version(version, ctx.lose("version", _name(version)))
        found = has.get(number)
        if found is None:
            for gap in range(used + 1, number):
                _use_up(ctx, present, gap)
            found = _create(ctx, present.model_id, version, wanted) if used < number else None
            used = max(used, number)
        if found is None or found.version != number:
            ctx.report.lose("version", _name(version), "Runlore has given its number to another one, since deleted")
            continue
        _update(ctx, version, wanted, found)
        ctx.progress()


def _last_number(ctx: Importing, model_name: str) -> int:
    """Return the last number that Runlore has given, be it to a version that is deleted."""
    created = ctx.client.history(model_name, kinds=[v1.EVENT_KIND_MODEL_VERSION_CREATED], newest_first=True, limit=1)
    return created[0].after.model_version.version if created else 0


def _use_up(ctx: Importing, model: v1.RegisteredModel, number: int) -> None:
    """Use up the number of a version that the source has deleted."""
    created = ctx.client.registry.CreateModelVersion(
        v1.CreateModelVersionRequest(
            model_name=model.name,
            pending=v1.PendingSource(status_message=_PLACEHOLDER),
            request_id=_request_id(model.model_id, number),
        )
    )
    _delete(ctx, model.name, created.model_version.version)


def _create(ctx: Importing, model_id: str, version: ModelVersion, wanted: facts.Facts) -> v1.ModelVersion:
    """Create the version. Files that are no logged model's come with the next step: they may have to be copied."""
    request = v1.CreateModelVersionRequest(
        model_name=version.name,
        description=wanted["description"],
        tags=wanted["tags"],
        request_id=_request_id(model_id, int(version.version)),
    )
    _fill(ctx, version, wanted, request)
    try:
        created = ctx.client.registry.CreateModelVersion(request).model_version
    except PreconditionError:
        # It is of a run that was deleted by an earlier import.
        if not version.run_id:
            raise
        runs.reopen(ctx, version.run_id)
        created = ctx.client.registry.CreateModelVersion(request).model_version
    ctx.wrote("versions")
    return created


def _request_id(model_id: str, number: int) -> str:
    return hashlib.sha256(f"{model_id} {number}".encode()).hexdigest()[:40]


def _fill(ctx: Importing, version: ModelVersion, wanted: facts.Facts, request: v1.CreateModelVersionRequest) -> None:
    """Say what the version is made of, and what the plugin tells MLflow besides; without files it is PENDING."""
    run_id = version.run_id or ""
    if run_id and not runs.ensure(ctx, run_id):
        request.tags[version_tags.RUN_ID] = run_id
        run_id = ""
    if version.run_link:
        request.tags[version_tags.RUN_LINK] = version.run_link
    model = logged_model_of(ctx, version)
    if model is not None and model.artifact_manifest_digest and model.status == v1.LOGGED_MODEL_STATUS_READY:
        request.logged_model_id = model.model_id
        return
    if version.source and (not ctx.copies_files or _path_in_run(ctx, version) is None):
        request.tags[version_tags.SOURCE] = version.source[: facts.MAX_REGISTRY_VALUE]
    request.pending.run_id = run_id
    said = version.status_message if wanted["status"] != "READY" else f"{REASON}: the files are still to come"
    request.pending.status_message = (said or "")[:_MESSAGE]


def _path_in_run(ctx: Importing, version: ModelVersion) -> str | None:
    """Return where in its run's artifacts a version's files are; None when they are elsewhere."""
    run = ctx.source.run(version.run_id) if version.run_id else None
    if run is None or not runs.ensure(ctx, version.run_id):
        return None
    source, root = f"{(version.source or '').rstrip('/')}/", f"{run.info.artifact_uri.rstrip('/')}/"
    return source[len(root) :].strip("/") if source.startswith(root) else None


def logged_model_of(ctx: Importing, version: ModelVersion) -> v1.LoggedModel | None:
    """Return the logged model in Runlore that a version was registered from; None when it was from none."""
    source = (version.source or "").removeprefix("models:/")
    found = facts.MODEL_ID.fullmatch(source) or facts.MODEL_ID.fullmatch(getattr(version, "model_id", None) or "")
    return logged_models.get(ctx, found[1]) if found else None


def _update(ctx: Importing, version: ModelVersion, wanted: facts.Facts, found: v1.ModelVersion) -> None:
    registry, has = ctx.client.registry, facts.of_our_version(found)
    at = {"model_name": version.name, "version": found.version}
    if wanted["status"] != has["status"] and has["status"] == "PENDING":
        _complete(ctx, version, wanted)
    if wanted["description"] != has["description"]:
        mask = FieldMask(paths=["description"])
        registry.UpdateModelVersion(
            v1.UpdateModelVersionRequest(**at, description=wanted["description"], update_mask=mask)
        )
        ctx.wrote("descriptions")
    changed, gone = tag_changes(wanted["tags"], has["tags"])
    if changed or gone:
        registry.SetModelVersionTags(v1.SetModelVersionTagsRequest(**at, tags=changed, delete_keys=gone))
        ctx.wrote("tags", len(changed) + len(gone))
    if wanted["stage"] != has["stage"] and found.stage_move.reason in ("", REASON):
        stage = v1.ModelStage.Value(f"MODEL_STAGE_{wanted['stage'].upper()}")
        try:
            registry.SetStage(v1.SetStageRequest(**at, stage=stage, expected_stage=found.stage, reason=REASON))
        except (PreconditionError, InvalidArgumentError) as refused:
            ctx.report.lose("stage of version", _name(version), f"Runlore refused it: {refused.message}")
            return
        ctx.wrote("stages")


def _complete(ctx: Importing, version: ModelVersion, wanted: facts.Facts) -> None:
    """Give a PENDING version its files, or say that it failed."""
    request = v1.UpdateModelVersionRequest(model_name=version.name, version=int(version.version))
    if wanted["status"] == "FAILED":
        request.status = v1.MODEL_VERSION_STATUS_FAILED
        request.status_message = (version.status_message or "")[:_MESSAGE]
        request.update_mask.CopyFrom(FieldMask(paths=["status", "status_message"]))
    else:
        if not _place_files(ctx, version, request):
            return
        request.status = v1.MODEL_VERSION_STATUS_READY
        request.update_mask.CopyFrom(FieldMask(paths=["status"]))
    try:
        ctx.client.registry.UpdateModelVersion(request)
    except (NotFoundError, PreconditionError) as refused:
        ctx.report.lose("files of version", _name(version), f"Runlore refused them: {refused.message}")


def _place_files(ctx: Importing, version: ModelVersion, request: v1.UpdateModelVersionRequest) -> bool:
    """Say where the files are: in the run's artifacts, or copied from elsewhere."""
    if version.tags.get(IS_PROMPT_TAG_KEY) == "true":
        request.manifest_digest = files.text(ctx, PROMPT_FILE, version.tags.get(PROMPT_TEXT_TAG_KEY, ""))
        return True
    if not ctx.copies_files:
        why = "files were not to be copied"
    elif (path := _path_in_run(ctx, version)) is not None:
        request.artifact_path = path
        return True
    else:
        try:
            wanted = files.listed(ctx, version.source) if version.source else {}
            if wanted:
                request.manifest_digest = files.manifest(ctx, version.source, wanted)
                return True
            why = "there are none"
        except files.UnreadableFilesError as problem:
            why = str(problem)
    ctx.report.lose("files of version", _name(version), f"{why}; the version stays PENDING")
    return False


def compare(ctx: Importing, version: ModelVersion, found: v1.ModelVersion, wanted: facts.Facts) -> list[str]:
    """Return in what a version differs."""
    lines = facts.differences(wanted, facts.of_our_version(found))
    run_id = found.run_id or found.tags.get(version_tags.RUN_ID) or found.evidence.logged_model.source_run_id
    if version.run_id and run_id != version.run_id:
        lines.append(f"run: {version.run_id} at the source, {run_id or 'none'} in Runlore")
    model = logged_model_of(ctx, version)
    if model is not None and found.manifest_digest != model.artifact_manifest_digest:
        lines.append(f"files: not those of logged model m-{model.model_id}")
    elif model is None and found.manifest_digest and IS_PROMPT_TAG_KEY not in version.tags:
        lines += files.compare(ctx, version.source, found.manifest_digest)
    return lines


def _delete(ctx: Importing, model_name: str, number: int) -> None:
    ctx.client.registry.DeleteModelVersion(
        v1.DeleteModelVersionRequest(model_name=model_name, version=number, reason=REASON)
    )


def _name(version: ModelVersion) -> str:
    return f"{version.name}/{version.version}"
