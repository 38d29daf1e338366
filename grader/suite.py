"""The collected tests of one assignment, run for one submission after another.

In: test cases, and a way to execute one. Out: TestResults in the file's order. The tests run in an order
drawn from the seed, so that no submission can know by counting which one it is in. Where a submission keeps nothing
between calls, its tests are first run in one process together. What passes there has passed, and what is not written is
not; all else is run again in its own process, and only that counts. A sandbox that broke is opened again, once per
test; what is then still broken is a grader error, and nobody's zero.
"""

import contextlib
import time
import traceback
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from types import MappingProxyType, ModuleType

from grader import seeds
from grader.checks.lastcall import LastCall
from grader.checks.misconceptions import Misconception
from grader.checks.students import Answer, Student
from grader.conversation import Conversation, Grading
from grader.errors import CheckFailed, NotAttempted, SandboxError, StudentFault
from grader.planned import Planned
from grader.records import Assignment, Epoch, Outcome, Question, StudentError, TestCase, TestResult, Visibility
from grader.text import tidy
from grader.verdicts import Verdict, evidence_of, judge


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One submission going through the collected tests."""

    grading: Grading
    seed: int
    reference: ModuleType | None
    misconceptions: Sequence[Misconception]
    answers: Mapping[str, Answer] | None = None  # of the public examples, where there is no reference
    search: bool = True  # for smaller failing arguments, where a test is visible
    questions: Sequence[Question] = ()
    progress: Callable[[Epoch], object] = lambda epoch: None
    observed: Callable[[TestCase, "Attempt"], object] = lambda case, attempt: None
    shared: bool = False  # the tests' calls go to one process


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """One test's side of a run: who answers, and what is asked."""

    conversation: Conversation
    student: Student
    epochs: Sequence[Epoch] = ()  # grows while a training tells how far it is


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """How one execution of a test ended."""

    fault: BaseException | None
    talk: Talk | None
    skipped: str = ""  # the test itself declined, and why


Execute = Callable[[Run, TestCase], Attempt]


class Suite:
    """The tests of one assignment.

    Args:
        assignment: whose.
        planned: in the file's order.
        execute: runs one of them.
        reference: the module with the right functions; None for public tests.
        misconceptions: the known mistakes.
        answers: hashes of the public examples' answers, where there is no reference.
    """

    def __init__(
        self,
        assignment: Assignment,
        planned: Sequence[Planned],
        execute: Execute,
        *,
        reference: ModuleType | None,
        misconceptions: Sequence[Misconception],
        answers: Mapping[str, Answer] | None = None,
    ) -> None:
        self.assignment = assignment
        self._planned = {each.case.name: each for each in planned}
        self._execute = execute
        self._reference = reference
        self._misconceptions = tuple(misconceptions)
        self._answers = answers

    @property
    def reference(self) -> ModuleType | None:
        """The module with the right functions."""
        return self._reference

    @property
    def misconceptions(self) -> tuple[Misconception, ...]:
        """The known mistakes, in the order of their file."""
        return self._misconceptions

    @property
    def cases(self) -> tuple[TestCase, ...]:
        """Every test, in the file's order."""
        return tuple(each.case for each in self._planned.values())

    def builds_on(self, name: str) -> Sequence[str]:
        """The tests that must pass before this one is run."""
        return self._planned[name].builds_on

    def run(
        self,
        grading: Grading,
        *,
        seed: int,
        only: Set[str] | None = None,
        started: Callable[[TestCase], object] = lambda case: None,
        finished: Callable[[TestResult], object] = lambda result: None,
        observed: Callable[[TestCase, Attempt], object] = lambda case, attempt: None,
        progress: Callable[[Epoch], object] = lambda epoch: None,
        known: Mapping[str, TestResult] = MappingProxyType({}),
        search: bool = True,
    ) -> tuple[TestResult, ...]:
        """Run every test, or those named.

        Args:
            grading: the submission; the caller closes it.
            seed: draws the inputs, and the order.
            only: names of tests.
            started: called before each test.
            finished: called with each result.
            observed: called with what ended each test.
            progress: told how far a training says it is.
            known: results that stand already, by test; those tests are not run, and are not reported again.
            search: look for smaller failing arguments where a test is visible.

        Returns:
            The results, in the file's order.
        """
        names = [name for name in self._planned if only is None or name in only]
        results: dict[str, TestResult] = {name: known[name] for name in names if name in known}
        run = Run(
            grading=grading,
            seed=seed,
            reference=self._reference,
            misconceptions=self._misconceptions,
            answers=self._answers,
            search=search,
            questions=self.assignment.questions,
            progress=progress,
            observed=observed,
        )
        begun: set[str] = set()

        def start(name: str) -> None:
            if name not in begun:
                begun.add(name)
                started(self._planned[name].case)

        order = [name for name in self._order(names, seed) if name not in results]
        seen = [name for name in order if self._planned[name].case.visibility is Visibility.VISIBLE]
        for group in (seen, order[len(seen) :]):  # what is run again of the visible ones has seen no hidden input
            for name in self._run_together(run, group, results, start, finished):
                start(name)
                results[name] = self._run_one(run, self._planned[name], results)
                finished(results[name])
        with contextlib.suppress(SandboxError):  # every result is there
            grading.end_sharing()
        return tuple(results[name] for name in names)

    def _order(self, names: Sequence[str], seed: int) -> list[str]:
        """Shuffled, the visible ones first, but each test after those it builds on.

        What a visible test prints is told. A submission can keep what it was passed, in the process that forks its
        workers if nowhere else: before the last visible test it must have seen no hidden input.
        """
        order: list[str] = []
        visible = [name for name in names if self._planned[name].case.visibility is Visibility.VISIBLE]
        hidden = [name for name in names if name not in visible]

        def place(name: str) -> None:
            if name not in order and name in names:
                for earlier in self._planned[name].builds_on:
                    place(earlier)
                order.append(name)

        for name in (*seeds.shuffled(visible, seed), *seeds.shuffled(hidden, seed)):
            place(name)
        return order

    def _run_together(
        self,
        run: Run,
        names: Sequence[str],
        results: dict[str, TestResult],
        start: Callable[[str], object],
        finished: Callable[[TestResult], object],
    ) -> list[str]:
        """Run tests in one process, as far as that goes, and return those that need processes of their own."""
        if not run.grading.sharing and (len(names) < 2 or not run.grading.begin_sharing()):
            return list(names)
        together, left = replace(run, shared=True), []
        undecided = {name for name, result in results.items() if result.outcome is not Outcome.PASSED}
        for name in names:
            planned = self._planned[name]
            if not run.grading.sharing or undecided.intersection(planned.builds_on):
                left.append(name)
                undecided.add(name)
                continue
            start(name)
            begin = time.perf_counter()
            attempt = self._execute(together, planned.case)
            if attempt.fault is not None:
                undecided.add(name)
            if attempt.fault is not None and not isinstance(attempt.fault, NotAttempted):
                left.append(name)
                continue
            run.observed(planned.case, attempt)
            results[name] = _result(attempt, planned.case, run, time.perf_counter() - begin)
            finished(results[name])
        if left:
            with contextlib.suppress(SandboxError):  # a box that broke is noticed by the next test
                run.grading.end_sharing()
        return left

    def _run_one(self, run: Run, planned: Planned, results: dict[str, TestResult]) -> TestResult:
        for earlier in planned.builds_on:
            if earlier in results and results[earlier].outcome is not Outcome.PASSED:
                told = f'It builds on "{results[earlier].case.title}", which did not pass.'
                return TestResult(case=planned.case, outcome=Outcome.SKIPPED, score=0.0, feedback=told, seed=run.seed)
        begin = time.perf_counter()
        attempt = self._execute(run, planned.case)
        if isinstance(attempt.fault, SandboxError):
            run.grading.reopen()
            attempt = self._execute(run, planned.case)
        run.observed(planned.case, attempt)
        return _result(attempt, planned.case, run, time.perf_counter() - begin)


def _result(attempt: Attempt, case: TestCase, run: Run, duration_s: float) -> TestResult:
    fault = attempt.fault
    if isinstance(fault, AssertionError):  # a plain assert in a hidden test
        told = "The answer breaks the rule that this test checks."
        fault = CheckFailed(told, detail=str(fault), bare=True)
    verdict = _verdict(replace(attempt, fault=fault), case, run)
    share = fault.share if isinstance(fault, CheckFailed) else 0.0
    score: float | None = case.points if verdict.outcome is Outcome.PASSED else tidy(round(share * case.points, 2))
    return TestResult(
        case=case,
        outcome=verdict.outcome,
        score=None if verdict.outcome is Outcome.GRADER_ERROR else score,
        feedback=verdict.feedback,
        hint=verdict.hint,
        hint_id=verdict.hint_id,
        log=verdict.log,
        seed=run.seed,
        duration_s=duration_s,
        evidence=evidence_of(
            fault,
            attempt.talk.student.functions if attempt.talk is not None else (),
            attempt.talk.epochs if attempt.talk is not None else (),
            visible=case.visibility is Visibility.VISIBLE,
            last_call=_last_call(attempt.talk),
        ),
    )


def _verdict(attempt: Attempt, case: TestCase, run: Run) -> Verdict:
    """Sort what ended a test: the student's doing, a rule that did not hold, or our fault."""
    fault, talk = attempt.fault, attempt.talk
    if attempt.skipped:
        return Verdict(outcome=Outcome.SKIPPED, feedback=attempt.skipped, log=attempt.skipped)
    if fault is None or isinstance(fault, StudentFault):
        return judge(
            fault,
            visible=case.visibility is Visibility.VISIBLE,
            printed="\n".join(talk.conversation.printed) if talk is not None else "",
            last_error=_last_error(talk) if fault is not None else None,
            submission=run.grading.submission,
            remarks=[each for function in talk.student.functions for each in function.remarks] if talk else (),
            last_call=_last_call(talk),
        )
    told = "This test itself failed; its points are not decided."
    return Verdict(outcome=Outcome.GRADER_ERROR, feedback=told, log="".join(traceback.format_exception(fault)))


def _last_error(talk: Talk | None) -> StudentError | None:
    """What the last call of the test raised, if it raised."""
    reply = talk.conversation.last_reply if talk is not None else None
    return reply if isinstance(reply, StudentError) else None


def _last_call(talk: Talk | None) -> LastCall | None:
    """The last call of the test, if it was answered with a value or an exception."""
    if talk is None or talk.conversation.last_asked is None or talk.conversation.last_reply is None:
        return None
    name, args, kwargs = talk.conversation.last_asked
    reference = next((each.reference for each in talk.student.functions if each.name == name), None)
    reply = talk.conversation.last_reply
    return LastCall(name=name, args=tuple(args), kwargs=kwargs, reply=reply, reference=reference)
