"""What the hidden tests notice of mutants: each is graded in the sandbox, because it may not return.

In: an assignment. Out: each mutant of its reference with the test that noticed it, and the list of those that are
no faults, each with its reason.
"""

import functools
import re
from dataclasses import replace
from pathlib import Path

from grader import collecting, seeds
from grader.conversation import Grading
from grader.course import find_assignment, read_course
from grader.errors import UsageError
from grader.mutants import Mutant, mutants
from grader.records import Assignment, Course, Outcome, Submission, TestCase
from grader.sandbox import launch, wire
from grader.services import Services, support_source
from grader.suite import Suite

MUTANT_SEEDS = 3  # draws that a mutant must survive to count as a survivor
MUTANT_LIMIT_S = 1.0
_EQUIVALENT = re.compile(r"(?P<key>.+?)\s+# equivalent: (?P<reason>\S.*)")
_MUTANT = Submission(path=Path("mutant"), name="mutant", source="", lines=())


def read_equivalent(path: Path) -> dict[str, str]:
    """Read the mutants that are no faults: one a line, `function: before => after  # equivalent: reason`.

    Raises:
        UsageError: a line without a reason.
    """
    if not path.is_file():
        return {}
    found: dict[str, str] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        match = _EQUIVALENT.fullmatch(line.strip())
        if match is None:
            raise UsageError(
                "a mutant is called equivalent without a reason",
                where=f"{path.name}, line {number}",
                fix="end it with `# equivalent: why`",
            )
        found[match["key"]] = match["reason"]
    return found


def mutant_share(root: Path, name: str, share: int, shares: int) -> list[tuple[Mutant, str]]:
    """Each mutant of a share, with the test that noticed it, or ""."""
    course = read_course(root, secret=None)
    assignment = find_assignment(course, name)
    assert assignment.private is not None
    source = (assignment.private / f"{assignment.module}.py").read_text(encoding="utf-8")
    mine = list(mutants(source))[share::shares]
    listed = read_equivalent(assignment.private / "equivalent_mutants.txt")
    limits = replace(assignment.limits, wall_s=2 * MUTANT_LIMIT_S, cpu_s=MUTANT_LIMIT_S)
    support = support_source(assignment)
    fates: list[tuple[Mutant, str]] = []
    launcher = launch.start(None, preload=assignment.requires)

    def body(suite: Suite) -> None:
        services = Services(root, {}, launcher.open) if assignment.requires else None
        for mutant in mine:
            message = wire.Load(assignment.module, f"{assignment.module}.py", mutant.source, {}, support)
            grading = Grading(_MUTANT, limits, functools.partial(launcher.open, message, limits), services=services)
            try:
                patient = mutant.key in listed
                fates.append((mutant, _noticed_by(suite, grading, mutant, course, assignment, patient=patient)))
            finally:
                grading.close()

    try:
        collecting.collected(assignment, body, private=True)
    finally:
        launcher.close()
    return fates


def _noticed_by(
    suite: Suite, grading: Grading, mutant: Mutant, course: Course, assignment: Assignment, *, patient: bool
) -> str:
    """The first test that a mutant fails, its own function's first; "" where it passes all, for several draws.

    A test that ran out of time notices an endless loop. Of a mutant that is listed as equivalent it says only
    that the machine is busy: there one is `patient`.
    """
    cases = [case for case in suite.cases if not _is_model(assignment, case)]  # no mutant made one
    order = sorted(cases, key=lambda case: case.question != mutant.function)
    for number in range(MUTANT_SEEDS):
        seed = seeds.submission_seed(course.secret, assignment.id, f"mutant {number}")
        for case in (each for each in order if number < _draws(assignment, each, mutant.function)):
            (result,) = suite.run(grading, seed=seed, only={case.name}, search=False)
            late = result.outcome is Outcome.TIMEOUT and patient
            if result.outcome is not Outcome.PASSED and not late:
                return case.name
    return ""


def _draws(assignment: Assignment, case: TestCase, function: str) -> int:
    """How many draws a test is worth: one that trains a network has few, and none for a function of arrays."""
    few = {each.name: each.audit_seeds for each in assignment.questions}
    here = few.get(case.question)
    if here is None:
        return MUTANT_SEEDS
    return 0 if few.get(function, here) is None else min(MUTANT_SEEDS, here)


def _is_model(assignment: Assignment, case: TestCase) -> bool:
    return any(each.file and each.name == case.question for each in assignment.questions)
