"""Course files are read by path, in their own order, without a trace; what is wrong in them is told with its line."""

import sys
from pathlib import Path

import pytest

from grader.checks.alternatives import read_alternatives
from grader.checks.misconceptions import load_beside, load_course_module, read_misconceptions
from grader.errors import CourseError

REFERENCE = "def double(x):\n    return 2 * x\n"
MISCONCEPTIONS = """\
from grader.checks.misconceptions import load_beside, misconception

reference = load_beside(__file__, "pooling.py")


@misconception("double", hint="Twice, not three times.")
def triples(x):
    return 3 * x


@misconception("double", hint="Nothing may be kept.", stateful=True)
def keeps_the_first():
    kept = []

    def keeps(x):
        kept.append(reference.double(x))
        return kept[0]

    return keeps


def not_marked(x):
    return x
"""


def write(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / f"{name}.py").write_text(text, encoding="utf-8")
    return folder


def test_misconceptions_come_in_order_with_their_hints(tmp_path: Path) -> None:
    write(tmp_path, pooling=REFERENCE, misconceptions=MISCONCEPTIONS)

    triples, keeps = read_misconceptions(tmp_path / "misconceptions.py")

    assert (triples.id, triples.function, triples.hint) == ("triples", "double", "Twice, not three times.")
    assert triples.make()(2) == 6
    assert keeps.stateful


def test_each_making_of_a_stateful_one_starts_afresh(tmp_path: Path) -> None:
    write(tmp_path, pooling=REFERENCE, misconceptions=MISCONCEPTIONS)
    keeps = read_misconceptions(tmp_path / "misconceptions.py")[1]

    one, other = keeps.make(), keeps.make()

    assert [one(1), one(5), other(5)] == [2, 2, 10]


def test_alternatives_come_in_order_with_their_titles(tmp_path: Path) -> None:
    source = (
        "from grader.checks.alternatives import alternative\n"
        '@alternative("double", title="by adding")\n'
        "def adds(x):\n    return x + x\n"
        '@alternative("double", title="by shifting")\n'
        "def shifts(x):\n    return x << 1\n"
    )
    write(tmp_path, alternatives=source)

    adds, shifts = read_alternatives(tmp_path / "alternatives.py")

    assert (adds.id, adds.function, adds.title, adds.call(4)) == ("adds", "double", "by adding", 8)
    assert shifts.id == "shifts"


def test_loading_leaves_no_module_and_no_bytecode(tmp_path: Path) -> None:
    write(tmp_path, pooling=REFERENCE)
    before = set(sys.modules)

    module = load_course_module(tmp_path / "pooling.py")

    assert module.double(3) == 6
    assert set(sys.modules) == before
    assert [path.name for path in tmp_path.iterdir()] == ["pooling.py"]


def test_stale_bytecode_is_not_read(tmp_path: Path) -> None:
    """A cached file that claims to be the source's is ignored."""
    import py_compile

    write(tmp_path, pooling=REFERENCE, planted="def double(x):\n    return 0\n")
    cached = tmp_path / "__pycache__" / f"pooling.{sys.implementation.cache_tag}.pyc"
    py_compile.compile(
        str(tmp_path / "planted.py"), cfile=str(cached), invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH
    )

    assert load_course_module(tmp_path / "pooling.py").double(3) == 6


def test_two_folders_with_one_file_name_do_not_meet(tmp_path: Path) -> None:
    for name, factor in (("a", 2), ("b", 3)):
        (tmp_path / name).mkdir()
        write(tmp_path / name, pooling=f"def times(x):\n    return {factor} * x\n")

    first, second = (load_course_module(tmp_path / name / "pooling.py") for name in "ab")

    assert (first.times(1), second.times(1)) == (2, 3)
    assert first.__name__ != second.__name__


def test_a_dataclass_in_a_course_file_works(tmp_path: Path) -> None:
    source = (
        "from __future__ import annotations\nfrom dataclasses import dataclass\n"
        "@dataclass\nclass Layer:\n    units: int\n"
    )
    write(tmp_path, layers=source)

    assert load_course_module(tmp_path / "layers.py").Layer(3).units == 3


@pytest.mark.parametrize(
    ("source", "what", "line"),
    [
        ("x = 1\ndef broken(:\n", "SyntaxError", 2),
        ("x = 1\n\n\ny = x / 0\n", "ZeroDivisionError", 4),
        ("import no_such_module_anywhere\n", "ModuleNotFoundError", 1),
        ("def f():\n    raise KeyError(1)\n\nf()\n", "KeyError", 2),
    ],
    ids=["syntax", "division", "import", "called"],
)
def test_a_broken_file_is_told_with_its_line(tmp_path: Path, source: str, what: str, line: int) -> None:
    write(tmp_path, pooling=source)

    with pytest.raises(CourseError, match=what) as caught:
        load_course_module(tmp_path / "pooling.py")

    assert caught.value.where == f"{tmp_path / 'pooling.py'}, line {line}"
    assert caught.value.fix


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(CourseError, match="does not exist"):
        load_beside(str(tmp_path / "misconceptions.py"), "pooling.py")


def test_a_broken_reference_is_told_at_its_own_line(tmp_path: Path) -> None:
    write(tmp_path, pooling="1 / 0\n", misconceptions=MISCONCEPTIONS)

    with pytest.raises(CourseError) as caught:
        read_misconceptions(tmp_path / "misconceptions.py")

    assert caught.value.where.endswith("pooling.py, line 1")


@pytest.mark.parametrize("hint", ["", "  ", "the maximum starts at −∞"], ids=["empty", "blank", "not printable"])
def test_a_hint_that_cannot_be_told_is_refused(tmp_path: Path, hint: str) -> None:
    source = (
        "from grader.checks.misconceptions import misconception\n"
        f"@misconception('f', hint={hint!r})\ndef wrong(x):\n    return x\n"
    )
    write(tmp_path, misconceptions=source)

    with pytest.raises(CourseError, match="the hint") as caught:
        read_misconceptions(tmp_path / "misconceptions.py")

    assert caught.value.where.endswith("misconceptions.py, wrong")


def test_a_korean_hint_is_fine(tmp_path: Path) -> None:
    source = (
        "from grader.checks.misconceptions import misconception\n"
        "@misconception('f', hint='최댓값이 0에서 시작합니다.')\ndef wrong(x):\n    return x\n"
    )
    write(tmp_path, misconceptions=source)

    assert read_misconceptions(tmp_path / "misconceptions.py")[0].hint == "최댓값이 0에서 시작합니다."
