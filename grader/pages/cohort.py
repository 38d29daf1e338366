"""Owns the page of a class: how it did, which tests to doubt, which mistakes are common, and everybody in one table.

In: counted assignments, students, what there is to say of the journals. Out: one HTML file; the same values give the
same bytes. The rule: it shows numbers that others counted, and what it cannot know it says.

An anonymous page is given pseudonyms and entries without reasons of a student's making (see `grader.anonymous`); what
is said of files and rows, which names them, is then counted and not told.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from grader.cohort import Rejected
from grader.cohortstats import Counted, Standing, Statistics
from grader.gradebook import NOTHING, REVIEW
from grader.itemstats import CHANCE, EITHER, FEW
from grader.pages import figures, look
from grader.records import Notice, Outcome
from grader.text import number

_BROKEN = 3  # tests that are named
_MOST = 100  # lines of any list but that of the students
_SAID = ("", NOTHING, REVIEW)  # reasons that the score's own cell tells
_NO_SCORE = {
    Standing.REVIEW: "needs review",
    Standing.UNGRADED: "not graded yet",
    Standing.REJECTED: "rejected",
    Standing.REFUSED: "not accepted",
    Standing.ABSENT: "nothing handed in",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A student, or a pseudonym alone."""

    id: str
    name: str = ""
    section: str = ""
    enrolled: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One assignment of a class."""

    assignment: str
    title: str
    max_score: float
    work: Sequence[Counted]  # one for each student of the page, in their order
    numbers: Statistics
    pages: Mapping[str, str]  # student -> address, seen from the class's page


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassPage:
    """Everything that the page shows."""

    parts: Sequence[Part]
    students: Sequence[Member]
    notices: Sequence[Notice] = ()
    rejected: Sequence[Rejected] = ()
    anonymous: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cell:
    """A student's score in one assignment."""

    text: str
    value: float | None  # what the column is sorted by
    href: str
    tests: str  # "31 of 38"
    passed: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """A student's line of the table."""

    student: Member
    cells: tuple[_Cell, ...]
    remarks: str
    marks: str  # words that the table is filtered by


@dataclass(frozen=True, slots=True, kw_only=True)
class _Section:
    """An assignment as the page shows it."""

    part: Part
    anchor: str
    facts: tuple[tuple[str, str], ...]
    histogram: look.Drawing | None
    review: tuple[tuple[str, str, str], ...]  # student, address, reason


def render(page: ClassPage) -> str:
    """Draw the page."""
    sections = tuple(_section(part, at) for at, part in enumerate(page.parts, 1))
    lines = tuple(_line(page, at) for at in range(len(page.students)))
    return look.render(
        "cohort.html",
        styles=("cohort.css",),
        scripts=("cohort.js",),
        drawings=[each.histogram for each in sections if each.histogram is not None],
        title=", ".join(f"{part.assignment} {part.title}" for part in page.parts),
        sections=sections,
        lines=lines,
        has_names=any(each.name for each in page.students),
        has_sections=any(each.section for each in page.students),
        has_strangers=any(not each.enrolled for each in page.students),
        notices=() if page.anonymous else page.notices[:_MOST],
        rejected=() if page.anonymous else page.rejected[:_MOST],
        unlisted=_unlisted(page),
        anonymous=page.anonymous,
        most=_MOST,
        few=FEW,
        either=EITHER,
        chance=f"{CHANCE:.0%}",
    )


def _unlisted(page: ClassPage) -> int:
    told = 0 if page.anonymous else _MOST
    return max(0, len(page.notices) - told) + max(0, len(page.rejected) - told)


# --- the table ----------------------------------------------------------------


def _line(page: ClassPage, at: int) -> _Line:
    student = page.students[at]
    works = [(part, part.work[at]) for part in page.parts]
    several = len(page.parts) > 1
    remarks = [] if student.enrolled else ["not on the roster"]
    marks = set() if student.enrolled else {"unknown"}
    for part, counted in works:
        reason = counted.entry.reason
        if reason not in _SAID:
            remarks.append(f"{part.assignment}: {reason}" if several else reason)
        marks |= set(_marks(part, counted))
    return _Line(
        student=student,
        cells=tuple(_cell(part, counted) for part, counted in works),
        remarks="; ".join(remarks),
        marks=" ".join(sorted(marks)),
    )


def _marks(part: Part, counted: Counted) -> Iterator[str]:
    if counted.entry.needs_review:
        yield "review"
    if counted.entry.score is None:
        yield "unscored"
    if part.numbers.gap is not None and counted.student in part.numbers.gap.hidden_failed:
        yield "gap"


def _cell(part: Part, counted: Counted) -> _Cell:
    score = counted.entry.score
    results = counted.report.results if counted.report is not None else ()
    passed = sum(each.outcome is Outcome.PASSED for each in results) if results else None
    return _Cell(
        text=number(score) if score is not None else _NO_SCORE.get(counted.standing, "no score"),
        value=score,
        href=_address(part, counted.student),
        tests=f"{passed} of {len(results)}" if results else "",
        passed=passed,
    )


def _address(part: Part, student: str) -> str:
    return quote(part.pages.get(student, ""), safe="/")


# --- an assignment ------------------------------------------------------------


def _section(part: Part, at: int) -> _Section:
    work = {each.student: each for each in part.work}
    return _Section(
        part=part,
        anchor=f"assignment-{at}",
        facts=tuple(_facts(part)),
        histogram=_histogram(part) if part.numbers.scores is not None and part.numbers.bins else None,
        review=tuple((each, _address(part, each), _why(work[each])) for each in part.numbers.review),
    )


def _why(counted: Counted) -> str:
    """Why a person must look: what the gradebook says, and the tests that failed themselves."""
    results = counted.report.results if counted.report is not None else ()
    broken = [each.case.title or each.case.name for each in results if each.outcome is Outcome.GRADER_ERROR]
    more = f" and {len(broken) - _BROKEN} more" if len(broken) > _BROKEN else ""
    told = f"a test failed itself: {', '.join(broken[:_BROKEN])}{more}" if broken else ""
    reason = "" if counted.entry.reason in _SAID else counted.entry.reason
    return "; ".join(filter(None, [reason, told]))


def _facts(part: Part) -> Iterator[tuple[str, str]]:
    numbers = part.numbers
    yield "Students", f"{len(part.work):,}"
    yield "With a score", f"{numbers.standings[Standing.SCORED]:,}"
    yield from (
        (word.capitalize(), f"{found:,}") for each, word in _NO_SCORE.items() if (found := numbers.standings[each])
    )
    if (scores := numbers.scores) is not None:
        yield "Mean", f"{number(scores.mean)} of {number(part.max_score)}"
        half = f"{number(scores.quarter)} to {number(scores.three_quarters)}"
        yield "Median", f"{number(scores.median)}; half of the scores lie from {half}"
        yield "Lowest and highest", f"{number(scores.least)} and {number(scores.most)}"


def _histogram(part: Part) -> look.Drawing:
    bins = part.numbers.bins

    def paint(axes: Any) -> None:
        width = bins[0].high - bins[0].low
        bars = axes.bar(
            [each.low for each in bins],
            [each.count for each in bins],
            width=width,
            align="edge",
            color=figures.ACCENT,
            edgecolor=figures.PAPER,
            linewidth=1.5,
        )
        axes.bar_label(bars, labels=[str(each.count or "") for each in bins], padding=2, fontsize=8)
        axes.set_xlim(0, part.max_score)
        axes.set_xticks([each.low for each in bins] + [bins[-1].high])
        axes.set_xticklabels([number(each.low) for each in bins] + [number(bins[-1].high)])
        axes.set_xlabel("score")
        axes.set_ylabel("students")
        axes.yaxis.get_major_locator().set_params(integer=True)

    said = "; ".join(f"{number(each.low)} to below {number(each.high)}: {each.count}" for each in bins[:-1])
    last = f"{number(bins[-1].low)} to {number(bins[-1].high)}: {bins[-1].count}"
    return figures.draw(
        paint, width=7.2, height=2.6, told=f"Scores of {part.assignment}, students in each tenth: {said}; {last}."
    )
