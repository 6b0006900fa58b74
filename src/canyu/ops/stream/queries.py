"""All reads of the news: who listens, and which things have records beyond the last one that a page knows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from importlib import import_module

from django.conf import settings
from django.contrib.auth import get_user
from django.http import HttpRequest

from canyu.ops.care.models import CaseRecord
from canyu.ops.care.queries import find_last_record
from canyu.ops.gate import must_change_password
from canyu.ops.people.rules import VIEW_CASES

MOST_THINGS = 200
LONGEST_COOKIE = 16_384


@dataclass(frozen=True, slots=True)
class News:
    """What happened up to record ``last``: the things it happened to, at most ``MOST_THINGS`` of the newest."""

    last: int
    things: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Topic:
    """What pages may listen to: the permission it needs, and the news since a record (below 0: only how far it is)."""

    permission: str
    read: Callable[[int], News]


def read_case_news(after: int) -> News:
    """Return which cases have records beyond a number."""
    last = find_last_record()
    if after < 0 or last <= after:
        return News(last)
    rows = CaseRecord.objects.filter(pk__gt=after).order_by("-pk").values_list("case", flat=True)
    return News(last, tuple(dict.fromkeys(rows[: 5 * MOST_THINGS]))[:MOST_THINGS])


TOPICS: Mapping[str, Topic] = {"cases": Topic(VIEW_CASES, read_case_news)}
"""A room whose pages listen is one more line here."""


def may_listen(cookies: str, permission: str) -> bool | None:
    """Say whether the session of these cookies holds a permission; None for nobody who is signed in."""
    try:
        kept = SimpleCookie(cookies[:LONGEST_COOKIE]).get(settings.SESSION_COOKIE_NAME)
    except CookieError:
        return None
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(kept.value if kept else None)
    person = get_user(request)
    if not person.is_authenticated:
        return None
    request.user = person
    return not must_change_password(request) and person.has_perm(permission)
