"""A text is recognised by the message that it was made of, quickly, and what is nobody's message stays."""

import time

import pytest

from tests.small_catalog import korean


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("not attempted", "작성하지 않음"),
        ("conv2d returned 3.", "conv2d는 3을 돌려주었습니다."),
        ("conv2d returned 3, expected 4.", "conv2d는 3을 돌려주었습니다. 기대한 값은 4입니다."),
        ("f returned an array of shape (2, 3).", "f는 형상이 (2, 3)인 배열을 돌려주었습니다."),
        ("f returned 1.5. Nothing was graded.", "f는 1.5를 돌려주었습니다. 채점하지 않았습니다."),
        ("Nothing was graded. f returned 3.", "채점하지 않았습니다. f는 3을 돌려주었습니다."),
        ("The file is empty.", "파일이 비어 있습니다."),
        ("a.csv: the file is empty", "a.csv: 파일이 비어 있습니다"),
        ("  fix: the file is empty\n\tf returned 3.", "  조치: 파일이 비어 있습니다\n\tf는 3을 돌려주었습니다."),
        ("f returned [[1, 2],\n [3, 4]], expected 4.", "f는 [[1, 2],\n [3, 4]]를 돌려주었습니다. 기대한 값은 4입니다."),
        ("write {} or x", "{}나 x를 쓰십시오"),
        ("", ""),
        ("something else entirely", "something else entirely"),
    ],
)
def test_a_text_is_recognised_by_the_words_between_its_values(text: str, said: str) -> None:
    assert korean().say(text) == said


def test_what_a_submission_wrote_stays_as_it_is() -> None:
    said = korean().say("f raised ValueError: not attempted")

    assert said == "f에서 ValueError 예외가 났습니다: not attempted"


def test_a_value_in_backticks_stays_as_it_is() -> None:
    assert korean().say("there is no option `not attempted`") == "`not attempted` 옵션은 없습니다"


@pytest.mark.parametrize("value", ["{name}", "{0.__class__}", "{{", "}", "{을}", "\\1", "%s", "{got!r:>99999}"])
def test_a_value_is_never_read_as_a_format(value: str) -> None:
    assert value in korean().say(f"f returned {value}.")


@pytest.mark.parametrize(
    "text",
    [
        "f returned " * 1_000,
        "a. " * 3_000,
        "x returned y, expected z. " * 400,
        "an array of shape " * 500,
        "f returned " + "9" * 10_000 + ".",
        ": " * 5_000,
        ", ; : . " * 1_000,
        "\n" * 10_000,
        "f returned\n" * 900,
        "fix: " * 800,
    ],
)
def test_no_text_takes_long(text: str) -> None:
    told = korean()
    begin = time.process_time()

    told.say(text)

    assert time.process_time() - begin < 0.2
