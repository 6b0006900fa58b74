"""Posters in a real browser: designed by staff, made by a member on a phone, read, followed, and counted as a scan."""

from __future__ import annotations

import base64
import io
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Page, expect

import canyu
from brand_lake import fill_brand_lake
from browsing import FINE, LOOKS, PHONE, Look, examine
from waiting import wait_until

pytestmark = pytest.mark.browser
AGENT = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 MicroMessenger/8.0.50"
PREPARE = """
from datetime import timedelta
import django; django.setup()
from django.core.management import call_command
from campaign_fixtures import release
from canyu.kit.clock import get_now
from canyu.ops.people.models import Person
from poster_fixtures import show_poster
now = get_now()
staff = [Person.objects.create(username=name) for name in ("mei", "lin")]
campaign = release(*staff, starts_at=now - timedelta(days=1), ends_at=now + timedelta(days=30))
show_poster(*staff, campaign, headline_zh="春天一起上路，全网第一", headline_en="Hit the road together this spring")
"""


@pytest.fixture(scope="module")
def lake_path() -> list[Path]:
    """Where the lake of this module is, once it is filled."""
    return []


@pytest.fixture(scope="module")
def fill_lake(lake_path: list[Path]) -> Callable[[Path], object]:
    """The lake of a brand; its address is kept."""

    def fill(path: Path) -> None:
        fill_brand_lake(path)
        lake_path.append(path)

    return fill


@pytest.fixture(scope="module", autouse=True)
def campaign(console: Any, lake_path: list[Path]) -> None:
    """A released campaign with a poster, in the running console."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CANYU_", "DJANGO_"))}
    own = {"CANYU_LAKE": str(lake_path[0]), "DJANGO_SETTINGS_MODULE": "canyu.ops.settings"}
    own["PYTHONPATH"] = os.pathsep.join([str(Path(__file__).parents[1]), *sys.path])
    subprocess.run([sys.executable, "-c", PREPARE], env=kept | own, check=True)


def take_picture(page: Page, name: str) -> None:
    folder = os.environ.get("CANYU_PICTURES")
    if folder:
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)


def read_code(page: Page) -> str:
    """Return what the QR code on the poster that a page shows says."""
    source = page.locator("img.made").get_attribute("src") or ""
    picture = Image.open(io.BytesIO(base64.b64decode(source.partition(",")[2])))
    (found,) = zxingcpp.read_barcodes(picture.convert("L"))
    return found.text


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_the_designer_shows_what_changes_and_is_accessible(
    console: Any, look: Look, calm: Callable[[], list[str]]
) -> None:
    page = console.sign_in(look)
    page.goto("/campaigns/1/poster/")
    before = page.locator("img.poster").get_attribute("src")
    page.locator("#id_layout").select_option("ticket")
    expect(page.locator("img.poster")).not_to_have_attribute("src", before)
    take_picture(page, f"poster-{look}")
    assert examine(page) == FINE
    assert calm() == []


def test_a_poster_made_on_a_phone_leads_back_and_is_counted_as_a_scan(
    console: Any, lake_path: list[Path], calm: Callable[[], list[str]]
) -> None:
    page = console.open(**PHONE, user_agent=AGENT).new_page()
    page.goto("/c/spring-road/")
    page.get_by_label("I agree to the privacy notice").check()
    page.wait_for_timeout(2100)
    page.get_by_role("button", name="Join and get my link").click()
    page.get_by_label("Name on it").fill("小满 Ann")
    take_picture(page, "mine-360")
    looks = [examine(page)]
    page.get_by_role("button", name="Show my poster").click()
    link = read_code(page)
    take_picture(page, "made-360")
    looks.append(examine(page))
    assert looks == [FINE, FINE]
    friend = console.open(**PHONE, user_agent=AGENT).new_page()
    friend.goto(link)
    assert "/c/spring-road/?from=" in friend.url

    def find_scan() -> bool:
        rows = canyu.open(lake_path[0]).scan().to_pyarrow().to_pylist()
        shares = {row["id"] for row in rows if row["type"] == "share"}
        return any(row["type"] == "scan" and row["parent"] in shares for row in rows)

    wait_until(find_scan)
    assert calm() == []
