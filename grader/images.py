"""The images of a course for a student's own script: `from grader.images import training_images`.

In: a data set's name; the course is found as `grade` finds it, from the working folder upward or by GRADE_COURSE.
Out: arrays to train on. The test images stay with `grader.datasets`: a script has no need of them.
"""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from grader.course import find_course
from grader.datasets import load

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


def training_images(name: str) -> "tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]":
    """Images and labels to train on: uint8 (N, 28, 28) or (N, 32, 32, 3), and (N,) or (N, 1).

    Says on the screen which images they are: where there are none on this machine, a small generated set stands in.

    Raises:
        UsageError: no such data set, a damaged file, or no course here.
        CourseError: the course's manifest is wrong.
    """
    found = load(name, os.environ, root=find_course(Path.cwd(), explicit=None, environ=os.environ).root)
    print(found.source)  # noqa: T201 - a script's user must know what it trains on
    return found.x_train, found.y_train
