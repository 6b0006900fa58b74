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
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect

from brand_lake import fill_brand_lake
from browsing import Look, set_look
from chromium import run_chromium
from waiting import LONGEST_S

TESTS = Path(__file__).resolve().parents[1]
PASSWORD = "our own long password"
ADDRESS = re.compile(r"(http://127\.0\.0\.1:\d+/)")
ONE_TIME = re.compile(r"Password\s+(\S+)")
LONGEST_MS = 1000 * LONGEST_S
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


@dataclass(frozen=True)
class Server:
    """A running ``canyu serve`` and what it says."""

    process: subprocess.Popen[bytes]
    log: Path

    def wait_for(self, pattern: re.Pattern[str]) -> str:
        """Return what the pattern's group finds in what the server says."""
        deadline = time.monotonic() + LONGEST_S
        while time.monotonic() < deadline and self.process.poll() is None:
            if found := pattern.search(self.log.read_text()):
                return found[1]
            time.sleep(0.1)
        pytest.fail(f"the console did not start:\n{self.log.read_text()}")


@dataclass(frozen=True)
class KnownState:
    """A console's database and key, in which the administrator has signed in, and the cookies of that session."""

    folder: Path
    cookies: list[dict[str, Any]]


@dataclass
class Console:
    """A running console, and ways into it."""

    address: str
    browser: Browser
    cookies: list[dict[str, Any]]
    lake: Path
    faults: list[str] = field(default_factory=list)

    def open(self, **options: object) -> BrowserContext:
        """Return a fresh browser context whose complaints are collected in ``faults``."""
        context = self.browser.new_context(base_url=self.address, **{"locale": "en-US", **options})
        context.set_default_timeout(LONGEST_MS)
        context.on("console", self._hear)
        context.on("weberror", lambda error: self.faults.append(str(error.error)))
        return context

    def sign_in(self, look: Look | None = None, **options: object) -> Page:
        """Return a page of a browser in which the administrator has signed in before; it shows the first page."""
        context = self.open(**(look.screen if look else {}), **options)
        context.add_cookies(self.cookies)
        page = context.new_page()
        page.goto("/pulse/")
        if look:
            set_look(page, look.language, look.theme)
        return page

    def sign_in_by_form(self, name: str = "admin", password: str = PASSWORD, **options: object) -> Page:
        """Return a page of a browser in which somebody has just signed in."""
        page = self.open(**options).new_page()
        page.goto("/account/login/")
        page.fill("#id_login", name)
        page.fill("#id_password", password)
        page.click("form.stack button.main")
        page.wait_for_load_state()
        return page

    def prepare(self, program: str) -> str:
        """Run a program beside the console, with the tests' fixtures at hand; return what it printed."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("CANYU_", "DJANGO_"))}
        own = {"CANYU_LAKE": str(self.lake), "DJANGO_SETTINGS_MODULE": "canyu.ops.settings"}
        own["PYTHONPATH"] = os.pathsep.join([str(TESTS), *sys.path])
        command = [sys.executable, "-c", f"import django; django.setup()\n{program}"]
        done = subprocess.run(command, env=kept | own, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.faults.append(f"{message.text} ({message.location.get('url')})")


@contextmanager
def run_server(lake: Path, log: Path, settings: dict[str, str] | None = None) -> Iterator[Server]:
    """Run a console on the lake with these settings beyond the usual; at the end it stops clean, and met no failure."""
    command = [str(Path(sys.executable).parent / "canyu"), "serve", "--lake", str(lake), "--port", "0"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("CANYU_", "DJANGO_"))}
    with log.open("wb") as stream:
        process = subprocess.Popen(
            command,
            stdout=stream,
            stderr=subprocess.STDOUT,
            env=environment | {"CANYU_WEB_WORKERS": "1"} | (settings or {}),
        )
    try:
        yield Server(process, log)
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=LONGEST_S) == 0, log.read_text()
    assert "Traceback" not in log.read_text()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium of this machine."""
    with run_chromium(CHROMIUM_ARGS) as found:
        yield found


@pytest.fixture(scope="module")
def fill_lake() -> Callable[[Path], object]:
    """What fills the lake that the console shows; a module may override it with its own."""
    return fill_brand_lake


@pytest.fixture(scope="session")
def known_state(tmp_path_factory: pytest.TempPathFactory) -> KnownState:
    """The state that every console of these tests begins with, made once by a console of its own."""
    folder = tmp_path_factory.mktemp("known-state") / "console"
    with run_server(folder, folder.with_suffix(".log")) as server:
        cookies = _choose_password(server.wait_for(ADDRESS), server.wait_for(ONE_TIME))
    return KnownState(folder, cookies)


@pytest.fixture(scope="module")
def server_settings() -> dict[str, str]:
    """Settings of the server beyond the usual; a module may override them with its own."""
    return {}


@pytest.fixture(scope="module")
def console(
    browser: Browser,
    fill_lake: Callable[[Path], object],
    known_state: KnownState,
    server_settings: dict[str, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Console]:
    """A console on the lake of ``fill_lake``; the administrator has chosen a password of their own."""
    folder = tmp_path_factory.mktemp("e2e")
    lake = folder / "brand.lake"
    shutil.copytree(known_state.folder, lake)
    fill_lake(lake)
    with run_server(lake, folder / "serve.log", server_settings) as server:
        yield Console(server.wait_for(ADDRESS), browser, known_state.cookies, lake)


@pytest.fixture(autouse=True)
def close_pages(browser: Browser) -> Iterator[None]:
    """Close what a test opened: a page left open goes on taking memory and time."""
    before = list(browser.contexts)
    yield
    for context in [one for one in browser.contexts if one not in before]:
        context.close()


@pytest.fixture
def calm(console: Console) -> Iterator[Callable[[], list[str]]]:
    """No complaint of the browser (policy, script, missing file) during the test."""
    console.faults.clear()
    yield lambda: console.faults
    assert console.faults == []


def _choose_password(address: str, one_time: str) -> list[dict[str, Any]]:
    """Come in as the first person does; return what the browser keeps of it."""
    with httpx.Client(base_url=address, follow_redirects=True, timeout=LONGEST_MS / 1000) as person:
        opened = _send(person, "/account/login/", login="admin", password=one_time)
        assert opened.url.path == "/account/password/", opened.text
        changed = _send(person, "/account/password/", oldpassword=one_time, password1=PASSWORD, password2=PASSWORD)
        assert changed.url.path == "/pulse/", changed.text
        kept = {cookie.name: cookie.value for cookie in person.cookies.jar}
    return [{"name": name, "value": kept[name], "domain": "127.0.0.1", "path": "/"} for name in sorted(kept)]


def _send(person: httpx.Client, address: str, **fields: str) -> httpx.Response:
    person.get(address).raise_for_status()
    token = person.cookies["csrftoken"]
    return person.post(address, data={**fields, "csrfmiddlewaretoken": token}).raise_for_status()
