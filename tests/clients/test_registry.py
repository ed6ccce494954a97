"""What the client does with registered models, against a real server."""

from __future__ import annotations

import asyncio
import inspect
import math
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import runlore
import runlore.aio
from runlore import v1, verify
from tests.harness.server import serving


def push(client: runlore.Client, folder: Path, name: str = "ctr", content: bytes = b"weights") -> v1.ModelVersion:
    """Register a folder of one file as the next version."""
    model = folder / "model"
    model.mkdir(exist_ok=True)
    (model / "model.pkl").write_bytes(content)
    return client.push(model, name)


def kinds(events: list[v1.Event]) -> list[str]:
    return [v1.EventKind.Name(event.kind).removeprefix("EVENT_KIND_") for event in events]


def test_models_are_made_found_changed_and_deleted(client: runlore.Client, tmp_path: Path) -> None:
    made = client.create_model("ctr", owner="ada", team="ads", description="clicks", tags={"tier": 1})
    assert (made.owner, made.team, made.description, dict(made.tags)) == ("ada", "ads", "clicks", {"tier": "1"})
    with pytest.raises(runlore.AlreadyExistsError):
        client.create_model("ctr")
    push(client, tmp_path, "other")
    assert [m.name for m in client.search_models()] == ["ctr", "other"]
    assert [m.name for m in client.search_models("owner = 'ada' and tags.tier = '1'")] == ["ctr"]
    assert [m.name for m in client.search_models(order_by="name desc", limit=1)] == ["other"]
    renamed = client.update_model("ctr", new_name="clicks", owner="bo", reason_required=True)
    assert (renamed.name, renamed.owner, renamed.team, renamed.reason_required) == ("clicks", "bo", "ads", True)
    assert dict(client.tag_model("clicks", {"a": "b"}, delete=["tier"]).tags) == {"a": "b"}
    with pytest.raises(runlore.InvalidArgumentError, match="update_mask"):
        client.update_model("clicks")
    gone = client.delete_model("clicks", reason="a trial")
    assert gone.model_id == made.model_id
    with pytest.raises(runlore.NotFoundError):
        client.get_model("clicks")
    # Another one of that name has a history of its own; the old one's stays.
    assert client.create_model("clicks").model_id != made.model_id
    assert kinds(client.history("clicks")) == ["MODEL_CREATED"]
    assert kinds(client.history(gone)) == ["MODEL_CREATED", "MODEL_UPDATED", "MODEL_UPDATED", "MODEL_DELETED"]
    assert client.verify_history(gone).valid


def test_versions_whose_files_are_to_come_are_completed(client: runlore.Client, tmp_path: Path) -> None:
    (tmp_path / "weights.bin").write_bytes(b"one")
    with client.start_run("ctr") as run:
        run.log_artifact(tmp_path / "weights.bin")
    pending = v1.PendingSource(run_id=run.run_id, status_message="training")
    for _ in range(3):
        client.create_version(v1.CreateModelVersionRequest(model_name="ctr", pending=pending))
    assert client.update_version("ctr", 1, status_message="uploading").status_message == "uploading"
    ready = client.update_version("ctr", 1, status="ready", artifact_path="/weights.bin", description="done")
    assert (ready.status, ready.artifact_path) == (v1.MODEL_VERSION_STATUS_READY, "weights.bin")
    assert (ready.description, ready.status_message) == ("done", "")
    digest = ready.manifest_digest
    assert client.update_version("ctr", 2, status="READY", manifest_digest=digest).manifest_digest == digest
    failed = client.update_version("ctr", 3, status="failed", status_message="out of memory")
    assert (failed.status, failed.status_message) == (v1.MODEL_VERSION_STATUS_FAILED, "out of memory")
    with pytest.raises(runlore.PreconditionError) as refused:
        client.update_version("ctr", 3, status="ready", artifact_path="")
    assert refused.value.reason == "MODEL_VERSION_NOT_PENDING"
    with pytest.raises(runlore.InvalidArgumentError, match="status: is 'done': give ready or failed"):
        client.update_version("ctr", 3, status="done")
    with pytest.raises(runlore.InvalidArgumentError, match="manifest_digest: leave it out"):
        client.update_version("ctr", 3, status="ready", artifact_path="", manifest_digest=digest)
    with pytest.raises(runlore.InvalidArgumentError, match="update_mask"):
        client.update_version("ctr", 3)
    assert client.get_version("ctr", 3) == failed


def test_a_watch_from_an_answer_tells_what_it_does_not_reflect(client: runlore.Client, tmp_path: Path) -> None:
    """However late the events that it reflects get their positions: the answer is made to be older in the log."""
    push(client, tmp_path)
    early = client.resolve("models:/ctr/1").position
    client.tag_model("ctr", {"n": 1})
    answer = client.resolve("models:/ctr/1")
    answer.position = early
    client.tag_model("ctr", {"n": 2})
    events = client.watch("ctr", after=answer)
    assert next(iter(events)).revision == answer.head.revision + 1


def test_versions_are_found_changed_staged_and_deleted(client: runlore.Client, tmp_path: Path) -> None:
    for content in (b"one", b"two", b"three"):
        push(client, tmp_path, content=content)
    assert [v.version for v in client.search_versions("ctr")] == [3, 2, 1]
    assert [v.version for v in client.search_versions(filter="name = 'ctr' and version < 3", limit=1)] == [2]
    assert client.update_version("ctr", 2, description="second").description == "second"
    assert dict(client.tag_version("ctr", "2", {"audit": "passed"}).tags) == {"audit": "passed"}
    assert not client.tag_version("ctr", 2, delete=["audit"]).tags
    assert client.set_stage("ctr", 1, "production", reason="first").model_version.stage == v1.MODEL_STAGE_PRODUCTION
    moved = client.set_stage("ctr", 2, "Production", expect="none", archive_existing=True)
    assert list(moved.archived_versions) == [1]
    with pytest.raises(runlore.ConflictError) as refused:
        client.set_stage("ctr", 2, "Staging", expect="Staging")
    assert refused.value.reason == "STAGE_MOVED"
    with pytest.raises(runlore.InvalidArgumentError, match="stage: is 'live': give None, Staging, Production or Arch"):
        client.set_stage("ctr", 2, "live")
    assert client.resolve("models:/ctr/production").model_version.version == 2
    client.promote("ctr", 3, "champion", reason="newest")
    with pytest.raises(runlore.PreconditionError, match="champion") as held:
        client.delete_version("ctr", 3)
    assert held.value.reason == "HAS_ALIASES"
    assert client.delete_version("ctr", 3, reason="bad data", delete_aliases=True).version == 3
    with pytest.raises(runlore.NotFoundError):
        client.get_version("ctr", 3)
    assert push(client, tmp_path).version == 4
    assert kinds(client.history("ctr"))[-3:] == ["ALIAS_DELETED", "MODEL_VERSION_DELETED", "MODEL_VERSION_CREATED"]


def test_a_champion_is_beaten_on_the_same_recent_data(client: runlore.Client, tmp_path: Path) -> None:
    for content in (b"one", b"two"):
        push(client, tmp_path, content=content)
    client.promote("ctr", 1, "champion", reason="first", expect="absent")
    march, april = (v1.Dataset(name=name, digest=name * 3) for name in ("march", "april"))
    client.record_evaluation("ctr", 1, {"auc": 0.8, "loss": 0.4}, dataset=march)
    recorded = client.record_evaluation("ctr", 2, {"auc": 0.9}, dataset=april, reason="nightly")
    assert [(e.key, e.value, e.dataset_name) for e in recorded] == [("auc", 0.9, "april")]
    better = runlore.better("max:auc", evaluated=True, by=0.05)
    with pytest.raises(runlore.ConditionNotMetError) as other_data:
        client.promote("ctr", 2, "champion", if_better=better)
    (said,) = other_data.value.conditions
    assert "marchmarchmarch" in said
    assert "aprilaprilapril" in said
    client.record_evaluation("ctr", 2, {"auc": 0.82}, dataset=march)
    with pytest.raises(runlore.ConditionNotMetError, match=r"by at least 0\.05"):
        client.promote("ctr", 2, "champion", if_better=better)
    with pytest.raises(runlore.ConditionNotMetError, match="fairness"):
        client.promote(
            "ctr", 2, "champion", if_better=runlore.better("max:auc", evaluated=True), if_tags={"fairness": 1}
        )
    assert client.resolve("models:/ctr@champion").model_version.version == 1
    client.tag_version("ctr", 2, {"fairness": 1})
    move = client.promote(
        *("ctr", 2, "champion"),
        reason="better on march",
        if_better=runlore.better("max:auc", evaluated=True, dataset=march),
        if_tags={"fairness": 1},
        evidence={"ticket": "ML-7"},
    )
    assert [(r.holds, r.candidate, r.bar) for r in move.conditions][:1] == [(True, 0.82, 0.8)]
    assert [e.value for e in client.evaluations("ctr", 2)] == [0.82, 0.9]
    assert [e.value for e in client.evaluations("ctr", 1, "loss")] == [0.4]
    with pytest.raises(runlore.ConditionNotMetError, match="the bar"):
        client.promote("ctr", 1, "champion", if_better=runlore.better("max:auc", evaluated=True, than=0.99))
    with pytest.raises(runlore.InvalidArgumentError, match="max:auc"):
        runlore.better("auc")
    assert math.isnan(client.record_evaluation("ctr", 1, {"auc": math.nan})[0].value)


def test_an_alias_is_deleted_from_where_it_is_believed_to_be(client: runlore.Client, tmp_path: Path) -> None:
    push(client, tmp_path)
    client.promote("ctr", 1, "champion", reason="first")
    with pytest.raises(runlore.AliasMovedError):
        client.delete_alias("ctr", "champion", expect=2)
    assert client.delete_alias("ctr", "champion", reason="retired").version == 1
    with pytest.raises(runlore.NotFoundError):
        client.delete_alias("ctr", "champion")


def test_the_past_is_resolved_by_time_and_by_position(client: runlore.Client, tmp_path: Path) -> None:
    for content in (b"one", b"two"):
        push(client, tmp_path, content=content)
    client.promote("ctr", 1, "champion", reason="first")
    then = client.history("ctr")[-1]
    moved = client.promote("ctr", 2, "champion", reason="second").alias.set_time.ToDatetime(UTC)
    before = moved - timedelta(microseconds=1)
    assert client.resolve("models:/ctr@champion", as_of=before).model_version.version == 1
    assert client.resolve("models:/ctr@champion", as_of=then.position).model_version.version == 1
    assert client.resolve("models:/ctr@champion").model_version.version == 2
    many = client.resolve_many(["models:/ctr@champion", "models:/ctr/1"], as_of=moved)
    assert [a.model_version.version for a in many] == [2, 1]
    assert client.resolve("models:/ctr@champion", max_staleness=60).model_version.version == 2
    with pytest.raises(runlore.InvalidArgumentError, match=r"as_of: .*time zone"):
        client.resolve("models:/ctr@champion", as_of=datetime(2026, 1, 1))
    with pytest.raises(runlore.NotFoundError) as missing:
        client.resolve_many(["models:/ctr/1", "models:/nobody/1"])
    assert missing.value.metadata["reference"] == "models:/nobody/1"


def test_history_is_filtered_exported_and_verified_offline(client: runlore.Client, tmp_path: Path) -> None:
    push(client, tmp_path)
    with runlore.connect(actor="user:bo") as bo:
        bo.promote("ctr", 1, "champion", reason="first")
    client.promote("ctr", 1, "shadow", reason="watch it")
    assert kinds(client.history("ctr", alias="champion")) == ["ALIAS_SET"]
    assert [e.actor.id for e in client.history("ctr", actor="user:bo")] == ["bo"]
    assert [e.revision for e in client.history("ctr", newest_first=True, limit=2)] == [4, 3]
    at = client.history("ctr")[2].time.ToDatetime(UTC)
    assert [e.revision for e in client.history("ctr", since=at)] == [3, 4]
    assert [e.revision for e in client.history("ctr", until=at)] == [1, 2]
    created = client.history("ctr", kinds=[v1.EVENT_KIND_MODEL_CREATED])
    assert kinds(created) == ["MODEL_CREATED"]
    file = tmp_path / "history.jsonl"
    head = client.export_history("ctr", file)
    found = verify.verify_history(file, (head.revision, head.hash))
    assert (found.valid, found.event_count, found.model_name) == (True, 4, "ctr")
    file.write_text(file.read_text().replace("watch it", "watch me"))
    assert verify.verify_history(file).revision == 4
    assert client.verify_history("ctr", known_head=head).valid
    assert not client.verify_history("ctr", known_head=v1.ChainHead(revision=2, hash="0" * 64)).valid
    client.delete_model("ctr", delete_aliases=True)
    gone = v1.RegisteredModel(model_id=created[0].resource.id)
    assert client.export_history(gone, file).revision == 7
    assert verify.verify_history(file).valid


def test_a_watch_goes_on_through_a_restart_and_misses_nothing(data_folder: Path, tmp_path: Path) -> None:
    seen: list[int] = []
    moved = threading.Event()
    with serving(data_folder) as server:
        address = server.address
        with runlore.connect(address, workspace="w") as client:
            push(client, tmp_path)
            after = client.resolve("models:/ctr/1").position

            def follow() -> None:
                with runlore.connect(address, workspace="w") as watcher:
                    for event in watcher.watch("ctr", alias="champion", after=after):
                        seen.append(event.revision)
                        moved.set()
                        if len(seen) == 2:
                            return

            thread = threading.Thread(target=follow, daemon=True)
            thread.start()
            client.promote("ctr", 1, "champion", reason="first")
            assert moved.wait(10)
    with serving(data_folder, "--listen", address), runlore.connect(address, workspace="w") as client:
        client.promote("ctr", 1, "shadow", reason="not asked for")
        client.delete_alias("ctr", "champion", reason="gone")
        thread.join(20)
    assert seen == [3, 5]


async def test_the_asynchronous_twin_watches_too(aio_client: runlore.aio.Client, tmp_path: Path) -> None:
    model = await aio_client.create_model("ctr")
    events = []

    async def follow() -> None:
        async for event in runlore.aio.watch(model, after=begin):
            events.append(event)
            if len(events) == 2:
                return

    (created,) = await aio_client.history("ctr")
    begin = created.position
    watching = asyncio.create_task(follow())
    await aio_client.update_model("ctr", new_name="clicks")
    await aio_client.tag_model("clicks", {"a": 1})
    await asyncio.wait_for(watching, 10)
    assert kinds(events) == ["MODEL_UPDATED", "MODEL_UPDATED"]
    assert inspect.isasyncgenfunction(runlore.aio.Client.watch)


def test_a_watch_of_what_is_not_there_and_without_a_server(client: runlore.Client) -> None:
    with pytest.raises(runlore.NotFoundError):
        next(iter(client.watch("nobody")))
    with runlore.connect("127.0.0.1:1", timeout=0.5) as alone, pytest.raises(runlore.UnavailableError):
        next(iter(alone.watch()))
