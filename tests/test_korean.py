"""Korean, as a student meets it: every message has a translation, and it is found again in what is said."""

import io
import json
import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from typer.testing import CliRunner

from grader.catalogs import read_catalog
from grader.cellgrader import Input, Request, grade_cells
from grader.cli import app
from grader.cohort import Enrolled, Roster
from grader.console import Verbosity, draw_report, print_error
from grader.deltas import deltas, told
from grader.errors import SubmissionRejected, UsageError
from grader.exports.context import Context
from grader.exports.formats import FORMATS
from grader.grading import GradeOptions, grade_one
from grader.helptexts import asked
from grader.journal import Journal
from grader.kit import toolkit_files
from grader.language import Language, language
from grader.marking import Desk, Download, Watch, mark_folder
from grader.records import Audience, Notice, Outcome, Report, Visibility
from grader.screen import Screen
from tests.builders import make_report, make_result
from tests.catalogs import PARTICLES, domains, problems, update
from tests.corpus import COURSE, SUBMISSIONS
from tests.small_course import RIGHT, write_course, write_submission
from tests.test_translations import AGAINST, HANGUL, prose

ROOT = Path(__file__).parents[1]
OWN = next(iter(domains()))
KOREAN = language("ko")
ENTRIES = read_catalog(OWN.po)
FOUR_WORDS = re.compile(r"(?:\b[A-Za-z]{2,} ){3}[A-Za-z]{2,}")
COMMANDS = ["list", "start", "replay", "doctor", "data", "audit", "build", "new", "bundle", "watch", "batch", "regrade"]
COMMANDS += ["override", "gradebook", "similarity", "push", "push canvas", "push lti", "hw1"]


def english(text: str) -> list[str]:
    """English sentences of a text: four words in a row, apart from code and from what is quoted."""
    plain = re.sub(r'`[^`]*`|"[^"]*"|<[^>]*>', " ", text)
    return [match.group() for match in FOUR_WORDS.finditer(plain)]


# --- the catalog ----------------------------------------------------------------


class TestCatalog:
    def test_nothing_is_missing_fuzzy_or_stale(self) -> None:
        """And every translation has the values of its message."""
        assert list(problems(OWN)) == []

    def test_it_is_written_as_babel_writes_it(self, tmp_path: Path) -> None:
        """Brought up to date again, it does not change."""
        before = OWN.po.read_bytes()

        assert update(OWN) == 0
        assert OWN.po.read_bytes() == before

    def test_the_reader_of_the_toolkit_reads_what_babel_reads(self) -> None:
        with OWN.po.open("rb") as file:
            read = {(entry.context or "", str(entry.id)): str(entry.string) for entry in read_po(file) if entry.id}

        assert dict(ENTRIES) == read

    def test_every_text_is_korean(self) -> None:
        """There is Hangul in each but names of files, and nowhere four English words in a row."""
        texts = {key: said for key, said in ENTRIES.items() if key[1] != said}
        same = [msgid for (context, msgid), said in ENTRIES.items() if msgid == said]

        typed = re.compile(r"\b(grade|student|settle) [\w ]+")
        assert [said for said in texts.values() if english(typed.sub("", said))] == []
        assert all(not re.search(r"[a-z]{3,} [a-z]{3,} [a-z]{3,}", msgid) for msgid in same), same

    def test_it_keeps_to_the_glossary(self) -> None:
        assert [(word, said) for word in AGAINST for said in ENTRIES.values() if word in prose(said)] == []

    def test_a_korean_windows_terminal_can_print_it(self) -> None:
        assert [said for said in ENTRIES.values() if said.encode("cp949", "replace").decode("cp949") != said] == []

    def test_every_message_is_found_again_in_what_is_made_of_it(self) -> None:
        """With a number for each value it is recognised, unless two or three letters are all it has."""
        lost = []
        for context, msgid in ENTRIES:
            words = re.sub(r"\{\w+\}", "", msgid)
            if context or "{" not in msgid or sum(map(str.isalpha, words)) < 8 or "}{" in msgid:
                continue
            text = msgid
            for number, name in enumerate(re.findall(r"\{(\w+)\}", msgid.replace("{{", "").replace("}}", "")), 2):
                text = text.replace(f"{{{name}}}", str(number))
            said = KOREAN.say(text.replace("{{", "{").replace("}}", "}"))
            lost += [(msgid, said)] if not HANGUL.search(said) and HANGUL.search(ENTRIES[context, msgid]) else []

        assert lost == []

    def test_particles_are_written_in_braces_only_behind_something(self) -> None:
        behind = [said for said in ENTRIES.values() for form in PARTICLES if said.startswith(f"{{{form}}}")]

        assert behind == []


def test_the_catalog_goes_with_a_kit_and_a_bundle() -> None:
    """With the toolkit, and nothing of it is compiled."""
    files = toolkit_files()

    assert files[Path("grader/locale/ko/LC_MESSAGES/grader.po")] == OWN.po.read_bytes()
    assert b"locale/*/LC_MESSAGES/*.po" in files[Path("pyproject.toml")]


# --- sentences ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("the file is empty", "파일이 비어 있습니다"),
        (
            "max_pool2d(x (2, 7, 9, 3), size=3, stride=2) returned shape (2, 2, 3, 3), expected (2, 3, 4, 3).",
            "max_pool2d(x (2, 7, 9, 3), size=3, stride=2)는 형상 (2, 2, 3, 3)을 돌려주었습니다. "
            "기대한 것은 (2, 3, 4, 3)입니다.",
        ),
        ("conv2d returned an array of the wrong shape.", "conv2d는 형상이 틀린 배열을 돌려주었습니다."),
        (
            "relu raised TypeError: an array of the wrong shape",
            "relu에서 TypeError 예외가 났습니다: an array of the wrong shape",
        ),
        ("conv1d did not return within 3 s.", "conv1d는 3초 안에 돌아오지 않았습니다."),
        (  # a looser message fits too: the closest counts, with a dot behind it or without
            "The weights cannot be read: the file is damaged, or Keras did not write it. Save the model anew with "
            'model.save("model.keras"), and hand that file in as it is.',
            "가중치를 읽을 수 없습니다: 파일이 망가졌거나 Keras가 쓴 것이 아닙니다. "
            'model.save("model.keras")로 모델을 새로 저장하고, 그 파일을 그대로 제출하십시오.',
        ),
        (
            "The weights cannot be read: a process that read them did not return within 5 s.",
            "가중치를 읽을 수 없습니다. 읽던 프로세스에 생긴 일: 5초 안에 돌아오지 않았습니다.",
        ),
        ("softmax ended its own process. (exit code 0)", "softmax는 자기 프로세스를 끝냈습니다. (종료 코드 0)"),
        (
            "dense_1: padding is valid, the lecture's is same: 10x10 instead of 14x14",
            "dense_1: padding이 valid인데, 강의의 것은 same입니다: 14x14 대신 10x10",
        ),
        (
            "after conv2d_1 the lecture has a Dropout layer (rate 0.5), here comes a Flatten layer",
            "conv2d_1 다음에 강의에는 Dropout 층 (낙오율 0.5)가 있는데, 여기에는 Flatten 층이 옵니다",
        ),
        (
            "stage 1, block 2: its second convolution has 64 filters, 128 are due.",
            "1단계 블록 2: 둘째 컨볼루션의 필터가 64개인데 128개여야 합니다.",
        ),
        (
            "resnet_depth(cfg=[2]) returned 8 (a float), expected 8 (an integer).",
            "resnet_depth(cfg=[2])는 8 (float)를 돌려주었습니다. 기대한 것은 8 (정수)입니다.",
        ),
    ],
)
def test_a_sentence_of_the_checks_is_said_in_korean(text: str, said: str) -> None:
    assert KOREAN.say(text) == said


@pytest.mark.parametrize(
    "text",
    [
        "this is something that a student wrote",
        "it works on my machine",
        "The stride of an average is not its size: windows overlap, or leave gaps.",
        "ValueError: the filter is too large for me",
        "and then there is one in item 5",
        "look at the dtype of the array you create",
        "a copy of the window",
        "points, tests and hints",
    ],
)
def test_a_text_that_is_no_message_passes_unchanged(text: str) -> None:
    assert KOREAN.say(text) == text


# --- the console ----------------------------------------------------------------


def drawn(report: Report, told: Language, *, plain: bool = False) -> str:
    stream = io.StringIO()
    draw_report(Screen(stream=stream, plain=plain, language=told), report)
    return stream.getvalue()


@pytest.mark.parametrize("plain", [False, True])
def test_every_outcome_is_said(plain: bool) -> None:
    results = [make_result(name=f"test_{each}", outcome=each, score=0.0, title="Pooling") for each in Outcome]

    shown = drawn(make_report(results=results, needs_review=True, score=None), KOREAN, plain=plain)

    for word in ("통과", "실패", "미작성", "시간", "메모리", "중단", "생략", "오류", "시도하지 않음", "채점하지 못함"):
        assert word in shown
    assert english(shown) == []


def test_a_rejection_is_said_with_its_place_and_what_to_do() -> None:
    reason = str(SubmissionRejected("the file is empty", where="conv.py", fix="save your work and hand it in again"))

    shown = drawn(make_report(rejected=reason, score=None, results=()), KOREAN)

    assert all(part in shown for part in ("파일이 비어 있습니다", "위치 conv.py", "조치: 작업을 저장하고"))


def test_a_notice_names_its_place_in_korean() -> None:
    notice = Notice(text="the file was read as Python source, whatever its ending", where="cell 4, line 7")

    assert "셀 4, 7번째 줄: 확장자와 달리 Python 소스로 읽었습니다" in drawn(make_report(notices=[notice]), KOREAN)


@pytest.mark.parametrize("plain", [False, True])
def test_a_submission_s_own_words_stay_wherever_they_are_drawn(plain: bool) -> None:
    """Also where they are word for word a message of ours."""
    text = "a line outside every function raised ValueError: the file is empty; it was passed over"
    result = make_result(
        score=0.0, feedback="conv2d raised TypeError: the file is empty", visibility=Visibility.VISIBLE
    )
    report = make_report(notices=[Notice(text=text, where="conv.py, line 3")], results=[result], score=0.0)

    shown = " ".join(drawn(report, KOREAN, plain=plain).split())

    assert "conv.py, 3번째 줄: 함수 바깥의 줄에서 ValueError 예외가 났습니다: the file is empty." in shown
    assert "conv2d에서 TypeError 예외가 났습니다: the file is empty" in shown


def test_an_error_has_korean_labels() -> None:
    stream = io.StringIO()

    print_error(Screen(stream=stream, language=KOREAN), UsageError("the file is empty", where="a.csv", fix="create it"))

    assert stream.getvalue() == "오류:   파일이 비어 있습니다\n  위치: a.csv\n  조치: 만드십시오\n"


def test_a_log_is_for_staff_and_stays() -> None:
    """It holds what a submission printed."""
    stream = io.StringIO()
    report = make_report(results=[make_result(outcome=Outcome.GRADER_ERROR, log="the file is empty")])

    draw_report(Screen(stream=stream, language=KOREAN), report, audience=Audience.STAFF)

    assert "the file is empty" in stream.getvalue()


def test_what_changed_between_two_saves_is_said() -> None:
    before = make_report(results=[make_result(score=0.0, feedback="conv2d returned wrong values.")])
    after = make_report(results=[make_result(score=0.0, feedback="conv2d returned a wrong value.")])

    assert told(deltas(before, after), KOREAN)[0].startswith("실패: ")
    assert told(deltas(before, after), KOREAN)[0].endswith("(이제 다른 말을 합니다)")
    assert told((), KOREAN) == ("달라진 것 없음",)


#: One submission of each kind, of every assignment that needs no training: all are in tests/test_submissions.py.
SOME = [
    *("hw01_convolution/bias_forgotten", "hw01_convolution/bytes_cp949", "hw01_convolution/changes_its_argument"),
    *("hw02_pooling/keeps_the_axes", "hw02_pooling/stub"),
]


@pytest.mark.slow
@pytest.mark.parametrize("case", SOME)
def test_a_korean_report_has_no_english_sentence(case: str) -> None:
    """Not in what is drawn, on a wide screen that cuts no line."""
    assignment = next(each for each in COURSE.assignments if each.folder == case.partition("/")[0])
    report = grade_one(COURSE, assignment, SUBMISSIONS / case, GradeOptions())
    stream = io.StringIO()

    draw_report(Screen(stream=stream, width=200, language=KOREAN.of(assignment)), report)

    assert english(stream.getvalue()) == []
    assert HANGUL.search(stream.getvalue())


# --- the command line -----------------------------------------------------------


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_is_korean(command: str) -> None:
    done = CliRunner(env={"GRADE_LANG": "ko", "COLUMNS": "80"}).invoke(app, [*command.split(), "--help"])

    said = re.sub(r"(grade|root) [\w ]+(--?[\w ]*)?", " ", done.output)
    assert done.output.startswith("사용법: ")
    assert re.findall(r"(?:\b[a-z]{2,} ){2}[a-z]{2,}", said.replace("int range", "")) == []
    assert all(len(line) + len(HANGUL.findall(line)) <= 80 for line in done.output.splitlines() if "://" not in line)


def run(*arguments: str | Path, cwd: Path, **environ: str) -> "subprocess.CompletedProcess[str]":
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "SYSTEMROOT") if name in os.environ}
    command = [sys.executable, "-m", "grader", *map(str, arguments)]
    environ = {"PYTHONIOENCODING": "utf-8", "PYTHONPATH": str(ROOT), **environ}
    return subprocess.run(
        command, cwd=cwd, env={**kept, **environ}, capture_output=True, encoding="utf-8", timeout=60, check=False
    )


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_course(tmp_path_factory.mktemp("course"))


@pytest.mark.parametrize("arguments", [("--lang", "ko", "list"), ("list", "--lang", "ko"), ("list", "--lang=ko")])
def test_the_option_stands_anywhere(root: Path, arguments: tuple[str, ...]) -> None:
    assert "과제 1개" in run(*arguments, cwd=root).stdout


def test_the_option_wins_over_the_environment(root: Path) -> None:
    assert "1 assignment" in run("list", "--lang", "en", cwd=root, GRADE_LANG="ko", LANG="ko_KR.UTF-8").stdout


def test_the_system_s_language_is_enough(root: Path) -> None:
    assert "과제 1개" in run("list", cwd=root, LANG="ko_KR.UTF-8").stdout
    assert "1 assignment" in run("list", cwd=root, LANG="de_DE.UTF-8").stdout


@pytest.mark.parametrize("arguments", [("list", "--lang", "tlh"), ("list", "--lang"), ("--lang=", "list")])
def test_a_language_that_is_not_here_is_refused(root: Path, arguments: tuple[str, ...]) -> None:
    done = run(*arguments, cwd=root)

    assert done.returncode == 2
    assert done.stderr.splitlines()[0] == "error: `--lang` names no language that is here"
    assert "--lang ko" in done.stderr


def test_an_unknown_language_in_the_environment_is_english(root: Path) -> None:
    assert "1 assignment" in run("list", cwd=root, GRADE_LANG="tlh").stdout


@pytest.mark.parametrize(
    "text",
    [
        "grade again; `grade doctor` says what this machine lacks",
        "grade where the course's solutions are",
        "grade a folder first: grade batch hw1 DIR",
        "grade a class first: grade batch HW DIR",
        "grade again with `--audience staff --export json=FILE`",
        "name the data set to fetch",
        "out of memory",
        "out of time",
    ],
)
def test_a_sentence_that_begins_like_a_command_is_translated(text: str) -> None:
    assert HANGUL.search(language("ko").say(text))


@pytest.mark.parametrize(("tests", "said"), [("public", "공개"), ("hidden", "비공개")])
def test_one_line_says_which_tests_in_korean(tests: str, said: str) -> None:
    """`-q`, as in a student's kit."""
    told = draw(make_report(score=None, max_score=None, tests=tests), Verbosity.QUIET)

    assert told == f"hw1 {said} 테스트 1개 가운데 1개 통과\n"


def test_a_duration_is_korean() -> None:
    """`-v`."""
    told = draw(make_report(results=[make_result(visibility=Visibility.VISIBLE)]), Verbosity.VERBOSE)

    assert "(0.01초)" in told
    assert " s)" not in told


def draw(report: Report, verbosity: Verbosity) -> str:
    stream = io.StringIO()
    draw_report(Screen(stream=stream, language=language("ko")), report, verbosity=verbosity)
    return stream.getvalue()


def test_what_stands_behind_two_dashes_is_no_option() -> None:
    assert asked(["hw1", "--", "--lang", "ko"]) == ("", ["hw1", "--", "--lang", "ko"])
    assert asked(["--lang", "ko", "hw1", "-q"]) == ("ko", ["hw1", "-q"])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("hw99",), "강좌에 `hw99` 과제가 없습니다"),
        (("lsit",), "`list`를 뜻하셨습니까?"),
        (("hw1", "--foo"), "그런 옵션은 없습니다: --foo"),
        (("start",), "인수 'HW'가 없습니다"),
        (("audit", "--seeds", "x"), "'--seeds'의 값이 잘못되었습니다"),
        (("hw1", "--export", "csv=x"), "`csv` 내보내기 형식은 없습니다"),
        (("hw1", "--seed", "zz"), "`zz`는 시드가 아닙니다"),
        (("list", "more"), "쓰이지 않는 인수가 있습니다 (more)"),
        (("hw1", "--seed"), "옵션 '--seed'에는 값이 필요합니다."),
    ],
)
def test_wrong_use_is_told_in_korean(root: Path, arguments: tuple[str, ...], said: str) -> None:
    done = run(*arguments, "--lang", "ko", cwd=root)

    assert done.returncode == 2
    assert said in " ".join(done.stderr.split())
    assert english(done.stderr) == []


def test_english_and_json_do_not_change(root: Path, tmp_path: Path) -> None:
    """What a program reads is the same for every reader."""
    wrong = write_submission(tmp_path, RIGHT.replace("x + x", "x * x"))
    seen = {}
    for code in ("en", "ko"):
        run("hw1", wrong, "--export", "json=report.json", "--export", "junit=report.xml", "--lang", code, cwd=tmp_path,
            GRADE_COURSE=str(root))  # fmt: skip
        told = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
        seen[code] = {key: value for key, value in told.items() if key != "timings"}

    assert seen["en"] == seen["ko"]


def test_a_report_is_korean_from_end_to_end(root: Path, tmp_path: Path) -> None:
    """A course without catalogs keeps its own titles and hints; all else is Korean."""
    wrong = write_submission(tmp_path, RIGHT.replace("x + x", "x * x"))

    done = run("hw1", wrong, "--lang", "ko", cwd=root)

    assert done.returncode == 1
    assert "double" in done.stdout
    assert all(word in done.stdout for word in ("통과", "실패", "힌트", "격리"))


def test_start_says_what_to_do_next(root: Path, tmp_path: Path) -> None:
    done = run("start", "hw1", tmp_path / "work", "--lang", "ko", cwd=root)

    assert "을 읽고 doubling.py나 노트북을 작성한 뒤 다음을 실행하십시오:" in done.stdout or "를 읽고" in done.stdout
    assert english(done.stdout) == []


# --- what a student reads elsewhere -----------------------------------------------


def shown_everywhere() -> Report:
    visible = make_result(
        name="test_a",
        score=0.0,
        visibility=Visibility.VISIBLE,
        feedback="conv2d(x (2, 3)) returned shape (2, 2), expected (2, 3).",
        hint="the file is empty",
        title="the first convolution has windows of 3x3, 7x7 is due",
    )
    todo = make_result(name="test_b", score=0.0, outcome=Outcome.NOT_ATTEMPTED, title="no change")
    return make_report(results=[visible, todo], score=0.0, notices=[Notice(text="the file is empty")])


@pytest.mark.parametrize("name", ["html", "gradescope", "prairielearn", "github", "classroom-legacy", "lti"])
def test_an_export_for_a_student_is_korean(name: str) -> None:
    if name == "html":
        pytest.importorskip("matplotlib")
    context = Context(
        now=datetime(2026, 12, 1, tzinfo=UTC), language=KOREAN, environ={"LTI_USER_ID": "7"}, token="a" * 32
    )

    text = FORMATS[name].render(shown_everywhere(), Audience.STUDENT, context)

    if name == "classroom-legacy":
        import base64

        text = base64.b64decode(text).decode()
    body = re.sub(r"<style>.*?</style>|<svg.*?</svg>", "", text, flags=re.DOTALL)
    assert "돌려주었습니다" in text
    assert "힌트" in text
    assert english(re.sub(r'"\w+": "[\w-]+"', "", body)) == []


def test_a_page_says_which_language_it_is_in() -> None:
    pytest.importorskip("matplotlib")
    context = Context(language=KOREAN)

    assert '<html lang="ko">' in FORMATS["html"].render(shown_everywhere(), Audience.STUDENT, context)
    assert '<html lang="en">' in FORMATS["html"].render(shown_everywhere(), Audience.STUDENT, Context())


def test_a_notebook_s_answer_is_korean(root: Path, tmp_path: Path) -> None:
    wrong = Request(assignment="hw1", history=[Input(number=1, source=RIGHT.replace("x + x", "x * x"))])
    environ = {"GRADE_COURSE": str(root), "GRADE_LANG": "ko", "PATH": os.environ["PATH"]}

    answer = grade_cells(wrong, tmp_path, environ)
    refused = grade_cells(Request(assignment="hw7", history=[]), tmp_path, environ)

    assert 'lang="ko"' in answer.html
    assert "채점한 것: 마지막으로 실행된 셀들" in answer.text
    assert "강좌에 `hw7` 과제가 없습니다" in refused.text
    assert "<strong>오류:</strong>" in refused.html
    assert [line.split()[0] for line in refused.text.splitlines()] == ["오류:", "위치:", "조치:"]


def test_a_notebook_may_ask_for_its_language(root: Path, tmp_path: Path) -> None:
    """`%grade hw1 --lang ko` counts more than the environment."""
    environ = {"GRADE_COURSE": str(root), "GRADE_LANG": "en", "PATH": os.environ["PATH"]}

    refused = grade_cells(Request(assignment="hw7", history=[], lang="ko"), tmp_path, environ)

    assert refused.text.startswith("오류:   강좌에 `hw7` 과제가 없습니다")


@pytest.mark.slow
def test_in_a_batch_each_student_reads_their_own_language(root: Path, tmp_path: Path) -> None:
    """As the roster's column says; the journal stays English for everybody."""
    from grader.batch import BatchOptions
    from grader.course import read_course

    folder = tmp_path / "in"
    for name in ("kim", "ann", "bob"):
        write_submission(folder / name, RIGHT.replace("x + x", "x * x"))
    students = (
        Enrolled(id="kim", name="Kim", language="한국어"),
        Enrolled(id="ann", name="Ann", language="en"),
        Enrolled(id="bob", name="Bob"),
    )
    course = read_course(root, secret=b"s")
    desk = Desk(
        journal=tmp_path / "journal", out=tmp_path / "out", roster=Roster(students=students), formats=["gradescope"]
    )

    mark_folder(
        course,
        course.assignments[0],
        Download(path=folder),
        desk,
        BatchOptions(environ=os.environ, jobs=1),
        Watch(now=lambda: datetime.now(UTC)),
    )

    written = {path.stem: path.read_text(encoding="utf-8") for path in (tmp_path / "out/gradescope").iterdir()}
    assert "실패" in written["kim"]
    assert not HANGUL.search(written["ann"] + written["bob"])
    with Journal.read(desk.journal) as journal:
        assert all(not HANGUL.search(str(filed.report)) for filed in journal.filed(with_results=True))


def test_a_course_without_korean_says_so_once_and_is_graded_all_the_same(tmp_path: Path) -> None:
    root = write_course(tmp_path / "course")
    write_submission(root / "in", RIGHT)
    told = run("hw1", "in", "--lang", "ko", cwd=root)

    assert told.returncode == 0
    assert told.stderr.count("이 강좌에는 한국어가 없습니다") == 1
    assert "The sum of all." in told.stdout
    assert run("hw1", "in", cwd=root).stderr == ""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "prepare(images (3, 28)) returned shape (3, 28) at [0], expected (3, 28, 1).",
            "prepare(images (3, 28))은 [0] 자리에 형상 (3, 28)을 돌려주었습니다. 기대한 값은 (3, 28, 1)입니다.",
        ),
        (
            "trace_network(layers) returned 9.0 (a float) at [0]['shape'][0], expected 9 (an integer).",
            "trace_network(layers)는 [0]['shape'][0] 자리에 9.0 (float)를 돌려주었습니다. 기대한 값은 9 (정수)입니다.",
        ),
        (
            "conv1d(x (9,)) is to return a value, but raised ValueError: not enough (expected 2, got 1). Why?",
            "conv1d(x (9,))는 값을 돌려주어야 하는데 예외를 냈습니다: ValueError: not enough (expected 2, got 1). Why?",
        ),
        (
            "f(1) is to raise ValueError, as these arguments are impossible, but raised KeyError: 'a: b, c'",
            "f(1)은 불가능한 인수이므로 ValueError를 내야 하는데 다른 예외를 냈습니다: KeyError: 'a: b, c'",
        ),
        (
            "conv1d could not be read: a.py, line 5: expected ':'",
            "conv1d를 읽을 수 없었습니다: a.py, 5번째 줄: expected ':'",
        ),
        ("`conv1d` was set aside: expected ':'", "`conv1d`를 제쳐 두었습니다: expected ':'"),
        ("`a.py` cannot be imported: the file is empty", "`a.py`를 불러올 수 없습니다: 파일이 비어 있습니다"),
        ("  returned: 0.5\n  expected: 1.0", "  돌려준 값: 0.5\n  기대한 값: 1.0"),
    ],
)
def test_what_a_student_meets_often_is_said_whole(text: str, said: str) -> None:
    """Python's own words, in whatever form, are neither said nor cut."""
    assert KOREAN.say(text) == said


def test_a_line_far_down_is_said_too() -> None:
    """What stands above it does not use up its attempts."""
    above = "\n".join(f"line {number}: (this, that; and: more) raised, or not" for number in range(12))
    said = KOREAN.say(f"{above}\na.py, line 7, in conv1d: n, c = x.shape")

    assert said.endswith("\na.py, 7번째 줄, conv1d: n, c = x.shape")
