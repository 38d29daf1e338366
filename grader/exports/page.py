"""A report as a web page of one file: opened from a disk, it asks nobody for anything.

In: a Report and an audience. Out: HTML.
The rule: the libraries that draw are imported when a page is drawn, and asked for before anything is graded.
"""

from grader.exports.context import Context
from grader.language import ENGLISH, Language
from grader.pages import extra
from grader.records import Audience, Report


def check(_: Context) -> None:
    """Make sure that a page can be drawn here.

    Raises:
        UsageError: a library of the extra `report` is missing.
    """
    extra.require()


def render(report: Report, audience: Audience, *, language: Language = ENGLISH) -> str:
    """Draw a report as its audience may see it.

    Raises:
        UsageError: a library of the extra `report` is missing.
    """
    extra.require()
    from grader.pages import student  # takes half a second

    return student.render(report, audience, language=language)
