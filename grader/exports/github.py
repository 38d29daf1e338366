"""A report as GitHub Actions shows it: annotations, a step summary, outputs.

The specification is https://docs.github.com/actions/reference/workflow-commands-for-github-actions. In: a Report and an
audience. Out: three texts: one for stdout, one for the file $GITHUB_STEP_SUMMARY, one for the file $GITHUB_OUTPUT.
The rule: what a submission wrote is read by nobody as a command. On stdout it stands between `stop-commands` and a word
that it cannot know, or escaped in a command of ours; in the summary it stands in a fence longer than any in it; in the
outputs it does not stand at all, because workflows paste outputs into shell scripts.
"""

import re
from collections.abc import Iterable, Iterator
from functools import partial

from grader import wording
from grader.exports import plain
from grader.exports.standing import Standing, standing
from grader.language import ENGLISH, Language
from grader.marks import C_
from grader.records import Audience, Outcome, Report
from grader.scoring import view
from grader.text import number, one_line, printable

SUMMARY_BYTES = 1 << 20  # of a step; one byte more and nothing of it is shown
OUTPUT_BYTES = 100_000  # a job may have 1 MB

_ERRORS = 9  # annotations; GitHub shows ten of a kind, and the score's may be another
_TEXT = 2_000  # characters of a message
_TITLE = 120
_LOG = 4_000
_NAMES = 500
_MARKUP = re.compile(r"[\\`*_{}\[\]()<>#+\-.!|~@&:$^=]")
_TICKS = re.compile(r"`+")


def annotations(report: Report, audience: Audience, token: str, *, language: Language = ENGLISH) -> str:
    """Write what goes to stdout: the report as text, then a few annotations.

    Args:
        report: the whole report; it is cut down to the audience's view here.
        audience: who reads the log: students read that of their own repository.
        token: a random word that no submission can know.
        language: of who reads it.

    Returns:
        Lines. The text stands where no command is read; then at most nine errors and one annotation of the score.

    Raises:
        ValueError: the token is short, or no word of letters and digits.
    """
    if not re.fullmatch(r"[A-Za-z0-9]{16,}", token):
        raise ValueError("stop-commands needs a random word of 16 letters and digits or more")
    seen = language.report(view(report, audience))
    text = plain.whole(seen, limit=_TEXT, language=language)
    lines = [f"::stop-commands::{token}", text, f"::{token}::", *_errors(seen, language), _verdict(seen, language)]
    return "\n".join(lines) + "\n"


def summary(report: Report, audience: Audience, *, max_bytes: int = SUMMARY_BYTES, language: Language = ENGLISH) -> str:
    """Write the step summary: a table of each question's tests, then what they say.

    Args:
        report: the whole report; it is cut down to the audience's view here.
        audience: who reads it; staff also get the logs.
        max_bytes: what is left of the step's limit.
        language: of who reads it.

    Returns:
        GitHub's Markdown; "" where not even the score fits.
    """
    seen = language.report(view(report, audience))
    heading = f"## {_inline(plain.heading(seen, language))}\n"
    text = plain.fitted(
        lambda limit: heading + "\n" + "\n".join(_sections(seen, limit, language)) + "\n", max_bytes=max_bytes
    )
    return text or (heading if len(heading.encode()) <= max_bytes else "")


def outputs(report: Report, token: str) -> str:
    """Write the step's outputs: `standing`, `score`, `max_score` and `failed`, names of tests, a line each.

    Args:
        report: the whole report.
        token: a random word, the delimiter of what has several lines.

    Returns:
        Lines as GITHUB_OUTPUT takes them; `score` is empty where there is none.

    Raises:
        ValueError: the token is part of a test's name.
    """
    names = [one_line(each.case.name) for each in report.results if each.outcome is not Outcome.PASSED][:_NAMES]
    if any(token in name for name in names):
        raise ValueError("a test is named like the delimiter")
    return "\n".join(
        [
            f"standing={standing(report).value}",
            f"score={_points(report.score)}",
            f"max_score={_points(report.max_score)}",
            f"failed<<{token}",
            *names,
            token,
            "",
        ]
    )


def command(kind: str, message: str, *, title: str = "") -> str:
    """Write one workflow command on one line.

    Args:
        kind: "notice", "warning" or "error".
        message: any text; its line breaks are shown as such.
        title: any text.
    """
    properties = f" title={_property(one_line(title, limit=_TITLE))}" if title else ""
    return f"::{kind}{properties}::{_data(printable(message, limit=_TEXT))}"


def _errors(report: Report, language: Language) -> Iterator[str]:
    """The first thing to fix, then the first tests that say something of their own."""
    state = standing(report)
    if state in (Standing.REJECTED, Standing.NOT_GRADED):
        return
    count = 0
    headline = wording.headline(report)
    if headline is not None:
        title = f"{report.assignment}: {language.say(headline.title)}"
        yield command("error", _said(headline.text, headline.hint, language), title=title)
        count += 1
    for told in (told for group in wording.groups(report) for told in group.results):
        if count < _ERRORS and told.feedback and told.feedback == told.result.feedback:
            title = f"{report.assignment}: {language.label(told.mark)} {plain.title(told.result)}"
            yield command("error", _said(told.feedback, told.hint, language), title=title)
            count += 1


def _verdict(report: Report, language: Language) -> str:
    if standing(report) in (Standing.REJECTED, Standing.NOT_GRADED):
        headline = wording.headline(report)
        text, hint = (headline.text, headline.hint) if headline is not None else ("there is no score", "")
        return command("error", _said(text, hint, language), title=plain.heading(report, language))
    return command("notice", plain.heading(report, language), title=one_line(f"{report.assignment} {report.title}"))


def _sections(report: Report, limit: int, language: Language) -> Iterator[str]:
    word = partial(language.term, "page")
    if said := plain.first(report, limit=limit, language=language):
        yield from _fence(said)
    if said := plain.notices(report.notices, limit=limit, language=language):
        yield from _fence(said)
    for group in wording.groups(report):
        points = f" ({language.say(group.points)})" if group.question else ""
        yield f"### {_inline(group.question or word('Tests'))}{points}"
        yield from ("", f"| | {word(C_('page', 'test'))} | {word('points')} |", "|---|---|---|")
        for told in group.results:
            remark = f" ({language.say(told.remark)})" if told.remark else ""
            yield f"| {language.label(told.mark)} | {_inline(plain.title(told.result))}{remark} | {told.points} |"
        yield ""
        yield from _messages(group.results, limit, language)


def _messages(results: Iterable[wording.Told], limit: int, language: Language) -> Iterator[str]:
    if not limit:
        return
    for told in results:
        said = [_said(told.feedback, told.hint, language), told.result.log]
        for text, most in zip(said, (limit, min(limit, _LOG)), strict=True):
            if text:
                yield f"{language.label(told.mark)} {_inline(plain.title(told.result))}"
                yield ""
                yield from _fence(printable(text, limit=most))


def _fence(text: str) -> Iterator[str]:
    """A block in which nothing is markup: its fence is longer than any run of backticks in it."""
    longest = max((len(run) for run in _TICKS.findall(text)), default=0)
    fence = "`" * max(3, longest + 1)
    yield from (f"{fence}text", text, fence, "")


def _inline(text: str) -> str:
    """One line in which nothing is markup, no cell ends, nobody is mentioned."""
    return _MARKUP.sub(lambda match: f"&#{ord(match.group())};", one_line(text))


def _said(feedback: str, hint: str, language: Language) -> str:
    said = f"{language.label('hint')}: {language.say(hint)}" if hint else ""
    return "\n".join(part for part in (language.say(feedback), said) if part)


def _points(value: float | None) -> str:
    return "" if value is None else number(value)


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
