"""A page of sections, written as text, Markdown or HTML. Knows nothing of the contract.

What it says comes from records, which anybody may have written: text has its control characters escaped, Markdown what
would be markup besides, and HTML everything that is not a letter to it.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from runlore.cli import output

_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>|#~!&])")
_STYLE = """\
body { font: 14px/1.45 system-ui, sans-serif; color: #1b1f24; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.5rem; margin: 0 } h2 { font-size: 1.05rem; margin: 1.6rem 0 .4rem; border-bottom: 1px solid #d0d7de }
.verdict { margin: .3rem 0 0 } .good { color: #1a7f37 } .bad { color: #b42318; font-weight: 600 }
table { border-collapse: collapse; width: 100% } p { margin: .3rem 0 }
th, td { text-align: left; vertical-align: top; padding: .2rem .8rem .2rem 0; overflow-wrap: anywhere }
thead th { border-bottom: 1px solid #d0d7de } tbody tr + tr > * { border-top: 1px solid #eaeef2 }
.pairs th { width: 11rem; font-weight: 500; color: #57606a } .right { text-align: right }
td { font-variant-numeric: tabular-nums; white-space: pre-wrap }
@media print {
  body { margin: 0; max-width: none; font-size: 10pt } h2 { break-after: avoid } tr { break-inside: avoid }
  thead { display: table-header-group }
}
@page { margin: 16mm }
"""


@dataclass(frozen=True)
class Section:
    """A title and what is under it: pairs of a name and a value, then a table, then a remark; each may be missing."""

    title: str
    pairs: Sequence[tuple[str, str]] = ()
    headers: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()
    #: Indexes of right-aligned columns.
    right: Sequence[int] = ()
    remark: str = ""


@dataclass
class Page:
    """What is written; plain text throughout."""

    title: str
    #: The first thing to know, and whether it is good.
    verdict: str
    good: bool
    sections: list[Section] = field(default_factory=list)


def as_text(page: Page) -> list[str]:
    """Return the lines for a terminal."""
    lines = [
        output.strong(output.clean(page.title)),
        (output.good if page.good else output.bad)(output.clean(page.verdict)),
    ]
    for section in page.sections:
        lines += ["", output.strong(output.clean(section.title))]
        body = output.pairs((output.clean(name), output.clean(value)) for name, value in section.pairs if value)
        if section.rows:
            cells = [[output.clean(cell) for cell in row] for row in section.rows]
            body += output.table([output.clean(h) for h in section.headers], cells, right=section.right)
        if section.remark:
            body.append(output.clean(section.remark))
        lines += [f"  {line}" for line in body]
    return lines


def as_markdown(page: Page) -> list[str]:
    """Return the lines of a Markdown file, with the tables of GitHub's."""
    lines = [f"# {_md(page.title)}", "", f"**{_md(page.verdict)}**"]
    for section in page.sections:
        lines += ["", f"## {_md(section.title)}", ""]
        pairs = [(name, value) for name, value in section.pairs if value]
        if pairs:
            lines += _md_table(["", ""], pairs, ())
        if section.rows:
            lines += ([""] if pairs else []) + _md_table(section.headers, section.rows, section.right)
        if section.remark:
            lines += ([""] if pairs or section.rows else []) + [_md(section.remark)]
    return lines


def as_html(page: Page) -> list[str]:
    """Return the lines of one HTML file that needs no other."""
    title, verdict = _html(page.title), _html(page.verdict)
    lines = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">",
        f"<title>{title}</title>",
        f"<style>\n{_STYLE}</style></head><body>",
        f'<h1>{title}</h1><p class="verdict {"good" if page.good else "bad"}">{verdict}</p>',
    ]
    for section in page.sections:
        lines.append(f"<section><h2>{_html(section.title)}</h2>")
        pairs = [(name, value) for name, value in section.pairs if value]
        if pairs:
            lines.append('<table class="pairs"><tbody>')
            lines += [f'<tr><th scope="row">{_html(name)}</th><td>{_html(value)}</td></tr>' for name, value in pairs]
            lines.append("</tbody></table>")
        if section.rows:
            kinds = [' class="right"' if i in section.right else "" for i in range(len(section.headers))]
            heads = "".join(f"<th{k}>{_html(h)}</th>" for h, k in zip(section.headers, kinds, strict=True))
            lines.append(f"<table><thead><tr>{heads}</tr></thead><tbody>")
            for row in section.rows:
                cells = "".join(f"<td{k}>{_html(cell)}</td>" for cell, k in zip(row, kinds, strict=True))
                lines.append(f"<tr>{cells}</tr>")
            lines.append("</tbody></table>")
        if section.remark:
            lines.append(f"<p>{_html(section.remark)}</p>")
        lines.append("</section>")
    return [*lines, "</body></html>"]


def _md(text: str) -> str:
    return _MARKDOWN.sub(r"\\\1", output.clean(text))


def _md_table(headers: Sequence[str], rows: Iterable[Sequence[str]], right: Sequence[int]) -> list[str]:
    ruler = ["--:" if i in right else "---" for i in range(len(headers))]
    return [_md_row([_md(h) for h in headers]), _md_row(ruler), *(_md_row([_md(cell) for cell in row]) for row in rows)]


def _md_row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _html(text: str) -> str:
    return html.escape(output.clean(text))
