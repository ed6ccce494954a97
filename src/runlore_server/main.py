"""The command `runlore-server`."""

from __future__ import annotations

import json
import os
import sys

# Before grpc loads: its core writes plumbing to standard error in a form of its own. What matters reaches us as errors.
os.environ.setdefault("GRPC_VERBOSITY", "NONE")

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg_pool import PoolTimeout

from runlore_server import VERSION, backups, logs, supervisor, upkeep
from runlore_server.app import ListenError, Listening
from runlore_server.blob import BlobStoreError
from runlore_server.embedded import EmbeddedPostgres, FolderError, FolderLock
from runlore_server.settings import Settings, SettingsError, load
from runlore_server.store import migrate

#: Exit codes: 0 done, 1 could not go on, 2 asked for something that cannot be, 3 fsck found losses.
_FAILED, _MISUSED, _LOST = 1, 2, 3

_database_options = [
    click.option("--data", metavar="DIR", help="Folder of the embedded Postgres and of artifacts [.runlore]."),
    click.option("--database", metavar="URL", help="Postgres to use instead, such as postgresql://host/runlore."),
    click.option("--artifacts", metavar="URL", help="Folder, or s3://bucket/prefix [DIR/artifacts]."),
    click.option("--log-level", metavar="LEVEL", help="debug, info, warning or error [info]."),
]


def _options(command: Any) -> Any:
    for option in reversed(_database_options):
        command = option(command)
    return command


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(VERSION, prog_name="runlore-server")
def main() -> None:
    """Runlore: the typed metadata service between experiment and production.

    Every flag --some-flag can be given as the variable RUNLORE_SOME_FLAG instead. S3-compatible stores take
    RUNLORE_S3_ENDPOINT, RUNLORE_S3_ACCESS_KEY, RUNLORE_S3_SECRET_KEY, RUNLORE_S3_SESSION_TOKEN, RUNLORE_S3_REGION (the
    AWS_* names work too); where clients see the store under another name, RUNLORE_S3_PUBLIC_ENDPOINT; for buckets in
    the host name, RUNLORE_S3_ADDRESSING=virtual; for TLS of a private CA, RUNLORE_S3_CA_FILE; for server-side
    encryption, RUNLORE_S3_SSE=AES256 or aws:kms with RUNLORE_S3_SSE_KMS_KEY_ID. deploy/README.md has examples.
    """


@main.command()
@click.option("--listen", metavar="HOST:PORT", help="Address to listen on; port 0 picks a free one [127.0.0.1:7410].")
@click.option("--web-listen", metavar="HOST:PORT", help="Serve Connect, gRPC-Web and JSON on this address too [none].")
@click.option(
    "--web-allow-origin",
    metavar="ORIGIN",
    multiple=True,
    callback=lambda _context, _parameter, origins: ",".join(origins) if origins else None,
    help="Pages of this origin may call the web port; may come several times [none].",
)
@_options
@click.option("--workers", metavar="N", help="Processes that share the port [1].")
@click.option("--tls-cert", metavar="FILE", help="PEM certificate chain; with --tls-key, serve TLS.")
@click.option("--tls-key", metavar="FILE", help="PEM private key.")
@click.option("--insecure", is_flag=True, default=None, help="Listen beyond loopback without access control.")
@click.option("--drain-seconds", metavar="S", help="Time that in-flight calls get after SIGTERM [10].")
@click.option("--stale-after", metavar="S", help="Silence after which a running run is shown as stale [60].")
@click.option("--close-stale-after", metavar="S", help="Silence after which it is closed; 0: never [0].")
@click.option("--close-stale-as", metavar="STATUS", help="KILLED or FAILED, what it is closed as [KILLED].")
@click.option("--purge-after", metavar="DAYS", help="After which deleted runs are removed for good; 0: never [30].")
@click.option("--keep-events", metavar="DAYS", help="Events of runs are kept for; of models always; 0: for ever [0].")
@click.option("--pool-size", metavar="N", help="Database connections of each process, beside one for resolving [10].")
@click.option("--search-budget-ms", metavar="N", help="Milliseconds after which a search ends as a short page [80].")
@click.option("--search-cache-mb", metavar="N", help="Memory of each process for the runs of pages [64].")
@click.option("--gc-hours", metavar="N", help="Hours between rounds of garbage collection; 0 for none [24].")
@click.option("--gc-grace-hours", metavar="N", help="Hours for which it spares what somebody wanted [24].")
def serve(**flags: Any) -> None:
    """Serve until SIGTERM or Ctrl-C."""
    with _reported(flags) as settings, _database(settings) as (url, database_name):
        migrate.migrate(url)

        def ready(at: Listening) -> None:
            kept = f"database: {database_name}, artifacts: {at.artifacts}"
            print(f"runlore-server ready on {settings.host}:{at.port} ({kept})")
            if settings.web is not None:
                scheme = "http" if settings.tls_cert is None else "https"
                print(f"runlore-server web on {scheme}://{settings.web.host}:{at.web_port}")
            sys.stdout.flush()

        if settings.workers == 1:
            supervisor.run_one(settings, url, ready)
        else:
            supervisor.run_many(settings, url, ready)


@main.command("migrate")
@_options
def migrate_command(**flags: Any) -> None:
    """Bring the database to this version's schema. `serve` does it too; any number at once is fine."""
    with _reported(flags) as settings, _database(settings) as (url, database_name):
        applied = migrate.migrate(url)
        for migration in applied:
            print(f"applied {migration.number:04}_{migration.name}")
        print(f"{database_name} is up to date" + ("" if applied else ": nothing to apply"))


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
@_options
def backup(file: Path, **flags: Any) -> None:
    """Write the database, and artifacts kept in a local folder, to FILE. The server may go on serving."""
    with _reported(flags) as settings, _database(settings, share=True) as (url, database_name):
        report = backups.backup(url, settings, file)
        print(f"backed up {database_name} to {file}: {report}")


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
@_options
def restore(file: Path, **flags: Any) -> None:
    """Read FILE into an empty database and artifact folder, and check all of it. Begins a new event log."""
    with _reported(flags) as settings, _database(settings) as (url, database_name):
        report = backups.restore(url, settings, file)
        print(f"restored {file} to {database_name}: {report}")


@main.command()
@_options
@click.option("--dry-run", is_flag=True, help="Say what would be deleted, and delete nothing.")
@click.option("--grace-hours", "gc_grace_hours", metavar="N", help="Spare what was wanted N hours ago or later [24].")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def gc(dry_run: bool, as_json: bool, **flags: Any) -> None:
    """Delete artifacts that no run and no version needs. Servers may go on serving."""
    with _reported(flags) as settings, _database(settings, share=True) as (url, _):
        migrate.migrate(url)
        report = upkeep.collect(url, settings, dry_run=dry_run)
        print(json.dumps(report.fields()) if as_json else report)


@main.command()
@_options
@click.option("--deep", is_flag=True, help="Read every blob and check its sha256, and those of large files.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def fsck(deep: bool, as_json: bool, **flags: Any) -> None:
    """Check that the bytes of every run's and version's artifacts are there. Exit code 3: some are not."""
    with _reported(flags) as settings, _database(settings, share=True) as (url, _):
        migrate.migrate(url)
        report = upkeep.check(url, settings, deep=deep)
        if as_json:
            print(json.dumps(report.fields()))
        else:
            for loss in report.losses:
                print(f"lost: {loss}")
            print(report)
        if report.losses:
            raise SystemExit(_LOST)


@contextmanager
def _reported(flags: dict[str, Any]) -> Iterator[Settings]:
    """Load the settings, and turn what a person can cure into one line and an exit code."""
    try:
        settings = load(flags, os.environ)
        logs.configure(settings.log_level)
        yield settings
    except (SettingsError, BlobStoreError) as error:
        _fail(str(error), _MISUSED)
    except (
        FolderError,
        ListenError,
        migrate.MigrationError,
        supervisor.WorkerError,
        backups.BackupError,
        upkeep.UpkeepError,
    ) as error:
        _fail(str(error), _FAILED)
    except (psycopg.OperationalError, PoolTimeout) as error:
        _fail(f"cannot reach the database: {_first_line(error)}", _FAILED)


@contextmanager
def _database(settings: Settings, share: bool = False) -> Iterator[tuple[str, str]]:
    """Yield the database's URL and its name for people, the embedded one started and stopped around.

    `share`: when another process serves the folder, use its Postgres instead of refusing.
    """
    if settings.database:
        yield settings.database, _describe(settings.database)
        return
    postgres = EmbeddedPostgres(settings.postgres_folder)
    name = f"embedded Postgres in {settings.postgres_folder}"
    try:
        lock = FolderLock(settings.data)
    except FolderError:
        url = postgres.running() if share else None
        if url is None:
            raise
        yield url, name
        return
    try:
        yield postgres.start(), name
    finally:
        postgres.stop()
        lock.close()


def _describe(url: str) -> str:
    """The database without its password."""
    try:
        parts = conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        raise SettingsError("--database: is not a Postgres URL, such as postgresql://user@host:5432/runlore") from None
    port = f":{parts['port']}" if parts.get("port") else ""
    return f"{parts.get('dbname', '')} on {parts.get('host', 'the local socket')}{port}"


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def _fail(message: str, code: int) -> None:
    print(f"error: {message}", file=sys.stderr)
    raise SystemExit(code)


if __name__ == "__main__":
    main()
