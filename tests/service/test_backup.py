"""`runlore-server backup` and `restore`: everything comes back, checked, under a new event log."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections.abc import Callable
from pathlib import Path

import grpc
import psycopg
import pytest

from runlore import v1
from tests.harness import story
from tests.harness.postgres import Databases
from tests.harness.server import ServerProcess, run_command, serving
from tests.harness.wire import Stubs, refused


@pytest.fixture
def told(server: ServerProcess) -> str:
    """The run of a history on a server of the test's own."""
    return story.tell(server.address)


def backup(file: Path, data: Path, database_url: str) -> None:
    code, out, err = run_command("backup", str(file), "--data", str(data), "--database", database_url)
    assert code == 0, err
    assert out.startswith("backed up ")


def positions(address: str) -> list[str]:
    with grpc.insecure_channel(address) as channel:
        return [event.position for event in Stubs(channel).event.ListEvents(v1.ListEventsRequest()).events]


def test_a_served_folder_is_backed_up_and_restored_elsewhere(data_folder: Path) -> None:
    """The whole way that a person goes: both folders with an embedded Postgres, the first one in use."""
    file = data_folder / "backup.tar"
    with serving(data_folder / "first") as server:
        run_id = story.tell(server.address)
        code, _, err = run_command("backup", str(file), "--data", str(data_folder / "first"))
        assert code == 0, err
        before, old_positions = story.listen(server.address, run_id), positions(server.address)

    code, out, err = run_command("restore", str(file), "--data", str(data_folder / "second"))
    assert code == 0, err
    assert "every digest checked; new event log" in out

    with serving(data_folder / "second") as server:
        assert story.listen(server.address, run_id) == before
        assert len(positions(server.address)) == len(old_positions)
        with grpc.insecure_channel(server.address) as channel:
            stubs = Stubs(channel)
            with refused("POSITION_OF_ANOTHER_LOG", "after_position") as found:
                stubs.event.ListEvents(v1.ListEventsRequest(after_position=old_positions[0]))
            log_id = stubs.server.GetServerInfo(v1.GetServerInfoRequest()).log_id
            assert found[0].metadata["log_id"] == log_id != found[0].metadata["position_log_id"]
            # It goes on where it was: the alias moves, and the chain with it.
            story.move(stubs, 1, v1.AliasExpectation(version=2))
            model = stubs.registry.GetRegisteredModel(v1.GetRegisteredModelRequest(name="story")).registered_model
            assert model.head.revision == before["model"].head.revision + 1
        assert len(positions(server.address)) == len(old_positions) + 1


def test_a_restore_needs_an_empty_database(
    server: ServerProcess, told: str, database_url: str, data_folder: Path
) -> None:
    file = data_folder / "backup.tar"
    backup(file, server.data, database_url)
    before = story.listen(server.address, told)
    code, _, err = run_command("restore", str(file), "--data", str(data_folder / "other"), "--database", database_url)
    assert code == 1
    assert "is not empty" in err
    assert story.listen(server.address, told) == before


def test_a_backup_never_replaces_a_file(server: ServerProcess, database_url: str, data_folder: Path) -> None:
    file = data_folder / "backup.tar"
    file.write_text("precious")
    code, _, err = run_command("backup", str(file), "--data", str(server.data), "--database", database_url)
    assert code == 1
    assert f"{file} exists already" in err
    assert file.read_text() == "precious"


def test_a_missing_backup_is_named(empty_database_url: str, data_folder: Path) -> None:
    arguments = ("--data", str(data_folder), "--database", empty_database_url)
    code, _, err = run_command("restore", str(data_folder / "nope.tar"), *arguments)
    assert code == 1
    assert "nope.tar" in err
    assert "Traceback" not in err


def cut_short(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def other_blob_bytes(file: Path) -> None:
    _rewrite(file, lambda name, data: data.replace(b"weights", b"WEIGHTS") if name.startswith("blobs/") else data)


def forged_history(file: Path) -> None:
    """The reason of a move is another, and the file's own digests agree with it: the chain does not."""

    def change(name: str, data: bytes) -> bytes:
        if name == "tables/event":
            forged.append(data.replace(b"to 1".hex().encode(), b"to 9".hex().encode()))
            return forged[0]
        if name == "backup.json":
            contents = json.loads(data)
            contents["tables"]["event"]["sha256"] = hashlib.sha256(forged[0]).hexdigest()
            return json.dumps(contents).encode()
        return data

    forged: list[bytes] = []
    _rewrite(file, change)


def other_table(file: Path) -> None:
    _rewrite(file, lambda name, data: data.replace(b"0.1", b"0.2") if name == "tables/run" else data)


@pytest.mark.parametrize("damage", [cut_short, other_blob_bytes, forged_history, other_table])
def test_a_damaged_backup_restores_nothing(
    server: ServerProcess,
    told: str,
    database_url: str,
    postgres: Databases,
    data_folder: Path,
    damage: Callable[[Path], None],
) -> None:
    file = data_folder / "backup.tar"
    backup(file, server.data, database_url)
    intact = file.read_bytes()
    damage(file)
    assert file.read_bytes() != intact
    with postgres.fresh(migrated=False) as url:
        code, _, err = run_command("restore", str(file), "--data", str(data_folder / "new"), "--database", url)
        assert code == 1, "a damaged backup was restored"
        assert err.startswith("error: ")
        assert "Traceback" not in err
        with psycopg.connect(url) as conn:
            tables = conn.execute("SELECT to_regclass('run') IS NOT NULL").fetchone()
            if tables == (True,):
                assert conn.execute("SELECT count(*) FROM run").fetchone() == (0,)


def _rewrite(file: Path, change: Callable[[str, bytes], bytes]) -> None:
    """Write the tar again with changed entries."""
    with tarfile.open(file) as old:
        entries = [(info.name, old.extractfile(info).read()) for info in old]  # type: ignore[union-attr]
    with tarfile.open(file, "w") as new:
        for name, data in entries:
            changed = change(name, data)
            info = tarfile.TarInfo(name)
            info.size = len(changed)
            new.addfile(info, io.BytesIO(changed))
