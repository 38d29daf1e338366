"""Owns drawing: numbers become an SVG that is part of a page; the only owner of matplotlib.

In: numbers, and words of ours. Out: a Drawing with a text alternative.
The rule: the same numbers give the same bytes (no dates, no random ids), letters stay letters, and ink and paper are
the page's, so that one drawing is right by day, by night and in print.

matplotlib writes a `style` attribute at every stroke, which the page's policy forbids. Each becomes a class named after
its content, and its rule moves into the page's style sheet. Colours of the page are drawn in colours that nobody else
uses (INK and the like) and become CSS variables there.
"""

import hashlib
import html
import io
import re
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.image import imsave

from grader.pages.look import Drawing, data_url

INK = "#000001"  # text and axes
FAINT = "#000002"  # a grid, a frame
ACCENT = "#000003"  # what a drawing is about
SECOND = "#000004"  # what it is compared with
BAD = "#000005"  # what is wrong
PAPER = "#000006"  # behind everything
_VARIABLES = {INK: "ink", FAINT: "faint", ACCENT: "accent", SECOND: "second", BAD: "bad", PAPER: "paper"}

_SETTINGS: Any = {  # matplotlib types its keys one by one
    "svg.fonttype": "none",
    "font.size": 9,
    "text.color": INK,
    "axes.edgecolor": FAINT,
    "axes.labelcolor": INK,
    "axes.facecolor": "none",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": False,
    "grid.color": FAINT,
    "grid.linewidth": 0.6,
    "xtick.color": INK,
    "ytick.color": INK,
    "figure.facecolor": "none",
    "legend.frameon": False,
}
_HEAD = re.compile(
    r"\A.*?(?=<svg )|<metadata>.*?</metadata>|<defs>\s*<style.*?</style>\s*</defs>|<!--.*?-->", re.DOTALL
)
_STYLE = re.compile(r' style="([^"]*)"')
_ROOT = re.compile(r'\A<svg [^>]*?viewBox="([^"]*)"[^>]*>')
_ID = re.compile(r'(\bid="|href="#|url\(#)')
_FONT = re.compile(r"font: [^;]*?([0-9.]+)px [^;]*")


def draw(paint: Callable[[Any], None], *, width: float, height: float, told: str, layout: bool = True) -> Drawing:
    """Draw one picture.

    Args:
        paint: draws on matplotlib's Axes. Whatever it writes is ours; in its colours, INK and its like are the page's.
        width: in inches, of 96 pixels where there is room.
        height: in inches.
        told: what the picture shows, in words, for those who do not see it.
        layout: make room for ticks and labels; without, the axes fill the picture.
    """
    salt = hashlib.sha256(told.encode()).hexdigest()[:8]
    settings: Any = {**mpl.rcParamsDefault, **_SETTINGS, "svg.hashsalt": salt}
    with mpl.rc_context(settings), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a letter that its own font lacks: the reader's browser has others
        figure = Figure(figsize=(width, height), layout="constrained" if layout else None)
        FigureCanvasSVG(figure)
        axes = figure.add_subplot() if layout else figure.add_axes((0, 0, 1, 1))
        paint(axes)
        stream = io.StringIO()
        figure.savefig(stream, format="svg", metadata={"Date": None})
    return _as_part(stream.getvalue(), width=width, told=told)


def png(pixels: bytes, shape: Sequence[int]) -> str:
    """Write an image, row by row a byte each, into an address for an `<img>`: (28, 28) is grey."""
    image = np.frombuffer(pixels, dtype=np.uint8).reshape(tuple(shape))
    coloured = image if image.ndim == 3 else np.repeat(image[..., np.newaxis], 3, axis=-1)
    stream = io.BytesIO()
    imsave(stream, coloured, format="png", metadata={"Software": ""})
    return data_url(stream.getvalue(), kind="image/png")


def _as_part(svg: str, *, width: float, told: str) -> Drawing:
    """Make a file of its own a part of a page."""
    svg = _HEAD.sub("", svg)
    rules: set[str] = set()

    def as_class(match: re.Match[str]) -> str:
        css = _FONT.sub(r"font-size: \1px", match[1])
        for colour, name in _VARIABLES.items():
            css = css.replace(colour, f"var(--{name})")
        name = "g" + hashlib.sha256(css.encode()).hexdigest()[:8]
        rules.add(f".{name} {{ {css} }}")
        return f' class="{name}"'

    svg = _STYLE.sub(as_class, svg)
    # Two pictures on a page may both have an "axes_1": a name begins with its picture's content.
    own = hashlib.sha256((svg + told).encode()).hexdigest()[:8]
    svg = _ID.sub(rf"\g<1>d{own}-", svg)
    root = f'<svg class="drawing" viewBox="\\1" width="{width * 96:.0f}" role="img" aria-label="{{}}">'
    svg = _ROOT.sub(lambda match: match.expand(root).format(html.escape(told)), svg)
    return Drawing(svg=" ".join(svg.split()), rules=frozenset(rules), told=told)
