"""A rebuttal plan kept with its run: asked for by the KOL room's engine, booked there, briefed, and measured."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from django.test import Client

from canyu.care import CaseKind
from canyu.kit.errors import BadInput, NotFound
from canyu.ops.care.actions import open_case
from canyu.ops.care.models import Channel
from canyu.ops.care.rules import CaseDraft
from canyu.ops.config import load_config
from canyu.ops.crisis.actions import start_run
from canyu.ops.crisis.models import Run
from canyu.ops.crisis.response.models import RebuttalPlan
from canyu.ops.crisis.response.rebuttal import actions, queries
from canyu.ops.crisis.response.rebuttal.rules import read_asked
from canyu.ops.crisis.rules import RunDraft
from canyu.ops.kols.models import Account, Booking, Plan
from canyu.ops.kols.planning.actions import approve_plan, book_plan
from canyu.ops.kols.planning.boards import forget_boards
from canyu.ops.kols.planning.engine import forget_choices
from canyu.ops.people.models import Person
from canyu.ops.people.rules import Role
from canyu.spread.graphs import build_graph, save_graph
from kol_plan_fixtures import market

__all__ = ["market"]
NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)
ASKED = {"budget": "1000", "who": "r", "age": "0", "delay": "0"}
MARKED = "正文开头标注 #广告#。检测报告见官网，请用自己的话说。"


@pytest.fixture
def rumour(market: dict[str, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """A rumour of ``r`` that reaches x in one hour and p1 to p5 in two; A reaches four of them in one, B the fifth."""
    arcs = [("r", "x"), *(("x", f"p{n}") for n in range(1, 6)), *(("k:A", f"p{n}") for n in range(1, 5)), ("k:B", "p5")]
    table = pa.table({"src": [a for a, _ in arcs], "dst": [b for _, b in arcs], "p": [1.0] * len(arcs)})
    save_graph(build_graph(table, "src", "dst", probability="p"), tmp_path / "rumour.graph")
    monkeypatch.setenv("CANYU_INFLUENCE_GRAPH", str(tmp_path / "rumour.graph"))
    monkeypatch.setenv("CANYU_AUDIENCE_PEOPLE", "9000000")
    monkeypatch.setattr(queries, "WAIT_S", 180.0)
    monkeypatch.setattr(queries, "KEEP_WAIT_S", 180.0)
    load_config.cache_clear()
    forget_boards()
    forget_choices()
    return market


@pytest.fixture
def run(officer: Person) -> Run:
    case = open_case(officer.username, CaseDraft(CaseKind.RUMOUR, "新空调漏氟", Channel.STAFF), NOW).case
    return start_run(officer, case, RunDraft("漏氟传言", "漏氟"), NOW)


def test_a_plan_is_kept_booked_briefed_and_compared(
    rumour: dict[str, int], run: Run, officer: Person, lead: Person
) -> None:
    kept = actions.keep_plan(officer, run.pk, read_asked(ASKED, ()), NOW)
    assert kept.saved == pytest.approx(4_000_000, rel=0.05)
    assert kept.saved_low <= 4_000_000 <= kept.saved_high
    assert (kept.plan.result["cost_minor"], kept.plan.budget_minor) == (100_000, 100_000)
    assert (kept.asked["carriers"], kept.asked["hours"], "who" in kept.asked) == (1, "72", False)
    with pytest.raises(BadInput):
        actions.write_briefs(lead, run.pk, kept.pk, MARKED, NOW)  # nothing is booked yet
    approve_plan(lead, kept.plan_id, 1, NOW)
    book_plan(lead, kept.plan_id, NOW)
    with pytest.raises(BadInput) as refused:
        actions.write_briefs(lead, run.pk, kept.pk, "说说真相", NOW)
    assert "mark of advertising" in str(refused.value.message)
    assert set(Booking.objects.values_list("brief", flat=True)) == {""}
    assert actions.write_briefs(lead, run.pk, kept.pk, MARKED, NOW) == 1
    Booking.objects.update(posted_at=NOW + timedelta(hours=3), actual_reach=2_500, state="posted")
    view = queries.list_kept(lead, run.pk)[0]
    assert (view.posted, view.measured, view.spent_minor) == (1, 2_500, 100_000)


def test_who_must_be_in_is_in_and_a_stranger_is_told(rumour: dict[str, int], run: Run, officer: Person) -> None:
    handle = Account.objects.get(pk=rumour["B"]).handle
    kept = actions.keep_plan(officer, run.pk, read_asked({**ASKED, "budget": "1800", "must": f"@{handle}"}, ()), NOW)
    assert rumour["B"] in {account["account"] for account in kept.plan.result["accounts"]}
    with pytest.raises(NotFound):
        actions.keep_plan(officer, run.pk, read_asked({**ASKED, "must": "nobody"}, ()), NOW)
    with pytest.raises(BadInput):
        actions.keep_plan(officer, run.pk, read_asked({**ASKED, "budget": ""}, ()), NOW)
    assert (RebuttalPlan.objects.count(), Plan.objects.count()) == (1, 1)


def test_the_page_asks_and_keeps(rumour: dict[str, int], run: Run, sign_in: Callable[..., Client]) -> None:
    client = sign_in(Role.PR_OFFICER)
    address = f"/crises/one/{run.pk}/rebuttal/"
    page = client.get(address, ASKED).content.decode()
    assert "People saved" in page, page.split("<main")[-1].split("<dialog")[0]
    assert "KOL A" in page
    assert client.post(f"{address}keep/", ASKED).status_code == 302
    assert "Planned: people saved" in client.get(address).content.decode()
    assert client.get(address, {**ASKED, "age": "x"}).status_code == 400
    # care agents know the crisis and not the roster
    assert "Your role does not include the roster" in sign_in(Role.CARE_AGENT).get(address, ASKED).content.decode()
