from __future__ import annotations
import pytest
from browsing import PHONE, WIDE, set_look
from test_lives import fill_lake, PAGES  # noqa

pytestmark = pytest.mark.browser
import pathlib

OUT = pathlib.Path("/tmp/shots")
OUT.mkdir(exist_ok=True)


def test_shots(console):
    for language in ("zh-hans", "en"):
        for size, screen in (("wide", WIDE), ("phone", PHONE)):
            page = console.sign_in(**screen)
            set_look(page, language)
            for name, address in {
                **PAGES,
                "public": "/c/launch-night/charity/",
                "joinpage": "/c/launch-night/",
            }.items():
                if (size == "phone") and name not in ("live", "public", "charity", "lives"):
                    continue
                page.goto(address)
                page.screenshot(path=str(OUT / f"{name}-{language}-{size}.png"), full_page=True)
