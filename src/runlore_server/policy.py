"""What the server does to runs and their events by itself, as time goes by."""

from __future__ import annotations

from dataclasses import dataclass

from runlore import v1


@dataclass(frozen=True)
class Policy:
    """When runs are shown as stale, closed and purged, and their events forgotten."""

    #: Seconds without a heartbeat after which a RUNNING run is shown as stale.
    stale_after: int = 60
    #: Seconds without a heartbeat after which it is closed; 0: never.
    close_stale_after: int = 0
    #: The status that it gets then.
    close_stale_as: v1.RunStatus.ValueType = v1.RUN_STATUS_KILLED
    #: Days after which a deleted run, experiment or version of a model is removed for good; 0: never.
    purge_after: int = 30
    #: Days for which events of experiments, runs and logged models are kept; those of registered models always are.
    #: 0: for ever.
    keep_events: int = 0

    @property
    def heartbeat_seconds(self) -> float:
        """How often a writer of points is to be heard at least, so that one message may be lost or late."""
        return min(15.0, self.stale_after / 4)
