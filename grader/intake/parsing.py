"""Owns the meeting of Python's own parser with source that may be hostile.

In: source. Out: its first syntax error, and what it defines.
The rule: a process that holds anything of value parses plain source only. `is_plain` is the test for it; all other is
parsed in a process that can be lost, because none of this can be caught:

    [x for x in y for x in y ...   (100,000 times)   the compiler overflows the C stack: a crash
    import a.a.a.a...              (600 KB)          quadratic: minutes, and no signal is served meanwhile
    f"{x}{x}{x}..."                (600 KB)          quadratic too
    try/finally nested 20 times    (1 KB)            each level doubles the code: 3 GB

What is caught: brackets, operators, lambdas and blocks that nest too deeply are a SyntaxError, RecursionError or
MemoryError at any size, which was tried for all of them (tests/test_parsing.py).
"""

import ast
import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field

from grader.text import one_line

_PLAIN_CHARACTERS = 48_000
_PLAIN_LINE = 500
# A chain of dots may cross lines only through these.
_PLAIN_BACKSLASHES = 40
_PLAIN_LOOPS = 1_000  # the word `for`: a comprehension overflows at several thousand
_PLAIN_FINALLY = 5  # 2**5 copies of the innermost block

# Numbers of lines that count from the wrong line: of the statement, or of joined cells.
_LINE_NUMBER = re.compile(r" \(detected at line \d+\)| on line \d+")


@dataclass(frozen=True, slots=True, kw_only=True)
class SyntaxFault:
    """Where source stops being Python, and why in Python's own words."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """Lines that were set aside, `first` to `last`, and the fault that cost them."""

    first: int
    last: int
    line: int
    reason: str
    names: tuple[str, ...] = ()  # what these lines would have defined


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovered:
    """Source that Python compiles, as many lines as before."""

    source: str
    lost: tuple[Lost, ...] = ()
    definitions: Mapping[str, tuple[int, ...]] = field(default_factory=dict)  # at the top level, with their lines
    refused: str = ""  # why it cannot be read at all


def is_plain(source: str) -> bool:
    """Whether source is small and dull enough to be parsed in a process that must not be lost."""
    return (
        len(source) <= _PLAIN_CHARACTERS
        and source.count("\\\n") <= _PLAIN_BACKSLASHES
        and source.count("for") <= _PLAIN_LOOPS
        and source.count("finally") <= _PLAIN_FINALLY
        and all(len(line) <= _PLAIN_LINE for line in source.split("\n"))
    )


def syntax_fault(source: str, *, first: int = 1) -> SyntaxFault | None:
    """Compile source and throw the result away.

    Args:
        source: whole statements, lines ended by newlines.
        first: the number of its first line, from which the fault's line is counted.

    Returns:
        None where Python compiles it.

    Raises:
        RecursionError: it nests too deeply.
        MemoryError: it nests too deeply, or needs too much.
    """
    nul = source.find("\0")
    if nul >= 0:
        # Python tells no line, and what it raises differs between versions.
        return SyntaxFault(line=first + source.count("\n", 0, nul), reason="a NUL byte")
    try:
        with warnings.catch_warnings():
            # "invalid escape sequence" is no fault, and would be one where warnings are errors.
            warnings.simplefilter("ignore")
            compile(source, "<submission>", "exec", dont_inherit=True)
    except SyntaxError as error:
        reason = one_line(_LINE_NUMBER.sub("", error.msg or "invalid syntax"))
        return SyntaxFault(line=first - 1 + max(1, error.lineno or 1), reason=reason)
    except (ValueError, OverflowError) as error:
        # Half a character; a number or a position that fits nothing.
        return SyntaxFault(line=first, reason=one_line(str(error)))
    return None


def definitions(source: str) -> Mapping[str, tuple[int, ...]]:
    """Name each function and class of a module's top level, with the lines of its definitions in order."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        body = ast.parse(source).body
    found: dict[str, tuple[int, ...]] = {}
    for node in body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            found[node.name] = (*found.get(node.name, ()), node.lineno)
    return found
