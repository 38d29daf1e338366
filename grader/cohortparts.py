"""What the instructor's commands share: their options, the gradebook of journals, notes on stderr.

In: argv, already parsed. Out: records, and lines on stderr. The rule: as in `cli`, heavy imports stand where they are
needed.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from grader.cliparts import echo
from grader.cohort import Rejected
from grader.gradebook import Which
from grader.records import Notice
from grader.text import one_line

if TYPE_CHECKING:
    from grader.bookkeeping import Books

_NOTED = 20  # lines of one kind on stderr

RosterOption = Annotated[
    Path | None, typer.Option("--roster", metavar="CSV", help="Who is enrolled.  [default: whoever handed in]")
]
LateOption = Annotated[Path | None, typer.Option("--late", metavar="TOML", help="The late policy.  [default: none]")]
WhichOption = Annotated[Which, typer.Option("--which", help="Of several attempts, the one that counts.")]


def class_books(
    journals: Sequence[Path],
    roster: Path | None,
    late: Path | None,
    which: Which,
    *,
    zero: bool = False,
    most: int = _NOTED,
) -> "Books":
    """Make the gradebook of journals, and say what there is to know of it."""
    from grader.bookkeeping import keep_books
    from grader.rosters import read_roster

    read = read_roster(roster) if roster is not None else None
    books = keep_books(journals, roster=read, policy=late, which=which, zero_when_absent=zero)
    note("note", books.notices, most=most)
    return books


def note(what: str, notices: Sequence[Notice], *, most: int = _NOTED) -> None:
    """Write notices on stderr, not all of them where there are hundreds."""
    for notice in notices[:most]:
        place = f"{one_line(notice.where)}: " if notice.where else ""
        echo(f"{what}: {place}{one_line(notice.text, limit=500)}", err=True)
    if len(notices) > most:
        echo(f"{what}: and {len(notices) - most} more", err=True)


def as_notice(rejected: Rejected) -> Notice:
    """What is left out is told like any other notice."""
    return Notice(text=rejected.reason, where=rejected.where)
