"""The pages of people's requests: the queue with its clock, copies, erasures released by a second person, receipts."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from canyu.kit.clock import get_now
from canyu.kit.errors import CanyuError
from canyu.kit.jsonio import dump_json_bytes
from canyu.ops.config import load_config
from canyu.ops.fans import queries
from canyu.ops.fans.copying import write_copy
from canyu.ops.fans.models import Fan
from canyu.ops.fans.pages import render_fan
from canyu.ops.fans.subject import actions
from canyu.ops.fans.subject.rules import STAND_WORDS, WISH_WORDS, Stand, Wish
from canyu.ops.gate import get_viewer, requires
from canyu.ops.lakes import describe_place
from canyu.ops.people.rules import MANAGE_FANS, RELEASE_ERASURE, VIEW_FANS


@requires(VIEW_FANS)
@require_safe
def show_requests(request: HttpRequest) -> HttpResponse:
    """Show what people have asked for, by what is due."""
    return _render_requests(request)


@requires(RELEASE_ERASURE)
@require_POST
def release_erasure(request: HttpRequest, request_id: int) -> HttpResponseBase:
    """Release an erasure that somebody else asked for; it begins within a minute."""
    typed = request.POST.get("typed", "")
    return _act(request, lambda: actions.release_erasure(get_viewer(request), request_id, typed, get_now()))


@requires(MANAGE_FANS)
@require_POST
def make_ready(request: HttpRequest, request_id: int) -> HttpResponseBase:
    """Let a person fetch their copy on the public page."""
    return _act(request, lambda: actions.make_ready(get_viewer(request), request_id, get_now()))


@requires(MANAGE_FANS)
@require_POST
def close_request(request: HttpRequest, request_id: int) -> HttpResponseBase:
    """Close a request with what was answered."""
    stand = Stand.REFUSED if request.POST.get("stand") == Stand.REFUSED else Stand.DONE
    note = request.POST.get("note", "")
    return _act(request, lambda: actions.close_request(get_viewer(request), request_id, stand, note, get_now()))


@requires(VIEW_FANS)
@require_safe
def show_receipts(request: HttpRequest) -> HttpResponse:
    """Show the receipts of erasures."""
    context = {"rows": queries.list_receipts(get_viewer(request)), "place": describe_place()}
    return render(request, "fans/receipts.html", context)


@requires(VIEW_FANS)
@require_safe
def send_receipt(request: HttpRequest, number: str) -> HttpResponse:
    """Send one receipt, as ``canyu fans verify`` reads it."""
    row = queries.get_receipt(get_viewer(request), number)
    answer = HttpResponse(dump_json_bytes(row.document), content_type="application/json")
    answer["Content-Disposition"] = f'attachment; filename="{row.number}.json"'
    return answer


@requires(MANAGE_FANS)
@require_POST
def send_copy(request: HttpRequest, key: str) -> HttpResponseBase:
    """Send a copy of everything that is held of a person, while it is read; logged as a request."""
    viewer = get_viewer(request)
    fan, now = queries.get_fan(viewer, key), get_now()
    try:
        actions.log_copy(viewer, fan, request.POST.get("typed", ""), now)
    except CanyuError as error:
        return render_fan(request, fan, error)
    return make_download(fan)


@requires(MANAGE_FANS)
@require_POST
def ask(request: HttpRequest, key: str) -> HttpResponseBase:
    """Take in what a person asked for: an erasure needs the number typed, all else only the wish."""
    viewer = get_viewer(request)
    fan, now = queries.get_fan(viewer, key), get_now()
    given = request.POST.get("wish", "")
    wish = Wish(given) if given in set(Wish) else Wish.ACCESS
    try:
        if wish is Wish.ERASE:
            actions.ask_erasure(viewer, fan, request.POST.get("typed", ""), now)
        else:
            actions.open_request(fan, wish, viewer.username, "staff", now)
    except CanyuError as error:
        return render_fan(request, fan, error)
    messages.success(request, _("Taken in."))
    return redirect("fan_requests")


def make_download(fan: Fan) -> StreamingHttpResponse:
    """Return the answer that streams a person's copy."""
    pieces = write_copy(queries.describe_whose(fan), get_now())
    answer = StreamingHttpResponse(pieces, content_type="application/zip")
    answer["Content-Disposition"] = f'attachment; filename="{fan.key}.zip"'
    answer["Cache-Control"] = "no-store"
    return answer


def _act(request: HttpRequest, change: Callable[[], object]) -> HttpResponseBase:
    try:
        change()
    except CanyuError as error:
        return _render_requests(request, error)
    messages.success(request, _("Kept."))
    return redirect("fan_requests")


def _render_requests(request: HttpRequest, error: CanyuError | None = None) -> HttpResponse:
    viewer = get_viewer(request)
    context = {
        "waiting": queries.list_requests(viewer, is_open=True),
        "closed": queries.list_requests(viewer, is_open=False),
        "wishes": WISH_WORDS,
        "stands": STAND_WORDS,
        "days": load_config().subject_request_days,
        "now": get_now(),
        "error": error,
    }
    return render(request, "fans/requests.html", context, status=error.status if error else 200)
