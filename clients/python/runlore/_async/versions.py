"""Versions of registered models: registering, finding, changing, measuring and deleting them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import SupportsFloat

from runlore import _words, v1
from runlore._async.connection import Connection
from runlore._async.paging import collect
from runlore._async.run import Run
from runlore._words import strings
from runlore.errors import AlreadyExistsError, NotFoundError, invalid_field


class VersionMethods(Connection):
    """What a client does with versions."""

    async def register(
        self,
        model_name: str,
        run: Run | v1.Run | v1.LoggedModel | str,
        path: str = "",
        *,
        description: str = "",
        tags: Mapping[str, object] | None = None,
    ) -> v1.ModelVersion:
        """Register a folder or file of a run's artifacts, or a logged model, as the model's next version.

        Nothing is copied, and the model is created when it is not there. What the run has recorded, the data it read
        and the logged model are frozen as the version's evidence: the points of a Run handle are flushed first. Raises
        NotFoundError when the run or the path is not there, PreconditionError when the logged model is not READY.
        """
        if isinstance(run, Run):
            await run.flush()
        request = v1.CreateModelVersionRequest(model_name=model_name, description=description, tags=strings(tags))
        if isinstance(run, v1.LoggedModel):
            if path:
                raise invalid_field("path", "is of a run's artifacts: leave it out for a logged model")
            request.logged_model_id = run.model_id
        else:
            request.run.run_id, request.run.path = run if isinstance(run, str) else run.run_id, path.strip("/")
        return await self.create_version(request)

    async def create_version(self, request: v1.CreateModelVersionRequest) -> v1.ModelVersion:
        """Register a version by the contract's own request, and the model with it when it is not there."""
        try:
            response = await self.registry.CreateModelVersion(request)
        except NotFoundError as error:
            if error.reason != "MODEL_NOT_FOUND":
                raise
            name = request.model_name
            try:
                await self.registry.CreateRegisteredModel(v1.CreateRegisteredModelRequest(name=name))
            except AlreadyExistsError as race:
                if race.reason != "MODEL_EXISTS":
                    raise
            response = await self.registry.CreateModelVersion(request)
        return response.model_version

    async def get_version(self, model_name: str, version: int | str) -> v1.ModelVersion:
        """Return a version with its frozen evidence, stage and aliases; raises NotFoundError."""
        request = v1.GetModelVersionRequest(model_name=model_name, version=_words.version_number("version", version))
        return (await self.registry.GetModelVersion(request)).model_version

    async def search_versions(
        self, model_name: str = "", filter: str = "", *, order_by: str = "", limit: int | None = 1_000
    ) -> list[v1.ModelVersion]:
        """Return the versions of a model, or of all, that match, such as `metrics.val_auc > 0.9`; the newest first.

        The language is that of `search_runs`; `runlore.v1.SearchModelVersionsRequest` lists the fields. At most `limit`
        of them; None for all. Raises NotFoundError, InvalidArgumentError.
        """
        request = v1.SearchModelVersionsRequest(model_name=model_name, filter=filter, order_by=order_by)
        return await collect(self.registry.SearchModelVersions, request, "model_versions", limit)

    async def update_version(
        self,
        model_name: str,
        version: int | str,
        *,
        description: str | None = None,
        status: str | None = None,
        status_message: str | None = None,
        artifact_path: str | None = None,
        manifest_digest: str | None = None,
    ) -> v1.ModelVersion:
        """Change a version's description, or complete one that is PENDING; what is None stays.

        `status` is what it becomes: `ready`, with its files, or `failed`, where `status_message` says why. The files
        are a folder or file of the artifacts of the version's run (`artifact_path`, empty for all of them), or a stored
        manifest (`manifest_digest`). The files and the evidence of a READY version never change. Raises NotFoundError,
        InvalidArgumentError, PreconditionError for a version that is not PENDING any more.
        """
        request = v1.UpdateModelVersionRequest(
            model_name=model_name,
            version=_words.version_number("version", version),
            description=description or "",
            status=_words.completion("status", status) if status is not None else v1.MODEL_VERSION_STATUS_UNSPECIFIED,
            status_message=status_message or "",
        )
        if artifact_path is not None and manifest_digest is not None:
            raise invalid_field("manifest_digest", "leave it out with artifact_path: the files are in one place")
        if artifact_path is not None:
            request.artifact_path = artifact_path.strip("/")
        if manifest_digest is not None:
            request.manifest_digest = manifest_digest
        given = {"description": description, "status": status, "status_message": status_message}
        request.update_mask.paths.extend(name for name, value in given.items() if value is not None)
        return (await self.registry.UpdateModelVersion(request)).model_version

    async def tag_version(
        self,
        model_name: str,
        version: int | str,
        tags: Mapping[str, object] | None = None,
        *,
        delete: Iterable[str] = (),
    ) -> v1.ModelVersion:
        """Set tags of a version, and delete those of the keys in `delete`; raises NotFoundError."""
        request = v1.SetModelVersionTagsRequest(
            model_name=model_name,
            version=_words.version_number("version", version),
            tags=strings(tags),
            delete_keys=delete,
        )
        return (await self.registry.SetModelVersionTags(request)).model_version

    async def delete_version(
        self, model_name: str, version: int | str, *, reason: str = "", delete_aliases: bool = False
    ) -> v1.ModelVersion:
        """Delete a version, and return it as it was. Its number is not given again, its history stays.

        Raises NotFoundError, PreconditionError for a version that aliases point at, unless `delete_aliases`.
        """
        request = v1.DeleteModelVersionRequest(
            model_name=model_name,
            version=_words.version_number("version", version),
            reason=reason,
            delete_aliases=delete_aliases,
        )
        return (await self.registry.DeleteModelVersion(request)).model_version

    async def record_evaluation(
        self,
        model_name: str,
        version: int | str,
        metrics: Mapping[str, SupportsFloat],
        *,
        dataset: v1.Dataset | v1.DatasetRef | None = None,
        run: Run | v1.Run | str | None = None,
        reason: str = "",
    ) -> list[v1.Evaluation]:
        """Add what was measured of a version after its registration, and return it, in the order of the metrics' keys.

        `dataset` is the data that it was measured on, `run` which run measured it. `promote` compares such numbers by
        `runlore.better(..., evaluated=True)`. Raises NotFoundError, InvalidArgumentError.
        """
        request = v1.RecordEvaluationRequest(
            model_name=model_name,
            version=_words.version_number("version", version),
            metrics={key: float(value) for key, value in metrics.items()},
            dataset_digest=dataset.digest if dataset is not None else "",
            dataset_name=dataset.name if dataset is not None else "",
            run_id=run if isinstance(run, str) else run.run_id if run is not None else "",
            reason=reason,
        )
        return list((await self.registry.RecordEvaluation(request)).evaluations)

    async def evaluations(
        self, model_name: str, version: int | str, metric: str = "", *, limit: int | None = 1_000
    ) -> list[v1.Evaluation]:
        """Return a version's evaluations, of all metrics or of one, the one recorded last first.

        At most `limit` of them; None for all. Raises NotFoundError.
        """
        request = v1.ListEvaluationsRequest(
            model_name=model_name, version=_words.version_number("version", version), key=metric
        )
        return await collect(self.registry.ListEvaluations, request, "evaluations", limit)
