"""The course's own files: complete, built, and with examples that come out as printed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from grader.authoring import stale_files
from grader.course import read_course
from grader.records import Assignment
from grader.translations import digest_of

ROOT = Path(__file__).parents[1]
COURSE = read_course(ROOT, secret=None)
ASSIGNMENTS = pytest.mark.parametrize("assignment", COURSE.assignments, ids=lambda assignment: assignment.id)

# Runs a text's examples with the names of a module; prints how many there were.
EXAMPLES = """
import doctest, importlib, sys
module = importlib.import_module(sys.argv[1])
if len(sys.argv) == 3:
    done = doctest.testfile(sys.argv[2], module_relative=False, encoding="utf-8", globs=dict(vars(module)))
else:
    done = doctest.testmod(module)
print(done.attempted if done.failed == 0 else -1)
"""


def run_examples(assignment: Assignment, *text: Path) -> int:
    """Count the examples that came out as printed, in a process that can import the reference alone."""
    environ = os.environ | {"PYTHONPATH": str(solutions(assignment)), "PYTHONIOENCODING": "utf-8"}
    warned = "ignore" if assignment.requires else "error"  # Keras warns of its own affairs
    command = [sys.executable, "-W", warned, "-c", EXAMPLES, assignment.module, *map(str, text)]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, encoding="utf-8", check=False)
    attempted = int(done.stdout.split()[-1]) if done.returncode == 0 else -1
    assert attempted >= 0, done.stdout + done.stderr
    return attempted


def solutions(assignment: Assignment) -> Path:
    return ROOT / "solutions" / assignment.folder


def solution_lines(assignment: Assignment) -> set[str]:
    """Gather the lines that stand in a region of the reference and nowhere outside one; a short one proves nothing."""
    inside: set[str] = set()
    outside: set[str] = set()
    here = outside
    for line in (solutions(assignment) / f"{assignment.module}.py").read_text(encoding="utf-8").splitlines():
        if line.strip() in ("### BEGIN SOLUTION", "### END SOLUTION"):
            here = inside if "BEGIN" in line else outside
        else:
            here.add(line.strip())
    return {line for line in inside - outside if len(line) > 20}


@ASSIGNMENTS
def test_an_assignment_is_complete_in_both_folders(assignment: Assignment) -> None:
    module = assignment.module
    public = ["README.md", "assignment.toml", f"{module}.py", f"{module}.ipynb", "test_public.py"]
    private = [f"{module}.py", "test_hidden.py", "misconceptions.py", "alternatives.py"]
    missing = [path for path in (assignment.public / name for name in public) if not path.is_file()]
    missing += [path for path in (solutions(assignment) / name for name in private) if not path.is_file()]

    assert missing == []


def test_what_is_handed_out_is_what_the_references_give() -> None:
    """`grade build` mends it."""
    assert stale_files(COURSE) == []


@ASSIGNMENTS
def test_a_handout_s_examples_come_out_as_printed(assignment: Assignment) -> None:
    """Every handout has one that a pencil can check."""
    assert run_examples(assignment, assignment.public / "README.md") > 0


@ASSIGNMENTS
def test_a_reference_s_examples_come_out_as_printed(assignment: Assignment) -> None:
    """Every function that a student writes has one in its docstring."""
    assert run_examples(assignment) >= len(assignment.questions)


@ASSIGNMENTS
def test_no_line_of_a_solution_is_handed_out(assignment: Assignment) -> None:
    handed_out = [path for path in assignment.public.iterdir() if path.is_file()]
    leaked = [
        (path.name, line)
        for path in handed_out
        for line in solution_lines(assignment)
        if line in path.read_text(encoding="utf-8").replace('\\"', '"')
    ]

    assert leaked == []


@ASSIGNMENTS
def test_a_stub_fits_a_notebook_s_width(assignment: Assignment) -> None:
    """Lines of at most 88: a cell of a notebook that is wider scrolls sideways."""
    stub = (assignment.public / f"{assignment.module}.py").read_text(encoding="utf-8")

    assert [line for line in stub.splitlines() if len(line) > 88] == []


@ASSIGNMENTS
def test_a_handout_names_every_function_and_its_points(assignment: Assignment) -> None:
    """The table of the handout agrees with assignment.toml."""
    handout = (assignment.public / "README.md").read_text(encoding="utf-8")
    rows = [line for line in handout.splitlines() if line.startswith("|")]
    unnamed = [
        question.name
        for question in assignment.questions
        if not any(f"`{question.name}" in row and f"{question.points:g}" in row for row in rows)
    ]

    assert unnamed == []


def test_the_page_about_data_sets_is_translated_as_it_stands() -> None:
    """Its last line says of which text it is a translation, as a handout's does."""
    pages = ROOT / "datasets"
    digest = digest_of((pages / "README.md").read_text(encoding="utf-8"))

    for language in COURSE.languages[1:]:
        text = (pages / f"README.{language}.md").read_text(encoding="utf-8")
        assert text.endswith(f"<!-- translates README.md {digest} -->\n")
