"""Owns the page of a Similarity: a ranked table, and the code of the most alike side by side.

In: Similarity, whose code and names students wrote. Out: one HTML file that needs nothing else.
The rule: everything is escaped, nothing on it runs, and its own policy (CSP) allows its own style sheet and no more.
"""

import base64
import hashlib
import html
from collections.abc import Iterator, Sequence

from grader.similarity import Pair, Side, Similarity
from grader.text import one_line

_PAIRS_WITH_CODE = 30
_MOST_LINES = 2_000  # of one submission

_STYLE = """
body { font-family: system-ui, sans-serif; margin: 2rem auto; max-width: 80rem; padding: 0 1rem; line-height: 1.4; }
table { border-collapse: collapse; }
th, td { text-align: left; padding: .25rem .75rem; border-bottom: 1px solid #8888; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
.sides { display: flex; gap: 1rem; }
.sides > div { flex: 1; min-width: 0; }
pre { overflow-x: auto; border: 1px solid #8888; padding: .5rem; }
mark { background: #ffd54a; color: #000; }
summary { cursor: pointer; padding: .25rem 0; }
"""
_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; style-src 'sha256-{digest}'"


def draw_similarity(similarity: Similarity) -> str:
    """Draw the page."""
    digest = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    title = _text(f"{similarity.assignment} {similarity.title}: similarity")
    return "\n".join(
        (
            "<!doctype html>",
            '<html lang="en">',
            "<head>",
            '<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{_POLICY.format(digest=digest)}">',
            '<meta name="viewport" content="width=device-width">',
            f"<title>{title}</title>",
            f"<style>{_STYLE}</style>",
            "</head>",
            "<body>",
            f"<h1>{title}</h1>",
            *_table(similarity),
            *_codes(similarity),
            *_rejected(similarity),
            "</body>",
            "</html>",
            "",
        )
    )


def _table(similarity: Similarity) -> Iterator[str]:
    yield f"<p>{similarity.compared} submissions were compared; what the stub gave is left out. "
    yield "A number is a reason to look at the code, never a verdict: short exercises have few right answers.</p>"
    if not similarity.pairs:
        yield "<p>No two of them are alike.</p>"
        return
    yield "<table><thead><tr>"
    yield '<th class="number">Rank</th><th>First</th><th class="number">Its share</th><th class="number">Lines</th>'
    yield '<th>Second</th><th class="number">Its share</th><th class="number">Lines</th></tr></thead><tbody>'
    for rank, pair in enumerate(similarity.pairs, start=1):
        cells = "".join(map(_cells, (pair.first, pair.second)))
        yield f'<tr><td class="number">{rank}</td>{cells}</tr>'
    yield "</tbody></table>"
    if similarity.omitted:
        yield f"<p>Up to {similarity.omitted} further pairs, less alike than these, are not listed.</p>"


def _cells(side: Side) -> str:
    numbers = "".join(f'<td class="number">{value}</td>' for value in (f"{side.share:.0%}", len(side.lines)))
    return f"<td>{_text(side.student)}</td>{numbers}"


def _codes(similarity: Similarity) -> Iterator[str]:
    if similarity.pairs:
        yield "<h2>Code</h2>"
    for rank, pair in enumerate(similarity.pairs[:_PAIRS_WITH_CODE], start=1):
        yield f"<details><summary>{rank}. {_named(pair)}</summary>"
        yield '<div class="sides">'
        for side in (pair.first, pair.second):
            yield f"<div><h3>{_text(side.student)}</h3>"
            yield f"<pre>{_marked(similarity.sources.get(side.student, ()), side)}</pre></div>"
        yield "</div></details>"


def _named(pair: Pair) -> str:
    return f"{_text(pair.first.student)} and {_text(pair.second.student)}, {pair.share:.0%}"


def _marked(lines: Sequence[str], side: Side) -> str:
    shared = set(side.lines)
    drawn = []
    for number, line in enumerate(lines[:_MOST_LINES], start=1):
        indent = line[: len(line) - len(line.lstrip(" "))]  # a tidied line loses it
        text = f"{number:4}  {html.escape(indent + one_line(line))}"
        drawn.append(f"<mark>{text}</mark>" if number in shared else text)
    if len(lines) > _MOST_LINES:
        drawn.append(f"... ({len(lines) - _MOST_LINES} more lines)")
    return "\n".join(drawn)


def _rejected(similarity: Similarity) -> Iterator[str]:
    if similarity.rejected:
        yield "<h2>Not compared</h2><ul>"
        for item in similarity.rejected:
            yield f"<li>{_text(item.where)}: {_text(item.reason)}</li>"
        yield "</ul>"


def _text(text: str) -> str:
    return html.escape(one_line(text))
