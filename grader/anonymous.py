"""Owns what an anonymous page may hold: outcomes, points and the course's own words, and nothing that a student chose.

In: a student's id, entry and report. Out: a pseudonym, and the same entry and report without a word, a number or a name
that leads to anybody.
The rules: a report keeps titles, outcomes, points and hints, which the course wrote; feedback, logs, notices, pictures,
curves, paths, digests and seeds go, because a submission chose them or only one student has them. A pseudonym is the
same in every report that is made from the same first journal. It leads back to nobody who has only the pages: it is
keyed with random bits that stay with the journal, since the ids of a school are few enough to try them all.
"""

import base64
import contextlib
import hashlib
import hmac
import os
import re
import secrets
import unicodedata
from dataclasses import replace
from pathlib import Path

from grader.cohort import Entry
from grader.errors import UsageError
from grader.records import Evidence, Isolation, Report, TestResult
from grader.text import number

FILE = "pseudonyms.key"
_BYTES = 32
_KEY = re.compile(r"[0-9a-f]{64}\s*")


class Pseudonyms:
    """What students are called instead of their ids: "K7QX3-MPA9R".

    Args:
        key: of one class; who has it and a list of ids can name everybody.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    def of(self, student: str) -> str:
        """The pseudonym of an id: 50 bits, of 10,000 students two share one by a chance of 1 in 20 million."""
        id = unicodedata.normalize("NFC", student).encode("utf-8", "surrogatepass")
        letters = base64.b32encode(hmac.digest(self._key, id, hashlib.sha256)).decode()
        return f"{letters[:5]}-{letters[5:10]}"


def read_pseudonyms(journal: Path) -> Pseudonyms:
    """Read the key that lies with a journal; the first time, draw one.

    Raises:
        UsageError: it can be neither read nor written, or is no key.
    """
    path = journal / FILE
    try:
        with contextlib.suppress(FileExistsError):
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                file.write(secrets.token_hex(_BYTES) + "\n")
        text = path.read_text(encoding="ascii", errors="replace")
    except OSError as error:
        raise UsageError(
            f"the key of the pseudonyms can be neither read nor written: {error.strerror}",
            where=str(path),
            fix="copy the journal's folder to where you may write, and name the copy",
        ) from error
    if not _KEY.fullmatch(text):
        raise UsageError(
            "the key of the pseudonyms is not whole",
            where=str(path),
            fix="remove it; the next anonymous report has other pseudonyms",
        )
    return Pseudonyms(bytes.fromhex(text.strip()))


def anonymous_report(report: Report, pseudonym: str) -> Report:
    """Leave out of a report what leads to a student."""
    return replace(
        report,
        student=pseudonym,
        submission="",
        digest="",
        results=tuple(map(_anonymous_result, report.results)),
        notices=(),
        rejected="It could not be graded as it was handed in." if report.rejected else "",
        data=(),
        seed=0,
        isolation=Isolation(level=report.isolation.level),
    )


def anonymous_entry(entry: Entry) -> Entry:
    """Leave out of an entry what leads to a student: who decided, why, when it came, what was said."""
    reason = f"{number(entry.late_loss)} points lost for lateness" if entry.late_loss else ""
    return replace(entry, reason=reason, comment="", submitted_at=None, digest="")


def _anonymous_result(result: TestResult) -> TestResult:
    return replace(result, feedback="", log="", seed=0, evidence=Evidence())
