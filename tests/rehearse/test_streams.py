from __future__ import annotations

import re

import numpy as np

from canyu.rehearse.market import load_market
from canyu.rehearse.people import People, build_actors
from canyu.rehearse.streams import COMPONENTS, build_ids, build_numbered, get_first_serial, make_stream


def test_ids_are_32_hex_digits_and_never_meet() -> None:
    serials = np.concatenate([np.arange(1, 200_001), np.arange(2**44, 2**44 + 200_000)]).astype(np.uint64)
    ids = build_ids("0123456789abcdef", serials).to_pylist()
    assert len(set(ids)) == 400_000
    assert all(re.fullmatch("0123456789abcdef[0-9a-f]{16}", one) for one in ids[::9_999])


def test_a_component_draws_the_same_whatever_the_others_do() -> None:
    first = make_stream((7, 2025), "posting", 3).random(5)
    make_stream((7, 2025), "trade", 3).random(1_000)
    assert (make_stream((7, 2025), "posting", 3).random(5) == first).all()
    assert (make_stream((7, 2025), "posting", 4).random(5) != first).all()
    assert (make_stream((8, 2025), "posting", 3).random(5) != first).all()


def test_serials_of_components_and_parts_never_overlap() -> None:
    starts = [get_first_serial(name, part) for name in COMPONENTS[1:] for part in range(400)]
    assert len(set(starts)) == len(starts)
    assert np.diff(sorted(starts)).min() == 2**30
    assert min(starts) > 0


def test_numbers_are_padded_so_that_they_sort() -> None:
    assert build_numbered("p:", np.array([0, 999_999_999], np.uint64), 9).to_pylist() == ["p:000000000", "p:999999999"]


def test_actors_are_people_accounts_or_nobody() -> None:
    assert build_actors(np.array([5, -2, -3, -1, -23])).to_pylist() == [
        "p:000000005",
        "brand:xiaomi",
        "brand:xiaomi-auto",
        None,
        "agent:20",
    ]


def test_people_stay_in_their_market_and_region() -> None:
    people = People(load_market(), 0.0001)
    random = np.random.default_rng(3)
    markets = np.repeat(np.arange(5, dtype=np.int16), 2_000)
    drawn = people.draw(random, markets)
    assert (drawn >= people.starts[markets]).all()
    assert (drawn < (people.starts + people.sizes)[markets]).all()
    regions = people.find_regions(drawn, markets)
    assert (regions[markets == 0] >= 0).all()
    assert (regions[markets != 0] == -1).all()
    assert (people.find_regions(drawn, markets) == regions).all()


def test_different_people_are_different_even_when_all_are_asked_for() -> None:
    people = People(load_market(), 1e-5)
    everybody = people.draw_distinct(np.random.default_rng(1), 0, 10**9)
    assert len(set(everybody.tolist())) == len(everybody) == people.sizes[0]
