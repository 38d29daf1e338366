"""What a journal keeps, gives back and refuses to use again."""

import dataclasses
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.cohort import Delivery
from grader.errors import UsageError
from grader.journal import Conditions, Journal, TestKey
from grader.journal_lines import encode_line
from grader.journal_records import Header
from grader.records import (
    Confused,
    Confusion,
    Epoch,
    Evidence,
    Isolation,
    IsolationLevel,
    Layer,
    Notice,
    Outcome,
    Picture,
    Report,
    TestCase,
    TestResult,
    Visibility,
)
from tests.builders import make_report, make_result

DIGEST = "ab" * 32
SEED = 2**64 - 1
ALICE = Delivery(student="alice", path=Path("in/alice"))
BOB = Delivery(student="bob", path=Path("in/bob"))
CONDITIONS = Conditions(tests={"test_a": "f1", "test_b": "f2"}, environment="e1")


def report_of(*results: TestResult, student: str = "alice", digest: str = DIGEST, seed: int = SEED) -> Report:
    score = None if any(result.score is None for result in results) else sum(result.score or 0 for result in results)
    return make_report(
        student=student, digest=digest, seed=seed, results=results, score=score, needs_review=score is None
    )


def passed(name: str = "test_a", *, feedback: str = "") -> TestResult:
    return make_result(name=name, feedback=feedback)


def broken(name: str = "test_a") -> TestResult:
    return make_result(name=name, score=None, outcome=Outcome.GRADER_ERROR)


class TestKnown:
    def test_a_result_is_there_after_it_is_opened_again(self, tmp_path: Path) -> None:
        result = passed()
        with Journal.open(tmp_path / "new" / "folder", assignment="hw1") as journal:
            journal.add_test(CONDITIONS.key(DIGEST, "test_a", SEED), result)
            assert journal.known(DIGEST, CONDITIONS, SEED) == {"test_a": result}

        with Journal.open(tmp_path / "new" / "folder", assignment="hw1") as journal:
            assert journal.known(DIGEST, CONDITIONS, SEED) == {"test_a": result}
            assert journal.notices == ()

    @pytest.mark.parametrize(
        ("digest", "conditions", "seed"),
        [
            ("cd" * 32, CONDITIONS, SEED),
            (DIGEST, CONDITIONS, SEED - 1),
            (DIGEST, dataclasses.replace(CONDITIONS, environment="e2"), SEED),
            (DIGEST, dataclasses.replace(CONDITIONS, tests={"test_a": "f1 edited"}), SEED),
            (DIGEST, dataclasses.replace(CONDITIONS, tests={}), SEED),
        ],
        ids=["submission", "seed", "environment", "test", "no such test"],
    )
    def test_a_result_stands_for_its_own_key_only(
        self, tmp_path: Path, digest: str, conditions: Conditions, seed: int
    ) -> None:
        with Journal.open(tmp_path, assignment="hw1") as journal:
            journal.add_test(CONDITIONS.key(DIGEST, "test_a", SEED), passed())

            assert journal.known(digest, conditions, seed) == {}

    def test_an_edited_test_alone_is_run_again(self, tmp_path: Path) -> None:
        edited = Conditions(tests={"test_a": "f1", "test_b": "f2 edited"}, environment="e1")
        with Journal.open(tmp_path, assignment="hw1") as journal:
            for name in ("test_a", "test_b"):
                journal.add_test(CONDITIONS.key(DIGEST, name, SEED), passed(name))

            assert set(journal.known(DIGEST, edited, SEED)) == {"test_a"}

    def test_the_latest_in_the_file_counts(self, tmp_path: Path) -> None:
        key = CONDITIONS.key(DIGEST, "test_a", SEED)
        with Journal.open(tmp_path, assignment="hw1") as journal:
            journal.add_test(key, passed(feedback="first"))
            journal.add_test(key, passed(feedback="second"))

            assert journal.known(DIGEST, CONDITIONS, SEED)["test_a"].feedback == "second"

    def test_our_own_fault_is_never_used_again(self, tmp_path: Path) -> None:
        with Journal.open(tmp_path, assignment="hw1") as journal:
            journal.add_test(CONDITIONS.key(DIGEST, "test_a", SEED), broken())

            assert journal.known(DIGEST, CONDITIONS, SEED) == {}

    def test_what_was_skipped_beside_our_own_fault_is_not_used_again(self, tmp_path: Path) -> None:
        """It builds on a test that was not decided."""
        skipped = make_result(name="test_b", score=0.0, outcome=Outcome.SKIPPED)
        with Journal.open(tmp_path, assignment="hw1") as journal:
            journal.add_test(CONDITIONS.key(DIGEST, "test_b", SEED), skipped)
            assert set(journal.known(DIGEST, CONDITIONS, SEED)) == {"test_b"}
            journal.add_test(CONDITIONS.key(DIGEST, "test_a", SEED), broken())

            assert journal.known(DIGEST, CONDITIONS, SEED) == {}

    def test_parameters_of_one_test_share_its_fingerprint(self, tmp_path: Path) -> None:
        with Journal.open(tmp_path, assignment="hw1") as journal:
            for name in ("test_a[1]", "test_a[2]"):
                journal.add_test(CONDITIONS.key(DIGEST, name, SEED), passed(name))

            assert set(journal.known(DIGEST, CONDITIONS, SEED)) == {"test_a[1]", "test_a[2]"}

    def test_a_key_of_another_test_is_refused(self, tmp_path: Path) -> None:
        key = TestKey(digest=DIGEST, test="test_b", fingerprint="f", environment="e", seed=1)
        with Journal.open(tmp_path, assignment="hw1") as journal, pytest.raises(ValueError, match="test_b"):
            journal.add_test(key, passed("test_a"))


class TestReports:
    def test_a_report_comes_back_without_its_submission(self, tmp_path: Path) -> None:
        report = report_of(passed("test_a"), passed("test_b"))
        when = datetime(2026, 9, 1, 12, 0, 0, 5, tzinfo=UTC)
        with Journal.open(tmp_path, assignment="hw1") as journal:
            journal.add_report(ALICE, report, CONDITIONS, graded_at=when)

        with Journal.read(tmp_path) as journal:
            (filed,) = journal.filed()
            assert journal.assignment == "hw1"
        assert (filed.delivery, filed.report, filed.graded_at) == (ALICE, report, when)

    def test_a_result_is_written_once(self, tmp_path: Path) -> None:
        result = make_result(name="test_a", log="only here")
        with Journal.open(tmp_path, assignment="hw1") as journal:
            journal.add_test(CONDITIONS.key(DIGEST, "test_a", SEED), result)
            journal.add_report(ALICE, report_of(result), CONDITIONS)

        assert (tmp_path / "results.jsonl").read_text(encoding="utf-8").count("only here") == 1

    def test_scores_can_be_read_without_results(self, tmp_path: Path) -> None:
        with Journal.open(tmp_path, assignment="hw1") as journal:
            journal.add_report(ALICE, report_of(passed()), CONDITIONS)
            (filed,) = journal.filed(with_results=False)

        assert (filed.report.score, filed.report.results) == (4.0, ())

    def test_a_finished_delivery_needs_nothing(self, tmp_path: Path) -> None:
        report = report_of(passed("test_a"), passed("test_b"))
        with Journal.open(tmp_path, assignment="hw1") as journal:
            journal.add_report(ALICE, report, CONDITIONS)

            assert journal.finished(ALICE, DIGEST, CONDITIONS, SEED) == report

    @pytest.mark.parametrize(
        "conditions",
        [
            Conditions(tests={"test_a": "f1", "test_b": "edited"}, environment="e1"),
            Conditions(tests={"test_a": "f1", "test_b": "f2", "test_c": "f3"}, environment="e1"),
            Conditions(tests={"test_a": "f1"}, environment="e1"),
            Conditions(tests={"test_a": "f1", "test_b": "f2"}, environment="e2"),
        ],
        ids=["edited", "added", "removed", "environment"],
    )
    def test_under_other_conditions_it_is_not_finished(self, tmp_path: Path, conditions: Conditions) -> None:
        with Journal.open(tmp_path, assignment="hw1") as journal:
            journal.add_report(ALICE, report_of(passed("test_a"), passed("test_b")), CONDITIONS)

            assert journal.finished(ALICE, DIGEST, conditions, SEED) is None

    def test_another_submission_or_seed_or_student_is_not_finished(self, tmp_path: Path) -> None:
        with Journal.open(tmp_path, assignment="hw1") as journal:
            journal.add_report(ALICE, report_of(passed("test_a"), passed("test_b")), CONDITIONS)

            assert journal.finished(ALICE, "cd" * 32, CONDITIONS, SEED) is None
            assert journal.finished(ALICE, DIGEST, CONDITIONS, 1) is None
            assert journal.finished(BOB, DIGEST, CONDITIONS, SEED) is None
            assert journal.finished(dataclasses.replace(ALICE, attempt=2), DIGEST, CONDITIONS, SEED) is None

    def test_what_a_person_must_see_is_not_finished(self, tmp_path: Path) -> None:
        with Journal.open(tmp_path, assignment="hw1") as journal:
            journal.add_report(ALICE, report_of(passed("test_a"), broken("test_b")), CONDITIONS)

            assert journal.finished(ALICE, DIGEST, CONDITIONS, SEED) is None

    def test_a_regrade_is_compared_with_the_report_before(self, tmp_path: Path) -> None:
        before, after = report_of(passed("test_a")), report_of(make_result(name="test_a", score=0.0))
        edited = Conditions(tests={"test_a": "edited"}, environment="e1")
        with Journal.open(tmp_path, assignment="hw1") as journal:
            journal.add_report(ALICE, before, CONDITIONS)
            assert journal.previous(ALICE) is None
            journal.add_report(ALICE, after, edited)
            journal.add_report(
                ALICE, dataclasses.replace(after, duration_s=9.0, memory_mb=2.5), edited
            )  # it was interrupted
            journal.describe(dataclasses.replace(ALICE, path=Path("elsewhere")))

        with Journal.read(tmp_path) as journal:
            previous, latest = journal.previous(ALICE), journal.latest(ALICE)
        assert previous is not None
        assert latest is not None
        assert (previous.report, latest.report) == (before, after)
        assert latest.delivery.path == Path("elsewhere")

    def test_describing_what_is_known_already_writes_nothing(self, tmp_path: Path) -> None:
        with Journal.open(tmp_path, assignment="hw1") as journal:
            journal.add_report(ALICE, report_of(passed()), CONDITIONS)
            size = (tmp_path / "results.jsonl").stat().st_size
            journal.describe(ALICE)
            journal.describe(BOB)

            assert (tmp_path / "results.jsonl").stat().st_size == size

    def test_a_clock_never_decides(self, tmp_path: Path) -> None:
        """The latest report is the last in the file, whatever its clock said."""
        late, early = datetime(2400, 1, 1, tzinfo=UTC), datetime(1970, 1, 1, tzinfo=timezone(timedelta(hours=-12)))
        with Journal.open(tmp_path, assignment="hw1") as journal:
            journal.add_report(ALICE, report_of(passed()), CONDITIONS, graded_at=late)
            journal.add_report(ALICE, report_of(broken()), CONDITIONS, graded_at=early)

            latest = journal.latest(ALICE)
        assert latest is not None
        assert latest.report.needs_review


class TestJobs:
    def test_a_job_without_a_report_was_begun(self, tmp_path: Path) -> None:
        with Journal.open(tmp_path, assignment="hw1") as journal:
            assert journal.begun(ALICE, DIGEST) == 0
            journal.begin(ALICE, DIGEST, attempt=1)
            journal.begin(ALICE, DIGEST, attempt=2)

        with Journal.open(tmp_path, assignment="hw1") as journal:
            assert journal.begun(ALICE, DIGEST) == 2
            assert journal.begun(ALICE, "cd" * 32) == 0
            assert journal.begun(BOB, DIGEST) == 0

    @pytest.mark.parametrize("times", [1, 2], ids=["new", "said before"])
    def test_a_report_ends_it(self, tmp_path: Path, times: int) -> None:
        with Journal.open(tmp_path, assignment="hw1") as journal:
            for _ in range(times):
                journal.begin(ALICE, DIGEST, attempt=1)
                journal.add_report(ALICE, report_of(passed()), CONDITIONS)
            assert journal.begun(ALICE, DIGEST) == 0

        with Journal.read(tmp_path) as journal:
            assert journal.begun(ALICE, DIGEST) == 0


class TestRefused:
    def test_another_assignment_s_journal(self, tmp_path: Path) -> None:
        Journal.open(tmp_path, assignment="hw1").close()

        with pytest.raises(UsageError, match="the journal of hw1, not of hw2"):
            Journal.open(tmp_path, assignment="hw2")
        Journal.open(tmp_path, assignment="hw1").close()  # the lock is free

    def test_another_version_s_journal(self, tmp_path: Path) -> None:
        line = encode_line("journal", "hw1", Header(format="cnn-autograde/journal/v9", assignment="hw1"))
        (tmp_path / "results.jsonl").write_bytes(line)

        with pytest.raises(UsageError, match="journal/v9"):
            Journal.read(tmp_path)

    def test_a_folder_without_a_journal(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match="cannot be read"):
            Journal.read(tmp_path)
        assert list(tmp_path.iterdir()) == []

    def test_a_file_where_the_folder_should_be(self, tmp_path: Path) -> None:
        (tmp_path / "journal").write_text("notes", encoding="utf-8")

        with pytest.raises(UsageError, match="cannot be written"):
            Journal.open(tmp_path / "journal", assignment="hw1")

    @pytest.mark.parametrize("text", ["id,score\nalice,3\n", "notes", "[1, 2, 3]\n"])
    def test_a_file_that_is_no_journal_stays_as_it_is(self, tmp_path: Path, text: str) -> None:
        (tmp_path / "results.jsonl").write_text(text, encoding="utf-8")

        with pytest.raises(UsageError, match="no journal"):
            Journal.open(tmp_path, assignment="hw1")
        assert (tmp_path / "results.jsonl").read_text(encoding="utf-8") == text

    def test_writing_where_only_reading_was_asked_for(self, tmp_path: Path) -> None:
        Journal.open(tmp_path, assignment="hw1").close()

        with Journal.read(tmp_path) as journal, pytest.raises(ValueError, match="for reading"):
            journal.begin(ALICE, DIGEST, attempt=1)


# --- every field comes back exactly -----------------------------------------

TEXT = st.text(st.one_of(st.characters(), st.sampled_from('\ud83d\ude00\udfff\x00\x1b\n\r"\\\u2028é가')), max_size=12)
NUMBER = st.floats(allow_nan=True, allow_infinity=True)
SEEDS = st.integers(0, 2**64 - 1)
CASES = st.builds(TestCase, name=TEXT, title=TEXT, question=TEXT, points=NUMBER, visibility=st.sampled_from(Visibility))
PLACES = st.tuples(st.integers(0, 99), st.integers(0, 99))
SHAPES = st.lists(st.integers(1, 99), min_size=1, max_size=4).map(tuple)
PICTURES = st.builds(
    Picture,
    role=TEXT,
    shape=SHAPES,
    rows=st.lists(st.lists(NUMBER, max_size=3).map(tuple), max_size=3).map(tuple),
    name=TEXT,
    part=TEXT,
    first=PLACES,
    marked=st.none() | PLACES,
)
CONFUSED = st.builds(
    Confused,
    actual=st.integers(0, 9),
    named=st.integers(0, 9),
    share=NUMBER,
    shape=SHAPES,
    pixels=st.binary(max_size=9),
)
CONFUSIONS = st.builds(
    Confusion,
    data=TEXT,
    counts=st.lists(st.lists(st.integers(0, 9), max_size=3).map(tuple), max_size=3).map(tuple),
    published=st.booleans(),
    images=st.lists(CONFUSED, max_size=2).map(tuple),
)
EVIDENCE = st.builds(
    Evidence,
    pictures=st.lists(PICTURES, max_size=2).map(tuple),
    epochs=st.lists(st.builds(Epoch, done=NUMBER, epochs=NUMBER, loss=NUMBER, accuracy=NUMBER), max_size=2).map(tuple),
    confusion=st.none() | CONFUSIONS,
)
RESULTS = st.builds(
    TestResult,
    case=CASES,
    outcome=st.sampled_from(Outcome),
    score=st.none() | NUMBER,
    feedback=TEXT,
    hint=TEXT,
    hint_id=TEXT,
    log=TEXT,
    seed=SEEDS,
    duration_s=NUMBER,
    evidence=EVIDENCE,
)
LAYERS = st.builds(Layer, name=TEXT, active=st.booleans(), detail=TEXT)
REPORTS = st.builds(
    Report,
    assignment=TEXT,
    title=TEXT,
    student=TEXT,
    submission=TEXT,
    digest=TEXT,
    score=st.none() | NUMBER,
    max_score=st.none() | NUMBER,
    results=st.lists(RESULTS, max_size=3).map(tuple),
    notices=st.lists(st.builds(Notice, text=TEXT, where=TEXT), max_size=2).map(tuple),
    rejected=TEXT,
    needs_review=st.booleans(),
    tests=TEXT,
    data=st.lists(TEXT, max_size=2).map(tuple),
    seed=SEEDS,
    isolation=st.builds(
        Isolation, level=st.sampled_from(IsolationLevel), layers=st.lists(LAYERS, max_size=2).map(tuple)
    ),
    environment=st.dictionaries(TEXT, TEXT, max_size=2),
    duration_s=NUMBER,
    memory_mb=st.none() | NUMBER,
)
OFFSETS = st.integers(-23 * 60, 23 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
DELIVERIES = st.builds(
    Delivery,
    student=TEXT,
    path=TEXT.filter(lambda text: "\x00" not in text).map(Path),
    name=TEXT,
    email=TEXT,
    attempt=st.integers(1, 99),
    submitted_at=st.none() | st.datetimes(timezones=OFFSETS).map(lambda at: at.replace(fold=0)),
    late=st.booleans(),
    group=st.lists(TEXT, max_size=2).map(tuple),
    inside=TEXT,
)


class TestExactness:
    def test_these_are_all_fields(self) -> None:
        """A field that is added to a record must be drawn here, and written."""
        drawn = {Report: 18, TestResult: 10, TestCase: 5, Delivery: 9, Layer: 3, Notice: 2, Isolation: 2}
        drawn |= {Evidence: 3, Picture: 7, Epoch: 4, Confusion: 4, Confused: 5}

        assert {each: len(dataclasses.fields(each)) for each in drawn} == drawn

    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(delivery=DELIVERIES, report=REPORTS)
    def test_whatever_goes_in_comes_out(
        self, tmp_path_factory: pytest.TempPathFactory, delivery: Delivery, report: Report
    ) -> None:
        folder = tmp_path_factory.mktemp("journal")
        conditions = Conditions(tests={result.case.name: "f" for result in report.results}, environment="e")
        with Journal.open(folder, assignment="hw1") as journal:
            for result in report.results:
                journal.add_test(conditions.key(report.digest, result.case.name, report.seed), result)
            journal.add_report(delivery, report, conditions)

        with Journal.read(folder) as journal:
            filed = journal.latest(delivery)
            known = journal.known(report.digest, conditions, report.seed)
            assert journal.notices == ()
        assert filed is not None
        # By their words: NaN is not equal to itself.
        assert (repr(filed.report), repr(filed.delivery)) == (repr(report), repr(delivery))
        every = {result.case.name: result for result in report.results}
        assert all(repr(result) == repr(every[name]) for name, result in known.items())
