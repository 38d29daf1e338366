import io

import pytest

from grader.screen import terminal


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


XTERM = {"TERM": "xterm-256color"}


class TestColor:
    @pytest.mark.parametrize(
        ("environ", "color"),
        [
            (XTERM, True),
            (XTERM | {"NO_COLOR": "1"}, False),
            (XTERM | {"NO_COLOR": "0"}, False),
            (XTERM | {"NO_COLOR": ""}, True),
            (XTERM | {"NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
            ({"TERM": "dumb"}, False),
            ({"TERM": "dumb", "FORCE_COLOR": "1"}, True),
            ({"WT_SESSION": "x"}, True),
            ({}, False),
        ],
    )
    def test_a_terminal_has_colour_unless_told_otherwise(self, environ: dict[str, str], color: bool) -> None:
        """NO_COLOR wins over everything; an old Windows console says nothing about itself."""
        assert terminal(Terminal(), environ).color is color

    @pytest.mark.parametrize(("environ", "color"), [(XTERM, False), ({"FORCE_COLOR": "1"}, True)])
    def test_a_pipe_has_colour_only_by_force(self, environ: dict[str, str], color: bool) -> None:
        """A file is read by other programs."""
        assert terminal(io.StringIO(), environ).color is color

    @pytest.mark.parametrize("environ", [XTERM, XTERM | {"FORCE_COLOR": "1"}])
    def test_plain_has_none(self, environ: dict[str, str]) -> None:
        """Also by force."""
        assert not terminal(Terminal(), environ, plain=True).color

    def test_accessible_asks_for_plain(self) -> None:
        """A screen reader's user sets it once."""
        assert terminal(Terminal(), XTERM | {"ACCESSIBLE": "1"}).plain
        assert not terminal(Terminal(), XTERM | {"ACCESSIBLE": "0"}).plain


class TestInteractive:
    def test_only_a_terminal_is_redrawn(self) -> None:
        """Not a pipe, not a CI's terminal, not a dumb one, not with `--plain`."""
        assert terminal(Terminal(), XTERM).interactive
        assert not terminal(io.StringIO(), XTERM).interactive
        assert not terminal(Terminal(), XTERM | {"CI": "true"}).interactive
        assert not terminal(Terminal(), {"TERM": "dumb"}).interactive
        assert not terminal(Terminal(), XTERM, plain=True).interactive


class TestWidth:
    @pytest.mark.parametrize(
        ("columns", "environ", "width"),
        [
            (200, {}, 80),
            (60, {}, 60),
            (10, {}, 40),
            (None, {}, 80),
            (60, {"COLUMNS": "120"}, 120),
            (60, {"COLUMNS": "9999"}, 200),
            (60, {"COLUMNS": "0"}, 60),
            (60, {"COLUMNS": "wide"}, 60),
            (60, {"COLUMNS": "-5"}, 60),
            (60, {"COLUMNS": "1" * 9_000}, 60),
        ],
    )
    def test_a_terminal_has_at_most_80_unless_columns_says_more(
        self, columns: int | None, environ: dict[str, str], width: int
    ) -> None:
        """Nonsense in COLUMNS counts as nothing."""
        assert terminal(Terminal(), environ, columns=columns).width == width

    def test_a_pipe_has_80(self) -> None:
        """Whatever terminal stands behind it."""
        assert terminal(io.StringIO(), {}, columns=60).width == 80
        assert terminal(io.StringIO(), {"COLUMNS": "100"}, columns=60).width == 100


class TestEncodable:
    @pytest.mark.parametrize(
        ("encoding", "seen"),
        [("ascii", "?? x ?"), ("cp949", "합성 x ?"), ("utf-8", "합성 x \u2713")],
    )
    def test_what_a_stream_cannot_hold_becomes_a_question_mark(self, encoding: str, seen: str) -> None:
        """Never an error, and before the layout, so that columns align."""
        stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)

        assert terminal(stream, {}).encodable("합성 x \u2713") == seen
