"""Metrics drawn by matplotlib: what is on the axes, what is in the files, and what of matplotlib stays untouched."""

from __future__ import annotations

import math
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import matplotlib
import pytest

import runlore
import runlore.aio
from runlore import _plots, v1
from runlore._curves import COLOURS, Line, panels, style, time_unit
from runlore._tables import Series

NAN = math.nan


def runs(count: int) -> list[v1.Run]:
    found = [v1.Run(run_id=f"{i:032x}", name=f"run-{i}") for i in range(count)]
    for run in found:
        run.start_time.FromSeconds(1000)
    return found


def curve(run: v1.Run, key: str, *points: tuple[int, float]) -> Series:
    series = Series(run.run_id, key, len(points))
    for i, (step, value) in enumerate(points):
        series.steps.append(step)
        series.times_unix_us.append(1_000_000_000 + 500_000 * i)
        series.values.append(value)
    return series


def test_a_line_is_ordered_by_step_and_has_gaps() -> None:
    (run,) = runs(1)
    (line,) = panels([run], [curve(run, "m", (2, 3.0), (0, 1.0), (1, math.inf), (1, 2.0))], None, "step")["m"]
    assert line.xs == [0, 1, 1, 2]
    assert str(line.ys) == "[1.0, nan, 2.0, 3.0]"
    (line,) = panels([run], [curve(run, "m", (2, 3.0), (0, 1.0))], None, "time")["m"]
    assert (line.xs, line.ys) == ([0.0, 0.5], [3.0, 1.0])


def test_panels_are_in_the_order_asked_for() -> None:
    run, other = runs(2)
    curves = [curve(other, "b", (0, 1.0)), curve(run, "b", (0, 1.0)), curve(run, "a", (0, 1.0))]
    assert list(panels([run, other], curves, None, "step")) == ["a", "b"]
    assert [line.run for line in panels([run, other], curves, None, "step")["b"]] == [0, 1]
    assert list(panels([run, other], curves, ["b", "gone", "a"], "step")) == ["b", "a"]


@pytest.mark.parametrize(
    ("seconds", "unit"), [(0, "s"), (120, "s"), (121, "min"), (7200, "min"), (10**4, "h"), (10**6, "days")]
)
def test_spans_of_time_have_a_unit_that_reads_well(seconds: float, unit: str) -> None:
    assert time_unit([[Line(0, [0.0, seconds], [0.0, 0.0])]])[0] == unit


def test_twenty_runs_are_told_apart() -> None:
    assert len({style(number) for number in range(28)}) == 28
    assert {style(number)[0] for number in range(7)} == set(COLOURS)


def test_a_figure_has_a_panel_a_metric_and_a_name_a_run() -> None:
    listed = runs(3)
    curves = [curve(run, key, (0, 1.0), (1, NAN), (2, 2.0)) for run in listed for key in ("a", "b")]
    figure = _plots.draw(listed, ["one", "_two", "$three$"], curves)
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["a", "b"]
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["one", " _two", r"\$three\$"]
    line, dots = figure.axes[0].lines[:2]
    assert str(line.get_ydata()) == "[ 1. nan  2.]"
    # Each end is alone beside the gap.
    assert (dots.get_marker(), list(dots.get_ydata())) == ("o", [1.0, 2.0])


def test_an_svg_has_its_text_as_text(tmp_path: Path) -> None:
    (run,) = runs(1)
    _plots.draw([run], ["the <run>"], [curve(run, "val & auc", (0, 1.0))], path=tmp_path / "p.svg")
    texts = [e.text for e in ElementTree.parse(tmp_path / "p.svg").iter("{http://www.w3.org/2000/svg}text")]
    assert {"the <run>", "val & auc", "step"} <= set(texts)


@pytest.mark.parametrize(("ending", "magic"), [(".png", b"\x89PNG"), (".PDF", b"%PDF"), (".svg", b"<?xml")])
def test_the_ending_names_the_format(tmp_path: Path, ending: str, magic: bytes) -> None:
    (run,) = runs(1)
    _plots.draw([run], ["r"], [curve(run, "m", (0, NAN))], path=tmp_path / f"p{ending}")
    assert (tmp_path / f"p{ending}").read_bytes().startswith(magic)
    assert len(list(tmp_path.iterdir())) == 1


def settings() -> dict[str, object]:
    """Return matplotlib's global settings; looking at the backend would choose one."""
    return {key: matplotlib.rcParams[key] for key in matplotlib.rcParams if key != "backend"}


def test_matplotlib_stays_as_it_was(tmp_path: Path) -> None:
    before = settings()
    (run,) = runs(1)
    _plots.draw([run], ["r"], [curve(run, "m", (0, 1.0))], path=tmp_path / "p.svg")
    assert settings() == before
    code = (
        "import sys; from runlore import _plots, v1; from runlore._tables import Series\n"
        "_plots.draw([v1.Run(run_id='a')], ['r'], [Series('a', 'm', 1, [0], [0], [1.0])], path=sys.argv[1])\n"
        "print('matplotlib.pyplot' in sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "p.png")], capture_output=True, text=True, check=False
    )
    assert done.stdout == "False\n", done.stderr


def test_a_run_draws_what_it_has_logged_so_far(client: runlore.Client, tmp_path: Path) -> None:
    with client.start_run("ctr", name="only") as run:
        run.log({"loss": 1.0, "auc": 0.5}, step=0)
        run.log({"loss": 0.5}, step=1)
        figure = run.plot(tmp_path / "p.png")
        assert [list(axes.lines[0].get_ydata()) for axes in figure.axes] == [[0.5], [1.0, 0.5]]
    assert (tmp_path / "p.png").exists()
    assert [axes.get_title(loc="left") for axes in run.plot(keys=["loss"], x="time").axes] == ["loss"]


async def test_runs_are_drawn_together(client: runlore.Client, aio_client: runlore.aio.Client, tmp_path: Path) -> None:
    ids = []
    for number in range(2):
        with client.start_run("ctr", name="same") as run:
            run.log({"loss": number})
        ids.append(run.run_id)
    labels = [f"same {run_id[-6:]}" for run_id in ids]
    for figure in (
        client.plot(ids),
        client.compare(ids).plot(),
        await aio_client.plot(ids),
        await (await aio_client.compare(ids)).plot(tmp_path / "p.svg"),
    ):
        assert [text.get_text() for text in figure.legends[0].get_texts()] == labels
    assert (tmp_path / "p.svg").exists()


def test_what_cannot_be_drawn_is_refused(client: runlore.Client, tmp_path: Path) -> None:
    with client.start_run("ctr") as run:
        pass
    with pytest.raises(runlore.InvalidArgumentError, match="no run has points"):
        run.plot()
    with pytest.raises(runlore.InvalidArgumentError, match="name no metric"):
        run.plot(keys=["loss"])
    with pytest.raises(runlore.InvalidArgumentError, match=r"x: is 'epoch': give 'step' or 'time'"):
        run.plot(x="epoch")  # type: ignore[arg-type]  # what a caller may write
    with pytest.raises(runlore.InvalidArgumentError, match=r"path: .*end it in .png, .svg or .pdf"):
        run.plot(tmp_path / "p.jpg")
    with pytest.raises(runlore.NotFoundError):
        client.plot("f" * 32)


def test_without_matplotlib_it_says_what_to_install() -> None:
    code = (
        "import sys; sys.modules['matplotlib'] = sys.modules['matplotlib.figure'] = None\n"
        "import runlore\n"
        "try: runlore.connect('127.0.0.1:1').plot('a' * 32)\n"
        "except runlore.RunloreError as error: print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout == "this needs matplotlib, which is not installed: pip install 'runlore[plot]'\n", done.stderr
