"""What bundles' scripts ask on a platform: whose submission, and whether a result may stand."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from grader.onsite import main, settle, student_of
from tests.exports import rules_gradescope, rules_prairielearn

GRADED = {"score": 60.0, "tests": [{"score": 60.0, "max_score": 100.0}]}


def write(path: Path, document: object) -> Path:
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


class TestStudent:
    def test_a_group_is_known_by_the_address_that_comes_first(self, tmp_path: Path) -> None:
        """Whatever order the platform lists them in, so a rerun draws the same inputs."""
        users = [{"email": "lee@example.org", "id": 2}, {"email": "kim@example.org", "id": 9}]
        one = student_of("gradescope", write(tmp_path / "a", {"users": users}))
        other = student_of("gradescope", write(tmp_path / "b", {"users": users[::-1]}))

        assert one == other == "kim@example.org"

    def test_a_user_without_an_address_is_known_by_the_id(self, tmp_path: Path) -> None:
        assert student_of("gradescope", write(tmp_path / "a", {"users": [{"email": None, "id": 7}]})) == "7"

    def test_a_variant_is_known_by_its_seed(self, tmp_path: Path) -> None:
        assert student_of("prairielearn", write(tmp_path / "a", {"variant_seed": "1q2w"})) == "variant-1q2w"
        assert student_of("prairielearn", write(tmp_path / "b", {"variant_seed": 0})) == "variant-0"

    @pytest.mark.parametrize("platform", ["gradescope", "prairielearn"])
    @pytest.mark.parametrize(
        "text", ["", "{", "[]", '{"users": 3}', '{"users": [4, null]}', '{"variant_seed": [1]}', "[" * 100_000]
    )
    def test_what_cannot_be_read_names_nobody(self, tmp_path: Path, platform: str, text: str) -> None:
        (tmp_path / "a").write_text(text, encoding="utf-8")

        assert student_of(platform, tmp_path / "a") == ""
        assert student_of(platform, tmp_path / "none") == ""

    def test_a_name_is_one_line_of_printable_text(self, tmp_path: Path) -> None:
        """It becomes an argument and a line of a log."""
        users = [{"email": "kim\n::error::\x1b[31m"}]

        assert student_of("gradescope", write(tmp_path / "a", {"users": users})).isprintable()


class TestSettle:
    @pytest.mark.parametrize("code", [0, 1])
    def test_a_finished_result_stands(self, tmp_path: Path, code: int) -> None:
        path = write(tmp_path / "results.json", GRADED)

        assert settle("gradescope", path, code) == ""
        assert json.loads(path.read_text(encoding="utf-8")) == GRADED

    @pytest.mark.parametrize("code", [2, 3, 130, 137, 139])
    def test_what_a_dead_grader_left_gives_no_score(self, tmp_path: Path, code: int) -> None:
        """A lower bound is not a grade; staff find it beside the result."""
        path = write(tmp_path / "results.json", GRADED)

        assert f"exit code {code}" in settle("gradescope", path, code)
        rules_gradescope.check_withheld(path.read_text(encoding="utf-8"))
        assert json.loads((tmp_path / "unfinished.json").read_text(encoding="utf-8")) == GRADED

    def test_a_result_that_says_so_itself_stands(self, tmp_path: Path) -> None:
        """The export knows the reason."""
        document = {"output": "hw1 not graded: test_total is broken"}
        path = write(tmp_path / "results.json", document)

        assert "says why" in settle("gradescope", path, 3)
        assert json.loads(path.read_text(encoding="utf-8")) == document

    @pytest.mark.parametrize("code", [0, 1, 2, 3])
    def test_no_result_becomes_one_without_a_score(self, tmp_path: Path, code: int) -> None:
        scope, learn = tmp_path / "scope.json", tmp_path / "learn.json"

        assert settle("gradescope", scope, code)
        assert settle("prairielearn", learn, code)
        rules_gradescope.check_withheld(scope.read_text(encoding="utf-8"))
        assert rules_prairielearn.check(learn.read_text(encoding="utf-8"))["gradable"] is False

    def test_half_a_result_is_none(self, tmp_path: Path) -> None:
        path = tmp_path / "results.json"
        path.write_text('{"score": 100, "tests": [', encoding="utf-8")

        assert settle("gradescope", path, 1)
        rules_gradescope.check_withheld(path.read_text(encoding="utf-8"))

    def test_classroom_50_is_left_without_a_result(self, tmp_path: Path) -> None:
        """Its runner writes one of its own for a code that is not 0."""
        path = write(tmp_path / "result.json", {"score": 1, "max-score": 1, "tests": [{"score": 1}]})

        assert settle("classroom50", path, 137)
        assert not path.exists()


class TestCommand:
    def test_it_runs_without_the_folder_it_stands_in(self, tmp_path: Path) -> None:
        """A student's json.py is not imported. The package is the installed one."""
        (tmp_path / "json.py").write_text("raise SystemExit('theirs')", encoding="utf-8")
        metadata = write(tmp_path / "m", {"users": [{"email": "kim@example.org"}]})
        command = [sys.executable, "-P", "-m", "grader.onsite", "student", "gradescope", str(metadata)]
        done = subprocess.run(
            command,
            cwd=tmp_path,
            env={"PYTHONPATH": str(Path(__file__).parents[1])},
            capture_output=True,
            encoding="utf-8",
            check=True,
        )

        assert done.stdout == "kim@example.org\n"

    @pytest.mark.parametrize("arguments", [[], ["settle"], ["settle", "moodle", "x", "1"], ["student", "x"]])
    def test_another_question_is_refused(self, arguments: list[str]) -> None:
        with pytest.raises(SystemExit, match="2"):
            main(arguments)
