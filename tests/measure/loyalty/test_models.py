"""The models of repeat buying against published figures, by simulation, and on data they cannot use."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from canyu.kit.errors import BadInput
from canyu.kit.yamlio import load_yaml
from canyu.measure.loyalty import BgBb, BgNbd, Customers, Fit, GammaGamma, Horizon, ParetoNbd, estimate_value, follow
from canyu.measure.loyalty.fitting import RAN_AWAY

FACTS = load_yaml((Path(__file__).parents[2] / "data" / "measure" / "loyalty.yaml").read_text("utf-8"))
PUBLISHED = np.array(FACTS["bg_nbd"]["values"])
Read = Callable[[str], dict[str, np.ndarray]]


@pytest.fixture(scope="module")
def cdnow(read_reference: Read) -> Customers:
    columns = read_reference("cdnow_customers_summary.csv")
    return Customers.of_columns(*(columns[name].tolist() for name in ("frequency", "recency", "T")))


@pytest.fixture(scope="module")
def bg_nbd(cdnow: Customers) -> Fit:
    return BgNbd().fit(cdnow)


@pytest.fixture(scope="module")
def pareto_nbd(cdnow: Customers) -> Fit:
    return ParetoNbd().fit(cdnow)


def one(repeats: float, last: float, known: float) -> Customers:
    return Customers.of_columns([repeats], [last], [known])


def test_bg_nbd_gives_the_published_figures(cdnow: Customers, bg_nbd: Fit) -> None:
    fact, model, values = FACTS["bg_nbd"], BgNbd(), np.array(bg_nbd.values)
    assert cdnow.count == 2357
    assert bg_nbd.values == pytest.approx(fact["values"], abs=0.005)
    assert model.expect_more(values, one(2, 30.43, 38.86), 39)[0] == pytest.approx(1.226, abs=0.001)
    assert model.expect(values, list(fact["expected"])) == pytest.approx(list(fact["expected"].values()), abs=0.0005)


@pytest.mark.parametrize(("time", "count", "expected"), FACTS["bg_nbd"]["counts"])
def test_bg_nbd_gives_the_published_probabilities(time: float, count: int, expected: float) -> None:
    found = BgNbd().find_count_probability(PUBLISHED, count, time)
    assert abs(found - expected) < 1e-5
    assert found == pytest.approx(expected, rel=1e-4)


def test_pareto_nbd_gives_the_published_figures(pareto_nbd: Fit) -> None:
    fact, model, values = FACTS["pareto_nbd"], ParetoNbd(), np.array(pareto_nbd.values)
    assert pareto_nbd.values == pytest.approx(fact["values"], abs=0.01)
    often = one(26, 30.86, 31)
    assert model.expect_more(values, often, 52)[0] == pytest.approx(25.46, abs=0.01)
    assert model.find_alive(values, often)[0] == pytest.approx(0.9979, abs=0.001)
    assert model.expect(values, range(10)) == pytest.approx(fact["expected"], abs=0.01)


def test_gamma_gamma_gives_the_published_figures(read_reference: Read) -> None:
    fact, columns = FACTS["gamma_gamma"], read_reference("cdnow_customers_summary_with_transactions.csv")
    x, means = columns["x"], columns["zbar"]
    paid = x > 0
    fitted = GammaGamma().fit(x[paid], means[paid])
    assert int(paid.sum()) == 946
    assert fitted.values == pytest.approx(fact["values"], abs=0.02)
    assert GammaGamma().expect(np.array(fitted.values), x[:10], means[:10]) == pytest.approx(fact["first"], abs=0.1)


def test_bg_bb_gives_the_published_figures(read_reference: Read) -> None:
    columns = read_reference("donations.csv")
    givers = Customers.of_columns(*(columns[name].tolist() for name in ("frequency", "recency", "periods", "weights")))
    fitted = BgBb().fit(givers)
    assert fitted.values == pytest.approx(FACTS["bg_bb"]["values"], abs=0.01)
    total = follow([fitted], lambda values: float(givers.weights @ BgBb().expect_more(values, givers, 5)))
    assert total.value == pytest.approx(12884.2, abs=1)
    assert 12000 < total.low < total.value < total.high < 14000
    alive = BgBb().find_alive(np.array(fitted.values), givers)
    assert np.all((alive > 0) & (alive < 1))


def test_the_unit_of_time_changes_nothing(cdnow: Customers, bg_nbd: Fit) -> None:
    days = Customers(cdnow.repeats, cdnow.last * 7, cdnow.known * 7, cdnow.weights)
    fitted = BgNbd().fit(days)
    assert fitted.log_likelihood != bg_nbd.log_likelihood
    assert fitted.values[0] == pytest.approx(bg_nbd.values[0], rel=1e-4)
    assert fitted.values[1] == pytest.approx(7 * bg_nbd.values[1], rel=1e-4)


def test_count_probabilities_add_up_and_agree_with_the_mean() -> None:
    for time in (2.0, 39.0):
        chances = [BgNbd().find_count_probability(PUBLISHED, count, time) for count in range(120)]
        assert sum(chances) == pytest.approx(1, abs=1e-6)
        mean = sum(count * chance for count, chance in enumerate(chances))
        assert mean == pytest.approx(float(BgNbd().expect(PUBLISHED, time)), abs=1e-4)


def test_intervals_hold_the_truth_of_simulated_shops() -> None:
    """Twelve shops of 600 customers whose parameters are known: 95 % intervals miss seldom."""
    truth, random = np.array([0.6, 8.0, 0.9, 2.5]), np.random.default_rng(9)
    hits = []
    for _ in range(12):
        shop = simulate(truth, 600, random)
        found = BgNbd().fit(shop)
        total = follow([found], lambda v, shop=shop: float(shop.weights @ BgNbd().expect_more(v, shop, 20)))
        expected = float(shop.weights @ BgNbd().expect_more(truth, shop, 20))
        hits.append(total.low < expected < total.high)
        pairs = zip(found.parameters.values(), truth, strict=True)
        hits += [each.low < value < each.high for each, value in pairs]
    assert np.mean(hits) > 0.85


def simulate(truth: np.ndarray, count: int, random: np.random.Generator) -> Customers:
    r, alpha, a, b = truth
    rates, leaving = random.gamma(r, 1 / alpha, count), random.beta(a, b, count)
    known = random.uniform(20, 60, count)
    gaps = random.exponential(1, (count, 80)) / rates[:, None]
    times = gaps.cumsum(axis=1)
    stays = random.geometric(np.maximum(leaving, 1e-9))
    bought = (times <= known[:, None]) & (np.arange(80) < stays[:, None])
    repeats = bought.sum(axis=1)
    last = np.where(repeats > 0, np.where(bought, times, 0).max(axis=1), 0)
    return Customers.of_columns(repeats.tolist(), last.tolist(), known.tolist())


def test_alive_is_a_probability_and_falls_with_silence(bg_nbd: Fit, pareto_nbd: Fit) -> None:
    rows = [(x, last, known) for x, last, known in product((1, 9, 400), (1.0, 30.0), (31.0, 90.0))]
    for model, fitted in ((BgNbd(), bg_nbd), (ParetoNbd(), pareto_nbd)):
        for x, last, known in rows:
            chances = [model.find_alive(np.array(fitted.values), one(x, last, t))[0] for t in (known, known + 20)]
            assert 0 <= chances[1] <= chances[0] <= 1
    assert BgNbd().find_alive(np.array(bg_nbd.values), one(0, 0, 90))[0] == 1


def test_formulas_go_through_their_holes() -> None:
    """At a = 1 and s = 1 the published formulas divide 0 by 0; the value is the limit."""
    who = one(2, 10, 20)
    for model, place in ((BgNbd(), 2), (ParetoNbd(), 2), (BgBb(), 2)):
        values = np.array([0.6, 8.0, 0.9, 2.5])
        around = []
        for near in (0.999, 1.0, 1.001):
            values[place] = near
            around.append(float(model.expect_more(values, who, 20)[0]))
        assert around[0] > around[1] > around[2] or around[0] < around[1] < around[2]


def test_the_value_to_come_is_purchases_times_worth(bg_nbd: Fit, read_reference: Read) -> None:
    columns = read_reference("cdnow_customers_summary_with_transactions.csv")
    x, means = columns["x"], columns["zbar"]
    spending = GammaGamma().fit(x[x > 0], means[x > 0])
    rows = np.array([columns["x"], columns["t_x"], columns["T"]])
    customers, (totals,) = Customers.group(rows, np.ones(len(x)), x * means)
    models, fits = (BgNbd(), GammaGamma()), (bg_nbd, spending)
    plain = estimate_value(models, fits, customers, totals, Horizon(1, 39.0))
    monthly = estimate_value(models, fits, customers, totals, Horizon(10, 3.9))
    later = estimate_value(models, fits, customers, totals, Horizon(10, 3.9, 0.05))
    one_by_one = Customers(*rows, np.ones(len(x)))
    worth = GammaGamma().expect(np.array(spending.values), x, means)
    direct = float(worth @ BgNbd().expect_more(np.array(bg_nbd.values), one_by_one, 39.0))
    assert plain.value == pytest.approx(direct, rel=1e-9)
    assert monthly.value == pytest.approx(plain.value, rel=1e-9)
    assert later.value < 0.9 * plain.value
    assert plain.low < plain.value < plain.high


def test_a_shop_where_all_are_alike_settles_nothing() -> None:
    found = BgNbd().fit(Customers.of_columns([0] * 60, [0] * 60, [10] * 60))
    assert not found.is_settled
    assert {each.missing for each in found.parameters.values()} == {RAN_AWAY}
    assert follow([found], lambda _: 1.0).missing == RAN_AWAY


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ((-1, 0, 5), "row 2, repeats is 0 or a whole number above"),
        ((1.5, 1, 5), "row 2, repeats"),
        ((1, 6, 5), "row 2, last is between 0 and known"),
        ((1, 0, 5), "row 2, last is 0 only where nothing was bought again"),
        ((0, 3, 5), "row 2, last is 0 only"),
        ((0, 0, 0), "row 2, known is above 0"),
        ((float("nan"), 1, 5), "row 2, repeats"),
    ],
)
def test_customers_that_cannot_be_are_told_by_row(row: tuple[float, float, float], told: str) -> None:
    with pytest.raises(BadInput) as caught:
        Customers.of_columns(*zip((1, 2, 3), row, strict=True))
    assert told in str(caught.value)
