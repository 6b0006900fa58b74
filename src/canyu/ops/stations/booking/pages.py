"""The public's pages: choose a place, a thing and a time; say who comes; see it again or cancel by a secret link."""

from __future__ import annotations

import secrets
from datetime import UTC, date, datetime
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.cache import add_never_cache_headers
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from canyu.kit.clock import get_now
from canyu.kit.errors import CanyuError
from canyu.ops.campaigns.public import brakes
from canyu.ops.campaigns.public.rules import make_pass, name_text, read_pass
from canyu.ops.campaigns.public.wishes import describe_wishes
from canyu.ops.fans.identity.actions import keep_identifier
from canyu.ops.fans.queries import find_known, find_ready
from canyu.ops.fans.rules import IdKind, Named
from canyu.ops.fans.subject.actions import open_request
from canyu.ops.fans.subject.pages import make_download
from canyu.ops.fans.subject.rules import PUBLIC, Wish
from canyu.ops.stations import queries
from canyu.ops.stations.booking import actions
from canyu.ops.stations.errors import TooMany
from canyu.ops.stations.forms import GuestForm
from canyu.ops.stations.models import Booking, BookingState, Station
from canyu.ops.stations.rules import OPEN, SKILLS, STATES

MOST_HOLDS_AN_HOUR, MOST_WISHES_AN_HOUR = 40, 20
"""From one network: a school or an office behind one address still fits."""
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
WISHES = {"copy": Wish.EXPORT, "erase": Wish.ERASE}


@login_not_required
@require_safe
def show_list(request: HttpRequest) -> HttpResponse:
    """Show the stations that take bookings to anybody."""
    return render(request, "stations/public_list.html", {"found": queries.list_public()})


@login_not_required
@require_safe
def show_station(request: HttpRequest, slug: str) -> HttpResponse:
    """Show what can be booked at a station and when."""
    return _render_station(request, _get_station(slug))


@login_not_required
@require_POST
def hold_slot(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Hold a time for some minutes, and lead to the page on which it is booked; no name is asked for yet."""
    station, now = _get_station(slug), get_now()
    try:
        visit = _read_visit(request, now)
        start = _read_time(request.POST.get("slot", ""))
        booking = actions.hold(actions.Asked(station, request.POST.get("skill", ""), start, visit), now)
    except CanyuError as error:
        return _render_station(request, station, error)
    return redirect("booking", queries.make_link(booking))


@login_not_required
@require_safe
def show_booking(request: HttpRequest, link: str) -> HttpResponse:
    """Show a booking to whoever has its link."""
    return _render_booking(request, _get_booking(link), link)


@login_not_required
@require_POST
def confirm_booking(request: HttpRequest, link: str) -> HttpResponseBase:
    """Book what is held, for whoever agreed to the privacy notice."""
    booking, form = _get_booking(link), GuestForm(request.POST)
    if not form.is_valid():
        return _render_booking(request, booking, link, form=form)
    language = get_language() or ""
    consent = name_text(tell_consent(), language) if request.POST.get("consent") == "1" else ""
    origin = f"{request.scheme}://{request.get_host()}"
    given = {name: form.cleaned_data[name] for name in ("name", "phone", "mail", "note")}
    guest = actions.Guest(**given, consent=consent, language=language[:10], origin=origin[:200])
    try:
        actions.confirm(booking, guest, get_now())
    except CanyuError as error:
        return _render_booking(request, booking, link, error, form)
    return redirect("booking", link)


@login_not_required
@require_POST
def cancel_booking(request: HttpRequest, link: str) -> HttpResponseBase:
    """Let the time go."""
    booking = _get_booking(link)
    try:
        actions.cancel(booking, actions.VISITOR, get_now())
    except CanyuError as error:
        return _render_booking(request, booking, link, error)
    return redirect("booking", link)


@login_not_required
@require_POST
def ask_data(request: HttpRequest, link: str) -> HttpResponseBase:
    """Take in the wish for a copy or an erasure; asked again it is the same request, whose clock runs on."""
    booking, wish, now = _get_booking(link), WISHES.get(request.POST.get("wish", "")), get_now()
    if wish is None:
        raise Http404(link)
    if not brakes.is_within("booking-wishes", brakes.find_network(request), MOST_WISHES_AN_HOUR, now):
        return _render_booking(request, booking, link, _refuse_crowd())
    fan = keep_identifier(Named(IdKind.ACTOR, booking.person), now).fan
    open_request(fan, wish, actions.VISITOR, PUBLIC, now)
    return redirect("booking", link)


@login_not_required
@require_safe
def fetch_data(request: HttpRequest, link: str) -> HttpResponseBase:  # noqa: ARG001 - Django's signature
    """Send the copy that staff made ready, while it may be fetched."""
    fan = find_known(_get_booking(link).person)
    if fan is None or find_ready(fan) is None:
        raise Http404(link)
    return make_download(fan)


def tell_consent() -> str:
    """Return what somebody agrees to who books, in the page's language."""
    return _(
        "I agree that the station keeps my name, my contact and my note for this visit. They are deleted 30 days after"
        " it, or before if I ask; the time, the place and a random number stay for counting."
    )


def _get_station(slug: str) -> Station:
    station = queries.find_public(slug)
    if station is None:
        raise Http404(slug)
    return station


def _get_booking(link: str) -> Booking:
    booking = queries.find_by_link(link)
    if booking is None:
        raise Http404(link)
    return booking


def _read_visit(request: HttpRequest, now: datetime) -> str:
    """Return the name of the form that was sent; raises TooMany where a program seems to have sent it."""
    nonce, is_too_soon = read_pass(request.POST.get("pass", ""), now)
    if not nonce or is_too_soon or request.POST.get("website"):
        raise TooMany(_("That was too quick."), mend=_("Wait a moment, then press the button again."))
    if not brakes.is_within("bookings", brakes.find_network(request), MOST_HOLDS_AN_HOUR, now):
        raise _refuse_crowd()
    return nonce


def _refuse_crowd() -> TooMany:
    return TooMany(_("Too much comes from your network at once."), mend=_("Try again in an hour."))


def _read_time(text: str) -> datetime:
    """Return the start that a button names; a time long past for none, which nothing can be booked at."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return LONG_AGO
    return found.astimezone(UTC) if found.tzinfo and 2000 <= found.year <= 2999 else LONG_AGO


def _read_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _render_station(request: HttpRequest, station: Station, error: CanyuError | None = None) -> HttpResponse:
    now, given = get_now(), request.POST if error else request.GET
    offer = queries.find_offer(station, given.get("skill", ""), _read_day(given.get("day", "")), now)
    passed = request.POST.get("pass", "")
    context = {
        "station": station,
        "zone": queries.read_hours(station.calendar).zone,
        "offer": offer,
        "skills": SKILLS,
        "pass": passed if error and read_pass(passed, now)[0] else make_pass(secrets.token_urlsafe(12), now),
        "error": error,
        **_name_place(station),
    }
    answer = render(request, "stations/public_station.html", context, status=error.status if error else 200)
    add_never_cache_headers(answer)
    return answer


def _render_booking(
    request: HttpRequest, booking: Booking, link: str, error: CanyuError | None = None, form: GuestForm | None = None
) -> HttpResponse:
    now = get_now()
    booking.refresh_from_db()
    is_held = booking.state == BookingState.HELD and booking.expires_at > now
    stand = BookingState.EXPIRED if booking.state == BookingState.HELD and not is_held else booking.state
    context: dict[str, Any] = {
        "booking": booking,
        "station": booking.station,
        "zone": queries.read_hours(booking.station.calendar).zone,
        "link": link,
        "stand": stand,
        "is_held": is_held,
        "is_cancellable": stand in OPEN and booking.ends_at > now,
        "form": form or GuestForm(),
        "consent": tell_consent(),
        "skills": SKILLS,
        "states": STATES,
        "error": error,
        **(describe_wishes(booking.person) if booking.booked_at else {}),
        **_name_place(booking.station),
    }
    status = error.status if error else 400 if form else 200
    answer = render(request, "stations/public_booking.html", context, status=status)
    add_never_cache_headers(answer)
    # The address is a secret. Not no-referrer: browsers then send "Origin: null", and no form of the page is believed.
    answer["Referrer-Policy"] = "same-origin"
    return answer


def _name_place(station: Station) -> dict[str, str]:
    is_chinese = (get_language() or "").startswith("zh")
    return {
        "place": station.name_zh if is_chinese else station.name_en,
        "address": station.address_zh if is_chinese else station.address_en,
    }
