r"""Owns what text that is not ours may do on a screen, in a file or in a CI log: be read, and nothing else.

In: any string, above all one that a submission wrote. Out: a bounded string that no terminal, XML parser or CI acts on.
The rule: what is changed or left out is seen (`\x1b`, "... (+120)"), apart from whole colour codes.

An escape sequence is taken out only where it is well formed; a lone ESC is shown. Every pattern is linear: a class that
is repeated never overlaps what follows it, because a megabyte of `ESC ]` is what a submission prints next.
"""

import math
import re

DEFAULT_LIMIT = 4_000  # characters
_NOTE = 16  # characters of "... (+120)", with room

_SEQUENCE = re.compile(
    # CSI: colours, moves of the cursor, clearing.
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"
    # OSC, DCS, SOS, PM, APC: titles, links, the clipboard.
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c\n]*(?:\x07|\x1b\\|\x9c)"
)

# Unicode's categories Cc, Cf and Cs and its noncharacters, apart from newline and tab and from the two joiners (U+200C,
# U+200D) that scripts need. Among them: NUL, C1, bidirectional overrides, invisible blanks, line separators, tags, lone
# surrogates. Arabic number signs (also Cf) are seen and stay.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff"
    "\ufdd0-\ufdef\ufeff\ufff0-\ufffb\ufffe\uffff\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
    + "".join(f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0x10000, 0x110000, 0x10000))
    + "]"
)

# Accents in a stack climb over the lines above, where the score stands: three are kept.
_ACCENT = "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
_STACK = re.compile(f"({_ACCENT}{{3}}){_ACCENT}+")

# GitHub reads `::name ...::` at the start of a line (blanks before it do not count, and a fold can start one anywhere)
# and `##[name]` anywhere; Azure reads `##vso[`, TeamCity `##teamcity[`.
_COMMAND = re.compile(r":(?=:[A-Za-z][^\n]*?::)|#(?=#(?:vso|teamcity)?\[)")


def printable(text: str, *, limit: int = DEFAULT_LIMIT) -> str:
    """Make a text harmless and bounded; newlines and tabs stay.

    Args:
        text: any string, lone surrogates included.
        limit: characters of the answer, at least 40; a longer text ends in "... (+120)".

    Returns:
        A string that XML 1.0 and UTF-8 can hold. Applied twice it changes nothing more.
    """
    return _cut(_harmless(text, limit), limit, unseen=max(0, len(text) - 2 * limit))


def one_line(text: str, *, limit: int = 200) -> str:
    """Make a text harmless and put it on one line: a line break or a tab, and the blanks around it, become a blank."""
    parts = (part.strip() for part in re.split(r"[\n\t]+", _harmless(text, limit)))
    return _cut(" ".join(parts).strip(), limit, unseen=max(0, len(text) - 2 * limit))


def number(value: float) -> str:
    """Write points as a person does: at most two decimals, no trailing zeros, no minus zero."""
    return f"{tidy(value):.2f}".rstrip("0").rstrip(".")


def tidy(value: float) -> float:
    """Round points to two decimals, without a minus zero.

    Raises:
        ValueError: the value is not finite; points never are.
    """
    if not math.isfinite(value):
        raise ValueError(f"points must be finite, got {value}")
    return round(value, 2) + 0.0


def _harmless(text: str, limit: int) -> str:
    # No more than twice the limit is looked at: enough to fill it where half of the text is colour codes.
    seen = _SEQUENCE.sub("", text[: 2 * limit].replace("\r\n", "\n").replace("\r", "\n"))
    seen = _UNSEEN.sub(_escape, _STACK.sub(r"\1", seen))
    return _COMMAND.sub(r"\g<0> ", seen)


def _escape(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _cut(text: str, limit: int, *, unseen: int) -> str:
    if len(text) <= limit and not unseen:
        return text
    # The count is of characters as they would be written.
    kept = text[: limit - _NOTE]
    return f"{kept}... (+{len(text) - len(kept) + unseen})"  # a number, as a cut may come after translation
