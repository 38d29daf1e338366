"""What an export must know beside the report, handed in by the command line, so that no format asks the machine.

In: the environment, the time and a random word, as arguments. Out: a Context.
The rule: nothing below `cli` reads `os.environ` or the clock.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from grader.language import ENGLISH, Language


def _random_word() -> str:
    return secrets.token_hex(16)


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Where and when an export is written."""

    environ: Mapping[str, str] = field(default_factory=dict)
    now: datetime | None = None  # with an offset; None: a format that needs the time says so
    language: Language = ENGLISH  # of a student, for what a student reads; JSON and JUnit are read by programs
    token: str = field(default_factory=_random_word)  # nobody whose text is written can know it
