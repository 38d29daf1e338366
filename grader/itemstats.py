"""Owns the numbers of each test over a whole class, and which tests are probably wrong themselves. Pure.

In: reports, each submission once; their texts may be left out. Out: `TestNumbers`, in the order of the tests.
The rule: what few have shown is no finding.

A test asks those for whom it ran: one that was skipped, or failed itself, asked nobody. Who has half of its points has
solved it, which of a test that gives all or nothing is who passed it. Its discrimination is the point-biserial
correlation of "solved" with the points on all other tests of the same report: with its own points in, every test would
look a little better than it is.

The best are those within the upper quarter of the points on all other tests (all who tie at its edge), if they have
half of these points; a class of untouched stubs has no best.
"""

import enum
import math
import statistics
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from grader.records import Outcome, Report, TestCase, TestResult

FEW = 20  # reports, below which a test is never called suspicious
EITHER = 5  # who solved it and who did not, below which it has no discrimination
CHANCE = 0.05  # that a flag is raised where the best solve it as often as not, or discrimination is 0
_ONE_SIDED = statistics.NormalDist().inv_cdf(1 - CHANCE)


class Suspicion(enum.StrEnum):
    """Why a test is probably the course's own fault."""

    NOBODY = "nobody solves it"
    BEST_FAIL = "most of the best students fail it"
    INVERTED = "the better the student, the more often it fails"


@dataclass(frozen=True, slots=True, kw_only=True)
class TestNumbers:
    """How a class did on one test."""

    __test__ = False  # pytest would collect the name

    case: TestCase
    asked: int  # reports with a score in which it ran
    solved: int
    unattempted: int  # of those asked
    broken: int  # times that it failed itself, in any report
    discrimination: float | None  # -1..1; None: too few on either side, or all others have the same points
    best: int  # of the best, those who tried
    best_solved: int
    suspicion: Suspicion | None

    @property
    def share(self) -> float | None:
        """Difficulty as it is usually given: the share who solved it, 0..1."""
        return self.solved / self.asked if self.asked else None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    """One report's answer to one test."""

    solved: bool
    tried: bool
    others: float  # the share of the points on all other tests, 0..1


def count_tests(reports: Sequence[Report]) -> Iterator[TestNumbers]:
    """Count how a class did on each test.

    Args:
        reports: each submission once; texts, logs and evidence are not looked at.

    Returns:
        The tests in the order in which they first appear.
    """
    cases: dict[str, TestCase] = {}
    broken: dict[str, int] = defaultdict(int)
    answers: dict[str, list[_Answer]] = defaultdict(list)
    for report in reports:
        for result in report.results:
            cases[result.case.name] = result.case
            broken[result.case.name] += result.outcome is Outcome.GRADER_ERROR
        if report.score is not None:
            for name, answer in _answers(report):
                answers[name].append(answer)
    for name, case in cases.items():
        yield _numbers(case, answers[name], broken[name])


def correlation(solved: Sequence[bool], points: Sequence[float]) -> float | None:
    """The point-biserial correlation; None where either side has under `EITHER`, or all points are the same."""
    if min(solved.count(True), solved.count(False)) < EITHER:
        return None
    try:
        return statistics.correlation([float(each) for each in solved], points)
    except statistics.StatisticsError:
        return None


def at_most(successes: int, tries: int) -> float:
    """The chance of no more successes than these where each try succeeds as often as not."""
    term = total = 1
    for number in range(successes):
        term = term * (tries - number) // (number + 1)
        total += term
    return float(total / 2**tries)


def _answers(report: Report) -> Iterator[tuple[str, _Answer]]:
    points = math.fsum(each.case.points for each in report.results)
    scores = math.fsum(each.score or 0.0 for each in report.results)
    for each in report.results:
        if each.outcome not in (Outcome.SKIPPED, Outcome.GRADER_ERROR):
            rest = points - each.case.points
            others = (scores - (each.score or 0.0)) / rest if rest > 0 else 0.0
            # Sums in another order differ in their last bits, and would split who ties.
            yield (
                each.case.name,
                _Answer(solved=_solved(each), tried=each.outcome is not Outcome.NOT_ATTEMPTED, others=round(others, 9)),
            )


def _solved(result: TestResult) -> bool:
    return result.outcome is Outcome.PASSED or 0 < result.case.points <= 2 * (result.score or 0.0)


def _numbers(case: TestCase, answers: Sequence[_Answer], broken: int) -> TestNumbers:
    solved = [each.solved for each in answers]
    tried = sum(each.tried for each in answers)
    best = [each.solved for each in _best(answers) if each.tried]
    discrimination = correlation(solved, [each.others for each in answers])
    suspicion = None
    if len(answers) >= FEW:
        suspicion = _suspicion(solved, tried, best, discrimination)
    return TestNumbers(
        case=case,
        asked=len(answers),
        solved=sum(solved),
        unattempted=len(answers) - tried,
        broken=broken,
        discrimination=discrimination,
        best=len(best),
        best_solved=sum(best),
        suspicion=suspicion,
    )


def _best(answers: Sequence[_Answer]) -> Iterator[_Answer]:
    ranked = sorted((each.others for each in answers), reverse=True)
    edge = ranked[math.ceil(len(ranked) / 4) - 1] if ranked else 1.0
    return (each for each in answers if each.others >= max(edge, 0.5))


def _suspicion(
    solved: Sequence[bool], tried: int, best: Sequence[bool], discrimination: float | None
) -> Suspicion | None:
    if tried >= FEW // 2 and not any(solved):
        return Suspicion.NOBODY
    if 2 * sum(best) < len(best) and at_most(sum(best), len(best)) <= CHANCE:
        return Suspicion.BEST_FAIL
    # Fisher's transformation; a correlation of -1 has no finite one, and needs none.
    if discrimination is not None and discrimination < 0:
        bound = math.atanh(max(discrimination, -0.999999)) + _ONE_SIDED / math.sqrt(len(solved) - 3)
        return Suspicion.INVERTED if bound < 0 else None
    return None
