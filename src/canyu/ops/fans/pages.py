"""The pages about people: looking one up, and one person with identifiers, events, consents, merges and likenesses."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from canyu.kit.clock import get_now
from canyu.kit.errors import BadInput, CanyuError, NotFound
from canyu.ops.fans import actions, queries
from canyu.ops.fans.forms import ConsentForm, LookUpForm, TieForm
from canyu.ops.fans.identity.actions import dismiss, keep_identifier, tie_by_hand, unmerge
from canyu.ops.fans.identity.grouping import REFUSAL_WORDS
from canyu.ops.fans.models import Fan, Identifier
from canyu.ops.fans.rules import KIND_WORDS, PURPOSE_WORDS, IdKind, LookUp, Named, Purpose
from canyu.ops.fans.subject.rules import STAND_WORDS, WISH_WORDS
from canyu.ops.gate import get_viewer, requires
from canyu.ops.people.rules import MANAGE_FANS, VIEW_FANS


@requires(VIEW_FANS)
@require_http_methods(["GET", "HEAD", "POST"])
def show_fans(request: HttpRequest) -> HttpResponseBase:
    """Show the form of a look-up, or go to the person that it finds; what was typed goes nowhere else."""
    form = LookUpForm(request.POST if request.method == "POST" else None)
    error: CanyuError | None = None
    if request.method == "POST" and form.is_valid():
        try:
            return redirect("fan", _find(request, form.get_kind(), form.cleaned_data["text"]).key)
        except CanyuError as fault:
            error = fault
    status = error.status if error else 400 if form.errors else 200
    context = {"form": form, "error": error, "waiting": queries.list_requests(get_viewer(request), is_open=True)}
    return render(request, "fans/fans.html", context, status=status)


@requires(VIEW_FANS)
@require_safe
def show_fan(request: HttpRequest, key: str) -> HttpResponseBase:
    """Show one person; the number of one who was merged leads to whom they are now."""
    fan = queries.get_fan(get_viewer(request), key)
    return redirect("fan", fan.key) if fan.key != key else render_fan(request, fan)


@requires(MANAGE_FANS)
@require_POST
def tie_fan(request: HttpRequest, key: str) -> HttpResponseBase:
    """Say that another identifier is this person's."""
    form = TieForm(request.POST)

    def change(fan: Fan) -> None:
        if not form.is_valid():
            raise BadInput(_("An identifier and how you know are needed."), mend=_("Fill in both."))
        kind, text = form.get_kind(), form.cleaned_data["text"]
        if kind is LookUp.FAN:
            found = queries.find_fan(get_viewer(request), kind, text)
            if found is None:
                raise NotFound(_("Nobody has this number."), mend=_("Copy it from the person's page."))
            other = _name(queries.list_identifiers(found)[0])
        else:
            other = queries.read_named(kind, text)
        first = _name(queries.list_identifiers(fan)[0])
        tie_by_hand(get_viewer(request), first, other, form.cleaned_data["reason"], get_now())

    return _act(request, key, change)


@requires(MANAGE_FANS)
@require_POST
def part_fan(request: HttpRequest, key: str, merge_id: int) -> HttpResponseBase:
    """Undo a merge."""
    reason = request.POST.get("reason", "").strip()

    def change(_fan: Fan) -> None:
        if not reason:
            raise BadInput(_("Parting two people needs its reason."), mend=_("Write how you know."))
        unmerge(get_viewer(request), merge_id, reason, get_now())

    return _act(request, key, change)


@requires(MANAGE_FANS)
@require_POST
def dismiss_alike(request: HttpRequest, key: str) -> HttpResponseBase:
    """Say that two who look alike are two people."""
    pair = request.POST.get("mine", ""), request.POST.get("other", "")

    def change(fan: Fan) -> None:
        found = next((one for one in queries.list_alike(fan) if (one.identifier.value, one.other) == pair), None)
        if found is None:
            raise NotFound(_("This likeness is not there any more."))
        dismiss(get_viewer(request), found.identifier, found.other, get_now())

    return _act(request, key, change)


@requires(MANAGE_FANS)
@require_POST
def keep_consent(request: HttpRequest, key: str) -> HttpResponseBase:
    """Keep what a person said to a purpose."""
    form, now = ConsentForm(request.POST), get_now()

    def change(fan: Fan) -> None:
        if not form.is_valid():
            raise BadInput(_("A consent needs purpose, text, place and time."), mend=_("Fill in all of it."))
        actions.keep_decision(get_viewer(request), fan, form.make_decision(), now)

    return _act(request, key, change)


@requires(MANAGE_FANS)
@require_POST
def keep_age(request: HttpRequest, key: str) -> HttpResponseBase:
    """Keep whether a person is below fourteen."""
    is_minor = request.POST.get("is_minor") == "1"
    return _act(request, key, lambda fan: actions.keep_age(get_viewer(request), fan, is_minor, get_now()))


def render_fan(request: HttpRequest, fan: Fan, error: CanyuError | None = None) -> HttpResponse:
    """Return one person's page."""
    now = get_now()
    whose = queries.describe_whose(fan)
    decisions, is_minor = queries.list_decisions(fan, now), queries.is_minor(fan, now)
    context = {
        "fan": fan,
        "identifiers": queries.list_identifiers(fan),
        "events": queries.list_events(whose.actors),
        "decisions": decisions,
        "may": [(PURPOSE_WORDS[one], queries.is_allowed(one, decisions, is_minor=is_minor)) for one in Purpose],
        "is_minor": is_minor,
        "merges": queries.list_merges(fan),
        "alike": queries.list_alike(fan),
        "asked": queries.list_fan_requests(fan),
        "tie_form": TieForm(auto_id="tie_%s"),
        "consent_form": ConsentForm(),
        "kinds": KIND_WORDS,
        "purposes": PURPOSE_WORDS,
        "refusals": REFUSAL_WORDS,
        "wishes": WISH_WORDS,
        "stands": STAND_WORDS,
        "error": error,
    }
    return render(request, "fans/fan.html", context, status=error.status if error else 200)


def _find(request: HttpRequest, kind: LookUp, text: str) -> Fan:
    viewer = get_viewer(request)
    fan = queries.find_fan(viewer, kind, text)
    if fan is None and kind in {LookUp.CUSTOMER, LookUp.ACTOR}:
        named = queries.read_named(kind, text)
        fan = keep_identifier(named, get_now()).fan if queries.is_held(named) else None
    if fan is None:
        raise NotFound(_("Nobody is known by this."), mend=_("Check it, or try another identifier."))
    return fan


def _name(row: Identifier) -> Named:
    return Named(IdKind(row.kind), row.value)


def _act(request: HttpRequest, key: str, change: Callable[[Fan], object]) -> HttpResponseBase:
    fan = queries.get_fan(get_viewer(request), key)
    try:
        change(fan)
    except CanyuError as error:
        return render_fan(request, fan, error)
    messages.success(request, _("Kept."))
    return redirect("fan", fan.key)
