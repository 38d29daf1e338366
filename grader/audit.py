"""Is the grader itself right? The hidden tests of an assignment are held against what is known to be right and wrong.

In: an assignment. Out: an Audit: figures, and every claim that does not hold, as a sentence. For many student seeds:

    the reference and every alternative     all points
    the untouched stub                      no points, every test not attempted
    the reference with one misconception    loses points in that function only, and is told its own hint
    the reference with one mutation         loses points, or is listed as equivalent with a reason

Our own code alone is run here: known mistakes in this process, mutants, which may not return, in the sandbox.
"""

import concurrent.futures
import multiprocessing
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from grader import collecting
from grader.auditseeds import Tally, audit_right, audit_wrong, seed_share
from grader.checks.alternatives import read_alternatives
from grader.checks.misconceptions import read_misconceptions
from grader.errors import UsageError
from grader.mutants import Mutant
from grader.mutation import mutant_share, read_equivalent
from grader.records import Assignment, Course


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """The audit of one assignment."""

    assignment: str
    seeds: int
    tests: int
    misconceptions: int
    alternatives: int
    mutants: int  # without the equivalent ones
    killed: int
    equivalent: int
    survivors: tuple[Mutant, ...]
    thinnest: tuple[float, str]  # how many tolerances the nearest mistake is off, and which
    problems: tuple[str, ...]
    duration_s: float

    @property
    def cells(self) -> tuple[str, ...]:
        """The row of a table: id, tests, misconceptions, alternatives, mutants, killed, margin, time."""
        margin, _ = self.thinnest
        return (
            self.assignment,
            str(self.tests),
            str(self.misconceptions),
            str(self.alternatives),
            f"{self.mutants} (+{self.equivalent} equivalent)",
            f"{self.mutation_score:.1%}",
            f"{margin:.0f}x",
            f"{self.duration_s:.0f} s",
        )

    @property
    def notes(self) -> tuple[str, ...]:
        """The thinnest margin, and each survivor as `equivalent_mutants.txt` would name it, had it a reason."""
        margin, place = self.thinnest
        found = [f"the nearest mistake is {place}"] if place and margin < float("inf") else []
        found += [f"no test notices {each.key} (line {each.line}, {each.operator})" for each in self.survivors]
        return tuple(found)

    @property
    def mutation_score(self) -> float:
        """Killed of those that are faults, 0..1."""
        return self.killed / self.mutants if self.mutants else 1.0


Progress = Callable[[int, int, str], object]  # done, total, what


def audit(
    course: Course,
    assignment: Assignment,
    *,
    seed_count: int = 50,
    jobs: int = 2,
    least: float = 0.95,
    progress: Progress,
) -> Audit:
    """Audit one assignment, in parallel.

    Args:
        course: where it belongs.
        assignment: which.
        seed_count: student seeds.
        jobs: processes.
        least: the mutation score that is still good enough, 0..1.
        progress: told after each share of the work.

    Raises:
        UsageError: there are no hidden tests to audit.
        CourseError: a course file is wrong.
    """
    if assignment.private is None:
        raise UsageError(
            f"{assignment.id} has no hidden tests here",
            where=str(course.root),
            fix="audit in a checkout with solutions/",
        )
    begin = time.perf_counter()
    # Each share of the mutants starts a fork server, which takes seconds where it holds TensorFlow.
    shares = jobs * (2 if assignment.requires else 4)
    tasks: list[tuple[Callable[..., Any], tuple[Any, ...]]] = [
        (seed_share, (course.root, assignment.id, range(share, seed_count, shares), part))
        for share in range(shares)
        for part in (audit_right, audit_wrong)  # apart: where tests train, each takes a minute for the first seed
    ]
    tasks += [(mutant_share, (course.root, assignment.id, share, shares)) for share in range(shares)]
    tally, fates = Tally(), []
    # spawn: a fork would copy whatever the calling process holds, threads included.
    context = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(jobs, mp_context=context) as pool:
        futures = [pool.submit(function, *arguments) for function, arguments in tasks]
        for done, future in enumerate(concurrent.futures.as_completed(futures), 1):
            result = future.result()
            if isinstance(result, Tally):
                tally.add(result)
            else:
                fates += result
            progress(done, len(tasks), f"{assignment.id}: seeds and mutants")
    return _judge(assignment, tally, fates, seed_count, least, time.perf_counter() - begin)


def _judge(
    assignment: Assignment,
    tally: Tally,
    fates: list[tuple[Mutant, str]],
    seed_count: int,
    least: float,
    duration_s: float,
) -> Audit:
    assert assignment.private is not None
    reasons = read_equivalent(assignment.private / "equivalent_mutants.txt")
    survivors = [mutant for mutant, fate in fates if not fate and mutant.key not in reasons]
    equivalent = sum(1 for mutant, fate in fates if not fate and mutant.key in reasons)
    problems = [f"{sentence} ({count} of {seed_count} seeds)" for sentence, count in sorted(tally.problems.items())]
    gone = set(reasons) - {mutant.key for mutant, _ in fates}
    killed_equivalent = {mutant.key for mutant, fate in fates if fate} & set(reasons) - {
        m.key for m, f in fates if not f
    }
    problems += [f"equivalent_mutants.txt names a mutant that is not there: {key}" for key in sorted(gone)]
    problems += [
        f"equivalent_mutants.txt names a mutant that a test notices: {key}" for key in sorted(killed_equivalent)
    ]
    for _, killer in fates:
        if killer:
            tally.failed_by[killer].add("a mutant")
    with_tests = _case_names(assignment)
    problems += [f"{name} is failed by nothing" for name in with_tests if not tally.failed_by.get(name)]
    killed, count = sum(1 for _, fate in fates if fate), len(fates) - equivalent
    if count and killed / count < least:
        problems.append(f"the mutation score is {killed / count:.1%}, at least {least:.0%} is asked for")
    known = _misconception_ids(assignment)
    return Audit(
        assignment=assignment.id,
        seeds=seed_count,
        tests=len(with_tests),
        misconceptions=len(known),
        alternatives=len(read_alternatives(assignment.private / "alternatives.py")),
        mutants=count,
        killed=killed,
        equivalent=equivalent,
        survivors=tuple(survivors),
        thinnest=min(((margin, place) for place, margin in tally.margins.items()), default=(float("inf"), "")),
        problems=tuple(problems),
        duration_s=duration_s,
    )


def _case_names(assignment: Assignment) -> list[str]:
    names: list[str] = []
    collecting.collected(assignment, lambda suite: names.extend(case.name for case in suite.cases), private=True)
    return names


def _misconception_ids(assignment: Assignment) -> list[str]:
    assert assignment.private is not None
    return [each.id for each in read_misconceptions(assignment.private / "misconceptions.py")]
