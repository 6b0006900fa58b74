"""Claims held against a small lake whose figures are known by hand, and checked again."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

import canyu
from canyu.commands.claims_page import write_page
from canyu.events import Event, Lake, build_event_table
from canyu.kit.errors import BadInput
from canyu.kit.jsonio import dump_json, parse_json
from canyu.kit.words import Words
from canyu.measure.catalogue import METRICS
from canyu.measure.claims import (
    Checked,
    Claim,
    Ground,
    Reason,
    Relation,
    Verdict,
    check_claims,
    describe_checked,
    dump_records,
    judge,
    load_claims,
    load_records,
    parse_claims,
    pin_claims,
    replay_records,
)
from canyu.measure.claims.verdicts import FLOORS
from canyu.measure.intervals import compute_share_interval

NOW = datetime(2025, 7, 1, tzinfo=UTC)
SHIPPED = Path(__file__).resolve().parents[3] / "claims" / "xiaomi-2025.yaml"
FIELDS = """
  - id: {id}
    statement: {statement}
    source: a test
    metric: {metric}
    from: 2025-06-01
    to: 2025-06-10
    stated: {stated}
    relation: {relation}
"""
DESIGN = """
format: 1
kind: did
outcome: {event: order, unit: market, zone: UTC}
treated: [m0, m1]
start: 2025-06-06
first: 2025-06-01
end: 2025-06-10
untouched: nothing was told there
"""


def order(number: int, day: int, *, market: str = "cn", gender: str = "female") -> Event:
    time = datetime(2025, 6, day, 4, tzinfo=UTC) + timedelta(minutes=number)
    props = dump_json({"gender": gender, "preorder": "true"})
    return Event(
        id=f"o{market}{day}-{number}",
        type="order",
        time=time,
        received=NOW,
        source="shop",
        market=market,
        actor=f"{market}{day}-{number}",
        object=f"{market}{day}-{number}",
        value=100,
        currency="CNY",
        props=props,
    )


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """100 orders on each of ten days, 40 of them by women, and nothing else."""
    made = canyu.open(tmp_path / "shop.lake", create=True)
    events = [
        order(number, day, gender="female" if number < 40 else "male") for day in range(1, 11) for number in range(100)
    ]
    made.append(build_event_table(events))
    return made


def write(metric: str, stated: float, relation: str, extra: str = "", statement: str = "a claim") -> str:
    told = {"id": "one", "metric": metric, "stated": stated, "relation": relation, "statement": statement}
    return "format: 1\nzone: UTC\nclaims:" + FIELDS.format(**told) + extra


def check(lake: Lake, text: str, folder: Path = Path()) -> Checked:
    (found,) = check_claims(lake, parse_claims(text, folder), NOW)
    return found


@pytest.mark.parametrize(
    ("metric", "stated", "relation", "extra", "verdict", "reason"),
    [
        ("orders", 1000, "at_least", "", Verdict.VERIFIED, Reason.HOLDS),
        ("orders", 1000, "exceeds", "", Verdict.NOT_SUPPORTED, Reason.LOWER_BOUND),
        ("orders", 1000, "exceeds", "    complete: the shop's own books", Verdict.CONTRADICTED, Reason.FAILS),
        ("orders", 980, "about", "    complete: the shop's own books", Verdict.VERIFIED, Reason.HOLDS),
        ("orders", 800, "about", "", Verdict.CONTRADICTED, Reason.FAILS),  # a lower bound beyond the span is enough
        ("orders", 2000, "at_least", "", Verdict.NOT_SUPPORTED, Reason.LOWER_BOUND),
        ("female_share", 36, "at_least", "", Verdict.VERIFIED, Reason.HOLDS),
        ("female_share", 40, "at_least", "", Verdict.NOT_SUPPORTED, Reason.TOO_WIDE),
        ("female_share", 45, "at_least", "", Verdict.CONTRADICTED, Reason.FAILS),
        ("female_share", 40, "about", "    within: 10", Verdict.VERIFIED, Reason.HOLDS),
        ("female_share", 40, "about", "    within: 1", Verdict.NOT_SUPPORTED, Reason.TOO_WIDE),
        ("downloads", 10, "at_least", "", Verdict.NOT_SUPPORTED, Reason.NO_DATA),
        ("overseas_stores", 10, "at_least", "", Verdict.NOT_SUPPORTED, Reason.NO_DEFINITION),
        ("orders", 900, "at_least", "    cell: {market: us}", Verdict.NOT_SUPPORTED, Reason.NO_DATA),
        ("orders", 900, "at_least", "    cell: {market: cn}", Verdict.VERIFIED, Reason.HOLDS),
    ],
)
def test_each_kind_of_claim_gets_its_verdict(
    lake: Lake, metric: str, stated: float, relation: str, extra: str, verdict: Verdict, reason: Reason
) -> None:
    found = check(lake, write(metric, stated, relation, extra))
    assert (found.judged.verdict, found.judged.reason) == (verdict, reason)
    told = describe_checked(found)
    wanted = {"id", "statement", "stated", "value", "low", "high", "verdict", "reason", "query_hash", "lake_version"}
    assert wanted <= told.keys()
    assert told["reason"]


@pytest.mark.parametrize(
    "statement", ["{zh: 口碑带来 1000 单, en: 1000 orders}", "1000 orders thanks to word of mouth"]
)
def test_a_cause_without_a_lift_design_is_not_supported(lake: Lake, statement: str) -> None:
    found = check(lake, write("orders", 1000, "at_least", statement=statement))
    assert (found.judged.verdict, found.judged.reason) == (Verdict.NOT_SUPPORTED, Reason.NO_DESIGN)
    assert found.estimate is None  # a figure beside it would be read as its proof


@pytest.fixture
def markets(tmp_path: Path) -> Lake:
    """Twelve markets with 20 to 31 orders a day; in two of them ten more each day from the sixth on."""
    made = canyu.open(tmp_path / "markets.lake", create=True)
    chance = random.Random(3)
    events = []
    for place in range(12):
        for day in range(1, 11):
            brought = 10 if place < 2 and day >= 6 else 0
            events += [order(n, day, market=f"m{place}") for n in range(20 + place + chance.randrange(3) + brought)]
    made.append(build_event_table(events))
    return made


def test_a_cause_with_a_design_is_judged_by_its_interval(markets: Lake, tmp_path: Path) -> None:
    (tmp_path / "design.yaml").write_text(DESIGN, "utf-8")
    claims = "format: 1\nclaims:" + "".join(
        f"\n  - {{id: c{stated}, statement: it brought orders, source: a test, design: design.yaml,"
        f" part: effect, stated: {stated}, relation: at_least}}"
        for stated in (5, 10, 30)
    )
    found = check_claims(markets, parse_claims(claims, tmp_path), NOW)
    verdicts = [each.judged.verdict for each in found]
    assert verdicts == [Verdict.VERIFIED, Verdict.NOT_SUPPORTED, Verdict.CONTRADICTED]
    assert found[0].estimate is not None
    assert found[0].estimate.value == pytest.approx(10, abs=1.5)
    assert found[0].versions == {"events": markets.version()}


def test_the_same_digits_come_back_at_the_version_of_the_record(lake: Lake) -> None:
    claims = parse_claims(write("orders", 1000, "at_least"), Path())
    record = dump_records(check_claims(lake, claims, NOW))
    lake.append(build_event_table([order(500, 3)]))
    assert check_claims(lake, claims, NOW)[0].estimate.value == 1001  # type: ignore[union-attr]  # it is counted
    (again,) = replay_records(lake, claims, load_records(record), NOW)
    assert again.changes == ()


def test_what_changed_is_named(lake: Lake) -> None:
    claims = parse_claims(write("orders", 1000, "at_least"), Path())
    record = dump_records(check_claims(lake, claims, NOW))
    other = parse_claims(write("orders", 990, "at_least").replace("to: 2025-06-10", "to: 2025-06-09"), Path())
    (changed,) = replay_records(lake, other, load_records(record), NOW)
    assert [(change.field, change.before, change.now) for change in changed.changes] == [
        ("", "", ""),
        ("stated", "1000.0", "990.0"),
        ("value", "1000", "900"),
        ("low", "1000", "900"),
        ("verdict", "verified", "not_supported"),
        ("reason_code", "holds", "lower_bound"),
    ]
    assert [(change.what, change.told_before, change.told_now) for change in changed.changes][:5:4] == [
        (("说法或指标的定义改了。", "The claim, or the definition of its metric, was changed."), ("", ""), ("", "")),
        (("结论", "verdict"), ("已证实", "verified"), ("无法支持", "not supported")),
    ]
    told = parse_json(record)
    told["checks"][0]["id"] = "gone"
    again = replay_records(lake, claims, load_records(dump_json(told)), NOW)
    names = {each.id: each.changes[0].what.en for each in again}
    assert names == {"one": "The record does not hold this claim.", "gone": "The claim is in the file no more."}
    lake.erase("cn3-7")  # rewrites the past: what was read then is no more
    (erased,) = replay_records(lake, claims, load_records(record), NOW)
    assert "can be read no more" in erased.changes[0].what.en


def test_a_vacuum_keeps_the_versions_of_pinned_claims(lake: Lake) -> None:
    claims = parse_claims(write("orders", 1000, "at_least"), Path())
    first = check_claims(lake, claims, NOW)
    record = dump_records(first)
    assert pin_claims(lake, first, "shop") == 1
    for number in range(60):
        lake.append(build_event_table([order(200 + number, 5)]))
    lake.compact(files_per_day=1)
    lake.vacuum(keep_hours=0)
    (again,) = replay_records(lake, claims, load_records(record), NOW)
    assert again.changes == ()
    lake.unpin("claims: shop")
    lake.vacuum(keep_hours=0)
    (lost,) = replay_records(lake, claims, load_records(record), NOW)
    assert "no more" in lost.changes[0].what.en


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("stated: 1000", "stated: many", "is no number"),
        ("relation: at_least", "relation: nearly", "at_least, about, exceeds"),
        ("from: 2025-06-01", "from: yesterday", "is no day"),
        ("    source: a test\n", "", "source"),
        ("    stated: 1000\n", "    stated: 1000\n    design: none.yaml\n", "names a metric and a design"),
        ("    stated: 1000\n", "    stated: 1000\n    where: {since: 2025-06-01}\n", "no instant with a zone"),
        ("    stated: 1000\n", "    stated: 1000\n    colour: red\n", "colour"),
    ],
)
def test_what_is_wrong_with_a_file_is_told_by_line(old: str, new: str, told: str) -> None:
    text = write("orders", 1000, "at_least")
    assert old in text
    with pytest.raises(BadInput) as caught:
        parse_claims(text.replace(old, new), Path())
    assert told in str(caught.value)


def test_two_claims_of_one_id_and_an_unreadable_record_are_refused() -> None:
    with pytest.raises(BadInput, match="id of a claim before"):
        parse_claims(write("orders", 1, "about") + write("orders", 2, "about").partition("claims:")[2], Path())
    for text in ("", "[]", '{"format": 1}', '{"format": 9, "checks": []}'):
        with pytest.raises(BadInput):
            load_records(text)


def test_the_page_says_it_in_chinese_first_and_shows_a_bound_as_a_bound(lake: Lake) -> None:
    text = write("orders", 1000, "at_least", statement="{zh: 一千单, en: A thousand orders}")
    text += FIELDS.format(id="two", metric="downloads", stated=5, relation="at_least", statement="a | b")
    checks = check_claims(lake, parse_claims(text, Path()), NOW)
    page = write_page(checks, "spring")
    assert page == write_page(checks, "spring")
    assert "| 一千单<br>A thousand orders | ≥ 1,000 单<br>≥ 1,000 orders | ≥ 1,000 | **已证实**<br>verified |" in page
    assert "| a ∣ b<br>a ∣ b | ≥ 5 次<br>≥ 5 downloads | — | **无法支持**<br>not supported | " in page
    assert page.index("2 条说法：已证实 1，与数据矛盾 0，无法支持 1。") < page.index(
        "2 claims: 1 verified, 0 contradicted"
    )
    assert page.count("```sql") == 1  # of the figure that there is


def test_a_filter_that_the_metric_does_not_know_is_told_in_the_verdict(lake: Lake) -> None:
    found = check(lake, write("orders", 10, "about", "    where: {message: tech}"))
    assert found.judged.reason is Reason.NO_DEFINITION
    assert "message" in found.notes[0].en


def test_a_claim_that_is_not_true_is_verified_by_chance_at_most_as_often_as_the_level_says() -> None:
    """1,000 samples of a share that is just what is stated, so that "exceeds" is false: at most 5 % are verified."""
    chance, verified = random.Random(9), 0
    claim = Claim("a", Words("", ""), "", 0.3, Relation.EXCEEDS)
    for _ in range(1000):
        part = sum(chance.random() < 0.3 for _ in range(200))
        verified += judge(claim, Ground(part / 200, *compute_share_interval(part, 200))).verdict is Verdict.VERIFIED
    assert 0 < verified <= 50


def test_the_names_that_count_are_in_the_catalogue() -> None:
    assert METRICS.keys() >= FLOORS


def list_claims() -> Iterator[Claim]:
    yield from load_claims(SHIPPED)


def test_the_shipped_claims_are_read_and_none_is_proven_by_an_empty_lake(tmp_path: Path) -> None:
    claims = tuple(list_claims())
    assert len({claim.id for claim in claims}) == len(claims) >= 14
    found = check_claims(canyu.open(tmp_path / "empty.lake", create=True), claims, NOW)
    assert {each.judged.verdict for each in found} == {Verdict.NOT_SUPPORTED}
    assert all(each.estimate is None or each.estimate.value is None for each in found)


def test_periods_are_days_of_the_files_zone() -> None:
    (claim,) = parse_claims(write("orders", 1, "about").replace("zone: UTC", "zone: Asia/Shanghai"), Path())
    assert claim.query is not None
    assert (claim.query.zone, claim.query.start, claim.query.end) == (
        "Asia/Shanghai",
        date(2025, 6, 1),
        date(2025, 6, 10),
    )
