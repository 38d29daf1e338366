"""Tests of grader.pages.cohort and grader.classreport: what stands on the pages of a class, and what never does."""

import re
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from grader.anonymous import read_pseudonyms
from grader.bookkeeping import keep_books
from grader.classreport import INDEX, Plan, Written, write_report
from grader.cohort import Enrolled, Override, Roster
from grader.course import read_course
from grader.errors import UsageError
from grader.language import ENGLISH, Language, language
from grader.overrides import add_override
from grader.records import Notice, Outcome, Report
from tests.browser.reports import HOSTILE
from tests.builders import make_report
from tests.graded_classes import HINTS, NOW, in_words_of_hw1, write_journal
from tests.test_korean import english
from tests.test_translations import HANGUL

IDS = [f"2026{number:04}" for number in range(30)]
#: Stands in whatever a student can choose; no other text of a page has it.
THEIRS = "Zxqvyw"


def make_pages(
    *journals: Path,
    out: Path,
    roster: Roster | None = None,
    anonymous: bool = False,
    course: Path | None = None,
    told: Language = ENGLISH,
) -> Written:
    known = {each.id: each for each in read_course(course, secret=None).assignments} if course is not None else {}
    return write_report(
        journals,
        keep_books(journals, roster=roster),
        Plan(out=out, course=known, pseudonyms=read_pseudonyms(journals[0]) if anonymous else None, language=told),
    )


def index_of(*journals: Path, out: Path, roster: Roster | None = None, course: Path | None = None) -> str:
    return make_pages(*journals, out=out, roster=roster, course=course).index.read_text(encoding="utf-8")


def rows_of(told: str) -> dict[str, list[str]]:
    """The table of students: the cells of each, as text."""
    body = told.partition('<table id="students"')[2].partition("<tbody>")[2].partition("</tbody>")[0]
    rows = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in body.split("</tr>")[:-1]]
    texts = [[unescape(re.sub(r"<[^>]*>", "", cell)).strip() for cell in row] for row in rows]
    return {row[0]: row[1:] for row in texts}


def facts_of(told: str) -> dict[str, str]:
    return dict(re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", told))


def odd(number: int, report: Report) -> Report:
    """The first is rejected, the second awaits review."""
    if number == 0:
        return make_report(
            student=report.student, score=None, max_score=100.0, results=(), rejected="the file is empty"
        )
    return replace(report, score=None, needs_review=True) if number == 1 else report


class TestWhatIsThere:
    def test_everybody_has_a_row_and_whoever_handed_in_a_page(self, tmp_path: Path) -> None:
        roster = Roster(students=tuple(Enrolled(id=id, name=f"Name {id}") for id in [*IDS[:29], "absent"]))
        journal = write_journal(tmp_path / "journal", IDS, change=odd, ungraded=["cut off"])
        written = make_pages(journal, out=tmp_path / "out", roster=roster)
        told = written.index.read_text(encoding="utf-8")
        rows = rows_of(told)

        assert list(rows) == [*IDS[:29], "absent", IDS[29], "cut off"]
        assert rows[IDS[0]] == [f"Name {IDS[0]}", "rejected", "", "rejected: the file is empty"]
        assert rows[IDS[1]][1] == "needs review"
        assert rows["absent"] == ["Name absent", "nothing handed in", "", ""]
        assert rows[IDS[29]][3] == "not on the roster"
        assert rows["cut off"][1] == "not graded yet"
        assert (written.pages, written.ungraded) == (30, 1)
        assert len(list((tmp_path / "out/hw1").iterdir())) == 30
        assert {href for href in re.findall(r'href="([^#"]+)"', told)} == {f"hw1/{id}.html" for id in IDS}

    def test_a_score_is_the_gradebooks(self, tmp_path: Path) -> None:
        journal = write_journal(tmp_path / "journal", IDS)
        add_override(journal, Override(student=IDS[3], assignment="hw1", score=12.5, author="kim", made_at=NOW))
        entries = {row.student.id: row.entries["hw1"] for row in keep_books([journal]).gradebook.rows}
        rows = rows_of(index_of(journal, out=tmp_path / "out"))

        assert rows[IDS[3]][0] == "12.5"
        assert rows[IDS[3]][2].startswith("override by kim; before: ")
        assert [float(rows[id][0]) for id in IDS] == [entries[id].score for id in IDS]

    def test_a_test_that_good_students_fail_is_said_first(self, tmp_path: Path) -> None:
        told = index_of(
            write_journal(tmp_path / "journal", [f"s{number}" for number in range(120)]), out=tmp_path / "o"
        )
        first = told.partition('<div class="first">')[2].partition("</div>")[0]

        assert re.findall(r"<code>(.*?)</code>", first) == ["test_19"]
        assert "most of the best students fail it" in first

    def test_few_students_doubt_no_test(self, tmp_path: Path) -> None:
        told = index_of(write_journal(tmp_path / "journal", IDS[:12]), out=tmp_path / "out")

        assert "Look at these tests first" not in told
        assert "not given" in told

    def test_hints_stand_by_frequency_with_their_students(self, tmp_path: Path) -> None:
        told = index_of(write_journal(tmp_path / "journal", IDS), out=tmp_path / "out")
        found = re.findall(r'<th scope="row">(Your [^<]*)</th><td><code>\w+</code></td><td[^>]*>(\d+)', told)

        assert {hint for hint, _ in found} == set(HINTS)
        assert [int(count) for _, count in found] == sorted((int(count) for _, count in found), reverse=True)

    def test_limits_are_the_courses_and_what_a_journal_lacks_is_said(self, tmp_path: Path) -> None:
        journal = write_journal(tmp_path / "journal", IDS[:3])
        without = index_of(journal, out=tmp_path / "without")
        within = index_of(journal, out=tmp_path / "with", course=Path(__file__).parents[2])

        assert "Limits stand in the course, which was not found" in without
        assert "Limits stand in the course" not in within
        assert '<td class="number">512</td>' in within
        for told in (without, within):
            assert "Memory is what a test's processes took beyond what loading took" in told

    def test_several_assignments_have_a_section_and_two_columns_each(self, tmp_path: Path) -> None:
        journals = [
            write_journal(tmp_path / "one", IDS[:5]),
            write_journal(tmp_path / "two", IDS[2:8], assignment="hw2", title="Pooling"),
        ]
        told = index_of(*journals, out=tmp_path / "out")
        rows = rows_of(told)

        assert re.findall(r'<h2 id="assignment-\d" tabindex="-1"><bdi>(.*?)</bdi>', told) == [
            "hw1 Convolution",
            "hw2 Pooling",
        ]
        assert len(rows) == 8
        assert rows[IDS[0]][2:] == ["nothing handed in", "", ""]
        assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["hw1", "hw2", INDEX]

    def test_who_must_be_looked_at_is_listed_with_the_test_that_broke(self, tmp_path: Path) -> None:
        def broken(number: int, report: Report) -> Report:
            result = replace(report.results[4], score=None, outcome=Outcome.GRADER_ERROR)
            results = (*report.results[:4], result, *report.results[5:])
            return replace(report, results=results, score=None, needs_review=True) if number < 2 else report

        told = index_of(write_journal(tmp_path / "journal", IDS[:6], change=broken), out=tmp_path / "out")
        listed = re.findall(r'<li><a href="hw1/(\d+).html"><bdi>\1</bdi></a>: <bdi>(.*?)</bdi></li>', told)

        assert listed == [(id, "a test failed itself: Rule 4 of the course holds.") for id in IDS[:2]]
        assert "failed itself in 2 reports" in told

    def test_a_group_has_one_report_and_each_member_a_page(self, tmp_path: Path) -> None:
        journal = write_journal(tmp_path / "journal", ["team 1"], group=("ann", "bob"))
        rows = rows_of(index_of(journal, out=tmp_path / "out"))

        assert list(rows) == ["ann", "bob"]
        assert rows["ann"] == rows["bob"]
        assert sorted(path.name for path in (tmp_path / "out/hw1").iterdir()) == ["ann.html", "bob.html"]

    def test_a_students_page_is_staffs(self, tmp_path: Path) -> None:
        make_pages(write_journal(tmp_path / "journal", ["kim"]), out=tmp_path / "out")
        told = (tmp_path / "out/hw1/kim.html").read_text(encoding="utf-8")

        assert "grade hw1 in/kim/convolution.py --seed" in told
        assert "<svg" in told

    def test_the_same_journal_gives_the_same_bytes(self, tmp_path: Path) -> None:
        journal = write_journal(tmp_path / "journal", IDS[:8])
        for out in ("one", "two"):
            make_pages(journal, out=tmp_path / out)

        pages = [sorted((tmp_path / out).rglob("*.html")) for out in ("one", "two")]
        assert [path.read_bytes() for path in pages[0]] == [path.read_bytes() for path in pages[1]]
        assert len(pages[0]) == 9

    def test_nothing_points_outside_and_the_policy_allows_one_script(self, tmp_path: Path) -> None:
        told = index_of(write_journal(tmp_path / "journal", IDS[:3]), out=tmp_path / "out")

        policy = unescape(told.partition('content="default-src')[2].partition('"')[0])
        assert re.search(r"script-src 'sha256-[A-Za-z0-9+/=]{44}'$", policy)
        assert "unsafe" not in told
        assert " style=" not in told
        assert not re.findall(r'(?:href|src)="(?!#|hw1/)', told)


class TestHostileText:
    def test_texts_of_students_are_escaped_and_files_stay_in_their_folder(self, tmp_path: Path) -> None:
        ids = [HOSTILE, "../../out", "..", "con", "a/b", "a_b", "kim\u202e", "\udc80"]
        journal = write_journal(tmp_path / "journal", ids, names=[HOSTILE] * len(ids), text=HOSTILE)
        told = index_of(journal, out=tmp_path / "out")

        assert told.count("<script>") == 1
        assert "<img" not in told
        assert "\x1b" not in told
        assert "\u202e" not in told
        assert len(list((tmp_path / "out/hw1").iterdir())) == len(ids)
        assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["hw1", INDEX]
        for page in (tmp_path / "out/hw1").iterdir():
            assert "<script" not in page.read_text(encoding="utf-8")


class TestAnonymous:
    def test_no_file_says_when_it_was_made(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Nor is one made before another as in the journal, whose order says who is who."""
        journal, made = write_journal(tmp_path / "journal", IDS), list[str]()
        write = Path.write_text

        def note(path: Path, *arguments: Any, **named: Any) -> int:
            made.append(path.name)
            return write(path, *arguments, **named)

        monkeypatch.setattr(Path, "write_text", note)
        make_pages(journal, out=tmp_path / "out", anonymous=True)

        assert made == [*sorted(made[:-1]), INDEX]
        assert len(made) == 31
        assert len({path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("*.html")}) == 1

    @pytest.fixture
    def written(self, tmp_path: Path) -> Path:
        ids = [f"{THEIRS}{number}" for number in range(24)]
        roster = Roster(
            students=tuple(
                Enrolled(id=id, name=f"{THEIRS} Name", email=f"{id}@x.y", section=THEIRS)
                for id in [*ids[:20], "9" + THEIRS]
            ),
            notices=(Notice(text=THEIRS, where=THEIRS),),
        )

        def their(number: int, report: Report) -> Report:
            changed = odd(number, report)
            return replace(
                changed,
                rejected=changed.rejected and f"{THEIRS}.py is empty",
                notices=(Notice(text=THEIRS, where=THEIRS),),
                data=(THEIRS,),
            )

        journal = write_journal(
            tmp_path / THEIRS / "journal", ids, names=[THEIRS] * 24, text=THEIRS, change=their, ungraded=[f"{THEIRS}x"]
        )
        add_override(
            journal, Override(student=ids[3], assignment="hw1", score=1.0, comment=THEIRS, author=THEIRS, made_at=NOW)
        )
        make_pages(journal, out=tmp_path / "out", roster=roster, anonymous=True)
        return tmp_path / "out"

    def test_no_name_id_path_or_text_of_a_student_is_in_any_file(self, written: Path) -> None:
        """Neither in a file's name; without case, and not as an escape either."""
        files = sorted(written.rglob("*"))
        pages = [path for path in files if path.is_file()]

        assert len(pages) == 25
        for path in files:
            assert THEIRS.lower() not in str(path.relative_to(written)).lower()
        for path in pages:
            told = path.read_text(encoding="utf-8")
            for text in (told, unescape(told)):
                assert THEIRS.lower() not in text.lower()
            assert "x.y" not in told
            assert "in/" not in told

    def test_no_seed_digest_log_or_command_is(self, written: Path, tmp_path: Path) -> None:
        journal = (tmp_path / THEIRS / "journal" / "results.jsonl").read_text(encoding="utf-8")
        drawn = re.findall(r'"(?:seed|digest)":"([0-9a-f]{9,})"', journal)
        told = "".join(path.read_text(encoding="utf-8") for path in written.rglob("*.html"))

        for word in ("grade hw1", "--seed", "SHA-256 <", "Staff:", "returned wrong values", "In pictures"):
            assert word not in told
        assert len(drawn) > 40
        assert not [each for each in drawn if each in told]

    def test_what_a_meeting_needs_is_still_there(self, written: Path) -> None:
        told = (written / INDEX).read_text(encoding="utf-8")
        rows = rows_of(told)

        assert len(rows) == 26
        assert all(re.fullmatch(r"[A-Z2-7]{5}-[A-Z2-7]{5}", name) for name in rows)
        assert [row[0] for row in rows.values()].count("1") == 1
        assert sorted(row[-1] for row in rows.values() if row[-1]) == [*["not on the roster"] * 5]
        assert HINTS[0] in told

    def test_the_order_says_nothing(self, written: Path) -> None:
        rows = list(rows_of((written / INDEX).read_text(encoding="utf-8")))

        assert rows == sorted(rows)

    def test_the_next_report_has_the_same_pseudonyms(self, written: Path, tmp_path: Path) -> None:
        make_pages(tmp_path / THEIRS / "journal", out=tmp_path / "again", anonymous=True)

        pages = [{path.name for path in (out / "hw1").iterdir()} for out in (written, tmp_path / "again")]
        assert pages[0] == pages[1]


def said(page: str) -> str:
    """What a page says to eyes and ears, apart from code, logs and names."""
    page = re.sub(r"<(style|script|code|title|pre)>.*?</\1>", "", page, flags=re.DOTALL)
    spoken = re.findall(r'(?:aria-label|data-said|title|alt)="([^"]*)"', page)
    return unescape(" . ".join([re.sub(r"<[^>]*>", " . ", page), *spoken]))


class TestKorean:
    """The page in the language of who reads it; the journal is English."""

    @pytest.fixture
    def journal(self, tmp_path: Path) -> Path:
        """Of 60 students, one of them rejected, one awaiting review, one with a test that failed itself."""

        def change(number: int, report: Report) -> Report:
            if number == 2:
                broken = replace(report.results[4], score=None, outcome=Outcome.GRADER_ERROR)
                report = replace(report, results=(*report.results[:4], broken, *report.results[5:]))
                report = replace(report, score=None, needs_review=True)
            return odd(number, in_words_of_hw1(number, report))

        ids = [f"s{number:03}" for number in range(60)]
        journal = write_journal(tmp_path / "journal", ids, change=change, ungraded=["cut off"])
        for student, author in (("s003", "kim"), ("s004", "lee")):
            add_override(journal, Override(student=student, assignment="hw1", score=12.5, author=author, made_at=NOW))
        return journal

    @pytest.fixture
    def roster(self) -> Roster:
        notice = Notice(text="the 2 rows above the column names were passed over")
        students = tuple(Enrolled(id=f"s{number:03}", name="Kim", section="A") for number in range(55))
        return Roster(students=(*students, Enrolled(id="absent")), notices=(notice,) * 102)

    @pytest.mark.parametrize("anonymous", [False, True])
    def test_no_page_has_an_english_sentence(
        self, anonymous: bool, journal: Path, roster: Roster, tmp_path: Path
    ) -> None:
        """Nor a title of a test, a hint, a label or what is read aloud of a drawing."""
        course, korean = Path(__file__).parents[2], language("ko")
        make_pages(journal, out=tmp_path / "out", roster=roster, anonymous=anonymous, course=course, told=korean)
        pages = {path.name: path.read_text(encoding="utf-8") for path in (tmp_path / "out").rglob("*.html")}

        assert len(pages) == 61
        assert {name: english(said(page)) for name, page in pages.items() if english(said(page))} == {}
        assert all('<html lang="ko">' in page for page in pages.values())
        words = set(re.findall(r"(?<![\w.])[a-z]{4,}(?![\w.])", said(pages[INDEX])))
        assert words <= {"absent", "shown"}  # an id, a place for a number

    def test_what_it_says_is_korean(self, journal: Path, roster: Roster, tmp_path: Path) -> None:
        """With the particles that its numbers and names need."""
        make_pages(journal, out=tmp_path / "out", roster=roster, course=Path(__file__).parents[2], told=language("ko"))
        page = (tmp_path / "out" / INDEX).read_text(encoding="utf-8")
        rows, told = rows_of(page), said(page)

        assert rows["s003"][-1].startswith("kim이 손으로 정함. 전에는: ")
        assert rows["s004"][-1].startswith("lee가 손으로 정함. 전에는: ")
        assert rows["s000"][2] == "거부됨"
        assert rows["s000"][-1] == "거부됨: 파일이 비어 있습니다"
        assert (rows["absent"][2], rows["cut off"][-1]) == ("제출하지 않음", "명단에 없음")
        assert re.search(r"중앙값 \. +\.? *[\d.]+; 점수의 절반은 [\d.]+에서 [\d.]+ 사이입니다", told)
        for text in (
            "수강생 62명",
            "hw1 컨볼루션",
            "먼저 살펴볼 테스트",
            "테스트 자체가 실패했습니다: 정수 영상은 float64가 되어 나옵니다.",
            "보고서 1개에서 테스트 자체가 실패했습니다",
            "보고서가 20개 이상이고, 우연만으로 그렇게 되는 수업이 5%보다 적을 때 테스트를 의심합니다.",
            "hw1의 점수, 10분의 1 구간마다의 학생 수: 0 이상 10 미만: 0; ",
            "참고 2개는 싣지 않았습니다",
        ):
            assert text in told

    def test_where_no_course_is_its_own_words_stay(self, journal: Path, tmp_path: Path) -> None:
        make_pages(journal, out=tmp_path / "out", told=language("ko"))
        told = said((tmp_path / "out" / INDEX).read_text(encoding="utf-8"))

        assert "hw1 Convolution" in told
        assert "제한은 강좌에 적혀 있는데 강좌를 찾지 못했습니다. 이렇게 지정하십시오:" in told

    def test_in_english_nothing_is_korean(self, journal: Path, tmp_path: Path) -> None:
        make_pages(journal, out=tmp_path / "out", course=Path(__file__).parents[2])

        pages = list((tmp_path / "out").rglob("*.html"))
        assert not [path for path in pages if HANGUL.search(said(path.read_text(encoding="utf-8")))]


class TestRefused:
    def test_an_empty_journal_has_nothing_to_show(self, tmp_path: Path) -> None:
        journal = write_journal(tmp_path / "journal", [])

        with pytest.raises(UsageError, match="the journal is empty"):
            make_pages(journal, out=tmp_path / "out")
        assert not (tmp_path / "out").exists()

    @pytest.mark.parametrize("taken", ["out", "out/hw1/x.html"])
    def test_a_folder_that_is_in_use_is_left_alone(self, taken: str, tmp_path: Path) -> None:
        journal = write_journal(tmp_path / "journal", IDS[:2])
        (tmp_path / taken).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / taken).write_text("mine")

        with pytest.raises(UsageError, match="not empty"):
            make_pages(journal, out=tmp_path / "out")
        assert (tmp_path / taken).read_text() == "mine"

    def test_an_empty_folder_is_used(self, tmp_path: Path) -> None:
        (tmp_path / "out").mkdir()

        assert make_pages(write_journal(tmp_path / "journal", IDS[:2]), out=tmp_path / "out").pages == 2

    def test_a_folder_that_cannot_be_made_is_told(self, tmp_path: Path) -> None:
        journal = write_journal(tmp_path / "journal", IDS[:2])
        (tmp_path / "file").write_text("x")

        with pytest.raises(UsageError, match="the report cannot be written"):
            make_pages(journal, out=tmp_path / "file" / "out")
