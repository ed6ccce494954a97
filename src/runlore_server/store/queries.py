"""Named statements from `store/sql/*.sql`.

A file holds blocks that begin with `-- name: <identifier>`; `load("runs").get` is the text of its block `get`. A block
may have another one of its file as a part: `(:extend)` stands for the text of `extend` in parentheses.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, LiteralString

if TYPE_CHECKING:
    from runlore_server.db import Connection

_NAME = re.compile(r"^-- name: (\w+)\s*$", re.MULTILINE)
_NOISE = re.compile(r"^ *(--(?! name: ).*\n)?", re.MULTILINE)
_PART = re.compile(r"\(:(\w+)\)")


class Queries:
    """The statements of one file, as attributes."""

    def __init__(self, file: str, text: str) -> None:
        self._file = file
        # Without comments and indentation: psycopg remembers how it took a statement apart up to 4,096 characters only.
        parts = _NAME.split(_NOISE.sub("", text))
        blocks = {name: statement.strip().rstrip(";") for name, statement in zip(parts[1::2], parts[2::2], strict=True)}
        self._statements: dict[str, LiteralString] = {
            name: _PART.sub(lambda part: f"({blocks[part[1]]})", statement) for name, statement in blocks.items()
        }

    def __getattr__(self, name: str) -> LiteralString:
        try:
            # The files ship with the package: nothing a caller sends can become part of a statement.
            return self._statements[name]
        except KeyError:
            raise AttributeError(f"store/sql/{self._file}.sql has no statement '{name}'") from None


@cache
def load(file: str) -> Queries:
    """Return the statements of `store/sql/<file>.sql`."""
    return Queries(file, (resources.files(__package__) / "sql" / f"{file}.sql").read_text())


async def one(conn: Connection, statement: LiteralString, params: Mapping[str, Any] | None = None) -> Any:
    """Return a statement's only row, or None."""
    return await (await conn.execute(statement, params, binary=True)).fetchone()


async def planned(conn: Connection, statement: LiteralString, params: Mapping[str, Any]) -> list[Any]:
    """Return the rows of a statement that is planned anew each time.

    For one that joins arrays of any length with tables that grow fast: a plan that was made for a few rows and an empty
    table, and kept, costs the square of what it should.
    """
    return await (await conn.execute(statement, params, binary=True, prepare=False)).fetchall()


async def every(conn: Connection, statement: LiteralString, params: Mapping[str, Any] | None = None) -> list[Any]:
    """Return a statement's rows."""
    return await (await conn.execute(statement, params, binary=True)).fetchall()
