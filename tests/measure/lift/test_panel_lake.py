"""A panel from the lake: the same on every engine, by the zone's own days, with gaps that are no zeros."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

import canyu
from canyu.engine import Engine
from canyu.events import Lake
from canyu.kit.errors import BadInput
from canyu.measure.lift import Outcome, Panel, read_panel

FIRST = datetime(2025, 3, 1, tzinfo=UTC)


@pytest.fixture
def shop(lake: canyu.Lake, write: Callable[..., None]) -> canyu.Lake:
    """Orders of two markets on 1, 2 and 4 March in Shanghai; on the 3rd the source was silent."""
    rows = []
    for number, (market, hours, value) in enumerate(
        [("cn", 1, 1999), ("cn", 2, 500), ("cn", 15, 100), ("de", 20, 700), ("cn", 75, 300), ("de", 1, 50)]
    ):
        base = {"id": f"o{number}", "type": "order", "source": "shop", "market": market, "actor": "a", "object": "su7"}
        time = FIRST + timedelta(hours=hours)
        rows.append(
            {
                **base,
                "time": time,
                "received": time,
                "value": value,
                "currency": "CNY",
                "props": f'{{"shop":"{market}店","n":1}}',
            }
        )
    other = {"id": "v", "type": "view", "source": "shop", "market": "cn", "object": "su7", "props": "{}"}
    rows.append({**other, "time": FIRST + timedelta(hours=50), "received": FIRST})
    write(lake, "events", rows)
    return lake


def read(lake: canyu.Lake, **change: str) -> Panel:
    return read_panel(lake, Outcome("order", **change), date(2025, 3, 1), date(2025, 3, 4))


def test_money_by_shop_and_day_on_every_engine(shop: canyu.Lake, engine: Engine) -> None:
    money = read(Lake(shop.path, engine=engine), currency="CNY", unit="props.shop", object="su7")
    assert money.units == ("cn店", "de店")
    assert np.array_equal(money.values, [[2599, 0, np.nan, 300], [50, 700, np.nan, 0]], equal_nan=True)


def test_orders_by_market_and_day(shop: canyu.Lake) -> None:
    counted = read(shop)
    assert counted.units == ("cn", "de")
    assert counted.times == tuple(date(2025, 3, day) for day in (1, 2, 3, 4))
    assert np.array_equal(counted.values, [[3, 0, np.nan, 1], [1, 1, np.nan, 0]], equal_nan=True)
    assert counted.proof is not None
    assert (counted.proof.rows, counted.proof.versions["events"]) == (6, shop.version("events"))
    assert "order" in counted.proof.sql


def test_only_what_was_asked_for_is_counted(shop: canyu.Lake) -> None:
    assert np.nansum(read(shop, market="cn").values) == 4
    assert read(shop, market="cn").units == ("cn",)
    with pytest.raises(BadInput, match="There are no data"):
        read(shop, object="yu7")
    with pytest.raises(BadInput, match="There are no data"):
        read(shop, unit="props.city")


def test_orders_by_hour_and_product(shop: canyu.Lake) -> None:
    panel = read(shop, grain="hour", unit="object")
    assert (panel.units, len(panel.times)) == (("su7",), 96)
    assert panel.times[0] == datetime(2025, 2, 28, 16, tzinfo=UTC)
    assert panel.values[0, [9, 10, 11]].tolist() == [2.0, 1.0, 0.0]
    assert np.isnan(panel.values[0, 48:72]).all()


def test_what_cannot_be_counted_is_refused(shop: canyu.Lake, lake: canyu.Lake) -> None:
    for change, told in (({"unit": "planet"}, "market, channel"), ({"grain": "week"}, "day, hour")):
        with pytest.raises(BadInput, match=told):
            read(shop, **change)
    with pytest.raises(BadInput, match="There are no data"):
        read_panel(shop, Outcome("refund"), date(2025, 3, 1), date(2025, 3, 4))
    with pytest.raises(BadInput, match="post, repost"):
        read_panel(shop, Outcome("sale"), date(2025, 3, 1), date(2025, 3, 4))
