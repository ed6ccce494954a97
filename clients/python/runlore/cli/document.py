"""A page of sections, written as text, Markdown or HTML. Knows nothing of the contract.

What it says comes from records, which anybody may have written: text has its control characters escaped, Markdown what
would be markup besides, and HTML everything that is not a letter to it.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field

from runlore.cli import output

_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>|#~!&])")
#: Characters of a cell that stays on one line: a time has as many. And of a word that is broken where its column would
#: be too wide, such as a digest.
_SHORT, _LONG_WORD = 20, 24
_STYLE = """\
:root {
  color-scheme: light dark;
  --paper: #fff; --ink: #1b1f24; --faint: #57606a; --line: #d0d7de; --thin: #eaeef2; --good: #1a7f37; --bad: #b42318
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --paper: #15181c; --ink: #e3e6ea; --faint: #9aa4af; --line: #3d444d; --thin: #262b31; --good: #4ac26b;
    --bad: #ff7b72
  }
}
body {
  font: 14px/1.45 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 60rem;
  margin: 2rem auto; padding: 0 1rem
}
h1 { font-size: 1.5rem; margin: 0; overflow-wrap: anywhere }
h2 { font-size: 1.05rem; margin: 1.6rem 0 .4rem; border-bottom: 1px solid var(--line) }
.verdict { margin: .3rem 0 0; overflow-wrap: anywhere }
.good { color: var(--good) } .bad { color: var(--bad); font-weight: 600 }
.wide { overflow-x: auto } table { border-collapse: collapse; width: 100% } p { margin: .3rem 0 }
th, td { text-align: left; vertical-align: top; padding: .2rem .8rem .2rem 0; overflow-wrap: break-word }
td { font-variant-numeric: tabular-nums; white-space: pre-wrap }
.short { white-space: nowrap } .long { overflow-wrap: anywhere }
thead th { border-bottom: 1px solid var(--line) } tbody tr + tr > * { border-top: 1px solid var(--thin) }
.pairs { margin-bottom: .4rem } .pairs th { width: 11rem; font-weight: 500; color: var(--faint) }
.right { text-align: right } .marked { color: var(--good); font-weight: 600 } .marked::after { content: " ★" }
@media print {
  body { margin: 0; padding: 0; max-width: none; font-size: 9pt } h2 { break-after: avoid } tr { break-inside: avoid }
  thead { display: table-header-group } .wide { overflow: visible }
}
@page { margin: 14mm }
"""


_VERDICTS: dict[bool | None, Callable[[str], str]] = {True: output.good, False: output.bad, None: str}


@dataclass(frozen=True)
class Section:
    """A title and what is under it: pairs, then a drawing, then a table, then a remark; each may be missing."""

    title: str
    pairs: Sequence[tuple[str, str]] = ()
    headers: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()
    #: Indexes of right-aligned columns.
    right: Sequence[int] = ()
    #: The cells to point out, as (row, column).
    marked: Collection[tuple[int, int]] = ()
    remark: str = ""
    #: Markup of our own making, for HTML only; what comes from records is escaped in it.
    figure: str = ""


@dataclass
class Page:
    """What is written; plain text throughout."""

    title: str
    #: The first thing to know, and whether it is good; None: neither good nor bad.
    verdict: str
    good: bool | None
    sections: list[Section] = field(default_factory=list)
    #: CSS beside the page's own, for figures.
    style: str = ""


def as_text(page: Page) -> list[str]:
    """Return the lines for a terminal or a pipe; a marked cell has a star."""
    lines = [output.strong(output.clean(page.title)), _VERDICTS[page.good](output.clean(page.verdict))]
    for section in page.sections:
        if body := section_text(section):
            lines += ["", output.strong(output.clean(section.title)), *body]
    return lines


def section_text(section: Section) -> list[str]:
    """Return the lines of a section below its title."""
    body = output.pairs((output.clean(name), output.clean(value)) for name, value in section.pairs if value)
    if section.rows:
        body += output.table([output.clean(h) for h in section.headers], _text_cells(section), right=section.right)
    if section.remark:
        body.append(output.clean(section.remark))
    return output.indented(body)


def _text_cells(section: Section) -> list[list[str]]:
    starred = {column for _, column in section.marked}
    cells = [[output.clean(cell) for cell in row] for row in section.rows]
    for i, row in enumerate(cells):
        for column in starred:
            # Cells without a star keep its place, so that numbers stay in line.
            row[column] = output.good(f"{row[column]} *") if (i, column) in section.marked else f"{row[column]}  "
    return cells


def as_markdown(page: Page) -> list[str]:
    """Return the lines of a Markdown file, with the tables of GitHub's."""
    lines = [f"# {_md(page.title)}", "", f"**{_md(page.verdict)}**"]
    for section in page.sections:
        lines += ["", f"## {_md(section.title)}", ""]
        pairs = [(name, value) for name, value in section.pairs if value]
        if pairs:
            lines += _md_table(["", ""], pairs, ())
        if section.rows:
            rows = [
                [f"{cell} *" if (i, j) in section.marked else cell for j, cell in enumerate(row)]
                for i, row in enumerate(section.rows)
            ]
            lines += ([""] if pairs else []) + _md_table(section.headers, rows, section.right)
        if section.remark:
            lines += ([""] if pairs or section.rows else []) + [_md(section.remark)]
    return lines


def as_html(page: Page) -> list[str]:
    """Return the lines of one HTML file that needs no other."""
    title, verdict = _html(page.title), _html(page.verdict)
    mood = {True: " good", False: " bad", None: ""}[page.good]
    lines = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">",
        f"<title>{title}</title>",
        f"<style>\n{_STYLE}{page.style}</style></head><body>",
        f'<h1>{title}</h1><p class="verdict{mood}">{verdict}</p>',
    ]
    for section in page.sections:
        lines.append(f"<section><h2>{_html(section.title)}</h2>")
        pairs = [(name, value) for name, value in section.pairs if value]
        if pairs:
            lines.append('<table class="pairs"><tbody>')
            lines += [
                f'<tr><th scope="row">{_html(name)}</th><td{_class(_breaking(value))}>{_html(value)}</td></tr>'
                for name, value in pairs
            ]
            lines.append("</tbody></table>")
        if section.figure:
            lines.append(section.figure)
        if section.rows:
            lines += _html_table(section)
        if section.remark:
            lines.append(f"<p>{_html(section.remark)}</p>")
        lines.append("</section>")
    return [*lines, "</body></html>"]


def _html_table(section: Section) -> list[str]:
    heads = "".join(f"<th{_classes(section, -1, i)}>{_html(h)}</th>" for i, h in enumerate(section.headers))
    lines = [f'<div class="wide"><table><thead><tr>{heads}</tr></thead><tbody>']
    for number, row in enumerate(section.rows):
        cells = "".join(f"<td{_classes(section, number, i, cell)}>{_html(cell)}</td>" for i, cell in enumerate(row))
        lines.append(f"<tr>{cells}</tr>")
    return [*lines, "</tbody></table></div>"]


def _classes(section: Section, row: int, column: int, cell: str = "") -> str:
    names = ["right"] * (column in section.right) + ["marked"] * ((row, column) in section.marked)
    return _class(names + _breaking(cell))


def _class(names: Sequence[str]) -> str:
    return f' class="{" ".join(names)}"' if names else ""


def _breaking(cell: str) -> list[str]:
    """How the text of a cell may be broken: a long word wherever there is need; a number, a word or a time never."""
    long = any(len(word) > _LONG_WORD for word in cell.split())
    return ["long"] if long else ["short"] if 0 < len(cell) <= _SHORT else []


def _md(text: str) -> str:
    return _MARKDOWN.sub(r"\\\1", output.clean(text))


def _md_table(headers: Sequence[str], rows: Iterable[Sequence[str]], right: Sequence[int]) -> list[str]:
    ruler = ["--:" if i in right else "---" for i in range(len(headers))]
    return [_md_row([_md(h) for h in headers]), _md_row(ruler), *(_md_row([_md(cell) for cell in row]) for row in rows)]


def _md_row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _html(text: str) -> str:
    return html.escape(output.clean(text))
