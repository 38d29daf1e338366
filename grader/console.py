"""Owns what a person is told in a terminal, and in which order; how it looks is the page's.

In: a Screen and records. Out: text on the screen's stream, nothing else.
The rule: words carry the meaning, colour only adds to it: NO_COLOR, `--plain`, pipes, ASCII and CP949 lose nothing.
"""

import enum
from collections.abc import Sequence
from dataclasses import dataclass

from grader import wording
from grader.errors import GradeError
from grader.marks import T_
from grader.page import STYLES, Page, page
from grader.records import Audience, Course, Isolation, Notice, Outcome, Report
from grader.scoring import view
from grader.screen import Screen
from grader.text import number, one_line

_NOTICES = 12  # told; an export has more
_LOG_LINES = 200


class Verbosity(enum.Enum):
    """How much a report says."""

    QUIET = "quiet"  # one line
    NORMAL = "normal"
    VERBOSE = "verbose"  # with durations and, for staff, logs


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditLine:
    """One assignment's audit, as it is drawn."""

    cells: tuple[str, ...]  # id, tests, misconceptions, alternatives, mutants, killed, margin, time
    notes: tuple[str, ...]  # what to know: the nearest mistake, mutants that no test notices
    problems: tuple[str, ...]


def draw_report(
    screen: Screen,
    report: Report,
    *,
    audience: Audience = Audience.STUDENT,
    verbosity: Verbosity = Verbosity.NORMAL,
    errors: Screen | None = None,
) -> None:
    """Draw one report as its audience may see it.

    Args:
        screen: where the report goes.
        report: the whole report; it is cut down to the audience's view here.
        audience: staff also get the student, the seed and, where verbose, logs.
        verbosity: quiet is exactly one line.
        errors: where quiet says why there is no score; without it, nowhere.
    """
    seen = screen.language.report(view(report, audience))
    on = page(screen)
    if verbosity is Verbosity.QUIET:
        on.line(wording.short(seen))
        first = wording.headline(seen)
        if errors is not None and first is not None and seen.score is None:
            print_error(errors, GradeError(first.text))
        return
    for source in seen.data:
        on.line(f"models were judged on {source}")
    on.heading(f"{seen.assignment}  {seen.title}", wording.score(seen))
    on.rule()
    if audience is Audience.STAFF:
        on.line(f"{seen.student or '(no student named)'}   {seen.submission}", style="dim")
    _draw_notices(on, seen.notices)
    if (first := wording.headline(seen)) is not None:
        on.panel(first)
    for group in wording.groups(seen):
        on.blank()
        on.heading(group.question or wording.OTHER, group.points)
        for told in group.results:
            _draw_result(on, told, verbosity)
    if footer := wording.footer(seen, audience):
        on.rule()
        for line in footer:
            on.line(line)


def draw_course(screen: Screen, course: Course) -> None:
    """Draw what there is to grade: id, title, points and functions of each assignment."""
    on = page(screen)
    count = len(course.assignments)
    on.heading(course.title, f"{count} assignment" if count == 1 else f"{count} assignments")
    on.rule()
    on.table(
        [
            (
                item.id,
                item.title,
                f"{number(item.points)} points",
                ", ".join(question.name for question in item.questions),
            )
            for item in course.assignments
        ]
    )
    if any(item.private is None for item in course.assignments):
        on.rule()
        on.line("public tests: the hidden tests run on hand-in")


def draw_doctor(screen: Screen, isolation: Isolation, checks: Sequence[tuple[str, str, str]]) -> None:
    """Draw what this machine can do.

    Args:
        screen: where it goes.
        isolation: the level reached and each layer, with what would raise it.
        checks: (name, status, detail) of everything else; a status is one word: "ok", "missing", "FAIL".
    """
    on = page(screen)
    on.heading("isolation", isolation.level.value)
    on.rule()
    on.table([("ok" if layer.active else "missing", layer.name, layer.detail) for layer in isolation.layers])
    if checks:
        on.blank()
        on.heading("this machine", "")
        on.rule()
        on.table([(status, name, detail) for name, status, detail in checks])


def draw_data(screen: Screen, rows: Sequence[tuple[str, str, str]]) -> None:
    """Draw which image data is here.

    Args:
        screen: where it goes.
        rows: (status, name, what), and below each set ("", what it is called, value).
    """
    on = page(screen)
    on.heading("image data", "")
    on.rule()
    on.table(rows)


def draw_audit(screen: Screen, audits: Sequence[AuditLine]) -> None:
    """Draw what is known of each assignment's grader, and below it what does not hold.

    Args:
        screen: where it goes.
        audits: one per assignment.
    """
    on = page(screen)
    on.heading("audit", "")
    on.rule()
    titles = ("", "tests", "mistakes", "right", "mutants", "killed", "margin", "time")
    on.table([titles, *(each.cells for each in audits)])
    for each in audits:
        for note in each.notes:
            on.row("note", f"{each.cells[0]}: {on.say(note)}")
        for problem in each.problems:
            on.row("FAIL", f"{each.cells[0]}: {on.say(problem)}")
    on.rule()
    broken = sum(bool(each.problems) for each in audits)
    on.line(f"{broken} of {len(audits)} do not hold" if broken else "every claim holds")


def print_error(screen: Screen, error: GradeError) -> None:
    """Write what happened, where, and what to do next."""
    on = page(screen)
    for line in f"error: {error}".splitlines():
        # The labels are as wide as "error: "; what follows them hangs under itself.
        label = line[:7].strip()
        is_label = label in ("error:", "at", "fix:")
        on.labelled(line[:6] if is_label else "", line[7:] if is_label else line, style=STYLES.get(label, ""))


def _draw_notices(on: Page, notices: Sequence[Notice]) -> None:
    for notice in notices[:_NOTICES]:
        on.row("note", f"{notice.where}: {notice.text}" if notice.where else notice.text)
    if len(notices) > _NOTICES:
        on.row("note", on.say(f"and {len(notices) - _NOTICES} more"))


def _draw_result(on: Page, told: wording.Told, verbosity: Verbosity) -> None:
    result = told.result
    remark = f" ({on.say(told.remark)})" if told.remark else ""
    took = ""
    if verbosity is Verbosity.VERBOSE and result.duration_s:
        took = " " + on.say(T_("({seconds} s)")).replace("{seconds}", f"{result.duration_s:.2f}")
    on.row(told.mark, one_line(result.case.title or result.case.name) + remark + took, told.points)
    if told.feedback:
        on.detail(told.feedback)
    if told.hint:
        on.detail(told.hint, label="hint")
    if result.log and (verbosity is Verbosity.VERBOSE or result.outcome is Outcome.GRADER_ERROR):
        on.detail(result.log, label="log", lines=_LOG_LINES)
