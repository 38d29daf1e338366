"""Gradescope's "Download Submissions": a folder for each submission, and `submission_metadata.yml` that says whose.

In: the folder's entries. Out: a Delivery for each student of each submission, with the time of hand-in.
The rule: the metadata is a mapping of `submission_<id>` to `:submitters` (`:name`, `:sid`, `:email`), `:created_at` and
`:history`, the earlier attempts with an `:id` each. An export holds the active attempt's files only, so an earlier one
is a Delivery just where its folder is there too; the number of attempts counts them all. Members of a group each get a
Delivery of the same files.

The file is read as events, never as objects: students' output in `:results` makes it hundreds of megabytes, Ruby's tags
name classes, and an alias costs nothing that way, however often it is repeated.
"""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

import yaml

from grader.cohort import Delivery, Rejected
from grader.errors import UsageError
from grader.platforms.places import CohortLimits, Found, Sorted, unusable
from grader.platforms.times import parse_time
from grader.text import one_line

METADATA = "submission_metadata.yml"
_NAMES = (METADATA, "submission_metadata.yaml")
_LONGEST = 1_000  # characters of a value that anybody reads
_MOST_ANCHORS = 100_000
_MOST_ITEMS = 1_000  # submitters of one submission, attempts of one submission


@dataclass(frozen=True, slots=True)
class _Submitter:
    name: str = ""
    sid: str = ""
    email: str = ""

    @property
    def id(self) -> str:
        return self.sid or self.email or self.name


@dataclass(frozen=True, slots=True)
class _Entry:
    """One submission of the metadata, or an earlier attempt."""

    id: str = ""
    created_at: datetime | None = None
    submitters: tuple[_Submitter, ...] = ()
    history: "tuple[_Entry, ...]" = ()


def metadata_of(top: Sequence[Found]) -> Found | None:
    """The file that makes a folder a Gradescope export."""
    return next((entry for entry in top if entry.name in _NAMES and entry.kind == "file"), None)


def sort_gradescope(top: Sequence[Found], metadata: Found, limits: CohortLimits) -> Sorted:
    """Find the folder of each submission of the metadata.

    Raises:
        UsageError: the metadata cannot be read, or is no such metadata.
    """
    folders = {entry.name: entry for entry in top if entry.kind == "folder"}
    found: list[Delivery] = []
    rejected: list[Rejected] = []
    for key, entry in _read(metadata.path, limits):
        earlier = sorted(entry.history, key=_moment)
        for number, attempt in enumerate([*earlier, entry], start=1):
            name = key if attempt is entry else f"submission_{attempt.id}"
            place = folders.pop(name, None)
            if place is not None and (why := unusable(place, limits)):
                rejected.append(why)
            elif place is not None:
                people = attempt.submitters or entry.submitters or (_Submitter(name=key),)
                delivery = Delivery(student="", path=place.path, attempt=number, submitted_at=attempt.created_at)
                found += _one_each(delivery, people)
            elif attempt is entry:
                rejected.append(Rejected(where=one_line(key), reason=f"{METADATA} names it, but no folder is there"))
    for item in top:
        if item.kind == "link":
            rejected.append(item.rejected("a link is not followed"))
        elif item.name in folders or (item.kind == "file" and item != metadata):
            rejected.append(item.rejected(f"{METADATA} does not say whose it is"))
    return Sorted(found=found, rejected=rejected)


def _one_each(delivery: Delivery, people: Sequence[_Submitter]) -> Iterator[Delivery]:
    group = tuple(person.id for person in people) if len(people) > 1 else ()
    for person in people:
        yield replace(delivery, student=person.id, name=person.name, email=person.email, group=group)


def _moment(entry: _Entry) -> tuple[float, str]:
    return (entry.created_at.timestamp() if entry.created_at else 0.0, entry.id)


def _read(path: Path, limits: CohortLimits) -> Iterator[tuple[str, _Entry]]:
    where = one_line(path.name)
    fix = "download the export again from Gradescope"
    try:
        with path.open("rb") as stream:
            if os.fstat(stream.fileno()).st_size > limits.metadata_bytes:
                raise UsageError(f"the file is larger than {limits.metadata_bytes} bytes", where=where, fix=fix)
            yield from _Events(_parsed(stream)).entries()
    except OSError as error:
        why = error.strerror or "unknown reason"
        raise UsageError(f"it cannot be read: {why}", where=where, fix="check the permissions") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{where}, line {mark.line + 1}" if mark else where
        raise UsageError(f"this is no readable YAML: {one_line(str(error))}", where=where, fix=fix) from error


def _parsed(stream: BinaryIO) -> Iterator[Any]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # C: ten times as fast
    events: Iterator[Any] = yaml.parse(stream, Loader=loader)
    return events


@dataclass(slots=True)
class _Events:
    """The events of one document; each method takes those of one value, whatever it is."""

    events: Iterator[Any]
    anchors: dict[str, str] = field(default_factory=dict)  # of single values: Ruby writes one text twice as an alias

    def entries(self) -> Iterator[tuple[str, _Entry]]:
        """Each submission of the document."""
        for event in self.events:
            if isinstance(event, yaml.MappingStartEvent):
                yield from self._submissions()
                return
            if isinstance(event, yaml.ScalarEvent | yaml.SequenceStartEvent):
                break
        raise UsageError(f"{METADATA} holds no submissions", fix="download the export again from Gradescope")

    def _submissions(self) -> Iterator[tuple[str, _Entry]]:
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            key = self._text(event)
            yield key, self._entry(next(self.events))

    def _entry(self, event: Any) -> _Entry:
        return self._attempt(event, {"history": lambda event: self._list(event, self._earlier)})

    def _earlier(self, event: Any) -> _Entry:
        return self._attempt(event, {})

    def _attempt(self, event: Any, more: Mapping[str, Callable[[Any], Any]]) -> _Entry:
        readers: dict[str, Callable[[Any], Any]] = {
            "id": self._text,
            "created_at": self._text,
            "submitters": lambda event: self._list(event, self._submitter),
        }
        values = self._mapping(event, {**readers, **more})
        return _Entry(
            id=values.get("id", ""),
            created_at=parse_time(values.get("created_at", "")),
            submitters=tuple(values.get("submitters", ())),
            history=tuple(values.get("history", ())),
        )

    def _submitter(self, event: Any) -> _Submitter:
        fields: dict[str, Callable[[Any], Any]] = {"name": self._text, "sid": self._text, "email": self._text}
        return _Submitter(**self._mapping(event, fields))

    def _mapping(self, event: Any, readers: Mapping[str, Callable[[Any], Any]]) -> dict[str, Any]:
        values: dict[str, Any] = {}
        if not isinstance(event, yaml.MappingStartEvent):
            self._skip(event)
            return values
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            key = self._text(event).removeprefix(":")  # a Ruby symbol
            reader: Callable[[Any], Any] = readers.get(key, self._skip)
            value = reader(next(self.events))
            if key in readers:
                values[key] = value
        return values

    def _list(self, event: Any, reader: Callable[[Any], Any]) -> list[Any]:
        values: list[Any] = []
        if not isinstance(event, yaml.SequenceStartEvent):
            self._skip(event)
            return values
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            if len(values) < _MOST_ITEMS:
                values.append(reader(event))
            else:
                self._skip(event)
        return values

    def _text(self, event: Any) -> str:
        """A single value as it is written: an id keeps its leading zeros."""
        if isinstance(event, yaml.AliasEvent):
            return self.anchors.get(str(event.anchor), "")
        if not isinstance(event, yaml.ScalarEvent):
            self._skip(event)
            return ""
        self._remember(event)
        is_null = event.implicit[0] and event.value in ("", "~", "null", "Null", "NULL")
        return "" if is_null else event.value[:_LONGEST]

    def _skip(self, event: Any) -> None:
        depth = 0
        while True:
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
            elif isinstance(event, yaml.ScalarEvent):
                self._remember(event)
            if depth == 0:
                return
            event = next(self.events)

    def _remember(self, event: Any) -> None:
        if event.anchor and len(self.anchors) < _MOST_ANCHORS:
            self.anchors[event.anchor] = event.value[:_LONGEST]
