"""Owns how every page looks and what it may do; the only owner of jinja2.

In: a template's name and its values, the names of style sheets and scripts that lie beside the templates, drawings.
Out: one HTML file.
The rule: whatever stands in a value is escaped, nothing is fetched, and the page's own policy (CSP) names by their
hashes the one style sheet and the scripts that it came with, and allows no more.

A `style` attribute would need a policy that allows all of them: there are none, neither in a template nor in a drawing.
"""

import base64
import hashlib
import html
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from grader.language import ENGLISH, Language
from grader.text import number, one_line, printable

_TEMPLATES = Path(__file__).with_name("templates")
_POLICY = (
    "default-src 'none'; base-uri 'none'; form-action 'none'; img-src data:; style-src {styles}; script-src {scripts}"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """A picture as SVG of our own making: it holds no text that a submission wrote."""

    svg: str  # with `role` and `aria-label`, without `style` attributes
    rules: frozenset[str]  # CSS, one rule each, for the classes that the SVG uses
    told: str  # what it shows, in words


def render(
    template: str,
    *,
    styles: Sequence[str] = (),
    scripts: Sequence[str] = (),
    drawings: Iterable[Drawing] = (),
    language: Language = ENGLISH,
    **values: Any,
) -> str:
    """Fill in a template that extends `base.html`.

    Args:
        template: its file's name.
        styles: names of style sheets, put behind `page.css`.
        scripts: names of scripts, run in this order at the end of the page.
        drawings: every drawing that the values hold, however deep.
        language: of who reads it; the template says a text of its own by `_("...")`, a word by `word("...")`, a mark by
            `label(...)`.
        values: what the template speaks of. A text is escaped wherever it is put; the filters are `line` (made
            harmless, on one line), `lines` (made harmless), `points`, `between` (for a sentence that stands between
            tags, where quotes stay as they are) and, for a Drawing alone, `drawn`.

    Returns:
        The file's text: the same for the same values.

    Raises:
        jinja2.UndefinedError: the template speaks of a value that is not there.
    """
    rules = sorted({rule for drawing in drawings for rule in drawing.rules})
    style = "\n".join((*map(_read, ("page.css", *styles)), *rules))
    codes = [_read(name) for name in scripts]
    policy = _POLICY.format(styles=_hash(style), scripts=" ".join(map(_hash, codes)) or "'none'")
    return (
        _environment()
        .get_template(template)
        .render(
            policy=policy,
            style=Markup(style),  # noqa: S704 - files of ours, never a value
            scripts=[Markup(code) for code in codes],  # noqa: S704
            language=language.code,
            _=language.say,
            label=language.label,
            word=partial(language.term, "page"),
            **values,
        )
    )


def data_url(content: bytes, *, kind: str) -> str:
    """Write a file into an address, for an `<img>`: kind is as in "image/png"."""
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {
        "line": one_line,
        "lines": printable,
        "points": number,
        "between": _between,
        "drawn": _drawn,
    }
    return environment


def _between(text: str) -> Markup:
    return Markup(html.escape(text, quote=False))  # noqa: S704 - escaped here


def _drawn(drawing: object) -> Markup:
    if not isinstance(drawing, Drawing):
        raise TypeError(f"only a Drawing is put in as it is, not a {type(drawing).__name__}")
    return Markup(drawing.svg)  # noqa: S704 - ours, see Drawing


def _read(name: str) -> str:
    return (_TEMPLATES / name).read_text(encoding="utf-8").strip()


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
