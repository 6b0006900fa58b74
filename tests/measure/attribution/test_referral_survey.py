"""Referral credit and survey answers, counted by hand on both engines."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

import canyu
from canyu.engine import Engine
from canyu.events import Lake
from canyu.measure.attribution import compute_referral, reconcile_survey
from canyu.measure.journeys import JourneyQuery, parse_step
from journey_lake import START, make_event, write_events

FIRST, LAST = date(2025, 3, 3), date(2025, 3, 9)
HOUR = timedelta(hours=1)


def list_tree() -> list[dict[str, Any]]:
    """Ann shares with Ben, Ben with Cy, Cy with Di; Di, Ben and Ann buy, Eve buys from her own share, Fay from none."""
    rows = [
        make_event(1, type="join", actor="ann"),
        make_event(2, type="share", actor="ann", parent="e00001", channel="wechat"),
    ]
    before = "e00002"
    for place, (name, channel) in enumerate({"ben": "wechat", "cy": "qq", "di": "weibo"}.items()):
        number = 10 + 10 * place
        rows.append(make_event(number, type="scan", actor=name, parent=before))
        rows.append(make_event(number + 1, type="join", actor=name, parent=f"e{number:05d}"))
        rows.append(make_event(number + 2, type="share", actor=name, parent=f"e{number + 1:05d}", channel=channel))
        before = f"e{number + 2:05d}"
    order: dict[str, Any] = {"type": "order", "time": START + HOUR}
    rows += [
        make_event(50, **order, actor="di", parent="e00031", value=300),  # through cy, ben and ann
        make_event(51, **order, actor="ben", parent="e00011", value=200),  # through ann
        make_event(52, **order, actor="ann", parent="e00001"),  # her own join leads to nobody
        make_event(53, type="share", actor="eve", channel="qq"),
        make_event(54, **order, actor="eve", parent="e00053"),  # her own share
        make_event(55, **order, actor="fay"),
        make_event(56, **order, actor="gil", parent="gone"),
        make_event(57, **order, actor="hal", parent="e00059"),
        make_event(58, type="visit", actor="hal", parent="e00059"),
        make_event(59, type="click", actor="hal", parent="e00058"),  # a circle
    ]
    return rows


def test_credit_goes_up_the_tree_and_never_to_oneself(tmp_path: Path, engine: Engine) -> None:
    lake = write_events(canyu.open(tmp_path / "tree.lake", create=True), list_tree())
    found = compute_referral(Lake(lake.path, engine=engine), FIRST, LAST)
    assert found.states == {"referred": 2, "other": 2, "alone": 1, "broken": 1, "long": 1}
    assert found.share.value == pytest.approx(2 / 7)
    told = {channel.name: (channel.direct, channel.value, round(channel.tree, 4)) for channel in found.channels}
    # Di's order: cy's share on qq gets 4/7, ben's and ann's on wechat 2/7 and 1/7; ben's order: ann's on wechat.
    assert told == {"wechat": (1, 200, 1.4286), "qq": (1, 300, 0.5714)}
    assert [(sharer.actor, sharer.orders, sharer.value) for sharer in found.sharers] == [
        ("ann", 1, 200),
        ("cy", 1, 300),
    ]
    assert "Nobody's own share counts" in found.proof.definition.en


def test_no_orders_give_no_share(lake: canyu.Lake) -> None:
    found = compute_referral(lake, FIRST, LAST)
    assert (found.orders, found.share.value, found.channels, found.sharers) == (0, None, (), ())


def answer(number: int, actor: str, word: str, hours: int = 5) -> dict[str, Any]:
    props = f'{{"answer": "{word}"}}'
    return make_event(
        number, type="submit", actor=actor, object="survey/heard-from", props=props, time=START + hours * HOUR
    )


def list_answers() -> list[dict[str, Any]]:
    """Eight orders, six answers that count: two friends without a touch, one with; one said before the order."""
    rows = [make_event(n, type="order", actor=f"p{n}", time=START + 3 * HOUR) for n in range(1, 9)]
    rows += [make_event(20 + n, type="click", actor=f"p{n}", channel="weibo", time=START + HOUR) for n in (3, 4, 5)]
    rows += [make_event(30, type="click", actor="p5", channel="douyin", time=START + 2 * HOUR)]
    words = {1: "friend", 2: "group", 3: "friend", 4: "ad", 5: "kol", 6: "search"}
    rows += [answer(40 + n, f"p{n}", word) for n, word in words.items()]
    rows += [answer(50, "p1", "ad", 9), answer(51, "p7", "friend", 1), answer(52, "p9", "friend"), answer(53, "p8", "")]
    return rows


def test_what_was_tracked_and_what_was_told_stand_side_by_side(tmp_path: Path, engine: Engine) -> None:
    lake = write_events(canyu.open(tmp_path / "told.lake", create=True), list_answers())
    query = JourneyQuery(FIRST, LAST, parse_step("click"))
    found = reconcile_survey(Lake(lake.path, engine=engine), query)
    assert (found.conversions, found.answered.value) == (8, 0.75)
    assert {(cell.answer, cell.tracked): cell.conversions for cell in found.cells} == {
        ("friend", ""): 1,
        ("group", ""): 1,
        ("friend", "weibo"): 1,
        ("ad", "weibo"): 1,
        ("kol", "douyin"): 1,
        ("search", ""): 1,
    }
    assert {place: one.value for place, one in found.tracked.items()} == {"": 0.625, "weibo": 0.25, "douyin": 0.125}
    assert found.told["friend"].value == pytest.approx(1 / 3)
    assert (found.word_of_mouth.value, found.unseen.value) == (0.5, pytest.approx(2 / 3))
    assert found.bounds == (3 / 8, 5 / 8)


def test_no_answers_give_no_share(tmp_path: Path) -> None:
    lake = write_events(canyu.open(tmp_path / "mute.lake", create=True), [make_event(1, type="order")])
    found = reconcile_survey(lake, JourneyQuery(FIRST, LAST))
    assert (found.answered.value, found.word_of_mouth.value, found.bounds) == (0.0, None, None)
    assert found.word_of_mouth.missing is not None
