"""Owns how image data lies in files: .npz, gzipped IDX and CIFAR's binary tar become uint8 arrays, as data.

In: paths, and the shape of an image. Out: the arrays by their Keras names, or a UsageError with file and remedy.
The rule: nothing is unpickled, and nothing is unpacked beyond what the largest known set needs: sizes are bounded before
they are believed. Which set it is, and whether it is the right one, is decided elsewhere.
"""

import gzip
import io
import math
import stat
import struct
import tarfile
import tokenize
import zipfile
import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from grader.errors import UsageError
from grader.text import one_line

ARRAYS = ("x_train", "y_train", "x_test", "y_test")
MOST_IMAGES = 100_000  # in one array
Images = dict[str, npt.NDArray[np.uint8]]

_HEADER = 16_384  # bytes of an .npy header; NumPy itself believes no longer one
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # bz2 and lzma give out a whole chunk at once, whatever its size
_MEMBERS = 64  # of a tar; CIFAR's has eight
_CIFAR_TRAIN = tuple(f"data_batch_{number}.bin" for number in range(1, 6))
_CIFAR_TEST = ("test_batch.bin",)
_DAMAGED = (
    zipfile.BadZipFile,
    tarfile.TarError,
    gzip.BadGzipFile,
    zlib.error,
    struct.error,
    tokenize.TokenError,  # an old .npy header is tokenized
    SyntaxError,
    EOFError,
    ValueError,
    KeyError,
    OverflowError,
    RuntimeError,  # an encrypted member
    NotImplementedError,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """What the arrays must look like."""

    name: str  # of the data set, for the remedy
    image: tuple[int, ...]  # (28, 28) or (32, 32, 3)
    label: tuple[int, ...]  # () or (1,)
    classes: int

    def row(self, array: str) -> tuple[int, ...]:
        """The shape of one entry of an array."""
        return self.image if array.startswith("x_") else self.label

    @property
    def most_bytes(self) -> int:
        """What all arrays together may have."""
        return 2 * MOST_IMAGES * (math.prod(self.image) + 1)


def read_npz(path: Path, layout: Layout) -> Images:
    """Read an archive with the Keras key names; other entries are not looked at.

    Args:
        path: the file.
        layout: shapes of images and labels.

    Returns:
        x_train (N, H, W[, C]), y_train (N,) or (N, 1), x_test and y_test likewise, all uint8.

    Raises:
        UsageError: unreadable, damaged, a bomb, pickled objects, an array missing, or of a wrong dtype or shape.
    """
    with _opened(path, layout) as stream:
        try:
            with zipfile.ZipFile(stream) as archive:
                for name in ARRAYS:
                    _check_member(archive, name, path, layout)
            stream.seek(0)
            with np.load(stream, allow_pickle=False) as arrays:
                images = {name: np.ascontiguousarray(arrays[name]) for name in ARRAYS}
        except _DAMAGED as error:
            raise damaged(path, layout) from error
    return _checked(images, path, layout)


def read_idx(paths: Sequence[Path], layout: Layout) -> Images:
    """Read four gzipped IDX files, in the order of ARRAYS; arrays and errors as `read_npz`."""
    return _checked(
        {name: _idx(path, layout.row(name), layout) for name, path in zip(ARRAYS, paths, strict=True)},
        paths[0].parent,
        layout,
    )


def read_cifar(path: Path, layout: Layout) -> Images:
    """Read the binary version of CIFAR-10: a label and three colour planes an image; as `read_npz`."""
    height, width, colours = layout.image
    size = 1 + math.prod(layout.image)
    batches: dict[str, bytes] = {}
    with _opened(path, layout) as stream:
        try:
            with gzip.open(stream) as unpacked, tarfile.open(fileobj=_Bounded(unpacked, layout), mode="r|") as archive:
                for count, member in enumerate(archive):
                    name = member.name.rpartition("/")[2]
                    if count >= _MEMBERS or name in batches:
                        raise ValueError
                    if member.isfile() and name in (*_CIFAR_TRAIN, *_CIFAR_TEST):
                        content = archive.extractfile(member)
                        batches[name] = content.read() if content else b""
            rows = [_rows(batches, names, size) for names in (_CIFAR_TRAIN, _CIFAR_TEST)]
        except _DAMAGED as error:
            raise damaged(path, layout) from error
    images: Images = {}
    for split, part in zip(("train", "test"), rows, strict=True):
        planes = part[:, 1:].reshape(-1, colours, height, width)
        images[f"x_{split}"] = np.ascontiguousarray(planes.transpose(0, 2, 3, 1))
        images[f"y_{split}"] = np.ascontiguousarray(part[:, :1])
    return _checked(images, path, layout)


def damaged(path: Path, layout: Layout) -> UsageError:
    """What to say of a file that is not what its name says."""
    return UsageError("the file is damaged or incomplete", where=str(path), fix=_remedy(layout))


def _remedy(layout: Layout) -> str:
    return f"remove it and run `grade data {layout.name} --fetch`"


def _opened(path: Path, layout: Layout) -> BinaryIO:
    """Open a regular file that is not larger than what it may unpack to."""
    try:
        about = path.stat()
        if not stat.S_ISREG(about.st_mode):  # opening a pipe would wait for ever
            raise UsageError("this is not a file", where=str(path), fix=_remedy(layout))
        if about.st_size > layout.most_bytes:
            raise UsageError(f"the file has {about.st_size} bytes, too many", where=str(path), fix=_remedy(layout))
        return path.open("rb")
    except OSError as error:
        raise UsageError(
            f"the file cannot be read: {error.strerror}", where=str(path), fix="make it readable"
        ) from error


def _check_member(archive: zipfile.ZipFile, name: str, path: Path, layout: Layout) -> None:
    """Look at what an array says of itself, before NumPy takes memory for it."""
    counts = Counter(member.filename for member in archive.infolist())
    if counts[f"{name}.npy"] != 1:
        what = f"there is no array `{name}`" if not counts[f"{name}.npy"] else f"the array `{name}` is there twice"
        has = ", ".join(one_line(each.removesuffix(".npy"), limit=60) for each in sorted(counts)[:8])
        raise UsageError(f"{what}; the file has {has or 'nothing'}", where=str(path), fix=f"name them {', '.join(ARRAYS)}")
    member = archive.getinfo(f"{name}.npy")
    most = MOST_IMAGES * math.prod(layout.row(name)) + _HEADER
    if member.compress_type not in _METHODS:
        raise ValueError("packed in an unusual way")
    if member.file_size > most:
        raise UsageError(f"`{name}` unpacks to more than {most} bytes", where=str(path), fix=_remedy(layout))
    with archive.open(member) as stream:
        version = np.lib.format.read_magic(stream)
        read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, _, dtype = read(stream)
    _check_array(name, shape, dtype, path, layout)


def _check_array(name: str, shape: tuple[int, ...], dtype: np.dtype[Any], path: Path, layout: Layout) -> None:
    row = layout.row(name)
    wanted = f"({', '.join(map(str, ('N', *row)))}{'' if row else ','})"
    if dtype != np.uint8:
        kind = "pickled objects, which are never read" if dtype.hasobject else str(dtype)
        raise UsageError(f"`{name}` is {one_line(kind)}, not uint8", where=str(path), fix="save it as uint8")
    if len(shape) != 1 + len(row) or tuple(shape[1:]) != row:
        raise UsageError(f"`{name}` has the shape {shape}, not {wanted}", where=str(path), fix=f"save it as {wanted}")
    if not 1 <= shape[0] <= MOST_IMAGES:
        raise UsageError(f"`{name}` has {shape[0]} entries", where=str(path), fix=f"1 to {MOST_IMAGES} are read")


def _checked(images: Images, path: Path, layout: Layout) -> Images:
    for name, array in images.items():
        _check_array(name, array.shape, array.dtype, path, layout)
    for split in ("train", "test"):
        x, y = images[f"x_{split}"], images[f"y_{split}"]
        if len(x) != len(y):
            raise UsageError(
                f"`x_{split}` has {len(x)} images, `y_{split}` {len(y)} labels", where=str(path), fix=_remedy(layout)
            )
        if y.max() >= layout.classes:
            raise UsageError(
                f"`y_{split}` has a label {y.max()}; the classes are 0 to {layout.classes - 1}",
                where=str(path),
                fix=_remedy(layout),
            )
    return images


def _idx(path: Path, row: tuple[int, ...], layout: Layout) -> npt.NDArray[np.uint8]:
    """Read one IDX file: 0, 0, 8 (uint8), the number of axes, a big-endian 32-bit length each, the bytes."""
    axes = 1 + len(row)
    header = 4 * (1 + axes)
    with _opened(path, layout) as stream:
        try:
            with gzip.open(stream) as unpacked:
                content = _Bounded(unpacked, layout).read(header + MOST_IMAGES * math.prod(row) + 1)
            magic, *shape = struct.unpack(f">{1 + axes}I", content[:header])
            if magic != 0x800 + axes or len(content) - header != math.prod(shape):
                raise ValueError
            return np.frombuffer(content, np.uint8, offset=header).reshape(shape)
        except _DAMAGED as error:
            raise damaged(path, layout) from error


def _rows(batches: dict[str, bytes], names: tuple[str, ...], size: int) -> npt.NDArray[np.uint8]:
    return np.frombuffer(b"".join(batches[name] for name in names), np.uint8).reshape(-1, size)


class _Bounded(io.RawIOBase):
    """A stream that refuses to go on where no known set is that large, whatever its headers say."""

    def __init__(self, stream: gzip.GzipFile, layout: Layout) -> None:
        self._stream = stream
        self._left = layout.most_bytes

    def read(self, size: int = -1, /) -> bytes:
        part = self._stream.read(min(size, self._left + 1) if size >= 0 else self._left + 1)
        self._left -= len(part)
        if self._left < 0:
            raise ValueError("unpacks to more than any known set")
        return part
