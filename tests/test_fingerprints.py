"""After an edit exactly the tests whose verdicts it may change have another fingerprint."""

import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest

from grader import fingerprints
from grader.course import find_course
from grader.errors import CourseError
from grader.fingerprints import environment_fingerprint, toolkit_fingerprint
from grader.records import Assignment, IsolationLevel, Limits, Question, Visibility
from tests.builders import make_assignment

ROOT = Path(__file__).parents[1]

HIDDEN = '''"""Hidden tests."""

import numpy as np

from grader.plugin import builds_on, points

SIZE = 3


@points(2)
def test_first(student, rng):
    """The first rule."""
    assert student.conv2d(SIZE) == 1


@points(2)
@builds_on("test_first")
def test_second(student):
    """The second rule."""
    _ask(student)


@points(2)
def test_third(student):
    """The third rule."""
    # a comment
    _ask(student)


class TestGroup:
    def test_fourth(self, student):
        """The fourth rule."""


def _ask(student):
    return student.conv2d(2)
'''
ALL = {"test_first", "test_second", "test_third", "test_fourth"}


@pytest.fixture
def assignment(tmp_path: Path) -> Assignment:
    private = tmp_path / "solutions" / "hw01_convolution"
    public = tmp_path / "assignments" / "hw01_convolution"
    for folder in (private, public):
        folder.mkdir(parents=True)
    (private / "test_hidden.py").write_text(HIDDEN, encoding="utf-8")
    (private / "convolution.py").write_text("def conv2d(x):\n    return x\n", encoding="utf-8")
    (private / "misconceptions.py").write_text("MISTAKES = 1\n", encoding="utf-8")
    (private / "alternatives.py").write_text("OTHERS = 1\n", encoding="utf-8")
    (private / "table.npz").write_bytes(b"\x00\x01")
    (public / "test_public.py").write_text(HIDDEN.replace("test_fourth", "test_public"), encoding="utf-8")
    (public / "answers.json").write_text("{}", encoding="utf-8")
    return make_assignment(public=public, private=private)


def changed(assignment: Assignment, edit: Callable[[], object]) -> set[str]:
    """Make an edit; return the tests whose fingerprints are others then."""
    before = fingerprints.test_fingerprints(assignment)
    edit()
    after = fingerprints.test_fingerprints(assignment)
    return {name for name in {*before, *after} if before.get(name) != after.get(name)}


def replacing(assignment: Assignment, old: str, new: str, *, file: str = "test_hidden.py") -> Callable[[], object]:
    assert assignment.private is not None
    path = assignment.private / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    return lambda: path.write_text(text.replace(old, new), encoding="utf-8")


class TestTests:
    def test_every_test_has_one_of_its_own(self, assignment: Assignment) -> None:
        found = fingerprints.test_fingerprints(assignment)

        assert set(found) == ALL
        assert len(set(found.values())) == 4
        assert all(len(each) == 32 for each in found.values())

    def test_it_is_the_same_in_another_folder(self, assignment: Assignment, tmp_path: Path) -> None:
        assert assignment.private is not None
        moved = assignment.private.rename(tmp_path / "solutions" / "hw99_moved")
        elsewhere = dataclasses.replace(assignment, private=moved)
        before = fingerprints.test_fingerprints(elsewhere)
        moved.rename(assignment.private)

        assert fingerprints.test_fingerprints(assignment) == before

    @pytest.mark.parametrize(
        ("old", "new", "tests"),
        [
            ("The third rule.", "The third rule, in other words.", {"test_third"}),
            ("def test_third(student)", "def test_third(student, rng)", {"test_third"}),
            ("@points(2)\ndef test_third", "@points(3)\ndef test_third", {"test_third"}),
            ("(SIZE) == 1", "(SIZE) == 2", {"test_first", "test_second"}),
            ('"""The fourth rule."""', '"""The fourth rule."""\n        assert student', {"test_fourth"}),
            ("SIZE = 3", "SIZE = 4", ALL),
            ("return student.conv2d(2)", "return student.conv2d(3)", ALL),
            ("import numpy as np", "import numpy", ALL),
            ("# a comment", "# another comment", set()),
            ("\n\n\n@points", "\n\n\n\n\n# another section\n\n@points", set()),
            ("def test_third", "def test_renamed", {"test_third", "test_renamed"}),
        ],
    )
    def test_an_edit_of_the_test_file(self, assignment: Assignment, old: str, new: str, tests: set[str]) -> None:
        assert changed(assignment, replacing(assignment, old, new)) == tests

    def test_a_test_that_calls_another_follows_it(self, assignment: Assignment) -> None:
        replacing(assignment, '"""The fourth rule."""', '"""The fourth rule."""\n        test_third(student)')()

        assert changed(assignment, replacing(assignment, "third rule", "3rd rule")) == {"test_third", "test_fourth"}

    def test_builds_on_through_a_name_is_followed_by_all(self, assignment: Assignment) -> None:
        replacing(assignment, "SIZE = 3", 'SIZE = 3\nEARLIER = "test_third"')()

        assert changed(assignment, replacing(assignment, "third rule", "3rd rule")) == ALL

    def test_tests_that_build_on_each_other_come_to_an_end(self, assignment: Assignment) -> None:
        replacing(assignment, "@points(2)\ndef test_first", '@points(2)\n@builds_on("test_second")\ndef test_first')()

        assert changed(assignment, replacing(assignment, "second rule", "2nd rule")) == {"test_first", "test_second"}

    @pytest.mark.parametrize(
        ("file", "old", "new"),
        [
            ("convolution.py", "return x", "return x + 1"),
            ("misconceptions.py", "1", "2"),
        ],
    )
    def test_what_all_tests_share(self, assignment: Assignment, file: str, old: str, new: str) -> None:
        assert changed(assignment, replacing(assignment, old, new, file=file)) == ALL

    def test_any_other_file_of_the_folder_counts(self, assignment: Assignment) -> None:
        private = assignment.private
        assert private is not None

        assert changed(assignment, lambda: (private / "table.npz").write_bytes(b"\x00\x02")) == ALL
        assert changed(assignment, lambda: (private / "more.py").write_text("A = 1\n", encoding="utf-8")) == ALL
        assert changed(assignment, lambda: (private.parent / "conftest.py").write_text("B = 1\n")) == ALL

    def test_what_only_the_audit_reads_does_not_count(self, assignment: Assignment) -> None:
        private = assignment.private
        assert private is not None
        (private / "__pycache__").mkdir()

        assert changed(assignment, replacing(assignment, "1", "2", file="alternatives.py")) == set()
        assert changed(assignment, lambda: (private / "equivalent_mutants.txt").write_text("a")) == set()
        assert changed(assignment, lambda: (private / "__pycache__" / "a.pyc").write_bytes(b"a")) == set()

    def test_a_translation_does_not_count(self, assignment: Assignment) -> None:
        """A report is kept in English, so that no score hangs on a language."""
        private = assignment.private
        assert private is not None

        assert changed(assignment, lambda: (private / "ko.po").write_text('msgid ""\nmsgstr ""\n')) == set()

    @pytest.mark.parametrize(
        ("fields", "counts"),
        [
            ({"limits": Limits(wall_s=9.0)}, True),
            ({"visibility": Visibility.VISIBLE}, True),
            ({"requires": ("tensorflow",)}, True),
            ({"questions": (Question(name="conv2d", points=50.0, target=0.9),)}, True),
            ({"title": "Folding"}, False),
            ({"questions": (Question(name="conv2d", points=60.0), Question(name="output_shape", points=40.0))}, False),
        ],
    )
    def test_the_settings_of_the_assignment(
        self, assignment: Assignment, fields: dict[str, object], counts: bool
    ) -> None:
        """A question's points decide no verdict; a test's own stand in its decorator."""
        other = dataclasses.replace(assignment, **fields)  # type: ignore[arg-type]
        before, after = fingerprints.test_fingerprints(assignment), fingerprints.test_fingerprints(other)

        assert (before != after) == counts

    def test_public_tests_depend_on_their_answers(self, assignment: Assignment) -> None:
        before = fingerprints.test_fingerprints(assignment, private=False)
        replacing(assignment, "return x", "return x + 1", file="convolution.py")()
        assert fingerprints.test_fingerprints(assignment, private=False) == before
        (assignment.public / "answers.json").write_text('{"a": 1}', encoding="utf-8")

        assert "test_public" in before
        assert fingerprints.test_fingerprints(assignment, private=False)["test_public"] != before["test_public"]

    @pytest.mark.parametrize("text", ["def test_a(:\n", "a = '\x00'\n"])
    def test_a_file_that_does_not_parse_is_an_error(self, assignment: Assignment, text: str) -> None:
        assert assignment.private is not None
        (assignment.private / "test_hidden.py").write_text(text, encoding="utf-8")

        with pytest.raises(CourseError, match=r"test_hidden\.py does not parse"):
            fingerprints.test_fingerprints(assignment)

    def test_a_missing_file_is_an_error(self, assignment: Assignment) -> None:
        assert assignment.private is not None
        (assignment.private / "test_hidden.py").unlink()

        with pytest.raises(CourseError, match="cannot be read"):
            fingerprints.test_fingerprints(assignment)

    def test_a_kit_has_no_hidden_tests(self, assignment: Assignment) -> None:
        with pytest.raises(CourseError, match="no hidden tests"):
            fingerprints.test_fingerprints(dataclasses.replace(assignment, private=None))

    def test_every_hidden_test_of_the_course_has_one(self) -> None:
        course = find_course(ROOT, explicit=None, environ={})
        for assignment in course.assignments:
            if assignment.private is not None:
                text = (assignment.private / "test_hidden.py").read_text(encoding="utf-8")
                assert len(fingerprints.test_fingerprints(assignment)) == text.count("\ndef test_") > 0


class TestEnvironment:
    def test_versions_level_and_data_count_and_their_order_does_not(self) -> None:
        base = environment_fingerprint({"python": "3.11", "numpy": "2.1"}, IsolationLevel.FULL)

        assert base == environment_fingerprint({"numpy": "2.1", "python": "3.11"}, IsolationLevel.FULL)
        others = [
            environment_fingerprint({"python": "3.12", "numpy": "2.1"}, IsolationLevel.FULL),
            environment_fingerprint({"python": "3.11", "numpy": "2.1"}, IsolationLevel.NONE),
            environment_fingerprint({"python": "3.11", "numpy": "2.1"}, IsolationLevel.FULL, data=["MNIST"]),
        ]
        assert len({base, *others}) == 4

    def test_the_toolkit_s_fingerprint_is_stable(self) -> None:
        assert toolkit_fingerprint() == toolkit_fingerprint()

    def test_everything_that_decides_a_verdict_exists(self) -> None:
        """A module that is renamed must not fall out of the fingerprint unseen."""
        folder = Path(fingerprints.__file__).parent

        assert all((folder / f"{name}.py").is_file() for name in fingerprints._MODULES)
        assert all((folder / name).is_dir() for name in fingerprints._PACKAGES)
