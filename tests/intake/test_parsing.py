"""What Python's own parser does with hostile source, and that no plain source brings it down.

Each bomb is parsed in a process of its own, so that the ones that crash it prove why sources.py has a child.
"""

import subprocess
import sys
from pathlib import Path

import pytest

from grader.errors import SandboxError, SubmissionRejected
from grader.intake.filetree import IntakeLimits
from grader.intake.parsing import definitions, is_plain, syntax_fault
from grader.intake.sources import parse_source

# beginning, what is repeated, end
BOMBS = {
    "brackets": ("(" * 200, "", ""),
    "f-string parts": ('f"', "{x}", '"'),
    "f-string formats": ('f"', "{x:", '"'),
    "dots": ("import ", "a.", "a"),
    "dots over lines": ("import ", "a.\\\n", "a"),
    "loops in a comprehension": ("[x ", "for x in y ", "]"),
    "minus signs": ("", "-", "1"),
    "not": ("", "not ", "1"),
    "plus": ("1", "+1", ""),
    "powers": ("", "1**", "1"),
    "attributes": ("a", ".b", ""),
    "calls": ("a", "()", ""),
    "subscripts": ("a", "[0]", ""),
    "lambdas": ("", "lambda:", "1"),
    "conditions": ("", "1 if 1 else ", "1"),
    "elif": ("if 1:\n pass\n", "elif 1:\n pass\n", ""),
    "comparisons": ("1", "<1", ""),
    "statements": ("", "x;", ""),
    "decorators": ("", "@a\n", "def f(): pass"),
    "wrong keywords": ("f(", "a=1,", "1 1)"),
    "Python 2's print": ("", "print ", ""),
    "backslashes": ("", "\\\n", ""),
    "strings side by side": ("", "'a' ", ""),
}
FINALLY = (
    "".join(f"{' ' * depth}try:\n{' ' * depth} pass\n{' ' * depth}finally:\n" for depth in range(19))
    + " " * 19
    + "pass\n"
)

# The peak is the kernel's VmHWM: ru_maxrss of a process begins with what its parent held when it was forked.
MEASURE = """
import re, sys, time
from pathlib import Path
from grader.intake.parsing import definitions, syntax_fault
source = sys.stdin.read()
start = time.process_time()
try:
    if syntax_fault(source) is None:
        definitions(source)
except (RecursionError, MemoryError):
    pass
peak = re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())
print(time.process_time() - start, int(peak[1]) // 1024)
"""


def bomb(kind: str, *, size: int) -> str:
    begin, repeated, end = BOMBS[kind]
    times = (size - len(begin) - len(end)) // len(repeated) if repeated else 1
    return begin + repeated * times + end + "\n"


def largest_plain(kind: str) -> str:
    """The largest bomb of a kind that is plain; by halving, because what makes it plain differs."""
    low, high = 0, 60_000
    while high - low > 100:
        size = (low + high) // 2
        low, high = (size, high) if is_plain(bomb(kind, size=size)) else (low, size)
    return bomb(kind, size=low)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="measures with Linux's /proc")
@pytest.mark.parametrize("kind", BOMBS)
def test_no_plain_source_brings_the_parser_down(kind: str) -> None:
    """Half a second and 400 MB are far from what it takes; the same bombs at full size take minutes, or crash."""
    source = largest_plain(kind)
    assert is_plain(source)
    root = str(Path(__file__).parents[2])
    done = subprocess.run(
        [sys.executable, "-c", MEASURE], input=source, capture_output=True, text=True, timeout=60, cwd=root
    )
    assert done.returncode == 0, done.stderr
    seconds, megabytes = map(float, done.stdout.split())

    assert seconds < 2
    assert megabytes < 400


LIMITS = IntakeLimits(parse_s=2.0)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["loops in a comprehension", "dots", "f-string parts", "minus signs", "elif", "calls"])
def test_a_bomb_of_full_size_is_refused_and_costs_only_the_child(kind: str) -> None:
    with pytest.raises(SubmissionRejected) as caught:
        parse_source(bomb(kind, size=1_000_000), (), "bomb.py", LIMITS)

    assert caught.value.where == "bomb.py"
    assert caught.value.fix


@pytest.mark.slow
def test_code_that_doubles_with_each_level_is_refused() -> None:
    """19 nested `finally` in a kilobyte make Python write gigabytes of code."""
    assert not is_plain(FINALLY)
    with pytest.raises(SubmissionRejected):
        parse_source(FINALLY, (), "bomb.py", IntakeLimits(parse_s=5.0, parse_mb=256))


@pytest.mark.parametrize("kind", ["brackets", "wrong keywords", "Python 2's print"])
def test_a_bomb_that_is_only_a_syntax_error_costs_its_statement(kind: str) -> None:
    source = f"def f():\n    return 1\n\n\n{bomb(kind, size=400)}\n\ndef g():\n    return 2\n"
    recovered = parse_source(source, (), "bomb.py", IntakeLimits())

    assert set(recovered.definitions) == {"f", "g"}


def test_long_source_that_is_right_is_left_alone() -> None:
    source = "x = [" + "1, " * 100_000 + "]\n\n\ndef f():\n    return x\n"
    recovered = parse_source(source, (), "long.py", IntakeLimits())

    assert recovered.source == source
    assert recovered.definitions == {"f": (4,)}


@pytest.mark.slow
def test_many_broken_statements_end_in_time() -> None:
    source = "x = (\n" * 40_000
    with pytest.raises(SubmissionRejected, match="more than 2 seconds"):
        parse_source(source, (), "broken.py", LIMITS)


def test_a_child_that_cannot_begin_is_our_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    """A broken installation must not cost a student anything."""
    monkeypatch.setattr("grader.intake.sources._CHILD", "import no_such_module")
    with pytest.raises(SandboxError) as caught:
        parse_source("x = (\n", (), "convolution.py", IntakeLimits())

    assert "no_such_module" in caught.value.fix


def test_the_fault_is_told_with_its_own_line() -> None:
    fault = syntax_fault("x = 1\ny = (\n", first=10)

    assert fault is not None
    assert (fault.line, fault.reason) == (11, "'(' was never closed")


def test_an_odd_escape_is_no_fault() -> None:
    """Python only warns about it, and a warning may be an error where we run."""
    assert syntax_fault("x = '\\d'\n") is None


def test_a_future_import_of_ours_does_not_reach_the_source() -> None:
    assert syntax_fault("from __future__ import annotations\ndef f(x: 1 + 1): pass\n") is None


def test_definitions_are_those_of_the_top_level_in_order() -> None:
    source = "def f(): pass\nclass f:\n    def g(self): pass\nif 1:\n    def h(): pass\n"

    assert definitions(source) == {"f": (1, 2)}
