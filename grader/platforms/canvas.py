"""Canvas's "Download Submissions": files of the whole class, flat in one folder.

In: the folder's entries. Out: a Delivery for each attempt, its files together under the names that students gave them.
The rule (canvas-lms, lib/content_zipper.rb): `name_[LATE_]user_file_original`, where the name is the sortable one in
lower case without blanks, `user` is Canvas's id or `anon_` and a code, and `file` is the id of that one file. What was
typed or linked instead of handed in ends in `_text.html` or `_link.html`.

Canvas renames a file that the student had already handed in once: `lenet.py`, `lenet-1.py`, ... The highest is the
newest. A download holds the newest attempt only, so a lone `lenet-1.py` is a first Delivery; several revisions of one
file come from downloads put together, and a file without revisions then belongs to all of them.
"""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from grader.cohort import Delivery, Rejected
from grader.platforms.places import Found, Gathering, Sorted

_USER = r"(?P<name>.*?)_?(?P<late>LATE_)?(?<![^_])(?P<user>\d+|anon_[^\W_]+)"
_FILE = re.compile(_USER + r"_(?P<file>\d+)_(?P<original>.+)")
_TYPED = re.compile(_USER + r"_(?P<what>text|link)\.html")
# Canvas counts to seven and then takes a UUID; older versions counted on.
_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_REVISION = re.compile(rf"-(?:([1-9]\d?)|{_UUID})(?=(?:\.[A-Za-z][A-Za-z0-9]*)*(?:\.[A-Za-z0-9]+)?$)")
_NEWEST = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    """One file of one student."""

    found: Found
    original: str  # without Canvas's revision
    order: tuple[int, int]  # revision, then the file's id: both grow with time
    late: bool
    name: str


def is_canvas(top: Sequence[Found]) -> bool:
    """Whether most of a folder is named as Canvas names it."""
    fitting = sum(bool(_FILE.fullmatch(entry.name) or _TYPED.fullmatch(entry.name)) for entry in top)
    return 2 * fitting > len(top)


def sort_canvas(top: Sequence[Found], gathering: Gathering) -> Sorted:
    """Put each student's files together."""
    students: defaultdict[str, list[_File]] = defaultdict(list)
    rejected: list[Rejected] = []
    for entry in top:
        if entry.kind == "link":
            rejected.append(entry.rejected("a link is not followed"))
        elif match := _FILE.fullmatch(entry.name) if entry.kind == "file" else None:
            students[match["user"]].append(_file(entry, match))
        elif match := _TYPED.fullmatch(entry.name):
            what = "a text typed into Canvas" if match["what"] == "text" else "a web address"
            rejected.append(entry.rejected(f"{what} was handed in, no file; ask for the file"))
        else:
            rejected.append(entry.rejected("Canvas gives no such name: whose it is cannot be said"))
    found: list[Delivery] = []
    for student, files in students.items():
        for number, attempt in enumerate(_attempts(files), start=1):
            folder, refused = gathering.put(student, number, [(file.found, file.original) for file in attempt])
            rejected += refused
            if len(refused) < len(attempt):
                found.append(
                    Delivery(
                        student=student,
                        path=folder,
                        name=attempt[0].name,
                        attempt=number,
                        late=any(file.late for file in attempt),
                    )
                )
    return Sorted(found=found, rejected=rejected)


def _file(entry: Found, match: re.Match[str]) -> _File:
    original = match["original"]
    revision = 0
    if renamed := _REVISION.search(original):
        plain = original[: renamed.start()] + original[renamed.end() :]
        if not plain.startswith("."):  # "-1.py" was called so by its author
            original = plain
            revision = int(renamed[1] or _NEWEST)
    return _File(
        found=entry,
        original=original,
        order=(revision, int(match["file"])),
        late=match["late"] is not None,
        name=match["name"],
    )


def _attempts(files: Sequence[_File]) -> list[list[_File]]:
    """The files of each attempt, the oldest first: the last has the newest of every name, and so on back."""
    by_name: defaultdict[str, list[_File]] = defaultdict(list)
    for file in sorted(files, key=lambda file: file.order):
        by_name[file.original].append(file)
    count = max(len(revisions) for revisions in by_name.values())
    return [
        [revisions[max(0, len(revisions) - back)] for revisions in by_name.values()] for back in range(count, 0, -1)
    ]
