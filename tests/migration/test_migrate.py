"""Migrations: applied once, in order, by any of several servers at once, and never changed afterwards."""

from __future__ import annotations

import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from runlore_server.store import migrate
from runlore_server.store.migrate import Migration, MigrationError
from tests.harness.server import COMMAND, ServerProcess, environment, run_command

SHIPPED = migrate.shipped()


def applied(url: str) -> list[tuple[int, str]]:
    with psycopg.connect(url) as conn:
        return conn.execute("SELECT number, name FROM schema_migration ORDER BY number").fetchall()


def test_the_files_are_numbered_without_gaps() -> None:
    assert [m.number for m in SHIPPED] == list(range(1, len(SHIPPED) + 1))


def test_a_second_run_applies_nothing(empty_database_url: str) -> None:
    assert migrate.migrate(empty_database_url) == SHIPPED
    assert migrate.migrate(empty_database_url) == []
    assert applied(empty_database_url) == [(m.number, m.name) for m in SHIPPED]


def test_the_command_says_what_it_applied(empty_database_url: str, data_folder: Path) -> None:
    arguments = ("migrate", "--database", empty_database_url, "--data", str(data_folder))
    code, out, _ = run_command(*arguments)
    assert code == 0
    assert out.splitlines()[:-1] == [f"applied {m.number:04}_{m.name}" for m in SHIPPED]
    code, out, _ = run_command(*arguments)
    assert code == 0
    assert out.endswith("is up to date: nothing to apply\n")


def test_a_failing_migration_leaves_nothing(empty_database_url: str) -> None:
    broken = Migration(SHIPPED[-1].number + 1, "broken", "CREATE TABLE half (n integer); SELECT 1 / 0;")
    with pytest.raises(psycopg.errors.DivisionByZero):
        migrate.migrate(empty_database_url, [*SHIPPED, broken])
    assert applied(empty_database_url) == []
    assert migrate.migrate(empty_database_url) == SHIPPED


def test_a_changed_migration_is_refused(database_url: str) -> None:
    changed = replace(SHIPPED[0], sql=SHIPPED[0].sql + "\n-- one more comment\n")
    with pytest.raises(MigrationError, match=f"{changed.number:04}_{changed.name} was applied .* with other contents"):
        migrate.migrate(database_url, [changed, *SHIPPED[1:]])


def test_a_server_refuses_a_database_with_other_migrations(database_url: str, data_folder: Path) -> None:
    with psycopg.connect(database_url) as conn:
        conn.execute("UPDATE schema_migration SET sha256 = sha256('other') WHERE number = 1")
    for command in ("serve", "migrate"):
        code, out, err = run_command(command, "--database", database_url, "--data", str(data_folder))
        assert (code, out) == (1, "")
        assert "with other contents" in err
        assert len(err.splitlines()) == 1


def test_one_migration_ahead_is_served_and_two_are_refused(database_url: str, data_folder: Path) -> None:
    """So that servers can be replaced one at a time: schema N serves the binaries N and N-1."""
    newest = SHIPPED[-1].number
    ahead = [Migration(newest + n, f"ahead_{n}", f"CREATE TABLE ahead_{n} (n integer)") for n in (1, 2)]
    arguments = ("--database", database_url, "--data", str(data_folder))
    assert migrate.migrate(database_url, [*SHIPPED, ahead[0]]) == [ahead[0]]
    server = ServerProcess(data_folder, "--database", database_url).wait_ready()
    assert server.stop() == 0

    assert migrate.migrate(database_url, [*SHIPPED, *ahead]) == [ahead[1]]
    for command in ("serve", "migrate"):
        code, out, err = run_command(command, *arguments)
        assert (code, out) == (1, "")
        assert f"this database is at migration {newest + 2} and this binary at {newest}" in err
        assert "newer runlore-server" in err


def test_servers_that_start_at_once_on_an_empty_database(empty_database_url: str, data_folder: Path) -> None:
    servers = [ServerProcess(data_folder / str(n), "--database", empty_database_url) for n in range(2)]
    try:
        for server in servers:
            server.wait_ready()
    finally:
        codes = [server.stop() for server in servers]
    assert codes == [0, 0]
    assert applied(empty_database_url) == [(m.number, m.name) for m in SHIPPED]


def test_migrate_commands_that_start_at_once(empty_database_url: str, data_folder: Path) -> None:
    arguments = ["migrate", "--database", empty_database_url, "--data", str(data_folder)]
    running = [
        subprocess.Popen([*COMMAND, *arguments], stdout=subprocess.PIPE, text=True, env=environment()) for _ in range(3)
    ]
    said = [process.communicate(timeout=60)[0] for process in running]
    assert [process.returncode for process in running] == [0, 0, 0]
    assert sum(text.count("applied ") for text in said) == len(SHIPPED)


def test_threads_that_migrate_at_once_agree(empty_database_url: str) -> None:
    """Closer together than processes come: all wait at a barrier first."""
    barrier = threading.Barrier(6)
    results: list[list[Migration]] = []
    failures: list[Exception] = []

    def work() -> None:
        barrier.wait()
        try:
            results.append(migrate.migrate(empty_database_url))
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert sorted(map(len, results)) == [0] * 5 + [len(SHIPPED)]


def test_migrations_ship_with_the_package() -> None:
    """As an installed package sees them, from another folder."""
    code = "from runlore_server.store import migrate; print(len(migrate.shipped()))"
    done = subprocess.run([sys.executable, "-c", code], cwd="/", capture_output=True, text=True, check=True)
    assert done.stdout.split() == [str(len(SHIPPED))]
