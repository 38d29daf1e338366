"""What one regrade changed for the person who saved: a line for each test, pure.

In: two reports of the same work, cut down to their reader's view. Out: Deltas in the order of the tests.
The rule: points come first ("+6: Windows of negative values"). Where they are the same, a mark says what the test says
now; a test whose words alone are others is told too, because the next mistake may stand in them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from grader import wording
from grader.changes import ChangedTest, compare_one
from grader.language import ENGLISH, Language
from grader.records import Outcome, Report, TestResult
from grader.text import number, one_line

NO_CHANGE = "no change"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delta:
    """One test that says something else now."""

    mark: str  # "+6", "-4", or one word: "pass", "FAIL", "gone"
    title: str
    result: TestResult | None  # what it says now; None: it is no longer there
    remark: str = ""

    def line(self, language: Language = ENGLISH) -> str:
        """As "+6: Windows of negative values"."""
        remark = f" ({language.say(self.remark)})" if self.remark else ""
        return f"{language.label(self.mark)}: {language.say(self.title)}{remark}"

    @property
    def passed(self) -> bool:
        """Whether the test has nothing left to say."""
        return self.result is None or self.result.outcome is Outcome.PASSED


def deltas(before: Report | None, after: Report) -> tuple[Delta, ...]:
    """List what changed.

    Args:
        before: the last report that has results, or None: then nothing can have changed.
        after: the report now. One that was rejected has no tests, and says why by itself: no deltas.
    """
    if before is None or after.rejected:
        return ()
    changed = compare_one(after.student, before, after)
    return tuple(_delta(test) for test in changed.tests) if changed is not None else ()


def told(changes: Sequence[Delta], language: Language = ENGLISH) -> tuple[str, ...]:
    """The lines to print: one a change, or "no change"."""
    return tuple(change.line(language) for change in changes) or (language.say(NO_CHANGE),)


def _delta(test: ChangedTest) -> Delta:
    before, after = test.before, test.after
    shown = after or before
    assert shown is not None
    title = one_line(shown.case.title or shown.case.name)
    if after is None:
        return Delta(mark="gone", title=title, result=None)
    mark = wording.Told(result=after).mark
    if before is not None and before.score is not None and after.score is not None:
        if gained := after.score - before.score:
            return Delta(mark=f"{'+' if gained > 0 else '-'}{number(abs(gained))}", title=title, result=after)
        if before.outcome is after.outcome:
            return Delta(mark=mark, title=title, result=after, remark="it says something else now")
    return Delta(mark=mark, title=title, result=after)
