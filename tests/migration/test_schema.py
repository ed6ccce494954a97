"""The schema of record is what the migrations make, and stands for itself."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from tests.harness.postgres import Databases, databases
from tests.migration import schema


@pytest.fixture(scope="module")
def embedded() -> Iterator[Databases]:
    """The Postgres that we ship: another major version may write the same schema otherwise."""
    with databases() as made:
        yield made


def test_migrations_from_nothing_make_the_schema_of_record(embedded: Databases) -> None:
    assert schema.of_record(embedded) == schema.FILE.read_text(), "run `make schema` and look at what changed"


def test_the_schema_of_record_can_be_run(embedded: Databases) -> None:
    with embedded.fresh(migrated=False) as url:
        with psycopg.connect(url, autocommit=True) as conn:
            conn.execute(schema.FILE.read_text().encode())
        assert schema.HEADER + schema.dump(url) == schema.FILE.read_text()


def test_the_schema_keeps_to_the_portable_subset() -> None:
    """Postgres-wire engines other than Postgres have no triggers, and make sequences a bottleneck."""
    text = schema.FILE.read_text().upper()
    assert "CREATE TABLE" in text
    for word in ("CREATE SEQUENCE", "CREATE TRIGGER", "CREATE FUNCTION", "CREATE EXTENSION", "AS IDENTITY"):
        assert word not in text
