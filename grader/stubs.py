"""Turns a reference solution into what a student receives: a stub, as a module and as a notebook.

In: the reference's source, in which `### BEGIN SOLUTION` and `### END SOLUTION` enclose what a student writes.
Out: text, the same for the same source.
The rule: nothing between two markers reaches a student. Whatever could let it through (a marker that is nested,
unclosed, stray or misspelt, a question without a region) is an error with file and line, never a guess.

A region in a function becomes `raise NotImplementedError(...)`, so that an untouched function is *not attempted*
instead of failing somewhere further on. A region outside every function (a helper, an import) disappears.
"""

import ast
import itertools
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from grader.errors import CourseError
from grader.marks import C_
from grader.records import Assignment

_MARKER = re.compile(r"\s*### (BEGIN|END) SOLUTION\s*")
_ALMOST = re.compile(r"#\s*(begin|end)[\s_-]*solution", re.IGNORECASE)

_INSTALL = """\
# Installs the grader where it is missing (on Colab, say); elsewhere this does nothing.
import importlib.util

if importlib.util.find_spec("grader") is None:
    print("installing the grader")
    %pip install --quiet cnn-autograde"""

_GRADE = """\
# Grades the cells above as they were last run, saved or not.
# On Colab, upload the course's folder to the Files pane first.
import importlib.util

if importlib.util.find_spec("grader") is None:
    # This kernel has no grader. The command reads the file: save the notebook first.
    !grade {id} {module}.ipynb
else:
    %load_ext grader.jupyter
    %grade {id}"""

# What the cells of a notebook say by themselves; in code they are comments of these words, or printed.
_COMMENTS = (
    C_("notebook", "Installs the grader where it is missing (on Colab, say); elsewhere this does nothing."),
    C_("notebook", "Grades the cells above as they were last run, saved or not."),
    C_("notebook", "On Colab, upload the course's folder to the Files pane first."),
    C_("notebook", "This kernel has no grader. The command reads the file: save the notebook first."),
    C_("notebook", "installing the grader"),
)
_HOW = C_(
    "notebook",
    """\
The handout is `README.md` in this folder. Write your code where a function says `# Your code here`;
the last cell grades the notebook.""",
)


@dataclass(frozen=True, slots=True)
class _Region:
    """What stands between two markers; both are lines, counted from 1, and belong to it."""

    begin: int
    end: int
    indent: str


@dataclass(frozen=True, slots=True)
class _Function:
    """A function or method by its name in the module, with the lines it covers."""

    name: str
    first: int
    last: int


def _english(context: str, text: str) -> str:
    del context
    return text


def write_stub(reference: str, assignment: Assignment, *, file: str) -> str:
    """Replace each solution region of a reference by the stub's two lines.

    Args:
        reference: the source, its lines ended as on Unix.
        assignment: each of its questions but the models must be a function with a region of its own.
        file: how errors name the reference.

    Raises:
        CourseError: the source or its stub does not parse, a marker is out of place, or a question has no region.
    """
    functions = list(_functions(_parse(reference, file, what="the reference").body))
    lines = reference.split("\n")
    regions = _regions(lines, file)
    owners = [_owner(region, functions, lines, file) for region in regions]
    for question in assignment.questions:
        if not question.file and question.name not in owners:
            _refuse_question(question.name, functions, file)
    stub = "\n".join(_replace(lines, regions, owners))
    _parse(stub, file, what="the stub, with every region taken out,")
    return stub


def write_notebook(stub: str, assignment: Assignment, term: Callable[[str, str], str] = _english) -> str:
    """Put a stub into a notebook: install, title, imports, a cell for each function, grade.

    Args:
        stub: the module, in the language that the notebook shall have.
        assignment: whose.
        term: says a text in that language, by its context and its English: the title, the comments and the paragraph
            that every notebook has.

    Returns:
        JSON of nbformat 4.5, written as nbformat itself writes it. Ids and order come from names alone, so that a
        rebuilt notebook differs from the last one only where the stub does.
    """
    tree = ast.parse(stub)
    heading = f"# {term('', assignment.title)} ({assignment.id})"
    title = "\n\n".join(filter(None, [heading, ast.get_docstring(tree), term("notebook", _HOW)]))
    cells = [_cell("install", _commented(_INSTALL, term), code=True), _cell("title", title, code=False)]
    cells += [_cell(id, source, code=True) for id, source in _code_cells(stub, tree)]
    grade = _commented(_GRADE, term).format(id=assignment.id, module=assignment.module)
    cells.append(_cell("grade", grade, code=True))
    notebook = {
        "cells": cells,
        "metadata": {
            "colab": {"name": f"{assignment.module}.ipynb", "provenance": []},
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(notebook, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _parse(source: str, file: str, *, what: str) -> ast.Module:
    try:
        return ast.parse(source)
    except SyntaxError as error:
        raise CourseError(
            f"{what} does not parse: {error.msg}",
            where=f"{file}, line {error.lineno}",
            fix="correct it; a region must hold whole statements",
        ) from error


def _functions(body: Sequence[ast.stmt], prefix: str = "") -> Iterator[_Function]:
    for node in body:
        if isinstance(node, ast.ClassDef):
            yield from _functions(node.body, f"{prefix}{node.name}.")
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield _Function(f"{prefix}{node.name}", node.lineno, node.end_lineno or node.lineno)


def _regions(lines: Sequence[str], file: str) -> list[_Region]:
    regions: list[_Region] = []
    begin = 0  # the line of the marker that waits for its end, or 0
    for number, line in enumerate(lines, 1):
        match = _MARKER.fullmatch(line)
        if match is None:
            if _ALMOST.search(line):
                _refuse_marker("this looks like a marker and is not one", file, number)
        elif match[1] == "BEGIN":
            if begin:
                _refuse_marker(f"a solution region begins inside the one that begins in line {begin}", file, number)
            begin = number
        else:
            if not begin:
                _refuse_marker("a solution region ends here and begins nowhere", file, number)
            if _indent(line) != _indent(lines[begin - 1]):
                _refuse_marker(f"this marker is not indented as the one in line {begin}", file, number)
            regions.append(_Region(begin, number, _indent(line)))
            begin = 0
    if begin:
        _refuse_marker("a solution region begins here and never ends", file, begin)
    return regions


def _refuse_marker(what: str, file: str, line: int) -> None:
    fix = "a region is a line `### BEGIN SOLUTION`, what a student writes, and a line `### END SOLUTION`"
    raise CourseError(what, where=f"{file}, line {line}", fix=fix)


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


def _owner(region: _Region, functions: Sequence[_Function], lines: Sequence[str], file: str) -> str:
    """Name the function that a region stands in, "" outside every function."""
    for function in functions:
        if function.first < region.begin <= function.last:
            # Comments may follow a function's last statement; code there is another's.
            beyond = lines[function.last : region.end - 1]
            if any(line.strip() and not line.lstrip().startswith("#") for line in beyond):
                _refuse_marker(f"the region of `{function.name}` runs on beyond the function", file, region.begin)
            return function.name
    return ""


def _refuse_question(name: str, functions: Sequence[_Function], file: str) -> None:
    for function in functions:
        if function.name == name:
            raise CourseError(
                f"`{name}` has no solution region: a student would receive its solution",
                where=f"{file}, line {function.first}",
                fix="enclose its body below the docstring in `### BEGIN SOLUTION` and `### END SOLUTION`",
            )
    raise CourseError(
        f"the question `{name}` is no function of the reference",
        where=file,
        fix="define it there, or correct the name in assignment.toml",
    )


def _replace(lines: Sequence[str], regions: Sequence[_Region], owners: Sequence[str]) -> list[str]:
    kept: list[str] = []
    start = 0
    for region, owner in zip(regions, owners, strict=True):
        kept += lines[start : region.begin - 1]
        start = region.end
        if owner:
            kept.append(f"{region.indent}# Your code here")
            kept.append(f'{region.indent}raise NotImplementedError("{owner} is not written yet")')
        else:
            # The blank lines before and after would add up; the larger number of the two stays.
            start += min(_blank(reversed(kept)), _blank(lines[start:]))
    kept += lines[start:]
    last = len(kept) - _blank(reversed(kept))
    return [*kept[:last], ""]  # a helper's region may have been the end of the file


def _blank(lines: Iterable[str]) -> int:
    """Count the blank lines that these begin with."""
    return sum(1 for _ in itertools.takewhile(lambda line: not line.strip(), lines))


def _code_cells(stub: str, tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Cut a module into cells: what stands before the first function, then each function with the comments above it."""
    lines = stub.split("\n")
    nodes = tree.body[1:] if ast.get_docstring(tree, clean=False) is not None else tree.body
    start = tree.body[0].end_lineno or 0 if nodes is not tree.body else 0
    definition = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    names: dict[str, int] = {}
    for node, following in zip(nodes, [*nodes[1:], None], strict=True):
        if following is not None and not isinstance(node, definition) and not isinstance(following, definition):
            continue
        end = len(lines) if following is None else node.end_lineno or start
        name = f"function-{node.name}" if isinstance(node, definition) else "code"
        names[name] = names.get(name, 0) + 1
        id = name if names[name] == 1 else f"{name}-{names[name]}"
        yield id.replace("_", "-")[:64], "\n".join(lines[start:end]).strip("\n")
        start = end


def _commented(code: str, term: Callable[[str, str], str]) -> str:
    """A cell of the notebook with its comments, and what it prints, in a reader's language."""

    def say(match: re.Match[str]) -> str:
        return match[1] + term("notebook", match[2]) + match[3]

    return re.sub(r'^( *(?:# |print\("))(.+?)((?:"\))?)$', say, code, flags=re.MULTILINE)


def _cell(id: str, source: str, *, code: bool) -> dict[str, object]:
    cell: dict[str, object] = {"id": id, "metadata": {}, "source": source.splitlines(keepends=True)}
    if code:
        return {**cell, "cell_type": "code", "execution_count": None, "outputs": []}
    return {**cell, "cell_type": "markdown"}
