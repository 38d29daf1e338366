"""`%grade`, in a real kernel that executes a real notebook."""

import contextlib
import json
import os
import re
import signal
import sys
import textwrap
import threading
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from grader.stubs import write_notebook
from tests.builders import make_assignment
from tests.small_course import RIGHT, write_course

DOUBLE, TOTAL = (f"def {part}" for part in RIGHT.split("def ")[1:])
FIRST_ROW = TOTAL.replace("x.sum()", "x[0].sum()")
LOAD = "%load_ext grader.jupyter"
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_course(tmp_path_factory.mktemp("course"))


class Kernel:
    """A notebook that is open: cells are typed and run, one after another, and nothing is saved."""

    def __init__(self, folder: Path) -> None:
        self._notebook = nbformat.v4.new_notebook()  # type: ignore[no-untyped-call]
        self._client = NotebookClient(
            self._notebook, timeout=60, allow_errors=True, resources={"metadata": {"path": str(folder)}}
        )

    def __enter__(self) -> "Kernel":
        self._context = self._client.setup_kernel()
        self._context.__enter__()
        return self

    def __exit__(self, *what: Any) -> None:
        self._context.__exit__(*what)

    def run(self, source: str, *, id: str = "") -> dict[str, Any]:
        """Run a cell; what it shows, by its type. `id` as JupyterLab sends it along."""
        cell = nbformat.v4.new_code_cell(source)  # type: ignore[no-untyped-call]
        self._notebook.cells.append(cell)
        with self._sending({"cellId": id} if id else {}):
            self._client.execute_cell(cell, len(self._notebook.cells) - 1)
        shown: dict[str, Any] = {"cells": cell.execution_count}
        for output in cell.outputs:
            assert output.output_type != "error" or "%" not in source, output
            shown |= output.get("data", {})
        return shown

    @contextlib.contextmanager
    def _sending(self, metadata: dict[str, str]) -> Iterator[None]:
        """Give each message what a front end adds to it; nbclient adds nothing."""
        assert self._client.kc is not None
        session = self._client.kc.session
        plain = session.msg

        def message(kind: str, content: Any = None) -> Any:
            return plain(kind, content, metadata=metadata)

        session.msg = message
        try:
            yield
        finally:
            session.msg = plain


@pytest.fixture
def kernel(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kernel]:
    """A kernel in a folder that is no course; GRADE_COURSE names it."""
    for name in [name for name in os.environ if name.startswith(("GRADE_", "PYTEST_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GRADE_COURSE", str(root))
    monkeypatch.setenv("JUPYTER_PATH", str(spec(tmp_path / "jupyter")))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    work = tmp_path / "work"
    work.mkdir()
    with Kernel(work) as kernel:
        yield kernel


def spec(folder: Path) -> Path:
    """A kernel of this very Python, whatever else is installed."""
    place = folder / "kernels" / "python3"
    place.mkdir(parents=True)
    argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    (place / "kernel.json").write_text(json.dumps({"argv": argv, "display_name": "Python 3", "language": "python"}))
    return folder


class Markup(HTMLParser):
    """The elements of a page, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.text += data


class TestGrade:
    def test_cells_that_were_never_saved_are_graded(self, kernel: Kernel) -> None:
        """As HTML, and as the text that a terminal shows."""
        kernel.run(LOAD)
        kernel.run("import numpy as np")
        kernel.run(DOUBLE)
        kernel.run(FIRST_ROW)

        shown = kernel.run("%grade hw1")

        html = Markup(shown["text/html"]).text
        assert "hw1 Doubling: 60 / 100" in html
        assert "You add up the first row only." in html
        assert re.search(r"^hw1  Doubling +60 / 100$", shown["text/plain"], re.MULTILINE)
        assert "up to In [5]" in html
        assert "up to In [5]" in shown["text/plain"]

    def test_a_cell_that_ran_twice_counts_as_it_ran_last(self, kernel: Kernel) -> None:
        """The older text is not even mentioned."""
        kernel.run(f"import numpy as np\nLEAST = 3\n{DOUBLE.replace('> 3', '> LEAST')}\n{FIRST_ROW}")
        kernel.run(TOTAL)
        kernel.run(DOUBLE.replace("> 3", "> LEAST"))

        kernel.run(LOAD)
        text = kernel.run("%grade hw1")["text/plain"]

        assert "100 / 100" in text
        assert "note" not in text

    def test_a_demonstration_that_is_gone_is_not_run_again(self, kernel: Kernel) -> None:
        """Where the front end says which cell it was, as JupyterLab does."""
        kernel.run(LOAD)
        kernel.run(DOUBLE + TOTAL)
        kernel.run("print(no_such_name)", id="demo")
        before = kernel.run("%grade hw1")["text/plain"]
        kernel.run("print(3)", id="demo")
        after = kernel.run("%grade hw1")["text/plain"]

        assert "cell 3, line 1" in before
        assert "no_such_name" in before
        assert "note" not in after

    def test_a_cell_with_a_syntax_error_is_told_by_its_number(self, kernel: Kernel) -> None:
        """The rest of the notebook is graded."""
        kernel.run(LOAD)
        kernel.run(DOUBLE)
        kernel.run(TOTAL.replace("return x.sum()", "return x.sum("))

        shown = kernel.run("%grade hw1")

        assert "60 / 100" in shown["text/plain"]
        assert "cell 3, line 2" in shown["text/plain"]
        assert "cell 3, line 2" in Markup(shown["text/html"]).text

    def test_a_place_in_a_cell_is_its_number_and_line(self, kernel: Kernel) -> None:
        kernel.run("import numpy as np")
        kernel.run(LOAD)
        kernel.run("import math\n\n" + DOUBLE.replace("return x + x", "return x + y"))

        assert "cell 3, line 6" in kernel.run("%grade hw1")["text/plain"]

    def test_magics_and_shell_lines_cost_nothing(self, kernel: Kernel) -> None:
        """What matters of them is told."""
        kernel.run("%%time\n" + DOUBLE)
        kernel.run("!echo hello\n" + TOTAL)
        kernel.run("%%bash\necho def total")
        kernel.run(f"{LOAD}\n%precision 3")

        text = kernel.run("%grade hw1")["text/plain"]

        assert "100 / 100" in text
        assert "`!echo hello` is not Python and was set aside" in text
        assert "%precision" not in text

    def test_modules_beside_the_notebook_can_be_imported(self, kernel: Kernel, tmp_path: Path) -> None:
        (tmp_path / "work" / "adding.py").write_text(RIGHT, encoding="utf-8")
        (tmp_path / "work" / "secret.py").symlink_to(tmp_path / "nowhere.py")
        kernel.run("from adding import double, total")
        kernel.run(LOAD)

        assert "100 / 100" in kernel.run("%grade hw1")["text/plain"]

    def test_public_tests_can_be_asked_for(self, kernel: Kernel) -> None:
        kernel.run(DOUBLE + TOTAL)
        kernel.run(LOAD)

        assert "1 of 1 passed" in kernel.run("%grade hw1 --public --seed ff")["text/plain"]

    def test_the_last_cell_of_a_generated_notebook_grades_it(self, kernel: Kernel) -> None:
        assignment = make_assignment(questions={"double": 60.0, "total": 40.0})
        source = json.loads(write_notebook("def double(x):\n    return x\n", assignment))["cells"][-1]["source"]
        kernel.run(DOUBLE + TOTAL)

        assert "100 / 100" in kernel.run("".join(source))["text/plain"]


class TestHidden:
    def test_what_is_hidden_stays_hidden(self, kernel: Kernel) -> None:
        """Neither page says what the hidden test passed, nor a seed, nor a log; nothing of them is in the kernel."""
        kernel.run(LOAD)
        kernel.run(
            textwrap.dedent("""
            def double(x):
                print("PASSED", x.shape)
                raise ValueError(f"LEAK {x.shape}")

            def total(x):
                return 12345.0
            """)
        )
        shown = kernel.run("%grade hw1")
        kernel.run("import sys; names = [n for n in sys.modules if n.startswith('grader')]")
        loaded = kernel.run("names")["text/plain"]

        for page in (Markup(shown["text/html"]).text, shown["text/plain"]):
            assert "(5, 2, 2)" not in page
            assert "(3, 4)" not in page
            assert "seed" not in page
            assert "LEAK (2, 3)" in page  # of the visible test
        assert "grader.grading" not in loaded
        assert "grader.plugin" not in loaded


class TestHostile:
    def test_a_student_s_text_is_text(self, kernel: Kernel) -> None:
        """Markup, the end of a script, mathematics, another direction, colours."""
        kernel.run(LOAD)
        text = "</pre></script><script>alert(1)</script><img src=x onerror=y>"
        text += " $\\\\href{a}{b}$ \\u202egnp \\x1b[31mred [bold]b"
        kernel.run(f'def double(x):\n    raise ValueError("{text}")\n')

        shown = kernel.run("%grade hw1")

        page = Markup(shown["text/html"])
        assert page.elements <= {
            *("div", "style", "p", "b", "strong", "small", "bdi", "pre"),
            *("table", "caption", "tbody", "tr", "td"),
        }
        assert page.attributes <= {"class", "lang", "dir"}
        assert "<script>alert(1)</script>" in page.text
        assert "\\u202egnp red [bold]b" in page.text
        assert "mathjax_ignore" in shown["text/html"]
        assert "http" not in shown["text/html"]
        assert "\x1b" not in shown["text/plain"]
        assert "\u202e" not in shown["text/plain"]


@pytest.fixture(scope="module")
def wrong(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    """One kernel for all that goes wrong: nothing of it stays behind."""
    folder = tmp_path_factory.mktemp("wrong")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADE_COURSE", str(root))
        patch.setenv("JUPYTER_PATH", str(spec(folder / "jupyter")))
        patch.setenv("IPYTHONDIR", str(folder / "ipython"))
        with Kernel(folder) as kernel:
            kernel.run(LOAD)
            yield kernel


class TestErrors:
    @pytest.mark.parametrize(
        ("line", "what"),
        [
            ("%grade hw7", "the course has no assignment `hw7`"),
            ("%grade", "which assignment is it?"),
            ("%grade hw1 --sed 3", "there is no option `--sed`"),
            ("%grade hw1 --seed", "`--seed` needs a value"),
            ("%grade hw1 --seed=xyz", "`xyz` is not a seed"),
            ("%grade hw1 mine.ipynb", "run: !grade hw1 mine.ipynb"),
            ("%grade hw1 'open", "No closing quotation"),
            ("%grade hw1 --course nowhere", "nowhere"),
            ("%grade hw1 --lang tlh", "`--lang` names no language that is here"),
        ],
    )
    def test_each_is_a_clear_line(self, wrong: Kernel, line: str, what: str) -> None:
        shown = wrong.run(line)

        assert shown["text/plain"].startswith("error: ")
        assert what in shown["text/plain"]
        assert what in Markup(shown["text/html"]).text
        assert "Traceback" not in shown["text/plain"]

    @pytest.mark.parametrize("line", ["%grade hw7 --lang ko", "%grade --lang=ko", "%grade hw1 --lang ko --sed 3"])
    def test_an_error_is_in_the_language_that_the_line_asks_for(self, wrong: Kernel, line: str) -> None:
        text = wrong.run(line)["text/plain"]

        assert text.startswith("오류: ")
        assert "\n  조치: " in text
        assert "fix" not in text

    def test_a_question_mark_says_how_it_is_used(self, wrong: Kernel) -> None:
        """`%grade?` shows the docstring."""
        told = wrong.run("print(get_ipython().find_magic('grade').__doc__); get_ipython().find_magic('grade').__doc__")

        assert "[--lang CODE]" in told["text/plain"]
        assert "GRADE_LANG" in told["text/plain"]

    def test_where_no_course_is_found_it_says_where_to_look(self, wrong: Kernel) -> None:
        wrong.run("import os; course = os.environ.pop('GRADE_COURSE')")

        text = wrong.run("%grade hw1")["text/plain"]
        wrong.run("os.environ['GRADE_COURSE'] = course")

        assert text.startswith("error: ")
        assert "fix:" in text
        assert len(text.splitlines()) <= 4

    def test_an_interrupt_is_no_traceback(self, wrong: Kernel) -> None:
        """The button that stops a cell stops the grading too."""
        pid = int(wrong.run("import os; os.getpid()")["text/plain"])
        wrong.run("def double(x):\n    while True:\n        pass\n\ndef total(x):\n    while True:\n        pass\n")
        button = threading.Timer(0.7, os.kill, (pid, signal.SIGINT))
        button.start()
        text = wrong.run("%grade hw1")["text/plain"]
        button.join()

        assert text.startswith("error: interrupted: nothing was graded")
