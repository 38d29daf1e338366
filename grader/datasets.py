"""Owns the image data of a grading: a name becomes arrays and one sentence that says which data they are.

In: a name, the environment, the course's folder. Out: a Dataset.
The rule: local places first, in the manifest's order, and the first that has the set is used or refused, never skipped
in silence. Arrays count as verified only where their hashes are the manifest's (or, for a variant whose hashes nobody
published, the file's hash is). What is not verified says so; what differs from a known variant is refused unless it is
asked for. Where there is nothing at all, a small generated set stands in, and its sentence says that too.
"""

import contextlib
import functools
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from grader import imagefiles
from grader.downloads import Patience, Unreachable, download
from grader.errors import CourseError, GradeError, UsageError
from grader.imagefiles import Images
from grader.manifest import (
    ARRAYS,
    DataSet,
    Packing,
    Place,
    Variant,
    find,
    keras_cache,
    pick,
    read_manifest,
)
from grader.synthetic import Kind, synthetic

Progress = Callable[[str, int, int | None], None]  # file, bytes that are here, bytes in all if known

_PARTIAL = ".grade-part"  # beside the final name: a move within one file system is one step
_SLACK = 1 << 20  # bytes of headers around the arrays


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """Images and labels, and what they are."""

    x_train: npt.NDArray[np.uint8]  # (N, 28, 28) or (N, 32, 32, 3)
    y_train: npt.NDArray[np.uint8]  # (N,) or (N, 1)
    x_test: npt.NDArray[np.uint8]
    y_test: npt.NDArray[np.uint8]
    source: str  # one sentence: which data, from where, verified or not
    verified: bool
    variant: str  # "official", "balanced-jpeg", "generated", or "" where it is none that is known
    place: str  # a path, or "" for generated images


@dataclass(frozen=True, slots=True, kw_only=True)
class _Verdict:
    """How arrays compare with the manifest."""

    variant: str
    what: str
    verified: bool
    differs: str = ""  # why they are none of the known variants


def load(
    name: str,
    environ: Mapping[str, str],
    *,
    root: Path,
    allow_unverified: bool = False,
    fetching: bool = False,
    seed: int = 0,
    progress: Progress | None = None,
) -> Dataset:
    """Give the images of a data set, from the first place that has it.

    Args:
        name: "mnist", "fashion_mnist" or "cifar10", as the manifest has them.
        environ: GRADE_DATA, KERAS_HOME, HOME, USERPROFILE and XDG_DATA_DIRS are read.
        root: the course's folder, with datasets/manifest.toml.
        allow_unverified: also take arrays of the right kind that are no known variant: a set of one's own.
        fetching: where no place has it, download it; without a network that is no error.
        seed: of the generated images that stand in where there is nothing else.
        progress: told of a download.

    Raises:
        UsageError: no such data set; GRADE_DATA names no folder; a file is damaged, has other shapes or dtypes, or
            differs from every known variant; a download is not the file it should be.
        CourseError: the manifest is wrong.
    """
    item = pick(read_manifest(root), name)
    found = find(item, environ)
    if found is not None:
        return load_from(found, item, allow_unverified=allow_unverified)
    reason = f"no {item.title} was found on this machine"
    if fetching:
        done = _download(item, _cache(environ), progress, Patience())
        if not isinstance(done, Unreachable):
            return done
        reason += f" and none could be fetched ({done.what})"
    return _generated(item, seed, reason)


def fetch(
    name: str,
    environ: Mapping[str, str],
    *,
    root: Path,
    progress: Progress | None = None,
    patience: Patience | None = None,
) -> Dataset:
    """Download a data set into the Keras cache, unless it lies there already and is right.

    The files are checked in full before they get their names, so that what is in the cache is either the old or the
    new file, whole. What is damaged there is replaced.

    Args:
        name: as for `load`.
        environ: KERAS_HOME, HOME and USERPROFILE are read.
        root: the course's folder.
        progress: told of each file.
        patience: how long to wait for the servers.

    Raises:
        UsageError: the server cannot be used, the disk refuses, or the files are not those that they should be.
        CourseError: the manifest is wrong, or names no address.
    """
    item = pick(read_manifest(root), name)
    if not item.files:
        raise CourseError(f"no address is known for `{item.name}`", where="datasets/manifest.toml", fix="add its files")
    cache = _cache(environ)
    place = _upstream_place(item, cache)
    if all(path.exists() for path in place.paths):
        with contextlib.suppress(UsageError):  # what is damaged is fetched anew
            return load_from(place, item)
    done = _download(item, cache, progress, patience or Patience())
    if isinstance(done, Unreachable):
        raise done.error()
    return done


def load_from(place: Place, item: DataSet, *, allow_unverified: bool = False) -> Dataset:
    """Give the images that lie at a place; arguments and errors as for `load`."""
    images = _read(place, item)
    verdict = _judge(images, item, place)
    if verdict.differs and not allow_unverified:
        raise UsageError(
            f"{verdict.differs}: this is not a known {item.title}",
            where=str(place.path),
            fix=f"remove it, and run `grade data {item.name} --fetch`; "
            "for a set of your own add a variant to datasets/manifest.toml",
        )
    return _dataset(images, item, verdict, place)


def _read(place: Place, item: DataSet) -> Images:
    match place.packing:
        case Packing.NPZ:
            return imagefiles.read_npz(place.paths[0], item)
        case Packing.IDX:
            return imagefiles.read_idx(place.paths, item)
        case Packing.CIFAR:
            return imagefiles.read_cifar(place.paths[0], item)


def _judge(images: Images, item: DataSet, place: Place) -> _Verdict:
    alike = [each for each in item.variants if all(images[name].shape == each.arrays[name].shape for name in ARRAYS)]
    if not alike:
        sizes = " and ".join(f"{len(images[name])}" for name in ("x_train", "x_test"))
        return _Verdict(variant="", what="", verified=False, differs=f"no known variant has {sizes} images")
    wrong: list[str] = []
    for variant in alike:
        if not variant.arrays["x_train"].sha256:
            return _Verdict(variant=variant.name, what=variant.what, verified=_has_pinned_hash(place, item))
        wrong = [name for name in ARRAYS if _hash(images[name]) != variant.arrays[name].sha256]
        if not wrong:
            return _Verdict(variant=variant.name, what=variant.what, verified=True)
    return _Verdict(variant="", what="", verified=False, differs=_other_hashes(wrong, alike[-1]))


def _other_hashes(wrong: list[str], variant: Variant) -> str:
    has = "has" if len(wrong) == 1 else "have"
    return f"{', '.join(wrong)} {has} another sha256 than the variant `{variant.name}` in the manifest"


def _has_pinned_hash(place: Place, item: DataSet) -> bool:
    """Whether these are the upstream's files, and each is the one that the manifest pins."""
    if place.packing is not item.packing or len(place.paths) != len(item.files):
        return False
    for path, file in zip(place.paths, item.files, strict=True):
        with path.open("rb") as stream:
            if hashlib.file_digest(stream, "sha256").hexdigest() != file.sha256:
                return False
    return True


def _hash(array: npt.NDArray[np.uint8]) -> str:
    return hashlib.sha256(np.ascontiguousarray(array).data).hexdigest()  # of the memory itself: no copy


def _dataset(images: Images, item: DataSet, verdict: _Verdict, place: Place) -> Dataset:
    sizes = f"{len(images['x_train']):,} training and {len(images['x_test']):,} test images"
    checked = (
        "verified"
        if verdict.verified
        else "not verified: " + (verdict.differs or "the manifest has no hash of these arrays")
    )
    what = verdict.what or "a set that the manifest does not know"
    return Dataset(
        **images,
        source=f"{item.title}, {what} ({sizes}, from {place.label}), {checked}",
        verified=verdict.verified,
        variant=verdict.variant,
        place=str(place.path),
    )


def _generated(item: DataSet, seed: int, reason: str) -> Dataset:
    kinds = {kind.value: kind for kind in Kind}
    kind = kinds.get((item.image, item.label))
    if kind is None:
        raise UsageError(
            f"{reason}, and nothing of that shape can be generated", where=item.name, fix="put it into GRADE_DATA"
        )
    made = synthetic(kind, seed)
    shape = "x".join(map(str, item.image))
    return Dataset(
        x_train=made.x_train,
        y_train=made.y_train,
        x_test=made.x_test,
        y_test=made.y_test,
        source=f"generated images of {item.title}'s shape ({shape}, seed {seed}), no photographs: {reason}",
        verified=False,
        variant="generated",
        place="",
    )


# --- fetching ---------------------------------------------------------------


def _cache(environ: Mapping[str, str]) -> Path:
    cache = keras_cache(environ)
    if cache is None:
        raise UsageError("there is no home folder to keep data in", where="HOME", fix="set HOME or KERAS_HOME")
    return cache


def _upstream_place(item: DataSet, cache: Path, suffix: str = "") -> Place:
    paths = tuple(cache / file.path.with_name(file.path.name + suffix) for file in item.files)
    return Place(label="Keras cache", paths=paths, packing=item.packing)


def _download(item: DataSet, cache: Path, progress: Progress | None, patience: Patience) -> Dataset | Unreachable:
    partial, final = _upstream_place(item, cache, _PARTIAL), _upstream_place(item, cache)
    for file, path in zip(item.files, partial.paths, strict=True):
        failed = download(
            file.url,
            path,
            most=item.most_bytes + _SLACK,
            sha256=file.sha256,
            progress=functools.partial(progress, file.path.name) if progress else None,
            patience=patience,
        )
        if failed is not None:
            return failed
    try:
        images = _read(partial, item)
        verdict = _judge(images, item, partial)
        if verdict.differs:
            raise UsageError(verdict.differs)
    except GradeError as error:
        for path in partial.paths:
            path.unlink(missing_ok=True)
        raise UsageError(
            f"what was downloaded is not {item.title}: {error.what}",
            where=item.files[0].url,
            fix="try again; if it stays so, the server has other files now: tell the course's staff",
        ) from error
    for old, new in zip(partial.paths, final.paths, strict=True):
        _move(old, new)
    return _dataset(images, item, verdict, final)


def _move(old: Path, new: Path) -> None:
    try:
        old.replace(new)
    except OSError as error:
        raise UsageError(
            f"the disk refuses: {error.strerror}",
            where=str(new),
            fix="make the folder writable, or remove what is there",
        ) from error
