import io
import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from grader.progress import Progress
from grader.records import Epoch
from grader.screen import Screen


def run(screen: Screen) -> None:
    with Progress(screen) as progress:
        progress.step(0, "Windows overlap.", total=12)
        progress.step(1, "합성곱은 필터를 뒤집지 않는다. " * 9, total=12)
        progress.step(2, "bad \x1b[2J\ntitle", total=12)


class TestProgress:
    def test_a_terminal_has_one_line_that_ends_empty(self) -> None:
        """Every state starts at the left edge and fills the line but for its last column."""
        stream = io.StringIO()
        run(Screen(stream=stream, interactive=True))
        states = stream.getvalue().split("\r")

        assert states[0] == states[-1] == ""
        assert states[1].rstrip() == "0/12  Windows overlap."
        assert [cell_len(state) for state in states[1:-1]] == [79, 79, 79, 79]
        assert states[-2].strip() == ""

    def test_it_has_no_escape_and_no_line_break(self) -> None:
        """A title is not trusted either."""
        stream = io.StringIO()
        run(Screen(stream=stream, interactive=True))

        assert not set(stream.getvalue()) & {"\x1b", "\n"}

    def test_a_pipe_gets_nothing(self) -> None:
        """A CI's log would hold every state."""
        stream = io.StringIO()
        run(Screen(stream=stream))

        assert stream.getvalue() == ""

    def test_plain_gets_a_line_for_each_test(self) -> None:
        """Nothing is redrawn."""
        stream = io.StringIO()
        run(Screen(stream=stream, plain=True))

        assert stream.getvalue().splitlines()[0] == "0/12  Windows overlap."
        assert len(stream.getvalue().splitlines()) == 3

    def test_an_ascii_terminal_gets_question_marks(self) -> None:
        """Not an error in the middle of a grading."""
        stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
        run(Screen(stream=stream, interactive=True))

        stream.seek(0)
        assert "???" in stream.read()


def epoch(done: float, *, epochs: float = 4, loss: float = 0.5, accuracy: float = 0.25) -> Epoch:
    return Epoch(done=done, epochs=epochs, loss=loss, accuracy=accuracy)


class TestTraining:
    """How far a training says it is, on the line of its test."""

    @pytest.fixture
    def clock(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Ten seconds pass from one event to the next, on a machine that has been up for a week."""
        ticks = itertools.count(600_000, 10)
        monkeypatch.setattr("grader.progress.time.monotonic", lambda: float(next(ticks)))

    def lines(self, *epochs: Epoch, plain: bool = True) -> list[str]:
        stream = io.StringIO()
        screen = Screen(stream=stream, plain=plain, interactive=not plain)
        with Progress(screen) as progress:
            progress.step(3, "Training learns.", total=15)
            for each in epochs:
                progress.epoch(each)
        return [line.rstrip() for line in stream.getvalue().replace("\r", "\n").splitlines() if line.strip()]

    @pytest.mark.usefixtures("clock")
    def test_a_terminal_shows_each_event_with_the_time_that_is_left(self) -> None:
        lines = self.lines(epoch(0.5), epoch(1), epoch(1.5), epoch(4), plain=False)

        assert lines == [
            "3/15  Training learns.",
            "3/15  Training learns.  epoch 1/4, loss 0.500, accuracy 25.0%",
            "3/15  Training learns.  epoch 1/4, loss 0.500, accuracy 25.0%, 60 s left",
            "3/15  Training learns.  epoch 2/4, loss 0.500, accuracy 25.0%, 50 s left",
            "3/15  Training learns.  epoch 4/4, loss 0.500, accuracy 25.0%, 0 s left",
        ]

    @pytest.mark.usefixtures("clock")
    def test_plain_gets_a_line_for_each_whole_epoch(self) -> None:
        lines = self.lines(epoch(0.5), epoch(1), epoch(1.5), epoch(2))

        assert [line.partition("  epoch")[2] for line in lines[1:]] == [
            " 1/4, loss 0.500, accuracy 25.0%, 60 s left",
            " 2/4, loss 0.500, accuracy 25.0%, 40 s left",
        ]

    @pytest.mark.usefixtures("clock")
    def test_another_training_begins_its_own_time(self) -> None:
        """A test trains more than once, and the next test again."""
        lines = self.lines(epoch(1), epoch(2), epoch(1), epoch(2))

        assert [line.rpartition(", ")[2] for line in lines[1:]] == [
            "accuracy 25.0%",
            "20 s left",
            "accuracy 25.0%",
            "20 s left",
        ]

    def test_what_is_not_known_is_not_told(self) -> None:
        assert self.lines(epoch(1, loss=-1, accuracy=-1))[1].endswith("  epoch 1/4")

    def test_a_pipe_gets_nothing(self) -> None:
        stream = io.StringIO()
        with Progress(Screen(stream=stream)) as progress:
            progress.epoch(epoch(1))

        assert stream.getvalue() == ""

    @given(st.lists(st.tuples(*[st.floats(-1e6, 1e6)] * 4), max_size=6), st.booleans())
    def test_any_numbers_are_a_line(self, numbers: list[tuple[float, float, float, float]], plain: bool) -> None:
        """A submission says what it likes; what it says was bounded before."""
        epochs = [Epoch(done=a, epochs=b, loss=c, accuracy=d) for a, b, c, d in numbers]

        for line in self.lines(*epochs, epoch(5e-324, epochs=-0.0), epoch(math.nextafter(0, 1) * 3), plain=plain):
            assert cell_len(line) <= 200
            assert "nan" not in line
            assert "inf" not in line
