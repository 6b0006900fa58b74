"""The auditor's pages: who may look, the trial balance, histories, the proof, damage named, exports, hostile ids."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest
from django.db import connection, transaction
from django.test import Client

from canyu.ledger import Hold, OpenAccount, Reverse, Side, Transfer
from canyu.ops.ledger.actions import use_ledger
from canyu.ops.people.rules import Role

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
SCRIPT = '<script>alert("x")</script>'
MAY_LOOK = {Role.MARKETING_LEAD, Role.CAMPAIGN_MANAGER, Role.DATA_ANALYST}
PAGES = (
    "/ledger/",
    "/ledger/account/?id=drop-7%3Afree",
    "/ledger/row/?id=stock",
    "/ledger/proof/",
    "/ledger/export/rows.csv",
)


@pytest.fixture
def filled(empty_ledger: None, brand_lake: object) -> None:
    with transaction.atomic():
        use_ledger().require(
            [
                OpenAccount("drop-7:made", "unit:drop-7"),
                OpenAccount("drop-7:free", "unit:drop-7", Side.CREDIT),
                OpenAccount("drop-7:sold", "unit:drop-7"),
                OpenAccount("budget", "CNY", Side.CREDIT),
                OpenAccount("bank", "CNY"),
                OpenAccount(SCRIPT, "points", Side.CREDIT),
                OpenAccount("points:given", "points"),
                Transfer("stock", "drop-7:made", "drop-7:free", 10_000, "unit:drop-7"),
                Transfer("sale-1", "drop-7:free", "drop-7:sold", 3, "unit:drop-7", SCRIPT),
                Hold("claim-2", "drop-7:free", "drop-7:sold", 4, "unit:drop-7", NOW + timedelta(minutes=15)),
                Reverse("refund-1", "sale-1"),
                Transfer("fund", "bank", "budget", 230_050, "CNY"),
                Transfer("=gift", "points:given", SCRIPT, 50, "points"),
            ],
            NOW,
        )


def read(client: Client, address: str, status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status, response.content
    return b"".join(response).decode()


@pytest.mark.parametrize("address", PAGES)
def test_nobody_sees_the_ledger_without_signing_in(address: str, filled: None) -> None:
    assert Client().get(address).status_code == 302


@pytest.mark.parametrize("role", list(Role))
def test_only_some_roles_may_look(role: Role, filled: None, sign_in: Callable[..., Client]) -> None:
    client = sign_in(role)
    expected = 200 if role in MAY_LOOK else 403
    assert [client.get(address).status_code for address in PAGES] == [expected] * len(PAGES)
    assert client.post("/ledger/proof/").status_code == expected


def test_the_trial_balance_shows_each_unit_even(filled: None, sign_in: Callable[..., Client]) -> None:
    page = read(sign_in(Role.DATA_ANALYST), "/ledger/")
    assert "Trial balance over 6 rows" in page
    assert "¥2,300.50" in page
    assert "10,006" in page  # 10,000 made, 3 sold, 3 back
    assert "not even" not in page


def test_accounts_are_found_by_how_they_begin_and_by_unit(filled: None, sign_in: Callable[..., Client]) -> None:
    client = sign_in(Role.DATA_ANALYST)
    page = read(client, "/ledger/?q=drop-7:f")
    assert "drop-7:free" in page
    assert "drop-7:made" not in page
    page = read(client, "/ledger/?unit=CNY")
    assert "budget" in page
    assert "drop-7:free" not in page
    assert "No account begins so." in read(client, "/ledger/?q=nothing%00")


def test_long_lists_go_on(filled: None, sign_in: Callable[..., Client]) -> None:
    with transaction.atomic():
        moves = [Transfer(f"m{at:03}", "drop-7:free", "drop-7:sold", 1, "unit:drop-7") for at in range(120)]
        use_ledger().require([OpenAccount(f"person-{at:03}", "points") for at in range(60)], NOW)
        use_ledger().require(moves, NOW)
    client = sign_in(Role.DATA_ANALYST)
    page = read(client, "/ledger/?q=person-")
    assert "person-049" in page
    assert "after=person-049" in page
    assert "person-059" in read(client, "/ledger/?q=person-&after=person-049")
    page = read(client, "/ledger/account/?id=drop-7%3Asold")
    assert "m119" in page
    assert "m070" in page
    assert "m069" not in page
    before = page.split("before=")[1].split('"')[0]
    assert "m069" in read(client, f"/ledger/account/?id=drop-7%3Asold&before={before}")


def test_a_history_runs_with_its_balance(filled: None, sign_in: Callable[..., Client]) -> None:
    page = read(sign_in(Role.DATA_ANALYST), "/ledger/account/?id=drop-7%3Afree")
    places = [page.index(f">{name}<") for name in ("refund-1", "claim-2", "sale-1", "stock")]
    assert places == sorted(places)
    assert page.count("9,997") == 2  # after the sale, and after the hold beside it
    assert "9,996" in page  # free: 10,000 less the 4 that are held


def test_a_row_leads_to_what_it_answers_and_back(filled: None, sign_in: Callable[..., Client]) -> None:
    client = sign_in(Role.DATA_ANALYST)
    assert "?id=refund-1" in read(client, "/ledger/row/?id=sale-1")
    assert "?id=sale-1" in read(client, "/ledger/row/?id=refund-1")
    assert "the hold is open" in read(client, "/ledger/row/?id=claim-2")


def test_ids_and_notes_are_text_whatever_they_hold(filled: None, sign_in: Callable[..., Client]) -> None:
    client = sign_in(Role.DATA_ANALYST)
    named = urlencode({"id": SCRIPT})
    addresses = ("/ledger/", "/ledger/row/?id=sale-1", f"/ledger/account/?{named}")
    assert not any(SCRIPT in read(client, address) for address in addresses)


@pytest.mark.parametrize("name", ["nothing", "", "a\0b", "x" * 5000, "' OR 1=1 --"])
def test_what_is_not_there_is_said(name: str, filled: None, sign_in: Callable[..., Client]) -> None:
    client = sign_in(Role.DATA_ANALYST)
    for page in ("account", "row"):
        assert "in the ledger" in read(client, f"/ledger/{page}/?{urlencode({'id': name})}", 404)
    assert client.get("/ledger/export/rows.xlsx").status_code == 404


def test_the_proof_is_made_on_request(filled: None, sign_in: Callable[..., Client]) -> None:
    client = sign_in(Role.CAMPAIGN_MANAGER)
    assert "Rows replayed" not in read(client, "/ledger/proof/")
    page = client.post("/ledger/proof/").content.decode()
    assert "Rows replayed" in page
    assert ">sound<" in page


def test_damage_is_named_with_its_mend(filled: None, sign_in: Callable[..., Client]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE ledger_balance SET credits = credits + 1 WHERE account = 'drop-7:free'")
    client = sign_in(Role.DATA_ANALYST)
    assert "not even" in read(client, "/ledger/")
    page = client.post("/ledger/proof/").content.decode()
    assert "2 breaches" in page
    assert "The sums of account drop-7:free are not those of its rows" in page
    assert "what its rows add up to" in page


def test_a_ledger_that_is_too_large_to_wait_for_names_the_command(
    filled: None, sign_in: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("canyu.ops.ledger.queries.MOST_PROVEN_HERE", 3)
    page = sign_in(Role.DATA_ANALYST).post("/ledger/proof/").content.decode()
    assert "canyu ledger audit --lake" in page
    assert "Rows replayed" not in page


def test_exports_are_whole_and_safe(filled: None, sign_in: Callable[..., Client]) -> None:
    client = sign_in(Role.DATA_ANALYST)
    rows = [json.loads(line) for line in read(client, "/ledger/export/rows.jsonl").splitlines()]
    assert [row["id"] for row in rows] == ["stock", "sale-1", "claim-2", "refund-1", "fund", "=gift"]
    table = list(csv.DictReader(io.StringIO(read(client, "/ledger/export/rows.csv").removeprefix("\ufeff"))))
    assert table[-1]["id"] == "'=gift"
    mine = read(client, "/ledger/export/rows.jsonl?account=budget")
    assert [json.loads(line)["id"] for line in mine.splitlines()] == ["fund"]
    accounts = [json.loads(line) for line in read(client, "/ledger/export/accounts.jsonl").splitlines()]
    assert next(one for one in accounts if one["id"] == "budget")["credits"] == 230_050


def test_the_pages_speak_chinese(filled: None, sign_in: Callable[..., Client]) -> None:
    client = sign_in(Role.DATA_ANALYST)
    client.post("/language/", {"language": "zh-hans", "next": "/ledger/"})
    pages = [read(client, address) for address in PAGES[:4]] + [client.post("/ledger/proof/").content.decode()]
    words = ("账目平吗？", "这个账户发生过什么", "记入时的原样", "证明什么", "重放行数")
    assert [word in page for word, page in zip(words, pages, strict=True)] == [True] * 5
