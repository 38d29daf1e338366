"""Owns which submissions of a class are alike: code against code, what the stub gave left out.

In: the class's deliveries. Out: Similarity, a ranked list of pairs for a person to look at, and a page of it.
The rule: a number is a reason to look, never a verdict; nothing of a submission is run, and a notebook is compared by
the code of its cells.

copydetect does the comparing: names become letters, comments and blanks go, and runs of 25 letters are matched. Four of
its habits are kept out. It removes boilerplate as if no run occurred twice in a file, so it is removed here. Its choice
of runs depends on Python's hash seed wherever a window is wider than one, so one is used. Its places in the code are
wrong behind a class, so lines are counted here. Its detector prints, draws and opens a browser: it is not used.
"""

import importlib
import io
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from grader.cohort import Delivery, Rejected
from grader.errors import SubmissionRejected, UsageError
from grader.intake.filetree import DEFAULT_LIMITS, IntakeLimits
from grader.intake.listing import read_listing
from grader.records import Assignment
from grader.submission import read_submission
from grader.text import one_line

_RUN = 25  # letters of a run: copydetect's own number
_MOST_COMPARED = 3_000
_MOST_SOURCE = 200_000  # characters of one submission, ten times the longest assignment
_BLOCK = 4_096  # runs that are counted at once

_Hashes: TypeAlias = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One submission of a pair."""

    student: str  # a group's ids, joined by commas
    share: float  # of its own code that the other has too, 0..1
    lines: tuple[int, ...]  # that hold it, from 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two submissions with code in common."""

    first: Side
    second: Side

    @property
    def share(self) -> float:
        """The larger share: who copies and adds much is found all the same."""
        return max(self.first.share, self.second.share)


@dataclass(frozen=True, slots=True, kw_only=True)
class Similarity:
    """What a class has in common, the most alike first."""

    assignment: str
    title: str
    compared: int
    pairs: tuple[Pair, ...]
    omitted: int = 0  # pairs that were alike enough to be looked at, and too many
    sources: Mapping[str, Sequence[str]] = field(default_factory=dict)  # lines of whoever is in a pair
    rejected: tuple[Rejected, ...] = ()


@dataclass(frozen=True, slots=True)
class _Code:
    """One submission as copydetect sees it."""

    student: str
    source: str
    letters: str
    lines: npt.NDArray[np.int64]  # of each letter, in `source`
    hashes: _Hashes  # of its runs that are not the stub's


def compare(
    assignment: Assignment,
    deliveries: Iterable[Delivery],
    *,
    least: float = 1 / 3,
    most: int = 200,
    limits: IntakeLimits = DEFAULT_LIMITS,
) -> Similarity:
    """Compare the newest attempt of every student with every other.

    Args:
        assignment: whose stub is left out of the comparison.
        deliveries: of the class; several attempts of one student are not compared with each other.
        least: share of either's code from which a pair is listed, 0..1.
        most: pairs in the list.
        limits: on reading each submission.

    Raises:
        UsageError: copydetect is not installed, or the class is too large for one comparison.
    """
    detector = _detector()
    boilerplate = _boilerplate(detector, assignment, limits)
    codes, rejected = _read(detector, assignment, _newest(deliveries), boilerplate, limits)
    if len(codes) > _MOST_COMPARED:
        what = f"{len(codes)} submissions are too many to compare at once, at most {_MOST_COMPARED} are"
        raise UsageError(what, fix="compare one section at a time")
    candidates = _candidates([code.hashes for code in codes], least / 2)
    looked_at = candidates[: 4 * most]
    prints = {index: _fingerprint(detector, codes[index], boilerplate) for pair in looked_at for index in pair}
    pairs = [_pair(detector, codes, prints, *pair) for pair in looked_at]
    alike = sorted((pair for pair in pairs if pair.share >= least), key=_rank)
    shown = {side.student for pair in alike[:most] for side in (pair.first, pair.second)}
    return Similarity(
        assignment=assignment.id,
        title=assignment.title,
        compared=len(codes),
        pairs=tuple(alike[:most]),
        omitted=len(candidates) - len(looked_at) + len(alike[most:]),
        sources={code.student: code.source.split("\n") for code in codes if code.student in shown},
        rejected=tuple(rejected),
    )


def _detector() -> ModuleType:
    # Only here, and by name: it imports matplotlib, and a course without it works.
    try:
        return importlib.import_module("copydetect.detector")
    except ModuleNotFoundError as error:
        raise UsageError(
            "`grade similarity` needs copydetect, which is not installed",
            fix='pip install "cnn-autograde[similarity]"',
        ) from error


def _newest(deliveries: Iterable[Delivery]) -> list[tuple[str, Delivery]]:
    """Each student's last attempt; a group's is one submission."""
    last: dict[str, Delivery] = {}
    for delivery in deliveries:
        if delivery.student not in last or delivery.attempt >= last[delivery.student].attempt:
            last[delivery.student] = delivery
    once = {delivery.path: delivery for delivery in reversed(last.values())}
    named = [(", ".join(delivery.group) or delivery.student, delivery) for delivery in once.values()]
    return sorted(named, key=lambda item: (item[0], str(item[1].path)))


def _boilerplate(detector: ModuleType, assignment: Assignment, limits: IntakeLimits) -> frozenset[int]:
    stub = assignment.public / f"{assignment.module}.py"
    try:
        source = read_listing(stub.read_bytes(), stub.name, limits).source
    except (OSError, SubmissionRejected) as error:
        fix = f"write it with `grade build {assignment.id}`"
        raise UsageError("the stub cannot be read", where=str(stub), fix=fix) from error
    letters, _ = _letters(detector, source)
    return frozenset(_hashes(detector, letters).tolist())


def _read(
    detector: ModuleType,
    assignment: Assignment,
    deliveries: Sequence[tuple[str, Delivery]],
    boilerplate: Set[int],
    limits: IntakeLimits,
) -> tuple[list[_Code], list[Rejected]]:
    codes: list[_Code] = []
    rejected: list[Rejected] = []
    for student, delivery in deliveries:
        where = one_line(student)
        try:
            source = read_submission(delivery.path, assignment, limits=limits, trusted_path=False).source
        except (SubmissionRejected, UsageError) as error:
            rejected.append(Rejected(where=where, reason=f"{error.what}; {error.fix}"))
            continue
        if len(source) > _MOST_SOURCE:  # looked at before it is taken apart
            rejected.append(Rejected(where=where, reason="it is far too long for this assignment; look at it yourself"))
            continue
        letters, lines = _letters(detector, source)
        own = [run for run in _hashes(detector, letters).tolist() if run not in boilerplate]
        if not own:
            rejected.append(Rejected(where=where, reason="it holds nothing but the stub, or hardly more"))
        else:
            codes.append(_Code(student, source, letters, lines, np.array(own, dtype=np.int64)))
    return codes, rejected


def _letters(detector: ModuleType, source: str) -> tuple[str, npt.NDArray[np.int64]]:
    """Filter code as copydetect does, and say on which line of it each letter stood."""
    text = source.lstrip("\n")  # the lexer drops leading line breaks by itself
    letters, offsets = detector.filter_code(text, "submission.py", "python")
    places = np.arange(len(letters))
    # The first entry stands for nothing; that of a class counts anew, so the one before it holds.
    at, dropped = np.maximum.accumulate(offsets[1:], axis=0).T if len(offsets) > 1 else np.zeros((2, 1), dtype=int)
    raw = places + dropped[np.clip(np.searchsorted(at, places), 0, len(at) - 1)]
    breaks = np.flatnonzero(np.array(list(text)) == "\n")
    return letters, np.searchsorted(breaks, raw) + 1 + len(source) - len(text)


def _hashes(detector: ModuleType, letters: str) -> _Hashes:
    """Each run once, in no order that means anything."""
    made = detector.CodeFingerprint("", _RUN, 1, filter=False, fp=io.StringIO(letters))
    return np.array(sorted(int(run) for run in made.hashes), dtype=np.int64)


def _candidates(hashes: Sequence[_Hashes], least: float) -> list[tuple[int, int]]:
    """Pairs of submissions that share many runs, the most first, counted for all pairs at once."""
    if len(hashes) < 2:
        return []
    sizes = np.array([len(own) for own in hashes])
    owners = np.repeat(np.arange(len(hashes)), sizes)
    _, columns, counts = np.unique(np.concatenate(hashes), return_inverse=True, return_counts=True)
    repeated = counts[columns] > 1  # a run of one submission alone joins no pair
    columns = (np.cumsum(counts > 1) - 1)[columns[repeated]]
    order = np.argsort(columns, kind="stable")
    columns, owners = columns[order], owners[repeated][order]
    shared = np.zeros((len(hashes), len(hashes)), dtype=np.float32)
    for start in range(0, int(columns[-1]) + 1 if len(columns) else 0, _BLOCK):
        part = slice(*np.searchsorted(columns, (start, start + _BLOCK)))
        block = np.zeros((len(hashes), _BLOCK), dtype=np.float32)
        block[owners[part], columns[part] - start] = 1
        shared += block @ block.T
    share = np.triu(shared / np.minimum(sizes[:, None], sizes[None, :]), k=1)
    first, second = np.nonzero(share >= max(least, 1e-6))
    ranked = np.argsort(-share[first, second], kind="stable")
    return [(int(first[index]), int(second[index])) for index in ranked]


def _fingerprint(detector: ModuleType, code: _Code, boilerplate: Set[int]) -> Any:
    made = detector.CodeFingerprint(code.student, _RUN, 1, filter=False, fp=io.StringIO(code.letters))
    made.hash_idx = {run: places for run, places in made.hash_idx.items() if int(run) not in boilerplate}
    made.hashes = set(made.hash_idx)
    made.token_coverage = detector.get_token_coverage(made.hash_idx, _RUN, len(code.letters))
    return made


def _pair(detector: ModuleType, codes: Sequence[_Code], prints: Mapping[int, Any], first: int, second: int) -> Pair:
    _, shares, slices = detector.compare_files(prints[first], prints[second])
    return Pair(
        first=_side(codes[first], shares[0], slices[0]),
        second=_side(codes[second], shares[1], slices[1]),
    )


def _side(code: _Code, share: float, slices: npt.NDArray[np.int64]) -> Side:
    spans = [code.lines[int(start) : int(end)] for start, end in slices.T]
    lines = tuple(np.unique(np.concatenate(spans)).tolist()) if spans else ()
    return Side(student=code.student, share=float(share), lines=lines)


def _rank(pair: Pair) -> tuple[float, float, str, str]:
    return (-pair.share, -min(pair.first.share, pair.second.share), pair.first.student, pair.second.student)
