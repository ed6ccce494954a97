"""TrackingService: experiments, runs and what they log. Each module has the methods about one thing."""

from __future__ import annotations

from runlore import v1
from runlore_server.services.tracking.experiments import ExperimentMethods
from runlore_server.services.tracking.finding import FindingMethods
from runlore_server.services.tracking.inputs import InputMethods
from runlore_server.services.tracking.metrics import MetricMethods
from runlore_server.services.tracking.runs import RunMethods
from runlore_server.services.tracking.streams import StreamMethods

__all__ = ["TrackingService"]


# grpc's types do not know handlers that answer by their context, as LogStream does.
class TrackingService(  # type: ignore[misc]
    ExperimentMethods,
    RunMethods,
    InputMethods,
    FindingMethods,
    MetricMethods,
    StreamMethods,
    v1.TrackingServiceServicer,
):
    """Records training runs. Each method: see tracking.proto."""
