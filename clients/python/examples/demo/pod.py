"""The inference pod: a process of its own that knows a server and a reference, and boots on whatever is champion."""

from __future__ import annotations

import json
import pickle

import data

import runlore

REFERENCE = "models:/tumour-lr@champion"


def main() -> None:
    """Resolve, pull (which verifies every digest), load, predict."""
    version = runlore.resolve(REFERENCE).model_version
    print(f"resolve {REFERENCE}: version {version.version}")
    # By its number: the alias may move between the two calls.
    folder = runlore.pull(f"models:/{version.model_name}/{version.version}")
    print(f"pull: {version.file_count} files, every digest verified, manifest {version.manifest_digest[:12]}")
    columns = slice(0, json.loads((folder / "model.json").read_text())["columns"])
    model = pickle.loads((folder / "model.pkl").read_bytes())
    _, _, (x_held, y_held) = data.split(columns)
    accuracy = data.accuracy(y_held, model.decision_function(x_held))
    print(f"accuracy {accuracy:.4f} on {len(y_held)} held-out rows")


if __name__ == "__main__":
    main()
