"""The three members of a .keras archive, taken out of it as data.

In: the bytes of a file that somebody hostile may have made. Out: KerasFile: two parsed JSON documents, and the weights
as bytes that nobody here looks into.
The rule: an archive is what Keras writes and nothing else: metadata.json, config.json, model.weights.h5, each once,
stored or deflated, within limits that are checked against what the archive says and again while it is unpacked.
"""

import io
import struct
import zipfile
import zlib
from dataclasses import dataclass
from typing import Any

import msgspec

from grader.checks.modelfault import ModelFault

METADATA, CONFIG, WEIGHTS = "metadata.json", "config.json", "model.weights.h5"
HDF5_MAGIC = b"\x89HDF\r\n\x1a\n"

_ZIP_MAGIC = b"PK\x03\x04"
_CENTRAL_HEADER = b"PK\x01\x02"
_MOST_HEADERS = 64
_MOST_METADATA = 1 << 16
_SMALL = 1 << 20  # below it no ratio is suspicious
_CHUNK = 1 << 20
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # bz2 and lzma give out a whole chunk at once, whatever its size
_FLAGS = 0x0001 | 0x0020 | 0x0040 | 0x2000  # encrypted, patched, strongly encrypted, names masked
_SMALLER = "Hand in the model alone, and save it without the optimizer's state if it is large"
_EMPTY_FOLDERS = ("assets/",)

_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    OSError,
    OverflowError,
    RuntimeError,
    ValueError,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelLimits:
    """What a saved model may be; far above every model of the course."""

    archive_bytes: int = 256 << 20
    weights_bytes: int = 256 << 20
    config_bytes: int = 2 << 20
    ratio: int = 200  # unpacked to packed size, where a member is over a megabyte
    depth: int = 48  # of nested JSON; Keras writes about 12
    layers: int = 1_000  # a ResNet-152 has 517


@dataclass(frozen=True, slots=True, kw_only=True)
class KerasFile:
    """What a .keras file holds."""

    metadata: Any
    config: Any
    weights: bytes


def is_hdf5(data: bytes) -> bool:
    """Whether bytes begin as an HDF5 file does: an .h5 file, whatever it is called."""
    return data.startswith(HDF5_MAGIC)


def open_keras_file(data: bytes, limits: ModelLimits) -> KerasFile:
    """Take the members out of a .keras archive.

    Raises:
        ModelFault: it is no such archive, is damaged, too large, or has more in it than Keras writes.
    """
    if len(data) > limits.archive_bytes:
        raise ModelFault(f"The file is larger than {limits.archive_bytes >> 20} MB", fix=_SMALLER)
    if not data.startswith(_ZIP_MAGIC):
        raise ModelFault("This is no .keras file: it does not begin as one", where=_beginning(data))
    # zipfile makes an object of every header before it can be stopped, and the count in the archive may be a lie.
    if data.count(_CENTRAL_HEADER) > _MOST_HEADERS:
        raise ModelFault("The archive has more files in it than Keras writes")
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except _DAMAGED as error:
        raise ModelFault("The .keras file is damaged or incomplete") from error
    members = _members(archive)
    metadata = _unpack(archive, members[METADATA], _MOST_METADATA, limits)
    config = _unpack(archive, members[CONFIG], limits.config_bytes, limits)
    weights = _unpack(archive, members[WEIGHTS], limits.weights_bytes, limits)
    return KerasFile(
        metadata=parse_json(metadata, METADATA, limits), config=parse_json(config, CONFIG, limits), weights=weights
    )


def parse_json(data: bytes, name: str, limits: ModelLimits) -> Any:
    """Parse a JSON document: plain values, no NaN, no deep nesting.

    Raises:
        ModelFault: it is no JSON, or nested too deeply.
    """
    try:
        value = msgspec.json.decode(data)
    except RecursionError as error:
        raise ModelFault("The model's configuration is nested too deeply", where=name) from error
    except (msgspec.MsgspecError, ValueError) as error:
        raise ModelFault("The model's configuration is no JSON", where=f"{name}: {error}") from error
    level = [value]
    for _ in range(limits.depth):
        level = [inner for outer in level for inner in _inside(outer)]
        if not level:
            return value
    raise ModelFault("The model's configuration is nested too deeply", where=name)


def _inside(value: Any) -> list[Any]:
    """The lists and objects directly in a value."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [each for each in inner if isinstance(each, dict | list)]


def _members(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    members: dict[str, zipfile.ZipInfo] = {}
    for header in archive.infolist():
        name = header.orig_filename  # as stored: zipfile cuts a name at its first NUL
        if name in _EMPTY_FOLDERS and not header.file_size:
            continue
        if name not in (METADATA, CONFIG, WEIGHTS):
            raise ModelFault("The archive has a file in it that Keras does not write", where=name)
        if name in members:
            raise ModelFault("The archive has the same file in it twice", where=name)
        if header.flag_bits & _FLAGS:
            raise ModelFault("The archive is encrypted", where=name)
        if header.compress_type not in _METHODS:
            raise ModelFault("The archive is packed in an unusual way", where=name)
        members[name] = header
    for name in (METADATA, CONFIG, WEIGHTS):
        if name not in members:
            raise ModelFault(f"The .keras file has no {name}")
    return members


def _unpack(archive: zipfile.ZipFile, header: zipfile.ZipInfo, most: int, limits: ModelLimits) -> bytes:
    """Unpack one member, and stop at the limit whatever its header says."""
    name = header.orig_filename
    most = min(most, max(_SMALL, limits.ratio * header.compress_size))
    too_large = ModelFault("A part of the .keras file is larger than it can honestly be", where=name, fix=_SMALLER)
    if header.file_size > most:
        raise too_large
    parts: list[bytes] = []
    unpacked = 0
    try:
        with archive.open(header) as stream:
            while part := stream.read(_CHUNK):
                unpacked += len(part)
                if unpacked > most:
                    raise too_large
                parts.append(part)
        if unpacked != header.file_size:
            raise zipfile.BadZipFile
    except _DAMAGED as error:
        raise ModelFault("The .keras file is damaged or incomplete", where=name) from error
    return b"".join(parts)


def _beginning(data: bytes) -> str:
    return f"it begins with {data[:8].hex(' ')}" if data else "it is empty"
