"""What a regrade tells: whose score changed, and through which tests."""

from grader.changes import compare
from grader.records import Outcome, Report, TestResult
from tests.builders import make_report, make_result


def report(*results: TestResult, digest: str = "0" * 64, score: float | None = None) -> Report:
    total = sum(result.score or 0 for result in results) if score is None else score
    return make_report(results=results, score=total, digest=digest)


def test_what_says_the_same_is_left_out() -> None:
    """A log, a seed and a duration may differ."""
    before = report(make_result(log="a", seed=1, duration_s=0.1))
    after = report(make_result(log="b", seed=2, duration_s=0.2))

    assert compare({"alice": before}, {"alice": after}) == ()


def test_a_changed_test_is_named_with_both_results() -> None:
    same = make_result(name="test_same")
    old, new = make_result(name="test_edited", score=0.0), make_result(name="test_edited")
    before, after = report(same, old), report(same, new)

    (changed,) = compare({"alice": before, "bob": before}, {"alice": after, "bob": before})

    assert (changed.student, changed.before, changed.after) == ("alice", before, after)
    assert [(test.name, test.before, test.after) for test in changed.tests] == [("test_edited", old, new)]
    assert changed.score_changed
    assert not changed.handed_in_again


def test_other_words_are_a_change_without_points() -> None:
    before, after = report(make_result(score=0.0, hint="One.")), report(make_result(score=0.0, hint="Another."))

    (changed,) = compare({"alice": before}, {"alice": after})

    assert len(changed.tests) == 1
    assert not changed.score_changed


def test_tests_that_came_and_went_are_listed() -> None:
    before, after = report(make_result(name="test_old")), report(make_result(name="test_new"))

    (changed,) = compare({"alice": before}, {"alice": after})

    assert [(test.name, test.before is None, test.after is None) for test in changed.tests] == [
        ("test_new", True, False),
        ("test_old", False, True),
    ]


def test_who_was_not_graded_before_is_new() -> None:
    after = report(make_result())

    (changed,) = compare({}, {"alice": after})

    assert changed.before is None
    assert changed.score_changed
    assert len(changed.tests) == 1


def test_who_was_not_graded_again_is_no_change() -> None:
    assert compare({"alice": report(make_result())}, {}) == ()


def test_from_our_fault_to_a_score_is_a_change() -> None:
    fault = make_result(score=None, outcome=Outcome.GRADER_ERROR)
    before = make_report(results=[fault], score=None, needs_review=True)

    (changed,) = compare({"alice": before}, {"alice": report(make_result())})

    assert changed.score_changed


def test_another_submission_is_said() -> None:
    before, after = report(make_result(score=0.0)), report(make_result(), digest="1" * 64)

    (changed,) = compare({"alice": before}, {"alice": after})

    assert changed.handed_in_again
