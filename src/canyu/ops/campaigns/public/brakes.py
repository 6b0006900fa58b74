"""Brakes on programs without a riddle for people: how often one network may come, counted for all processes."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from canyu.ops.campaigns.public.actions import count_one
from canyu.ops.campaigns.public.rules import is_robot, name_network
from canyu.ops.config import load_config

HOUR, DAY_S = timedelta(hours=1), 86_400
MOST_JOINS_AN_HOUR = 60
"""From one network: a school or an office behind one address still fits."""
MOST_CLICKS_AN_HOUR = 600


def get_key() -> str:
    """Return the key of all fingerprints of the public page."""
    return salted_hmac("canyu.campaigns", "fingerprints", settings.SECRET_KEY, algorithm="sha256").hexdigest()


def find_network(request: HttpRequest) -> str:
    """Return the network that a request comes from; a proxy is believed only where the settings say so."""
    told = request.headers.get("X-Forwarded-For", "") if load_config().trust_proxy else ""
    return name_network(told.rpartition(",")[2] or request.META.get("REMOTE_ADDR", ""))


def mark_network(request: HttpRequest) -> str:
    """Return a keyed fingerprint of the network that a request comes from."""
    return _digest(find_network(request))


def is_program(request: HttpRequest) -> bool:
    """Say whether no person is behind a request."""
    headers = request.headers
    purpose = f"{headers.get('Purpose', '')} {headers.get('Sec-Purpose', '')} {headers.get('X-Moz', '')}"
    return request.method != "GET" or is_robot(headers.get("User-Agent", ""), purpose)


def name_visitor(request: HttpRequest, slug: str, now: datetime) -> str:
    """Return a fingerprint of who came that nobody can follow into the next day."""
    told = f"{now:%Y-%m-%d}\x1f{slug}\x1f{find_network(request)}\x1f{request.headers.get('User-Agent', '')}"
    return salted_hmac("canyu.campaigns.visitor", told, settings.SECRET_KEY, algorithm="sha256").hexdigest()[:24]


def is_first_today(visitor: str, code: str) -> bool:
    """Say whether a visitor comes through a code for the first time on a day, and remember it."""
    return bool(cache.add(f"campaign-visit:{visitor}:{code}", 1, DAY_S))


def is_within(what: str, network: str, most: int, now: datetime) -> bool:
    """Count one more of something from a network in this hour; False beyond ``most``.

    The database adds: of two that come at once, in whatever processes, each counts.
    """
    name = f"{what}:{_digest(network)}:{now:%Y%m%d%H}"
    return count_one(name, now + HOUR, now) <= most


def _digest(network: str) -> str:
    return salted_hmac("canyu.campaigns.brake", network, settings.SECRET_KEY, algorithm="sha256").hexdigest()[:24]
