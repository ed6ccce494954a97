"""Where artifacts are, as people write it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from runlore.errors import invalid_field

_RUN = re.compile(r"runs:/+([0-9a-f]{32})(?:/(.*))?", re.DOTALL)
_WORDS = "latest|none|staging|production|archived"
_MODEL = re.compile(rf"(models:/[^/:@]+(?:@[A-Za-z0-9_-]+|/[1-9][0-9]*|/(?i:{_WORDS})))(?:/(.*))?", re.DOTALL)
_MANIFEST = re.compile(r"manifests:/*([0-9a-f]{64})(?:/(.*))?", re.DOTALL)
_FORMS = (
    "give 'models:/<name>@<alias>', 'models:/<name>/<version>' (or a stage, or 'latest', in place of the version), "
    "'runs:/<run_id>' or 'manifests:<digest>', "
    "and '/<path>' behind it for a part of the files"
)


@dataclass(frozen=True)
class Source:
    """Files of a run, a model's version or a manifest; one of the three is set."""

    text: str
    run_id: str = ""
    #: `models:/<name>@<alias>`, or `models:/<name>/` with a version's number, a stage or `latest` behind it.
    model: str = ""
    manifest_digest: str = ""
    #: A file or folder among them; empty for all.
    path: str = ""


def parse(field: str, text: str) -> Source:
    """Take a reference apart; raises InvalidArgumentError."""
    if match := _RUN.fullmatch(text):
        return Source(text, run_id=match[1], path=_path(match[2]))
    if match := _MODEL.fullmatch(text):
        return Source(text, model=match[1], path=_path(match[2]))
    if match := _MANIFEST.fullmatch(text):
        return Source(text, manifest_digest=match[1], path=_path(match[2]))
    raise invalid_field(field, f"is '{text}': {_FORMS}")


def model_name(reference: str) -> str:
    """Return the model's name in a reference that a server took, or is to refuse."""
    return re.split(r"[/@]", reference.removeprefix("models:/"), maxsplit=1)[0]


def _path(text: str | None) -> str:
    return (text or "").strip("/")
