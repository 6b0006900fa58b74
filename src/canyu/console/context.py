"""What every template may ask for: the menu, the theme, and whether the lake is simulated."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from canyu.console.navigation import find_place, list_places
from canyu.kit.errors import CanyuError
from canyu.kit.version import __version__
from canyu.ops.lakes import find_facts

THEME_COOKIE = "canyu_theme"
THEMES = ("auto", "light", "dark")


def get_theme(request: HttpRequest) -> str:
    """Return the viewer's choice of theme: ``auto`` follows the system."""
    theme = request.COOKIES.get(THEME_COOKIE, "auto")
    return theme if theme in THEMES else "auto"


def describe_page(request: HttpRequest) -> dict[str, Any]:
    """Return what the layout shows on each page."""
    places = list_places(request)
    return {
        "places": places,
        "here_place": find_place(request, places),
        "theme": get_theme(request),
        "is_simulated": _is_simulated(),
        "version": __version__,
        "here": request.get_full_path(),
    }


def _is_simulated() -> bool:
    try:
        facts = find_facts()
    except CanyuError:  # a lake that cannot be read: the page that asks for its contents says so, in this layout
        return False
    return facts is not None and facts.simulated
