"""Calls and values as short text: shapes where arrays are large, every number where they fit on paper.

In: arguments and values. Out: ASCII text of ours; text that came from the student is quoted, never interpreted.
"""

import inspect
import reprlib
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

MOST_NUMBERS = 24  # an array of more is shown by its shape

_LONGEST = 300  # characters of a student's text

_short = reprlib.Repr()
_short.maxstring = _short.maxother = _short.maxlong = 60
_short.maxlist = _short.maxtuple = _short.maxdict = 12
_short.maxlevel = 4


def describe_call(
    name: str, function: Callable[..., Any] | None, args: tuple[Any, ...], kwargs: Mapping[str, Any]
) -> str:
    """One line for a call: "max_pool2d(x (2, 7, 9, 3), size=3, stride=2)".

    Args:
        name: the function's name.
        function: gives the names of its parameters; None where they are unknown.
        args: positional arguments.
        kwargs: keyword arguments.
    """
    named = name_arguments(function, args, kwargs)
    return f"{name}({', '.join(_describe_argument(*pair) for pair in named)})"


def list_arguments(function: Callable[..., Any] | None, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> list[str]:
    """A line for each array of a call that fits on paper: "  w = np.array([0.5])"."""
    return [
        f"  {name or 'array'} = {show_value(value)}"
        for name, value in name_arguments(function, args, kwargs)
        if isinstance(value, np.ndarray) and value.size <= MOST_NUMBERS
    ]


def name_arguments(
    function: Callable[..., Any] | None, args: tuple[Any, ...], kwargs: Mapping[str, Any]
) -> list[tuple[str, Any]]:
    """The arguments with the names of their parameters, "" where a positional one has none."""
    names = [
        parameter.name
        for parameter in parameters_of(function)
        if parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD)
    ]
    names += [""] * (len(args) - len(names))
    return [*zip(names, args, strict=False), *kwargs.items()]


def parameters_of(function: Callable[..., Any] | None) -> list[inspect.Parameter]:
    """The parameters of a function; none where it is compiled and does not say."""
    try:
        return list(inspect.signature(function).parameters.values()) if function is not None else []
    except ValueError:
        return []


def shorten(text: str) -> str:
    """A student's text on one line, cut where it goes on and on."""
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}..."


def name_positions(
    text: str, function: Callable[..., Any] | None, args: tuple[Any, ...], kwargs: Mapping[str, Any]
) -> str:
    """A text of ours with the names of parameters in place of "`argument 1`"."""
    for position, (name, _) in enumerate(name_arguments(function, args, kwargs), 1):
        if name:
            text = text.replace(f"`argument {position}`", f"`{name}`")
    return text


def show_value(value: Any) -> str:
    """A value on one line: small arrays in full, larger ones by shape and dtype."""
    if isinstance(value, np.ndarray):
        if value.size > MOST_NUMBERS:
            return f"an array of shape {value.shape}, {value.dtype.name}"
        return _show_array(value)
    if isinstance(value, tuple) and any(isinstance(item, np.ndarray) for item in value):
        return f"({', '.join(show_value(item) for item in value)})"
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float | complex) and not isinstance(value, bool):
        return _show_float(value, digits=6)
    return _short.repr(value)


def show_pair(got: Any, expected: Any) -> tuple[str, str]:
    """Two values with as many digits as it takes to see that they differ."""
    if not all(isinstance(value, float | complex) for value in (got, expected)):
        return show_value(got), show_value(expected)
    for digits in (6, 10):
        left, right = _show_float(got, digits=digits), _show_float(expected, digits=digits)
        if left != right:
            return left, right
    return _show_float(got, digits=17), _show_float(expected, digits=17)


def _describe_argument(name: str, value: Any) -> str:
    if isinstance(value, np.ndarray):
        dtype = "" if value.dtype == np.float64 else f" {value.dtype.name}"
        return f"{name or 'array'} {value.shape}{dtype}"
    return f"{name}={show_value(value)}" if name else show_value(value)


def _show_array(array: np.ndarray[Any, Any]) -> str:
    """Small arrays as Python that can be pasted: `np.array([[1.0, 2.0]])`."""
    numbers = array.tolist()
    dtype = "" if array.dtype in (np.dtype(np.float64), np.dtype(np.int64), np.dtype(bool)) else array.dtype.name
    if array.dtype == np.float64 and not array.size:
        return f"np.zeros({array.shape})"
    return f"np.array({_show_nested(numbers)}{f', dtype=np.{dtype}' if dtype else ''})"


def _show_nested(numbers: Any) -> str:
    if isinstance(numbers, list):
        return f"[{', '.join(map(_show_nested, numbers))}]"
    if isinstance(numbers, float):
        text = f"{numbers:.6g}"
        return {"nan": "np.nan", "inf": "np.inf", "-inf": "-np.inf"}.get(
            text, text if "." in text or "e" in text else f"{text}.0"
        )
    return repr(numbers)


def _show_float(number: complex, *, digits: int) -> str:
    return f"{number:.{digits}g}"
