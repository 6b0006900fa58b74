"""A real browser on a real server over a lake with known contents."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

from brand_lake import fill_brand_lake

PASSWORD = "our own long password"
ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+/")
ONE_TIME = re.compile(r"Password\s+(\S+)")
START_S = 180
LONGEST_MS = 60_000
"""How long anything on a page may take: long, since tests share the machine and kernels are compiled on first use."""
expect.set_options(timeout=LONGEST_MS)
CHROMIUM_ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-dev-shm-usage",
]


@dataclass
class Console:
    """A running console, and ways into it."""

    address: str
    browser: Browser
    faults: list[str] = field(default_factory=list)

    def open(self, **options: object) -> BrowserContext:
        """Return a fresh browser context whose complaints are collected in ``faults``."""
        context = self.browser.new_context(base_url=self.address, **{"locale": "en-US", **options})
        context.set_default_timeout(LONGEST_MS)
        context.on("console", self._hear)
        context.on("weberror", lambda error: self.faults.append(str(error.error)))
        return context

    def sign_in(self, name: str = "admin", password: str = PASSWORD, **options: object) -> Page:
        """Return a page of a signed-in browser."""
        page = self.open(**options).new_page()
        page.goto("/account/login/")
        page.fill("#id_login", name)
        page.fill("#id_password", password)
        page.click("form.stack button.main")
        page.wait_for_load_state()
        return page

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.faults.append(f"{message.text} ({message.location.get('url')})")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium of this machine."""
    path = shutil.which("chromium") or shutil.which("google-chrome") or shutil.which("chromium-browser")
    if path is None:
        pytest.fail("no Chromium on PATH; on Debian: apt-get install chromium")
    with sync_playwright() as play:
        found = play.chromium.launch(executable_path=path, args=CHROMIUM_ARGS)
        yield found
        found.close()


@pytest.fixture(scope="module")
def fill_lake() -> Callable[[Path], object]:
    """What fills the lake that the console shows; a module may override it with its own."""
    return fill_brand_lake


@pytest.fixture(scope="module")
def server_settings() -> dict[str, str]:
    """Settings of the server beyond the usual; a module may override them with its own."""
    return {}


@pytest.fixture(scope="module")
def console(
    browser: Browser,
    fill_lake: Callable[[Path], object],
    server_settings: dict[str, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Console]:
    """A console on the lake of ``fill_lake``; the administrator has chosen a password of their own."""
    folder = tmp_path_factory.mktemp("e2e")
    fill_lake(folder / "brand.lake")
    log = folder / "serve.log"
    command = [str(Path(sys.executable).parent / "canyu"), "serve", "--lake", str(folder / "brand.lake"), "--port", "0"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("CANYU_", "DJANGO_"))}
    with log.open("wb") as stream:
        server = subprocess.Popen(
            command,
            stdout=stream,
            stderr=subprocess.STDOUT,
            env=environment | {"CANYU_WEB_WORKERS": "1"} | server_settings,
        )
    try:
        address, password = _wait_for_start(server, log)
        opened = Console(address, browser)
        _choose_password(opened, password)
        opened.faults.clear()
        yield opened
    finally:
        server.send_signal(signal.SIGINT)
        assert server.wait(timeout=60) == 0, log.read_text()
    assert "Traceback" not in log.read_text()


@pytest.fixture
def calm(console: Console) -> Iterator[Callable[[], list[str]]]:
    """No complaint of the browser (policy, script, missing file) during the test."""
    console.faults.clear()
    yield lambda: console.faults
    assert console.faults == []


def _wait_for_start(server: subprocess.Popen[bytes], log: Path) -> tuple[str, str]:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and server.poll() is None:
        text = log.read_text()
        address, password = ADDRESS.search(text), ONE_TIME.search(text)
        if address and password:
            return address.group(), password.group(1)
        time.sleep(0.1)
    pytest.fail(f"the console did not start:\n{log.read_text()}")


def _choose_password(console: Console, one_time: str) -> None:
    page = console.sign_in(password=one_time)
    assert page.url.endswith("/account/password/")
    for field_id, value in (("#id_oldpassword", one_time), ("#id_password1", PASSWORD), ("#id_password2", PASSWORD)):
        page.fill(field_id, value)
    page.click("form.stack button.main")
    page.wait_for_url("**/pulse/")
    page.context.close()
