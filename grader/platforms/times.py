"""Owns when something was handed in: times as platforms and instructors write them.

In: text. Out: datetimes with an offset.
The rule: a file's own time is never believed, because every copy and every download sets it anew. A platform's metadata
is, and a list that the instructor gives.
"""

import csv
import io
import re
from collections import defaultdict
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

from grader.errors import SubmissionRejected, UsageError
from grader.intake.decoding import decode
from grader.intake.folders import read_file
from grader.text import one_line

_TIME = re.compile(
    r"(?P<year>\d{4})-?(?P<month>\d\d)-?(?P<day>\d\d)"
    r"(?:[T_ -]+(?P<hour>\d\d)[:.-]?(?P<minute>\d\d)(?:[:.-]?(?P<second>\d\d)(?:[.,](?P<part>\d{1,9}))?)?)?"
    r"[ _]*(?P<zone>Z|UTC|[+-]\d\d:?(?:\d\d)?)?"
)
_PARTS = ("year", "month", "day", "hour", "minute", "second")
_IDS = frozenset({"id", "student", "student_id", "sid", "login", "email"})
_TIMES = frozenset({"timestamp", "time", "submitted_at", "created_at"})
_MOST_BYTES = 16 << 20


def parse_time(text: str) -> datetime | None:
    """Read a time; one without an offset is taken for UTC.

    Args:
        text: "2026-03-01T12:00:00+09:00", "2026-03-01 12:00:00.123456789 Z", or in a folder's name "20260301_120000".

    Returns:
        The time, or None where the text is none.
    """
    match = _TIME.fullmatch(text.strip())
    if match is None:
        return None
    year, month, day, hour, minute, second = (int(match[part] or 0) for part in _PARTS)
    micro = int((match["part"] or "0")[:6].ljust(6, "0"))
    try:
        return datetime(year, month, day, hour, minute, second, micro, tzinfo=_zone(match["zone"] or "Z"))
    except ValueError:  # the 31st of February
        return None


def has_offset(text: str) -> bool:
    """Whether a time says where it was: "Z" or "+09:00"."""
    match = _TIME.fullmatch(text.strip())
    return match is not None and match["zone"] is not None


def read_times(path: Path) -> dict[str, tuple[datetime, ...]]:
    """Read a CSV of ids and times of hand-in, a row for each attempt.

    Args:
        path: columns `id` and `timestamp`, with a header or in this order.

    Returns:
        Each id's times, the earliest first.

    Raises:
        UsageError: unreadable, or a row that would leave a student without a time.
    """
    try:
        text = decode(read_file(path, _MOST_BYTES), path.name).text
    except SubmissionRejected as error:
        raise UsageError(error.what, where=error.where, fix=error.fix) from error
    times: defaultdict[str, list[datetime]] = defaultdict(list)
    columns = (0, 1)
    try:
        for number, row in enumerate(csv.reader(io.StringIO(text)), start=1):
            cells = [cell.strip() for cell in row]
            if not any(cells):
                continue
            if not times and (header := _header(cells)):
                columns = header
                continue
            student, at = _row(cells, columns, f"{path.name}, line {number}")
            times[student].append(at)
    except csv.Error as error:
        raise UsageError(f"this is no CSV: {error}", where=path.name, fix="save it as CSV with commas") from error
    return {student: tuple(sorted(found)) for student, found in times.items()}


def _header(cells: list[str]) -> tuple[int, int] | None:
    names = [cell.casefold().replace(" ", "_") for cell in cells]
    ids = [index for index, name in enumerate(names) if name in _IDS]
    times = [index for index, name in enumerate(names) if name in _TIMES]
    return (ids[0], times[0]) if ids and times else None


def _row(cells: list[str], columns: tuple[int, int], where: str) -> tuple[str, datetime]:
    cells = [*cells, "", ""]
    student, text = (cells[column] if column < len(cells) else "" for column in columns)
    at = parse_time(text)
    if not student or at is None or not has_offset(text):
        what = f"`{one_line(text)}` is no time with an offset" if student else "there is no id in this row"
        raise UsageError(what, where=where, fix="write rows like `20261234,2026-03-01T12:00:00+09:00`")
    return student, at


def _zone(text: str) -> timezone:
    if text in ("Z", "UTC"):
        return UTC
    digits = text[1:].replace(":", "").ljust(4, "0")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-offset if text[0] == "-" else offset)
