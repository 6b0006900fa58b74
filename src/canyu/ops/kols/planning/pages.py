"""The page of a plan: whom to ask, for how much, to reach how many; every step is an address."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import vl_convert
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from canyu.kit.clock import get_now
from canyu.kit.words import Words
from canyu.measure.channels import get_channel_label
from canyu.measure.markets import get_market_label
from canyu.ops.gate import get_viewer, requires
from canyu.ops.insight.pages import send_file
from canyu.ops.kols.models import Plan, PlanState
from canyu.ops.kols.planning import actions, pictures, queries, views
from canyu.ops.kols.planning.amounts import say_money
from canyu.ops.kols.planning.answers import Ground, get_people, measure_plan
from canyu.ops.kols.planning.impressions import calculate
from canyu.ops.kols.planning.proofs import prove_figure
from canyu.ops.kols.planning.results import make_result, write_plan_csv
from canyu.ops.kols.planning.roster import list_currencies
from canyu.ops.kols.planning.rules import QUOTA_ROWS, Asked, link_plan, list_params, move, read_query
from canyu.ops.kols.planning.schemas import Answer, Fault, Goal, PlanDraft, PlanQuery, Sort
from canyu.ops.lakes import describe_place
from canyu.ops.people.rules import APPROVE_PAYMENT, MANAGE_KOLS, VIEW_KOLS

APPROVE_PLANS = APPROVE_PAYMENT  # who holds the purse says yes
WIDE, SLIM, FILE = (1104, 300), (320, 240), (960, 360)
PNG_SCALE = 2.0
KEPT = {"in", "must", "never", "plan", "version"}  # what the form of limits takes along besides its own fields
SORTS = {
    Sort.VALUE: Words("性价比", "per cost"),
    Sort.ADDS: Words("新增触达", "would add"),
    Sort.COST: Words("报价", "cost"),
}


@requires(VIEW_KOLS)
@require_safe
def show_plan(request: HttpRequest) -> HttpResponseBase:
    """Show a plan, after the step that the address names; to a fragment request only the part that changes."""
    params = read_params(request, request.GET)
    asked = read_query(params)
    ground = queries.find_plan_ground(get_viewer(request), asked.query, get_now())
    moved = None if asked.faults else move(asked.query, params)
    faults: list[Fault] = []
    is_ready = ground.building is None or ground.board is not None
    if is_ready and _asks_to_fill(request) and not asked.faults and not views.check_limits(ground.roster, asked.query):
        filled = queries.fill_plan(ground, asked.query, is_anew="anew" in request.GET)
        faults = list(filled.faults)
        moved = None if faults and filled.query == asked.query else filled.query
    if moved is not None and not faults and not is_fragment(request):
        return redirect(f"{reverse('kol_plan')}?{link_kept(moved)}")
    query = moved or asked.query
    context = _describe(request, Asked(query, asked.typed, asked.faults), ground, faults)
    if is_fragment(request):
        answer = render(request, "kols/plan_board.html", context)
        # a step can be gone back from; a search or a look at the progress leaves no trace
        header = "HX-Replace-Url" if moved is None else "HX-Push-Url"
        answer.headers[header] = f"{reverse('kol_plan')}?{link_kept(query)}"
    else:
        answer = render(request, "kols/plan.html", context, status=400 if asked.faults else 200)
    patch_vary_headers(answer, ("HX-Request", "HX-History-Restore-Request"))
    return answer


@requires(VIEW_KOLS)
@require_safe
def show_certificate(request: HttpRequest) -> HttpResponse:
    """Show how good the plan is at least; asked again while the best possible is still being worked out."""
    query, ground = read_plan(request)
    answer = measure_plan(ground, query)
    certificate = queries.find_certificate(ground, query, answer)
    context = {"certificate": certificate, "link": link_kept(query), "better": _link_better(query, certificate)}
    return render(request, "kols/plan_certificate.html", context)


@requires(VIEW_KOLS)
@require_safe
def show_plan_proof(request: HttpRequest, name: str) -> HttpResponse:
    """Show how a figure of the plan came to be; with ``again`` count on sets that nobody has seen."""
    query, ground = read_plan(request)
    answer = measure_plan(ground, query)
    certificate = queries.find_certificate(ground, query, answer)
    proof = prove_figure(name, ground, query, answer, certificate)
    if proof is None:
        raise Http404(name)
    fresh = None
    if "again" in request.GET and ground.board is not None:
        hits, samples = queries.count_fresh(ground, query)
        fresh = {"people": hits / max(samples, 1) * answer.people.value, "samples": samples}
    context = {
        "proof": proof,
        "fresh": fresh,
        "answer": answer,
        "link": link_kept(query),
        "can_count": ground.board is not None and bool(query.chosen),
    }
    template = "kols/plan_proof.html" if is_fragment(request) else "kols/plan_proof_page.html"
    return render(request, template, context)


@requires(VIEW_KOLS)
@require_safe
def show_impressions(request: HttpRequest) -> HttpResponse:
    """Show how many impressions it would take to reach so many people."""
    names = ("audience", "audience_low", "audience_high")
    low, middle, high = (request.GET.get(name, "") for name in names)
    context = {"calculation": calculate(request.GET.get("unique", ""), (low, middle, high))}
    template = "kols/plan_impressions.html" if is_fragment(request) else "kols/plan_impressions_page.html"
    return render(request, template, context, status=400 if context["calculation"].faults else 200)


@requires(VIEW_KOLS)
@require_safe
def send_plan_file(request: HttpRequest, name: str, form: str) -> HttpResponse:
    """Send the accounts of the plan as CSV, or its picture as SVG or PNG."""
    query, ground = read_plan(request)
    answer, language = measure_plan(ground, query, len(query.chosen)), get_language() or ""
    rows = views.list_chosen(ground, query, answer)
    if (name, form) == ("plan", "csv"):
        certificate = queries.find_certificate(ground, query, answer)
        text = write_plan_csv(make_result(ground, query, answer, rows, certificate), query.currency, language)
        # the mark lets spreadsheets read UTF-8
        return send_file(("\ufeff" + text).encode(), "text/csv; charset=utf-8", "canyu-plan.csv")
    if name != "curve" or form not in {"svg", "png"}:
        raise Http404(name)
    drawn = pictures.draw_curve(_make_curve(ground, query, answer), pictures.Look(language, "light", *FILE), "curve")
    if form == "svg":
        return send_file(drawn.encode(), "image/svg+xml", "canyu-plan.svg")
    return send_file(vl_convert.svg_to_png(drawn, scale=PNG_SCALE), "image/png", "canyu-plan.png")


@requires(MANAGE_KOLS)
@require_POST
def save_plan(request: HttpRequest) -> HttpResponseBase:
    """Keep the plan, as a new one where that is asked for or none was open."""
    asked = read_query(read_params(request, request.POST))
    if asked.faults:
        return render(request, "mishap.html", _tell_faults(asked.faults), status=400)
    query = replace(asked.query, plan=0, version=0) if request.POST.get("as") == "new" else asked.query
    viewer, now = get_viewer(request), get_now()
    ground = queries.get_plan_ground(viewer, query, now)
    answer = measure_plan(ground, query, len(query.chosen))
    rows = views.list_chosen(ground, query, answer)
    result = make_result(ground, query, answer, rows, queries.find_certificate(ground, query, answer))
    draft = PlanDraft(query, request.POST.get("name", ""), request.POST.get("campaign", ""), result)
    row = actions.save_plan(viewer, draft, now)
    messages.success(request, _("Plan kept."))
    return redirect("kol_plan_kept", plan_id=row.pk)


@requires(VIEW_KOLS)
@require_safe
def show_plans(request: HttpRequest) -> HttpResponse:
    """Show the saved plans."""
    return render(request, "kols/plans.html", {"plans": queries.list_plans(get_viewer(request))})


@requires(VIEW_KOLS)
@require_safe
def show_kept_plan(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Show a saved plan as it was kept, and what its bookings brought."""
    viewer = get_viewer(request)
    row = queries.get_plan(viewer, plan_id)
    bookings = queries.list_plan_bookings(viewer, row)
    context = {
        "plan": row,
        "result": row.result,
        "accounts": row.result["accounts"][: views.CHOSEN_ROWS],
        "accounts_left": len(row.result["accounts"][views.CHOSEN_ROWS :]),
        "bookings": bookings,
        "has_posted": any(booking.posted_at is not None for booking in bookings),
        "is_draft": row.state == PlanState.DRAFT,
        "version": row.settings.get("version", 0),
        "edit": f"{reverse('kol_plan')}?{link_kept(read_kept(row))}",
        "may_manage": viewer.has_perm(MANAGE_KOLS),
        "may_approve": viewer.has_perm(APPROVE_PLANS),
    }
    return render(request, "kols/plan_kept.html", context)


@requires(VIEW_KOLS)
@require_safe
def send_kept_accounts(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Send every account of a saved plan as CSV, as it was kept."""
    row = queries.get_plan(get_viewer(request), plan_id)
    text = write_plan_csv(row.result, row.currency, get_language() or "")
    return send_file(("\ufeff" + text).encode(), "text/csv; charset=utf-8", f"canyu-plan-{row.pk}.csv")


@requires(APPROVE_PLANS)
@require_POST
def approve_plan(request: HttpRequest, plan_id: int) -> HttpResponseBase:
    """Approve a plan in the version that the viewer saw."""
    version = request.POST.get("version", "")
    actions.approve_plan(get_viewer(request), plan_id, int(version) if version.isdigit() else -1, get_now())
    messages.success(request, _("Plan approved."))
    return redirect("kol_plan_kept", plan_id=plan_id)


@requires(MANAGE_KOLS)
@require_POST
def book_plan(request: HttpRequest, plan_id: int) -> HttpResponseBase:
    """Make a booking of every account of an approved plan."""
    made = actions.book_plan(get_viewer(request), plan_id, get_now())
    messages.success(request, _("%d bookings made; their briefs are still to be written.") % len(made))
    return redirect("kol_plan_kept", plan_id=plan_id)


def _describe(request: HttpRequest, asked: Asked, ground: Ground, faults: list[Fault]) -> dict[str, Any]:
    """Return what the page and its fragment show; the expensive part only once the board is whole."""
    query, viewer = asked.query, get_viewer(request)
    limits = [*asked.faults, *views.check_limits(ground.roster, query), *faults]
    context: dict[str, Any] = {
        "query": query,
        "typed": asked.typed,
        "faults": {fault.field: fault for fault in reversed(limits)},
        "building": ground.building,
        "is_building": ground.building is not None and ground.board is None,
        "roster_size": len(ground.roster.table),
        "place": describe_place(),
        "params": list_params(query),
        "kept_params": [pair for pair in list_params(query) if pair[0] in KEPT],
        "link": link_kept(query),
        "may_manage": viewer.has_perm(MANAGE_KOLS),
        "is_fragment": is_fragment(request),
        "step": next((f"&{name}=1" for name in ("anew", "fill") if name in request.GET), ""),
    }
    context |= _describe_form(ground, query)
    if context["is_building"]:
        return context
    answer = measure_plan(ground, query)
    rows, chosen = views.list_shown(ground, query, answer)
    others, total = views.list_others(ground, query, answer)
    certificate = queries.find_certificate(ground, query, answer) if query.goal is Goal.MOST else None
    saved = queries.get_plan(viewer, query.plan) if query.plan else None
    return context | {
        "answer": answer,
        "rows": rows,
        "chosen_count": chosen,
        "chosen_left": chosen - len(rows),
        "others": others,
        "others_left": total - len(others),
        "banned": [
            views.name_person(ground.roster, ground.roster.places[key], query.currency)
            for key in query.never
            if key in ground.roster.places
        ],
        "figures": views.list_figures(ground.roster, query, answer),
        "certificate": certificate,
        "better": _link_better(query, certificate) if certificate else "",
        "breaches": views.list_breaches(ground.roster, query),
        "saved": saved,
        "is_stale": saved is not None and _is_stale(saved, query),
        "sorts": [(sort, words, link_plan(replace(query, sort=sort))) for sort, words in SORTS.items()],
        "said": _say_step(query, ground),
        "can_undo": query.was is not None and query.was != query.chosen,
        "missing": len(ground.building.missing) if ground.building else 0,
        **_draw(ground, query, answer),
    }


def _describe_form(ground: Ground, query: PlanQuery) -> dict[str, Any]:
    """Return the choices of the form."""
    found = queries.list_choices(ground.roster)
    labels = {"platform": get_channel_label, "market": get_market_label}
    choices = {
        name: [(value, labels.get(name, _name_topic)(value)) for value in values] for name, values in found.items()
    }
    blank = [("", "", "")] * max(QUOTA_ROWS - len(query.quotas), 1)
    quotas = [(f"{q.column}:{q.value}", _spell(q.least), _spell(q.most)) for q in query.quotas]
    people = get_people(query, ground.building)
    return {
        "choices": choices,
        "currencies": list(dict.fromkeys([query.currency, *list_currencies()])),
        "quota_rows": [*quotas, *blank],
        "people": people,
        "has_open_limits": bool(query.quotas or query.people or query.platform or query.topic or query.is_tired),
    }


def _draw(ground: Ground, query: PlanQuery, answer: Answer) -> dict[str, Any]:
    curve, language = _make_curve(ground, query, answer), get_language() or ""
    places = pictures.thin_places(len(curve.names), pictures.MOST_ROWS)
    return {
        "curve_title": pictures.title_curve(curve),
        "curve_subtitle": pictures.SUBTITLE,
        "curve_wide": pictures.draw_curve(curve, pictures.Look(language, "auto", *WIDE), "curve-wide"),
        "curve_slim": pictures.draw_curve(curve, pictures.Look(language, "auto", *SLIM), "curve-slim"),
        "so_far": [
            (place + 1, curve.names[place], say_money(curve.costs[place], query.currency), curve.reach[place])
            for place in places
        ],
    }


def _make_curve(ground: Ground, query: PlanQuery, answer: Answer) -> pictures.Curve:
    roster = ground.roster
    rows = [roster.rows[roster.places[key]] for key in query.chosen if key in roster.places]
    target = query.target if query.goal is Goal.REACH else 0
    names, costs = [row["name"] for row in rows], [row["cost"] for row in rows]
    return pictures.make_curve(names, costs, answer, (query.currency, query.budget_minor, target))


def _say_step(query: PlanQuery, ground: Ground) -> Words:
    """Return what the last step did, for the line with the undo."""
    if query.was is None or query.was == query.chosen:
        return Words("", "")
    now, before = set(query.chosen), set(query.was)
    added = [key for key in query.chosen if key not in before]
    gone = [key for key in query.was if key not in now]
    if len(added) == 1 and not gone:
        name = _find_name(ground, added[0])
        return Words(f"已加入 {name}。", f"Took in {name}.")
    if len(gone) == 1 and not added:
        name = _find_name(ground, gone[0])
        return Words(f"已移出 {name}。", f"Took out {name}.")
    return Words(f"加入 {len(added)} 个，移出 {len(gone)} 个。", f"Took in {len(added)}, took out {len(gone)}.")


def _find_name(ground: Ground, key: int) -> str:
    row = ground.roster.places.get(key)
    return str(key) if row is None else str(ground.roster.table["name"][row].as_py())


def _is_stale(saved: Plan, query: PlanQuery) -> bool:
    """Say whether somebody else has changed the saved plan since it was opened, or it changes no more."""
    return int(saved.settings.get("version", 0)) != query.version or saved.state != PlanState.DRAFT


def _link_better(query: PlanQuery, certificate: queries.Certificate) -> str:
    """Return the address of the engine's own choice, where it is clearly better than the plan."""
    if certificate.best is None or not certificate.gain:
        return ""
    return link_kept(replace(query, chosen=certificate.best.keys, was=query.chosen))


def link_kept(query: PlanQuery) -> str:
    """Return the query of the plan's address, whose long lists are kept so that it opens again."""
    actions.keep_lists(query, get_now())
    return link_plan(query)


def read_kept(row: Plan) -> PlanQuery:
    """Return what a saved plan asked for."""
    asked = read_query(_list_params(QueryDict(row.settings.get("asked", "")))).query
    return replace(asked, plan=row.pk, version=int(row.settings.get("version", 0)), was=None, text="")


def read_plan(request: HttpRequest) -> tuple[PlanQuery, Ground]:
    """Return the plan of an address with a whole board; raises BadInput, or StillDrawing where it takes too long."""
    query = read_query(read_params(request, request.GET)).query
    return query, queries.get_plan_ground(get_viewer(request), query, get_now())


def read_params(request: HttpRequest, data: QueryDict) -> dict[str, list[str]]:
    """Return the parameters with kept lists opened; raises BadInput where one is not kept any more."""
    return queries.open_lists(get_viewer(request), _list_params(data))


def _list_params(data: QueryDict) -> dict[str, list[str]]:
    return {name: [str(value) for value in values] for name, values in data.lists()}


def _asks_to_fill(request: HttpRequest) -> bool:
    return "fill" in request.GET or "anew" in request.GET


def is_fragment(request: HttpRequest) -> bool:
    """Say whether only the part that changes is asked for."""
    is_restored = request.headers.get("HX-History-Restore-Request") == "true"
    return bool(request.headers.get("HX-Request")) and not is_restored


def _tell_faults(faults: list[Fault]) -> dict[str, Any]:
    language = get_language() or ""
    return {
        "title": _("Nothing was kept"),
        "message": " ".join(fault.what.say(language) for fault in faults),
        "mend": " ".join(fault.mend.say(language) for fault in faults),
        "code": "bad_input",
    }


def _name_topic(value: str) -> Words:
    return Words(value, value)


def _spell(count: int | None) -> str:
    return "" if count is None else str(count)
