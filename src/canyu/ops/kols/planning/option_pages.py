"""The pages beside a plan: whom it reaches, in which waves it is posted, how it goes on, and against which rumour."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass, replace
from math import ceil
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from canyu.kit.clock import get_now
from canyu.kit.errors import CanyuError
from canyu.kit.words import Words
from canyu.ops.gate import get_viewer, requires
from canyu.ops.insight.pages import send_file
from canyu.ops.kols.planning import option_queries, option_views, queries
from canyu.ops.kols.planning.answers import Ground
from canyu.ops.kols.planning.audience import describe_audience
from canyu.ops.kols.planning.option_files import write_rumour_csv, write_waves_csv
from canyu.ops.kols.planning.option_proofs import prove_audience, prove_rumour, prove_waves
from canyu.ops.kols.planning.option_rules import RumourChoice, WavesChoice, read_rumour, read_waves
from canyu.ops.kols.planning.options import RumourFound, WavesFound
from canyu.ops.kols.planning.pages import is_fragment, link_kept, read_kept, read_params, read_plan
from canyu.ops.kols.planning.proofs import PlanProof
from canyu.ops.kols.planning.rules import MOST_HOURS, list_params
from canyu.ops.kols.planning.schemas import Fault, PlanQuery
from canyu.ops.lakes import describe_place
from canyu.ops.people.rules import VIEW_KOLS

WAIT_S = 2.0
Found = TypeVar("Found")


@requires(VIEW_KOLS)
@require_safe
def show_audience(request: HttpRequest) -> HttpResponse:
    """Show who the people are that a plan reaches."""
    query, ground = read_plan(request)
    found = describe_audience(ground, query)
    tables = [("market", _BY_MARKET, found.markets), ("platform", _BY_PLATFORM, found.platforms)]
    context = {**_describe(query, ground), "found": found, "tables": tables}
    return render(request, "kols/plan_audience.html", context)


@requires(VIEW_KOLS)
@require_safe
def show_waves(request: HttpRequest) -> HttpResponse:
    """Show who posts in which wave, and what that reaches."""
    query, ground = read_plan(request)
    choice = read_waves(read_params(request, request.GET), query.hours)
    context = {**_describe(query, ground), "choice": choice, "faults": _by_field(choice.faults)}
    needs = _find_need(query, is_for_plan=not choice.is_anew)
    if ground.board is not None and needs is None and not choice.faults:
        future = option_queries.ask_waves(ground, query, choice)
        context |= _show_waves(ground, query, future)
    return _answer(request, "waves", context | {"needs": needs, "asked": _spell_waves(choice)})


@requires(VIEW_KOLS)
@require_safe
def show_rumour(request: HttpRequest) -> HttpResponse:
    """Show whom to set against a rumour that is spreading."""
    query, ground = read_plan(request)
    choice = read_rumour(read_params(request, request.GET))
    context: dict[str, Any] = {**_describe(query, ground), "choice": choice, "faults": _by_field(choice.faults)}
    needs = _find_need(query, is_for_plan=False)
    if ground.board is not None and choice.names and not choice.faults:
        carriers = option_queries.find_carriers(get_viewer(request), ground, choice)
        context["carriers"] = carriers
        if carriers.known and needs is None:
            waited = _wait(option_queries.ask_blockers(ground, query, choice, carriers))
            found = waited.found
            context |= {"error": waited.error, "is_pending": waited.is_pending}
            if found is not None:
                context["row"] = option_views.describe_rumour(ground, query, found)
                plan = replace(query, chosen=found.keys, was=None, must=())
                context |= {"take": link_kept(plan), "percent": 100.0 * found.ratio, "is_loose": found.is_loose}
    return _answer(request, "rumour", context | {"needs": needs, "asked": _spell_rumour(choice)})


@requires(VIEW_KOLS)
@require_safe
def show_replan(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Show how a plan goes on from what happened: its posts, whom they reached, and the money that is left."""
    viewer, now = get_viewer(request), get_now()
    row = queries.get_plan(viewer, plan_id)
    query = read_kept(row)
    ground = queries.get_plan_ground(viewer, query, now)
    history = option_queries.find_history(viewer, ground, plan_id, now)
    choice = read_waves(_read_lists(request), 2 * MOST_HOURS)
    context: dict[str, Any] = {"plan": row, "history": history}
    needs = _NOT_POSTED if history is None else _NO_GRAPH if ground.board is None else None
    if history is not None and needs is None:
        choice = settle_replan(choice, history.seen.now_h, query.hours)
        query = replace(query, hours=choice.until_h or query.hours, must=())
        context["left_minor"] = max(query.budget_minor - history.seen.spent, 0)
        ground = queries.get_plan_ground(viewer, query, now)
        if not choice.faults:
            seen = replace(history.seen, is_again=choice.is_again)
            context |= _show_waves(ground, query, option_queries.ask_waves(ground, query, choice, seen))
    context |= {**_describe(query, ground), "choice": choice, "faults": _by_field(choice.faults), "needs": needs}
    return _answer(request, "replan", context | {"asked": _spell_waves(choice)})


@requires(VIEW_KOLS)
@require_safe
def show_option_proof(request: HttpRequest, name: str) -> HttpResponse:
    """Show how the figures of a page beside the plan came to be; those of the engine once they are known."""
    query, ground = read_plan(request)
    params = read_params(request, request.GET)
    if name == "audience":
        proof = prove_audience(ground, query, describe_audience(ground, query))
    elif name == "replan":
        proof = prove_waves(ground, query, None, is_replan=True)
    elif name == "waves":
        waves = _find_done(_ask_waves(ground, query, read_waves(params, query.hours)))
        proof = prove_waves(ground, query, waves, is_replan=False)
    elif name == "rumour":
        proof = prove_rumour(ground, query, _find_done(_ask_rumour(request, ground, query, read_rumour(params))))
    else:
        raise Http404(name)
    return _render_proof(request, proof, query)


@requires(VIEW_KOLS)
@require_safe
def send_option_file(request: HttpRequest, name: str) -> HttpResponseBase:
    """Send the accounts of the waves or those against a rumour as CSV; back to the page while they are worked out."""
    query, ground = read_plan(request)
    language, text = get_language() or "", None
    if name == "waves":
        waves = _find_done(_ask_waves(ground, query, read_waves(read_params(request, request.GET), query.hours)))
        text = write_waves_csv(ground, query, waves, language) if waves else None
    elif name == "rumour":
        choice = read_rumour(read_params(request, request.GET))
        rumour = _find_done(_ask_rumour(request, ground, query, choice))
        text = write_rumour_csv(ground, query, rumour, language) if rumour else None
    else:
        raise Http404(name)
    if text is None:
        return redirect(f"{reverse(f'kol_plan_{name}')}?{request.GET.urlencode()}")
    # the mark lets spreadsheets read UTF-8
    return send_file(("\ufeff" + text).encode(), "text/csv; charset=utf-8", f"canyu-{name}.csv")


def settle_replan(choice: WavesChoice, now_h: float, hours: int) -> WavesChoice:
    """Return the choice with the first wave no sooner than now, and a deadline that is still to come.

    >>> settle_replan(WavesChoice(count=2, gap_h=24), 30.0, 72).until_h
    72
    >>> settle_replan(WavesChoice(count=2, gap_h=24), 70.0, 72).until_h
    142
    """
    start = max(ceil(now_h), choice.start_h or 0)
    last = start + (choice.count - 1) * choice.gap_h
    until = choice.until_h or (hours if last < hours else last + 2 * choice.gap_h)
    faults = choice.faults
    if choice.until_h is not None and last > choice.until_h:
        what = Words(
            f"最后一波在第 {last} 小时，晚于第 {choice.until_h} 小时的截止。",
            f"The last wave begins at hour {last}, after the deadline of {choice.until_h} hours.",
        )
        faults = (*faults, Fault("until", what, Words("放宽截止。", "Set the deadline later.")))
    return replace(choice, start_h=start, until_h=until, is_anew=True, faults=faults)


def _ask_waves(ground: Ground, query: PlanQuery, choice: WavesChoice) -> Future[WavesFound] | None:
    is_known = ground.board is not None and not choice.faults
    is_known = is_known and _find_need(query, is_for_plan=not choice.is_anew) is None
    return option_queries.ask_waves(ground, query, choice) if is_known else None


def _ask_rumour(
    request: HttpRequest, ground: Ground, query: PlanQuery, choice: RumourChoice
) -> Future[RumourFound] | None:
    if ground.board is None or not choice.names or choice.faults or not query.budget_minor:
        return None
    carriers = option_queries.find_carriers(get_viewer(request), ground, choice)
    return option_queries.ask_blockers(ground, query, choice, carriers) if carriers.known else None


def _show_waves(ground: Ground, query: PlanQuery, future: Future[WavesFound]) -> dict[str, Any]:
    waited = _wait(future)
    found = waited.found
    if found is None:
        return {"error": waited.error, "is_pending": waited.is_pending}
    rows = option_views.list_waves(ground, query, found)
    keys = tuple(key for wave in found.waves for key in wave.keys)
    return {
        "found": found,
        "rows": rows,
        "title": option_views.title_waves(rows),
        "reach": option_views.scale_ends(ground, query, found.reach),
        "cost_minor": sum(row.cost_minor for row in rows),
        "percent": 100.0 * found.ratio,
        "take": link_kept(replace(query, chosen=keys, was=None)),
    }


def _describe(query: PlanQuery, ground: Ground) -> dict[str, Any]:
    return {
        "query": query,
        "link": link_kept(query),
        "params": list_params(query),
        "has_board": ground.board is not None,
        "has_delays": ground.building is not None and ground.building.about.delays is not None,
        "chosen_count": sum(key in ground.roster.places for key in query.chosen),
        "place": describe_place(),
    }


def _find_need(query: PlanQuery, *, is_for_plan: bool) -> Words | None:
    if is_for_plan:
        return None if query.chosen else _NOBODY
    return None if query.budget_minor else _NO_BUDGET


@dataclass(frozen=True, slots=True)
class _Waited(Generic[Found]):
    found: Found | None = None
    error: CanyuError | None = None
    is_pending: bool = False


def _wait(future: Future[Found]) -> _Waited[Found]:
    """Return what is found, or why there is nothing, or that it is still being worked out."""
    try:
        return _Waited(future.result(WAIT_S))
    except TimeoutError:
        return _Waited(is_pending=True)
    except CanyuError as error:
        return _Waited(error=error)


def _find_done(future: Future[Found] | None) -> Found | None:
    is_known = future is not None and future.done() and future.exception() is None
    return future.result() if future is not None and is_known else None


def _answer(request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
    """Send the page, or to a fragment request the part that is waited for."""
    template = f"kols/plan_{name}_board.html" if is_fragment(request) else f"kols/plan_{name}.html"
    answer = render(request, template, context, status=400 if context.get("faults") else 200)
    patch_vary_headers(answer, ("HX-Request", "HX-History-Restore-Request"))
    return answer


def _render_proof(request: HttpRequest, proof: PlanProof, query: PlanQuery) -> HttpResponse:
    context = {"proof": proof, "link": link_kept(query), "can_count": False, "fresh": None}
    template = "kols/plan_proof.html" if is_fragment(request) else "kols/plan_proof_page.html"
    return render(request, template, context)


def _by_field(faults: tuple[Fault, ...]) -> dict[str, Fault]:
    return {fault.field: fault for fault in reversed(faults)}


def _spell_waves(choice: WavesChoice) -> str:
    """Return the choice as parameters behind those of the plan."""
    asked = {"waves": choice.count, "gap": choice.gap_h, "over": "best" if choice.is_anew else ""}
    asked |= {"start": choice.start_h or "", "until": choice.until_h or "", "again": "1" if choice.is_again else ""}
    return urlencode({name: value for name, value in asked.items() if value != ""})


def _spell_rumour(choice: RumourChoice) -> str:
    count = "first" if choice.is_first else ""
    asked = {"who": " ".join(choice.names), "age": choice.age_h, "delay": choice.delay_h, "count": count}
    return urlencode({name: value for name, value in asked.items() if value != ""})


def _read_lists(request: HttpRequest) -> dict[str, list[str]]:
    return {name: [str(value) for value in values] for name, values in request.GET.lists()}


_BY_MARKET = Words("按账号的市场", "By the accounts' markets")
_BY_PLATFORM = Words("按平台", "By platform")
_NOBODY = Words("方案里还没有账号。", "Nobody is in the plan yet.")
_NO_BUDGET = Words("没有预算：先在方案页写一个。", "There is no budget: give one on the plan's page first.")
_NO_GRAPH = Words("没有影响图，无法计算。", "Without a graph nothing can be worked out.")
_NOT_POSTED = Words("这个方案的预约还没有一个已发布。", "No booking of this plan has posted yet.")
