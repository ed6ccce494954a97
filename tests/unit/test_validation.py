"""Violations as people read them."""

from __future__ import annotations

import re

import protovalidate
import pytest
from google.protobuf.message import Message
from hypothesis import given
from hypothesis import strategies as st

from runlore import v1
from runlore_server import calls
from runlore_server.errors import RunloreError
from runlore_server.interceptors import ordered
from runlore_server.interceptors.validation import PATTERNS, ValidationInterceptor, is_plain_batch, is_plain_frame
from tests.conformance import coverage

RULES = re.compile(rb"\^[\x20-\x7e]+?\$")


@pytest.fixture(autouse=True)
def call() -> None:
    calls.begin(calls.Call(method="m", actor=v1.Actor(), trace_id="t"))


def refusal(message: Message) -> RunloreError:
    with pytest.raises(RunloreError) as refused:
        ValidationInterceptor().request("runlore.v1.Any/Any", message)
    return refused.value


def test_every_pattern_of_the_contract_has_words() -> None:
    used: set[str] = set()
    for module in coverage.FILES:
        used |= {found.decode() for found in RULES.findall(module.DESCRIPTOR.serialized_pb)}
    assert used
    assert used == set(PATTERNS)


@pytest.mark.parametrize(
    ("message", "field", "words"),
    [
        (v1.GetRunRequest(run_id="x"), "run_id", "must be 32 lower-case hex digits (got 'x')"),
        (v1.CreateRegisteredModelRequest(), "name", "must not be empty"),
        (
            v1.LogBatchRequest(run_id="0" * 32, params={"a\nb": "1"}),
            'params["a\\nb"]',
            "key must not be empty or have control characters (got 'a\\nb')",
        ),
        (
            v1.SearchRunsRequest(experiment_ids=["0", "y"]),
            "experiment_ids[1]",
            "must be 32 lower-case hex digits, or 0",
        ),
        (
            v1.SearchRunsRequest(page_size=5000),
            "page_size",
            "must be greater than or equal to 0 and less than or equal",
        ),
        (v1.GetRunRequest(run_id="0" * 32, workspace="a b"), "workspace", "must be 1 to 64 of letters"),
        (v1.GetExperimentRequest(), "experiment", "is required: give one of experiment_id, name"),
    ],
)
def test_a_violation_reads_well(message: Message, field: str, words: str) -> None:
    error = refusal(message)
    assert error.reason_name == "INVALID_FIELD"
    violation = error.violations[0]
    assert violation.field == field
    assert violation.description.startswith(words)


def test_a_long_value_is_cut_short() -> None:
    error = refusal(v1.CreateRegisteredModelRequest(name="x" * 10_000))
    assert len(error.message) < 300


def test_the_order_of_the_interceptors() -> None:
    assert [type(i).__name__ for i in ordered()] == [
        "CallInterceptor",
        "AccessLogInterceptor",
        "ErrorInterceptor",
        "ValidationInterceptor",
    ]


@given(
    st.builds(
        v1.LogStreamFrame,
        first_point=st.integers(-1, 2),
        new_keys=st.lists(st.sampled_from(["", "k", "b\n"]), max_size=1),
        keys=st.lists(st.integers(0, 3), max_size=2),
        values=st.lists(st.floats(), max_size=2),
        dropped_points=st.integers(-1, 1),
    )
)
def test_what_passes_for_a_plain_frame_keeps_all_rules(frame: v1.LogStreamFrame) -> None:
    message = v1.LogStreamRequest(frame=frame)
    violations = protovalidate.collect_violations(message)
    assert is_plain_frame(message) == (not violations and not frame.new_keys)


def test_only_frames_pass_for_plain_frames() -> None:
    assert not is_plain_frame(v1.LogStreamRequest())
    assert not is_plain_frame(v1.LogStreamRequest(open=v1.LogStreamOpen()))
    assert not is_plain_frame(v1.GetRunRequest())


IDS = st.sampled_from(["", "ab" * 16, "ab" * 16 + "\n", "AB" * 16, "ab" * 15])
WRITERS = st.sampled_from(["", "w", "w-_9", "w" * 64, "w" * 65, "w\n", "w w", "é"])
METRIC_KEYS = st.sampled_from(["", "k", "é" * 250, "é" * 251, "k\n", "a\x7f", "a b/c", "a\u2028b"])
SERIES = st.builds(
    v1.MetricSeries,
    key=METRIC_KEYS | st.just("k"),
    steps=st.lists(st.just(1), max_size=1),
    times_unix_us=st.lists(st.just(1), max_size=1),
    values=st.lists(st.just(1.0), max_size=1),
)
PLAIN_SERIES = v1.MetricSeries(key="k", steps=[1], times_unix_us=[1], values=[1.0])


@given(
    st.builds(
        v1.LogBatchRequest,
        workspace=st.sampled_from(["", "w" * 64, "w" * 65]),
        run_id=IDS | st.just("ab" * 16),
        writer_id=WRITERS | st.just("w"),
        sequence=st.integers(-1, 2),
        series=st.lists(SERIES | st.just(PLAIN_SERIES), max_size=2),
        params=st.dictionaries(st.sampled_from(["", "p"]), st.just("1"), max_size=1),
        tags=st.dictionaries(st.sampled_from(["", "t"]), st.just("1"), max_size=1),
    )
)
def test_what_passes_for_a_plain_batch_keeps_all_rules(message: v1.LogBatchRequest) -> None:
    violations = protovalidate.collect_violations(message)
    named = message.writer_id and message.sequence and not message.params and not message.tags
    assert is_plain_batch(message) == bool(not violations and named)


@pytest.mark.parametrize("count", [1_000, 1_001])
def test_a_plain_batch_has_no_more_series_than_the_contract_lets_it(count: int) -> None:
    message = v1.LogBatchRequest(run_id="ab" * 16, writer_id="w", sequence=1, series=[PLAIN_SERIES] * count)
    assert is_plain_batch(message) == (not protovalidate.collect_violations(message))


@pytest.mark.parametrize("count", [1_000_000, 1_000_001])
def test_a_plain_series_has_no_more_points_than_the_contract_lets_it(count: int) -> None:
    series = v1.MetricSeries(key="k", steps=[1], times_unix_us=[1], values=[1.0] * count)
    message = v1.LogBatchRequest(run_id="ab" * 16, writer_id="w", sequence=1, series=[series])
    assert is_plain_batch(message) == (not protovalidate.collect_violations(message))
