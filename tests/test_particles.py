"""Korean particles, behind words, numbers and code."""

import pytest

from grader.particles import particle


@pytest.mark.parametrize(
    ("before", "form", "after"),
    [
        ("배열", "을", "을"),
        ("값", "는", "은"),
        ("함수", "을", "를"),
        ("파일", "로", "로"),
        ("값", "로", "으로"),
        ("3", "을", "을"),
        ("2", "은", "는"),
        ("8", "으로", "로"),
        ("10", "으로", "으로"),
        ("50 %", "이", "가"),
        ("`softmax`", "은", "는"),
        ("(2, 3)", "을", "을"),
        ("kernel", "으로", "로"),
        ("mean", "이", "이"),
        ("output", "을", "을"),
        ("map", "과", "과"),
        ("train", "은", "은"),
        ("stride", "을", "를"),
        ("x", "은", "는"),
        ("W", "를", "를"),
        ("n", "가", "이"),
        ("GPU", "을", "를"),
        ("→", "을", "을(를)"),
        ("", "으로", "(으)로"),
        ("", "이라", "(이)라"),
    ],
)
def test_a_particle_follows_the_last_sound(before: str, form: str, after: str) -> None:
    assert particle(before, form) == after
