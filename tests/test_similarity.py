"""Similarity: who has whose code, told from the stub and from chance, on a page that runs nothing."""

import html.parser
import importlib
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader import similarity as module
from grader.cohort import Delivery
from grader.errors import UsageError
from grader.records import Assignment
from grader.similarity import Pair, Side, Similarity, compare
from grader.similarity_page import draw_similarity
from tests.builders import make_assignment

pytest.importorskip("copydetect")

STUB = '''"""Convolution."""

import numpy as np


def conv2d(x, w, b, stride=1, pad=0):
    """Slide each filter over the images."""
    # Your code here
    raise NotImplementedError("conv2d is not written yet")


def output_shape(n, size, stride=1, pad=0):
    """How many places a filter has along one axis, with padding on both of its sides."""
    # Your code here
    raise NotImplementedError("output_shape is not written yet")
'''
LOOPS = """import numpy as np


def conv2d(x, w, b, stride=1, pad=0):
    n, h, width, c = x.shape
    fh, fw, _, k = w.shape
    out = np.zeros((n, (h - fh) // stride + 1, (width - fw) // stride + 1, k))
    for i in range(out.shape[1]):
        for j in range(out.shape[2]):
            window = x[:, i * stride : i * stride + fh, j * stride : j * stride + fw, :]
            out[:, i, j, :] = np.tensordot(window, w, axes=3) + b
    return out
"""
# The same with other names, comments and blank lines: what a copier changes first.
RENAMED = """import numpy as np
# my own work


def conv2d(images, filters, bias, stride=1, pad=0):
    batch, rows, columns, channels = images.shape  # sizes

    a, d, _, kernels = filters.shape
    result = np.zeros((batch, (rows - a) // stride + 1, (columns - d) // stride + 1, kernels))
    for r in range(result.shape[1]):

        for s in range(result.shape[2]):
            patch = images[:, r * stride : r * stride + a, s * stride : s * stride + d, :]
            result[:, r, s, :] = np.tensordot(patch, filters, axes=3) + bias
    return result
"""
EINSUM = """import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


class Windows:
    def __init__(self, images, size):
        self.views = sliding_window_view(images, size, axis=(1, 2))


def conv2d(x, w, b, stride=1, pad=0):
    if stride < 1 or pad < 0:
        raise ValueError(f"stride {stride}, pad {pad}")
    views = Windows(np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0))), w.shape[:2]).views
    return np.einsum("nijcuv,uvck->nijk", views[:, ::stride, ::stride], w, optimize=True) + b
"""


@pytest.fixture
def assignment(tmp_path: Path) -> Assignment:
    public = tmp_path / "course" / "hw01_convolution"
    public.mkdir(parents=True)
    (public / "convolution.py").write_text(STUB, encoding="utf-8")
    return make_assignment(public=public)


class Cohort:
    """Submissions on a disk, and their deliveries."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.deliveries: list[Delivery] = []

    def add(self, student: str, code: str, *, attempt: int = 1, notebook: bool = False) -> None:
        folder = self.folder / f"{len(self.deliveries)}"
        folder.mkdir(parents=True)
        name = "convolution.ipynb" if notebook else "convolution.py"
        (folder / name).write_text(code, encoding="utf-8")
        self.deliveries.append(Delivery(student=student, path=folder, attempt=attempt))


@pytest.fixture
def cohort(tmp_path: Path) -> Cohort:
    return Cohort(tmp_path / "class")


def named(pairs: Sequence[Pair]) -> list[tuple[str, str]]:
    return [(pair.first.student, pair.second.student) for pair in pairs]


def test_a_copy_with_other_names_and_comments_is_found(assignment: Assignment, cohort: Cohort) -> None:
    cohort.add("alice", LOOPS)
    cohort.add("bob", EINSUM)
    cohort.add("carol", RENAMED)
    found = compare(assignment, cohort.deliveries)

    assert found.compared == 3
    assert named(found.pairs) == [("alice", "carol")]
    assert found.pairs[0].first.share == found.pairs[0].second.share == 1.0


def test_the_lines_are_those_of_each_ones_own_file(assignment: Assignment, cohort: Cohort) -> None:
    own = "\n\nclass Padding:\n    size = {'a': 1, 'b': 2, 'c': 3, 'd': 4, 'e': 5, 'f': 6, 'g': 7}\n\n\n"
    cohort.add("alice", LOOPS)
    cohort.add("bob", own + LOOPS)
    (pair,) = compare(assignment, cohort.deliveries).pairs

    assert pair.first.lines[-1] == 12
    assert pair.second.lines == tuple(line + own.count("\n") for line in pair.first.lines)
    assert pair.first.share == 1.0
    assert pair.second.share < 1.0


def test_what_the_stub_gave_is_left_out(assignment: Assignment, cohort: Cohort) -> None:
    first = STUB.replace('raise NotImplementedError("conv2d is not written yet")', "return x[:, ::stride] @ w + b - 1")
    second = STUB.replace('raise NotImplementedError("conv2d is not written yet")', "while pad: x = {w: b}; pad -= 1")
    cohort.add("alice", first)
    cohort.add("bob", second)
    cohort.add("carol", STUB)
    found = compare(assignment, cohort.deliveries)

    assert not found.pairs
    assert [(item.where, item.reason) for item in found.rejected] == [
        ("carol", "it holds nothing but the stub, or hardly more")
    ]


def test_a_run_that_occurs_twice_is_not_taken_for_the_stub(assignment: Assignment, cohort: Cohort) -> None:
    """Copydetect drops every repeated run as soon as there is any boilerplate."""
    twice = LOOPS + LOOPS.replace("conv2d", "again").partition("\n\n\n")[2]
    cohort.add("alice", twice)
    cohort.add("bob", twice)
    (pair,) = compare(assignment, cohort.deliveries).pairs

    assert pair.share == 1.0
    assert len(pair.first.lines) >= 18


def test_a_notebook_is_compared_by_its_cells(assignment: Assignment, cohort: Cohort) -> None:
    cells = [
        {"cell_type": "markdown", "metadata": {}, "source": "def conv2d"},
        {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, "source": RENAMED},
    ]
    text = json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4})
    cohort.add("alice", text, notebook=True)
    cohort.add("bob", LOOPS)

    assert named(compare(assignment, cohort.deliveries).pairs) == [("alice", "bob")]


def test_only_the_newest_attempt_of_each_student_counts(assignment: Assignment, cohort: Cohort) -> None:
    cohort.add("alice", LOOPS, attempt=1)
    cohort.add("alice", EINSUM, attempt=2)
    cohort.add("bob", LOOPS)
    found = compare(assignment, cohort.deliveries)

    assert found.compared == 2
    assert not found.pairs


def test_a_group_is_one_submission(assignment: Assignment, cohort: Cohort) -> None:
    cohort.add("alice", LOOPS)
    cohort.add("zoe", RENAMED)
    path = cohort.deliveries[0].path
    group = ("alice", "bob")
    together = [Delivery(student=student, path=path, group=group) for student in group]
    found = compare(assignment, [*together, cohort.deliveries[1]])

    assert named(found.pairs) == [("alice, bob", "zoe")]


def test_what_cannot_be_read_is_listed(assignment: Assignment, cohort: Cohort, tmp_path: Path) -> None:
    cohort.add("alice", "")
    cohort.add("bob", LOOPS)
    cohort.add("carol", "x = [" + "1, 'a', b + c, " * 20_000 + "]\n")
    cohort.deliveries.append(Delivery(student="dave", path=tmp_path / "gone"))
    found = compare(assignment, cohort.deliveries)

    assert found.compared == 1
    assert [item.where for item in found.rejected] == ["alice", "carol", "dave"]


def test_nothing_of_a_submission_is_run(assignment: Assignment, cohort: Cohort, tmp_path: Path) -> None:
    trap = tmp_path / "trap"
    attack = f"open({str(trap)!r}, 'w')\nimport os\nos._exit(3)\n"
    cohort.add("alice", attack + LOOPS)
    cohort.add("bob", attack + LOOPS)

    assert compare(assignment, cohort.deliveries).pairs
    assert not trap.exists()


def test_the_list_is_ranked_bounded_and_says_what_is_missing(assignment: Assignment, cohort: Cohort) -> None:
    for student in "abcdef":
        cohort.add(student, LOOPS)
    cohort.add("g", LOOPS + EINSUM)
    found = compare(assignment, cohort.deliveries, most=4)

    assert named(found.pairs) == [("a", "b"), ("a", "c"), ("a", "d"), ("a", "e")]
    assert found.omitted == 21 - 4
    assert set(found.sources) == set("abcde")


def test_the_same_class_gives_the_same_list_under_any_hash_seed(assignment: Assignment, cohort: Cohort) -> None:
    for student, code in (("alice", LOOPS + EINSUM), ("bob", EINSUM + RENAMED), ("carol", RENAMED)):
        cohort.add(student, code)
    program = (
        "from pathlib import Path; from grader.cohort import Delivery; from grader.similarity import compare;"
        "from tests.builders import make_assignment;"
        f"a = make_assignment(public=Path({str(assignment.public)!r}));"
        f"d = [Delivery(student=s, path=Path({str(cohort.folder)!r}, n)) for s, n in zip('abc', '012')];"
        "print([(p.first, p.second) for p in compare(a, d, least=0.1).pairs])"
    )
    said = [
        subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, check=True, env={"PYTHONHASHSEED": seed}
        )
        for seed in ("1", "2")
    ]

    assert said[0].stdout == said[1].stdout
    assert said[0].stdout.count("Side(") == 6
    assert not said[0].stderr


def test_without_copydetect_the_command_to_install_it_is_said(
    assignment: Assignment, cohort: Cohort, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "copydetect", None)
    monkeypatch.delitem(sys.modules, "copydetect.detector", raising=False)
    with pytest.raises(UsageError) as caught:
        compare(assignment, cohort.deliveries)

    assert 'pip install "cnn-autograde[similarity]"' in caught.value.fix


def test_a_class_of_nobody_or_one_has_no_pairs(assignment: Assignment, cohort: Cohort) -> None:
    assert not compare(assignment, []).pairs
    cohort.add("alice", LOOPS)
    assert not compare(assignment, cohort.deliveries).pairs


def test_too_large_a_class_is_refused(assignment: Assignment, cohort: Cohort, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST_COMPARED", 1)
    cohort.add("alice", LOOPS)
    cohort.add("bob", LOOPS)
    with pytest.raises(UsageError, match="too many"):
        compare(assignment, cohort.deliveries)


def test_a_missing_stub_is_said(assignment: Assignment) -> None:
    (assignment.public / "convolution.py").unlink()
    with pytest.raises(UsageError, match="stub"):
        compare(assignment, [])


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from(["a", "B", " ", "\n", "#", "'", '"""', "class ", "def f():", "1", "é", "가", "\\", "\t"]))
)
def test_every_letter_has_the_line_that_it_stood_on(parts: list[str]) -> None:
    source = "".join(parts) + "\nzzz = 1\n"
    letters, lines = module._letters(importlib.import_module("copydetect.detector"), source)

    assert len(letters) == len(lines)
    assert all(1 <= line <= source.count("\n") + 1 for line in lines)
    assert all(lines[:-1] <= lines[1:])


class _Tags(html.parser.HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.policy = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if ("http-equiv", "Content-Security-Policy") in attrs:
            self.policy = dict(attrs)["content"] or ""


class TestPage:
    def test_a_class_is_drawn(self, assignment: Assignment, cohort: Cohort) -> None:
        cohort.add("alice", LOOPS)
        cohort.add("김민지", RENAMED)
        cohort.add("carol", STUB)
        page = draw_similarity(compare(assignment, cohort.deliveries))

        assert "김민지" in page
        assert "100%" in page
        assert "<mark>   8      for i in range(out.shape[1]):</mark>" in page
        assert "nothing but the stub" in page

    def test_what_students_wrote_is_text_and_nothing_runs(self) -> None:
        attack = "<script>alert(1)</script><img src=x onerror=alert(1)>\u202e\x1b[31m\"'&</pre>"
        side = Side(student=attack, share=0.5, lines=(1,))
        page = draw_similarity(
            Similarity(
                assignment="hw1",
                title=attack,
                compared=2,
                pairs=(Pair(first=side, second=side),),
                omitted=3,
                sources={attack: [attack]},
            )
        )
        tags = _Tags()
        tags.feed(page)

        assert not tags.tags & {"script", "img", "iframe", "link", "object"}
        assert not any(name.startswith("on") or name in ("style", "src", "href") for name in tags.attributes)
        assert tags.policy.startswith("default-src 'none'")
        assert "unsafe" not in tags.policy
        assert "\u202e" not in page
        assert "\x1b" not in page

    def test_nobody_alike_is_said(self) -> None:
        page = draw_similarity(Similarity(assignment="hw1", title="Convolution", compared=2, pairs=()))
        assert "No two of them are alike" in page
