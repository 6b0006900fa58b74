"""What apps read of a challenge: the board and one place, as JSON that anybody may read and keep for some seconds."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from canyu.kit.jsonio import dump_json_bytes
from canyu.ops.alerts.rules import parse_number
from canyu.ops.campaigns.challenges import queries
from canyu.ops.campaigns.challenges.board import find_rank
from canyu.ops.campaigns.challenges.models import Challenge, Entrant
from canyu.ops.campaigns.challenges.public.pages import get_challenge
from canyu.ops.campaigns.challenges.public.rules import describe_place

KEPT_S = 5


@login_not_required
@require_safe
def send_board(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Send the first places; 304 to who has them already."""
    challenge = get_challenge(slug)
    etag = f'"{challenge.mark}-{challenge.score_seq}"'
    known = get_conditional_response(request, etag=etag)
    if known is not None:
        return _finish(known, etag)
    places = [describe_place(place) for place in queries.list_board(challenge)]
    return _finish(_answer(challenge, {"places": places}), etag)


@login_not_required
@require_safe
def send_rank(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Send the place of one entrant; 404 where none of their entries is shown."""
    challenge, asked = get_challenge(slug), parse_number(request.GET.get("entrant", ""))
    entrant = Entrant.objects.filter(challenge=challenge, pk=asked).first() if asked is not None else None
    rank, total = find_rank(challenge, entrant.pk) if entrant else (None, 0)
    if entrant is None or rank is None or entrant.score is None or entrant.reached_us is None:
        return HttpResponse(dump_json_bytes({"code": "not_found"}), content_type="application/json", status=404)
    place = queries.Place(rank, entrant.pk, entrant.name, entrant.score, entrant.reached_us)
    return _finish(_answer(challenge, {**describe_place(place), "total": total}))


def _answer(challenge: Challenge, told: dict[str, Any]) -> HttpResponse:
    body = {"seq": challenge.score_seq, "rule": challenge.rule_version, **told}
    return HttpResponse(dump_json_bytes(body), content_type="application/json")


def _finish(answer: HttpResponseBase, etag: str = "") -> HttpResponseBase:
    answer["Cache-Control"] = f"public, max-age={KEPT_S}"
    answer["Access-Control-Allow-Origin"] = "*"
    if etag:
        answer["ETag"] = etag
    return answer
