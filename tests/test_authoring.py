"""Stubs are built from references, and a working copy never costs a student what they wrote."""

import dataclasses
import sys
from pathlib import Path

import pytest

from grader.authoring import build_assignment, buildable, stale_files, start_assignment, write_built
from grader.course import read_course
from grader.errors import CourseError, UsageError
from grader.records import Assignment, Course

REFERENCE = '''\
"""Pooling."""


def max_pool2d(x, size=2):
    """Take the largest of each window."""
    ### BEGIN SOLUTION
    return secret(x, size)
    ### END SOLUTION
'''
ASSIGNMENT = 'title = "Pooling"\n[[questions]]\nname = "max_pool2d"\npoints = 100\n'
HANDED_OUT = ["README.md", "pooling.ipynb", "pooling.py", "test_public.py"]


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """A course of one assignment, not built yet."""
    public, private = tmp_path / "assignments" / "hw02_pooling", tmp_path / "solutions" / "hw02_pooling"
    public.mkdir(parents=True)
    private.mkdir(parents=True)
    (public.parent / "course.toml").write_text('title = "t"\nassignments = ["hw02_pooling"]\n', encoding="utf-8")
    (public / "assignment.toml").write_text(ASSIGNMENT, encoding="utf-8")
    (public / "README.md").write_text("# Pooling\n", encoding="utf-8")
    (public / "test_public.py").write_text("", encoding="utf-8")
    (private / "pooling.py").write_text(REFERENCE, encoding="utf-8")
    (private / "test_hidden.py").write_text("", encoding="utf-8")
    return read_course(tmp_path, secret=None)


@pytest.fixture
def pooling(course: Course) -> Assignment:
    return course.assignments[0]


@pytest.fixture
def built(pooling: Assignment) -> Assignment:
    write_built(build_assignment(pooling))
    return pooling


class TestBuild:
    def test_a_module_and_a_notebook_are_made_and_not_written(self, pooling: Assignment) -> None:
        files = build_assignment(pooling)

        assert sorted(path.name for path in files) == ["pooling.ipynb", "pooling.py"]
        assert not any(path.exists() for path in files)

    def test_no_line_of_the_solution_is_in_what_is_built(self, pooling: Assignment) -> None:
        assert not any(b"secret" in content for content in build_assignment(pooling).values())

    def test_the_same_reference_gives_the_same_bytes(self, pooling: Assignment) -> None:
        assert build_assignment(pooling) == build_assignment(pooling)

    def test_a_reference_from_windows_gives_the_same_bytes(self, pooling: Assignment) -> None:
        assert pooling.private is not None
        before = build_assignment(pooling)
        (pooling.private / "pooling.py").write_bytes(b"\xef\xbb\xbf" + REFERENCE.replace("\n", "\r\n").encode())

        assert build_assignment(pooling) == before

    def test_a_kit_cannot_be_built(self, course: Course, pooling: Assignment) -> None:
        kit = dataclasses.replace(pooling, private=None)

        with pytest.raises(UsageError, match="hw2 cannot be built: its solutions are not in this course"):
            build_assignment(kit)
        with pytest.raises(UsageError, match="nothing to build"):
            buildable(dataclasses.replace(course, assignments=(kit,)))

    @pytest.mark.parametrize(("content", "what"), [(None, "is missing"), (b"# \xb1\xe8", "is not UTF-8")])
    def test_a_reference_that_cannot_be_read_is_told(
        self, pooling: Assignment, content: bytes | None, what: str
    ) -> None:
        assert pooling.private is not None
        reference = pooling.private / "pooling.py"
        reference.unlink() if content is None else reference.write_bytes(content)

        with pytest.raises(CourseError, match=what) as caught:
            build_assignment(pooling)
        assert caught.value.where == "solutions/hw02_pooling/pooling.py"


class TestStale:
    def test_a_course_that_was_never_built_is_stale(self, course: Course, pooling: Assignment) -> None:
        assert stale_files(course) == list(build_assignment(pooling))

    def test_a_course_that_was_just_built_is_not(self, course: Course, built: Assignment) -> None:
        assert stale_files(course) == []

    def test_an_edited_stub_is_stale_and_the_next_build_mends_it(self, course: Course, built: Assignment) -> None:
        stub = built.public / "pooling.py"
        stub.write_text("edited by hand", encoding="utf-8")

        assert stale_files(course) == [stub]
        assert write_built(build_assignment(built)) == [stub]
        assert stale_files(course) == []

    def test_a_changed_reference_makes_both_stale(self, course: Course, built: Assignment) -> None:
        assert built.private is not None
        (built.private / "pooling.py").write_text(REFERENCE.replace("largest", "greatest"), encoding="utf-8")

        assert [path.name for path in stale_files(course)] == ["pooling.py", "pooling.ipynb"]

    def test_line_ends_of_windows_are_not_stale(self, course: Course, built: Assignment) -> None:
        """Git may check text out with them."""
        stub = built.public / "pooling.py"
        stub.write_bytes(stub.read_bytes().replace(b"\n", b"\r\n"))

        assert stale_files(course) == []

    def test_a_build_leaves_no_other_file_behind(self, built: Assignment) -> None:
        assert sorted(path.name for path in built.public.iterdir()) == sorted([*HANDED_OUT, "assignment.toml"])


class TestStart:
    def test_a_working_copy_has_stub_notebook_handout_and_public_tests(self, built: Assignment, tmp_path: Path) -> None:
        destination = tmp_path / "work" / "hw02_pooling"

        written = start_assignment(built, destination)

        assert sorted(path.name for path in destination.iterdir()) == HANDED_OUT
        assert sorted(path.name for path in written) == HANDED_OUT
        assert all(path.read_bytes() == (built.public / path.name).read_bytes() for path in written)

    def test_a_kit_is_enough(self, built: Assignment, tmp_path: Path) -> None:
        assert start_assignment(dataclasses.replace(built, private=None), tmp_path / "work")

    def test_other_files_of_the_folder_are_left_alone(self, built: Assignment, tmp_path: Path) -> None:
        (tmp_path / "work").mkdir()
        (tmp_path / "work" / "notes.txt").write_text("mine", encoding="utf-8")

        start_assignment(built, tmp_path / "work")

        assert (tmp_path / "work" / "notes.txt").read_text(encoding="utf-8") == "mine"

    @pytest.mark.parametrize("name", HANDED_OUT)
    def test_an_existing_file_is_named_and_nothing_is_written(
        self, built: Assignment, tmp_path: Path, name: str
    ) -> None:
        (tmp_path / "work").mkdir()
        (tmp_path / "work" / name).write_text("a week of work", encoding="utf-8")

        with pytest.raises(UsageError, match=f"`{name}` exists already; nothing was written") as caught:
            start_assignment(built, tmp_path / "work")

        assert caught.value.where == str(tmp_path / "work" / name)
        assert [path.name for path in (tmp_path / "work").iterdir()] == [name]
        assert (tmp_path / "work" / name).read_text(encoding="utf-8") == "a week of work"

    def test_the_course_s_own_folder_is_refused(self, built: Assignment) -> None:
        """Standing in `assignments/`, the default folder is the course's own."""
        with pytest.raises(UsageError, match="exists already"):
            start_assignment(built, built.public)

    @pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
    def test_a_link_that_leads_nowhere_is_not_written_through(self, built: Assignment, tmp_path: Path) -> None:
        (tmp_path / "work").mkdir()
        (tmp_path / "work" / "pooling.py").symlink_to(tmp_path / "elsewhere.py")

        with pytest.raises(UsageError, match=r"`pooling.py` exists already"):
            start_assignment(built, tmp_path / "work")
        assert not (tmp_path / "elsewhere.py").exists()

    def test_a_file_that_appears_meanwhile_wins(
        self, built: Assignment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The look found nothing; then an editor saved. What was written before it is taken back."""
        (tmp_path / "work").mkdir()
        (tmp_path / "work" / "README.md").write_text("mine", encoding="utf-8")
        monkeypatch.setattr("os.path.lexists", lambda path: False)

        with pytest.raises(UsageError, match=r"`README.md` exists already"):
            start_assignment(built, tmp_path / "work")
        assert [path.name for path in (tmp_path / "work").iterdir()] == ["README.md"]
        assert (tmp_path / "work" / "README.md").read_text(encoding="utf-8") == "mine"

    def test_a_file_in_the_folder_s_place_is_told(self, built: Assignment, tmp_path: Path) -> None:
        (tmp_path / "work").write_text("mine", encoding="utf-8")

        with pytest.raises(UsageError, match="cannot be written"):
            start_assignment(built, tmp_path / "work")

    def test_a_failure_halfway_leaves_nothing_behind(
        self, built: Assignment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A full disk, say: the folder that was made for it goes too."""

        def full(path: Path, mode: str) -> object:
            if mode == "xb" and path.name == "test_public.py":
                raise OSError(28, "No space left on device", str(path))
            return open_file(path, mode)

        open_file = Path.open
        monkeypatch.setattr(Path, "open", full)

        with pytest.raises(UsageError, match="No space left on device"):
            start_assignment(built, tmp_path / "work")
        assert not (tmp_path / "work").exists()

    def test_a_course_that_lacks_a_file_is_told(self, pooling: Assignment, tmp_path: Path) -> None:
        """Told before anything is written, with what makes the file."""
        with pytest.raises(CourseError, match="lacks a file") as caught:
            start_assignment(pooling, tmp_path / "work")

        assert caught.value.where == "assignments/hw02_pooling/pooling.py"
        assert caught.value.fix == "run `grade build hw2`"
        assert not (tmp_path / "work").exists()
