"""Handouts in other languages: of the text that stands there today, whole, and with one word for one idea."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from grader.authoring import start_assignment
from grader.bundles import write_bundle
from grader.course import read_course
from grader.errors import CourseError, UsageError
from grader.kit import write_kit
from grader.onsite import Platform
from grader.records import Assignment, Course
from grader.translations import digest_of, lapses, mark_translated, require_current, translated
from tests.small_course import write_course

ROOT = Path(__file__).parents[1]
COURSE = read_course(ROOT, secret=None)
ASSIGNMENTS = pytest.mark.parametrize("assignment", COURSE.assignments, ids=lambda assignment: assignment.id)
KOREAN = "README.ko.md"

NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
HANGUL = re.compile("[\uac00-\ud7a3]")
LATIN = re.compile(r"[A-Za-z]")
COMMENT = re.compile(r"(?:^|\s+)# .*$")
WORDS = re.compile(r"(?:\b[a-z]{2,}\b[ ,]+){3}[a-z]{2,}\b")  # four English words in a row
# What the glossary decided against, so that one word stands for one idea.
AGAINST = {
    "합성곱": "컨볼루션",
    "보폭": "이동폭",
    "스트라이드": "이동폭",
    "드롭아웃": "낙오",
    "감쇠": "감쇄",
    "피처 맵": "특징 맵",
    "특성 맵": "특징 맵",
    "이미지": "영상",
    "정확도": "정확률",
    "클래스 번호": "부류 번호",
    "패딩층": "패딩",
    "최대 풀링": "맥스풀링",
    "최댓값 풀링": "맥스풀링",
    "풀링 층": "풀링층",
    "완전 연결": "완전연결층",
    "밀집층": "완전연결층",
    "잔차": "잔류학습",
    "수용 영역": "감수영역",
    "수용장": "감수영역",
    "매개변수": "파라미터",
    "바이어스": "편향",
    "그래디언트": "기울기",
    "경사": "기울기",
    "훈련": "학습",
    "트레이닝": "학습",
    "인자": "인수",
    "분류기": "인식기",
    "숨은 테스트": "비공개 테스트",
    "숨겨진": "비공개",
    "투영": "사영",
    "레이어": "층",
    "가중치 감소": "가중치 감쇄",
    "규제": "조정",
    "과목": "강좌",
}


# --- reading a handout ------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """What stands between two blank lines, or between two fences."""

    kind: str  # heading, code, figure, table, formula, item or text
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


def kind_of(line: str, before: str) -> str:
    """The kind of a line outside code; one that goes on with what stands before it is of the same kind."""
    starts = {"#": "heading", "|": "table", "$$": "formula", "- ": "item"}
    for start, kind in starts.items():
        if line.startswith(start):
            return kind
    if before in ("item", "formula", "text"):
        return before
    return "figure" if line.startswith("    ") else "text"


def blocks(text: str) -> Iterator[Block]:
    """Take a handout apart; its mark is none of its blocks."""
    lines: list[str] = []
    kind = ""
    for line in [*re.sub(r"\n<!-- translates .*-->\n?", "\n", text).splitlines(), ""]:
        fence = line.startswith("```")
        now = "code" if fence or kind == "code" else kind_of(line, kind) if line.strip() else ""
        if lines and (now != kind or (now == "item" and line.startswith("- "))):
            yield Block(kind=kind, lines=tuple(lines))
            lines = []
        if now:
            lines.append(line)
        kind = now
        if fence and len(lines) > 1:
            yield Block(kind=kind, lines=tuple(lines))
            lines, kind = [], ""


def pairs(assignment: Assignment, *kinds: str) -> list[tuple[Block, Block]]:
    """The blocks of the original beside those of the translation."""
    both = (list(blocks((assignment.public / name).read_text(encoding="utf-8"))) for name in ("README.md", KOREAN))
    return [pair for pair in zip(*both, strict=True) if not kinds or pair[0].kind in kinds]


def numbers(text: str) -> list[str]:
    return NUMBER.findall(text)


def prose(text: str) -> str:
    """What is said in words: no code in ticks, no formula, no name of a dtype or of a program."""
    return re.sub(r"`[^`]*`|\$[^$]*\$|float(?:32|64)|dtype|NumPy|Python", " ", text)


# --- the course's own handouts ----------------------------------------------


def test_every_handout_is_in_both_languages_and_none_is_stale() -> None:
    """`grade build --check` says so; a person mends it."""
    assert COURSE.languages == ("en", "ko")
    assert [str(lapse) for lapse in lapses(COURSE)] == []


@ASSIGNMENTS
class TestKorean:
    def test_it_has_the_same_blocks_in_the_same_order(self, assignment: Assignment) -> None:
        """As many headings, examples, figures, tables, rules and paragraphs."""
        kinds = [(english.kind, korean.kind) for english, korean in pairs(assignment)]

        assert len(kinds) > 20
        assert [pair for pair in kinds if pair[0] != pair[1]] == []

    def test_its_headings_have_the_same_rank(self, assignment: Assignment) -> None:
        ranks = [[block.text.split()[0] for block in pair] for pair in pairs(assignment, "heading")]

        assert [pair for pair in ranks if pair[0] != pair[1]] == []

    def test_its_examples_are_the_same_code(self, assignment: Assignment) -> None:
        """Only what follows a `#` is translated, so the examples come out as the original's do."""
        for english, korean in pairs(assignment, "code"):
            assert [COMMENT.sub("", line) for line in korean.lines] == [COMMENT.sub("", line) for line in english.lines]

    def test_its_formulas_are_the_same(self, assignment: Assignment) -> None:
        for english, korean in pairs(assignment, "formula"):
            first, second = (re.sub(r"\\text\{[^}]*\}", "", block.text).splitlines() for block in (english, korean))
            assert second[: len(first)] == first

    def test_its_figures_have_the_same_numbers_in_the_same_places(self, assignment: Assignment) -> None:
        for english, korean in pairs(assignment, "figure"):
            assert len(korean.lines) == len(english.lines)
            for first, second in zip(english.lines, korean.lines, strict=True):
                assert Counter(numbers(second)) == Counter(numbers(first)), korean.text

    def test_its_tables_have_the_same_numbers_cell_by_cell(self, assignment: Assignment) -> None:
        """A Korean cell may write a number that the English one spells."""
        for english, korean in pairs(assignment, "table"):
            for first, second in zip(english.lines, korean.lines, strict=True):
                for cell, other in zip(first.split(" | "), second.split(" | "), strict=True):
                    assert Counter(numbers(cell)) <= Counter(numbers(other)), second
                    assert set(numbers(other)) <= {*numbers(cell), "0", "1"}, second

    def test_its_text_keeps_every_number_name_and_link(self, assignment: Assignment) -> None:
        for english, korean in pairs(assignment, "text", "item", "heading", "table"):
            assert set(numbers(english.text)) <= set(numbers(korean.text)), korean.text
            for pattern in (r"`[^`]+`", r"\]\([^)]+\)", r"https?://\S+"):
                assert set(re.findall(pattern, korean.text)) == set(re.findall(pattern, english.text)), korean.text

    def test_no_english_sentence_is_left(self, assignment: Assignment) -> None:
        """Every paragraph is mostly Hangul, and nowhere stand four English words in a row."""
        for _, korean in pairs(assignment, "text", "item"):
            words = prose(korean.text)
            assert len(HANGUL.findall(words)) > len(LATIN.findall(words)), korean.text
        for _, korean in pairs(assignment):
            said = "\n".join(COMMENT.findall(korean.text)) if korean.kind == "code" else prose(korean.text)
            assert not WORDS.search(said), korean.text

    def test_it_keeps_to_the_glossary(self, assignment: Assignment) -> None:
        text = (assignment.public / KOREAN).read_text(encoding="utf-8")

        assert [(word, better) for word, better in AGAINST.items() if word in text] == []

    def test_it_is_written_in_the_polite_style(self, assignment: Assignment) -> None:
        """합니다체: no sentence of the text ends in -다 alone, or in -요 other than a question."""
        said = prose(" ".join(block.text for _, block in pairs(assignment, "text", "item")))

        assert re.findall(r"\S*(?<![니])다[.](?=\s|$)", said) == []
        assert re.findall(r"\S*요[.](?=\s|$)", said) == []


def test_every_word_of_the_glossary_is_one_that_students_read() -> None:
    """And no idea has two words."""
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in (ROOT / "assignments" / "GLOSSARY.ko.md").read_text(encoding="utf-8").splitlines()
        if line.startswith("| ")
    ][1:]
    files = [*ROOT.glob(f"assignments/*/{KOREAN}"), *ROOT.glob("assignments/*/ko.po"), *ROOT.glob("solutions/*/ko.po")]
    said = "\n".join(path.read_text(encoding="utf-8") for path in files)
    read = " ".join(said.replace('"\n"', "").split())  # a line may end between two words
    words = [word for row in rows for word in row[1].split(", ")]

    assert [word for word in words if word not in read] == []
    assert [word for word, count in Counter(words).items() if count > 1] == []
    assert set(words).isdisjoint(AGAINST)


# --- any course's -----------------------------------------------------------


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """A course in English and Korean, whose one handout is translated and marked."""
    root = write_course(tmp_path / "course")
    listing = root / "assignments" / "course.toml"
    listing.write_text(listing.read_text(encoding="utf-8") + 'languages = ["en", "ko"]\n', encoding="utf-8")
    found = read_course(root, secret=None)
    korean(found).write_text("# 두 배\n", encoding="utf-8")
    mark_translated(found, found.assignments[0])
    return found


def korean(course: Course) -> Path:
    return course.assignments[0].public / KOREAN


def english(course: Course) -> Path:
    return course.assignments[0].public / "README.md"


def words(course: Course) -> list[str]:
    return [lapse.word for lapse in lapses(course)]


class TestLapses:
    def test_a_marked_translation_is_current(self, course: Course) -> None:
        assert lapses(course) == []
        require_current(course)

    def test_the_mark_is_its_last_line(self, course: Course) -> None:
        digest = digest_of(english(course).read_text(encoding="utf-8"))

        assert korean(course).read_text(encoding="utf-8") == f"# 두 배\n\n<!-- translates README.md {digest} -->\n"

    def test_a_change_of_the_original_makes_it_stale(self, course: Course) -> None:
        english(course).write_text("# Doubling, twice\n", encoding="utf-8")

        assert words(course) == ["stale"]
        assert "grade build --translated hw1" in str(lapses(course)[0])
        with pytest.raises(UsageError, match="1 translated handouts are not up to date") as caught:
            require_current(course)
        assert caught.value.where == str(korean(course))

    def test_line_ends_and_a_byte_order_mark_do_not(self, course: Course) -> None:
        english(course).write_bytes(b"\xef\xbb\xbf# Doubling\r\n\r\n")

        assert lapses(course) == []

    def test_a_missing_one_is_told(self, course: Course) -> None:
        korean(course).unlink()

        assert words(course) == ["missing"]

    @pytest.mark.parametrize(
        "last", ["", "<!-- translates README.md -->", "<!-- translates README.md 123 -->", "<!-- 1a2b3c4d5e6f -->"]
    )
    def test_one_without_a_proper_mark_is_told(self, course: Course, last: str) -> None:
        korean(course).write_text(f"# 두 배\n{last}\n", encoding="utf-8")

        assert words(course) == ["unmarked"]

    def test_a_mark_above_the_last_line_does_not_count(self, course: Course) -> None:
        korean(course).write_text(korean(course).read_text(encoding="utf-8") + "더 있습니다.\n", encoding="utf-8")

        assert words(course) == ["unmarked"]

    def test_one_in_a_language_that_is_not_listed_is_told(self, course: Course) -> None:
        (korean(course).parent / "README.fr.md").write_text("# Doubler\n", encoding="utf-8")

        assert words(course) == ["unlisted"]
        assert words(replace(course, languages=("en",))) == ["unlisted", "unlisted"]

    def test_a_course_of_one_language_has_none(self, course: Course) -> None:
        korean(course).unlink()

        assert lapses(replace(course, languages=("en",))) == []

    def test_one_that_is_not_utf_8_is_told(self, course: Course) -> None:
        korean(course).write_bytes("# 두 배\n".encode("cp949"))

        with pytest.raises(CourseError, match="not UTF-8"):
            lapses(course)


class TestMark:
    def test_a_person_s_word_makes_it_current_again(self, course: Course) -> None:
        english(course).write_text("# Doubling, twice\n", encoding="utf-8")

        assert mark_translated(course, course.assignments[0]) == [korean(course)]
        assert lapses(course) == []
        assert korean(course).read_text(encoding="utf-8").count("translates") == 1

    def test_said_again_it_changes_nothing(self, course: Course) -> None:
        before = korean(course).read_bytes()

        assert mark_translated(course, course.assignments[0]) == []
        assert korean(course).read_bytes() == before

    def test_a_broken_mark_is_replaced(self, course: Course) -> None:
        korean(course).write_text("# 두 배\n<!-- translates README.md later -->\n", encoding="utf-8")
        mark_translated(course, course.assignments[0])

        assert korean(course).read_text(encoding="utf-8").startswith("# 두 배\n\n<!-- translates README.md ")
        assert lapses(course) == []

    def test_what_is_not_there_cannot_be_marked(self, course: Course) -> None:
        korean(course).unlink()

        with pytest.raises(UsageError, match="the translation is not there"):
            mark_translated(course, course.assignments[0])

    def test_a_course_of_one_language_says_so(self, course: Course) -> None:
        with pytest.raises(UsageError, match="in one language, en") as caught:
            mark_translated(replace(course, languages=("en",)), course.assignments[0])
        assert 'languages = ["en", "ko"]' in caught.value.fix


class TestHandingOut:
    def test_a_working_copy_has_it(self, course: Course, tmp_path: Path) -> None:
        written = start_assignment(course.assignments[0], tmp_path / "work")

        assert translated(tmp_path / "work") == [KOREAN]
        assert tmp_path / "work" / KOREAN in written

    def test_a_kit_has_it_and_the_glossary(self, course: Course, tmp_path: Path) -> None:
        (course.root / "assignments" / "GLOSSARY.ko.md").write_text("# 용어집\n", encoding="utf-8")
        write_kit(course, tmp_path / "kit")
        kit = read_course(tmp_path / "kit", secret=None)

        assert kit.languages == ("en", "ko")
        assert korean(kit).read_bytes() == korean(course).read_bytes()
        assert (tmp_path / "kit" / "assignments" / "GLOSSARY.ko.md").is_file()
        assert lapses(kit) == []

    @pytest.mark.parametrize("platform", [Platform.GITHUB, Platform.GITLAB])
    def test_a_student_s_repository_has_it_twice(self, course: Course, tmp_path: Path, platform: Platform) -> None:
        """In the copy to work in, and below `assignments/`."""
        write_bundle(course, course.assignments[0], platform, tmp_path / "repository")
        folders = {path.parent.name for path in (tmp_path / "repository").rglob(KOREAN)}
        places = [
            path.relative_to(tmp_path / "repository").parts[0] for path in (tmp_path / "repository").rglob(KOREAN)
        ]

        assert folders == {"hw01_doubling"}
        assert sorted(places) == ["assignments", "hw01_doubling"]
        assert read_course(tmp_path / "repository", secret=None).languages == ("en", "ko")

    def test_a_stale_one_is_not_handed_out(self, course: Course, tmp_path: Path) -> None:
        english(course).write_text("# Doubling, twice\n", encoding="utf-8")

        with pytest.raises(UsageError, match="translated handouts are not up to date"):
            write_kit(course, tmp_path / "kit")
        with pytest.raises(UsageError, match="translated handouts are not up to date"):
            write_bundle(course, course.assignments[0], Platform.GITHUB, tmp_path / "repository")
        assert not (tmp_path / "kit").exists()
        assert not (tmp_path / "repository").exists()
