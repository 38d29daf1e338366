r"""Owns the step from bytes to text: encodings, byte order marks, line ends.

In: the bytes of a file. Out: its text with "\n" ends, and a notice where something had to be guessed.
The rule: UTF-8 is tried before anything is guessed, CP949 (Korean Windows) before anything is given up, and a file with
a few bytes of rubbish is read with a notice instead of costing its author everything.
"""

import codecs
import re
from dataclasses import dataclass

from grader.errors import SubmissionRejected
from grader.records import Notice

# PEP 263: in the first or second line; Python looks no further.
_COOKIE = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
_HONOURED = frozenset({"utf-8", "cp949", "euc_kr", "iso8859-1", "ascii"})

_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16's mark, which it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_FEW = 20  # bytes that no encoding explains


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """A file's text and what was assumed about it."""

    text: str
    notices: tuple[Notice, ...] = ()


def decode(data: bytes, name: str) -> Decoded:
    r"""Turn a file's bytes into text.

    Args:
        data: the whole file.
        name: how notices and errors call it.

    Returns:
        Text whose lines end in "\n", without a byte order mark and without lone surrogates.

    Raises:
        SubmissionRejected: no text in any encoding that is known here.
    """
    text, note = _read(data, name)
    # A cell of a notebook can spell half a character; no encoder takes it.
    text = text.encode("utf-8", "replace").decode("utf-8")
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if text.count("\0") > len(text) // 8:
        raise _no_text(name)
    return Decoded(text=text, notices=(Notice(text=note, where=name),) if note else ())


def _read(data: bytes, name: str) -> tuple[str, str]:
    """Give the text and a sentence about what was guessed, "" if nothing was."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            text = _try(data, encoding)
            if text is None:
                raise _no_text(name)
            return text, ""
    for encoding in (_cookie(data), "utf-8"):
        text = _try(data, encoding)
        if text is not None:
            return text, ""
    text = _try(data, "cp949")
    if text is not None:
        return text, "the file is not UTF-8 and was read as CP949; save it as UTF-8 to be sure"
    text = data.decode("utf-8", "replace")
    if text.count("\ufffd") > _FEW:
        raise _no_text(name)
    return text, f"{text.count(chr(0xFFFD))} bytes of the file belong to no encoding and were replaced"


def _cookie(data: bytes) -> str:
    for line in data.split(b"\n", 2)[:2]:
        match = _COOKIE.match(line)
        if match:
            try:
                encoding = codecs.lookup(match[1].decode("ascii")).name
            except LookupError:
                return ""
            return encoding if encoding in _HONOURED else ""
        if line.strip() and not line.lstrip().startswith(b"#"):
            return ""
    return ""


def _try(data: bytes, encoding: str) -> str | None:
    if not encoding:
        return None
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def _no_text(name: str) -> SubmissionRejected:
    return SubmissionRejected(
        "the file is no text: neither UTF-8 nor CP949",
        where=name,
        fix="save it as UTF-8 text, or hand in another file",
    )
