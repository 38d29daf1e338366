"""Owns the exports of a grading that is not over yet: on the disk after each test, where a platform reads a file.

In: exports as `--export` named them, what is known at the outset, each result. Out: whole files, each replaced.
The rule: a grader that is killed leaves a file that says what was found so far, and no score.
"""

from collections.abc import Mapping, Sequence

from grader.exports.context import Context
from grader.exports.formats import Export, write_partial
from grader.exports.standing import unfinished
from grader.grading import Outset
from grader.records import Assignment, Audience, TestResult


class Partials:
    """The unfinished exports of one grading."""

    def __init__(
        self,
        exports: Sequence[Export],
        assignment: Assignment,
        *,
        audience: Audience,
        context: Context,
        student: str,
        submission: str,
        environment: Mapping[str, str],
    ) -> None:
        self._exports = exports
        self._assignment = assignment
        self._audience = audience
        self._context = context
        self._student = student
        self._submission = submission
        self._environment = environment
        self._outset: Outset | None = None
        self._results: list[TestResult] = []

    def begin(self, outset: Outset) -> None:
        """Write what is known before the first test."""
        self._outset = outset
        self._write()

    def add(self, result: TestResult) -> None:
        """Write it anew with one more result."""
        self._results.append(result)
        self._write()

    def _write(self) -> None:
        if self._outset is None or not self._exports:
            return
        report = unfinished(
            self._assignment,
            self._outset.cases,
            self._results,
            student=self._student,
            submission=self._submission,
            seed=self._outset.seed,
            isolation=self._outset.isolation,
            environment=self._environment,
            digest=self._outset.digest,
            notices=self._outset.notices,
            tests=self._outset.tests,
        )
        for each in self._exports:
            write_partial(each, report, audience=self._audience, context=self._context)
