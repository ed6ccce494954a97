"""Artifacts: of runs and logged models, up and down, and of model versions, down."""

from __future__ import annotations

import os
import posixpath
import shutil
from collections.abc import Sequence
from pathlib import Path

from google.protobuf.field_mask_pb2 import FieldMask
from mlflow.entities import FileInfo
from mlflow.exceptions import MlflowException
from mlflow.protos.databricks_pb2 import INVALID_PARAMETER_VALUE, RESOURCE_DOES_NOT_EXIST
from mlflow.store.artifact.artifact_repo import ArtifactRepository

from runlore import _files, v1
from runlore._progress import Counting
from runlore._sync import downloads, uploads
from runlore.errors import ConflictError, InvalidArgumentError, NotFoundError
from runlore_mlflow import filters, uris
from runlore_mlflow.errors import translating
from runlore_mlflow.session import session_of


@translating
class RunloreArtifactRepository(ArtifactRepository):
    """Files below a `runlore://` URI, laid out as `runlore_mlflow.uris` says."""

    def __init__(self, artifact_uri: str, tracking_uri: str | None = None, registry_uri: str | None = None) -> None:
        """Take any URI below a workspace's; whose files it means is found out with each call."""
        super().__init__(artifact_uri, tracking_uri, registry_uri)
        self._uri, self._path = uris.parse(artifact_uri)
        self._session = session_of(self._uri)

    # Up.

    def log_artifact(self, local_file: str, artifact_path: str | None = None) -> None:
        """Store a file in a folder."""
        if not Path(local_file).is_file():
            raise MlflowException(f"No such file: '{local_file}'", INVALID_PARAMETER_VALUE)
        self._log(local_file, artifact_path, keep_name=True)

    def log_artifacts(self, local_dir: str, artifact_path: str | None = None) -> None:
        """Store what is in a folder."""
        if not Path(local_dir).is_dir():
            raise MlflowException(f"No such folder: '{local_dir}'", INVALID_PARAMETER_VALUE)
        self._log(local_dir, artifact_path, keep_name=False)

    def _log(self, local_path: str, artifact_path: str | None, *, keep_name: bool) -> None:
        place = self._place(artifact_path)
        files = _files.scan(local_path, place.path or None, keep_name=keep_name)
        if not files:
            return
        client = self._session.client
        entries = uploads.send_files(client, "", files, Counting())
        if place.run_id:
            uploads.log_files(client, "", place.run_id, entries)
        elif place.model_id:
            self._add_to_model(place.model_id, entries)
        else:
            raise MlflowException(
                f"{self.artifact_uri} is the files of a model version, which never change", INVALID_PARAMETER_VALUE
            )

    def _add_to_model(self, model_id: str, entries: Sequence[v1.FileEntry]) -> None:
        client = self._session.client
        while True:
            model = client.logged_models.GetLoggedModel(v1.GetLoggedModelRequest(model_id=model_id)).logged_model
            manifest = uploads.create_manifest(client, "", entries, base=model.artifact_manifest_digest)
            try:
                client.logged_models.UpdateLoggedModel(
                    v1.UpdateLoggedModelRequest(
                        model_id=model_id,
                        update_mask=FieldMask(paths=["manifest_digest"]),
                        manifest_digest=manifest.digest,
                        etag=model.etag,
                    )
                )
                return
            except ConflictError:
                # Somebody else changed it: the next try begins with what is there then.
                continue

    # Down.

    def list_artifacts(self, path: str | None = None) -> list[FileInfo]:
        """Return the entries of a folder, with paths from the repository's root; none for a file."""
        place = self._place(path)
        request = self._listing(place)
        if request is None:
            return []
        artifacts = self._session.client.artifacts

        def page(token: str, size: int) -> tuple[Sequence[v1.ArtifactEntry], str]:
            request.page_token, request.page_size = token, size
            answer = artifacts.ListArtifacts(request)
            return answer.entries, answer.next_page_token

        try:
            entries, _ = filters.collect(page, "", None)
        except (NotFoundError, InvalidArgumentError) as error:
            # Nothing is there, or it is a file.
            if error.reason == "ARTIFACT_NOT_FOUND" or "path" in error.fields:
                return []
            raise
        folder = (path or "").strip("/")
        found = [
            FileInfo(
                posixpath.join(folder, entry.name),
                entry.WhichOneof("entry") == "folder",
                None if entry.WhichOneof("entry") == "folder" else entry.size,
            )
            for entry in entries
        ]
        return sorted(found, key=lambda info: info.path)

    def download_artifacts(self, artifact_path: str, dst_path: str | None = None) -> str:
        """Download a file or a folder; a folder as a whole, through the client's cache."""
        if dst_path is not None and self._is_directory(artifact_path):
            destination = os.path.abspath(dst_path)
            if os.path.isdir(destination):
                inside = self._create_download_destination(artifact_path, destination) if artifact_path else destination
                self._fetch(artifact_path, inside)
                return inside
        return str(super().download_artifacts(artifact_path, dst_path))

    def _fetch(self, path: str, destination: str) -> None:
        client = self._session.client
        digest = client.artifacts.GetManifest(self._asked(self._place(path), page_size=1)).manifest.digest
        folder = downloads.fetch(client, "", digest)
        shutil.copytree(folder, destination, copy_function=_copy, dirs_exist_ok=True)

    def _download_file(self, remote_file_path: str, local_path: str) -> None:
        place = self._place(remote_file_path)
        request = self._asked(place, page_size=1, include_urls=True)
        client = self._session.client
        answer = client.artifacts.GetManifest(request)
        name = posixpath.basename(place.path)
        if not place.path or answer.manifest.file_count != 1 or answer.files[0].path != name:
            raise MlflowException(f"No such file: '{remote_file_path}'", RESOURCE_DOES_NOT_EXIST)
        folder = downloads.fetch(client, "", answer.manifest.digest)
        _copy(str(folder / name), local_path)

    def delete_artifacts(self, artifact_path: str | None = None) -> None:
        """Take files or a folder out of a run's artifacts.

        Without a path nothing is done: the artifacts of a run or a logged model go when it is purged, and their bytes
        when nothing else has them.
        """
        place = self._place(artifact_path)
        if not place.path:
            return
        if not place.run_id:
            raise MlflowException(
                f"{self.artifact_uri}: only a run's files can be deleted one by one", INVALID_PARAMETER_VALUE
            )
        self._session.client.artifacts.DeleteArtifacts(
            v1.DeleteArtifactsRequest(run_id=place.run_id, paths=[place.path])
        )

    # Whose files.

    def _place(self, path: str | None) -> uris.Place:
        whole = posixpath.join(self._path, (path or "").strip("/")).strip("/")
        place = uris.place(whole)
        if place is None:
            raise MlflowException(
                f"'{whole}' in {self._uri} is nobody's artifacts: it must begin with <experiment>/<run>/artifacts, "
                "<experiment>/models/<model>/artifacts or manifests/<digest>",
                INVALID_PARAMETER_VALUE,
            )
        return place

    def _listing(self, place: uris.Place) -> v1.ListArtifactsRequest | None:
        """Return the request that lists a folder; None when there are no files at all."""
        request = v1.ListArtifactsRequest(path=place.path)
        if place.run_id:
            request.run_id = place.run_id
        else:
            request.manifest_digest = self._digest(place)
        return request if place.run_id or request.manifest_digest else None

    def _asked(self, place: uris.Place, *, page_size: int, include_urls: bool = False) -> v1.GetManifestRequest:
        request = v1.GetManifestRequest(path=place.path, page_size=page_size, include_urls=include_urls)
        if place.run_id:
            request.run_id = place.run_id
        elif digest := self._digest(place):
            request.manifest_digest = digest
        else:
            raise MlflowException(f"There are no files in {self.artifact_uri}", RESOURCE_DOES_NOT_EXIST)
        return request

    def _digest(self, place: uris.Place) -> str:
        if place.manifest_digest:
            return place.manifest_digest
        asked = v1.GetLoggedModelRequest(model_id=place.model_id)
        return str(self._session.client.logged_models.GetLoggedModel(asked).logged_model.artifact_manifest_digest)


def _copy(source: str, destination: str) -> None:
    """Copy a file of the cache, whose files are read-only and dated to a day of long ago."""
    shutil.copyfile(source, destination)
    executable = os.stat(source).st_mode & 0o111
    if executable:
        os.chmod(destination, os.stat(destination).st_mode | executable)
