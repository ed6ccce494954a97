"""TrackingService: experiments, runs and what they log. Each module has the methods about one thing."""

from __future__ import annotations

from runlore import v1
from runlore_server.services.tracking.experiments import ExperimentMethods
from runlore_server.services.tracking.finding import FindingMethods
from runlore_server.services.tracking.metrics import MetricMethods
from runlore_server.services.tracking.runs import RunMethods
from runlore_server.services.tracking.streams import StreamMethods

__all__ = ["TrackingService"]


class TrackingService(
    ExperimentMethods, RunMethods, FindingMethods, MetricMethods, StreamMethods, v1.TrackingServiceServicer
):
    """Records training runs. Each method: see tracking.proto."""
