"""Every case of `cases/`, each a test, through gRPC in this process; `run.py` runs them through every client."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.conformance import caseformat, runner
from tests.conformance.inprocess import InProcess
from tests.conformance.runner import Target
from tests.harness.server import ServerProcess

CASES = caseformat.load()


@pytest.fixture(scope="module")
def client() -> Iterator[InProcess]:
    made = InProcess()
    yield made
    made.close()


@pytest.fixture(scope="module")
def target(shared_server: ServerProcess) -> Target:
    return Target(shared_server.address, "", shared_server.data / "artifacts")


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_case(case: caseformat.Case, client: InProcess, target: Target) -> None:
    try:
        runner.run(case, client, target)
    except runner.Unsupported as reason:
        pytest.skip(str(reason))
