"""What a syntax error costs: each case breaks one function of a module and looks at the others."""

import warnings

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.intake.recovery import recover

BEFORE = "import numpy as np\n\n\ndef first(x):\n    '''Add one.'''\n    return x + 1\n\n\n"
AFTER = '\n\nSIZE = 3\n\n\ndef second(x):\n    """Add two.\n\n    In more lines.\n    """\n    return x + SIZE - 1\n'
LAST = '\n\ndef third(x):\n    """Add three."""\n    return (\n        x + 3\n    )\n'

BROKEN = {
    "an unclosed bracket": "def broken(x):\n    y = (x + 1\n    return y\n",
    "an unclosed bracket in the last line": "def broken(x):\n    return np.sum(x[0\n",
    "an unclosed brace": "def broken(x):\n    y = {1: x\n    return y\n",
    "one bracket too many": "def broken(x):\n    return (x + 1))\n",
    "an unclosed string": "def broken(x):\n    raise ValueError('no\n    return x\n",
    "an unclosed docstring": 'def broken(x):\n    """No end.\n    return x\n',
    "an unclosed f-string": 'def broken(x):\n    s = f"""{x\n    return s\n',
    "a missing colon": "def broken(x)\n    return x\n",
    "a colon missing inside": "def broken(x):\n    if x > 1\n        return 2\n    return x\n",
    "an unexpected indent": "def broken(x):\n    a = x\n      b = a\n    return b\n",
    "an unindent that matches nothing": "def broken(x):\n        a = x\n    return a\n",
    "tabs and spaces": "def broken(x):\n    if x:\n\treturn 1\n    return x\n",
    "no body": "def broken(x):\n",
    "Python 2's print": "def broken(x):\n    print x\n    return x\n",
    "an assignment for a comparison": "def broken(x):\n    if x = 1:\n        return x\n",
    "merge markers": "def broken(x):\n    a = x\n<<<<<<< HEAD\n    return a\n=======\n    return 2\n>>>>>>> other\n",
    "a capital": "Def broken(x):\n    return x\n",
    "a return that slid out": "def broken(x):\n    y = x\nreturn y\n",
    "lines that slid out": "def broken(x):\n    y = x\ny = y + 1\n    return y\n",
    "a NUL": "def broken(x):\n    return '\0'\n",
    "a typographic quote": "def broken(x):\n    return \u201cx\u201d\n",
    "half a class": "class broken:\n    def one(self):\n        return (\n\n    def two(self):\n        return 2\n",
    "a decorator": "@np.vectorize\n@(\ndef broken(x):\n    return x\n",
    "an else that slid out": "def broken(x):\n    if x:\n        return 1\nelse:\n    return 2\n",
    "await outside": "def broken(x):\n    return await x\n",
    "a def that slid in": "  def broken(x):\n    return x\n",
    "an argument twice": "def broken(x, x):\n    return x\n",
}


def run(source: str) -> dict[str, object]:
    """Execute a module of ours (never a student's) and give its names."""
    names: dict[str, object] = {}
    exec(compile(source, "<module>", "exec"), names)
    return names


def check_compiles(source: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        compile(source, "<module>", "exec")


class TestASyntaxErrorCostsItsFunctionOnly:
    @pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN.keys())
    def test_the_functions_around_it_work(self, broken: str) -> None:
        source = BEFORE + broken + AFTER + LAST
        recovered = recover(source)
        names = run(recovered.source)

        assert [names[name](1) for name in ("first", "second", "third")] == [2, 3, 4]  # type: ignore[operator]
        assert "broken" not in names

    @pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN.keys())
    def test_its_name_and_line_are_told(self, broken: str) -> None:
        recovered = recover(BEFORE + broken + AFTER + LAST)
        first = BEFORE.count("\n") + 1
        named = [part for part in recovered.lost if "broken" in part.names]

        assert len(named) == 1
        assert first <= named[0].line < first + broken.count("\n") + 1
        assert named[0].reason

    @pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN.keys())
    def test_it_may_stand_first_or_last(self, broken: str) -> None:
        for source in (broken + AFTER + LAST, AFTER + LAST + "\n\n" + broken):
            names = run(recover(source).source)

            assert [names[name](1) for name in ("second", "third")] == [3, 4]  # type: ignore[operator]

    @pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN.keys())
    def test_no_other_line_moves_or_changes(self, broken: str) -> None:
        source = BEFORE + broken + AFTER + LAST
        recovered = recover(source)
        pairs = list(zip(source.split("\n"), recovered.source.split("\n"), strict=True))

        assert all(after in (before, "") for before, after in pairs)

    def test_two_errors_cost_two_functions(self) -> None:
        source = BEFORE + BROKEN["an unclosed docstring"] + AFTER + "\n\ndef worse(x):\n    return [x\n" + LAST
        recovered = recover(source)

        assert {"first", "second", "third"} == set(recovered.definitions)
        assert [part.names for part in recovered.lost] == [("broken",), ("worse",)]

    def test_line_numbers_in_a_reason_are_left_out(self) -> None:
        """Python counts them from the statement, or from the joined cells."""
        recovered = recover(BEFORE + "def broken(x):\nSIZE = 1\n")

        assert recovered.lost[0].reason == "expected an indented block after function definition"


class TestWhatStandsOutsideFunctions:
    @pytest.mark.parametrize(
        "garbage",
        [
            "print 'done'\n",
            "return 3\n",
            "<<<<<<< HEAD\n",
            "x = = 1\n",
            ")\n",
            "!pip install numpy\n",
            "await x\n",
            "$\n",
        ],
    )
    def test_garbage_below_a_whole_function_costs_nobody(self, garbage: str) -> None:
        recovered = recover(BEFORE + garbage + AFTER + LAST)

        assert set(recovered.definitions) == {"first", "second", "third"}
        assert len(recovered.lost) == 1

    def test_a_misspelt_loop_costs_not_the_function_above(self) -> None:
        recovered = recover(BEFORE + "fro i in range(3)\n    print(i)\n" + AFTER)

        assert set(recovered.definitions) == {"first", "second"}

    def test_merge_markers_around_functions_leave_both(self) -> None:
        recovered = recover("<<<<<<< HEAD\ndef f():\n    return 1\n=======\ndef f():\n    return 2\n>>>>>>> x\n")

        assert recovered.definitions == {"f": (2, 5)}

    def test_a_constant_below_an_unclosed_bracket_is_kept(self) -> None:
        assert run(recover(BEFORE + BROKEN["an unclosed bracket"] + AFTER).source)["SIZE"] == 3

    def test_code_that_was_put_into_a_string_stays_there(self) -> None:
        source = '"""\ndef old():\n    return 1\n"""\n\ndef new(x):\n    return (\n' + AFTER

        assert set(recover(source).definitions) == {"second"}

    def test_a_future_import_in_the_wrong_place_is_set_aside(self) -> None:
        recovered = recover(BEFORE + "from __future__ import annotations\n" + AFTER)

        assert set(recovered.definitions) == {"first", "second"}

    def test_prose_leaves_nothing(self) -> None:
        assert not recover("Dear teacher,\nI was ill.\n<html>\n").source.strip()

    def test_lost_names_of_a_compound_statement_are_told(self) -> None:
        recovered = recover("if True:\n    def f(x):\n        return (\n    def g(x):\n        return 1\n" + AFTER)

        assert recovered.lost[0].names == ("f", "g")

    def test_a_lost_lambda_is_told(self) -> None:
        assert recover("double = lambda x: x *\n" + AFTER).lost[0].names == ("double",)


class TestCells:
    def test_an_open_bracket_ends_with_its_cell(self) -> None:
        source = "x = (1,\n2,\n3\ny = 2\nz = 3\n"
        recovered = recover(source, starts=(1, 4, 5))

        assert recovered.source == "\n\n\ny = 2\nz = 3\n"

    def test_an_open_string_ends_with_its_cell(self) -> None:
        recovered = recover('x = """a\nb\nz = 3\n', starts=(1, 3))

        assert recovered.source == "\n\nz = 3\n"


MODULES = st.lists(
    st.sampled_from(
        [
            'def {name}(x):\n    """Give x back."""\n    return x\n',
            "def {name}(x, *, y=(1,\n2)):\n    if x:\n        return [\n            x,\n            y,\n        ]\n"
            "    return 'a'\n",
            "@staticmethod\ndef {name}(x):\n    s = '''Say:\ndef not_this(): (\n'''\n    return s + f'{{x}}' # it's\n",
            "async def {name}(x):\n    return await x  # \u00e9\n",
            "class {name}:\n    def inner(self):\n        return 1\n\n    other = 2\n",
        ]
    ),
    min_size=2,
    max_size=5,
)


FRAGMENTS = [
    "\n",
    "\n",
    "    ",
    *"()[]{}'\"#\\@:=,.x1 \t\0\f",
    "def f",
    "\nclass A",
    "'''",
    "\n@",
    "\u00e9",
    "else:",
    "f'",
    "return",
]


def spelt(parts: list[str]) -> list[str]:
    return [part.format(name=f"f{number}") for number, part in enumerate(parts)]


class TestProperties:
    @given(MODULES, st.sampled_from(["\n\n", "\n", ""]))
    @settings(max_examples=50, deadline=None)
    def test_a_right_module_is_left_alone(self, parts: list[str], between: str) -> None:
        source = between.join(spelt(parts))
        recovered = recover(source)

        assert recovered.source == source
        assert not recovered.lost

    @given(st.data())
    @settings(max_examples=200, deadline=None)
    def test_a_mutation_of_one_function_leaves_the_others(self, data: st.DataObject) -> None:
        parts = spelt(data.draw(MODULES))
        hurt = data.draw(st.integers(0, len(parts) - 1))
        mutant = mutated(data, parts[hurt])
        recovered = recover("\n\n".join([*parts[:hurt], mutant, *parts[hurt + 1 :]]))

        check_compiles(recovered.source)
        at = 1
        for number, part in enumerate([*parts[:hurt], mutant, *parts[hurt + 1 :]]):
            if number != hurt:
                head = at + part.startswith("@")
                assert head in recovered.definitions[f"f{number}"], (mutant, recovered)
            at += part.count("\n") + 2

    @given(st.lists(st.sampled_from(FRAGMENTS), max_size=40).map("".join))
    @settings(max_examples=200, deadline=None)
    def test_any_text_at_all_ends_in_source_that_compiles(self, text: str) -> None:
        text += "\n"
        recovered = recover(text)

        check_compiles(recovered.source)
        assert recovered.source.count("\n") == text.count("\n")


def mutated(data: st.DataObject, part: str) -> str:
    """Damage a function as typing does: a character or line gone, doubled, or put in; its first column stays."""
    kind = data.draw(st.sampled_from(["drop", "insert", "dedent", "cut"]))
    if kind == "dedent":
        lines = part.split("\n")
        at = data.draw(st.integers(0, len(lines) - 1))
        lines[at] = lines[at].lstrip() if data.draw(st.booleans()) else "  " + lines[at]
        return "\n".join(lines)
    at = data.draw(st.integers(1, len(part) - 2))
    if kind == "drop":
        return part[:at] + part[at + 1 :]
    if kind == "cut":
        return part[:at] + "\n"
    wrong = data.draw(
        st.sampled_from(["(", ")", "[", "}", "'", '"', "'''", '"""', ":", "=", "\t", "$", "?", " ", "\\", "def ", "\0"])
    )
    return part[:at] + wrong + part[at:]
