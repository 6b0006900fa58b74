"""The page of a waiting room: place in the queue, and the way on when it is one's turn; without any script."""

from __future__ import annotations

import zlib

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from canyu.kit.clock import get_now
from canyu.ops.offers.drops import queries
from canyu.ops.offers.drops.guests import read_guest
from canyu.ops.offers.drops.models import EntryMode
from canyu.ops.offers.drops.waiting.queries import find_place
from canyu.ops.offers.drops.waiting.rules import STAGE_WORDS, Stage, choose_wait_s

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""Nothing of others, and no script at all."""


@login_not_required
@require_safe
def show_place(request: HttpRequest, code: str) -> HttpResponseBase:
    """Show a visitor their place; the browser loads it again by itself, and is led on when it is their turn."""
    drop = queries.find_public(code)
    if drop is None or drop.entry != EntryMode.QUEUE:
        raise Http404(code)
    guest, now = read_guest(request), get_now()
    place = find_place(drop, guest)
    if place is None or place.stage is Stage.TURN:
        return redirect("public_drop", code)
    wait_s = choose_wait_s(place, (drop.opens_at - now).total_seconds(), zlib.crc32(guest.encode()))
    context = {"drop": drop, "place": place, "words": STAGE_WORDS[place.stage], "wait_s": wait_s, "now": now}
    context["nth"] = None if place.before is None else place.before + 1
    answer = render(request, "drops/waiting.html", context)
    answer["Content-Security-Policy"] = POLICY
    answer["Cache-Control"] = "no-store"
    if wait_s is not None:
        answer["Refresh"] = str(wait_s)
    return answer
