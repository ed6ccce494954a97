"""What references resolve to."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC
from functools import lru_cache
from typing import Any

from runlore import v1
from runlore_server import calls, errors
from runlore_server.blob import BlobStore
from runlore_server.db import Connection, Database
from runlore_server.pages import PageTokens
from runlore_server.resolver import Aged, Resolver
from runlore_server.sequencer import Sequencer
from runlore_server.services import downloads
from runlore_server.services.base import Methods
from runlore_server.store import events, history, manifests
from runlore_server.store.resolving import LATEST, Question, Reference

_STAGES = {
    "none": v1.MODEL_STAGE_NONE,
    "staging": v1.MODEL_STAGE_STAGING,
    "production": v1.MODEL_STAGE_PRODUCTION,
    "archived": v1.MODEL_STAGE_ARCHIVED,
    "latest": LATEST,
}
_REFERENCE = re.compile(
    r"models:/(?P<name>[^/:@]+)"
    r"(?:@(?P<alias>[A-Za-z0-9_-]+)|/(?P<version>[1-9][0-9]{0,17})|/(?P<stage>(?i:" + "|".join(_STAGES) + ")))"
)


class ResolveMethods(Methods):
    """The methods that resolve references."""

    def __init__(self, db: Database, blobs: BlobStore, pages: PageTokens, sequencer: Sequencer) -> None:
        """Serve from a database; `blobs` signs download URLs, `sequencer` is told of every change."""
        super().__init__(db, pages, sequencer)
        self._blobs = blobs
        self._resolver = Resolver(db)

    async def Resolve(self, request: v1.ResolveRequest, context: Any) -> v1.ResolveResponse:
        """Answer from the database or, where the caller allows it, from memory; files are read and signed each time."""
        workspace = calls.current().workspace(request.workspace)
        question = Question(workspace, parse_reference("reference", request.reference))
        if request.WhichOneof("as_of") is None:
            aged = self._resolver.remembered(question, _max_age(request))
            if aged is None:
                [aged] = await self._resolver.answer([question])
            response = _response(aged)
        else:
            [response] = await self._answers_of_the_past(request, [question], [])
        if request.include_files and response.model_version.manifest_digest:
            response = await self._with_files(request, response)
        return response

    async def BatchResolve(self, request: v1.BatchResolveRequest, context: Any) -> v1.BatchResolveResponse:
        """Answer all from one snapshot, those from memory aside; the first reference that fails fails all."""
        workspace = calls.current().workspace(request.workspace)
        texts = request.references
        questions = [Question(workspace, parse_reference(f"references[{i}]", text)) for i, text in enumerate(texts)]
        if request.WhichOneof("as_of") is not None:
            return v1.BatchResolveResponse(responses=await self._answers_of_the_past(request, questions, texts))
        answers = await self._resolver.answer(questions, _max_age(request))
        responses = []
        for text, aged in zip(texts, answers, strict=True):
            with _about(text):
                responses.append(_response(aged))
        return v1.BatchResolveResponse(responses=responses)

    async def _answers_of_the_past(
        self,
        request: v1.ResolveRequest | v1.BatchResolveRequest,
        questions: Sequence[Question],
        texts: Sequence[str],
    ) -> list[v1.ResolveResponse]:
        """Answer from events. `texts` names the references in errors, when there are several."""
        if request.HasField("max_staleness"):
            raise errors.invalid_field("max_staleness", "must be absent with as_of: what was true then never changes")

        async def work(conn: Connection) -> list[v1.ResolveResponse]:
            responses = []
            for i, question in enumerate(questions):
                text = texts[i] if texts else ""
                with _about(text):
                    moment = await _moment(conn, request, question)
                with _about(text, _in_words(request)):
                    responses.append(await history.resolve(conn, *question, moment))
            return responses

        return await self._db.read(work)

    async def _with_files(self, request: v1.ResolveRequest, response: v1.ResolveResponse) -> v1.ResolveResponse:
        """A copy of a response with its version's files, or the first page of them."""
        digest = response.model_version.manifest_digest
        full = copy.deepcopy(response)

        async def work(conn: Connection) -> tuple[v1.Manifest, list[v1.FileEntry]]:
            manifest = await manifests.get(conn, digest)
            return manifest, await downloads.page(conn, manifest, 0, 0, request.include_urls)

        manifest, files = await self._db.read(work)
        full.files.extend(files)
        if len(files) < manifest.file_count:
            rest = v1.GetManifestRequest(
                workspace=request.workspace, manifest_digest=digest, include_urls=request.include_urls
            )
            full.files_page_token = self._pages.encode(rest, [digest, len(files)])
        if request.include_urls:
            await downloads.sign_urls(self._blobs, full.files)
        return full


@lru_cache(maxsize=10_000)
def _parse(text: str) -> Reference | None:
    match = _REFERENCE.fullmatch(text)
    if match is None:
        return None
    version, stage = match["version"], match["stage"]
    return Reference(
        match["name"],
        match["alias"],
        int(version) if version else None,
        _STAGES[stage.lower()] if stage else None,
    )


def parse_reference(field: str, text: str) -> Reference:
    """Take a model reference apart; raises INVALID_FIELD."""
    reference = _parse(text)
    if reference is None:
        raise errors.invalid_field(
            field,
            "must be models:/<name>@<alias>, models:/<name>/<version>, models:/<name>/<stage> with a stage of "
            f"None, Staging, Production or Archived, or models:/<name>/latest (got '{text}')",
        )
    return reference


def _max_age(request: v1.ResolveRequest | v1.BatchResolveRequest) -> float:
    """How old an answer may be, in seconds."""
    if not request.HasField("max_staleness"):
        return 0.0
    return request.max_staleness.seconds + request.max_staleness.nanos / 1e9


def _response(aged: Aged) -> v1.ResolveResponse:
    """The response of an outcome; raises it when it is an error."""
    if isinstance(aged.outcome, errors.RunloreError):
        # A copy: others get it too.
        raise replace(aged.outcome)
    response = aged.outcome.response
    if aged.age:
        response = v1.ResolveResponse()
        response.CopyFrom(aged.outcome.response)
        response.age.seconds, response.age.nanos = divmod(round(aged.age * 1e9), 1_000_000_000)
    return response


async def _moment(
    conn: Connection, request: v1.ResolveRequest | v1.BatchResolveRequest, question: Question
) -> history.Moment:
    """The moment that a request means; raises INVALID_FIELD, INVALID_POSITION, POSITION_OF_ANOTHER_LOG."""
    if request.HasField("as_of_position"):
        log = await events.log(conn)
        position = log.number("as_of_position", request.as_of_position)
        if not request.as_of_position or position > log.last_position:
            raise errors.invalid_position("as_of_position")
        return history.Moment(position=position)
    try:
        time = request.as_of_time.ToDatetime(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise errors.invalid_field("as_of_time", "must be a time of the years 1 to 9999") from None
    if await history.is_future(conn, question.workspace, question.reference.model_name, time):
        raise errors.invalid_field("as_of_time", "must not be in the future; leave it out for what is true now")
    return history.Moment(time=time)


def _in_words(request: v1.ResolveRequest | v1.BatchResolveRequest) -> str:
    if request.HasField("as_of_position"):
        return f"as of position {request.as_of_position}"
    return f"as of {request.as_of_time.ToJsonString()}"


@contextmanager
def _about(reference: str, moment: str = "") -> Iterator[None]:
    """Let what is not found say as of when, and by which of several references."""
    try:
        yield
    except errors.RunloreError as error:
        about = ", ".join(filter(None, (reference, moment)))
        error.message = f"{error.message} ({about})" if about else error.message
        if reference:
            error.metadata = {**error.metadata, "reference": reference}
        raise
