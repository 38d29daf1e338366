"""Owns the page of one report: a student's, or with logs, seeds and commands, staff's.

In: a Report and its audience. Out: one HTML file; the same report gives the same bytes.
The rule: it shows what the console shows to the same audience, cut down by the same `view`, and pictures of that.

A class confused for another is told to a student only where the images are a published test set (see `scoring.view`).
The page of a hidden test shows no array and no training curve: a submission chooses what it returns and tells after it
was given the hidden input.
"""

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from grader import wording
from grader.language import ENGLISH, Language
from grader.marks import C_
from grader.pages import look, pictures
from grader.pages.figures import png
from grader.records import Audience, Confusion, Outcome, Report, TestResult, Visibility
from grader.scoring import view
from grader.seeds import format_seed

_LOG = 20_000  # characters of one test's log
_NOTICES = 50
_SHADES = 9  # of a cell in a table of classes
_PAIRS = 3  # of classes, that are told in words
_CLASSES = {
    "fashion_mnist": (
        C_("class", "T-shirt/top"),
        C_("class", "trouser"),
        C_("class", "pullover"),
        C_("class", "dress"),
        C_("class", "coat"),
        C_("class", "sandal"),
        C_("class", "shirt"),
        C_("class", "sneaker"),
        C_("class", "bag"),
        C_("class", "ankle boot"),
    ),
    "cifar10": (
        C_("class", "airplane"),
        C_("class", "automobile"),
        C_("class", "bird"),
        C_("class", "cat"),
        C_("class", "deer"),
        C_("class", "dog"),
        C_("class", "frog"),
        C_("class", "horse"),
        C_("class", "ship"),
        C_("class", "truck"),
    ),
}


# As both pages say it of a test.
_VISIBILITIES = (
    C_("page", "visible"),
    C_("page", "hidden"),
    C_("page", "after_due_date"),
    C_("page", "after_published"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Image:
    """A test image, and what it is taken for."""

    address: str
    alt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Classes:
    """A table of classes."""

    names: tuple[str, ...]
    rows: tuple[tuple[tuple[int, int], ...], ...]  # how many, and how dark their cell is
    pairs: tuple[str, ...]  # the commonest mistakes, in words
    images: tuple[_Image, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Test:
    """A test as the page shows it."""

    told: wording.Told
    heat_maps: tuple[pictures.Shown, ...]
    curves: tuple[pictures.Shown, ...]
    classes: _Classes | None
    replay: str  # "" for students

    @property
    def drawings(self) -> Iterator[look.Drawing]:
        return (each.drawing for each in (*self.heat_maps, *self.curves))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Question:
    """A question with its tests."""

    name: str
    anchor: str
    points: str
    passed: str
    tests: tuple[_Test, ...]


def render(report: Report, audience: Audience, *, language: Language = ENGLISH) -> str:
    """Draw a report as its audience may see it.

    Args:
        report: the whole report; it is cut down to the audience's view here.
        audience: staff also get the student, seeds, logs and the commands that run a test again.
        language: of who reads it.
    """
    seen = language.report(view(report, audience))
    questions = tuple(_questions(seen, audience, language))
    drawings = [drawing for each in questions for test in each.tests for drawing in test.drawings]
    return look.render(
        "student.html",
        styles=("student.css",),
        language=language,
        drawings=drawings,
        report=seen,
        staff=audience is Audience.STAFF,
        score=language.say(_score(seen)),
        headline=wording.headline(seen),
        questions=questions,
        notices=seen.notices[:_NOTICES],
        unlisted=max(0, len(seen.notices) - _NOTICES),
        hidden=any(each.case.visibility is not Visibility.VISIBLE for each in seen.results),
        isolation=language.say(wording.isolation(seen.isolation)).partition(": ")[2],
        seed=format_seed(seen.seed),
        log_limit=_LOG,
    )


def _score(report: Report) -> str:
    waiting = any(each.outcome is Outcome.SKIPPED and each.score is None for each in report.results)
    return "not finished" if waiting and not report.needs_review else wording.score(report)


def _questions(report: Report, audience: Audience, language: Language) -> Iterator[_Question]:
    for number, group in enumerate(wording.groups(report), 1):
        passed = sum(told.mark == "pass" for told in group.results)
        yield _Question(
            name=group.question or language.say(wording.OTHER),
            anchor=f"question-{number}",
            points=language.say(group.points),
            passed=f"{passed} {language.term('page', C_('page', 'of'))} {len(group.results)}",
            tests=tuple(_test(told, report, audience, language) for told in group.results),
        )


def _test(told: wording.Told, report: Report, audience: Audience, language: Language) -> _Test:
    evidence = told.result.evidence
    return _Test(
        told=told,
        heat_maps=pictures.heat_maps(evidence.pictures, language.say),
        curves=pictures.curves(evidence.epochs, language.say),
        classes=_classes(evidence.confusion, language) if evidence.confusion is not None else None,
        replay=_replay(told.result, report) if audience is Audience.STAFF else "",
    )


def _replay(result: TestResult, report: Report) -> str:
    """The command that runs one test again, exactly."""
    words = ["grade", report.assignment, report.submission, "--seed", format_seed(report.seed)]
    words += ["--student", report.student] if report.student else []
    return shlex.join([*words, "--only", result.case.name, "--audience", "staff", "-v"])


# --- classes ------------------------------------------------------------------


def _classes(confusion: Confusion, language: Language) -> _Classes:
    say = language.say
    known = _CLASSES.get(confusion.data, tuple(map(str, range(len(confusion.counts)))))
    names = tuple(language.term("class", name) for name in known)
    return _Classes(
        names=names,
        rows=tuple(tuple(_shaded(row, number)) for number, row in enumerate(confusion.counts)),
        pairs=tuple(map(say, _pairs(confusion, names))),
        images=tuple(
            _Image(
                address=png(each.pixels, each.shape),
                alt=say(f"{names[each.actual]} taken for {names[each.named]} ({each.share:.0%} sure)"),
            )
            for each in confusion.images
        ),
    )


def _shaded(row: Sequence[int], own: int) -> Iterator[tuple[int, int]]:
    """Mistakes are dark, as the darkest would be a fifth of their class; what is right is left pale."""
    whole = max(1, sum(row))
    for column, count in enumerate(row):
        dark = 0 if column == own or not count else 1 + int((_SHADES - 1) * min(1.0, 5 * count / whole))
        yield count, dark


def _pairs(confusion: Confusion, names: Sequence[str]) -> Iterator[str]:
    mistakes = [
        (count, actual, named)
        for actual, row in enumerate(confusion.counts)
        for named, count in enumerate(row)
        if actual != named and count
    ]
    for count, actual, named in sorted(mistakes, key=lambda each: (-each[0], each[1], each[2]))[:_PAIRS]:
        yield f"{names[actual]} is taken for {names[named]}: {count:,} of {sum(confusion.counts[actual]):,}"
