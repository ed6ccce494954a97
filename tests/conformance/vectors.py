"""The published manifest vectors (`protos/manifest_vectors.json`) as cases: every client computes the same digests."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_FILE = Path(__file__).parents[2] / "protos" / "manifest_vectors.json"


def cases() -> Iterator[dict[str, Any]]:
    """Yield a case for each vector, for each rule about paths, and one for the paths that look bad and are not."""
    vectors = json.loads(_FILE.read_text())
    for vector in vectors["vectors"]:
        digest = {"response": {"digest": vector["manifest"]["digest"]}}
        yield {
            "name": f"manifest_of_{_slug(vector['name'])}",
            "about": vector["about"],
            "steps": [{"manifest_digest": {"files": vector["files"]}, "expect": digest}],
        }
    rules: dict[str, list[str]] = {}
    for refused in vectors["refused_paths"]:
        rules.setdefault(refused["rule"], []).append(refused["path"])
    for rule, paths in rules.items():
        error = {"error": {"message": {"$any": "text"}}}
        yield {
            "name": f"manifest_path_refused_{_slug(rule)}",
            "about": f"A path may not have: {rule}.",
            "steps": [{"manifest_digest": {"files": [_empty_file(path)]}, "expect": error} for path in paths],
        }
    yield {
        "name": "manifest_paths_accepted",
        "steps": [
            {"manifest_digest": {"files": [_empty_file(path)]}, "expect": {"response": {"digest": {"$any": "sha256"}}}}
            for path in vectors["accepted_paths"]
        ],
    }


def _empty_file(path: str) -> dict[str, Any]:
    return {"path": path, "size": "0", "sha256": hashlib.sha256().hexdigest(), "mode": 420, "chunks": []}


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", text.replace("..", "dot dot").replace("'.'", "dot").lower()).strip("_")
