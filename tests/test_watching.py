"""Files that are saved in every way become reports: real files, real events, a grader that only reads them."""

import contextlib
import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from grader.errors import UsageError
from grader.records import Report
from grader.watching import Regrade, Watched, watch
from tests.builders import make_report, make_result

WITHIN_S = 20.0


class Watcher:
    """Watch mode in a thread; a file's text is its score, "rejected" is rejected."""

    def __init__(self, target: Path, *, slow: threading.Event | None = None) -> None:
        self.watched = Watched(target, "doubling")
        self.shown: list[Regrade] = []
        self.begun = 0
        self._slow = slow
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        self.wait(1)

    def wait(self, count: int) -> Regrade:
        """Wait for so many reports, and a little for one too many."""
        self.wait_until(lambda: len(self.shown) >= count)
        return self.shown[count - 1]

    def wait_until(self, is_true: Callable[[], bool]) -> None:
        until = time.monotonic() + WITHIN_S
        while not is_true():
            assert time.monotonic() < until, f"{len(self.shown)} reports"
            time.sleep(0.005)

    def settles_at(self, count: int) -> bool:
        """Whether no report comes after so many."""
        time.sleep(1.3)  # longer than the time between two looks
        return len(self.shown) == count

    def end(self) -> None:
        self._stop.set()
        with contextlib.suppress(OSError):
            os.utime(self.watched.target)  # wakes it
        self._thread.join(WITHIN_S)
        assert not self._thread.is_alive()

    def _run(self) -> None:
        def idle() -> None:
            if self._stop.is_set():
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            watch(self.watched, self._grade, self.shown.append, idle=idle)

    def _grade(self, check: Callable[[], None]) -> Report:
        self.begun += 1
        target = self.watched.target
        if target.is_dir():
            target = target / "doubling.py"
        if not target.exists():
            raise UsageError("there is nothing")
        text = target.read_text(encoding="utf-8")
        if text == "slow" and self._slow is not None:
            while not self._slow.is_set():
                check()
                time.sleep(0.005)
        check()
        if not text.isdigit():
            return make_report(rejected="syntax error", score=None, results=())
        return make_report(score=float(text), results=[make_result(score=float(text))])


@pytest.fixture
def target(tmp_path: Path) -> Path:
    path = tmp_path / "doubling.py"
    path.write_text("0", encoding="utf-8")
    return path


@pytest.fixture
def watcher(target: Path) -> Iterator[Watcher]:
    watcher = Watcher(target)
    yield watcher
    watcher.end()


def put(path: Path, text: str) -> None:
    """Save as careful editors do: a file is never half there."""
    fresh = path.with_suffix(".tmp")
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(path)


def score(regrade: Regrade) -> float | None:
    return regrade.report.score if regrade.report is not None else None


class TestSaves:
    def test_a_save_is_graded_and_compared(self, watcher: Watcher, target: Path) -> None:
        target.write_text("4", encoding="utf-8")

        regrade = watcher.wait(2)

        assert (score(regrade), [change.mark for change in regrade.changes]) == (4.0, ["+4"])

    def test_a_file_that_is_saved_twice_is_graded_once(self, watcher: Watcher, target: Path) -> None:
        """Editors do."""
        for _ in range(3):
            target.write_text("4", encoding="utf-8")
            time.sleep(0.03)

        assert score(watcher.wait(2)) == 4.0
        assert watcher.settles_at(2)

    def test_a_save_without_a_change_is_no_news(self, watcher: Watcher, target: Path) -> None:
        target.write_text("0", encoding="utf-8")
        os.utime(target)

        assert watcher.settles_at(1)

    def test_a_file_that_is_renamed_over_is_followed(self, watcher: Watcher, target: Path) -> None:
        """An atomic save: the file is another one each time."""
        for count, text in enumerate(("1", "2", "3"), start=2):
            put(target, text)

            assert score(watcher.wait(count)) == float(text)

    def test_an_editor_that_deletes_and_writes_again_is_waited_for(self, watcher: Watcher, target: Path) -> None:
        target.unlink()
        time.sleep(0.1)
        target.write_text("4", encoding="utf-8")

        assert score(watcher.wait(2)) == 4.0

    def test_a_file_that_is_emptied_first_is_waited_for(self, watcher: Watcher, target: Path) -> None:
        """Truncated and then written is how most programs save."""
        with target.open("w", encoding="utf-8") as file:
            time.sleep(0.1)
            file.write("4")

        assert score(watcher.wait(2)) == 4.0

    def test_a_half_written_file_is_followed_to_its_end(self, watcher: Watcher, target: Path) -> None:
        """What it looked like on the way does not count as a change."""
        with target.open("w", encoding="utf-8") as file:
            file.write("half")
            file.flush()
            watcher.wait_until(lambda: len(watcher.shown) > 1)
            file.seek(0)
            file.truncate()
            file.write("4")

        watcher.wait_until(lambda: score(watcher.shown[-1]) == 4.0)
        assert [change.mark for change in watcher.shown[-1].changes] == ["+4"]

    def test_a_file_that_vanishes_and_comes_back_is_waited_for(self, watcher: Watcher, target: Path) -> None:
        target.unlink()
        assert watcher.wait(2).report is None

        target.write_text("4", encoding="utf-8")
        assert score(watcher.wait(3)) == 4.0

    def test_a_folder_that_is_replaced_is_followed(self, watcher: Watcher, target: Path) -> None:
        """As a checkout or an unpacked archive does; no event tells it."""
        folder = target.parent
        folder.rename(folder.with_name("old"))
        folder.mkdir()
        target.write_text("4", encoding="utf-8")
        watcher.wait_until(lambda: score(watcher.shown[-1]) == 4.0)

        target.write_text("3", encoding="utf-8")

        watcher.wait_until(lambda: score(watcher.shown[-1]) == 3.0)

    def test_a_mended_typing_error_has_changed_nothing(self, watcher: Watcher, target: Path) -> None:
        target.write_text("oops", encoding="utf-8")
        assert watcher.wait(2).changes == ()

        target.write_text("0 ".strip(), encoding="utf-8")

        assert (score(watcher.wait(3)), watcher.shown[2].changes) == (0.0, ())

    def test_a_newer_save_ends_the_grading_of_the_older(self, target: Path) -> None:
        """Nobody waits for the report on what is no longer there."""
        watcher = Watcher(target, slow=threading.Event())
        try:
            target.write_text("slow", encoding="utf-8")
            watcher.wait_until(lambda: watcher.begun == 2)
            target.write_text("4", encoding="utf-8")

            assert score(watcher.wait(2)) == 4.0
        finally:
            watcher.end()

    def test_a_neighbour_that_can_be_imported_counts(self, watcher: Watcher, target: Path) -> None:
        put(target.parent / "helper.py", "x = 1")

        assert watcher.wait(2).changes == ()

    def test_other_files_do_not(self, watcher: Watcher, target: Path) -> None:
        for name in ("notes.txt", "doubling.ipynb", "test_public.py", ".doubling.py.swp", "doubling.py~"):
            (target.parent / name).write_text("x", encoding="utf-8")

        assert watcher.settles_at(1)

    def test_a_link_is_followed_to_where_the_file_is(self, tmp_path: Path, target: Path) -> None:
        link = tmp_path / "desk" / "doubling.py"
        link.parent.mkdir()
        link.symlink_to(target)
        watcher = Watcher(link)
        try:
            target.write_text("4", encoding="utf-8")

            assert score(watcher.wait(2)) == 4.0
        finally:
            watcher.end()

    def test_a_folder_is_watched_below(self, target: Path) -> None:
        """But not where programs keep theirs."""
        watcher = Watcher(target.parent)
        try:
            for name in ("__pycache__", ".ipynb_checkpoints", "venv"):
                (target.parent / name).mkdir()
                (target.parent / name / "doubling.py").write_text("9", encoding="utf-8")
            (target.parent / "deeper").mkdir()
            put(target.parent / "deeper" / "helper.py", "x")

            watcher.wait(2)
            assert watcher.settles_at(2)
        finally:
            watcher.end()


def test_a_path_that_never_was_is_told(tmp_path: Path) -> None:
    """A typing error is not waited for."""

    def grade(_: Callable[[], None]) -> Report:
        raise UsageError("there is no such file")

    with pytest.raises(UsageError, match="no such file"):
        watch(Watched(tmp_path / "dubling.py", "doubling"), grade, lambda regrade: None)


def test_a_save_during_the_last_test_is_graded_too(target: Path) -> None:
    """The report on the older content is shown, and the newer one is graded next."""
    shown: list[Regrade] = []

    def grade(_: Callable[[], None]) -> Report:
        value = float(target.read_text(encoding="utf-8"))
        target.write_text("4", encoding="utf-8")
        return make_report(score=value, results=[make_result(score=value)])

    def show(regrade: Regrade) -> None:
        shown.append(regrade)
        if len(shown) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        watch(Watched(target, "doubling"), grade, show)
    assert [score(regrade) for regrade in shown] == [0.0, 4.0]


def test_where_no_event_comes_the_contents_are_looked_at(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that has no watches left, a network folder."""

    def refuse(*_: object, **__: object) -> Iterator[object]:
        raise OSError("OS file watch limit reached")

    monkeypatch.setattr("watchfiles.watch", refuse)
    watcher = Watcher(target)
    try:
        target.write_text("4", encoding="utf-8")

        assert score(watcher.wait(2)) == 4.0
    finally:
        watcher.end()
