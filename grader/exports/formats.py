"""Owns the list of formats and how an export reaches its file.

In: `--export FORMAT=FILE` as typed, later a Report. Out: a whole file under that name, never half a one; "-" is stdout.
The rule: a wrong format or folder is said before anything is graded, not after.
"""

import io
import os
import secrets
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TextIO

from grader.errors import UsageError
from grader.exports import json, junit
from grader.records import Audience, Report
from grader.suggestions import did_you_mean
from grader.text import one_line

FORMATS: Mapping[str, Callable[[Report, Audience], str]] = MappingProxyType(
    {"json": json.render, "junit": junit.render}
)

STDOUT = "-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """One `--export`: a known format and where it goes."""

    format: str
    destination: str  # a path, or "-"


def parse_export(text: str) -> Export:
    """Read `FORMAT=FILE` and make sure, as far as can be known, that the file can be written.

    Raises:
        UsageError: no such format, no file, no such folder, or a folder in the file's place.
    """
    name, sign, destination = text.partition("=")
    if name not in FORMATS:
        known = ", ".join(FORMATS)
        guess = did_you_mean(name, FORMATS)
        raise UsageError(
            f"there is no export format `{one_line(name)}`",
            where=f"--export {one_line(text)}",
            fix=f"{guess + ' ' if guess else ''}the formats are {known}",
        )
    if not sign or not destination:
        raise UsageError(
            "the export does not say where to",
            where=f"--export {one_line(text)}",
            fix=f"write `--export {name}=FILE`, or `--export {name}=-` for stdout",
        )
    if destination != STDOUT:
        _check_destination(Path(destination))
    return Export(format=name, destination=destination)


def write_export(export: Export, report: Report, *, audience: Audience, stdout: TextIO) -> None:
    """Write a report in one format.

    The text is UTF-8 with plain newlines on every platform. A file is written beside its destination and then put in
    its place, so a reader finds the old one or the new one; a link there is replaced, never followed.

    Args:
        export: as `parse_export` read it.
        report: the whole report; the format cuts it down to the audience's view.
        audience: for whom it is written.
        stdout: where "-" goes.

    Raises:
        UsageError: the file cannot be written.
    """
    text = FORMATS[export.format](report, audience)
    if export.destination == STDOUT:
        _write_stdout(text, stdout)
        return
    path = Path(export.destination)
    _check_destination(path)
    beside = path.with_name(f".{path.name[:80]}.{secrets.token_hex(8)}.tmp")
    try:
        try:
            # "x" makes a new file or fails: what lies there under that name is never followed.
            with beside.open("xb") as file:
                file.write(text.encode())
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)
    except OSError as error:
        raise _refused(path, error.strerror or str(error)) from error


def _check_destination(path: Path) -> None:
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        mode = stat.S_IFREG
    except OSError as error:  # a name too long, a folder that may not be read, a file in a folder's place
        raise _refused(path, error.strerror or str(error)) from error
    except ValueError as error:  # a NUL in the name
        raise _refused(path, str(error)) from error
    if stat.S_ISDIR(mode):
        raise _refused(path, "it is a folder")
    if not stat.S_ISREG(mode):
        # Replacing /dev/null would take it from everybody.
        raise _refused(path, "it is not an ordinary file")
    if not path.parent.is_dir():
        raise _refused(path, f"there is no folder {one_line(str(path.parent))}")
    if not os.access(path.parent, os.W_OK):
        raise _refused(path, "its folder may not be written to")


def _refused(path: Path, reason: str) -> UsageError:
    return UsageError(
        f"the export cannot be written: {one_line(reason)}",
        where=one_line(str(path)),
        fix="name a file in a folder that exists and may be written to, or `-` for stdout",
    )


def _write_stdout(text: str, stdout: TextIO) -> None:
    # As bytes: on a CP949 console or in a pipe on Windows the text layer would change letters and line ends.
    if isinstance(stdout, io.TextIOWrapper):
        stdout.flush()
        stdout.buffer.write(text.encode())
        stdout.buffer.flush()
    else:
        stdout.write(text)
