"""Tests of grader.itemstats: what is said of a test, against NumPy and by hand."""

from collections.abc import Sequence

import numpy as np
import pytest

from grader.itemstats import EITHER, FEW, Suspicion, TestNumbers, at_most, correlation, count_tests
from grader.records import Outcome, Report
from tests.builders import make_case, make_report, make_result

LETTERS = "abcdefgh"


def report_of(*passed: bool, outcomes: Sequence[Outcome | None] = ()) -> Report:
    """A report of one test of 10 points for each answer."""
    results = [
        make_result(
            case=make_case(name=f"test_{LETTERS[at]}", points=10.0),
            score=10.0 if each else 0.0,
            outcome=outcomes[at] if outcomes else None,
        )
        for at, each in enumerate(passed)
    ]
    score = sum(each.score or 0.0 for each in results)
    return make_report(results=results, score=score, max_score=10.0 * len(results))


def numbers_of(reports: Sequence[Report], name: str) -> TestNumbers:
    return {each.case.name: each for each in count_tests(reports)}[name]


class TestDifficulty:
    def test_it_is_the_share_who_solved_it(self) -> None:
        numbers = numbers_of([report_of(number < 3, True) for number in range(4)], "test_a")

        assert (numbers.solved, numbers.asked, numbers.share) == (3, 4, 0.75)

    def test_who_has_half_of_the_points_has_solved_it(self) -> None:
        case = make_case(points=10.0)
        results = [make_result(case=case, score=score, outcome=Outcome.FAILED) for score in (4.9, 5.0, 7.0, 0.0)]

        assert numbers_of([make_report(results=[each]) for each in results], case.name).solved == 2

    def test_a_test_that_was_skipped_or_broke_asked_nobody(self) -> None:
        outcomes = [Outcome.SKIPPED, Outcome.GRADER_ERROR, Outcome.NOT_ATTEMPTED, None]
        reports = [report_of(False, True, outcomes=[each, None]) for each in outcomes]
        numbers = numbers_of(reports, "test_a")

        assert (numbers.asked, numbers.solved, numbers.unattempted, numbers.broken) == (2, 0, 1, 1)

    def test_a_report_without_a_score_says_only_what_broke(self) -> None:
        broken = make_result(name="test_a", score=None, outcome=Outcome.GRADER_ERROR)
        numbers = numbers_of([make_report(score=None, needs_review=True, results=[broken, make_result()])], "test_a")

        assert (numbers.asked, numbers.broken, numbers.share) == (0, 1, None)

    def test_tests_without_points_are_solved_when_they_pass(self) -> None:
        case = make_case(points=0.0)
        results = [
            make_result(case=case, score=0.0, outcome=each) for each in (Outcome.PASSED, Outcome.FAILED, Outcome.PASSED)
        ]

        assert numbers_of([make_report(results=[each]) for each in results], case.name).solved == 2


class TestDiscrimination:
    def test_it_is_numpys_correlation_with_the_points_on_all_others(self) -> None:
        rng = np.random.default_rng(3)
        ability = rng.random(80)
        passed = rng.random((80, 6)) < ability[:, np.newaxis]
        reports = [report_of(*map(bool, row)) for row in passed]

        for at in range(6):
            others = np.delete(passed, at, axis=1).sum(axis=1)
            expected = np.corrcoef(passed[:, at], others)[0, 1]
            numbers = numbers_of(reports, f"test_{LETTERS[at]}")
            assert numbers.discrimination == pytest.approx(expected, abs=1e-7)
            assert numbers.suspicion is None

    def test_it_is_the_formula_of_the_point_biserial(self) -> None:
        """(mean of those who solved it - mean of those who did not) / deviation * sqrt(p q)."""
        solved = [True] * 6 + [False] * 9
        points = [9.0, 8.0, 9.5, 7.0, 6.0, 9.0, 3.0, 4.0, 5.0, 2.0, 6.0, 7.0, 1.0, 3.0, 4.0]
        p = 6 / 15
        by_hand = (np.mean(points[:6]) - np.mean(points[6:])) / np.std(points) * np.sqrt(p * (1 - p))

        assert correlation(solved, points) == pytest.approx(by_hand)

    def test_where_few_solved_it_or_few_did_not_there_is_none(self) -> None:
        points = [float(number) for number in range(30)]
        for few in (EITHER - 1, 30 - EITHER + 1):
            assert correlation([number < few for number in range(30)], points) is None
        assert correlation([number < EITHER for number in range(30)], points) is not None

    def test_where_all_others_have_the_same_points_there_is_none(self) -> None:
        assert correlation([True, False] * 10, [5.0] * 20) is None


class TestSuspicion:
    def test_a_test_that_good_students_fail_is_doubted(self) -> None:
        """40 students: who can five tests fails the sixth, who cannot passes it."""
        reports = [report_of(*[number < 20] * 5, number >= 20) for number in range(40)]
        numbers = numbers_of(reports, "test_f")

        assert numbers.suspicion is Suspicion.BEST_FAIL
        assert (numbers.best, numbers.best_solved) == (20, 0)
        assert numbers.discrimination == pytest.approx(-1)

    def test_the_tests_that_it_contradicts_are_not(self) -> None:
        reports = [report_of(*[number < 20] * 5, number >= 20) for number in range(40)]

        assert [each.suspicion for each in count_tests(reports)][:5] == [None] * 5

    def test_a_class_that_does_well_but_for_one_test_doubts_it(self) -> None:
        """All tie on all other tests, so that there is no discrimination to speak of it."""
        numbers = numbers_of([report_of(True, True, number < 2) for number in range(FEW)], "test_c")

        assert numbers.discrimination is None
        assert numbers.suspicion is Suspicion.BEST_FAIL

    def test_a_test_that_nobody_solves_is_doubted(self) -> None:
        reports = [report_of(number % 2 == 0, False) for number in range(FEW)]

        assert numbers_of(reports, "test_b").suspicion is Suspicion.NOBODY

    def test_a_test_that_nobody_tries_is_not(self) -> None:
        reports = [report_of(number % 2 == 0, False, outcomes=[None, Outcome.NOT_ATTEMPTED]) for number in range(FEW)]

        assert numbers_of(reports, "test_b").suspicion is None

    def test_a_negative_discrimination_is_doubted_where_it_is_no_chance(self) -> None:
        """Most of the best solve it, and more of the others."""
        rng = np.random.default_rng(1)
        ability = rng.random(400)
        passed = rng.random((400, 5)) < ability[:, np.newaxis]
        inverted = rng.random(400) < 0.98 - 0.4 * ability
        reports = [report_of(*map(bool, row), bool(last)) for row, last in zip(passed, inverted, strict=True)]
        numbers = numbers_of(reports, "test_f")

        assert 2 * numbers.best_solved > numbers.best
        assert numbers.suspicion is Suspicion.INVERTED

    def test_few_reports_doubt_nothing(self) -> None:
        reports = [report_of(*[number < 10] * 5, number >= 10) for number in range(FEW - 1)]

        assert numbers_of(reports, "test_f").discrimination == pytest.approx(-1)
        assert not [each for each in count_tests(reports) if each.suspicion]

    def test_a_hard_test_that_the_best_half_of_the_best_solve_is_not_doubted(self) -> None:
        reports = [report_of(True, number < 20, number < 10, number < 5) for number in range(40)]

        assert numbers_of(reports, "test_d").suspicion is None

    def test_a_class_of_stubs_has_no_best(self) -> None:
        reports = [report_of(False, False, number < 1) for number in range(FEW)]

        assert numbers_of(reports, "test_c").best == 0
        assert numbers_of(reports, "test_c").suspicion is None

    def test_honest_tests_are_rarely_doubted(self) -> None:
        """30 classes of 30 with eight tests: chance alone."""
        rng = np.random.default_rng(11)
        doubted = 0
        for _ in range(30):
            passed = rng.random((30, 8)) < rng.beta(3, 1.5, size=(30, 1))
            doubted += sum(
                each.suspicion is not None for each in count_tests([report_of(*map(bool, row)) for row in passed])
            )

        assert doubted <= 0.02 * 30 * 8


@pytest.mark.parametrize(
    ("successes", "tries", "expected"), [(0, 5, 1 / 32), (1, 3, 0.5), (4, 4, 1.0), (2, 4, 11 / 16)]
)
def test_the_chance_of_few_successes(successes: int, tries: int, expected: float) -> None:
    assert at_most(successes, tries) == pytest.approx(expected)


def test_the_chance_of_few_of_thousands_is_a_number() -> None:
    assert at_most(2000, 5000) < 1e-40
