"""Migrations: numbered, forward-only SQL files, each applied once, under a lock, and never changed afterwards.

Schema N serves the binaries N and N-1: a database that is one migration ahead of this binary is accepted, so that
servers can be replaced one at a time; one further ahead is refused.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import uuid
from dataclasses import dataclass
from importlib import resources

import psycopg

_FILE = re.compile(r"^(\d{4})_(\w+)\.sql$")

# A lock that is held for the transaction, so that it ends with its holder. A table lock, and not an advisory one,
# works alike on every Postgres-wire engine.
_LOCK = "LOCK TABLE schema_migration IN ACCESS EXCLUSIVE MODE"
_CREATE = """
CREATE TABLE IF NOT EXISTS schema_migration (
    number     integer PRIMARY KEY,
    name       text        NOT NULL,
    sha256     bytea       NOT NULL,
    apply_time timestamptz NOT NULL DEFAULT now()
)"""


class MigrationError(RuntimeError):
    """The database cannot be brought to this binary's schema; the message says why and what to do."""


@dataclass(frozen=True)
class Migration:
    """One file of `store/sql/migrations`."""

    number: int
    name: str
    sql: str

    @property
    def sha256(self) -> bytes:
        """The checksum by which a change of an applied file is noticed."""
        return hashlib.sha256(self.sql.encode()).digest()


def shipped() -> list[Migration]:
    """Return this binary's migrations in order."""
    found = []
    for file in (resources.files(__package__) / "sql" / "migrations").iterdir():
        match = _FILE.match(file.name)
        if match:
            found.append(Migration(int(match[1]), match[2], file.read_text()))
    return sorted(found, key=lambda m: m.number)


def migrate(url: str, migrations: list[Migration] | None = None) -> list[Migration]:
    """Apply what the database lacks, all or nothing, and return it. Any number of servers may call this at once."""
    wanted = shipped() if migrations is None else migrations
    with psycopg.connect(url, autocommit=True) as conn:
        _create_ledger(conn)
        with conn.transaction():
            conn.execute(_LOCK)
            applied = {
                row[0]: (row[1], bytes(row[2]))
                for row in conn.execute("SELECT number, name, sha256 FROM schema_migration")
            }
            _check(wanted, applied)
            missing = [m for m in wanted if m.number not in applied]
            for migration in missing:
                conn.execute(migration.sql.encode())
                conn.execute(
                    "INSERT INTO schema_migration (number, name, sha256) VALUES (%s, %s, %s)",
                    (migration.number, migration.name, migration.sha256),
                )
            if not applied and missing:
                begin_log(conn)
    return missing


def begin_log(conn: psycopg.Connection[tuple[object, ...]]) -> str:
    """Begin the event log: of a new database, or a new one of a restored database. Returns its id."""
    log_id = uuid.uuid4().hex[:12]
    conn.execute(
        "INSERT INTO event_log (log_id, token_key) VALUES (%s, %s) ON CONFLICT (singleton) DO UPDATE "
        "SET log_id = excluded.log_id, token_key = excluded.token_key",
        (log_id, secrets.token_bytes(32)),
    )
    return log_id


def _create_ledger(conn: psycopg.Connection[tuple[object, ...]]) -> None:
    # Two servers may both find the table missing; the loser of that race, which is told so in one of
    # three ways, finds it there the second time.
    try:
        conn.execute(_CREATE)
    except (psycopg.errors.UniqueViolation, psycopg.errors.DuplicateTable, psycopg.errors.DuplicateObject):
        conn.execute(_CREATE)


def _check(wanted: list[Migration], applied: dict[int, tuple[str, bytes]]) -> None:
    newest = wanted[-1].number
    for migration in wanted:
        if migration.number in applied and applied[migration.number][1] != migration.sha256:
            raise MigrationError(
                f"migration {migration.number:04}_{migration.name} was applied to this database with other contents: "
                "an applied migration never changes. Run the binary that belongs to this database"
            )
    ahead = sorted(number for number in applied if number > newest)
    if len(ahead) > 1:
        raise MigrationError(
            f"this database is at migration {ahead[-1]} and this binary at {newest}: a binary serves at most one "
            "migration ahead of its own. Run a newer runlore-server"
        )
