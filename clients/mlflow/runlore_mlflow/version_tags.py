"""What MLflow knows of a model version and Runlore has no field for, kept as tags of the version.

A version of Runlore holds its files. MLflow's points at where they were: that is told from what the version was made
of, and kept as a tag only where it cannot be.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from runlore import v1
from runlore_mlflow import uris

if TYPE_CHECKING:
    from runlore_mlflow.session import Session

#: Where the files were before they came to Runlore.
SOURCE = "runlore.mlflow.source"
#: The run of a version that was made of files that are not the run's any more, as a copy of another version.
RUN_ID = "runlore.mlflow.run_id"
#: A link to a run on another server.
RUN_LINK = "runlore.mlflow.run_link"
#: Not shown as tags of MLflow's.
HIDDEN = frozenset({SOURCE, RUN_ID, RUN_LINK})


def source(session: Session, version: v1.ModelVersion) -> str:
    """Return MLflow's source of a version."""
    if kept := version.tags.get(SOURCE):
        return kept
    if version.logged_model_id:
        return f"models:/m-{version.logged_model_id}"
    if version.run_id:
        return f"runs:/{version.run_id}/{version.artifact_path}".rstrip("/")
    return location(session, version)


def location(session: Session, version: v1.ModelVersion) -> str:
    """Return from where the version's own files are downloaded."""
    return uris.manifest(session.uri, version.manifest_digest) if version.manifest_digest else ""
