"""Course files are read by path, in their own order, without a trace; what is wrong in them is told with its line."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.checks import misconceptions
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


class TestHeavyPackages:
    """`import keras` at the top of a course file costs nothing where it is not used."""

    @pytest.fixture
    def package(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
        """A package that writes a file when it is loaded."""
        folder = tmp_path / "installed" / "heavy_one"
        folder.mkdir(parents=True)
        loaded = tmp_path / "loaded"
        (folder / "__init__.py").write_text(
            f"import pathlib\nwith pathlib.Path({str(loaded)!r}).open('a') as file:\n    file.write('x')\n"
            "from heavy_one import layers\n__version__ = '3'\n",
            encoding="utf-8",
        )
        (folder / "layers.py").write_text("class Dense:\n    pass\n", encoding="utf-8")
        monkeypatch.syspath_prepend(str(folder.parent))
        monkeypatch.setattr(misconceptions, "_HEAVY", ("heavy_one", "heavy_and_missing"))
        yield loaded
        for name in ("heavy_one", "heavy_one.layers"):
            sys.modules.pop(name, None)

    def test_two_files_that_import_one_do_not_load_it(self, tmp_path: Path, package: Path) -> None:
        """A reference, and the misconceptions that load it."""
        write(
            tmp_path,
            pooling=f"import heavy_one\n{REFERENCE}",
            misconceptions=f"import heavy_one\nimport heavy_one\n{MISCONCEPTIONS}",
        )

        reference = load_course_module(tmp_path / "pooling.py")
        read_misconceptions(tmp_path / "misconceptions.py")

        assert reference.double(2) == 4
        assert not package.exists()
        assert "heavy_one" not in sys.modules

    def test_whoever_walks_through_all_modules_does_not_load_it(self, tmp_path: Path, package: Path) -> None:
        source = "import heavy_one, inspect, sys\n[hasattr(each, '__file__') for each in list(sys.modules.values())]\n"
        write(tmp_path, pooling=f"{source}{REFERENCE}")

        load_course_module(tmp_path / "pooling.py")

        assert not package.exists()

    @pytest.mark.parametrize(
        "use",
        [
            "import heavy_one\nmade = heavy_one.layers.Dense()",
            "import heavy_one\nclass Mine(heavy_one.layers.Dense):\n    pass",
            "from heavy_one import layers\nmade = layers.Dense()",
            "import heavy_one\nimport heavy_one\nmade = heavy_one.__version__",
        ],
    )
    def test_it_is_loaded_once_where_it_is_used_at_the_top(self, tmp_path: Path, package: Path, use: str) -> None:
        write(tmp_path, pooling=use)

        load_course_module(tmp_path / "pooling.py")
        load_course_module(tmp_path / "pooling.py")

        assert package.read_text() == "x"

    def test_it_is_loaded_once_where_a_function_uses_it_later(self, tmp_path: Path, package: Path) -> None:
        write(tmp_path, pooling="import heavy_one\ndef build():\n    return heavy_one.layers.Dense()\n")
        module = load_course_module(tmp_path / "pooling.py")
        assert not package.exists()

        made = module.build(), module.build()

        assert package.read_text() == "x"
        assert [type(each) for each in made] == [sys.modules["heavy_one"].layers.Dense] * 2

    def test_one_that_is_not_installed_is_told_as_ever(self, tmp_path: Path, package: Path) -> None:
        with pytest.raises(CourseError, match="No module named 'heavy_and_missing'"):
            load_course_module(write(tmp_path, pooling="import heavy_and_missing\n") / "pooling.py")
