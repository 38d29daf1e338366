"""Finds a roster's student among those that a platform lists: pure.

In: enrolled students, and what a platform knows about its users. Out: the platform's ids by roster id.
The rule: a key that fits two users finds nobody, and no weaker key is asked then. The sure keys come first: id, login,
e-mail, name.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from grader.cohort import Enrolled
from grader.push.postings import same_name


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A user of a platform."""

    user: str  # the platform's own id
    ids: tuple[str, ...] = ()  # of the institution: SIS id, login
    email: str = ""
    names: tuple[str, ...] = ()


def match(students: Iterable[Enrolled], people: Sequence[Person]) -> Mapping[str, str]:
    """Give the platform's id of every student who is found: by the first key that fits anybody, if it fits only one."""
    by_id = _table((key, each.user) for each in people for key in each.ids)
    by_email = _table((each.email, each.user) for each in people)
    by_name = _table((name, each.user) for each in people for name in each.names)
    found = {}
    for student in students:
        keys = (
            (by_id, student.id),
            (by_id, student.login),
            (by_id, student.email),  # where people log in with it
            (by_email, student.email),
            (by_name, student.name),
        )
        fits = (table.get(same_name(key), set()) for table, key in keys)
        users = next((each for each in fits if each), set())
        if len(users) == 1:
            found[student.id] = next(iter(users))
    return found


def _table(pairs: Iterable[tuple[str, str]]) -> Mapping[str, set[str]]:
    table: dict[str, set[str]] = {}
    for key, user in pairs:
        if same_name(key):
            table.setdefault(same_name(key), set()).add(user)
    return table
