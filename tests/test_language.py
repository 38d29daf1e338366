"""Texts as they are shown in another language: recognised, translated, or left as they are."""

from dataclasses import replace
from pathlib import Path

import pytest

from grader.catalogs import read_catalog
from grader.course import read_course
from grader.errors import CourseError
from grader.language import ENGLISH, Language, chosen, code_of, language
from tests.builders import make_report, make_result
from tests.small_catalog import korean

COURSE = read_course(Path(__file__).parents[1], secret=None)


def test_a_label_is_a_message_of_its_own() -> None:
    told = korean()

    assert told.label("pass") == "통과"
    assert told.say("pass") == "pass"
    assert told.label("unknown") == "unknown"


def test_english_is_what_was_said_and_needs_no_catalog() -> None:
    assert language("en") is ENGLISH
    assert language("xx") is ENGLISH
    assert ENGLISH.say("not attempted") == "not attempted"
    assert ENGLISH.with_catalogs([Path("nowhere")]) is ENGLISH


def test_a_course_adds_its_own_catalogs(tmp_path: Path) -> None:
    catalog = tmp_path / "ko.po"
    catalog.write_text('msgid "Convolution"\nmsgstr "컨볼루션"\n', encoding="utf-8")

    told = korean().with_catalogs([catalog, tmp_path / "missing.po"])

    assert told.say("Convolution") == "컨볼루션"
    assert told.say("not attempted") == "작성하지 않음"


class TestHints:
    @pytest.fixture
    def told(self, tmp_path: Path) -> Language:
        """Of two assignments that each know a mistake of the same name."""
        assignments = []
        for assignment, said in zip(COURSE.assignments[:2], ("돌려져 있습니다.", "뒤집혀 있습니다."), strict=True):
            public = tmp_path / assignment.id
            public.mkdir()
            (public / "ko.po").write_text(f'msgctxt "hint turned"\nmsgid "It is turned."\nmsgstr "{said}"\n', "utf-8")
            assignments.append(replace(assignment, public=public, private=None))
        return korean().of(*assignments)

    @pytest.mark.parametrize(("assignment", "said"), [("hw1", "돌려져 있습니다."), ("hw2", "뒤집혀 있습니다.")])
    def test_one_is_known_by_assignment_and_id_however_it_is_worded(
        self, told: Language, assignment: str, said: str
    ) -> None:
        result = make_result(score=0.0, hint="It was said otherwise last year.", hint_id="turned")
        report = told.report(make_report(assignment=assignment, results=[result]))

        assert report.results[0].hint == said

    def test_one_without_an_id_is_known_by_its_text(self, told: Language) -> None:
        report = told.report(make_report(results=[make_result(score=0.0, hint="It is turned.")]))

        assert report.results[0].hint in ("돌려져 있습니다.", "뒤집혀 있습니다.")

    def test_an_id_that_no_catalog_has_is_none(self, told: Language) -> None:
        assert told.hint("not attempted", assignment="hw1", id="unheard_of") == "작성하지 않음"
        assert ENGLISH.hint("It is turned.", assignment="hw1", id="turned") == "It is turned."


@pytest.mark.parametrize(
    ("environ", "code"),
    [
        ({}, "en"),
        ({"LANG": "ko_KR.UTF-8"}, "ko"),
        ({"LANG": "ko_KR.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LC_MESSAGES": "ko", "LANG": "en_US.UTF-8"}, "ko"),
        ({"GRADE_LANG": "ko", "LC_ALL": "en_US.UTF-8"}, "ko"),
        ({"GRADE_LANG": "en", "LANG": "ko_KR.UTF-8"}, "en"),
        ({"GRADE_LANG": "tlh", "LANG": "ko_KR.UTF-8"}, "en"),
        ({"LANG": "kok_IN"}, "en"),
    ],
)
def test_the_environment_chooses_the_language(environ: dict[str, str], code: str) -> None:
    assert chosen(environ) == code


@pytest.mark.parametrize("name", ["ko", "KO", "ko-KR", "ko_KR", "kor", "Korean", "한국어", " 한국어(대한민국)"])
def test_a_roster_may_name_korean_in_several_ways(name: str) -> None:
    assert code_of(name) == "ko"


@pytest.mark.parametrize("name", ["", "fr", "日本語", "konkani", "k"])
def test_a_name_of_no_language_here_is_none(name: str) -> None:
    assert code_of(name) == ""


def test_a_catalog_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "ko.po"
    path.write_text(
        '# a comment\nmsgid ""\nmsgstr ""\n"Language: ko\\n"\n\n'
        '#: grader/cli.py\n#, python-brace-format\nmsgctxt "label"\nmsgid "pass"\nmsgstr "통과"\n\n'
        'msgid ""\n"two \\"lines\\"\\n"\n"of text"\nmsgstr "두 줄"\n\n'
        '#, fuzzy\nmsgid "unsure"\nmsgstr "모름"\n\nmsgid "empty"\nmsgstr ""\n\n#~ msgid "old"\n#~ msgstr "옛것"\n',
        encoding="utf-8",
    )

    assert read_catalog(path) == {("label", "pass"): "통과", ("", 'two "lines"\nof text'): "두 줄"}


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("nonsense\n", "this is not a line of a PO file"),
        ('msgid "a\\q"\nmsgstr "b"\n', "a text of the catalog"),
        ('"a text of nothing"\n', "this is not a line of a PO file"),
    ],
)
def test_a_wrong_catalog_is_refused_with_its_line(tmp_path: Path, text: str, what: str) -> None:
    path = tmp_path / "ko.po"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(CourseError, match=what) as caught:
        read_catalog(path)

    assert caught.value.where == f"{path}, line 1"


def test_a_catalog_that_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "ko.po"
    path.write_bytes(b"\xff\xfe")

    with pytest.raises(CourseError, match="cannot be read"):
        read_catalog(path)
