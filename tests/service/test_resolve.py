"""Resolve over the wire, from several servers at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import grpc
import pytest
from google.protobuf.duration_pb2 import Duration

from runlore import v1
from tests.harness.postgres import Databases
from tests.harness.server import ServerProcess
from tests.harness.wire import Stubs
from tests.service.test_registry import add_version, run_with_model


@pytest.fixture
async def servers(postgres: Databases, data_folder: Path) -> AsyncIterator[list[Stubs]]:
    """Stubs of two servers on one database, one of two workers."""
    with postgres.fresh() as url:
        arguments = ("--database", url, "--artifacts", str(data_folder / "artifacts"))
        processes = [
            ServerProcess(data_folder / "a", *arguments),
            ServerProcess(data_folder / "b", *arguments, "--workers", "2"),
        ]
        options = [("grpc.use_local_subchannel_pool", 1)]
        addresses = [process.wait_ready().address for process in processes]
        channels = [grpc.aio.insecure_channel(address, options) for address in addresses * 2]
        yield [Stubs(channel) for channel in channels]
        for channel in channels:
            await channel.close()
        for process in processes:
            process.stop()


async def model_with_champion(stubs: Stubs, workspace: str) -> None:
    run_id = await run_with_model(stubs, workspace)
    await stubs.registry.CreateRegisteredModel(v1.CreateRegisteredModelRequest(workspace=workspace, name="m"))
    for _ in range(2):
        await add_version(stubs, workspace, run_id)
    await move(stubs, workspace, 1)


async def move(stubs: Stubs, workspace: str, version: int) -> v1.ChainHead:
    request = v1.SetAliasRequest(
        workspace=workspace,
        model_name="m",
        alias="champion",
        version=version,
        expect=v1.AliasExpectation(any=True),
    )
    head: v1.ChainHead = (await stubs.registry.SetAlias(request)).applied.head
    return head


async def test_no_answer_is_older_than_what_was_acknowledged_before_it_was_asked_for(
    servers: list[Stubs], workspace: str
) -> None:
    """One moves, many ask, through processes that share nothing but the database; batches too."""
    await model_with_champion(servers[0], workspace)
    acknowledged = 0
    holders: dict[int, int] = {}
    done = False

    async def mover() -> None:
        nonlocal acknowledged, done
        for i in range(60):
            head = await move(servers[i % 4], workspace, 1 + i % 2)
            holders[head.revision] = 1 + i % 2
            acknowledged = head.revision
        done = True

    async def asker(stubs: Stubs, batch: bool) -> int:
        asked = 0
        while not done:
            asked, known = asked + 1, acknowledged
            if batch:
                many = v1.BatchResolveRequest(workspace=workspace, references=["models:/m/1", "models:/m@champion"])
                answer = (await stubs.registry.BatchResolve(many)).responses[1]
            else:
                one = v1.ResolveRequest(workspace=workspace, reference="models:/m@champion")
                answer = await stubs.registry.Resolve(one)
            assert answer.head.revision >= known
            answers.append((answer.head.revision, answer.model_version.version))
        return asked

    answers: list[tuple[int, int]] = []
    askers = [asker(servers[i % 4], i % 3 == 0) for i in range(12)]
    _, *counts = await asyncio.gather(mover(), *askers)
    assert min(counts) > 0
    for revision, version in answers:
        assert holders.get(revision, version) == version, "each answer is right for its revision"


async def test_an_answer_from_memory_has_no_files_of_another_call(
    stubs: Stubs, aio_stubs: Stubs, workspace: str
) -> None:
    await model_with_champion(aio_stubs, workspace)
    request = v1.ResolveRequest(workspace=workspace, reference="models:/m@champion", include_files=True)
    assert [file.path for file in stubs.registry.Resolve(request).files] == ["m.bin"]
    request.include_files = False
    plain = stubs.registry.Resolve(request)
    assert (list(plain.files), plain.HasField("age")) == ([], False)
    request.max_staleness.CopyFrom(Duration(seconds=60))
    remembered = stubs.registry.Resolve(request)
    assert not remembered.files
    assert 0 < remembered.age.ToTimedelta().total_seconds() < 60
    remembered.ClearField("age")
    assert remembered == plain
    request.include_files = True
    assert [file.path for file in stubs.registry.Resolve(request).files] == ["m.bin"]


async def test_an_answer_of_the_past_is_the_answer_that_was_given(
    stubs: Stubs, aio_stubs: Stubs, workspace: str
) -> None:
    await model_with_champion(aio_stubs, workspace)
    given = []
    for version in (2, 1, 2):
        head = await move(aio_stubs, workspace, version)
        # Listing numbers every event that is acknowledged, so that the answer's position is that of the last.
        stubs.event.ListEvents(v1.ListEventsRequest(workspace=workspace))
        request = v1.ResolveRequest(workspace=workspace, reference="models:/m@champion")
        given.append(stubs.registry.Resolve(request))
        assert given[-1].head == head
    for answer in given:
        request = v1.ResolveRequest(workspace=workspace, reference="models:/m@champion", as_of_position=answer.position)
        assert stubs.registry.Resolve(request) == answer
        request = v1.ResolveRequest(
            workspace=workspace, reference="models:/m@champion", as_of_time=answer.alias.set_time
        )
        by_time = stubs.registry.Resolve(request)
        by_time.position = answer.position
        assert by_time == answer
