"""A test's Evidence on its way to a line of a journal or a key of an export, and back: exact.

In: Evidence. Out: a struct that msgspec writes as JSON, and the Evidence again, equal to what went in. What is no JSON
number goes as text, pixels as base64.
"""

import msgspec

from grader.journal_lines import Number, from_number, to_number
from grader.records import Confused, Confusion, Epoch, Evidence, Picture


class _Strict(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A key too many is an error, not a loss."""


class PictureRecord(_Strict):
    """A Picture."""

    role: str
    shape: tuple[int, ...]
    rows: tuple[tuple[Number, ...], ...]
    name: str = ""
    part: str = ""
    first: tuple[int, int] = (0, 0)
    marked: tuple[int, int] | None = None


class ConfusedRecord(_Strict):
    """A Confused image."""

    actual: int
    named: int
    share: Number
    shape: tuple[int, ...]
    pixels: bytes


class ConfusionRecord(_Strict):
    """A Confusion."""

    data: str
    counts: tuple[tuple[int, ...], ...]
    published: bool = False
    images: tuple[ConfusedRecord, ...] = ()


class EvidenceRecord(_Strict):
    """An Evidence; an epoch is: done, epochs, loss, accuracy."""

    pictures: tuple[PictureRecord, ...] = ()
    epochs: tuple[tuple[Number, Number, Number, Number], ...] = ()
    confusion: ConfusionRecord | None = None


def from_evidence(evidence: Evidence) -> EvidenceRecord | None:
    """Turn evidence into what is written; None where there is none."""
    if not evidence:
        return None
    return EvidenceRecord(
        pictures=tuple(map(_from_picture, evidence.pictures)),
        epochs=tuple(
            (to_number(each.done), to_number(each.epochs), to_number(each.loss), to_number(each.accuracy))
            for each in evidence.epochs
        ),
        confusion=_from_confusion(evidence.confusion) if evidence.confusion is not None else None,
    )


def to_evidence(record: EvidenceRecord | None) -> Evidence:
    """Turn what was written into the evidence."""
    if record is None:
        return Evidence()
    return Evidence(
        pictures=tuple(map(_to_picture, record.pictures)),
        epochs=tuple(
            Epoch(
                done=from_number(done), epochs=from_number(epochs), loss=from_number(loss), accuracy=from_number(right)
            )
            for done, epochs, loss, right in record.epochs
        ),
        confusion=_to_confusion(record.confusion) if record.confusion is not None else None,
    )


def _from_picture(picture: Picture) -> PictureRecord:
    return PictureRecord(
        role=picture.role,
        shape=picture.shape,
        rows=tuple(tuple(map(to_number, row)) for row in picture.rows),
        name=picture.name,
        part=picture.part,
        first=picture.first,
        marked=picture.marked,
    )


def _to_picture(record: PictureRecord) -> Picture:
    return Picture(
        role=record.role,
        shape=record.shape,
        rows=tuple(tuple(map(from_number, row)) for row in record.rows),
        name=record.name,
        part=record.part,
        first=record.first,
        marked=record.marked,
    )


def _from_confusion(confusion: Confusion) -> ConfusionRecord:
    return ConfusionRecord(
        data=confusion.data,
        counts=confusion.counts,
        published=confusion.published,
        images=tuple(
            ConfusedRecord(
                actual=each.actual, named=each.named, share=to_number(each.share), shape=each.shape, pixels=each.pixels
            )
            for each in confusion.images
        ),
    )


def _to_confusion(record: ConfusionRecord) -> Confusion:
    return Confusion(
        data=record.data,
        counts=record.counts,
        published=record.published,
        images=tuple(
            Confused(
                actual=each.actual,
                named=each.named,
                share=from_number(each.share),
                shape=each.shape,
                pixels=each.pixels,
            )
            for each in record.images
        ),
    )
