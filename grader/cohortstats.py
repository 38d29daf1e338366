"""Owns the numbers of a whole class: how a test, a hint and a limit did. Pure: no files, no clock.

In: an assignment's entries of the gradebook, each with the report that it counts; a report's texts may be left out.
Out: `Statistics`. The rules: nothing here gives or changes a point, and what few have shown is no finding.
"""

import enum
import math
import statistics
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from grader.cohort import Entry
from grader.itemstats import TestNumbers, count_tests
from grader.records import Limits, Outcome, Report, TestResult, Visibility

_BINS = 10
_NO_TIME = (Outcome.SKIPPED, Outcome.NOT_ATTEMPTED)


class Standing(enum.StrEnum):
    """What became of a student's work."""

    SCORED = "scored"
    REVIEW = "review"  # a person must look
    UNGRADED = "ungraded"  # found, and no report on it yet
    REJECTED = "rejected"
    REFUSED = "refused"  # all of it came too late
    ABSENT = "absent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """A student's entry, and the report that it counts."""

    student: str
    entry: Entry
    report: Report | None = None  # None: nothing was graded; members of a group share one object
    unread: bool = False  # there is a report, but its results cannot be read

    @property
    def standing(self) -> Standing:
        """What became of the work."""
        if self.entry.score is not None:
            return Standing.SCORED
        if not self.entry.attempts:
            return Standing.ABSENT
        if self.entry.needs_review:
            return Standing.UNGRADED if self.report is None and not self.unread else Standing.REVIEW
        return Standing.REJECTED if self.report is not None and self.report.rejected else Standing.REFUSED


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """How numbers lie; percentiles are interpolated linearly between their neighbours."""

    count: int
    mean: float
    least: float
    quarter: float
    median: float
    three_quarters: float
    percentile_90: float
    percentile_99: float
    most: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """Scores from `low` to below `high`; the last bin has all from `low` up."""

    low: float
    high: float
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HintNumbers:
    """How many were told of one misconception."""

    id: str  # of the misconception, or "" where a journal does not say it
    hint: str  # as it was told last
    question: str
    students: int
    tests: tuple[str, ...]  # their titles, in the order of the tests


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Who passes all that can be seen, and fails what cannot."""

    visible_passed: tuple[str, ...]  # students
    hidden_failed: tuple[str, ...]  # of these

    def __bool__(self) -> bool:
        return bool(self.visible_passed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What the tests of one question took, and what their limits stopped."""

    question: str
    seconds: Spread | None  # of a test in the grader: reference and comparison included
    limits: Limits | None  # None: not known; a journal has none
    timeouts: int
    out_of_memory: int
    crashed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics:
    """Everything there is to count of one assignment."""

    standings: Mapping[Standing, int]
    scores: Spread | None
    bins: tuple[Bin, ...]
    tests: tuple[TestNumbers, ...]
    hints: tuple[HintNumbers, ...]  # the commonest first
    gap: Gap | None  # None: no report has both kinds of tests
    usage: tuple[Usage, ...]
    grading: Spread | None  # seconds for a whole submission
    memory: Spread | None  # MB: the most that one test of a submission took
    review: tuple[str, ...]  # students, in the order given
    unread: int  # students whose results cannot be read: they are in no number of tests

    @property
    def suspicious(self) -> tuple[TestNumbers, ...]:
        """The tests to look at first."""
        return tuple(test for test in self.tests if test.suspicion is not None)


def count(
    work: Sequence[Counted],
    *,
    max_score: float,
    limits: Mapping[str, Limits] | None = None,
    others: Limits | None = None,
) -> Statistics:
    """Count a class.

    Args:
        work: one for each student of the gradebook.
        max_score: points of the assignment.
        limits: of each question's tests, by its name.
        others: of the tests of no question.

    Returns:
        Numbers of entries by student; those of tests and times by report, so that a group's counts once.
    """
    scores = [each.entry.score for each in work if each.entry.score is not None]
    reports = list({id(each.report): each.report for each in work if each.report is not None}.values())
    standings = [each.standing for each in work]
    return Statistics(
        standings={each: standings.count(each) for each in Standing},
        scores=spread(scores),
        bins=_bins(scores, max_score),
        tests=tuple(count_tests(reports)),
        hints=_hints(work),
        gap=_gap(work),
        usage=tuple(_usage(reports, limits or {}, others)),
        grading=spread([each.duration_s for each in reports if each.duration_s > 0]),
        memory=spread([each.memory_mb for each in reports if each.memory_mb is not None]),
        review=tuple(
            each.student
            for each in work
            if each.unread or (each.entry.needs_review and each.standing is not Standing.UNGRADED)
        ),
        unread=sum(each.unread for each in work),
    )


def spread(values: Sequence[float]) -> Spread | None:
    """How numbers lie; None where there is none."""
    if not values:
        return None
    cuts = statistics.quantiles(values, n=100, method="inclusive") if len(values) > 1 else [values[0]] * 99
    return Spread(
        count=len(values),
        mean=statistics.fmean(values),
        least=min(values),
        quarter=cuts[24],
        median=cuts[49],
        three_quarters=cuts[74],
        percentile_90=cuts[89],
        percentile_99=cuts[98],
        most=max(values),
    )


# --- scores -------------------------------------------------------------------


def _bins(scores: Iterable[float], max_score: float) -> tuple[Bin, ...]:
    if not max_score > 0:
        return ()
    width = max_score / _BINS
    counts = [0] * _BINS
    for score in scores:
        counts[max(0, min(_BINS - 1, math.floor(_BINS * score / max_score)))] += 1
    return tuple(Bin(low=number * width, high=(number + 1) * width, count=found) for number, found in enumerate(counts))


# --- hints, visible against hidden --------------------------------------------


def _hints(work: Sequence[Counted]) -> tuple[HintNumbers, ...]:
    students: dict[tuple[str, str], set[str]] = defaultdict(set)
    tests: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    hints: dict[tuple[str, str], TestResult] = {}
    for each in work:
        for result in each.report.results if each.report is not None else ():
            if result.hint:
                key = (result.hint_id or result.hint, result.case.question)
                hints[key] = result
                students[key].add(each.student)
                tests[key][result.case.name] = result.case.title or result.case.name
    found = (
        HintNumbers(
            id=hints[key].hint_id,
            hint=hints[key].hint,
            question=key[1],
            students=len(told),
            tests=tuple(tests[key].values()),
        )
        for key, told in students.items()
    )
    return tuple(sorted(found, key=lambda hint: (-hint.students, hint.question, hint.hint)))


def _gap(work: Sequence[Counted]) -> Gap | None:
    passed, failed, both = [], [], False
    for each in work:
        if each.report is None or each.report.score is None:
            continue
        visible = [one for one in each.report.results if one.case.visibility is Visibility.VISIBLE]
        hidden = [one for one in each.report.results if one.case.visibility is not Visibility.VISIBLE]
        if not visible or not hidden:
            continue
        both = True
        if all(one.outcome is Outcome.PASSED for one in visible):
            passed.append(each.student)
            if any(one.outcome is not Outcome.PASSED for one in hidden):
                failed.append(each.student)
    return Gap(visible_passed=tuple(passed), hidden_failed=tuple(failed)) if both else None


# --- limits -------------------------------------------------------------------


def _usage(reports: Sequence[Report], limits: Mapping[str, Limits], others: Limits | None) -> Iterator[Usage]:
    by_question: dict[str, list[TestResult]] = defaultdict(list)
    for report in reports:
        for result in report.results:
            by_question[result.case.question].append(result)
    for question, results in by_question.items():
        outcomes = [result.outcome for result in results]
        yield Usage(
            question=question,
            seconds=spread(
                [each.duration_s for each in results if each.duration_s > 0 and each.outcome not in _NO_TIME]
            ),
            limits=limits.get(question, others),
            timeouts=outcomes.count(Outcome.TIMEOUT),
            out_of_memory=outcomes.count(Outcome.OUT_OF_MEMORY),
            crashed=outcomes.count(Outcome.CRASHED),
        )
