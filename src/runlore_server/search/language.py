"""Parses filters (`metrics.auc > 0.9 and not params.C = '0.1'`) and orders (`metrics.auc desc, start_time`).

    filter      = conjunction { "or" conjunction }
    conjunction = negation { "and" negation }
    negation    = "not" negation | "(" filter ")" | comparison
    comparison  = field operator [ constant ]

What is searched says which fields there are (`fields.py`); the comment of SearchRunsRequest.filter says what they
mean. What MLflow's own filters say is accepted and means the same, its other names of things included. Every refusal
names the column and what was expected.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeGuard

from runlore_server.search import constants
from runlore_server.search.fields import DATASET_KEYS, RUN_ORDER, RUNS, FieldSet, Name, Names
from runlore_server.search.lexer import Lexer, Token
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
    Part,
    SameInput,
    Value,
)

MAX_COMPARISONS = 500
MAX_DEPTH = 50
MAX_ORDER_KEYS = 5

_KINDS = {
    "metrics": Kind.METRIC,
    "metric": Kind.METRIC,
    "params": Kind.PARAM,
    "param": Kind.PARAM,
    "parameters": Kind.PARAM,
    "parameter": Kind.PARAM,
    "tags": Kind.TAG,
    "tag": Kind.TAG,
    "dataset": Kind.DATASET,
    "datasets": Kind.DATASET,
    "attributes": Kind.ATTRIBUTE,
    "attribute": Kind.ATTRIBUTE,
    "attr": Kind.ATTRIBUTE,
    "run": Kind.ATTRIBUTE,
}
#: What a function is taken of.
_ARGUMENTS = {
    Function.MIN: (Kind.METRIC,),
    Function.MAX: (Kind.METRIC,),
    Function.NUM: (Kind.PARAM, Kind.TAG),
}
_ORDERED = ("=", "!=", "<", "<=", ">", ">=")
#: Operators that `NOT` before them turns round.
_NEGATED = ("LIKE", "ILIKE", "IN")


class _Parser:
    def __init__(self, name: str, text: str, fields: FieldSet) -> None:
        self._fields = fields
        self._lexer = Lexer(name, text)
        self._count = 0

    # Conditions.

    def filter(self) -> Condition:
        found = self._disjunction(0)
        self.end("and, or, or the end")
        return found

    def _disjunction(self, depth: int) -> Condition:
        parts = [self._conjunction(depth)]
        while self._lexer.word("OR"):
            parts.append(self._conjunction(depth))
        return _joined(Or, parts)

    def _conjunction(self, depth: int) -> Condition:
        parts = [self._negation(depth)]
        while self._lexer.word("AND"):
            parts.append(self._negation(depth))
        # Only comparisons of this very chain are bare: parentheses set those within apart.
        same = [part for part in parts if _is_of_dataset(part)]
        if same:
            others = [part for part in parts if not _is_of_dataset(part)]
            parts = [*others, SameInput(tuple(same))]
        return _joined(And, parts)

    def _negation(self, depth: int) -> Condition:
        token = self._lexer.next
        negated = self._lexer.word("NOT")
        if negated or self._lexer.mark("("):
            if depth == MAX_DEPTH:
                raise self._lexer.refuse(f"at most {MAX_DEPTH} levels of parentheses and not", token)
        else:
            return self._comparison()
        if negated:
            part = self._negation(depth + 1)
            return Not(SameInput((part,)) if _is_of_dataset(part) else part)
        part = self._disjunction(depth + 1)
        if not self._lexer.mark(")"):
            raise self._lexer.refuse("and, or, or )")
        return part

    # Comparisons.

    def _comparison(self) -> Condition:
        start = self._lexer.next
        if self._count == MAX_COMPARISONS:
            raise self._lexer.refuse(f"at most {MAX_COMPARISONS} comparisons")
        self._count += 1
        field = self.field()
        type_ = self._fields.type_of(field)
        operator = self._operator(_operators(field, type_))
        if operator.startswith("IS "):
            # A run without a parent has an empty text there, as in Run.parent_run_id.
            if field == _PARENT:
                return Comparison(field, "=" if operator == "IS NULL" else "!=", "", self._lexer.part(start))
            return Comparison(field, operator, None, self._lexer.part(start))
        if type_ is datetime:
            not_before, after = constants.moments(self._lexer)
            return _of_time(field, operator, not_before, after, self._lexer.part(start))
        if isinstance(type_, Names) and operator.endswith("LIKE"):
            value: Value = constants.names_like(self._lexer, type_, any_case=operator.endswith("ILIKE"))
            operator = "NOT IN" if operator.startswith("NOT") else "IN"
        else:
            value = self._value(type_, many=operator.endswith("IN"))
        return Comparison(field, operator, value, self._lexer.part(start))

    def _operator(self, allowed: tuple[str, ...]) -> str:
        token = self._lexer.next
        expected = "one of " + " ".join(allowed)
        if self._lexer.word("NOT"):
            found = self._lexer.take_word()
            if found not in _NEGATED or found not in allowed:
                raise self._lexer.refuse(expected, token)
            return f"NOT {found}"
        if self._lexer.word("IS"):
            negated = self._lexer.word("NOT")
            found = f"IS {self._lexer.take_word()}"
            if found not in allowed:
                raise self._lexer.refuse(expected, token)
            return found.replace("IS", "IS NOT") if negated else found
        found = token.text.upper()
        if token.kind not in ("operator", "word") or found not in allowed:
            raise self._lexer.refuse(expected)
        self._lexer.take()
        return found

    def _value(self, type_: type | Names, *, many: bool) -> Value:
        lexer = self._lexer
        if type_ is float:
            if many:
                return constants.some(lexer, "numbers", lambda: constants.number(lexer))
            return constants.number(lexer)
        if type_ is bool:
            return constants.flag(lexer)
        text: Callable[[], str] = lambda: constants.text(lexer)  # noqa: E731
        if isinstance(type_, Names):
            text = lambda: constants.name_of(lexer, type_)  # noqa: E731
        return constants.some(lexer, "texts in single quotes", text) if many else text()

    # Fields.

    def field(self) -> Field:
        start = self._lexer.take()
        if start.kind == "word" and self._lexer.mark("("):
            return self._taken(start)
        return self._plain(start)

    def _taken(self, start: Token) -> Field:
        """The function `start` of a field, after its parenthesis."""
        function = next((f for f in self._fields.functions if f.value == start.text.lower()), None)
        if function is None:
            known = ", ".join(f"{f.value}()" for f in self._fields.functions)
            raise self._lexer.refuse(f"a field, such as {self._fields.examples}, or {known} of one", start)
        inner = self._lexer.take()
        field = self._plain(inner)
        if field.kind not in _ARGUMENTS[function]:
            kinds = " or ".join(f"{kind.value}.<key>" for kind in _ARGUMENTS[function])
            raise self._lexer.refuse(f"{kinds} in {function.value}()", inner)
        if not self._lexer.mark(")"):
            raise self._lexer.refuse(")")
        return Field(field.kind, field.key, function)

    def _plain(self, start: Token) -> Field:
        if start.kind not in ("word", "quoted"):
            raise self._lexer.refuse(f"a field, such as {self._fields.examples}", start)
        name = start.text if start.kind == "word" else start.unquoted()
        if self._lexer.dot():
            key_token = self._lexer.next
            return self._keyed(name, self._key(), start, key_token)
        prefix, dot, key = name.partition(".")
        # MLflow takes quotes around a whole field off, in orders.
        if dot and start.kind == "quoted" and prefix.lower() in _KINDS:
            return self._keyed(prefix, key, start, start)
        return self._attribute(name, start)

    def _keyed(self, prefix: str, key: str, start: Token, key_token: Token) -> Field:
        kind = _KINDS.get(prefix.lower())
        if kind is None or (kind is not Kind.ATTRIBUTE and kind not in self._fields.kinds):
            raise self._lexer.refuse(f"{self._fields.prefixes(attributes=True)} before the key", start)
        if kind is Kind.DATASET and key not in DATASET_KEYS:
            raise self._lexer.refuse(" or ".join(f"dataset.{name}" for name in DATASET_KEYS), key_token)
        return self._attribute(key, key_token) if kind is Kind.ATTRIBUTE else Field(kind, key)

    def _attribute(self, name: str, token: Token) -> Field:
        if name in self._fields.aliases:
            return self._fields.aliases[name]
        if name not in self._fields.attributes:
            others = f" or {self._fields.prefixes(attributes=False)}" if self._fields.kinds else ""
            raise self._lexer.refuse("an attribute (" + ", ".join(self._fields.attributes) + f"){others}", token)
        return Field(Kind.ATTRIBUTE, name)

    def _key(self) -> str:
        # MLflow lets keys be in single quotes too.
        if self._lexer.next.kind in ("quoted", "string"):
            token = self._lexer.take()
            key: str | None = token.unquoted()
        else:
            token = self._lexer.next
            key = self._lexer.take_key()
        if not key:
            raise self._lexer.refuse("a key; quote one with other characters by backticks", token)
        return key

    def order_key(self) -> OrderKey:
        start = self._lexer.next
        field = self.field()
        descending = self._lexer.word("DESC")
        if not descending:
            self._lexer.word("ASC")
        return OrderKey(field, descending, self._lexer.part(start))

    def order(self) -> list[OrderKey]:
        found = [self.order_key()]
        while self._lexer.mark(","):
            if len(found) == MAX_ORDER_KEYS:
                raise self._lexer.refuse(f"at most {MAX_ORDER_KEYS} keys")
            found.append(self.order_key())
        self.end("asc, desc, a comma or the end")
        return found

    def end(self, expected: str) -> None:
        if not self._lexer.at_end():
            raise self._lexer.refuse(expected)


_PARENT = Field(Kind.ATTRIBUTE, "parent_run_id")


def parse_filter(text: str, fields: FieldSet = RUNS) -> Condition:
    """Parse a filter; an empty one is `EVERY`. Raises INVALID_FILTER."""
    return _Parser("filter", text, fields).filter() if text.strip() else EVERY


def parse_order(text: str, fields: FieldSet = RUN_ORDER) -> list[OrderKey]:
    """Parse an order; an empty one has no keys. Raises INVALID_FILTER."""
    return _Parser("order_by", text, fields).order() if text.strip() else []


def _operators(field: Field, type_: type | Names) -> tuple[str, ...]:
    """The operators of a field, without `NOT`."""
    if isinstance(type_, Names):
        # LIKE and ILIKE are MLflow's.
        return ("=", "!=", "IN", "LIKE", "ILIKE")
    if type_ is Name:
        return ("=", "IN")
    if type_ is bool:
        return ("=", "!=")
    own = {float: ("IN",), str: ("LIKE", "ILIKE", "IN")}.get(type_, ())
    if field.kind is Kind.DATASET:
        return (*_ORDERED, *own)
    nan = field.kind is Kind.METRIC or field.function is not None
    return (*_ORDERED, *own, "IS NULL", *(("IS NAN",) if nan else ()))


def _of_time(field: Field, operator: str, not_before: datetime, after: datetime, part: Part) -> Condition:
    """Compare with what lasts from `not_before` to `after`, by < and >= alone."""
    before = Comparison(field, "<", not_before, part)
    from_it_on = Comparison(field, ">=", not_before, part)
    until_its_end = Comparison(field, "<", after, part)
    beyond = Comparison(field, ">=", after, part)
    meanings: dict[str, Condition] = {
        "<": before,
        ">=": from_it_on,
        "<=": until_its_end,
        ">": beyond,
        "=": And((from_it_on, until_its_end)),
        "!=": Or((before, beyond)),
    }
    return meanings[operator]


def _is_of_dataset(part: Condition) -> TypeGuard[Comparison]:
    return isinstance(part, Comparison) and part.field.kind is Kind.DATASET


def _joined(kind: type[And] | type[Or], parts: Sequence[Condition]) -> Condition:
    """Join parts; what is itself joined in this way is not nested."""
    if len(parts) == 1:
        return parts[0]
    flat: list[Condition] = []
    for part in parts:
        flat.extend(part.parts if isinstance(part, kind) else [part])
    return kind(tuple(flat))
