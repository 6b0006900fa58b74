from __future__ import annotations

from itertools import pairwise
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from canyu.events import EVENT_SCHEMA, Verb
from canyu.events.validate import split_valid
from canyu.kit.clock import get_now
from canyu.rehearse import LABELS_SCHEMA, ORDERS_SCHEMA, MarketPlan, RehearsalResult, plan, play_parts
from canyu.rehearse.scene import World, list_spans


def test_every_event_may_enter_the_lake(played: RehearsalResult) -> None:
    assert played.events.schema == EVENT_SCHEMA
    verdict = split_valid(played.events, now=get_now())
    assert verdict.kept.num_rows == played.events.num_rows
    assert verdict.refused.num_rows == 0


def test_every_verb_happens(ask: Any) -> None:
    assert {name for (name,) in ask("SELECT DISTINCT type FROM events")} == {verb.value for verb in Verb}


def test_ids_are_unique(ask: Any, played: RehearsalResult) -> None:
    assert ask("SELECT count(DISTINCT id) FROM events") == [(played.events.num_rows,)]


def test_every_parent_exists_and_is_earlier(ask: Any) -> None:
    ((children, lost, late),) = ask(
        "SELECT count(*), count_if(p.id IS NULL), count_if(p.time >= c.time) FROM events c LEFT JOIN events p "
        "ON c.parent = p.id WHERE c.parent IS NOT NULL"
    )
    assert children > 100_000
    assert (lost, late) == (0, 0)


def test_times_lie_in_the_shanghai_year_and_are_received_after(ask: Any) -> None:
    ((first, last, early),) = ask(
        "SELECT min(epoch_ms(time)), max(epoch_ms(time)), count_if(received <= time) FROM events"
    )
    assert 1_735_660_800_000 <= first < last < 1_767_196_800_000
    assert early == 0


def test_every_event_is_marked_simulated(ask: Any, played: RehearsalResult) -> None:
    assert ask("SELECT DISTINCT source FROM events") == [("rehearsal",)]
    marked = """SELECT count(*) FROM events WHERE props LIKE '%"simulated":true%'"""
    assert ask(marked) == [(played.events.num_rows,)]


def test_labels_cover_every_text_and_nothing_else(ask: Any, played: RehearsalResult) -> None:
    assert played.labels.schema == LABELS_SCHEMA
    ((texts,),) = ask("SELECT count(*) FROM events WHERE text IS NOT NULL")
    ((both,),) = ask("SELECT count(*) FROM events JOIN labels ON id = event_id WHERE text IS NOT NULL AND text <> ''")
    assert texts == both == played.labels.num_rows


def test_causes_cover_every_order(ask: Any, played: RehearsalResult) -> None:
    assert played.orders.schema == ORDERS_SCHEMA
    ((both,),) = ask("SELECT count(*) FROM events JOIN orders ON id = event_id WHERE type = 'order'")
    assert both == played.orders.num_rows
    assert ask("SELECT count(*) FROM events WHERE type = 'order'") == [(both,)]


def test_a_baseline_order_has_no_parent_and_one_by_word_of_mouth_has(ask: Any) -> None:
    rows = ask(
        "SELECT cause, o.campaign, count_if(parent IS NULL), count_if(parent IS NOT NULL) FROM events e "
        "JOIN orders o ON id = event_id GROUP BY ALL"
    )
    for cause, campaign, without, given in rows:
        if cause == "baseline" and campaign is None:
            assert given == 0
        if cause == "word_of_mouth":
            assert without == 0


def test_money_is_in_the_market_s_currency(ask: Any) -> None:
    pairs = set(ask("SELECT DISTINCT market, currency FROM events WHERE type IN ('order', 'refund', 'redeem')"))
    assert pairs == {("cn", "CNY"), ("in", "INR"), ("id", "IDR"), ("de", "EUR"), ("es", "EUR")}


def test_a_refund_is_of_its_order_s_amount(ask: Any) -> None:
    ((refunds, wrong),) = ask(
        "SELECT count(*), count_if(r.value <> o.value OR r.object <> o.object) FROM events r JOIN events o "
        "ON r.parent = o.id WHERE r.type = 'refund'"
    )
    assert refunds > 100
    assert wrong == 0


def test_languages_follow_the_market(ask: Any) -> None:
    rows = ask("SELECT DISTINCT market = 'cn', lang FROM events WHERE text IS NOT NULL ORDER BY ALL")
    assert rows == [(False, "en"), (True, "zh")]


def test_parts_cover_the_year_once(played: RehearsalResult) -> None:
    spans = list_spans(World(played.plan))
    assert [span.name for span in spans][:2] == ["2025-01", "2025-02"]
    assert sum(span.last - span.first + 1 for span in spans) == 365
    assert all(later.first == former.last + 1 for former, later in pairwise(spans))


def test_a_month_cut_into_spans_of_days_is_still_one_market(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "EVENTS_PER_PART", 300)
    world = World(MarketPlan(scale=1e-5, seed=5))
    parts = list(play_parts(world))
    assert [part.name for part in parts][:4] == ["2025-01-01", "2025-01-02", "2025-01-03", "2025-02-01"]
    events = pa.concat_tables([part.events for part in parts])
    assert pc.count_distinct(events["id"]).as_py() == events.num_rows
    assert pc.all(pc.is_in(events["parent"].drop_null(), value_set=events["id"])).as_py()
    assert world.tally.get("counts/events") == events.num_rows
