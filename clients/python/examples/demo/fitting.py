"""Fits one logistic regression and logs all of it to a run; `train.py` and `retrain.py` share it."""

from __future__ import annotations

import json
import pickle
import tempfile
from pathlib import Path

import data
import matplotlib
from matplotlib.figure import Figure
from sklearn.linear_model import SGDClassifier
from sklearn.metrics import confusion_matrix
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

import runlore

matplotlib.use("Agg")

ITERATIONS = 250
STEP_SIZE = 0.002


def params(c: float, columns: slice) -> dict[str, float | int]:
    """Return what `fit` depends on, as the run's params."""
    return {"C": c, "columns": columns.stop, "iterations": ITERATIONS, "step_size": STEP_SIZE}


def fit(run: runlore.Run, c: float, columns: slice) -> float:
    """Train by stochastic gradient descent, logging four metrics an iteration; return the last validation AUC."""
    data.log_inputs(run, columns)
    (x_train, y_train), (x_val, y_val), _ = data.split(columns)
    scaler = StandardScaler().fit(x_train)
    x_train, x_val = scaler.transform(x_train), scaler.transform(x_val)
    model = SGDClassifier(
        loss="log_loss", alpha=1 / (c * len(x_train)), learning_rate="constant", eta0=STEP_SIZE, random_state=0
    )
    val_auc = 0.0
    for step in range(ITERATIONS):
        model.partial_fit(x_train, y_train, classes=[0, 1])
        weights, bias = model.coef_[0], model.intercept_[0]
        train_scores, val_scores = x_train @ weights + bias, x_val @ weights + bias
        val_auc = data.auc(y_val, val_scores)
        run.log(
            {
                "train_loss": data.log_loss(y_train, train_scores),
                "val_loss": data.log_loss(y_val, val_scores),
                "train_accuracy": data.accuracy(y_train, train_scores),
                "val_auc": val_auc,
            },
            step=step,
        )
    with tempfile.TemporaryDirectory() as scratch:
        picture = Path(scratch, "confusion.png")
        draw_confusion(y_val, model.predict(x_val), picture)
        run.log_artifact(picture)
        folder = Path(scratch, "model")
        save(Pipeline([("scale", scaler), ("classify", model)]), columns, folder)
        run.log_artifact(folder)
    return val_auc


def save(model: Pipeline, columns: slice, folder: Path) -> None:
    """Write what a pod needs: the pickled model, and which of the measurements it reads."""
    folder.mkdir()
    (folder / "model.pkl").write_bytes(pickle.dumps(model))
    (folder / "model.json").write_text(json.dumps({"format": "sklearn pickle", "columns": columns.stop}))


def draw_confusion(y_true: object, y_predicted: object, path: Path) -> None:
    """Draw how many rows of each kind were taken for which."""
    counts = confusion_matrix(y_true, y_predicted)
    figure = Figure(figsize=(3, 3), layout="tight")
    axes = figure.add_subplot(
        xlabel="predicted", ylabel="actual", xticks=[0, 1], yticks=[0, 1], xticklabels=["malignant", "benign"]
    )
    axes.set_yticklabels(["malignant", "benign"], rotation=90, va="center")
    axes.imshow(counts, cmap="Blues")
    for (row, column), count in [((r, c), counts[r, c]) for r in (0, 1) for c in (0, 1)]:
        axes.text(column, row, count, ha="center", va="center", color="white" if count > counts.max() / 2 else "black")
    figure.savefig(path, dpi=80)
