"""MLflow's stock UI on Runlore, in a browser: what its pages show is what is stored, and its console has no error."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from mlflow import MlflowClient
from mlflow.entities import Dataset, DatasetInput, InputTag, Metric, Param

from tests.clients.mlflow.sources import T0
from tests.clients.mlflow.test_servers import env as env
from tests.clients.mlflow.test_servers import serve as serve
from tests.harness import browser as browsers
from tests.harness.browser import Browser

#: Every page asks who is logged in. Only MLflow's app for logins knows; its own store answers the same without.
_NO_LOGINS = "/mlflow/users/current"

pytestmark = pytest.mark.skipif(bool(browsers.missing()), reason=browsers.missing() or "all is there")


@dataclass
class Shown:
    """What the pages are to show."""

    experiment_id: str
    run_ids: list[str]
    model_id: str


@pytest.fixture
def shown(client: MlflowClient, tmp_path: Path) -> Shown:
    """Two runs with series, params, a dataset and files, and a registered model of one of them."""
    experiment_id = client.create_experiment("click-through")
    dataset = Dataset("clicks", "d1", "local", "{}", schema="{}", profile="{}")
    run_ids = []
    for number, name in enumerate(("bold-run", "calm-run")):
        run_id = client.create_run(experiment_id, run_name=name, start_time=T0 + number).info.run_id
        run_ids.append(run_id)
        points = [Metric("val_auc", 0.5 + i / 100 + number / 10, T0 + 1_000 * i, i) for i in range(20)]
        client.log_batch(run_id, points, [Param("depth", str(3 + number)), Param("same", "1")])
        client.log_inputs(run_id, [DatasetInput(dataset, [InputTag("mlflow.data.context", "training")])])
        client.log_text(run_id, f"a note of {name}", "notes/read-me.txt")
        client.set_terminated(run_id, end_time=T0 + 60_000)
    model = client.create_logged_model(experiment_id, "clf", run_ids[0], params={"depth": "3"})
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "MLmodel").write_text("flavors: {}\n")
    client.log_model_artifacts(model.model_id, str(tmp_path / "model"))
    client.finalize_logged_model(model.model_id, "READY")
    client.create_registered_model("ctr-model", description="Predicts clicks.")
    version = client.create_model_version("ctr-model", f"models:/{model.model_id}", run_ids[0], model_id=model.model_id)
    client.set_registered_model_alias("ctr-model", "champion", version.version)
    return Shown(experiment_id, run_ids, model.model_id)


@pytest.fixture
def window(tmp_path: Path) -> Iterator[Browser]:
    """A browser; its screenshots stay in the folder that RUNLORE_TEST_SCREENSHOTS names, if it is set."""
    with browsers.browser(Path(os.environ.get("RUNLORE_TEST_SCREENSHOTS") or tmp_path / "browser")) as opened:
        yield opened


def test_the_pages_show_what_is_stored(serve: Callable[..., Any], shown: Shown, window: Browser) -> None:
    first, second = shown.run_ids
    with serve() as url:
        at = f"{url}/#/experiments/{shown.experiment_id}"

        def look(address: str, name: str, *texts: str) -> str:
            window.open(address)
            found = window.wait_for(*texts)
            window.shoot(name)
            errors = [error for error in window.errors() if _NO_LOGINS not in error]
            assert errors == [], f"on the page {name}"
            return found

        look(f"{url}/#/experiments", "experiments", "click-through", "Default")
        runs = look(f"{at}/runs", "runs", "bold-run", "calm-run", "clicks")
        assert runs.index("calm-run") < runs.index("bold-run"), "the latest comes first"
        page = look(f"{at}/runs/{first}", "run", "bold-run", "val_auc", "depth", first, "clicks", "Finished")
        assert "0.69" in page, "the metric's last value"
        look(f"{at}/runs/{first}/model-metrics", "chart", "val_auc")
        window.find("svg.main-svg")
        window.shoot("chart")
        compared = f'{url}/#/compare-runs?runs=["{first}","{second}"]&experiments=["{shown.experiment_id}"]'
        page = look(compared, "compare", "bold-run", "calm-run", "depth")
        assert "Comparing 2 Runs" in page
        look(f"{at}/runs/{first}/artifacts/notes/read-me.txt", "artifact", "read-me.txt", "a note of bold-run")
        look(f"{at}/models/{shown.model_id}", "logged-model", "clf", "depth")
        look(f"{url}/#/models", "models", "ctr-model", "champion")
        look(f"{url}/#/models/ctr-model", "model", "Predicts clicks.", "Version 1", "champion")
        look(f"{url}/#/models/ctr-model/versions/1", "version", "ctr-model", "champion")
