"""Every page that shows a post or a name, over a lake of hostile ones: nothing runs, nothing breaks, all is shown."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from playwright.sync_api import Page, expect

from browsing import PHONE
from hostile_posts import (
    ALONE,
    CHECKED_AT,
    ELSEWHERE,
    FIRST_DAY,
    LAST_DAY,
    SHOWN,
    TRICKS,
    fill_hostile_lake,
    make_id,
)

pytestmark = pytest.mark.browser
DAYS = f"from={FIRST_DAY}&to={LAST_DAY}"
PAGES = {
    "pulse": f"/pulse/?{DAYS}",
    "proof": f"/pulse/proof/figure/net_sentiment/?{DAYS}",
    "posts": f"/posts/?{DAYS}",
    "posts-sought": f"/posts/?{DAYS}&{urlencode({'q': TRICKS['attribute']})}",
    "aspects": f"/aspects/?{DAYS}&brand=all",
    "storylines": f"/storylines/?{DAYS}",
    "topics": f"/topics/?{DAYS}",
    "hot-lists": f"/hot-lists/?{DAYS}&brand=xiaomi",
    "share-of-voice": f"/share-of-voice/?{DAYS}&brand=xiaomi",
    "alerts": "/alerts/",
    "replay": "/alerts/replay/?days=30",
    "copies": f"/copies/?{DAYS}",
    "coordination": f"/coordination/?{DAYS}",
    "rumours": f"/rumours/?{DAYS}&precision=0.8",
    "labels-queue": "/labels/queue/",
    "labels": "/labels/",
}
OPENED = {
    "topics": "ol.topics li a",
    "alerts": "main article a, main li a",
    "copies": "td.words a",
    "coordination": "td.words a",
    "rumours": "main mark >> xpath=ancestor::*[.//a][1]//a",
}
"""What leads on from a page to its posts; one is followed."""

LISTENER = """
window.addEventListener('securitypolicyviolation', event => {
  window.broken = (window.broken || []).concat(`${event.violatedDirective} ${event.blockedURI}`);
});
"""
FOREIGN = """() => [...document.querySelectorAll(
  'main script:not([src]):not([type="application/json"]), main iframe, main base, main meta, main animate, main object,'
  + ' [onload], [onerror], [onclick], [onfocus], [onmouseover], [onpointerenter], [onbegin], main [autofocus][onfocus],'
  + ' a[href^="javascript:" i], main img[src*="evil"], form[action*="evil"], [hx-get*="evil"]')]
  .map(node => node.outerHTML.slice(0, 200))"""


@dataclass
class Watch:
    """A page on a phone, and whatever hostile text made happen on it."""

    page: Page
    happened: list[str] = field(default_factory=list)

    def look(self, address: str) -> dict[str, Any]:
        """Open an address; return what is wrong with it, empty where nothing is."""
        answer = self.page.goto(address)
        return self.judge(answer.status if answer else 0)

    def judge(self, status: int = 200) -> dict[str, Any]:
        """Return what is wrong with the page as it is."""
        self.page.mouse.move(150, 300)
        found = {
            "status": 0 if status == 200 else status,
            "ran": self.page.evaluate("window.hit || 0"),
            "policy": self.page.evaluate("window.broken || []"),
            "elements": self.page.evaluate(FOREIGN),
            "wider": max(0, self.page.evaluate("document.documentElement.scrollWidth") - 360),
            "happened": list(self.happened),
        }
        self.happened.clear()
        return {name: value for name, value in found.items() if value}


def fill_and_check(path: Path) -> None:
    fill_hostile_lake(path)
    command = [str(Path(sys.executable).parent / "canyu"), "alerts", "check", "--now", CHECKED_AT]
    subprocess.run([*command, "--lake", str(path)], check=True, capture_output=True)


@pytest.fixture(scope="module")
def fill_lake() -> Callable[[Path], object]:
    return fill_and_check


def watch_page(page: Page) -> Watch:
    watching = Watch(page)
    page.on("dialog", lambda dialog: (watching.happened.append(f"dialog {dialog.message}"), dialog.dismiss()))
    page.on("pageerror", lambda error: watching.happened.append(f"error {error}"))
    page.on("console", lambda message: watching.happened.append(message.text) if message.type == "error" else None)
    page.on(
        "request",
        lambda request: watching.happened.append(request.url) if ELSEWHERE in request.url.split("?")[0] else None,
    )
    return watching


@pytest.fixture(scope="module")
def watch(console: Any) -> Iterator[Watch]:
    page = console.sign_in(**PHONE)
    page.context.add_init_script(LISTENER)
    yield watch_page(page)
    page.context.close()


def notices(control: Watch) -> bool:
    """Give the browser a tenth of a second to act, and tell whether anything was seen."""
    control.page.wait_for_timeout(100)
    return bool(control.happened or control.judge().keys() & {"ran", "policy", "elements"})


@pytest.mark.parametrize("name", ["image", "svg", "link", "frame", "form", "htmx"])
def test_the_watch_sees_a_trick_that_is_not_escaped(name: str, watch: Watch) -> None:
    """The negative control: put into a page of its own as markup, each trick is noticed, or leads away at once."""
    control = watch_page(watch.page.context.new_page())
    control.page.goto("/labels/")
    control.page.evaluate("text => document.querySelector('main').insertAdjacentHTML('beforeend', text)", TRICKS[name])
    assert any(notices(control) for _ in range(100))
    control.page.close()


def test_no_page_runs_anything_or_is_wider_than_a_phone(watch: Watch) -> None:
    wrong = {name: watch.look(address) for name, address in PAGES.items()}
    assert {name: found for name, found in wrong.items() if found} == {}


def test_each_page_holds_hostile_text_and_shows_it_as_text(watch: Watch) -> None:
    """Without it, the other tests would prove nothing of the page."""
    silent = []
    for name in ("posts", "topics", "hot-lists", "alerts", "copies", "rumours", "coordination"):
        watch.page.goto(PAGES[name])
        source = watch.page.content()
        if not any(sign in source for sign in ("&lt;script&gt;", "&lt;svg", "onload=", "onerror=", "window.hit")):
            silent.append(name)
    assert silent == []


@pytest.mark.parametrize("name", sorted(OPENED))
def test_what_a_page_leads_to_is_as_safe(name: str, watch: Watch) -> None:
    watch.look(PAGES[name])
    link = watch.page.locator(OPENED[name]).first
    address = link.get_attribute("href")
    assert address
    assert watch.look(watch.page.evaluate("part => new URL(part, location.href).href", address)) == {}


def test_every_hostile_post_opens_by_its_hostile_id(watch: Watch) -> None:
    wanted = [make_id(name, "review") for name in TRICKS] + [
        make_id(name, "alone") for name in ("megabyte", "emoji-only")
    ]
    wrong = {name: watch.look(f"/posts/one/?id={quote(name, safe='')}") for name in wanted}
    assert {name: found for name, found in wrong.items() if found} == {}


@pytest.mark.parametrize("name", SHOWN)
def test_the_letters_of_a_trick_are_shown_as_they_are(name: str, watch: Watch) -> None:
    watch.page.goto(f"/posts/one/?id={quote(make_id(name, 'review'), safe='')}")
    assert TRICKS[name].strip() in watch.page.locator("blockquote").first.inner_text()


@pytest.mark.parametrize("name", [*TRICKS, "megabyte"])
def test_hostile_copy_is_checked_and_shown(name: str, watch: Watch) -> None:
    watch.page.goto("/copy-check/")
    watch.page.fill("#copy-text", f"全网第一{TRICKS.get(name, ALONE.get(name, ''))}"[:5_000])
    watch.page.locator("main button.main").click()
    expect(watch.page.locator("#found-title")).to_be_visible()
    assert watch.judge() == {}


def test_a_correction_of_a_hostile_post_is_listed_as_text(watch: Watch) -> None:
    watch.page.goto(f"/posts/one/?id={quote(make_id('script', 'review'), safe='')}")
    watch.page.get_by_role("button", name="It is negative").click()
    expect(watch.page.get_by_text("Corrected by admin:")).to_be_visible()
    assert watch.look("/labels/") == {}
    assert "<script>window.hit=1;alert(1)</script>" in watch.page.locator("main").inner_text()


def test_a_report_of_hostile_posts_runs_nothing(watch: Watch, tmp_path: Path) -> None:
    answer = watch.page.request.get(f"/pulse/report.html?{DAYS}")
    assert answer.status == 200
    file = tmp_path / "report.html"
    file.write_bytes(answer.body())
    with watch.page.context.new_page() as page:
        heard: list[str] = []
        page.on("dialog", lambda dialog: (heard.append(dialog.message), dialog.dismiss()))
        page.on("request", lambda request: heard.append(request.url) if ELSEWHERE in request.url else None)
        page.goto(file.as_uri())
        assert (page.evaluate("window.hit || 0"), heard) == (0, [])
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
