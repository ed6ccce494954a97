"""Registered models, versions, stages and aliases, as on MLflow's own store."""

from __future__ import annotations

from pathlib import Path

import pytest
from mlflow import MlflowClient
from mlflow.entities.model_registry import ModelVersionTag, RegisteredModelTag
from mlflow.exceptions import MlflowException
from mlflow.utils.validation import MAX_MODEL_REGISTRY_TAG_VALUE_LENGTH
from mlflow.version import VERSION

import runlore
from runlore import v1
from tests.clients.mlflow.beside import Pair


@pytest.fixture
def folder(tmp_path: Path) -> str:
    """The files of a model."""
    files = tmp_path / "files"
    files.mkdir()
    (files / "MLmodel").write_text("flavors: {}\n")
    return str(files)


def test_models_live_alike(registry: Pair) -> None:
    registry.call("create_registered_model", "m", [RegisteredModelTag("team", "ads")], "what it is")
    registry.call("create_registered_model", "plain")
    registry.refused("RESOURCE_ALREADY_EXISTS", "create_registered_model", "m")
    for name in ("", None, "a/b", "a:b", "../up"):
        registry.refused("INVALID_PARAMETER_VALUE", "create_registered_model", name)
    registry.call("get_registered_model", "m")
    for method in ("get_registered_model", "delete_registered_model", "get_latest_versions"):
        registry.refused("RESOURCE_DOES_NOT_EXIST", method, "nobody")
    registry.call("update_registered_model", "m", "new words")
    registry.call("update_registered_model", "m", None)
    registry.call("set_registered_model_tag", "m", RegisteredModelTag("team", "search"))
    registry.call("set_registered_model_tag", "m", RegisteredModelTag("other", "1"))
    registry.call("delete_registered_model_tag", "m", "other")
    registry.call("delete_registered_model_tag", "m", "other")
    registry.refused("INVALID_PARAMETER_VALUE", "set_registered_model_tag", "m", RegisteredModelTag("k" * 251, "v"))
    registry.refused("RESOURCE_DOES_NOT_EXIST", "set_registered_model_tag", "nobody", RegisteredModelTag("k", "v"))
    registry.call("get_registered_model", "m")
    registry.call("rename_registered_model", "m", "n")
    registry.refused("RESOURCE_ALREADY_EXISTS", "rename_registered_model", "n", "plain")
    registry.refused("INVALID_PARAMETER_VALUE", "rename_registered_model", "n", "")
    registry.refused("RESOURCE_DOES_NOT_EXIST", "get_registered_model", "m")
    registry.call("delete_registered_model", "n")
    registry.refused("RESOURCE_DOES_NOT_EXIST", "get_registered_model", "n")


def test_tags_are_as_long_as_in_mlflow(registry: Pair, folder: str) -> None:
    """A prompt is kept in a tag of its version."""
    most = "😀" * (MAX_MODEL_REGISTRY_TAG_VALUE_LENGTH - 1) + "é"
    registry.call("create_registered_model", "m", [RegisteredModelTag("k", most)])
    registry.call("set_registered_model_tag", "m", RegisteredModelTag("other", most))
    for version in (1, 2):
        registry.call("create_model_version", "m", folder, None, [ModelVersionTag("k", most)])
        registry.call("set_model_version_tag", "m", version, ModelVersionTag("other", most))
    more = most + "s"
    registry.refused("INVALID_PARAMETER_VALUE", "create_registered_model", "n", [RegisteredModelTag("k", more)])
    registry.refused("INVALID_PARAMETER_VALUE", "set_registered_model_tag", "m", RegisteredModelTag("k", more))
    registry.refused("INVALID_PARAMETER_VALUE", "create_model_version", "m", folder, None, [ModelVersionTag("k", more)])
    registry.refused("INVALID_PARAMETER_VALUE", "set_model_version_tag", "m", 1, ModelVersionTag("k", more))
    registry.call("get_registered_model", "m")
    registry.call("get_model_version", "m", 1)
    assert len(registry.pages("search_model_versions", "name = 'm'", size=1)) == 2


def test_versions_live_alike(registry: Pair, folder: str) -> None:
    registry.call("create_registered_model", "m")
    registry.refused("RESOURCE_DOES_NOT_EXIST", "create_model_version", "nobody", folder)
    for number in (1, 2, 3):
        tags = [ModelVersionTag("n", str(number)), ModelVersionTag("n", "twice")]
        registry.call("create_model_version", "m", folder, None, tags, "http://runs/1", f"version {number}")
    for source in ("models:/nobody/1", "models:/m/9", "models:/a/b/c"):
        registry.refused("INTERNAL_ERROR", "create_model_version", "m", source)
    registry.call("create_model_version", "m", "models:/m/1", None, [], None, "a copy")
    registry.call("get_model_version", "m", 2)
    registry.call("get_model_version", "m", "2")
    for number in (9, "9"):
        registry.refused("RESOURCE_DOES_NOT_EXIST", "get_model_version", "m", number)
        registry.refused("RESOURCE_DOES_NOT_EXIST", "get_model_version_download_uri", "m", number)
        registry.refused("RESOURCE_DOES_NOT_EXIST", "delete_model_version", "m", number)
        registry.refused("RESOURCE_DOES_NOT_EXIST", "update_model_version", "m", number, "x")
        registry.refused("RESOURCE_DOES_NOT_EXIST", "set_model_version_tag", "m", number, ModelVersionTag("a", "b"))
        registry.refused("RESOURCE_DOES_NOT_EXIST", "set_registered_model_alias", "m", "champion", number)
        registry.refused("RESOURCE_DOES_NOT_EXIST", "transition_model_version_stage", "m", number, "Production", False)
    registry.refused("INVALID_PARAMETER_VALUE", "get_model_version", "m", "x")
    registry.call("update_model_version", "m", 2, "better words")
    registry.call("set_model_version_tag", "m", 2, ModelVersionTag("state", "ok"))
    registry.call("delete_model_version_tag", "m", 2, "n")
    registry.call("delete_model_version_tag", "m", 2, "n")
    registry.refused("INVALID_PARAMETER_VALUE", "set_model_version_tag", "m", 2, ModelVersionTag("k", None))
    registry.call("get_model_version", "m", 2)
    registry.call("delete_model_version", "m", 3)
    registry.refused("RESOURCE_DOES_NOT_EXIST", "get_model_version", "m", 3)
    # A number is not given again.
    registry.call("create_model_version", "m", folder)
    registry.call("get_registered_model", "m")


def test_stages_and_aliases(registry: Pair, folder: str) -> None:
    registry.call("create_registered_model", "m")
    for _ in range(4):
        registry.call("create_model_version", "m", folder)
    for number, stage in ((1, "Production"), (2, "staging"), (3, "PRODUCTION")):
        registry.call("transition_model_version_stage", "m", number, stage, False)
    for stages in (None, [], ["production", "None"]):
        control, ours = (
            sorted((found.version, found.current_stage) for found in store.get_latest_versions("m", stages))
            for store in (registry.control, registry.ours)
        )
        assert ours == control
    registry.refused("INVALID_PARAMETER_VALUE", "get_latest_versions", "m", ["nowhere"])
    registry.refused("INVALID_PARAMETER_VALUE", "transition_model_version_stage", "m", 1, "nowhere", False)
    registry.call("transition_model_version_stage", "m", 4, "Archived", True)
    registry.call("transition_model_version_stage", "m", 4, "Production", True)
    for number in (1, 2, 3, 4):
        registry.call("get_model_version", "m", number)
    registry.call("set_registered_model_alias", "m", "champion", "4")
    registry.call("set_registered_model_alias", "m", "champion", 2)
    registry.call("set_registered_model_alias", "m", "challenger", 2)
    for alias in ("", "a b", "latest", "v1", "LATEST", "a" * 256):
        registry.refused("INVALID_PARAMETER_VALUE", "set_registered_model_alias", "m", alias, 1)
    registry.refused("INVALID_PARAMETER_VALUE", "get_model_version_by_alias", "m", "nobody")
    registry.refused("RESOURCE_DOES_NOT_EXIST", "get_model_version_by_alias", "nobody", "champion")
    control, ours = (store.get_model_version_by_alias("m", "champion") for store in (registry.control, registry.ours))
    assert sorted(ours.aliases) == sorted(control.aliases) == ["challenger", "champion"]
    if not VERSION.startswith("3.12."):
        # There it is the newest of any stage.
        registry.call("get_model_version_by_alias", "m", "latest")
    registry.call("delete_registered_model_alias", "m", "challenger")
    registry.call("delete_registered_model_alias", "m", "challenger")
    registry.call("get_model_version", "m", 2)
    registry.call("delete_model_version", "m", 2)
    registry.refused("INVALID_PARAMETER_VALUE", "get_model_version_by_alias", "m", "champion")
    registry.call("get_registered_model", "m")
    registry.call("delete_registered_model", "m")


def test_searches(registry: Pair, folder: str) -> None:
    for name, team in (("aa", "ads"), ("ab", "it's"), ("B", "ads")):
        registry.call("create_registered_model", name, [RegisteredModelTag("team", team)])
        registry.call("create_model_version", name, folder, None, [ModelVersionTag("stage", team)])
    registry.call("create_model_version", "aa", folder)
    registry.call(
        "create_registered_model", "prompt", [RegisteredModelTag("mlflow.prompt.is_prompt", "true")], "a prompt"
    )
    for text in (
        None,
        "name = 'aa'",
        "name != 'aa'",
        "name LIKE 'a%'",
        "name ILIKE 'b'",
        "tags.team = 'ads'",
        "tags.team != 'ads' and name LIKE 'a%'",
        "tags.`mlflow.prompt.is_prompt` = 'true'",
        "tags.`mlflow.prompt.is_prompt` != 'true'",
        "tags.`mlflow.prompt.is_prompt` = 'false'",
    ):
        registry.pages("search_registered_models", text, size=2)
    for text in ("name IN ('aa', 'B')", "name NOT IN ('aa')"):
        # Refused by the oldest version.
        registry.call("search_registered_models", text)
    for order in (["name DESC"], ["timestamp ASC"], ["last_updated_timestamp DESC", "name"]):
        registry.call("search_registered_models", None, 10, order)
    for text in ("team = 'x'", "name > 'a'", "tags.team IN ('a')", "name = 'a' or name = 'b'", "metrics.a = 1"):
        registry.refused("INVALID_PARAMETER_VALUE", "search_registered_models", text)
    registry.refused("INVALID_PARAMETER_VALUE", "search_registered_models", None, 1001)
    registry.refused("INVALID_PARAMETER_VALUE", "search_registered_models", None, 10, ["team"])
    for text in (
        None,
        "name = 'aa'",
        "name LIKE 'a%' and version_number > 1",
        "version_number != 1",
        "tags.stage = 'ads'",
        "tag.stage ILIKE 'AD%'",
        "run_id = 'x'",
        f"source_path = '{folder}'",
        "source_path LIKE '%nowhere%'",
    ):
        registry.call("search_model_versions", text, 100, ["name", "version_number"])
        registry.pages("search_model_versions", text, size=2, order_by=["name DESC", "version_number ASC"])
    for text in ("team = 'x'", "version_number LIKE '1'", "source_path IN ('a')", "tags.a IN ('b')"):
        registry.refused("INVALID_PARAMETER_VALUE", "search_model_versions", text)
    for size in (0, -1, 200_001, "x"):
        registry.refused("INVALID_PARAMETER_VALUE", "search_model_versions", None, size)


def test_moves_are_events_and_say_which_call(client: MlflowClient, folder: str) -> None:
    client.create_registered_model("m")
    client.create_model_version("m", folder)
    client.set_registered_model_alias("m", "champion", 1)
    client.transition_model_version_stage("m", 1, "Production")
    client.delete_registered_model_alias("m", "champion")
    with runlore.connect() as typed:
        events = [event for event in typed.history("m") if event.reason]
        assert [(event.reason, event.actor.id) for event in events] == [
            ("MLflow: set_registered_model_alias", "alice"),
            ("MLflow: transition_model_version_stage", "alice"),
            ("MLflow: delete_registered_model_alias", "alice"),
        ]


def test_a_model_that_requires_reasons_names_the_call_that_takes_one(client: MlflowClient, folder: str) -> None:
    client.create_registered_model("m")
    client.create_model_version("m", folder)
    client.set_registered_model_alias("m", "old", 1)
    with runlore.connect() as typed:
        typed.update_model("m", reason_required=True)
        before = typed.get_model("m")
        for call, named in (
            (lambda: client.set_registered_model_alias("m", "champion", 1), "runlore.promote"),
            (lambda: client.delete_registered_model_alias("m", "old"), "runlore.delete_alias"),
            (lambda: client.transition_model_version_stage("m", 1, "Production"), "runlore.set_stage"),
            (lambda: client.delete_model_version("m", 1), "runlore.delete_version"),
            (lambda: client.delete_registered_model("m"), "runlore.delete_model"),
        ):
            with pytest.raises(MlflowException, match=named) as caught:
                call()
            assert caught.value.error_code == "INVALID_STATE"
        assert typed.get_model("m") == before


def test_copies_hold_the_same_files(client: MlflowClient, folder: str) -> None:
    client.create_registered_model("m")
    made = client.create_model_version("m", folder, tags={"a": "b"}, description="words")
    copied = client.copy_model_version("models:/m/1", "n")
    assert (copied.name, copied.version, copied.source, copied.tags) == ("n", 1, "models:/m/1", made.tags)
    with runlore.connect() as typed:
        one, two = typed.get_version("m", 1), typed.get_version("n", 1)
        assert one.manifest_digest == two.manifest_digest
        assert two.status == v1.MODEL_VERSION_STATUS_READY


def test_a_source_that_cannot_be_read_is_refused(client: MlflowClient, tmp_path: Path) -> None:
    client.create_registered_model("m")
    with pytest.raises(MlflowException, match="cannot be read") as caught:
        client.create_model_version("m", str(tmp_path / "nothing"))
    assert caught.value.error_code == "INVALID_PARAMETER_VALUE"
    assert client.search_model_versions("name = 'm'") == []


def test_prompts(client: MlflowClient) -> None:
    import mlflow

    mlflow.genai.register_prompt("greeting", "Hello {{ name }}", commit_message="first")
    mlflow.genai.register_prompt("greeting", "Hi {{ name }}")
    mlflow.genai.set_prompt_alias("greeting", "production", 1)
    assert mlflow.genai.load_prompt("prompts:/greeting@production").format(name="Ada") == "Hello Ada"
    assert mlflow.genai.load_prompt("prompts:/greeting/2").template == "Hi {{ name }}"
    assert [prompt.name for prompt in mlflow.genai.search_prompts()] == ["greeting"]
    assert client.search_registered_models() == []


def test_a_long_prompt_lives_as_in_mlflow(client: MlflowClient, uri: str, control_uri: str) -> None:
    import mlflow

    most = "Say {{ name }} " + "😀" * (MAX_MODEL_REGISTRY_TAG_VALUE_LENGTH - 15)
    for each in (control_uri, uri):
        mlflow.set_tracking_uri(each)
        mlflow.set_registry_uri(each)
        assert mlflow.genai.register_prompt("long", most).version == 1
        with pytest.raises(MlflowException, match="exceeds max length") as caught:
            mlflow.genai.register_prompt("long", most + "s")
        assert caught.value.error_code == "INVALID_PARAMETER_VALUE"
        assert mlflow.genai.load_prompt("prompts:/long/1").template == most
        assert [prompt.name for prompt in mlflow.genai.search_prompts()] == ["long"]
