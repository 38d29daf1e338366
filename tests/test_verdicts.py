"""How a test ended becomes what is told."""

from pathlib import Path

import pytest

from grader.errors import CheckFailed, NotAttempted, StudentFault, StudentRaised, WorkerStopped
from grader.records import Frame, Outcome, SourceLine, StudentError, Submission, WorkerExit
from grader.verdicts import Verdict, judge

SUBMISSION = Submission(
    path=Path("hw1.py"), name="hw1.py", source="a\nb\n", lines=(SourceLine(line=1), SourceLine(line=2))
)
SECRET = "0.1234567"
RAISED = StudentError(
    type_name=f"E{SECRET}",
    message=SECRET,
    bases=("ValueError", "Exception"),
    frames=(Frame(line=2, function="conv2d", text=f"raise {SECRET}"),),
)


def verdict(
    fault: StudentFault | None, *, visible: bool = False, printed: str = "", error: StudentError | None = None
) -> Verdict:
    return judge(fault, visible=visible, printed=printed, last_error=error, submission=SUBMISSION)


FAULTS = [
    pytest.param(StudentRaised("conv2d", RAISED), id="raised"),
    pytest.param(
        WorkerStopped(
            "conv2d", WorkerExit(outcome=Outcome.CRASHED, reason="ended its own process", detail=f"exit code {SECRET}")
        ),
        id="exit",
    ),
    pytest.param(CheckFailed("conv2d returned wrong values.", detail=f"got {SECRET}"), id="check"),
]


class TestHidden:
    @pytest.mark.parametrize("fault", FAULTS)
    def test_nothing_that_the_submission_chose_is_told(self, fault: StudentFault) -> None:
        """Message, type, line, exit code, values and what was printed could all carry the hidden inputs."""
        told = verdict(fault, printed=SECRET, error=RAISED)

        assert SECRET not in told.feedback + told.hint
        assert SECRET in told.log

    def test_a_common_exception_is_named(self) -> None:
        """The built-in class, of a short list, says what to look for."""
        assert verdict(StudentRaised("conv2d", RAISED)).feedback == "conv2d raised ValueError."

    def test_a_hint_is_told(self) -> None:
        """It was verified, and holds no number of the test."""
        assert verdict(CheckFailed("wrong.", hints=("look there",))).hint == "look there"

    def test_a_hint_has_the_id_of_its_misconception(self) -> None:
        """Of several that share it the first."""
        told = verdict(CheckFailed("wrong.", hints=("look there",), candidates=("starts_at_zero", "takes_abs")))

        assert told.hint_id == "starts_at_zero"
        assert verdict(CheckFailed("wrong.", candidates=("one", "other"))).hint_id == ""

    def test_two_hints_are_none(self) -> None:
        """What is not sure is not claimed."""
        assert verdict(CheckFailed("wrong.", hints=("this", "or that"))).hint == ""


class TestVisible:
    def test_the_place_is_told_in_the_students_terms(self) -> None:
        """File, line and the line's own text."""
        told = verdict(StudentRaised("conv2d", RAISED), visible=True, error=RAISED)

        assert "hw1.py, line 2, in conv2d" in told.feedback

    def test_what_was_printed_is_shown_up_to_a_dozen_lines(self) -> None:
        """A loop that prints does not push the message off the screen."""
        told = verdict(CheckFailed("wrong."), visible=True, printed="x\n" * 100)

        assert told.feedback.count("| x") == 12
        assert "88 more lines" in told.feedback

    def test_candidates_go_to_the_log_only(self) -> None:
        """Staff see which mistakes fit; a student is told none that is not sure."""
        told = verdict(CheckFailed("wrong.", candidates=("a", "b")), visible=True)

        assert "a, b" in told.log
        assert "a, b" not in told.feedback


class TestOutcomes:
    @pytest.mark.parametrize("outcome", [Outcome.TIMEOUT, Outcome.OUT_OF_MEMORY, Outcome.CRASHED])
    def test_a_stopped_worker_keeps_its_outcome(self, outcome: Outcome) -> None:
        """The word says what stopped it."""
        assert verdict(WorkerStopped("f", WorkerExit(outcome=outcome, reason="stopped"))).outcome is outcome

    def test_a_stub_is_not_attempted(self) -> None:
        """Empty is not wrong, and its line is no news."""
        told = verdict(NotAttempted("f", "f is not written yet"), visible=True, error=RAISED)

        assert (told.outcome, told.feedback) == (Outcome.NOT_ATTEMPTED, "f is not written yet")
        assert told.log == told.feedback

    def test_no_fault_is_a_pass(self) -> None:
        """Nothing is told of what holds."""
        assert verdict(None) == Verdict(outcome=Outcome.PASSED)
