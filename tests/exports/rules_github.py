"""GitHub's rules for what a step prints and for the two files it may write.

In: a step's stdout, its summary or its outputs. Out: what GitHub makes of them, or an AssertionError.
"""

import re
from dataclasses import dataclass

from markdown_it import MarkdownIt

from tests.exports.rules_text import check_text

COMMAND = re.compile(r"\s*::([A-Za-z-]+)(?: ([^\n]*?))?::(.*)")
OLD_COMMAND = re.compile(r"##(?:vso|teamcity)?\[")
PROPERTIES = {"title", "file", "line", "endLine", "col", "endColumn"}
ALLOWED = {
    "heading_open",
    "heading_close",
    "paragraph_open",
    "paragraph_close",
    "inline",
    "fence",
    "table_open",
    "table_close",
    "thead_open",
    "thead_close",
    "tbody_open",
    "tbody_close",
    "tr_open",
    "tr_close",
    "th_open",
    "th_close",
    "td_open",
    "td_close",
}


@dataclass(frozen=True)
class Annotation:
    """What the run page shows."""

    kind: str
    title: str
    message: str


def read_stdout(text: str) -> tuple[list[str], list[Annotation]]:
    """The lines between stop-commands, and the annotations; anything else is an AssertionError."""
    shown: list[str] = []
    annotations: list[Annotation] = []
    stopped = ""
    for line in text.split("\n")[:-1]:
        check_text(line, longest=9_000)
        assert not OLD_COMMAND.search(line)
        if stopped:
            if line == f"::{stopped}::":
                stopped = ""
            else:
                shown.append(line)
            continue
        match = COMMAND.fullmatch(line)
        assert match, f"neither a command nor between stop-commands: {line!r}"
        if match[1] == "stop-commands":
            stopped = match[3]
        else:
            annotations.append(_annotation(match))
    assert not stopped
    assert text.endswith("\n")
    for kind in ("error", "warning", "notice"):
        assert sum(each.kind == kind for each in annotations) <= 10
    return shown, annotations


def _annotation(match: re.Match[str]) -> Annotation:
    assert match[1] in ("error", "warning", "notice"), match[0]
    properties = dict(each.split("=", 1) for each in (match[2] or "").split(",") if each)
    assert set(properties) <= PROPERTIES, match[0]
    assert ":" not in properties.get("title", "")
    title = unescaped(properties.get("title", "").replace("%3A", ":").replace("%2C", ","))
    return Annotation(match[1], title, unescaped(match[3]))


def unescaped(text: str) -> str:
    """What the runner makes of a command's data."""
    return text.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")


def check_summary(text: str, *, max_bytes: int = 1 << 20) -> list[str]:
    """Hold a summary to its size and to headings, tables and fences of plain text; give the fences' contents."""
    assert len(text.encode()) <= max_bytes
    check_text(text, longest=max_bytes)
    fences = []
    for token in MarkdownIt("commonmark").enable("table").parse(text):
        assert token.type in ALLOWED, (token.type, token.content[:200])
        for child in token.children or []:
            assert child.type in ("text", "text_special", "softbreak"), (child.type, child.content)
        if token.type == "inline":
            assert "@" not in token.content, "a mention"
        if token.type == "fence":
            fences.append(token.content)
    return fences


def read_outputs(text: str) -> dict[str, str]:
    """What a step's outputs become; a line that is none is an AssertionError."""
    outputs: dict[str, str] = {}
    lines = iter(text.split("\n")[:-1])
    for line in lines:
        name, sign, delimiter = line.partition("<<")
        if sign and "=" not in name:
            value = []
            while (part := next(lines)) != delimiter:
                value.append(part)
            outputs[name] = "\n".join(value)
        else:
            name, sign, value_of_one = line.partition("=")
            assert sign, line
            assert name not in outputs, "written twice"
            outputs[name] = value_of_one
    return outputs
