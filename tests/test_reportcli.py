"""The command `grade report`, as it is typed."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.journal import Journal
from grader.journal_lines import encode_line
from grader.journal_records import Header
from tests.classes import LOOP, WRONG, grade, write_class
from tests.graded_classes import write_journal
from tests.missing import grade_without, is_told
from tests.small_course import RIGHT, write_course

ROOT = Path(__file__).parents[1]


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return write_journal(tmp_path / "journal", ["ann", "bob", "zoe"])


def test_one_command_makes_the_pages(journal: Path, tmp_path: Path) -> None:
    done = grade("report", "journal", "--out", "pages", cwd=tmp_path)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{Path('pages/index.html')}: the class, with 3 pages of students\n"
    assert sorted(path.name for path in (tmp_path / "pages" / "hw1").iterdir()) == ["ann.html", "bob.html", "zoe.html"]


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs the sandbox of Linux")
def test_a_real_batch_is_shown(tmp_path: Path) -> None:
    """Graded by the sandbox: its hints, its limits, an endless loop, a file that is rejected."""
    root = write_course(tmp_path / "course")
    write_class(root / "in", {"ann": RIGHT, "bob": WRONG, "kim": LOOP, "xav": ""})
    (root / "roster.csv").write_text("id,name\nann,Ann Lee\nbob,Bob Kim\nkim,Kim Park\nzoe,Zoe Ahn\n")
    grade("batch", "hw1", "in", "--roster", "roster.csv", cwd=root)
    done = grade("report", "grades/hw1/journal", "--roster", "roster.csv", "--out", "pages", cwd=root)
    told = (root / "pages/index.html").read_text(encoding="utf-8")

    assert (done.returncode, done.stderr) == (0, "")
    assert "with 4 pages" in done.stdout
    assert (
        'You square where you should double.</th><td><code>double</code></td><td class="number" data-value="1">' in told
    )
    row = told.partition('<th scope="row"><code>double</code></th>')[2].partition("</tr>")[0]
    limit, timeouts, _, megabytes, _ = re.findall(r">([^<]+)</td>", row)[4:]
    assert (limit, int(timeouts) > 0, megabytes) == ("1", True, "512")
    for text in ("rejected: the file is empty", "not on the roster", "Zoe Ahn", "xav"):
        assert text in told


def test_a_roster_and_pseudonyms(journal: Path, tmp_path: Path) -> None:
    (tmp_path / "roster.csv").write_text("id,name\nann,Ann Lee\nbob,Bob Kim\n")
    for option in ([], ["--anonymous"]):
        done = grade("report", journal, "--roster", "roster.csv", "--out", f"pages{len(option)}", *option, cwd=tmp_path)
        assert done.returncode == 0, done.stderr

    named, nameless = ((tmp_path / out / "index.html").read_text(encoding="utf-8") for out in ("pages0", "pages1"))
    assert "Ann Lee" in named
    assert not [word for word in ("Ann", "bob", "zoe", "journal/") if word in nameless]


def test_in_a_course_its_limits_are_shown(journal: Path, tmp_path: Path) -> None:
    grade("report", journal, "--out", tmp_path / "pages", cwd=ROOT)

    assert "Limits stand in the course" not in (tmp_path / "pages/index.html").read_text(encoding="utf-8")


def test_a_journal_that_a_batch_writes_is_read_as_it_is(journal: Path, tmp_path: Path) -> None:
    """Without its lock, so that the batch is not disturbed; what has no report yet is said."""
    write_journal(tmp_path / "running", ["ann", "bob"], ungraded=["zoe"])
    with Journal.open(tmp_path / "running", assignment="hw1"):
        done = grade("report", "running", "--out", "pages", cwd=tmp_path)

    assert done.returncode == 0
    assert "with 2 pages" in done.stdout
    assert done.stderr == "note: 1 delivery has no report yet: a batch is writing the journal, or was cut off\n"


def test_a_torn_last_record_is_left_out_and_said(journal: Path, tmp_path: Path) -> None:
    lines = (journal / "results.jsonl").read_bytes()
    (journal / "results.jsonl").write_bytes(lines[:-100])
    done = grade("report", "journal", "--out", "pages", cwd=tmp_path)

    assert done.returncode == 0
    assert "with 2 pages" in done.stdout
    assert "the last record is not whole" in done.stderr
    assert "the last record is not whole" in (tmp_path / "pages/index.html").read_text(encoding="utf-8")
    assert (journal / "results.jsonl").read_bytes() == lines[:-100]


def test_results_that_cannot_be_read_are_said_of_their_student(journal: Path, tmp_path: Path) -> None:
    """The score stands in the report's own line; the page that is missing is explained."""
    lines = (journal / "results.jsonl").read_bytes()
    assert b'"passed"' in lines
    (journal / "results.jsonl").write_bytes(lines.replace(b'"passed"', b'"failed"', 1))
    done = grade("report", "journal", "--out", "pages", cwd=tmp_path)
    told = (tmp_path / "pages/index.html").read_text(encoding="utf-8")

    assert "with 2 pages" in done.stdout
    assert "note: the results of 1 student cannot be read and are in no number of tests: grade again\n" in done.stderr
    assert "<dt>Results that cannot be read</dt><dd>of 1 student, in no number of tests</dd>" in told
    assert "<li><bdi>ann</bdi>: <bdi>its results cannot be read: grade it again</bdi></li>" in told
    assert '<td class="remarks"><bdi>its results cannot be read: grade it again</bdi></td>' in told
    assert '<tr data-marks="review"><th scope="row"><bdi>ann</bdi></th>' in told


@pytest.mark.parametrize("command", [["report", "--out", "pages"], ["gradebook"]])
def test_a_list_of_deliveries_that_is_not_whole_is_said(command: list[str], journal: Path, tmp_path: Path) -> None:
    whole = (journal / "deliveries.json").read_bytes()
    (journal / "deliveries.json").write_bytes(whole[:-9])
    done = grade(command[0], "journal", *command[1:], cwd=tmp_path)

    assert done.returncode == 0
    assert done.stderr == (
        f"note: {Path('journal/deliveries.json')}: the list of deliveries is not whole: "
        "what was rejected or not graded yet is not shown\n"
    )


def test_two_folders_that_differ_in_case_are_said_to_be_one_student(tmp_path: Path) -> None:
    """On a roster it is one id; without one it may be two people."""
    write_journal(tmp_path / "journal", ["S01", "s01", "s02"])
    (tmp_path / "roster.csv").write_text("id\ns01\ns02\n")
    alone = grade("gradebook", "journal", cwd=tmp_path)
    enrolled = grade("gradebook", "journal", "--roster", "roster.csv", cwd=tmp_path)

    assert alone.stderr == (
        "note: hw1: `S01`, `s01` are taken for one student; give a roster, or rename one, if they are two\n"
    )
    assert enrolled.stderr == ""


def newer(folder: Path) -> None:
    header = Header(format="cnn-autograde/journal/v9", assignment="hw1")
    (folder / "results.jsonl").write_bytes(encode_line("journal", "hw1", header))


def foreign(folder: Path) -> None:
    (folder / "results.jsonl").write_text("hello\n")


def empty(folder: Path) -> None:
    (folder / "results.jsonl").write_bytes(b"")
    (folder / "deliveries.json").unlink()


def gone(folder: Path) -> None:
    (folder / "results.jsonl").unlink()


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (newer, "the journal says `cnn-autograde/journal/v9`, this version of `grade`"),
        (foreign, "the file is no journal: not one line can be read"),
        (empty, "the journal is empty"),
        (gone, "the journal cannot be read"),
    ],
)
def test_a_journal_that_cannot_be_shown_is_one_error(
    spoil: Callable[[Path], None], told: str, journal: Path, tmp_path: Path
) -> None:
    """Exit code 2, with a remedy, and nothing is written."""
    spoil(journal)
    done = grade("report", "journal", "--out", "pages", cwd=tmp_path)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"error: {told}")
    assert "  fix: " in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "pages").exists()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["journal"], "Missing option"),
        (["--out", "pages"], "Missing argument"),
        (["nowhere", "--out", "pages"], "the journal cannot be read"),
        (["journal", "journal", "--out", "pages"], "two journals are of hw1"),
        (["journal", "--out", "journal"], "the report's folder is not empty"),
        (["journal", "--out", "roster.csv/pages"], "the report cannot be written"),
        (["journal", "--out", "pages", "--course", "nowhere"], "nowhere"),
        (["journal", "--out", "pages", "--roster", "nowhere.csv"], "nowhere.csv"),
        (["journal", "--out", "pages", "--late", "roster.csv"], "roster.csv"),
    ],
)
def test_a_wrong_word_is_told_with_a_remedy(arguments: list[str], told: str, journal: Path, tmp_path: Path) -> None:
    (tmp_path / "roster.csv").write_text("id,name\nann,Ann Lee\n")
    done = grade("report", *arguments, cwd=tmp_path)

    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "pages").exists()


def test_the_pages_are_in_the_language_of_who_asks(journal: Path, tmp_path: Path) -> None:
    """By the option or the environment; the course's catalogs are used where it is found."""
    for out, option, environ in (("by option", ["--lang", "ko"], {}), ("by environment", [], {"GRADE_LANG": "ko"})):
        done = grade("report", journal, "--out", tmp_path / out, *option, cwd=ROOT, PYTHONIOENCODING="utf-8", **environ)
        told = (tmp_path / out / "index.html").read_text(encoding="utf-8")

        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout == f"{tmp_path / out / 'index.html'}: 수강생 전체, 학생 페이지 3개\n"
        assert '<html lang="ko">' in told
        assert "<title>hw1 컨볼루션: 수강생 전체</title>" in told
        assert '<html lang="ko">' in (tmp_path / out / "hw1" / "ann.html").read_text(encoding="utf-8")


def test_a_course_in_another_language_says_so(journal: Path, tmp_path: Path) -> None:
    write_course(tmp_path / "course")
    done = grade(
        *("report", journal, "--out", "pages", "--course", "course", "--lang", "ko"),
        cwd=tmp_path,
        PYTHONIOENCODING="utf-8",
    )

    assert done.returncode == 0
    assert done.stderr.count("이 강좌에는 한국어가 없습니다") == 1


@pytest.mark.parametrize("name", ["jinja2", "matplotlib"])
def test_without_the_extra_it_is_one_line_and_exit_code_2(name: str, journal: Path, tmp_path: Path) -> None:
    done = grade_without(name, tmp_path, "report", journal, "--out", tmp_path / "pages")

    assert is_told(done, name, "report"), done.stderr
    assert not (tmp_path / "pages").exists()
