"""The training script: searches `C` of a logistic regression on 10 measurements; one parent run, 12 child runs."""

from __future__ import annotations

import data
import fitting

import runlore

EXPERIMENT = "tumour"
CS = [round(10 ** (k / 2 - 3), 4) for k in range(12)]


def main() -> None:
    """Run the search."""
    tags = {"team": "oncology"}
    with runlore.start_run(EXPERIMENT, name="search-C", params={"Cs": str(CS)}, tags=tags) as search:
        print(f"run {search.run_id}  {search.name}")
        data.log_inputs(search, data.MEANS)
        for number, c in enumerate(CS, 1):
            params = fitting.params(c, data.MEANS)
            with search.start_child(name=f"trial-{number}", params=params, tags=tags) as trial:
                val_auc = fitting.fit(trial, c, data.MEANS)
                print(f"run {trial.run_id}  {trial.name:<8}  C={c:<7g}  val_auc={val_auc:.5f}")


if __name__ == "__main__":
    main()
