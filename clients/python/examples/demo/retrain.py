"""The retrained candidate: the same kind of model on all 30 measurements, promoted only if it beats the champion."""

from __future__ import annotations

import data
import fitting

import runlore

EXPERIMENT = "tumour"
MODEL = "tumour-lr"
C = 1.0


def main() -> None:
    """Train, register, and move `champion` if the server finds the candidate's AUC to be greater."""
    with runlore.start_run(EXPERIMENT, name="all-30-columns", params=fitting.params(C, data.ALL)) as run:
        val_auc = fitting.fit(run, C, data.ALL)
    print(f"run {run.run_id} val_auc={val_auc:.5f}")
    version = runlore.register(MODEL, run, "model")
    print(f"register {MODEL}: version {version.version}")
    move = runlore.promote(
        MODEL,
        version.version,
        alias="champion",
        reason="trained on all 30 measurements",
        expect=1,
        if_better="max:val_auc",
    )
    for result in move.conditions:
        print(f"promote with expect=1, if_better=max:val_auc: {result.explanation}")
    print(f"champion: version {move.previous_version} -> version {move.alias.version}")


if __name__ == "__main__":
    main()
