"""Owns a report as a piece of HTML that stands among other people's: the output of a notebook's cell.

In: a Report. Out: one element with its own style, without a script, a link, a picture or an id.
The rule: it says what the console says, in the same order and words. Whatever is not ours is printable text, escaped,
in a box of its own direction, and typeset as mathematics by nobody. Colours add to words; text takes the page's own
colour, so that it reads on a dark page as on a light one.
"""

import html
from collections.abc import Iterator, Sequence

from grader import wording
from grader.language import ENGLISH, Language
from grader.marks import T_
from grader.records import Audience, Report
from grader.scoring import view
from grader.text import one_line, printable

_NOTICES = 12
_FEEDBACK_LINES = 30

# MathJax leaves out what has one of the two classes; Jupyter has had either.
_CLASSES = "cnn-grade tex2jax_ignore mathjax_ignore"
_STYLE = """\
.cnn-grade { max-width: 50em; line-height: 1.4; }
.cnn-grade table { border-collapse: collapse; width: 100%; margin: 0.5em 0; }
.cnn-grade caption { text-align: left; font-weight: bold; padding: 0.3em 0; color: inherit; }
.cnn-grade td, .cnn-grade th { text-align: left; vertical-align: top; padding: 0.2em 0.6em; background: none; \
border: 0 solid rgba(128, 128, 128, 0.4); border-top-width: 1px; white-space: normal; font-weight: normal; }
.cnn-grade tr { background: none; }
.cnn-grade .mark { font-family: monospace; font-weight: bold; border-left: 5px solid gray; width: 4em; }
.cnn-grade .good .mark { border-left-color: #1a9850; }
.cnn-grade .bad .mark { border-left-color: #e34a33; }
.cnn-grade .points { text-align: right; white-space: nowrap; }
.cnn-grade .first { border: 1px solid #e34a33; padding: 0.4em 0.8em; }
.cnn-grade pre { white-space: pre-wrap; overflow-wrap: anywhere; margin: 0.2em 0; background: none; color: inherit; }
.cnn-grade p { margin: 0.3em 0; overflow-wrap: anywhere; }"""


def render(report: Report, *, remark: str = "", language: Language = ENGLISH) -> str:
    """Draw a report as a student may see it.

    Args:
        report: the whole report; it is cut down to the student's view here.
        remark: a sentence below it.
        language: of the student.
    """
    seen = language.report(view(report, Audience.STUDENT))
    return _element(_report(seen, remark, language), language)


def render_error(what: str, *, where: str = "", fix: str = "", language: Language = ENGLISH) -> str:
    """Draw what happened, where, and what to do next."""
    lines = [(language.label(label), text) for label, text in (("error", what), ("at", where), ("fix", fix)) if text]
    parts = (f"<p><strong>{label}:</strong> {_text(language.say(text))}</p>" for label, text in lines)
    return _element(parts, language)


def _element(parts: Iterator[str], language: Language) -> str:
    opened = f'<div class="{_CLASSES}" lang="{language.code}"><style>{_STYLE}</style>\n'
    return opened + "\n".join(parts) + "\n</div>"


def _report(seen: Report, remark: str, language: Language) -> Iterator[str]:
    say, note = language.say, language.label("note")
    for source in seen.data:
        before, after = say(T_("models were judged on {source}")).split("{source}")
        yield f"<p>{before}{_text(source)}{after}</p>"
    yield f"<p><strong>{_text(f'{seen.assignment} {seen.title}')}: {_text(say(wording.score(seen)))}</strong></p>"
    for notice in seen.notices[:_NOTICES]:
        yield f"<p><b>{note}</b> {_text(f'{notice.where}: {notice.text}' if notice.where else notice.text)}</p>"
    if len(seen.notices) > _NOTICES:
        yield f"<p><b>{note}</b> {say(f'and {len(seen.notices) - _NOTICES} more')}</p>"
    if (first := wording.headline(seen)) is not None:
        yield (
            f'<div class="first"><p><strong>{_text(say(first.title))}</strong></p>'
            f"{_message(say(first.text))}{_message(say(first.hint), label=language.label('hint'))}</div>"
        )
    for group in wording.groups(seen):
        yield from _table(group, language)
    for line in (*wording.footer(seen, Audience.STUDENT), remark):
        if line:
            yield f"<p><small>{_text(say(line))}</small></p>"


def _table(group: wording.Group, language: Language) -> Iterator[str]:
    title, points = group.question or language.say(wording.OTHER), language.say(group.points)
    yield f"<table><caption>{_text(title)}: {_text(points)}</caption><tbody>"
    for told in group.results:
        yield _row(told, language)
    yield "</tbody></table>"


def _row(told: wording.Told, language: Language) -> str:
    say, label = language.say, language.label
    kind = "good" if told.mark == "pass" else "bad" if told.mark.isupper() else "open"
    title = _text(told.result.case.title or told.result.case.name)
    remark = f" ({_text(say(told.remark))})" if told.remark else ""
    said = _message(say(told.feedback)) + _message(say(told.hint), label=label("hint"))
    return (
        f'<tr class="{kind}"><td class="mark">{label(told.mark)}</td><td>{title}{remark}{said}</td>'
        f'<td class="points">{told.points}</td></tr>'
    )


def _message(text: str, *, label: str = "") -> str:
    if not text:
        return ""
    named = f"<b>{label}</b> " if label else ""
    return f'<pre dir="auto">{named}{html.escape(_bounded(printable(text).splitlines()))}</pre>'


def _bounded(lines: Sequence[str]) -> str:
    if len(lines) <= _FEEDBACK_LINES:
        return "\n".join(lines)
    return "\n".join([*lines[:_FEEDBACK_LINES], f"... (cut, {len(lines) - _FEEDBACK_LINES} more lines)"])


def _text(text: str) -> str:
    """One line that keeps its direction to itself."""
    return f"<bdi>{html.escape(one_line(text, limit=600))}</bdi>"
