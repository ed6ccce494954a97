"""The driver of the Python client's blocking side: everything through what `runlore` offers its users."""

from __future__ import annotations

import contextlib
import itertools
import threading
from collections.abc import Iterator
from typing import Any

import runlore
from runlore import Client
from runlore.errors import RunloreError
from tests.conformance.programs.lines import (
    Json,
    manifest_digest,
    requests_of,
    serve,
    stub_of,
    to_json,
    typed_error,
    watch_arguments,
)

NO_CACHE = "the Python client keeps pulled files for an outage, not answers of Resolve"
NO_WRITER_ID = "the Python client numbers its writers by itself: its spool is what goes on after a crash"


class PythonSync:
    """Performs operations with one client for each address."""

    def __init__(self) -> None:
        self._clients: dict[str, Client] = {}
        self._writers: set[tuple[str, str]] = set()

    def perform(self, operation: Json) -> Json:
        """Do what the operation says, and return its answer."""
        try:
            answer: Json = getattr(self, f"_{operation['op']}")(operation)
        except RunloreError as error:
            return typed_error(error)
        return answer

    def _call(self, operation: Json) -> Json:
        method, requests = requests_of(operation)
        with self._client_for(operation) as client:
            answer = stub_of(client, operation["method"])(
                iter(requests) if method.client_streaming else requests[0],
                timeout=operation["deadline_seconds"],
                metadata=tuple(operation["metadata"].items()),
            )
            if not method.server_streaming:
                return {"response": to_json(answer)}
            with _ended(answer):
                return {"stream": [to_json(message) for message in itertools.islice(answer, operation.get("take"))]}

    @contextlib.contextmanager
    def _client_for(self, operation: Json) -> Iterator[Client]:
        address = operation["address"]
        if "cancel_after" in operation:
            # Closing the client is how a thread cancels what another one waits for.
            with self._connect(address) as client:
                timer = threading.Timer(operation["cancel_after"], client.close)
                timer.start()
                yield client
                timer.cancel()
            return
        if address not in self._clients:
            self._clients[address] = self._connect(address)
        yield self._clients[address]

    def _connect(self, address: str, workspace: str = "") -> Client:
        return runlore.connect(address, workspace=workspace, actor="")

    def _manifest_digest(self, operation: Json) -> Json:
        return manifest_digest(operation)

    def _push(self, operation: Json) -> Json:
        with self._connect(operation["address"], operation["workspace"]) as client:
            version = client.push(operation["folder"], operation["model"])
            return {"response": {"version": str(version.version), "manifest_digest": version.manifest_digest}}

    def _pull(self, operation: Json) -> Json:
        with self._connect(operation["address"], operation["workspace"]) as client:
            client.pull(operation["reference"], operation["destination"], fallback=False)
            found = client.resolve(operation["reference"])
            return {"response": {"manifest_digest": found.model_version.manifest_digest}}

    def _resolve(self, operation: Json) -> Json:
        return {"unsupported": NO_CACHE}

    def _watch(self, operation: Json) -> Json:
        with self._connect(operation["address"], operation["workspace"]) as client:
            events = client.watch(**watch_arguments(operation["request"]))
            with _ended(events):
                return {"stream": [to_json(event) for event in itertools.islice(events, operation["take"])]}

    def _log(self, operation: Json) -> Json:
        writer = (operation["run_id"], operation["writer_id"])
        if writer in self._writers:
            return {"unsupported": NO_WRITER_ID}
        self._writers.add(writer)
        with self._connect(operation["address"], operation["workspace"]) as client:
            with client.resume_run(operation["run_id"]) as run:
                for key, step, _, value in operation["points"]:
                    run.log({key: float(value)}, step=int(step))
                run.flush(60)
            return {"response": {"committed_points": str(len(operation["points"]))}}


@contextlib.contextmanager
def _ended(stream: Any) -> Iterator[None]:
    """Let go of a stream whose reader stops: a generator is closed, a bidirectional call cancelled."""
    try:
        yield
    finally:
        (stream.close if hasattr(stream, "close") else stream.cancel)()


if __name__ == "__main__":
    serve(PythonSync().perform)
