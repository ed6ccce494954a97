"""Aliases that are many, and requests and refusals that are as large as they can be."""

from __future__ import annotations

import hashlib
from typing import Any

import grpc
import psycopg
import pytest

from runlore import v1
from tests.harness.server import ServerProcess
from tests.harness.wire import Stubs, refused

MANY = 10_000


def versions(stubs: Stubs, workspace: str, count: int = 2) -> v1.RegisteredModel:
    """A model of versions without metrics."""
    request = v1.CreateRegisteredModelRequest(workspace=workspace, name="m")
    model: v1.RegisteredModel = stubs.registry.CreateRegisteredModel(request).registered_model
    run_id = stubs.tracking.CreateRun(v1.CreateRunRequest(workspace=workspace)).run.run_id
    empty = v1.FileEntry(path="f", sha256=hashlib.sha256().hexdigest())
    stubs.artifact.LogArtifacts(v1.LogArtifactsRequest(workspace=workspace, run_id=run_id, files=[empty]))
    for _ in range(count):
        stubs.registry.CreateModelVersion(
            v1.CreateModelVersionRequest(workspace=workspace, model_name="m", run=v1.RunSource(run_id=run_id))
        )
    return model


def move(workspace: str, version: int = 1, **fields: Any) -> v1.SetAliasRequest:
    fields.setdefault("expect", v1.AliasExpectation(any=True))
    return v1.SetAliasRequest(workspace=workspace, model_name="m", alias="champion", version=version, **fields)


def head(stubs: Stubs, workspace: str) -> int:
    request = v1.GetRegisteredModelRequest(workspace=workspace, name="m")
    revision: int = stubs.registry.GetRegisteredModel(request).registered_model.head.revision
    return revision


def test_ten_thousand_aliases_of_a_version(server: ServerProcess, database_url: str) -> None:
    with grpc.insecure_channel(server.address) as channel, psycopg.connect(database_url) as conn:
        stubs = Stubs(channel)
        model = versions(stubs, "")
        conn.execute(
            "INSERT INTO model_alias (model_id, alias, version, set_time, set_by, reason) "
            "SELECT %s::uuid, 'alias-' || n, 1, now(), '', '' FROM generate_series(1, %s) AS n",
            (model.model_id, MANY),
        )
        conn.commit()
        for version in (1, 2):
            assert stubs.registry.SetAlias(move("", version)).applied.alias.version == version
        listed = stubs.registry.GetRegisteredModel(v1.GetRegisteredModelRequest(name="m")).registered_model
        assert len(listed.aliases) == MANY + 1
        request = v1.DeleteAliasRequest(model_name="m", alias="alias-77", expect=v1.AliasExpectation(version=1))
        assert stubs.registry.DeleteAlias(request).alias.version == 1
        found = stubs.registry.Resolve(v1.ResolveRequest(reference="models:/m/1")).model_version
        assert len(found.aliases) == MANY - 1


@pytest.mark.parametrize("method", ["SetAlias", "RollbackAlias", "DeleteAlias", "RecordEvaluation"])
def test_a_reason_of_a_megabyte_is_refused(stubs: Stubs, workspace: str, method: str) -> None:
    versions(stubs, workspace)
    stubs.registry.SetAlias(move(workspace))
    named: dict[str, Any] = {"workspace": workspace, "model_name": "m", "reason": "because " * 131_072}
    expect = v1.AliasExpectation(version=1)
    request = {
        "SetAlias": v1.SetAliasRequest(**named, alias="champion", version=2, expect=expect),
        "RollbackAlias": v1.RollbackAliasRequest(**named, alias="champion", expected_version=1),
        "DeleteAlias": v1.DeleteAliasRequest(**named, alias="champion", expect=expect),
        "RecordEvaluation": v1.RecordEvaluationRequest(**named, version=1, metrics={"auc": 1}),
    }[method]
    before = head(stubs, workspace)
    with refused("INVALID_FIELD", "reason") as told:
        getattr(stubs.registry, method)(request)
    assert "4096" in told[0].message
    assert len(told[0].message) < 300
    assert head(stubs, workspace) == before


def test_the_refusal_of_twenty_long_conditions_arrives(stubs: Stubs, workspace: str) -> None:
    """Trailers have a limit of 8 kB in common clients and proxies, beyond which a refusal would be lost."""
    versions(stubs, workspace)
    stubs.registry.SetAlias(move(workspace))
    conditions = []
    for i in range(10):
        key = f"{i:02}" + "ü" * 248
        metric = v1.MetricCondition(
            key=key,
            direction=v1.DIRECTION_MAXIMIZE,
            constant=1 / 3,
            min_delta=1 / 7,
            source=v1.METRIC_SOURCE_LATEST_EVALUATION,
        )
        stubs.registry.RecordEvaluation(
            v1.RecordEvaluationRequest(workspace=workspace, model_name="m", version=2, metrics={key: 1 / 9})
        )
        conditions += [v1.Condition(metric=metric), v1.Condition(tag=v1.TagCondition(key=key, value="ä" * 8_000))]
    before = head(stubs, workspace)
    with refused("CONDITION_NOT_MET") as told:
        stubs.registry.SetAlias(move(workspace, 2, conditions=conditions))
    assert told[0].metadata["failed"] == "20"
    assert len(told[0].preconditions) == 20
    assert all(f"{i // 2:02}ü" in subject for i, (subject, _) in enumerate(told[0].preconditions))
    assert "0.111111" in told[0].preconditions[0][1]
    assert "0.333333" in told[0].preconditions[0][1]
    assert head(stubs, workspace) == before


def test_evidence_that_json_cannot_say_is_refused(stubs: Stubs, workspace: str) -> None:
    versions(stubs, workspace)
    before = head(stubs, workspace)
    for number in (float("nan"), float("inf")):
        request = move(workspace)
        request.evidence.update({"drift": {"psi": [1, number]}})
        with refused("INVALID_FIELD", "evidence") as told:
            stubs.registry.SetAlias(request)
        assert "NaN" in told[0].message
    assert head(stubs, workspace) == before
