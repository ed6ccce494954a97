"""Environment variables that the user asked for by name, and no others."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from fnmatch import fnmatchcase

from runlore._context import masking

#: Most variables of one run: a glob such as `*` is a slip.
LIMIT = 200
_NAME = re.compile(r"[A-Za-z_]\w{0,199}", re.ASCII)


def tags(patterns: Sequence[str]) -> tuple[dict[str, str], str]:
    """Return the variables that match one of the names or globs as tags, and what was refused, if anything.

    A variable whose name is that of a secret is never taken: a glob passes over it, a name of its own is refused.
    """
    refused = [p for p in patterns if masking.is_secret_variable(p) and p in os.environ]
    names = sorted(
        name
        for name in os.environ
        if _NAME.fullmatch(name)
        and not masking.is_secret_variable(name)
        and any(fnmatchcase(name, pattern) for pattern in patterns)
    )
    told = []
    if refused:
        told.append(f"{', '.join(refused)} are never captured, as names of secrets")
    if len(names) > LIMIT:
        told.append(f"{len(names)} variables match, the first {LIMIT} are captured")
    found = {f"runlore.env.{name}": masking.text(os.environ[name]) for name in names[:LIMIT]}
    return found, "; ".join(told)
