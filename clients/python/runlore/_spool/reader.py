"""Reads the points of a spool, numbered, column by column."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any

from runlore._spool import records
from runlore._spool.segments import ClosedSegment, Segment

_WORD = 8


@dataclass(frozen=True)
class Rows:
    """Rows of one shape that follow each other: row i has a point (key, steps[i], times[i], columns[key][i]) a key."""

    keys: tuple[str, ...]
    times: list[int]
    steps: list[int]
    columns: list[list[float]]

    def __len__(self) -> int:
        """How many points there are."""
        return len(self.keys) * len(self.times)


class PointReader:
    """A place in a spool, and the numbers of its points. Belongs to one thread.

    `segments` may grow at its end meanwhile. Methods raise DamagedError where the spool is not what was written.
    """

    def __init__(self, segments: list[Segment] | list[ClosedSegment], first_point: int = 1) -> None:
        """Begin at the first segment, whose first point has the number `first_point`."""
        self._segments = segments
        #: The first point of every segment that was reached, by its index.
        self._firsts: dict[int, int] = {}
        #: The number of the first point that the spool still has.
        self.first_point = first_point
        self._go_back()

    def _go_back(self) -> None:
        #: The number of the next point.
        self.number = self.first_point
        self._at = 0
        self._offset = records.HEADER_BYTES
        self._shapes: dict[int, tuple[str, ...]] = {}
        if self._segments:
            self._firsts[self._segments[0].index] = self.first_point

    def read(self, limit: int) -> list[Rows]:
        """Return the next points, whole rows, at most `limit` points but at least a row; nothing when there is none."""
        found: list[Rows] = []
        left = limit
        while left > 0 and (run := self._next_run(left, at_least=1 if not found else 0)) is not None:
            rows = self._decode(*run)
            found.append(rows)
            left -= len(rows)
        return found

    def seek(self, number: int) -> None:
        """Go to the row with the point of that number, or to the end when there is none yet."""
        if number < self.number:
            self._go_back()
        while self.number < number and self._next_run(number - self.number) is not None:
            pass

    def pending(self) -> int:
        """Count the points from here to the end."""
        ahead = copy.copy(self)
        ahead._firsts, ahead._shapes = dict(self._firsts), dict(self._shapes)
        while ahead._next_run(1 << 30) is not None:
            pass
        return ahead.number - self.number

    def position(self) -> tuple[int, int]:
        """Return a place that can be compared with that of a record: (segment's index, offset)."""
        return (self._segments[self._at].index, self._offset) if self._at < len(self._segments) else (0, 0)

    def free(self, committed: int) -> None:
        """Let go of the segments all of whose points, up to the number `committed`, are needed no more."""
        while self._at > 0 and self._firsts[self._segments[1].index] <= committed + 1:
            self._segments.pop(0).discard()
            self._at -= 1
            self.first_point = self._firsts[self._segments[0].index]

    def _next_run(self, limit: int, at_least: int = 0) -> tuple[int, tuple[str, ...], int] | None:
        """Pass over rows of one shape and return (offset, keys, rows).

        At most `limit` points, but `at_least` so many rows; None at the end and when not a row is allowed.
        """
        while self._at < len(self._segments):
            segment = self._segments[self._at]
            end = segment.end
            while self._offset < end:
                number, words = records.head_at(segment.data, self._offset)
                if number:
                    return self._rows(segment, end, number, words, limit, at_least)
                declared, keys = records.read_declaration(segment.data, self._offset)
                self._shapes[declared] = keys
                self._offset += words * _WORD
            if not self._next_segment(segment):
                break
        return None

    def _rows(
        self, segment: Segment | ClosedSegment, end: int, number: int, words: int, limit: int, at_least: int
    ) -> tuple[int, tuple[str, ...], int] | None:
        keys = self._shapes[number]
        offset = self._offset
        most = min(max(limit // len(keys), at_least), (end - offset) // (words * _WORD))
        if most == 0:
            return None
        with memoryview(segment.data) as view:
            heads = view[offset:end].cast("I")[1 :: words * 2]
            head = heads[0]
            count = 1
            while count < most and heads[count] == head:
                count += 1
            heads.release()
        self._offset += count * words * _WORD
        self.number += count * len(keys)
        return offset, keys, count

    def _decode(self, offset: int, keys: tuple[str, ...], count: int) -> Rows:
        words = records.ROW_WORDS + len(keys)
        with memoryview(self._segments[self._at].data) as view:
            block = view[offset : offset + count * words * _WORD]
            whole, real = block.cast("q"), block.cast("d")
            values: list[Any] = [real[records.ROW_WORDS + k :: words].tolist() for k in range(len(keys))]
            return Rows(
                keys,
                times=whole[1::words].tolist(),
                steps=whole[2::words].tolist(),
                columns=values,
            )

    def _next_segment(self, segment: Segment | ClosedSegment) -> bool:
        """Go on to the next segment; False when there is none, or when this one got another record meanwhile."""
        if self._at + 1 == len(self._segments):
            return False
        segment.seal()
        if segment.end != self._offset:
            return True
        following = self._segments[self._at + 1]
        segment.let_go()
        following.begin_at(self.number)
        self._firsts[following.index] = self.number
        self._at += 1
        self._offset = records.HEADER_BYTES
        self._shapes = {}
        return True
