"""Takes a picture of every page, in both languages, light and dark, wide and 360 px, into screenshots/."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "screenshots"
PASSWORD = "a password for pictures"  # noqa: S105 - of an account of the pictures' own lake
PAGES = {
    "pulse": "/pulse/?days=365",
    "pulse-sentiment": "/pulse/?days=90&picture=sentiment_by_day",
    "proof": "/pulse/proof/figure/net_sentiment/?days=365",
    "posts": "/posts/",
    "posts-none": "/posts/?q=nothing-like-this",
    "aspects": "/aspects/?days=365",
    "topics": "/topics/",
    "storylines": "/storylines/?days=365",
    "hot-lists": "/hot-lists/?days=365",
    "share-of-voice": "/share-of-voice/?days=365",
    "spread": "/spread/?days=90",
    "spread-bridges": "/spread/?days=90&order=bridging",
    "forecasts": "/spread/forecast/",
    "alerts": "/alerts/",
    "alert-replay": "/alerts/replay/",
    "alert-rules": "/alerts/rules/",
    "alert-rule-form": "/alerts/rules/new/",
    "alert-forecast-rule-form": "/alerts/forecasts/new/",
    "alert-route-form": "/alerts/routes/new/",
    "alert-settings": "/alerts/settings/",
    "labels": "/labels/",
    "label-queue": "/labels/queue/",
    "copies": "/copies/?days=365",
    "coordination": "/coordination/?days=365",
    "rumours": "/rumours/?days=365",
    "copy-check": "/copy-check/",
    "kols": "/kols/",
    "kol-import": "/kols/import/",
    "kol-bookings": "/kols/bookings/",
    "kol-plan": "/kols/plan/",
    "kol-plan-limits": "/kols/plan/?budget=500000&quota=platform:weibo&least=2&most=5",
    "kol-plan-impressions": "/kols/plan/impressions/",
    "kol-plan-audience": "/kols/plan/audience/",
    "kol-plan-waves": "/kols/plan/waves/",
    "kol-plan-rumour": "/kols/plan/rumour/",
    "kol-plans": "/kols/plans/",
    "campaigns": "/campaigns/",
    "campaign-new": "/campaigns/new/",
    "challenge-public": "/c/night-shot-challenge/challenge/",
    "challenge-board-public": "/c/night-shot-challenge/challenge/board/",
    "campaign-public": "/c/night-shot-challenge/",
    "charity-public": "/c/su7-ultra-launch/charity/",
    "lives": "/lives/",
    "live-new": "/lives/new/",
    "cases": "/care/",
    "case-new": "/care/new/",
    "care-settings": "/care/settings/",
    "care-calendar": "/care/settings/calendar/",
    "complain": "/complain/",
    "fans": "/fans/",
    "fan-requests": "/fans/requests/",
    "offers": "/offers/",
    "offer-new": "/offers/new/",
    "offers-try": "/offers/try/",
    "drops": "/offers/drops/",
    "drop-new": "/offers/drops/new/",
    "ledger": "/ledger/",
    "ledger-proof": "/ledger/proof/",
    "links": "/links/",
    "sources": "/sources/",
    "quarantine": "/sources/quarantine/",
    "webhooks": "/sources/webhooks/",
    "people": "/people/",
    "password": "/account/password/",
    "second-factor": "/account/2fa/",
    "missing": "/nothing-here/",
    "bad-address": "/pulse/?from=2025-99-99",
}
# Pages that are reached from a list: the list, and the first link in it that leads there.
REACHED = {
    "post": ("/posts/?sort=spread", "td.words a"),
    "alert": ("/alerts/", "article h2 a"),
    "kol": ("/kols/", "table.roster tbody th a"),
    "kol-booking": ("/kols/bookings/", "tbody th a"),
    "coordination-group": ("/coordination/?days=365", "td.words a"),
    "cascade": ("/spread/?days=90", "#cascades td.words a"),
    "forecasts-past": ("/spread/forecast/", "ul.plain a"),
    "campaign": ("/campaigns/", "tbody th a"),
    "live": ("/lives/", "tbody th a"),
    "offer": ("/offers/", "tbody th a"),
    "drop": ("/offers/drops/", "tbody th a"),
    "topic-posts": ("/topics/?days=365", "ol.topics p a"),
}
SIZES = {"wide": {"width": 1280, "height": 900}, "360": {"width": 360, "height": 740}}
LANGUAGES = ("zh-hans", "en")
THEMES = ("light", "dark")


def start_console(lake: Path) -> tuple[subprocess.Popen[str], str, str]:
    """Serve a lake on a free port; return the process, its address and a one-time password of ``admin``."""
    canyu = str(Path(sys.executable).parent / "canyu")
    if (lake / "console.sqlite3").exists():
        told = subprocess.run(
            [canyu, "serve", "--lake", str(lake), "--reset-password", "admin"],
            capture_output=True,
            text=True,
            check=True,
        )
        password = told.stdout.rsplit(" ", 1)[-1].strip()
    else:
        password = ""
    server = subprocess.Popen(
        [canyu, "serve", "--lake", str(lake), "--port", "0"], stdout=subprocess.PIPE, text=True, env=os.environ
    )
    address = ""
    while not address and server.stdout is not None:
        line = server.stdout.readline()
        if not line:
            sys.exit("the console did not start")
        found = re.search(r"Password\s+(\S+)", line)
        password = found.group(1) if found else password
        address = found_address.group() if (found_address := re.search(r"http://\S+", line)) else ""
    return server, address, password


def sign_in(page: Page, one_time: str) -> None:
    """Sign in with the one-time password and choose another."""
    page.goto("/account/login/")
    page.fill("#id_login", "admin")
    page.fill("#id_password", one_time)
    page.click("form.stack button.main")
    for field, value in (("#id_oldpassword", one_time), ("#id_password1", PASSWORD), ("#id_password2", PASSWORD)):
        page.fill(field, value)
    page.click("form.stack button.main")
    page.wait_for_url("**/pulse/")


def take_pictures(browser: Browser, address: str, one_time: str) -> int:
    """Take every picture; return how many."""
    context = browser.new_context(base_url=address)
    page = context.new_page()
    page.goto("/account/login/")
    pages = {"login": "/account/login/"}
    count = _take_all(page, pages)
    sign_in(page, one_time)
    pages = PAGES | _find_reached(page)
    return count + _take_all(page, pages) + _take_drawer(page)


def _find_reached(page: Page) -> dict[str, str]:
    """Return the pages behind the first entries of lists; a list without entries has none."""
    found = {}
    for name, (address, link) in REACHED.items():
        page.goto(address)
        first = page.locator(link).first
        if first.count():
            found[name] = first.get_attribute("href") or "/"
    return found


def _take_all(page: Page, pages: dict[str, str]) -> int:
    count = 0
    for language in LANGUAGES:
        for theme in THEMES:
            _set_look(page, language, theme)
            for size, viewport in SIZES.items():
                page.set_viewport_size(viewport)
                for name, path in pages.items():
                    page.goto(path)
                    page.screenshot(path=FOLDER / f"{name}-{language}-{theme}-{size}.png", full_page=True)
                    count += 1
    return count


def _take_drawer(page: Page) -> int:
    page.set_viewport_size(SIZES["wide"])
    _set_look(page, "zh-hans", "light")
    page.goto(PAGES["pulse"])
    page.locator("dl.strip a.opens").nth(1).click()
    page.locator("#drawer pre.sql").wait_for()
    page.screenshot(path=FOLDER / "drawer-zh-hans-light-wide.png")
    return 1


def _set_look(page: Page, language: str, theme: str) -> None:
    cookies = {"django_language": language, "canyu_theme": theme}
    home = page.evaluate("location.origin")
    page.context.add_cookies([{"name": name, "value": value, "url": home} for name, value in cookies.items()])


def main() -> None:
    path = shutil.which("chromium") or shutil.which("google-chrome")
    if path is None:
        sys.exit("no Chromium on PATH; on Debian: apt-get install chromium")
    lake = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "demo" / "brand.lake"
    if not (lake / "events").exists():
        sys.exit(f"no lake at {lake}: run `make demo` once, or name another lake")
    FOLDER.mkdir(exist_ok=True)
    started = time.perf_counter()
    server, address, one_time = start_console(lake)
    try:
        with sync_playwright() as play:
            flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]
            browser = play.chromium.launch(executable_path=path, args=flags)
            count = take_pictures(browser, address, one_time)
            browser.close()
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(timeout=20)
    print(f"{count} pictures in {FOLDER} ({time.perf_counter() - started:.0f} s)")


if __name__ == "__main__":
    main()
