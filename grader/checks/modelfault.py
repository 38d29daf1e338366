"""A saved model that is not believed, and why."""

from grader.text import one_line

COURSE_LAYERS = (
    "The course's models are made of Conv2D, MaxPooling2D, AveragePooling2D, Flatten, Dense, Dropout, Activation, "
    "BatchNormalization, Add and global pooling"
)
SAVE_ANEW = 'Save the model anew with model.save("model.keras"), and hand that file in as it is'


class ModelFault(Exception):  # noqa: N818 - a fault of the file, not an error of ours
    """A saved model cannot be read as a network of the course.

    Args:
        what: one sentence without a full stop, in our own words: nothing of the file is in it.
        where: the place in the file; may hold names from it.
        fix: what to do, likewise in our words.
    """

    def __init__(self, what: str, *, where: str = "", fix: str = SAVE_ANEW) -> None:
        self.what = what
        self.where = one_line(where)
        self.fix = fix
        super().__init__(self.detail)

    @property
    def brief(self) -> str:
        """What is wrong and what to do, without anything that the file says."""
        return f"{self.what}. {self.fix}."

    @property
    def detail(self) -> str:
        """The same, and where in the file."""
        return f"{self.what} ({self.where}). {self.fix}." if self.where else self.brief
