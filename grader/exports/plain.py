"""A report, or a part of it, as plain text for a platform's box.

In: a Report as its audience may see it, and how many characters a message may have. Out: lines without markup.
The rule: everything goes through `text`, so nothing here can move a cursor, start a command or break a file.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from grader import wording
from grader.exports.standing import Standing, is_waiting, standing
from grader.language import ENGLISH, Language
from grader.records import Notice, Report, TestResult
from grader.text import one_line, printable

# Characters of one message, until the whole fits. 40 is the least that `printable` cuts to; 0 leaves messages out.
_LIMITS = (4_000, 1_000, 250, 40, 0)
_NOTICES = 50
_NOTICE = 300  # characters of one


def fitted(render: Callable[[int], str], *, max_bytes: int) -> str:
    """Render with ever shorter messages until the text fits.

    Args:
        render: makes the text, given how many characters one message may have: 4,000 down to 40, then 0, none.
        max_bytes: of the text in UTF-8.

    Returns:
        The first text that fits, or "" where none does.
    """
    for limit in _LIMITS:
        text = render(limit)
        if len(text.encode()) <= max_bytes:
            return text
    return ""


def dump(document: Mapping[str, Any]) -> str:
    """Write JSON: keys in their order, letters as they are, no NaN, a newline at the end."""
    return json.dumps(document, ensure_ascii=False, allow_nan=False, indent=2) + "\n"


def whole(report: Report, *, limit: int, language: Language = ENGLISH) -> str:
    """Tell everything: the score, what to read first, what was assumed, each test."""
    parts = (
        heading(report, language),
        first(report, limit=limit, language=language),
        notices(report.notices, limit=limit, language=language),
        tests(report, limit, language),
    )
    return "\n\n".join(part for part in parts if part)


def heading(report: Report, language: Language = ENGLISH) -> str:
    """One line: "hw1 Convolution: 86 / 100"."""
    score = "not finished" if standing(report) is Standing.UNFINISHED else wording.score(report)
    return one_line(f"{report.assignment} {report.title}: {language.say(score)}")


def first(report: Report, *, limit: int, language: Language = ENGLISH) -> str:
    """Tell what to read first, or "" where the tests speak for themselves."""
    headline = wording.headline(report)
    if headline is None:
        return ""
    lines = [one_line(language.say(headline.title))]
    if limit:
        lines += [printable(language.say(headline.text), limit=limit), _hint(headline.hint, limit, language)]
    return "\n".join(line for line in lines if line)


def notices(told: Sequence[Notice], *, limit: int, language: Language = ENGLISH) -> str:
    """Tell what was assumed about a submission, a line each; the fiftieth is the last."""
    if not limit:
        return ""
    lines = [
        f"{language.label('note')}: "
        + one_line(
            f"{notice.where}: {notice.text}" if notice.where else notice.text, limit=max(40, min(limit, _NOTICE))
        )
        for notice in told[:_NOTICES]
    ]
    if len(told) > _NOTICES:
        lines.append(f"{language.label('note')}: {language.say(f'and {len(told) - _NOTICES} more')}")
    return "\n".join(lines)


def tests(report: Report, limit: int, language: Language) -> str:
    """Tell each test by its question; a message that many share is told once."""
    return "\n\n".join("\n".join(_group(group, limit, language)) for group in wording.groups(report))


def title(result: TestResult) -> str:
    """What a student knows the test by."""
    return one_line(result.case.title or result.case.name) or "test"


def message(result: TestResult, *, limit: int, language: Language = ENGLISH) -> str:
    """What one test has to say, and its hint."""
    if is_waiting(result):
        return language.say("not run yet")
    return _message(result.feedback, result.hint, limit, language)


def _group(group: wording.Group, limit: int, language: Language) -> Iterator[str]:
    if group.question:
        yield one_line(f"{group.question}  {language.say(group.points)}")
    for told in group.results:
        remark = f" ({language.say(told.remark)})" if told.remark else ""
        points = f"  {told.points}" if told.points else ""
        yield f"{language.label(told.mark):<5}  {title(told.result)}{remark}{points}"
        for line in _message(told.feedback, told.hint, limit, language).splitlines():
            yield f"       {line}"


def _message(feedback: str, hint: str, limit: int, language: Language) -> str:
    if not limit:
        return ""
    parts = (printable(language.say(feedback), limit=limit), _hint(hint, limit, language))
    return "\n".join(part for part in parts if part)


def _hint(hint: str, limit: int, language: Language) -> str:
    return f"{language.label('hint')}: {printable(language.say(hint), limit=limit)}" if hint else ""
