"""Moodle's "Download all submissions": a folder for each student, or everything flat.

In: the folder's entries. Out: a Delivery for each student.
The rule (moodle, mod/assign/classes/downloader.php): `Full Name_ID_assignsubmission_file`, followed by a slash, by
`_` and a slash (Moodle 3), or by `_original.py` where the download was asked for without folders. ID is the participant
number of this one assignment, as in the worksheet's "Participant 123", and no other id of Moodle's; of a team it is the
group's, and the default group has none. Underscores in names became blanks.
"""

import re
from collections import defaultdict
from collections.abc import Sequence

from grader.cohort import Delivery, Rejected
from grader.platforms.places import CohortLimits, Found, Gathering, Sorted, unusable

_NAMED = re.compile(
    r"(?P<name>.+?)(?:_(?P<id>\d+))?_(?P<plugin>assignsubmission_[a-z]+|assignfeedback_[a-z]+)(?:_(?P<original>.*))?"
)


def is_moodle(top: Sequence[Found]) -> bool:
    """Whether most of a folder is named as Moodle names it."""
    return 2 * sum(bool(_NAMED.fullmatch(entry.name)) for entry in top) > len(top)


def sort_moodle(top: Sequence[Found], gathering: Gathering, limits: CohortLimits) -> Sorted:
    """Find each student's folder, or put the files of each together."""
    found: list[Delivery] = []
    rejected: list[Rejected] = []
    flat: defaultdict[tuple[str, str], list[tuple[Found, str]]] = defaultdict(list)
    for entry in top:
        match = _NAMED.fullmatch(entry.name)
        if entry.kind == "link":
            rejected.append(entry.rejected("a link is not followed"))
        elif match is None:
            rejected.append(entry.rejected("Moodle gives no such name: whose it is cannot be said"))
        elif match["plugin"] != "assignsubmission_file":
            rejected.append(entry.rejected(_other(match["plugin"])))
        elif entry.kind == "file":
            original = match["original"] or entry.name
            flat[match["id"] or match["name"], match["name"]].append((entry, original))
        elif why := unusable(entry, limits):
            rejected.append(why)
        else:
            found.append(Delivery(student=match["id"] or match["name"], path=entry.path, name=match["name"]))
    for (student, name), files in flat.items():
        folder, refused = gathering.put(student, 1, files)
        rejected += refused
        if len(refused) < len(files):
            found.append(Delivery(student=student, path=folder, name=name))
    return Sorted(found=found, rejected=rejected)


def _other(plugin: str) -> str:
    if plugin == "assignsubmission_onlinetext":
        return "a text typed into Moodle was handed in, no file; ask for the file"
    if plugin.startswith("assignfeedback"):
        return "this is feedback, no submission"
    return "this is no handed-in file"
