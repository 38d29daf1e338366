"""Owns how image data lies in files: .npz, gzipped IDX and CIFAR's binary tar become uint8 arrays, as data.

In: paths, and what the manifest says of the set. Out: arrays by their Keras names, or a UsageError with its remedy.
The rule: nothing is unpickled, and nothing is unpacked beyond what such a set can need: sizes are bounded before they
are believed. Which variant it is, and whether it is a known one, is decided elsewhere.
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
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from grader.errors import UsageError
from grader.manifest import ARRAYS, DataSet
from grader.text import one_line

MOST_IMAGES = 100_000  # in one array
Images = dict[str, npt.NDArray[np.uint8]]

_HEADER = 16_384  # bytes of an .npy header; NumPy itself believes no longer one
_SLACK = 1 << 20  # bytes of headers around the arrays of a file
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # bz2 and lzma give out a whole chunk at once, whatever its size
_MEMBERS = 64  # of a tar; CIFAR's has eight
_CIFAR_TRAIN = tuple(f"data_batch_{number}.bin" for number in range(1, 6))
_CIFAR_TEST = ("test_batch.bin",)
_CIFAR_FILES = {*_CIFAR_TRAIN, *_CIFAR_TEST}
_DAMAGED = (
    zipfile.BadZipFile,
    tarfile.TarError,
    OSError,  # gzip's own, and a disk that gives up in the middle
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


def read_npz(path: Path, item: DataSet) -> Images:
    """Read an archive with the Keras key names; other entries are not looked at.

    Args:
        path: the file.
        item: gives the shapes of an image and a label, and the number of classes.

    Returns:
        x_train (N, H, W[, C]), y_train (N,) or (N, 1), x_test and y_test likewise, all uint8.

    Raises:
        UsageError: unreadable, damaged, a bomb, pickled objects, an array missing, or of a wrong dtype or shape.
    """
    with _opened(path, item) as stream:
        try:
            with zipfile.ZipFile(stream) as archive:
                for name in ARRAYS:
                    _check_member(archive, name, path, item)
            stream.seek(0)
            with np.load(stream, allow_pickle=False) as arrays:
                images = {name: np.ascontiguousarray(arrays[name]) for name in ARRAYS}
        except _DAMAGED as error:
            raise _damaged(path, item) from error
    return _checked(images, path, item)


def read_idx(paths: Sequence[Path], item: DataSet) -> Images:
    """Read four gzipped IDX files, in the order of ARRAYS; arrays and errors as `read_npz`."""
    return _checked(
        {name: _idx(path, _row(name, item), item) for name, path in zip(ARRAYS, paths, strict=True)},
        paths[0].parent,
        item,
    )


def read_cifar(path: Path, item: DataSet) -> Images:
    """Read the binary version of CIFAR-10: a label and three colour planes an image; as `read_npz`."""
    height, width, colours = item.image
    size = 1 + math.prod(item.image)
    with _opened(path, item) as stream:
        try:
            with gzip.open(stream) as unpacked:
                bounded = _Bounded(unpacked, item.most_bytes + _SLACK)
                batches = _batches(bounded)
                while bounded.read(_SLACK):  # gzip compares its checksum at the end
                    pass
            rows = [_rows(batches, names, size) for names in (_CIFAR_TRAIN, _CIFAR_TEST)]
        except _DAMAGED as error:
            raise _damaged(path, item) from error
    images: Images = {}
    for split, part in zip(("train", "test"), rows, strict=True):
        planes = part[:, 1:].reshape(-1, colours, height, width)
        images[f"x_{split}"] = np.ascontiguousarray(planes.transpose(0, 2, 3, 1))
        images[f"y_{split}"] = np.ascontiguousarray(part[:, :1])
    return _checked(images, path, item)


def _row(array: str, item: DataSet) -> tuple[int, ...]:
    return item.image if array.startswith("x_") else item.label


def _most(item: DataSet) -> int:
    return 2 * MOST_IMAGES * (math.prod(item.image) + 1)


def _damaged(path: Path, item: DataSet) -> UsageError:
    return UsageError("the file is damaged or incomplete", where=str(path), fix=_remedy(item))


def _remedy(item: DataSet) -> str:
    return f"remove it and run `grade data {item.name} --fetch`"


def _opened(path: Path, item: DataSet) -> BinaryIO:
    """Open a regular file that is not larger than what it may unpack to."""
    try:
        about = path.stat()
        if not stat.S_ISREG(about.st_mode):  # opening a pipe would wait for ever
            raise UsageError("this is not a file", where=str(path), fix=_remedy(item))
        if about.st_size > _most(item):
            raise UsageError(f"the file has {about.st_size} bytes, too many", where=str(path), fix=_remedy(item))
        return path.open("rb")
    except OSError as error:
        raise UsageError(
            f"the file cannot be read: {error.strerror}", where=str(path), fix="make it readable"
        ) from error


def _check_member(archive: zipfile.ZipFile, name: str, path: Path, item: DataSet) -> None:
    """Look at what an array says of itself, before NumPy takes memory for it."""
    counts = Counter(member.filename for member in archive.infolist())
    if counts[f"{name}.npy"] != 1:
        what = f"there is no array `{name}`" if not counts[f"{name}.npy"] else f"the array `{name}` is there twice"
        has = ", ".join(one_line(each.removesuffix(".npy"), limit=60) for each in sorted(counts)[:8])
        raise UsageError(
            f"{what}; the file has {has or 'nothing'}", where=str(path), fix=f"name them {', '.join(ARRAYS)}"
        )
    member = archive.getinfo(f"{name}.npy")
    most = MOST_IMAGES * math.prod(_row(name, item)) + _HEADER
    if member.compress_type not in _METHODS:
        raise ValueError("packed in an unusual way")
    if member.file_size > most:
        raise UsageError(f"`{name}` unpacks to more than {most} bytes", where=str(path), fix=_remedy(item))
    with archive.open(member) as stream:
        version = np.lib.format.read_magic(stream)
        read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, _, dtype = read(stream)
    _check_array(name, shape, dtype, path, item)


def _check_array(name: str, shape: tuple[int, ...], dtype: np.dtype[Any], path: Path, item: DataSet) -> None:
    row = _row(name, item)
    wanted = f"({', '.join(map(str, ('N', *row)))}{'' if row else ','})"
    if dtype != np.uint8:
        kind = "pickled objects, which are never read" if dtype.hasobject else str(dtype)
        raise UsageError(f"`{name}` is {one_line(kind)}, not uint8", where=str(path), fix="save it as uint8")
    if len(shape) != 1 + len(row) or tuple(shape[1:]) != row:
        raise UsageError(f"`{name}` has the shape {shape}, not {wanted}", where=str(path), fix=f"save it as {wanted}")
    if not 1 <= shape[0] <= MOST_IMAGES:
        raise UsageError(f"`{name}` has {shape[0]} entries", where=str(path), fix=f"1 to {MOST_IMAGES} are read")


def _checked(images: Images, path: Path, item: DataSet) -> Images:
    for name, array in images.items():
        _check_array(name, array.shape, array.dtype, path, item)
    for split in ("train", "test"):
        x, y = images[f"x_{split}"], images[f"y_{split}"]
        if len(x) != len(y):
            raise UsageError(
                f"`x_{split}` has {len(x)} images, `y_{split}` {len(y)} labels", where=str(path), fix=_remedy(item)
            )
        if y.max() >= len(item.classes):
            raise UsageError(
                f"`y_{split}` has a label {y.max()}; the classes are 0 to {len(item.classes) - 1}",
                where=str(path),
                fix=_remedy(item),
            )
    return images


def _idx(path: Path, row: tuple[int, ...], item: DataSet) -> npt.NDArray[np.uint8]:
    """Read one IDX file: 0, 0, 8 (uint8), the number of axes, a big-endian 32-bit length each, the bytes."""
    axes = 1 + len(row)
    header = 4 * (1 + axes)
    with _opened(path, item) as stream:
        try:
            with gzip.open(stream) as unpacked:
                content = unpacked.read(header + item.most_bytes + 1)
            magic, *shape = struct.unpack(f">{1 + axes}I", content[:header])
            if magic != 0x800 + axes or len(content) - header != math.prod(shape):
                raise ValueError
            return np.frombuffer(content, np.uint8, offset=header).reshape(shape)
        except _DAMAGED as error:
            raise _damaged(path, item) from error


def _batches(stream: "_Bounded") -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    with tarfile.open(fileobj=stream, mode="r|") as archive:
        for count, member in enumerate(archive):
            name = member.name.rpartition("/")[2]
            if count >= _MEMBERS or name in found:
                raise ValueError("not CIFAR's archive")
            content = archive.extractfile(member) if member.isfile() and name in _CIFAR_FILES else None
            if content is not None:
                found[name] = content.read()
    return found


def _rows(batches: dict[str, bytes], names: tuple[str, ...], size: int) -> npt.NDArray[np.uint8]:
    return np.frombuffer(b"".join(batches[name] for name in names), np.uint8).reshape(-1, size)


class _Bounded(io.RawIOBase):
    """A stream that refuses to go on where no known set is that large, whatever its headers say."""

    def __init__(self, stream: gzip.GzipFile, most: int) -> None:
        self._stream = stream
        self._left = most

    def read(self, size: int = -1, /) -> bytes:
        part = self._stream.read(min(size, self._left + 1) if size >= 0 else self._left + 1)
        self._left -= len(part)
        if self._left < 0:
            raise ValueError("unpacks to more than any known set")
        return part
