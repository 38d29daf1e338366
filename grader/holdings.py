"""Owns what `grade data` says: which image data is on this machine, and how a download gets on.

In: the environment and the course's folder. Out: Standing records, and steps of progress.
The rule: everything that is said of a file was read from it; nothing is downloaded here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from grader.datasets import Progress, load_from
from grader.errors import GradeError
from grader.manifest import DataSet, find, pick, pickled_copy, read_manifest
from grader.marks import N_

_MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What `grade data` says of one data set."""

    name: str
    status: str  # "ok", "note" (usable, not verified), "missing" or "FAIL"
    what: str
    place: str
    licence: str

    @property
    def rows(self) -> tuple[tuple[str, str, str], ...]:
        """The same as lines of a table: status, name, what; below it place and licence."""
        where = (("", "at", self.place),) if self.place else ()
        return ((self.status, self.name, self.what), *where, ("", N_("licence"), self.licence))


def survey(environ: Mapping[str, str], *, root: Path, only: str | None = None) -> tuple[Standing, ...]:
    """Say of each data set where it is, whether it is verified, and under which licence.

    Everything that is found is read and hashed: about a second for each set.

    Args:
        environ: as for `load`.
        root: the course's folder.
        only: one data set; without it, all.

    Raises:
        UsageError: `only` names none, or GRADE_DATA no folder.
        CourseError: the manifest is wrong.
    """
    sets = read_manifest(root)
    return tuple(_standing(item, environ) for item in ((pick(sets, only),) if only is not None else sets))


def in_steps(step: Callable[..., None]) -> Progress:
    """Turn bytes into steps of a hundredth, or of a megabyte where the server does not say how many there are.

    Args:
        step: called as `step(done, what, total=total)`, like `grader.progress.Progress.step`.
    """
    told: tuple[str, int] = ("", -1)

    def progress(file: str, done: int, total: int | None) -> None:
        nonlocal told
        part = 100 * done // total if total else done // _MEGABYTE
        if (file, part) != told:
            told = (file, part)
            size = f"{done / _MEGABYTE:.1f} MB"
            step(part, f"{file}: {size}" if total else f"MB of {file}", total=100 if total else part)

    return progress


def _standing(item: DataSet, environ: Mapping[str, str]) -> Standing:
    place = find(item, environ)
    status, what = "missing", f"fetch it with `grade data {item.name} --fetch`"
    if place is None and (copy := pickled_copy(item, environ)):
        what = f"the copy that Keras made, {copy}, holds pickles, which are never read; {what}"
    if place is not None:
        try:
            loaded = load_from(place, item)
            status, what = "ok" if loaded.verified else "note", loaded.source
        except GradeError as error:
            status, what = "FAIL", f"{error.what}; {error.fix}"
    return Standing(
        name=item.name, status=status, what=what, place=str(place.path) if place else "", licence=item.licence
    )
