"""The fields that the index has entries of, and comparisons as ranges of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, LiteralString

from runlore_server.search.tree import Comparison, Condition, Field, Function, Kind, comparisons
from runlore_server.store.finding.keys import PREFIX, KeyKind, Keys
from runlore_server.store.finding.scope import Marks, Scope
from runlore_server.store.keyset import NUMBER, TEXT, Statement

#: Conditions on a column that hold together, `{}` for the column, each with its parameter if it has one.
Range = tuple[tuple[LiteralString, Any], ...]

_METRIC_COLUMNS: dict[Function | None, LiteralString] = {
    None: "w.last",
    Function.MIN: "w.min",
    Function.MAX: "w.max",
}
_KEY_KINDS = {
    Kind.PARAM: KeyKind.PARAM,
    Kind.TAG: KeyKind.TAG,
    Kind.METRIC: KeyKind.METRIC,
    Kind.ATTRIBUTE: KeyKind.ATTRIBUTE,
}
#: What has the key at all.
_ANY: list[Range] = [()]


@dataclass(frozen=True)
class Entries:
    """The entries of one field: rows `w` of a table, in the order of a column."""

    table: LiteralString
    column: LiteralString
    #: The SQL type of the column.
    type: LiteralString
    #: None: there are none.
    key_no: int | None

    @property
    def marks(self) -> Marks:
        """Which part of the index it is."""
        return Marks(texts=self.type == TEXT, metrics=self.type == NUMBER)

    def where(self, scope: Scope, statement: Statement) -> list[LiteralString]:
        """Return the conditions on an entry of a search's experiments."""
        numbers = scope.experiment_numbers()
        where: list[LiteralString] = [f"w.key_no = {statement.bind(self.key_no)}::int4"]
        if numbers is not None:
            where.append(f"w.experiment_no = ANY ({statement.bind(numbers)}::int4[])")
        return where

    def arm(self, statement: Statement, found: Range) -> list[LiteralString]:
        """Return a range as conditions on an entry."""
        return [self._bounded(statement, operator, value) for operator, value in found]

    def _bounded(self, statement: Statement, operator: LiteralString, value: Any) -> LiteralString:
        if value is None:
            return f"{self.column} {operator}"
        if isinstance(value, list):
            return f"{self.column} = ANY ({statement.bind(value)}::{self.type}[])"
        return f"{self.column} {operator} {statement.bind(value)}::{self.type}"


def key_of(field: Field) -> tuple[KeyKind, str] | None:
    """Return the key that the index has a field under; None when it has none."""
    if field.kind is Kind.METRIC:
        return KeyKind.METRIC, field.key
    if field.function is None and (field.kind in (Kind.PARAM, Kind.TAG) or field == Field(Kind.ATTRIBUTE, "name")):
        return _KEY_KINDS[field.kind], field.key
    return None


def of_field(keys: Keys, field: Field) -> Entries | None:
    """Return a field's entries; None when the index has none of it."""
    key = key_of(field)
    if key is None:
        return None
    if field.kind is Kind.METRIC:
        return Entries("search_metric", _METRIC_COLUMNS[field.function], NUMBER, keys.number(*key))
    return Entries("search_text", "w.value", TEXT, keys.number(*key))


def keys_of(condition: Condition, fields: Sequence[Field]) -> Iterator[tuple[KeyKind, str]]:
    """Yield the keys that a search names."""
    for field in (*(c.field for c in comparisons(condition)), *fields):
        key = key_of(field)
        if key is not None:
            yield key


def ranges(comparison: Comparison) -> list[Range]:
    """Return ranges of a field's entries in one of which each run is that meets a comparison; maybe others too.

    A run that lacks the key meets none, `IS NULL` aside, which the caller leaves out.
    """
    if comparison.field.kind is Kind.METRIC:
        return _of_number(comparison.operator, comparison.value)
    return _of_text(comparison.operator, comparison.value)


def narrowing(scope: Scope, field: Field) -> list[Range] | None:
    """Return ranges in all of which the filter wants a field to be; None: a run may lack it, or have NaN."""
    found: list[Range] = []
    has_it = False
    for part in scope.conjuncts():
        if not isinstance(part, Comparison) or part.field != field or part.operator == "IS NULL":
            continue
        if field.kind is Kind.METRIC and part.operator not in ("=", "<", "<=", ">", ">=", "IN", "IS NOT NAN"):
            continue
        has_it = True
        arms = ranges(part)
        if len(arms) == 1:
            found.append(arms[0])
    return found if has_it else None


def _of_number(operator: str, value: Any) -> list[Range]:
    match operator:
        case "=" | "<" | "<=" | ">" | ">=":
            return [((_literal(operator), value),)]
        case "IN":
            return [(("=", list(value)),)]
        case "!=":
            # NaN, which has no place, differs from everything.
            return [(("<", value),), ((">", value),), (("IS NULL", None),)]
        case "IS NAN":
            return [(("IS NULL", None),)]
    return _ANY


def _of_text(operator: str, value: Any) -> list[Range]:
    match operator:
        case "IN":
            return [(("=", [text[:PREFIX] for text in value]),)]
        case "LIKE":
            return _like(value)
        case "=" | "<=" | ">=":
            return [((_literal(operator), value[:PREFIX]),)]
        case "<" | ">" | "!=" if len(value) >= PREFIX:
            # Entries of longer texts may be equal to the beginning of this one.
            return _ANY if operator == "!=" else [((_literal(operator + "="), value[:PREFIX]),)]
        case "<" | ">":
            return [((_literal(operator), value),)]
        case "!=":
            return [(("<", value),), ((">", value),)]
    return _ANY


def _like(pattern: str) -> list[Range]:
    """As a range, what begins with the pattern's text before its first wildcard."""
    wild = min((pattern.index(mark) for mark in "%_" if mark in pattern), default=len(pattern))
    start = pattern[:wild][:PREFIX]
    if wild == len(pattern):
        return [(("=", start),)]
    if not start:
        return _ANY
    return [beginning(start)]


def beginning(start: str) -> Range:
    """Return the range of what begins with a text."""
    above = _above(start)
    return ((">=", start), ("<", above)) if above else ((">=", start),)


def _above(start: str) -> str:
    """Return the least text that is greater than all that begin with `start`; empty when there is none."""
    kept = start.rstrip(chr(0x10FFFF))
    if not kept:
        return ""
    following = ord(kept[-1]) + 1
    # Surrogates are no characters of a text.
    return kept[:-1] + chr(0xE000 if following == 0xD800 else following)


def _literal(operator: str) -> LiteralString:
    return _OPERATORS[operator]


_OPERATORS: dict[str, LiteralString] = {"=": "=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
