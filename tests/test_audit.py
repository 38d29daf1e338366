"""The audit finds what is wrong with a grader, and is silent where nothing is."""

from pathlib import Path

import pytest

from grader.audit import Audit, audit
from grader.course import find_assignment, read_course
from grader.errors import UsageError
from grader.mutation import read_equivalent
from tests.small_course import write_course

HIDDEN = "solutions/hw01_doubling/test_hidden.py"
MISTAKES = "solutions/hw01_doubling/misconceptions.py"
ALTERNATIVES = "solutions/hw01_doubling/alternatives.py"
STUB = "assignments/hw01_doubling/doubling.py"


def audit_with(tmp_path: Path, changes: dict[str, tuple[str, str]], *, seed_count: int = 2) -> Audit:
    """Audit the small course after replacing text in its files."""
    root = write_course(tmp_path)
    for name, (old, new) in changes.items():
        path = root / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")
    course = read_course(root, secret=None)
    return audit(
        course, find_assignment(course, "hw1"), seed_count=seed_count, jobs=1, progress=lambda done, total, what: None
    )


class TestSound:
    def test_every_claim_holds(self, tmp_path: Path) -> None:
        """Figures, no problem, no survivor."""
        done = audit_with(tmp_path, {})

        assert done.problems == ()
        assert done.survivors == ()
        assert (done.tests, done.misconceptions, done.alternatives) == (4, 2, 2)
        assert done.mutants == done.killed > 5
        assert done.thinnest[0] > 1000


class TestFindings:
    @pytest.mark.parametrize(
        ("file", "old", "new", "told"),
        [
            (ALTERNATIVES, "return x + x", "return x + x + 1e-6", "the alternative added does not pass test_doubled"),
            (STUB, "raise NotImplementedError", "return NotImplementedError", "the stub is not `not attempted`"),
            (MISTAKES, "return x * x", "return 2 * x", "squares loses no points"),
        ],
        ids=["alternative", "stub", "costs_nothing"],
    )
    def test_what_does_not_hold_is_said(self, tmp_path: Path, file: str, old: str, new: str, told: str) -> None:
        """In a sentence that names it."""
        assert told in " / ".join(audit_with(tmp_path, {file: (old, new)}).problems)

    def test_two_mistakes_with_one_answer(self, tmp_path: Path) -> None:
        """Neither can be told."""
        twin = (
            '@misconception("double", hint="Another hint for the same answer.")\n'
            "def to_the_second_power(x):\n    if x.ndim > 3:\n        raise ValueError\n    return x**2\n\n\n"
        )
        changes = {MISTAKES: ('@misconception("total"', twin + '@misconception("total"')}

        problems = audit_with(tmp_path, changes).problems

        assert any("no test tells it from to_the_second_power" in problem for problem in problems)
        assert any("no test tells it from squares" in problem for problem in problems)

    def test_a_mutant_that_no_test_notices(self, tmp_path: Path) -> None:
        """It is listed, and lowers the score."""
        refusal = "check_error(student.double, rng.normal(size=(1, 2, 1, 2)))"

        done = audit_with(tmp_path, {HIDDEN: (refusal, "check(student.double, rng.normal(size=3))")})

        assert any("ndim > 3" in survivor.before for survivor in done.survivors)
        assert any("mutation score" in problem for problem in done.problems)


class TestEquivalent:
    def test_a_listed_mutant_is_no_survivor(self, tmp_path: Path) -> None:
        """With its reason."""
        file = tmp_path / "equivalent_mutants.txt"
        file.write_text("# why not\n\nf: a < 1 => a <= 1  # equivalent: a is never 1\n")

        assert read_equivalent(file) == {"f: a < 1 => a <= 1": "a is never 1"}

    def test_a_line_without_a_reason_is_refused(self, tmp_path: Path) -> None:
        """Nobody could check it."""
        file = tmp_path / "equivalent_mutants.txt"
        file.write_text("f: a < 1 => a <= 1\n")

        with pytest.raises(UsageError, match="without a reason"):
            read_equivalent(file)

    def test_a_line_that_names_no_mutant_is_a_problem(self, tmp_path: Path) -> None:
        """The reference changed, and the list did not."""
        root = write_course(tmp_path)
        (root / "solutions/hw01_doubling/equivalent_mutants.txt").write_text("f: x => y  # equivalent: gone\n")
        course = read_course(root, secret=None)

        done = audit(course, find_assignment(course, "hw1"), seed_count=1, jobs=1, progress=lambda *_: None)

        assert any("not there: f: x => y" in problem for problem in done.problems)
