"""Of what a kernel ran, the last text of each cell counts, at the number that stands beside it."""

import json

import pytest

from grader.history import Ran, as_notebook


def cells(*sources: str | tuple[str, str]) -> list[str]:
    """What counts of each input; a pair is a text and its cell's id."""
    pairs = [(each, "") if isinstance(each, str) else each for each in sources]
    history = [Ran(number=number, source=source, cell=cell) for number, (source, cell) in enumerate(pairs, start=1)]
    return [cell["source"] for cell in json.loads(as_notebook(history))["cells"]]


class TestCounting:
    def test_cells_of_their_own_all_count(self) -> None:
        assert cells("import math", "def f(x):\n    return 1", "f(3)") == [
            "import math",
            "def f(x):\n    return 1",
            "f(3)",
        ]

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            ("def f(x):\n    return 1", "def f(x):\n    return 2"),
            ("class F:\n    pass", "class F:\n    x = 1"),
            ("print(f(1))", "print(f(1))  "),
            ("def f(x):\n    return (", "def f(x):\n    return 1"),
            ("def f(x):\n    return 1", "def f(x):\n    return ("),
            ("%%time\ndef f(x):\n    return 1", "def f(x):\n    return 1"),
        ],
    )
    def test_a_newer_text_of_a_cell_takes_its_place(self, old: str, new: str) -> None:
        """A function that is defined again, or the very same text, show it."""
        was, now = cells(old, new)

        assert (was.strip(), now) == ("", new)

    def test_an_id_tells_a_newer_text_of_anything(self) -> None:
        assert cells(("print(1)", "a"), ("print(2)", "b"), ("print(3)", "a")) == ["", "print(2)", "print(3)"]

    def test_a_cell_of_two_functions_counts_until_both_are_defined_again(self) -> None:
        both = "def f():\n    pass\ndef g():\n    pass"

        assert cells(both, "def f():\n    return 1")[0] == both
        assert cells(both, "def f():\n    return 1", "def g():\n    return 1")[0].strip() == ""

    def test_imports_and_constants_of_an_older_text_stay_in_their_lines(self) -> None:
        """A function that ran in between may need them; what costs time or fails is not run again."""
        old = "import numpy as np\n\nSIDES = 4\nprint(1)\ny = f(3)\ndef f(x):\n    return SIDES"

        assert cells(old, "def f(x):\n    return SIDES")[0].split("\n") == [
            *("import numpy as np", "", "SIDES = 4"),
            *("", "", "", ""),
        ]

    def test_a_magic_does_not_cost_an_older_text_its_imports(self) -> None:
        old = "%matplotlib inline\nimport math\ndef f():\n    pass"

        assert cells(old, "def f():\n    return 1")[0].split("\n")[1] == "import math"

    def test_a_missing_number_is_an_empty_cell(self) -> None:
        """So that the numbers go on being those on the screen."""
        notebook = json.loads(as_notebook([Ran(number=3, source="x = 1")]))

        assert [cell["source"] for cell in notebook["cells"]] == ["", "", "x = 1"]

    def test_nothing_ran_is_a_notebook_too(self) -> None:
        assert json.loads(as_notebook([]))["cells"] == []
