"""Fixtures that open a file in a real browser; a page that complains or asks for anything else fails its test.

In: nothing. Out: `read`, a function from a file to a Reading.
CI installs Chromium before it tests; where a machine has none, these tests say so and are skipped.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.browsing import WIDE, Reading, Scheme, browser, chromium, reading

Read = Callable[..., Reading]


@pytest.fixture(scope="session")
def running() -> Iterator[Browser]:
    """One browser for all tests."""
    if chromium() is None:
        pytest.skip("no Chromium here: apt-get install chromium")
    with browser() as started:
        yield started


@pytest.fixture
def read(running: Browser) -> Iterator[Read]:
    """What opens a file: `read(path, width=320, scheme="dark")`."""
    opened: list[Reading] = []
    with ExitStack() as stack:

        def open_file(file: Path, *, width: int = WIDE, scheme: Scheme = "light") -> Reading:
            opened.append(stack.enter_context(reading(running, file, width=width, scheme=scheme)))
            return opened[-1]

        yield open_file
        for each in opened:
            assert not each.complaints
            assert not each.requests, "the page asks for more than its own file"
