"""The pages of the roster: who may see and change what, filters and sorting, import by page, hostile texts, queries."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from canyu.ops.kols.models import Account, Booking, Contract, FollowerCount, Kol, PastHandle, Price, RosterUpload
from canyu.ops.kols.signs.actions import check_accounts
from canyu.ops.people.rules import Role
from kol_fixtures import HOSTILE, NOW, add_account

PAGES = (
    "/kols/",
    "/kols/bookings/",
    *(f"/kols/about/{kind}/" for kind in ("roster", "performance", "signals", "reach")),
)
READERS = (Role.MARKETING_LEAD, Role.CAMPAIGN_MANAGER, Role.SOCIAL_ANALYST, Role.DATA_ANALYST, Role.PR_OFFICER)
CSV = "platform,handle,followers,price_post\nweibo,mei,1200,50.5\nweibo,lin,many,1\n"


def read(client: Client, address: str, status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status, response.content
    return response.content.decode()


def list_changes(kol: Kol, account: Account) -> list[tuple[str, dict[str, str]]]:
    return [
        (f"/kols/one/{kol.pk}/block/", {"on": "1", "reason": "x"}),
        (f"/kols/one/{kol.pk}/watch/", {"on": "1", "reason": "x"}),
        (f"/kols/one/{kol.pk}/note/", {"note": "x"}),
        (f"/kols/one/{kol.pk}/contract/", {"since": "2025-01-01"}),
        (f"/kols/accounts/{account.pk}/price/", {"kind": "video", "price": "9", "currency": "CNY"}),
        (f"/kols/accounts/{account.pk}/switch/", {"on": "0"}),
        ("/kols/import/", {}),
        ("/kols/import/1/keep/", {}),
    ]


def count_all() -> list[object]:
    fields = ("is_blocked", "is_watched", "note", "accounts__is_active")
    return [
        list(Kol.objects.order_by("pk").values_list(*fields)),
        Price.objects.count(), Contract.objects.count(), RosterUpload.objects.count(),
    ]  # fmt: skip


@pytest.mark.parametrize("address", [*PAGES, "/kols/import/", "/kols/one/1/", "/kols/import/template.csv"])
def test_nobody_sees_the_roster_without_signing_in(address: str, db: None, kol_lake: Path) -> None:
    assert Client().get(address).status_code == 302


def test_a_care_agent_sees_nothing_of_it(sign_in: Callable[..., Client], kol_lake: Path) -> None:
    account, client = add_account(), sign_in(Role.CARE_AGENT)
    addresses = [*PAGES, f"/kols/one/{account.kol_id}/", "/kols/import/"]
    assert [client.get(address).status_code for address in addresses] == [403] * len(addresses)


@pytest.mark.parametrize("role", READERS)
def test_who_may_read_and_who_may_change(role: Role, sign_in: Callable[..., Client], kol_lake: Path) -> None:
    account, client = add_account(), sign_in(role)
    before = count_all()
    assert [client.get(address).status_code for address in PAGES] == [200] * len(PAGES)
    page = read(client, f"/kols/one/{account.kol_id}/")
    may_change = role == Role.MARKETING_LEAD
    assert ("/block/" in page) == may_change
    assert client.get("/kols/import/").status_code == (200 if may_change else 403)
    answers = [client.post(address, given).status_code for address, given in list_changes(account.kol, account)]
    if may_change:
        assert answers == [302, 302, 302, 302, 302, 302, 400, 404]
    else:
        assert (answers, count_all()) == ([403] * 8, before)


def test_nobody_changes_anything_without_signing_in(db: None, kol_lake: Path) -> None:
    account = add_account()
    before = count_all()
    for address, given in list_changes(account.kol, account):
        assert Client().post(address, given).status_code == 302
    assert count_all() == before


def test_an_empty_roster_says_the_one_thing_to_do(sign_in: Callable[..., Client], kol_lake: Path) -> None:
    assert 'href="/kols/import/"' in read(sign_in(Role.KOL_MANAGER), "/kols/")
    assert "A KOL manager takes the list in." in read(sign_in(Role.DATA_ANALYST), "/kols/")


def list_handles(client: Client, query: str) -> list[str]:
    page = read(client, f"/kols/?{query}")
    return [part.split("<")[0] for part in page.split('class="under" dir="auto">@')[1:]]


def test_the_roster_is_filtered_and_sorted_by_the_address(sign_in: Callable[..., Client], kol_lake: Path) -> None:
    client = sign_in(Role.DATA_ANALYST)
    add_account("mei", followers=300, price=200_000)
    add_account("lin", followers=100, price=100_000, platform="douyin", topics="|coffee|car|")
    add_account("tom", followers=200, price=None, markets="|us|")
    Kol.objects.filter(name="lin").update(is_blocked=True)
    Kol.objects.filter(name="tom").update(is_watched=True, kind="media")
    Price.objects.create(
        account=Account.objects.get(handle="tom"), kind="video", amount_minor=1, currency="USD", since=date(2025, 1, 1)
    )
    assert list_handles(client, "") == ["mei", "tom", "lin"]
    assert list_handles(client, "sort=price") == ["lin", "mei", "tom"]
    assert list_handles(client, "sort=-price") == ["mei", "lin", "tom"]
    assert list_handles(client, "sort=name") == ["lin", "mei", "tom"]
    asked = {
        "q=ME": ["mei"], "q=k_tom": ["tom"], "platform=douyin": ["lin"], "topic=coffee": ["lin"], "topic=cof": [],
        "market=us": ["tom"], "kind=media": ["tom"], "who=free": ["mei"], "who=blocked": ["lin"],
        "who=watched": ["tom"], "who=signals": [], "most=1000": ["lin"], "most=1,500.00": ["lin"],
        "for=video&currency=usd&most=1": ["tom"],
    }  # fmt: skip
    assert {query: list_handles(client, query) for query in asked} == asked


@pytest.mark.parametrize(
    "query", ["page=0", "page=x", "sort=love", "who=all", "most=cheap", "currency=yuan1", "for=song"]
)
def test_an_address_that_cannot_be_read_is_refused(query: str, sign_in: Callable[..., Client], kol_lake: Path) -> None:
    assert sign_in(Role.DATA_ANALYST).get(f"/kols/?{query}").status_code == 400


def test_a_page_asks_the_database_a_few_times_only(
    sign_in: Callable[..., Client], kol_lake: Path, django_assert_max_num_queries: Any
) -> None:
    client = sign_in(Role.MARKETING_LEAD)
    for at in range(60):
        add_account(f"k{at}")
    kol = Kol.objects.get(name="k0")
    add_account("second", platform="douyin").kol.accounts.update(kol=kol)
    for address, most in (("/kols/?page=2", 15), (f"/kols/one/{kol.pk}/", 13), ("/kols/bookings/", 9)):
        with django_assert_max_num_queries(most):
            read(client, address)


def test_hostile_names_are_text(sign_in: Callable[..., Client], kol_lake: Path) -> None:
    account = add_account(HOSTILE, handle=HOSTILE[:100], topics=f"|{HOSTILE}|", url="https://x.example/'><script>")
    Kol.objects.update(note=HOSTILE, is_watched=True, watched_reason=HOSTILE, watched_posts=["bare", HOSTILE])
    client = sign_in(Role.MARKETING_LEAD)
    for address in ("/kols/", f"/kols/one/{account.kol_id}/", f"/kols/accounts/{account.pk}/book/"):
        assert "<script>window" not in read(client, address)


def test_blocking_needs_a_reason_and_is_undone(sign_in: Callable[..., Client], kol_lake: Path) -> None:
    client, kol = sign_in(Role.KOL_MANAGER), add_account().kol
    refused = client.post(f"/kols/one/{kol.pk}/block/", {"on": "1", "reason": "  "})
    kol.refresh_from_db()
    assert (refused.status_code, kol.is_blocked) == (400, False)
    client.post(f"/kols/one/{kol.pk}/block/", {"on": "1", "reason": "bought likes"})
    kol.refresh_from_db()
    assert (kol.is_blocked, kol.blocked_reason, kol.blocked_by) == (True, "bought likes", "kol_manager")
    assert "Lift the block" in read(client, f"/kols/one/{kol.pk}/")
    client.post(f"/kols/one/{kol.pk}/block/", {"on": "0"})
    kol.refresh_from_db()
    assert not kol.is_blocked


def test_the_watch_list_names_its_evidence(sign_in: Callable[..., Client], kol_lake: Path) -> None:
    client, kol = sign_in(Role.KOL_MANAGER), add_account().kol
    client.post(f"/kols/one/{kol.pk}/watch/", {"on": "1", "reason": "same lies", "posts": "bare weak bare"})
    kol.refresh_from_db()
    assert (kol.watched_reason, kol.watched_posts) == ("same lies", ["bare", "weak"])
    assert "/posts/one/?id=bare" in read(client, f"/kols/one/{kol.pk}/")
    client.post(f"/kols/one/{kol.pk}/watch/", {"on": "0"})
    kol.refresh_from_db()
    assert (kol.is_watched, kol.watched_posts) == (False, [])


def test_a_price_by_hand_holds_from_today(sign_in: Callable[..., Client], kol_lake: Path) -> None:
    client, account = sign_in(Role.KOL_MANAGER), add_account()
    address = f"/kols/accounts/{account.pk}/price/"
    for price, currency in (("2.005", "CNY"), ("-1", "CNY"), ("1", "yu1")):
        assert client.post(address, {"kind": "post", "price": price, "currency": currency}).status_code == 400
    assert Price.objects.count() == 1
    assert client.post(address, {"kind": "post", "price": "1.2万", "currency": "cny"}).status_code == 302
    old, new = Price.objects.order_by("since")
    assert (old.until, new.since) == (new.since - timedelta(days=1), new.since)
    assert (new.amount_minor, new.until) == (1_200_000, None)
    client.post(address, {"kind": "post", "price": "13000", "currency": "CNY"})
    assert [row.amount_minor for row in Price.objects.order_by("since")] == [500_000, 1_300_000]


def test_a_contract_is_kept_and_dropped(sign_in: Callable[..., Client], kol_lake: Path) -> None:
    client, kol = sign_in(Role.KOL_MANAGER), add_account().kol
    address = f"/kols/one/{kol.pk}/contract/"
    assert client.post(address, {"since": "2025-02-01", "until": "2025-01-01"}).status_code == 400
    client.post(address, {"since": "2025-02-01", "terms": "two posts", "disclosure": "on"})
    row = Contract.objects.get()
    assert (row.since, row.until, row.terms, row.has_disclosure_duty) == (date(2025, 2, 1), None, "two posts", True)
    client.post(f"/kols/contracts/{row.pk}/drop/")
    assert not Contract.objects.exists()
    assert client.post(f"/kols/contracts/{row.pk}/drop/").status_code == 404


def test_a_file_is_looked_at_then_kept_then_reported(sign_in: Callable[..., Client], kol_lake: Path) -> None:
    client = sign_in(Role.KOL_MANAGER)
    sent = client.post("/kols/import/", {"file": SimpleUploadedFile("my roster.csv", CSV.encode())})
    upload = RosterUpload.objects.get()
    assert (sent.url, upload.file_name) == (f"/kols/import/{upload.pk}/", "my_roster.csv")
    page = read(client, sent.url)
    assert ("Nothing is kept yet." in page, "is no count" in page, Account.objects.count()) == (True, True, 0)
    for _twice in range(2):
        assert client.post(f"/kols/import/{upload.pk}/keep/").status_code == 302
    upload.refresh_from_db()
    assert (Account.objects.get().followers, bytes(upload.content), upload.report["added"]) == (1200, b"", 1)
    assert "What did the import do?" in read(client, sent.url)
    refused = client.get(f"/kols/import/{upload.pk}/refused.csv").content.decode()
    assert "weibo,lin,many,1,2,followers,is no count" in refused


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", b""),
        ("a.exe", CSV.encode()),
        ("a.csv", b"x,y\n1,2\n"),
        ("a.xlsx", CSV.encode()),
        ("a.csv", b"%PDF-1.7"),
    ],
)
def test_what_is_no_roster_is_not_kept(
    name: str, content: bytes, sign_in: Callable[..., Client], kol_lake: Path
) -> None:
    client = sign_in(Role.KOL_MANAGER)
    assert client.post("/kols/import/", {"file": SimpleUploadedFile(name, content)}).status_code == 400
    assert client.post("/kols/import/").status_code == 400
    assert RosterUpload.objects.count() == 0


def test_an_upload_is_its_senders_own(sign_in: Callable[..., Client], kol_lake: Path) -> None:
    first, second = sign_in(Role.KOL_MANAGER), sign_in(Role.MARKETING_LEAD)
    first.post("/kols/import/", {"file": SimpleUploadedFile("a.csv", CSV.encode())})
    upload = RosterUpload.objects.get()
    assert second.get(f"/kols/import/{upload.pk}/").status_code == 404
    assert second.post(f"/kols/import/{upload.pk}/keep/").status_code == 404
    assert Account.objects.count() == 0


def test_the_template_has_the_header_in_the_pages_language(sign_in: Callable[..., Client], kol_lake: Path) -> None:
    client = sign_in(Role.KOL_MANAGER)
    assert client.get("/kols/import/template.csv").content.decode().startswith("\ufeffkol,platform,handle,actor")
    answer = client.get("/kols/import/template.csv", headers={"accept-language": "zh-hans"})
    assert answer.content.decode().startswith("\ufeff达人,平台,账号,编号")


def test_followers_are_drawn_and_signs_tell_their_evidence(sign_in: Callable[..., Client], kol_lake: Path) -> None:
    account = add_account()
    counts = [*range(1000, 1012), 5000, 5001, 5002]
    FollowerCount.objects.bulk_create(
        FollowerCount(account=account, day=date(2025, 3, 1) + timedelta(days=at), followers=n, source="t")
        for at, n in enumerate(counts)
    )
    check_accounts(NOW)
    page = read(sign_in(Role.DATA_ANALYST), f"/kols/one/{account.kol_id}/")
    assert "Followers went from 1,000 to 5,002 (5.0×)" in page
    assert page.count("<svg xmlns") == 2
    assert ("unusual: look at the evidence" in page, "fewer than 5 posts in 90 days" in page) == (True, True)
    assert list_handles(sign_in(Role.SOCIAL_ANALYST), "who=signals") == ["mei"]


def test_columns_are_chosen_in_the_address_and_remembered(sign_in: Callable[..., Client], kol_lake: Path) -> None:
    add_account()
    client = sign_in(Role.KOL_MANAGER)
    assert "Median reposts</a>" in read(client, "/kols/")
    page = read(
        client,
        "/kols/?column=price&column=market&column=actor&column=carried&column=kind&column=contract&platform=weibo",
    )
    assert "Median reposts</a>" not in page
    assert "k_mei" in page
    again = read(client, "/kols/")
    assert [f"{name}</" in again.split("<thead>")[1].split("</thead>")[0] for name in ("Price", "Market", "Actor")] == [
        True
    ] * 3
    assert client.cookies["canyu_kols_columns"]["httponly"]
    assert "Median reposts</a>" in read(client, "/kols/?column=reposts")
    assert "Median reposts</a>" in read(client, "/kols/?column=nothing-known")


def test_the_picture_of_followers_is_sent_as_a_file(sign_in: Callable[..., Client], kol_lake: Path) -> None:
    account, bare = add_account(), add_account("lin")
    for day, followers in ((1, 900), (2, 1000)):
        FollowerCount.objects.create(account=account, day=date(2025, 4, day), followers=followers, source="import")
    client = sign_in(Role.SOCIAL_ANALYST)
    address = f"/kols/accounts/{account.pk}/followers"
    assert f'href="{address}.csv"' in read(client, f"/kols/one/{account.kol_id}/")
    lines = client.get(f"{address}.csv").content.decode().splitlines()
    assert [line.split(",")[-1] for line in lines[1:]] == ["900", "1000"]
    assert client.get(f"{address}.svg").content.startswith(b"<svg")
    assert client.get(f"{address}.png").content.startswith(b"\x89PNG")
    assert client.get(f"{address}.pdf").status_code == 404
    assert client.get(f"/kols/accounts/{bare.pk}/followers.csv").status_code == 404
    assert Client().get(f"{address}.csv").status_code == 302
    assert sign_in(Role.CARE_AGENT).get(f"{address}.csv").status_code == 403


def test_a_handle_of_before_is_shown_and_found(sign_in: Callable[..., Client], kol_lake: Path) -> None:
    account = add_account()
    add_account("lin")
    PastHandle.objects.create(account=account, handle="old_name", until=date(2025, 4, 2))
    client = sign_in(Role.SOCIAL_ANALYST)
    assert "@old_name" in read(client, f"/kols/one/{account.kol_id}/")
    found = read(client, "/kols/?q=old_na")
    assert ("@mei" in found, "@lin" in found) == (True, False)


@pytest.mark.parametrize(("given", "kept"), [("48", 48), ("", 72), ("0", None), ("2161", None), ("soon", None)])
def test_the_hours_in_which_people_count_are_on_the_form(
    given: str, kept: int | None, sign_in: Callable[..., Client], kol_lake: Path
) -> None:
    account, client = add_account(), sign_in(Role.KOL_MANAGER)
    assert 'name="hours" value="72"' in read(client, f"/kols/accounts/{account.pk}/book/")
    sent = {"kind": "post", "price": "50", "currency": "CNY", "hours": given}
    answer = client.post(f"/kols/accounts/{account.pk}/book/", sent)
    if kept is None:
        assert "Write a whole number of hours from 1 to 2160." in answer.content.decode()
        assert (answer.status_code, Booking.objects.exists()) == (400, False)
    else:
        assert Booking.objects.get().reach_hours == kept
