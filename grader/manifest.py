"""Owns `datasets/manifest.toml`: which image data there is, which arrays are known, and where on this machine to look.

In: a course's folder and the environment. Out: DataSet records, and the Place that holds one, or None.
The rule: nothing is opened but the manifest, and NumPy is not needed; what the files really hold is not known here.

The places, in order: the folder that GRADE_DATA names, the Keras cache (KERAS_HOME or ~/.keras), and the folder
`datasets` of the system's shared data, where Debian's dataset-fashion-mnist lies. In each, `<name>.npz` goes before
the upstream's own files.
"""

import enum
import itertools
import math
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import msgspec

from grader.errors import CourseError, UsageError
from grader.strict_toml import in_list, place, read_toml
from grader.suggestions import did_you_mean

FILE = Path("datasets", "manifest.toml")
ARRAYS = ("x_train", "y_train", "x_test", "y_test")
_SHARED = f"/usr/local/share{os.pathsep}/usr/share"  # what XDG_DATA_DIRS is where it is not set
_IDX_FILES = len(ARRAYS)


class Packing(enum.StrEnum):
    """How arrays lie in files."""

    NPZ = "npz"  # one archive with the four arrays
    IDX = "idx"  # four gzipped files, in the order of ARRAYS
    CIFAR = "cifar"  # a gzipped tar of batches: a label and three colour planes an image


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrayFacts:
    """One array of a variant."""

    shape: tuple[int, ...]
    sha256: str = ""  # of `array.tobytes()`; "" where nobody published it


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """One known edition of a data set: the official one, or a part of it."""

    name: str
    what: str  # "the official images"
    arrays: Mapping[str, ArrayFacts]


@dataclass(frozen=True, slots=True, kw_only=True)
class Upstream:
    """One file that a public server offers."""

    path: PurePosixPath  # below a folder of data sets
    url: str
    sha256: str = ""  # of the file; "" where nobody pins it


@dataclass(frozen=True, slots=True, kw_only=True)
class DataSet:
    """One data set, as the manifest has it."""

    name: str
    title: str
    about: str  # the address of its home page
    licence: str
    packing: Packing  # of the upstream's files
    dtype: str
    classes: tuple[str, ...]
    files: tuple[Upstream, ...]
    variants: tuple[Variant, ...]  # the official one first
    pickled: tuple[str, ...]  # what Keras may have of it, and is never read

    @property
    def image(self) -> tuple[int, ...]:
        """The shape of one image, the same in every variant."""
        return self.variants[0].arrays["x_train"].shape[1:]

    @property
    def label(self) -> tuple[int, ...]:
        """The shape of one label: () or (1,)."""
        return self.variants[0].arrays["y_train"].shape[1:]

    @property
    def most_bytes(self) -> int:
        """The bytes of the largest variant's arrays: no file of the set is larger by more than its headers."""
        return max(sum(math.prod(facts.shape) for facts in each.arrays.values()) for each in self.variants)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a data set lies on this machine."""

    label: str  # "GRADE_DATA"
    paths: tuple[Path, ...]
    packing: Packing

    @property
    def path(self) -> Path:
        """The file, or the folder of several files."""
        return self.paths[0] if len(self.paths) == 1 else self.paths[0].parent


class _ArraySchema(msgspec.Struct, forbid_unknown_fields=True):
    shape: list[int]
    sha256: str = ""


class _VariantSchema(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    what: str
    x_train: _ArraySchema
    y_train: _ArraySchema
    x_test: _ArraySchema
    y_test: _ArraySchema


class _FileSchema(msgspec.Struct, forbid_unknown_fields=True):
    path: str
    url: str
    sha256: str = ""


class _DataSetSchema(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    title: str
    about: str
    licence: str
    packing: Packing
    dtype: str
    classes: list[str]
    files: list[_FileSchema]
    variants: list[_VariantSchema]
    pickled: list[str] = []


class _ManifestSchema(msgspec.Struct, forbid_unknown_fields=True):
    datasets: list[_DataSetSchema]


def read_manifest(root: Path) -> tuple[DataSet, ...]:
    """Read a course's manifest.

    Args:
        root: the course's folder.

    Raises:
        CourseError: the file is missing, or a key, type, shape, hash, path or address is wrong.
    """
    schema = read_toml(root / FILE, _ManifestSchema, root=root)
    found = []
    for index, item in enumerate(schema.datasets):
        for key, what, fix in _slips(item):
            raise CourseError(what, where=place(root / FILE, in_list("datasets", index, key), root=root), fix=fix)
        found.append(_data_set(item))
    return tuple(found)


def pick(sets: tuple[DataSet, ...], name: str) -> DataSet:
    """Find a data set by its name; "fashion-mnist" and "MNIST" are understood.

    Raises:
        UsageError: there is none of that name.
    """
    known = {item.name: item for item in sets}
    wanted = name.lower().replace("-", "_")
    if wanted not in known:
        fix = f"{did_you_mean(name, known)} there are {', '.join(known)}".strip()
        raise UsageError(f"there is no data set `{name}`", where=FILE.as_posix(), fix=fix)
    return known[wanted]


def find(item: DataSet, environ: Mapping[str, str]) -> Place | None:
    """Say where a data set lies on this machine: the first place that has it, whatever is in the files.

    Args:
        item: the data set.
        environ: GRADE_DATA, KERAS_HOME, HOME, USERPROFILE and XDG_DATA_DIRS are read.

    Raises:
        UsageError: GRADE_DATA names no folder.
    """
    for label, folder in _folders(environ):
        archive = folder / f"{item.name}.npz"
        if archive.exists():
            return Place(label=label, paths=(archive,), packing=Packing.NPZ)
        paths = tuple(folder / each.path for each in item.files)
        if all(path.exists() for path in paths):
            return Place(label=label, paths=paths, packing=item.packing)
    return None


def keras_cache(environ: Mapping[str, str]) -> Path | None:
    """The folder in which Keras keeps data sets, and `grade data --fetch` too; None where there is no home."""
    home = environ.get("HOME") or environ.get("USERPROFILE")
    base = Path(environ["KERAS_HOME"]) if environ.get("KERAS_HOME") else Path(home, ".keras") if home else None
    return base / "datasets" if base else None


def pickled_copy(item: DataSet, environ: Mapping[str, str]) -> Path | None:
    """A copy that Keras made of pickles: it is there, and cannot be used."""
    cache = keras_cache(environ)
    return next((cache / name for name in item.pickled if (cache / name).exists()), None) if cache else None


def _folders(environ: Mapping[str, str]) -> Iterator[tuple[str, Path]]:
    if environ.get("GRADE_DATA"):
        folder = Path(environ["GRADE_DATA"])
        if not folder.is_dir():
            raise UsageError(
                "GRADE_DATA names no folder",
                where=str(folder),
                fix="set it to the folder of the .npz files, or unset it",
            )
        yield "GRADE_DATA", folder
    if cache := keras_cache(environ):
        yield "Keras cache", cache
    for base in (environ.get("XDG_DATA_DIRS") or _SHARED).split(os.pathsep):
        yield "system", Path(base, "datasets")


def _data_set(item: _DataSetSchema) -> DataSet:
    return DataSet(
        name=item.name,
        title=item.title,
        about=item.about,
        licence=item.licence,
        packing=item.packing,
        dtype=item.dtype,
        classes=tuple(item.classes),
        files=tuple(Upstream(path=PurePosixPath(f.path), url=f.url, sha256=f.sha256) for f in item.files),
        variants=tuple(Variant(name=each.name, what=each.what, arrays=_arrays(each)) for each in item.variants),
        pickled=tuple(item.pickled),
    )


def _arrays(variant: _VariantSchema) -> dict[str, ArrayFacts]:
    schemas: dict[str, _ArraySchema] = {name: getattr(variant, name) for name in ARRAYS}
    return {name: ArrayFacts(shape=tuple(each.shape), sha256=each.sha256) for name, each in schemas.items()}


def _slips(item: _DataSetSchema) -> Iterator[tuple[str, str, str]]:
    """What types cannot say of a data set: (key, what is wrong, what to do)."""
    if not item.name.isidentifier() or not item.name.islower():
        yield "name", f"`{item.name}` is no name", "use small letters, digits and _"
    if item.dtype != "uint8":
        yield "dtype", f"images are uint8, not {item.dtype}", 'write "uint8"'
    if item.packing is Packing.IDX and len(item.files) != _IDX_FILES:
        yield "files", f"idx has {_IDX_FILES} files, not {len(item.files)}", f"one for each of {', '.join(ARRAYS)}"
    for index, file in enumerate(item.files):
        parts = PurePosixPath(file.path).parts
        if not parts or parts[0] == "/" or ".." in parts or "\\" in file.path or ":" in file.path:
            yield in_list("files", index, "path"), f"`{file.path}` leaves its folder", "write a relative path"
        if not file.url.startswith(("https://", "http://")):
            yield in_list("files", index, "url"), "this is no web address", 'write "https://..."'
        if file.sha256 and not _is_hash(file.sha256):
            yield in_list("files", index, "sha256"), "this is no SHA-256", "write its 64 small hexadecimal digits"
    yield from _variant_slips(item)


def _variant_slips(item: _DataSetSchema) -> Iterator[tuple[str, str, str]]:
    if not item.variants:
        yield "variants", "a data set has at least one variant", "add [[datasets.variants]]"
        return
    first = _arrays(item.variants[0])
    for (index, variant), name in itertools.product(enumerate(item.variants), ARRAYS):
        facts, key = _arrays(variant)[name], in_list("variants", index, name)
        count = _arrays(variant)[name.replace("y_", "x_")].shape[:1]
        alike = first["x_train" if name.startswith("x_") else "y_train"].shape[1:]
        if min(facts.shape, default=0) < 1 or facts.shape[:1] != count or facts.shape[1:] != alike:
            fix = "images of a set have one shape, labels another, and there is a label for each image"
            yield key, f"the shape {list(facts.shape)} does not fit the others", fix
        if facts.sha256 and not _is_hash(facts.sha256):
            yield key, "this is no SHA-256", "write its 64 small hexadecimal digits"
        if bool(facts.sha256) != bool(variant.x_train.sha256):
            yield key, "a variant has a hash for every array or for none", "add the missing ones"


def _is_hash(text: str) -> bool:
    return len(text) == 64 and set(text) <= set("0123456789abcdef")
