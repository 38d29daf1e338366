"""Tests of grader.pages.look: what every page escapes, allows and looks like."""

import pytest

from grader.pages import figures, look


@pytest.fixture
def drawing() -> look.Drawing:
    return figures.draw(
        lambda axes: axes.plot([0, 1], [1, 0], color=figures.ACCENT), width=2, height=1, told="a <fall>"
    )


def test_only_a_drawing_is_put_in_as_it_is(drawing: look.Drawing) -> None:
    environment = look._environment()

    with pytest.raises(TypeError, match="only a Drawing"):
        environment.from_string("{{ text|drawn }}").render(text="<svg></svg>")
    assert environment.from_string("{{ it|drawn }}").render(it=drawing) == drawing.svg


def test_a_text_is_escaped() -> None:
    told = look._environment().from_string("<p title='{{ text }}'>{{ text|lines }}</p>")

    assert "<b" not in told.render(text="'</p><b onclick=x>")
    assert "'&#39;" in told.render(text="'</p><b onclick=x>")


def test_between_tags_only_quotes_stay_as_they_are() -> None:
    told = look._environment().from_string("<p>{{ text|between }}</p>").render(text="a test's <b onclick=x> & more")

    assert told == "<p>a test's &lt;b onclick=x&gt; &amp; more</p>"


def test_a_drawing_has_no_style_attribute_and_its_colours_are_the_pages(drawing: look.Drawing) -> None:
    assert "style" not in drawing.svg
    assert any("var(--accent)" in rule for rule in drawing.rules)
    assert 'aria-label="a &lt;fall&gt;"' in drawing.svg


def test_the_same_numbers_give_the_same_bytes(drawing: look.Drawing) -> None:
    again = figures.draw(
        lambda axes: axes.plot([0, 1], [1, 0], color=figures.ACCENT), width=2, height=1, told="a <fall>"
    )

    assert again == drawing


def test_two_drawings_share_no_id(drawing: look.Drawing) -> None:
    other = figures.draw(lambda axes: axes.plot([0, 1], [1, 0]), width=2, height=1, told="another")
    ids = [part.split('"')[0] for each in (drawing, other) for part in each.svg.split(' id="')[1:]]

    assert ids
    assert len(ids) == len(set(ids))
