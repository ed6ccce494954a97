"""Every case of `cases/`, each a test."""

from __future__ import annotations

import grpc
import pytest

from tests.conformance import caseformat, runner

CASES = caseformat.load()


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_case(case: caseformat.Case, shared_channel: grpc.Channel) -> None:
    runner.run(case, shared_channel)
