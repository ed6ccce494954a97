"""The search language: what parses to what, and where a refusal points."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from runlore_server.errors import RunloreError
from runlore_server.search import decimals
from runlore_server.search.fields import EXPERIMENT_ORDER, EXPERIMENTS, LOGGED_MODELS, MODEL_VERSIONS, MODELS
from runlore_server.search.language import MAX_ORDER_KEYS, parse_filter, parse_order
from runlore_server.search.tree import (
    EVERY,
    And,
    Comparison,
    Condition,
    Field,
    Function,
    Kind,
    Not,
    Or,
    OrderKey,
    SameInput,
)

START = Field(Kind.ATTRIBUTE, "start_time")
STATUS = Field(Kind.ATTRIBUTE, "status")
NAME = Field(Kind.ATTRIBUTE, "name")
MOMENT = datetime.fromtimestamp(1_700_000_000, UTC)
A_MILLISECOND = timedelta(milliseconds=1)


def param(key: str, value: str = "1") -> Comparison:
    return Comparison(Field(Kind.PARAM, key), "=", value)


def of_dataset(key: str, value: str) -> Comparison:
    return Comparison(Field(Kind.DATASET, key), "=", value)


A, B, C, D = (param(key) for key in "abcd")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("metrics.auc > 0.9", Comparison(Field(Kind.METRIC, "auc"), ">", 0.9)),
        ("metrics.val.auc>=-1e3", Comparison(Field(Kind.METRIC, "val.auc"), ">=", -1000.0)),
        ("metric.`a b` = 1", Comparison(Field(Kind.METRIC, "a b"), "=", 1.0)),
        ("metrics.1 < +.5", Comparison(Field(Kind.METRIC, "1"), "<", 0.5)),
        ("metrics.3d.iou != 1.", Comparison(Field(Kind.METRIC, "3d.iou"), "!=", 1.0)),
        ("metrics.a IN (1, -2.5)", Comparison(Field(Kind.METRIC, "a"), "IN", (1.0, -2.5))),
        ("metrics.a not in (1)", Comparison(Field(Kind.METRIC, "a"), "NOT IN", (1.0,))),
        ("metrics.a is nan", Comparison(Field(Kind.METRIC, "a"), "IS NAN", None)),
        ("metrics.a IS  NOT  NAN", Comparison(Field(Kind.METRIC, "a"), "IS NOT NAN", None)),
        ("metrics.a IS NULL", Comparison(Field(Kind.METRIC, "a"), "IS NULL", None)),
        ("min(metrics.loss) < 1", Comparison(Field(Kind.METRIC, "loss", Function.MIN), "<", 1.0)),
        ("MAX ( metrics.`a b` ) IS NULL", Comparison(Field(Kind.METRIC, "a b", Function.MAX), "IS NULL", None)),
        ("metrics.min = 1", Comparison(Field(Kind.METRIC, "min"), "=", 1.0)),
        ("params.C = '0.1'", Comparison(Field(Kind.PARAM, "C"), "=", "0.1")),
        ("num(params.C) >= 0.1", Comparison(Field(Kind.PARAM, "C", Function.NUM), ">=", 0.1)),
        ("num(tags.epoch) in (1, 2)", Comparison(Field(Kind.TAG, "epoch", Function.NUM), "IN", (1.0, 2.0))),
        ("params.C < '2'", Comparison(Field(Kind.PARAM, "C"), "<", "2")),
        ("params.\"x'y\" != 'it''s'", Comparison(Field(Kind.PARAM, "x'y"), "!=", "it's")),
        ('params.`a``b` = "say ""hi"""', Comparison(Field(Kind.PARAM, "a`b"), "=", 'say "hi"')),
        ("params.a = 'C:\\'", Comparison(Field(Kind.PARAM, "a"), "=", "C:\\")),
        ("params.a = ''", Comparison(Field(Kind.PARAM, "a"), "=", "")),
        ("params.and = 'or'", Comparison(Field(Kind.PARAM, "and"), "=", "or")),
        ("tags.team like 'ads%'", Comparison(Field(Kind.TAG, "team"), "LIKE", "ads%")),
        ("tags.team NOT ILIKE 'ads%'", Comparison(Field(Kind.TAG, "team"), "NOT ILIKE", "ads%")),
        ("tags.mlflow/user IN ('a','b')", Comparison(Field(Kind.TAG, "mlflow/user"), "IN", ("a", "b"))),
        ("tags.a IS NOT NULL", Comparison(Field(Kind.TAG, "a"), "IS NOT NULL", None)),
        ("params.layer-2.units = '8'", Comparison(Field(Kind.PARAM, "layer-2.units"), "=", "8")),
        ("params.größe = '😀'", Comparison(Field(Kind.PARAM, "größe"), "=", "😀")),
        ("dataset.digest = 'ab12'", SameInput((of_dataset("digest", "ab12"),))),
        ("datasets.`name` IN ('a')", SameInput((Comparison(Field(Kind.DATASET, "name"), "IN", ("a",)),))),
        ("status = 'finished'", Comparison(STATUS, "=", "FINISHED")),
        ("status NOT IN ('failed', 'KILLED')", Comparison(STATUS, "NOT IN", ("FAILED", "KILLED"))),
        ("status LIKE 'F%'", Comparison(STATUS, "IN", ("FINISHED", "FAILED"))),
        ("status NOT ILIKE 'r_nn%%ing'", Comparison(STATUS, "NOT IN", ("RUNNING",))),
        ("status LIKE 'f%'", Comparison(STATUS, "IN", ())),
        ("status LIKE '__________'", Comparison(STATUS, "IN", ())),
        ("is_stale != TRUE", Comparison(Field(Kind.ATTRIBUTE, "is_stale"), "!=", True)),
        ("ancestor_run_id IN ('a')", Comparison(Field(Kind.ATTRIBUTE, "ancestor_run_id"), "IN", ("a",))),
        ("parent_run_id IS NULL", Comparison(Field(Kind.ATTRIBUTE, "parent_run_id"), "=", "")),
        ("parent_run_id IS NOT NULL", Comparison(Field(Kind.ATTRIBUTE, "parent_run_id"), "!=", "")),
        ("end_time IS NULL", Comparison(Field(Kind.ATTRIBUTE, "end_time"), "IS NULL", None)),
    ],
)
def test_a_comparison_parses(text: str, expected: Condition) -> None:
    assert parse_filter(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("attributes.run_name ILIKE 'LR%'", Comparison(NAME, "ILIKE", "LR%")),
        ("attributes.`Run name` = 'a'", Comparison(NAME, "=", "a")),
        ('"run name" = "a"', Comparison(NAME, "=", "a")),
        ("run.status = 'FAILED'", Comparison(STATUS, "=", "FAILED")),
        ("attr.Created >= 1700000000000", Comparison(START, ">=", MOMENT)),
        ("artifact_uri LIKE 's3:%'", Comparison(Field(Kind.ATTRIBUTE, "artifact_location"), "LIKE", "s3:%")),
        ("user_id = 'ann'", Comparison(Field(Kind.TAG, "mlflow.user"), "=", "ann")),
        ("tags.mlflow.runName = 'a'", Comparison(Field(Kind.TAG, "mlflow.runName"), "=", "a")),
        ("tags.\"mlflow.runName\" = 'a'", Comparison(Field(Kind.TAG, "mlflow.runName"), "=", "a")),
        ("tags.'a b' = 'x'", Comparison(Field(Kind.TAG, "a b"), "=", "x")),
        ("`metrics`.`a` > 1", Comparison(Field(Kind.METRIC, "a"), ">", 1.0)),
        ("parameter.a != \"\"", Comparison(Field(Kind.PARAM, "a"), "!=", "")),
        ("run_id IN ('a', \"b\",)", Comparison(Field(Kind.ATTRIBUTE, "run_id"), "IN", ("a", "b"))),
    ],
)  # fmt: skip
def test_mlflows_names_and_quotes_are_accepted(text: str, expected: Condition) -> None:
    assert parse_filter(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("params.a='1' AND params.b='1' and params.c='1'", And((A, B, C))),
        ("params.a='1' or params.b='1' and params.c='1'", Or((A, And((B, C))))),
        ("(params.a='1' or params.b='1') and params.c='1'", And((Or((A, B)), C))),
        ("not params.a='1' and params.b='1'", And((Not(A), B))),
        ("not (params.a='1' and params.b='1')", Not(And((A, B)))),
        ("NOT NOT params.a='1'", Not(Not(A))),
        ("((params.a='1'))", A),
        ("params.a='1' and (params.b='1' and (params.c='1' and params.d='1'))", And((A, B, C, D))),
        ("(params.a='1' or params.b='1') or (params.c='1' or params.d='1')", Or((A, B, C, D))),
        ("params.a='1' and(params.b='1')or(params.c='1')", Or((And((A, B)), C))),
        ("   ", EVERY),
    ],
)
def test_and_or_not_and_parentheses(text: str, expected: Condition) -> None:
    assert parse_filter(text) == expected


def test_comparisons_of_datasets_in_one_chain_are_about_one_input() -> None:
    name, digest, context = of_dataset("name", "n"), of_dataset("digest", "d"), of_dataset("context", "c")
    texts = ["dataset.name = 'n'", "dataset.digest = 'd'", "dataset.context = 'c'"]
    assert parse_filter(f"{texts[0]} and params.a = '1' and {texts[2]}") == And((A, SameInput((name, context))))
    assert parse_filter(" and ".join(texts)) == SameInput((name, digest, context))
    assert parse_filter(f"({texts[0]} and {texts[2]}) and ({texts[1]})") == And(
        (SameInput((name, context)), SameInput((digest,)))
    )
    assert parse_filter(" or ".join(texts[:2])) == Or((SameInput((name,)), SameInput((digest,))))
    assert parse_filter(f"not {texts[0]} and {texts[1]}") == And((Not(SameInput((name,))), SameInput((digest,))))


def before(moment: datetime) -> Comparison:
    return Comparison(START, "<", moment)


def not_before(moment: datetime) -> Comparison:
    return Comparison(START, ">=", moment)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("< 1700000000000", before(MOMENT)),
        (">= 1700000000000", not_before(MOMENT)),
        ("<= 1700000000000", before(MOMENT + A_MILLISECOND)),
        ("> 1700000000000", not_before(MOMENT + A_MILLISECOND)),
        ("= 1700000000000", And((not_before(MOMENT), before(MOMENT + A_MILLISECOND)))),
        ("!= 1700000000000", Or((before(MOMENT), not_before(MOMENT + A_MILLISECOND)))),
        # Between two milliseconds there is none.
        ("= 1700000000000.5", And((not_before(MOMENT + A_MILLISECOND), before(MOMENT + A_MILLISECOND)))),
        ("> 1700000000000.5", not_before(MOMENT + A_MILLISECOND)),
        ("<= 1700000000000.5", before(MOMENT + A_MILLISECOND)),
        ("> '2023-11-14T22:13:20Z'", not_before(MOMENT + timedelta(microseconds=1))),
        (">= '2023-11-14 23:13:20.000001+01:00'", not_before(MOMENT + timedelta(microseconds=1))),
        ("< \"2023-11-14t22:13:20.001999999z\"", before(MOMENT + timedelta(microseconds=1999))),
    ],
)  # fmt: skip
def test_a_time_is_a_millisecond_or_exact(text: str, expected: Condition) -> None:
    assert parse_filter(f"start_time {text}") == expected


def test_a_comparison_knows_where_it_was_written() -> None:
    found = parse_filter("params.a = '1'  and  ( metrics.b  IN (1 , 2) )")
    assert isinstance(found, And)
    parts = [part.part for part in found.parts if isinstance(part, Comparison)]
    assert [(part.column, part.text) for part in parts] == [(1, "params.a = '1'"), (24, "metrics.b  IN (1 , 2)")]
    assert [key.part.text for key in parse_order("a , num( params.b ) desc".replace("a ,", "name ,"))] == [
        "name",
        "num( params.b ) desc",
    ]


def test_an_order_parses() -> None:
    assert parse_order("metrics.auc DESC, params.`a b`, start_time asc, max(metrics.a) desc, num(params.C)") == [
        OrderKey(Field(Kind.METRIC, "auc"), True),
        OrderKey(Field(Kind.PARAM, "a b"), False),
        OrderKey(START, False),
        OrderKey(Field(Kind.METRIC, "a", Function.MAX), True),
        OrderKey(Field(Kind.PARAM, "C", Function.NUM), False),
    ]
    assert parse_order("") == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("metrics.auc DESC", OrderKey(Field(Kind.METRIC, "auc"), True)),
        ('metrics."a b" desc', OrderKey(Field(Kind.METRIC, "a b"), True)),
        ("metrics.'a b'", OrderKey(Field(Kind.METRIC, "a b"), False)),
        ('"metrics.a" desc', OrderKey(Field(Kind.METRIC, "a"), True)),
        ("`metrics`.a asc", OrderKey(Field(Kind.METRIC, "a"), False)),
        ("attributes.start_time  desc", OrderKey(START, True)),
        ("Created", OrderKey(START, False)),
        ("run.run_name", OrderKey(NAME, False)),
        ("tags.mlflow.user", OrderKey(Field(Kind.TAG, "mlflow.user"), False)),
        ("attribute.artifact_uri", OrderKey(Field(Kind.ATTRIBUTE, "artifact_location"), False)),
    ],
)
def test_mlflows_orders_are_accepted(text: str, expected: OrderKey) -> None:
    assert parse_order(text) == [expected]


TEXT_OPERATORS = "one of = != < <= > >= LIKE ILIKE IN IS NULL"


@pytest.mark.parametrize(
    ("text", "column", "expected"),
    [
        ("metrics.auc >", 14, "a number"),
        ("metrics.auc > 'high'", 15, "a number"),
        ("metrics.auc > 0x10", 15, "a number"),
        ("metrics.auc > nan", 15, "a number"),
        ("metrics.auc LIKE 'x'", 13, "one of = != < <= > >= IN IS NULL IS NAN"),
        ("params.C > 3", 12, "a text in single quotes"),
        ("params.C = 3", 12, "a text in single quotes"),
        ("params.C = `x`", 12, "a text in single quotes"),
        ("params.C == 'x'", 11, "a text in single quotes"),
        ("params.C <> 'x'", 11, "a text in single quotes"),
        ("params.C ~ 'x'", 10, TEXT_OPERATORS),
        ("params.C not = 'x'", 10, TEXT_OPERATORS),
        ("params.C IS NAN", 10, TEXT_OPERATORS),
        ("params.C IS 'x'", 10, TEXT_OPERATORS),
        ("params.C", 9, TEXT_OPERATORS),
        ("params.C = 'x", 12, "a closing '"),
        ("params.`C = 'x'", 8, "a closing `"),
        ("params.C = 'it's'", 16, "and, or, or the end"),
        ("params. = 'x'", 9, "a key; quote one with other characters by backticks"),
        ("params.'' = 'x'", 8, "a key; quote one with other characters by backticks"),
        ("auc > 1", 1, "an attribute (run_id, name,"),
        ("attributes.auc > 1", 12, "an attribute (run_id, name,"),
        ("foo.auc > 1", 1, "metrics., params., tags., dataset. or attributes. before the key"),
        ("avg(params.a) > 1", 1, "a field, such as metrics.auc, params.C, tags.team or start_time, or min(), max()"),
        ("num(metrics.a) > 1", 5, "params.<key> or tags.<key> in num()"),
        ("max(params.a) > 1", 5, "metrics.<key> in max()"),
        ("max(metrics.a > 1", 15, ")"),
        ("num(params.a) LIKE '1%'", 15, "one of = != < <= > >= IN IS NULL IS NAN"),
        ("num(params.a) > '1'", 17, "a number"),
        ("dataset.source = 'x'", 9, "dataset.name or dataset.digest or dataset.context"),
        ("dataset.name IS NULL", 14, "one of = != < <= > >= LIKE ILIKE IN"),
        ("status = 'DONE'", 10, "one of 'RUNNING'"),
        ("status IN ('RUNNING', 'DONE')", 23, "one of 'RUNNING'"),
        ("is_stale = 'maybe'", 12, "'true' or 'false'"),
        ("is_stale > 'true'", 10, "one of = !="),
        ("ancestor_run_id != 'a'", 17, "one of = IN"),
        ("metrics.a > 1 xor metrics.b > 1", 15, "and, or, or the end"),
        ("metrics.a > 1, metrics.b > 1", 14, "and, or, or the end"),
        ("metrics.a > 1)", 14, "and, or, or the end"),
        ("(metrics.a > 1", 15, "and, or, or )"),
        ("()", 2, "a field, such as"),
        ("not", 4, "a field, such as"),
        ("metrics.a > 1 and", 18, "a field, such as"),
        ("metrics.a > 1 and or metrics.b > 1", 19, "an attribute ("),
        ("tags.a IN ()", 12, "a text in single quotes"),
        ("tags.a IN 'x'", 11, "( and texts in single quotes"),
        ("metrics.a IN (1 2)", 17, ", or )"),
        ("tags.a IN ('x'", 15, ", or )"),
        ("; DROP TABLE run", 1, "a field, such as"),
        ("metrics.a > 1; DROP TABLE run", 14, "and, or, or the end"),
        ("metrics.a > 1 -- x", 15, "and, or, or the end"),
        ("'a' = 'a'", 1, "a field, such as"),
        ("start_time > 1e300", 14, "milliseconds since the Unix epoch, or an RFC 3339 time in quotes"),
        ("start_time > '5'", 14, "milliseconds since the Unix epoch, or an RFC 3339 time in quotes"),
        ("start_time > '2026-13-01T00:00:00Z'", 14, "milliseconds since the Unix epoch, or an RFC 3339"),
        ("start_time > '2026-01-01T00:00:00'", 14, "milliseconds since the Unix epoch, or an RFC 3339"),
        ("start_time > '9999-12-31T23:59:59.999999Z'", 14, "milliseconds since the Unix epoch, or an RFC 3339"),
    ],
)  # fmt: skip
def test_a_refusal_points_at_the_column(text: str, column: int, expected: str) -> None:
    refused = refusal(text)
    assert refused.reason_name == "INVALID_FILTER"
    assert refused.metadata["field"] == "filter"
    assert refused.metadata["column"] == str(column)
    assert refused.metadata["expected"].startswith(expected)


@pytest.mark.parametrize(
    ("text", "column", "expected"),
    [
        ("metrics.a, ", 12, "a field, such as"),
        ("metrics.a down", 11, "asc, desc, a comma or the end"),
        ("metrics.a desc asc", 16, "asc, desc, a comma or the end"),
        ("metrics.a nulls first", 11, "asc, desc, a comma or the end"),
        ("dataset.name", 1, "metrics., params., tags. or attributes. before the key"),
        ("ancestor_run_id", 1, "an attribute (run_id, name,"),
        (", ".join(["metrics.a"] * (MAX_ORDER_KEYS + 1)), 56, f"at most {MAX_ORDER_KEYS} keys"),
    ],
)
def test_a_refusal_of_an_order_points_at_the_column(text: str, column: int, expected: str) -> None:
    with pytest.raises(RunloreError) as refused:
        parse_order(text)
    assert refused.value.metadata["field"] == "order_by"
    assert refused.value.metadata["column"] == str(column)
    assert refused.value.metadata["expected"].startswith(expected)


def refusal(text: str) -> RunloreError:
    with pytest.raises(RunloreError) as refused:
        parse_filter(text)
    return refused.value


def test_experiments_have_fields_of_their_own() -> None:
    found = parse_filter("name LIKE 'ctr%' or not tags.team IN ('ads') and creation_time >= 1700000000000", EXPERIMENTS)
    assert found == Or(
        (
            Comparison(NAME, "LIKE", "ctr%"),
            And(
                (
                    Not(Comparison(Field(Kind.TAG, "team"), "IN", ("ads",))),
                    Comparison(Field(Kind.ATTRIBUTE, "creation_time"), ">=", MOMENT),
                )
            ),
        )
    )
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
        ("min(tags.a) > 1", 1, "a field, such as name, tags.team or creation_time, or num() of one"),
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
    assert parse_filter(text, MODEL_VERSIONS) == And(
        (
            Comparison(Field(Kind.ATTRIBUTE, "stage"), "=", "Production"),
            Comparison(Field(Kind.ATTRIBUTE, "alias"), "IN", ("a", "b")),
            Comparison(Field(Kind.ATTRIBUTE, "version"), ">=", 2.0),
            Comparison(STATUS, "!=", "READY"),
        )
    )
    for text, expected in [
        ("alias != 'a'", "one of = IN"),
        ("stage > 'P'", "one of = != IN LIKE ILIKE"),
        ("latest_version LIKE '1'", "one of = != < <= > >= IN IS NULL"),
        ("latest_version IN ('1')", "a number"),
        ("status = 'READY'", "an attribute (name, owner,"),
    ]:
        with pytest.raises(RunloreError) as refused:
            parse_filter(text, MODELS)
        assert refused.value.metadata["expected"].startswith(expected), text


def test_logged_models_have_one_value_of_a_metric() -> None:
    assert parse_filter("metrics.a IS NULL", LOGGED_MODELS) == Comparison(Field(Kind.METRIC, "a"), "IS NULL", None)
    with pytest.raises(RunloreError, match="found max"):
        parse_filter("max(metrics.a) > 1", LOGGED_MODELS)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        *(("0.1", 0.1), ("+1", 1.0), ("-2.", -2.0), (".5", 0.5), ("1e-3", 0.001), ("1E+007", 1e7), ("1e199", 1e199)),
        *(("9" * 100, float("9" * 100)), ("9" * 100 + "e199", float("9" * 100 + "e199")), ("1e-199", 1e-199)),
        *(("", None), (" 1", None), ("1\n", None), ("1_0", None), ("0x1", None), ("nan", None), ("inf", None)),
        *(("1e200", None), ("1e-200", None), ("9" * 101, None), ("e5", None), (".", None), ("١", None), ("1,5", None)),
    ],
)
def test_what_is_a_decimal_number(text: str, expected: float | None) -> None:
    assert decimals.number(text) == expected
