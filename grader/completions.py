"""Owns what a shell offers at the Tab key where a word is not fixed: assignments, export formats, languages.

In: the word so far, and the command line before it. Out: (word, what it is) for each word that fits, which typer
hands to bash, zsh, fish or PowerShell. The rule: a Tab key never prints and never waits. Without a course, or with a
broken one, nothing is offered and nothing is said; neither numpy nor pytest is imported (a Tab takes 0.15 to 0.25 s).
"""

import os
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import typer

from grader.errors import GradeError
from grader.helptexts import reader
from grader.language import LANGUAGES
from grader.records import Assignment

# Where each platform looks, or what README uses; a workflow command works on stdout only.
_FILES: Mapping[str, str] = MappingProxyType(
    {
        "junit": "report.xml",
        "html": "report.html",
        "gradescope": "results.json",
        "prairielearn": "results.json",
        "github": "-",
    }
)


def assignments(ctx: typer.Context, incomplete: str) -> list[tuple[str, str]]:
    """The course's assignments by id; by folder and module where no id begins like the word.

    Args:
        ctx: the command line so far; `--course` is read from it.
        incomplete: the word so far, as typed.
    """
    found = _course(ctx.params.get("course"))
    say = reader().of(*found).say
    by_id = [(each.id, say(each.title)) for each in found if each.id.startswith(incomplete)]
    if by_id:
        return by_id
    names = ((name, each) for each in found for name in (each.folder, each.module))
    return [(name, say(each.title)) for name, each in names if name.startswith(incomplete)]


def formats(incomplete: str) -> list[tuple[str, str]]:
    """The export formats by name, as `grade batch --export` takes them."""
    from grader.exports.formats import FORMATS

    say = reader().say
    return [(name, say(f"each report as {name}")) for name in FORMATS if name.startswith(incomplete)]


def exports(incomplete: str) -> list[tuple[str, str]]:
    """The export formats, each with a file, as `grade hw1 --export` takes them; the file can be typed over."""
    say = reader().say
    found = ((f"{name}={_FILES.get(name, 'report.json')}", say(f"the report as {name}")) for name, _ in formats(""))
    return [(word, what) for word, what in found if word.startswith(incomplete)]


def languages(incomplete: str) -> list[tuple[str, str]]:
    """What `--lang` takes, each with the language's own name."""
    return [(code, name) for code, name in LANGUAGES.items() if code.startswith(incomplete)]


def _course(explicit: Path | None) -> tuple[Assignment, ...]:
    from grader.course import find_course

    try:
        return find_course(Path.cwd(), explicit=explicit, environ=os.environ).assignments
    except (GradeError, OSError):
        return ()
