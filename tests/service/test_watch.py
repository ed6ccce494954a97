"""Following the log over the wire: across servers, restarts, renames and slow readers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import grpc
import psycopg
import pytest
from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp

from runlore import v1
from runlore_server.db import Database
from runlore_server.store import event_pages
from tests.harness.postgres import Databases
from tests.harness.server import ServerProcess, serving
from tests.harness.wire import UNLIMITED, Stubs, refused
from tests.service.test_registry import add_version, run_with_model

_PATIENCE = 30.0


class Watch:
    """An open Watch. What came is in `events`; `position` is where to go on."""

    def __init__(self, stubs: Stubs, after: str = "", **fields: object) -> None:
        self._stubs = stubs
        self._fields = fields
        self.position = after
        self.events: list[v1.Event] = []
        self.call = self._open()

    def _open(self) -> grpc.aio.UnaryStreamCall:
        request = v1.WatchRequest(after_position=self.position, **self._fields)  # type: ignore[arg-type]
        call: grpc.aio.UnaryStreamCall = self._stubs.event.Watch(request)
        return call

    def go_on(self, stubs: Stubs) -> None:
        """Go on at another server, or on another connection."""
        self.call.cancel()
        self._stubs = stubs
        self.call = self._open()

    async def message(self) -> v1.WatchResponse:
        """The next message."""
        async with asyncio.timeout(_PATIENCE):
            response: v1.WatchResponse = await self.call.read()
        self.events += response.events
        self.position = response.position
        return response

    async def until(self, count: int) -> list[v1.Event]:
        """Read until so many events came; returns all of them."""
        while len(self.events) < count:
            await self.message()
        return self.events


@pytest.fixture
async def model(aio_stubs: Stubs, workspace: str) -> str:
    """A model `m` with two versions and a champion; returns its id."""
    made = await aio_stubs.registry.CreateRegisteredModel(
        v1.CreateRegisteredModelRequest(workspace=workspace, name="m")
    )
    run_id = await run_with_model(aio_stubs, workspace)
    for _ in range(2):
        await add_version(aio_stubs, workspace, run_id)
    await move(aio_stubs, workspace, 1)
    return str(made.registered_model.model_id)


async def move(stubs: Stubs, workspace: str, version: int, alias: str = "champion", **fields: object) -> None:
    request = v1.SetAliasRequest(workspace=workspace, model_name="m", alias=alias, version=version, **fields)  # type: ignore[arg-type]
    request.expect.any = True
    await stubs.registry.SetAlias(request)


async def test_a_move_comes_soon_and_a_rename_is_followed(aio_stubs: Stubs, workspace: str, model: str) -> None:
    watch = Watch(aio_stubs, workspace=workspace, model_name="m", alias="champion")
    everything = Watch(aio_stubs, workspace=workspace, model_name="m")
    first = await watch.message()
    assert (list(first.events), bool(first.position)) == ([], True)
    await everything.message()
    began = time.monotonic()
    await move(aio_stubs, workspace, 2)
    [event] = await watch.until(1)
    assert time.monotonic() - began < 5, "at once, and not with the next checkpoint"
    assert (event.kind, event.after.alias.version) == (v1.EVENT_KIND_ALIAS_SET, 2)
    await aio_stubs.registry.UpdateRegisteredModel(
        v1.UpdateRegisteredModelRequest(
            workspace=workspace, name="m", new_name="n", update_mask={"paths": ["new_name"]}
        )
    )
    request = v1.SetAliasRequest(workspace=workspace, model_name="n", alias="champion", version=1)
    request.expect.version = 2
    await aio_stubs.registry.SetAlias(request)
    assert (await watch.until(2))[1].resource.name == "n"
    kinds = [event.kind for event in await everything.until(3)]
    assert kinds == [v1.EVENT_KIND_ALIAS_SET, v1.EVENT_KIND_MODEL_UPDATED, v1.EVENT_KIND_ALIAS_SET]


async def test_a_deleted_models_history_stays_readable_and_verifiable_by_id(
    aio_stubs: Stubs, workspace: str, model: str
) -> None:
    watch = Watch(aio_stubs, workspace=workspace, resource_id=model)
    await watch.message()
    delete = v1.DeleteRegisteredModelRequest(workspace=workspace, name="m", delete_aliases=True)
    await aio_stubs.registry.DeleteRegisteredModel(delete)
    again = v1.CreateRegisteredModelRequest(workspace=workspace, name="m")
    other = (await aio_stubs.registry.CreateRegisteredModel(again)).registered_model.model_id
    while not watch.events or watch.events[-1].kind != v1.EVENT_KIND_MODEL_DELETED:
        await watch.message()
    listed = await aio_stubs.event.ListEvents(v1.ListEventsRequest(workspace=workspace, resource_id=model))
    assert listed.events[-1].kind == v1.EVENT_KIND_MODEL_DELETED
    by_name = await aio_stubs.event.ListEvents(v1.ListEventsRequest(workspace=workspace, model_name="m"))
    assert {event.resource.id for event in by_name.events} == {other}
    verified = await aio_stubs.event.Verify(v1.VerifyRequest(workspace=workspace, model_id=model))
    assert (verified.valid, verified.event_count) == (True, len(listed.events))
    by_name = await aio_stubs.event.Verify(v1.VerifyRequest(workspace=workspace, model_name="m"))
    assert (by_name.valid, by_name.event_count) == (True, 1)


async def test_checkpoints_come_as_often_as_asked_for(aio_stubs: Stubs, workspace: str) -> None:
    watch = Watch(aio_stubs, workspace=workspace, checkpoint_interval=Duration(nanos=200_000_000))
    await watch.message()
    began = time.monotonic()
    for _ in range(5):
        assert not (await watch.message()).events
    assert 0.9 < time.monotonic() - began < 10


async def test_a_burst_comes_in_few_messages(aio_stubs: Stubs, workspace: str, model: str) -> None:
    listed = await aio_stubs.event.ListEvents(v1.ListEventsRequest(workspace=workspace, model_name="m"))
    watch = Watch(aio_stubs, listed.events[0].position, workspace=workspace, model_name="m")
    first = await watch.message()
    assert [event.revision for event in first.events] == [2, 3, 4]
    # And that is all there was.
    again = await Watch(aio_stubs, first.position, workspace=workspace, model_name="m").message()
    assert not again.events


@pytest.fixture
async def two(postgres: Databases, data_folder: Path) -> AsyncIterator[tuple[list[ServerProcess], list[Stubs]]]:
    """Two servers of two workers on one database."""
    with postgres.fresh() as url:
        flags = ("--database", url, "--artifacts", str(data_folder / "artifacts"), "--workers", "2")
        processes = [ServerProcess(data_folder / name, *flags) for name in ("a", "b")]
        channels = [grpc.aio.insecure_channel(process.wait_ready().address) for process in processes]
        yield processes, [Stubs(channel) for channel in channels]
        for channel in channels:
            await channel.close()
        for process in processes:
            process.stop()


async def test_a_watch_sees_what_other_servers_commit_and_goes_on_at_any(
    two: tuple[list[ServerProcess], list[Stubs]],
) -> None:
    processes, (a, b) = two
    await a.registry.CreateRegisteredModel(v1.CreateRegisteredModelRequest(name="m"))
    run_id = await run_with_model(a, "")
    for _ in range(2):
        await add_version(a, "", run_id)
    await move(a, "", 1)
    # Whoever lists events has all that are committed numbered: Resolve's position is then that of its answer.
    await a.event.ListEvents(v1.ListEventsRequest(model_name="m"))
    resolved = await a.registry.Resolve(v1.ResolveRequest(reference="models:/m@champion"))
    watches = [
        Watch(b, resolved.position, model_name="m", alias="champion", kinds=[v1.EVENT_KIND_ALIAS_SET]) for _ in range(3)
    ]

    async def alternate(stubs: Stubs, count: int) -> None:
        for i in range(count):
            await move(stubs, "", 1 + i % 2, reason=str(i))

    await asyncio.gather(alternate(a, 30), alternate(b, 30))
    # The first is cut and goes on at the other server, the second lost its server.
    watches[0].go_on(a)
    listed = await a.event.ListEvents(v1.ListEventsRequest(model_name="m", kinds=[v1.EVENT_KIND_ALIAS_SET]))
    moves = len(listed.events) - 1
    for watch in watches[:2]:
        await watch.until(moves)
    await asyncio.to_thread(processes[1].kill)
    await move(a, "", 1, reason="last")
    await move(a, "", 2, reason="last")
    watches[1].go_on(a)
    watches[2].go_on(a)
    listed = await a.event.ListEvents(v1.ListEventsRequest(model_name="m", kinds=[v1.EVENT_KIND_ALIAS_SET]))
    expected = [event.position for event in listed.events[1:]]
    for watch in watches:
        assert [event.position for event in await watch.until(len(expected))] == expected


async def test_a_server_that_stops_ends_its_watches_and_the_next_goes_on(database_url: str, data_folder: Path) -> None:
    position, seen = "", []
    for round_ in range(3):
        with serving(data_folder, "--database", database_url, "--drain-seconds", "20") as server:
            async with grpc.aio.insecure_channel(server.address) as channel:
                stubs = Stubs(channel)
                watch = Watch(stubs, position)
                await watch.message()
                await stubs.registry.CreateRegisteredModel(v1.CreateRegisteredModelRequest(name=f"m{round_}"))
                await watch.until(1)
                began = time.monotonic()
                server.process.terminate()
                with refused("SERVER_STOPPING") as found:
                    while True:
                        await watch.message()
                assert found[0].code == "UNAVAILABLE"
                assert found[0].retry_after == 1
                await asyncio.to_thread(server.wait_end)
                assert time.monotonic() - began < 10, "a watch does not keep the server from stopping"
                seen += watch.events
                position = watch.position
    assert [event.resource.name for event in seen] == ["m0", "m1", "m2"]


async def test_a_reader_that_does_not_read_slows_nobody_and_misses_nothing(
    shared_server: ServerProcess, aio_stubs: Stubs, workspace: str, model: str
) -> None:
    """Far more than a connection holds is written meanwhile."""
    count, evidence = 150, {"text": "x" * 60_000}
    async with grpc.aio.insecure_channel(shared_server.address, UNLIMITED) as channel:
        slow = Watch(Stubs(channel), workspace=workspace, model_name="m")
        fast = Watch(aio_stubs, workspace=workspace, model_name="m")
        await slow.message()
        await fast.message()
        for i in range(count):
            await move(aio_stubs, workspace, 1 + i % 2, "large", evidence=evidence)
        await fast.until(count)
        await slow.until(count)
        revisions = list(range(5, 5 + count))
        assert [event.revision for event in slow.events] == [event.revision for event in fast.events] == revisions


async def test_large_events_come_in_shorter_pages(aio_stubs: Stubs, workspace: str, model: str) -> None:
    count = 90
    for i in range(count):
        await move(aio_stubs, workspace, 1 + i % 2, "large", evidence={"text": "x" * 60_000})
    request = v1.ListEventsRequest(workspace=workspace, model_name="m", alias="large", page_size=1_000)
    pages = []
    while not pages or request.page_token:
        page = await aio_stubs.event.ListEvents(request)
        pages.append([event.revision for event in page.events])
        request.page_token = page.next_page_token
    assert len(pages) > 1
    assert [revision for page in pages for revision in page] == list(range(5, 5 + count))


async def test_old_positions_expire_for_tracking_events_and_for_nothing_else(
    server: ServerProcess, database_url: str, db: Database
) -> None:
    async with grpc.aio.insecure_channel(server.address) as channel:
        stubs = Stubs(channel)
        await stubs.registry.CreateRegisteredModel(v1.CreateRegisteredModelRequest(name="m"))
        run_id = (await stubs.tracking.CreateRun(v1.CreateRunRequest())).run.run_id
        first, *_, last = (await stubs.event.ListEvents(v1.ListEventsRequest())).events
        with psycopg.connect(database_url) as conn:
            conn.execute("UPDATE event SET time = time - interval '40 days'")
        while await db.write(lambda conn: event_pages.prune(conn, 30, 100)):
            pass
        await stubs.tracking.CreateRun(v1.CreateRunRequest())

        kept = (await stubs.event.ListEvents(v1.ListEventsRequest())).events
        assert [event.kind for event in kept] == [v1.EVENT_KIND_MODEL_CREATED, v1.EVENT_KIND_RUN_CREATED]
        with refused("POSITION_EXPIRED", "after_position") as expired:
            await stubs.event.ListEvents(v1.ListEventsRequest(after_position=first.position))
        assert expired[0].code == "OUT_OF_RANGE"
        assert expired[0].metadata["oldest_position"] == last.position
        with refused("POSITION_EXPIRED", "after_position"):
            await Watch(stubs, first.position, resource_id=run_id).message()
        with refused("POSITION_EXPIRED", "after_position"):
            newest = v1.ListEventsRequest(after_position=first.position, newest_first=True)
            await stubs.event.ListEvents(newest)

        oldest = expired[0].metadata["oldest_position"]
        assert len((await stubs.event.ListEvents(v1.ListEventsRequest(after_position=oldest))).events) == 1
        assert len((await Watch(stubs, oldest).message()).events) == 1
        of_model = v1.ListEventsRequest(after_position=first.position, model_name="m")
        assert not (await stubs.event.ListEvents(of_model)).events
        await Watch(stubs, first.position, model_name="m").message()
        await Watch(stubs, first.position, kinds=[v1.EVENT_KIND_ALIAS_SET]).message()
        assert (await stubs.event.Verify(v1.VerifyRequest(model_name="m"))).valid is False, "its time was changed"


async def test_verify_names_what_was_done_behind_the_servers_back(server: ServerProcess, database_url: str) -> None:
    async with grpc.aio.insecure_channel(server.address) as channel:
        stubs = Stubs(channel)
        await stubs.registry.CreateRegisteredModel(v1.CreateRegisteredModelRequest(name="m"))
        run_id = await run_with_model(stubs, "")
        for _ in range(3):
            await add_version(stubs, "", run_id)
        events = (await stubs.event.ListEvents(v1.ListEventsRequest(model_name="m"))).events
        verified = await stubs.event.Verify(v1.VerifyRequest(model_name="m"))
        assert (verified.valid, verified.event_count, verified.head.hash) == (True, 4, events[-1].hash)
        with psycopg.connect(database_url) as conn:
            conn.execute("UPDATE event SET body = replace(body::text, '22', '23')::bytea WHERE position = %s", (3,))
            conn.execute(
                "UPDATE event SET hash = sha256(body), body = body || ' ' WHERE resource_id = %s AND revision = 3",
                (events[0].resource.id,),
            )
        verified = await stubs.event.Verify(v1.VerifyRequest(model_name="m"))
        assert (verified.valid, verified.event_count) == (False, 2)
        assert verified.first_break == v1.ChainBreak(
            revision=3, position=events[2].position, problem="the event's text does not have the recorded hash"
        )


async def test_times_out_of_range_are_refused(aio_stubs: Stubs, workspace: str) -> None:
    with refused("INVALID_FIELD", "since_time"):
        beyond = Timestamp(seconds=10**15)
        await aio_stubs.event.ListEvents(v1.ListEventsRequest(workspace=workspace, since_time=beyond))
