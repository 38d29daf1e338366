"""Tests that share a process decide as those with processes of their own: the same report, only sooner."""

import contextlib
import dataclasses
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from grader import grading
from grader.conversation import Conversation
from grader.course import read_course
from grader.errors import SubmissionRejected
from grader.records import Assignment, Outcome, Report, Submission, TestResult
from grader.submission import read_submission
from tests.corpus import COURSE, LIMITS, read_cases
from tests.sandbox.conftest import linux_only
from tests.small_course import RIGHT, write_course, write_submission

pytestmark = linux_only

STATEFUL = "kept = []\n" + RIGHT.replace("return x + x", "kept.append(x)\n    return x + x")


class Watched:
    """What a grading did: which conversations were shared, and what was told of it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.shared: Counter[bool] = Counter()
        self.started: list[str] = []
        self.finished: list[str] = []
        begin = Conversation._start

        def start(conversation: Conversation, *, exploring: bool) -> None:
            self.shared[conversation._shared] += 1
            begin(conversation, exploring=exploring)

        monkeypatch.setattr(Conversation, "_start", start)

    def grade(self, folder: Path, source: str, **options: object) -> Report:
        course = read_course(write_course(folder / "course"), secret=b"test")
        watching = grading.GradeOptions(
            started=lambda case, _: self.started.append(case.name),
            finished=lambda result: self.finished.append(result.case.name),
        )
        return grading.grade_one(
            course,
            course.assignments[0],
            write_submission(folder / "handed_in", source),
            dataclasses.replace(watching, **options),  # type: ignore[arg-type]
        )


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> Watched:
    return Watched(monkeypatch)


def outcomes(report: Report) -> Mapping[str, Outcome]:
    return {each.case.name: each.outcome for each in report.results}


def test_a_right_submission_s_hidden_tests_share_a_process(watched: Watched, tmp_path: Path) -> None:
    """A visible test that is alone has its own."""
    report = watched.grade(tmp_path, RIGHT)

    assert report.score == 100
    assert watched.shared == {True: 3, False: 1}


def test_a_visible_test_that_is_run_again_has_seen_no_hidden_input(watched: Watched, tmp_path: Path) -> None:
    """What it prints is told. All visible tests have ended before the first hidden one begins."""
    watched.grade(tmp_path, RIGHT.replace("return x + x", "print(x)\n    return x"))

    assert watched.finished[0] == "test_doubled"


def test_a_submission_that_keeps_something_shares_nothing(watched: Watched, tmp_path: Path) -> None:
    report = watched.grade(tmp_path, STATEFUL)

    assert report.score == 100
    assert watched.shared == {False: 4}


def test_one_test_alone_shares_nothing(watched: Watched, tmp_path: Path) -> None:
    watched.grade(tmp_path, RIGHT, only="test_total")

    assert watched.shared == {False: 1}


def test_what_does_not_pass_is_run_again_in_its_own_process(watched: Watched, tmp_path: Path) -> None:
    """With its hint, which takes searching; each test is begun and finished once."""
    report = watched.grade(tmp_path, RIGHT.replace("return x.sum()", "return x[0].sum()"))

    assert report.score == 60
    assert [each.hint for each in report.results if each.hint] == ["You add up the first row only."]
    assert sorted(watched.started) == sorted(watched.finished) == sorted(outcomes(report))


def test_what_is_not_written_is_not_asked_for_again(watched: Watched, tmp_path: Path) -> None:
    report = watched.grade(tmp_path, RIGHT.split("def total")[0])

    assert outcomes(report)["test_total"] is Outcome.NOT_ATTEMPTED
    assert watched.shared == {True: 3, False: 1}


def test_a_search_has_one_process_where_nothing_is_kept(watched: Watched, tmp_path: Path) -> None:
    """Two of the visible test alone: its own, and that of the search for a smaller case."""
    report = watched.grade(tmp_path, RIGHT.replace("return x + x", "return x"))

    assert "A smaller case" in next(each.feedback for each in report.results if each.case.name == "test_doubled")
    assert watched.shared[False] == 3


def test_a_loop_costs_its_own_test_and_no_other(watched: Watched, tmp_path: Path) -> None:
    report = watched.grade(tmp_path, RIGHT.replace("return x.sum()", "while True:\n        x = x + 1"))

    assert outcomes(report) == {
        "test_doubled": Outcome.PASSED,
        "test_doubled_large": Outcome.PASSED,
        "test_too_many_axes": Outcome.PASSED,
        "test_total": Outcome.TIMEOUT,
    }
    assert sorted(watched.started) == sorted(watched.finished) == sorted(outcomes(report))


def test_a_test_that_builds_on_a_lost_one_is_skipped_as_ever(watched: Watched, tmp_path: Path) -> None:
    report = watched.grade(tmp_path, RIGHT.replace("return x + x", "return x"))

    assert outcomes(report)["test_too_many_axes"] is Outcome.SKIPPED


@pytest.mark.parametrize("assignment", COURSE.assignments[:8], ids=lambda each: each.id)
def test_the_corpus_has_the_same_results_either_way(assignment: Assignment, monkeypatch: pytest.MonkeyPatch) -> None:
    """Outcome, points, words and hint of every test; what hostile ones may have is in their own folders."""
    # A test that times out in one of the two for want of a processor would be no finding.
    assignment = dataclasses.replace(assignment, limits=dataclasses.replace(LIMITS, wall_s=3.0, cpu_s=3.0))
    shared: list[str] = []

    def compare(grader: grading.Grader) -> None:
        for submission in readable(assignment):
            if not grading._is_stateless(assignment, submission):
                continue
            options = grading.GradeOptions(student=submission.path.name)
            together = grader.grade_read(submission, options)
            with monkeypatch.context() as patch:
                patch.setattr(grading, "_is_stateless", lambda *read: False)
                alone = grader.grade_read(submission, options)
            # What loops leaves its later calls a tenth of a second: which of them need more is the machine's matter.
            if not any(each.outcome is Outcome.TIMEOUT for each in (*together.results, *alone.results)):
                pairs = zip(told(together), told(alone), strict=True)
                assert [(one, other) for one, other in pairs if one != other] == [], submission.path
                shared.append(submission.path.name)

    grading.graders(COURSE, assignment, grading.GradeOptions(), compare)

    assert len(shared) > 1


def readable(assignment: Assignment) -> Iterator[Submission]:
    for case in read_cases():
        if case.folder.parent.name == assignment.folder and not case.expected.hostile:
            with contextlib.suppress(SubmissionRejected):
                yield read_submission(case.folder, assignment, trusted_path=True)


def told(report: Report) -> list[tuple[object, ...]]:
    return [result_of(each) for each in report.results]


def result_of(result: TestResult) -> tuple[object, ...]:
    evidence = repr(result.evidence)
    return (result.case.name, result.outcome, result.score, result.feedback, result.hint, result.log, evidence)
