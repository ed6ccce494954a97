"""The schema of record: what the migrations make of an empty database, as `pg_dump` writes it (`make schema`)."""

from __future__ import annotations

import subprocess
from pathlib import Path

import runlore_server.store
from runlore_server.embedded import BIN
from tests.harness.postgres import Databases, databases

FILE = Path(runlore_server.store.__file__).parent / "sql" / "schema.sql"
HEADER = "-- The schema that the migrations make. Written by `make schema`; to change it, add a migration.\n\n"


def dump(url: str) -> str:
    """Return a database's schema: statements only, in pg_dump's order, without what differs from machine to machine."""
    text = subprocess.run(
        [BIN / "pg_dump", "--schema-only", "--no-owner", "--no-privileges", "--dbname", url],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    # Comments, session settings, and psql's own commands, one of which holds a random word.
    noise = ("--", "SET ", "SELECT pg_catalog.set_config", "\\")
    lines = [line for line in text.splitlines() if not line.startswith(noise)]
    statements = "\n".join(lines).split("\n\n")
    return "\n\n".join(s.strip("\n") for s in statements if s.strip()) + "\n"


def of_record(made: Databases) -> str:
    """Return the text that `schema.sql` must have."""
    with made.fresh() as url:
        return HEADER + dump(url)


def main() -> None:
    """Write `schema.sql`."""
    with databases() as made:
        FILE.write_text(of_record(made))
    print(f"wrote {FILE}")


if __name__ == "__main__":
    main()
