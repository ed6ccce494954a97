"""The contract keeps its own rules, the server implements all of it, and the conformance suite covers it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.descriptor_pb2 import MethodOptions

from runlore import v1
from runlore.v1 import common_pb2, error_pb2
from runlore_server.app import SERVICES
from runlore_server.services.artifacts import ArtifactService
from runlore_server.services.events import EventService
from runlore_server.services.logged_models import LoggedModelService
from runlore_server.services.registry import RegistryService
from runlore_server.services.server import ServerService
from runlore_server.services.tracking import TrackingService
from tests.conformance import caseformat, coverage
from tests.harness.contract import Contract, Rules

FILES = [file.DESCRIPTOR for file in (*coverage.FILES, common_pb2, error_pb2)]
METHODS = coverage.methods()
REASONS = {name.removeprefix("ERROR_REASON_") for name in v1.ErrorReason.keys()}  # noqa: SIM118 - not a dict
IMPLEMENTATIONS = {
    "runlore.v1.ArtifactService": ArtifactService,
    "runlore.v1.EventService": EventService,
    "runlore.v1.LoggedModelService": LoggedModelService,
    "runlore.v1.RegistryService": RegistryService,
    "runlore.v1.ServerService": ServerService,
    "runlore.v1.TrackingService": TrackingService,
}
#: Errors that a comment names and no call can provoke yet, with why.
UNREACHABLE = {
    ("runlore.v1.EventService/ListEvents", "POSITION_EXPIRED"): "a case does not let years pass",
    ("runlore.v1.EventService/Watch", "POSITION_EXPIRED"): "a case does not let years pass",
    ("runlore.v1.EventService/Watch", "SERVER_STOPPING"): "a case does not stop the server",
    ("runlore.v1.RegistryService/RollbackAlias", "VERSION_NOT_READY"): "what has held an alias was READY, and stays so",
    ("runlore.v1.TrackingService/SearchRuns", "SEARCH_TOO_EXPENSIVE"): "a case does not make 12,000 runs",
    ("runlore.v1.RegistryService/Resolve", "MANIFEST_NOT_FOUND"): "files of a deleted version are kept for days",
}
#: Fields of messages that are in requests too, which the server sets and never reads.
OUTPUT_ONLY = {"runlore.v1.Chunk.url"}


@pytest.fixture(scope="module")
def contract() -> Contract:
    return Contract()


def test_every_service_of_the_contract_is_served() -> None:
    services = {name.split("/")[0] for name in METHODS}
    assert services == {f"runlore.v1.{name}" for name in SERVICES} == set(IMPLEMENTATIONS)


def test_every_file_of_the_contract_is_looked_at(contract: Contract) -> None:
    assert {file.name for file in contract.files} == {file.name for file in FILES}


@pytest.mark.parametrize("name", sorted(METHODS))
def test_every_rpc_is_implemented(name: str) -> None:
    service, method = name.split("/")
    generated = getattr(v1, f"{service.rpartition('.')[2]}Servicer")
    assert getattr(IMPLEMENTATIONS[service], method) is not getattr(generated, method), "only the generated stub"


@pytest.mark.parametrize("name", sorted(METHODS))
def test_every_rpc_has_a_case_that_succeeds(name: str) -> None:
    assert coverage.coverage(caseformat.load())[name]["OK"] > 0


def test_every_named_error_has_a_case(contract: Contract) -> None:
    covered = coverage.coverage(caseformat.load())
    missing = [
        (rpc, reason)
        for rpc, reasons in contract.named_errors().items()
        for reason in reasons
        if not covered[rpc][reason] and (rpc, reason) not in UNREACHABLE
    ]
    assert missing == []


def test_named_and_expected_errors_exist(contract: Contract) -> None:
    named = {reason for reasons in contract.named_errors().values() for reason in reasons}
    expected = {reason for case in caseformat.load() for _, reason in case.calls()} - {"OK"}
    assert len(named) > 20
    assert named | expected <= REASONS


def test_everything_has_a_comment(contract: Contract) -> None:
    assert contract.uncommented() == []


def test_every_enum_begins_with_unspecified() -> None:
    enums = [enum for file in FILES for enum in file.enum_types_by_name.values()]
    enums += [enum for file in FILES for m in file.message_types_by_name.values() for enum in m.enum_types]
    assert enums
    for enum in enums:
        prefix = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", enum.name).upper()
        assert enum.values_by_number[0].name == f"{prefix}_UNSPECIFIED"


def test_every_rpc_has_its_own_messages() -> None:
    for name, method in METHODS.items():
        short = name.split("/")[1]
        assert (method.input_type.name, method.output_type.name) == (f"{short}Request", f"{short}Response")


def test_every_mutation_can_be_retried() -> None:
    """It says that repeating it is harmless, or takes a request id, or is a stream that names its content first."""
    for name, method in METHODS.items():
        level = method.GetOptions().idempotency_level
        if level == MethodOptions.IDEMPOTENCY_UNKNOWN and not method.client_streaming:
            assert "request_id" in method.input_type.fields_by_name, f"{name} takes no request_id"


def test_requests_that_name_something_have_a_workspace() -> None:
    """Blobs are global by their digest, the server's own facts belong to none, a LogStream says it in `open`."""
    requests = [method.input_type for method in METHODS.values()]
    without = {request.name for request in requests if "workspace" not in request.fields_by_name}
    assert without == {
        "GetServerInfoRequest",
        "WriteBlobRequest",
        "GetUploadStatusRequest",
        "ReadBlobRequest",
        "LogStreamRequest",
    }


def test_everything_repeated_or_textual_in_requests_has_a_cap(contract: Contract) -> None:
    uncapped = [
        f"{field.full_name}: {problem}"
        for field in _request_fields()
        for problem in _missing(field, contract.rules(field))
    ]
    assert uncapped == []


def _request_fields() -> list[FieldDescriptor]:
    """The fields of every message of ours that can be part of a request."""
    seen: dict[str, Descriptor] = {}

    def visit(message: Descriptor) -> None:
        if message.full_name not in seen and message.file.package == "runlore.v1":
            seen[message.full_name] = message
            for field in message.fields:
                if field.message_type is not None and not field.message_type.GetOptions().map_entry:
                    visit(field.message_type)

    for method in METHODS.values():
        visit(method.input_type)
    return [field for message in seen.values() for field in message.fields]


def _missing(field: FieldDescriptor, rules: Rules) -> Iterator[str]:
    """What a field lacks to be bounded."""
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        of_map = rules.get("map", {})
        if "max_pairs" not in of_map:
            yield "no max_pairs"
        entry = field.message_type.fields_by_name
        for part, name in ((entry["key"], "keys"), (entry["value"], "values")):
            if part.type == FieldDescriptor.TYPE_STRING and not _is_bounded(of_map.get(name, {})):
                yield f"no cap on {name}"
    elif field.is_repeated:
        of_list = rules.get("repeated", {})
        if "max_items" not in of_list:
            yield "no max_items"
        if field.type == FieldDescriptor.TYPE_STRING and not _is_bounded(of_list.get("items", {})):
            yield "no cap on items"
    elif field.type == FieldDescriptor.TYPE_STRING and field.full_name not in OUTPUT_ONLY:
        if not _is_bounded(rules):
            yield "no max_len"
    elif field.type == FieldDescriptor.TYPE_BYTES and "max_len" not in rules.get("bytes", {}):
        yield "no max_len"


def _is_bounded(rules: Rules) -> bool:
    text = rules.get("string", {})
    pattern = text.get("pattern", "")
    return "max_len" in text or bool(re.fullmatch(r"\^[^*+]+\$", pattern))
