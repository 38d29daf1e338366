import base64
import io
import json
import os
import stat
from pathlib import Path

import pytest

from grader.errors import UsageError
from grader.exports.formats import FORMATS, Export, parse_export, write_export, write_partial
from grader.records import Audience, Outcome, Report
from tests.builders import make_report, make_result
from tests.exports.contexts import make_context


def write(destination: str, *, format: str = "json", stdout: io.StringIO | io.TextIOWrapper | None = None) -> None:
    export = Export(format=format, destination=destination)
    report = make_report(title="합성곱", results=[make_result(title="합성곱")])
    write_export(export, report, audience=Audience.STAFF, stdout=stdout or io.StringIO(), context=make_context())


@pytest.mark.parametrize("form", FORMATS)
def test_a_format_has_the_ending_of_what_it_writes(form: str) -> None:
    report = make_report(student="ann", results=[make_result(outcome=Outcome.FAILED, score=0.0)])
    text = FORMATS[form].render(report, Audience.STUDENT, make_context())

    assert FORMATS[form].ending == kind(text)


def kind(text: str) -> str:
    """What a file holds, by its first letters; a text without any mark is JSON in base 64."""
    beginnings = {"<!doctype html": "html", "<?xml": "xml", "{": "json", "::": "txt"}
    return next((each for beginning, each in beginnings.items() if text.startswith(beginning)), "b64")


class TestParseExport:
    def test_a_format_and_a_file_are_read(self, tmp_path: Path) -> None:
        """Only the first equals sign counts."""
        assert parse_export(f"json={tmp_path}/a=b.json") == Export(format="json", destination=f"{tmp_path}/a=b.json")

    def test_a_dash_is_stdout(self) -> None:
        """As in every Unix command."""
        assert parse_export("junit=-") == Export(format="junit", destination="-")

    def test_an_unknown_format_gets_a_suggestion(self) -> None:
        """And the list of what there is."""
        with pytest.raises(UsageError, match="no export format `jsn`") as caught:
            parse_export("jsn=a.json")

        assert caught.value.fix == f"did you mean `json`? the formats are {', '.join(FORMATS)}"

    @pytest.mark.parametrize("text", ["json", "json=", "=a.json", "", "\x1b[31m=x"])
    def test_half_an_export_is_refused(self, text: str) -> None:
        """With a message that a terminal survives."""
        with pytest.raises(UsageError) as caught:
            parse_export(text)

        assert "\x1b" not in str(caught.value)

    def test_a_missing_folder_is_said_before_anything_is_graded(self, tmp_path: Path) -> None:
        """Not after twenty minutes."""
        with pytest.raises(UsageError, match="there is no folder"):
            parse_export(f"json={tmp_path}/absent/a.json")

    def test_a_folder_is_no_file(self, tmp_path: Path) -> None:
        """The current one neither."""
        for path in (str(tmp_path), ".", "/"):
            with pytest.raises(UsageError, match="it is a folder"):
                parse_export(f"json={path}")

    @pytest.mark.skipif(os.name == "nt", reason="a matter of Unix file systems")
    def test_a_device_is_not_replaced(self) -> None:
        """Root would take /dev/null from the whole machine."""
        with pytest.raises(UsageError, match="not an ordinary file"):
            parse_export(f"json={os.devnull}")

    @pytest.mark.parametrize("name", ["x" * 5_000, "a\0b"])
    def test_an_impossible_name_is_refused(self, tmp_path: Path, name: str) -> None:
        """By our error, not by the system's."""
        with pytest.raises(UsageError, match="cannot be written"):
            parse_export(f"json={tmp_path}/{name}")

    @pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="may write everywhere")
    def test_a_folder_without_write_permission_is_said_early(self, tmp_path: Path) -> None:
        """The permission bits are known before the grading."""
        tmp_path.chmod(0o500)

        with pytest.raises(UsageError, match="may not be written to"):
            parse_export(f"json={tmp_path}/a.json")

    def test_a_missing_variable_is_said_before_anything_is_graded(self) -> None:
        """By the format that needs it, where the environment is known."""
        with pytest.raises(UsageError, match="CLASSROOM is not set"):
            parse_export("classroom50=-", context=make_context(CLASSROOM=""))

        assert parse_export("classroom50=-").format == "classroom50"
        assert parse_export("gradescope=-", context=make_context(CLASSROOM="")).format == "gradescope"

    def test_a_file_of_the_ci_that_cannot_be_written_is_said_early(self, tmp_path: Path) -> None:
        """Like the export's own."""
        with pytest.raises(UsageError, match="it is a folder"):
            parse_export("github=-", context=make_context(GITHUB_OUTPUT=str(tmp_path)))


class TestWriteExport:
    @pytest.mark.parametrize("format", FORMATS)
    def test_every_format_writes_utf8_with_unix_lines(self, tmp_path: Path, format: str) -> None:
        """On every platform, whatever the locale."""
        write(f"{tmp_path}/out", format=format)
        content = (tmp_path / "out").read_bytes()

        if format == "classroom-legacy":
            content = base64.b64decode(content)

        assert "합성곱".encode() in content
        assert b"\r" not in content
        assert content.endswith(b"\n")

    def test_the_file_is_replaced_whole_and_nothing_is_left_beside_it(self, tmp_path: Path) -> None:
        """A reader sees the old report or the new one."""
        (tmp_path / "out.json").write_text("old")
        write(f"{tmp_path}/out.json")

        assert json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))["assignment"] == "hw1"
        assert [path.name for path in tmp_path.iterdir()] == ["out.json"]

    @pytest.mark.skipif(os.name == "nt", reason="a matter of Unix file systems")
    def test_a_link_is_replaced_and_not_followed(self, tmp_path: Path) -> None:
        """Whoever could put it there must not choose what we overwrite."""
        (tmp_path / "precious").write_text("precious")
        (tmp_path / "out.json").symlink_to(tmp_path / "precious")
        write(f"{tmp_path}/out.json")

        assert (tmp_path / "precious").read_text() == "precious"
        assert not (tmp_path / "out.json").is_symlink()

    @pytest.mark.skipif(os.name == "nt", reason="no permission bits")
    def test_others_may_read_it_as_the_umask_says(self, tmp_path: Path) -> None:
        """A CI uploads it as another user than the one who graded."""
        umask = os.umask(0o022)
        try:
            write(f"{tmp_path}/out.json")
        finally:
            os.umask(umask)

        assert stat.S_IMODE((tmp_path / "out.json").stat().st_mode) == 0o644

    def test_a_folder_that_went_away_is_an_error_of_usage(self, tmp_path: Path) -> None:
        """It was there when the option was read."""
        with pytest.raises(UsageError, match="there is no folder") as caught:
            write(f"{tmp_path}/gone/out.json")

        assert caught.value.where == f"{tmp_path}/gone/out.json"

    @pytest.mark.skipif(os.name == "nt", reason="a matter of Unix file systems")
    def test_the_longest_name_can_be_written(self, tmp_path: Path) -> None:
        """Though a file of another name stands beside it for a moment."""
        name = "y" * 255
        (tmp_path / name).write_text("old")
        write(f"{tmp_path}/{name}")

        assert (tmp_path / name).read_text(encoding="utf-8").startswith("{")

    def test_stdout_gets_bytes_whatever_its_encoding(self) -> None:
        """A CP949 console would otherwise change letters, Windows line ends."""
        raw = io.BytesIO()
        stdout = io.TextIOWrapper(raw, encoding="ascii", newline="\r\n")
        stdout.write("before\n")
        write("-", stdout=stdout)

        assert raw.getvalue().startswith(b"before\r\n{\n")
        assert json.loads(raw.getvalue().partition(b"\n")[2])["title"] == "합성곱"

    def test_a_stream_without_bytes_gets_text(self) -> None:
        """As in tests and notebooks."""
        stdout = io.StringIO()
        write("-", stdout=stdout)

        assert json.loads(stdout.getvalue())["title"] == "합성곱"


class TestAppendices:
    def export(self, context_of: dict[str, str], report: Report | None = None) -> str:
        stdout = io.StringIO()
        write_export(
            Export(format="github", destination="-"),
            report or make_report(),
            audience=Audience.STUDENT,
            stdout=stdout,
            context=make_context(**context_of),
        )
        return stdout.getvalue()

    def test_what_other_steps_wrote_stays(self, tmp_path: Path) -> None:
        """Both files are the job's, not ours."""
        summary, output = tmp_path / "summary", tmp_path / "output"
        summary.write_text("before\n")
        output.write_text("name=value\n")

        shown = self.export({"GITHUB_STEP_SUMMARY": str(summary), "GITHUB_OUTPUT": str(output)})

        assert summary.read_text(encoding="utf-8").startswith("before\n## hw1 Convolution")
        assert output.read_text(encoding="utf-8").startswith("name=value\nstanding=graded\nscore=4\n")
        assert shown.endswith("::notice title=hw1 Convolution::hw1 Convolution: 4 / 4\n")

    def test_without_the_variables_only_stdout_is_written(self, tmp_path: Path) -> None:
        """As on a laptop."""
        assert self.export({}).startswith("::stop-commands::")
        assert list(tmp_path.iterdir()) == []

    def test_a_full_summary_is_not_made_too_full(self, tmp_path: Path) -> None:
        """One byte over the limit, and GitHub throws all of it away."""
        summary = tmp_path / "summary"
        summary.write_bytes(b"x" * (1 << 20))

        self.export({"GITHUB_STEP_SUMMARY": str(summary)})

        assert summary.stat().st_size == 1 << 20

    def test_outputs_are_whole_or_not_there(self, tmp_path: Path) -> None:
        """Half of them would leave a delimiter open, and fail the step."""
        output = tmp_path / "output"
        output.write_bytes(b"x" * 99_990)

        self.export({"GITHUB_OUTPUT": str(output)})

        assert output.stat().st_size == 99_990

    def test_the_limit_is_the_files(self, tmp_path: Path) -> None:
        """What is left decides how much a message may say."""
        summary = tmp_path / "summary"
        summary.write_bytes(b"x" * ((1 << 20) - 2_000))
        report = make_report(score=0, results=[make_result(score=0, feedback="y" * 4_000)])

        self.export({"GITHUB_STEP_SUMMARY": str(summary)}, report)

        assert (1 << 20) - 2_000 < summary.stat().st_size <= 1 << 20


class TestWritePartial:
    def test_a_file_that_a_platform_reads_is_there_after_each_test(self, tmp_path: Path) -> None:
        """Whole, in place of the one before."""
        export = Export(format="gradescope", destination=f"{tmp_path}/results.json")
        for _ in range(2):
            write_partial(export, make_report(), audience=Audience.STUDENT)

        assert json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))["score"] == 4
        assert [path.name for path in tmp_path.iterdir()] == ["results.json"]

    @pytest.mark.parametrize("text", ["github=a", "classroom-legacy=a", "lti=a", "json=-"])
    def test_what_is_read_once_is_written_once(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Neither stdout nor a file of the CI gets a line for each test."""
        monkeypatch.chdir(tmp_path)
        context = make_context(GITHUB_OUTPUT=f"{tmp_path}/output")

        write_partial(parse_export(text), make_report(), audience=Audience.STUDENT, context=context)

        assert list(tmp_path.iterdir()) == []
        assert capsys.readouterr().out == ""
