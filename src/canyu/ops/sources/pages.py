"""The pages of sources: who sends, how much, and what was refused."""

from __future__ import annotations

from collections.abc import Iterator

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from canyu.kit.clock import get_now
from canyu.ops.gate import get_viewer, requires
from canyu.ops.people.rules import MANAGE_SOURCES, VIEW_SOURCES
from canyu.ops.sources import actions, queries
from canyu.ops.sources.errors import SourceNameTaken
from canyu.ops.sources.forms import NewSourceForm, SourceForm, fill_source
from canyu.ops.sources.models import WriteKey
from canyu.ops.sources.queries import Filters


@requires(VIEW_SOURCES)
@require_safe
def show_sources(request: HttpRequest) -> HttpResponse:
    """Show every source with its volume, and the way to a new one."""
    return _render_sources(request, NewSourceForm())


@requires(MANAGE_SOURCES)
@never_cache
@require_POST
def create_source(request: HttpRequest) -> HttpResponse:
    """Make a source and show its key, this once."""
    form = NewSourceForm(request.POST)
    if form.is_valid():
        name = form.cleaned_data["name"]
        try:
            key = actions.create_source(get_viewer(request).username, name, form.make_draft(), get_now())
        except SourceNameTaken as error:
            form.add_error("name", str(error))
        else:
            return _render_sources(request, NewSourceForm(), (name, key))
    return _render_sources(request, form)


@requires(VIEW_SOURCES)
@require_http_methods(["GET", "HEAD", "POST"])
def show_source(request: HttpRequest, source_id: int) -> HttpResponseBase:
    """Show one source with its hours; keep what was changed."""
    viewer = get_viewer(request)
    row = queries.get_source(viewer, source_id)
    form = SourceForm(initial=fill_source(row))
    if request.method == "POST":
        if not viewer.has_perm(MANAGE_SOURCES):
            raise PermissionDenied(MANAGE_SOURCES)
        form = SourceForm(request.POST)
        if form.is_valid():
            actions.update_source(viewer, source_id, form.make_draft(), get_now())
            messages.success(request, _("Kept. It holds within seconds."))
            return redirect("source", source_id)
    return _render_source(request, row, form)


@requires(MANAGE_SOURCES)
@require_POST
def switch_source(request: HttpRequest, source_id: int) -> HttpResponseBase:
    """Switch a source on or off."""
    actions.switch_source(get_viewer(request), source_id, request.POST.get("on") == "1", get_now())
    return redirect("source", source_id)


@requires(MANAGE_SOURCES)
@never_cache
@require_POST
def rotate_key(request: HttpRequest, source_id: int) -> HttpResponseBase:
    """Give a source a new key and show it, this once."""
    row, key = actions.rotate_key(get_viewer(request), source_id, get_now())
    return _render_source(request, row, SourceForm(initial=fill_source(row)), key)


@requires(VIEW_SOURCES)
@require_safe
def show_quarantine(request: HttpRequest) -> HttpResponse:
    """Show what was refused and why; as it was sent only to those who manage sources."""
    viewer, filters = get_viewer(request), _read_filters(request)
    context = {"found": queries.list_quarantine(viewer, filters), "filters": filters}
    return render(request, "sources/quarantine.html", context)


@requires(MANAGE_SOURCES)
@require_safe
def send_quarantine(request: HttpRequest) -> StreamingHttpResponse:
    """Send the chosen refused events as JSON Lines."""
    viewer, filters = get_viewer(request), _read_filters(request)

    def write() -> Iterator[str]:
        for row in queries.iterate_quarantine(viewer, filters):
            yield queries.dump_quarantined(row) + "\n"

    answer = StreamingHttpResponse(write(), content_type="application/x-ndjson")
    answer["Content-Disposition"] = 'attachment; filename="quarantine.jsonl"'
    return answer


@requires(MANAGE_SOURCES)
@require_POST
def retry_quarantine(request: HttpRequest) -> HttpResponseBase:
    """Read the chosen refused events again, as their sources are set now."""
    viewer, filters = get_viewer(request), _read_filters(request)
    event_pk = request.POST.get("event", "")
    if event_pk.isdecimal():
        mended, left = actions.retry_event(viewer, int(event_pk), get_now())
    else:
        mended, left = actions.retry_quarantine(viewer, filters, get_now())
    told = ngettext("%(n)d event is mended and in the lake.", "%(n)d events are mended and in the lake.", mended)
    messages.success(request, told % {"n": mended} + " " + _("Still refused: %d.") % left)
    return redirect(f"{reverse('quarantine')}?{_write_filters(filters)}")


@requires(MANAGE_SOURCES)
@require_POST
def drop_event(request: HttpRequest, event_pk: int) -> HttpResponseBase:
    """Erase one refused event for good."""
    actions.drop_event(get_viewer(request), event_pk)
    messages.success(request, _("Erased for good."))
    return redirect(f"{reverse('quarantine')}?{_write_filters(_read_filters(request))}")


def _read_filters(request: HttpRequest) -> Filters:
    given = request.GET
    page = given.get("page", "")
    return Filters(given.get("source", "")[:64], given.get("reason", "")[:40], int(page) if page.isdecimal() else 1)


def _write_filters(filters: Filters) -> str:
    chosen = {"source": filters.source, "reason": filters.reason}
    return urlencode({name: value for name, value in chosen.items() if value})


def _render_sources(request: HttpRequest, form: NewSourceForm, key: tuple[str, str] | None = None) -> HttpResponse:
    viewer = get_viewer(request)
    context = {
        "lines": queries.list_sources(viewer, get_now()),
        "form": form,
        "key": key,
        "address": _find_address(request),
    }
    return render(request, "sources/sources.html", context, status=400 if form.errors else 200)


def _render_source(request: HttpRequest, row: WriteKey, form: SourceForm, key: str = "") -> HttpResponse:
    now = get_now()
    context = {
        "row": row,
        "form": form,
        "key": (row.name, key) if key else None,
        "hours": queries.list_hours(get_viewer(request), row.name, now),
        "is_former_valid": row.former_until is not None and row.former_until > now,
        "address": _find_address(request),
    }
    return render(request, "sources/source.html", context, status=400 if form.errors else 200)


def _find_address(request: HttpRequest) -> str:
    return request.build_absolute_uri("/").rstrip("/")
