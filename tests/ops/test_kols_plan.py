"""The page of plans: exact reach on a small market, steps by address, limits that cannot be, and who may see it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from canyu.kit.clock import get_now
from canyu.ops.config import load_config
from canyu.ops.kols.models import Booking, Kol, Plan
from canyu.ops.kols.planning import boards, queries
from canyu.ops.kols.planning.boards import forget_boards
from canyu.ops.kols.planning.engine import draw_board
from canyu.ops.people.rules import Role
from kol_plan_fixtures import bare_market, market
from kol_plan_market import FORMULA, SCRIPT, add_account
from waiting import LONGEST_S, wait_until

__all__ = ["bare_market", "market"]
PAGE = "/kols/plan/"
FRAGMENT = {"HX-Request": "true"}
VIEWS = (PAGE, "/kols/plans/", "/kols/plan/impressions/", "/kols/plan/proof/reach/", "/kols/plan/file/plan.csv")


def read(client: Client, address: str, status: int = 200, **headers: str) -> str:
    response = client.get(address, headers=headers)
    assert response.status_code == status, response.content.decode()[:2000]
    return response.content.decode()


def spell(market: dict[str, int], letters: str) -> str:
    return ".".join(str(market[letter]) for letter in letters)


def list_chosen(address: str) -> set[str]:
    return set(address.split("in=")[1].split("&")[0].split("."))


def find_value(page: str, label: str) -> str:
    """Return the value of the strip's figure of this label."""
    after = page.split(f"<dt>{label}", 1)[1].split('class="value"', 1)[1].split(">", 1)[1]
    return after.split("<", 1)[0]


def test_reach_is_counted_without_repeats(market: dict[str, int], sign_in: Callable[..., Client]) -> None:
    client = sign_in(Role.KOL_MANAGER)
    page = read(client, f"{PAGE}?in={spell(market, 'ABCD')}")
    assert find_value(page, "Unique reach") == "14.0M"
    assert find_value(page, "Of the audience") == "100"
    assert find_value(page, "Cost") == "CNY 3,000"
    assert "followers add up to 4.00M" in page
    one = read(client, f"{PAGE}?in={spell(market, 'A')}")
    assert 6.95 <= float(find_value(one, "Unique reach").removesuffix("M")) <= 7.05
    both = read(client, f"{PAGE}?in={spell(market, 'AB')}")
    assert 9.95 <= float(find_value(both, "Unique reach").removesuffix("M")) <= 10.05
    assert read(client, f"{PAGE}?in={spell(market, 'BA')}").count("29%") == 1  # p5, p6 of the 7 of A
    assert "95% interval" in one


def test_a_step_is_an_address_with_script_and_without(market: dict[str, int], sign_in: Callable[..., Client]) -> None:
    client = sign_in(Role.KOL_MANAGER)
    step = f"{PAGE}?budget=3000&in={spell(market, 'A')}&add={market['B']}"
    after = f"budget=3000&in={spell(market, 'AB')}&was={spell(market, 'A')}"
    assert client.get(step)["Location"] == f"{PAGE}?{after}"
    answer = client.get(step, headers=FRAGMENT)
    assert answer["HX-Push-Url"] == f"{PAGE}?{after}"
    assert "<html" not in answer.content.decode()
    assert "Took in KOL B." in answer.content.decode()
    assert client.get(f"{PAGE}?{after}&undo=1")["Location"] == f"{PAGE}?budget=3000&in={market['A']}"
    dropped = client.get(f"{PAGE}?in={spell(market, 'AB')}&drop={market['A']}")
    assert dropped["Location"] == f"{PAGE}?in={market['B']}&was={spell(market, 'AB')}"
    looked = client.get(f"{PAGE}?in={market['A']}&q=KOL", headers=FRAGMENT)
    assert "HX-Push-Url" not in looked
    assert "HX-Request" in looked["Vary"]


def test_the_engine_fills_a_plan_beside_those_in_and_proves_it(
    market: dict[str, int], sign_in: Callable[..., Client]
) -> None:
    client = sign_in(Role.KOL_MANAGER)
    planned = client.get(f"{PAGE}?budget=2100&anew=1")["Location"]
    assert list_chosen(planned) == {str(market[letter]) for letter in "ABC"}
    filled = client.get(f"{PAGE}?budget=2100&in={market['D']}&fill=1")["Location"]
    assert filled.split("in=")[1].split("&")[0].split(".")[0] == str(market["D"])
    asked = f"/kols/plan/certificate/?budget=2100&in={spell(market, 'ABC')}"
    wait_until(lambda: "hx-trigger" not in read(client, asked))
    shown = read(client, asked)
    percent = int(find_value(shown, "Guarantee"))
    assert 90 <= percent <= 100
    assert "take the engine" not in shown
    worse = read(client, f"/kols/plan/certificate/?budget=2100&in={spell(market, 'CD')}")
    assert int(find_value(worse, "Guarantee")) < 45
    assert "people more</a>" in worse


def test_people_are_reached_for_the_least(market: dict[str, int], sign_in: Callable[..., Client]) -> None:
    client = sign_in(Role.KOL_MANAGER)
    found = client.get(f"{PAGE}?goal=reach&target=9500000&anew=1")["Location"]
    assert f"in={spell(market, 'CA')}&" in found
    page = read(client, found)
    assert 100 <= float(find_value(page, "Of the goal")) <= 110
    assert find_value(page, "Cost") == "CNY 1,300"


def test_least_quotas_are_met_first(market: dict[str, int], sign_in: Callable[..., Client]) -> None:
    client = sign_in(Role.KOL_MANAGER)
    quota = "quota=market:my&least=2&most="
    found = client.get(f"{PAGE}?budget=2200&{quota}&anew=1")["Location"]
    assert list_chosen(found) == {str(market[letter]) for letter in "CDA"}
    page = read(client, f"{PAGE}?{quota}&in={spell(market, 'AC')}")
    assert "1 of Malaysia; its quota is 2 at least." in page


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("budget=200&anew=1", "The budget is below the cheapest account, KOL C at CNY 300."),
        ("budget=1,2&anew=1", "&#x27;1,2&#x27; is no amount. Write 1,000,000 or 1000000.50."),
        ("budget=3000&quota=platform:weibo&least=3&most=1", "contradicts itself: at least 3, at most 1."),
        ("quota=platform:weibo&quota=platform:weibo&least=1&least=2&most=&most=", "platform=weibo stands twice."),
        ("budget=3000&quota=market:my&least=3&most=&anew=1", "At least 3 of Malaysia are asked for, but only 2"),
        ("budget=1000&quota=market:my&least=2&most=&anew=1", "At least 2 of Malaysia cost CNY 1,200 or more"),
        ("hours=0", "&#x27;0&#x27; is no usable number of hours. A whole number from 1 to 2160."),
        ("people=10&people_low=20", "20 / 10 / 10 is no interval."),
        ("goal=reach&budget=2000", "No number of people to reach was given."),
        ("goal=more", "&#x27;more&#x27; is no choice here."),
        ("anew=1", "There is neither a budget nor a number of people."),
    ],
)
def test_limits_that_cannot_be_are_told_with_field_and_mend(
    market: dict[str, int], sign_in: Callable[..., Client], asked: str, told: str
) -> None:
    response = sign_in(Role.KOL_MANAGER).get(f"{PAGE}?{asked}")
    page = response.content.decode()
    assert told in page
    assert response.status_code in {200, 400}
    assert 'role="alert"' in page


def test_an_address_that_nobody_types_is_refused(market: dict[str, int], sign_in: Callable[..., Client]) -> None:
    client = sign_in(Role.KOL_MANAGER)
    for wrong in ("in=1.x", "never=a", "in=" + ".".join(str(one) for one in range(50_001)), "add=x", "in=~ab"):
        assert client.get(f"{PAGE}?{wrong}").status_code == 400, wrong
    gone = client.get(f"{PAGE}?in=~{'0' * 32}")
    assert (gone.status_code, "is not kept any more" in gone.content.decode()) == (400, True)
    page = read(client, f"{PAGE}?in=999999")
    assert "1 account cannot be had now" in page


@pytest.mark.parametrize("address", VIEWS)
def test_nobody_sees_plans_without_signing_in(address: str, market: dict[str, int]) -> None:
    assert Client().get(address).status_code == 302


@pytest.mark.parametrize("address", VIEWS)
def test_a_care_agent_sees_no_plan(address: str, market: dict[str, int], sign_in: Callable[..., Client]) -> None:
    assert sign_in(Role.CARE_AGENT).get(address).status_code == 403


def test_who_only_looks_changes_nothing(market: dict[str, int], sign_in: Callable[..., Client]) -> None:
    client = sign_in(Role.SOCIAL_ANALYST)
    assert "Save the plan" not in read(client, f"{PAGE}?in={market['A']}")
    sent = {"in": str(market["A"]), "name": "mine"}
    tried = [client.post("/kols/plan/save/", sent).status_code]
    tried += [client.post(f"/kols/plans/1/{step}/").status_code for step in ("approve", "book")]
    assert tried == [403] * 3
    assert (Plan.objects.count(), Booking.objects.count()) == (0, 0)


def test_hostile_names_are_text(market: dict[str, int], sign_in: Callable[..., Client]) -> None:
    Kol.objects.filter(accounts=market["A"]).update(name=SCRIPT)
    Kol.objects.filter(accounts=market["C"]).update(name=FORMULA)
    client = sign_in(Role.KOL_MANAGER)
    for letters in ("ABC", "B"):
        page = read(client, f"{PAGE}?in={spell(market, letters)}&was=none")
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert" in page
    sheet = read(client, f"/kols/plan/file/plan.csv?in={spell(market, 'AC')}")
    assert "'=HYPERLINK" in sheet
    drawn = read(client, f"/kols/plan/file/curve.svg?in={spell(market, 'AC')}")
    assert "<script>" not in drawn


def test_files_hold_the_plan(market: dict[str, int], sign_in: Callable[..., Client]) -> None:
    client = sign_in(Role.KOL_MANAGER)
    lines = read(client, f"/kols/plan/file/plan.csv?in={spell(market, 'CA')}").splitlines()
    assert lines[0].startswith("\ufeffnumber,KOL,platform")
    assert [line.split(",")[1:6] for line in lines[1:]] == [
        ["KOL C", "douyin", "k:C", "300", "CNY"],
        ["KOL A", "weibo", "k:A", "1000", "CNY"],
    ]
    picture = client.get(f"/kols/plan/file/curve.png?in={spell(market, 'CA')}")
    assert picture.content.startswith(b"\x89PNG")
    assert client.get("/kols/plan/file/plan.png").status_code == 404


def test_every_figure_opens_to_its_proof(market: dict[str, int], sign_in: Callable[..., Client]) -> None:
    client = sign_in(Role.KOL_MANAGER)
    asked = f"?budget=3000&in={spell(market, 'AB')}"
    for name in ("reach", "share", "cost", "per_person", "certificate", "goal"):
        page = read(client, f"/kols/plan/proof/{name}/{asked}", **FRAGMENT)
        assert "14 nodes, 13 arcs" in page
        assert "200,000 reverse-reachable sets, seed 7" in page
        assert "4 accounts with a price in force (CNY)" in page
    again = read(client, f"/kols/plan/proof/reach/{asked}&again=1")
    assert "people on 200,000 fresh sets; shown: 9.9" in again or "fresh sets; shown: 10.0" in again
    assert client.get(f"/kols/plan/proof/nothing/{asked}").status_code == 404


def test_accounts_that_the_graph_lacks_are_told(market: dict[str, int], sign_in: Callable[..., Client]) -> None:
    key = add_account("KOL E", "k:unknown", 1000)
    client = sign_in(Role.KOL_MANAGER)
    page = read(client, f"{PAGE}?in={spell(market, 'ABCD')}.{key}")
    assert find_value(page, "Unique reach") == "14.0M"
    assert "1 account of the roster is no node of the graph" in page
    assert "not in the graph: its reach is not known" in page


def test_without_a_graph_it_is_an_assumption_and_says_so(
    bare_market: dict[str, int], sign_in: Callable[..., Client]
) -> None:
    client = sign_in(Role.KOL_MANAGER)
    asked = f"in={spell(bare_market, 'AB')}&people=10m&seen=10"
    page = read(client, f"{PAGE}?{asked}")
    assert "an assumption, not a measurement" in page
    assert "canyu spread learn --lake" in page
    assert find_value(page, "Unique reach") == "198K"  # 10m * (1 - exp(-200k / 10m))
    filled = client.get(f"{PAGE}?budget=1200&people=10m&anew=1")["Location"]
    assert list_chosen(filled) == {str(bare_market[letter]) for letter in "CB"}


def test_the_calculator_says_how_many_impressions_it_takes(
    bare_market: dict[str, int], sign_in: Callable[..., Client]
) -> None:
    client = sign_in(Role.MARKETING_LEAD)
    page = read(client, "/kols/plan/impressions/?unique=200m&audience=300m&audience_low=600m&audience_high=1000m")
    for told in ("329.6M", "243.3M", "223.1M"):
        assert told in page
    assert read(client, "/kols/plan/impressions/").count("243.3M") == 1
    assert "nobody reaches everybody at random" in read(client, "/kols/plan/impressions/?unique=400m")
    assert "is no number of people" in read(client, "/kols/plan/impressions/?unique=many", 400)


def test_a_page_asks_the_database_a_few_times_only(
    market: dict[str, int], sign_in: Callable[..., Client], django_assert_max_num_queries: Any
) -> None:
    client = sign_in(Role.KOL_MANAGER)
    address = f"{PAGE}?in={spell(market, 'AB')}&budget=3000"
    read(client, address)
    for headers in ({}, FRAGMENT):
        with django_assert_max_num_queries(13):
            read(client, f"{address}&add={market['C']}" if headers else address, **headers)


def test_an_empty_roster_says_what_to_do(brand_lake: object, sign_in: Callable[..., Client]) -> None:
    assert "Nobody can be asked yet" in read(sign_in(Role.KOL_MANAGER), PAGE)


def test_a_learned_graph_brings_its_delays_and_its_version(
    market: dict[str, int], sign_in: Callable[..., Client]
) -> None:
    folder = Path(load_config().influence_graph)
    (folder / "delays.json").write_text('{"family": "log_normal", "scope": "all_arcs", "median_s": 36000, "sigma": 0}')
    (folder / "about.json").write_text('{"lake_versions": {"events": 7}}')
    forget_boards()
    client = sign_in(Role.KOL_MANAGER)
    assert find_value(read(client, f"{PAGE}?in={spell(market, 'ABCD')}&hours=12"), "Unique reach") == "14.0M"
    early = read(client, f"{PAGE}?in={spell(market, 'ABCD')}&hours=9")  # a delay is 10 hours: nobody but themselves
    assert 3.9 <= float(find_value(early, "Unique reach").removesuffix("M")) <= 4.1
    proof = read(client, f"/kols/plan/proof/reach/?in={spell(market, 'A')}&hours=9")
    assert "within 9 h; a delay is 10.0 h as a rule" in proof
    assert "events@7" in proof


def test_accounts_used_lately_count_for_less_where_that_is_asked(
    market: dict[str, int], sign_in: Callable[..., Client]
) -> None:
    now = get_now()
    Booking.objects.create(
        account_id=market["A"],
        price_minor=1,
        currency="CNY",
        state="paid",
        state_at=now,
        made_by="x",
        made_at=now,
        posted_at=now,
    )
    client = sign_in(Role.KOL_MANAGER)
    page = read(client, f"{PAGE}?in={market['A']}")
    assert "used 1 time in 30 days" in page
    assert 6.9 <= float(find_value(page, "Unique reach").removesuffix("M")) <= 7.1
    tired = read(client, f"{PAGE}?in={market['A']}&tired=1")
    assert 3.4 <= float(find_value(tired, "Unique reach").removesuffix("M")) <= 3.6


def test_a_broken_graph_is_told(market: dict[str, int], sign_in: Callable[..., Client]) -> None:
    (Path(load_config().influence_graph) / "in_starts.npy").write_bytes(b"no array")
    forget_boards()
    assert "is no whole graph" in read(sign_in(Role.KOL_MANAGER), PAGE, 400)


def test_while_samples_are_drawn_the_page_says_how_far_and_nothing_is_kept(
    market: dict[str, int], sign_in: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    told, gate = threading.Event(), threading.Event()

    def draw_slowly(*given: Any) -> Any:
        given[3][1](50_000, 200_000)
        told.set()
        gate.wait(LONGEST_S)
        return draw_board(*given)

    monkeypatch.setattr(boards, "draw_board", draw_slowly)
    monkeypatch.setattr(queries, "LONGEST_WAIT_S", 0.01)
    monkeypatch.setattr(queries, "QUICK_S", 0.01)
    client = sign_in(Role.KOL_MANAGER)
    try:
        read(client, f"{PAGE}?in={market['A']}")
        assert told.wait(LONGEST_S)
        page = read(client, f"{PAGE}?in={market['A']}")
        assert "Drawing the graph's samples: 25%" in page.replace("&#x27;", "'")
        assert "Unique reach" not in page
        sent = {"in": str(market["A"]), "name": "early"}
        assert client.post("/kols/plan/save/", sent).status_code == 409
        assert client.get(f"/kols/plan/file/plan.csv?in={market['A']}").status_code == 409
        assert not Plan.objects.exists()
    finally:
        gate.set()
