"""Which sources surely keep nothing between calls: a wrong yes would let one test see another."""

from pathlib import Path

import pytest

from grader.intake.stateless import is_stateless
from tests.corpus import ROOT

HEAD = "import numpy as np\n"
PURE = "def f(x):\n    return np.maximum(x, 0)\n"


def keeps_nothing(source: str) -> bool:
    return is_stateless(HEAD + source, ["f"])


class TestYes:
    @pytest.mark.parametrize(
        "source",
        [
            PURE,
            "EPSILON = -1e-9\nSHAPE = (3, 4)\nKIND = np.float32\n" + PURE,
            "SIZES = [3, 4]\n" + PURE,  # nobody uses it
            "def f(x):\n    kept = []\n    for row in x:\n        kept.append(row)\n    return np.array(kept)\n",
            "def f(x):\n    def inner(y, by=2):\n        return y * by\n    return inner(x)\n",
            "f = lambda x: x\n",
            "def f(x):\n    return x\ndef g(x):\n    return f(x)\nf = g\ng = f\n",
            "def f(x):\n    rng = np.random.default_rng(0)\n    return x * rng.random()\n",
            "def f(x):\n    x[0] = 1\n    x += 1\n    return x\n",
            "class Own:\n    size = 3\n    def __init__(self):\n        self.w = 3\n\ndef f(x):\n    return Own().w\n",
            "def f(x):\n    with np.errstate(all='ignore'):\n        return 1 / x\n",
            "from numpy.lib.stride_tricks import sliding_window_view\n" + PURE,
            "if __name__ == '__main__':\n    import os\n    print(os.getcwd())\n" + PURE,
            "x: int = 3\n" + PURE,
        ],
    )
    def test_functions_of_their_arguments_keep_nothing(self, source: str) -> None:
        assert keeps_nothing(source)

    @pytest.mark.parametrize("number", range(1, 9))
    def test_every_reference_without_tensorflow_keeps_nothing(self, number: int) -> None:
        """Else the right answers of a class would be slow."""
        folder = next((ROOT / "solutions").glob(f"hw{number:02}_*"))
        source = (folder / f"{folder.name.partition('_')[2]}.py").read_text(encoding="utf-8")

        assert is_stateless(source, [])


class TestNo:
    @pytest.mark.parametrize(
        "source",
        [
            "kept = []\ndef f(x):\n    kept.append(x)\n    return kept[0]\n",
            "kept = {}\ndef f(x):\n    return kept.setdefault('x', x)\n",
            "kept = np.zeros(3)\ndef f(x):\n    kept[:] += x\n    return kept\n",
            "kept = None\ndef f(x):\n    global kept\n    kept = x\n    return kept\n",
            "def f(x, kept=[]):\n    kept.append(x)\n    return kept[0]\n",
            "def f(x, *, kept={}):\n    return kept.setdefault(0, x)\n",
            "f = lambda x, kept=[]: kept.append(x) or kept[0]\n",
            "def f(x):\n    f.calls = getattr(f, 'calls', 0) + 1\n    return x\n",
            "def f(x):\n    f.kept = x\n    return x\n",
            "def f(x):\n    np.kept = x\n    return x\n",
            "class Layer:\n    kept = []\n\ndef f(x):\n    Layer.kept.append(x)\n    return x\n",
            "class Layer:\n    def __init__(self):\n        Layer.kept = 1\n\ndef f(x):\n    Layer()\n    return x\n",
            "class Own:\n    @classmethod\n    def keep(self, x):\n        self.k = x\n\ndef f(x):\n    Own.keep(x)\n",
            "class Own:\n    def __init__(self):\n        self.w = 1\n\nown = Own()\ndef f(x):\n    own.w = x\n",
            "class Layer:\n    def __init__(self):\n        self.w = 1\n    def put(self, x):\n        self.w = x\n\n"
            "layer = Layer()\ndef f(x):\n    layer.put(x)\n    return x\n",
            "import functools\n@functools.cache\ndef f(n):\n    return n\n",
            "from functools import lru_cache\n@lru_cache\ndef f(n):\n    return n\n",
            "def keep(g):\n    return g\n@keep\ndef f(n):\n    return n\n",
            "def make():\n    n = 0\n    def g(x):\n        nonlocal n\n        n += 1\n    return g\nf = make()\n",
            "def f(x):\n    return x * np.random.rand()\n",
            "def f(x):\n    np.random.seed(0)\n    return x\n",
            "rng = np.random.default_rng(0)\ndef f(x):\n    return x * rng.random()\n",
            "def f(x):\n    np.seterr(all='raise')\n    return x\n",
            "def f(x):\n    np.save('kept', x)\n    return x\n",
            "def f(x):\n    open('kept', 'w').write(str(x))\n    return x\n",
            "def f(x):\n    globals()['kept'] = x\n    return x\n",
            "def f(x):\n    __builtins__['kept'] = x\n    return x\n",
            "def f(x):\n    f.__dict__['kept'] = x\n    return x\n",
            "def f(x):\n    setattr(f, 'kept', x)\n    return x\n",
            "def f(x):\n    exec('kept = x', {})\n    return x\n",
            "def f(x):\n    import os\n    return x\n",
            "import os\n" + PURE,
            "from numpy import *\n" + PURE,
            "from numpy import random\ndef f(x):\n    return random.rand()\n",
            "import itertools\ncount = itertools.count()\ndef f(x):\n    return next(count)\n",
            "rows = (n for n in range(9))\ndef f(x):\n    return next(rows)\n",
            "for k in [1, 2]:\n    pass\ndef f(x):\n    return k\n",
            "try:\n    kept = [0]\nexcept Exception:\n    pass\ndef f(x):\n    return kept\n",
            "async def f(x):\n    return x\n",
            "def f(x):\n    return x\nf = [f][0]\n",
            "class Meta(type):\n    pass\nclass Layer(metaclass=Meta):\n    pass\n" + PURE,
            "def f(x:\n",
            "\x00",
        ],
    )
    def test_what_could_keep_something_is_not_sure(self, source: str) -> None:
        assert not keeps_nothing(source)

    def test_a_source_that_would_bring_the_parser_down_is_not_sure(self) -> None:
        assert not keeps_nothing("x = " + "(" * 100_000 + ")" * 100_000)
        assert not keeps_nothing("x = " + "-" * 100_000 + "1\n" + PURE)


@pytest.mark.parametrize("name", ["caches_the_first_result", "changes_its_argument"])
def test_what_the_corpus_keeps_is_seen(name: str) -> None:
    """A cache is seen; an argument that is changed is not kept."""
    file = next(Path(ROOT, "tests/submissions/hw01_convolution", name).glob("*.py"))

    assert is_stateless(file.read_text(encoding="utf-8"), ["conv2d"]) is (name == "changes_its_argument")
