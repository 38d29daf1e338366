"""One test's conversation with a submission: which process answers, and how long it may take.

In: a way to open boxes, and a test's limits. Out: replies, and what was printed. The rule: a call that
used the whole limit shortens the limit of later calls of the same function, so that one endless loop ends the
run in time, and a function that loops on some arguments only still gets its other points. A conversation that shares
its process with others decides only what passes: all else it leaves to one with a process of its own.
"""

import contextlib
import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from grader.errors import CheckFailed, NotAttempted, SandboxError
from grader.records import CallReply, Epoch, Limits, Manner, Outcome, Submission, WorkerExit
from grader.sandbox.boxes import Box, Session
from grader.sandbox.sharing import SharedWorker
from grader.services import Services

AFTER_TIMEOUT = 0.15  # of the limit, for all later calls of a function that timed out, together
AFTER_TIMEOUT_S = 0.3  # at least
SHARE = 0.05  # of the limit, for one test among them
SHARE_S = 0.1  # at least
LEAST_S = 0.03  # always: an ordinary call takes a few milliseconds


class NeedsItsOwnProcess(Exception):  # noqa: N818 - it is no error: the test is run again
    """A test that shares a process wants one that has seen no call."""


class Grading:
    """One submission while it is graded: its box, and the time that its functions have used up.

    Args:
        submission: which.
        limits: of a test.
        open_box: loads it.
        services: what judges trained models.
        stateless: nothing of it stays between calls, so that tests, and calls of a search, may share a process.
    """

    def __init__(
        self,
        submission: Submission,
        limits: Limits,
        open_box: Callable[[], Box],
        *,
        services: Services | None = None,
        stateless: bool = False,
    ) -> None:
        self.submission = submission
        self.limits = limits
        self.services = services
        self._open_box = open_box
        self._box: Box | None = None
        self.stateless = stateless
        self.memory_kb: int | None = None  # the most that a test took; None: nobody measured
        self._shared: SharedWorker | None = None
        self._left_s: dict[str, float] = {}  # per function that timed out

    @property
    def box(self) -> Box:
        """The submission's box, opened at the first use."""
        if self._box is None:
            self._box = self._open_box()
        return self._box

    def reopen(self) -> None:
        """Throw the box away; the next use opens another."""
        with contextlib.suppress(SandboxError):  # whatever it shared goes with it
            self.end_sharing()
        box, self._box = self._box, None
        if box is not None:
            box.close()
            if box.memory_kb is not None:
                self.memory_kb = max(self.memory_kb or 0, box.memory_kb)

    def close(self) -> None:
        """End every process of the submission."""
        self.reopen()

    def begin_sharing(self) -> bool:
        """Open a process that tests share, where the submission allows it and a fork of it costs something."""
        if not self.stateless or not self.box.forks:
            return False
        try:
            self._shared = SharedWorker(functools.partial(self.box.session, seed=0), self.limits)
        except SandboxError:
            self.reopen()
        return self.sharing

    @property
    def sharing(self) -> bool:
        """Whether that process still answers."""
        return self._shared is not None and self._shared.usable

    def end_sharing(self) -> None:
        """End that process: each test has its own from now on."""
        shared, self._shared = self._shared, None
        if shared is not None:
            shared.close()

    def shared_session(self, *, seed: int) -> Session:
        """A test's view of the process that it shares.

        Raises:
            NeedsItsOwnProcess: it has ended.
        """
        if self._shared is None or not self._shared.usable:
            raise NeedsItsOwnProcess
        return self._shared.session(seed=seed)

    def allowance_s(self, function: str, limits: Limits) -> float | None:
        """How long a call of that function may take; None: as long as its test, whose limits are given."""
        if function not in self._left_s:
            return None
        return max(LEAST_S, min(max(SHARE_S, SHARE * limits.wall_s), self._left_s[function]))

    def account(self, function: str, reply: CallReply | None, allowance_s: float | None, limits: Limits) -> None:
        """Note that a call timed out."""
        if isinstance(reply, WorkerExit) and reply.outcome is Outcome.TIMEOUT:
            left = self._left_s.get(function, max(AFTER_TIMEOUT_S, AFTER_TIMEOUT * limits.wall_s))
            self._left_s[function] = left - (allowance_s or 0.0)


class Conversation:
    """The calls of one test; its worker starts at the first of them.

    Args:
        grading: of the submission.
        seed: of the worker's own generators.
        limits: where they are not those of every test.
        progress: told what the worker says of a training.
        shared: the worker serves other tests too.
    """

    def __init__(
        self,
        grading: Grading,
        *,
        seed: int,
        limits: Limits | None = None,
        progress: Callable[[Epoch], object] = lambda epoch: None,
        shared: bool = False,
    ) -> None:
        self._grading = grading
        self._shared = shared
        self._seed = seed
        self._limits = limits if limits is not None else grading.limits
        self._progress = progress
        self._session: Session | None = None
        self._exploring = False
        self.printed: list[str] = []
        self.last_reply: CallReply | None = None  # to a call of the test itself, not of a search
        self.last_asked: tuple[str, Sequence[Any], Mapping[str, Any]] | None = None  # that call, if it gave its value

    def invoke(
        self, function: str, args: Sequence[Any], kwargs: Mapping[str, Any], manner: Manner = Manner.CALL
    ) -> CallReply:
        """Call a function of the submission, or of what stands beside it, in the test's own process.

        Raises:
            NotAttempted: the submission has no such function.
            CheckFailed: the function could not be read (a syntax error).
        """
        if self._session is None or self._exploring:
            self._start(exploring=False)
        reply = self._call(function, args, kwargs, manner)
        if manner is not Manner.SUPPORT:
            self.last_reply = reply
            self.last_asked = (function, args, kwargs) if manner is Manner.CALL else None
        return reply

    def explore(
        self, function: str, args: Sequence[Any], kwargs: Mapping[str, Any], manner: Manner = Manner.CALL
    ) -> CallReply:
        """Call it in a process that has seen no call, so that kept state does not disturb a search.

        Where nothing is kept, a search has one process.

        Raises:
            NeedsItsOwnProcess: the test shares one.
        """
        if self._shared:
            raise NeedsItsOwnProcess
        begun = self._session if self._exploring and self._grading.stateless else None
        if begun is None or begun.exit is not None:
            self._start(exploring=True)
        return self._call(function, args, kwargs, manner)

    def restart(self) -> None:
        """End the test's process: the next call has one that has seen no call, and nothing is kept.

        Raises:
            NeedsItsOwnProcess: the test shares one.
        """
        if self._shared:
            raise NeedsItsOwnProcess
        self.close()

    def close(self) -> None:
        """End the test's process, and keep what it printed."""
        session, self._session = self._session, None
        if session is not None:
            printed = session.close()
            if printed and not self._exploring:
                self.printed.append(printed)

    def _start(self, *, exploring: bool) -> None:
        self.close()
        self._exploring = exploring
        if self._shared:
            self._session = self._grading.shared_session(seed=self._seed)
        else:
            self._session = self._grading.box.session(self._limits, seed=self._seed)

    def _call(self, function: str, args: Sequence[Any], kwargs: Mapping[str, Any], manner: Manner) -> CallReply:
        submission = self._grading.submission
        if function in submission.set_aside and manner is not Manner.SUPPORT:
            raise CheckFailed(f"{function} could not be read: {submission.set_aside[function]}")
        if self._grading.box.failure is not None:
            return self._grading.box.failure
        assert self._session is not None
        allowance_s = self._grading.allowance_s(function, self._limits)
        reply = self._session.call(function, args, kwargs, wall_s=allowance_s, manner=manner, progress=self._progress)
        if not self._shared:
            self._grading.account(function, reply, allowance_s, self._limits)
        if reply is None:
            raise NotAttempted(function, f"{submission.name} defines no {function}")
        return reply
