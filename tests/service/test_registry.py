"""The registry under contention: one winner for each expected state, no gaps, answers that are never old."""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from collections.abc import AsyncIterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import grpc
import pytest

from runlore import v1
from tests.harness.postgres import Databases
from tests.harness.server import ServerProcess
from tests.harness.wire import Stubs, refusal

DATA = b"model bytes"
SHA = hashlib.sha256(DATA).hexdigest()


async def run_with_model(stubs: Stubs, workspace: str, auc: float = 0.5) -> str:
    """A run with one artifact folder and one metric; returns its id."""
    run = (await stubs.tracking.CreateRun(v1.CreateRunRequest(workspace=workspace))).run
    blob = v1.BlobSpec(sha256=SHA, size=len(DATA))
    await stubs.artifact.WriteBlob(iter([v1.WriteBlobRequest(blob=blob), v1.WriteBlobRequest(data=DATA)]))
    chunk = v1.Chunk(size=len(DATA), sha256=SHA)
    file = v1.FileEntry(path="model/m.bin", size=len(DATA), sha256=SHA, chunks=[chunk])
    await stubs.artifact.LogArtifacts(v1.LogArtifactsRequest(workspace=workspace, run_id=run.run_id, files=[file]))
    series = [v1.MetricSeries(key="auc", steps=[0], times_unix_us=[0], values=[auc])]
    await stubs.tracking.LogBatch(
        v1.LogBatchRequest(workspace=workspace, run_id=run.run_id, writer_id="w", sequence=1, series=series)
    )
    return run.run_id


async def add_version(stubs: Stubs, workspace: str, run_id: str, model: str = "m") -> v1.ModelVersion:
    source = v1.RunSource(run_id=run_id, path="model")
    request = v1.CreateModelVersionRequest(workspace=workspace, model_name=model, run=source)
    return (await stubs.registry.CreateModelVersion(request)).model_version


async def history(stubs: Stubs, workspace: str, model: str = "m") -> list[v1.Event]:
    request = v1.ListEventsRequest(workspace=workspace, model_name=model, page_size=1000)
    return list((await stubs.event.ListEvents(request)).events)


async def champion(stubs: Stubs, workspace: str) -> v1.ResolveResponse:
    return await stubs.registry.Resolve(v1.ResolveRequest(workspace=workspace, reference="models:/m@champion"))


@pytest.fixture
async def servers(postgres: Databases, data_folder: Path) -> AsyncIterator[list[Stubs]]:
    """Stubs of two servers on one database and one artifact folder."""
    with postgres.fresh() as url:
        arguments = ("--database", url, "--artifacts", str(data_folder / "artifacts"))
        processes = [ServerProcess(data_folder / name, *arguments) for name in ("a", "b")]
        channels = [grpc.aio.insecure_channel(process.wait_ready().address) for process in processes]
        yield [Stubs(channel) for channel in channels]
        for channel in channels:
            await channel.close()
        for process in processes:
            process.stop()


async def test_versions_are_numbered_without_gaps_or_doubles(servers: list[Stubs], workspace: str) -> None:
    run_id = await run_with_model(servers[0], workspace)
    await servers[0].registry.CreateRegisteredModel(v1.CreateRegisteredModelRequest(workspace=workspace, name="m"))
    made = await asyncio.gather(*(add_version(servers[i % 2], workspace, run_id) for i in range(40)))
    assert sorted(v.version for v in made) == list(range(1, 41))
    events = await history(servers[1], workspace)
    assert [e.revision for e in events] == list(range(1, 42))
    assert all(later.prev_hash == earlier.hash for earlier, later in pairwise(events))


async def test_of_many_movers_exactly_one_wins_each_expected_state(servers: list[Stubs], workspace: str) -> None:
    run_id = await run_with_model(servers[0], workspace)
    await servers[0].registry.CreateRegisteredModel(v1.CreateRegisteredModelRequest(workspace=workspace, name="m"))
    for _ in range(9):
        await add_version(servers[0], workspace, run_id)

    async def move(i: int, version: int, expect: v1.AliasExpectation) -> tuple[int, dict[str, str]]:
        request = v1.SetAliasRequest(
            workspace=workspace, model_name="m", alias="champion", version=version, expect=expect, reason=f"mover {i}"
        )
        try:
            await servers[i % 2].registry.SetAlias(request, metadata=(("runlore-actor", f"user:m{i}"),))
        except grpc.aio.AioRpcError as error:
            told = refusal(error)
            assert told.reason == "ALIAS_MOVED"
            return 0, dict(told.metadata)
        return version, {}

    expect, winners = v1.AliasExpectation(absent=True), []
    for round_ in range(6):
        holder = winners[-1] if winners else 0
        wanted = [v for v in range(1, 10) if v != holder]
        outcomes = await asyncio.gather(*(move(i, version, expect) for i, version in enumerate(wanted)))
        won = [version for version, _ in outcomes if version]
        assert len(won) == 1, f"round {round_}"
        winner = wanted.index(won[0])
        for version, told in outcomes:
            if not version:
                assert told["current_version"] == str(won[0])
                assert told["moved_by"] == f"user:m{winner}"
                assert told["move_reason"] == f"mover {winner}"
        winners.append(won[0])
        expect = v1.AliasExpectation(version=won[0])

    moves = [e for e in await history(servers[0], workspace) if e.kind == v1.EVENT_KIND_ALIAS_SET]
    assert [e.after.alias.version for e in moves] == winners
    assert [e.before.alias.version for e in moves] == [0, *winners[:-1]]


async def test_of_moves_rollbacks_and_deletions_one_wins_each_expected_state(
    servers: list[Stubs], workspace: str
) -> None:
    """Every loser is told the state that beat it, whatever kind of change that was."""
    run_id = await run_with_model(servers[0], workspace)
    await servers[0].registry.CreateRegisteredModel(v1.CreateRegisteredModelRequest(workspace=workspace, name="m"))
    for _ in range(3):
        await add_version(servers[0], workspace, run_id)
    named: dict[str, Any] = {"workspace": workspace, "model_name": "m", "alias": "champion"}
    for version in (1, 2):
        await servers[0].registry.SetAlias(
            v1.SetAliasRequest(**named, version=version, expect=v1.AliasExpectation(any=True))
        )

    async def change(i: int, holder: int) -> tuple[int | None, str, dict[str, str]]:
        """Returns where the alias is then (0: nowhere), or None with the refusal."""
        registry, who = servers[i % 2].registry, (("runlore-actor", f"user:m{i}"),)
        expect = v1.AliasExpectation(version=holder)
        try:
            if i % 3 == 0:
                await registry.DeleteAlias(v1.DeleteAliasRequest(**named, expect=expect), metadata=who)
                return 0, "", {}
            if i % 3 == 1:
                back = v1.RollbackAliasRequest(**named, expected_version=holder, reason="bad")
                return (await registry.RollbackAlias(back, metadata=who)).applied.alias.version, "", {}
            to = v1.SetAliasRequest(**named, version=holder % 3 + 1, expect=expect)
            return (await registry.SetAlias(to, metadata=who)).applied.alias.version, "", {}
        except grpc.aio.AioRpcError as error:
            told = refusal(error)
            return None, told.reason, dict(told.metadata)

    holder, won = 2, Counter[int]()
    for _ in range(15):
        outcomes = await asyncio.gather(*(change(i, holder) for i in range(12)))
        ((winner, now),) = [(i, now) for i, (now, _, _) in enumerate(outcomes) if now is not None]
        won[winner % 3] += 1
        for i, (_, reason, told) in enumerate(outcomes):
            if i == winner:
                continue
            if reason == "NO_PREVIOUS_HOLDER":
                # The first holder: whoever would go back from it is refused while it holds the alias still.
                assert i % 3 == 1
            elif now == 0 and i % 3 < 2:
                assert reason == "ALIAS_NOT_FOUND"
            else:
                assert reason == "ALIAS_MOVED"
                assert told["expected_version"] == str(holder)
                assert told["current_version"] == (str(now) if now else "")
                assert told["moved_by"] == (f"user:m{winner}" if now else "")
        if now == 0:
            expect, now = v1.AliasExpectation(absent=True), holder % 3 + 1
            await servers[0].registry.SetAlias(v1.SetAliasRequest(**named, version=now, expect=expect))
        holder = now
    events = await history(servers[1], workspace)
    assert all(later.prev_hash == earlier.hash for earlier, later in pairwise(events))
    assert [e.revision for e in events] == list(range(1, len(events) + 1))


async def test_resolve_never_answers_older_than_what_was_acknowledged(servers: list[Stubs], workspace: str) -> None:
    run_id = await run_with_model(servers[0], workspace)
    await servers[0].registry.CreateRegisteredModel(v1.CreateRegisteredModelRequest(workspace=workspace, name="m"))
    for _ in range(2):
        await add_version(servers[0], workspace, run_id)
    for i in range(30):
        version = 1 + i % 2
        request = v1.SetAliasRequest(
            workspace=workspace,
            model_name="m",
            alias="champion",
            version=version,
            expect=v1.AliasExpectation(any=True),
        )
        moved = await servers[i % 2].registry.SetAlias(request)
        found = await champion(servers[(i + 1) % 2], workspace)
        assert found.model_version.version == version
        assert found.head == moved.applied.head


async def test_a_better_candidate_wins_once_whoever_asks(servers: list[Stubs], workspace: str) -> None:
    """Ten candidates race to be champion, each only if better than whoever holds it: the best one ends up there."""
    await servers[0].registry.CreateRegisteredModel(v1.CreateRegisteredModelRequest(workspace=workspace, name="m"))
    scores = [0.1, 0.9, 0.3, 0.8, 0.2, 0.7, 0.4, 0.6, 0.5, 0.35]
    for score in scores:
        await add_version(servers[0], workspace, await run_with_model(servers[0], workspace, score))
    metric = v1.MetricCondition(key="auc", direction=v1.DIRECTION_MAXIMIZE, current_holder=True)

    async def promote(i: int) -> str:
        request = v1.SetAliasRequest(
            workspace=workspace,
            model_name="m",
            alias="champion",
            version=i + 1,
            expect=v1.AliasExpectation(any=True),
            conditions=[v1.Condition(metric=metric)],
        )
        try:
            await servers[i % 2].registry.SetAlias(request)
        except grpc.aio.AioRpcError as error:
            return refusal(error).reason
        return "moved"

    outcomes = Counter(await asyncio.gather(*(promote(i) for i in range(10))))
    assert set(outcomes) <= {"moved", "CONDITION_NOT_MET"}
    assert (await champion(servers[0], workspace)).model_version.version == 2
    moves = [e for e in await history(servers[0], workspace) if e.kind == v1.EVENT_KIND_ALIAS_SET]
    assert len(moves) == outcomes["moved"]
    held = [scores[e.after.alias.version - 1] for e in moves]
    assert held == sorted(held), "each move was to a better version"
    for event in moves[1:]:
        (result,) = event.conditions
        assert result.holds
        assert result.candidate > result.bar


async def test_rollback_walks_back_through_the_holders(stubs: Stubs, aio_stubs: Stubs, workspace: str) -> None:
    registry = aio_stubs.registry
    await registry.CreateRegisteredModel(v1.CreateRegisteredModelRequest(workspace=workspace, name="m"))
    run_id = await run_with_model(aio_stubs, workspace)
    for _ in range(3):
        await add_version(aio_stubs, workspace, run_id)

    async def set_to(version: int) -> None:
        expect = v1.AliasExpectation(any=True)
        await registry.SetAlias(
            v1.SetAliasRequest(workspace=workspace, model_name="m", alias="champion", version=version, expect=expect)
        )

    async def roll_back(expected: int) -> int:
        request = v1.RollbackAliasRequest(
            workspace=workspace, model_name="m", alias="champion", expected_version=expected, reason="bad"
        )
        return (await registry.RollbackAlias(request)).applied.alias.version

    for version in (1, 2, 3):
        await set_to(version)
    assert await roll_back(3) == 2
    assert await roll_back(2) == 1
    await set_to(3)
    assert await roll_back(3) == 1
    with pytest.raises(grpc.aio.AioRpcError) as error:
        await roll_back(1)
    assert refusal(error.value).reason == "NO_PREVIOUS_HOLDER"
    with pytest.raises(grpc.aio.AioRpcError) as error:
        await roll_back(2)
    assert refusal(error.value).reason == "ALIAS_MOVED"


async def test_evidence_is_frozen(aio_stubs: Stubs, workspace: str) -> None:
    await aio_stubs.registry.CreateRegisteredModel(v1.CreateRegisteredModelRequest(workspace=workspace, name="m"))
    run_id = await run_with_model(aio_stubs, workspace, 0.5)
    made = await add_version(aio_stubs, workspace, run_id)
    series = [v1.MetricSeries(key="auc", steps=[1], times_unix_us=[1], values=[0.99])]
    await aio_stubs.tracking.LogBatch(
        v1.LogBatchRequest(
            workspace=workspace, run_id=run_id, writer_id="w", sequence=2, series=series, tags={"later": "yes"}
        )
    )
    request = v1.GetModelVersionRequest(workspace=workspace, model_name="m", version=1)
    again = (await aio_stubs.registry.GetModelVersion(request)).model_version
    assert again.evidence == made.evidence
    assert again.evidence.metrics[0].last == 0.5
