"""What the pages of a class cost on this machine, beside an import and an empty page in the same run.

    python tests/benchmarks/bench_report.py [CLASS]

CLASS students of hw1 (1000), 20 tests each, a picture of every visible test that failed. The baseline of making the
pages is a Python process that imports what draws them; that of opening one is an empty page. Nothing here asserts.
"""

import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from playwright.sync_api import Browser  # noqa: E402 - the path comes first

from tests.browser.browsing import WIDE, browser, chromium  # noqa: E402
from tests.graded_classes import write_journal  # noqa: E402

REPEATS = 5
IMPORTS = "import jinja2, matplotlib.figure, matplotlib.backends.backend_svg"


def main() -> None:
    """Measure, and print one table in Markdown."""
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    scratch = Path(tempfile.mkdtemp())
    try:
        rows = [*making(scratch, size), *opening(scratch)]
    finally:
        shutil.rmtree(scratch)
    load = f"load {os.getloadavg()[0]:.1f} at the end"
    print(f"{platform.machine()}, {os.cpu_count()} cores, {load}, Python {platform.python_version()}\n")
    print("| what | figure |\n|---|---|")
    for what, figure in rows:
        print(f"| {what} | {figure} |")


def making(scratch: Path, size: int) -> list[tuple[str, str]]:
    """The command from a cold shell, with names and without, and the baseline before and after."""
    write_journal(scratch / "journal", [f"s{number:05}" for number in range(size)])
    before = imports()
    named, nameless = (report(scratch, out, *option) for out, option in (("out", ()), ("anonymous", ["--anonymous"])))
    base = (before + imports()) / 2
    pages = list((scratch / "out").rglob("*.html"))
    total = sum(path.stat().st_size for path in pages)
    return [
        (
            f"`grade report` of {size} students, from a cold shell",
            f"{named:.1f} s, {1000 * named / size:.1f} ms a student",
        ),
        ("- the same with `--anonymous`", f"{nameless:.1f} s"),
        (
            "- its files",
            f"{len(pages)}, {total / 2**20:.0f} MB; the class {index(scratch).stat().st_size / 1024:.0f} kB",
        ),
        ("a process that imports jinja2 and matplotlib", f"{base:.2f} s"),
        ("ratio", f"{named / base:.1f}"),
    ]


def report(scratch: Path, out: str, *options: str) -> float:
    """Seconds of the whole command."""
    command = [sys.executable, "-m", "grader", "report", str(scratch / "journal"), "--out", str(scratch / out)]
    return seconds([*command, *options])


def imports() -> float:
    """Seconds of the baseline."""
    return statistics.median(seconds([sys.executable, "-c", IMPORTS]) for _ in range(REPEATS))


def seconds(command: Sequence[str]) -> float:
    """Seconds of a process that must succeed."""
    begin = time.perf_counter()
    subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    return time.perf_counter() - begin


def index(scratch: Path) -> Path:
    """The page of the class."""
    return scratch / "out" / "index.html"


def opening(scratch: Path) -> list[tuple[str, str]]:
    """Until the page is drawn: what a person waits for."""
    if chromium() is None:
        return [("opening a page", "no Chromium here")]
    empty = scratch / "empty.html"
    empty.write_text("<!doctype html><title>empty</title>", encoding="utf-8")
    with browser() as started:
        opened(started, empty)  # the first one starts processes
        base, whole = (
            statistics.median(opened(started, file) for _ in range(REPEATS)) for file in (empty, index(scratch))
        )
    return [
        ("the class's page in Chromium, until it is drawn", f"{whole:.2f} s"),
        ("an empty page", f"{base:.2f} s"),
        ("ratio", f"{whole / base:.1f}"),
    ]


def opened(started: Browser, file: Path) -> float:
    """Seconds until the script has run and two frames are drawn."""
    context = started.new_context(viewport={"width": WIDE, "height": 900}, offline=True)
    page = context.new_page()
    begin = time.perf_counter()
    page.goto(file.as_uri())
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    took = time.perf_counter() - begin
    context.close()
    return took


if __name__ == "__main__":
    main()
