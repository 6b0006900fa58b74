"""Every page in both languages, light and dark, wide and on a phone: accessible, calm, and no wider than the screen."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from brand_lake import LONG, REVERSED, get_hostile_id
from browsing import LOOKS, PHONE, WIDE, Look, list_violations, measure_width, set_look

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
    "scorecard": "/scorecard/?rhythm=month&day=2025-03-01",
    "scorecard-proof": "/scorecard/proof/index/resonance/?rhythm=month&day=2025-03-01",
    "targets": "/scorecard/targets/",
    "scorecard-mail": "/scorecard/mail/",
    "claims": "/scorecard/claims/",
    "claims-new": "/scorecard/claims/new/",
    "campaign-new": "/campaigns/new/",
    "campaign-about": "/campaigns/about/held/",
    "studies": "/studies/",
    "study-funnel": "/studies/funnel/",
    "study-lift-new": "/studies/lift/new/",
    "stations": "/stations/",
    "station-new": "/stations/new/",
    "crises": "/crises/",
    "people": "/people/",
    "password": "/account/password/",
    "second-factor": "/account/2fa/",
    "missing": "/nothing-here/",
}
PUBLIC = {"service": "/service/", "complain": "/complain/"}
"""Pages of customers: they follow the theme of the reader's own browser."""
EVERY = PAGES | PUBLIC
LANGUAGES = ["zh-hans", "en"]
TEXTLESS = "<main><h1>x</h1><img src='x'><p style='color: #ccc; background: #fff'>pale</p></main>"


def test_the_check_sees_a_picture_without_words_and_pale_letters(console) -> None:
    """The negative control of every test that finds no fault."""
    page = console.open().new_page()
    page.set_content(TEXTLESS)
    faults = {fault.partition(":")[0] for fault in list_violations(page)}
    assert {"image-alt", "color-contrast", "html-has-lang"} <= faults


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_every_page_is_accessible_and_calm(console, look: Look) -> None:
    page = console.sign_in(look)
    page.set_viewport_size(WIDE["viewport"])
    faults: dict[str, list[str]] = {}
    for name, address in EVERY.items():
        console.faults.clear()
        page.goto(address)
        assert page.locator("html").get_attribute("data-theme") == ("auto" if name in PUBLIC else look.theme)
        expected = [fault for fault in console.faults if name == "missing" and "404" in fault]
        faults[name] = list_violations(page) + [fault for fault in console.faults if fault not in expected]
    assert {name: found for name, found in faults.items() if found} == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_is_wider_than_a_phone(console, language: str) -> None:
    page = console.sign_in(**PHONE)
    set_look(page, language)
    widths = {}
    for name, address in EVERY.items():
        page.goto(address)
        widths[name] = measure_width(page)
    assert {name: width for name, width in widths.items() if width > 360} == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_door_is_accessible(console, language: str) -> None:
    page = console.open().new_page()
    page.goto("/account/login/")
    set_look(page, language)
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
