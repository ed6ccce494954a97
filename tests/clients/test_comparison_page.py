"""The report of a comparison: one HTML file, everything of records escaped, curves as SVG."""

from __future__ import annotations

import math
import re
from array import array
from collections.abc import Callable, Sequence
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import runlore
from runlore import v1
from runlore._tables import Series
from runlore.cli import comparison_page, curves_svg, parallel_svg
from runlore.comparing import Compared, SideBySide
from tests.clients.commands import Done

Command = Callable[..., Done]
EVIL = "<script>alert('1')</script>\"><img src=x onerror=alert(1)>"
NOTHING: SideBySide[str] = SideBySide({}, {})


class Page(HTMLParser):
    """Which elements a page has, with their attributes; the text of each kind."""

    VOID = ("meta", "img", "br")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self.open: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.setdefault(self.open[-1] if self.open else "", []).append(data)


def series(*points: tuple[int, float]) -> Series:
    steps, values = array("q", [step for step, _ in points]), array("d", [value for _, value in points])
    return Series("a", "m", len(points), steps, array("q", [0] * len(points)), values)


def compared(params: Sequence[dict[str, str]], last: Sequence[float] = (), **directions: str) -> Compared:
    values = last or [0.0] * len(params)
    runs = [
        v1.Run(run_id=f"{i:032x}", name=f"run-{i}", params=p, metrics=[v1.MetricSummary(key="auc", last=x, count=1)])
        for i, (p, x) in enumerate(zip(params, values, strict=True))
    ]
    return Compared(runs, SideBySide.of(params), NOTHING, NOTHING, NOTHING, NOTHING, directions)


def test_the_report_is_one_file_that_loads_and_runs_nothing(
    run: Command, client: runlore.Client, tmp_path: Path
) -> None:
    ids = []
    for number in range(2):
        params = {EVIL: f"{EVIL}{number}", "same": EVIL}
        with client.start_run(EVIL, name=EVIL, params=params, tags={f"runlore.{EVIL}": EVIL}) as made:
            made.log({EVIL: number})
            made.log({EVIL: number + 1})
            ids.append(made.run_id)
    file = tmp_path / "report.html"
    said = run("runs", "compare", *ids, "--html", str(file))
    assert said.out.endswith(f"\nwritten {file}\n")
    text = file.read_text(encoding="utf-8")
    page = Page(text)
    allowed = {"html", "head", "meta", "title", "style", "body", "h1", "h2", "p", "section", "div", "table", "thead"}
    allowed |= {"tbody", "tr", "th", "td", "ul", "li", "figure", "figcaption", "svg", "line", "text", "path"}
    assert {tag for tag, _ in page.elements} <= allowed
    assert not [name for _, attrs in page.elements for name in attrs if name.startswith("on")]
    assert not [attrs for _, attrs in page.elements if attrs.keys() & {"src", "href", "action", "data"}]
    assert "url(" not in text
    assert "@import" not in text
    policy = next(attrs["content"] for tag, attrs in page.elements if attrs.get("http-equiv"))
    assert policy == "default-src 'none'; style-src 'unsafe-inline'"
    assert f"{EVIL}0" in page.texts["td"]
    assert page.texts["figcaption"] == [EVIL]


def test_the_sdk_writes_the_same_report(client: runlore.Client, tmp_path: Path) -> None:
    ids = []
    for number in range(2):
        with client.start_run("ctr") as made:
            made.log({"auc": number})
            ids.append(made.run_id)
    (tmp_path / "r.html").write_text("before")
    page = client.compare(ids).to_html(tmp_path / "r.html")
    assert (tmp_path / "r.html").read_text(encoding="utf-8") == page
    assert page.startswith("<!doctype html>")


def test_the_best_are_marked() -> None:
    found = compared([{"C": "1"}, {"C": "2"}, {"C": "3"}], [0.5, 0.9, 0.9], auc="max")
    page = Page(comparison_page.html(found, []))
    assert [attrs.get("class", "") for tag, attrs in page.elements if tag == "td"].count("right marked short") == 2
    assert "Marked: the best last value by max:auc." in page.texts["p"]
    plain = Page(comparison_page.html(compared([{"C": "1"}, {"C": "2"}]), []))
    assert not [attrs for _, attrs in plain.elements if "marked" in (attrs.get("class") or "")]


def test_a_line_breaks_at_what_is_not_finite() -> None:
    run = v1.Run(run_id="a", name="r")
    curve = series((0, 1.0), (1, math.nan), (2, 2.0), (3, 3.0))
    page = Page(comparison_page.html(Compared([run], *[NOTHING] * 5), [curve]))
    (path,) = [attrs["d"] for tag, attrs in page.elements if tag == "path"]
    assert path is not None
    # A point alone, which is drawn as a dot, then a line.
    assert re.fullmatch(r"M[\d.]+ [\d.]+h0M[\d.]+ [\d.]+h0L[\d.]+ [\d.]+", path)


NUMBERS = st.floats() | st.sampled_from([0.0, -0.0, 1e308, -1e308, 5e-324, math.inf, math.nan, 1.0])


@given(st.lists(st.tuples(st.integers(-(2**63), 2**63 - 1), NUMBERS), min_size=1, max_size=8))
def test_any_series_is_drawn_within_its_panel(points: list[tuple[int, float]]) -> None:
    from runlore._curves import panels

    run = v1.Run(run_id="a", name="r")
    drawn = curves_svg.panels(panels([run], [series(*points)], None, "step"), ["r"], "step")
    page = Page(drawn)
    for tag, attrs in page.elements:
        if tag == "path":
            numbers = [float(n) for n in re.findall(r"-?[\d.]+", (attrs["d"] or "").replace("h0", ""))]
            assert all(0 <= x <= 360 for x in numbers[::2])
            assert all(0 <= y <= 200 for y in numbers[1::2])
    assert "nan" not in drawn.replace("nan</title>", "")


def test_ticks_are_round_numbers_within_the_range() -> None:
    assert curves_svg._Scale([0.0, 0.97]).ticks(4) == [0.0, 0.5]
    assert curves_svg._Scale([0, 299]).ticks(4) == [0, 100, 200]
    assert curves_svg._Scale([5.0]).ticks(4) == [5.0]
    assert curves_svg._Scale([math.nan]).ticks(4) == []


def test_parallel_coordinates_need_runs_params_and_a_direction() -> None:
    few = [{"C": str(i)} for i in range(3)]
    many = [{"C": str(10**i), "solver": "ab"[i % 2], "text": f"{i}" * 40} for i in range(6)]
    last = [0.1, 0.2, math.nan, 0.4, 0.6, 0.5]
    assert parallel_svg.figure(compared(few, auc="max")) == ""
    assert parallel_svg.figure(compared(many, last)) == ""
    assert parallel_svg.figure(compared([{"C": "1"}] * 6, last, auc="max")) == ""
    page = Page(parallel_svg.figure(compared(many, last, auc="max")))
    lines = [attrs for tag, attrs in page.elements if tag == "polyline"]
    # The run without a number is left out; the best is the last one drawn, and thick.
    assert len(lines) == 5
    assert [attrs["style"] for attrs in lines] == ["stroke-width:1.3"] * 4 + ["stroke-width:3"]
    assert page.texts["title"][-1] == "run-4: 0.6"
    # Logarithmic: powers of ten are equally far from each other.
    heights = [float((attrs["points"] or "").split()[0].split(",")[1]) for attrs in lines]
    assert heights == pytest.approx([248 - 42.8 * run for run in (0, 1, 3, 5, 4)], abs=0.1)
    assert {"C", "solver", "max:auc"} <= set(page.texts["text"])


def test_the_other_formats_of_a_page_have_the_marks_too() -> None:
    from runlore.cli import document

    found = comparison_page.page(compared([{"C": "1"}, {"C": "2"}], [0.5, 0.9], auc="max"))
    assert "| auc | 0.5 | 0.9 \\* |" in document.as_markdown(found)
