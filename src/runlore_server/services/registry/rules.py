"""Rules of requests that the parts of the service share."""

from __future__ import annotations

import unicodedata

from runlore import v1
from runlore_server import errors


def check_name(field: str, name: str) -> None:
    """Refuse a model's name that is not in Unicode's form NFC: two names that look the same would be two models."""
    if not unicodedata.is_normalized("NFC", name):
        composed = unicodedata.normalize("NFC", name)
        raise errors.invalid_field(
            field,
            f"must be in Unicode normalization form NFC (got {name!a}; {composed!a} would be accepted)",
        )


def require_reason(model: v1.RegisteredModel, reason: str) -> None:
    """Refuse a move without a reason where the model demands one."""
    if model.reason_required and not reason.strip():
        raise errors.invalid_field(
            "reason", f"must say why: registered model '{model.name}' requires a reason (reason_required)"
        )


def status_name(status: v1.ModelVersionStatus.ValueType) -> str:
    """Return a version's status as errors name it."""
    return v1.ModelVersionStatus.Name(status).removeprefix("MODEL_VERSION_STATUS_")
