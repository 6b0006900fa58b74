"""The auditor's way in a real browser: balance, account, row, proof, damage; both languages, wide and on a phone."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect

from brand_lake import fill_brand_lake
from browsing import FINE, LOOKS, Look, examine
from canyu.ledger import Hold, OpenAccount, Reverse, Settle, Side, Transfer, open_ledger

pytestmark = pytest.mark.browser
NOW = datetime.now(UTC)  # holds of long ago would be freed by the running console
PLACE: list[Path] = []
PAGES = {
    "books": "/ledger/",
    "books-none": "/ledger/?q=nothing",
    "account": "/ledger/account/?id=drop-7%3Afree",
    "account-empty": "/ledger/account/?id=charity%3Apledged",
    "account-long": "/ledger/account/?id=points%3A" + "a-very-long-name-" * 9,
    "row": "/ledger/row/?id=claim%3Ano-7",
    "proof": "/ledger/proof/",
}


@pytest.fixture(scope="module")
def fill_lake() -> Callable[[Path], object]:
    def fill(path: Path) -> None:
        fill_brand_lake(path)
        PLACE[:] = [path / "console.sqlite3"]

    return fill


@pytest.fixture(scope="module")
def books(console) -> Path:
    """The console's database, its ledger filled while the console runs on it."""
    unit = "unit:drop-7"
    until = NOW + timedelta(days=1)
    operations = [
        OpenAccount("drop-7:made", unit),
        OpenAccount("drop-7:free", unit, Side.CREDIT),
        OpenAccount("drop-7:sold", unit),
        OpenAccount("vouchers:autumn:budget", "CNY", Side.CREDIT),
        OpenAccount("vouchers:autumn:used", "CNY"),
        OpenAccount("bank", "CNY"),
        OpenAccount("charity:pledged", "CNY", Side.CREDIT),
        OpenAccount("points:given", "points"),
        OpenAccount("points:" + "a-very-long-name-" * 9, "points", Side.CREDIT),
        Transfer("drop-7:stock", "drop-7:made", "drop-7:free", 10_000, unit),
        Transfer("budget", "bank", "vouchers:autumn:budget", 50_000_00, "CNY", "秋季券预算"),
        Transfer("gift", "points:given", "points:" + "a-very-long-name-" * 9, 120, "points", "<b>" + "词" * 200),
        *(Transfer(f"sale:no-{at}", "drop-7:free", "drop-7:sold", 1, unit) for at in range(70)),
        *(Hold(f"claim:no-{at}", "drop-7:free", "drop-7:sold", 1, unit, until) for at in range(12)),
        *(Settle(f"paid:no-{at}", f"claim:no-{at}") for at in range(6)),
        Reverse("refund:no-3", "sale:no-3", memo="x" * 400),
    ]
    with open_ledger(PLACE[0]) as door:
        outcomes = door.apply(operations, NOW)
        assert [one.message.en for one in outcomes if not one.is_kept] == []
    return PLACE[0]


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_the_pages_are_accessible_calm_and_no_wider_than_a_phone(
    console, books: Path, look: Look, calm: Callable[[], list[str]]
) -> None:
    page = console.sign_in(look)
    found = {}
    for name, address in PAGES.items():
        page.goto(address)
        found[name] = examine(page)
    assert found == dict.fromkeys(PAGES, FINE)
    assert calm() == []


def test_an_auditor_goes_from_the_balance_to_a_row_and_proves_the_whole(console, books: Path) -> None:
    page = console.sign_in()
    page.goto("/ledger/")
    page.get_by_role("link", name="drop-7:free").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("drop-7:free")
    expect(page.locator("tbody tr")).to_have_count(50)
    page.get_by_role("link", name="Older").click()
    page.get_by_role("link", name="sale:no-3", exact=True).click()
    expect(page.get_by_text("refund:no-3")).to_be_visible()
    page.goto("/ledger/proof/")
    page.get_by_role("button", name="Prove it now").click()
    expect(page.get_by_text("sound", exact=True)).to_be_visible()


def test_an_auditor_takes_the_rows_out(console, books: Path) -> None:
    page = console.sign_in()
    page.goto("/ledger/")
    with page.expect_download() as download:
        page.get_by_role("link", name="Rows, CSV").click()
    text = Path(download.value.path()).read_text("utf-8-sig")
    assert re.match(r"position,id,kind,debit,credit,unit,amount", text)
    assert text.count("\n") == 93


def test_damage_past_the_ledger_is_shown_with_its_mend(console, books: Path) -> None:
    page = console.sign_in()
    with open_ledger(books) as door:
        door.connection.execute("UPDATE ledger_balance SET credits = credits - 1 WHERE account = 'drop-7:sold'")
        page.goto("/ledger/proof/")
        page.get_by_role("button", name="Prove it now").click()
        expect(page.get_by_text("2 breaches")).to_be_visible()
        expect(page.get_by_text("The sums of account drop-7:sold are not those of its rows")).to_be_visible()
        door.connection.execute("UPDATE ledger_balance SET credits = credits + 1 WHERE account = 'drop-7:sold'")
    page.get_by_role("button", name="Prove it now").click()
    expect(page.get_by_text("sound", exact=True)).to_be_visible()
