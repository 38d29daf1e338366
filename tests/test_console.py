import io
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from grader.console import Verbosity, draw_course, draw_doctor, draw_report, print_error
from grader.errors import CourseError, GradeError
from grader.records import Assignment, Audience, Course, Isolation, IsolationLevel, Layer, Notice, Outcome, Report
from grader.screen import Screen, terminal
from tests.builders import FULL_ISOLATION, make_assignment, make_report, make_result

ATTACK = "[red]x[/red] \x1b[31m\x1b]0;t\x07 ::error::pwned \x00 \u202e :smile: " + "y" * 10_000
RULE = "\u2500" * 80


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def draw(
    report: Report,
    *,
    audience: Audience = Audience.STUDENT,
    verbosity: Verbosity = Verbosity.NORMAL,
    plain: bool = False,
    environ: Mapping[str, str] | None = None,
    tty: bool = False,
) -> str:
    """Draw into a pipe, or a terminal, and check what holds for everything that is drawn."""
    stream = Terminal() if tty else io.StringIO()
    screen = terminal(stream, environ or {}, plain=plain)
    draw_report(screen, report, audience=audience, verbosity=verbosity)
    drawn = stream.getvalue()
    assert_harmless(drawn)
    if not plain:
        assert max(cell_len(line) for line in without_colour(drawn).splitlines()) <= screen.width
    return drawn


def assert_harmless(drawn: str) -> None:
    left = without_colour(drawn)
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", left)
    assert not re.search(r"^\s*::", left, re.MULTILINE)
    assert not re.search(r" +$", left, re.MULTILINE)


def without_colour(drawn: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", drawn)


def pooling() -> Report:
    """The report that the layout was designed with."""
    return make_report(
        assignment="hw2",
        title="Pooling",
        score=14,
        max_score=24,
        results=[
            make_result(name="a", title="One window covers the map", question="max_pool2d"),
            make_result(
                name="b",
                title="Windows of negative values",
                question="max_pool2d",
                score=0,
                points=6,
                feedback="max_pool2d returned 0.0, expected -0.31 at [0, 1, 2, 0]",
                hint="Your maximum starts at 0, so a negative window comes out as 0.",
                log="x = [31337]",
            ),
            make_result(name="c", title="All of it", question="max_pool2d", score=10, points=10),
            make_result(
                name="d", title="Global average", question="global_pool", score=0, outcome=Outcome.NOT_ATTEMPTED
            ),
        ],
    )


class TestReport:
    def test_the_layout_is_the_one_that_was_designed(self) -> None:
        """Mark, title, points at the right edge; feedback and hint under the title; what it ran under."""
        assert draw(pooling()) == "\n".join(
            [
                "hw2  Pooling                                                             14 / 24",
                RULE,
                "",
                "max_pool2d                                                               14 / 20",
                "pass   One window covers the map                                           4 / 4",
                "FAIL   Windows of negative values                                          0 / 6",
                "       max_pool2d returned 0.0, expected -0.31 at [0, 1, 2, 0]",
                "       hint  Your maximum starts at 0, so a negative window comes out as 0.",
                "pass   All of it                                                         10 / 10",
                "",
                "global_pool                                                                0 / 4",
                "todo   Global average (not attempted)                                      0 / 4",
                RULE,
                "isolation: namespaces, Landlock, seccomp, limits",
                "",
            ]
        )

    def test_plain_has_a_line_for_each_thing_said(self) -> None:
        """No rule, no column, no fold, no blank line."""
        assert draw(pooling(), plain=True) == "\n".join(
            [
                "hw2  Pooling: 14 / 24",
                "max_pool2d: 14 / 20",
                "pass: One window covers the map: 4 / 4",
                "FAIL: Windows of negative values: 0 / 6",
                "  max_pool2d returned 0.0, expected -0.31 at [0, 1, 2, 0]",
                "  hint: Your maximum starts at 0, so a negative window comes out as 0.",
                "pass: All of it: 10 / 10",
                "global_pool: 0 / 4",
                "todo: Global average (not attempted): 0 / 4",
                "isolation: namespaces, Landlock, seccomp, limits",
                "",
            ]
        )

    def test_the_images_that_a_model_was_judged_on_come_first(self) -> None:
        """Before any number that depends on them."""
        report = replace(pooling(), data=("MNIST, 10,000 images, verified", "\x1b[2J[red]x"))

        assert draw(report).splitlines()[:3] == [
            "models were judged on MNIST, 10,000 images, verified",
            "models were judged on [red]x",
            "hw2  Pooling                                                             14 / 24",
        ]
        assert draw(report, plain=True).splitlines()[0] == "models were judged on MNIST, 10,000 images, verified"
        assert "judged on" not in draw(report, verbosity=Verbosity.QUIET)

    def test_a_part_of_the_points_has_its_own_word(self) -> None:
        report = make_report(
            score=11.16,
            max_score=30,
            results=[
                make_result(name="a", title="Accuracy", question="model", score=11.16, points=30, feedback="48.6%.")
            ],
        )

        assert re.search(r"^part   Accuracy +11\.16 / 30$", draw(report), re.MULTILINE)
        assert "part: Accuracy: 11.16 / 30" in draw(report, plain=True)

    def test_a_test_that_passed_may_say_something(self) -> None:
        report = make_report(results=[make_result(title="Accuracy", feedback="It names 99.1% right.")])

        assert draw(report, plain=True).splitlines()[2:4] == ["pass: Accuracy: 4 / 4", "  It names 99.1% right."]

    @pytest.mark.parametrize("outcome", Outcome)
    def test_every_outcome_is_a_word(self, outcome: Outcome) -> None:
        """The mark stands at the left edge, whatever the colour."""
        score = None if outcome is Outcome.GRADER_ERROR else 0.0
        drawn = draw(make_report(results=[make_result(score=score, outcome=outcome)]))

        assert re.search(r"^(pass|FAIL|todo|TIME|MEM|CRASH|skip|ERROR) +Overlapping", drawn, re.MULTILINE)

    def test_notices_come_before_results_and_are_bounded(self) -> None:
        """What was assumed decides how to read the rest."""
        notices = [Notice(text=f"cell set aside {number}", where="cell 4, line 7") for number in range(100)]
        drawn = draw(make_report(notices=notices))

        assert drawn.index("note   cell 4, line 7: cell set aside 0") < drawn.index("pass")
        assert drawn.count("set aside") == 12
        assert "note   and 88 more" in drawn

    def test_a_rejected_submission_gets_a_panel_and_no_score(self) -> None:
        """With the reason in full."""
        drawn = draw(make_report(score=None, results=[], rejected="two files\n  at   a.zip\n  fix: hand in one"))

        assert drawn.splitlines()[0].split() == ["hw1", "Convolution", "rejected"]
        assert "rejected, no score" in drawn
        assert "  fix: hand in one" in drawn
        assert " / " not in drawn

    def test_our_fault_gets_a_panel_and_no_score(self) -> None:
        """Staff read the log without asking for it, students do not."""
        broken = make_result(score=None, outcome=Outcome.GRADER_ERROR, log="Traceback: ours")
        report = make_report(score=None, results=[broken], needs_review=True)

        assert "not graded: our fault" in draw(report)
        assert "- / 4" in draw(report)
        assert "Traceback" not in draw(report)
        assert "Traceback: ours" in draw(report, audience=Audience.STAFF)

    def test_one_message_of_twelve_tests_is_drawn_once(self) -> None:
        """In the one panel."""
        results = [make_result(name=f"test_{number}", score=0, feedback="No module `scipi`") for number in range(12)]
        drawn = draw(make_report(results=results))

        assert drawn.count("No module `scipi`") == 1
        assert drawn.index("No module") < drawn.index("FAIL")
        assert drawn.count("\u250c") == 1

    def test_public_tests_say_that_the_hidden_ones_follow(self) -> None:
        """And count tests where there are no points."""
        results = [make_result(points=0, score=0, outcome=Outcome.PASSED)]
        drawn = draw(make_report(results=results, score=None, max_score=None, tests="public"))

        assert drawn.splitlines()[0].endswith("1 of 1 passed")
        assert "public tests: the hidden tests run on hand-in" in drawn

    def test_only_staff_see_who_it_was_and_the_seed(self) -> None:
        """The seed replays the hidden inputs."""
        report = pooling()

        assert "alice   convolution.py" in draw(report, audience=Audience.STAFF)
        assert "seed 0000000081c2f0a4   isolation" in draw(report, audience=Audience.STAFF)
        assert "81c2f0a4" not in draw(report)

    def test_verbose_adds_durations_and_for_staff_logs(self) -> None:
        """A hidden test's duration is for staff too."""
        staff = draw(pooling(), audience=Audience.STAFF, verbosity=Verbosity.VERBOSE)
        student = draw(pooling(), verbosity=Verbosity.VERBOSE)

        assert "One window covers the map (0.01 s)" in staff
        assert "log   x = [31337]" in staff
        assert "31337" not in student
        assert "0.01 s" not in student

    def test_quiet_is_one_line(self) -> None:
        """For scripts."""
        assert draw(pooling(), verbosity=Verbosity.QUIET) == "hw2 14/24\n"

    def test_quiet_keeps_the_errors(self) -> None:
        """On the other stream."""
        out, err = io.StringIO(), io.StringIO()
        report = make_report(score=None, results=[], rejected="two files\n  fix: hand in one")
        draw_report(Screen(stream=out), report, verbosity=Verbosity.QUIET, errors=Screen(stream=err))

        assert out.getvalue() == "hw1 rejected\n"
        assert err.getvalue() == "error: two files\n  fix: hand in one\n"


class TestTerminals:
    def test_a_pipe_gets_no_escape(self) -> None:
        """A file is read by other programs."""
        assert "\x1b" not in draw(pooling(), environ={"TERM": "xterm"})

    @pytest.mark.parametrize("environ", [{"TERM": "xterm"}, {"TERM": "xterm", "COLUMNS": "120"}])
    def test_colour_changes_no_letter(self, environ: dict[str, str]) -> None:
        """It only adds."""
        coloured = draw(pooling(), tty=True, environ=environ)

        assert "\x1b[1;31mFAIL" in coloured
        assert without_colour(coloured) == draw(pooling(), environ=environ)

    def test_no_color_means_no_escape_at_all(self) -> None:
        """Bold is an escape too."""
        assert "\x1b" not in draw(pooling(), tty=True, environ={"TERM": "xterm", "NO_COLOR": "1"})

    def test_the_environment_of_the_process_does_not_count(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Everything was decided when the screen was made; rich must not ask again."""
        calm = draw(pooling())
        for name, value in {"FORCE_COLOR": "1", "COLUMNS": "50", "TTY_COMPATIBLE": "1", "LINES": "3"}.items():
            monkeypatch.setenv(name, value)

        assert draw(pooling()) == calm

    @pytest.mark.parametrize("plain", [False, True])
    @pytest.mark.parametrize(("encoding", "title"), [("ascii", "???"), ("cp949", "합성곱")])
    def test_ascii_and_cp949_streams_take_every_report(self, encoding: str, title: str, plain: bool) -> None:
        """Words instead of symbols; a letter that is missing becomes a question mark, columns still align."""
        results = [make_result(title="합성곱", score=0, feedback=f"{ATTACK} \u2713 \u2013 \U0001f600", hint="\u2264")]
        reports = [
            make_report(results=results, notices=[Notice(text="\u2713 합성곱")]),
            make_report(score=None, results=[], rejected="\u2713 합성곱"),
        ]
        for report in reports:
            raw = io.BytesIO()
            stream = io.TextIOWrapper(raw, encoding=encoding)  # errors="strict"
            draw_report(terminal(stream, {}, plain=plain), report)
            stream.flush()
            drawn = raw.getvalue().decode(encoding)

            assert_harmless(drawn)
            assert title in drawn
            assert plain or max(map(cell_len, drawn.splitlines())) == 80

    def test_korean_titles_align(self) -> None:
        """Each letter takes two columns."""
        results = [make_result(name=name, title=name * 10) for name in ("가", "a", "가나다")]
        lines = [line for line in draw(make_report(results=results)).splitlines() if line.endswith("4 / 4")]

        assert len(lines) == 4
        assert {cell_len(line) for line in lines} == {80}

    @pytest.mark.parametrize("columns", ["40", "57", "80", "200"])
    @pytest.mark.parametrize("title", ["합성곱은 필터를 뒤집지 않는다. " * 9, "x" * 500, ATTACK])
    def test_no_line_is_wider_than_the_screen(self, columns: str, title: str) -> None:
        """`draw` checks it."""
        draw(
            make_report(
                title=title,
                student=title,
                submission=title,
                results=[make_result(title=title, question=title, score=0, feedback=title, hint=title, log=title)],
                notices=[Notice(text=title, where=title)],
            ),
            audience=Audience.STAFF,
            verbosity=Verbosity.VERBOSE,
            environ={"COLUMNS": columns},
        )


class TestHostileText:
    @pytest.mark.parametrize("plain", [False, True])
    def test_markup_emoji_codes_and_escapes_stay_text(self, plain: bool) -> None:
        """What a student prints is read, never obeyed."""
        drawn = draw(make_report(results=[make_result(score=0, feedback=ATTACK)]), plain=plain)

        for seen in ("[red]x[/red]", ": :error::pwned", "\\x00", "\\u202e", ":smile:"):
            assert seen in drawn
        assert "...(+" in "".join(drawn.split())  # a line may end in it

    @pytest.mark.parametrize("plain", [False, True])
    def test_no_line_of_a_submission_passes_for_one_of_ours(self, plain: bool) -> None:
        """A line break in any field leads to an indented line, or to none."""
        forged = "x\npass: All of it: 100 / 100\r\nhw1 100/100\nerror: none"
        reports = [
            make_report(
                submission=forged,
                student=forged,
                results=[make_result(score=0, feedback=forged, hint=forged, log=forged)],
                notices=[Notice(text=forged, where=forged)],
            ),
            make_report(score=None, results=[], rejected=forged),
        ]
        for report in reports:
            drawn = draw(report, plain=plain, audience=Audience.STAFF, verbosity=Verbosity.VERBOSE)

            assert not re.search(r"^(pass: All|hw1 100|error:)", drawn, re.MULTILINE)

    def test_a_message_of_a_thousand_lines_is_cut(self) -> None:
        """The rest of the report stays in sight; the cut says so."""
        drawn = draw(make_report(results=[make_result(score=0, feedback="a\n" * 1_000)]))

        assert len(drawn.splitlines()) < 45
        assert "... (cut, 970 more lines)" in drawn

    @settings(max_examples=40, deadline=None)
    @given(st.text(st.characters() | st.characters(categories=["Cc", "Cf", "Cs"]), max_size=300), st.booleans())
    @example(text=":", plain=True)
    def test_any_text_can_be_drawn(self, text: str, plain: bool) -> None:
        """In every field; `draw` checks what comes out."""
        report = make_report(
            title=text,
            student=text,
            submission=text,
            results=[make_result(title=text, question=text, score=0, feedback=text, hint=text, log=text)],
            notices=[Notice(text=text, where=text)],
        )

        draw(report, plain=plain, audience=Audience.STAFF, verbosity=Verbosity.VERBOSE)
        draw(replace(report, score=None, rejected=text or "x"), plain=plain)


class TestCourse:
    def test_each_assignment_has_a_line(self) -> None:
        """Id, title, points, functions; and whether the hidden tests are here."""
        stream = io.StringIO()
        draw_course(Screen(stream=stream), course(make_assignment(), make_assignment(id="hw4", title="Softmax")))

        assert stream.getvalue().splitlines() == [
            "CNN                                                                2 assignments",
            RULE,
            "hw1  Convolution  100 points  conv2d, output_shape",
            "hw4  Softmax      100 points  conv2d, output_shape",
        ]

    def test_a_kit_says_that_hidden_tests_are_elsewhere(self) -> None:
        """A student's copy has none."""
        stream = io.StringIO()
        draw_course(Screen(stream=stream, plain=True), course(make_assignment(private=None)))

        assert stream.getvalue().splitlines() == [
            "CNN: 1 assignment",
            "hw1: Convolution: 100 points: conv2d, output_shape",
            "public tests: the hidden tests run on hand-in",
        ]


class TestDoctor:
    def test_a_missing_layer_says_what_would_raise_it(self) -> None:
        """Layers first, then the rest of the machine."""
        layers = (*FULL_ISOLATION.layers, Layer(name="network", active=False, detail="run with --cap-add SYS_ADMIN"))
        isolation = Isolation(level=IsolationLevel.CONFINED, layers=layers)
        stream = io.StringIO()
        draw_doctor(Screen(stream=stream), isolation, [("Python", "ok", "3.11.9"), ("TensorFlow", "missing", "pip")])
        lines = stream.getvalue().splitlines()

        assert lines[0].split() == ["isolation", "confined"]
        assert "missing  network     run with --cap-add SYS_ADMIN" in lines
        assert lines[-2:] == ["ok       Python      3.11.9", "missing  TensorFlow  pip"]


class TestError:
    def test_an_error_says_what_where_and_what_to_do(self) -> None:
        """Each part hangs beside its label."""
        assert list(
            error_lines(CourseError("18 points, not 20 " * 6, where="test_hidden.py", fix="change one " * 9))
        ) == [
            "error: 18 points, not 20 18 points, not 20 18 points, not 20 18 points, not 20",
            "       18 points, not 20 18 points, not 20",
            "  at   test_hidden.py",
            "  fix: change one change one change one change one change one change one change",
            "       one change one change one",
        ]

    def test_plain_does_not_fold(self) -> None:
        """A path stays whole."""
        error = GradeError("no such file", where="/a" * 100, fix="name another")

        assert list(error_lines(error, plain=True)) == [
            "error: no such file",
            "  at   " + "/a" * 100,
            "  fix: name another",
        ]

    def test_a_hostile_name_in_an_error_stays_text(self) -> None:
        """A file's name is a student's too."""
        assert "\\x1b" in "\n".join(error_lines(GradeError("no `[red]\x1b`", where="\x00")))


class TestImport:
    def test_drawing_loads_nothing_heavy(self) -> None:
        """`grade list` answers in a quarter of a second."""
        heavy = ("numpy", "pytest", "nbformat", "tensorflow", "parso")
        code = f"import sys, grader.console; print([name for name in {heavy} if name in sys.modules])"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

        assert done.stdout == "[]\n"


def course(*assignments: Assignment) -> Course:
    return Course(title="CNN", root=Path(), assignments=assignments, secret=b"")


def error_lines(error: GradeError, *, plain: bool = False) -> Iterable[str]:
    stream = io.StringIO()
    print_error(Screen(stream=stream, plain=plain), error)
    assert_harmless(stream.getvalue())
    return stream.getvalue().splitlines()
