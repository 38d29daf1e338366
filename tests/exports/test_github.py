import pytest

from grader.exports import github
from grader.records import Audience, Outcome, Report, Visibility
from tests.builders import make_report, make_result
from tests.exports import rules_github
from tests.exports.rules_github import Annotation

TOKEN = "0123456789abcdef0123456789abcdef"


def lost(count: int = 1) -> Report:
    """A report of tests that each say something of their own."""
    results = [
        make_result(name=f"test_{n}", title=f"Rule {n}.", score=0, points=1, feedback=f"wrong {n}", hint="use floor")
        for n in range(count)
    ]
    return make_report(score=0, max_score=float(count), results=results)


def annotate(report: Report, audience: Audience = Audience.STUDENT) -> tuple[list[str], list[Annotation]]:
    """Every stdout of this file goes through the rules."""
    return rules_github.read_stdout(github.annotations(report, audience, TOKEN))


def summarise(
    report: Report, audience: Audience = Audience.STUDENT, *, max_bytes: int = 1 << 20
) -> tuple[str, list[str]]:
    """Every summary of this file goes through the rules."""
    text = github.summary(report, audience, max_bytes=max_bytes)
    return text, rules_github.check_summary(text, max_bytes=max_bytes)


class TestRules:
    @pytest.mark.parametrize(
        "text",
        [
            "a word\n",
            "::set-output name=score::1\n",
            "::stop-commands::a\n",
            "::error title=a:b::c\n",
            "::error::##[x\n",
            "::error::a\n" * 11,
        ],
    )
    def test_they_refuse_what_would_be_a_command(self, text: str) -> None:
        """So that passing them means something."""
        with pytest.raises(AssertionError):
            rules_github.read_stdout(text)

    @pytest.mark.parametrize("text", ["<b>x</b>\n", "[a](http://b)\n", "a @b\n", "```\nx\n```\n# a *b*\n", "> a\n"])
    def test_they_refuse_markup_in_a_summary(self, text: str) -> None:
        """Apart from headings, tables and fences."""
        with pytest.raises(AssertionError):
            rules_github.check_summary(text)


class TestAnnotations:
    def test_the_report_stands_where_no_command_is_read(self) -> None:
        """In full, as plain text."""
        shown, _ = annotate(lost())

        assert shown == [
            "hw1 Convolution: 0 / 1",
            "",
            "conv2d  0 / 1",
            "FAIL   Rule 0.  0 / 1",
            "       wrong 0",
            "       hint: use floor",
        ]

    def test_a_lost_test_is_an_error_and_the_score_a_notice(self) -> None:
        """Line breaks and colons come through."""
        _, annotations = annotate(lost())

        assert annotations == [
            Annotation("error", "hw1: FAIL Rule 0.", "wrong 0\nhint: use floor"),
            Annotation("notice", "hw1 Convolution", "hw1 Convolution: 0 / 1"),
        ]

    def test_only_the_first_nine_are_annotated(self) -> None:
        """GitHub drops what is too much, the score too."""
        _, annotations = annotate(lost(30))

        assert [each.kind for each in annotations] == ["error"] * 9 + ["notice"]

    def test_one_message_of_many_tests_is_one_annotation(self) -> None:
        """The first thing to fix."""
        results = [make_result(name=f"t{n}", score=0, points=1, feedback="no `conv2d`") for n in range(5)]

        _, annotations = annotate(make_report(score=0, max_score=5, results=results))

        assert [(each.title, each.message) for each in annotations[:-1]] == [
            ("hw1: fix this first: 5 tests say the same", "no `conv2d`")
        ]

    def test_our_fault_is_an_error_of_its_own(self) -> None:
        """And nothing else is annotated."""
        result = make_result(score=None, outcome=Outcome.GRADER_ERROR)

        _, (only,) = annotate(make_report(score=None, results=[result], needs_review=True))

        assert (only.kind, only.title) == ("error", "hw1 Convolution: not graded")
        assert "not a zero" in only.message

    def test_a_rejection_is_an_error_with_its_reason(self) -> None:
        """All three parts of it."""
        _, (only,) = annotate(make_report(score=None, results=(), rejected="no file\n  fix: name it so"))

        assert (only.title, only.message) == ("hw1 Convolution: rejected", "no file\n  fix: name it so")

    @pytest.mark.parametrize("token", ["", "pause", "0123456789abcdef::x", "0123456789abcdef\n"])
    def test_a_word_that_could_be_guessed_is_refused(self, token: str) -> None:
        """A submission that knows it ends the silence."""
        with pytest.raises(ValueError, match="random word"):
            github.annotations(make_report(), Audience.STUDENT, token)

    def test_a_percent_sign_stays_one(self) -> None:
        """It is the escape of escapes."""
        (line,) = github.command("error", "100%0A, a:b\nc", title="50%: a, b").splitlines()

        assert line == "::error title=50%25%3A a%2C b::100%250A, a:b%0Ac"


class TestSummary:
    def test_a_question_is_a_table_and_a_message_a_fence(self) -> None:
        """So nothing in it is markup."""
        text, fences = summarise(lost())

        assert "| FAIL | Rule 0&#46; | 0 / 1 |" in text
        assert fences == ["wrong 0\nhint: use floor\n"]

    def test_a_fence_is_longer_than_any_in_its_text(self) -> None:
        """The text comes through as it is."""
        attack = "`````\n# won\n~~~"
        report = make_report(score=0, results=[make_result(score=0, feedback=attack)])

        assert summarise(report)[1] == [attack + "\n"]

    def test_only_staff_get_logs(self) -> None:
        """Students read the summaries of their own repositories."""
        report = make_report(score=0, results=[make_result(score=0, log="x = 31337")])

        assert "31337" in summarise(report, Audience.STAFF)[0]
        assert "31337" not in summarise(report)[0]

    @pytest.mark.parametrize("max_bytes", [0, 10, 40, 2_000, 100_000])
    def test_it_fits_into_what_is_left(self, max_bytes: int) -> None:
        """One byte more, and GitHub shows nothing; with too little left, nothing is written."""
        text, _ = summarise(lost(500), max_bytes=max_bytes)

        assert bool(text) is (max_bytes >= 40)

    @pytest.mark.slow
    def test_a_step_of_a_mebibyte_is_enough_for_any_report(self) -> None:
        """Messages are cut first."""
        results = [make_result(name=f"t{n}", score=0, points=1, feedback=f"{n}" + "합" * 9_000) for n in range(2_000)]

        text, _ = summarise(make_report(score=0, max_score=2_000, results=results))

        assert "| FAIL |" in text


class TestOutputs:
    def test_a_workflow_can_branch_on_them(self) -> None:
        """Names of tests, and nothing that a submission wrote."""
        report = make_report(
            score=4, max_score=9, results=[make_result(), *lost(2).results], student="$(reboot)", submission="`reboot`"
        )

        assert rules_github.read_outputs(github.outputs(report, TOKEN)) == {
            "standing": "graded",
            "score": "4",
            "max_score": "9",
            "failed": "test_0\ntest_1",
        }

    def test_where_there_is_no_score_it_is_empty(self) -> None:
        """Not zero."""
        outputs = rules_github.read_outputs(github.outputs(make_report(score=None, results=(), rejected="no"), TOKEN))

        assert (outputs["standing"], outputs["score"], outputs["failed"]) == ("rejected", "", "")

    def test_a_name_with_the_delimiter_in_it_is_refused(self) -> None:
        """It could set another output."""
        with pytest.raises(ValueError, match="delimiter"):
            github.outputs(make_report(results=[make_result(name=f"x{TOKEN}", score=0)]), TOKEN)


def test_a_hidden_tests_duration_is_nowhere() -> None:
    """Not even the whole grading's."""
    report = make_report(results=[make_result(duration_s=0.414213, visibility=Visibility.HIDDEN)], duration_s=0.414213)

    texts = (github.annotations(report, Audience.STUDENT, TOKEN), github.summary(report, Audience.STUDENT))

    assert not any("0.414" in text for text in texts)
