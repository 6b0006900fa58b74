"""Every page in both languages, light and dark, wide and on a phone: accessible, calm, and no wider than the screen."""

from __future__ import annotations

from typing import Any

import pytest
from axe_core_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from brand_lake import LONG, REVERSED, get_hostile_id

pytestmark = pytest.mark.browser
ALL_DAYS = "from=2025-03-01&to=2025-04-29"
PAGES = {
    "pulse": f"/pulse/?{ALL_DAYS}",
    "pulse-sentiment": f"/pulse/?{ALL_DAYS}&picture=sentiment_by_day",
    "proof": f"/pulse/proof/figure/net_sentiment/?{ALL_DAYS}",
    "posts": f"/posts/?{ALL_DAYS}",
    "posts-none": f"/posts/?{ALL_DAYS}&q=nothing-like-this",
    "post": f"/posts/one/?id={get_hostile_id(REVERSED)}",
    "post-long": f"/posts/one/?id={get_hostile_id(LONG)}",
    "campaigns": "/campaigns/",
    "campaign-new": "/campaigns/new/",
    "campaign-about": "/campaigns/about/held/",
    "people": "/people/",
    "password": "/account/password/",
    "second-factor": "/account/2fa/",
    "missing": "/nothing-here/",
}
LOOKS = [(language, theme) for language in ("zh-hans", "en") for theme in ("light", "dark")]


def list_violations(page: Page) -> list[str]:
    found: list[dict[str, Any]] = Axe().run(page)["violations"]
    return [f"{fault['id']}: {node['target']}" for fault in found for node in fault["nodes"]]


def set_look(page: Page, language: str, theme: str) -> None:
    home = page.evaluate("location.origin")
    page.context.add_cookies(
        [
            {"name": "django_language", "value": language, "url": home},
            {"name": "canyu_theme", "value": theme, "url": home},
        ]
    )


@pytest.mark.parametrize(("language", "theme"), LOOKS)
def test_every_page_is_accessible_and_calm(console, language: str, theme: str) -> None:
    page = console.sign_in(viewport={"width": 1280, "height": 900})
    set_look(page, language, theme)
    faults: dict[str, list[str]] = {}
    for name, address in PAGES.items():
        console.faults.clear()
        page.goto(address)
        assert page.locator("html").get_attribute("data-theme") == theme
        expected = [fault for fault in console.faults if name == "missing" and "404" in fault]
        faults[name] = list_violations(page) + [fault for fault in console.faults if fault not in expected]
    assert {name: found for name, found in faults.items() if found} == {}


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_no_page_is_wider_than_a_phone(console, language: str) -> None:
    page = console.sign_in(viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    set_look(page, language, "light")
    widths = {}
    for name, address in PAGES.items():
        page.goto(address)
        widths[name] = page.evaluate("document.documentElement.scrollWidth")
    assert {name: width for name, width in widths.items() if width > 360} == {}


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_door_is_accessible(console, language: str) -> None:
    page = console.open().new_page()
    page.goto("/account/login/")
    set_look(page, language, "light")
    page.reload()
    assert list_violations(page) == []


def test_the_drawer_is_accessible_when_open(console) -> None:
    page = console.sign_in()
    page.get_by_label("How Net sentiment came to be").click()
    page.locator("#drawer pre.sql").wait_for()
    assert list_violations(page) == []


def test_pages_can_be_read_without_script(console) -> None:
    page = console.sign_in(java_script_enabled=False)
    page.goto(f"/pulse/?{ALL_DAYS}")
    page.get_by_label("How Volume came to be").click()
    expect(page.get_by_text("What it counts")).to_be_visible()
    page.goto(f"/posts/?{ALL_DAYS}&q=su7")
    expect(page.locator("td.words")).to_have_count(50)
