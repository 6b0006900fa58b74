"""The doors for minutes and plays by file and by hand, and for clips; each leads back to the session."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_POST, require_safe

from canyu.kit.clock import get_now
from canyu.kit.errors import BadInput
from canyu.ops.alerts.rules import parse_number
from canyu.ops.campaigns.lives import actions, queries
from canyu.ops.campaigns.lives.forms import ClipForm, MinuteForm, UploadForm
from canyu.ops.campaigns.lives.intake.reading import (
    MINUTE_COLUMNS,
    Frame,
    RowFault,
    read_minute_line,
    read_minutes,
    read_play_line,
    read_plays,
)
from canyu.ops.campaigns.lives.models import Session
from canyu.ops.campaigns.lives.pages import act, render_session
from canyu.ops.campaigns.lives.rules import Source
from canyu.ops.gate import get_viewer, requires
from canyu.ops.insight.pages import send_file
from canyu.ops.people.rules import MANAGE_CAMPAIGNS, VIEW_CAMPAIGNS

SHOWN_FAULTS = 100


@requires(VIEW_CAMPAIGNS)
@require_safe
def send_template(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """Send an empty file of minutes with its header."""
    return send_file("\ufeff" + ",".join(MINUTE_COLUMNS) + "\n", "text/csv; charset=utf-8", "canyu-live-minutes.csv")


@requires(MANAGE_CAMPAIGNS)
@require_POST
def upload_minutes(request: HttpRequest, session_id: int) -> HttpResponseBase:
    """Keep the good rows of a file of minutes, and name the others."""
    viewer = get_viewer(request)
    session = queries.get_session(viewer, session_id)
    try:
        found = read_minutes(UploadForm(request.POST, request.FILES).read(), _frame(session))
    except BadInput as error:
        return render_session(request, session_id, error)
    kept = actions.keep_minutes(viewer, session, found.lines, Source.CSV, get_now())
    brought = {"kept": kept, "unsaid": found.unsaid, "faults": found.faults[:SHOWN_FAULTS], "bad": len(found.faults)}
    return render_session(request, session_id, intake={"brought": brought})


@requires(MANAGE_CAMPAIGNS)
@require_POST
def tell_minute(request: HttpRequest, session_id: int) -> HttpResponseBase:
    """Keep one minute that somebody wrote by hand."""
    viewer = get_viewer(request)
    session = queries.get_session(viewer, session_id)
    form = MinuteForm(request.POST, platforms=list(session.platforms))
    if not form.is_valid():
        return render_session(request, session_id, forms={"minute_form": form})
    try:
        line = read_minute_line({name: str(text) for name, text in form.cleaned_data.items()}, _frame(session))
    except RowFault as fault:
        form.add_error(fault.field, f"{fault.reason} {fault.mend}")
        return render_session(request, session_id, forms={"minute_form": form})
    return act(request, session_id, lambda: actions.keep_minutes(viewer, session, [line], Source.HAND, get_now()))


@requires(MANAGE_CAMPAIGNS)
@require_POST
def add_clip(request: HttpRequest, session_id: int) -> HttpResponseBase:
    """Keep a clip."""
    viewer, now = get_viewer(request), get_now()
    session = queries.get_session(viewer, session_id)
    form = ClipForm(request.POST, zone=session.zone, platforms=list(session.platforms))
    if not form.is_valid():
        return render_session(request, session_id, forms={"clip_form": form})
    return act(request, session_id, lambda: actions.add_clip(viewer, session, form.make_draft(now), now))


@requires(MANAGE_CAMPAIGNS)
@require_POST
def upload_plays(request: HttpRequest, session_id: int) -> HttpResponseBase:
    """Keep the good rows of a file of plays, and name the others."""
    viewer = get_viewer(request)
    session = queries.get_session(viewer, session_id)
    clips = [(clip.platform, clip.title) for clip in queries.list_clips(session)]
    try:
        found = read_plays(UploadForm(request.POST, request.FILES).read(), session.zone, clips)
    except BadInput as error:
        return render_session(request, session_id, error)
    kept = actions.keep_plays(viewer, session, found.lines, Source.CSV, get_now())
    brought = {"kept": kept, "unsaid": 0, "faults": found.faults[:SHOWN_FAULTS], "bad": len(found.faults)}
    return render_session(request, session_id, intake={"brought": brought})


@requires(MANAGE_CAMPAIGNS)
@require_POST
def tell_plays(request: HttpRequest, session_id: int) -> HttpResponseBase:
    """Keep how often a clip had been played by now, by hand."""
    viewer = get_viewer(request)
    session = queries.get_session(viewer, session_id)
    asked, now = parse_number(request.POST.get("clip", "")), get_now()
    clips = [(clip.platform, clip.title) for clip in queries.list_clips(session) if clip.pk == asked]
    row = {"at": now.isoformat(), "clip": clips[0][1] if clips else "", "plays": request.POST.get("plays", "").strip()}
    try:
        line = read_play_line(row, session.zone, clips)
    except RowFault as fault:
        return render_session(request, session_id, BadInput(fault.reason, mend=fault.mend))
    return act(request, session_id, lambda: actions.keep_plays(viewer, session, [line], Source.HAND, now))


def _frame(session: Session) -> Frame:
    return Frame(session.platforms, session.zone, queries.find_span(session, get_now()))
