"""What the steps of an import share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from runlore import v1
from runlore.errors import NotFoundError
from runlore_mlflow.importing import facts
from runlore_mlflow.importing.report import Report
from runlore_mlflow.importing.source import Source

if TYPE_CHECKING:
    from mlflow.entities import Experiment

    import runlore

#: Why aliases and stages moved, and by which a later import knows its own moves.
REASON = "runlore import mlflow"


@dataclass
class Importing:
    """One import."""

    client: runlore.Client
    source: Source
    report: Report
    #: Whether files are copied; else the records say where MLflow keeps them.
    copies_files: bool
    #: Whether comparing reads the source's files once more.
    reads_files: bool = False
    #: Is told what goes on, often.
    progress: Callable[[], None] = lambda: None
    #: Steps done, of one for each experiment and one for the rest; and whether they are those of comparing.
    done: int = 0
    comparing: bool = False
    #: Runlore's ids by MLflow's.
    experiment_ids: dict[str, str] = field(default_factory=dict)
    #: MLflow's own, by its ids.
    experiments: dict[str, Experiment] = field(default_factory=dict)
    #: Runs that are known to be in Runlore, to be asked for once; cut when there are many.
    known_runs: set[str] = field(default_factory=set)
    #: Runs whose parent the source has no more, or cannot be one.
    orphans: set[str] = field(default_factory=set)
    #: Runs whose parents are being looked for, to notice those that go round.
    beginning: set[str] = field(default_factory=set)
    #: Experiments that are deleted in Runlore, by its ids.
    closed: set[str] = field(default_factory=set)

    def lose(self, kind: str, name: str) -> facts.Lose:
        """Return what takes the parts of a record that cannot be carried."""
        return lambda part, reason: self.report.lose(f"{part} of {kind}", name, reason)

    def wrote(self, kind: str, count: int = 1) -> None:
        """Count what was written."""
        if count:
            self.report.written[kind] += count
        self.progress()

    def runs(self, run_ids: Sequence[str]) -> dict[str, v1.Run]:
        """Return those of the runs that Runlore has, without the schemas and profiles of their datasets."""
        quoted = ", ".join(f"'{run_id}'" for run_id in run_ids if facts.RUN_ID.fullmatch(run_id))
        if not quoted:
            return {}
        request = v1.SearchRunsRequest(
            filter=f"run_id IN ({quoted})", lifecycle_view=v1.LIFECYCLE_VIEW_ALL, page_size=len(run_ids)
        )
        found: dict[str, v1.Run] = {}
        while True:
            page = self.client.tracking.SearchRuns(request)
            found.update((run.run_id, run) for run in page.runs)
            if not page.next_page_token:
                return found
            request.page_token = page.next_page_token

    def run(self, run_id: str) -> v1.Run | None:
        """Return a run with all that belongs to it; None when Runlore has none."""
        try:
            return self.client.tracking.GetRun(v1.GetRunRequest(run_id=run_id)).run
        except NotFoundError:
            return None

    def knows(self, run_id: str) -> None:
        """Remember that a run is in Runlore."""
        if len(self.known_runs) > 100_000:
            self.known_runs.clear()
        self.known_runs.add(run_id)

    def reopen(self, experiment: Experiment) -> None:
        """Restore the experiment before something in it changes; `lifecycle` deletes it again in the end."""
        experiment_id = self.experiment_ids[experiment.experiment_id]
        if experiment_id in self.closed:
            self.client.tracking.RestoreExperiment(v1.RestoreExperimentRequest(experiment_id=experiment_id))
            self.closed.discard(experiment_id)
