"""Owns which files of a hand-in are its trained models: read as bytes, opened by nobody here.

In: a FileTree, the file that is graded, and the assignment. Out: bytes by question, with a notice for what was assumed.
The rule: the file in the folder of the code wins over one elsewhere, `.keras` over `.h5`; of two that are equally good
the one that was not graded is said. A file that cannot be read is as if it were not there, and that is said too.
"""

from collections.abc import Sequence

from grader.errors import SubmissionRejected
from grader.intake.candidates import plain_stems
from grader.intake.filetree import Entry, FileTree, IntakeLimits
from grader.records import Assignment, Notice
from grader.text import one_line

ENDINGS = (".keras", ".h5", ".hdf5")  # the better first


def read_models(
    tree: FileTree, chosen: Entry, assignment: Assignment, limits: IntakeLimits
) -> tuple[dict[str, bytes], tuple[Notice, ...]]:
    """Read the models that an assignment asks for, as far as they are there.

    Args:
        tree: what was handed in.
        chosen: the file that is graded: its neighbours come first.
        assignment: whose questions name files.
        limits: on the size of one.
    """
    found: dict[str, bytes] = {}
    notices: list[Notice] = []
    wanted = {key: name for question in assignment.questions for key, name in question.files.items()}
    for key, name in wanted.items():
        entries = _candidates(tree, chosen, name.casefold(), alone=len(wanted) == 1)
        for entry in entries:
            try:
                found[key] = tree.read(entry, limits.model_bytes)
            except SubmissionRejected as error:
                notices.append(Notice(text=f"`{one_line(entry.path)}` was not read: {error.what}", where=entry.name))
                continue
            if entry.name.casefold() != f"{name}{entry.suffix}".casefold():
                text = f"`{one_line(entry.path)}` was taken for `{name}.keras`"
                notices.append(Notice(text=text, where=one_line(entry.name)))
            if len(entries) > 1:
                others = ", ".join(f"`{one_line(each.path)}`" for each in entries if each is not entry)
                notices.append(Notice(text=f"{others[:300]} was not graded; `{one_line(entry.path)}` was"))
            break
    return found, tuple(notices)


def _candidates(tree: FileTree, chosen: Entry, name: str, *, alone: bool) -> Sequence[Entry]:
    """The files that could be the model, the best first; where one is asked for, any one model will do."""
    models = [entry for entry in tree.entries if entry.suffix.casefold() in ENDINGS]
    named = [entry for entry in models if name in plain_stems(entry.stem)]
    if not named and alone and len(models) == 1:
        named = models
    return sorted(
        named,
        key=lambda entry: (
            entry.folder != chosen.folder,
            entry.stem.casefold() != name,
            ENDINGS.index(entry.suffix.casefold()),
            entry.path,
        ),
    )
