"""Conditions of the search language as SQL, whatever is searched: what joins comparisons. A comparison is its caller's.

Conditions are true or false and SQL knows a third: a comparison of a key that is missing is NULL there. Where a row is
kept or left out that is as good as false, and below a NOT it is made so.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import LiteralString

from runlore_server.search.tree import And, Comparison, Condition, Not, Or, SameInput

#: The SQL of a comparison, true, false or NULL. It may stand beside AND: an OR in it is in parentheses.
Leaf = Callable[[Comparison | SameInput], LiteralString]


def where(condition: Condition, leaf: Leaf) -> list[LiteralString]:
    """Return the SQL of what must hold all together."""
    return [translate(part, leaf) for part in (condition.parts if isinstance(condition, And) else (condition,))]


def translate(condition: Condition, leaf: Leaf, *, definite: bool = False) -> LiteralString:
    """Return the SQL of a condition, which may stand beside AND; `definite`: never NULL."""
    match condition:
        case And(parts):
            return (
                f"({' AND '.join([translate(part, leaf, definite=definite) for part in parts])})" if parts else "true"
            )
        case Or(parts):
            return (
                f"({' OR '.join([translate(part, leaf, definite=definite) for part in parts])})" if parts else "false"
            )
        case Not(part):
            return f"NOT {translate(part, leaf, definite=True)}"
    return f"coalesce({leaf(condition)}, false)" if definite else leaf(condition)
