"""Owns the step from a file to a listing: its code as one module, each line with its place in the student's own file.

In: the bytes of a .py or .ipynb file, or of either under another ending. Out: Listing.
The rule: the content says what a file is; its ending only says what the student believed.
"""

from dataclasses import dataclass

from grader.errors import SubmissionRejected
from grader.intake.decoding import decode
from grader.intake.filetree import IntakeLimits
from grader.records import Notice, SourceLine


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A file's code before anybody has parsed it."""

    source: str  # "" or lines that each end in a newline
    lines: tuple[SourceLine, ...]
    notices: tuple[Notice, ...] = ()


def read_listing(data: bytes, name: str, limits: IntakeLimits) -> Listing:
    """Read a file's code.

    Raises:
        SubmissionRejected: empty, no text, a broken notebook, or too large.
    """
    if not data:
        raise SubmissionRejected("the file is empty", where=name, fix="save your work and hand it in again")
    decoded = decode(data, name)
    listing = (
        _from_notebook(decoded.text, name) if _is_notebook(decoded.text, name) else _from_python(decoded.text, name)
    )
    if len(listing.source.encode()) > limits.source_bytes:
        raise too_large(name, limits.source_bytes)
    if len(listing.lines) > limits.source_lines:
        what = f"the code has more than {limits.source_lines} lines"
        raise SubmissionRejected(what, where=name, fix="keep data out of the source")
    return Listing(source=listing.source, lines=listing.lines, notices=(*decoded.notices, *listing.notices))


def too_large(name: str, limit: int) -> SubmissionRejected:
    """Refuse a file for its size in bytes."""
    fix = "hand in the assignment's code only, without data in it"
    return SubmissionRejected(f"the file is larger than {limit} bytes", where=name, fix=fix)


def _is_notebook(text: str, name: str) -> bool:
    start = text.lstrip()[:1]
    if _has_ending(name, ".ipynb"):
        # A script may carry a notebook's ending; a dictionary at its very start is not what scripts begin with.
        return start in ("{", "[", "")
    return start == "{" and '"nbformat"' in text and ('"cells"' in text or '"worksheets"' in text)


def _from_notebook(text: str, name: str) -> Listing:
    # Only here: nbformat takes 100 ms to import, and a plain .py does without.
    from grader.intake.notebooks import read_notebook

    notebook = read_notebook(text, name)
    read_as = Notice(text="the file is a notebook and was read as one, whatever its ending", where=name)
    notices = notebook.notices if _has_ending(name, ".ipynb") else (read_as, *notebook.notices)
    return Listing(source=notebook.source, lines=notebook.lines, notices=notices)


def _from_python(text: str, name: str) -> Listing:
    source = text if text.endswith("\n") or not text else text + "\n"
    lines = tuple(SourceLine(line=number) for number in range(1, source.count("\n") + 1))
    read_as = Notice(text="the file was read as Python source, whatever its ending", where=name)
    return Listing(source=source, lines=lines, notices=() if _has_ending(name, ".py") else (read_as,))


def _has_ending(name: str, ending: str) -> bool:
    return name.casefold().endswith(ending)
