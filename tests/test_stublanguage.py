"""A Korean student's working copy: its prose is Korean, its code is the course's own to the byte."""

import ast
import doctest
import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from grader.authoring import start_assignment
from grader.cli import app
from grader.course import read_course
from grader.grading import GradeOptions, grade_one
from grader.language import language, unwritten
from grader.records import Assignment, Outcome
from grader.stublanguage import pieces_of, translate_stub
from grader.submission import read_submission
from tests.small_course import write_course
from tests.test_translations import AGAINST, HANGUL, prose

ROOT = Path(__file__).parents[1]
COURSE = read_course(ROOT, secret=None)
KOREAN = language("ko")
ASSIGNMENTS = pytest.mark.parametrize("assignment", COURSE.assignments, ids=lambda assignment: assignment.id)
FOUR_WORDS = re.compile(r"(?:\b[A-Za-z]{2,}\b[ ,]+){3}[A-Za-z]{2,}\b")
SHAPES = re.compile(r"float32, float64")


def english(assignment: Assignment) -> str:
    return (assignment.public / f"{assignment.module}.py").read_text(encoding="utf-8")


def korean(assignment: Assignment) -> str:
    told = KOREAN.of(assignment)
    return translate_stub(english(assignment), told.term, told.say)


def docstrings(source: str) -> list[str]:
    nodes = [node for node in ast.walk(ast.parse(source)) if isinstance(node, (ast.Module, ast.FunctionDef))]
    return [told for node in nodes if (told := ast.get_docstring(node))]


def code(source: str) -> list[str]:
    """The lines of a module that are neither a docstring's nor a comment, without what a stub raises."""
    lines = source.split("\n")
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, (ast.Module, ast.FunctionDef)) and ast.get_docstring(node) is not None:
            lines[node.body[0].lineno - 1 : node.body[0].end_lineno] = [""] * _height(node.body[0])
    kept = [line for line in lines if line.strip() and not line.lstrip().startswith("#")]
    return [re.sub(r'(raise NotImplementedError\(").+("\))', r"\1\2", line) for line in kept]


def _height(node: ast.stmt) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def examples(source: str) -> list[tuple[str, str]]:
    found = [each for told in docstrings(source) for each in doctest.DocTestParser().get_examples(told)]
    return [(ast.unparse(ast.parse(each.source)), each.want) for each in found]  # without comments


def cells(folder: Path, assignment: Assignment) -> Iterator[tuple[str, str, str]]:
    """Each cell of a notebook: id, kind, text."""
    for cell in json.loads((folder / f"{assignment.module}.ipynb").read_text(encoding="utf-8"))["cells"]:
        yield cell["id"], cell["cell_type"], "".join(cell["source"])


def said_of(text: str) -> str:
    return SHAPES.sub("", prose(text))


@ASSIGNMENTS
class TestKoreanStub:
    def test_its_code_is_the_course_s(self, assignment: Assignment) -> None:
        assert code(korean(assignment)) == code(english(assignment))

    def test_it_has_one_line_of_comment_for_each_of_the_course_s(self, assignment: Assignment) -> None:
        assert korean(assignment).count("    # 여기에 코드를 쓰십시오\n") == english(assignment).count(
            "# Your code here"
        )
        assert "Your code" not in korean(assignment)

    def test_its_examples_are_the_course_s(self, assignment: Assignment) -> None:
        assert examples(korean(assignment)) == examples(english(assignment)) != []

    def test_what_it_raises_is_korean(self, assignment: Assignment) -> None:
        """And known again as what the English stub raises."""
        raised = [
            re.findall(r'NotImplementedError\("(.+)"\)', source) for source in (korean(assignment), english(assignment))
        ]

        assert all(HANGUL.search(text) for text in raised[0])
        assert [unwritten(text) for text in raised[0]] == raised[1] != []

    def test_every_piece_is_korean(self, assignment: Assignment) -> None:
        """In its docstrings there are nowhere four English words in a row, apart from examples and ticks."""
        pieces = pieces_of(korean(assignment))

        assert [piece for piece in pieces if not HANGUL.search(piece)] == []
        assert [piece for piece in pieces if FOUR_WORDS.search(said_of(piece))] == []

    def test_it_has_the_pieces_and_headings_of_the_course_s(self, assignment: Assignment) -> None:
        """Arguments keep their names and order."""
        name = re.compile(r"^    ([a-z]\w*|\w+Error): |^(\w+):$", re.MULTILINE)

        assert len(pieces_of(korean(assignment))) == len(pieces_of(english(assignment)))
        assert [name.findall(told) for told in docstrings(korean(assignment))] == [
            name.findall(told) for told in docstrings(english(assignment))
        ]

    def test_it_keeps_to_the_glossary(self, assignment: Assignment) -> None:
        assert [word for word in AGAINST if word in korean(assignment)] == []

    def test_its_lines_fit(self, assignment: Assignment) -> None:
        """Into 88 columns, a letter of Hangul taking two; a summary may be wider, for it is one line."""
        summaries = {told.split("\n")[0] for told in docstrings(korean(assignment))}
        lines = [line for line in korean(assignment).split("\n") if line.strip().removeprefix('"""') not in summaries]

        assert [line for line in lines if columns(line) > 88 and "NotImplementedError" not in line] == []
        assert [line for line in summaries if columns(line) > 100] == []


def columns(line: str) -> int:
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in line)


@ASSIGNMENTS
class TestWorkingCopy:
    def test_in_english_it_is_the_course_s_to_the_byte(self, assignment: Assignment, tmp_path: Path) -> None:
        written = start_assignment(assignment, tmp_path)

        assert all(path.read_bytes() == (assignment.public / path.name).read_bytes() for path in written)

    def test_in_korean_stub_notebook_and_tests_differ(self, assignment: Assignment, tmp_path: Path) -> None:
        written = start_assignment(assignment, tmp_path, KOREAN)
        other = [path.name for path in written if path.read_bytes() != (assignment.public / path.name).read_bytes()]

        assert other == [f"{assignment.module}.py", f"{assignment.module}.ipynb", "test_public.py"]

    def test_the_korean_tests_differ_in_docstrings_only(self, assignment: Assignment, tmp_path: Path) -> None:
        start_assignment(assignment, tmp_path, KOREAN)
        said, text = (
            (folder / "test_public.py").read_text(encoding="utf-8") for folder in (tmp_path, assignment.public)
        )

        assert code(said) == code(text)
        assert [told for told in docstrings(said) if not HANGUL.search(told) or FOUR_WORDS.search(said_of(told))] == []

    def test_the_korean_notebook_holds_the_korean_stub(self, assignment: Assignment, tmp_path: Path) -> None:
        start_assignment(assignment, tmp_path, KOREAN)
        functions = [text for id, _, text in cells(tmp_path, assignment) if id.startswith("function-")]

        assert all(text in (tmp_path / f"{assignment.module}.py").read_text(encoding="utf-8") for text in functions)

    def test_the_korean_notebook_says_nothing_in_english(self, assignment: Assignment, tmp_path: Path) -> None:
        start_assignment(assignment, tmp_path, KOREAN)
        there = list(cells(tmp_path, assignment))
        comments = [
            line.strip()
            for id, _, text in there
            if id in ("install", "grade")
            for line in text.split("\n")
            if line.strip().startswith("#")
        ]
        (title,) = [text for id, _, text in there if id == "title"]

        assert len(comments) == 4
        assert [line for line in comments if not HANGUL.search(line)] == []
        assert not FOUR_WORDS.search(re.sub(r"\{.*\}", "", said_of(title)))
        assert "`README.ko.md`" in title
        assert "`# 여기에 코드를 쓰십시오`" in title

    def test_the_korean_notebook_s_code_is_the_course_s(self, assignment: Assignment, tmp_path: Path) -> None:
        start_assignment(assignment, tmp_path, KOREAN)

        for (id, kind, said), (same, _, text) in zip(
            cells(tmp_path, assignment), cells(assignment.public, assignment), strict=True
        ):
            assert id == same
            if id in ("install", "grade"):
                without = [
                    [line for line in each.split("\n") if not line.strip().startswith("#")] for each in (said, text)
                ]
                assert [line.replace("채점기를 설치합니다", "installing the grader") for line in without[0]] == without[
                    1
                ]
            elif kind == "code":
                assert code(said) == code(text)


def test_other_words_than_a_stub_s_are_the_student_s_own() -> None:
    for words in (
        "conv2d는 나중에",
        "conv2d를 아직 작성하지 않았습니다!",
        "아직 작성하지 않았습니다",
        "conv2d: later",
        "",
    ):
        assert unwritten(words) == words


@pytest.mark.parametrize("suffix", [".py", ".ipynb"])
@pytest.mark.parametrize("id", ["hw1", "hw2"])
def test_a_korean_stub_as_it_was_handed_out_is_not_attempted(id: str, suffix: str, tmp_path: Path) -> None:
    """With the feedback that the English one has: a report is kept in English."""
    assignment = next(each for each in COURSE.assignments if each.id == id)
    options = GradeOptions(student="s1", seed=1)
    reports = []
    for reader in (language("en"), KOREAN):
        folder = tmp_path / reader.code
        start_assignment(assignment, folder, reader)
        reports.append(grade_one(COURSE, assignment, folder / f"{assignment.module}{suffix}", options))
    before, after = ([(each.outcome, each.feedback) for each in report.results] for report in reports)

    assert {outcome for outcome, _ in after} == {Outcome.NOT_ATTEMPTED}
    assert after == before


def test_grade_start_takes_the_reader_s_language(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADE_LANG", "ko")
    done = CliRunner().invoke(app, ["start", "hw1", str(tmp_path / "work"), "--course", str(ROOT)])

    assert done.exit_code == 0
    assert "# 여기에 코드를 쓰십시오" in (tmp_path / "work/convolution.py").read_text(encoding="utf-8")


class TestPieces:
    STUB = (
        '"""Top.\n\nSee:\n\n    {"a": 1}\n"""\n\n\ndef f(x):\n    """Double x.\n\n    Args:\n        x: one\n'
        '            number.\n        y: two.\n\n    Example:\n        >>> f(1)  # one of many\n        2\n    """\n'
        "    # Your code here\n    raise NotImplementedError\n"
    )

    def test_an_item_is_a_piece_and_of_an_example_its_comment(self) -> None:
        assert pieces_of(self.STUB) == ["Top.", "See:", "Double x.", "x: one number.", "y: two.", "one of many"]

    @pytest.mark.parametrize("comment", ["log 2", "1, 2", "o_ENS = 2", "(0 + log 4) / 2"])
    def test_a_comment_of_numbers_is_no_piece(self, comment: str) -> None:
        assert pieces_of(self.STUB.replace("one of many", comment))[-1] == "y: two."

    def test_a_comment_is_said(self) -> None:
        assert translate_stub(self.STUB, lambda context, text: "여럿" if text == "one of many" else text) == (
            self.STUB.replace("one of many", "여럿")
        )

    def test_what_has_no_translation_stays(self) -> None:
        assert translate_stub(self.STUB, lambda context, text: text) == self.STUB

    def test_one_piece_alone_is_said(self) -> None:
        said = {"x: one number.": "x: 수 하나입니다."}

        assert translate_stub(self.STUB, lambda context, text: said.get(text, text)) == self.STUB.replace(
            "x: one\n            number.", "x: 수 하나입니다."
        )

    @pytest.mark.parametrize("said", ['"""', "\\n", 'the "end"'])
    def test_a_translation_that_would_break_the_docstring_is_not_taken(self, said: str) -> None:
        assert translate_stub('"""Top."""\n', lambda context, text: said) == '"""Top."""\n'

    def test_a_docstring_of_other_quotes_stays(self) -> None:
        assert translate_stub("'''Top.'''\n", lambda context, text: "위") == "'''Top.'''\n"

    def test_a_course_without_translations_hands_out_its_english(self, tmp_path: Path) -> None:
        course = read_course(write_course(tmp_path / "course"), secret=None)
        assignment = replace(course.assignments[0])
        (assignment.public / "ko.po").unlink(missing_ok=True)
        stub = english(assignment)

        assert (
            translate_stub(stub, KOREAN.of(assignment).term).replace("여기에 코드를 쓰십시오", "Your code here") == stub
        )


def test_both_files_untouched_are_the_stub_in_korean_too(tmp_path: Path) -> None:
    """Else a student who wrote in one of them would be asked which counts."""
    assignment = COURSE.assignments[0]
    start_assignment(assignment, tmp_path / "work", language("ko"))

    assert read_submission(tmp_path / "work", assignment, trusted_path=True).source
