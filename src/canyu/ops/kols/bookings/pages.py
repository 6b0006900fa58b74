"""The pages of bookings: what is due, and one booking with its steps."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from canyu.events.importers.expressions import MINOR_DIGITS
from canyu.kit.clock import get_now
from canyu.kit.errors import BadInput, CanyuError, NotFound
from canyu.kit.words import Words
from canyu.listen.copycheck import Verdict, check_copy
from canyu.ops.alerts.rules import parse_choice
from canyu.ops.evidence.copy_check import describe_report
from canyu.ops.gate import get_viewer, requires
from canyu.ops.kols.bookings import actions, queries
from canyu.ops.kols.bookings.marks import MARK_WORDS, Mark
from canyu.ops.kols.bookings.rules import NEED_WORDS, POST_KINDS, STATE_WORDS, Need, is_confirmed, is_late, name_state
from canyu.ops.kols.errors import KolBlocked
from canyu.ops.kols.forms import BookingForm, BriefForm
from canyu.ops.kols.models import Booking, BookingState, PostKind
from canyu.ops.kols.queries import get_account, get_kol_view, get_today
from canyu.ops.people.models import Person
from canyu.ops.people.rules import APPROVE_PAYMENT, MANAGE_KOLS, VIEW_KOLS

MOST_PAGES = 1000
State = BookingState
ANSWERS: dict[str, Callable[[Person, int, str, datetime], Booking]] = {
    State.ACCEPTED: actions.accept,
    State.DECLINED: actions.decline,
    State.CANCELLED: actions.cancel,
}
VERDICT_WORDS = {
    Verdict.CLEAN: Words("没有发现问题", "nothing was met"),
    Verdict.NEEDS_PROOF: Words("有说法需要依据", "some claims need proof"),
    Verdict.BLOCKED: Words("有广告法禁止的说法", "some claims are forbidden by advertising law"),
}


@requires(VIEW_KOLS)
@require_safe
def show_bookings(request: HttpRequest) -> HttpResponse:
    """Show what is due, late, to check and to pay."""
    need = parse_choice(request.GET.dict(), "need", tuple(Need), Need.OPEN)
    page = parse_choice(request.GET.dict(), "page", tuple(map(str, range(1, MOST_PAGES))), "1")
    now = get_now()
    found = queries.list_bookings(get_viewer(request), need, int(page), now)
    context = {
        "found": found,
        "late": {row.pk for row in found.rows if is_late(row, now)},
        "need": need,
        "needs": [(name, words, found.counts[name]) for name, words in NEED_WORDS.items()],
        "states": STATE_WORDS,
        "post_kinds": POST_KINDS,
    }
    return render(request, "kols/bookings.html", context)


@requires(VIEW_KOLS)
@require_safe
def show_booking(request: HttpRequest, booking_id: int) -> HttpResponse:
    """Show one booking: where it stands, its brief, its post, and the step that may follow."""
    return _render_booking(request, booking_id)


@requires(MANAGE_KOLS)
@require_http_methods(["GET", "HEAD", "POST"])
def create_booking(request: HttpRequest, account_id: int) -> HttpResponseBase:
    """Show the form of a booking, or ask the account for a post."""
    viewer = get_viewer(request)
    account = get_account(viewer, account_id)
    form = BookingForm(request.POST) if request.method == "POST" else BookingForm(initial=_fill(request, account_id))
    error: CanyuError | None = None
    if request.method == "POST" and form.is_valid():
        try:
            booking = actions.create_booking(viewer, form.make_draft(account_id), get_now())
        except (BadInput, KolBlocked) as fault:
            error = fault
        else:
            return redirect("kol_booking", booking.pk)
    context = {"form": form, "account": account, "error": error}
    status = error.status if error else 400 if form.errors else 200
    return render(request, "kols/book.html", context, status=status)


@requires(MANAGE_KOLS)
@require_POST
def update_brief(request: HttpRequest, booking_id: int) -> HttpResponseBase:
    """Keep the brief and the day it is due."""
    form = BriefForm(request.POST)
    if not form.is_valid():
        return _render_booking(request, booking_id, form=form)
    given = form.cleaned_data["brief"]
    return _act(
        request,
        booking_id,
        lambda: actions.save_brief(get_viewer(request), booking_id, given, form.read_due(), get_now()),
    )


@requires(MANAGE_KOLS)
@require_POST
def send_brief(request: HttpRequest, booking_id: int) -> HttpResponseBase:
    """Note that the brief went out, after the check of its claims."""
    is_sure = request.POST.get("sure") == "1"
    return _act(request, booking_id, lambda: actions.send_brief(get_viewer(request), booking_id, is_sure, get_now()))


@requires(MANAGE_KOLS)
@require_POST
def answer(request: HttpRequest, booking_id: int) -> HttpResponseBase:
    """Note that the account accepts or declines, or call the post off."""
    step = ANSWERS.get(request.POST.get("state", ""))
    if step is None:
        raise Http404
    note = request.POST.get("note", "")
    return _act(request, booking_id, lambda: step(get_viewer(request), booking_id, note, get_now()))


@requires(MANAGE_KOLS)
@require_POST
def mark_posted(request: HttpRequest, booking_id: int) -> HttpResponseBase:
    """Note that the post is out."""
    chosen = request.POST.get("chosen", "") or request.POST.get("post", "")
    url = request.POST.get("url", "")
    return _act(
        request, booking_id, lambda: actions.mark_posted(get_viewer(request), booking_id, chosen, url, get_now())
    )


@requires(MANAGE_KOLS)
@require_POST
def approve_check(request: HttpRequest, booking_id: int) -> HttpResponseBase:
    """Approve the post as agreed."""
    note = request.POST.get("note", "")
    return _act(request, booking_id, lambda: actions.approve_check(get_viewer(request), booking_id, note, get_now()))


@requires(APPROVE_PAYMENT)
@require_POST
def pay(request: HttpRequest, booking_id: int) -> HttpResponseBase:
    """Note the payment; a second person does, and types its amount: it cannot be undone."""
    viewer, reference = get_viewer(request), request.POST.get("reference", "")

    def note_payment() -> Booking:
        if not is_confirmed(request.POST.get("amount", ""), queries.get_booking(viewer, booking_id)):
            raise BadInput(
                _("The amount typed is not that of the booking; nothing was noted."),
                mend=_("Type the amount that was paid, as a payment cannot be undone here."),
            )
        return actions.pay(viewer, booking_id, reference, get_now())

    return _act(request, booking_id, note_payment)


@requires(MANAGE_KOLS)
@require_POST
def undo(request: HttpRequest, booking_id: int) -> HttpResponseBase:
    """Take the last step back."""
    return _act(request, booking_id, lambda: actions.undo(get_viewer(request), booking_id, get_now()))


@requires(MANAGE_KOLS)
@require_POST
def measure(request: HttpRequest, booking_id: int) -> HttpResponseBase:
    """Count who reacted until now."""
    viewer = get_viewer(request)
    booking = queries.get_booking(viewer, booking_id)
    if actions.measure_booking(booking, get_now()) is None:
        messages.info(request, _("The post is not in the lake yet: nothing was counted."))
    return redirect("kol_booking", booking_id)


def _act(request: HttpRequest, booking_id: int, change: Callable[[], Booking]) -> HttpResponseBase:
    try:
        booking = change()
    except NotFound:
        raise
    except CanyuError as error:
        return _render_booking(request, booking_id, error=error)
    messages.success(request, _("Kept: %s.") % str(name_state(booking)))
    return redirect("kol_booking", booking_id)


def _render_booking(
    request: HttpRequest, booking_id: int, error: CanyuError | None = None, form: BriefForm | None = None
) -> HttpResponse:
    viewer, now = get_viewer(request), get_now()
    booking = queries.get_booking(viewer, booking_id)
    post = queries.find_booked_post(viewer, booking)
    report = check_copy(booking.brief) if booking.brief.strip() else None
    found = booking.checks.get("post")
    due = get_today(booking.post_due_at) if booking.post_due_at else None
    context: dict[str, Any] = {
        "booking": booking,
        "account": booking.account,
        "steps": queries.list_steps(viewer, booking),
        "state": name_state(booking),
        "states": STATE_WORDS,
        "kind": POST_KINDS[booking.kind],
        "is_late": is_late(booking, now),
        "undoable": queries.find_undoable(booking),
        "brief_form": form or BriefForm(initial={"brief": booking.brief, "due": due}),
        "brief_check": describe_report(booking.brief, report) if report else None,
        "is_brief_blocked": report is not None and report.verdict is Verdict.BLOCKED,
        "candidates": queries.find_candidates(viewer, booking) if booking.state == State.ACCEPTED else [],
        "post": post,
        "is_changed": bool(post and found and found.get("sha256") not in {None, post.digest}),
        "found": found,
        "mark": MARK_WORDS.get(Mark(found["mark"])) if found and found.get("mark") else None,
        "law": Words(*found["law"]) if found and found.get("law") else None,
        "verdict": VERDICT_WORDS.get(Verdict(found["verdict"])) if found and found.get("verdict") else None,
        "fault": queries.find_check_fault(booking, found) if found and booking.state == State.POSTED else None,
        "is_own_check": booking.checked_by == viewer.username,
        "error": error,
        "given": request.POST,
    }
    status = error.status if error else 400 if form is not None else 200
    return render(request, "kols/booking.html", context, status=status)


def _fill(request: HttpRequest, account_id: int) -> dict[str, Any]:
    """Return what the form shows first: the price in force of what is asked for."""
    viewer, today = get_viewer(request), get_today(get_now())
    account = get_account(viewer, account_id)
    view = next(one for one in get_kol_view(viewer, account.kol_id).accounts if one.account.pk == account_id)
    kind = request.GET.get("kind", PostKind.POST)
    in_force = [
        price for price in view.prices if price.since <= today and (price.until is None or price.until >= today)
    ]
    price = next((one for one in in_force if one.kind == kind), next(iter(in_force), None))
    if price is None:
        return {"kind": kind}
    amount = Decimal(price.amount_minor).scaleb(-MINOR_DIGITS.get(price.currency, 2))
    return {"kind": price.kind, "price": f"{amount}", "currency": price.currency}
