"""Owns the list of formats and how an export reaches its file.

In: `--export FORMAT=FILE` as typed, later a Report. Out: a whole file under that name, never half a one; "-" is stdout.
The rule: a wrong format, folder or environment is said before anything is graded, not after.

A format may also write to files that a CI names in its environment. Those belong to the CI and to other steps, so they
are appended to, and only by a report that is finished.
"""

import io
import os
import secrets
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Protocol, TextIO

from grader.errors import UsageError
from grader.exports import classroom50, classroom_legacy, github, gradescope, json, junit, lti, page, prairielearn
from grader.exports.context import Context
from grader.language import Language
from grader.records import Audience, Report
from grader.suggestions import did_you_mean
from grader.text import one_line

STDOUT = "-"


def _no_check(_: Context) -> None:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Appendix:
    """What a format adds to a file that the environment names."""

    variable: str
    max_bytes: int  # of the whole file
    render: Callable[[Report, Audience, Context, int], str]  # the last: how many bytes are left


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """One external format."""

    ending: str  # of a file in this format; no default, so that no format is without
    render: Callable[[Report, Audience, Context], str]
    appendices: tuple[Appendix, ...] = ()
    partial: bool = True  # whether a reader wants the file before the last test is done
    check: Callable[[Context], object] = _no_check  # raises UsageError where the context lacks something


def _plain(render: Callable[[Report, Audience], str]) -> Callable[[Report, Audience, Context], str]:
    return lambda report, audience, _: render(report, audience)


class _Said(Protocol):
    def __call__(self, report: Report, audience: Audience, *, language: Language) -> str: ...


def _said(render: _Said) -> Callable[[Report, Audience, Context], str]:
    return lambda report, audience, context: render(report, audience, language=context.language)


_GITHUB = Format(
    ending="txt",
    render=lambda report, audience, context: github.annotations(
        report, audience, context.token, language=context.language
    ),
    appendices=(
        Appendix(
            variable="GITHUB_STEP_SUMMARY",
            max_bytes=github.SUMMARY_BYTES,
            render=lambda report, audience, context, left: github.summary(
                report, audience, max_bytes=left, language=context.language
            ),
        ),
        Appendix(
            variable="GITHUB_OUTPUT",
            max_bytes=github.OUTPUT_BYTES,
            render=lambda report, _, context, __: github.outputs(report, context.token),
        ),
    ),
    partial=False,
)

FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        "json": Format(ending="json", render=_plain(json.render)),
        "junit": Format(ending="xml", render=_plain(junit.render)),
        "gradescope": Format(ending="json", render=_said(gradescope.render)),
        "prairielearn": Format(ending="json", render=_said(prairielearn.render)),
        "github": _GITHUB,
        "classroom50": Format(ending="json", render=classroom50.render, check=classroom50.read_context),
        "classroom-legacy": Format(ending="b64", render=_said(classroom_legacy.render), partial=False),
        "html": Format(ending="html", render=_said(page.render), partial=False, check=page.check),
        "lti": Format(ending="json", render=lti.render, partial=False),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """One `--export`: a known format and where it goes."""

    format: str
    destination: str  # a path, or "-"


def parse_export(text: str, *, context: Context | None = None) -> Export:
    """Read `FORMAT=FILE` and make sure, as far as can be known, that the file can be written.

    Args:
        text: as typed.
        context: what the format will be written with; None leaves out whether it is enough.

    Raises:
        UsageError: no such format, no file, no such folder, a folder in the file's place, or a variable is missing.
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
    if context is not None:
        FORMATS[name].check(context)
        for appendix in FORMATS[name].appendices:
            if path := context.environ.get(appendix.variable):
                _check_destination(Path(path))
    return Export(format=name, destination=destination)


def write_export(
    export: Export, report: Report, *, audience: Audience, stdout: TextIO, context: Context | None = None
) -> None:
    """Write a report in one format.

    The text is UTF-8 with plain newlines on every platform. A file is written beside its destination and then put in
    its place, so a reader finds the old one or the new one; a link there is replaced, never followed.

    Args:
        export: as `parse_export` read it.
        report: the whole report; the format cuts it down to the audience's view.
        audience: for whom it is written.
        stdout: where "-" goes.
        context: where and when it is written; None: nowhere in particular.

    Raises:
        UsageError: the file cannot be written, or the context lacks something.
    """
    context = context or Context()
    form = FORMATS[export.format]
    text = form.render(report, audience, context)
    if export.destination == STDOUT:
        _write_stdout(text, stdout)
    else:
        _replace(Path(export.destination), text)
    for appendix in form.appendices:
        if path := context.environ.get(appendix.variable):
            _append(Path(path), appendix, report, audience, context)


def write_partial(export: Export, report: Report, *, audience: Audience, context: Context | None = None) -> None:
    """Write a report that is not finished, where a reader would find it if the grader were killed now.

    Formats that are read only once, and stdout, are left alone: nothing is written twice.

    Args:
        export: as `parse_export` read it.
        report: of `grader.exports.standing.unfinished`.
        audience: for whom it is written.
        context: where and when it is written; None: nowhere in particular.

    Raises:
        UsageError: the file cannot be written, or the context lacks something.
    """
    form = FORMATS[export.format]
    if form.partial and export.destination != STDOUT:
        _replace(Path(export.destination), form.render(report, audience, context or Context()))


def _replace(path: Path, text: str) -> None:
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


def _append(path: Path, appendix: Appendix, report: Report, audience: Audience, context: Context) -> None:
    _check_destination(path)
    try:
        with path.open("ab") as file:
            left = appendix.max_bytes - file.tell()
            text = appendix.render(report, audience, context, left).encode()
            # One byte too many, and the CI throws away all that is in the file.
            if len(text) <= left:
                file.write(text)
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
