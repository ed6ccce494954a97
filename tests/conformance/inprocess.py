"""The client of `make test`: gRPC's own calls in this process, without a retry or an error type in between."""

from __future__ import annotations

import itertools
import threading
from typing import Any

import grpc
from google.protobuf.message_factory import GetMessageClass

from tests.conformance.programs.lines import Json, requests_of, to_json
from tests.conformance.programs.python_sync import PythonSync
from tests.harness.wire import UNLIMITED, refusal


class InProcess:
    """Makes calls over one channel for each address; what is more than a call is left to the SDK."""

    retries = False

    def __init__(self) -> None:
        self._channels: dict[str, grpc.Channel] = {}
        self._sdk = PythonSync()

    def perform(self, operation: Json) -> Json:
        """Do what the operation says, and return its answer."""
        if operation["op"] != "call":
            return self._sdk.perform(operation)
        method, requests = requests_of(operation)
        shape = f"{'stream' if method.client_streaming else 'unary'}_{'stream' if method.server_streaming else 'unary'}"
        invoke = getattr(self._channel(operation["address"]), shape)(
            f"/{operation['method']}",
            request_serializer=GetMessageClass(method.input_type).SerializeToString,
            response_deserializer=GetMessageClass(method.output_type).FromString,
        )
        if not method.server_streaming:
            invoke = invoke.future
        call = invoke(
            iter(requests) if method.client_streaming else requests[0],
            timeout=operation["deadline_seconds"],
            metadata=tuple(operation["metadata"].items()),
        )
        if "cancel_after" in operation:
            threading.Timer(operation["cancel_after"], call.cancel).start()
        try:
            if not method.server_streaming:
                return {"response": to_json(call.result())}
            return {"stream": [to_json(message) for message in itertools.islice(call, operation.get("take"))]}
        except grpc.FutureCancelledError:
            return {"error": {"code": "CANCELLED"}}
        except grpc.RpcError as error:
            return {"error": _error(error)}
        finally:
            call.cancel()

    def close(self) -> None:
        """Close the channels."""
        for channel in self._channels.values():
            channel.close()

    def _channel(self, address: str) -> grpc.Channel:
        if address not in self._channels:
            self._channels[address] = grpc.insecure_channel(address, options=UNLIMITED)
        return self._channels[address]


def _error(error: grpc.RpcError) -> dict[str, Any]:
    found = refusal(error)
    return {
        name: value
        for name, value in {
            "code": found.code,
            "message": found.message,
            "reason": found.reason,
            "domain": found.domain,
            "metadata": found.metadata,
            "violations": [{"field": f, "description": d} for f, d in found.violations],
            "preconditions": [{"subject": s, "description": d} for s, d in found.preconditions],
            "retry_seconds": found.retry_after,
        }.items()
        if value not in ("", [], {}, None)
    }
