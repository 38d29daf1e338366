"""Owns `deliveries.json` of a journal: what every batch found and refused, and what it has read of it already.

In: Deliveries, one set for each folder or zip that was graded; the print and digest of each delivery that was read.
Out: the same, so that a gradebook can be made from the journal alone, and a batch that is given again reads nothing
that it has read.
The rule: the file is replaced as a whole. It can be lost without losing a result: what was read is read again, and
what was found is found by the next batch.

It is one checked line of `journal_lines`, because names and paths may hold letters that no UTF-8 has.
"""

import hashlib
import os
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from grader.cohort import Deliveries, Delivery, Rejected
from grader.errors import UsageError
from grader.journal_file import JournalError
from grader.journal_index import of_delivery
from grader.journal_lines import decode_line, encode_line
from grader.journal_records import DeliveryRecord, from_delivery, to_delivery
from grader.records import Assignment

FILE = "deliveries.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What one delivery's files were, and what was read from them."""

    print: str  # of `fileprints`
    digest: str  # of the submission; "" where it was rejected


@dataclass(slots=True, kw_only=True)
class Inventory:
    """What is known of a journal's deliveries; a batch adds to it, `write` keeps it."""

    assignment: str
    title: str
    points: float
    reading: str = ""  # the fingerprint of what reads submissions: another one may read another digest
    level: str = ""  # the isolation that the last batch ran under
    sources: dict[str, Deliveries] = field(default_factory=dict)  # folder or zip -> what lay there
    seen: dict[str, Seen] = field(default_factory=dict)  # by delivery

    @property
    def found(self) -> tuple[Delivery, ...]:
        """Every delivery once, the newest word on each, in the order of the batches."""
        by_name = {of_delivery(each): each for source in self.sources.values() for each in source.found}
        return tuple(by_name.values())

    @property
    def rejected(self) -> tuple[Rejected, ...]:
        """Everything that was found and could not be used."""
        return tuple(dict.fromkeys(each for source in self.sources.values() for each in source.rejected))


def read_inventory(folder: Path) -> Inventory | None:
    """Read a journal's inventory; None where there is none, or it is not whole.

    Raises:
        UsageError: it cannot be read.
    """
    try:
        data = (folder / FILE).read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UsageError(
            f"the list of deliveries cannot be read: {error.strerror}", where=str(folder / FILE), fix="check the folder"
        ) from error
    line = decode_line(data)
    record = line.value(_FILE) if line is not None and line.kind == "deliveries" else None
    if record is None:
        return None
    return Inventory(
        assignment=record.assignment,
        title=record.title,
        points=record.points,
        reading=record.reading,
        level=record.level,
        sources={each.path: _to_deliveries(each) for each in record.sources},
        seen={name: Seen(print=print_, digest=digest) for name, (print_, digest) in record.seen.items()},
    )


def write_inventory(folder: Path, inventory: Inventory) -> None:
    """Replace a journal's inventory.

    Raises:
        JournalError: the disk is full.
    """
    record = _File(
        assignment=inventory.assignment,
        title=inventory.title,
        points=inventory.points,
        reading=inventory.reading,
        level=inventory.level,
        sources=[_from_deliveries(path, each) for path, each in inventory.sources.items()],
        seen={name: (each.print, each.digest) for name, each in inventory.seen.items()},
    )
    beside = folder / f".{FILE}.{secrets.token_hex(8)}.tmp"
    try:
        try:
            with open(beside, "xb", opener=_private) as file:
                file.write(encode_line("deliveries", inventory.assignment, record))
            beside.replace(folder / FILE)
        finally:
            beside.unlink(missing_ok=True)
    except OSError as error:
        raise JournalError(
            f"the list of deliveries cannot be written: {error.strerror}",
            where=str(folder / FILE),
            fix="make room on that disk and give the same command again; every result so far stands",
        ) from error


def reading_fingerprint(assignment: Assignment) -> str:
    """Take the fingerprint of what turns a delivery's files into a digest, or into a reason to refuse it."""
    root = Path(__file__).parent
    digest = hashlib.sha256()
    for path in [root / "submission.py", *sorted((root / "intake").glob("*.py"))]:
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    questions = tuple((each.name, each.file, each.count) for each in assignment.questions)
    digest.update(repr((assignment.id, assignment.module, assignment.recover_syntax, questions)).encode())
    return digest.hexdigest()[:32]


def is_broken(folder: Path) -> bool:
    """Whether a journal has an inventory that is not whole.

    Raises:
        UsageError: it cannot be read.
    """
    return read_inventory(folder) is None and (folder / FILE).exists()


class _Source(msgspec.Struct):
    path: str
    platform: str
    found: Sequence[DeliveryRecord]
    rejected: Sequence[tuple[str, str]]


class _File(msgspec.Struct):
    assignment: str
    title: str
    points: float
    reading: str
    level: str
    sources: Sequence[_Source]
    seen: Mapping[str, tuple[str, str]]


_FILE = msgspec.json.Decoder(_File)


def _from_deliveries(path: str, deliveries: Deliveries) -> _Source:
    return _Source(
        path=path,
        platform=deliveries.platform,
        found=[from_delivery(each) for each in deliveries.found],
        rejected=[(each.where, each.reason) for each in deliveries.rejected],
    )


def _to_deliveries(source: _Source) -> Deliveries:
    return Deliveries(
        platform=source.platform,
        found=tuple(to_delivery(each) for each in source.found),
        rejected=tuple(Rejected(where=where, reason=reason) for where, reason in source.rejected),
    )


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
