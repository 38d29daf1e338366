"""Owns what a person sees of a batch: a live board on a terminal, a line for each event elsewhere; its summary.

In: a Screen, events, Books. Out: the board on stderr, gone when the summary comes on stdout.
The rule: words carry the meaning. A name is a student's, so it goes in as harmless text and never as markup. Beside
page.py the only owner of rich.
"""

import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from typing import Self

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from grader.batch_events import Begun, Event, Finished, Retried, Started, Tick
from grader.changes import Changed
from grader.cohort import Delivery, Gradebook
from grader.marks import C_
from grader.page import page
from grader.push.postings import Delivered, NotSent, Sent, Unchanged
from grader.records import Report
from grader.screen import Screen
from grader.similarity import Similarity
from grader.text import number, one_line

_FAILURES = 5  # told on the board, the newest
_LISTED = 20  # students in a summary
_BAR = 30  # letters
_RECENT = 20  # deliveries that the rate is taken from
_EVERY_S = 0.1  # a faster board is not read


class Board:
    """The board of one batch; a context manager, and called with each event."""

    def __init__(self, screen: Screen, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._screen = screen
        self._told = screen.language
        self._clock = clock
        self._begun: Begun | None = None
        self._running: dict[int, tuple[Delivery, float]] = {}
        self._counts: Counter[str] = Counter()
        self._failures: deque[str] = deque(maxlen=_FAILURES)
        self._ends: deque[float] = deque(maxlen=_RECENT)
        self._drawn = 0.0
        self._live: Live | None = None

    @property
    def done(self) -> int:
        """Deliveries that have a report, those from before included."""
        return (self._begun.settled if self._begun is not None else 0) + self._counts.total()

    @property
    def total(self) -> int:
        """All deliveries."""
        return self._begun.total if self._begun is not None else 0

    def __enter__(self) -> Self:
        if self._screen.interactive:
            console = Console(
                file=self._screen.stream,
                width=self._screen.width,
                height=25,
                color_system="standard" if self._screen.color else None,
                no_color=not self._screen.color,
                force_terminal=True,
                force_jupyter=False,
                legacy_windows=False,
                markup=False,
                emoji=False,
                highlight=False,
                _environ={},
            )
            self._live = Live(
                console=console, auto_refresh=False, transient=True, redirect_stdout=False, redirect_stderr=False
            )
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live is not None:
            self._live.stop()

    def __call__(self, event: Event) -> None:
        """Take an event in, and show it."""
        match event:
            case Begun():
                self._begun = event
                self._ends.append(self._clock())
                before = f", {event.settled} of them graded before" if event.settled else ""
                self._say(f"{event.assignment}: {event.total} submissions{before}")
            case Started(worker=worker, delivery=delivery):
                self._running[worker] = (delivery, self._clock())
            case Finished(worker=worker, delivery=delivery, report=report, seconds=seconds):
                self._finish(worker, delivery, report, seconds)
            case Retried(worker=worker, delivery=delivery, reason=reason):
                self._running.pop(worker, None)
                again = self._told.label(C_("label", "again"))
                told = f"{again}  {_who(delivery)}: {one_line(self._told.say(reason))}"
                self._failures.append(told)
                self._say(told)
            case Tick():
                pass
        self._redraw(now=self.done == self.total)

    def _finish(self, worker: int, delivery: Delivery, report: Report | None, seconds: float) -> None:
        self._running.pop(worker, None)
        self._ends.append(self._clock())
        word = _word(report)
        self._counts[word] += 1
        told = f"{self._told.label(word)}  {_who(delivery)}  {self._told.say(_amounts(report))}"
        if word in ("rejected", "review"):
            self._failures.append(told.rstrip())
        self._say(f"{self.done}/{self.total}  {told}  {seconds:.1f} s")

    def _say(self, line: str) -> None:
        if self._live is None:
            self._screen.stream.write(self._screen.encodable(one_line(self._told.say(line))) + "\n")
            self._screen.stream.flush()

    def _redraw(self, *, now: bool) -> None:
        if self._live is not None and (now or self._clock() - self._drawn >= _EVERY_S):
            self._drawn = self._clock()
            self._live.update(self._drawing(), refresh=True)

    def _drawing(self) -> Group:
        begun = self._begun
        share = self.done / self.total if self.total else 1.0
        bar = "#" * int(share * _BAR)
        lines = [self._text(f"{begun.assignment}  {begun.title}" if begun is not None else "", style="bold")]
        lines.append(self._text(f"[{bar:.<{_BAR}}] {self.done}/{self.total}  {self._speed()}".rstrip()))
        counts = [f"{count} {self._told.label(word)}" for word, count in sorted(self._counts.items())]
        if begun is not None and begun.settled:
            counts.append(self._told.say(f"{begun.settled} before"))
        lines.append(self._text(", ".join(counts), style="dim"))
        grid = Table.grid(padding=(0, 2, 0, 0))
        grid.add_column(no_wrap=True)
        grid.add_column(no_wrap=True, overflow="ellipsis")
        now = self._clock()
        for worker, (delivery, since) in sorted(self._running.items()):
            grid.add_row(self._text(f"{worker}  {now - since:5.1f} s"), self._text(_who(delivery)))
        return Group(*lines, grid, *(self._text(line, style="yellow") for line in self._failures))

    def _speed(self) -> str:
        took = self._clock() - self._ends[0] if self._ends else 0.0
        if len(self._ends) < 2 or took <= 0:
            return ""
        rate = (len(self._ends) - 1) / took
        return self._told.say(f"{rate:.1f}/s  {_span((self.total - self.done) / rate)} left")

    def _text(self, text: str, *, style: str = "") -> Text:
        return Text(self._screen.encodable(one_line(text)), style=style, no_wrap=True, overflow="crop")


def draw_summary(screen: Screen, gradebook: Gradebook, *, where: Sequence[tuple[str, str]]) -> None:
    """Draw what a gradebook amounts to, and everyone who has no score yet.

    Args:
        screen: where it goes.
        gradebook: of one assignment or several.
        where: (what, file) of what was written.
    """
    on = page(screen)
    for id in gradebook.assignments:
        entries = [(row.student.id, row.entries[id]) for row in (*gradebook.rows, *gradebook.unknown)]
        scores = sorted(entry.score for _, entry in entries if entry.score is not None)
        on.heading(f"{id}  {gradebook.titles[id]}", f"{len(scores)} of {len(entries)} have a score")
        on.rule()
        if scores:
            mean, median = sum(scores) / len(scores), (scores[(len(scores) - 1) // 2] + scores[len(scores) // 2]) / 2
            on.line(f"mean {number(mean)}, median {number(median)} of {number(gradebook.max_scores[id])} points")
        missing = [(student, entry) for student, entry in entries if entry.score is None or entry.needs_review]
        for student, entry in missing[:_LISTED]:
            on.row("look" if entry.needs_review else "none", f"{one_line(student)}: {one_line(on.say(entry.reason))}")
        if len(missing) > _LISTED:
            on.row("none", f"and {len(missing) - _LISTED} more")
    if gradebook.unknown:
        on.line(f"not on the roster: {len(gradebook.unknown)}")
    if gradebook.rejected:
        on.line(f"found and of no use: {len(gradebook.rejected)}")
    on.rule()
    on.table([(name, file) for name, file in where])


def draw_changes(screen: Screen, changes: Sequence[Changed]) -> None:
    """Draw what a regrade changed: points before and after, and which tests."""
    on = page(screen)
    on.heading("changed", f"{len(changes)} {'student' if len(changes) == 1 else 'students'}")
    on.rule()
    for change in changes:
        again = f"  {on.say('(handed in again)')}" if change.handed_in_again else ""
        before, after = (on.say(_points(each)) for each in (change.before, change.after))
        on.row("", f"{one_line(change.student)}{again}", f"{before} -> {after}")
        for test in change.tests:
            outcomes = [
                each.outcome.value if each is not None else on.say("not there") for each in (test.before, test.after)
            ]
            on.detail(f"{one_line(test.name)}: {outcomes[0]} -> {outcomes[1]}")
    if not changes:
        on.line("nothing: every student has the report that they had")


def draw_similarity_table(screen: Screen, similarity: Similarity) -> None:
    """Draw the ranked pairs; a number is a reason to look, never a verdict."""
    on = page(screen)
    on.heading(f"{similarity.assignment}  {similarity.title}", f"{similarity.compared} compared")
    on.rule()
    on.table(
        [
            (
                f"{pair.share:.0%}",
                f"{one_line(pair.first.student)} ({len(pair.first.lines)} lines)",
                f"{one_line(pair.second.student)} ({len(pair.second.lines)} lines)",
            )
            for pair in similarity.pairs
        ]
    )
    if similarity.omitted:
        on.line(f"up to {similarity.omitted} further pairs, less alike, are not listed")
    on.line("a number is a reason to look at the code, never a verdict" if similarity.pairs else "no two are alike")


def draw_rows(screen: Screen, rows: Sequence[tuple[str, ...]]) -> None:
    """Draw what a push would send."""
    on = page(screen)
    on.heading("to be sent", str(len(rows)))
    on.rule()
    on.table(rows)


def draw_pushed(screen: Screen, one: Delivered) -> None:
    """Write one line about one score's way to a platform."""
    page(screen).line(_told(one))


def _told(one: Delivered) -> str:
    student = one_line(one.posting.student.id)
    match one:
        case Sent(note=note):
            return f"sent  {student}  {number(one.posting.score)}" + (f"  ({one_line(note)})" if note else "")
        case Unchanged():
            return f"there  {student}"
        case NotSent(reason=reason):
            return f"not sent  {student}: {one_line(reason, limit=500)}"


def _who(delivery: Delivery) -> str:
    attempt = f" (attempt {delivery.attempt})" if delivery.attempt != 1 else ""
    return one_line(delivery.student, limit=60) + attempt


def _word(report: Report | None) -> str:
    if report is None:
        return C_("label", "graded before")
    if report.needs_review:
        return C_("label", "review")
    return C_("label", "rejected") if report.rejected else C_("label", "graded")


def _amounts(report: Report | None) -> str:
    if report is None:
        return ""
    if report.rejected:
        return one_line(report.rejected.partition("\n")[0])
    return _points(report)


def _points(report: Report | None) -> str:
    if report is None or report.score is None:
        return "no score"
    return f"{number(report.score)}/{number(report.max_score or 0.0)}"


def _span(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02} s" if minutes else f"{rest} s"
