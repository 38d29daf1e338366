"""How a test ended becomes what is told, and to whom: pure.

In: the exception that ended a test, or none, and what was printed. Out: outcome, feedback, hint, log.
The rule: a hidden test tells the student its title, its outcome, a sentence without data, and a hint that was
verified. Whatever the submission could have chosen (messages, printed text, lines, exit codes) goes to the log,
because a submission can choose it after what it was given.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from grader.checks.lastcall import LastCall
from grader.checks.students import StudentFunction
from grader.errors import CheckFailed, NotAttempted, StudentFault, StudentRaised, WorkerStopped
from grader.marks import T_
from grader.records import Epoch, Evidence, Outcome, StudentError, Submission

#: Built-in exceptions whose name may be told of a hidden test. A short list is no channel.
TELLABLE = ("IndexError", "KeyError", "TypeError", "ValueError", "AttributeError", "NameError", "ZeroDivisionError")
PRINTED_LINES = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The outcome of one test, and what is told of it."""

    outcome: Outcome
    feedback: str = ""
    hint: str = ""
    hint_id: str = ""  # of the misconception that the hint is of
    log: str = ""


def judge(
    fault: StudentFault | None,
    *,
    visible: bool,
    printed: str,
    last_error: StudentError | None,
    submission: Submission,
    remarks: Sequence[str] = (),
    last_call: LastCall | None = None,
) -> Verdict:
    """Say how a test ended.

    Args:
        fault: what ended it, or None where it passed.
        visible: the student may see the test's arguments.
        printed: by the submission, during the test.
        last_error: what the last call raised, if it did: where it happened is told where the test is visible.
        submission: names lines in the student's terms.
        remarks: what a passed test tells all the same.
        last_call: of the test; told where the fault itself names no call.
    """
    if fault is None:
        return Verdict(outcome=Outcome.PASSED, feedback=" ".join(remarks), log=_printed(printed))
    outcome, brief, detail, hint = _read(fault)
    stub = outcome is Outcome.NOT_ATTEMPTED
    place = _places(last_error, submission) if last_error is not None and not stub else ""
    passed = last_call.describe() if last_call is not None and _lacks_call(fault, last_call) else ""
    shown = "\n".join(part for part in (detail, passed, place) if part)
    log = "\n".join(part for part in (shown, _candidates(fault), _printed(printed)) if part)
    id = fault.candidates[0] if hint and isinstance(fault, CheckFailed) and fault.candidates else ""
    if visible:
        told = "\n".join(part for part in (shown, _printed(printed, lines=PRINTED_LINES)) if part)
        return Verdict(outcome=outcome, feedback=told, hint=hint, hint_id=id, log=log)
    return Verdict(outcome=outcome, feedback=brief, hint=hint, hint_id=id, log=log)


def evidence_of(
    fault: BaseException | None,
    functions: Sequence[StudentFunction],
    epochs: Sequence[Epoch],
    *,
    visible: bool,
    last_call: LastCall | None = None,
) -> Evidence:
    """Gather what a page may draw of a test.

    Args:
        fault: what ended it, or None where it passed.
        functions: of the student, that the test called.
        epochs: what its trainings told.
        visible: the student may see the test's arguments; of others no picture is kept, for nobody.
        last_call: of the test; pictured where the fault itself has no picture of a call.
    """
    pictures = fault.pictures if visible and isinstance(fault, CheckFailed) else ()
    if visible and last_call is not None and isinstance(fault, CheckFailed) and _lacks_call(fault, last_call):
        pictures = last_call.pictures(pictures)
    return Evidence(
        pictures=pictures,
        epochs=tuple(epochs),
        confusion=next((each.confusion for each in functions if each.confusion is not None), None),
    )


def _read(fault: StudentFault) -> tuple[Outcome, str, str, str]:
    """The outcome, the sentence without data, the sentence with it, and the hint."""
    match fault:
        case NotAttempted(reason=reason, told=told):
            return Outcome.NOT_ATTEMPTED, told, reason, ""
        case StudentRaised(name=name, error=error):
            known = next((kind for kind in error.bases if kind in TELLABLE), "an exception")
            return Outcome.FAILED, f"{name} raised {known}.", f"{name} raised {error.type_name}: {error.message}", ""
        case WorkerStopped(name=name, exit=exit):
            told = f"{name} {exit.reason}."
            return exit.outcome, told, f"{told} ({exit.detail})" if exit.detail else told, ""
        case CheckFailed(brief=brief, detail=detail, hints=hints):
            return Outcome.FAILED, brief, detail or brief, hints[0] if len(hints) == 1 else ""
        case _:
            raise TypeError(f"no verdict for {type(fault).__name__}") from fault


def _lacks_call(fault: StudentFault, call: LastCall) -> bool:
    """Whether a fault does not name the arguments that it came of, and the call does."""
    match fault:
        case CheckFailed(bare=bare):
            return bare
        case StudentRaised(name=name):
            return name == call.name
        case _:
            return False


def _candidates(fault: StudentFault) -> str:
    if isinstance(fault, CheckFailed) and fault.candidates:
        return "misconceptions that fit: " + ", ".join(fault.candidates)
    return ""


def _places(error: StudentError, submission: Submission) -> str:
    """The student's own lines of a traceback, innermost last."""
    lines = [
        f"  {submission.place(frame.line)}, in {frame.function}: {frame.text}"
        for frame in error.frames[-4:]
        if frame.line
    ]
    return "\n".join(lines)


# As they are put together here.
_WHOLE = (
    T_("it printed:"),
    T_("{file}, line {line}, in {function}: {message}"),
    T_("cell {cell}, line {line}, in {function}: {message}"),
)


def _printed(text: str, *, lines: int | None = None) -> str:
    if not text.strip():
        return ""
    kept = text.rstrip().splitlines()
    more = len(kept) - lines if lines is not None else 0
    shown = "\n".join(f"  | {line}" for line in (kept[:lines] if more > 0 else kept))
    return f"it printed:\n{shown}" + (f"\n  (and {more} more lines)" if more > 0 else "")
