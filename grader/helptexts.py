"""Owns how help is written in the reader's language: as typer writes it, where that is English.

In: help in English. Out: the same page in the reader's language, folded by columns, because Hangul takes two each.
The rule: metavars and names of options are what is typed, so they stay.
"""

import copy
import functools
import os
import re
import sys
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import typer
from typer.core import TyperGroup

from grader.errors import UsageError
from grader.language import ENGLISH, LANGUAGES, Language, chosen, code_of, language
from grader.marks import C_, T_

#: What typer itself says.
TYPER = (
    *(T_("No such option: {name}"), T_("{text} (Possible options: {names})"), T_("Missing command.")),
    T_("Input should be a valid {kind}, unable to parse string as {kind_2}"),
    *(T_("Input should be greater than or equal to {limit}"), T_("Input should be less than or equal to {limit}")),
    *(T_("Value error, {value} is not one of {choices}."), T_("Input should be a valid {kind}")),
    *(T_("Missing argument {name}."), T_("Missing option {name}."), T_("Missing argument {name}. {text}")),
    *(T_("Invalid value: {text}"), T_("Invalid value for {name}: {text}"), T_("Choose from:")),
    *(T_("Value {value} is not a valid {kind}."), T_("{value} is not a valid {kind}.")),
    *(T_("{value} is not one of {choices}."), T_("{value} is not in the range {range}.")),
    *(T_("Got unexpected extra argument(s) ({words})"), T_("Got unexpected extra argument ({words})")),
    *(T_("Got unexpected extra arguments ({words})"), T_("Option {name} does not take a value.")),
    *(T_("Option {name} requires an argument."), T_("Option {name} requires {count} arguments.")),
    *(T_("Argument {name} takes {count} values."), T_("{kind} {name} does not exist.")),
    *(T_("{kind} {name} is a directory."), T_("{kind} {name} is not readable.")),
    *(C_("help", "Usage:"), C_("help", "Options"), C_("help", "Arguments"), C_("help", "Commands")),
    C_("help", "Show this message and exit."),
    *(C_("help", "required"), C_("help", "default")),
)
_Formatter: Any = typer.Context.formatter_class  # click's, or that of typer's own copy of click
_TYPERS = re.compile(r"default: |required|<=|>=")
_INSTALLERS = ("install_completion", "show_completion")
_ASIDE = re.compile(r"(?:^|\s{2})\[([^\[]*)\]$")


def reader() -> Language:
    """The language of who sits here: `--lang`, else the environment's."""
    return language(asked(sys.argv[1:])[0] or chosen(os.environ))


def asked(words: Sequence[str]) -> tuple[str, list[str]]:
    """Take `--lang` out of a command line.

    Returns:
        The code that it names, "" where there is no such option or language; and the other words.
    """
    code, others, left = "", list[str](), list(words)
    while left:
        word = left.pop(0)
        if word == "--":
            return code, [*others, word, *left]
        name, sign, value = word.partition("=")
        if name != "--lang":
            others.append(word)
        else:
            code = code_of(value if sign else left.pop(0) if left else "")
    return code, others


class Texts(_Formatter):  # type: ignore[misc]
    """A help page, in the reader's language."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._language = reader()

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """Write the usage line."""
        if self._language is not ENGLISH:
            prefix = f"{self._language.term('help', 'Usage:')} "
        super().write_usage(prog, args, prefix)

    def write_heading(self, heading: str) -> None:
        """Write a heading."""
        super().write_heading(self._language.term("help", heading))

    def write_text(self, text: str) -> None:
        """Write paragraphs."""
        if self._language is ENGLISH:
            super().write_text(text)
            return
        indent = " " * self.current_indent
        parts = (self._language.say(" ".join(part.split())) for part in text.split("\n\n"))
        folded = ("\n".join(indent + line for line in _folded(part, self.width - len(indent))) for part in parts)
        self.write("\n\n".join(folded) + "\n")

    def write_dl(self, rows: Sequence[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        """Write names and what they mean, in two columns."""
        if self._language is ENGLISH:
            super().write_dl(rows, col_max, col_spacing)
            return
        first = min(max((len(name) for name, _ in rows), default=0), col_max) + col_spacing
        for name, text in rows:
            lines = list(_folded(said(text, self._language), max(self.width - first - 2, 10)))
            fits = len(name) <= first - col_spacing
            start = " " * self.current_indent + name + (" " * (first - len(name)) if fits and lines else "")
            margin = " " * (self.current_indent + first)
            if lines and fits:
                lines[0] = start + lines[0]
                lines[1:] = [margin + line for line in lines[1:]]
            else:
                lines = [start, *(margin + line for line in lines)]
            self.write("\n".join(lines) + "\n")


def said(text: str, told: Language) -> str:
    """Say a help text; typer's own addition, "[default: 50; required]", is said word by word."""
    plain = " ".join(text.split())
    if (known := told.term("help", plain)) != plain:
        return known
    whole, added = told.say(text), _ASIDE.search(text)
    aside = _ASIDE.search(whole)
    if added is None or aside is None or not _TYPERS.search(aside[1]):
        return whole
    words = re.sub(r"\b(default|required)\b", lambda match: told.term("help", match[1]), aside[1])
    return f"{told.say(text[: added.start()])}  [{words}]".strip()


class ToldContext(typer.Context):
    """A context whose help is in the reader's language."""

    formatter_class = Texts


class Commands(TyperGroup):
    """Commands whose help is in the reader's language; `--lang` may stand anywhere."""

    context_class = ToldContext

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Find a command."""
        command: Any = super().get_command(ctx, cmd_name)
        if command is not None:
            command.context_class = ToldContext
            if "lang" not in {each.name for each in command.params}:
                command.params.extend(_unread(each) for each in self.params if each.name == "lang")
                command.shell_complete = functools.partial(_offered, command.shell_complete)
        return command

    def get_params(self, ctx: Any) -> list[Any]:
        """Without typer's own ways to install completion, which speak English: README has others."""
        return [each for each in super().get_params(ctx) if each.name not in _INSTALLERS]

    def shell_complete(self, ctx: Any, incomplete: str) -> list[Any]:
        """Offer commands and options."""
        return _offered(super().shell_complete, ctx, incomplete)

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the command line without `--lang`.

        Raises:
            UsageError: it names no language.
        """
        code, others = asked(args)
        if len(others) < len(args) and not code and not ctx.resilient_parsing:
            raise UsageError(
                "`--lang` names no language that is here",
                where="the command line",
                fix="; ".join(f"--lang {known} ({name})" for known, name in LANGUAGES.items()),
            )
        return super().parse_args(ctx, others)


def _unread(option: Any) -> Any:
    """An option that is listed and completed; what reads the command line has taken it out before."""
    listed = copy.copy(option)
    listed.expose_value = False
    return listed


def _offered(complete: Callable[[Any, str], list[Any]], ctx: Any, incomplete: str) -> list[Any]:
    """What a shell offers, said in the reader's language."""
    told, offered = reader(), complete(ctx, incomplete)
    for each in offered:
        each.help = said(each.help, told) if each.help else each.help
    return offered


def _folded(text: str, width: int) -> Iterator[str]:
    line, used = "", 0
    for word in text.split(" "):
        columns = sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in word)
        if line and used + 1 + columns > width:
            yield line
            line, used = word, columns
        else:
            line, used = (f"{line} {word}", used + 1 + columns) if line or used else (word, columns)
    if line:
        yield line
