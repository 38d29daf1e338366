"""What holds for every format: its own rules whatever a submission wrote, secrecy, no marks and no zero by accident."""

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from grader.exports import github
from grader.exports.formats import FORMATS
from grader.exports.standing import Standing, standing
from grader.records import Audience, Notice, Outcome, Report, Visibility
from tests.builders import make_report, make_result
from tests.exports import (
    rules_classroom50,
    rules_classroom_legacy,
    rules_github,
    rules_gradescope,
    rules_html,
    rules_lti,
    rules_prairielearn,
)
from tests.exports.contexts import make_context
from tests.exports.hostile import HOSTILE

CONTEXT = make_context()
SECRET = "x_is_31337"


def check_gradescope(text: str, report: Report) -> object:
    if standing(report) is Standing.NOT_GRADED:
        return rules_gradescope.check_withheld(text)
    return rules_gradescope.check(text, points=report.max_score)


RULES: Mapping[str, Callable[[str, Report], object]] = {
    "json": lambda text, _: json.loads(text),
    "junit": lambda text, _: ET.fromstring(text.encode()),
    "gradescope": check_gradescope,
    "prairielearn": lambda text, _: rules_prairielearn.check(text),
    "github": lambda text, _: rules_github.read_stdout(text),
    "classroom50": lambda text, _: rules_classroom50.check(text),
    "classroom-legacy": lambda text, _: rules_classroom_legacy.check(text),
    "html": lambda text, _: rules_html.check(text),
    "lti": lambda text, _: rules_lti.check(text),
}


def outputs(report: Report, audience: Audience) -> dict[str, str]:
    """Every text that a report becomes, each held to its rules."""
    texts = {name: form.render(report, audience, CONTEXT) for name, form in FORMATS.items()}
    for name, text in texts.items():
        RULES[name](text, report)
    texts["summary"] = github.summary(report, audience)
    rules_github.check_summary(texts["summary"])
    texts["outputs"] = github.outputs(report, CONTEXT.token)
    rules_github.read_outputs(texts["outputs"])
    texts["classroom-legacy"] = base64.b64decode(texts["classroom-legacy"]).decode()
    return texts


def reports(text: str) -> dict[str, Report]:
    """A report in each standing, with a text wherever a submission, or a course, can put one."""
    notices = [Notice(text=text, where=text)] * 60
    results = [
        make_result(
            name=f"test_{kind}", title=text, score=0, points=2.5, feedback=text, hint=text, log=text, visibility=kind
        )
        for kind in Visibility
    ]
    graded = make_report(
        student=text or "alice", submission=text, score=0, max_score=10, results=results, notices=notices
    )
    error = replace(results[0], outcome=Outcome.GRADER_ERROR, score=None)
    waiting = replace(results[0], outcome=Outcome.SKIPPED, score=None)
    unscored = [replace(each, case=replace(each.case, points=0.0)) for each in results]
    return {
        "graded": graded,
        "unscored": replace(graded, results=unscored, score=None, max_score=None, tests="public"),
        "rejected": replace(graded, results=(), score=None, rejected=text or "no file"),
        "not_graded": replace(graded, results=[error, *results[1:]], score=None, needs_review=True),
        "unfinished": replace(graded, results=[waiting, *results[1:]], score=None),
    }


@pytest.mark.parametrize("attack", HOSTILE)
@pytest.mark.parametrize("state", Standing)
def test_no_text_breaks_a_format(state: Standing, attack: str) -> None:
    """Each attack, in each field, for each standing and audience, is held to each format's rules."""
    report = reports(HOSTILE[attack])[state]

    assert standing(report) is state
    for audience in Audience:
        for name, text in outputs(report, audience).items():
            assert len(text) < 1_000_000, name


@pytest.mark.parametrize("visibility", Visibility)
def test_a_student_reads_nothing_that_is_for_staff(visibility: Visibility) -> None:
    """A log holds a hidden test's inputs; so may a seed and a duration."""
    result = make_result(
        score=0, log=f"x = {SECRET}", seed=0xDEC0DE, duration_s=0.414213, visibility=visibility, feedback="wrong"
    )
    report = make_report(score=0, results=[result], seed=0xC0FFEE, duration_s=0.414213)

    texts = outputs(report, Audience.STUDENT)

    secrets = (SECRET, "dec0de", "c0ffee", *(["0.414"] if visibility is not Visibility.VISIBLE else []))
    for name, text in texts.items():
        assert not any(secret in text for secret in secrets), name


@pytest.mark.parametrize("name", ["prairielearn", "classroom50", "classroom-legacy", "lti"])
def test_a_format_that_students_read_has_no_version_for_staff(name: str) -> None:
    """Whoever asks for it: these platforms show everything to the student."""
    report = make_report(score=0, results=[make_result(score=0, log=SECRET)])

    assert FORMATS[name].render(report, Audience.STAFF, CONTEXT) == FORMATS[name].render(
        report, Audience.STUDENT, CONTEXT
    )


@pytest.mark.slow
def test_thousands_of_long_messages_still_fit() -> None:
    """Messages are cut before tests are, and tests before the score is."""
    results = [
        make_result(
            name=f"test_{number}", title="제목" * 40, score=0.0, points=0.25, feedback=f"{number} " + "합" * 9_000
        )
        for number in range(1_000)
    ]
    report = make_report(score=0, max_score=250.0, results=results)

    texts = outputs(report, Audience.STUDENT)

    assert all(texts.values())


def test_decimals_are_kept() -> None:
    """Three times 0.1 is 0.3, in every unit."""
    results = [make_result(name=f"test_{number}", score=0.1, points=0.1) for number in range(3)]

    texts = outputs(make_report(score=0.3, max_score=0.3, results=results), Audience.STUDENT)

    assert json.loads(texts["gradescope"])["score"] == 0.3
    assert json.loads(texts["prairielearn"])["score"] == 1.0
    assert json.loads(texts["classroom50"])["score"] == json.loads(texts["classroom50"])["max-score"] == 30
    assert json.loads(texts["lti"])["scoreGiven"] == 0.3


def test_half_of_a_tests_points_are_half_of_its_points() -> None:
    """A trained model earns a share; its test has not passed."""
    report = make_report(score=2.25, max_score=4.5, results=[make_result(score=2.25, points=4.5)])

    texts = outputs(report, Audience.STUDENT)

    assert json.loads(texts["prairielearn"])["score"] == 0.5
    assert json.loads(texts["classroom50"])["tests"][0]["score"] == 225
    assert [json.loads(texts["classroom-legacy"])["tests"][0][key] for key in ("status", "score")] == ["fail", 2.25]
