"""A report as JUnit XML, as Jenkins, GitLab and GitHub's report actions read it.

In: a Report and an audience. Out: an XML 1.0 text that follows Jenkins' schema, junit-10.xsd in the folder
src/main/resources/org/jenkinsci/plugins/xunit/types/model/xsd of https://github.com/jenkinsci/xunit-plugin.
The rule: nothing that did not pass looks green. A test that was not attempted is a failure, one that the grader could
not run an error; a rejected submission and an empty report, which have no test to show it, get a case of their own.

XML forbids NUL and most control characters even as entities, so each text is made printable first; `>` is always
escaped, so `]]>` cannot end anything.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from xml.etree import ElementTree as ET

from grader import wording
from grader.records import Audience, Outcome, Report, TestResult
from grader.scoring import view
from grader.seeds import format_seed
from grader.text import number, one_line, printable

_LOG = 10_000  # characters of one test's log
_NOTICES = 100

_ELEMENTS: Mapping[Outcome, str] = MappingProxyType(
    {
        Outcome.FAILED: "failure",
        Outcome.NOT_ATTEMPTED: "failure",
        Outcome.TIMEOUT: "failure",
        Outcome.OUT_OF_MEMORY: "failure",
        Outcome.CRASHED: "failure",
        Outcome.SKIPPED: "skipped",
        Outcome.GRADER_ERROR: "error",
    }
)


def render(report: Report, audience: Audience) -> str:
    """Write a report as its audience may see it.

    Args:
        report: the whole report; it is cut down to the audience's view here.
        audience: staff also get the seeds, and each test's log as its `system-out`.

    Returns:
        XML with one suite: a class for each question, a case for each test. Names are unique.
    """
    seen = view(report, audience)
    cases = [_testcase(seen, result, name) for result, name in zip(seen.results, _unique(seen.results), strict=True)]
    if seen.rejected:
        cases = [_only_case(seen, "failure", "rejected", seen.rejected)]
    elif not cases:
        cases = [_only_case(seen, "error", "not_graded", "no test was run")]
    counts = {tag: str(sum(case.find(tag) is not None for case in cases)) for tag in ("failure", "error", "skipped")}
    totals = {
        "name": one_line(f"{seen.assignment} {seen.title}"),
        "time": _seconds(seen.duration_s),
        "tests": str(len(cases)),
        "failures": counts["failure"],
        "errors": counts["error"],
    }
    root = ET.Element("testsuites", totals)
    suite = ET.SubElement(root, "testsuite", totals | {"skipped": counts["skipped"]})
    properties = ET.SubElement(suite, "properties")
    for key, value in _properties(seen, audience):
        ET.SubElement(properties, "property", {"name": key, "value": one_line(value)})
    suite.extend(cases)
    if seen.notices:
        ET.SubElement(suite, "system-out").text = _notices(seen)
    ET.indent(root)
    body = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{body}\n'


def _testcase(report: Report, result: TestResult, name: str) -> ET.Element:
    case = ET.Element("testcase", {"name": name, "classname": _classname(report, result.case.question)})
    if result.duration_s:
        case.set("time", _seconds(result.duration_s))
    tag = _ELEMENTS.get(result.outcome)
    if tag is not None:
        parts = [result.case.title, result.feedback, f"hint: {result.hint}" if result.hint else ""]
        message = f"{wording.MARKS[result.outcome]} {result.case.title or result.case.name}"
        ended = ET.SubElement(case, tag, {"type": result.outcome.value, "message": one_line(message)})
        ended.text = printable("\n".join(part for part in parts if part))
    if result.log:
        ET.SubElement(case, "system-out").text = printable(result.log, limit=_LOG)
    return case


def _only_case(report: Report, tag: str, kind: str, reason: str) -> ET.Element:
    case = ET.Element("testcase", {"name": "submission", "classname": report.assignment})
    ET.SubElement(case, tag, {"type": kind, "message": one_line(reason)}).text = printable(reason)
    return case


def _unique(results: Sequence[TestResult]) -> Iterable[str]:
    """Number names that come twice: a CI that counts by name would show one of them only."""
    taken: set[str] = set()
    for result in results:
        name = unique = one_line(result.case.name)
        count = 1
        while unique in taken:
            count += 1
            unique = f"{name} ({count})"
        taken.add(unique)
        yield unique


def _classname(report: Report, question: str) -> str:
    return one_line(f"{report.assignment}.{question}" if question else report.assignment)


def _properties(report: Report, audience: Audience) -> Iterable[tuple[str, str]]:
    yield "score", "" if report.score is None else number(report.score)
    yield "max_score", "" if report.max_score is None else number(report.max_score)
    yield "suite", report.tests
    yield "student", report.student
    yield "submission", report.submission
    yield "digest", report.digest
    yield "isolation", report.isolation.level.value
    if audience is Audience.STAFF:
        yield "seed", format_seed(report.seed)


def _notices(report: Report) -> str:
    told = [printable(f"{notice.where}: {notice.text}" if notice.where else notice.text) for notice in report.notices]
    more = [f"and {len(told) - _NOTICES} more"] if len(told) > _NOTICES else []
    return "\n".join([*told[:_NOTICES], *more])


def _seconds(value: float) -> str:
    # The schema wants digits and a point: no exponent, no sign, no nan.
    return f"{value if math.isfinite(value) and value > 0 else 0:.3f}"
