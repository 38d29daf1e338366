"""Owns IPython: `%load_ext grader.jupyter`, then `%grade hw1` grades the notebook's own cells, saved or not.

In: what the kernel has run. Out: the report, shown as HTML where there is a page, as text elsewhere.
The rule: nothing is graded in the kernel, which runs the student's code: a process of its own does, and sends back what
a student may read. Whatever goes wrong is a line or three, never a traceback.

What ran counts: a cell that was edited and not run does not, one that was deleted does until the kernel restarts.
"""

import os
import shlex
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from IPython.core.interactiveshell import InteractiveShell
from IPython.display import display

from grader.cellgrader import Answer, Input, Request, refusal
from grader.language import Language, chosen, code_of, language
from grader.marks import N_
from grader.text import one_line

USAGE = "%grade HW [--lang CODE] [--seed HEX] [--public] [--course DIR] [--student ID], as in: %grade hw1"

_CHILD = "import sys; sys.path.insert(0, sys.argv[1]); from grader.cellgrader import serve; serve()"
_VALUES = ("--seed", "--course", "--student", "--lang")
_HELP = (
    "Grades the cells of this notebook as they were last run, saved or not, and shows the result below.",
    USAGE,
    "HW is hw1, hw01, 1 or the folder's name; `!grade list` shows all.",
    "The language is that of --lang (en or ko), else of GRADE_LANG, else the system's.",
    "With --public only the public tests run; --seed and --student say whose inputs are drawn, "
    "--course where the course lies.",
)


@dataclass(frozen=True, slots=True)
class Shown:
    """What a cell shows."""

    answer: Answer

    def _repr_html_(self) -> str:
        return self.answer.html

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(self.answer.text.rstrip("\n"))


class Cells:
    """What a kernel ran, with the ids of its cells from the moment on that we were loaded."""

    def __init__(self, shell: InteractiveShell) -> None:
        self._shell = shell
        self._ids: dict[int, str] = {}

    def note(self, result: Any) -> None:
        """After a cell ran: which one it was, where the front end says so."""
        info = result.info
        if info.store_history and getattr(info, "cell_id", None):  # IPython knows them from 8.3 on
            self._ids[result.execution_count] = str(info.cell_id)

    def inputs(self) -> list[Input]:
        """Everything that ran, this very cell included, as it was typed."""
        manager = self._shell.history_manager
        raw = list(manager.input_hist_raw) if manager is not None else []
        return [
            Input(
                number=number, source=source.encode("utf-8", "replace").decode("utf-8"), cell=self._ids.get(number, "")
            )
            for number, source in enumerate(raw)
            if number and source
        ]


def load_ipython_extension(shell: InteractiveShell) -> None:
    """What `%load_ext grader.jupyter` calls."""
    cells = Cells(shell)
    shell.events.register("post_run_cell", cells.note)

    def grade(line: str) -> None:
        display(Shown(_answer(line, cells)))  # type: ignore[no-untyped-call]

    grade.__doc__ = "\n\n".join(map(language(chosen(os.environ)).say, _HELP))  # what `%grade?` shows
    shell.register_magic_function(grade, "line", "grade")  # type: ignore[arg-type]


def _answer(line: str, cells: Cells) -> Answer:
    told = _reader("")
    try:
        words = shlex.split(line)
        told = _reader(_named_language(words))
        request = _parse(words, cells)
    except ValueError as error:
        return refusal(one_line(str(error)), where="%grade", fix=USAGE, told=told)
    try:
        return _ask(request, told)
    except KeyboardInterrupt:
        return refusal("interrupted: nothing was graded", fix="run the cell again", told=told)


def _parse(words: Sequence[str], cells: Cells) -> Request:
    """Read the magic's line.

    Raises:
        ValueError: what is wrong with it.
    """
    values: dict[str, str] = {}
    public = False
    names: list[str] = []
    left = list(words)
    while left:
        word, _, value = (given := left.pop(0)).partition("=")
        if word in _VALUES:
            if not value and not left:
                raise ValueError(N_(f"`{word}` needs a value"))
            values[word.removeprefix("--")] = value or left.pop(0)
        elif word == "--public":
            public = True
        elif word.startswith("-"):
            raise ValueError(N_(f"there is no option `{word}`"))
        else:
            names.append(given)
    if "lang" in values and not code_of(values["lang"]):
        raise ValueError(N_("`--lang` names no language that is here"))
    if not names:
        raise ValueError(N_("which assignment is it?"))
    if len(names) > 1:
        raise ValueError(N_(f"it grades this notebook; for a file, run: !grade {names[0]} {names[1]}"))
    return Request(assignment=names[0], history=cells.inputs(), public=public, **values)


def _ask(request: Request, told: Language) -> Answer:
    """Have it graded, by modules from the very folder that ours are from."""
    command = [sys.executable, "-P", "-c", _CHILD, str(Path(__file__).resolve().parents[1])]
    done = subprocess.run(command, input=msgspec.json.encode(request), capture_output=True, check=False)
    try:
        return msgspec.json.decode(done.stdout, type=Answer)
    except msgspec.DecodeError:
        last = one_line(done.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2])
        where = last or f"it ended with {done.returncode}"
        return refusal("the grader itself failed", where=where, fix="report it", told=told)


def _named_language(words: Sequence[str]) -> str:
    """The code after `--lang`, "" where it names none."""
    for index, word in enumerate(words):
        name, sign, value = word.partition("=")
        if name == "--lang":
            return code_of(value if sign else " ".join(words[index + 1 : index + 2]))
    return ""


def _reader(code: str) -> Language:
    return language(code or chosen(os.environ))
