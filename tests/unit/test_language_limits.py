"""Texts of any kind and length, as filters and orders: they parse, or are refused, in time linear in their length."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runlore_server.errors import RunloreError
from runlore_server.search.language import MAX_COMPARISONS, MAX_DEPTH, parse_filter, parse_order
from runlore_server.search.tree import Comparison, Condition, Field, Kind, Or, OrderKey
from tests.harness import evaluator, filters

MOMENT = datetime.fromtimestamp(1_700_000_000, UTC)


def refusal(text: str) -> RunloreError:
    with pytest.raises(RunloreError) as refused:
        parse_filter(text)
    return refused.value


def test_as_many_comparisons_levels_and_values_as_the_contract_says() -> None:
    at_most = parse_filter(" or ".join(["metrics.a > 1"] * MAX_COMPARISONS))
    assert isinstance(at_most, Or)
    assert len(at_most.parts) == MAX_COMPARISONS
    refused = refusal(" or ".join(["metrics.a > 1"] * 10_000))
    assert refused.metadata["expected"] == "at most 500 comparisons"
    assert refused.metadata["column"] == str(500 * len("metrics.a > 1 or ") + 1)

    assert parse_filter("(" * MAX_DEPTH + "params.a='1'" + ")" * MAX_DEPTH) == Comparison(
        Field(Kind.PARAM, "a"), "=", "1"
    )
    for deep, column in (("(" * 1_000, 51), ("not " * 1_000, 201), ("not (" * 1_000, 126)):
        refused = refusal(deep + "params.a='1'")
        assert refused.metadata["expected"] == "at most 50 levels of parentheses and not"
        assert refused.metadata["column"] == str(column)

    assert parse_filter(f"metrics.a in ({','.join(['1'] * 1_000)})") == Comparison(
        Field(Kind.METRIC, "a"), "IN", (1.0,) * 1_000
    )
    refused = refusal(f"metrics.a in ({','.join(['1'] * 1_001)})")
    assert refused.metadata["expected"] == "at most 1000 values in a list"
    assert refused.metadata["column"] == "2015"


def test_a_refusal_is_short_whatever_it_found() -> None:
    refused = refusal("metrics.a > '" + "x" * 60_000 + "'")
    assert len(str(refused)) < 200
    assert "…" in str(refused)


def refusals(text: str) -> list[RunloreError]:
    """What a text is refused for, as a filter and as an order; anything else that is raised is a fault."""
    found = []
    for parse in (parse_filter, parse_order):
        try:
            parse(text)
        except RunloreError as refused:
            found.append(refused)
    return found


def check(text: str) -> None:
    for refused in refusals(text):
        assert refused.reason_name == "INVALID_FILTER"
        assert 1 <= int(refused.metadata["column"]) <= len(text) + 1


@given(st.text(max_size=60))
def test_any_text_parses_or_is_refused_with_a_column(text: str) -> None:
    check(text)


@given(st.binary(max_size=200))
def test_any_bytes_parse_or_are_refused_with_a_column(data: bytes) -> None:
    check(data.decode("utf-8", "replace"))


TOKENS = [
    *("metrics", "params", "tags", "dataset", "attributes", "auc", "`a b`", '"x"', "'v'", "'", '"', "`", "1", "-.5e3"),
    *("and", "or", "not", "in", "is", "null", "nan", "like", "min", "num", "start_time", "status", "run_id", "desc"),
    *("(", ")", ",", ".", "=", "!=", "<", ">=", ";", "--", "\\", "%", "\n", "😀", "\x00", "́", "'; DROP TABLE run; --"),
]


@given(st.lists(st.sampled_from(TOKENS), max_size=30), st.sampled_from(["", " "]))
def test_any_tokens_parse_or_are_refused_with_a_column(tokens: list[str], space: str) -> None:
    check(space.join(tokens))


@pytest.mark.parametrize(
    "piece",
    [
        *(
            "'",
            "''",
            '"',
            "`",
            "``",
            "(",
            ")",
            "not ",
            "1",
            "1.",
            "1e",
            "a",
            "a.",
            "metrics.",
            " ",
            "\n",
            "%",
            "-",
            "😀",
        ),
        *("metrics.a > 1 and ", "params.a = '' or ", "params.a in ('", "','", "min(", "metrics.`"),
    ],
)
@pytest.mark.parametrize("start", ["", "params.a = '", "metrics.a in (", "params.`", "metrics.a > 1", "status like '"])
def test_long_texts_take_as_many_steps_as_characters(piece: str, start: str) -> None:
    """Whatever is 64 KB long ends here; what took the square of its length in steps would not in a day."""
    check((start + piece * 65_536)[:65_536])


def test_thousands_of_tokens_at_random_parse_or_are_refused() -> None:
    dice = random.Random(11)
    for _ in range(300):
        text = " ".join(dice.choices(TOKENS, k=dice.randint(1, 300)))
        check(text)


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), st.text())
def test_any_key_and_value_can_be_written(key: str, value: str) -> None:
    quoted_key, quoted_value = key.replace("`", "``"), value.replace("'", "''")
    found = parse_filter(f"params.`{quoted_key}` = '{quoted_value}'")
    assert found == Comparison(Field(Kind.PARAM, key), "=", value)


KNOWN = filters.Known(["ab" * 16], ["cd" * 16], ["e"], [MOMENT, MOMENT + timedelta(microseconds=1)])


@given(filters.conditions(KNOWN), filters.orders())
def test_what_is_written_parses_to_the_same_tree(condition: Condition, order: list[OrderKey]) -> None:
    assert parse_filter(evaluator.written(condition)) == condition
    assert parse_order(evaluator.written_order(order)) == order
