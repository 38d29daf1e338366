"""A stub holds the reference's words and none of its solution; a slip that could leak one is told."""

import ast
import json
from typing import Any

import nbformat
import pytest

from grader.errors import CourseError
from grader.intake.notebooks import read_notebook
from grader.records import Assignment
from grader.stubs import write_notebook, write_stub
from tests.builders import make_assignment

REFERENCE = '''\
"""Convolution of lecture 9.3."""

import numpy as np

### BEGIN SOLUTION
from secret import einsum
### END SOLUTION

SIDES = 4  # given


def zero_pad(x, pad):
    """Put zeros around."""
    ### BEGIN SOLUTION
    answer = np.pad(x, pad)
    return answer
    ### END SOLUTION


### BEGIN SOLUTION
def _windows(x):
    return einsum(x)


### END SOLUTION
# Given, for the pencil example.
def show(x):
    """Print it."""
    print(x)


def conv2d(x, w, b, stride=1, pad=0):
    """Slide each filter over the images."""
    if stride < 1:
        raise ValueError("stride is 1 or more")
    for _ in range(2):
        ### BEGIN SOLUTION
        secret_sum = 1
        ### END SOLUTION
    return x


if __name__ == "__main__":
    show(conv2d(1, 2, 3))
'''

STUB = '''\
"""Convolution of lecture 9.3."""

import numpy as np

SIDES = 4  # given


def zero_pad(x, pad):
    """Put zeros around."""
    # Your code here
    raise NotImplementedError("zero_pad is not written yet")


# Given, for the pencil example.
def show(x):
    """Print it."""
    print(x)


def conv2d(x, w, b, stride=1, pad=0):
    """Slide each filter over the images."""
    if stride < 1:
        raise ValueError("stride is 1 or more")
    for _ in range(2):
        # Your code here
        raise NotImplementedError("conv2d is not written yet")
    return x


if __name__ == "__main__":
    show(conv2d(1, 2, 3))
'''


def convolution(*questions: str) -> Assignment:
    names = questions or ("zero_pad", "conv2d")
    return make_assignment(questions=dict.fromkeys(names, 100 / len(names)))


def stub(reference: str, *questions: str) -> str:
    return write_stub(reference, convolution(*questions), file="solutions/hw01_convolution/convolution.py")


def notebook(source: str = STUB) -> Any:
    text = write_notebook(source, convolution())
    return nbformat.reads(text, as_version=nbformat.NO_CONVERT)  # type: ignore[no-untyped-call]


class TestStub:
    def test_each_region_gives_way_to_two_lines(self) -> None:
        """A region outside every function leaves nothing behind, not even its blank lines."""
        assert stub(REFERENCE) == STUB

    def test_a_method_is_named_with_its_class(self) -> None:
        region = "### BEGIN SOLUTION\n{0}return 1\n{0}### END SOLUTION\n"
        method = "class Net:\n    def forward(self):\n        " + region.format(" " * 8)
        source = method + "\n\ndef f():\n    " + region.format(" " * 4)

        assert '        raise NotImplementedError("Net.forward is not written yet")\n' in stub(source, "f")

    def test_a_comment_that_ends_a_region_belongs_to_it(self) -> None:
        source = "def f():\n    ### BEGIN SOLUTION\n    return 1\n    # why 1\n    ### END SOLUTION\n"

        assert "why" not in stub(source, "f")

    def test_an_untouched_function_raises_not_implemented(self) -> None:
        names: dict[str, Any] = {}
        exec(
            compile(STUB.replace("import numpy as np", ""), "stub", "exec"), names | {"__name__": "convolution"}, names
        )

        with pytest.raises(NotImplementedError, match="zero_pad is not written yet"):
            names["zero_pad"](1, 2)


def function(body: str) -> str:
    return f'def f(x):\n    """Doc."""\n{body}\n\n\ndef g(x):\n    return x\n'


class TestSlips:
    @pytest.mark.parametrize(
        ("body", "what", "line"),
        [
            ("    ### BEGIN SOLUTION\n    return 1", "begins here and never ends", 3),
            ("    return 1\n    ### END SOLUTION", "ends here and begins nowhere", 4),
            (
                "    ### BEGIN SOLUTION\n    y = 1\n    ### BEGIN SOLUTION\n    return y\n    ### END SOLUTION",
                "begins inside the one that begins in line 3",
                5,
            ),
            ("    ### BEGIN SOLUTION\n    return 1\n  ### END SOLUTION", "not indented as the one in line 3", 5),
            ("    ### Begin Solution\n    return 1\n    ### END SOLUTION", "looks like a marker", 3),
            ("    ## BEGIN SOLUTION\n    return 1\n    ### END SOLUTION", "looks like a marker", 3),
            ("    return 1  ### BEGIN SOLUTION", "looks like a marker", 3),
            ("    ### BEGIN SOLUTION\n    return 1\n    ### END SOLUTION 1", "looks like a marker", 5),
            (
                "    ### BEGIN SOLUTION\n    return 1\n\ndef h(x):\n    y = x\n    ### END SOLUTION\n    return y",
                "the region of `f` runs on beyond the function",
                3,
            ),
            ("    return 1", "`f` has no solution region: a student would receive its solution", 1),
            ("    return (", "the reference does not parse", 3),
        ],
    )
    def test_a_slip_is_told_with_file_and_line(self, body: str, what: str, line: int) -> None:
        with pytest.raises(CourseError) as caught:
            stub(function(body), "f")

        assert what in caught.value.what
        assert caught.value.where == f"solutions/hw01_convolution/convolution.py, line {line}"
        assert caught.value.fix

    def test_a_region_that_holds_half_a_statement_is_told(self) -> None:
        source = function("    return [\n        ### BEGIN SOLUTION\n        1,\n        ### END SOLUTION\n    ]")

        with pytest.raises(CourseError, match="every region taken out, does not parse") as caught:
            stub(source, "f")
        assert "whole statements" in caught.value.fix

    def test_a_question_that_is_no_function_is_told(self) -> None:
        with pytest.raises(CourseError, match="the question `conv3d` is no function") as caught:
            stub(REFERENCE, "zero_pad", "conv3d")

        assert "assignment.toml" in caught.value.fix


class TestNotebook:
    def test_it_is_valid(self) -> None:
        nbformat.validate(notebook())

    def test_it_is_written_as_nbformat_writes_it(self) -> None:
        """A student who opens and saves it changes nothing but what they wrote."""
        rewritten = nbformat.writes(notebook())  # type: ignore[no-untyped-call]

        assert rewritten + "\n" == write_notebook(STUB, convolution())

    def test_cells_have_names_for_ids(self) -> None:
        """Random ids would make every build differ from the last one."""
        ids = [cell.id for cell in notebook().cells]

        assert ids == [
            "install",
            "title",
            "code",
            "function-zero-pad",
            "function-show",
            "function-conv2d",
            "code-2",
            "grade",
        ]

    def test_its_code_cells_are_the_stub(self) -> None:
        """Joined, they define what the module defines, in the same order."""
        cells = [cell.source for cell in notebook().cells if cell.id.startswith(("code", "function"))]

        assert ast.dump(ast.parse("\n\n".join(cells))) == ast.dump(ast.parse(STUB.partition("\n")[2]))

    def test_a_comment_above_a_function_goes_with_it(self) -> None:
        (cell,) = (cell for cell in notebook().cells if cell.id == "function-show")

        assert cell.source.startswith("# Given, for the pencil example.\ndef show(x):")

    def test_the_title_cell_holds_title_and_docstring(self) -> None:
        (cell,) = (cell for cell in notebook().cells if cell.id == "title")

        assert cell.cell_type == "markdown"
        assert cell.source.startswith(
            "# Convolution (hw1)\n\nConvolution of lecture 9.3.\n\nThe handout is `README.md`"
        )

    def test_a_module_without_a_docstring_has_a_title_too(self) -> None:
        (cell,) = (cell for cell in notebook(STUB.partition("\n\n")[2]).cells if cell.id == "title")

        assert cell.source.startswith("# Convolution (hw1)\n\nThe handout")

    def test_the_first_cell_installs_only_where_the_grader_is_missing(self) -> None:
        first = notebook().cells[0].source

        assert 'if importlib.util.find_spec("grader") is None:' in first
        assert "    %pip install" in first

    def test_the_last_cell_grades_the_notebook_s_own_cells(self) -> None:
        """And the saved file where the kernel has no grader."""
        lines = notebook().cells[-1].source.splitlines()

        assert lines[-2:] == ["    %load_ext grader.jupyter", "    %grade hw1"]
        assert "    !grade hw1 convolution.ipynb" in lines

    def test_what_grades_is_left_out_of_what_is_graded_without_a_word(self) -> None:
        """Magics and shell lines of our own are nothing a student must hear about."""
        read = read_notebook(write_notebook(STUB, convolution()), "convolution.ipynb")

        assert read.notices == ()
        ast.parse(read.source)

    def test_it_opens_in_colab_and_jupyterlab_without_a_question(self) -> None:
        """Both pick the kernel by its name, and neither finds outputs of someone else's run."""
        raw = json.loads(write_notebook(STUB, convolution()))

        assert raw["metadata"]["kernelspec"]["name"] == "python3"
        assert raw["metadata"]["colab"] == {"name": "convolution.ipynb", "provenance": []}
        assert (raw["nbformat"], raw["nbformat_minor"]) == (4, 5)
        assert not any(cell.get("outputs") or cell.get("execution_count") for cell in raw["cells"])

    def test_functions_of_one_name_have_ids_of_their_own(self) -> None:
        """Two ids that are equal make a notebook that Jupyter refuses."""
        twice = "def a_b():\n    pass\n\n\ndef a_b():\n    pass\n"

        assert len({cell.id for cell in notebook(twice).cells}) == len(notebook(twice).cells)

    def test_a_long_name_keeps_its_id_legal(self) -> None:
        nbformat.validate(notebook(f"def {'long_' * 20}():\n    pass\n"))
