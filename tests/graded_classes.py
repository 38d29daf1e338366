"""A class that has been graded, as its journal: real records, real files, results drawn from a seed.

In: how many students, and which texts they bring along. Out: a journal's folder that `grade report` reads.
The students differ in what they can. Of the tests of hw1 the last is wrong itself: who can much fails it.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from grader.catalogs import read_catalog
from grader.cohort import Deliveries, Delivery
from grader.inventory import Inventory, write_inventory
from grader.journal import Conditions, Journal
from grader.records import Epoch, Evidence, Outcome, Report, TestCase, TestResult, Visibility
from tests.browser import reports
from tests.builders import make_case, make_report, make_result

NOW = datetime(2026, 12, 4, 12, tzinfo=UTC)
QUESTIONS = ("conv2d", "zero_pad", "output_shape")
HINTS = ("Your window moves one pixel at a time, whatever the stride is.", "Your filter is turned by 180 degrees.")

_HIDDEN = Path(__file__).parents[1] / "solutions" / "hw01_convolution" / "ko.po"

Change = Callable[[int, Report], Report]


def cases(count: int = 20, *, points: float = 100.0) -> tuple[TestCase, ...]:
    """Every fourth test is visible; the last one is wrong."""
    return tuple(
        make_case(
            name=f"test_{number:02}",
            title=f"Rule {number} of the course holds.",
            question=QUESTIONS[number % 3],
            points=points / count,
            visibility=Visibility.VISIBLE if number % 4 == 0 else Visibility.HIDDEN,
        )
        for number in range(count)
    )


def in_words_of_hw1(number: int, report: Report) -> Report:
    """A change: titles and hints become those of hw1, which its catalogs know."""
    del number
    texts = [msgid for _, msgid in read_catalog(_HIDDEN) if "{" not in msgid]
    titles, hints = texts[: len(report.results)], texts[-len(HINTS) :]
    results = (
        replace(each, case=replace(each.case, title=title), hint=hints[HINTS.index(each.hint)] if each.hint else "")
        for each, title in zip(report.results, titles, strict=True)
    )
    return replace(report, results=tuple(results))


def report_of(
    student: str, ability: float, rng: np.random.Generator, tests: Sequence[TestCase], text: str = ""
) -> Report:
    """What somebody who can that much, 0..1, is told."""
    pictures, results = reports.pictures(), list[TestResult]()
    for number, case in enumerate(tests):
        chance = 1 - ability if case is tests[-1] else ability ** (0.2 + number / len(tests))
        passed = bool(rng.random() < chance)
        seen = case.visibility is Visibility.VISIBLE and not passed
        epochs = tuple(Epoch(done=done, epochs=6, loss=2 * 0.7**done, accuracy=1 - 0.7**done) for done in range(1, 7))
        results.append(
            make_result(
                case=case,
                score=case.points if passed else 0.0,
                outcome=Outcome.TIMEOUT if not passed and number == 5 else None,
                feedback="" if passed else f"{case.question} returned wrong values.{text}",
                hint=HINTS[number % 2] if not passed and number % 3 else "",
                log="" if passed else f"{case.question}(x=[[{number}.5]]){text}",
                duration_s=float(rng.gamma(2.0, 0.02)),
                evidence=Evidence(pictures=pictures, epochs=epochs if number == 0 else ()) if seen else None,
            )
        )
    return make_report(
        student=student,
        submission=f"in/{student}/convolution.py",
        digest=f"{rng.integers(2**63):064x}",
        score=round(sum(each.score or 0.0 for each in results), 2),
        max_score=100.0,
        results=results,
        seed=int(rng.integers(2**63)),
        duration_s=sum(each.duration_s for each in results),
    )


def write_journal(
    folder: Path,
    students: Sequence[str],
    *,
    assignment: str = "hw1",
    title: str = "Convolution",
    tests: Sequence[TestCase] | None = None,
    names: Sequence[str] = (),
    change: Change = lambda number, report: report,
    ungraded: Sequence[str] = (),
    group: tuple[str, ...] = (),
    text: str = "",
) -> Path:
    """Write the journal of a class, with its list of deliveries.

    Args:
        folder: the journal's.
        students: ids of those who have a report.
        assignment: its id.
        title: of it.
        tests: 20 of them, else.
        names: of the students, in their order.
        change: what becomes of a report before it is written.
        ungraded: ids of those whose delivery has no report yet.
        group: of every delivery.
        text: what each submission says wherever it can.
    """
    rng = np.random.default_rng(7)
    tests = cases() if tests is None else tests
    conditions = Conditions(tests={case.name: "f" for case in tests}, environment="e")
    found = []
    with Journal.open(folder, assignment=assignment) as journal:
        for number, student in enumerate(students):
            name = names[number] if names else ""
            delivery = Delivery(student=student, path=Path("in", _plain(student)), name=name, group=group)
            drawn = report_of(student, float(rng.beta(3, 1.5)), rng, tests, text)
            report = change(number, replace(drawn, assignment=assignment, title=title))
            journal.add_report(delivery, report, conditions, graded_at=NOW)
            found.append(delivery)
    found += [Delivery(student=student, path=Path("in", _plain(student))) for student in ungraded]
    inventory = Inventory(assignment=assignment, title=title, points=100.0)
    inventory.sources["in"] = Deliveries(platform="folders", found=tuple(found))
    write_inventory(folder, inventory)
    return folder


def _plain(student: str) -> str:
    return student.replace("\0", "")
