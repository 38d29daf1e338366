"""The instructor's commands, as they are typed."""

import csv
import json
from pathlib import Path

import pytest

from tests.classes import WRONG, grade, write_class
from tests.small_course import HIDDEN, RIGHT, write_course

pytestmark = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs the sandbox of Linux")

ROSTER = "id,name,email\nann,Ann Lee,ann@example.edu\nbob,Bob Kim,bob@example.edu\nzoe,Zoe Ahn,zoe@example.edu\n"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course in which a class of three was graded: ann right, bob wrong, xav unknown, zoe absent."""
    root = write_course(tmp_path_factory.mktemp("course"))
    write_class(root / "in", {"ann": RIGHT, "bob": WRONG, "xav": ""})
    (root / "roster.csv").write_text(ROSTER)
    done = grade("batch", "hw1", "in", "--roster", "roster.csv", "--export", "junit", cwd=root)
    assert done.returncode == 1, done.stderr
    assert "2 of 4 have a score" in done.stdout
    assert "zoe: nothing handed in" in done.stdout
    assert "3/3" in done.stderr
    return root


def table(path: Path) -> dict[str, dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return {row["id"]: row for row in csv.DictReader(file)}


def test_everyone_has_a_row_and_a_reason(root: Path) -> None:
    """The enrolled in the roster's order, then whom nobody knows."""
    rows = table(root / "grades/hw1/gradebook.csv")

    assert list(rows) == ["ann", "bob", "zoe", "xav"]
    assert [row["hw1 score"] for row in rows.values()] == ["100", "40", "", ""]
    assert rows["zoe"]["hw1 reason"] == "nothing handed in"
    assert rows["xav"]["hw1 reason"].startswith("rejected: the file is empty")
    assert rows["xav"]["enrolled"] == "no"
    assert sorted(path.name for path in (root / "grades/hw1/junit").iterdir()) == ["ann.xml", "bob.xml", "xav.xml"]


def test_a_staff_report_replays(root: Path) -> None:
    done = grade("replay", "grades/hw1/reports/bob.json", "test_doubled", cwd=root)

    assert done.stdout.splitlines()[-1] == "replayed: failed then, failed now"


def test_the_journals_alone_make_every_gradebook(root: Path, tmp_path: Path) -> None:
    """The table for people, Canvas, nbgrader; a Moodle worksheet is filled in place."""
    sheet = tmp_path / "worksheet.csv"
    sheet.write_text(
        "Identifier,Full name,Email address,Status,Grade,Maximum Grade,Grade can be changed,"
        "Last modified (submission),Last modified (grade)\n"
        'Participant 1,Ann Lee,ann@example.edu,Submitted,,100.00,Yes,"-","-"\n'
    )
    done = grade(
        *("gradebook", "grades/hw1/journal", "--roster", "roster.csv", "--csv", tmp_path / "g.csv"),
        *("--canvas", tmp_path / "c.csv", "--canvas-id", "hw1=77", "--nbgrader", tmp_path / "n.csv", "--moodle", sheet),
        cwd=root,
    )

    assert done.returncode == 0, done.stderr
    assert (tmp_path / "g.csv").read_bytes() == (root / "grades/hw1/gradebook.csv").read_bytes()
    assert "Doubling (77)" in (tmp_path / "c.csv").read_text()
    assert "100" in sheet.read_text().splitlines()[1].split(",")[4]
    assert (tmp_path / "n.csv").read_text().startswith("assignment,duedate")
    assert "not in c.csv: zoe Zoe Ahn: no score: nothing handed in" in done.stderr


def test_an_override_beats_every_rerun(root: Path) -> None:
    """Until it is taken back."""
    journal = ("--journal", "grades/hw1/journal")
    given = grade("override", "hw1", "zoe", "--score", "55.5", "--comment", "on paper", *journal, cwd=root)
    assert given.stdout == "hw1 zoe: 55.5 of 100 points\n"

    grade("batch", "hw1", "in", "--roster", "roster.csv", cwd=root)
    row = table(root / "grades/hw1/gradebook.csv")["zoe"]
    assert (row["hw1 score"], row["hw1 comment"]) == ("55.5", "on paper")

    assert grade("override", "hw1", "zoe", "--remove", *journal, cwd=root).stdout == "hw1 zoe: taken back\n"
    again = grade("override", "hw1", "zoe", "--remove", *journal, cwd=root)
    assert (again.returncode, "there is no override" in again.stderr) == (2, True)


def test_an_override_for_nobody_is_said_with_a_guess(root: Path) -> None:
    """It stands: somebody who handed in nothing may have one."""
    journal = ("--journal", "grades/hw1/journal")
    wrong = grade("override", "hw1", "anna", "--score", "80", *journal, cwd=root)
    far = grade("override", "hw1", "20261234", "--score", "80", *journal, cwd=root)
    right = grade("override", "hw1", "ann", "--comment", "well done", *journal, cwd=root)
    for student in ("anna", "20261234", "ann"):
        grade("override", "hw1", student, "--remove", *journal, cwd=root)

    assert wrong.returncode == far.returncode == right.returncode == 0
    assert wrong.stderr == "note: nobody in this journal is `anna`; did you mean `ann`?\n"
    assert far.stderr == "note: nobody in this journal is `20261234`\n"
    assert right.stderr == ""


def test_an_override_for_nobody_is_said_in_korean(root: Path) -> None:
    options = ("--score", "80", "--journal", "grades/hw1/journal", "--lang", "ko")
    done = grade("override", "hw1", "anna", *options, cwd=root, PYTHONIOENCODING="utf-8")
    grade("override", "hw1", "anna", "--remove", "--journal", "grades/hw1/journal", cwd=root)

    assert "참고: 이 기록에 `anna`라는 사람이 없습니다. `ann`을 뜻하셨습니까?\n" in done.stderr


def test_a_gradebook_tells_why_something_is_of_no_use(root: Path, tmp_path: Path) -> None:
    """The pages of `grade report` promise it."""
    (tmp_path / "roster.csv").write_text(ROSTER + ",No Id,\n")
    done = grade("gradebook", "grades/hw1/journal", "--roster", tmp_path / "roster.csv", cwd=root)

    assert "found and of no use: 1" in done.stdout
    assert done.stderr == "found and of no use: roster.csv, row 5: no id for No Id; fill it in\n"


def test_a_regrade_shows_before_and_after(root: Path) -> None:
    """Only the edited test runs; the numbers of each student are there."""
    hidden = root / "solutions/hw01_doubling/test_hidden.py"
    check = "check(student.total, rng.normal(size=(3, 4)))"
    hidden.write_text(HIDDEN.replace(check, 'student.total\n    raise AssertionError("no total is right")'))
    try:
        done = grade("regrade", "hw1", "--roster", "roster.csv", cwd=root)
    finally:
        hidden.write_text(HIDDEN)
        grade("regrade", "hw1", "--roster", "roster.csv", cwd=root)

    assert "100/100 -> 60/100" in done.stdout
    assert "40/100 -> 0/100" in done.stdout
    assert "test_total: passed -> failed" in done.stdout


def test_a_late_policy_takes_its_share(root: Path, tmp_path: Path) -> None:
    """From the time that the list gives, never from the clock."""
    (tmp_path / "late.toml").write_text("due = 2026-12-04T23:59:00+09:00\nloss_per_day = 0.1\n")
    (tmp_path / "times.csv").write_text("id,timestamp\nann,2026-12-06T12:00:00+09:00\nbob,2026-12-04T12:00:00+09:00\n")

    grade(
        *("batch", "hw1", "in", "--out", tmp_path / "late", "--late", tmp_path / "late.toml"),
        *("--times", tmp_path / "times.csv"),
        cwd=root,
    )

    rows = table(tmp_path / "late/gradebook.csv")
    assert [rows[student]["hw1 score"] for student in ("ann", "bob")] == ["80", "40"]


def test_similarity_ranks_and_writes_a_page(root: Path, tmp_path: Path) -> None:
    pytest.importorskip("copydetect")
    done = grade("similarity", "hw1", "in", "--html", tmp_path / "s.html", cwd=root)

    assert done.returncode == 0, done.stderr
    assert "2 compared" in done.stdout
    assert "not compared: xav" in done.stderr
    assert (tmp_path / "s.html").read_text().startswith("<!doctype html>")


def test_a_dry_run_shows_what_would_be_sent(root: Path) -> None:
    """And asks nobody, so it needs no token."""
    done = grade(
        *("push", "canvas", "grades/hw1/journal", "--roster", "roster.csv", "--url", "https://canvas.example.edu"),
        *("--canvas-course", "1", "--canvas-assignment", "2", "--dry-run"),
        cwd=root,
    )

    assert done.returncode == 0, done.stderr
    assert "Ann Lee" in done.stdout
    assert "100 / 100" in done.stdout
    assert "no score to send: zoe: nothing handed in" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["batch", "hw1", "nowhere"], "there is no `nowhere`"),
        (["batch", "hw1", "in", "--export", "jnuit"], "there is no export format `jnuit`"),
        (["batch", "hw1", "in", "--roster", "nowhere.csv"], "nowhere.csv"),
        (["batch", "hw1", "in", "--late", "roster.csv"], "roster.csv"),
        (["batch", "hw1", "in", "--platform", "canvsa"], "there is no platform `canvsa`"),
        (["gradebook", "nowhere"], "nowhere"),
        (["gradebook", "grades/hw1/journal", "grades/hw1/journal"], "two journals are of hw1"),
        (["gradebook", "grades/hw1/journal", "--canvas", "c.csv", "--canvas-id", "77"], "`77` names no assignment"),
        (["override", "hw1", "ann", "--score", "-1", "--journal", "grades/hw1/journal"], "is no score"),
        (["override", "hw1", "ann", "--journal", "nowhere"], "there is no journal"),
        (["regrade", "hw1", "--journal", "empty"], "the journal has nothing to grade again"),
    ],
)
def test_a_wrong_word_is_told_with_a_remedy(root: Path, arguments: list[str], told: str) -> None:
    """Exit code 2, and nothing is graded."""
    done = grade(*arguments, cwd=root)

    assert done.returncode == 2
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_a_grading_of_one_leaves_its_export(root: Path, tmp_path: Path) -> None:
    """Whole at the end."""
    done = grade("hw1", "in/bob", "--export", f"gradescope={tmp_path / 'results.json'}", cwd=root)

    assert done.returncode == 1
    assert json.loads((tmp_path / "results.json").read_text())["tests"]
