"""Owns the collecting of an assignment's tests by pytest: once, for any number of submissions.

In: an assignment. Out: a Suite, for as long as pytest's session lasts. A hidden test is run under the grader's settings
(`hidden_tests.ini`, no cache, no other plugin, no PYTEST_* variable), never under a configuration that is found by
walking up from somewhere.
"""

import contextlib
import inspect
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import CodeType
from typing import Any

import pytest

from grader.errors import CourseError
from grader.planned import Planned, check_points
from grader.plugin import CASE, FAULT, RUN, TALK, private_parts, public_answers
from grader.records import Assignment, TestCase, Visibility
from grader.suite import Attempt, Run, Suite

SETTINGS = Path(__file__).with_name("hidden_tests.ini")


def collected(
    assignment: Assignment, body: Callable[[Suite], Any], *, private: bool, knowing: bool | None = None
) -> None:
    """Collect an assignment's tests once, and hand them to `body`, which may run them many times.

    Args:
        assignment: whose tests.
        body: called once with the Suite, inside pytest's session.
        private: the hidden tests; else the public ones, without points.
        knowing: the tests have reference and misconceptions at hand; None: the hidden ones do, and the public ones
            have the hashes of `answers.json`.

    Raises:
        CourseError: the tests do not load, have no titles, or their points are not those of assignment.toml.
    """
    folder, name = (assignment.private, "test_hidden.py") if private else (assignment.public, "test_public.py")
    assert folder is not None
    collector = _Collector(assignment, body, private=private, knowing=private if knowing is None else knowing)
    arguments = [
        "-c",
        str(SETTINGS),
        "--rootdir",
        str(folder.parents[1]),
        "--disable-plugin-autoload",
        "--import-mode=importlib",
    ]
    arguments += [
        f"-pno:{each}" for each in ("cacheprovider", "terminal", "logging", "junitxml", "warnings", "faulthandler")
    ]
    arguments += ["-pgrader.plugin", "--capture=no", str(folder / name)]
    with _without_pytest_variables(), _forgetting(folder / name):
        status = pytest.main(arguments, plugins=[collector])
    if collector.error is not None:
        raise collector.error
    if status == pytest.ExitCode.INTERRUPTED:
        raise KeyboardInterrupt


def _read_case(item: pytest.Item, questions: Sequence[str], visibility: Visibility) -> TestCase:
    """Read one collected test: its title, its points, and the function it is about.

    Raises:
        CourseError: no title, or points and no single function.
    """
    function = getattr(item, "function", None)
    title = (inspect.getdoc(function) or "").partition("\n")[0].strip()
    marker = item.get_closest_marker("points")
    value, question, seen = (
        (marker.args[0], marker.kwargs["question"], marker.kwargs["visibility"]) if marker else (0, None, None)
    )
    if question is None:
        used = [name for name in questions if name in _names(function.__code__)] if function is not None else []
        if len(used) > 1 and value:
            raise CourseError(
                f"{item.name} uses {' and '.join(used)}",
                where=item.nodeid,
                fix='say which: @points(..., question="...")',
            )
        question = used[0] if len(used) == 1 else ""
    if not title:
        raise CourseError(
            f"{item.name} has no title", where=item.nodeid, fix="give it a docstring: the rule in one sentence"
        )
    return TestCase(
        name=item.name,
        title=title,
        question=question,
        points=float(value),
        visibility=Visibility(seen) if seen is not None else visibility,
    )


def _names(code: CodeType) -> set[str]:
    """Every attribute that a test's body uses, its lambdas included."""
    inner = [_names(each) for each in code.co_consts if isinstance(each, CodeType)]
    return set(code.co_names).union(*inner)


class _Collector:
    """Takes the place of pytest's loop for the length of one `collected`."""

    def __init__(self, assignment: Assignment, body: Callable[[Suite], Any], *, private: bool, knowing: bool) -> None:
        self._assignment = assignment
        self._body = body
        self._private = private
        self._knowing = knowing
        self._items: dict[str, pytest.Item] = {}
        self._broken: list[str] = []
        self.error: Exception | None = None

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self._broken.append(report.longreprtext)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        try:
            self._body(self._suite(session.items))
        except Exception as error:  # noqa: BLE001 - pytest would print and swallow it; `collected` raises it again
            self.error = error
        return True

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> pytest.TestReport:
        """Keep what was raised; pytest's own report would take 30 ms to format a traceback that nobody reads."""
        if call.excinfo is not None:
            item.stash.setdefault(FAULT, call.excinfo.value)  # the first one: a teardown's comes from it
        return pytest.TestReport(
            nodeid=item.nodeid,
            location=item.location,
            keywords={},
            outcome="passed" if call.excinfo is None else "failed",
            longrepr=None,
            when=call.when,  # type: ignore[arg-type]
            duration=call.duration,
        )

    def _suite(self, items: Sequence[pytest.Item]) -> Suite:
        if self._broken:
            raise CourseError(
                "the tests cannot be loaded", where=self._broken[0], fix="run the file with pytest itself"
            )
        self._items = {item.name: item for item in items}
        planned = self._plan(items)
        if self._private:
            check_points(self._assignment, planned)
        reference, misconceptions = private_parts(self._assignment) if self._knowing else (None, ())
        return Suite(
            self._assignment,
            planned,
            self._execute,
            reference=reference,
            misconceptions=misconceptions,
            answers=None if self._knowing else public_answers(self._assignment),
        )

    def _plan(self, items: Sequence[pytest.Item]) -> list[Planned]:
        questions = [question.name for question in self._assignment.questions]
        visibility = self._assignment.visibility if self._private else Visibility.VISIBLE
        planned = []
        for item in items:
            case = item.stash[CASE] = _read_case(item, questions, visibility)
            marker = item.get_closest_marker("builds_on")
            planned.append(Planned(case=case, builds_on=marker.args if marker is not None else ()))
        return planned

    def _execute(self, run: Run, case: TestCase) -> Attempt:
        item = self._items[case.name]
        item.config.stash[RUN] = run
        _forget(item.stash, FAULT)
        _forget(item.stash, TALK)
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
        fault = item.stash.get(FAULT, None)
        skipped = str(fault) if isinstance(fault, pytest.skip.Exception) else ""
        return Attempt(fault=fault, talk=item.stash.get(TALK, None), skipped=skipped)


def _forget(stash: pytest.Stash, key: pytest.StashKey[Any]) -> None:
    if key in stash:
        del stash[key]


@contextlib.contextmanager
def _forgetting(file: Path) -> Iterator[None]:
    """Leave no module of that test file behind: another course's has the same name."""
    try:
        yield
    finally:
        for name, module in list(sys.modules.items()):
            if getattr(module, "__file__", None) == str(file):
                del sys.modules[name]


@contextlib.contextmanager
def _without_pytest_variables() -> Iterator[None]:
    """PYTEST_ADDOPTS and its like are meant for somebody else's tests."""
    kept = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith("PYTEST_")}
    try:
        yield
    finally:
        os.environ.update(kept)
