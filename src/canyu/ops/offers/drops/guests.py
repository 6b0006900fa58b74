"""Who a browser is to a drop: a random number in a signed cookie, until it is too old or its person was erased."""

from __future__ import annotations

import secrets

from django.core import signing
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from canyu.ops.config import load_config
from canyu.ops.offers.drops.claiming.actions import find_erased
from canyu.ops.offers.drops.passes import GUEST_LASTS

GUEST = "canyu_guest"


def read_guest(request: HttpRequest) -> str:
    """Return who the browser's cookie says it is; empty where there is none, or who was erased."""
    try:
        guest = str(signing.loads(request.COOKIES.get(GUEST, ""), salt=GUEST, max_age=GUEST_LASTS))
    except signing.BadSignature:
        return ""
    return "" if find_erased([guest]) else guest


def keep_guest(answer: HttpResponseBase, guest: str) -> None:
    """Let the browser remember who it is."""
    signed, lasts_s = signing.dumps(guest, salt=GUEST), int(GUEST_LASTS.total_seconds())
    answer.set_cookie(GUEST, signed, max_age=lasts_s, httponly=True, samesite="Lax", secure=load_config().https)


def choose_guest(*known: str) -> str:
    """Return the first of these names that is somebody who was not erased, else a new one."""
    return next((one for one in known if one and not find_erased([one])), name_guest())


def name_guest() -> str:
    """Return a name that nobody has."""
    return f"guest:{secrets.token_hex(16)}"
