"""Writes `answers.json`: what `check_answer` looks the answers of an assignment's public tests up in.

In: an assignment with its solutions. Out: files, as `authoring` builds them, and which of them are stale.
The reference goes through the public tests as a submission would, in this process; each `check_answer` is noted, and
asked again of every alternative and misconception, through the same wire. The rule: whoever is right must be found
right, so an example whose answer depends on the way it is computed is refused here, and not met by a student.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from grader import collecting
from grader.authoring import build_assignment, buildable, unlike
from grader.checks.alternatives import read_alternatives
from grader.checks.answers import digest_form, digest_reply, kinds_of, write_answers
from grader.checks.misconceptions import Misconception
from grader.checks.students import Answer, Call, Example, KnownMistake
from grader.errors import CourseError
from grader.records import Assignment, CallReply, Course, Limits, Outcome, Returned, StudentError
from grader.rehearsal import Function, Rehearsal, rehearse, right_functions
from grader.suite import Attempt, Suite

FILE = "answers.json"
_SEEDS = (0, 1)  # an example that is drawn differs between them
_FINEST = 2**10  # an exact answer is a multiple of 1/1024
_CLEAR = 0.001  # of the last decimal: how far a right value keeps from where rounding turns
_PLAIN = "choose whole numbers whose answer is exact, or say `decimals=6`"


def build_files(assignment: Assignment) -> dict[Path, bytes]:
    """Make everything of an assignment that is built: stub, notebook and table of answers.

    Raises:
        UsageError: the assignment's solutions are not here.
        CourseError: a course file is wrong; the reference fails a public test; an example has no one answer.
    """
    return build_assignment(assignment) | build_answers(assignment)


def stale_files(course: Course) -> list[Path]:
    """List the built files that are missing, or differ from what would be built now.

    Raises:
        UsageError: the course has no solutions to compare with.
        CourseError: as `build_files`.
    """
    return [path for assignment in buildable(course) for path in unlike(build_files(assignment))]


def build_answers(assignment: Assignment) -> dict[Path, bytes]:
    """Make the table of answers; nothing where no public test asks for one, and no file is there to be emptied.

    Raises:
        CourseError: the public tests do not load, the reference fails one, or an example has no one answer.
    """
    path = assignment.public / FILE
    if not (assignment.public / "test_public.py").is_file():
        return {}
    table: dict[str, Answer] = {}
    collecting.collected(assignment, lambda suite: table.update(_table(assignment, suite)), private=False, knowing=True)
    return {path: write_answers(table).encode()} if table or path.is_file() else {}


# --- noting the examples ----------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """One `check_answer` of a public test, with the calls of that function before it."""

    test: str
    function: str
    earlier: tuple[Call, ...]
    call: Call
    example: Example


def _table(assignment: Assignment, suite: Suite) -> dict[str, Answer]:
    noted, again = (_note(assignment, suite, seed) for seed in _SEEDS)
    keys = {asked.example.key for asked in again}
    answers: dict[str, Answer] = {}
    for asked in noted:
        if asked.example.key not in keys:
            raise _refuse(assignment, asked, "has arguments that are drawn", "write its numbers down")
        answer = _answer(assignment, suite, asked)
        known = answers.setdefault(asked.example.key, answer)
        answers[asked.example.key] = replace(known, mistakes=_join(known.mistakes, answer.mistakes))
    return {key: replace(each, mistakes=_told(each.mistakes)) for key, each in answers.items()}


def _note(assignment: Assignment, suite: Suite, seed: int) -> list[_Asked]:
    """Run the reference through the public tests and note what they ask.

    Raises:
        CourseError: it does not pass one.
    """
    assert suite.reference is not None
    right = right_functions(assignment, suite.reference)
    grading = rehearse(assignment, lambda: right, assignment.public.parents[1])
    noted: list[_Asked] = []
    results = suite.run(
        grading, seed=seed, search=False, observed=lambda case, attempt: noted.extend(_asked(case.name, attempt))
    )
    for result in results:
        if result.outcome is not Outcome.PASSED:
            raise CourseError(
                f"the reference does not pass {result.case.name}",
                where=f"assignments/{assignment.folder}/test_public.py",
                fix=f"correct one of the two: {(result.log or result.feedback).strip()[-300:]}",
            )
    return sorted(noted, key=lambda asked: asked.test)  # the tests run in another order with each seed


def _asked(test: str, attempt: Attempt) -> Iterator[_Asked]:
    for function in attempt.talk.student.functions if attempt.talk is not None else ():
        for index, call in enumerate(function.calls):
            if call.example is not None:
                yield _Asked(
                    test=test,
                    function=function.name,
                    earlier=tuple(function.calls[:index]),
                    call=call,
                    example=call.example,
                )


# --- answering them ---------------------------------------------------------


def _answer(assignment: Assignment, suite: Suite, asked: _Asked) -> Answer:
    """Hash what the reference answers, and every known mistake.

    Raises:
        CourseError: a right solution might answer otherwise.
    """
    assert assignment.private is not None
    reply = asked.call.reply
    assert isinstance(reply, Returned | StudentError)  # the reference passed
    value = reply.value if isinstance(reply, Returned) else None
    _require_clear(assignment, asked, value)
    kinds = kinds_of(value) if isinstance(reply, Returned) else ""
    right = digest_reply(reply, asked.example, kinds)
    for each in read_alternatives(assignment.private / "alternatives.py"):
        if each.function == asked.function and _digest(_reply(each.call, asked), asked, kinds) != right:
            raise _refuse(assignment, asked, f"gets another answer from the alternative {each.id}", _PLAIN)
    return Answer(
        function=asked.function,
        right=right,
        form=digest_form(value, asked.example, kinds) if isinstance(reply, Returned) else "",
        kinds=kinds,
        mistakes=_mistakes(suite.misconceptions, asked, right, kinds),
    )


def _mistakes(
    misconceptions: Sequence[Misconception], asked: _Asked, right: str, kinds: str
) -> dict[str, KnownMistake]:
    """What each wrong answer proves; an answer of several mistakes proves none."""
    found: dict[str, KnownMistake] = {}
    for wrong in misconceptions:
        if wrong.function != asked.function or wrong.recognise is not None:
            continue
        reply = _reply(wrong.make(), asked)
        digest = _digest(reply, asked, kinds)
        if isinstance(reply, Returned) and digest != right:
            found = _join(found, {digest: KnownMistake(id=wrong.id, hint=wrong.hint)})
    return found


def _told(mistakes: Mapping[str, KnownMistake]) -> dict[str, KnownMistake]:
    return {digest: known for digest, known in mistakes.items() if known.hint}


def _join(mistakes: Mapping[str, KnownMistake], others: Mapping[str, KnownMistake]) -> dict[str, KnownMistake]:
    """Both; where the two have other hints for an answer, it has none, and of two with the same hint the first."""
    joined = dict(mistakes)
    for digest, known in others.items():
        same = joined.setdefault(digest, known).hint == known.hint
        joined[digest] = joined[digest] if same else KnownMistake(id="", hint="")
    return joined


def _reply(function: Function, asked: _Asked) -> CallReply | None:
    """What a function of ours answers after the earlier calls of the test."""
    session = Rehearsal(lambda: {asked.function: function}).session(Limits(), seed=0)
    for call in asked.earlier:
        session.call(asked.function, call.args, call.kwargs)
    return session.call(asked.function, asked.call.args, asked.call.kwargs)


def _digest(reply: CallReply | None, asked: _Asked, kinds: str) -> str:
    return digest_reply(reply, asked.example, kinds) if isinstance(reply, Returned | StudentError) else ""


def _require_clear(assignment: Assignment, asked: _Asked, value: Any) -> None:
    """Refuse an answer that another right computation could miss by a rounding."""
    decimals = asked.example.decimals
    for number in _floats(value):
        if not math.isfinite(number):
            continue
        if decimals is None and not (number * _FINEST).is_integer():
            raise _refuse(assignment, asked, "has an answer that rounds", _PLAIN)
        if decimals is not None and abs(number * 10**decimals % 1 - 0.5) < _CLEAR:
            raise _refuse(
                assignment, asked, f"has an answer halfway between two of {decimals} decimals", "change a number"
            )


def _floats(value: Any) -> Iterator[float]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple):
        for item in value:
            yield from _floats(item)
    elif isinstance(value, float | np.floating | np.ndarray) and np.asarray(value).dtype.kind == "f":
        yield from map(float, np.asarray(value).ravel())


def _refuse(assignment: Assignment, asked: _Asked, what: str, fix: str) -> CourseError:
    return CourseError(
        f"a `check_answer` of {asked.function} {what}",
        where=f"assignments/{assignment.folder}/test_public.py, {asked.test}",
        fix=fix,
    )
