"""The data of the demo: scikit-learn's bundled breast-cancer measurements, split once and always the same way."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split

import runlore

#: Of the 30 measurements the first 10 are means, the next 10 their standard errors, the last 10 the worst values.
MEANS = slice(0, 10)
ALL = slice(0, 30)

SOURCE = "sklearn.datasets.load_breast_cancer, split 60/20/20"

Rows = tuple[NDArray[np.float64], NDArray[np.int64]]


def split(columns: slice) -> tuple[Rows, Rows, Rows]:
    """Return (measurements, is benign) to train on, to validate on, and held out for the pod: 60, 20 and 20 percent."""
    x, y = load_breast_cancer(return_X_y=True)
    x_train, x_rest, y_train, y_rest = train_test_split(x[:, columns], y, test_size=0.4, stratify=y, random_state=7)
    x_val, x_held, y_val, y_held = train_test_split(x_rest, y_rest, test_size=0.5, stratify=y_rest, random_state=7)
    return (x_train, y_train), (x_val, y_val), (x_held, y_held)


def recent() -> tuple[runlore.v1.Dataset, Rows]:
    """Return the newest rows, with all measurements, and how to name them: no training saw them."""
    _, _, (x, y) = split(ALL)
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch, "recent.csv")
        np.savetxt(path, np.column_stack([x, y]), fmt="%.6g", delimiter=",")
        return runlore.data.from_file(path, name="tumour-recent", source=SOURCE), (x, y)


def log_inputs(run: runlore.Run, columns: slice) -> None:
    """Record which rows the run trains on and validates on, each as a CSV file that its digest names."""
    train, validation, _ = split(columns)
    with tempfile.TemporaryDirectory() as scratch:
        for context, (x, y) in (("training", train), ("validation", validation)):
            path = Path(scratch, f"{context}.csv")
            np.savetxt(path, np.column_stack([x, y]), fmt="%.6g", delimiter=",")
            run.log_input(runlore.data.from_file(path, name=f"tumour-{context}", source=SOURCE), context=context)


def log_loss(y: NDArray[np.int64], scores: NDArray[np.float64]) -> float:
    """Return the mean logistic loss of scores (log odds)."""
    return float(np.mean(np.logaddexp(0.0, np.where(y == 1, -scores, scores))))


def accuracy(y: NDArray[np.int64], scores: NDArray[np.float64]) -> float:
    """Return the share of rows on the right side of zero."""
    return float(np.mean((scores > 0) == (y == 1)))


def auc(y: NDArray[np.int64], scores: NDArray[np.float64]) -> float:
    """Return the chance that a benign row scores above a malignant one; a tie counts half."""
    malignant = np.sort(scores[y == 0])
    benign = scores[y == 1]
    below = np.searchsorted(malignant, benign, "left") + np.searchsorted(malignant, benign, "right")
    return float(below.mean() / 2 / len(malignant))
