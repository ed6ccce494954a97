"""deploy/compose.yaml: the same three parts on this machine, with its settings, and the demo's story told to them."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from tests.harness.postgres import Databases, scratch_folder
from tests.harness.server import environment, run_command, serving
from tests.s3 import S3Server

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def services() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text())["services"]
    return found


def settings(service: dict[str, Any], values: dict[str, str]) -> dict[str, str]:
    """Return a service's environment as compose would make it."""

    def fill(match: re.Match[str]) -> str:
        name, how, default = match.groups()
        return values[name] if how == ":?" else values.get(name, default)

    return {name: re.sub(r"\$\{(\w+)(:[?-])([^}]*)\}", fill, value) for name, value in service["environment"].items()}


def story() -> ModuleType:
    spec = importlib.util.spec_from_file_location("demo_story", ROOT / "clients/python/examples/demo/main.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.slow
def test_the_three_parts_and_the_story(
    services: dict[str, Any], postgres: Databases, s3_server: S3Server, tmp_path: Path
) -> None:
    values = {
        "POSTGRES_PASSWORD": "not asked for here",
        "S3_ACCESS_KEY": s3_server.settings.access_key,
        "S3_SECRET_KEY": s3_server.settings.secret_key,
        "S3_PUBLIC_ENDPOINT": s3_server.settings.endpoint,
    }
    env = settings(services["runlore"], values)
    # What differs on one machine: where Postgres and the store are, and which port is free.
    url = urlsplit(env.pop("RUNLORE_DATABASE"))
    assert (url.username, url.hostname, url.path) == ("runlore", "postgres", "/runlore")
    assert (
        env["RUNLORE_S3_ENDPOINT"] == settings(services["bucket"], values)["RUNLORE_S3_ENDPOINT"] == "http://minio:9000"
    )
    env["RUNLORE_S3_ENDPOINT"] = s3_server.settings.endpoint
    assert env.pop("RUNLORE_LISTEN") == "0.0.0.0:7410"
    assert env.pop("RUNLORE_WEB_LISTEN") == "0.0.0.0:7411"
    assert env["RUNLORE_WORKERS"] == "2"

    bucket = {name: env[name] for name in settings(services["bucket"], values)}
    for _ in range(2):
        subprocess.run([sys.executable, "-c", *services["bucket"]["command"]], env=environment(bucket), check=True)
    assert s3_server.client().bucket_exists("runlore")

    with postgres.fresh() as database, scratch_folder() as data:
        with serving(data, "--database", database, env=env) as server:
            assert server.lines[-1].endswith(f"artifacts: {env['RUNLORE_ARTIFACTS']})")
            demo = story()
            # It is not its speed that is tested here, perhaps among much else.
            demo.STEP_SECONDS = 300.0  # type: ignore[attr-defined]
            demo.tell(demo.Story(server.address, tmp_path))
            where = ("--database", database, "--data", str(data))
            code, out, err = run_command("fsck", "--deep", *where, env=env)
            assert code == 0, err
            assert "nothing is lost" in out
            code, out, err = run_command("gc", "--dry-run", *where, env=env)
            assert code == 0, err
            assert out.startswith("would delete 0 blobs")
        assert server.process.returncode == 0


def test_every_setting_is_one(services: dict[str, Any]) -> None:
    """A misspelt variable would be ignored in silence."""
    known = (ROOT / "src/runlore_server/settings.py").read_text()
    flags = set(re.findall(r'value\("(\w+)"', known))
    for service in ("runlore", "bucket"):
        for name in services[service]["environment"]:
            assert name in known or name.removeprefix("RUNLORE_").lower() in flags, name


def test_the_images_are_stages_of_the_dockerfile(services: dict[str, Any]) -> None:
    stages = re.findall(r"^FROM \S+ AS (\S+)$", (ROOT / "deploy/Dockerfile").read_text(), re.MULTILINE)
    built = {service["build"]["target"] for service in services.values() if "build" in service}
    assert built == {"runlore", "minio"} <= set(stages)


def test_the_image_is_built_of_every_package() -> None:
    """uv refuses to build a workspace of which a member is not there."""
    workspace = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["uv"]["workspace"]
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", (ROOT / "deploy/Dockerfile").read_text(), re.MULTILINE)
    assert set(workspace["members"]) <= {source for line in copied for source in line.split()}
