"""Tests of grader.cohortstats: what is counted of a class, against NumPy and by hand."""

import dataclasses
from typing import Any

import numpy as np
import pytest

from grader.cohortstats import Counted, Standing, Statistics, count, spread
from grader.records import Limits, Outcome, Report, TestResult, Visibility
from tests.builders import make_report, make_result
from tests.cohorts import make_entry


def counted(student: str, score: float | None = 50.0, report: Report | None = None, **fields: Any) -> Counted:
    return Counted(student=student, entry=make_entry(score, **fields), report=report)


def statistics_of(*results: TestResult, **limits: Limits) -> Statistics:
    return count([counted("ann", report=make_report(results=results))], max_score=100.0, limits=limits)


class TestScores:
    def test_percentiles_are_numpys(self) -> None:
        values = list(np.random.default_rng(5).random(101) * 100)
        found = spread(values)
        assert found is not None

        cuts = np.percentile(values, [25, 50, 75, 90, 99])
        mine = [found.quarter, found.median, found.three_quarters, found.percentile_90, found.percentile_99]
        assert mine == pytest.approx(list(cuts))
        assert (found.mean, found.least, found.most) == pytest.approx((np.mean(values), min(values), max(values)))

    def test_one_number_is_every_percentile(self) -> None:
        found = spread([3.0])
        assert found is not None

        assert {found.mean, found.least, found.quarter, found.median, found.percentile_99, found.most} == {3.0}

    def test_no_number_has_no_spread(self) -> None:
        assert spread([]) is None

    def test_each_score_is_in_one_tenth(self) -> None:
        """100 is in the last one; more than all, which an override gives, too."""
        scores = [0.0, 9.99, 10.0, 95.0, 100.0, 120.0]
        bins = count([counted(str(score), score) for score in scores], max_score=100.0).bins

        assert [each.count for each in bins] == [2, 1, 0, 0, 0, 0, 0, 0, 0, 3]
        assert [(each.low, each.high) for each in bins][::9] == [(0.0, 10.0), (90.0, 100.0)]

    def test_a_class_without_a_score_has_no_distribution(self) -> None:
        found = count([counted("ann", None)], max_score=0.0)

        assert (found.scores, found.bins) == (None, ())


class TestStandings:
    def test_everybody_stands_somewhere(self) -> None:
        rejected = make_report(score=None, results=(), rejected="the file is empty")
        waiting = make_report(score=None, needs_review=True)
        tried: dict[str, object] = {"attempts": 1, "attempt": 1}
        work = [
            counted("scored", 10.0, make_report()),
            counted("absent", None),
            counted("rejected", None, rejected, **tried),
            counted("refused", None, make_report(), **tried),
            counted("review", None, waiting, needs_review=True, **tried),
            counted("ungraded", None, None, needs_review=True, **tried),
        ]

        assert [each.standing for each in work] == [Standing(each.student) for each in work]
        assert set(count(work, max_score=100.0).standings.values()) == {1}

    def test_who_must_be_looked_at_is_listed_in_the_order_given(self) -> None:
        work = [
            counted("zoe", 10.0, make_report(), needs_review=True),
            counted("bob", 10.0, make_report()),
            counted("ann", None, make_report(score=None), needs_review=True, attempts=1),
            counted("xav", None, None, needs_review=True, attempts=1),
        ]

        assert count(work, max_score=100.0).review == ("zoe", "ann")


class TestHints:
    def test_the_commonest_comes_first_and_a_student_is_told_once(self) -> None:
        turned = make_result(name="test_a", title="A", score=0.0, hint="turned")
        again = make_result(name="test_b", title="B", score=0.0, hint="turned")
        rare = make_result(name="test_c", score=0.0, hint="bias", question="conv1d")
        work = [
            counted("ann", report=make_report(results=[rare])),
            counted("bob", report=make_report(results=[turned, again])),
            counted("kim", report=make_report(results=[turned])),
        ]
        found = count(work, max_score=100.0).hints

        assert [(each.hint, each.question, each.students, each.tests) for each in found] == [
            ("turned", "conv2d", 2, ("A", "B")),
            ("bias", "conv1d", 1, ("Overlapping windows: the stride is not the window size.",)),
        ]

    def test_one_that_was_worded_anew_is_counted_with_its_former_self(self) -> None:
        work = [
            counted(name, report=make_report(results=[make_result(score=0.0, hint=hint, hint_id="turned")]))
            for name, hint in (("ann", "It is turned."), ("bob", "Your filter is turned."))
        ]

        assert [(each.id, each.hint, each.students) for each in count(work, max_score=100.0).hints] == [
            ("turned", "Your filter is turned.", 2)
        ]


class TestGap:
    @staticmethod
    def report(*passed: bool, hidden: bool = True) -> Report:
        return make_report(
            results=[
                make_result(
                    name=f"test_{at}",
                    score=4.0 if each else 0.0,
                    visibility=Visibility.VISIBLE if at < 2 or not hidden else Visibility.AFTER_PUBLISHED,
                )
                for at, each in enumerate(passed)
            ]
        )

    def test_who_passes_what_is_seen_and_fails_what_is_not_is_named(self) -> None:
        work = [
            counted("all", report=self.report(True, True, True)),
            counted("gap", report=self.report(True, True, False)),
            counted("seen", report=self.report(True, False, False)),
            counted("none", None),
        ]
        found = count(work, max_score=100.0).gap
        assert found is not None

        assert found.visible_passed == ("all", "gap")
        assert found.hidden_failed == ("gap",)

    def test_where_everything_is_seen_it_is_not_told(self) -> None:
        assert count([counted("ann", report=self.report(True, True, False, hidden=False))], max_score=1.0).gap is None


class TestUsage:
    def test_times_stand_beside_the_limits_of_their_question(self) -> None:
        limits = Limits(wall_s=9.0)
        results = [make_result(name=f"test_{at}", duration_s=at / 10) for at in range(1, 12)]
        (found,) = statistics_of(*results, conv2d=limits).usage
        assert found.seconds is not None

        assert found.limits is limits
        assert (found.seconds.count, found.seconds.median, found.seconds.most) == pytest.approx((11, 0.6, 1.1))
        assert found.seconds.percentile_90 == pytest.approx(np.percentile([at / 10 for at in range(1, 12)], 90))

    def test_what_a_limit_ended_is_counted(self) -> None:
        ended = (Outcome.TIMEOUT, Outcome.TIMEOUT, Outcome.OUT_OF_MEMORY, Outcome.CRASHED, Outcome.FAILED)
        results = [make_result(name=f"test_{at}", score=0.0, outcome=each) for at, each in enumerate(ended)]
        (found,) = statistics_of(*results).usage

        assert (found.timeouts, found.out_of_memory, found.crashed) == (2, 1, 1)
        assert found.limits is None

    def test_what_did_not_run_took_no_time(self) -> None:
        results = [
            make_result(name=f"test_{at}", score=0.0, outcome=each)
            for at, each in enumerate((Outcome.SKIPPED, Outcome.NOT_ATTEMPTED))
        ]

        assert statistics_of(*results).usage[0].seconds is None


def test_a_report_of_a_group_counts_once_but_each_member_has_a_score() -> None:
    shared = make_report()
    found = count([counted("ann", report=shared), counted("bob", report=shared)], max_score=100.0)

    assert found.standings[Standing.SCORED] == 2
    assert found.tests[0].asked == 1
    assert found.grading is not None
    assert found.grading.count == 1


def test_memory_is_counted_by_submission_where_it_was_measured() -> None:
    reports = [dataclasses.replace(make_report(), memory_mb=memory) for memory in (None, 2.0, 4.0, 9.0)]
    found = count([counted(str(number), report=each) for number, each in enumerate(reports)], max_score=100.0)

    assert found.memory is not None
    assert (found.memory.count, found.memory.median, found.memory.most) == (3, 4.0, 9.0)
    assert count([counted("ann")], max_score=100.0).memory is None
