"""What of a Python file is a message, and what it is called."""

import pytest

from grader.messages import messages_of


def ids(source: str) -> list[str]:
    return [each.id for each in messages_of(source)]


@pytest.mark.parametrize(
    ("expression", "msgid"),
    [
        ('f"{name} returned {shape}"', "{name} returned {shape}"),
        ('f"cannot be read: {error.strerror}"', "cannot be read: {strerror}"),
        ('f"{len(rows)} rows of {max(rows)}"', "{rows} rows of {rows_2}"),
        ('f"{x} is not {x}"', "{x} is not {x}"),
        ('f"the sum is {a + b}, {1 + 1}"', "the sum is {a}, {value}"),
        ("""f"one of {', '.join(known)}\"""", "one of {known}"),
        ("""f"one of {', '.join(str(e) for e in known)}\"""", "one of {list}"),
        ('"write {} here"', "write {{}} here"),
        ('" with blanks at the ends "', "with blanks at the ends"),
        ('"joined " "by the parser"', "joined by the parser"),
        ('"joined by " + code', "joined by {code}"),
    ],
)
def test_a_text_is_called_by_its_words_and_its_values(expression: str, msgid: str) -> None:
    assert ids(f"say({expression})") == [msgid]


def test_a_conditional_gives_a_message_for_each_branch() -> None:
    source = """say(f"two {'open' if a else 'closed'} doors{f' and {n} windows' if n else ''}")"""

    assert ids(source) == [
        "two open doors and {n} windows",
        "two open doors",
        "two closed doors and {n} windows",
        "two closed doors",
        "and {n} windows",
    ]


def test_a_constant_of_the_module_stands_as_its_text() -> None:
    assert ids('DUE = "ValueError"\nsay(f"raised {x}, {DUE} is due")') == ["raised {x}, ValueError is due"]


def test_a_title_is_the_first_line_of_a_tests_docstring() -> None:
    assert ids('def test_it(student):\n    """Whole."""\n') == ["Whole."]


def test_a_command_is_told_by_its_docstring() -> None:
    source = (
        'def list_all(plain: PlainOption = False) -> None:\n    """List all of\n    them.\n\n    At once and here."""\n'
    )

    assert ids(source) == ["List all of them.", "At once and here."]


def test_the_help_of_an_option_is_a_message() -> None:
    assert ids('def f(x: Annotated[int, typer.Option(metavar="A FILE", help="How many there are.")]): pass') == [
        "How many there are."
    ]


@pytest.mark.parametrize(
    "source",
    [
        '"""A module of many words."""',
        'def f():\n    """A function of many words."""',
        'class A:\n    """A class of many words."""',
        're.compile(r"of many words")',
        'raise ValueError("a programmer reads this")',
        'x: "of many words"',
        'say("one")',
        'say(f"{a}: {b}")',
        'say(f"{size} MB")',
        'run("grade data NAME --fetch")',
        'say("pip install cnn and more")',
        'say("<p>of many words</p>")',
    ],
)
def test_what_nobody_reads_is_no_message(source: str) -> None:
    assert ids(source) == []


def test_a_hint_has_its_misconception_for_a_context() -> None:
    source = '@misconception("conv2d", hint="You turn it.", recognise=like("as it is"))\ndef turned(x):\n    return x\n'

    assert [(each.context, each.id) for each in messages_of(source)] == [
        ("hint turned", "You turn it."),
        ("", "as it is"),
    ]


def test_a_mark_makes_one_word_a_message() -> None:
    found = messages_of('say(N_("rows"), C_("label", "pass")); raise ValueError(N_("words for a person"))')

    assert [(each.context, each.id) for each in found] == [("", "rows"), ("label", "pass"), ("", "words for a person")]
