"""Owns one line of a journal: written so that a reader knows whether it is whole, and comes back exactly.

In: records (msgspec structs) with a kind and a subject. Out: bytes, and the records again. No files.
The rule: a line that is not whole is never believed.

A line is a JSON array: `["1f3a90c2","test","subject",{...}]`. The first item is the CRC-32 of everything that follows
it. Where a text holds a lone surrogate, which UTF-8 has no bytes for, every text of the line is written as Python
escapes it, and a fifth item, `true`, says so. NaN and infinities, which JSON has no words for, are words: "nan".
"""

import math
import zlib
from typing import Any, TypeVar

import msgspec

_HEAD = len('["1f3a90c2"')

_T = TypeVar("_T", bound=msgspec.Struct)

Number = float | str  # "nan", "inf" or "-inf" where it is no JSON number


class Line(msgspec.Struct, array_like=True):
    """One whole line."""

    checksum: str
    kind: str
    subject: str
    payload: msgspec.Raw
    escaped: bool = False

    def value(self, decoder: msgspec.json.Decoder[_T]) -> _T | None:
        """Decode the payload; None where it is not what the decoder expects, as another version may have written it."""
        try:
            if not self.escaped:
                return decoder.decode(self.payload)
            value: _T = msgspec.convert(_unescaped(msgspec.json.decode(self.payload)), decoder.type)
            return value
        except (msgspec.MsgspecError, UnicodeError):
            return None


_LINE = msgspec.json.Decoder(Line)
_encode = msgspec.json.Encoder().encode


def encode_line(kind: str, subject: str, value: msgspec.Struct) -> bytes:
    """Write one line, its line break included."""
    try:
        body = b"".join((b',"', kind.encode(), b'",', _encode(subject), b",", _encode(value), b"]"))
    except UnicodeEncodeError:
        escaped = _encode(_escaped(msgspec.to_builtins(value)))
        body = b"".join((b',"', kind.encode(), b'",', _encode(_escaped(subject)), b",", escaped, b",true]"))
    return b'["%08x"%b\n' % (zlib.crc32(body), body)


def decode_line(data: bytes) -> Line | None:
    """Read one line; None where it is not whole."""
    if data[:_HEAD] != b'["%08x"' % zlib.crc32(memoryview(data)[_HEAD:-1]) or data[-1:] != b"\n":
        return None
    try:
        line = _LINE.decode(data)
        if line.escaped:
            line.subject = _unescaped(line.subject)
    except (msgspec.MsgspecError, UnicodeError):
        return None
    return line


def to_number(value: float) -> Number:
    """Write a float so that it comes back."""
    return value if math.isfinite(value) else str(value)


def from_number(value: Number) -> float:
    """Read what `to_number` wrote."""
    return float(value)


def _escaped(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("unicode_escape").decode("ascii")
    if isinstance(value, dict):
        return {_escaped(key): _escaped(item) for key, item in value.items()}
    return [_escaped(item) for item in value] if isinstance(value, list | tuple) else value


def _unescaped(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("ascii").decode("unicode_escape")
    if isinstance(value, dict):
        return {_unescaped(key): _unescaped(item) for key, item in value.items()}
    return [_unescaped(item) for item in value] if isinstance(value, list | tuple) else value
