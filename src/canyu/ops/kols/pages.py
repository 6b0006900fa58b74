"""The pages of the roster: the list, one KOL, and how its figures come to be."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from canyu.kit.clock import get_now
from canyu.kit.errors import BadInput
from canyu.measure import render_chart
from canyu.ops.gate import get_viewer, requires
from canyu.ops.insight.pages import YEAR_S, make_own_ids
from canyu.ops.kols import actions, queries
from canyu.ops.kols.bookings.reach import REACH_DEFINITION
from canyu.ops.kols.bookings.rules import KOL_KINDS, POST_KINDS, STATE_WORDS, is_late
from canyu.ops.kols.forms import ContractForm, PriceForm
from canyu.ops.kols.pictures import draw_followers
from canyu.ops.kols.queries import AccountView
from canyu.ops.kols.rules import (
    COLUMN_WORDS,
    ORDER_OF,
    ORDER_WORDS,
    WHO_WORDS,
    Column,
    Order,
    parse_columns,
    parse_roster,
)
from canyu.ops.lakes import describe_place
from canyu.ops.people.rules import MANAGE_KOLS, VIEW_KOLS
from canyu.ops.travel.pages import send_picture

WIDE_PX, SLIM_PX = 680, 296
CHART_FORMS = ("csv", "svg", "png")
COLUMNS_COOKIE = "canyu_kols_columns"
ABOUT = {"roster", "performance", "signals", "reach"}


@requires(VIEW_KOLS)
@require_safe
def show_kols(request: HttpRequest) -> HttpResponse:
    """Show whom we can ask: the accounts of the roster, filtered and sorted."""
    viewer, query = get_viewer(request), parse_roster(request.GET.dict())
    asked = request.GET.getlist("column")
    columns = parse_columns(asked, request.COOKIES.get(COLUMNS_COOKIE, ""))
    context = {
        "columns": columns,
        "name_words": ORDER_WORDS[Order.NAME],
        "has_market_column": Column.MARKET in columns,
        "all_columns": [(column, COLUMN_WORDS[column]) for column in Column],
        "shown_columns": [(column, COLUMN_WORDS[column], ORDER_OF.get(column)) for column in columns],
        "kept": [(name, value) for name, value in request.GET.items() if name not in {"column", "page"}],
        "query": query,
        "found": queries.list_roster(viewer, query, get_now()),
        "choices": queries.list_choices(viewer),
        "kinds": KOL_KINDS,
        "post_kinds": POST_KINDS,
        "who_choices": list(WHO_WORDS.items()),
        "most": request.GET.get("most", "")[:30],
        "place": describe_place(),
    }
    answer = render(request, "kols/kols.html", context)
    if asked:
        answer.set_cookie(COLUMNS_COOKIE, ".".join(columns), max_age=YEAR_S, samesite="Lax", httponly=True)
    return answer


@requires(VIEW_KOLS)
@require_safe
def show_kol(request: HttpRequest, kol_id: int) -> HttpResponse:
    """Show what is known of one KOL: accounts, prices, followers, signs, contracts, bookings."""
    return _render_kol(request, kol_id)


@requires(VIEW_KOLS)
@require_safe
def show_about(request: HttpRequest, kind: str) -> HttpResponse:
    """Show how a figure of the roster or of a booking comes to be."""
    if kind not in ABOUT:
        raise Http404(kind)
    name = "kols/about.html" if request.headers.get("HX-Request") else "kols/about_page.html"
    return render(request, name, {"kind": kind, "reach": REACH_DEFINITION})


@requires(VIEW_KOLS)
@require_safe
def send_followers(request: HttpRequest, account_id: int, form: str) -> HttpResponse:
    """Send the history of an account's followers as CSV, SVG or PNG."""
    viewer = get_viewer(request)
    account = queries.get_account(viewer, account_id)
    counts = queries.list_follower_counts(viewer, account)
    picture = draw_followers([(count.day, count.followers) for count in counts])
    if picture is None or form not in CHART_FORMS:
        raise Http404(form)
    return send_picture(picture, form, f"canyu-followers-{account.pk}")


@requires(MANAGE_KOLS)
@require_POST
def update_block(request: HttpRequest, kol_id: int) -> HttpResponseBase:
    """Block a KOL for a reason, or lift the block."""
    viewer, now = get_viewer(request), get_now()
    if request.POST.get("on") == "1":
        return _try(
            request, kol_id, lambda: actions.block(viewer, kol_id, request.POST.get("reason", ""), now), _("Blocked.")
        )
    actions.unblock(viewer, kol_id, now)
    messages.success(request, _("The block is lifted."))
    return redirect("kol", kol_id)


@requires(MANAGE_KOLS)
@require_POST
def update_watch(request: HttpRequest, kol_id: int) -> HttpResponseBase:
    """Put a KOL on the watch list, or take them off it."""
    viewer, now = get_viewer(request), get_now()
    if request.POST.get("on") == "1":
        posts = request.POST.get("posts", "").split()
        reason = request.POST.get("reason", "")
        return _try(request, kol_id, lambda: actions.watch(viewer, kol_id, reason, posts, now), _("On the watch list."))
    actions.unwatch(viewer, kol_id, now)
    messages.success(request, _("Off the watch list."))
    return redirect("kol", kol_id)


@requires(MANAGE_KOLS)
@require_POST
def update_note(request: HttpRequest, kol_id: int) -> HttpResponseBase:
    """Keep a note on a KOL."""
    actions.save_note(get_viewer(request), kol_id, request.POST.get("note", ""), get_now())
    messages.success(request, _("Kept."))
    return redirect("kol", kol_id)


@requires(MANAGE_KOLS)
@require_POST
def create_contract(request: HttpRequest, kol_id: int) -> HttpResponseBase:
    """Keep a contract with a KOL."""
    form = ContractForm(request.POST)
    if not form.is_valid():
        return _render_kol(request, kol_id, contract_form=form)
    actions.save_contract(get_viewer(request), kol_id, form.make_draft())
    messages.success(request, _("Kept."))
    return redirect("kol", kol_id)


@requires(MANAGE_KOLS)
@require_POST
def drop_contract(request: HttpRequest, contract_id: int) -> HttpResponseBase:
    """Drop a contract that was entered by mistake."""
    kol_id = actions.drop_contract(get_viewer(request), contract_id)
    messages.success(request, _("Dropped."))
    return redirect("kol", kol_id)


@requires(MANAGE_KOLS)
@require_POST
def create_price(request: HttpRequest, account_id: int) -> HttpResponseBase:
    """Set a price of an account from today on."""
    viewer, form = get_viewer(request), PriceForm(request.POST)
    account = queries.get_account(viewer, account_id)
    if not form.is_valid():
        return _render_kol(request, account.kol_id, price_form=(account_id, form))
    actions.set_price(viewer, account_id, form.make_draft(), get_now())
    messages.success(request, _("The price holds from today on."))
    return redirect("kol", account.kol_id)


@requires(MANAGE_KOLS)
@require_POST
def switch_account(request: HttpRequest, account_id: int) -> HttpResponseBase:
    """Use an account, or leave it out of plans."""
    account = actions.switch_account(get_viewer(request), account_id, request.POST.get("on") == "1")
    return redirect("kol", account.kol_id)


def _try(request: HttpRequest, kol_id: int, change: Any, done: str) -> HttpResponseBase:
    try:
        change()
    except BadInput as error:
        return _render_kol(request, kol_id, error=error)
    messages.success(request, done)
    return redirect("kol", kol_id)


def _render_kol(
    request: HttpRequest,
    kol_id: int,
    error: BadInput | None = None,
    contract_form: ContractForm | None = None,
    price_form: tuple[int, PriceForm] | None = None,
) -> HttpResponse:
    now = get_now()
    today = queries.get_today(now)
    view = queries.get_kol_view(get_viewer(request), kol_id)
    faulty = error or contract_form or price_form
    context = {
        "view": view,
        "kol": view.kol,
        "accounts": [
            (one, _draw(one), price_form[1] if price_form and price_form[0] == one.account.pk else PriceForm())
            for one in view.accounts
        ],
        "error": error,
        "given": request.POST,
        "contract_form": contract_form or ContractForm(),
        "has_contract_fault": contract_form is not None,
        "today": today,
        "chart_forms": CHART_FORMS,
        "kinds": KOL_KINDS,
        "post_kinds": POST_KINDS,
        "states": STATE_WORDS,
        "late": {booking.pk for booking in view.bookings if is_late(booking, now)},
    }
    return render(request, "kols/kol.html", context, status=400 if faulty else 200)


def _draw(one: AccountView) -> dict[str, Any]:
    picture = draw_followers([(count.day, count.followers) for count in one.counts])
    if picture is None:
        return {}
    language, own = get_language() or "", f"chart-followers{one.account.pk}-"
    wide = render_chart(picture, language, "auto", width=WIDE_PX).replace("chart-followers-", own)
    slim = make_own_ids(render_chart(picture, language, "auto", width=SLIM_PX), picture)
    return {
        "picture": picture,
        "wide": wide,
        "slim": slim.replace("slim-followers-", f"slim-followers{one.account.pk}-"),
    }
