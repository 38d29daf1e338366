"""A whole course of one small assignment, written into a folder: real files, real tests, quick to grade.

`hw1 Doubling` has two functions, `double` (6 points, one visible and one hidden test) and `total` (94).
"""

import textwrap
from pathlib import Path

COURSE = """
title = "Small"
assignments = ["hw01_doubling"]
"""
ASSIGNMENT = """
title = "Doubling"
[[questions]]
name = "double"
points = 60
[[questions]]
name = "total"
points = 40
[limits]
wall_s = 1.0
cpu_s = 1.0
"""
REFERENCE = '''
"""Doubling."""

import numpy as np


def double(x):
    """Twice x."""
    ### BEGIN SOLUTION
    if x.ndim > 3:
        raise ValueError("too many axes")
    return 2 * x
    ### END SOLUTION


def total(x):
    """The sum of x."""
    ### BEGIN SOLUTION
    return np.sum(x)
    ### END SOLUTION
'''
HIDDEN = '''
from grader.checks.arrays import check, check_error
from grader.plugin import builds_on, points


@points(20, visibility="visible")
def test_doubled(student, rng):
    """Every number is doubled."""
    check(student.double, rng.normal(size=(2, 3)))


@points(30)
def test_doubled_large(student, rng):
    """Large arrays too."""
    check(student.double, 7 + rng.normal(size=(5, 2, 2)))


@points(10)
@builds_on("test_doubled")
def test_too_many_axes(student, rng):
    """More than three axes are refused."""
    check_error(student.double, rng.normal(size=(1, 2, 1, 2)))


@points(40)
def test_total(student, rng):
    """The sum of all."""
    check(student.total, rng.normal(size=(3, 4)))
'''
MISCONCEPTIONS = """
from grader.checks.misconceptions import misconception


@misconception("double", hint="You square where you should double.")
def squares(x):
    if x.ndim > 3:
        raise ValueError
    return x * x


@misconception("total", hint="You add up the first row only.")
def first_row(x):
    return x[0].sum()
"""
ALTERNATIVES = """
from grader.checks.alternatives import alternative


@alternative("double", title="a sum")
def added(x):
    if x.ndim > 3:
        raise ValueError
    return x + x


@alternative("total", title="Python's sum")
def summed(x):
    return float(sum(x.ravel().tolist()))
"""
PUBLIC = '''
import numpy as np

from grader.checks.arrays import check_equal


def test_two(student):
    """Two ones."""
    check_equal(student.double(np.ones(2)), np.array([2.0, 2.0]))
'''
RIGHT = """
import numpy as np

def double(x):
    if x.ndim > 3:
        raise ValueError("no")
    return x + x

def total(x):
    return x.sum()
"""


def write_course(root: Path) -> Path:
    """Write the course; return its root."""
    files = {
        "assignments/course.toml": COURSE,
        "assignments/hw01_doubling/assignment.toml": ASSIGNMENT,
        "assignments/hw01_doubling/README.md": "# Doubling\n",
        "assignments/hw01_doubling/test_public.py": PUBLIC,
        "assignments/hw01_doubling/doubling.py": REFERENCE,
        "solutions/hw01_doubling/doubling.py": REFERENCE,
        "solutions/hw01_doubling/test_hidden.py": HIDDEN,
        "solutions/hw01_doubling/misconceptions.py": MISCONCEPTIONS,
        "solutions/hw01_doubling/alternatives.py": ALTERNATIVES,
    }
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text).lstrip("\n"), encoding="utf-8")
    from grader.authoring import build_assignment, write_built
    from grader.course import read_course

    for assignment in read_course(root, secret=None).assignments:
        write_built(build_assignment(assignment))
    return root


def write_submission(folder: Path, source: str = RIGHT, name: str = "doubling.py") -> Path:
    """Write a submission; return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(textwrap.dedent(source), encoding="utf-8")
    return path
