"""Owns where everything stands in a journal's file: places, not contents, so that ten thousand submissions fit.

In: the lines of the file, in its order, and those that are added. Out: the places of a submission's results and of a
delivery's reports, and which jobs were begun and have no report.
"""

from array import array
from collections.abc import Iterator, Sequence

from grader.cohort import Delivery
from grader.errors import UsageError
from grader.journal_file import LineFile
from grader.journal_lines import Line, encode_line
from grader.journal_records import HEADER, START, Header, StartRecord
from grader.text import one_line

FORMAT = "cnn-autograde/journal/v1"

Place = tuple[int, int]  # offset, bytes


class Index:
    """The places of one file's lines; reads the file from its start."""

    def __init__(self, lines: LineFile) -> None:
        self.header: Header | None = None
        self.begun: dict[str, StartRecord] = {}  # by delivery
        self._lines = lines
        self._tests: dict[str, array[int]] = {}  # by submission and seed: offset, bytes, offset, bytes
        self._reports: dict[str, array[int]] = {}  # by delivery: the same, from the first report to the last
        for line, offset, length in lines.scan():
            self._take(line, (offset, length))

    def require(self, assignment: str | None) -> None:
        """Refuse a file that is another assignment's, or another version's.

        Raises:
            UsageError: it is.
        """
        if self.header is None:
            return
        if self.header.format != FORMAT:
            raise UsageError(
                f"the journal says `{one_line(self.header.format)}`, this version of `grade` reads `{FORMAT}`",
                where=str(self._lines.path),
                fix="use the version that wrote it, or name another folder",
            )
        if assignment not in (None, self.header.assignment):
            raise UsageError(
                f"this is the journal of {one_line(self.header.assignment)}, not of {assignment}",
                where=str(self._lines.path),
                fix="give each assignment a folder of its own",
            )

    def head(self, assignment: str) -> None:
        """Begin an empty file with its first line, and have it on the disk."""
        if self.header is None and not self._tests and not self._reports:
            header = Header(format=FORMAT, assignment=assignment)
            self._lines.append(encode_line("journal", assignment, header))
            self._lines.sync()
            self._lines.sync_folder()
        self.header = self.header or Header(format=FORMAT, assignment=assignment)

    def add_test(self, subject: str, line: bytes) -> Place:
        """Append a result's line and remember where it stands."""
        return self._add(self._tests, subject, line)

    def add_report(self, subject: str, line: bytes) -> Place:
        """Append a report's line and remember where it stands."""
        return self._add(self._reports, subject, line)

    def tests(self, subject: str) -> Iterator[Place]:
        """The places of a submission's results, from the first to the last."""
        return pairs(self._tests.get(subject, ()))

    def report(self, subject: str, index: int) -> Place | None:
        """The place of a delivery's report, -1 the latest; None where there is none."""
        places = self._reports.get(subject, ())
        return (places[2 * index], places[2 * index + 1]) if len(places) >= -2 * index else None

    def latest_reports(self) -> Iterator[Place]:
        """The place of every delivery's latest report, in the order of their first ones."""
        return ((places[-2], places[-1]) for places in list(self._reports.values()))

    def _take(self, line: Line, place: Place) -> None:
        if line.kind == "test":
            _remember(self._tests, line.subject, place)
        elif line.kind == "report":
            _remember(self._reports, line.subject, place)
            self.begun.pop(line.subject, None)
        elif line.kind == "start" and (start := line.value(START)) is not None:
            self.begun[line.subject] = start  # attempt 0: it ended and had nothing new to say
        elif line.kind == "journal" and self.header is None:
            self.header = line.value(HEADER)

    def _add(self, index: dict[str, "array[int]"], subject: str, line: bytes) -> Place:
        place = (self._lines.append(line), len(line))
        _remember(index, subject, place)
        return place


def of_delivery(delivery: Delivery) -> str:
    """The subject of a delivery's lines."""
    return f"{delivery.attempt} {delivery.student}"


def of_submission(digest: str, seed: int) -> str:
    """The subject of a submission's results. Hundreds hand in the same stub: with the seed each has its own list."""
    return f"{digest} {seed:x}"


def pairs(numbers: Sequence[int]) -> Iterator[Place]:
    """Offset, bytes, offset, bytes as places."""
    each = iter(numbers)
    return zip(each, each, strict=True)


def _remember(index: dict[str, "array[int]"], subject: str, place: Place) -> None:
    places = index.get(subject)
    if places is None:
        places = index[subject] = array("Q")
    places.extend(place)
