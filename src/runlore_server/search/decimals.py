"""What `num()` takes for a number: a definition that Python and Postgres read in the same way."""

from __future__ import annotations

import re

#: A sign, up to 100 digits on either side of a point, and an exponent of up to 199. No such number is too great for a
#: double, nor too small: those are errors in Postgres.
DECIMAL = "^[+-]?(?:[0-9]{1,100}(?:[.][0-9]{0,100})?|[.][0-9]{1,100})(?:[eE][+-]?[01]?[0-9]{1,2})?$"
_DECIMAL = re.compile(DECIMAL.removeprefix("^").removesuffix("$"))


def number(text: str) -> float | None:
    """Return the number that a text is; None when it is none."""
    return float(text) if _DECIMAL.fullmatch(text) else None
