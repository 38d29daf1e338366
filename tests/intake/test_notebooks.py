"""Notebooks of every version and in every state, and what only IPython understands in them."""

import json
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.errors import SubmissionRejected
from grader.intake.notebooks import Notebook, read_notebook


def make_notebook(*cells: str | dict[str, Any], minor: int = 5) -> str:
    """A version 4 notebook; a string is a code cell, a dictionary is a cell as it is."""
    made = [
        {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, "source": cell.splitlines(True)}
        if isinstance(cell, str)
        else cell
        for cell in cells
    ]
    return json.dumps({"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": minor})


def text_cell(text: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {}, "source": text}


def read(*cells: str | dict[str, Any]) -> Notebook:
    return read_notebook(make_notebook(*cells), "convolution.ipynb")


class TestCells:
    def test_code_cells_are_joined_and_each_line_knows_its_cell(self) -> None:
        notebook = read("import numpy as np\n", text_cell("# Title"), "def f(x):\n    return x")

        assert notebook.source == "import numpy as np\n\ndef f(x):\n    return x\n"
        assert [(at.cell, at.line) for at in notebook.lines] == [(1, 1), (1, 2), (3, 1), (3, 2)]

    def test_every_line_of_source_has_a_place(self) -> None:
        notebook = read("a = 1\r\nb = 2\r\n", "", "\n\n", "c = 3")

        assert notebook.source.count("\n") == len(notebook.lines)
        assert "\r" not in notebook.source

    def test_version_3_is_read(self) -> None:
        cell = {"cell_type": "code", "input": ["x = 1\n", "y = 2"], "language": "python", "outputs": [], "metadata": {}}
        heading = {"cell_type": "heading", "level": 1, "source": "Title", "metadata": {}}
        worksheets = [{"cells": [heading, {**cell, "prompt_number": 1}], "metadata": {}}]
        text = json.dumps({"worksheets": worksheets, "metadata": {"name": ""}, "nbformat": 3, "nbformat_minor": 0})
        notebook = read_notebook(text, "old.ipynb")

        assert notebook.source == "x = 1\ny = 2\n"
        assert notebook.lines[1].cell == 2

    @pytest.mark.parametrize("minor", [0, 2, 4, 5, 9])
    def test_every_minor_version_is_read(self, minor: int) -> None:
        assert read_notebook(make_notebook("x = 1", minor=minor), "n.ipynb").source == "x = 1\n"

    def test_a_source_may_be_one_string_and_a_cell_may_lack_what_it_should_have(self) -> None:
        assert read({"cell_type": "code", "source": "x = 1"}).source == "x = 1\n"

    def test_outputs_cost_nothing(self) -> None:
        output = {"output_type": "display_data", "data": {"image/png": "A" * 8_000_000}, "metadata": {}}
        text = make_notebook({"cell_type": "code", "source": "x = 1", "metadata": {}, "outputs": [output]})
        start = time.process_time()
        read_notebook(text, "n.ipynb")

        assert time.process_time() - start < 1

    def test_half_a_character_is_replaced(self) -> None:
        notebook = read("x = '\ud800'")

        assert notebook.source.encode()


class TestMagics:
    @pytest.mark.parametrize("line", ["%matplotlib inline", "?np.dot", "np.dot?", "np.dot??", "%load_ext autoreload"])
    def test_what_only_sets_the_screen_becomes_pass_without_a_word(self, line: str) -> None:
        notebook = read(f"x = 1\n{line}\ny = 2")

        assert notebook.source == "x = 1\npass\ny = 2\n"
        assert not notebook.notices

    @pytest.mark.parametrize(
        "line", ["!pip install scipy", "%run helper.py", "!!ls", "x = !ls", "x = %who_ls", "%time f()"]
    )
    def test_what_may_matter_becomes_pass_and_is_told(self, line: str) -> None:
        notebook = read(f"x = 1\n{line}\ny = 2")

        assert notebook.source == "x = 1\npass\ny = 2\n"
        assert notebook.notices[0].where == "cell 1, line 2"
        assert f"`{line}`" in notebook.notices[0].text

    @pytest.mark.parametrize("line", ["!grade hw1 convolution.ipynb", "%pip install --quiet cnn-autograde"])
    def test_our_own_stub_is_quiet(self, line: str) -> None:
        assert not read(line).notices

    def test_a_block_stays_a_block(self) -> None:
        notebook = read("if missing:\n    !pip install numpy\nx = 1")

        assert notebook.source == "if missing:\n    pass\nx = 1\n"

    def test_a_command_over_two_lines_leaves_two_lines(self) -> None:
        notebook = read("!pip install \\\n    numpy\nx = 1")

        assert notebook.source == "pass\n\nx = 1\n"

    @pytest.mark.parametrize("magic", ["%%time", "%%capture out", "%%timeit -n 3"])
    def test_python_below_a_cell_magic_is_kept(self, magic: str) -> None:
        notebook = read(f"{magic}\ndef f(x):\n    return x")

        assert notebook.source == "\ndef f(x):\n    return x\n"
        assert not notebook.notices

    @pytest.mark.parametrize("magic", ["%%bash", "%%writefile a.py", "%%html", "%%javascript", "%%script python"])
    def test_a_cell_of_something_else_is_set_aside_as_a_whole(self, magic: str) -> None:
        notebook = read(f"\n{magic}\necho 'x\n", "y = 1")

        assert notebook.source == "\n\n\n\ny = 1\n"
        assert [notice.where for notice in notebook.notices] == ["cell 1, line 2"]

    @pytest.mark.parametrize(
        "source",
        [
            's = """\n!no command\n%no magic\n"""\n',
            "s = '''a\n!b'''\n",
            "y = (a\n% b)\n",
            "y = a \\\n% b\n",
            "x = [1,\n  # (why?\n!= 2]\n".replace("!=", "#"),
            's = \'"""\'\nt = "a#\'"\n',
            "s = 'one \\\n!two'\n",
            "x = 1  # why?\n",
            "s = r'\\'\nx = {'a': 1}\n",
        ],
    )
    def test_python_that_looks_like_a_magic_is_left_alone(self, source: str) -> None:
        assert read(source).source.startswith(source)

    def test_an_open_bracket_ends_with_its_cell(self) -> None:
        assert read("x = (1,", "!ls").source == "x = (1,\npass\n"

    def test_many_notices_are_counted(self) -> None:
        notices = read("\n".join(f"!echo {number}" for number in range(30))).notices

        assert len(notices) == 11
        assert notices[-1].text.startswith("20 more")

    @pytest.mark.parametrize(
        "line", [" " * 300_000 + "x", "a" * 300_000, "'" + "\\" * 300_001, "a, " * 100_000, "(" * 300_000]
    )
    def test_a_very_long_line_takes_no_time(self, line: str) -> None:
        start = time.process_time()
        read(line)

        assert time.process_time() - start < 1

    @given(st.text(alphabet=list("\n\n %!?'\"#\\()[]ax="), max_size=40))
    @settings(max_examples=300, deadline=None)
    def test_no_line_is_ever_lost_or_added(self, source: str) -> None:
        notebook = read({"cell_type": "code", "source": source, "metadata": {}})

        assert notebook.source.count("\n") == source.count("\n") + 1 == len(notebook.lines)


class TestRefusals:
    @pytest.mark.parametrize(
        ("text", "what"),
        [
            ("", "broken JSON"),
            ("{", "broken JSON"),
            (make_notebook("x = 1")[:-20], "broken JSON"),
            ("<<<<<<< HEAD\n{}", "broken JSON"),
            ("[]", "no notebook"),
            ("{}", "no notebook"),
            ("null", "no notebook"),
            ("[" * 100_000, "nests too deeply"),
            ('{"cells":' * 100_000, "nests too deeply"),
            ('{"cells": [], "nbformat": 99}', "cannot open"),
            ('{"cells": [], "nbformat": []}', "cannot open"),
            ('{"cells": [], "nbformat": "4"}', "cannot open"),
            ('{"cells": 3, "nbformat": 4}', "cannot open"),
            ('{"cells": [3], "nbformat": 4}', "cannot open"),
            ('{"cells": [{}], "nbformat": 4}', "cannot open"),
            ('{"cells": {"a": 1}, "nbformat": 4, "nbformat_minor": 5}', "cannot open"),
            ('{"worksheets": [3], "nbformat": 3}', "cannot open"),
        ],
    )
    def test_what_is_no_notebook_is_refused_with_a_remedy(self, text: str, what: str) -> None:
        with pytest.raises(SubmissionRejected) as caught:
            read_notebook(text, "n.ipynb")

        assert what in caught.value.what
        assert caught.value.where.startswith("n.ipynb")
        assert caught.value.fix

    def test_broken_json_is_told_with_its_line(self) -> None:
        with pytest.raises(SubmissionRejected) as caught:
            read_notebook('{\n"cells": [,]}', "n.ipynb")

        assert caught.value.where == "n.ipynb, line 2"

    @given(
        st.recursive(
            st.none() | st.integers() | st.text(max_size=5),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from(["cells", "source", "cell_type", "metadata", "input", "outputs"]), inner
                )
            ),
            max_leaves=10,
        ),
        st.sampled_from([1, 2, 3, 4]),
    )
    @settings(max_examples=300, deadline=None)
    def test_any_json_at_all_is_read_or_refused(self, value: object, version: int) -> None:
        key = "cells" if version == 4 else "worksheets"
        text = json.dumps({key: value, "nbformat": version, "nbformat_minor": 0, "metadata": {}})
        try:
            notebook = read_notebook(text, "n.ipynb")
        except SubmissionRejected:
            return

        assert notebook.source.count("\n") == len(notebook.lines)
