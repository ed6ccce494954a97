"""What references mean now. `history.py` says what they meant at a moment of the past."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from runlore import v1
from runlore_server import errors
from runlore_server.db import Connection
from runlore_server.line import Line
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
    """What a reference meant at one head of a model's chain: the same as long as the model has that head."""

    model_id: str
    #: Without files and `age`. Shared by all who get this answer, so nobody changes it.
    response: v1.ResolveResponse


async def look_up(conn: Connection, questions: Sequence[Question]) -> list[Answer | errors.RunloreError]:
    """Answer questions from one snapshot, in their order."""
    asked = []
    for place, question in enumerate(questions):
        name, alias, version, stage = question.reference
        entry = {"place": place, "workspace": question.workspace, "name": name}
        asked.append({**entry, "alias": alias, "version": version, "stage": stage})
    params = {"asked": json.dumps(asked), "ready": v1.MODEL_VERSION_STATUS_READY}
    rows = sorted(await queries.every(conn, sql.look_up, params), key=lambda row: int(row.place))
    return [_outcome(row, question) for row, question in zip(rows, questions, strict=True)]


async def confirm(line: Line, answers: Sequence[Answer]) -> list[Answer] | None:
    """Return answers as of now, from one snapshot, when all of them still hold; else, or if `line` cannot say, None.

    Whatever changes an answer is an event of its model and moves the head of its chain. So only the heads are asked
    for, and by their hashes: a database that was set back has other events under the same revisions. `line` asks
    `sql.unchanged_since`.
    """
    heads = {answer.model_id: answer.response.head.hash for answer in answers}
    if any(answer.response.head.hash != heads[answer.model_id] for answer in answers):
        return None
    found = await line.ask(*(f"{{{','.join(each)}}}".encode() for each in (heads, heads.values())))
    if not found:
        return None
    log_id, last_position = found
    position = events.position(log_id.decode(), int(last_position))
    return [_at(answer, position) for answer in answers]


def _outcome(row: Any, question: Question) -> Answer | errors.RunloreError:
    workspace, reference = question
    if row.found_id is None:
        return errors.model_not_found(workspace, reference.model_name)
    if reference.alias is not None and row.alias is None:
        return errors.alias_not_found(reference.model_name, reference.alias)
    if row.version is None:
        return nothing_there(reference, row.alias_version)
    response = v1.ResolveResponse(
        model_version=versions.to_version(row),
        head=v1.ChainHead(revision=row.head_revision, hash=row.head_hash.hex()),
        position=events.position(row.log_id, row.last_position),
    )
    if row.alias is not None:
        response.alias.CopyFrom(models.to_alias(row))
    return Answer(row.found_id, response)


def _at(answer: Answer, position: str) -> Answer:
    """The same answer at a later position of the log."""
    if answer.response.position == position:
        return answer
    response = v1.ResolveResponse()
    response.CopyFrom(answer.response)
    response.position = position
    return answer._replace(response=response)


def nothing_there(reference: Reference, alias_version: int | None = None) -> errors.RunloreError:
    """The error of a reference to a model, and of its alias if it has one, that means no version."""
    if reference.stage is None:
        return errors.model_version_not_found(reference.model_name, reference.version or alias_version or 0)
    return errors.stage_empty(reference.model_name, stage_name(reference.stage))


def stage_name(stage: v1.ModelStage.ValueType) -> str:
    """Return a stage as references and errors have it, MLflow's way, such as `Production`; or `latest`."""
    if stage == LATEST:
        return "latest"
    return v1.ModelStage.Name(stage).removeprefix("MODEL_STAGE_").capitalize()
