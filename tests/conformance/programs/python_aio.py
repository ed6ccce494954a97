"""The driver of the Python client's asyncio side: everything through what `runlore.aio` offers its users."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from collections.abc import AsyncIterator, Iterable
from typing import Any

import runlore
from runlore.aio import Client
from runlore.errors import RunloreError
from tests.conformance.programs.lines import (
    Json,
    answer,
    manifest_digest,
    requests_of,
    stub_of,
    to_json,
    typed_error,
    watch_arguments,
)
from tests.conformance.programs.python_sync import NO_CACHE, NO_WRITER_ID


class PythonAio:
    """Performs operations with one client for each address."""

    def __init__(self) -> None:
        self._clients: dict[str, Client] = {}
        self._writers: set[tuple[str, str]] = set()

    async def perform(self, operation: Json) -> Json:
        """Do what the operation says, and return its answer."""
        work = asyncio.ensure_future(getattr(self, f"_{operation['op']}")(operation))
        if "cancel_after" in operation:
            asyncio.get_running_loop().call_later(operation["cancel_after"], work.cancel)
        try:
            found: Json = await work
        except RunloreError as error:
            return typed_error(error)
        except asyncio.CancelledError:
            return {"error": {"code": "CANCELLED", "message": "the task was cancelled"}}
        return found

    async def _call(self, operation: Json) -> Json:
        method, requests = requests_of(operation)
        client = self._client(operation["address"])
        call = stub_of(client, operation["method"])(
            _all(requests) if method.client_streaming else requests[0],
            timeout=operation["deadline_seconds"],
            metadata=tuple(operation["metadata"].items()),
        )
        if not method.server_streaming:
            return {"response": to_json(await call)}
        return {"stream": await _taken(call, operation.get("take"))}

    def _client(self, address: str) -> Client:
        if address not in self._clients:
            self._clients[address] = self._connect(address)
        return self._clients[address]

    def _connect(self, address: str, workspace: str = "") -> Client:
        return runlore.aio.connect(address, workspace=workspace, actor="")

    async def _manifest_digest(self, operation: Json) -> Json:
        return manifest_digest(operation)

    async def _push(self, operation: Json) -> Json:
        async with self._connect(operation["address"], operation["workspace"]) as client:
            version = await client.push(operation["folder"], operation["model"])
            return {"response": {"version": str(version.version), "manifest_digest": version.manifest_digest}}

    async def _pull(self, operation: Json) -> Json:
        async with self._connect(operation["address"], operation["workspace"]) as client:
            await client.pull(operation["reference"], operation["destination"], fallback=False)
            found = await client.resolve(operation["reference"])
            return {"response": {"manifest_digest": found.model_version.manifest_digest}}

    async def _resolve(self, operation: Json) -> Json:
        return {"unsupported": NO_CACHE}

    async def _watch(self, operation: Json) -> Json:
        async with self._connect(operation["address"], operation["workspace"]) as client:
            events = client.watch(**watch_arguments(operation["request"]))
            return {"stream": await _taken(events, operation["take"])}

    async def _log(self, operation: Json) -> Json:
        writer = (operation["run_id"], operation["writer_id"])
        if writer in self._writers:
            return {"unsupported": NO_WRITER_ID}
        self._writers.add(writer)
        async with self._connect(operation["address"], operation["workspace"]) as client:
            async with await client.resume_run(operation["run_id"]) as run:
                for key, step, _, value in operation["points"]:
                    run.log({key: float(value)}, step=int(step))
                await run.flush(60)
            return {"response": {"committed_points": str(len(operation["points"]))}}


async def _all(requests: Iterable[Any]) -> AsyncIterator[Any]:
    for request in requests:
        yield request


async def _taken(stream: Any, count: int | None) -> list[Json]:
    """Return the first `count` messages of a stream, None for all, and let go of it."""
    found: list[Json] = []
    try:
        if count != 0:
            async for message in stream:
                found.append(to_json(message))
                if len(found) == count:
                    break
    finally:
        if hasattr(stream, "aclose"):
            await stream.aclose()
        else:
            stream.cancel()
    return found


async def main() -> None:
    """Answer each line of stdin with one on stdout, until stdin ends."""
    driver = PythonAio()
    while line := await asyncio.to_thread(sys.stdin.readline):
        answer(await driver.perform(json.loads(line)))
    with contextlib.suppress(RunloreError):
        for client in driver._clients.values():
            await client.close()


if __name__ == "__main__":
    asyncio.run(main())
