"""What references mean now. `history.py` says what they meant at a moment of the past."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from runlore import v1
from runlore_server import errors
from runlore_server.db import Connection
from runlore_server.store import events, models, queries, versions

sql = queries.load("resolving")

#: The stage of a reference to the newest READY version, whatever its stage.
LATEST = v1.MODEL_STAGE_UNSPECIFIED


class Reference(NamedTuple):
    """A model reference taken apart: one of `alias`, `version` and `stage` says which version, the others are None."""

    model_name: str
    alias: str | None = None
    version: int | None = None
    stage: v1.ModelStage.ValueType | None = None


class Question(NamedTuple):
    """A reference in a workspace."""

    workspace: str
    reference: Reference


class Answer(NamedTuple):
    """What a reference meant at one revision of a model: the same as long as the model has that revision."""

    model_id: str
    revision: int
    #: Without files and `age`. Shared by all who get this answer, so nobody changes it.
    response: v1.ResolveResponse


async def look_up(
    conn: Connection, questions: Sequence[Question], known: Mapping[Question, Answer]
) -> list[Answer | errors.RunloreError]:
    """Answer questions from one snapshot, in their order: by what is known where the model has not changed since."""
    asked = []
    for place, question in enumerate(questions):
        workspace, reference = question
        entry = {"place": place, "workspace": workspace, "name": reference.model_name}
        for name in ("alias", "version", "stage"):
            if (value := getattr(reference, name)) is not None:
                entry[name] = value
        if question in known:
            entry["known_id"], entry["known_revision"] = known[question].model_id, known[question].revision
        asked.append(entry)
    params = {"asked": json.dumps(asked), "ready": v1.MODEL_VERSION_STATUS_READY}
    outcomes: list[Answer | errors.RunloreError | None] = [None] * len(questions)
    for row in await queries.every(conn, sql.look_up, params):
        question = questions[row.place]
        outcomes[row.place] = _outcome(row, question, known.get(question))
    return [outcome for outcome in outcomes if outcome is not None]


def _outcome(row: Any, question: Question, known: Answer | None) -> Answer | errors.RunloreError:
    workspace, reference = question
    if row.found_id is None:
        return errors.model_not_found(workspace, reference.model_name)
    position = events.position(row.log_id, row.last_position)
    if known is not None and (row.found_id, row.head_revision) == (known.model_id, known.revision):
        return _at(known, position)
    if reference.alias is not None and row.alias is None:
        return errors.alias_not_found(reference.model_name, reference.alias)
    if row.version is None:
        return nothing_there(reference, row.alias_version)
    response = v1.ResolveResponse(
        model_version=versions.to_version(row),
        head=v1.ChainHead(revision=row.head_revision, hash=row.head_hash.hex()),
        position=position,
    )
    if row.alias is not None:
        response.alias.CopyFrom(models.to_alias(row))
    return Answer(row.found_id, row.head_revision, response)


def _at(known: Answer, position: str) -> Answer:
    """The same answer at a later position of the log."""
    if known.response.position == position:
        return known
    response = v1.ResolveResponse()
    response.CopyFrom(known.response)
    response.position = position
    return known._replace(response=response)


def nothing_there(reference: Reference, alias_version: int | None = None) -> errors.RunloreError:
    """The error of a reference to a model, and of its alias if it has one, that means no version."""
    if reference.stage is None:
        return errors.model_version_not_found(reference.model_name, reference.version or alias_version or 0)
    return errors.stage_empty(reference.model_name, stage_name(reference.stage))


def stage_name(stage: v1.ModelStage.ValueType) -> str:
    """A stage as references have it, such as `Production`, or `latest`."""
    if stage == LATEST:
        return "latest"
    return v1.ModelStage.Name(stage).removeprefix("MODEL_STAGE_").capitalize()
