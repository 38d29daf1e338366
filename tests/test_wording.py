import pytest

from grader import wording
from grader.records import Audience, Isolation, IsolationLevel, Layer, Outcome, Report, TestResult
from tests.builders import FULL_ISOLATION, make_report, make_result

BROKEN_IMPORT = "convolution.py, line 3: No module named `scipi`"


def lost(number: int, *, feedback: str = "", hint: str = "", outcome: Outcome = Outcome.FAILED) -> TestResult:
    return make_result(
        name=f"test_{number}", title=f"Rule {number}.", score=0, outcome=outcome, feedback=feedback, hint=hint
    )


def told(report: Report) -> list[str]:
    return [item.feedback for group in wording.groups(report) for item in group.results]


class TestMarks:
    def test_every_outcome_has_a_word_of_its_own(self) -> None:
        """ASCII, and short enough for one column."""
        assert set(wording.MARKS) == set(Outcome)
        assert len(set(wording.MARKS.values())) == len(Outcome)
        assert all(word.isascii() and word.isalpha() and len(word) <= 5 for word in wording.MARKS.values())


class TestShort:
    @pytest.mark.parametrize(
        ("report", "line"),
        [
            (make_report(assignment="hw2", score=14, max_score=20), "hw2 14/20"),
            (make_report(assignment="hw2", score=13.5, max_score=20), "hw2 13.5/20"),
            (make_report(assignment="hw2", score=None, results=[], rejected="no"), "hw2 rejected"),
            (make_report(assignment="hw2", score=None, needs_review=True), "hw2 not graded"),
            (make_report(assignment="hw2", score=None, max_score=None, tests="public"), "hw2 1/1 public tests passed"),
        ],
    )
    def test_it_is_one_line_that_a_script_can_read(self, report: Report, line: str) -> None:
        """The id, a blank, and how it ended."""
        assert wording.short(report) == line


class TestHeadline:
    def test_a_rejection_comes_first(self) -> None:
        """With its reason."""
        first = wording.headline(make_report(score=None, results=[], rejected="two files"))

        assert first == wording.Headline(title="rejected, no score", text="two files")

    @pytest.mark.parametrize("results", [[], [make_result(outcome=Outcome.GRADER_ERROR, score=None)]])
    def test_our_fault_is_called_ours(self, results: list[TestResult]) -> None:
        """Nobody must think that they failed."""
        first = wording.headline(make_report(score=None, results=results, needs_review=True))

        assert first is not None
        assert first.title == "not graded: our fault"
        assert "not a zero" in first.text

    def test_a_message_of_twelve_tests_is_told_once(self) -> None:
        """A file that does not import is one message, not twelve."""
        report = make_report(results=[lost(number, feedback=BROKEN_IMPORT, hint="Only NumPy.") for number in range(12)])

        first = wording.headline(report)

        assert first == wording.Headline(
            title="fix this first: 12 tests say the same", text=BROKEN_IMPORT, hint="Only NumPy."
        )
        assert set(told(report)) == {""}

    def test_a_message_of_few_among_many_is_no_headline(self) -> None:
        """Three of seven lost tests are not what the submission suffers from."""
        report = make_report(
            results=[*(lost(n, feedback="same") for n in range(3)), *(lost(n, feedback=f"{n}") for n in range(3, 7))]
        )

        assert wording.headline(report) is None

    def test_stubs_are_no_headline(self) -> None:
        """A file that nobody has begun has nothing to fix."""
        results = [lost(n, feedback="conv2d is not written yet", outcome=Outcome.NOT_ATTEMPTED) for n in range(6)]

        assert wording.headline(make_report(results=results)) is None
        assert told(make_report(results=results)) == ["conv2d is not written yet", "", "", "", "", ""]


class TestGroups:
    def test_results_are_grouped_by_question_with_subtotals(self) -> None:
        """In the order in which the questions first appear, tests in their own."""
        report = make_report(
            results=[
                make_result(name="a", question="conv2d", score=22, points=22),
                make_result(name="b", question="output_shape", score=0, points=8),
                make_result(name="c", question="conv2d", score=0, points=28),
            ]
        )

        groups = wording.groups(report)

        assert [(group.question, group.points) for group in groups] == [
            ("conv2d", "22 / 50"),
            ("output_shape", "0 / 8"),
        ]
        assert [item.result.case.name for item in groups[0].results] == ["a", "c"]

    def test_a_question_with_an_ungraded_test_has_no_subtotal(self) -> None:
        """Part of a score would look like a score."""
        report = make_report(results=[make_result(), make_result(score=None, outcome=Outcome.GRADER_ERROR)])

        assert wording.groups(report)[0].points == "- / 8"

    def test_a_question_without_points_counts_its_tests(self) -> None:
        """As in public tests."""
        report = make_report(results=[make_result(score=0, points=0, outcome=Outcome.PASSED), lost(1)][:1])

        assert wording.groups(report)[0].points == "1 of 1 passed"

    def test_a_second_test_with_one_message_points_to_the_first(self) -> None:
        """Also from another question."""
        report = make_report(
            results=[lost(1, feedback="too slow"), lost(2, feedback="too slow"), lost(3, feedback="x")]
        )

        assert told(report) == ["too slow", 'same message as "Rule 1."', "x"]


class TestIsolation:
    def test_the_active_layers_are_named(self) -> None:
        """All of them."""
        assert wording.isolation(FULL_ISOLATION) == "isolation: namespaces, Landlock, seccomp, limits"

    def test_a_missing_layer_is_named_too(self) -> None:
        """It is never silently missing."""
        layers = (Layer(name="Landlock", active=True), Layer(name="namespaces", active=False))

        assert (
            wording.isolation(Isolation(level=IsolationLevel.CONFINED, layers=layers))
            == "isolation: Landlock; missing: namespaces"
        )

    def test_none_is_said_in_plain_words(self) -> None:
        """Whatever layers were looked for."""
        assert wording.isolation(Isolation(level=IsolationLevel.NONE)) == "isolation: none (a plain subprocess)"


class TestFooter:
    def test_public_tests_say_that_hidden_ones_follow(self) -> None:
        """All passed at home is not all points."""
        lines = wording.footer(make_report(tests="public"), Audience.STUDENT)

        assert lines[0] == "public tests: the hidden tests run on hand-in"

    @pytest.mark.parametrize("seed", [0, 0x81C2F0A4])
    def test_only_staff_are_told_the_seed(self, seed: int) -> None:
        """Zero is a seed as good as any."""
        report = make_report(seed=seed)

        assert wording.footer(report, Audience.STAFF)[0].startswith(f"seed {seed:016x}   isolation: ")
        assert wording.footer(report, Audience.STUDENT)[0].startswith("isolation: ")

    def test_a_rejected_submission_ran_under_nothing(self) -> None:
        """So there is no isolation to report."""
        assert wording.footer(make_report(score=None, results=[], rejected="no"), Audience.STAFF) == ()
