"""What the browser tests ask of every page: does it break a rule of accessibility, does it fit a phone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from axe_core_python.sync_playwright import Axe
from playwright.sync_api import Page

PHONE: dict[str, Any] = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
WIDE: dict[str, Any] = {"viewport": {"width": 1280, "height": 900}}

# Nodes are described where a rule is broken alone: to describe the others takes most of the time.
RUN_AXE = """async () => (await axe.run({resultTypes: ['violations'], preload: {assets: ['media']}}))
  .violations.flatMap(fault => fault.nodes.map(node => `${fault.id}: ${node.target}`))"""


@dataclass(frozen=True)
class Look:
    """How a page is looked at."""

    language: str
    theme: str
    screen: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.language}-{self.theme}"


LOOKS = (Look("zh-hans", "light", PHONE), Look("en", "dark", WIDE))
"""Texts hang on the language and colours on the theme: each page is seen in both of both, in two looks of four."""


def list_violations(page: Page) -> list[str]:
    """Return each rule of accessibility that the page breaks, with the element that breaks it."""
    page.evaluate(Axe().axe_script)
    found: list[str] = page.evaluate(RUN_AXE)
    return found


def set_look(page: Page, language: str, theme: str = "light") -> None:
    """Let the pages that are opened from now on be in a language and a theme."""
    cookies = {"django_language": language, "canyu_theme": theme}
    home = page.evaluate("location.origin")
    page.context.add_cookies([{"name": name, "value": value, "url": home} for name, value in cookies.items()])


def measure_width(page: Page) -> int:
    """Return how wide the page is, in CSS pixels: more than the screen where one must scroll sideways."""
    width: int = page.evaluate("document.documentElement.scrollWidth")
    return width


def examine(page: Page) -> tuple[list[str], int]:
    """Return the rules of accessibility that the page breaks as it is, and how wide it is on a phone."""
    violations = list_violations(page)
    screen = page.viewport_size
    if screen is None or screen == PHONE["viewport"]:
        return violations, measure_width(page)
    page.set_viewport_size(PHONE["viewport"])
    width = measure_width(page)
    page.set_viewport_size(screen)
    return violations, width


FINE: tuple[list[str], int] = ([], PHONE["viewport"]["width"])
"""What ``examine`` returns of a page that breaks no rule and fits a phone."""
