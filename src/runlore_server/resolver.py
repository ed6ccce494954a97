"""Answers look-ups of references together, and remembers the answers.

While one statement is under way the next look-ups gather; a look-up joins only a statement that has not been sent, so
its answer is never older than a change that was acknowledged before it came. The same question is sent once, whoever
asks it.

What was answered is remembered with the head of the model's chain. When all that is asked is known, the statement asks
only whether the models still have those heads: a fraction of the work, and as fresh. And who says how old an answer may
be is answered without the database.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict, deque
from collections.abc import Sequence
from typing import NamedTuple

from runlore_server import errors
from runlore_server.db import Database
from runlore_server.store import resolving
from runlore_server.store.resolving import Answer, Question

#: Questions of one statement, some more for the look-up that reaches it; the rest waits for the next.
_MOST_AT_ONCE = 1_000
#: Turns of the event loop in which no look-up came, after which a statement is sent; and how many it waits at most. One
#: takes some 3 us when there is nothing to do, and else does what there is: to take a call as far as to its look-up.
_IDLE_TURNS, _MOST_TURNS = 12, 100
#: Bytes of answers that are remembered.
_REMEMBERED_BYTES = 32 * 1024 * 1024
#: What an answer takes beside its message, about.
_ANSWER_BYTES = 1_500

Outcome = Answer | errors.RunloreError


class Aged(NamedTuple):
    """An outcome, and how many seconds old it may be; 0 when it was read for this look-up."""

    outcome: Outcome
    age: float = 0.0


class Resolver:
    """Answers questions from one database."""

    def __init__(self, db: Database, remembered_bytes: int = _REMEMBERED_BYTES) -> None:
        """Remember answers of at most so many bytes, about."""
        self._db = db
        self._line = db.line(resolving.sql.unchanged_since)
        self._memory = _Memory(remembered_bytes)
        self._waiting: deque[tuple[Sequence[Question], asyncio.Future[dict[Question, Outcome]]]] = deque()
        self._task: asyncio.Task[None] | None = None

    async def answer(self, questions: Sequence[Question], max_age: float = 0.0) -> list[Aged]:
        """Return what became of each question, in their order; those that are read, from one snapshot.

        `max_age` (seconds): how old an answer from memory may be. Raises DATABASE_UNAVAILABLE.
        """
        young = {question: aged for question in questions if (aged := self.remembered(question, max_age))}
        asked = [question for question in questions if question not in young]
        fresh = await self._read(asked) if asked else {}
        return [young[question] if question in young else Aged(fresh[question]) for question in questions]

    def remembered(self, question: Question, max_age: float) -> Aged | None:
        """Return the answer that memory has of a question, if it is no older than `max_age` seconds."""
        return self._memory.young(question, max_age) if max_age > 0 else None

    def _read(self, questions: Sequence[Question]) -> asyncio.Future[dict[Question, Outcome]]:
        future: asyncio.Future[dict[Question, Outcome]] = asyncio.get_running_loop().create_future()
        self._waiting.append((questions, future))
        if self._task is None:
            self._task = asyncio.create_task(self._serve(), name="resolver")
        return future

    async def _serve(self) -> None:
        """Send statements, one at a time, until nobody waits."""
        try:
            while self._waiting:
                await self._gather()
                await self._round()
        finally:
            self._task = None

    async def _gather(self) -> None:
        """Wait for more look-ups, as long as they keep coming: a statement costs as much as half of a call.

        Where calls come faster than they are answered, the loop has them already, and hands them on one a turn.
        """
        gathered, idle = len(self._waiting), 0
        for _ in range(_MOST_TURNS):
            await asyncio.sleep(0)
            idle = idle + 1 if len(self._waiting) == gathered else 0
            if idle == _IDLE_TURNS:
                return
            gathered = len(self._waiting)

    async def _round(self) -> None:
        batch: dict[Question, None] = {}
        futures = []
        while self._waiting and len(batch) < _MOST_AT_ONCE:
            questions, future = self._waiting.popleft()
            batch.update(dict.fromkeys(questions))
            futures.append(future)
        sent, asked = time.monotonic(), list(batch)
        try:
            outcomes = dict(zip(asked, await self._ask(asked), strict=True))
        except Exception as error:
            for future in futures:
                if not future.done():
                    future.set_exception(error)
            return
        for future in futures:
            if not future.done():
                future.set_result(outcomes)
        self._memory.keep(outcomes, sent)

    async def _ask(self, asked: Sequence[Question]) -> Sequence[Outcome]:
        known = self._memory.known(asked)
        if len(known) == len(asked) and (confirmed := await resolving.confirm(self._line, known)):
            return confirmed
        return await self._db.read(lambda conn: resolving.look_up(conn, asked))


class _Memory:
    """Answers, each with its size and the monotonic time at which it was still right; the longest unread go first."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._bytes = 0
        self._answers: OrderedDict[Question, tuple[Answer, float, int]] = OrderedDict()

    def known(self, questions: Sequence[Question]) -> list[Answer]:
        return [kept[0] for question in questions if (kept := self._answers.get(question))]

    def young(self, question: Question, max_age: float) -> Aged | None:
        kept = self._answers.get(question)
        if kept is None or (age := time.monotonic() - kept[1]) > max_age:
            return None
        return Aged(kept[0], max(age, 1e-9))

    def keep(self, outcomes: dict[Question, Outcome], sent: float) -> None:
        for question, outcome in outcomes.items():
            before = self._answers.pop(question, None)
            if isinstance(outcome, Answer):
                same = before is not None and before[0].response is outcome.response
                size = before[2] if before and same else outcome.response.ByteSize() + _ANSWER_BYTES
                self._answers[question] = (outcome, sent, size)
                self._bytes += size
            if before is not None:
                self._bytes -= before[2]
        while self._bytes > self._most_bytes:
            self._bytes -= self._answers.popitem(last=False)[1][2]
