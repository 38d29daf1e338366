"""Right solutions in other styles: what a grader must give full marks to.

In: `alternatives.py` of an assignment, where each solution carries `@alternative`. Out: Alternatives in the order of
their definition. An alternative that loses a point is a fault of the grader.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from grader.checks.misconceptions import load_course_module

_MARK = "__alternative__"
_F = TypeVar("_F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternative:
    """One right solution of one function."""

    id: str  # the name of the solution: "one_einsum"
    function: str  # the assignment's function that it solves: "conv2d"
    title: str
    call: Callable[..., Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Mark:
    function: str
    title: str


def alternative(function: str, *, title: str) -> Callable[[_F], _F]:
    """Mark a right solution of `function` that is written in another style than the reference."""

    def mark(solution: _F) -> _F:
        setattr(solution, _MARK, _Mark(function=function, title=title))
        return solution

    return mark


def read_alternatives(path: Path) -> tuple[Alternative, ...]:
    """Read the marked functions of an `alternatives.py`, in order of definition.

    Raises:
        CourseError: the file does not load.
    """
    found = []
    for name, solution in vars(load_course_module(path)).items():
        mark = getattr(solution, _MARK, None)
        if isinstance(mark, _Mark):
            found.append(Alternative(id=name, function=mark.function, title=mark.title, call=solution))
    return tuple(found)
