"""Random filters and orders, as trees, out of few keys and values, so that many runs are alike in them.

Without what changes by itself: is_stale and last_heartbeat_time.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hypothesis import strategies as st

from runlore_server.search.tree import And, Comparison, Condition, Field, Function, Kind, Not, Or, OrderKey, SameInput

METRICS = ("auc", "loss", "rare", "only NaN", "'; DROP TABLE run; --")
PARAMS = ("C", "it's `quoted`", "größe", "missing")
TAGS = ("team", 'a "b" %', "\\", "mlflow.user")
NUMBERS = (float("-inf"), -1.5, -0.0, 0.0, 0.1, 1.0, 1e5, 1e300, float("inf"))
TEXTS = (
    *("", "a", "A", "abc", "ABC", "abc ", "b%", "b_", "b", "a\\", "\\", "%", "_", "O'Neil", "''", '"', "`", "\n"),
    *("ü", "Ü", "e\u0301", "é", "😀", "\U0010ffff", "\uffff", "ß", "Σ", "日本"),
    *("'; DROP TABLE run; --", "\" OR 1=1 --", "%(p0)s", "$1", "{}", "%s", "NULL", "nan", "null"),
    *("1", "10", "2", "1.0", "0.1", "1e-1", "+.1E+5", "-1.5", "1e199", "1e999", "1e-999", "1e200", "0x1", " 1", "1 "),
    *("x" * 249 + "a", "x" * 250 + "a", "x" * 250 + "b", "9" * 101, "0" * 100 + ".1"),
)  # fmt: skip
PATTERNS = (
    "%",
    "_",
    "__",
    "a%",
    "A%",
    "%c",
    "%b%",
    "b\\%",
    "\\",
    "\\%",
    "%ü%",
    "Ü",
    "x%a",
    "%'%",
    "",
    "%%%",
    "😀",
    "_́",
)
STATUSES = ("RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED")
CONTEXTS = ("", "training", "O'Neil")
_ORDERED = ("=", "!=", "<", "<=", ">", ">=")
_TEXTUAL = (*_ORDERED, "LIKE", "NOT LIKE", "ILIKE", "NOT ILIKE", "IN", "NOT IN")
_SORTED = (
    *("run_id", "name", "parent_run_id", "experiment_id", "experiment_name", "artifact_location", "status"),
    *("start_time", "end_time"),
)
_NULL = ("IS NULL", "IS NOT NULL")
_NAN = ("IS NAN", "IS NOT NAN")


@dataclass(frozen=True)
class Known:
    """Values that runs have, beside those of this module: without them next to nothing is ever equal."""

    run_ids: Sequence[str]
    experiment_ids: Sequence[str]
    experiment_names: Sequence[str]
    times: Sequence[datetime]


def conditions(known: Known) -> st.SearchStrategy[Condition]:
    """Conditions as the parser makes them: of at most some dozen comparisons, with nothing nested in its like."""
    return st.recursive(_leaf(known), _joined, max_leaves=12)


def orders() -> st.SearchStrategy[list[OrderKey]]:
    """Orders of up to five keys."""
    fields = st.sampled_from(_NUMBERS) | st.sampled_from(_ENTRIES) | st.sampled_from(_of(Kind.ATTRIBUTE, _SORTED))
    return st.lists(st.builds(OrderKey, fields, st.booleans()), max_size=5)


def _joined(parts: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
    several = st.lists(parts, min_size=2, max_size=4)
    return st.one_of(
        several.map(lambda found: And(_flat(And, found))),
        several.map(lambda found: Or(_flat(Or, found))),
        parts.map(Not),
    )


def _flat(kind: type[And] | type[Or], parts: list[Condition]) -> tuple[Condition, ...]:
    return tuple(one for part in parts for one in (part.parts if isinstance(part, kind) else (part,)))


@dataclass(frozen=True)
class _Family:
    """Comparisons that are alike: any of these fields, operators and values."""

    fields: Sequence[Field]
    operators: Sequence[str]
    values: Sequence[Any]


def every(known: Known, dice: random.Random) -> Iterator[Condition]:
    """Yield a condition for each field with each of its operators, its values drawn."""
    for family in _families(known):
        for field in family.fields:
            for name in family.operators:
                found = Comparison(field, name, _drawn(family, name, dice))
                yield SameInput((found,)) if field.kind is Kind.DATASET else found


def _drawn(family: _Family, name: str, dice: random.Random) -> Any:
    if name.startswith("IS "):
        return None
    if name.endswith("IN"):
        return tuple(dice.choices(family.values, k=3))
    return dice.choice([*PATTERNS, *family.values] if name.endswith("LIKE") else family.values)


def _of(kind: Kind, keys: Sequence[str], *functions: Function | None) -> list[Field]:
    return [Field(kind, key, function) for key in keys for function in functions or (None,)]


_NUMBERS = [
    *_of(Kind.METRIC, METRICS, None, Function.MIN, Function.MAX),
    *_of(Kind.PARAM, PARAMS, Function.NUM),
    *_of(Kind.TAG, TAGS, Function.NUM),
]
_ENTRIES = [*_of(Kind.PARAM, PARAMS), *_of(Kind.TAG, TAGS)]


def _families(known: Known) -> list[_Family]:
    def attributes(*names: str) -> list[Field]:
        return _of(Kind.ATTRIBUTE, names)

    ids = (*known.run_ids, "", "x", known.run_ids[0].upper())
    return [
        _Family(_NUMBERS, (*_ORDERED, "IN", "NOT IN", *_NULL, *_NAN), NUMBERS),
        _Family(_ENTRIES, (*_TEXTUAL, *_NULL), TEXTS),
        _Family(attributes("name", "artifact_location"), (*_TEXTUAL, *_NULL), TEXTS),
        _Family(attributes("run_id", "parent_run_id"), _TEXTUAL, ids),
        _Family(attributes("experiment_id"), _TEXTUAL, (*known.experiment_ids, "0", "x")),
        _Family(attributes("experiment_name"), (*_TEXTUAL, *_NULL), (*known.experiment_names, "x")),
        _Family(attributes("ancestor_run_id"), ("=", "IN"), ids),
        _Family(attributes("status"), ("=", "!=", "IN", "NOT IN"), STATUSES),
        _Family(attributes("start_time", "end_time"), ("<", ">=", *_NULL), known.times),
        _Family(_of(Kind.DATASET, ("name", "digest", "context")), _TEXTUAL, (*TEXTS[:8], *CONTEXTS)),
    ]


def _leaf(known: Known) -> st.SearchStrategy[Condition]:
    *others, of_datasets = map(_comparisons, _families(known))
    same = st.lists(of_datasets, min_size=1, max_size=3).map(lambda found: SameInput(tuple(found)))
    return st.one_of(*others, same)


def _comparisons(family: _Family) -> st.SearchStrategy[Comparison]:
    values = st.sampled_from(family.values)

    def of(name: str) -> st.SearchStrategy[Comparison]:
        constant: st.SearchStrategy[Any] = values
        if name.startswith("IS "):
            constant = st.none()
        elif name.endswith("IN"):
            constant = st.lists(values, min_size=1, max_size=4).map(tuple)
        elif name.endswith("LIKE"):
            constant = st.sampled_from(PATTERNS) | values
        return st.builds(Comparison, st.sampled_from(family.fields), st.just(name), constant)

    return st.sampled_from(family.operators).flatmap(of)
