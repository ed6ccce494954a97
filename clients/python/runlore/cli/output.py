"""What the commands print: tables, sparklines, times, JSON. Knows nothing of the contract but that records are protos.

Styles vanish by themselves when the output is no terminal, unless `FORCE_COLOR` is set, and when `NO_COLOR` is.
"""

from __future__ import annotations

import json
import math
import os
import re
import shutil
import sys
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from google.protobuf.message import Message
    from google.protobuf.timestamp_pb2 import Timestamp

_BARS = "▁▂▃▄▅▆▇█"
_GAP = "·"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_STYLES = re.compile(r"(\x1b\[[0-9;]*m)")


def echo(text: str, *, err: bool = False) -> None:
    """Print a line to stdout or stderr, styled only on a terminal."""
    click.echo(text, err=err, color=_coloured())


def _coloured() -> bool | None:
    """Return what the environment says of colours (https://no-color.org, https://force-color.org); None: nothing."""
    if os.environ.get("NO_COLOR"):
        return False
    return True if os.environ.get("FORCE_COLOR") else None


def width() -> int | None:
    """Return how many columns the terminal has that stdout is; None when it is a file or a pipe."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def wider(lines: Iterable[str], columns: int) -> bool:
    """Return whether a line has no room in so many columns of a terminal."""
    return any(_width(line) > columns for line in lines)


def cut(line: str, columns: int) -> str:
    """Return a line, which may be styled, with an ellipsis for what is beyond so many columns of the terminal."""
    if _width(line) <= columns:
        return line
    kept, used = [], 0
    for piece in _STYLES.split(line):
        if piece.startswith("\x1b"):
            # Styles beyond the cut stay, as the one that ends what was begun.
            kept.append(piece)
            continue
        for character in piece if used < columns else "":
            wide = _width(character)
            if used + wide > columns - 1:
                kept.append("…")
                used = columns
                break
            kept.append(character)
            used += wide
    return "".join(kept)


def strong(text: str) -> str:
    """Mark what the eye should find first."""
    return click.style(text, bold=True)


def faint(text: str) -> str:
    """Mark what is there only for completeness."""
    return click.style(text, dim=True)


def good(text: str) -> str:
    """Mark a success."""
    return click.style(text, fg="green")


def bad(text: str) -> str:
    """Mark a failure."""
    return click.style(text, fg="red")


def record(message: Message) -> dict[str, Any]:
    """Return proto3 JSON of a record: the contract's field names, defaults where nothing is set, int64 as strings."""
    from google.protobuf.json_format import MessageToDict

    return MessageToDict(message, preserving_proto_field_name=True, always_print_fields_with_no_presence=True)


def echo_json(value: object) -> None:
    """Print a value as one JSON document."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))


def clean(text: str) -> str:
    """Return the text with control characters escaped: what a record says must not steer a terminal."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def table(headers: Sequence[str], rows: Iterable[Sequence[str]], right: Iterable[int] = ()) -> list[str]:
    """Return the lines of a table; cells may be styled. `right` holds the indexes of right-aligned columns."""
    cells = [[strong(h) if h else "" for h in headers], *[list(row) for row in rows]]
    widths = [max(_width(row[i]) for row in cells) for i in range(len(headers))]
    aligned_right = set(right)
    lines = []
    for row in cells:
        padded = []
        for i, cell in enumerate(row):
            space = " " * (widths[i] - _width(cell))
            padded.append(space + cell if i in aligned_right else cell + space)
        lines.append("  ".join(padded).rstrip())
    return lines


def pairs(rows: Iterable[tuple[str, str]]) -> list[str]:
    """Return the lines of a record: names in one column, values in the next."""
    listed = list(rows)
    width = max((_width(name) for name, _ in listed), default=0)
    return [f"{strong(name)}{' ' * (width - _width(name))}  {value}".rstrip() for name, value in listed]


def labels(title: str, entries: Mapping[str, str]) -> list[str]:
    """Return the lines of params or tags under a title, after an empty one; none without any."""
    if not entries:
        return []
    rows = [(clean(key), clean(entries[key])) for key in sorted(entries)]
    return ["", strong(title), *indented(pairs(rows))]


def indented(lines: Iterable[str]) -> list[str]:
    """Return lines as they stand under a title."""
    return [f"  {line}" for line in lines]


def readiness(word: str) -> str:
    """Mark a status of files: `ready` and `failed`, all else as it is."""
    return {"ready": good, "failed": bad}.get(word, str)(word)


def _width(text: str) -> int:
    """Return how many terminal columns the text takes."""
    plain = click.unstyle(text)
    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in plain)
    marks = sum(unicodedata.combining(c) != 0 for c in plain)
    return len(plain) + wide - marks


def number(value: float) -> str:
    """Return a number in at most 6 significant digits."""
    return f"{value:.6g}"


def size(count: int) -> str:
    """Return a number of bytes in the unit that reads best."""
    if count < 1024:
        return f"{count} B"
    scaled = float(count)
    for unit in ("KiB", "MiB", "GiB"):
        scaled /= 1024
        if scaled < 1024:
            return f"{scaled:.1f} {unit}"
    return f"{scaled / 1024:.1f} TiB"


def time(stamp: Timestamp) -> str:
    """Return a time in UTC, to the second."""
    return datetime.fromtimestamp(stamp.seconds, UTC).strftime("%Y-%m-%d %H:%M:%SZ")


def moment(micros: int) -> str:
    """Return a time in microseconds since the Unix epoch as `time` does; the number where no calendar reaches."""
    try:
        return f"{_EPOCH + timedelta(microseconds=micros):%Y-%m-%d %H:%M:%S}Z"
    except OverflowError:
        return f"{micros}us"


def exact_moment(micros: int) -> str:
    """Return the same for programs: RFC 3339, to the microsecond."""
    try:
        return f"{(_EPOCH + timedelta(microseconds=micros)).replace(tzinfo=None).isoformat(timespec='microseconds')}Z"
    except OverflowError:
        return f"{micros}us"


def json_number(value: float) -> float | str:
    """Return a number as proto3 JSON has it: what JSON has no number for is a text."""
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def duration(seconds: float) -> str:
    """Return a span of time in its two greatest units."""
    if seconds < 60:
        return f"{seconds:.1f}s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes}m {rest:02d}s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours}h {minutes:02d}m" if hours < 48 else f"{hours // 24}d {hours % 24}h"


def sparkline(values: Sequence[float], width: int = 40) -> str:
    """Draw a series in at most `width` characters, each its share's mean; a dot is a share without a finite value."""
    if not values:
        return ""
    count = min(width, len(values))
    shares = [values[i * len(values) // count : (i + 1) * len(values) // count] for i in range(count)]
    means = [_mean([v for v in share if math.isfinite(v)]) for share in shares]
    drawn = [m for m in means if m is not None]
    low, high = (min(drawn), max(drawn)) if drawn else (0.0, 0.0)
    return "".join(_GAP if m is None else _bar(m, low, high) for m in means)


def _mean(values: Sequence[float]) -> float | None:
    # Divided first: the sum of finite numbers may not be finite.
    return sum(v / len(values) for v in values) if values else None


def _bar(value: float, low: float, high: float) -> str:
    if high == low:
        return _BARS[len(_BARS) // 2]
    # Halved: the span of two finite numbers may not be finite.
    share = (value / 2 - low / 2) / (high / 2 - low / 2)
    return _BARS[min(len(_BARS) - 1, int(share * len(_BARS)))]
