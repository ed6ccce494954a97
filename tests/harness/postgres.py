"""One Postgres for a test session, and databases on it that are copies of a migrated template."""

from __future__ import annotations

import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from runlore_server.embedded import EmbeddedPostgres
from runlore_server.store import migrate


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """A folder outside pytest's own, which only its owner can enter: started by root, Postgres is another user."""
    folder = Path(tempfile.mkdtemp(prefix="runlore-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class Databases:
    """Makes and drops databases on one Postgres server."""

    def __init__(self, url: str) -> None:
        """`url`: any database of a server on which databases may be created."""
        self._url = url
        self._template = ""

    @property
    def template(self) -> str:
        """The name of a database with every migration applied; made on first use."""
        if not self._template:
            name = self.create()
            migrate.migrate(self.url(name))
            self._template = name
        return self._template

    def url(self, name: str) -> str:
        """Return the URL of a database of this server."""
        return urlunsplit(urlsplit(self._url)._replace(path=f"/{name}"))

    def create(self, template: str = "template0") -> str:
        """Create a database as a copy of `template` (the default: an empty one) and return its name."""
        name = f"test_{secrets.token_hex(6)}"
        self._execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template)))
        return name

    def drop(self, name: str) -> None:
        """Drop a database, whoever is still connected to it."""
        self._execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    @contextmanager
    def fresh(self, *, migrated: bool = True) -> Iterator[str]:
        """The URL of a database of one's own, dropped afterwards."""
        name = self.create(self.template) if migrated else self.create()
        try:
            yield self.url(name)
        finally:
            self.drop(name)

    def close(self) -> None:
        """Drop the template."""
        if self._template:
            self.drop(self._template)
            self._template = ""

    def _execute(self, statement: sql.Composed) -> None:
        with psycopg.connect(self._url, autocommit=True) as conn:
            conn.execute(statement)


@contextmanager
def databases(server_url: str = "") -> Iterator[Databases]:
    """Databases on the server of `server_url`; empty: on an embedded Postgres of one's own."""
    if server_url:
        made = Databases(server_url)
        try:
            yield made
        finally:
            made.close()
        return
    with scratch_folder() as folder:
        postgres = EmbeddedPostgres(folder / "postgres")
        url = postgres.start()
        try:
            _relax_durability(url)
            yield Databases(url)
        finally:
            postgres.stop()


def _relax_durability(url: str) -> None:
    """What these databases hold need not survive the machine; tests of durability start servers of their own."""
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute("ALTER SYSTEM SET fsync = off")
        conn.execute("ALTER SYSTEM SET full_page_writes = off")
        conn.execute("SELECT pg_reload_conf()")
