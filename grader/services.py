"""Owns what the tests of a training assignment need beside the submission: hidden images, and a neutral worker.

In: the course's folder, the environment, a way to open boxes. Out: test images and predictions.
The rule: one per grader process, shared by all its submissions, so data is read once; labels never leave this process.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from grader.neutral.client import NeutralWorker, OpenBox
from grader.records import Assignment
from grader.sandbox import launch

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

#: The small generated set is not the lecture's data: other accuracies are due there.
GENERATED = "generated"


@dataclass(frozen=True, slots=True, kw_only=True)
class TestImages:
    """Images that no submission sees, and their labels."""

    __test__ = False  # pytest would collect the name

    images: "npt.NDArray[np.uint8]"  # (N, 28, 28) or (N, 32, 32, 3)
    labels: "npt.NDArray[np.uint8]"  # (N,)
    source: str  # one sentence
    variant: str  # as the manifest calls it


def support_source(assignment: Assignment) -> str:
    """The source that stands beside a submission of an assignment."""
    if "tensorflow" not in assignment.requires:
        return ""
    return Path(launch.__file__).with_name("keras_support.py").read_text(encoding="utf-8")


class Services:
    """Reads each data set once, and asks a neutral worker.

    Args:
        root: the course's folder.
        environ: says where data lies; empty: the generated images are taken.
        open_box: starts a confined process for code of ours that reads a hostile file.
    """

    def __init__(self, root: Path, environ: Mapping[str, str], open_box: OpenBox) -> None:
        self._root = root
        self._environ = environ
        self._images: dict[str, TestImages] = {}
        self.neutral = NeutralWorker(open_box)

    def images(self, name: str) -> TestImages:
        """The test images of a data set.

        Raises:
            UsageError: what lies there is damaged.
        """
        if name not in self._images:
            from grader.datasets import load

            found = load(name, self._environ, root=self._root)
            self._images[name] = TestImages(
                images=found.x_test, labels=found.y_test.reshape(-1), source=found.source, variant=found.variant
            )
        return self._images[name]

    def sources(self, assignment: Assignment) -> tuple[str, ...]:
        """Which images an assignment's models are judged on, a sentence each."""
        names = dict.fromkeys(question.data for question in assignment.questions if question.data)
        return tuple(self.images(name).source for name in names)
