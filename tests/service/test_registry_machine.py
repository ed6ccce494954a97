"""Any interleaving of changes to a registered model, against a model of it in memory: state, history and chain agree.

A rule is one change, tried and foretold: `Machine.expect` compares what the server answered with what it should have.
Another kind of change is another rule; what must hold of every history goes into `teardown`.
"""

from __future__ import annotations

import hashlib
import itertools
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import grpc
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from runlore import v1
from tests.harness.chains import assert_chain
from tests.harness.wire import Stubs, refusal

ALIASES = ("champion", "challenger")
STAGING, PRODUCTION = v1.MODEL_STAGE_STAGING, v1.MODEL_STAGE_PRODUCTION
STAGES = st.sampled_from([v1.MODEL_STAGE_NONE, STAGING, PRODUCTION, PRODUCTION, v1.MODEL_STAGE_ARCHIVED])
READY, PENDING, FAILED = (
    v1.ModelVersionStatus.Value(f"MODEL_VERSION_STATUS_{s}") for s in ("READY", "PENDING", "FAILED")
)
#: What is asked about the past, in turn.
REFERENCES = (*(f"@{alias}" for alias in ALIASES), "/Production", "/latest")
NUMBERS = st.sampled_from([0.1, 0.5, 0.9, math.nan])
DATA = st.sampled_from(["", "old", "new"])
#: What runs measured, before any evaluation; None: nothing.
FROZEN = [0.1, 0.5, 0.9, math.nan, None]
AUDIT = "audit"
_names = itertools.count()


@dataclass
class Version:
    """A version as it should be: what it was registered with, and its evaluations as (number, data)."""

    frozen: float | None
    audit: str
    evaluations: list[tuple[float, str]] = field(default_factory=list)
    status: v1.ModelVersionStatus.ValueType = READY
    stage: v1.ModelStage.ValueType = v1.MODEL_STAGE_NONE

    def measured(self, metric: v1.MetricCondition) -> tuple[float | None, str]:
        """The number that a condition is about, and its data."""
        if metric.source != v1.METRIC_SOURCE_LATEST_EVALUATION:
            return (None if metric.dataset_digest else self.frozen), ""
        wanted = metric.dataset_digest
        found = [e for e in self.evaluations if not wanted or e[1] == wanted]
        return found[-1] if found else (None, "")


class Move(NamedTuple):
    """An event of an alias, of an evaluated version, or of a stage, as it should be told."""

    kind: v1.EventKind.ValueType
    alias: str = ""
    #: The version before and after, of an alias.
    before: int = 0
    after: int = 0
    stage: int = 0


class Moment(NamedTuple):
    """What was there after an event."""

    aliases: dict[str, int]
    #: What each of REFERENCES meant: a version, or the reason for none.
    meant: tuple[int | str, ...]


def condition(direction: v1.Direction.ValueType, **fields: Any) -> v1.Condition:
    return v1.Condition(metric=v1.MetricCondition(key="auc", direction=direction, **fields))


CONDITIONS = st.sampled_from(
    [
        [],
        [condition(v1.DIRECTION_MAXIMIZE, current_holder=True)],
        [condition(v1.DIRECTION_MINIMIZE, current_holder=True, min_delta=0.25)],
        [condition(v1.DIRECTION_MAXIMIZE, constant=0.3), v1.Condition(tag=v1.TagCondition(key=AUDIT, value="passed"))],
        *(
            [condition(v1.DIRECTION_MAXIMIZE, source=v1.METRIC_SOURCE_LATEST_EVALUATION, **bar)]
            for bar in (
                {"current_holder": True},
                {"current_holder": True, "allow_other_data": True},
                {"current_holder": True, "dataset_digest": "new"},
                {"constant": 0.3},
            )
        ),
    ]
)


class Machine(RuleBasedStateMachine):
    """One registered model of its own, changed at random."""

    def __init__(self, stubs: Stubs, workspace: str, runs: list[str]) -> None:
        """`runs` have files, and the metrics of `FROZEN`."""
        super().__init__()
        self.stubs, self.workspace, self.runs = stubs, workspace, runs
        self.name = f"m{next(_names)}"
        #: Deleted models that had the name: their id, history and moments.
        self.gone: list[tuple[str, list[Move], list[Moment]]] = []
        self.begin()

    def begin(self) -> None:
        """Nothing is there."""
        #: Those that are there, by number, and how many were made.
        self.versions: dict[int, Version] = {}
        self.made = 0
        #: What the runs of PENDING versions measured.
        self.coming: dict[int, float | None] = {}
        self.aliases: dict[str, int] = {}
        #: The holders of each alias, without those that were rolled back.
        self.held: dict[str, list[int]] = {}
        self.history: list[Move] = []
        #: How it was after each event, for questions about the past.
        self.moments: list[Moment] = []

    # Changes.

    @initialize()
    def create_model(self) -> None:
        """A model without versions."""
        request = v1.CreateRegisteredModelRequest(workspace=self.workspace, name=self.name)
        self.stubs.registry.CreateRegisteredModel(request)
        self.happened(Move(v1.EVENT_KIND_MODEL_CREATED))

    @rule(number=st.integers(0, len(FROZEN) - 1), audit=st.sampled_from(["", "passed", "failed"]))
    def create_version(self, number: int, audit: str) -> None:
        """A version of a run, tagged or not."""
        request = v1.CreateModelVersionRequest(
            workspace=self.workspace,
            model_name=self.name,
            run=v1.RunSource(run_id=self.runs[number]),
            tags={AUDIT: audit} if audit else {},
        )
        made = self.stubs.registry.CreateModelVersion(request).model_version
        self.made += 1
        assert made.version == self.made, "no number is given twice"
        self.versions[made.version] = Version(FROZEN[number], audit)
        self.happened(Move(v1.EVENT_KIND_MODEL_VERSION_CREATED))

    @rule(number=st.integers(0, len(FROZEN) - 1))
    def create_pending_version(self, number: int) -> None:
        """A version whose files are to come."""
        pending = v1.PendingSource(run_id=self.runs[number])
        request = v1.CreateModelVersionRequest(workspace=self.workspace, model_name=self.name, pending=pending)
        made = self.stubs.registry.CreateModelVersion(request).model_version
        self.made += 1
        assert made.version == self.made, "no number is given twice"
        # Nothing is frozen before the files are there.
        self.versions[made.version] = Version(None, "", status=PENDING)
        self.coming[made.version] = FROZEN[number]
        self.happened(Move(v1.EVENT_KIND_MODEL_VERSION_CREATED))

    @precondition(lambda self: any(version.status == PENDING for version in self.versions.values()))
    @rule(version=st.integers(1, 6), status=st.sampled_from([READY, READY, FAILED]))
    def complete_version(self, version: int, status: v1.ModelVersionStatus.ValueType) -> None:
        """The files come, or do not; what is complete stays so."""
        request = v1.UpdateModelVersionRequest(
            workspace=self.workspace,
            model_name=self.name,
            version=version,
            update_mask={"paths": ["status"]},
            status=status,
            artifact_path="" if status == READY else None,
        )
        present = self.versions.get(version)
        refused = "" if present is not None else "MODEL_VERSION_NOT_FOUND"
        # All have the files of a whole run: to become what one is changes nothing.
        again = present is not None and present.status == status
        if present is not None and present.status != PENDING and not again:
            refused = "MODEL_VERSION_NOT_PENDING"
        if self.expect(refused, self.stubs.registry.UpdateModelVersion, request) and present is not None and not again:
            present.status = status
            if status == READY:
                present.frozen = self.coming[version]
            self.happened(Move(v1.EVENT_KIND_MODEL_VERSION_UPDATED))

    @rule(
        version=st.integers(1, 6), stage=STAGES, alone=st.booleans(), believed=st.sampled_from(["any", "right", "none"])
    )
    def set_stage(self, version: int, stage: v1.ModelStage.ValueType, alone: bool, believed: str) -> None:
        """Another stage, the others in it archived or not."""
        present, in_use = self.versions.get(version), stage in (STAGING, PRODUCTION)
        alone = alone and in_use
        expected = v1.MODEL_STAGE_UNSPECIFIED
        if present is not None and believed != "any":
            expected = present.stage if believed == "right" else v1.MODEL_STAGE_NONE
        request = v1.SetStageRequest(
            workspace=self.workspace,
            model_name=self.name,
            version=version,
            stage=stage,
            expected_stage=expected,
            archive_existing=alone,
        )
        refused = ""
        if present is None:
            refused = "MODEL_VERSION_NOT_FOUND"
        elif expected not in (v1.MODEL_STAGE_UNSPECIFIED, present.stage):
            refused = "STAGE_MOVED"
        elif in_use and present.status != READY:
            refused = "VERSION_NOT_READY"
        answered = self.expect(refused, self.stubs.registry.SetStage, request)
        if answered and present is not None:
            others = [n for n, other in sorted(self.versions.items()) if other.stage == stage and n != version]
            assert list(answered.archived_versions) == (others if alone else [])
            for n in answered.archived_versions:
                self.versions[n].stage = v1.MODEL_STAGE_ARCHIVED
                self.happened(Move(v1.EVENT_KIND_STAGE_SET, after=n, stage=v1.MODEL_STAGE_ARCHIVED))
            if present.stage != stage:
                present.stage = stage
                self.happened(Move(v1.EVENT_KIND_STAGE_SET, after=version, stage=stage))

    @precondition(lambda self: len(self.history) > 3)
    @rule(with_aliases=st.booleans())
    def delete_model(self, with_aliases: bool) -> None:
        """The model's end; another one takes its name, and has a history of its own."""
        request = v1.DeleteRegisteredModelRequest(workspace=self.workspace, name=self.name, delete_aliases=with_aliases)
        refused = "HAS_ALIASES" if self.aliases and not with_aliases else ""
        gone = self.expect(refused, self.stubs.registry.DeleteRegisteredModel, request)
        if gone:
            for alias in sorted(self.aliases):
                holder = self.aliases.pop(alias)
                self.happened(Move(v1.EVENT_KIND_ALIAS_DELETED, alias, holder))
            self.history.append(Move(v1.EVENT_KIND_MODEL_DELETED))
            self.moments.append(Moment({}, ("MODEL_NOT_FOUND",) * len(REFERENCES)))
            self.gone.append((gone.registered_model.model_id, self.history, self.moments))
            self.begin()
            self.create_model()

    @rule(version=st.integers(1, 6), number=NUMBERS, data=DATA)
    def evaluate(self, version: int, number: float, data: str) -> None:
        """An evaluation of a version, which may not be there."""
        request = v1.RecordEvaluationRequest(
            workspace=self.workspace,
            model_name=self.name,
            version=version,
            metrics={"auc": number, "other": 1},
            dataset_digest=data,
        )
        refused = "" if version in self.versions else "MODEL_VERSION_NOT_FOUND"
        if self.expect(refused, self.stubs.registry.RecordEvaluation, request):
            self.versions[version].evaluations.append((number, data))
            self.happened(Move(v1.EVENT_KIND_EVALUATION_RECORDED, after=version))

    @rule(
        alias=st.sampled_from(ALIASES),
        version=st.integers(1, 6),
        believed=st.sampled_from(["right", "absent", "any", "first"]),
        conditions=CONDITIONS,
    )
    def set_alias(self, alias: str, version: int, believed: str, conditions: list[v1.Condition]) -> None:
        """A move, from a state that is believed rightly or wrongly, on conditions."""
        holder = self.aliases.get(alias, 0)
        expect = self.belief(believed, holder)
        request = v1.SetAliasRequest(
            workspace=self.workspace,
            model_name=self.name,
            alias=alias,
            version=version,
            expect=expect,
            conditions=conditions,
        )
        refused = ""
        if version not in self.versions:
            refused = "MODEL_VERSION_NOT_FOUND"
        elif not _is_right(expect, holder):
            refused = "ALIAS_MOVED"
        elif self.versions[version].status != READY:
            refused = "VERSION_NOT_READY"
        elif not all(self.holds(c, version, holder) for c in conditions):
            refused = "CONDITION_NOT_MET"
        answered = self.expect(refused, self.stubs.registry.SetAlias, request)
        if answered:
            assert answered.applied.previous_version == holder
            assert all(result.holds for result in answered.applied.conditions)
            if holder != version:
                self.aliases[alias] = version
                self.held.setdefault(alias, []).append(version)
                self.happened(Move(v1.EVENT_KIND_ALIAS_SET, alias, holder, version))

    @rule(alias=st.sampled_from(ALIASES), believed=st.sampled_from(["right", "right", "right", "first"]))
    def roll_back(self, alias: str, believed: str) -> None:
        """To the last holder that differs, further each time."""
        holder = self.aliases.get(alias, 0)
        expected = holder or 1 if believed == "right" else 1
        request = v1.RollbackAliasRequest(
            workspace=self.workspace, model_name=self.name, alias=alias, expected_version=expected, reason="bad"
        )
        left = list(self.held.get(alias, []))
        while left and left[-1] == holder:
            left.pop()
        refused = ""
        if not holder:
            refused = "ALIAS_NOT_FOUND"
        elif holder != expected:
            refused = "ALIAS_MOVED"
        elif not left:
            refused = "NO_PREVIOUS_HOLDER"
        elif left[-1] not in self.versions:
            refused = "MODEL_VERSION_NOT_FOUND"
        answered = self.expect(refused, self.stubs.registry.RollbackAlias, request)
        if answered:
            assert answered.applied.alias.version == left[-1]
            self.aliases[alias], self.held[alias] = left[-1], left
            self.happened(Move(v1.EVENT_KIND_ALIAS_ROLLED_BACK, alias, holder, left[-1]))

    @precondition(lambda self: self.aliases)
    @rule(alias=st.sampled_from(ALIASES), believed=st.sampled_from(["right", "any", "first"]))
    def delete_alias(self, alias: str, believed: str) -> None:
        """An alias's end, until it is set again."""
        holder = self.aliases.get(alias, 0)
        expect = self.belief("any" if believed == "right" and not holder else believed, holder)
        request = v1.DeleteAliasRequest(workspace=self.workspace, model_name=self.name, alias=alias, expect=expect)
        refused = "" if _is_right(expect, holder) else "ALIAS_MOVED"
        answered = self.expect(refused if holder else "ALIAS_NOT_FOUND", self.stubs.registry.DeleteAlias, request)
        if answered:
            assert answered.alias.version == holder
            del self.aliases[alias]
            self.happened(Move(v1.EVENT_KIND_ALIAS_DELETED, alias, holder))

    @rule(version=st.integers(1, 6), with_aliases=st.booleans())
    def delete_version(self, version: int, with_aliases: bool) -> None:
        """A version's end, with the aliases at it or not."""
        pointing = sorted(alias for alias, at in self.aliases.items() if at == version)
        refused = ""
        if version not in self.versions:
            refused = "MODEL_VERSION_NOT_FOUND"
        elif pointing and not with_aliases:
            refused = "HAS_ALIASES"
        request = v1.DeleteModelVersionRequest(
            workspace=self.workspace, model_name=self.name, version=version, delete_aliases=with_aliases
        )
        if self.expect(refused, self.stubs.registry.DeleteModelVersion, request):
            for alias in pointing:
                del self.aliases[alias]
                self.happened(Move(v1.EVENT_KIND_ALIAS_DELETED, alias, version))
            del self.versions[version]
            self.happened(Move(v1.EVENT_KIND_MODEL_VERSION_DELETED))

    @rule(version=st.integers(1, 6), audit=st.sampled_from(["passed", "failed"]))
    def tag_version(self, version: int, audit: str) -> None:
        """A version's tag, which conditions read."""
        refused = "" if version in self.versions else "MODEL_VERSION_NOT_FOUND"
        request = v1.SetModelVersionTagsRequest(
            workspace=self.workspace, model_name=self.name, version=version, tags={AUDIT: audit}
        )
        if self.expect(refused, self.stubs.registry.SetModelVersionTags, request):
            tagged = self.versions[version]
            if tagged.audit != audit:
                tagged.audit = audit
                self.happened(Move(v1.EVENT_KIND_MODEL_VERSION_UPDATED))

    @rule(new=st.booleans())
    def rename(self, new: bool) -> None:
        """Another name, which takes everything along; the one that it has changes nothing."""
        name = f"m{next(_names)}" if new else self.name
        request = v1.UpdateRegisteredModelRequest(
            workspace=self.workspace, name=self.name, update_mask={"paths": ["new_name"]}, new_name=name
        )
        assert self.expect("", self.stubs.registry.UpdateRegisteredModel, request).registered_model.name == name
        if new:
            self.name = name
            self.happened(Move(v1.EVENT_KIND_MODEL_UPDATED))

    # What is foretold.

    def belief(self, believed: str, holder: int) -> v1.AliasExpectation:
        """Where a caller believes an alias to be."""
        if believed == "any":
            return v1.AliasExpectation(any=True)
        if believed == "absent" or (believed == "right" and not holder):
            return v1.AliasExpectation(absent=True)
        return v1.AliasExpectation(version=holder if believed == "right" else 1)

    def holds(self, condition: v1.Condition, version: int, holder: int) -> bool:
        """Whether a condition should hold."""
        candidate = self.versions[version]
        if condition.HasField("tag"):
            return candidate.audit == condition.tag.value
        metric = condition.metric
        ours, data = candidate.measured(metric)
        if metric.HasField("constant"):
            bar, other = metric.constant, data
        elif not holder:
            return True
        else:
            found, other = self.versions[holder].measured(metric)
            if found is None:
                return False
            bar = found
        if ours is None or (other != data and not metric.allow_other_data):
            return False
        lead = ours - bar if metric.direction == v1.DIRECTION_MAXIMIZE else bar - ours
        return lead > 0 and lead >= metric.min_delta

    def expect(self, refused: str, method: Callable[[Any], Any], request: Any) -> Any:
        """Make a call that should be refused for that reason (empty: not), and return its response or None."""
        response, reason = None, ""
        try:
            response = method(request)
        except grpc.RpcError as error:
            reason = refusal(error).reason
        assert reason == refused, request
        return response

    def happened(self, move: Move) -> None:
        """Note an event that the server should have written."""
        self.history.append(move)
        ready = [n for n, version in self.versions.items() if version.status == READY]
        meant: list[int | str] = [self.aliases.get(alias, "ALIAS_NOT_FOUND") for alias in ALIASES]
        for found in ([n for n in ready if self.versions[n].stage == PRODUCTION], ready):
            meant.append(max(found) if found else "STAGE_EMPTY")
        self.moments.append(Moment(dict(self.aliases), tuple(meant)))

    # What must hold.

    @invariant()
    def state_agrees(self) -> None:
        """The server has the aliases that it should have, and wrote the events that it should have written."""
        if self.history:
            request = v1.GetRegisteredModelRequest(workspace=self.workspace, name=self.name)
            model = self.stubs.registry.GetRegisteredModel(request).registered_model
            assert {a.alias: a.version for a in model.aliases} == self.aliases
            assert model.head.revision == len(self.history)

    def teardown(self) -> None:
        """Each history tells what happened, links up, and ends at the recorded head, whatever has the name now."""
        if not self.history:
            return
        request = v1.GetRegisteredModelRequest(workspace=self.workspace, name=self.name)
        model = self.stubs.registry.GetRegisteredModel(request).registered_model
        # Events get their positions in the order of their commits: when the last one has its own, all have.
        for model_id, history, moments in (*self.gone, (model.model_id, self.history, self.moments)):
            listed = v1.ListEventsRequest(
                workspace=self.workspace, resource_id=model_id, include_canonical=True, page_size=1_000
            )
            found = list(self.stubs.event.ListEvents(listed).events)
            assert [_told(event) for event in found] == history
            verified = self.stubs.event.Verify(v1.VerifyRequest(workspace=self.workspace, model_id=model_id))
            assert (verified.valid, verified.event_count) == (True, len(history)), verified
            if model_id == model.model_id:
                assert_chain(found, model)
            assert self.replayed(found) == [moment.aliases for moment in moments]
            for i, (event, moment) in enumerate(zip(found, moments, strict=True)):
                self.answered_then(event, i % len(REFERENCES), moment)

    def answered_then(self, event: v1.Event, asked: int, moment: Moment) -> None:
        """As of an event, and as of its time, a reference meant what it meant; by the name that the model had."""
        reference, meant = f"models:/{event.resource.name}{REFERENCES[asked]}", moment.meant[asked]
        refused = meant if isinstance(meant, str) else ""
        for at in ({"as_of_position": event.position}, {"as_of_time": event.time}):
            request = v1.ResolveRequest(workspace=self.workspace, reference=reference, **at)
            response = self.expect(refused, self.stubs.registry.Resolve, request)
            assert response is None or response.model_version.version == meant

    def replayed(self, found: list[v1.Event]) -> list[dict[str, int]]:
        """How the aliases were after each event, by the events alone."""
        aliases: dict[str, int] = {}
        moments = []
        for event in found:
            if event.after.HasField("alias"):
                aliases[event.after.alias.alias] = event.after.alias.version
            elif event.before.HasField("alias"):
                del aliases[event.before.alias.alias]
            moments.append(dict(aliases))
        return moments


def _is_right(expect: v1.AliasExpectation, holder: int) -> bool:
    return expect.WhichOneof("holder") == "any" or expect.version == holder


def _told(event: v1.Event) -> Move:
    if event.kind == v1.EVENT_KIND_EVALUATION_RECORDED:
        return Move(event.kind, after=event.after.evaluations.evaluations[0].version)
    if event.kind == v1.EVENT_KIND_STAGE_SET:
        moved = event.after.model_version
        return Move(event.kind, after=moved.version, stage=moved.stage)
    alias = event.after.alias.alias or event.before.alias.alias
    return Move(event.kind, alias, event.before.alias.version, event.after.alias.version)


@pytest.fixture
def runs(stubs: Stubs, workspace: str) -> Iterator[list[str]]:
    """A run with a file for each of FROZEN."""
    made = []
    empty = v1.FileEntry(path="f", sha256=hashlib.sha256().hexdigest())
    for number in FROZEN:
        run_id = stubs.tracking.CreateRun(v1.CreateRunRequest(workspace=workspace)).run.run_id
        stubs.artifact.LogArtifacts(v1.LogArtifactsRequest(workspace=workspace, run_id=run_id, files=[empty]))
        if number is not None:
            series = [v1.MetricSeries(key="auc", steps=[0], times_unix_us=[0], values=[number])]
            stubs.tracking.LogBatch(
                v1.LogBatchRequest(workspace=workspace, run_id=run_id, writer_id="w", sequence=1, series=series)
            )
        made.append(run_id)
    return made


def test_any_interleaving_agrees_with_the_model(stubs: Stubs, workspace: str, runs: list[str]) -> None:
    run_state_machine_as_test(
        lambda: Machine(stubs, workspace, runs),
        settings=settings(max_examples=15, stateful_step_count=40, suppress_health_check=list(HealthCheck)),
    )
