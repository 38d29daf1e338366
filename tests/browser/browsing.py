"""A page as a reader's browser shows it: a real Chromium, without a network, that tells what it was asked for.

In: a file. Out: a Reading with Playwright's page, what the console said, what was requested, what axe-core finds.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

#: Screenshots of the last run; git ignores the folder.
ARTEFACTS = Path(__file__).parents[2] / "build" / "screenshots"
WIDE, NARROW = 1280, 320  # pixels; the second is the first at 400 %

Scheme = Literal["light", "dark"]


def chromium() -> str | None:
    """Debian's `chromium`, or what stands for it elsewhere."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return next((found for name in names if (found := shutil.which(name))), None)


@dataclass(slots=True)
class Reading:
    """One page, opened."""

    page: Page
    file: Path
    complaints: list[str] = field(default_factory=list)  # of the console, errors of scripts among them
    requests: list[str] = field(default_factory=list)  # addresses beyond the file's own; data: is part of it

    def violations(self) -> list[str]:
        """What axe-core calls serious or critical, and landmarks of one name, a line each."""
        found: list[dict[str, Any]] = Axe().run(self.page).response["violations"]
        return [
            f"{each['id']}: {each['help']}: {node['target']} {node['html'][:200]}"
            for each in found
            if each["impact"] in ("serious", "critical") or each["id"] == "landmark-unique"
            for node in each["nodes"]
        ]

    def overflow(self) -> int:
        """Pixels by which the page is wider than its window."""
        told = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert isinstance(told, int)
        return told

    def keep(self, name: str) -> Path:
        """Write a screenshot of the whole page."""
        ARTEFACTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=ARTEFACTS / f"{name}.png", full_page=True)
        return ARTEFACTS / f"{name}.png"


@contextmanager
def browser() -> Iterator[Browser]:
    """Start a browser; `chromium()` must have found one."""
    flags = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]  # root has no sandbox of Chromium's
    with sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=chromium(), args=flags)
        try:
            yield started
        finally:
            started.close()


@contextmanager
def reading(started: Browser, file: Path, *, width: int, scheme: Scheme) -> Iterator[Reading]:
    """Open a file from the disk, in a profile of its own and without a network."""
    context = started.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, offline=True, reduced_motion="reduce"
    )
    try:
        opened = Reading(page=context.new_page(), file=file)
        own = file.resolve().as_uri()
        opened.page.on("console", lambda said: opened.complaints.append(f"{said.type}: {said.text}"))
        opened.page.on("pageerror", lambda error: opened.complaints.append(str(error)))
        opened.page.on(
            "request",
            lambda request: None if request.url.startswith((own, "data:")) else opened.requests.append(request.url),
        )
        opened.page.goto(own)
        yield opened
    finally:
        context.close()
