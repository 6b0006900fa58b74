"""The staff's pages of stations: the list, the board of a day, the forms."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from canyu.kit.clock import get_now
from canyu.kit.errors import CanyuError, NotFound
from canyu.ops.gate import get_viewer, requires
from canyu.ops.people.rules import MANAGE_STATIONS, VIEW_STATIONS
from canyu.ops.stations import actions, queries
from canyu.ops.stations.booking import actions as booking
from canyu.ops.stations.forms import BenchForm, StationForm, describe_station
from canyu.ops.stations.models import Station
from canyu.ops.stations.reminding import actions as reminding
from canyu.ops.stations.rules import MAILS, NOTICES, SKILLS, STATES


@requires(VIEW_STATIONS)
@require_safe
def show_stations(request: HttpRequest) -> HttpResponse:
    """Show every station with its benches."""
    return render(
        request, "stations/stations.html", {"found": queries.list_stations(get_viewer(request)), "skills": SKILLS}
    )


@requires(MANAGE_STATIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def create_station(request: HttpRequest) -> HttpResponseBase:
    """Show the form of a station, or keep a new one."""
    return _edit(request, None)


@requires(MANAGE_STATIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def edit_station(request: HttpRequest, station_id: int) -> HttpResponseBase:
    """Show the form of a station, or keep what was changed."""
    return _edit(request, queries.get_station(get_viewer(request), station_id))


@requires(VIEW_STATIONS)
@require_safe
def show_board(request: HttpRequest, station_id: int) -> HttpResponse:
    """Show who comes to a station on a day."""
    return _render_board(request, station_id)


@requires(MANAGE_STATIONS)
@require_POST
def add_bench(request: HttpRequest, station_id: int) -> HttpResponseBase:
    """Add a bench to a station."""
    form = BenchForm(request.POST)
    if not form.is_valid():
        return _render_board(request, station_id, form=form)
    viewer = get_viewer(request)
    station, given = queries.get_station(viewer, station_id), form.cleaned_data
    return _act(request, station_id, lambda: actions.add_bench(viewer, station, given["name"], given["skills"]))


@requires(MANAGE_STATIONS)
@require_POST
def switch_bench(request: HttpRequest, station_id: int, bench_id: int) -> HttpResponseBase:
    """Take a bench out of use or back."""
    viewer = get_viewer(request)
    station, is_on = queries.get_station(viewer, station_id), request.POST.get("on") == "1"
    return _act(request, station_id, lambda: actions.switch_bench(viewer, station, bench_id, is_on))


@requires(MANAGE_STATIONS)
@require_POST
def send_again(request: HttpRequest, station_id: int) -> HttpResponseBase:
    """Try the mails again that were not sent, or may not have been."""
    station = queries.get_station(get_viewer(request), station_id)
    return _act(request, station_id, lambda: reminding.send_again(station, get_now()))


@requires(MANAGE_STATIONS)
@require_POST
def note_visit(request: HttpRequest, station_id: int, booking_id: int) -> HttpResponseBase:
    """Note that somebody came or did not, or cancel their booking."""
    viewer, now, what = get_viewer(request), get_now(), request.POST.get("what", "")
    row = queries.get_booking(viewer, station_id, booking_id)
    steps: dict[str, Callable[[], object]] = {
        "came": lambda: booking.note_visit(viewer, row, True, now),
        "missed": lambda: booking.note_visit(viewer, row, False, now),
        "cancel": lambda: booking.cancel(row, viewer.username, now),
    }
    if what not in steps:
        raise NotFound(_("There is no such step."))
    return _act(request, station_id, steps[what])


def _edit(request: HttpRequest, station: Station | None) -> HttpResponseBase:
    initial = describe_station(station) if station else None
    form = StationForm(request.POST) if request.method == "POST" else StationForm(initial=initial)
    error: CanyuError | None = None
    if request.method == "POST" and form.is_valid():
        try:
            kept = actions.save_station(get_viewer(request), form.make_draft(), station, get_now())
        except CanyuError as fault:
            error = fault
        else:
            messages.success(request, _("Kept."))
            return redirect("station", kept.pk)
    status = error.status if error else 400 if form.errors else 200
    return render(request, "stations/edit.html", {"form": form, "error": error, "station": station}, status=status)


def _act(request: HttpRequest, station_id: int, change: Callable[[], object]) -> HttpResponseBase:
    try:
        change()
    except CanyuError as error:
        return _render_board(request, station_id, error)
    messages.success(request, _("Kept."))
    day = request.POST.get("day", "")
    return redirect(reverse("station", args=[station_id]) + (f"?day={day}" if _read_day(day) else ""))


def _render_board(
    request: HttpRequest, station_id: int, error: CanyuError | None = None, form: BenchForm | None = None
) -> HttpResponse:
    viewer, now = get_viewer(request), get_now()
    station = queries.get_station(viewer, station_id)
    zone = queries.read_hours(station.calendar).zone
    told = request.GET.get("day", "") or request.POST.get("day", "")
    day = _read_day(told) or now.astimezone(ZoneInfo(zone)).date()
    context = {
        "station": station,
        "zone": zone,
        "board": queries.find_board(viewer, station, day),
        "before": day - timedelta(1),
        "after": day + timedelta(1),
        "now": now,
        "form": form or BenchForm(),
        "stuck": queries.count_stuck(viewer, station),
        "address": request.build_absolute_uri(reverse("service_place", args=[station.slug])),
        "error": error,
        "skills": SKILLS,
        "states": STATES,
        "mails": MAILS,
        "notices": NOTICES,
    }
    status = error.status if error else 400 if form else 200
    return render(request, "stations/board.html", context, status=status)


def _read_day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 2000 <= found.year <= 2999 else None
