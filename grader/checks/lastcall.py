"""Owns what a test passed, where the test compared a value that it had worked out by itself.

In: the last call of a test, and its reference where there is one. Out: lines for the detail, pictures for a page.
The rule: whoever may not see a test's arguments is shown nothing of this; that is decided elsewhere.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from grader.checks.pictures import picture_example, picture_passed
from grader.checks.printing import describe_call, list_arguments, show_value
from grader.records import CallReply, Picture, Returned


@dataclass(frozen=True, slots=True, kw_only=True)
class LastCall:
    """The last call of a student's function in a test."""

    name: str
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]
    reply: CallReply
    reference: Callable[..., Any] | None  # gives the names of parameters

    def describe(self) -> str:
        """The call, its small arrays in full, and what it returned."""
        call = describe_call(self.name, self.reference, self.args, self.kwargs)
        lines = [f"The last call: {call}", *list_arguments(self.reference, self.args, self.kwargs)]
        if isinstance(self.reply, Returned):
            lines.append(f"  returned: {show_value(self.reply.value)}")
        return "\n".join(lines)

    def pictures(self, answer: tuple[Picture, ...]) -> tuple[Picture, ...]:
        """What was passed, before the pictures of the answer; without those, before what was returned."""
        if answer:
            return (*picture_passed(self.reference, self.args, self.kwargs), *answer)
        if not isinstance(self.reply, Returned):
            return ()
        return picture_example(self.args, self.kwargs, self.reply.value, function=self.reference)
