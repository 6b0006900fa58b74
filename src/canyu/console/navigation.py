"""The pages of the console and the letter that goes to each; the menu shows a viewer what they may open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from canyu.ops.people.rules import (
    CORRECT_LABELS,
    MANAGE_PEOPLE,
    VIEW_ALERTS,
    VIEW_CAMPAIGNS,
    VIEW_CASES,
    VIEW_CRISIS,
    VIEW_FANS,
    VIEW_KNOWLEDGE,
    VIEW_KOLS,
    VIEW_LEDGER,
    VIEW_LINKS,
    VIEW_OFFERS,
    VIEW_POSTS,
    VIEW_PROOF,
    VIEW_PULSE,
    VIEW_QUEUE,
    VIEW_SOURCES,
    VIEW_STATIONS,
    VIEW_STUDIES,
    VIEW_WECHAT,
)

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True, slots=True)
class Place:
    """One entry of the menu."""

    url_name: str
    label: StrOrPromise
    question: StrOrPromise
    icon: str
    letter: str
    permission: str
    rank: int = 3
    """1 stands in the top row on every screen, 2 on wide ones; the others, and on a phone the second, under More."""

    @property
    def url(self) -> str:
        """Its address."""
        return reverse(self.url_name)


PLACES: tuple[Place, ...] = (
    Place("pulse", pgettext_lazy("menu", "Pulse"), _("What are people saying?"), "activity", "p", VIEW_PULSE, 1),
    Place(
        "posts",
        pgettext_lazy("menu", "Posts"),
        _("What exactly do they say?"),
        "message-square-text",
        "o",
        VIEW_POSTS,
        1,
    ),
    Place(
        "aspects",
        pgettext_lazy("menu", "Aspects"),
        _("What exactly is praised and blamed?"),
        "table-2",
        "s",
        VIEW_PULSE,
        2,
    ),
    Place("topics", pgettext_lazy("menu", "Topics"), _("What do they talk about?"), "hash", "t", VIEW_PULSE, 2),
    Place(
        "storylines",
        pgettext_lazy("menu", "Storylines"),
        _("Do people say what we hope they say?"),
        "megaphone",
        "l",
        VIEW_PULSE,
        2,
    ),
    Place(
        "hot_lists",
        pgettext_lazy("menu", "Hot lists"),
        _("How long were we on the hot lists?"),
        "list-ordered",
        "h",
        VIEW_PULSE,
    ),
    Place(
        "share_of_voice",
        pgettext_lazy("menu", "Share of voice"),
        _("How much of the talk is about us?"),
        "chart-pie",
        "v",
        VIEW_PULSE,
    ),
    Place("spread", pgettext_lazy("menu", "Spread"), _("Who carries it?"), "share-2", "c", VIEW_PULSE),
    Place("forecasts", pgettext_lazy("menu", "Forecast"), _("How far will it go?"), "trending-up", "f", VIEW_PULSE),
    Place("copies", pgettext_lazy("menu", "Copies"), _("Who says the same?"), "copy", "y", VIEW_PULSE),
    Place(
        "coordination", pgettext_lazy("menu", "Coordination"), _("Which accounts post as one?"), "link", "d", VIEW_PULSE
    ),
    Place("rumours", pgettext_lazy("menu", "Rumours"), _("Which claims should we check?"), "filter", "r", VIEW_PULSE),
    Place("copy_check", pgettext_lazy("menu", "Copy check"), _("May this be published?"), "file-text", "k", VIEW_PULSE),
    Place("alerts", pgettext_lazy("menu", "Alerts"), _("What is burning?"), "triangle-alert", "a", VIEW_ALERTS, 1),
    # every letter is taken: rooms from here on go by a digit, which needs no second hand as a capital would
    Place(
        "cases", pgettext_lazy("menu", "Cases"), _("Which case burns next?"), "message-square-text", "1", VIEW_CASES, 2
    ),
    Place("knowledge", pgettext_lazy("menu", "Knowledge"), _("What may we say?"), "circle-help", "2", VIEW_KNOWLEDGE),
    Place("crises", pgettext_lazy("menu", "Crises"), _("What must be done by when?"), "megaphone", "9", VIEW_CRISIS),
    Place(
        "labels", pgettext_lazy("menu", "Corrections"), _("What did the model get wrong?"), "check", "b", CORRECT_LABELS
    ),
    Place("kols", pgettext_lazy("menu", "KOLs"), _("Whom can we ask?"), "circle-user", "i", VIEW_KOLS),
    Place(
        "campaigns",
        pgettext_lazy("menu", "Campaigns"),
        _("Which campaigns are running?"),
        "megaphone",
        "m",
        VIEW_CAMPAIGNS,
    ),
    Place("lives", pgettext_lazy("menu", "Live"), _("Which sessions?"), "monitor", "j", VIEW_CAMPAIGNS),
    Place("ledger", pgettext_lazy("menu", "Ledger"), _("Do the accounts add up?"), "scale", "z", VIEW_LEDGER),
    Place("offers", pgettext_lazy("menu", "Offers"), _("What do we give away?"), "key-round", "x", VIEW_OFFERS),
    Place("links", pgettext_lazy("menu", "Short links"), _("Who follows our links?"), "external-link", "n", VIEW_LINKS),
    Place(
        "sources",
        pgettext_lazy("menu", "Sources"),
        _("Where do our events come from?"),
        "key-round",
        "u",
        VIEW_SOURCES,
    ),
    Place("fans", pgettext_lazy("menu", "Fans"), _("Who is this person to us?"), "circle-user", "q", VIEW_FANS),
    Place(
        "scorecard",
        pgettext_lazy("menu", "Scorecard"),
        _("Are we reaching our targets?"),
        "shield-check",
        "w",
        VIEW_PROOF,
    ),
    Place(
        "studies",
        pgettext_lazy("menu", "Studies"),
        _("What did it bring, and how sure are we?"),
        "sliders-horizontal",
        "g",
        VIEW_STUDIES,
    ),
    Place(
        "stations",
        pgettext_lazy("menu", "Stations"),
        _("Who comes when, and to whom?"),
        "list-ordered",
        "8",
        VIEW_STATIONS,
    ),
    Place("jobs", pgettext_lazy("menu", "Jobs"), _("What is done beside the pages?"), "rotate-cw", "0", VIEW_QUEUE),
    Place(
        "wechat_talks",
        pgettext_lazy("menu", "WeChat"),
        _("Who writes to us on WeChat, and may we answer still?"),
        "message-square-text",
        "3",
        VIEW_WECHAT,
    ),
    Place("people", pgettext_lazy("menu", "People"), _("Who may come in?"), "users", "e", MANAGE_PEOPLE),
)


def list_places(request: HttpRequest) -> list[Place]:
    """Return the entries that the viewer may open."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated or getattr(user, "must_change_password", False):
        return []
    return [place for place in PLACES if user.has_perm(place.permission)]


def find_place(request: HttpRequest, places: list[Place]) -> Place | None:
    """Return the entry whose room the viewer is in: the page itself, or one below it, such as one alert."""
    found = [place for place in places if request.path.startswith(place.url)]
    return max(found, key=lambda place: len(place.url), default=None)  # a room may have another below it
