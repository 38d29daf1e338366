"""Folders of an instructor's own: one for each student, or one file for each.

In: the folder's entries. Out: a Delivery for each attempt.
The rule: the name is the student's id, `alice/` or `alice.py`. Below it may lie a folder for each attempt, `attempt_2`
or a time (`2026-03-01 12:00:00+0900`), and then nothing else; `alice_attempt_2/` and `alice_attempt_2.py` are the same.
A bare number is an attempt only where no hand-in lies beside it. A time counts as the time of hand-in only with its
offset; without one it gives the order.
"""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from grader.cohort import Delivery, Rejected
from grader.errors import SubmissionRejected
from grader.platforms.places import CohortLimits, Found, Gathering, Sorted, as_rejected, list_folder, unusable
from grader.platforms.times import has_offset, parse_time

_ENDINGS = frozenset({".py", ".ipynb", ".zip", ".keras", ".h5", ".hdf5"})
_ATTEMPT = re.compile(r"(?:attempt|try|submission|시도|제출)[ _-]?(\d{1,6})|(\d{1,6})", re.IGNORECASE)
_ATTEMPT_OF = re.compile(r"(?P<student>.+?)[ _-]attempt[ _-]?(?P<number>\d{1,6})", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Attempt:
    """A folder below a student's own."""

    found: Found
    number: int = 0
    time: datetime | None = None


def is_wrapping(below: Sequence[Found], *, packed: bool) -> bool:
    """Whether a single folder is only a wrapping, by what lies in it.

    Who packs a class packs its folder, so in a zip a single folder is one; else it may be the only student's, and is a
    wrapping where it holds several folders and no hand-in.
    """
    folders = [entry for entry in below if entry.kind == "folder"]
    if any(_attempt(entry, below) for entry in folders):
        return False
    return packed or (len(folders) > 1 and not any(map(_is_hand_in, below)))


def sort_plain(top: Sequence[Found], gathering: Gathering, limits: CohortLimits) -> Sorted:
    """Find each student's attempts."""
    found: list[Delivery] = []
    rejected: list[Rejected] = []
    files: defaultdict[tuple[str, int], list[tuple[Found, str]]] = defaultdict(list)
    for entry in top:
        if entry.kind == "link":
            rejected.append(entry.rejected("a link is not followed; the folder or file itself is needed"))
        elif entry.kind == "folder":
            sorted_ = _of_student(entry, limits)
            found += sorted_.found
            rejected += sorted_.rejected
        elif _is_hand_in(entry):
            student, number = _student(entry.stem)
            files[student, number].append((entry, entry.name))
        else:
            what = "a file that is neither Python, a notebook, a zip nor a model belongs to no student"
            rejected.append(entry.rejected(what))
    for (student, number), group in files.items():
        if len(group) == 1:
            found.append(Delivery(student=student, path=group[0][0].path, attempt=number))
            continue
        folder, refused = gathering.put(student, number, group)
        rejected += refused
        if len(refused) < len(group):
            found.append(Delivery(student=student, path=folder, attempt=number))
    return Sorted(found=found, rejected=rejected)


def _of_student(entry: Found, limits: CohortLimits) -> Sorted:
    student, number = _student(entry.name)
    try:
        below = list_folder(entry.path, most=limits.student_files)
    except SubmissionRejected as error:
        return Sorted(rejected=[as_rejected(error, entry)])
    attempts = [attempt for item in below if (attempt := _attempt(item, below))]
    if not below:
        return Sorted(rejected=[entry.rejected("the folder is empty: nothing was handed in")])
    if not attempts:
        return Sorted(found=[Delivery(student=student, path=entry.path, attempt=number)])
    attempts.sort(key=lambda attempt: (_moment(attempt.time), attempt.number, attempt.found.name))
    found = []
    taken = {attempt.found.path for attempt in attempts}
    rejected = [_beside(entry, item) for item in below if item.path not in taken]
    for position, attempt in enumerate(attempts, start=1):
        if why := unusable(attempt.found, limits):
            rejected.append(_within(entry, why))
            continue
        at = attempt.time if attempt.time and has_offset(attempt.found.name) else None
        number = attempt.number or position
        found.append(Delivery(student=student, path=attempt.found.path, attempt=number, submitted_at=at))
    return Sorted(found=found, rejected=rejected)


def _student(name: str) -> tuple[str, int]:
    match = _ATTEMPT_OF.fullmatch(name)
    return (match["student"], max(1, int(match["number"]))) if match else (name, 1)


def _is_hand_in(entry: Found) -> bool:
    return entry.kind == "file" and entry.suffix in _ENDINGS


def _attempt(entry: Found, beside: Sequence[Found]) -> _Attempt | None:
    if entry.kind != "folder":
        return None
    if match := _ATTEMPT.fullmatch(entry.name):
        sure = match[1] or not any(map(_is_hand_in, beside))
        return _Attempt(found=entry, number=int(match[1] or match[2])) if sure else None
    time = parse_time(entry.name)
    return _Attempt(found=entry, time=time) if time else None


def _moment(time: datetime | None) -> float:
    return time.timestamp() if time else 0.0


def _beside(student: Found, item: Found) -> Rejected:
    beside = "it lies beside the folders of attempts, in none of them"
    return _within(student, item.rejected("a link is not followed" if item.kind == "link" else beside))


def _within(student: Found, rejected: Rejected) -> Rejected:
    return Rejected(where=f"{student.name}/{rejected.where}", reason=rejected.reason)
