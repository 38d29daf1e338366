"""Owns which file of a hand-in is graded, and which files beside it may be imported.

In: a FileTree and the assignment. Out: Choice, with a notice for whatever was assumed.
The rule: the better name wins, then the better content, and of two equal files neither: a guess could cost a student
everything, and naming the file costs them one word.

A file is better the earlier it stands here: the assignment's own name, that name with what a download or a
copy adds, any Python that defines a function of the assignment, the only Python, the right content under a wrong
ending, and last a file that has no business here (a test, a setting, a shadow of an installed module) but holds the
functions.
"""

import enum
import re
import sys
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from grader.errors import SubmissionRejected
from grader.intake.filetree import Entry, FileTree, IntakeLimits
from grader.records import Assignment, Notice
from grader.text import one_line

PYTHON_ENDINGS = (".py", ".ipynb")
_TEXT_ENDINGS = ("", ".txt", ".text", ".md", ".json", ".pyw", ".py3", ".rtf", ".html", ".htm")
_ARCHIVES = (".zip", ".rar", ".7z", ".egg", ".alz", ".gz", ".tar")

_COPY = re.compile(
    r"[ _-]*\((?:\d+|copy|copia|사본|복사본)\)$|(?:[ _-]+|의 ?)(?:copy|사본|복사본)(?: ?\d+)?$|[ _-]+v?\d+$"
)
_COPY_OF = re.compile(r"^copy of |^사본 ")
_SETTINGS = frozenset(
    {"conftest", "setup", "sitecustomize", "usercustomize", "__init__", "__main__", "noxfile", "fabfile"}
)
_INSTALLED = frozenset({"numpy", "scipy", "pytest", "grader", "tensorflow", "keras", "matplotlib", "msgspec", "pandas"})


class Rank(enum.IntEnum):
    """How well a file fits, the best first."""

    EXACT = 0
    ALIKE = 1
    DEFINES = 2
    ONLY = 3
    WRONG_ENDING = 4
    OUT_OF_PLACE = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A file that could be graded."""

    entry: Entry
    rank: Rank
    defined: int = 0  # functions of the assignment that its text seems to define

    @property
    def order(self) -> tuple[int, int, int]:
        """Less is better: rank, then more of the functions, then nearer to the root."""
        return (self.rank, -self.defined, self.entry.path.count("/"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The file to grade and what was assumed about it."""

    entry: Entry
    notices: tuple[Notice, ...] = ()


def choose(
    tree: FileTree,
    assignment: Assignment,
    where: str,
    *,
    limits: IntakeLimits,
    read_text: Callable[[Entry], str],
    is_untouched: Callable[[Entry], bool],
) -> Choice:
    """Choose the file to grade.

    Args:
        tree: what was handed in.
        assignment: whose functions are looked for.
        where: how errors call the tree.
        limits: on the number of files that are looked into.
        read_text: a file's text, "" where it is none.
        is_untouched: whether a file is still the stub.

    Raises:
        SubmissionRejected: no file can be graded, two are equally good, or the best one is a link.
    """
    found = _named(tree, assignment) or _looked_into(tree, assignment, limits, read_text)
    if not found:
        raise _nothing(tree, assignment, where)
    if len(found) > 1 and found[0].rank <= Rank.ALIKE:
        # A stub that came with the course does not stand in the way of the file that was worked on.
        found = [one for one in found if not is_untouched(one.entry)] or found
    best = min(candidate.order for candidate in found)
    equal = [candidate for candidate in found if candidate.order == best]
    # Both untouched: either gives the same report.
    if len(equal) > 1 and not all(is_untouched(candidate.entry) for candidate in equal):
        raise _equal(equal, assignment, where)
    chosen = min(equal, key=lambda candidate: candidate.entry.suffix.casefold() != ".py")
    if chosen.entry.link:
        raise SubmissionRejected(
            "the file is a link, and links are not followed",
            where=f"{where}, {one_line(chosen.entry.path)}",
            fix="hand in the file itself",
        )
    return Choice(entry=chosen.entry, notices=_assumed(chosen, found, assignment))


def companions(tree: FileTree, chosen: Entry, assignment: Assignment) -> Sequence[Entry]:
    """List the modules beside the chosen file that it may import, the file itself and shadows left out."""
    return [
        entry
        for entry in tree.entries
        if entry.folder == chosen.folder
        and entry != chosen
        and entry.suffix == ".py"
        and not entry.link
        and entry.stem.isidentifier()
        and entry.stem != assignment.module
        and not is_out_of_place(entry.name)
    ]


def is_out_of_place(name: str) -> bool:
    """Whether a file is a test, a setting, or shadows a module that is installed."""
    stem = name.partition(".")[0].casefold()
    return (
        stem in _SETTINGS
        or stem in _INSTALLED
        or stem in sys.stdlib_module_names
        or stem.startswith("test_")
        or stem.endswith("_test")
    )


def plain_stem(name: str) -> str:
    """A file's name without endings, capitals and what browsers and file managers add to a copy."""
    return plain_stems(name)[-1]


def plain_stems(name: str) -> tuple[str, ...]:
    """The same, one addition taken off after another: a name that ends in a number of its own is among them."""
    stem = unicodedata.normalize("NFC", name).casefold()
    for ending in (*PYTHON_ENDINGS, ".txt", ".json", *PYTHON_ENDINGS):
        stem = stem.removesuffix(ending)
    stems = [stem.strip()]
    while (shorter := _COPY_OF.sub("", stems[-1])) != stems[-1] or (shorter := _COPY.sub("", stems[-1])) != stems[-1]:
        stems.append(shorter.strip())
    return tuple(stems)


def defined_functions(text: str, assignment: Assignment) -> int:
    """Count the functions of the assignment that a text seems to define, as Python or inside a notebook's JSON."""
    names = "|".join(re.escape(question.name) for question in assignment.questions)
    return len(set(re.findall(rf"(?:^|[\"\n]|\\n)[ \t]*(?:async )?def ({names})\b", text))) if names else 0


def _named(tree: FileTree, assignment: Assignment) -> list[Candidate]:
    """The files that the assignment's own name fits."""
    found = []
    for entry in tree.entries:
        if entry.suffix.casefold() in PYTHON_ENDINGS and plain_stem(entry.name) == assignment.module.casefold():
            exact = entry.name in (f"{assignment.module}{ending}" for ending in PYTHON_ENDINGS)
            found.append(Candidate(entry=entry, rank=Rank.EXACT if exact else Rank.ALIKE))
    return sorted(found, key=lambda candidate: candidate.order)


def _looked_into(
    tree: FileTree, assignment: Assignment, limits: IntakeLimits, read_text: Callable[[Entry], str]
) -> list[Candidate]:
    """Look into the files, where no name helps."""
    found = []
    fitting = (*PYTHON_ENDINGS, *_TEXT_ENDINGS)
    possible = [entry for entry in tree.entries if entry.suffix.casefold() in fitting]
    for entry in sorted(possible, key=lambda entry: entry.suffix.casefold() not in PYTHON_ENDINGS)[
        : limits.looked_into
    ]:
        defined = 0 if entry.link else defined_functions(read_text(entry), assignment)
        rank = _rank(entry, defined, assignment)
        if rank is not None:
            found.append(Candidate(entry=entry, rank=rank, defined=defined))
    return sorted(found, key=lambda candidate: candidate.order)


def _rank(entry: Entry, defined: int, assignment: Assignment) -> Rank | None:
    if is_out_of_place(entry.name):
        return Rank.OUT_OF_PLACE if defined else None
    if entry.suffix.casefold() in PYTHON_ENDINGS:
        return Rank.DEFINES if defined else Rank.ONLY
    return Rank.WRONG_ENDING if defined else None


def _assumed(chosen: Candidate, found: Sequence[Candidate], assignment: Assignment) -> tuple[Notice, ...]:
    name = one_line(chosen.entry.path)
    others = [f"`{one_line(other.entry.path)}`" for other in found if other is not chosen and other.rank <= Rank.ALIKE]
    notices = []
    if chosen.rank is not Rank.EXACT:
        why = {
            Rank.ALIKE: "its name is the nearest",
            Rank.DEFINES: "it defines the assignment's functions",
            Rank.ONLY: "it is the only Python file",
            Rank.WRONG_ENDING: "it holds the assignment's functions",
            Rank.OUT_OF_PLACE: "it alone holds the assignment's functions",
        }[chosen.rank]
        notices.append(Notice(text=f"`{name}` was taken for `{assignment.module}.py`: {why}", where=name))
    if others:
        notices.append(Notice(text=f"{', '.join(others[:3])} was not graded; `{name}` was", where=name))
    return tuple(notices)


def _nothing(tree: FileTree, assignment: Assignment, where: str) -> SubmissionRejected:
    fix = f"hand in `{assignment.module}.py` or `{assignment.module}.ipynb`"
    if not tree.entries:
        return SubmissionRejected("there is nothing in it", where=where, fix=fix)
    packed = [entry for entry in tree.entries if entry.suffix.casefold() in _ARCHIVES]
    if packed:
        inner = one_line(packed[0].path)
        what = f"it holds no Python file, but another archive: `{inner}`"
        return SubmissionRejected(what, where=where, fix=f"unpack `{inner}` first; {fix}")
    return SubmissionRejected("it holds no Python file and no notebook that could be graded", where=where, fix=fix)


def _equal(equal: Sequence[Candidate], assignment: Assignment, where: str) -> SubmissionRejected:
    names = [one_line(candidate.entry.path) for candidate in equal]
    shown = ", ".join(f"`{name}`" for name in names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
    return SubmissionRejected(
        f"{len(names)} files could be the one to grade: {shown}",
        where=where,
        fix=f"name the one that counts (`grade {assignment.id} {names[0]}`), or hand in only that one",
    )
