"""Owns the folder that a batch leaves behind: a report for each delivery, the gradebook, what was rejected.

In: reports, sheets. Out: whole files, never half a one; each is replaced when it is made anew.
The rule: a file's name says whose it is, and nothing that a student chose leads out of the folder: what is not a plain
word is replaced, and a digest then keeps two students apart.

    reports/20261234.json            for staff: `grade replay` reads it
    junit/20261234.xml               one folder for each `--export`, for its audience
    reports/20261234_attempt_2.json
    gradebook.csv, rejected.csv
"""

import hashlib
import io
import re
import secrets
import unicodedata
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from grader.cohort import Delivery
from grader.errors import GradeError, UsageError
from grader.exports.context import Context
from grader.exports.formats import FORMATS, Export, write_export
from grader.language import ENGLISH, Language
from grader.records import Audience, Report
from grader.suggestions import did_you_mean
from grader.text import one_line

_LONGEST = 80  # characters
_PLAIN = re.compile(r"\w[\w.@+-]*")
_ODD = re.compile(r"[^\w.@+-]+")


class Outbox:
    """The reports' part of a batch's folder.

    Args:
        folder: it is made where it is missing.
        formats: further ones than the staff's JSON.
        audience: of those.
        language_of: a student's own, for what is written for students; without it, English.

    Raises:
        UsageError: no such format, or the folder cannot be made.
    """

    def __init__(
        self,
        folder: Path,
        *,
        formats: Sequence[str] = (),
        audience: Audience = Audience.STUDENT,
        language_of: Callable[[Delivery], Language] = lambda _: ENGLISH,
    ) -> None:
        self._language_of = language_of
        self._parts = [("json", folder / "reports", Audience.STAFF)]
        for name in formats:
            if name not in FORMATS:
                fix = f"{did_you_mean(name, FORMATS)} the formats are {', '.join(FORMATS)}".strip()
                what = f"there is no export format `{one_line(name)}`"
                raise UsageError(what, where=f"--export {one_line(name)}", fix=fix)
            FORMATS[name].check(Context(now=_ANY_TIME))
            self._parts.append((name, folder / name, audience))
        for _, below, _ in self._parts:
            make_folder(below)
        self._there = {below: {path.name for path in below.iterdir()} for _, below, _ in self._parts}

    def has(self, delivery: Delivery) -> bool:
        """Whether every file of a delivery is there."""
        name = file_name(delivery)
        return all(_named(name, form) in self._there[below] for form, below, _ in self._parts)

    def put(self, delivery: Delivery, report: Report, *, graded_at: datetime) -> None:
        """Write every file of a delivery.

        Raises:
            OutboxError: the disk is full.
        """
        name = file_name(delivery)
        student = Context(now=graded_at, language=self._language_of(delivery))
        for form, below, audience in self._parts:
            context = student if audience is Audience.STUDENT else Context(now=graded_at)
            export = Export(format=form, destination=str(below / _named(name, form)))
            try:
                write_export(export, report, audience=audience, stdout=io.StringIO(), context=context)
            except UsageError as error:
                raise OutboxError(error.what, where=error.where, fix=_GO_ON) from error


class OutboxError(GradeError):
    """A file of the batch's folder could not be written; the journal stands, and the same command goes on."""

    exit_code = 3


_GO_ON = "make room there, or choose another folder, and give the same command again"
_ANY_TIME = datetime.fromisoformat("2026-01-01T00:00:00+00:00")


def file_name(delivery: Delivery) -> str:
    """Name a delivery's files, without their endings."""
    student = unicodedata.normalize("NFC", delivery.student)
    name = student
    # Upper and lower case are one file on some systems.
    if not _PLAIN.fullmatch(name) or len(name) > _LONGEST or name != name.lower():
        digest = hashlib.sha256(student.encode("utf-8", "surrogatepass")).hexdigest()[:8]
        name = f"{_ODD.sub('_', name).strip('._-')[: _LONGEST // 2]}_{digest}"
    return name if delivery.attempt == 1 else f"{name}_attempt_{delivery.attempt}"


def make_folder(path: Path) -> None:
    """Make a folder where it is missing.

    Raises:
        UsageError: it cannot be made.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        what = f"the folder cannot be made: {error.strerror}"
        raise UsageError(what, where=str(path), fix="name another one") from error


def write_file(path: Path, data: bytes) -> None:
    """Replace a file as a whole.

    Raises:
        OutboxError: it cannot be written.
    """
    beside = path.with_name(f".{path.name[:80]}.{secrets.token_hex(8)}.tmp")
    try:
        try:
            with beside.open("xb") as file:
                file.write(data)
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)
    except OSError as error:
        what = f"the file cannot be written: {error.strerror}"
        raise OutboxError(what, where=str(path), fix=_GO_ON) from error


def _named(name: str, form: str) -> str:
    return f"{name}.{FORMATS[form].ending}"
