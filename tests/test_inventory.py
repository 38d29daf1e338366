"""What a batch found is in its journal, whatever the names are."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from grader.cohort import Deliveries, Delivery, Rejected
from grader.inventory import FILE, Inventory, Seen, read_inventory, reading_fingerprint, write_inventory
from tests.builders import make_assignment

HOSTILE = Delivery(
    student="\udcff\u202e ../x",
    path=Path("in/\udcff"),
    name="\uae40",
    attempt=2,
    submitted_at=datetime(2026, 12, 1, tzinfo=UTC),
    late=True,
    group=("a", "b"),
)


def test_it_comes_back_as_it_was(tmp_path: Path) -> None:
    """Lone surrogates included, which no JSON has."""
    found = Deliveries(platform="canvas", found=(HOSTILE,), rejected=(Rejected(where="\udcff", reason="odd"),))
    inventory = Inventory(assignment="hw1", title="Convolution", points=100.0, reading="r", level="full")
    inventory.sources["/in\udcff"] = found
    inventory.seen["2 x"] = Seen(print="p", digest="d")

    write_inventory(tmp_path, inventory)

    assert read_inventory(tmp_path) == inventory
    assert (tmp_path / FILE).stat().st_mode & 0o077 == 0
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


def test_two_folders_are_kept_apart_and_a_delivery_counts_once() -> None:
    """The newest word on each."""
    newer = replace(HOSTILE, path=Path("later"))
    inventory = Inventory(assignment="hw1", title="", points=0.0)
    inventory.sources = {
        "a": Deliveries(platform="folders", found=(HOSTILE,), rejected=(Rejected(where="x", reason="y"),)),
        "b": Deliveries(platform="folders", found=(newer,), rejected=(Rejected(where="x", reason="y"),)),
    }

    assert inventory.found == (newer,)
    assert inventory.rejected == (Rejected(where="x", reason="y"),)


def test_one_that_is_cut_off_is_none(tmp_path: Path) -> None:
    """Nothing is lost: what was read is read again."""
    write_inventory(tmp_path, Inventory(assignment="hw1", title="", points=0.0))
    (tmp_path / FILE).write_bytes((tmp_path / FILE).read_bytes()[:-4])

    assert read_inventory(tmp_path) is None
    assert read_inventory(tmp_path / "nowhere") is None


def test_other_functions_are_another_reading() -> None:
    """A file is searched for the assignment's functions, so its reading depends on them."""
    first = make_assignment()

    assert reading_fingerprint(first) == reading_fingerprint(make_assignment())
    assert reading_fingerprint(first) != reading_fingerprint(make_assignment(questions={"conv2d": 100.0}))
