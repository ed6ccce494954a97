"""Reads the constants of comparisons: what a field's type accepts, as a value of that type."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from runlore_server.search.fields import Names
from runlore_server.search.lexer import Lexer

MAX_LIST = 1_000

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
_A_TIME = "milliseconds since the Unix epoch, or an RFC 3339 time in quotes, such as '2026-01-31T12:00:00Z'"

T = TypeVar("T")


def number(lexer: Lexer) -> float:
    """Take a number."""
    if lexer.next.kind == "number":
        return float(lexer.take().text)
    raise lexer.refuse("a number")


def text(lexer: Lexer) -> str:
    """Take a text in single or double quotes; backticks are for keys."""
    if lexer.next.kind == "string" or (lexer.next.kind == "quoted" and lexer.next.text[0] == '"'):
        return lexer.take().unquoted()
    raise lexer.refuse("a text in single quotes")


def flag(lexer: Lexer) -> bool:
    """Take `true` or `false`, in quotes or without, in any case."""
    token = lexer.next
    word = lexer.take().text if token.kind == "word" else text(lexer)
    if word.upper() not in ("TRUE", "FALSE"):
        raise lexer.refuse("'true' or 'false'", token)
    return word.upper() == "TRUE"


def name_of(lexer: Lexer, names: Names) -> str:
    """Take a name of an enum's value, in any case."""
    token = lexer.next
    found = names.find(text(lexer))
    if found is None:
        raise lexer.refuse("one of " + ", ".join(f"'{name}'" for name in names), token)
    return found


def names_like(lexer: Lexer, names: Names, *, any_case: bool) -> tuple[str, ...]:
    """Take a pattern; return the names that are like it, maybe none."""
    written = text(lexer)
    # Longer than any name; to compile it would take its time.
    if len(written.replace("%", "")) > max(map(len, names)):
        return ()
    # Several % in a row mean one; as several they would be tried in every combination.
    parts = re.split("(%+|_)", written)
    pattern = "".join("." if part == "_" else ".*" if part[:1] == "%" else re.escape(part) for part in parts)
    like = re.compile(pattern, re.DOTALL | (re.IGNORECASE if any_case else 0))
    return tuple(name for name in names if like.fullmatch(name))


def some(lexer: Lexer, what: str, item: Callable[[], T]) -> tuple[T, ...]:
    """Take a list in parentheses; it may end in a comma, as MLflow's may."""
    if not lexer.mark("("):
        raise lexer.refuse(f"( and {what}")
    values = [item()]
    while lexer.mark(",") and not lexer.at(")"):
        if len(values) == MAX_LIST:
            raise lexer.refuse(f"at most {MAX_LIST} values in a list")
        values.append(item())
    if not lexer.mark(")"):
        raise lexer.refuse(", or )")
    return tuple(values)


def moments(lexer: Lexer) -> tuple[datetime, datetime]:
    """Take a time; return the first moment that is not before it, and the first that is after.

    A whole millisecond is as long as it is, so that it equals what is shown as that: between the two are times which
    are that millisecond when they are cut. A time in quotes is exact to the microsecond.
    """
    token = lexer.next
    try:
        if token.kind == "number":
            millis = float(lexer.take().text)
            return _EPOCH + math.ceil(millis) * _MILLISECOND, _EPOCH + (math.floor(millis) + 1) * _MILLISECOND
        if token.kind in ("string", "quoted") and _RFC_3339.fullmatch(written := text(lexer)):
            exact = datetime.fromisoformat(written.upper().replace(" ", "T")).astimezone(UTC)
            return exact, exact + timedelta(microseconds=1)
    except (ValueError, OverflowError):
        pass
    raise lexer.refuse(_A_TIME, token)
