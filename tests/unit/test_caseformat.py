"""The conformance format: a matcher that holds for everything would hide every failure."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.caseformat import ABSENT, CaseError, evaluate, load, mismatch, take


@pytest.mark.parametrize(
    ("expected", "actual"),
    [
        ({}, ABSENT),
        ({}, {"more": 1}),
        ({"a": 1}, {"a": 1, "more": 2}),
        ({"a": {"b": 0}}, {}),
        ({"n": 3}, {"n": "3"}),
        ({"n": 0.5}, {"n": 0.5}),
        ({"n": 2}, {"n": 2.0}),
        ({"n": 0, "s": "", "b": False, "l": []}, {}),
        ([1, {"a": "x"}], ["1", {"a": "x", "b": "y"}]),
        ("NaN", "NaN"),
        ({"$any": "uuid"}, "0" * 32),
        ({"$any": "sha256"}, "a" * 64),
        ({"$any": "timestamp"}, "2026-01-02T03:04:05.000006Z"),
        ({"$any": "text"}, "x"),
        ({"$matches": "b+"}, "abbc"),
        ({"$length": 2}, ["a", "b"]),
        ({"$length": 0}, ABSENT),
        ({"$absent": True}, ABSENT),
        ({"$not": "a"}, "b"),
        ({"$contains": [{"a": 1}]}, [{"a": 2}, {"a": 1}]),
        ({"$only": {"a": "x"}}, {"a": "x"}),
        ({"$matches": "a", "$not": "a"}, "ab"),
    ],
)
def test_matches(expected: Any, actual: Any) -> None:
    assert mismatch(expected, actual) == ""


@pytest.mark.parametrize(
    ("expected", "actual", "where"),
    [
        ({"a": {"b": 1}}, {"a": {"b": 2}}, "a.b"),
        ({"a": {"b": 1}}, {}, "a.b"),
        ({"a": 1}, "a", "the outcome"),
        ({"n": 0}, {"n": "1"}, "n"),
        ({"n": 3}, {"n": "x"}, "n"),
        ({"n": "3"}, {"n": 3}, "n"),
        ({"b": False}, {"b": True}, "b"),
        ({"b": True}, {"b": 1}, "b"),
        ({"b": 1}, {"b": True}, "b"),
        ([1], [1, 2], "the outcome"),
        ([], [1], "the outcome"),
        ([{"a": 1}], [{"a": 2}], "0.a"),
        ("a", ABSENT, "the outcome"),
        ({"$any": "uuid"}, "0" * 31, "the outcome"),
        ({"$any": "timestamp"}, "2026-01-02", "the outcome"),
        ({"$any": "text"}, "", "the outcome"),
        ({"$any": "text"}, ABSENT, "the outcome"),
        ({"$matches": "^b"}, "ab", "the outcome"),
        ({"$length": 1}, ABSENT, "the outcome"),
        ({"$length": 1}, [1, 2], "the outcome"),
        ({"$absent": True}, "", "the outcome"),
        ({"$not": "a"}, "a", "the outcome"),
        ({"$not": "a"}, ABSENT, "the outcome"),
        ({"$contains": [1, 2]}, [1], "the outcome"),
        ({"$contains": [1]}, ABSENT, "the outcome"),
        ({"$only": {"a": "x"}}, {"a": "x", "b": "y"}, "the outcome"),
        ({"$only": {"a": "x"}}, {"a": "y"}, "a"),
        ({"$matches": "a", "$not": "ab"}, "ab", "the outcome"),
    ],
)
def test_says_where_it_does_not_match(expected: Any, actual: Any, where: str) -> None:
    assert mismatch(expected, actual).startswith(f"{where}: expected ")


def test_an_unknown_matcher_is_a_mistake() -> None:
    with pytest.raises(CaseError, match=r"no matcher \$anything"):
        mismatch({"$anything": True}, 1)


@pytest.mark.parametrize(
    ("value", "becomes"),
    [
        ("${n}", 3),
        ("a${n}${s}", "a3x"),
        ({"${s}": ["${n}"]}, {"x": [3]}),
        ({"$repeat": "${s}y", "times": "${n}"}, "xyxyxy"),
        ({"$for": "i", "times": 2, "do": {"k": "p${i}", "v": "${i}"}}, [{"k": "p0", "v": 0}, {"k": "p1", "v": 1}]),
        ({"$sha256": {"$repeat": "x", "times": 2}}, hashlib.sha256(b"xx").hexdigest()),
        ({"$base64": "é"}, "w6k="),
        ({"$size": "é"}, 2),
    ],
)
def test_values(value: Any, becomes: Any) -> None:
    assert evaluate(value, {"n": 3, "s": "x"}) == becomes


def test_an_unknown_variable_is_a_mistake() -> None:
    with pytest.raises(CaseError, match="no variable 'nope'"):
        evaluate("a${nope}", {})


def test_binding() -> None:
    assert take("runs.1.run_id", {"runs": [{}, {"run_id": "x"}]}) == "x"
    with pytest.raises(CaseError, match=r"nothing at 'runs\.2'"):
        take("runs.2", {"runs": []})


STEP = {"call": "s/m", "request": {}, "expect": {"response": {}}}


@pytest.mark.parametrize(
    ("cases", "problem"),
    [
        ([{"name": "a", "steps": [{**STEP, "expected": {}}]}], "unknown member expected"),
        ([{"name": "a", "steps": [{"call": "s/m", "expect": {"response": {}}}]}], "needs a request"),
        ([{"name": "a", "steps": [{"call": "s/m", "request": {}}]}], "needs one of response"),
        ([{"name": "a", "steps": [{"push": {}, "take": 1, "expect": {"response": {}}}]}], "unknown member take"),
        ([{"name": "a", "steps": [{"folder": "f", "files": {}, "cuts": [1]}]}], "unknown member cuts"),
        ([{"name": "a", "steps": [{**STEP, "server": "tired"}]}], "unknown server tired"),
        ([{"name": "a", "steps": [{"request": {}}]}], "does nothing, and is not `let` alone"),
        ([{"name": "a", "steps": [{"include": "nope"}]}], "no steps called 'nope'"),
        ([{"name": "A b", "steps": []}], "bad name"),
        ([{"name": "a", "steps": []}, {"name": "a", "steps": []}], "more than one case is called a"),
    ],
)
def test_malformed_cases_are_refused(tmp_path: Path, cases: Any, problem: str) -> None:
    (tmp_path / "cases").mkdir()
    (tmp_path / "cases" / "x.json").write_text(json.dumps(cases))
    (tmp_path / "shared.json").write_text("{}")
    with pytest.raises(CaseError, match=problem):
        load(tmp_path)


def test_shared_steps_are_put_in(tmp_path: Path) -> None:
    (tmp_path / "cases").mkdir()
    (tmp_path / "cases" / "x.json").write_text(json.dumps([{"name": "a", "steps": [{"include": "outer"}, STEP]}]))
    (tmp_path / "shared.json").write_text(json.dumps({"outer": [{"include": "inner"}], "inner": [{"let": {"v": 1}}]}))
    [case] = load(tmp_path)
    assert case.steps == [{"let": {"v": 1}}, STEP]
    assert list(case.calls()) == [("s/m", "OK")]
