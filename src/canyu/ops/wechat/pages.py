"""The staff's pages of WeChat: conversations with what may be sent still, and accounts with their secrets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from canyu.kit.clock import get_now
from canyu.kit.errors import CanyuError
from canyu.ops.fans.identity.actions import keep_identifier
from canyu.ops.fans.rules import IdKind, Named
from canyu.ops.fans.subject.actions import open_request
from canyu.ops.fans.subject.rules import Wish
from canyu.ops.gate import get_viewer, requires
from canyu.ops.people.rules import MANAGE_CASES, MANAGE_FANS, MANAGE_WECHAT, VIEW_WECHAT
from canyu.ops.wechat import queries
from canyu.ops.wechat.accounts import actions as accounts
from canyu.ops.wechat.forms import AccountForm, SecretsForm
from canyu.ops.wechat.models import WeChatAccount
from canyu.ops.wechat.rules import VENDOR_WORDS
from canyu.ops.wechat.sending import actions as sending
from canyu.ops.wechat.working import actions as working


@requires(VIEW_WECHAT)
@require_safe
def show_talks(request: HttpRequest) -> HttpResponse:
    """Show who wrote last, and what each may be sent still."""
    viewer, account = get_viewer(request), request.GET.get("account", "")
    chosen = int(account) if account.isascii() and account.isdigit() and len(account) < 10 else 0
    context = {
        "found": queries.list_talks(viewer, get_now(), chosen),
        "accounts": queries.list_accounts(viewer),
        "chosen": chosen,
    }
    return render(request, "wechat/talks.html", context)


@requires(VIEW_WECHAT)
@require_safe
def show_talk(request: HttpRequest, talk_id: int) -> HttpResponse:
    """Show one conversation: its cases, its quota and what became of each message."""
    return _render_talk(request, talk_id)


@requires(MANAGE_CASES)
@require_POST
def send_again(request: HttpRequest, talk_id: int, outgoing_id: int) -> HttpResponseBase:
    """Send a message again that was refused or is unclear."""
    viewer = get_viewer(request)
    row = queries.get_outgoing(viewer, talk_id, outgoing_id)
    return _act(request, talk_id, lambda: sending.send_again(viewer, row, get_now()))


@requires(MANAGE_FANS)
@require_POST
def erase_talk(request: HttpRequest, talk_id: int) -> HttpResponseBase:
    """Take in the wish of a user to be erased; it is released where all such wishes are."""
    viewer, now = get_viewer(request), get_now()
    person = queries.read_talk(viewer, talk_id, now).row.person

    def ask() -> None:
        open_request(keep_identifier(Named(IdKind.ACTOR, person), now).fan, Wish.ERASE, viewer.username, "WeChat", now)

    return _act(request, talk_id, ask)


@requires(MANAGE_WECHAT)
@require_safe
def show_accounts(request: HttpRequest) -> HttpResponse:
    """Show every account."""
    context = {"lines": queries.list_accounts(get_viewer(request)), "vendors": VENDOR_WORDS}
    return render(request, "wechat/accounts.html", context)


@requires(MANAGE_WECHAT)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def create_account(request: HttpRequest) -> HttpResponseBase:
    """Show the form of an account, or keep a new one."""
    given = request.POST if request.method == "POST" else None
    form, secrets, error = AccountForm(given), SecretsForm(given), None
    if given is not None and form.is_valid() and secrets.is_valid():
        viewer, name = get_viewer(request), form.cleaned_data["name"]
        try:
            row = accounts.create_account(viewer, name, form.make_draft(), secrets.make_secrets(), get_now())
        except CanyuError as fault:
            error = fault
        else:
            messages.success(request, _("Kept."))
            return redirect("manage_wechat_account", row.pk)
    context = {"form": form, "secrets": secrets, "error": error}
    return render(request, "wechat/account_form.html", context, status=_find_status(error, form, secrets))


@requires(MANAGE_WECHAT)
@require_safe
def show_account(request: HttpRequest, account_id: int) -> HttpResponse:
    """Show one account: its address, its state, pushes that failed."""
    return _render_account(request, account_id)


@requires(MANAGE_WECHAT)
@require_http_methods(["GET", "HEAD", "POST"])
def edit_account(request: HttpRequest, account_id: int) -> HttpResponseBase:
    """Show the form of an account, or keep what was changed."""
    viewer = get_viewer(request)
    row = queries.get_account(viewer, account_id)
    form = AccountForm(request.POST if request.method == "POST" else None, row=row)
    if request.method == "POST" and form.is_valid():
        accounts.update_account(viewer, row, form.make_draft(), get_now())
        messages.success(request, _("Kept."))
        return redirect("manage_wechat_account", row.pk)
    context = {"form": form, "row": row}
    return render(request, "wechat/account_form.html", context, status=_find_status(None, form))


@requires(MANAGE_WECHAT)
@never_cache
@require_POST
def rotate_secrets(request: HttpRequest, account_id: int) -> HttpResponseBase:
    """Keep new secrets of an account."""
    form = SecretsForm(request.POST)
    if not form.is_valid():
        return _render_account(request, account_id, form=form)

    def rotate(row: WeChatAccount) -> None:
        accounts.rotate_secrets(get_viewer(request), row, form.make_secrets(), get_now())

    return _change(
        request, account_id, rotate, _("The new secrets hold. The last EncodingAESKeys open messages still.")
    )


@requires(MANAGE_WECHAT)
@require_POST
def switch_account(request: HttpRequest, account_id: int) -> HttpResponseBase:
    """Switch an account on or off."""
    is_on = request.POST.get("on") == "1"
    return _change(
        request, account_id, lambda row: accounts.switch_account(get_viewer(request), row, is_on, get_now()), _("Kept.")
    )


@requires(MANAGE_WECHAT)
@require_POST
def test_account(request: HttpRequest, account_id: int) -> HttpResponseBase:
    """Ask the vendor for an access token with the secret that is kept."""
    told = _("The vendor gave an access token: id and secret are right.")
    return _change(request, account_id, lambda row: accounts.test_account(get_viewer(request), row), told)


@requires(MANAGE_WECHAT)
@require_POST
def work_again(request: HttpRequest, account_id: int) -> HttpResponseBase:
    """Work on the pushes again that failed."""
    row = queries.get_account(get_viewer(request), account_id)
    count = working.work_again(row, get_now())
    told = ngettext("%(n)d push waits again.", "%(n)d pushes wait again.", count) % {"n": count}
    messages.success(request, told)
    return redirect("manage_wechat_account", row.pk)


def _act(request: HttpRequest, talk_id: int, change: Callable[[], object]) -> HttpResponseBase:
    try:
        change()
    except CanyuError as error:
        return _render_talk(request, talk_id, error)
    messages.success(request, _("Kept."))
    return redirect("wechat_talk", talk_id)


def _change(
    request: HttpRequest, account_id: int, change: Callable[[WeChatAccount], object], told: str
) -> HttpResponseBase:
    row = queries.get_account(get_viewer(request), account_id)
    try:
        change(row)
    except CanyuError as error:
        return _render_account(request, account_id, error)
    messages.success(request, told)
    return redirect("manage_wechat_account", row.pk)


def _render_talk(request: HttpRequest, talk_id: int, error: CanyuError | None = None) -> HttpResponse:
    viewer, now = get_viewer(request), get_now()
    context = {"found": queries.read_talk(viewer, talk_id, now), "error": error, "stuck": queries.STUCK}
    return render(request, "wechat/talk.html", context, status=error.status if error else 200)


def _render_account(
    request: HttpRequest, account_id: int, error: CanyuError | None = None, form: SecretsForm | None = None
) -> HttpResponse:
    viewer = get_viewer(request)
    row = queries.get_account(viewer, account_id)
    context: dict[str, Any] = {
        "row": row,
        "vendor": VENDOR_WORDS[row.vendor],
        "address": request.build_absolute_uri(f"/wechat/{row.name}/"),
        "sidebar": request.build_absolute_uri(reverse("wechat_sidebar", args=[row.pk])),
        "failed": queries.list_failed(viewer, row),
        "secrets": form or SecretsForm(),
        "error": error,
    }
    return render(request, "wechat/account.html", context, status=_find_status(error, *([form] if form else [])))


def _find_status(error: CanyuError | None, *forms: AccountForm | SecretsForm) -> int:
    return error.status if error else 400 if any(form.errors for form in forms) else 200
