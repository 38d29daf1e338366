"""Owns the page of a class: how it did, which tests to doubt, which mistakes are common, and everybody in one table.

In: counted assignments, students, what there is to say of the journals, the reader's language. Out: one HTML file; the
same values give the same bytes. The rule: it shows numbers that others counted, and what it cannot know it says.

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
from grader.language import ENGLISH, Language
from grader.marks import C_, N_, T_
from grader.pages import figures, look
from grader.records import Notice, Outcome
from grader.text import number

_BROKEN = 3  # tests that are named
_MOST = 100  # lines of any list but that of the students
_SAID = ("", NOTHING, REVIEW)  # reasons that the score's own cell tells
_UNREAD = N_("its results cannot be read: grade it again")
_NO_SCORE = {
    Standing.REVIEW: "needs review",
    Standing.UNGRADED: "not graded yet",
    Standing.REJECTED: N_("rejected"),
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


def render(page: ClassPage, *, language: Language = ENGLISH) -> str:
    """Draw the page.

    Args:
        page: what it shows; its texts are as they were made, in English.
        language: of who reads it; it knows the assignments' catalogs, for their titles and hints.
    """
    sections = tuple(_section(part, at, language) for at, part in enumerate(page.parts, 1))
    lines = tuple(_line(page, at, language) for at in range(len(page.students)))
    return look.render(
        "cohort.html",
        styles=("cohort.css",),
        scripts=("cohort.js",),
        language=language,
        hint=language.hint,
        drawings=[each.histogram for each in sections if each.histogram is not None],
        title=", ".join(f"{part.assignment} {language.say(part.title)}" for part in page.parts),
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


def _line(page: ClassPage, at: int, language: Language) -> _Line:
    student = page.students[at]
    works = [(part, part.work[at]) for part in page.parts]
    several = len(page.parts) > 1
    remarks = [] if student.enrolled else [language.say("not on the roster")]
    marks = set() if student.enrolled else {"unknown"}
    for part, counted in works:
        reason = counted.entry.reason
        if reason not in _SAID:
            told = language.say(reason)
            remarks.append(f"{part.assignment}: {told}" if several else told)
        if counted.unread:
            told = language.say(_UNREAD)
            remarks.append(f"{part.assignment}: {told}" if several else told)
        marks |= set(_marks(part, counted))
    return _Line(
        student=student,
        cells=tuple(_cell(part, counted, language) for part, counted in works),
        remarks="; ".join(remarks),
        marks=" ".join(sorted(marks)),
    )


def _marks(part: Part, counted: Counted) -> Iterator[str]:
    if counted.entry.needs_review or counted.unread:
        yield "review"
    if counted.entry.score is None:
        yield "unscored"
    if part.numbers.gap is not None and counted.student in part.numbers.gap.hidden_failed:
        yield "gap"


def _cell(part: Part, counted: Counted, language: Language) -> _Cell:
    score = counted.entry.score
    results = counted.report.results if counted.report is not None else ()
    passed = sum(each.outcome is Outcome.PASSED for each in results) if results else None
    return _Cell(
        text=number(score) if score is not None else language.say(_NO_SCORE.get(counted.standing, "no score")),
        value=score,
        href=_address(part, counted.student),
        tests=f"{passed} {language.term('page', 'of')} {len(results)}" if results else "",
        passed=passed,
    )


def _address(part: Part, student: str) -> str:
    return quote(part.pages.get(student, ""), safe="/")


# --- an assignment ------------------------------------------------------------


def _section(part: Part, at: int, language: Language) -> _Section:
    work = {each.student: each for each in part.work}
    return _Section(
        part=part,
        anchor=f"assignment-{at}",
        facts=tuple(_facts(part, language)),
        histogram=_histogram(part, language) if part.numbers.scores is not None and part.numbers.bins else None,
        review=tuple((each, _address(part, each), _why(work[each], language)) for each in part.numbers.review),
    )


def _why(counted: Counted, language: Language) -> str:
    """Why a person must look: what the gradebook says, and the tests that failed themselves."""
    results = counted.report.results if counted.report is not None else ()
    say = language.say
    broken = [say(each.case.title) or each.case.name for each in results if each.outcome is Outcome.GRADER_ERROR]
    more = f" {say(f'and {len(broken) - _BROKEN} more')}" if len(broken) > _BROKEN else ""
    told = f"{say('a test failed itself')}: {', '.join(broken[:_BROKEN])}{more}" if broken else ""
    reason = "" if counted.entry.reason in _SAID else say(counted.entry.reason)
    unread = say(_UNREAD) if counted.unread else ""
    return "; ".join(filter(None, [reason, told, unread]))


def _facts(part: Part, language: Language) -> Iterator[tuple[str, str]]:
    numbers, say, term = part.numbers, language.say, language.term
    yield term("page", C_("page", "Students")), f"{len(part.work):,}"
    yield say("With a score"), f"{numbers.standings[Standing.SCORED]:,}"
    yield from (
        (say(word.capitalize()), f"{found:,}") for each, word in _NO_SCORE.items() if (found := numbers.standings[each])
    )
    if numbers.unread:
        many = N_("1 student") if numbers.unread == 1 else f"{numbers.unread} students"
        yield say("Results that cannot be read"), say(f"of {many}, in no number of tests")
    if (scores := numbers.scores) is not None:
        yield (
            term("page", C_("page", "Mean")),
            f"{number(scores.mean)} {term('page', C_('page', 'of'))} {number(part.max_score)}",
        )
        least, most = number(scores.least), number(scores.most)
        quarter, three_quarters = number(scores.quarter), number(scores.three_quarters)
        yield (
            term("page", C_("page", "Median")),
            say(f"{number(scores.median)}; half of the scores lie from {quarter} to {three_quarters}"),
        )
        yield say("Lowest and highest"), say(T_("{least} and {most}")).format(least=least, most=most)


def _histogram(part: Part, language: Language) -> look.Drawing:
    bins, say = part.numbers.bins, language.say
    scores, students = language.term("page", C_("page", "score")), language.term("page", C_("page", "students"))

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
        axes.set_xlabel(scores)
        axes.set_ylabel(students)
        axes.yaxis.get_major_locator().set_params(integer=True)

    forms = [say(T_("{low} to below {high}: {count}"))] * (len(bins) - 1) + [say(T_("{low} to {high}: {count}"))]
    said = "; ".join(
        form.format(low=number(each.low), high=number(each.high), count=each.count)
        for form, each in zip(forms, bins, strict=True)
    )
    told = f"{say(f'Scores of {part.assignment}, students in each tenth')}: {said}."
    return figures.draw(paint, width=7.2, height=2.6, told=told)
