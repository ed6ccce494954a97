"""The retrained candidate: the same kind of model on all 30 measurements, measured beside the champion on new rows."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import data
import fitting

import runlore

EXPERIMENT = "tumour"
MODEL = "tumour-lr"
C = 1.0


def main() -> None:
    """Train and register, then evaluate the champion and the candidate on the same data."""
    with runlore.start_run(EXPERIMENT, name="all-30-columns", params=fitting.params(C, data.ALL)) as run:
        val_auc = fitting.fit(run, C, data.ALL)
    print(f"run {run.run_id} val_auc={val_auc:.5f}")
    candidate = runlore.register(MODEL, run, "model")
    print(f"register {MODEL}: version {candidate.version}")
    champion = runlore.resolve(f"models:/{MODEL}@champion").model_version
    dataset, rows = data.recent()
    for version in (champion, candidate):
        auc = measure(runlore.pull(f"models:/{MODEL}/{version.version}"), rows)
        runlore.record_evaluation(MODEL, version.version, {"auc": auc}, dataset=dataset, run=run)
        print(f"evaluate version {version.version}: auc={auc:.5f} on {dataset.name} {dataset.digest[:12]}")


def measure(folder: Path, rows: data.Rows) -> float:
    """Return a model's AUC on rows of all measurements, of which it takes those that it knows."""
    x, y = rows
    columns = json.loads((folder / "model.json").read_text())["columns"]
    return data.auc(y, pickle.loads((folder / "model.pkl").read_bytes()).decision_function(x[:, :columns]))


if __name__ == "__main__":
    main()
