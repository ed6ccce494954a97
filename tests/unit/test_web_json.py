"""Requests in JSON: read as protobuf says, or refused with the field; nothing else, whatever is sent."""

from __future__ import annotations

import json
from typing import Any

import pytest
from google.protobuf import json_format
from hypothesis import given
from hypothesis import strategies as st

from runlore import v1
from runlore_server.errors import RunloreError
from runlore_server.web.json_requests import reader

KINDS = [v1.SetAliasRequest, v1.LogBatchRequest, v1.CreateRunRequest, v1.ResolveRequest, v1.UpdateRunRequest]
NAMES = sorted({field.json_name for kind in KINDS for field in kind.DESCRIPTOR.fields} | {"values", "steps", "metric"})
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(["1", "NaN", "1s"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=3), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(kind=st.sampled_from(KINDS), value=st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=4) | VALUES)
def test_whatever_json_is_sent_is_read_or_refused(kind: Any, value: Any) -> None:
    check(kind, json.dumps(value).encode())


@given(kind=st.sampled_from(KINDS), data=st.binary(max_size=40))
def test_whatever_bytes_are_sent_are_read_or_refused(kind: Any, data: bytes) -> None:
    check(kind, data)


def check(kind: Any, data: bytes) -> None:
    try:
        assert isinstance(reader(kind)(data), kind)
    except RunloreError as refused:
        error = refused
    else:
        return
    assert error.reason_name == "INVALID_FIELD"
    assert error.violations[0].description
    # The parser's words are about Python and its own classes.
    foreign = ("object is not", "argument must", "google.protobuf", "Message type")
    assert not any(word in error.message for word in foreign)


def test_names_may_be_those_of_the_contract() -> None:
    read = reader(v1.ResolveRequest)
    assert read(b'{"include_files":true}') == read(b'{"includeFiles":true}') == v1.ResolveRequest(include_files=True)


@pytest.mark.parametrize(
    ("kind", "text", "field", "words"),
    [
        (v1.LogBatchRequest, '{"sequence":1.5}', "sequence", "a whole number of 64 bits"),
        (v1.LogBatchRequest, '{"sequence":9223372036854775808}', "sequence", "a whole number of 64 bits"),
        (v1.LogBatchRequest, '{"series":5}', "series", "a list, each element an object"),
        (
            v1.LogBatchRequest,
            '{"series":[{"values":[1,"x"]}]}',
            "series[0].values[1]",
            'a number, or one of the strings "NaN"',
        ),
        (
            v1.LogBatchRequest,
            '{"series":[{"values":[NaN]}]}',
            "series[0].values[0]",
            'a number, or one of the strings "NaN"',
        ),
        (v1.LogBatchRequest, '{"series":[{"stpes":[1]}]}', "series[0].stpes", "is no field: there are key, steps"),
        (v1.CreateRunRequest, '{"params":{"a":5}}', "params", "an object, each value a string"),
        (v1.CreateRunRequest, '{"status":"DONE"}', "status", "one of RUN_STATUS_UNSPECIFIED, RUN_STATUS_RUNNING"),
        (v1.SetAliasRequest, '{"conditions":[{"tag":{"key":5}}]}', "conditions.key", "of another kind"),
        (v1.SetAliasRequest, '{"evidence":[]}', "evidence", "an object"),
        (v1.UpdateRunRequest, '{"updateMask":{"paths":[]}}', "update_mask", "names of fields in one string"),
        (v1.WriteBlobRequest, '{"data":5}', "data", "bytes in base64"),
    ],
)
def test_a_refusal_names_the_field_as_the_contract_does(kind: Any, text: str, field: str, words: str) -> None:
    with pytest.raises(RunloreError) as refused:
        reader(kind)(text.encode())
    assert refused.value.violations[0].field == field
    assert words in refused.value.violations[0].description


def test_what_is_written_is_read() -> None:
    series = v1.MetricSeries(key="k", steps=[2**62 + 1], times_unix_us=[-(2**63)], values=[float("inf")])
    batch = v1.LogBatchRequest(run_id="r", sequence=2**53 + 1, series=[series], params={"π": ""})
    assert reader(v1.LogBatchRequest)(json_format.MessageToJson(batch).encode()) == batch
