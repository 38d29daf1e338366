"""Intake from a path to a Submission: what students hand in, what they meant, and what an attacker would."""

import errno
import io
import json
import os
import socket
import subprocess
import sys
import tempfile
import unicodedata
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from grader.errors import SubmissionRejected, UsageError
from grader.intake.candidates import plain_stem
from grader.intake.filetree import IntakeLimits
from grader.intake.folders import HAS_DESCRIPTORS, Folder, read_file
from grader.records import Assignment, SourceLine, Submission
from grader.submission import find_submission, read_submission
from tests.builders import make_assignment

STUB = '"""Convolution."""\n\n\ndef conv2d(x, w, b):\n    raise NotImplementedError("conv2d is not written yet")\n'
CODE = "import numpy as np\n\n\ndef conv2d(x, w, b):\n    return x\n\n\ndef output_shape(n):\n    return n\n"
OTHER = "def conv2d(x, w, b):\n    return w\n"

posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX only")


def make_notebook(*cells: str) -> str:
    made: list[dict[str, Any]] = [
        {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, "source": cell} for cell in cells
    ]
    return json.dumps({"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 4})


@pytest.fixture
def assignment(tmp_path: Path) -> Assignment:
    public = tmp_path / "course" / "hw01_convolution"
    public.mkdir(parents=True)
    (public / "convolution.py").write_text(STUB, encoding="utf-8")
    (public / "convolution.ipynb").write_text(make_notebook(STUB), encoding="utf-8")
    return make_assignment(public=public)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "student"
    path.mkdir()
    return path


def fill(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def pack(files: Mapping[str, str | bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def told(submission: Submission) -> str:
    return "\n".join(f"{notice.where}: {notice.text}" for notice in submission.notices)


def refusal(path: Path, assignment: Assignment, **options: object) -> SubmissionRejected:
    with pytest.raises(SubmissionRejected) as caught:
        read_submission(path, assignment, **options)  # type: ignore[arg-type]
    assert caught.value.where
    assert caught.value.fix
    return caught.value


class TestOneFile:
    def test_a_python_file_is_read_as_it_is(self, assignment: Assignment, folder: Path) -> None:
        path = fill(folder, {"convolution.py": CODE}) / "convolution.py"
        submission = read_submission(path, assignment)

        assert submission.source == CODE
        assert submission.lines[2] == SourceLine(line=3)
        assert len(submission.lines) == CODE.count("\n")
        assert (submission.name, submission.path) == ("convolution.py", path)
        assert not submission.notices

    def test_a_notebook_remembers_its_cells(self, assignment: Assignment, folder: Path) -> None:
        fill(folder, {"convolution.ipynb": make_notebook("import numpy as np", OTHER)})
        submission = read_submission(folder / "convolution.ipynb", assignment)

        assert submission.source == "import numpy as np\n" + OTHER + "\n"
        assert submission.place(3) == "cell 2, line 2"
        assert not submission.notices

    def test_the_last_line_may_lack_its_end(self, assignment: Assignment, folder: Path) -> None:
        fill(folder, {"convolution.py": CODE.rstrip("\n")})

        assert read_submission(folder / "convolution.py", assignment).source == CODE

    @pytest.mark.parametrize(
        "name", ["convolution (1).py", "Convolution.py", "convolution - Copy.py", "convolution.PY"]
    )
    def test_a_name_that_a_browser_changed_needs_no_word(self, assignment: Assignment, folder: Path, name: str) -> None:
        fill(folder, {name: CODE})

        assert read_submission(folder / name, assignment).source == CODE

    def test_another_name_is_told(self, assignment: Assignment, folder: Path) -> None:
        fill(folder, {"hw1_kim.py": CODE})

        assert "`hw1_kim.py` was taken for `convolution.py`" in told(read_submission(folder / "hw1_kim.py", assignment))

    def test_a_file_without_any_of_the_functions_is_told(self, assignment: Assignment, folder: Path) -> None:
        fill(folder, {"convolution.py": "def max_pool2d(x):\n    return x\n"})

        assert "none of hw1's functions" in told(read_submission(folder / "convolution.py", assignment))

    @pytest.mark.parametrize(
        ("name", "content"),
        [
            ("convolution.txt", CODE),
            ("convolution", CODE),
            ("convolution.ipynb", CODE),
            ("convolution.py", make_notebook(CODE)),
            ("convolution.ipynb.json", make_notebook(CODE)),
        ],
    )
    def test_the_content_counts_and_a_wrong_ending_is_told(
        self, assignment: Assignment, folder: Path, name: str, content: str
    ) -> None:
        submission = read_submission(fill(folder, {name: content}) / name, assignment)

        assert "def conv2d" in submission.source
        assert "whatever its ending" in told(submission)

    def test_an_empty_file_is_refused(self, assignment: Assignment, folder: Path) -> None:
        fill(folder, {"convolution.py": ""})

        assert "empty" in refusal(folder / "convolution.py", assignment).what

    @pytest.mark.parametrize("content", ["\n", "   \n\t\n", "# Nothing yet\n"])
    def test_blank_lines_and_comments_are_not_attempted_rather_than_refused(
        self, assignment: Assignment, folder: Path, content: str
    ) -> None:
        fill(folder, {"convolution.py": content})

        assert read_submission(folder / "convolution.py", assignment).source == content

    @pytest.mark.parametrize("content", ["x = '" + "a" * 2_000_000 + "'", "x = 1\n" * 200_000, "\n" * 60_000])
    def test_a_file_over_the_limits_is_refused(self, assignment: Assignment, folder: Path, content: str) -> None:
        fill(folder, {"convolution.py": content})

        assert " than " in refusal(folder / "convolution.py", assignment).what

    def test_ten_megabytes_in_one_line_are_refused_unparsed(self, assignment: Assignment, folder: Path) -> None:
        fill(folder, {"convolution.py": "x = [" + "1," * 5_000_000 + "]"})

        assert "larger than" in refusal(folder / "convolution.py", assignment).what

    def test_code_that_nests_too_deeply_is_refused(self, assignment: Assignment, folder: Path) -> None:
        fill(folder, {"convolution.py": "x = " + "-" * 100_000 + "1\n"})

        assert "nests too deeply" in refusal(folder / "convolution.py", assignment).what

    @pytest.mark.parametrize(
        ("magic", "kind"),
        [(b"Rar!\x1a\x07", "RAR"), (b"7z\xbc\xaf\x27\x1c", "7z"), (b"\x1f\x8b\x08", "gzip"), (b"EGGA", "EGG")],
    )
    def test_other_archives_are_named(self, assignment: Assignment, folder: Path, magic: bytes, kind: str) -> None:
        fill(folder, {"hw1.zip": magic + b"\0" * 100})

        assert f"a {kind} archive" in refusal(folder / "hw1.zip", assignment).what

    def test_a_path_that_does_not_exist_gets_a_suggestion(self, assignment: Assignment, folder: Path) -> None:
        fill(folder, {"convolution.py": CODE})
        with pytest.raises(UsageError) as caught:
            read_submission(folder / "convolutoin.py", assignment)

        assert caught.value.fix == "did you mean `convolution.py`?"

    @pytest.mark.parametrize("name", ["no/such/folder/x.py", "x" * 5_000, "a\0b", "a\nb\x1b[31m"])
    def test_no_name_at_all_crashes_or_reaches_the_terminal(
        self, assignment: Assignment, folder: Path, name: str
    ) -> None:
        with pytest.raises(UsageError) as caught:
            read_submission(folder / name, assignment)

        assert "\x1b" not in str(caught.value)


class TestEncodings:
    KOREAN = "# 합성곱 과제\ndef conv2d(x):\n    '''필터'''\n    return x\n"

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
    def test_unicode_needs_no_word(self, assignment: Assignment, folder: Path, encoding: str) -> None:
        fill(folder, {"convolution.py": self.KOREAN.encode(encoding)})
        submission = read_submission(folder / "convolution.py", assignment)

        assert submission.source == self.KOREAN
        assert not submission.notices

    @pytest.mark.parametrize("mark", [b"\xff\xfe", b"\xfe\xff"])
    def test_utf16_of_either_order(self, assignment: Assignment, folder: Path, mark: bytes) -> None:
        order = "utf-16-le" if mark == b"\xff\xfe" else "utf-16-be"
        fill(folder, {"convolution.py": mark + self.KOREAN.encode(order)})

        assert read_submission(folder / "convolution.py", assignment).source == self.KOREAN

    def test_cp949_is_told(self, assignment: Assignment, folder: Path) -> None:
        fill(folder, {"convolution.py": self.KOREAN.encode("cp949")})
        submission = read_submission(folder / "convolution.py", assignment)

        assert submission.source == self.KOREAN
        assert "CP949" in told(submission)

    @pytest.mark.parametrize(
        ("cookie", "encoding"), [("cp949", "cp949"), ("euc-kr", "euc-kr"), ("utf-8", "utf-8"), ("latin-1", "latin-1")]
    )
    def test_a_cookie_is_honoured(self, assignment: Assignment, folder: Path, cookie: str, encoding: str) -> None:
        text = f"# -*- coding: {cookie} -*-\n# {'é' if encoding == 'latin-1' else '과제'}\n{OTHER}"
        fill(folder, {"convolution.py": text.encode(encoding)})
        submission = read_submission(folder / "convolution.py", assignment)

        assert submission.source == text
        assert not submission.notices

    @pytest.mark.parametrize("cookie", ["utf-8", "rot13", "no-such-thing", "utf-7", "idna", "zlib"])
    def test_a_cookie_that_is_wrong_or_odd_is_not_believed(
        self, assignment: Assignment, folder: Path, cookie: str
    ) -> None:
        text = f"# coding: {cookie}\n{self.KOREAN}"
        fill(folder, {"convolution.py": text.encode("cp949")})

        assert read_submission(folder / "convolution.py", assignment).source == text

    @pytest.mark.parametrize("end", ["\r\n", "\r"])
    def test_line_ends_become_newlines(self, assignment: Assignment, folder: Path, end: str) -> None:
        fill(folder, {"convolution.py": CODE.replace("\n", end)})

        assert read_submission(folder / "convolution.py", assignment).source == CODE

    def test_a_few_bytes_of_rubbish_cost_a_notice(self, assignment: Assignment, folder: Path) -> None:
        fill(folder, {"convolution.py": b"# caf\xff\n" + self.KOREAN.encode()})
        submission = read_submission(folder / "convolution.py", assignment)

        assert submission.source.endswith(self.KOREAN)
        assert "belong to no encoding" in told(submission)

    @pytest.mark.parametrize("data", [bytes(range(256)) * 40, b"\x7fELF" + b"\0" * 1_000, b"\xff\xfe\0", b"d\0e\0f\0"])
    def test_what_is_no_text_is_refused(self, assignment: Assignment, folder: Path, data: bytes) -> None:
        fill(folder, {"convolution.py": data})

        assert "no text" in refusal(folder / "convolution.py", assignment).what


class TestChoosing:
    def test_the_assignment_s_name_wins(self, assignment: Assignment, folder: Path) -> None:
        fill(folder, {"convolution.py": CODE, "notes.py": OTHER, "a.py": OTHER})

        assert read_submission(folder, assignment).source == CODE

    @pytest.mark.parametrize(
        "name",
        [
            "convolution (1).py",
            "convolution(2).ipynb",
            "Convolution.py",
            "convolution_copy.py",
            "convolution-1.py",
            "convolution - 복사본.py",
            unicodedata.normalize("NFD", "convolution 사본.py"),
            "Copy of convolution.ipynb",
        ],
    )
    def test_a_changed_name_is_known_and_told(self, assignment: Assignment, folder: Path, name: str) -> None:
        content = make_notebook(CODE) if name.endswith("ipynb") else CODE
        fill(folder, {name: content, "other.py": "x = 1\n"})
        submission = read_submission(folder, assignment)

        assert "def conv2d" in submission.source
        assert "its name is the nearest" in told(submission)

    @pytest.mark.parametrize("name", ["hw1.py", "hw1_kim.ipynb", "final_really.py", "untitled.py", "과제1.py"])
    def test_the_only_file_is_taken_and_told(self, assignment: Assignment, folder: Path, name: str) -> None:
        fill(folder, {name: make_notebook(OTHER) if name.endswith("ipynb") else OTHER, "README.md": "# Hello"})
        submission = read_submission(folder, assignment)

        assert "def conv2d" in submission.source
        assert "was taken for" in told(submission)

    def test_the_only_file_is_taken_even_without_the_functions(self, assignment: Assignment, folder: Path) -> None:
        fill(folder, {"hw1.py": "x = 1\n"})

        assert "only Python file" in told(read_submission(folder, assignment))

    def test_the_file_with_the_functions_wins_over_one_without(self, assignment: Assignment, folder: Path) -> None:
        fill(folder, {"hw1.py": CODE, "helpers.py": "def pad(x):\n    return x\n"})

        assert read_submission(folder, assignment).name == "hw1.py"

    def test_the_file_with_more_of_the_functions_wins(self, assignment: Assignment, folder: Path) -> None:
        fill(folder, {"a.py": OTHER, "work.ipynb": make_notebook(CODE)})

        assert read_submission(folder, assignment).name == "work.ipynb"

    @pytest.mark.parametrize(
        "files",
        [
            {"a.py": OTHER, "b.py": OTHER + "# more\n"},
            {"convolution (1).py": CODE, "convolution (2).py": OTHER},
            {"a/convolution.py": CODE, "b/convolution.py": OTHER},
            {"x.py": "x = 1\n", "y.py": "y = 1\n"},
        ],
    )
    def test_of_two_equal_files_neither_is_taken(
        self, assignment: Assignment, folder: Path, files: dict[str, str]
    ) -> None:
        error = refusal(fill(folder, files), assignment)

        assert all(f"`{name}`" in error.what for name in files)
        assert "grade hw1" in error.fix

    def test_of_script_and_notebook_the_one_that_was_worked_on_counts(
        self, assignment: Assignment, folder: Path
    ) -> None:
        fill(folder, {"convolution.py": STUB, "convolution.ipynb": make_notebook(CODE)})
        assert read_submission(folder, assignment).name == "convolution.ipynb"

        fill(folder, {"convolution.py": CODE, "convolution.ipynb": make_notebook(STUB)})
        assert read_submission(folder, assignment).name == "convolution.py"

    def test_an_editor_s_changes_are_no_work(self, assignment: Assignment, folder: Path) -> None:
        resaved = STUB.replace("\n", "  \r\n") + "\r\n\r\n"
        fill(folder, {"convolution.py": resaved, "convolution.ipynb": make_notebook(CODE)})

        assert read_submission(folder, assignment).name == "convolution.ipynb"

    def test_script_and_notebook_both_worked_on_are_equal(self, assignment: Assignment, folder: Path) -> None:
        fill(folder, {"convolution.py": CODE, "convolution.ipynb": make_notebook(OTHER)})

        assert "`convolution.ipynb`, `convolution.py`" in refusal(folder, assignment).what

    def test_both_untouched_are_the_script(self, assignment: Assignment, folder: Path) -> None:
        fill(folder, {"convolution.py": STUB, "convolution.ipynb": make_notebook(STUB)})

        assert read_submission(folder, assignment).name == "convolution.py"

    def test_an_untouched_stub_does_not_stand_before_the_work(self, assignment: Assignment, folder: Path) -> None:
        fill(folder, {"convolution.py": STUB, "convolution (1).py": CODE})
        submission = read_submission(folder, assignment)

        assert submission.name == "convolution (1).py"

    def test_what_was_passed_over_is_told(self, assignment: Assignment, folder: Path) -> None:
        fill(folder, {"convolution.py": CODE, "convolution (1).py": OTHER})

        assert "`convolution (1).py` was not graded" in told(read_submission(folder, assignment))

    @pytest.mark.parametrize(
        "name",
        ["test_convolution.py", "conftest.py", "setup.py", "numpy.py", "sitecustomize.py", "typing.py", "__init__.py"],
    )
    def test_files_that_have_no_business_here_are_no_candidates(
        self, assignment: Assignment, folder: Path, name: str
    ) -> None:
        fill(folder, {name: CODE, "hw1.py": OTHER, "pytest.ini": "[pytest]\n"})
        submission = read_submission(folder, assignment)

        assert submission.name == "hw1.py"
        assert not submission.companions

    def test_they_are_taken_where_they_alone_hold_the_functions(self, assignment: Assignment, folder: Path) -> None:
        fill(folder, {"test_hw1.py": CODE})

        assert "alone holds" in told(read_submission(folder, assignment))

    def test_a_wrong_ending_in_a_folder_is_found(self, assignment: Assignment, folder: Path) -> None:
        fill(folder, {"convolution.py.txt": CODE, "notes.txt": "to do"})

        assert read_submission(folder, assignment).source == CODE

    def test_one_nested_folder_is_looked_into(self, assignment: Assignment, folder: Path) -> None:
        fill(folder, {"hw1_kim/convolution.py": CODE, "__MACOSX/hw1_kim/._convolution.py": b"\0\5\x16\7"})

        assert read_submission(folder, assignment).source == CODE

    def test_the_nearer_of_two_is_taken_and_told(self, assignment: Assignment, folder: Path) -> None:
        fill(folder, {"convolution.py": CODE, "old/convolution.py": OTHER})
        submission = read_submission(folder, assignment)

        assert submission.source == CODE
        assert "old/convolution.py" in told(submission)

    @pytest.mark.parametrize("files", [{}, {"data.csv": "1,2\n"}, {".DS_Store": b"\0"}, {"notes.txt": "to do"}])
    def test_a_folder_with_nothing_to_grade_is_refused(
        self, assignment: Assignment, folder: Path, files: dict[str, str]
    ) -> None:
        assert "`convolution.py`" in refusal(fill(folder, files), assignment).fix

    def test_a_folder_with_too_many_files_is_refused(self, assignment: Assignment, folder: Path) -> None:
        fill(folder, {f"{n % 3}/f{n}.csv": "" for n in range(30)})

        assert "more than 20 files" in refusal(folder, assignment, limits=IntakeLimits(files=20)).what

    def test_names_are_compared_without_what_copies_add(self) -> None:
        for name in ("convolution (12) (1).py", "CONVOLUTION.IPYNB", "convolution_v2.py", "convolution.py.txt"):
            assert plain_stem(name) == "convolution"
        assert plain_stem("deconvolution.py") != "convolution"


class TestArchivesAsSubmissions:
    def test_a_zip_is_a_folder(self, assignment: Assignment, folder: Path) -> None:
        files: dict[str, str | bytes] = {
            "hw1/convolution.py": CODE,
            "hw1/helpers.py": "y = 2\n",
            "__MACOSX/hw1/._convolution.py": b"\0",
        }
        fill(folder, {"hw1.zip": pack(files)})
        submission = read_submission(folder / "hw1.zip", assignment)

        assert submission.source == CODE
        assert submission.companions == {"helpers": "y = 2\n"}
        assert not submission.notices

    def test_a_folder_around_one_zip_is_that_zip(self, assignment: Assignment, folder: Path) -> None:
        fill(folder, {"hw1.zip": pack({"convolution.py": CODE}), "comment.txt": "late"})

        assert read_submission(folder, assignment).source == CODE

    def test_a_zip_in_a_zip_is_refused_and_named(self, assignment: Assignment, folder: Path) -> None:
        fill(folder, {"42.zip": pack({"lib 0.zip": pack({"convolution.py": CODE})})})

        assert "`lib 0.zip`" in refusal(folder / "42.zip", assignment).what

    def test_korean_names_in_nfd_are_shown_in_nfc(self, assignment: Assignment, folder: Path) -> None:
        fill(folder, {"과제.zip": pack({unicodedata.normalize("NFD", "합성곱.py"): CODE})})

        assert read_submission(folder / "과제.zip", assignment).name == "합성곱.py"

    def test_a_bomb_costs_nothing_and_is_refused(self, assignment: Assignment, folder: Path) -> None:
        fill(folder, {"hw1.zip": pack({"convolution.py": b" " * (50 << 20)})})

        assert "times its packed size" in refusal(folder / "hw1.zip", assignment).what

    def test_a_zip_under_another_name_is_a_zip(self, assignment: Assignment, folder: Path) -> None:
        fill(folder, {"convolution.py": pack({"convolution.py": CODE})})

        assert read_submission(folder / "convolution.py", assignment).source == CODE


class TestCompanions:
    def test_modules_beside_the_file_come_along(self, assignment: Assignment, folder: Path) -> None:
        files = {"convolution.py": CODE, "helpers.py": "a = 1\n", "my-notes.py": "b = 1\n", "sub/deep.py": "c = 1\n"}
        for path in (fill(folder, files), folder / "convolution.py"):
            assert read_submission(path, assignment).companions == {"helpers": "a = 1\n"}

    def test_a_file_under_its_own_name_stands_alone(self, assignment: Assignment, folder: Path) -> None:
        """In a folder of everybody's files, `import lee` would read another submission."""
        fill(folder, {"kim.py": OTHER + "import lee\n", "lee.py": CODE, "convolution.py": CODE})

        assert not read_submission(folder / "kim.py", assignment).companions
        assert not read_submission(folder / "convolution.py", assignment, trusted_path=False).companions

    @pytest.mark.parametrize(
        "name", ["json", "numpy", "pytest", "grader", "conftest", "test_x", "class-1", "convolution"]
    )
    def test_no_companion_shadows_a_module(self, assignment: Assignment, folder: Path, name: str) -> None:
        fill(folder, {"convolution.ipynb": make_notebook(CODE), f"{name}.py": STUB})

        assert not read_submission(folder, assignment).companions

    def test_their_number_and_size_are_bounded(self, assignment: Assignment, folder: Path) -> None:
        files = {"convolution.py": CODE, **{f"m{n:02}": "" for n in range(3)}, "big.py": "x" * 2_000_000}
        fill(folder, {**files, **{f"n{n:02}.py": "x = 1\n" for n in range(30)}})
        companions = read_submission(folder, assignment).companions

        assert len(companions) <= IntakeLimits().companions
        assert "big" not in companions

    def test_one_that_is_no_text_is_left_out_and_told(self, assignment: Assignment, folder: Path) -> None:
        fill(folder, {"convolution.py": CODE, "helpers.py": bytes(range(256)) * 20})
        submission = read_submission(folder, assignment)

        assert not submission.companions
        assert "`helpers.py` cannot be imported" in told(submission)


class TestSyntaxErrors:
    BROKEN = "def conv2d(x):\n    return (x\n\n\ndef output_shape(n):\n    return n\n"

    def test_a_broken_function_is_set_aside_with_its_place(self, assignment: Assignment, folder: Path) -> None:
        fill(folder, {"convolution.py": self.BROKEN})
        submission = read_submission(folder / "convolution.py", assignment)

        assert submission.set_aside == {"conv2d": "convolution.py, line 2: '(' was never closed"}
        assert submission.source == "\n\n\n\ndef output_shape(n):\n    return n\n"
        assert "`conv2d` was set aside" in told(submission)

    def test_in_a_notebook_the_cell_is_named(self, assignment: Assignment, folder: Path) -> None:
        fill(
            folder,
            {"convolution.ipynb": make_notebook("x = [1,", "def conv2d(x)\n    return x\n", CODE.split("\n\n\n")[2])},
        )
        submission = read_submission(folder / "convolution.ipynb", assignment)

        assert submission.set_aside["conv2d"].startswith("cell 2, line 1: expected ':'")
        assert "def output_shape" in submission.source

    def test_a_course_may_switch_it_off(self, assignment: Assignment, folder: Path) -> None:
        strict = make_assignment(public=assignment.public, recover_syntax=False)
        error = refusal(fill(folder, {"convolution.py": self.BROKEN}) / "convolution.py", strict)

        assert error.what == "syntax error: '(' was never closed"
        assert error.where == "convolution.py, line 2"

    def test_a_file_of_which_nothing_is_left_is_refused(self, assignment: Assignment, folder: Path) -> None:
        fill(folder, {"convolution.py": "<html>\n<body>Log in to continue</body>\n</html>\n"})

        assert "syntax error" in refusal(folder / "convolution.py", assignment).what

    def test_a_broken_copy_of_a_function_does_not_take_the_whole_one(
        self, assignment: Assignment, folder: Path
    ) -> None:
        fill(folder, {"convolution.py": CODE + "\n\ndef conv2d(x):\n    return (x\n"})
        submission = read_submission(folder / "convolution.py", assignment)

        assert not submission.set_aside
        assert "`conv2d` was set aside" in told(submission)

    def test_of_two_definitions_the_last_wins_and_both_places_are_told(
        self, assignment: Assignment, folder: Path
    ) -> None:
        fill(folder, {"convolution.ipynb": make_notebook(OTHER, CODE)})
        submission = read_submission(folder / "convolution.ipynb", assignment)

        assert "cell 2, line 4: `conv2d` is defined 2 times" in told(submission)
        assert "cell 1, line 1" in told(submission)

    def test_notices_are_bounded(self, assignment: Assignment, folder: Path) -> None:
        fill(folder, {"convolution.py": CODE + "".join(f"x{n} = = 1\n\n\ny{n} = 1\n" for n in range(100))})

        assert len(read_submission(folder / "convolution.py", assignment).notices) == 21

    def test_a_cascade_is_told_once(self, assignment: Assignment, folder: Path) -> None:
        fill(folder, {"convolution.py": "<<<<<<< HEAD\n=======\n>>>>>>> x\n" + CODE})

        assert len(read_submission(folder / "convolution.py", assignment).notices) == 1


class TestDigest:
    def test_the_name_is_no_part_of_it(self, assignment: Assignment, folder: Path) -> None:
        fill(folder, {"a.py": CODE, "b.py": CODE, "c.py": CODE + "\n"})
        digests = [read_submission(folder / name, assignment).digest for name in ("a.py", "b.py", "c.py")]

        assert digests[0] == digests[1] != digests[2]
        assert len(digests[0]) == 64

    def test_companions_are_part_of_it(self, assignment: Assignment, folder: Path) -> None:
        fill(folder, {"convolution.py": CODE, "helpers.py": "x = 1\n"})
        before = read_submission(folder, assignment).digest
        fill(folder, {"helpers.py": "x = 2\n"})

        assert read_submission(folder, assignment).digest != before

    def test_what_is_set_aside_is_part_of_it(self, assignment: Assignment, folder: Path) -> None:
        fill(folder, {"a.py": "def conv2d(:\n    x\n" + CODE, "b.py": "def conv2d(:\n    y\n" + CODE})

        assert (
            read_submission(folder / "a.py", assignment).digest != read_submission(folder / "b.py", assignment).digest
        )


class TestFinding:
    def test_the_file_here(self, assignment: Assignment, folder: Path) -> None:
        fill(folder, {"convolution.ipynb": make_notebook(CODE)})

        assert find_submission(assignment, folder) == folder / "convolution.ipynb"

    def test_of_the_pair_the_one_that_was_worked_on(self, assignment: Assignment, folder: Path) -> None:
        fill(folder, {"convolution.py": STUB, "convolution.ipynb": make_notebook(CODE)})

        assert find_submission(assignment, folder) == folder / "convolution.ipynb"

    def test_a_pair_that_was_worked_on_is_refused(self, assignment: Assignment, folder: Path) -> None:
        fill(folder, {"convolution.py": OTHER, "convolution.ipynb": make_notebook(CODE)})
        with pytest.raises(SubmissionRejected, match="2 files"):
            find_submission(assignment, folder)

    @pytest.mark.parametrize("name", ["hw01_convolution", "hw1", "hw01"])
    def test_a_folder_of_the_assignment_s_name(self, assignment: Assignment, folder: Path, name: str) -> None:
        (folder / name).mkdir()

        assert find_submission(assignment, folder) == folder / name

    def test_nothing(self, assignment: Assignment, folder: Path) -> None:
        assert find_submission(assignment, fill(folder, {"other.py": CODE, "hw1": "a file"})) is None


@posix
class TestLinksAndSpecialFiles:
    def test_a_link_in_a_folder_is_never_followed(self, assignment: Assignment, folder: Path, tmp_path: Path) -> None:
        secret = fill(tmp_path, {"secret.py": "def conv2d(x):\n    return 'the reference'\n"}) / "secret.py"
        (folder / "convolution.py").symlink_to(secret)
        error = refusal(folder, assignment)

        assert "link" in error.what
        assert "convolution.py" in error.where

    def test_a_linked_folder_is_never_entered(self, assignment: Assignment, folder: Path, tmp_path: Path) -> None:
        fill(tmp_path / "solutions", {"convolution.py": CODE})
        (folder / "hw1").symlink_to(tmp_path / "solutions", target_is_directory=True)

        assert "convolution.py" in refusal(folder, assignment).fix

    def test_a_linked_companion_is_left_out(self, assignment: Assignment, folder: Path, tmp_path: Path) -> None:
        fill(tmp_path, {"secret.py": "x = 1\n"})
        fill(folder, {"convolution.py": CODE})
        (folder / "helpers.py").symlink_to(tmp_path / "secret.py")

        assert not read_submission(folder, assignment).companions

    def test_a_link_that_the_user_names_is_followed(self, assignment: Assignment, folder: Path, tmp_path: Path) -> None:
        fill(tmp_path / "real", {"convolution.py": CODE})
        (folder / "convolution.py").symlink_to(tmp_path / "real" / "convolution.py")
        (folder / "hw1").symlink_to(tmp_path / "real", target_is_directory=True)

        assert read_submission(folder / "convolution.py", assignment).source == CODE
        assert read_submission(folder / "hw1", assignment).source == CODE

    def test_a_link_among_students_files_is_not(self, assignment: Assignment, folder: Path, tmp_path: Path) -> None:
        fill(tmp_path / "real", {"convolution.py": CODE})
        (folder / "kim.py").symlink_to(tmp_path / "real" / "convolution.py")
        (folder / "lee").symlink_to(tmp_path / "real", target_is_directory=True)

        assert "link" in refusal(folder / "kim.py", assignment, trusted_path=False).what
        assert "link" in refusal(folder / "lee", assignment, trusted_path=False).what

    @pytest.mark.parametrize("trusted", [True, False])
    def test_a_dangling_link_and_a_ring_are_refused(self, assignment: Assignment, folder: Path, trusted: bool) -> None:
        (folder / "dangling.py").symlink_to("nowhere.py")
        (folder / "ring.py").symlink_to("ring.py")
        for name in ("dangling.py", "ring.py"):
            refusal(folder / name, assignment, trusted_path=trusted)

    @pytest.mark.parametrize("trusted", [True, False])
    def test_a_pipe_a_socket_and_a_device_are_refused_at_once(
        self, assignment: Assignment, folder: Path, trusted: bool, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        os.mkfifo(folder / "convolution.py")
        monkeypatch.chdir(folder)  # the path of a socket is short
        with socket.socket(socket.AF_UNIX) as server:
            server.bind("socket.py")
            for path in (folder / "convolution.py", folder / "socket.py", Path("/dev/zero"), folder):
                refusal(path, assignment, trusted_path=trusted)

    def test_a_file_without_permission_is_refused(self) -> None:
        """In a child, because root reads everything and must first become somebody else for good."""
        code = (
            "import os, sys; from pathlib import Path; from grader.intake.folders import read_file, Folder\n"
            "from grader.errors import SubmissionRejected; from grader.intake.filetree import DEFAULT_LIMITS\n"
            "os.getuid() or os.setuid(65534)\n"
            "for read in (lambda: read_file(Path(sys.argv[1], 'convolution.py'), 9),\n"
            "             lambda: Folder(Path(sys.argv[1], 'closed'), DEFAULT_LIMITS).__enter__()):\n"
            "    try: read()\n"
            "    except SubmissionRejected as error: print(error.what)\n"
        )
        # Not below pytest's own temporary folder, which is closed to others.
        with tempfile.TemporaryDirectory() as name:
            folder = fill(Path(name), {"convolution.py": CODE, "closed/convolution.py": CODE})
            folder.chmod(0o755)
            (folder / "convolution.py").chmod(0)
            (folder / "closed").chmod(0)
            command = [sys.executable, "-c", code, str(folder)]
            root = Path(__file__).parents[1]
            done = subprocess.run(command, capture_output=True, text=True, cwd=root, check=False)
            (folder / "closed").chmod(0o700)

        assert done.stdout.count("Permission denied") == 2, done.stderr


@posix
@pytest.mark.parametrize("portable", [False, True], ids=["by descriptor", "by path"])
class TestBothWaysToReadAFolder:
    """Windows has no descriptors of folders; its way is tested here too."""

    LIMITS = IntakeLimits(files=100)

    def test_files_are_listed_and_read(self, folder: Path, portable: bool) -> None:
        fill(folder, {"b.py": "b", "a.py": "a", "sub/c.py": "c", ".hidden": "x"})
        with Folder(folder, self.LIMITS, portable=portable) as tree:
            assert [entry.path for entry in tree.entries] == ["a.py", "b.py", "sub/c.py"]
            assert [tree.read(entry, 10) for entry in tree.entries] == [b"a", b"b", b"c"]

    def test_a_file_swapped_for_a_link_is_not_read(self, folder: Path, tmp_path: Path, portable: bool) -> None:
        fill(tmp_path, {"secret": "secret"})
        fill(folder, {"a.py": "a"})
        with Folder(folder, self.LIMITS, portable=portable) as tree:
            (folder / "a.py").unlink()
            (folder / "a.py").symlink_to(tmp_path / "secret")
            with pytest.raises(SubmissionRejected, match="link"):
                tree.read(tree.entries[0], 100)

    def test_a_folder_swapped_for_a_link_is_not_entered(self, folder: Path, tmp_path: Path, portable: bool) -> None:
        fill(tmp_path, {"secret/c.py": "secret"})
        fill(folder, {"sub/c.py": "c"})
        with Folder(folder, self.LIMITS, portable=portable) as tree:
            (folder / "sub").rename(folder / "old")
            (folder / "sub").symlink_to(tmp_path / "secret", target_is_directory=True)
            with pytest.raises(SubmissionRejected):
                tree.read(tree.entries[0], 100)

    def test_a_file_swapped_for_a_pipe_does_not_hang(self, folder: Path, portable: bool) -> None:
        fill(folder, {"a.py": "a"})
        with Folder(folder, self.LIMITS, portable=portable) as tree:
            (folder / "a.py").unlink()
            os.mkfifo(folder / "a.py")
            with pytest.raises(SubmissionRejected, match="plain file"):
                tree.read(tree.entries[0], 100)

    def test_a_file_that_grew_is_refused(self, folder: Path, portable: bool) -> None:
        fill(folder, {"a.py": "a"})
        with Folder(folder, self.LIMITS, portable=portable) as tree:
            fill(folder, {"a.py": "a" * 200})
            with pytest.raises(SubmissionRejected, match="larger than 100 bytes"):
                tree.read(tree.entries[0], 100)

    def test_links_and_special_files_are_listed_as_such(self, folder: Path, portable: bool) -> None:
        (folder / "link.py").symlink_to("/etc/passwd")
        os.mkfifo(folder / "pipe.py")
        with Folder(folder, self.LIMITS, portable=portable) as tree:
            assert [entry.link for entry in tree.entries] == [True, True]
            for entry in tree.entries:
                with pytest.raises(SubmissionRejected):
                    tree.read(entry, 10)

    def test_depth_is_bounded(self, folder: Path, portable: bool) -> None:
        fill(folder, {"1/2/3/in.py": "", "1/2/3/4/out.py": ""})
        with Folder(folder, self.LIMITS, portable=portable) as tree:
            assert [entry.name for entry in tree.entries] == ["in.py"]

    def test_the_root_may_be_a_link_only_where_that_is_allowed(
        self, folder: Path, tmp_path: Path, portable: bool
    ) -> None:
        (tmp_path / "link").symlink_to(folder, target_is_directory=True)
        with Folder(tmp_path / "link", self.LIMITS, portable=portable):
            pass
        with pytest.raises(SubmissionRejected), Folder(tmp_path / "link", self.LIMITS, follow=False, portable=portable):
            pass

    def test_no_descriptor_is_left_open(self, folder: Path, portable: bool) -> None:
        fill(folder, {"a.py": "a", "sub/c.py": "c"})
        (folder / "sub" / "link.py").symlink_to("c.py")
        before = len(os.listdir("/dev/fd"))  # noqa: PTH208 - a folder of the system
        with Folder(folder, self.LIMITS, portable=portable) as tree:
            for entry in tree.entries:
                try:
                    tree.read(entry, 0)
                except SubmissionRejected:
                    continue
        with pytest.raises(SubmissionRejected), Folder(folder, IntakeLimits(files=1), portable=portable):
            pass

        assert len(os.listdir("/dev/fd")) == before  # noqa: PTH208


@posix
def test_a_name_that_is_no_unicode_is_read_and_shown(assignment: Assignment, folder: Path) -> None:
    name = os.fsdecode(b"hw1_\xff\n\x1b[31m.py")
    try:
        (folder / name).write_text(CODE, encoding="utf-8")
    except OSError as error:
        assert error.errno == errno.EILSEQ  # noqa: PT017 - macOS takes no such names
        return
    submission = read_submission(folder, assignment)

    assert submission.source == CODE
    assert (submission.name + told(submission)).replace("\n", "").isprintable()


def test_descriptors_are_used_where_they_exist() -> None:
    assert (sys.platform in ("linux", "darwin")) == HAS_DESCRIPTORS


def test_a_folder_is_no_file(folder: Path) -> None:
    with pytest.raises(SubmissionRejected):
        read_file(folder, 10)
