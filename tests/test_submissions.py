"""Every submission of the corpus gets its verdict, and no hostile one gets anything else.

One bug in grading is one folder in tests/submissions/ (tests/corpus.py says what stands in it).
"""

import re
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.language import language
from grader.records import Audience, IsolationLevel, Notice, Outcome, Report, TestResult
from tests import model_files, recipes
from tests.corpus import COURSE, ROOT, SUBMISSIONS, Case, Graded, grade_cases, hidden_part, outputs, read_cases

pytestmark = pytest.mark.slow

CASES = read_cases()
SCRATCH_NAME = "cnn-autograde-was-here"  # what hostile submissions call what they write
ESCAPED = "BROKE-OUT"  # what they print where they reached what they must not
ARGUMENT = "hidden-argument"  # what they put beside the arguments that they were passed

# Text a terminal or a log would act on: control characters, bidirectional overrides, workflow commands.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_COMMAND = re.compile(r"^\s*::[a-z-]+.*::|##(?:\[|vso\[|teamcity\[)", re.MULTILINE)
# A number that was drawn: three digits behind the point, or an exponent. Limits are told as "1 s" and "256 MB".
_DRAWN = re.compile(r"\d\.\d{3}|\de[-+]\d\d")

Grade = Callable[[Case], Graded]
each_case = pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
each_hostile_case = pytest.mark.parametrize(
    "case", [case for case in CASES if case.expected.hostile], ids=lambda case: case.name
)


@pytest.fixture(scope="session")
def grade(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Grade:
    """Give what came of a case; the first one asked for grades all selected ones of its assignment."""
    selected = {
        case.name: case
        for item in request.session.items
        if isinstance(item, pytest.Function) and hasattr(item, "callspec")
        if isinstance(case := item.callspec.params.get("case"), Case)
    }
    graded: dict[str, Graded] = {}

    def grade(case: Case) -> Graded:
        if case.name not in graded:
            folder = case.folder.parent.name
            assignment = next(each for each in COURSE.assignments if each.folder == folder)
            together = [each for each in selected.values() if each.folder.parent.name == folder]
            graded.update(grade_cases(assignment, together, tmp_path_factory.mktemp(folder)))
        return graded[case.name]

    return grade


def report_of(graded: Graded) -> Report:
    """The report; an error instead of it fails here, in the test of its own case."""
    assert isinstance(graded.report, Report), graded.report
    return graded.report


def isolated(case: Case, graded: Graded) -> Report:
    """The report of a hostile case, where this machine can hold it."""
    report = report_of(graded)
    if sys.platform != "linux" or (not report.rejected and report.isolation.level is not IsolationLevel.FULL):
        pytest.skip("this machine has not every layer of isolation")
    return report


# --- verdicts ------------------------------------------------------------------


@each_case
def test_the_verdict_is_the_expected_one(case: Case, grade: Grade) -> None:
    graded = grade(case)
    report = isolated(case, graded) if case.expected.hostile else report_of(graded)

    assert (case.expected.rejected is None) == (case.expected.score is not None), "either `score` or `rejected`"
    assert bool(report.rejected) == (case.expected.rejected is not None), report.rejected
    assert (case.expected.rejected or "") in report.rejected
    assert report.score == case.expected.score, summary(report)
    for part in case.expected.notices:
        assert any(part in line(notice) for notice in report.notices), (part, report.notices)


@each_case
def test_each_test_ends_as_expected(case: Case, grade: Grade) -> None:
    report = report_of(grade(case))
    results = {result.case.name: result for result in report.results}

    for name, expected in case.expected.tests.items():
        result = results[name]
        assert result.outcome is (expected.outcome or result.outcome)
        assert result.hint.startswith(expected.hint)
        assert expected.feedback in result.feedback
    for question, wanted in case.expected.questions.items():
        of_it = [result for result in report.results if result.case.question == question]
        assert sum(result.score or 0 for result in of_it) == wanted.score
        lost = {result.outcome for result in of_it if result.outcome is not Outcome.PASSED}
        assert lost <= {wanted.outcome or next(iter(lost), None)}, summary(report)


def line(notice: Notice) -> str:
    return f"{notice.where}: {notice.text}"


def summary(report: Report) -> str:
    """What a failed assertion needs to show."""
    lost = [result for result in report.results if result.outcome is not Outcome.PASSED]
    return "\n".join(f"{each.case.name} {each.outcome}: {each.log[:200]}" for each in lost)


# --- what no submission may do ---------------------------------------------------


@each_case
def test_nothing_is_our_fault(case: Case, grade: Grade) -> None:
    """A submission that makes the grader fail could make it fail for a reason."""
    report = report_of(grade(case))

    assert not [each.log for each in report.results if each.outcome is Outcome.GRADER_ERROR]
    assert not report.needs_review


@each_case
def test_nothing_printed_is_acted_upon(case: Case, grade: Grade) -> None:
    report = report_of(grade(case))

    for audience in Audience:
        for name, text in outputs(report, audience).items():
            # JSON escapes what it must not hold, so its texts are looked at in the report's other forms.
            assert not _CONTROL.search(text), (name, audience)
            if name != "json":
                assert not _COMMAND.search(text), (name, audience)


@each_case
def test_a_student_reads_nothing_of_a_hidden_test_s_inputs(case: Case, grade: Grade) -> None:
    report = hidden_part(report_of(grade(case)))

    for text in outputs(report, Audience.STUDENT).values():
        assert ARGUMENT not in text
    for result in report.results:
        assert not _DRAWN.search(result.feedback + result.hint), result.feedback


@each_case
def test_what_must_not_be_reached_is_not_reached(case: Case, grade: Grade) -> None:
    graded = grade(case)
    report = isolated(case, graded) if case.expected.hostile else report_of(graded)

    for text in outputs(report, Audience.STAFF).values():
        assert ESCAPED not in text, summary(report)
    for untold in case.expected.untold:
        for text in outputs(report, Audience.STUDENT).values():
            assert untold not in text


@each_hostile_case
def test_what_hidden_tests_show_does_not_depend_on_their_inputs(case: Case, grade: Grade) -> None:
    graded = grade(case)
    assert isinstance(graded.other_seed, Report), graded.other_seed

    assert [shown(each) for each in hidden_part(isolated(case, graded)).results] == [
        shown(each) for each in hidden_part(graded.other_seed).results
    ]


def shown(result: TestResult) -> tuple[str, Outcome, float | None, str, str]:
    return (result.case.name, result.outcome, result.score, result.feedback, result.hint)


@each_hostile_case
def test_nothing_is_left_behind(case: Case, grade: Grade) -> None:
    graded = grade(case)
    isolated(case, graded)
    shared = [tempfile.gettempdir(), "/tmp", "/var/tmp", "/dev/shm", "/"]
    folders = {*map(Path, shared), Path.home(), Path.cwd(), ROOT, ROOT.parent}

    assert not graded.left_behind
    assert not [folder for folder in folders if (folder / SCRATCH_NAME).exists()]


@each_hostile_case
def test_the_next_submission_is_graded_as_if_nothing_had_been(case: Case, grade: Grade) -> None:
    graded = grade(case)
    isolated(case, graded)

    assert isinstance(graded.after, Report), graded.after
    assert graded.after.score == graded.after.max_score, summary(graded.after)


# --- the corpus itself -----------------------------------------------------------


def test_every_folder_is_a_case_of_an_assignment() -> None:
    """A folder without an expected.toml would be passed over without a word."""
    known = {case.folder for case in CASES}
    folders = {path for path in SUBMISSIONS.glob("*/*") if path.is_dir() and path.name != "__pycache__"}

    assert folders == known
    assert {case.folder.parent.name for case in CASES} <= {each.folder for each in COURSE.assignments}


def test_every_recipe_is_known() -> None:
    assert all(recipes.is_recipe(case.expected.recipe) for case in CASES if case.expected.recipe)
    assert all(model_files.is_recipe(case.expected.model) for case in CASES if case.expected.model)


def test_a_case_names_only_tests_and_functions_that_exist() -> None:
    for case in CASES:
        assignment = next(each for each in COURSE.assignments if each.folder == case.folder.parent.name)
        assert assignment.private is not None
        source = (assignment.private / "test_hidden.py").read_text(encoding="utf-8")

        named = [*case.expected.tests, *case.expected.only]
        assert not [name for name in named if f"def {name}(" not in source], case.name
        assert set(case.expected.questions) <= {question.name for question in assignment.questions}, case.name


# --- languages -----------------------------------------------------------------

_ENGLISH = re.compile(r"(?:\b[A-Za-z]{2,} ){3}[A-Za-z]{2,}")  # four words in a row
# What Python or the submission says: quoted, in code, or behind what we say of it.
_NOT_OURS = re.compile(
    r"`[^`]*`|\"[^\"]*\"|'[^']*'|(?:예외가 났습니다|제쳐 두었습니다|읽을 수 없었습니다|문법 오류|JSON이 깨졌습니다): .*"
    r"|\w+(?:Error|Exception)\b.*"
)


@each_case
def test_a_korean_reader_meets_no_english_sentence(case: Case, grade: Grade) -> None:
    """Whatever comes of a submission: reasons, notices, titles, messages and hints."""
    report = report_of(grade(case))
    assignment = next(each for each in COURSE.assignments if each.folder == case.folder.parent.name)
    said = language("ko").of(assignment).report(report)
    texts = [said.rejected, *said.data, *(notice.text for notice in said.notices)]
    texts += [
        re.sub(r"^  \|.*$", "", text, flags=re.MULTILINE)
        for result in said.results
        for text in (result.case.title, result.feedback, result.hint)
    ]

    assert [text for text in texts if _ENGLISH.search(_NOT_OURS.sub(" ", text))] == []
