"""Owns what a report says and in which order, in plain words; how it looks is the console's.

In: a Report as one audience may see it. Out: marks, sentences and groups, without width, colour or markup.
The rule: a word carries the meaning, ASCII or Korean, and the same message is told once.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from grader.marks import N_
from grader.records import Audience, Isolation, IsolationLevel, Outcome, Report, TestResult
from grader.seeds import format_seed
from grader.text import number

MARKS: Mapping[Outcome, str] = MappingProxyType(
    {
        Outcome.PASSED: "pass",
        Outcome.FAILED: "FAIL",
        Outcome.NOT_ATTEMPTED: "todo",
        Outcome.TIMEOUT: "TIME",
        Outcome.OUT_OF_MEMORY: "MEM",
        Outcome.CRASHED: "CRASH",
        Outcome.SKIPPED: "skip",
        Outcome.GRADER_ERROR: "ERROR",
    }
)

# What a mark does not say by itself.
_REMARKS: Mapping[Outcome, str] = MappingProxyType(
    {
        Outcome.NOT_ATTEMPTED: "not attempted",
        Outcome.TIMEOUT: "out of time",
        Outcome.OUT_OF_MEMORY: "out of memory",
        Outcome.SKIPPED: "not run",
        Outcome.GRADER_ERROR: "not graded",
    }
)

OTHER = N_("other")  # what tests are about that are about no question
_SHARED = 3  # tests with one message, from which on it is told before all of them
_NOT_A_ZERO = "This is not the student's fault and not a zero: the score is left empty, and a person must look."
_OUR_FAULT = f"A test of the course could not be run. {_NOT_A_ZERO}"
_NOTHING_RAN = f"No test was run. {_NOT_A_ZERO}"

_Message = tuple[str, str]  # feedback, hint


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """What to read first: why there is no score, or a message that many tests share."""

    title: str
    text: str
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One result, with its message only where it is told for the first time."""

    result: TestResult
    feedback: str = ""
    hint: str = ""

    @property
    def mark(self) -> str:
        """One word for the outcome, at most five letters."""
        in_part = self.result.outcome is Outcome.FAILED and self.result.score
        return "part" if in_part else MARKS[self.result.outcome]

    @property
    def remark(self) -> str:
        """What the mark means, where it needs saying, else ""."""
        return _REMARKS.get(self.result.outcome, "")

    @property
    def points(self) -> str:
        """As "4 / 6", or "" where the test carries no points."""
        return _out_of(self.result.score, self.result.case.points) if self.result.case.points else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The results of one question, with their subtotal."""

    question: str  # "" where the tests are about none
    points: str
    results: tuple[Told, ...]


def short(report: Report) -> str:
    """The whole report in one line: "hw2 14/20"."""
    if report.rejected:
        return f"{report.assignment} rejected"
    if report.needs_review:
        return f"{report.assignment} not graded"
    if report.max_score is None or report.score is None:
        passed, count = _passed(report.results)
        if report.tests == "public":
            return f"{report.assignment} {passed}/{count} public tests passed"
        return f"{report.assignment} {passed}/{count} hidden tests passed"
    return f"{report.assignment} {number(report.score)}/{number(report.max_score)}"


def score(report: Report) -> str:
    """The score as the header shows it: "14 / 20", "rejected", "not graded", "3 of 5 passed"."""
    if report.rejected:
        return N_("rejected")
    if report.needs_review:
        return "not graded"
    if report.max_score is None or report.score is None:
        passed, count = _passed(report.results)
        return f"{passed} of {count} passed"
    return _out_of(report.score, report.max_score)


def headline(report: Report) -> Headline | None:
    """The one thing to read first, or None where the results speak for themselves."""
    if report.rejected:
        return Headline(title="rejected, no score", text=report.rejected)
    if report.needs_review:
        return Headline(title="not graded: our fault", text=_OUR_FAULT if report.results else _NOTHING_RAN)
    message, count = _shared_message(report)
    if message is None:
        return None
    return Headline(title=f"fix this first: {count} tests say the same", text=message[0], hint=message[1])


def groups(report: Report) -> tuple[Group, ...]:
    """The results by question, in the order in which questions first appear; a message is told once.

    A message of the headline is not told again. Any other is told where it first appears; later ones point there.
    """
    by_question: dict[str, list[TestResult]] = {}
    for result in report.results:
        by_question.setdefault(result.case.question, []).append(result)
    in_headline, _ = _shared_message(report)
    first_at: dict[_Message, TestResult] = {}
    return tuple(
        Group(
            question=question,
            points=_subtotal(results),
            results=tuple(_tell(result, in_headline, first_at) for result in results),
        )
        for question, results in by_question.items()
    )


def isolation(value: Isolation) -> str:
    """What a submission ran under; where a layer is missing, which are there and which are not."""
    if value.level is IsolationLevel.NONE:
        return "isolation: none (a plain subprocess)"
    if value.level is IsolationLevel.FULL:
        return "isolation: namespaces, Landlock, seccomp, limits"
    active = ", ".join(layer.name for layer in value.layers if layer.active) or value.level.value
    missing = ", ".join(layer.name for layer in value.layers if not layer.active)
    return f"isolation: {active}" + (f"; missing: {missing}" if missing else "")


def footer(report: Report, audience: Audience) -> tuple[str, ...]:
    """The lines below the results: which tests these were, for staff the seed, the isolation."""
    if report.rejected:
        return ()
    lines = ["public tests: the hidden tests run on hand-in"] if report.tests == "public" else []
    seed = f"seed {format_seed(report.seed)}   " if audience is Audience.STAFF else ""
    return (*lines, seed + isolation(report.isolation))


def _shared_message(report: Report) -> tuple[_Message | None, int]:
    """The message of at least three tests and of half of those that did not pass, with their number."""
    if report.needs_review:  # the headline is about something else
        return None, 0
    lost = [result for result in report.results if result.outcome is not Outcome.PASSED]
    told = Counter(
        message
        for result in lost
        if result.outcome is not Outcome.NOT_ATTEMPTED and (message := _message(result)) is not None
    )
    for message, count in told.most_common(1):
        if count >= _SHARED and 2 * count >= len(lost):
            return message, count
    return None, 0


def _tell(result: TestResult, in_headline: _Message | None, first_at: dict[_Message, TestResult]) -> Told:
    message = _message(result)
    if message is None or message == in_headline:
        return Told(result=result)
    first = first_at.setdefault(message, result)
    if first is result:
        return Told(result=result, feedback=result.feedback, hint=result.hint)
    if result.outcome is Outcome.NOT_ATTEMPTED:  # "todo" says it: twelve stubs do not need twelve pointers
        return Told(result=result)
    return Told(result=result, feedback=f'same message as "{first.case.title or first.case.name}"')


def _message(result: TestResult) -> _Message | None:
    return (result.feedback, result.hint) if result.feedback or result.hint else None


def _subtotal(results: Sequence[TestResult]) -> str:
    points = sum(result.case.points for result in results)
    if not points:
        passed, count = _passed(results)
        return f"{passed} of {count} passed"
    scores = [result.score for result in results]
    known = [value for value in scores if value is not None]
    return _out_of(sum(known) if len(known) == len(scores) else None, points)


def _passed(results: Sequence[TestResult]) -> tuple[int, int]:
    return sum(result.outcome is Outcome.PASSED for result in results), len(results)


def _out_of(value: float | None, points: float) -> str:
    return f"{'-' if value is None else number(value)} / {number(points)}"
