"""Owns discovery: what an instructor downloaded becomes Deliveries, one for each attempt of each student.

In: a folder or zip as a platform gives it. Out: Deliveries: what was found, and what belongs to nobody and why.
The rule: nothing disappears: every entry at the top is a Delivery, part of one, or Rejected with a reason. Nothing of a
submission is read here but to be put where its own names are right.

The platform is recognised by its names, at the top or inside a single folder around everything: a Gradescope export by
`submission_metadata.yml`, Moodle and Canvas by names that most entries have; everything else is folders named by id.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from grader.cohort import Deliveries, Delivery, Rejected
from grader.errors import SubmissionRejected, UsageError
from grader.platforms.canvas import is_canvas, sort_canvas
from grader.platforms.gradescope import METADATA, metadata_of, sort_gradescope
from grader.platforms.moodle import is_moodle, sort_moodle
from grader.platforms.places import DEFAULT_LIMITS, CohortLimits, Found, Gathering, Sorted, list_folder
from grader.platforms.plain import is_wrapping, sort_plain
from grader.platforms.times import read_times
from grader.platforms.unpacking import unpack
from grader.suggestions import did_you_mean
from grader.text import one_line

__all__ = ["PLATFORMS", "CohortLimits", "find_deliveries", "read_times"]

PLATFORMS = ("folders", "canvas", "moodle", "gradescope")
_MOST_WRAPPINGS = 3


def find_deliveries(
    path: Path,
    *,
    scratch: Path,
    platform: str | None = None,
    times: Mapping[str, Sequence[datetime]] | None = None,
    limits: CohortLimits = DEFAULT_LIMITS,
) -> Deliveries:
    """Find every attempt of every student in a download.

    Args:
        path: a folder or zip; it may be a link, nothing below it is followed.
        scratch: an empty folder, or one that does not exist yet; paths of deliveries may lie in it.
        platform: one of PLATFORMS, where the names are not enough.
        times: each id's times of hand-in, for platforms that do not say.
        limits: on the whole class, and on each student.

    Returns:
        Deliveries by student in the folder's order, each student's attempts from the first to the last.

    Raises:
        UsageError: no such path or platform, a zip that is damaged or too large, a disk that is full.
    """
    if platform is not None and platform not in PLATFORMS:
        fix = did_you_mean(platform, PLATFORMS) or f"one of {', '.join(PLATFORMS)}"
        raise UsageError(f"there is no platform `{one_line(platform)}`", fix=fix)
    _check(path, scratch)
    rejected: list[Rejected] = []
    root, wrapped = path, False
    if not path.is_dir():
        root = scratch / "unpacked"
        unpacked = unpack(path, root, limits)
        rejected += unpacked.rejected
        wrapped = unpacked.wrapped
    top = _list(root, limits, follow=root is path)
    name, top = _recognised(top, limits, platform=platform, wrapped=wrapped)
    sorted_ = _sort(name, top, Gathering(scratch / "gathered", limits), limits)
    rejected += sorted_.rejected
    found, unmatched = _timed(_numbered(sorted_.found), times or {})
    return Deliveries(platform=name, found=tuple(found), rejected=(*rejected, *unmatched))


def _check(path: Path, scratch: Path) -> None:
    try:
        exists = path.exists()
        used = scratch.exists() and (not scratch.is_dir() or any(scratch.iterdir()))
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        raise UsageError("it cannot be read", where=one_line(str(path)), fix="check the path") from error
    if not exists:
        raise UsageError(f"there is no `{one_line(str(path))}`", fix="name the folder or zip that the platform gives")
    if not path.is_dir() and not path.is_file():
        where = one_line(str(path))
        raise UsageError("this is neither a folder nor a zip", where=where, fix="name the folder or zip itself")
    if used:
        where = one_line(str(scratch))
        raise UsageError("the scratch folder is not empty", where=where, fix="name another one, or empty it")


def _list(root: Path, limits: CohortLimits, *, follow: bool) -> list[Found]:
    try:
        return list_folder(root, most=limits.files, follow=follow)
    except SubmissionRejected as error:
        raise UsageError(error.what, where=error.where, fix=error.fix) from error


def _recognised(
    top: list[Found], limits: CohortLimits, *, platform: str | None, wrapped: bool
) -> tuple[str, list[Found]]:
    """Say which platform's names these are, and give the level that has them."""
    for _ in range(_MOST_WRAPPINGS):
        name = _named(top)
        if name != "folders" or len(top) != 1 or top[0].kind != "folder":
            break
        below = _list_or_nothing(top[0], limits)
        if _named(below) == "folders" and not is_wrapping(below, packed=wrapped):
            break
        top, wrapped = below, False
    return platform or _named(top), top


def _named(top: Sequence[Found]) -> str:
    if metadata_of(top):
        return "gradescope"
    if is_moodle(top):
        return "moodle"
    return "canvas" if is_canvas(top) else "folders"


def _list_or_nothing(folder: Found, limits: CohortLimits) -> list[Found]:
    try:
        return list_folder(folder.path, most=limits.files)
    except SubmissionRejected:  # its only student's folder, which is told of later
        return []


def _sort(platform: str, top: Sequence[Found], gathering: Gathering, limits: CohortLimits) -> Sorted:
    match platform:
        case "canvas":
            return sort_canvas(top, gathering)
        case "moodle":
            return sort_moodle(top, gathering, limits)
        case "gradescope":
            metadata = metadata_of(top)
            if metadata is None:
                fix = "name the folder or zip of the whole export"
                raise UsageError(f"there is no {METADATA}", fix=fix)
            return sort_gradescope(top, metadata, limits)
        case _:
            return sort_plain(top, gathering, limits)


def _numbered(found: Iterable[Delivery]) -> list[Delivery]:
    """Order each student's attempts by time, then by number, and let the numbers grow."""
    students: defaultdict[str, list[Delivery]] = defaultdict(list)
    for delivery in found:
        students[delivery.student].append(delivery)
    numbered = []
    for attempts in students.values():
        last = 0
        for delivery in sorted(attempts, key=_order):
            last = max(last + 1, delivery.attempt)
            numbered.append(replace(delivery, attempt=last))
    return numbered


def _order(delivery: Delivery) -> tuple[float, int]:
    at = delivery.submitted_at
    return (at.timestamp() if at else 0.0, delivery.attempt)


def _timed(found: Sequence[Delivery], times: Mapping[str, Sequence[datetime]]) -> tuple[list[Delivery], list[Rejected]]:
    """Give each student's latest time to the latest attempt, the one before to the one before."""
    left = {id: sorted(given) for id, given in times.items()}
    used: set[str] = set()
    timed: list[Delivery] = []
    for delivery in reversed(found):
        key = next((id for id in (delivery.student, delivery.email) if id and id in left), "")
        used.add(key)
        at = left[key].pop() if key and left[key] else None
        timed.append(replace(delivery, submitted_at=delivery.submitted_at or at))
    rejected = [
        Rejected(where=one_line(id), reason="a time of hand-in is given for this id, but nothing of it was found")
        for id in times
        if id not in used
    ]
    return timed[::-1], rejected
