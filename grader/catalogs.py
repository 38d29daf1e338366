"""Owns the reading of catalogs: gettext's PO files, as Babel writes them.

In: a `.po` file. Out: its translations by (context, msgid).
The rule: the text that people edit is the text that is read. A compiled `.mo` beside it would be one more file to keep
up to date in every kit and bundle, and Babel at run time 10 MB for a student to install, for what 3 ms do here.
What is fuzzy, empty or obsolete is not there.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from grader.errors import CourseError

Entries = Mapping[tuple[str, str], str]

_LINE = re.compile(r'(?:(msgctxt|msgid|msgstr)\s+)?(".*")')


def read_catalog(path: Path) -> Entries:
    """Read a catalog; one that is not there is empty.

    Raises:
        CourseError: it is no PO file, or a text in it is wrong.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise CourseError(
            "the catalog of translations cannot be read", where=str(path), fix="make it a readable file in UTF-8"
        ) from error
    return {(context, msgid): said for context, msgid, said in _entries(text, path) if msgid and said}


def _entries(text: str, path: Path) -> Iterator[tuple[str, str, str]]:
    parts: dict[str, str] = {}
    at = ""
    fuzzy = False
    for number, line in enumerate((*text.split("\n"), ""), 1):
        line = line.strip()
        if line.startswith("#") or not line:
            if "msgstr" in parts:  # the entry is complete
                if not fuzzy:
                    yield parts.get("msgctxt", ""), parts.get("msgid", ""), parts["msgstr"]
                parts, at, fuzzy = {}, "", False
            fuzzy = fuzzy or (line.startswith("#,") and "fuzzy" in line)
            continue
        match = _LINE.fullmatch(line)
        if match is None or not (match[1] or at):
            raise CourseError(
                "this is not a line of a PO file",
                where=f"{path}, line {number}",
                fix='write msgid "..." or msgstr "..."',
            )
        at = match[1] or at
        try:
            parts[at] = parts.get(at, "") + msgspec.json.decode(match[2].encode(), type=str)
        except msgspec.DecodeError as error:
            raise CourseError(
                "a text of the catalog is not closed or has a wrong \\ in it",
                where=f"{path}, line {number}",
                fix='write \\" for a quote and \\\\ for a backslash',
            ) from error
