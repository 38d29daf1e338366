"""Public tests and what no test expects: whatever a function returns is its own fault and never the test's."""

import re
from pathlib import Path

import pytest

from grader import grading
from grader.course import read_course
from grader.records import Assignment, Outcome

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]
COURSE = read_course(ROOT, secret=None)
TRAINED = ("train", "build_model", "build_resnet")  # what they return is no array

#: What becomes of the right value `v`; `each` changes every array of it.
ODD = {
    "text": "'text'",
    "a huge number": "10**400",
    "no number": "np.array([None, 'a'], dtype=object)",
    "nothing twice": "(None, None)",
    "no axes": "np.array(3.0)",
    "nothing in it": "np.zeros((0, 0, 0, 0))",
    "an axis less": "each(lambda a: a[0] if np.ndim(a) else a, v)",
    "an axis more": "each(lambda a: np.asarray(a)[..., None], v)",
    "too short": "each(lambda a: np.asarray(a)[:2] if np.ndim(a) else np.zeros(2), v)",
    "empty": "each(lambda a: np.asarray(a)[:0] if np.ndim(a) else np.zeros(0), v)",
    "empty rows": "each(lambda a: np.asarray(a)[..., :0] if np.ndim(a) else np.zeros((2, 2)), v)",
    "lists": "each(lambda a: np.asarray(a).tolist(), v)",
    "letters": "each(lambda a: np.asarray(a).astype(str), v)",
    "objects": "each(lambda a: np.asarray(a).astype(object), v)",
    "letters at the end": "(*v[:-1], np.asarray(v[-1]).astype(str)) if isinstance(v, tuple) else v",
    "an axis less at the end": "(*v[:-1], np.ravel(v[-1])[:10]) if isinstance(v, tuple) else v",
}
ODDLY = """
import numpy as np

def each(change, v):
    return type(v)(each(change, item) for item in v) if isinstance(v, (tuple, list)) else change(v)

def odd(v):
    return {value}
"""


def spoiled(assignment: Assignment, value: str) -> str:
    """The reference, every function of which returns something odd in place of its value."""
    assert assignment.private is not None
    source = (assignment.private / f"{assignment.module}.py").read_text(encoding="utf-8")
    names = [each.name for each in assignment.questions if not each.file]
    for name in names:
        source = re.sub(rf"\b{name}\b", f"right_{name}", source)
    wrapped = (
        f"def {name}(*args, **kwargs):\n    return odd(right_{name}(*args, **kwargs))\n"
        if name not in TRAINED
        else f"def {name}(*args, **kwargs):\n    raise NotImplementedError\n"
        for name in names
    )
    return "\n".join([source, ODDLY.format(value=value), *wrapped])


@pytest.mark.parametrize("assignment", COURSE.assignments, ids=lambda each: each.id)
def test_an_odd_value_is_no_fault_of_a_public_test(assignment: Assignment, tmp_path: Path) -> None:
    broken: list[tuple[str, str, str]] = []

    def grade(grader: grading.Grader) -> None:
        for name, value in ODD.items():
            path = tmp_path / f"{assignment.module}.py"
            path.write_text(spoiled(assignment, value), encoding="utf-8")
            report = grader.grade(path, options)
            assert report.results, report.rejected
            broken.extend(
                (name, each.case.name, each.log.strip().rpartition("\n")[2])
                for each in report.results
                if each.outcome is Outcome.GRADER_ERROR
            )

    options = grading.GradeOptions(public=True)
    grading.graders(COURSE, assignment, options, grade)

    assert broken == []
