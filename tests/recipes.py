"""Hand-ins that cannot lie in a repository: archives, links, pipes, other encodings, sizes.

In: a folder to build in and the source of a right solution. Out: the path that is handed in.
`expected.toml` names a recipe; `build` finds it here.
"""

import inspect
import io
import os
import stat
import sys
import unicodedata
import zipfile
from pathlib import Path

from tests.builders import make_assignment

NAME = f"{make_assignment().module}.py"
KOREAN = "# 한글 주석: 필터는 뒤집지 않는다\n"


def build(recipe: str, folder: Path, right: str) -> Path:
    """Build a hand-in.

    Args:
        recipe: a function's name in this module.
        folder: empty, the hand-in's own.
        right: the source of a right solution.
    """
    assert is_recipe(recipe)
    path: Path = getattr(sys.modules[__name__], recipe)(folder, right)
    return path


def is_recipe(name: str) -> bool:
    """Whether `build` knows it."""
    found = getattr(sys.modules[__name__], name, None)
    return inspect.isfunction(found) and list(inspect.signature(found).parameters) == ["folder", "right"]


# --- encodings ---------------------------------------------------------------


def cp949_source(folder: Path, right: str) -> Path:
    return _written(folder / NAME, (KOREAN + _ascii(right)).encode("cp949"))


def utf16_source(folder: Path, right: str) -> Path:
    return _written(folder / NAME, (KOREAN + right).encode("utf-16"))


def bom_and_crlf_source(folder: Path, right: str) -> Path:
    return _written(folder / NAME, right.replace("\n", "\r\n").encode("utf-8-sig"))


def null_bytes(folder: Path, right: str) -> Path:
    return _written(folder / NAME, right.encode() + b"\nx = 1\0\n")


# --- archives ------------------------------------------------------------------


def zip_from_a_mac(folder: Path, right: str) -> Path:
    inside = unicodedata.normalize("NFD", "김민수 과제")
    files = {
        f"__MACOSX/{inside}/._{NAME}": b"\0\5\x16\7",
        f"{inside}/.DS_Store": b"x",
        f"{inside}/{NAME}": right.encode(),
    }
    return _written(folder / "hw1.zip", _zip(files))


def zip_from_korean_windows(folder: Path, right: str) -> Path:
    # zipfile takes a name without the UTF-8 flag for cp437, and writes it back byte by byte.
    name = f"과제\\{NAME}".encode("cp949").decode("cp437")
    data = _zip({name: right.encode()})
    # Python sets the flag for names that are not ASCII; Korean Windows does not, and stores its own bytes.
    stored = name.encode()
    return _written(folder / "hw1.zip", _without_utf8_flag(data, stored, name.encode("cp437")))


def zip_in_a_folder(folder: Path, right: str) -> Path:
    _written(folder / "homework_final.zip", _zip({NAME: right.encode()}))
    return folder


def zip_slip(folder: Path, right: str) -> Path:
    files = {NAME: right.encode(), "../../../../tmp/cnn-autograde-was-here": b"x"}
    return _written(folder / "hw1.zip", _zip(files))


def zip_absolute_name(folder: Path, right: str) -> Path:
    return _written(folder / "hw1.zip", _zip({NAME: right.encode(), "/tmp/cnn-autograde-was-here": b"x"}))


def zip_name_with_a_line_break(folder: Path, right: str) -> Path:
    return _written(folder / "hw1.zip", _zip({NAME: right.encode(), "a\n::error::owned\x1b[31m.py": b"x"}))


def zip_bomb(folder: Path, right: str) -> Path:
    return _written(folder / "hw1.zip", _zip({NAME: right.encode(), "data.bin": bytes(100 << 20)}))


def zip_bomb_that_lies(folder: Path, right: str) -> Path:
    size = 100 << 20
    data = _zip({NAME: right.encode() + b"#" * size})
    real = (size + len(right.encode())).to_bytes(4, "little")
    return _written(folder / "hw1.zip", data.replace(real, (10).to_bytes(4, "little")))


def zip_of_many_files(folder: Path, right: str) -> Path:
    files = {f"{number}.txt": b"" for number in range(10_000)}
    return _written(folder / "hw1.zip", _zip({NAME: right.encode(), **files}))


def zip_link_to_the_outside(folder: Path, right: str) -> Path:
    link = zipfile.ZipInfo(NAME)
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(link, "../../../../etc/passwd")
        archive.writestr("notes.txt", right)
    return _written(folder / "hw1.zip", buffer.getvalue())


def zip_two_of_one_name(folder: Path, right: str) -> Path:
    return _written(
        folder / "hw1.zip", _zip({NAME: right.encode(), NAME.replace(".py", ".qy"): b"x = 1\n"}).replace(b".qy", b".py")
    )


def zip_encrypted(folder: Path, right: str) -> Path:
    data = bytearray(_zip({NAME: right.encode()}))
    for magic, offset in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        data[data.index(magic) + offset] |= 1
    return _written(folder / "hw1.zip", bytes(data))


def zip_cut_off(folder: Path, right: str) -> Path:
    data = _zip({NAME: right.encode()})
    return _written(folder / "hw1.zip", data[: len(data) // 2])


# --- folders and files ---------------------------------------------------------


def folder_with_a_link(folder: Path, right: str) -> Path:
    outside = _written(folder / "outside.py", right.encode())
    inside = folder / "handed_in"
    inside.mkdir()
    (inside / NAME).symlink_to(outside)
    return inside


def folder_with_a_pipe(folder: Path, right: str) -> Path:
    os.mkfifo(folder / NAME)
    return folder


def huge_file(folder: Path, right: str) -> Path:
    with (folder / NAME).open("wb") as file:
        file.write(right.encode())
        file.truncate(100 << 20)
    return folder / NAME


def empty_file(folder: Path, right: str) -> Path:
    return _written(folder / NAME, b"")


def two_equal_files(folder: Path, right: str) -> Path:
    _written(folder / "one.py", right.encode())
    _written(folder / "two.py", right.encode() + b"# the second\n")
    return folder


# --- source that is hard to parse ------------------------------------------------


def nested_too_deeply(folder: Path, right: str) -> Path:
    return _written(folder / NAME, (right + "x = " + "(" * 100_000 + ")" * 100_000 + "\n").encode())


def chain_of_dots(folder: Path, right: str) -> Path:
    return _written(folder / NAME, (right + "import a" + ".a" * 300_000 + "\n").encode())


def crashes_the_parser(folder: Path, right: str) -> Path:
    return _written(folder / NAME, (right + "x = [y " + "for y in y " * 80_000 + "]\n").encode())


def notebook_of_brackets(folder: Path, right: str) -> Path:
    return _written(folder / "convolution.ipynb", b'{"nbformat": 4, "cells": ' + b"[" * 200_000 + b"]" * 200_000 + b"}")


def notebook_cut_off(folder: Path, right: str) -> Path:
    return _written(folder / "convolution.ipynb", b'{"nbformat": 4, "nbformat_minor": 4, "cells": [{"cell_type": "co')


# --- parts ---------------------------------------------------------------------


def _written(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def _zip(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _without_utf8_flag(data: bytes, stored: bytes, wanted: bytes) -> bytes:
    """Write a name's bytes in both headers of an archive of one file, and say nothing of UTF-8."""
    changed = bytearray(data)
    for magic, flags, length, fixed in ((b"PK\3\4", 6, 26, 30), (b"PK\1\2", 8, 28, 46)):
        at = changed.index(magic)
        changed[at + flags + 1] &= ~0x08
        changed[at + length : at + length + 2] = len(wanted).to_bytes(2, "little")
        changed[at + fixed : at + fixed + len(stored)] = wanted
    end, directory = changed.index(b"PK\5\6"), changed.index(b"PK\1\2")
    changed[end + 12 : end + 16] = (end - directory).to_bytes(4, "little")
    changed[end + 16 : end + 20] = directory.to_bytes(4, "little")
    return bytes(changed)


def _ascii(text: str) -> str:
    """CP949 lacks a few letters of the formulas."""
    return text.encode("cp949", "replace").decode("cp949")
