"""The search language: what parses, and where a refusal points."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runlore_server.errors import RunloreError
from runlore_server.search.fields import EXPERIMENT_ORDER, EXPERIMENTS, MODEL_VERSIONS, MODELS, Field, Kind
from runlore_server.search.language import MAX_TERMS, Comparison, OrderKey, parse_filter, parse_order


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("metrics.auc > 0.9", Comparison(Field(Kind.METRIC, "auc"), ">", 0.9)),
        ("metrics.val.auc>=-1e3", Comparison(Field(Kind.METRIC, "val.auc"), ">=", -1000.0)),
        ("metric.`a b` = 1", Comparison(Field(Kind.METRIC, "a b"), "=", 1.0)),
        ("params.C = '0.1'", Comparison(Field(Kind.PARAM, "C"), "=", "0.1")),
        ("params.\"x'y\" != 'it''s'", Comparison(Field(Kind.PARAM, "x'y"), "!=", "it's")),
        ("tags.team like 'ads%'", Comparison(Field(Kind.TAG, "team"), "LIKE", "ads%")),
        ("tags.mlflow/user IN ('a','b')", Comparison(Field(Kind.TAG, "mlflow/user"), "IN", ("a", "b"))),
        ("params.layer-2.units = '8'", Comparison(Field(Kind.PARAM, "layer-2.units"), "=", "8")),
        ("attributes.run_name ILIKE 'LR%'", Comparison(Field(Kind.ATTRIBUTE, "name"), "ILIKE", "LR%")),
        ("dataset.digest = 'ab12'", Comparison(Field(Kind.DATASET, "digest"), "=", "ab12")),
        ("datasets.`name` IN ('a')", Comparison(Field(Kind.DATASET, "name"), "IN", ("a",))),
        ("status = 'finished'", Comparison(Field(Kind.ATTRIBUTE, "status"), "=", "FINISHED")),
        (
            "start_time > 1700000000000",
            Comparison(Field(Kind.ATTRIBUTE, "start_time"), ">", datetime.fromtimestamp(1700000000, UTC)),
        ),
    ],
)
def test_a_comparison_parses(text: str, expected: Comparison) -> None:
    assert parse_filter(text) == [expected]


def test_comparisons_are_joined_by_and_in_any_case() -> None:
    found = parse_filter("metrics.a > 1 AND params.b = 'x' and tags.c != 'and'")
    assert [c.field.key for c in found] == ["a", "b", "c"]


def test_an_empty_filter_and_order_have_no_terms() -> None:
    assert parse_filter("  ") == []
    assert parse_order("") == []


def test_an_order_parses() -> None:
    assert parse_order("metrics.auc DESC, params.`a b`, start_time asc") == [
        OrderKey(Field(Kind.METRIC, "auc"), True),
        OrderKey(Field(Kind.PARAM, "a b"), False),
        OrderKey(Field(Kind.ATTRIBUTE, "start_time"), False),
    ]


@pytest.mark.parametrize(
    ("text", "column", "expected"),
    [
        ("metrics.auc >", 14, "a number"),
        ("metrics.auc > 'high'", 15, "a number"),
        ("metrics.auc LIKE 'x'", 13, "one of = != < <= > >="),
        ("params.C > 3", 10, "one of = != LIKE ILIKE IN"),
        ("params.C = 3", 12, "a text in single quotes"),
        ("params.C = 'x", 12, "a text in single quotes"),
        ("params. = 'x'", 9, "a key; quote one with other characters by backticks"),
        ("auc > 1", 1, "an attribute ("),
        ("foo.auc > 1", 1, "metrics., params., tags., dataset. or attributes. before the key"),
        ("dataset.source = 'x'", 9, "dataset.name or dataset.digest or dataset.context"),
        ("dataset.name > 'x'", 14, "one of = != LIKE ILIKE IN"),
        ("status = 'DONE'", 10, "one of 'RUNNING'"),
        ("metrics.a > 1 or metrics.b > 1", 15, "and, or the end"),
        ("metrics.a > 1 and", 18, "a field, such as"),
        ("tags.a IN ()", 12, "a text in single quotes"),
        ("tags.a IN ('x'", 15, ", or )"),
        ("; DROP TABLE run", 1, "a field, such as"),
        ("start_time > 1e300", 14, "milliseconds since the Unix epoch"),
    ],
)
def test_a_refusal_points_at_the_column(text: str, column: int, expected: str) -> None:
    with pytest.raises(RunloreError) as refused:
        parse_filter(text)
    assert refused.value.reason_name == "INVALID_FILTER"
    assert refused.value.metadata["column"] == str(column)
    assert refused.value.metadata["expected"].startswith(expected)


def test_experiments_have_fields_of_their_own() -> None:
    found = parse_filter("name LIKE 'ctr%' and tags.team IN ('ads') and creation_time >= 1700000000000", EXPERIMENTS)
    assert found == [
        Comparison(Field(Kind.ATTRIBUTE, "name"), "LIKE", "ctr%"),
        Comparison(Field(Kind.TAG, "team"), "IN", ("ads",)),
        Comparison(Field(Kind.ATTRIBUTE, "creation_time"), ">=", datetime.fromtimestamp(1700000000, UTC)),
    ]
    order = parse_order("attributes.experiment_id desc, last_update_time", EXPERIMENT_ORDER)
    assert order == [
        OrderKey(Field(Kind.ATTRIBUTE, "experiment_id"), True),
        OrderKey(Field(Kind.ATTRIBUTE, "last_update_time"), False),
    ]


@pytest.mark.parametrize(
    ("text", "column", "expected"),
    [
        ("metrics.auc > 0.9", 1, "tags. or attributes. before the key"),
        ("name = 'a' and params.C = '1'", 16, "tags. or attributes. before the key"),
        ("start_time > 1", 1, "an attribute (name, creation_time, last_update_time) or tags."),
        ("experiment_id = '0'", 1, "an attribute (name, creation_time, last_update_time) or tags."),
        ("= 'a'", 1, "a field, such as name, tags.team or creation_time"),
    ],
)
def test_a_refusal_about_experiments_names_their_fields(text: str, column: int, expected: str) -> None:
    with pytest.raises(RunloreError) as refused:
        parse_filter(text, EXPERIMENTS)
    assert refused.value.metadata["column"] == str(column)
    assert refused.value.metadata["expected"] == expected


def test_models_and_versions_have_enums_numbers_and_aliases() -> None:
    text = "stage = 'PRODUCTION' and alias IN ('a', 'b') and version >= 2 and status != 'ready'"
    assert parse_filter(text, MODEL_VERSIONS) == [
        Comparison(Field(Kind.ATTRIBUTE, "stage"), "=", "Production"),
        Comparison(Field(Kind.ATTRIBUTE, "alias"), "IN", ("a", "b")),
        Comparison(Field(Kind.ATTRIBUTE, "version"), ">=", 2.0),
        Comparison(Field(Kind.ATTRIBUTE, "status"), "!=", "READY"),
    ]
    for text, expected in [
        ("alias != 'a'", "one of = IN"),
        ("stage LIKE 'P%'", "one of = != IN"),
        ("latest_version IN ('1')", "one of = != < <= > >="),
        ("status = 'READY'", "an attribute (name, owner,"),
    ]:
        with pytest.raises(RunloreError) as refused:
            parse_filter(text, MODELS)
        assert refused.value.metadata["expected"].startswith(expected), text


def test_too_many_terms_are_refused() -> None:
    with pytest.raises(RunloreError, match=f"at most {MAX_TERMS} comparisons"):
        parse_filter(" and ".join(["metrics.a > 1"] * (MAX_TERMS + 1)))


@given(st.text(max_size=60))
def test_any_text_parses_or_is_refused_with_a_column(text: str) -> None:
    column = 1
    try:
        parse_filter(text)
    except RunloreError as refused:
        column = int(refused.metadata["column"])
    assert 1 <= column <= len(text) + 1


@given(st.text(st.characters(exclude_characters="`", exclude_categories=["Cs"]), min_size=1), st.text())
def test_any_key_and_value_can_be_written(key: str, value: str) -> None:
    quoted = value.replace("'", "''")
    assert parse_filter(f"params.`{key}` = '{quoted}'") == [Comparison(Field(Kind.PARAM, key), "=", value)]
