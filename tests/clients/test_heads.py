"""A client refuses a registry whose history does not go on from the one that its machine saw last."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest

import runlore
import runlore.aio
from runlore import v1
from tests.clients.commands import Done
from tests.clients.test_failures import eventually
from tests.harness.server import ServerProcess

CHAMPION = "models:/ctr@champion"


@pytest.fixture
def ctr(client: runlore.Client, tmp_path: Path) -> v1.ModelVersion:
    """A model with two versions; the first is champion."""
    for content in ("one", "two"):
        (tmp_path / "weights.bin").write_text(content)
        version = client.push(tmp_path / "weights.bin", "ctr")
    client.promote("ctr", 1, "champion", reason="first")
    return version


def seen(tmp_path: Path) -> Any:
    """What this machine knows of the only model."""
    (file,) = (tmp_path / "cache" / "heads").iterdir()
    return json.loads(file.read_text())


def remember(tmp_path: Path, **changes: object) -> None:
    """Let this machine have seen another history: to it, the server's is then cut or rewritten."""
    (file,) = (tmp_path / "cache" / "heads").iterdir()
    file.write_text(json.dumps(seen(tmp_path) | changes))


def positions(client: runlore.Client, answer: v1.ResolveResponse) -> list[str]:
    """The positions of the events up to an answer's head, which the last of them gets shortly after the answer."""
    eventually(lambda: len(client.history("ctr")) >= answer.head.revision)
    return [event.position for event in client.history("ctr")[: answer.head.revision]]


def test_a_history_that_goes_on_is_taken(client: runlore.Client, ctr: v1.ModelVersion, tmp_path: Path) -> None:
    first = client.resolve(CHAMPION).head
    assert (seen(tmp_path)["revision"], seen(tmp_path)["hash"]) == (first.revision, first.hash)
    for n in range(30):
        client.tag_model("ctr", {"n": n})
    client.promote("ctr", 2, "champion", reason="second")
    pulled = client.pull(CHAMPION)
    assert (pulled / "weights.bin").read_text() == "two"
    last = client.resolve(CHAMPION).head
    assert last.revision == first.revision + 31
    assert (seen(tmp_path)["revision"], seen(tmp_path)["hash"]) == (last.revision, last.hash)
    # The past has an older head, and what the server may remember too.
    assert client.resolve(CHAMPION, as_of=client.history("ctr")[first.revision - 1].position).model_version.version == 1
    assert client.resolve(CHAMPION, max_staleness=60).model_version.version == 2
    assert seen(tmp_path)["revision"] == last.revision


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"revision": 9}, "ends at event 4"),
        ({"hash": "0" * 64}, "has another event 4"),
        ({"revision": 2, "hash": "0" * 64}, "has another event 2"),
        ({"model_id": "0" * 32}, "another model has the name now, and the history of this one is gone"),
    ],
)
def test_a_history_that_was_cut_or_rewritten_is_refused_until_told(
    client: runlore.Client, ctr: v1.ModelVersion, tmp_path: Path, changes: dict[str, object], said: str
) -> None:
    client.pull(CHAMPION)
    remember(tmp_path, **changes)
    before = seen(tmp_path)
    for call in (client.resolve, client.pull, lambda ref: client.resolve_many([ref])):
        with pytest.raises(runlore.IntegrityError) as refused:
            call(CHAMPION)
        assert said in refused.value.message
        assert "accept_head" in refused.value.message
        assert refused.value.metadata["known_revision"] == str(before["revision"])
        assert seen(tmp_path) == before
    assert client.resolve(CHAMPION, accept_head=True).model_version.version == 1
    assert (client.pull(CHAMPION) / "weights.bin").read_text() == "one"


def test_an_answer_about_the_past_lies_in_the_history_that_is_known(
    client: runlore.Client, ctr: v1.ModelVersion, tmp_path: Path
) -> None:
    first = client.resolve(CHAMPION)
    for n in range(30):
        client.tag_model("ctr", {"n": n})
    last = client.resolve(CHAMPION)
    history = positions(client, last)
    then = history[first.head.revision - 1]
    for position, known in ((then, first), (history[-2], first), (history[-1], last)):
        remember(tmp_path, revision=known.head.revision, hash=known.head.hash)
        assert client.resolve(CHAMPION, as_of=position).model_version.version == 1
    # A later moment than what was known is known from then on, an earlier one changes nothing.
    assert seen(tmp_path)["revision"] == last.head.revision
    client.resolve_many([CHAMPION], as_of=then)
    assert seen(tmp_path)["revision"] == last.head.revision
    # Of the same event as the known one, of one that the known one does not go on from, of one that goes on from none.
    for changes, position in (
        ({"revision": first.head.revision, "hash": "0" * 64}, then),
        ({"revision": first.head.revision + 5, "hash": "0" * 64}, then),
        ({"revision": first.head.revision, "hash": "0" * 64}, history[-1]),
    ):
        remember(tmp_path, **changes)
        for call in (client.resolve, lambda ref, **moment: client.resolve_many([ref], **moment)):
            with pytest.raises(runlore.IntegrityError):
                call(CHAMPION, as_of=position)
        assert client.resolve(CHAMPION, as_of=position, accept_head=True).model_version.version == 1


def test_of_the_past_of_a_name_that_another_model_had_nothing_is_known(
    client: runlore.Client, ctr: v1.ModelVersion, tmp_path: Path
) -> None:
    then = positions(client, client.resolve(CHAMPION))[-1]
    client.update_model("ctr", new_name="old")
    (tmp_path / "weights.bin").write_text("another")
    client.push(tmp_path / "weights.bin", "ctr")
    now = client.resolve("models:/ctr/latest").model_version
    assert client.resolve(CHAMPION, as_of=then).model_version.model_id == ctr.model_id != now.model_id
    assert seen(tmp_path)["model_id"] == now.model_id


def test_a_deleted_and_a_renamed_model_leave_their_name(
    client: runlore.Client, ctr: v1.ModelVersion, tmp_path: Path
) -> None:
    client.resolve(CHAMPION)
    client.update_model("ctr", new_name="old")
    (tmp_path / "weights.bin").write_text("another")
    client.push(tmp_path / "weights.bin", "ctr")
    assert client.resolve("models:/ctr/latest").model_version.model_id != ctr.model_id
    client.delete_model("ctr")
    client.push(tmp_path / "weights.bin", "ctr")
    assert client.resolve("models:/ctr/1").model_version.version == 1


async def test_the_asynchronous_client_and_the_command_refuse_too(
    aio_client: runlore.aio.Client,
    client: runlore.Client,
    ctr: v1.ModelVersion,
    run: Callable[..., Done],
    tmp_path: Path,
) -> None:
    await aio_client.resolve(CHAMPION)
    remember(tmp_path, revision=9)
    with pytest.raises(runlore.IntegrityError):
        await aio_client.pull(CHAMPION)
    run("pull", CHAMPION).failed(8, "ends at event 4", "--accept-head")
    run("resolve", CHAMPION).failed(8, "ends at event 4", "--accept-head")
    assert run("pull", CHAMPION, "--accept-head").code == 0
    assert run("resolve", CHAMPION).code == 0


def test_a_cache_that_cannot_be_read_or_written_changes_nothing(
    client: runlore.Client, ctr: v1.ModelVersion, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("RUNLORE_CACHE", str(tmp_path / "file"))
    assert client.resolve(CHAMPION).model_version.version == 1


def test_a_move_that_was_taken_back_behind_the_servers_back_is_noticed(
    runlore_env: dict[str, str], server: ServerProcess, database_url: str, tmp_path: Path
) -> None:
    with runlore.connect(server.address) as client:
        for content in ("one", "two"):
            (tmp_path / "weights.bin").write_text(content)
            client.push(tmp_path / "weights.bin", "ctr")
        first = client.promote("ctr", 1, "champion", reason="first").head
        client.promote("ctr", 2, "champion", reason="second")
        assert client.resolve(CHAMPION).model_version.version == 2
        with psycopg.connect(database_url) as conn:
            conn.execute("DELETE FROM event WHERE revision = %s AND hash IS NOT NULL", (first.revision + 1,))
            conn.execute("UPDATE model_alias SET version = 1")
            conn.execute(
                "UPDATE registered_model SET revision = %s, chain_hash = %s",
                (first.revision, bytes.fromhex(first.hash)),
            )
        # To the server all is well: the chain ends where the model says that it does.
        assert client.verify_history("ctr").valid
        with pytest.raises(runlore.IntegrityError, match="ends at event 4"):
            client.pull(CHAMPION)
        for n in range(2):
            client.tag_model("ctr", {"n": n})
        assert client.verify_history("ctr").valid
        with pytest.raises(runlore.IntegrityError, match="has another event 5"):
            client.resolve(CHAMPION)


def test_an_event_that_names_no_predecessor_ends_the_history(
    runlore_env: dict[str, str], server: ServerProcess, database_url: str, tmp_path: Path
) -> None:
    with runlore.connect(server.address) as client:
        (tmp_path / "weights.bin").write_text("one")
        client.push(tmp_path / "weights.bin", "ctr")
        known = client.resolve("models:/ctr/1").head
        for n in range(2):
            client.tag_model("ctr", {"n": n})
        with psycopg.connect(database_url) as conn:
            where = "WHERE revision = %s AND hash IS NOT NULL"
            (body,) = conn.execute(f"SELECT body FROM event {where}", (known.revision + 2,)).fetchone() or ()
            forged = json.loads(body)
            del forged["prev_hash"]
            text = json.dumps(forged, separators=(",", ":"), sort_keys=True).encode()
            digest = hashlib.sha256(text).digest()
            conn.execute(f"UPDATE event SET body = %s, hash = %s {where}", (text, digest, known.revision + 2))
            conn.execute("UPDATE registered_model SET chain_hash = %s", (digest,))
        with pytest.raises(runlore.IntegrityError, match=f"an event {known.revision + 1} that is not the one"):
            client.resolve("models:/ctr/1")
