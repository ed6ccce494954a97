"""What the parts of the tracking store share."""

from __future__ import annotations

from runlore_mlflow.session import Session


class TrackingMethods:
    """A part of the tracking store. The store is put together of such parts, one for each kind of record."""

    session: Session
    #: Below which artifacts are that Runlore keeps: this workspace's URI, or `mlflow-artifacts:/` where MLflow's server
    #: passes them on to it.
    artifact_root: str
    #: Another root that the server was started with, such as a bucket; empty for none.
    foreign_root: str

    @property
    def synchronous(self) -> bool:
        """Whether metric points are stored when their call returns."""
        raise NotImplementedError
