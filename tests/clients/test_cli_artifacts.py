"""`runlore artifacts`, `pull` and `push`; called within this process: starting one takes longer than they do."""

from __future__ import annotations

import base64
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import runlore
from runlore._progress import Transfer
from runlore.cli import progress
from runlore.manifest import CHUNK_BYTES
from tests.clients.artifacts import mlflow_model, tree
from tests.clients.commands import Done
from tests.harness.server import environment


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A folder as MLflow writes one."""
    return mlflow_model(tmp_path / "model")


@pytest.fixture
def logged(client: runlore.Client, model: Path) -> str:
    """A run with that folder; its reference."""
    with client.start_run() as made:
        made.log_artifact(model)
    return f"runs:/{made.run_id}"


def test_push_and_pull(run: Callable[..., Done], model: Path, tmp_path: Path) -> None:
    size = sum(path.stat().st_size for path in model.rglob("*") if path.is_file())
    done = run("push", str(model), "--model", "m", "--tag", "team=ads", "--json").record
    assert (done["model_version"]["version"], done["model_version"]["tags"]) == ("1", {"team": "ads"})
    assert (done["files"], done["bytes_total"]) == (9, size)
    assert done["bytes_moved"] + done["bytes_saved"] == size
    # `metadata/MLmodel` has the bytes of `MLmodel`; and but for the weights, another test may have sent them.
    assert done["bytes_saved"] >= (model / "MLmodel").stat().st_size
    assert done["bytes_moved"] >= 3000
    text = run("push", str(model), "--model", "m").out
    assert "registered m version 2 (9 files" in text
    assert "sent 0 B" in text
    assert "(100%)" in text
    out = run("pull", "models:/m/2", "--dest", str(tmp_path / "out"))
    assert out.out == f"{tmp_path / 'out'}\n"
    assert tree(tmp_path / "out") == tree(model)
    run("pull", "models:/m/2", "--link").failed(2, "--link needs --dest")
    run("push", str(tmp_path / "none"), "--model", "m").failed(2, "none")


def test_listing(run: Callable[..., Done], logged: str, model: Path) -> None:
    lines = run("artifacts", "ls", f"{logged}/model").out.splitlines()
    assert [line.split()[0] for line in lines] == [
        *("name", "MLmodel", "code/", "conda.yaml", "metadata/", "model.pkl", "python_env.yaml", "requirements.txt"),
        "serving_input_example.json",
    ]
    record = run("artifacts", "ls", f"{logged}/model/code/features", "--json").record
    assert [(entry["name"], entry["file"]["mode"]) for entry in record] == [("__init__.py", 420), ("run.sh", 493)]
    drawn = run("artifacts", "tree", f"{logged}/model").out.splitlines()
    assert drawn[1:4] == ["code/", "  features/", "    __init__.py  0 B"]
    assert drawn[-1].startswith("9 files, ")
    assert len(run("artifacts", "tree", logged, "--json").record) == 9
    run("artifacts", "ls", f"{logged}/none").failed(3, "none")
    run("artifacts", "ls", f"{logged}/model/MLmodel").failed(2, "is a file")
    run("artifacts", "ls", "somewhere").failed(2, "models:/")


def test_usage_counts_what_is_the_same_once(run: Callable[..., Done], logged: str, model: Path) -> None:
    usage = run("artifacts", "du", f"{logged}/model", "--json").record
    assert usage["entries"][0] == {"name": "model.pkl", "bytes": 3000}
    assert usage["bytes"] - usage["stored_bytes"] == (model / "MLmodel").stat().st_size
    assert run("artifacts", "du", logged).out.splitlines()[1].split()[-1] == "model/"


def test_cat_and_ranges(run: Callable[..., Done], logged: str, model: Path, tmp_path: Path) -> None:
    data = (model / "MLmodel").read_text()
    reference = f"{logged}/model/MLmodel"
    assert run("artifacts", "cat", reference).out == data
    for bounds, expected in [("0-4", data[:5]), ("5-", data[5:]), ("-7", data[-7:]), ("3-3", data[3]), ("9999-", "")]:
        assert run("artifacts", "cat", reference, "--range", bounds).out == expected
    record = run("artifacts", "cat", reference, "--range", "2-5", "--json").record
    assert base64.b64decode(record["base64"]).decode() == data[2:6]
    for bounds in ("5-2", "a-b", "-", "7"):
        run("artifacts", "cat", reference, "--range", bounds).failed(2, "--range")
    run("artifacts", "cat", f"{logged}/model").failed(2, "folder")
    assert not (tmp_path / "cache" / "trees").exists()


def test_cp_down_and_up(
    run: Callable[..., Done], logged: str, model: Path, tmp_path: Path, client: runlore.Client
) -> None:
    into = tmp_path / "into"
    into.mkdir()
    assert run("artifacts", "cp", f"{logged}/model/code/features/run.sh", str(into)).out == f"{into / 'run.sh'}\n"
    assert os.access(into / "run.sh", os.X_OK)
    assert run("artifacts", "cp", f"{logged}/model/MLmodel", str(into / "new" / "name")).code == 0
    assert (into / "new" / "name").read_bytes() == (model / "MLmodel").read_bytes()
    assert run("artifacts", "cp", f"{logged}/model", str(into)).code == 0
    assert tree(into / "model") == tree(model)
    run("artifacts", "cp", f"{logged}/model", str(into)).failed(2, "exists")
    up = run("artifacts", "cp", str(into / "run.sh"), f"{logged}/scripts", "--json").record
    assert up == {"path": f"{logged}/scripts/run.sh"}
    assert client.pull(up["path"]).read_text() == "#!/bin/sh\n"
    run("artifacts", "cp", logged, logged).failed(2, "the other a local path")
    run("artifacts", "cp", str(into / "run.sh"), "models:/m/1").failed(2, "runlore push")


def test_diff(run: Callable[..., Done], model: Path) -> None:
    (model / "weights").write_bytes(os.urandom(CHUNK_BYTES + 10))
    run("push", str(model), "--model", "m")
    with (model / "weights").open("r+b") as file:
        file.write(b"new")
    (model / "conda.yaml").unlink()
    (model / "added").write_text("12345")
    run("push", str(model), "--model", "m")
    found = run("artifacts", "diff", "models:/m/1", "models:/m/2", "--json").record
    assert [file["path"] for file in found["added"]] == ["added"]
    assert [file["path"] for file in found["removed"]] == ["conda.yaml"]
    assert [(file["path"], file["new_bytes"]) for file in found["changed"]] == [("weights", CHUNK_BYTES)]
    assert found["new_bytes"] == CHUNK_BYTES + 5
    done = run("artifacts", "diff", "models:/m/1", "models:/m/2", "--exit-code")
    assert done.code == 1
    assert done.out.splitlines()[0] == "+ added  5 B"
    same = run("artifacts", "diff", "models:/m/1", "models:/m/1", "--exit-code")
    assert (same.code, same.out) == (0, "the same files\n")


def test_rm(run: Callable[..., Done], logged: str, client: runlore.Client) -> None:
    done = run("artifacts", "rm", f"{logged}/model/code", f"{logged}/model/conda.yaml", "--json").record
    assert done["file_count"] == "6"
    assert "code" not in [entry.name for entry in client.list_artifacts(f"{logged}/model")]
    run("artifacts", "rm", f"{logged}/model/MLmodel", f"{logged}/model/code").failed(3, "code")
    run("artifacts", "rm", logged).failed(2, "runs:/RUN_ID/PATH")
    run("artifacts", "rm", "models:/m/1/x").failed(2, "never change")
    assert run("artifacts", "rm", f"{logged}/model").out == "0 files, 0 B left\n"


def test_progress_is_drawn_on_a_terminal_alone(
    run: Callable[..., Done], model: Path, runlore_env: dict[str, str]
) -> None:
    (model / "weights").write_bytes(os.urandom(3 * CHUNK_BYTES))
    assert run("push", str(model), "--model", "m").err == ""
    ours, theirs = pty.openpty()
    code = "import sys; from runlore.cli import main; main()"
    process = subprocess.Popen(
        [sys.executable, "-c", code, "pull", "models:/m/1"],
        env=environment({**runlore_env, "TERM": "xterm"}),
        stdout=subprocess.DEVNULL,
        stderr=theirs,
    )
    os.close(theirs)
    said = b""
    while True:
        try:
            piece = os.read(ours, 65_536)
        except OSError:
            break
        if not piece:
            break
        said += piece
    os.close(ours)
    assert process.wait(60) == 0
    assert "pulling ████████████████████████ 100%" in said.decode()
    assert b"received 48.0 MiB" in said


def test_what_progress_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Transfer, "seconds", 2.0)
    transfer = Transfer(files=2, total=4096, moved=1024, saved=1024)
    assert (
        progress.line("pulling", transfer)
        == "pulling ████████████░░░░░░░░░░░░  50%  2.0 KiB of 4.0 KiB  512 B/s  4.0s left"
    )
    assert progress.line("pulling", Transfer()) == f"pulling {'░' * 24}   0%  0 B of 0 B"
