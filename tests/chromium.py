"""The browser that tests drive: this machine's own Chromium."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, sync_playwright

NAMES = ("chromium-headless-shell", "chromium", "google-chrome", "chromium-browser")
"""The one without windows first: it opens and draws a page in two thirds of the time."""


@contextmanager
def run_chromium(arguments: Sequence[str]) -> Iterator[Browser]:
    """Run a browser with these arguments; the test fails where the machine has none."""
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        pytest.fail("no Chromium on PATH; on Debian: apt-get install chromium-headless-shell")
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=path, args=list(arguments))
        yield browser
        browser.close()
