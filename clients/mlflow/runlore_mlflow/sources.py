"""From MLflow's source of a version, a URI, to the files that the version holds.

Files that are in Runlore are named by digest, and nothing is sent. Others are brought in, because a version of Runlore
has its files and does not point at them.
"""

from __future__ import annotations

import logging
import tempfile
import urllib.parse
from dataclasses import dataclass, field
from pathlib import Path

from mlflow.entities.model_registry.prompt_version import IS_PROMPT_TAG_KEY, PROMPT_TEXT_TAG_KEY
from mlflow.exceptions import MlflowException
from mlflow.protos.databricks_pb2 import INVALID_PARAMETER_VALUE
from mlflow.store.artifact.utils.models import _parse_model_uri

from runlore import _files, v1
from runlore._progress import Counting
from runlore._sync import uploads
from runlore.errors import NotFoundError, RunloreError
from runlore_mlflow import ids, uris, version_tags
from runlore_mlflow.session import Session

log = logging.getLogger("runlore")

#: The file that a prompt's version holds.
PROMPT_FILE = "prompt.txt"


@dataclass
class Origin:
    """What a version is made of, and what MLflow would know besides."""

    #: A request with its `source` alone.
    request: v1.CreateModelVersionRequest
    #: The run, where the request does not name it.
    run_id: str = ""
    tags: dict[str, str] = field(default_factory=dict)


def resolve(session: Session, source: str, run_id: str, model_id: str, tags: dict[str, str]) -> Origin:
    """Return what a version of this source is made of; raises MlflowException when that cannot be had."""
    scheme = urllib.parse.urlsplit(source).scheme
    if model_id and not run_id:
        run_id = _logged_model(session, ids.model_id(model_id)).source_run_id
    if tags.get(IS_PROMPT_TAG_KEY) == "true":
        return Origin(_of_text(session, tags.get(PROMPT_TEXT_TAG_KEY, "")), tags={version_tags.SOURCE: source})
    if scheme == "models":
        try:
            return _of_model_uri(session, source, run_id)
        except (MlflowException, NotFoundError) as error:
            # With the code that MLflow's own store gives.
            raise MlflowException(
                f"Unable to fetch model from model URI source artifact location '{source}'. Error: {error}"
            ) from None
    place = _place(source, scheme, session)
    if place is None:
        return Origin(_of_files(session, source), run_id, {version_tags.SOURCE: source})
    if place.run_id:
        origin = Origin(v1.CreateModelVersionRequest(run=v1.RunSource(run_id=place.run_id, path=place.path)))
        if source != f"runs:/{place.run_id}/{place.path}".rstrip("/"):
            origin.tags[version_tags.SOURCE] = source
        return origin
    if place.model_id and not place.path:
        origin = Origin(v1.CreateModelVersionRequest(logged_model_id=place.model_id))
        origin.tags[version_tags.SOURCE] = source
        return origin
    digest = place.manifest_digest
    if place.model_id:
        digest = _logged_model(session, place.model_id).artifact_manifest_digest
    request = v1.GetManifestRequest(manifest_digest=digest, path=place.path, page_size=1)
    digest = session.client.artifacts.GetManifest(request).manifest.digest
    origin = Origin(v1.CreateModelVersionRequest(manifest_digest=digest), run_id)
    if source != uris.manifest(session.uri, digest):
        origin.tags[version_tags.SOURCE] = source
    return origin


def _place(source: str, scheme: str, session: Session) -> uris.Place | None:
    """Return whose artifacts of this workspace a source means; None when they are elsewhere."""
    if scheme == "runs":
        run_id, _, path = urllib.parse.urlsplit(source).path.strip("/").partition("/")
        return uris.Place(run_id=ids.run_id(run_id), path=path)
    if scheme == uris.SCHEME:
        store, path = uris.parse(source)
        return uris.place(path) if store == session.uri else None
    if scheme == "mlflow-artifacts":
        place = uris.place(urllib.parse.urlsplit(source).path)
        return place if place is not None and _is_here(session, place) else None
    return None


def _is_here(session: Session, place: uris.Place) -> bool:
    """Whether artifacts that MLflow's server passes on are passed on to this workspace."""
    try:
        if place.run_id:
            run = session.client.tracking.GetRun(v1.GetRunRequest(run_id=place.run_id)).run
            return bool(run.artifact_manifest_digest) and not run.artifact_location
        return not place.model_id or bool(_logged_model(session, place.model_id).artifact_manifest_digest)
    except NotFoundError:
        return False


def _logged_model(session: Session, model_id: str) -> v1.LoggedModel:
    asked = v1.GetLoggedModelRequest(model_id=model_id)
    return session.client.logged_models.GetLoggedModel(asked).logged_model


def _of_model_uri(session: Session, source: str, run_id: str) -> Origin:
    parsed = _parse_model_uri(source)
    if parsed.model_id is not None:
        model = _logged_model(session, ids.model_id(parsed.model_id))
        if model.artifact_location:
            # Its files are elsewhere.
            origin = Origin(_of_files(session, model.artifact_location), run_id or model.source_run_id)
            origin.tags[version_tags.SOURCE] = source
            return origin
        return Origin(v1.CreateModelVersionRequest(logged_model_id=model.model_id))
    reference = f"models:/{parsed.name}@{parsed.alias}" if parsed.alias else source
    version = session.client.registry.Resolve(v1.ResolveRequest(reference=reference)).model_version
    origin = _of_version(session, version) or Origin(
        v1.CreateModelVersionRequest(manifest_digest=version.manifest_digest), run_id
    )
    origin.tags[version_tags.SOURCE] = source
    return origin


def _of_version(session: Session, version: v1.ModelVersion) -> Origin | None:
    """Return what a version was made of, if that still has the same files: so that a copy has the same evidence."""
    try:
        if version.logged_model_id:
            model = _logged_model(session, version.logged_model_id)
            if model.artifact_manifest_digest == version.manifest_digest and _is_active(model):
                return Origin(v1.CreateModelVersionRequest(logged_model_id=model.model_id))
        elif version.run_id:
            run = session.client.tracking.GetRun(v1.GetRunRequest(run_id=version.run_id)).run
            if run.lifecycle_state == v1.LIFECYCLE_STATE_DELETED:
                return None
            request = v1.GetManifestRequest(run_id=version.run_id, path=version.artifact_path, page_size=1)
            if session.client.artifacts.GetManifest(request).manifest.digest == version.manifest_digest:
                source = v1.RunSource(run_id=version.run_id, path=version.artifact_path)
                return Origin(v1.CreateModelVersionRequest(run=source))
    except NotFoundError:
        pass
    return None


def _is_active(model: v1.LoggedModel) -> bool:
    return model.lifecycle_state == v1.LIFECYCLE_STATE_ACTIVE and model.status == v1.LOGGED_MODEL_STATUS_READY


def _of_text(session: Session, text: str) -> v1.CreateModelVersionRequest:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / PROMPT_FILE).write_text(text, encoding="utf-8")
        return _of_folder(session, folder)


def _of_files(session: Session, source: str) -> v1.CreateModelVersionRequest:
    """Bring in files that are elsewhere."""
    from mlflow.artifacts import download_artifacts

    with tempfile.TemporaryDirectory() as folder:
        try:
            found = download_artifacts(artifact_uri=source, dst_path=folder)
        except RunloreError:
            raise
        except (MlflowException, OSError) as error:
            raise MlflowException(
                f"The files of source '{source}' cannot be read, and a version of Runlore holds its files: {error}",
                INVALID_PARAMETER_VALUE,
            ) from None
        log.info("bringing the files of '%s' into Runlore", source)
        return _of_folder(session, found)


def _of_folder(session: Session, folder: str) -> v1.CreateModelVersionRequest:
    client = session.client
    files = _files.scan(folder, None, keep_name=False)
    if not files:
        raise MlflowException(f"'{folder}' has no files: a version holds at least one", INVALID_PARAMETER_VALUE)
    entries = uploads.send_files(client, "", files, Counting())
    return v1.CreateModelVersionRequest(manifest_digest=uploads.create_manifest(client, "", entries).digest)
