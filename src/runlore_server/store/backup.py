"""The database as text streams, table by table, from one snapshot; and back, in one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from graphlib import TopologicalSorter
from typing import Any

import psycopg
from psycopg import sql as composed
from psycopg.rows import namedtuple_row

from runlore_server.store import chains, migrate, queries

sql = queries.load("backup")

Connection = psycopg.Connection[Any]


def connect(url: str) -> Connection:
    """Return a connection whose transactions see one snapshot."""
    conn = psycopg.connect(url, row_factory=namedtuple_row)
    conn.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    return conn


@contextmanager
def keeping_blobs(url: str) -> Iterator[None]:
    """Keep the collector from deleting anything meanwhile; waits for what it is just deleting."""
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute(sql.keep_blobs)
        yield
        # Closing alone would let go of the lock some time after the connection is gone.
        conn.execute(sql.let_blobs_go)


def tables(conn: Connection) -> dict[str, list[str]]:
    """Return our tables with their columns, each after those that it refers to."""
    needs = {row.name: set(row.needs) - {row.name} for row in conn.execute(sql.tables)}
    ordered = TopologicalSorter(needs).static_order()
    return {name: [row.name for row in conn.execute(sql.columns, {"table": name})] for name in ordered}


def migrations(conn: Connection) -> dict[int, str]:
    """Return the applied migrations, by number, with their checksums in hex."""
    return {row.number: bytes(row.sha256).hex() for row in conn.execute(sql.migrations)}


def read_table(conn: Connection, table: str, columns: list[str]) -> Iterator[bytes]:
    """Yield a table as the text of COPY, which any version of Postgres reads."""
    statement = composed.SQL("COPY {} ({}) TO STDOUT").format(composed.Identifier(table), _columns(columns))
    with conn.cursor() as cursor, cursor.copy(statement) as copy:
        for block in copy:
            yield bytes(block)


def write_table(conn: Connection, table: str, columns: list[str], blocks: Iterator[bytes]) -> int:
    """Fill a table from the text of COPY and return how many rows it got."""
    statement = composed.SQL("COPY {} ({}) FROM STDIN").format(composed.Identifier(table), _columns(columns))
    with conn.cursor() as cursor:
        with cursor.copy(statement) as copy:
            for block in blocks:
                copy.write(block)
        return cursor.rowcount


def first_filled(conn: Connection) -> str | None:
    """Return a table that has rows, the log's own row aside; None when the database is empty."""
    for table in tables(conn):
        statement = composed.SQL("SELECT 1 FROM {} LIMIT 1").format(composed.Identifier(table))
        if table != "event_log" and conn.execute(statement).fetchone() is not None:
            return table
    return None


def clear_log(conn: Connection) -> None:
    """Make room for the backup's own row of the log."""
    conn.execute(sql.clear_log)


def begin_log(conn: Connection) -> str:
    """Begin a new event log over the restored events and return its id."""
    return migrate.begin_log(conn)


def broken_chain(conn: Connection) -> tuple[str, chains.Break] | None:
    """Check every registered model's chain; returns the name of the first whose is broken, and where."""
    for row in conn.execute(sql.models).fetchall():
        check = chains.Check(chains.Head(row.model_id.hex, row.revision, row.chain_hash.hex(), row.last_revision or 0))
        while check.take(conn.execute(chains.sql.chain, check.params).fetchall()):
            pass
        if check.broken is not None:
            return str(row.name), check.broken
    return None


def _columns(columns: list[str]) -> composed.Composed:
    return composed.SQL(", ").join(map(composed.Identifier, columns))
