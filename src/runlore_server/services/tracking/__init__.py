"""TrackingService: experiments, runs and what they log. Each module has the methods about one thing."""

from __future__ import annotations

from runlore import v1
from runlore_server.bodies import Bodies
from runlore_server.committer import Committer
from runlore_server.db import Database
from runlore_server.pages import PageTokens
from runlore_server.policy import Policy
from runlore_server.sequencer import Sequencer
from runlore_server.services.tracking.experiments import ExperimentMethods
from runlore_server.services.tracking.finding import FindingMethods
from runlore_server.services.tracking.inputs import InputMethods
from runlore_server.services.tracking.metrics import MetricMethods
from runlore_server.services.tracking.runs import RunMethods
from runlore_server.services.tracking.streams import StreamMethods
from runlore_server.store.finding.pace import Budget

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

    def __init__(
        self,
        db: Database,
        pages: PageTokens,
        sequencer: Sequencer,
        committer: Committer,
        policy: Policy,
        search_budget: Budget,
        bodies: Bodies,
    ) -> None:
        """As for all methods; `committer` and `policy` are for streams, `search_budget` and `bodies` for SearchRuns."""
        super().__init__(db, pages, sequencer, committer, policy)
        self._search_budget = search_budget
        self._bodies = bodies
