"""Optuna studies as runs: a run for the study, and below it a run for each trial (`pip install runlore[optuna]`).

    with RunloreCallback("ctr") as callback:
        study.optimize(objective, callbacks=[callback])

    with RunloreCallback("ctr") as callback:

        @callback.track
        def objective(trial, run):
            run.log({"loss": ...}, step=1)
            return auc

        study.optimize(objective)

The first records each trial when it has ended; the second gives the objective the trial's run to log to.
"""

from __future__ import annotations

import atexit
import functools
import hashlib
import logging
import math
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from types import TracebackType
from typing import Literal, TypeVar
from weakref import WeakKeyDictionary

import optuna
from optuna.study import Study, StudyDirection
from optuna.trial import FrozenTrial, Trial, TrialState

import runlore
from runlore import _words, v1

__all__ = ["RunloreCallback"]

log = logging.getLogger("runlore")

Values = TypeVar("Values", bound=float | Sequence[float])

#: The status of a trial's run: a pruned trial was stopped from outside.
_STATUSES: dict[TrialState, Literal["FINISHED", "FAILED", "KILLED"]] = {
    TrialState.COMPLETE: "FINISHED",
    TrialState.PRUNED: "KILLED",
    TrialState.FAIL: "FAILED",
}
#: Where a study keeps the id of its run; with the study's name, because a copy of the study has it too.
_ATTRIBUTE = "runlore"
_TAG_LENGTH = 8_192


class RunloreCallback:
    """Records studies. Threads (`n_jobs`), processes that share a study, and whoever resumes it use one parent run.

    The ids of the runs follow from the study's name, the time of its first trial and the trials' numbers, so that
    everybody who records a study means the same runs, and records each trial once. `close`, the end of a `with` block,
    or else that of the interpreter ends the parent run; whoever takes up the study later opens it again.

    A server that cannot be reached never stops a study: trials wait, and are recorded with the next one or at the end.
    """

    def __init__(
        self,
        experiment: str = "",
        *,
        metric_names: Sequence[str] = (),
        tags: Mapping[str, object] | None = None,
        client: runlore.Client | None = None,
    ) -> None:
        """Record into the experiment of that name, on the server that the environment names unless `client` is given.

        `metric_names` are the objectives' metrics; else the study's own (`set_metric_names`), else `value`, or
        `value_0`, `value_1` and so on. `tags` are the parent run's.
        """
        self._experiment = experiment
        self._metric_names = [metric_names] if isinstance(metric_names, str) else list(metric_names)
        self._tags = {key: _cut(value) for key, value in (tags or {}).items()}
        self._client = client or runlore.default_client()
        self._lock = threading.RLock()
        self._ids: WeakKeyDictionary[Study, str] = WeakKeyDictionary()
        self._parents: dict[str, _Parent] = {}
        #: By the ids of their runs.
        self._tracked: set[str] = set()
        self._waiting: deque[tuple[Study, FrozenTrial]] = deque()
        self._unfinished: deque[tuple[runlore.Run, TrialState]] = deque()

    def __call__(self, study: Study, trial: FrozenTrial) -> None:
        """Record a trial that has ended, unless it is tracked (the interface of Optuna's callbacks)."""
        with self._lock:
            self._waiting.append((study, trial))
            self._catch_up()

    def track(self, objective: Callable[[Trial, runlore.Run], Values]) -> Callable[[Trial], Values]:
        """Give an objective the run of its trial as a second argument, to log to while it runs.

        Works with or without the callback among those of `optimize`. A trial fails with RunloreError when its run
        cannot be started.
        """

        @functools.wraps(objective)
        def tracked(trial: Trial) -> Values:
            run = self._start(trial)
            try:
                values = objective(trial, run)
            except optuna.TrialPruned:
                self._end(run, trial, TrialState.PRUNED, None)
                raise
            except BaseException:
                self._end(run, trial, TrialState.FAIL, None)
                raise
            numbers = _numbers(values)
            self._end(run, trial, TrialState.FAIL if numbers is None else TrialState.COMPLETE, numbers)
            return values

        return tracked

    def parent_run_id(self, study: Study) -> str:
        """Return the id of a study's run; raises ValueError before the first trial, with which it begins."""
        if study not in self._ids:
            trials = study.get_trials(deepcopy=False)
            if not trials:
                raise ValueError("the study has no trials yet: its run begins with the first")
            # A storage that keeps times less exactly than its clients do would give another id later.
            kept = study.user_attrs.get(_ATTRIBUTE, {})
            if kept.get("study_name") != study.study_name:
                kept = {"run_id": _id(study.study_name, str(trials[0].datetime_start))}
                study.set_user_attr(_ATTRIBUTE, {**kept, "study_name": study.study_name})
            self._ids[study] = kept["run_id"]
        return self._ids[study]

    def close(self) -> None:
        """Record what waits and end the parent runs. The callback may be used again afterwards."""
        with self._lock:
            atexit.unregister(self.close)
            self._catch_up()
            missing = len(self._waiting) + len(self._unfinished)
            if missing:
                log.warning("%d trials are not recorded whole: the server could not be reached", missing)
            parents, self._parents = self._parents, {}
            for parent in parents.values():
                try:
                    parent.end(self._client)
                except runlore.RunloreError as error:
                    log.warning("the run of study '%s' is not ended: %s", parent.study_name, error)

    def __enter__(self) -> RunloreCallback:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def _catch_up(self) -> None:
        try:
            while self._unfinished:
                run, state = self._unfinished[0]
                run.finish(_STATUSES[state])
                self._unfinished.popleft()
            while self._waiting:
                study, trial = self._waiting[0]
                try:
                    self._record(study, trial)
                except (runlore.UnavailableError, runlore.DeadlineError):
                    raise
                except runlore.RunloreError as error:
                    log.warning("trial %d of study '%s' is not recorded: %s", trial.number, study.study_name, error)
                self._waiting.popleft()
        except runlore.RunloreError as error:
            log.warning("trials are recorded later: %s", error)

    def _record(self, study: Study, trial: FrozenTrial) -> None:
        parent = self._parent(study)
        run_id = _id(parent.run_id, str(trial.number))
        if run_id in self._tracked:
            return
        tags = {**trial.user_attrs, "optuna.trial_state": trial.state.name}
        try:
            run = self._create(parent, run_id, trial, trial.params, tags)
        except runlore.AlreadyExistsError:
            # Recorded before, or by another process.
            return
        # Of a pruned trial Optuna gives the last intermediate value, which is not to be compared with values.
        values = trial.values if trial.state == TrialState.COMPLETE else None
        self._log(run, study, trial.intermediate_values, values)
        self._finish(run, trial.state)

    def _start(self, trial: Trial) -> runlore.Run:
        with self._lock:
            parent = self._parent(trial.study)
            run_id = _id(parent.run_id, str(trial.number))
            run = self._create(parent, run_id, trial, {}, {})
            self._tracked.add(run_id)
            return run

    def _end(self, run: runlore.Run, trial: Trial, state: TrialState, values: Sequence[float] | None) -> None:
        reported = trial.study.get_trials(deepcopy=False)[trial.number].intermediate_values
        self._log(run, trial.study, reported, values)
        try:
            run.log_params(_texts(trial.params))
            run.set_tags(_texts({**trial.user_attrs, "optuna.trial_state": state.name}))
        except runlore.RunloreError as error:
            log.warning("trial %d of study '%s' is not recorded whole: %s", trial.number, trial.study.study_name, error)
        self._finish(run, state)

    def _create(
        self,
        parent: _Parent,
        run_id: str,
        trial: FrozenTrial | Trial,
        params: Mapping[str, object],
        tags: Mapping[str, object],
    ) -> runlore.Run:
        request = v1.CreateRunRequest(
            # A run that was made without a server knows its experiment by name only.
            experiment_id=parent.experiment_id or None,  # type: ignore[arg-type]  # None: the field is not set
            experiment_name=None if parent.experiment_id else self._experiment or None,  # type: ignore[arg-type]
            run_id=run_id,
            parent_run_id=parent.run_id,
            name=f"trial-{trial.number}",
            params=_texts(params),
            tags=_texts({**tags, "optuna.trial_number": trial.number}),
        )
        _set_start(request, trial.datetime_start)
        return self._client.create_run(request)

    def _log(
        self, run: runlore.Run, study: Study, reported: Mapping[int, float], values: Sequence[float] | None
    ) -> None:
        names = self._names(study)
        for step, value in sorted(reported.items()):
            run.log({f"intermediate/{names[0]}": value}, step=step)
        if values is not None:
            run.log(dict(zip(names, values, strict=False)), step=0)

    def _finish(self, run: runlore.Run, state: TrialState) -> None:
        try:
            run.finish(_STATUSES[state])
        except runlore.RunloreError as error:
            log.warning("run %s is ended later: %s", run.run_id, error)
            with self._lock:
                self._unfinished.append((run, state))

    def _names(self, study: Study) -> list[str]:
        count = len(study.directions)
        names = self._metric_names or list(study.metric_names or ())
        names = names or (["value"] if count == 1 else [f"value_{i}" for i in range(count)])
        if len(names) != count:
            raise ValueError(f"metric_names: there are {len(names)}, and the study has {count} objectives")
        return names

    def _parent(self, study: Study) -> _Parent:
        run_id = self.parent_run_id(study)
        if run_id not in self._parents:
            self._parents[run_id] = self._join(study, run_id)
            atexit.register(self.close)
        return self._parents[run_id]

    def _join(self, study: Study, run_id: str) -> _Parent:
        """Start the study's run, or open it again when it is there."""
        request = v1.CreateRunRequest(
            experiment_name=self._experiment or None,  # type: ignore[arg-type]  # None: the field is not set
            run_id=run_id,
            name=study.study_name[:500],
            tags={**_study_tags(study, self._names(study)), **self._tags},
        )
        _set_start(request, study.get_trials(deepcopy=False)[0].datetime_start)
        try:
            run = self._client.create_run(request)
            return _Parent(study.study_name, run_id, run.experiment_id, run)
        except runlore.AlreadyExistsError:
            there = self._client.get_run(run_id)
        if there.status != v1.RUN_STATUS_RUNNING:
            _set_status(self._client, run_id, v1.RUN_STATUS_RUNNING)
        return _Parent(study.study_name, run_id, there.experiment_id, None)


class _Parent:
    """The run of a study, begun here (`run`) or by another process."""

    def __init__(self, study_name: str, run_id: str, experiment_id: str, run: runlore.Run | None) -> None:
        self.study_name = study_name
        self.run_id = run_id
        self.experiment_id = experiment_id
        self._run = run

    def end(self, client: runlore.Client) -> None:
        if self._run is not None:
            self._run.finish()
        else:
            _set_status(client, self.run_id, v1.RUN_STATUS_FINISHED)


def _set_status(client: runlore.Client, run_id: str, status: v1.RunStatus.ValueType) -> None:
    request = v1.UpdateRunRequest(run_id=run_id, status=status)
    request.update_mask.paths.append("status")
    client.tracking.UpdateRun(request)


def _study_tags(study: Study, names: Sequence[str]) -> dict[str, str]:
    directions = ["max" if d == StudyDirection.MAXIMIZE else "min" for d in study.directions]
    objectives = [f"{direction}:{name}" for direction, name in zip(directions, names, strict=True)]
    tags = {"optuna.study_name": _cut(study.study_name), "optuna.objectives": _cut(", ".join(objectives))}
    if len(objectives) == 1:
        # By which `sweep` picks the best trial.
        tags[_words.SWEEP_BEST] = objectives[0]
    return {**_texts({k: v for k, v in study.user_attrs.items() if k != _ATTRIBUTE}), **tags}


def _id(*parts: str) -> str:
    """Return the id of a run that follows from these parts."""
    return hashlib.sha256("\0".join(("optuna", *parts)).encode()).hexdigest()[:32]


def _set_start(request: v1.CreateRunRequest, start: datetime | None) -> None:
    if start is not None:
        # Optuna's times are local ones without a zone.
        request.start_time.FromDatetime(start.astimezone(UTC))


def _numbers(values: object) -> list[float] | None:
    """Return what an objective returned as Optuna takes it; None for what it takes as a failure."""
    try:
        numbers = [float(value) for value in (values if isinstance(values, Sequence) else [values])]  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None
    return None if any(math.isnan(number) for number in numbers) else numbers


def _texts(values: Mapping[str, object]) -> dict[str, str]:
    return {key: _cut(value) for key, value in values.items()}


def _cut(value: object) -> str:
    text = str(value)
    return text if len(text) <= _TAG_LENGTH else f"{text[: _TAG_LENGTH - 1]}…"
