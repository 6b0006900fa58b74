"""Beside a plan: whom it reaches by market and platform, its waves, how it goes on, and who answers a rumour."""

from __future__ import annotations

import csv
import re
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from django.test import Client

from canyu.events import Event, build_event_table, open_lake
from canyu.kit.clock import get_now
from canyu.ops.config import load_config
from canyu.ops.kols.models import Account, Booking, Plan, join_list
from canyu.ops.kols.planning import engine, option_pages
from canyu.ops.kols.planning.boards import forget_boards
from canyu.ops.kols.planning.engine import forget_choices
from canyu.ops.kols.planning.filling import is_within
from canyu.ops.kols.planning.queries import list_choices
from canyu.ops.kols.planning.roster import read_roster
from canyu.ops.kols.planning.schemas import PlanQuery
from canyu.ops.people.models import Person
from canyu.ops.people.rules import Role
from canyu.spread.graphs import build_graph, save_graph
from kol_plan_fixtures import bare_market, market

__all__ = ["bare_market", "market"]
FRAGMENT = {"HX-Request": "true"}
VIEWS = ("/kols/plan/audience/", "/kols/plan/waves/", "/kols/plan/rumour/", "/kols/plan/beside/audience/")


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for whole answers: on a fresh machine kernels are compiled first."""
    monkeypatch.setattr(option_pages, "WAIT_S", 180.0)


@pytest.fixture
def own_lake(market: dict[str, int], use_lake: Callable[[Path], None], tmp_path: Path) -> Path:
    """A lake of this test alone beside the small market; it holds nothing yet."""

    use_lake(tmp_path / "own.lake")
    return tmp_path / "own.lake"


def read(client: Client, address: str, status: int = 200, **headers: str) -> str:
    response = client.get(address, headers=headers)
    assert response.status_code == status, response.content.decode().split("<main")[-1][:1500]
    return response.content.decode()


def spell(market: dict[str, int], letters: str) -> str:
    return ".".join(str(market[letter]) for letter in letters)


def read_rows(page: str, table: str) -> list[list[str]]:
    """Return the cells of the rows of a table, without tags."""
    body = page.split(f'id="{table}"')[1].split("<tbody>")[1].split("</tbody>")[0]
    rows = [re.findall(r"<t[hd].*?>(.*?)</t[hd]>", row, re.S) for row in body.split("</tr>") if "<t" in row]
    asides = r'\s*<span class="(?:under|grey small)".*?</span>'  # intervals and platforms
    return [[re.sub(r"<.*?>", "", re.sub(asides, "", cell)).strip() for cell in row] for row in rows]


def is_near(text: str, millions: float) -> bool:
    return abs(float(text.removesuffix("M")) - millions) < 0.1


def find_value(page: str, label: str) -> str:
    after = page.split(f"<dt>{label}", 1)[1].split('class="value"', 1)[1].split(">", 1)[1]
    return after.split("<", 1)[0]


def write_posts(rows: list[tuple[str, str, str, str, float]]) -> None:
    """Add events to the lake: id, actor, market, parent, hours ago."""
    now = get_now()
    events = [
        Event(
            id=name, type="repost" if parent else "post", time=now - timedelta(hours=hours), received=now, source="t",
            channel="weibo", market=place, actor=actor, parent=parent or None, text="x",
        )
        for name, actor, place, parent, hours in rows
    ]  # fmt: skip
    open_lake(load_config().lake, create=True).append(build_event_table(events))


def test_the_audience_is_told_by_the_accounts_where_nothing_is_known_of_the_people(
    market: dict[str, int], sign_in: Callable[..., Client]
) -> None:
    page = read(sign_in(Role.KOL_MANAGER), f"/kols/plan/audience/?in={spell(market, 'ABCD')}")
    assert "Where the people reached are is not known" in page
    by_market = {row[0]: row[1:] for row in read_rows(page, "by-market")}
    assert {name: row[:2] for name, row in by_market.items()} == {
        "Mainland China": ["2", "CNY 1,800"],
        "Malaysia": ["2", "CNY 1,200"],
    }
    assert is_near(by_market["Mainland China"][2], 10)  # A and B: 7 + 5 without p5 and p6 twice
    assert is_near(by_market["Malaysia"][2], 5)  # C and D: 3 + 2
    assert is_near(by_market["Mainland China"][3], 9)  # p1 is reached by D too
    assert is_near(by_market["Malaysia"][3], 4)
    assert [row[1:3] for row in read_rows(page, "by-platform")] == [["2", "CNY 1,800"], ["2", "CNY 1,200"]]


def test_an_account_of_two_markets_stands_in_both(market: dict[str, int], sign_in: Callable[..., Client]) -> None:
    Account.objects.filter(pk=market["A"]).update(markets=join_list(["cn", "my"]))
    page = read(sign_in(Role.KOL_MANAGER), f"/kols/plan/audience/?in={spell(market, 'ABC')}")
    by_market = {row[0]: row[1:] for row in read_rows(page, "by-market")}
    assert {name: row[:2] for name, row in by_market.items()} == {
        "Mainland China": ["2", "CNY 1,800"],
        "Malaysia": ["2", "CNY 1,300"],
    }
    assert is_near(by_market["Malaysia"][2], 10)  # A and C: 7 + 3
    assert is_near(by_market["Malaysia"][3], 8)  # B reaches 5 of the 13 without them
    roster = read_roster(Person(), get_now(), "CNY", "post")
    inside = is_within(roster, PlanQuery(market="my"))
    assert {key for key, is_in in zip(roster.keys, inside, strict=True) if is_in} == {market[one] for one in "ACD"}
    assert list_choices(roster)["market"] == ["my", "cn"]


def test_people_count_in_the_market_that_most_of_their_events_came_from(
    market: dict[str, int], own_lake: Path, sign_in: Callable[..., Client]
) -> None:
    rows = [(f"e{number}", f"p{number}", "my" if number in {5, 6, 9} else "cn", "", 1.0) for number in range(1, 10)]
    write_posts([*rows, ("e10", "p1", "my", "", 2.0), ("e11", "p1", "cn", "", 3.0)])
    client = sign_in(Role.KOL_MANAGER)
    page = read(client, f"/kols/plan/audience/?in={spell(market, 'AC')}")
    homes = {row[0]: row[1:] for row in read_rows(page, "homes")}
    assert (homes["Mainland China"][0], homes["Malaysia"][0]) == ("6.00M", "3.00M")
    assert is_near(homes["Mainland China"][1], 4)  # p1 to p4 of p1 to p4, p7, p8
    assert is_near(homes["Malaysia"][1], 3)
    assert homes["Malaysia"][2] == "100.0%"
    assert "5 nodes of the graph have no event in the lake" in page  # the four accounts, and p10
    proof = read(client, f"/kols/plan/beside/audience/?in={spell(market, 'AC')}", **FRAGMENT)
    assert "9 / 14" in proof
    assert "14 nodes, 13 arcs" in proof


def test_without_a_graph_the_audience_is_by_account_and_the_engine_is_silent(
    bare_market: dict[str, int], sign_in: Callable[..., Client]
) -> None:
    client = sign_in(Role.KOL_MANAGER)
    asked = f"in={spell(bare_market, 'AB')}&people=10m&seen=10&budget=3000"
    page = read(client, f"/kols/plan/audience/?{asked}")
    assert read_rows(page, "by-platform")[0][1:4] == ["2", "CNY 1,800", "198K"]
    for name in ("waves", "rumour"):
        assert "This needs a graph" in read(client, f"/kols/plan/{name}/?{asked}&who=x")


def test_waves_take_the_plan_apart_by_what_each_adds(market: dict[str, int], sign_in: Callable[..., Client]) -> None:
    client = sign_in(Role.KOL_MANAGER)
    asked = f"in={spell(market, 'CBA')}&waves=2&gap=12"
    page = read(client, f"/kols/plan/waves/?{asked}")
    first, second = read_rows(page, "waves-table")
    assert (first[1], first[2]) == ("KOL A", "CNY 1,000")  # half of 2,100 buys the best one
    assert (set(second[1].split(", ")), second[2]) == ({"KOL B", "KOL C"}, "CNY 1,100")
    assert (is_near(first[3], 7), is_near(first[4], 7)) == (True, True)
    assert (is_near(second[3], 6), is_near(second[4], 13)) == (True, True)
    assert "hour 12" in page
    assert is_near(find_value(page, "Unique reach"), 13)
    proof = read(client, f"/kols/plan/beside/waves/?{asked}", **FRAGMENT)
    assert "262,144 + 262,144 sets, seed 7" in proof
    taken = page.split('href="/kols/plan/?')[-1].split('"')[0]
    assert set(taken.split("in=")[1].split("&")[0].split(".")) == {str(market[letter]) for letter in "ABC"}
    sent = client.get(f"/kols/plan/beside/waves.csv?{asked}")
    rows = list(csv.reader(sent.content.decode("utf-8-sig").splitlines()))
    assert rows[0] == ["wave", "begins at hour", "KOL", "platform", "handle", "cost", "currency"]
    assert sorted(row[2] for row in rows[1:]) == ["KOL A", "KOL B", "KOL C"]
    assert {(row[0], row[1], row[6]) for row in rows[1:]} == {("1", "0", "CNY"), ("2", "12", "CNY")}
    back = client.get("/kols/plan/beside/waves.csv?waves=2")
    assert (back.status_code, back.headers["Location"]) == (302, "/kols/plan/waves/?waves=2")


def test_the_engine_may_choose_whom_to_post_in_which_wave(
    market: dict[str, int], sign_in: Callable[..., Client]
) -> None:
    client = sign_in(Role.KOL_MANAGER)
    page = read(client, "/kols/plan/waves/?budget=2100&waves=3&gap=4&over=best")
    rows = read_rows(page, "waves-table")
    assert sorted(",".join(row[1] for row in rows).replace(", ", ",").split(",")) == ["KOL A", "KOL B", "KOL C"]
    assert rows[0][1] == "KOL C"  # 700 pays for no other
    assert "There is no budget" in read(client, "/kols/plan/waves/?over=best")
    assert "Nobody is in the plan yet" in read(client, "/kols/plan/waves/")


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("waves=5", "Write a whole number from 1 to 4."),
        ("waves=4&gap=30", "The last wave begins at hour 90, after the deadline of 72 hours."),
        ("gap=x", "cannot be used."),
    ],
)
def test_waves_that_cannot_be_are_told(
    market: dict[str, int], sign_in: Callable[..., Client], asked: str, told: str
) -> None:
    page = read(sign_in(Role.KOL_MANAGER), f"/kols/plan/waves/?in={spell(market, 'AB')}&{asked}", 400)
    assert told in page


def book(market: dict[str, int], sign_in: Callable[..., Client], letters: str, budget: str) -> Plan:
    manager, lead = sign_in(Role.KOL_MANAGER, name="mo"), sign_in(Role.MARKETING_LEAD, name="lee")
    sent = {"budget": budget, "in": spell(market, letters), "name": "Spring", "hours": "72"}
    manager.post("/kols/plan/save/", sent)
    row = Plan.objects.get()
    lead.post(f"/kols/plans/{row.pk}/approve/", {"version": "1"})
    manager.post(f"/kols/plans/{row.pk}/book/")
    return row


def test_a_plan_goes_on_from_what_was_posted_and_reposted(
    market: dict[str, int], own_lake: Path, sign_in: Callable[..., Client]
) -> None:
    row = book(market, sign_in, "AC", "2100")
    client = sign_in(Role.KOL_MANAGER)
    page = f"/kols/plans/{row.pk}/replan/"
    assert "has posted yet" in read(client, page)
    out = get_now() - timedelta(hours=10, minutes=30)
    write_posts([("out", "k:A", "cn", "", 10.5), *((f"r{n}", f"p{n}", "cn", "out", 9.0) for n in range(1, 7))])
    Booking.objects.filter(account=market["A"]).update(state="posted", posted_at=out, post_id="out")
    shown = read(client, f"{page}?waves=1")
    assert "Posted: 1. Reposted by 6 people. Spent: CNY 1,000." in shown
    only = read_rows(shown, "waves-table")[0]
    assert (set(only[1].split(", ")), only[2]) == ({"KOL B", "KOL C"}, "CNY 1,100")
    assert is_near(find_value(shown, "Can still be reached"), 6)  # B, p7, p8 and C, p9, p10
    assert "of CNY 1,100 left" in shown
    assert 'href="/kols/plans/' in read(client, f"/kols/plans/{row.pk}/")
    assert "Go on from what happened" in read(client, f"/kols/plans/{row.pk}/")


def test_who_posted_may_post_again_where_that_is_asked(
    market: dict[str, int], sign_in: Callable[..., Client], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arcs = [("k:A", f"q{number}", 0.5) for number in range(8)] + [("k:B", "q8", 1.0)]
    table = pa.table({name: [arc[at] for arc in arcs] for at, name in enumerate(("src", "dst", "p"))})
    save_graph(build_graph(table, "src", "dst", probability="p"), tmp_path / "again.graph")
    monkeypatch.setenv("CANYU_INFLUENCE_GRAPH", str(tmp_path / "again.graph"))
    monkeypatch.setenv("CANYU_AUDIENCE_PEOPLE", "11000000")
    load_config.cache_clear()
    forget_boards()
    forget_choices()
    row = book(market, sign_in, "A", "2000")
    out = get_now() - timedelta(hours=3)
    Booking.objects.filter(account=market["A"]).update(state="posted", posted_at=out, post_id="out")
    client = sign_in(Role.KOL_MANAGER)
    once = read(client, f"/kols/plans/{row.pk}/replan/?waves=1")
    assert read_rows(once, "waves-table")[0][1] == "KOL B"
    again = read(client, f"/kols/plans/{row.pk}/replan/?waves=1&again=1")
    assert read_rows(again, "waves-table")[0][1] == "KOL A"
    assert is_near(find_value(again, "Can still be reached"), 4)  # eight people at a half each


@pytest.fixture
def rumour(market: dict[str, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """A rumour of ``r`` that reaches x in one hour and p1 to p5 in two; A reaches four of them in one, B the fifth."""
    arcs = [("r", "x"), *(("x", f"p{n}") for n in range(1, 6)), *(("k:A", f"p{n}") for n in range(1, 5)), ("k:B", "p5")]
    table = pa.table({"src": [a for a, _ in arcs], "dst": [b for _, b in arcs], "p": [1.0] * len(arcs)})
    save_graph(build_graph(table, "src", "dst", probability="p"), tmp_path / "rumour.graph")
    monkeypatch.setenv("CANYU_INFLUENCE_GRAPH", str(tmp_path / "rumour.graph"))
    monkeypatch.setenv("CANYU_AUDIENCE_PEOPLE", "9000000")
    load_config.cache_clear()
    forget_boards()
    forget_choices()
    return market


def test_accounts_are_set_against_a_rumour_with_a_bound(rumour: dict[str, int], sign_in: Callable[..., Client]) -> None:
    client = sign_in(Role.KOL_MANAGER)
    page = read(client, "/kols/plan/rumour/?budget=1000&who=r")
    assert 'id="loose"' not in page
    assert is_near(find_value(page, "People saved"), 4)
    assert find_value(page, "The rumour reaches, without us") == "6.00M"
    assert "2.00M in spite of us" in page
    assert float(find_value(page, "Guarantee")) >= 97
    assert [row[0].split()[1] for row in read_rows(page, "blockers")] == ["A"]
    both = read(client, "/kols/plan/rumour/?budget=1800&who=r")
    assert is_near(find_value(both, "People saved"), 5)
    late = read(client, "/kols/plan/rumour/?budget=1800&who=r&delay=1")
    assert "Nobody can be saved" in late
    first = read(client, "/kols/plan/rumour/?budget=1000&who=r&count=first")
    assert is_near(find_value(first, "Hear from us first"), 5)  # A and its four
    sent = client.get("/kols/plan/beside/rumour.csv?budget=1000&who=r").content.decode("utf-8-sig").splitlines()
    assert sent[0] == "number,KOL,platform,handle,cost,currency"
    assert [line.split(",")[0] for line in sent[1:]] == ["1"]
    proof = read(client, "/kols/plan/beside/rumour/?budget=1000&who=r", **FRAGMENT)
    assert "Budak" in proof
    assert "9 nodes, 11 arcs" in proof


def test_a_rumour_that_reaches_few_is_drawn_more_and_the_page_says_that_its_bound_is_loose(
    market: dict[str, int], sign_in: Callable[..., Client], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "RUMOUR_SETS", (512, 1024))
    monkeypatch.setenv("CANYU_INFLUENCE_GRAPH", str(tmp_path / "thin.graph"))
    load_config.cache_clear()
    arcs = pa.table({"src": ["r", "x", "k:A"], "dst": ["x", "p1", "p1"], "p": [0.1, 0.1, 1.0]})
    save_graph(build_graph(arcs, "src", "dst", probability="p"), tmp_path / "thin.graph")
    client = sign_in(Role.KOL_MANAGER)
    page = read(client, "/kols/plan/rumour/?budget=1000&who=r")
    assert float(find_value(page, "Guarantee")) < 50
    assert 'id="loose"' in page
    proof = read(client, "/kols/plan/beside/rumour/?budget=1000&who=r", **FRAGMENT)
    assert "1,024 + 1,024 sets, seed 7" in proof
    assert "δ = 0.2," in proof  # a quarter, as there are four people: half of it for each choice


def test_a_rumour_is_named_by_handle_actor_or_post(
    rumour: dict[str, int], own_lake: Path, sign_in: Callable[..., Client]
) -> None:
    write_posts([("lie", "r", "cn", "", 3.0), ("spread", "x", "cn", "lie", 0.0)])
    client = sign_in(Role.KOL_MANAGER)
    page = read(client, "/kols/plan/rumour/?budget=1000&who=lie,%20nobody")
    assert "Against 2 accounts that spread it." in page
    assert 'dir="auto">nobody</span>' in page
    assert "Nobody can be saved" in page  # x passes it on just as A speaks
    Account.objects.filter(pk=rumour["B"]).update(handle="bee")
    by_handle = read(client, "/kols/plan/rumour/?budget=1000&count=first&who=@bee")
    assert "Against 1 account that spreads it." in by_handle
    assert is_near(find_value(by_handle, "Hear from us first"), 5)  # A and its four; p5 is B's
    assert "None of them is known" in read(client, "/kols/plan/rumour/?budget=1000&who=nobody")
    assert "There is no budget" in read(client, "/kols/plan/rumour/?who=r")
    assert "No more than 200 at once" in read(client, f"/kols/plan/rumour/?who={'+'.join(map(str, range(201)))}", 400)


def test_what_takes_long_is_waited_for_and_asked_again(
    market: dict[str, int], sign_in: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = sign_in(Role.KOL_MANAGER)
    monkeypatch.setattr(option_pages, "WAIT_S", 0.0)
    asked = f"/kols/plan/waves/?in={spell(market, 'AB')}"
    page = read(client, asked)
    assert 'hx-trigger="load delay' in page
    for _ in range(600):
        page = read(client, asked, **FRAGMENT)
        if "hx-trigger" not in page:
            break
        time.sleep(0.1)
    assert "<html" not in page
    assert len(read_rows(page, "waves-table")) == 2


@pytest.mark.parametrize("address", VIEWS)
def test_only_who_may_see_kols_sees_what_is_beside_a_plan(
    address: str, market: dict[str, int], sign_in: Callable[..., Client]
) -> None:
    assert Client().get(address).status_code == 302
    assert sign_in(Role.CARE_AGENT).get(address).status_code == 403
    read(sign_in(Role.SOCIAL_ANALYST), address)
