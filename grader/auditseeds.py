"""Owns what a share of an audit's seeds shows: known right and known wrong, in this process.

In: an assignment, and which of the seeds. Out: a Tally: every claim that does not hold, who fails which test, margins.
The rule: a test that never looks at the function that was changed would see the reference once more, seed for seed, so
it is not run; of the first seeds nothing else is taken for granted.
"""

import functools
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from grader import collecting, seeds
from grader.checks.alternatives import read_alternatives
from grader.checks.misconceptions import Misconception, load_course_module
from grader.course import find_assignment, read_course
from grader.errors import CheckFailed
from grader.records import Assignment, Outcome, TestResult
from grader.rehearsal import rehearse, right_functions
from grader.suite import Attempt, Suite

Functions = Mapping[str, Callable[..., Any]]
Looks = Mapping[str, Set[str]]  # test -> the functions that it calls or looks at

_WHOLE_SEEDS = 8  # the first ones, of which nothing is taken for granted


@dataclass(slots=True, kw_only=True)
class Tally:
    """What one share of the seeds showed; shares add up, but for `told_by`, which serves the share alone."""

    problems: dict[str, int] = field(default_factory=lambda: defaultdict(int))  # sentence -> for how many seeds
    failed_by: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))  # test -> mistakes
    margins: dict[str, float] = field(default_factory=dict)  # "misconception in test" -> least tolerances off
    told_by: dict[str, list[str]] = field(
        default_factory=lambda: defaultdict(list)
    )  # misconception -> tests with its hint

    def add(self, other: "Tally") -> None:
        """Take another share's findings in."""
        for sentence, count in other.problems.items():
            self.problems[sentence] += count
        for test, names in other.failed_by.items():
            self.failed_by[test] |= names
        for place, margin in other.margins.items():
            self.margins[place] = min(margin, self.margins.get(place, margin))


def seed_share(root: Path, name: str, numbers: Sequence[int], part: Callable[..., None]) -> Tally:
    """Run what is right, or what is wrong, over a share of the seeds."""
    course = read_course(root, secret=None)
    assignment = find_assignment(course, name)
    tally = Tally()

    def body(suite: Suite) -> None:
        for number in numbers:
            seed = seeds.submission_seed(course.secret, assignment.id, f"audit {number}")
            names = _in_turn(assignment, number)
            part(suite, assignment, seed, tally, names, whole=number < _WHOLE_SEEDS)

    collecting.collected(assignment, body, private=True)
    return tally


def _in_turn(assignment: Assignment, number: int) -> frozenset[str]:
    """The questions that this seed is spent on: one whose tests train a network has few."""
    return frozenset(
        each.name for each in assignment.questions if each.audit_seeds is None or number < each.audit_seeds
    )


def _slow(assignment: Assignment) -> frozenset[str]:
    return frozenset(each.name for each in assignment.questions if each.audit_seeds is not None)


def _tests_for(suite: Suite, function: str, questions: Set[str], *, whole: bool) -> set[str]:
    """The tests that a change of one function is put to; "" is the reference, unchanged.

    Those of the slow questions see only right solutions of a slow question: no array function is called by them.
    No function is called with a model's file, so a model's tests see only changes of that model, and they alone do.
    """
    slow = _slow(suite.assignment)
    files = {each.name for each in suite.assignment.questions if each.file}
    return {
        case.name
        for case in suite.cases
        if case.question in questions
        and (whole or function in ("", case.question))
        and (case.question not in slow or function in ("", *slow))
        and (function in ("", case.question) or not files & {function, case.question})
    }


def _looks(suite: Suite, attempts: Mapping[str, Attempt]) -> Looks:
    """What the tests of a run looked at; a test also depends on what those that it builds on look at."""
    looks: dict[str, set[str]] = {
        name: {each.name for each in attempt.talk.student.functions}
        for name, attempt in attempts.items()
        if attempt.talk is not None
    }
    for name in looks:
        pending = [*suite.builds_on(name)]
        while pending:
            earlier = pending.pop()
            looks[name] |= looks.get(earlier, set())
            pending += suite.builds_on(earlier)
    return looks


def _that_look(names: Set[str], looks: Looks, function: str) -> set[str]:
    """Leave out the tests that look at other functions alone: they would see the reference once more, seed for seed."""
    return {name for name in names if name not in looks or function in looks[name]}


def audit_right(
    suite: Suite, assignment: Assignment, seed: int, tally: Tally, questions: Set[str], *, whole: bool
) -> None:
    """What is right has all points; what is not written is not attempted."""
    assert assignment.private is not None
    right = _functions(suite)
    looks: Looks = {}
    for who, function, make in _right_submissions(suite, assignment, right):
        if function and function not in questions:
            continue
        names = _tests_for(suite, function, questions, whole=whole)
        attempts: dict[str, Attempt] = {}
        if function:
            names = _that_look(names, looks, function)
        for result in _rehearse(suite, assignment, make, seed, attempts, names=names):
            if result.outcome is not Outcome.PASSED:
                tally.problems[f"{who} does not pass {result.case.name} ({result.outcome})"] += 1
        if not function:
            looks = _looks(suite, attempts)
    stub = vars(load_course_module(assignment.public / f"{assignment.module}.py"))
    for result in _rehearse(suite, assignment, lambda: stub, seed, names=_tests_for(suite, "", questions, whole=True)):
        if result.outcome not in (Outcome.NOT_ATTEMPTED, Outcome.SKIPPED):
            tally.problems[f"the stub is not `not attempted` in {result.case.name} but {result.outcome}"] += 1


def audit_wrong(
    suite: Suite, assignment: Assignment, seed: int, tally: Tally, questions: Set[str], *, whole: bool
) -> None:
    """Each misconception loses points where they are due, and is told its hint.

    The first seeds run every test that looks at the function. The others ask whether the hint is told again, by the
    tests that told it before; where they do not, every test of the function runs. It takes a fifth of the time.
    """
    right = _functions(suite)
    looks = _looks_of_quick(suite, assignment, right, seed, questions) if whole else {}
    for wrong in suite.misconceptions:
        if wrong.function not in questions:
            continue
        make = _with(right, wrong.function, wrong.make)
        if not whole and _is_told_again(suite, assignment, make, seed, wrong.hint, tally.told_by[wrong.id]):
            continue
        attempts: dict[str, Attempt] = {}
        if wrong.function in _slow(assignment):
            results = _until_told(suite, assignment, make, seed, wrong, attempts)
        else:
            names = _that_look(_tests_for(suite, wrong.function, questions, whole=whole), looks, wrong.function)
            results = _rehearse(suite, assignment, make, seed, attempts, names=names)
        _audit_misconception(wrong.id, wrong.function, wrong.hint, results, attempts, tally)


def _looks_of_quick(suite: Suite, assignment: Assignment, right: Functions, seed: int, questions: Set[str]) -> Looks:
    """What the tests that train nothing look at, where all is right."""
    slow = _slow(assignment) | {each.name for each in assignment.questions if each.file}
    names = {case.name for case in suite.cases if case.question in questions and case.question not in slow}
    attempts: dict[str, Attempt] = {}
    _rehearse(suite, assignment, lambda: right, seed, attempts, names=names)
    return _looks(suite, attempts)


def _until_told(
    suite: Suite,
    assignment: Assignment,
    make: Callable[[], Functions],
    seed: int,
    wrong: Misconception,
    attempts: dict[str, Attempt],
) -> tuple[TestResult, ...]:
    """The tests of a slow question, one after another until one tells the hint: each may train a network."""
    results: list[TestResult] = []
    for case in suite.cases:
        if case.question == wrong.function:
            results += _rehearse(suite, assignment, make, seed, attempts, names={case.name})
            if results[-1].hint == wrong.hint:
                break
    return tuple(results)


def _is_told_again(
    suite: Suite, assignment: Assignment, make: Callable[[], Functions], seed: int, hint: str, tests: Sequence[str]
) -> bool:
    for name in tests:
        (result,) = _rehearse(suite, assignment, make, seed, names={name})
        if result.hint == hint and result.case.points:
            return True
    return False


def _audit_misconception(
    name: str, function: str, hint: str, results: Sequence[TestResult], attempts: Mapping[str, Attempt], tally: Tally
) -> None:
    lost = [result for result in results if result.outcome is not Outcome.PASSED]
    if not any(result.case.points for result in lost):
        tally.problems[f"{name} loses no points"] += 1
        return
    for result in lost:
        tally.failed_by[result.case.name].add(name)
        if result.case.question != function:
            tally.problems[f"{name} loses points in {result.case.question} ({result.case.name})"] += 1
        if result.case.name not in attempts:  # skipped, because of one that is told here too
            continue
        if result.outcome is Outcome.GRADER_ERROR:
            tally.problems[f"{name} breaks {result.case.name}: {result.log.strip().splitlines()[-1][:200]}"] += 1
        if result.hint == hint and result.case.name not in tally.told_by[name]:
            tally.told_by[name].append(result.case.name)
        if result.hint and result.hint != hint:
            tally.problems[f"{name} is told another mistake's hint in {result.case.name}: {result.hint[:60]}"] += 1
    faults = {test: attempt.fault for test, attempt in attempts.items() if isinstance(attempt.fault, CheckFailed)}
    for test, fault in faults.items():
        place = f"{name} in {test}"
        tally.margins[place] = min(fault.margin, tally.margins.get(place, fault.margin))
    if not any(result.hint == hint for result in lost):
        others = sorted({each for fault in faults.values() for each in fault.candidates} - {name})
        twins = "".join(f"; no test tells it from {other}" for other in others)
        tally.problems[f"{name} is never told its hint{twins}"] += 1


def _right_submissions(
    suite: Suite, assignment: Assignment, right: Functions
) -> Iterator[tuple[str, str, Callable[[], Functions]]]:
    """Who, the function that is not the reference's, and the functions."""
    assert assignment.private is not None
    yield "the reference", "", lambda: right
    for each in read_alternatives(assignment.private / "alternatives.py"):
        yield (
            f"the alternative {each.id}",
            each.function,
            _with(right, each.function, functools.partial(_itself, each.call)),
        )


def _functions(suite: Suite) -> Functions:
    assert suite.reference is not None
    return right_functions(suite.assignment, suite.reference)


def _itself(function: Callable[..., Any]) -> Callable[..., Any]:
    return function


def _with(right: Functions, name: str, make: Callable[[], Callable[..., Any]]) -> Callable[[], Functions]:
    """The right functions but one, which is made anew for each session."""
    return lambda: {**right, name: make()}


def _rehearse(
    suite: Suite,
    assignment: Assignment,
    make: Callable[[], Functions],
    seed: int,
    attempts: dict[str, Attempt] | None = None,
    *,
    names: Set[str] | None = None,
) -> tuple[TestResult, ...]:
    grading = rehearse(assignment, make, assignment.public.parents[1])
    kept = {} if attempts is None else attempts
    return suite.run(
        grading,
        seed=seed,
        only=names,
        search=False,
        observed=lambda case, attempt: kept.update({case.name: attempt}),
    )
