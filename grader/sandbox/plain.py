"""Values as plain data: what may cross between the tests and a worker, and how it is bounded.

In: values of the few kinds below; out: what MessagePack carries, and back. Both sides use this module, so it imports
no other of ours. Nothing here evaluates or unpickles; every length, shape, dtype, depth and text that comes from the
other side is bounded before it is believed.

    None, bool, int, float, str as they are; everything else a list that starts with its kind:
    ["list", items] ["tuple", items] ["dict", keys, items] ["bytes", hex] ["int", hex] ["complex", re, im]
    ["array", dtype, shape, offset] ["scalar", dtype, hex] ["opaque", what it was]

An array is C-contiguous and little-endian on the wire. What is none of these (an object of a class,
an array of objects, a value nested too deep) crosses as `Opaque`, a name that equals nothing.

Three ways to make a small frame cost much are shut: arrays may not share the blob's bytes, MessagePack's own maps and
extensions are refused (tuples as keys can be made to collide, which costs quadratic time), a dict has few, plain keys.
"""

import contextlib
import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

MAX_DEPTH = 16
MAX_TEXT = 1 << 16
MAX_INT_BITS = 4096
MAX_DIMENSIONS = 16
MAX_ITEMS = 1 << 18  # of lists, tuples and dicts of one message together
MAX_KEYS = 4096
WHOLE_DTYPES = ("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64")
DTYPES = frozenset((*WHOLE_DTYPES, "float16", "float32", "float64", "complex64", "complex128"))


class WireError(Exception):
    """The other side sent what no honest sender sends; the connection is of no further use."""


if TYPE_CHECKING:
    Plain = Any
else:
    Plain = None | bool | int | float | str
    for _ in range(2 * MAX_DEPTH + 3):  # a list and its items are two levels; so deep, no deeper, and no maps
        Plain = None | bool | int | float | str | list[Plain]


@dataclass(frozen=True, slots=True)
class Opaque:
    """A value that does not cross the wire, by the name of what it was."""

    what: str


@dataclass(slots=True)
class Blobs:
    """The arrays' bytes of one frame, gathered while its values are encoded."""

    limit: int  # bytes
    size: int = 0
    items: int = 0
    chunks: list[bytes] = field(default_factory=list)
    opaque: list[str] = field(default_factory=list)  # what did not cross

    def add(self, data: bytes) -> int:
        """Append an array's bytes and return where they begin."""
        self.chunks.append(data)
        self.size += len(data)
        return self.size - len(data)

    def count(self, items: Collection[Any]) -> None:
        """Count the items of a list or dict.

        Raises:
            WireError: they are too many, as those of a list that holds itself.
        """
        self.items += len(items)
        if self.items > MAX_ITEMS:
            raise WireError("a value of too many items")

    def refuse(self, what: str) -> list[str]:
        """Encode what does not cross."""
        self.opaque.append(what[:200])
        return ["opaque", what[:200]]


def encode_value(value: Any, blobs: Blobs, *, depth: int = 0) -> Any:
    """Turn a value into what MessagePack carries; arrays' bytes are appended to `blobs`.

    Raises:
        WireError: it has too many items.
    """
    if value is None or type(value) in (bool, float):
        return value
    if type(value) is int:
        return _encode_int(value, blobs)
    if type(value) is str:
        return value if _crosses(value) else blobs.refuse("a text that is too long, or not Unicode")
    if depth >= MAX_DEPTH:
        return blobs.refuse(f"a value nested more than {MAX_DEPTH} deep")
    if isinstance(value, list | tuple):
        kind = "list" if isinstance(value, list) else "tuple"
        blobs.count(value)
        return [kind, [encode_value(item, blobs, depth=depth + 1) for item in value]]
    if isinstance(value, dict):
        return _encode_dict(value, blobs, depth)
    if type(value) is bytes and len(value) <= MAX_TEXT:
        return ["bytes", value.hex()]
    if type(value) is complex:
        return ["complex", value.real, value.imag]
    return _encode_numpy(value, blobs)


def _crosses(text: str) -> bool:
    if len(text) > MAX_TEXT:
        return False
    try:
        text.encode()
    except UnicodeEncodeError:  # a lone surrogate
        return False
    return True


def _encode_int(value: int, blobs: Blobs) -> Any:
    if -(1 << 63) <= value < 1 << 64:
        return value
    small = value.bit_length() <= MAX_INT_BITS
    return ["int", hex(value)] if small else blobs.refuse(f"an integer of over {MAX_INT_BITS} bits")


def _encode_dict(value: dict[Any, Any], blobs: Blobs, depth: int) -> Any:
    if len(value) > MAX_KEYS:
        return blobs.refuse(f"a dict of over {MAX_KEYS} keys")
    keys = [encode_value(key, blobs, depth=depth + 1) for key in value]
    if any(isinstance(key, list) and key[0] != "scalar" for key in keys):
        return blobs.refuse("a dict with a key that is no text or number")
    blobs.count(value)
    return ["dict", keys, [encode_value(item, blobs, depth=depth + 1) for item in value.values()]]


def _encode_numpy(value: Any, blobs: Blobs) -> Any:
    import numpy as np

    if isinstance(value, np.generic) and value.dtype.name in DTYPES:
        return ["scalar", value.dtype.name, value.astype(value.dtype.newbyteorder("<")).tobytes().hex()]
    if not isinstance(value, np.ndarray) or isinstance(value, np.ma.MaskedArray):
        return blobs.refuse(f"{type(value).__module__}.{type(value).__qualname__}".removeprefix("builtins."))
    # The class's own view and dtype: a subclass that overrides them lies only to itself.
    array = np.ndarray.view(value, np.ndarray)
    if array.dtype.name not in DTYPES:
        return blobs.refuse(f"an array of dtype {array.dtype}")
    if array.ndim > MAX_DIMENSIONS or array.size * array.dtype.itemsize + blobs.size > blobs.limit:
        return blobs.refuse("an array that is too large")
    little = array.astype(array.dtype.newbyteorder("<"), copy=False)
    return ["array", array.dtype.name, list(array.shape), blobs.add(little.tobytes())]


def decode_value(item: Any, blob: memoryview) -> Any:
    """Build the value again; arrays own their memory, all together no more than the blob has.

    Raises:
        WireError: an unknown kind, a wrong shape, a dtype that is not on the list, a nesting that is too deep,
            or arrays that share bytes.
    """
    return _Decoder(blob, len(blob)).value(item, 0)


@dataclass(slots=True)
class _Decoder:
    blob: memoryview
    left: int  # bytes that arrays may still take

    def value(self, item: Any, depth: int) -> Any:
        if item is None or type(item) in (bool, int, float):
            return item
        if type(item) is str:
            return _bounded(item)
        if type(item) is not list or not item or type(item[0]) is not str or depth > MAX_DEPTH:
            raise WireError("a value of no known kind")
        kind, *rest = item
        match kind, rest:
            case "list" | "tuple", [list(items)]:
                values = [self.value(each, depth + 1) for each in items]
                return values if kind == "list" else tuple(values)
            case "dict", [list(keys), list(items)] if len(keys) == len(items) <= MAX_KEYS:
                names = [self.key(key) for key in keys]
                return dict(zip(names, (self.value(each, depth + 1) for each in items), strict=True))
            case "array", [str(dtype), list(shape), int(offset)]:
                return self.array(dtype, shape, offset)
            case _:
                return _decode_rare(kind, rest)

    def key(self, item: Any) -> Any:
        # No integers of over 64 bits: multiples of 2**61 - 1 all have the hash 0.
        key = self.value(item, MAX_DEPTH)
        if isinstance(item, list) and item[0] != "scalar":
            raise WireError("a dict with a key that is no text or number")
        return key

    def array(self, dtype: str, shape: Sequence[Any], offset: int) -> "np.ndarray[Any, Any]":
        if len(shape) > MAX_DIMENSIONS or not all(type(side) is int and 0 <= side < 1 << 40 for side in shape):
            raise WireError("an array with an impossible shape")
        size = math.prod(shape) * _item_size(dtype)
        if type(offset) is not int or offset < 0 or size > self.left or offset + size > len(self.blob):
            raise WireError("an array that is larger than its bytes")
        self.left -= size
        return _from_bytes(dtype, shape, self.blob[offset : offset + size])


def _decode_rare(kind: str, rest: list[Any]) -> Any:
    match kind, rest:
        case "scalar", [str(dtype), str(text)] if len(text) == 2 * _item_size(dtype):
            with contextlib.suppress(ValueError):
                return _from_bytes(dtype, (), memoryview(bytes.fromhex(text)))[()]
        case "bytes", [str(text)] if len(text) <= 2 * MAX_TEXT:
            with contextlib.suppress(ValueError):
                return bytes.fromhex(text)
        case "complex", [float(real), float(imaginary)]:
            return complex(real, imaginary)
        case "int", [str(text)] if len(text) <= MAX_INT_BITS // 4 + 3:
            with contextlib.suppress(ValueError):
                return int(text, 16)
        case "opaque", [str(what)]:
            return Opaque(_bounded(what)[:200])
        case _:
            pass
    raise WireError("a value of no known kind")


def _item_size(dtype: str) -> int:
    import numpy as np

    if dtype not in DTYPES:
        raise WireError("an array of a dtype that is not on the list")
    return int(np.dtype(dtype).itemsize)


def _from_bytes(dtype: str, shape: Sequence[int], data: memoryview) -> "np.ndarray[Any, Any]":
    import numpy as np

    kind = np.dtype(dtype)
    flat = np.frombuffer(data, kind.newbyteorder("<")) if len(data) else np.empty(0, kind)
    # A bool of byte 2 is neither True nor False to NumPy.
    owned = flat.view(np.uint8) != 0 if dtype == "bool" else flat.astype(kind)
    try:
        return owned.reshape(shape)
    except ValueError as error:  # an empty array whose other sides overflow
        raise WireError("an array with an impossible shape") from error


def _bounded(text: str) -> str:
    if len(text) > MAX_TEXT:
        raise WireError("a text that is too long")
    return text
