"""Parses filters (`metrics.auc > 0.9 and params.C = '0.1'`) and orders (`metrics.auc desc, start_time`).

A superset of MLflow's grammar is where this grows; today it is conjunctions of comparisons, which is MLflow's own. What
is searched says which fields there are (`fields.py`). Every refusal names the column and what was expected.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from runlore_server import errors
from runlore_server.search.fields import DATASET_KEYS, RUNS, Field, FieldSet, Kind, Name, Names

MAX_TERMS = 100
MAX_ORDER_KEYS = 5

Value = str | float | int | bool | datetime | tuple[str, ...]


@dataclass(frozen=True)
class Comparison:
    """`field operator value`; the operator is upper case, and the value has the field's type."""

    field: Field
    operator: str
    value: Value


@dataclass(frozen=True)
class OrderKey:
    """One key of an order."""

    field: Field
    descending: bool


_NUMBER_OPERATORS = ("=", "!=", "<", "<=", ">", ">=")
_KINDS = {
    "metrics": Kind.METRIC,
    "metric": Kind.METRIC,
    "params": Kind.PARAM,
    "param": Kind.PARAM,
    "parameters": Kind.PARAM,
    "tags": Kind.TAG,
    "tag": Kind.TAG,
    "dataset": Kind.DATASET,
    "datasets": Kind.DATASET,
    "attributes": Kind.ATTRIBUTE,
    "attribute": Kind.ATTRIBUTE,
    "attr": Kind.ATTRIBUTE,
}

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<number>[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?(?![\w.]))
      | (?P<string>'(?:[^']|'')*')
      | (?P<quoted>`(?:[^`])+`|"(?:[^"])+")
      | (?P<word>[^\W\d][\w/-]*)
      | (?P<operator><=|>=|!=|=|<|>)
      | (?P<mark>[.,()])
      | (?P<bad>.)
    )""",
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    column: int

    def __str__(self) -> str:
        return "the end" if self.kind == "end" else f"{self.text!r}" if self.kind == "bad" else self.text


def _operators(type_: type | Names) -> tuple[str, ...]:
    """The operators of a type that is not a number's or a time's."""
    if isinstance(type_, Names):
        return ("=", "!=", "IN")
    return {Name: ("=", "IN"), bool: ("=", "!=")}.get(type_, ("=", "!=", "LIKE", "ILIKE", "IN"))


class _Parser:
    def __init__(self, name: str, text: str, fields: FieldSet) -> None:
        self._name = name
        self._fields = fields
        self._tokens = list(_tokens(text))
        self._at = 0

    @property
    def next(self) -> _Token:
        return self._tokens[self._at]

    def take(self) -> _Token:
        token = self.next
        self._at += token.kind != "end"
        return token

    def refuse(self, expected: str, token: _Token | None = None) -> errors.RunloreError:
        token = token or self.next
        return errors.invalid_filter(self._name, token.column, str(token), expected)

    def word(self, *words: str) -> str | None:
        """Take the next token when it is one of `words`, in any case; return it in upper case."""
        if self.next.kind == "word" and self.next.text.upper() in words:
            return self.take().text.upper()
        return None

    def mark(self, mark: str) -> bool:
        if self.next.kind == "mark" and self.next.text == mark:
            self.take()
            return True
        return False

    def field(self) -> Field:
        start = self.next
        if start.kind != "word":
            raise self.refuse(f"a field, such as {self._fields.examples}")
        name = self.take().text
        kind = _KINDS.get(name.lower())
        if not self.mark("."):
            return self._attribute(name, start)
        if kind is None or (kind is not Kind.ATTRIBUTE and kind not in self._fields.kinds):
            raise self.refuse(f"{self._fields.prefixes(attributes=True)} before the key", start)
        key_token = self.next
        key = self._key()
        if kind is Kind.DATASET and key not in DATASET_KEYS:
            raise self.refuse(" or ".join(f"dataset.{name}" for name in DATASET_KEYS), key_token)
        return self._attribute(key, key_token) if kind is Kind.ATTRIBUTE else Field(kind, key)

    def _attribute(self, name: str, token: _Token) -> Field:
        if name not in self._fields.attributes:
            others = f" or {self._fields.prefixes(attributes=False)}" if self._fields.kinds else ""
            raise self.refuse("an attribute (" + ", ".join(self._fields.attributes) + f"){others}", token)
        return Field(Kind.ATTRIBUTE, self._fields.aliases.get(name, name))

    def _key(self) -> str:
        if self.next.kind == "quoted":
            return self.take().text[1:-1]
        # Unquoted keys run on through dots, digits and slashes, with nothing between: `metrics.val.auc@5` needs quotes.
        parts: list[str] = []
        end = self.next.column
        while (token := self.next).column == end and (
            token.kind in ("word", "number") or (token.kind == "mark" and token.text == ".")
        ):
            parts.append(self.take().text)
            end = token.column + len(token.text)
        if not parts:
            raise self.refuse("a key; quote one with other characters by backticks")
        return "".join(parts)

    def comparison(self) -> Comparison:
        field = self.field()
        type_ = self._fields.type_of(field)
        numeric = type_ in (float, datetime)
        names = type_ if isinstance(type_, Names) else None
        allowed = _NUMBER_OPERATORS if numeric else _operators(type_)
        token = self.take()
        operator = token.text.upper()
        if operator not in allowed:
            raise self.refuse("one of " + " ".join(allowed), token)
        if operator == "IN":
            return Comparison(field, operator, self._list(names))
        if type_ is bool:
            return Comparison(field, operator, self._flag())
        if not numeric:
            return Comparison(field, operator, self._text(names))
        number = self._number()
        if type_ is float:
            return Comparison(field, operator, number)
        return Comparison(field, operator, self._moment(number))

    def _number(self) -> float:
        token = self.take()
        if token.kind == "number":
            return float(token.text)
        raise self.refuse("a number", token)

    def _moment(self, millis: float) -> datetime:
        try:
            return datetime.fromtimestamp(millis / 1e3, UTC)
        except (ValueError, OverflowError, OSError):
            raise self.refuse("milliseconds since the Unix epoch", self._tokens[self._at - 1]) from None

    def _flag(self) -> bool:
        token = self.next
        text = (self.word("TRUE", "FALSE") or self._text()).upper()
        if text not in ("TRUE", "FALSE"):
            raise self.refuse("'true' or 'false'", token)
        return text == "TRUE"

    def _text(self, names: Names | None = None) -> str:
        token = self.take()
        if token.kind == "string":
            text = token.text[1:-1].replace("''", "'")
        elif token.kind == "quoted" and token.text[0] == '"':
            # MLflow accepts "value" for strings too.
            text = token.text[1:-1]
        else:
            raise self.refuse("a text in single quotes", token)
        if names is None:
            return text
        found = names.find(text)
        if found is None:
            raise self.refuse("one of " + ", ".join(f"'{name}'" for name in names), token)
        return found

    def _list(self, names: Names | None) -> tuple[str, ...]:
        if not self.mark("("):
            raise self.refuse("( and texts in single quotes")
        values = [self._text(names)]
        while self.mark(","):
            values.append(self._text(names))
        if not self.mark(")"):
            raise self.refuse(", or )")
        return tuple(values)


def parse_filter(text: str, fields: FieldSet = RUNS) -> list[Comparison]:
    """Parse a filter; an empty one matches every record. Raises INVALID_FILTER."""
    if not text.strip():
        return []
    parser = _Parser("filter", text, fields)
    found = [parser.comparison()]
    while parser.word("AND"):
        if len(found) == MAX_TERMS:
            raise parser.refuse(f"at most {MAX_TERMS} comparisons")
        found.append(parser.comparison())
    if parser.next.kind != "end":
        raise parser.refuse("and, or the end")
    return found


def parse_order(text: str, fields: FieldSet = RUNS) -> list[OrderKey]:
    """Parse an order; an empty one has no keys. Raises INVALID_FILTER."""
    if not text.strip():
        return []
    parser = _Parser("order_by", text, fields)
    found: list[OrderKey] = []
    while True:
        if len(found) == MAX_ORDER_KEYS:
            raise parser.refuse(f"at most {MAX_ORDER_KEYS} keys")
        field = parser.field()
        found.append(OrderKey(field, parser.word("ASC", "DESC") == "DESC"))
        if not parser.mark(","):
            break
    if parser.next.kind != "end":
        raise parser.refuse("asc, desc, a comma or the end")
    return found


def _tokens(text: str) -> Iterator[_Token]:
    end = len(text.rstrip())
    at = 0
    while at < end:
        match = _TOKEN.match(text, at)
        assert match is not None
        assert match.lastgroup is not None
        yield _Token(match.lastgroup, match[match.lastgroup], match.start(match.lastgroup) + 1)
        at = match.end()
    yield _Token("end", "", len(text) + 1)
