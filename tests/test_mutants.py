"""Mutants are small, different, and can be put back."""

import ast

from grader.mutants import mutants

SOURCE = '''
"""Module."""
import numpy as np


def f(x, stride=1, *, axis=-1):
    """Docstring with 1 number."""
    if x < 1 and not stride:
        raise ValueError(f"x is {x} 1")
    y = x[0, 1:] + 2.5
    y += -x
    return np.sum(y, axis=axis, keepdims=True) // 3
'''


def keys(operator: str) -> set[str]:
    return {mutant.after for mutant in mutants(SOURCE) if mutant.operator == operator}


class TestOperators:
    def test_comparison(self) -> None:
        """The border moves, or the sense turns."""
        assert "if x <= 1 and (not stride):" in keys("comparison")
        assert "if x >= 1 and (not stride):" in keys("comparison")

    def test_logic(self) -> None:
        """And becomes or; a not is lost."""
        assert "if x < 1 or not stride:" in keys("logic")
        assert "if x < 1 and stride:" in keys("arithmetic") | keys("logic")

    def test_arithmetic(self) -> None:
        """The operator is another one; a sign is lost."""
        assert {"y = x[0, 1:] - 2.5", "y -= -x", "y += x"} <= keys("arithmetic")

    def test_index(self) -> None:
        """An index is one off."""
        assert {"y = x[1, 1:] + 2.5", "y = x[0, 2:] + 2.5", "y = x[0, 0:] + 2.5"} <= keys("index")

    def test_default_argument(self) -> None:
        """Whoever leaves the argument out gets another value."""
        assert "def f(x, stride=2, *, axis=-1):" in keys("default")

    def test_a_statement_is_dropped(self) -> None:
        """Each statement but definitions, imports, returns and docstrings."""
        dropped = {mutant.before for mutant in mutants(SOURCE) if mutant.operator == "dropped"}
        assert dropped == {
            "if x < 1 and (not stride):",
            "raise ValueError(f'x is {x} 1')",
            "y = x[0, 1:] + 2.5",
            "y += -x",
        }

    def test_words_are_left_alone(self) -> None:
        """No test could tell a docstring or a message from another."""
        assert all("Docstring with 1 number" in mutant.source for mutant in mutants(SOURCE))


class TestEveryMutant:
    def test_is_valid_and_different(self) -> None:
        """A mutant that does not compile, or is the reference, tells nothing."""
        plain = ast.unparse(ast.parse(SOURCE))
        sources = [mutant.source for mutant in mutants(SOURCE)]

        assert all(compile(source, "mutant", "exec") for source in sources)
        assert plain not in sources
        assert len(set(sources)) == len(sources)

    def test_the_list_is_the_same_every_time(self) -> None:
        """A survivor's line in the list of equivalent ones stays right."""
        assert [mutant.key for mutant in mutants(SOURCE)] == [mutant.key for mutant in mutants(SOURCE)]
