"""One worker that serves several tests, one after another, for a submission that keeps nothing between calls.

In: a worker's session. Out: a session per test, which it takes for its own. Nothing but speed comes of it: a fork and
its page faults cost more than most tests. The rule: it is used for tests that pass. What does not pass here says
nothing yet, and whatever ended the worker ends the sharing.
"""

import dataclasses
import os
from collections.abc import Callable

from grader.records import Limits
from grader.sandbox.boxes import Ended, Session, generator_seed
from grader.sandbox.output import Output

WALL_S = 0.5  # for a test; one that takes longer, a loop that never ends above all, is run again in its own process
PROCESSOR_TIMES = 5  # the processor time that one test may use, for all of them together


class SharedWorker:
    """A worker of a box, open until `close`; meanwhile the box gives no other session.

    Args:
        open_session: gives the worker's session.
        limits: of one test.
    """

    def __init__(self, open_session: Callable[[Limits], Session], limits: Limits) -> None:
        self._limits = dataclasses.replace(limits, wall_s=min(limits.wall_s, WALL_S))
        self._session = open_session(dataclasses.replace(limits, cpu_s=limits.cpu_s * PROCESSOR_TIMES))
        self.usable = self._session.exit is None and isinstance(self._session.output, Output)

    def session(self, *, seed: int) -> Session:
        """The next test's view of the worker: calls, time and output are its own."""
        return Session(
            connection=self._session.connection.dup(),
            output=Output(os.dup(self._session.output.fileno()), output_kb=self._limits.output_kb),
            limits=self._limits,
            end=self._end,
            finish=lambda: None,
            seed=generator_seed(seed),
        )

    def close(self) -> None:
        """End the worker."""
        self.usable = False
        self._session.close()

    def _end(self, kill: bool) -> Ended:
        ended = self._session.end(kill)
        self.usable = False
        # It is gone: nobody is to be told to end it once more.
        self._session.finish = lambda: None
        return ended
