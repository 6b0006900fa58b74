"""The pages of the alerts: the list, one alert, the replay, and how an alert comes to be."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from canyu.events import Lake
from canyu.kit.clock import get_now
from canyu.kit.errors import BadInput
from canyu.kit.words import Words
from canyu.listen.bursts import SENSITIVE, BurstSettings
from canyu.listen.watch import LEARNING_DAYS
from canyu.ops.alerts import actions, queries
from canyu.ops.alerts.alarms.queries import find_active_alarm_rules
from canyu.ops.alerts.alarms.rules import AlarmRule, link_forecast, name_alarm, write_outcome
from canyu.ops.alerts.delivery import FAULTS
from canyu.ops.alerts.models import Kind, Message, Preset, State
from canyu.ops.alerts.replays import MOST_POSTS, MOST_ROWS, Shown, replay_alarms, replay_lake
from canyu.ops.alerts.rules import REPLAY_DAYS, SEVERITIES, choose_settings, is_check_late, link_posts, parse_choice
from canyu.ops.config import load_config
from canyu.ops.gate import get_viewer, requires
from canyu.ops.lakes import describe_place, find_lake
from canyu.ops.people.rules import MANAGE_ALERTS, VIEW_ALERTS

MOST_PAGES = 500
STATE_FILTERS = ("", *State.values)
ABOUT = {"alert", "replay"}


@requires(VIEW_ALERTS)
@require_safe
def show_alerts(request: HttpRequest) -> HttpResponse:
    """Show what fired, open alerts first."""
    viewer, watch = get_viewer(request), queries.get_watch()
    state = parse_choice(request.GET.dict(), "state", STATE_FILTERS)
    page = parse_choice(request.GET.dict(), "page", tuple(str(at) for at in range(1, MOST_PAGES)), "1")
    found = queries.list_alerts(viewer, state, int(page))
    context = {
        "watch": watch,
        "is_late": is_check_late(watch.checked_at, get_now()),
        "found": found,
        "state": state,
        "states": STATE_FILTERS,
        "unsent": queries.count_unsent(),
        "place": describe_place(),
        "severities": SEVERITIES,
    }
    return render(request, "alerts/alerts.html", context)


@requires(VIEW_ALERTS)
@require_safe
def show_alert(request: HttpRequest, alert_id: str) -> HttpResponse:
    """Show one alert with the posts behind it, what was told, and what the team did."""
    return _render_alert(request, alert_id)


@requires(VIEW_ALERTS)
@require_POST
def update_state(request: HttpRequest, alert_id: str) -> HttpResponseBase:
    """Say where the team stands with an alert."""
    state, note = request.POST.get("state", ""), request.POST.get("note", "")
    if state not in State.values:
        raise Http404(state)
    try:
        actions.update_state(get_viewer(request), alert_id, State(state), note, get_now())
    except BadInput as error:
        return _render_alert(request, alert_id, error)
    said = {State.NEW: _("Open again."), State.SEEN: _("Marked as seen."), State.CLOSED: _("Closed.")}
    messages.success(request, said[State(state)])
    return redirect("alert", alert_id)


@requires(VIEW_ALERTS)
@require_safe
def show_about(request: HttpRequest, kind: str) -> HttpResponse:
    """Show how an alert or a replay comes to be: definition, settings, data."""
    if kind not in ABOUT:
        raise Http404(kind)
    watch = queries.get_watch()
    preset = parse_choice(request.GET.dict(), "preset", Preset.values, watch.preset)
    context = {
        "kind": kind,
        "watch": watch,
        "settings": choose_settings(preset, watch.custom),
        "versions": watch.checked.get("versions", {}),
        "notes": [Words(*note) for note in watch.checked.get("notes", ())],
        "learning_days": LEARNING_DAYS,
    }
    name = "alerts/about.html" if request.headers.get("HX-Request") else "alerts/about_page.html"
    return render(request, name, context)


@requires(VIEW_ALERTS)
@require_safe
def show_replay(request: HttpRequest) -> HttpResponse:
    """Show what would have fired in the last days, with few and with many alerts side by side."""
    days = int(parse_choice(request.GET.dict(), "days", tuple(map(str, REPLAY_DAYS)), str(REPLAY_DAYS[1])))
    watch, lake = queries.get_watch(), find_lake()
    has_custom = watch.preset == Preset.CUSTOM
    kinds: dict[str, BurstSettings] = {Preset.DEFAULT.value: BurstSettings(), Preset.SENSITIVE.value: SENSITIVE}
    if has_custom:
        kinds[Preset.CUSTOM.value] = choose_settings(watch.preset, watch.custom)
    preset = parse_choice(request.GET.dict(), "preset", tuple(kinds), Preset.DEFAULT.value)
    rules = tuple(queries.find_active_rules())
    found = {name: replay_lake(lake, days, settings, rules) if lake else None for name, settings in kinds.items()}
    shown = found[preset]
    context: dict[str, Any] = {
        "days": days,
        "all_days": REPLAY_DAYS,
        "preset": preset,
        "found": found,
        "shown": shown,
        "rows": _list_rows(shown) if shown else [],
        "rules": rules,
        **_describe_alarms(lake, days, shown),
        "most_rows": MOST_ROWS,
        "place": describe_place(),
        "severities": SEVERITIES,
    }
    return render(request, "alerts/replay.html", context)


@requires(MANAGE_ALERTS)
@require_POST
def retry_messages(request: HttpRequest) -> HttpResponseBase:
    """Make every message that was not taken due again."""
    count = actions.retry_messages(get_viewer(request), get_now())
    messages.success(request, _("%d messages go out with the next check.") % count)
    return redirect("alert_rules")


def describe_messages(found: list[Message]) -> list[tuple[Message, Words | None]]:
    """Return each message with what went wrong, if anything did."""
    return [(message, FAULTS.get(message.fault)) for message in found]


def _render_alert(request: HttpRequest, alert_id: str, error: BadInput | None = None) -> HttpResponse:
    viewer = get_viewer(request)
    context: dict[str, Any] = {
        "view": queries.get_alert(viewer, alert_id),
        "sent": describe_messages(queries.list_messages(viewer, alert_id)),
        "error": error,
        "note": request.POST.get("note", ""),
        "severities": SEVERITIES,
    }
    is_burst = context["view"].row.kind == Kind.BURST
    name = "alerts/alert.html" if is_burst else "alerts/alarm.html"
    return render(request, name, context, status=error.status if error else 200)


def _describe_alarms(lake: Lake | None, days: int, shown: Shown | None) -> dict[str, Any]:
    """Return what rules on forecasts would have told; where there are none, what a new one's first values would."""
    rules = tuple(find_active_alarm_rules())
    usual = AlarmRule(str(_("as a new rule begins")), "")
    found = replay_alarms(lake, days, shown.now, rules or (usual,)) if lake and shown else None
    zone = load_config().zone
    rows = [(alarm, name_alarm(alarm, zone), write_outcome(alarm), link_forecast(alarm))
            for alarm in (found.newest if found else ())]  # fmt: skip
    return {"alarms": found, "alarm_rows": rows, "has_alarm_rules": bool(rules), "most_posts": MOST_POSTS}


def _list_rows(shown: Shown) -> list[dict[str, Any]]:
    names, zone = queries.get_names(), load_config().zone
    return [
        {"alert": alert, "name": names.tell(alert.series), "posts_params": link_posts(alert, zone)}
        for alert in shown.newest
    ]
