import io

from rich.cells import cell_len

from grader.progress import Progress
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
