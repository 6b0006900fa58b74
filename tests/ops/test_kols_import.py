"""A roster file taken in: exact values, refused rows with their mends, nothing doubled, nothing lost."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from canyu.events.importers.actors import get_salt, hash_actor
from canyu.kit.errors import BadInput
from canyu.ops.kols.intake.actions import keep_roster, read_file
from canyu.ops.kols.intake.refused import write_refused
from canyu.ops.kols.models import Account, Contract, FollowerCount, Kol, PastHandle, Price
from canyu.ops.people.models import Person

NOW = datetime(2025, 4, 20, 4, tzinfo=UTC)
HEADER = (
    "kol,platform,handle,actor,url,followers,topics,markets,kind,price_post,price_video,price_live,currency,"
    "contract_from,contract_until,disclosure,note"
)
ROW = (
    "Mei,weibo,mei,k1,https://weibo.com/mei,12.5万,car;coffee,cn,creator,2300.50,4200,,CNY,2025-01-01,2025-12-31,yes,n"
)


@pytest.fixture
def keep(db: None, brand_lake: Path, tmp_path: Path) -> Callable[..., Any]:
    """Import a file with these lines."""

    def take(*lines: str, now: datetime = NOW) -> Any:
        path = tmp_path / "roster.csv"
        path.write_text("\n".join(lines), "utf-8")
        return keep_roster("mei", read_file(path), now)

    return take


def list_faults(report: Any) -> list[tuple[int, str, str]]:
    return [(row.row, fault.field, fault.reason) for row in report.refused for fault in row.faults]


def list_prices() -> list[tuple[str, str, int, str, date, date | None]]:
    fields = ("account__handle", "kind", "amount_minor", "currency", "since", "until")
    return list(Price.objects.order_by("account__handle", "kind", "since").values_list(*fields))


def test_every_field_is_kept_exactly(keep: Callable[..., Any]) -> None:
    report = keep(HEADER, ROW)
    assert (report.added, report.changed, report.unchanged, report.refused) == (1, 0, 0, ())
    account = Account.objects.select_related("kol").get()
    assert (account.kol.name, account.kol.kind, account.kol.note) == ("Mei", "creator", "n")
    assert (account.platform, account.handle, account.actor, account.url) == (
        "weibo",
        "mei",
        "k1",
        "https://weibo.com/mei",
    )
    assert (account.followers, account.topic_list, account.market_list) == (125_000, ["car", "coffee"], ["cn"])
    day = date(2025, 4, 20)
    assert list_prices() == [("mei", "post", 230_050, "CNY", day, None), ("mei", "video", 420_000, "CNY", day, None)]
    assert Contract.objects.values_list("since", "until").get() == (date(2025, 1, 1), date(2025, 12, 31))


def test_chinese_headers_and_words_mean_the_same(keep: Callable[..., Any]) -> None:
    header = "达人,平台,账号,编号,粉丝数,领域,市场,类型,图文报价（元）,币种,合约开始,广告标识"
    keep(header, '梅,微博,@梅,k1,"1,200",汽车；咖啡,中国大陆,媒体,1.2万,cny,2025年4月1日,否')
    account = Account.objects.select_related("kol").get()
    assert (account.platform, account.handle, account.followers, account.kol.kind) == ("weibo", "梅", 1_200, "media")
    assert (account.topic_list, account.market_list, account.has_disclosure_duty) == (["汽车", "咖啡"], ["cn"], False)
    assert list_prices()[0][2:4] == (1_200_000, "CNY")


def test_the_same_file_twice_changes_nothing(keep: Callable[..., Any]) -> None:
    keep(HEADER, ROW)
    before = [list(model.objects.order_by("pk").values()) for model in (Kol, Account, Price, FollowerCount, Contract)]
    report = keep(HEADER, ROW, now=NOW + timedelta(days=9))
    after = [list(model.objects.order_by("pk").values()) for model in (Kol, Account, Price, FollowerCount, Contract)]
    assert (report.added, report.changed, report.unchanged) == (0, 0, 1)
    assert before == after


def test_a_new_price_ends_the_old_one_and_a_count_of_followers_becomes_history(keep: Callable[..., Any]) -> None:
    keep(HEADER, ROW)
    report = keep(HEADER, ROW.replace("2300.50", "2500").replace("12.5万", "130000"), now=NOW + timedelta(days=5))
    assert report.changed == 1
    posts = [row[2:] for row in list_prices() if row[1] == "post"]
    first, later = date(2025, 4, 20), date(2025, 4, 25)
    assert posts == [(230_050, "CNY", first, date(2025, 4, 24)), (250_000, "CNY", later, None)]
    history = FollowerCount.objects.order_by("day").values_list("day", "followers", "source")
    assert list(history) == [(first, 125_000, "import"), (later, 130_000, "import")]


def test_empty_cells_change_nothing_and_blocked_stays_blocked(keep: Callable[..., Any]) -> None:
    keep(HEADER, ROW)
    Kol.objects.update(is_blocked=True, blocked_reason="bought likes")
    report = keep("kol,platform,handle,followers,price_post,note", "Mei,weibo,mei,,,")
    assert report.unchanged == 1
    keep("kol,platform,handle,note", "Mei,weibo,mei,new")
    kol = Kol.objects.get()
    assert (kol.note, kol.kind, kol.is_blocked, kol.blocked_reason) == ("new", "creator", True, "bought likes")
    assert len(list_prices()) == 2


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (("mei,k1", ",k1"), ("handle", "missing")),
        (("12.5万", "many"), ("followers", "not_a_count")),
        (("12.5万", "1.5"), ("followers", "not_a_count")),
        (("2300.50", "2300.505"), ("price_post", "not_an_amount")),
        (("2300.50", "-1"), ("price_post", "not_an_amount")),
        ((",CNY,", ",yuan,"), ("currency", "not_a_currency")),
        ((",cn,creator,2300.50,4200,,CNY,", ",jp,creator,2300,4200,,,"), ("currency", "currency_unknown")),
        (("2025-01-01", "2025-02-30"), ("contract_from", "not_a_day")),
        (("2025-12-31", "2024-12-31"), ("contract_until", "ends_before")),
        (("2025-01-01,", ","), ("contract_from", "begins_never")),
        ((",yes,", ",perhaps,"), ("disclosure", "not_yes_or_no")),
        ((",creator,", ",friend,"), ("kind", "not_a_kind")),
        (("https://weibo.com/mei", "javascript:alert(1)"), ("url", "not_a_link")),
        (("mei,k1", f"{'m' * 121},k1"), ("handle", "too_long")),
    ],
)
def test_a_bad_cell_refuses_its_row_and_the_others_are_kept(
    change: tuple[str, str], fault: tuple[str, str], keep: Callable[..., Any]
) -> None:
    assert change[0] in ROW
    report = keep(HEADER, ROW.replace(*change, 1), ROW.replace("Mei", "Lin").replace("mei", "lin").replace("k1", "k2"))
    assert list_faults(report) == [(1, *fault)]
    assert list(Kol.objects.values_list("name", flat=True)) == ["Lin"]


def test_rows_that_contradict_each_other_are_refused(keep: Callable[..., Any]) -> None:
    second = ROW.replace("weibo", "douyin").replace("k1", "k2")
    report = keep(
        HEADER,
        ROW,
        ROW,
        ROW.replace(",mei,", ",mei2,"),
        second.replace(",creator,", ",media,"),
        second.replace("2025-12-31", "2025-11-30"),
        second.replace("2025-01-01", "2025-02-01"),
    )
    assert list_faults(report) == [
        (2, "handle", "account_twice"),
        (3, "actor", "actor_taken"),
        (4, "kind", "disagrees"),
        (5, "contract_until", "disagrees"),
    ]
    assert (Account.objects.count(), Contract.objects.count()) == (2, 2)


def test_the_id_of_a_source_becomes_the_actor_that_the_lake_has(keep: Callable[..., Any], brand_lake: Path) -> None:
    keep("platform,handle,actor,source", "weibo,mei,1001,weibo")
    account = Account.objects.select_related("kol").get()
    assert (account.actor, account.kol.name) == (hash_actor(get_salt(str(brand_lake)), "weibo", "1001"), "mei")


def test_refused_rows_come_back_as_a_file_that_can_be_mended(keep: Callable[..., Any]) -> None:
    report = keep(HEADER, ROW.replace("12.5万", "many").replace("Mei", "=cmd()"), "a,b")
    rows = list(csv.DictReader(io.StringIO(write_refused(report.refused))))
    assert (rows[0]["kol"], rows[0]["followers"], rows[0]["refused_row"]) == ("'=cmd()", "many", "1")
    assert rows[0]["refused_mend"] == "Write a whole number, as 125000."
    assert (rows[1]["raw"], rows[1]["refused_row"]) == ("a,b", "2")
    text = write_refused(report.refused).replace("many", "9").replace("'=cmd()", "Mei")
    assert keep(*text.splitlines()[:2]).added == 1


def test_a_workbook_is_read_with_its_dates_and_numbers(db: None, brand_lake: Path, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (
        ["达人", "平台", "账号", "粉丝数", "图文报价", "合约开始"],
        ["梅", "抖音", "梅", 1200, 99.5, date(2025, 4, 1)],
    ):
        book.active.append(row)
    book.save(tmp_path / "roster.xlsx")
    assert keep_roster("mei", read_file(tmp_path / "roster.xlsx"), NOW).added == 1
    assert (Account.objects.get().followers, Price.objects.get().amount_minor) == (1200, 9_950)
    assert Contract.objects.get().since == date(2025, 4, 1)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"a,b\n1,2\n", "lacks the columns platform, handle"),
        (b'{"platform": "weibo"}\n', "is no table"),
        (b"%PDF-1.7\n", "is a PDF file"),
        (b"platform,handle\n", "has a header but no rows"),
    ],
)
def test_what_is_no_roster_is_refused_whole(content: bytes, said: str, db: None, tmp_path: Path) -> None:
    path = tmp_path / "roster.csv"
    path.write_bytes(content)
    with pytest.raises(BadInput, match=said):
        read_file(path)


def test_three_thousand_rows_take_few_queries(
    keep: Callable[..., Any], accounts: Callable[..., Person], django_assert_max_num_queries: Any
) -> None:
    rows = [f"K{at},weibo,h{at},k{at},,{at},car,cn,creator,{at}.5,,,CNY,,,yes," for at in range(3200)]
    with django_assert_max_num_queries(150):
        assert keep(HEADER, *rows).added == 3200
    with django_assert_max_num_queries(8):
        assert keep(HEADER, *rows).unchanged == 3200


SHORT = "kol,platform,handle,actor,followers,price_post"


def test_a_renamed_handle_updates_the_account_and_keeps_the_old_one(keep: Callable[..., Any]) -> None:
    keep(SHORT, "Mei,weibo,mei,k1,1000,100", "Lin,weibo,lin,k2,500,50")
    before = Account.objects.get(handle="mei").pk
    report = keep(SHORT, "Mei,weibo,mei_new,k1,1200,120", now=NOW + timedelta(days=3))
    assert (report.added, report.changed, report.refused) == (0, 1, ())
    account = Account.objects.get(pk=before)
    assert (account.handle, account.actor, account.followers) == ("mei_new", "k1", 1200)
    assert (Account.objects.count(), Kol.objects.count()) == (2, 2)
    assert list(PastHandle.objects.values_list("account", "handle", "until")) == [(before, "mei", date(2025, 4, 23))]
    assert [row[2] for row in list_prices() if row[0] == "mei_new"] == [10_000, 12_000]
    again = keep(SHORT, "Mei,weibo,mei_new,k1,1200,120", now=NOW + timedelta(days=3))
    assert (again.unchanged, PastHandle.objects.count()) == (1, 1)


def test_a_file_of_before_the_change_makes_no_second_account(keep: Callable[..., Any]) -> None:
    keep(SHORT, "Mei,weibo,mei,k1,1000,100")
    keep(SHORT, "Mei,weibo,mei_new,k1,1000,100")
    assert list_faults(keep(SHORT, "Mei,weibo,mei,,900,90")) == [(1, "handle", "renamed")]
    back = keep(SHORT, "Mei,weibo,mei,k1,900,90")  # the actor tells that it is the same account: renamed back
    assert (back.changed, Account.objects.get().handle) == (1, "mei")
    assert keep(SHORT, "Somebody,weibo,mei_new,k7,5,5").added == 1


def test_an_actor_that_seems_to_have_moved_is_refused(keep: Callable[..., Any]) -> None:
    keep(SHORT, "Mei,weibo,mei,k1,1000,100", "Lin,weibo,lin,k2,500,50")
    refused = [(1, "actor", "actor_taken")]
    assert list_faults(keep(SHORT, "Mei,weibo,lin,k1,1000,100")) == refused  # the new handle is somebody's
    assert list_faults(keep(SHORT, "Mei,douyin,mei2,k1,1000,100")) == refused  # another platform
    both = keep(SHORT, "Mei,weibo,mei2,k1,1000,100", "Eve,weibo,mei,,10,10")  # the file uses the old handle too
    assert list_faults(both) == refused
    assert not PastHandle.objects.exists()
