"""The file of plans, the cost of owning, and ``canyu plans``: exact figures, and every problem with its line."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner

from canyu.care.plans import Ownership, PlanPrice, Ranged, Repair, compute_cost, parse_plans
from canyu.commands.plans import command
from canyu.kit.errors import BadInput
from canyu.kit.jsonio import parse_json
from canyu.kit.words import Words

PLANS = """
format: 1
product: xiaomi/phone-15
currency: CNY
promises:
  - name: updates
    words: {zh: 五年系统更新, en: five years of updates}
    rhythm: every
    every_months: 12
    from: 2025-03-01
    years: 5
    done: [2025-09-01]
    harm: safety
    owners: 1200
  - name: half-price
    words: {zh: 首年碎屏险半价, en: first year of screen cover at half price}
    rhythm: on request
    from: 2025-03-01
    years: 1
    within_days: 7
    asked: [{on: 2025-05-01}]
cost:
  years: 2
  discount: 0%
  price: 5999.00
  plans: [{words: 碎屏险, price: 300, share: 50%, promise: half-price}]
  repairs: [{words: 换屏, chance: 5%..10%..20%, price: 1000..1200, covered: 100%, covered_months: 12}]
  resale: 1500..2000..2200
"""
NONE = Ranged(Decimal(0), Decimal(0), Decimal(0))
WORDS = Words("项", "part")


def run(tmp_path: Path, *words: str, text: str = PLANS) -> dict:
    path = tmp_path / "plans.yaml"
    path.write_text(text, "utf-8")
    done = CliRunner().invoke(command, [words[0], str(path), *words[1:], "--json"], catch_exceptions=False)
    return parse_json(done.output)


def test_due_tells_each_promise_and_the_case_of_a_broken_one(tmp_path: Path) -> None:
    found = run(tmp_path, "due", "--day", "2025-06-01")
    assert [(one["name"], one["standing"], one["next_due"]) for one in found["promises"]] == [
        ("updates", "due", "2026-02-28"),
        ("half-price", "broken", None),
    ]
    assert [case["key"] for case in found["cases"]] == ["promise:xiaomi/phone-15:half-price:2025-05-08"]
    assert found["cases"][0]["opened"]["kind"] == "complaint"


def test_cost_adds_up_and_a_broken_promise_costs_the_whole_plan(tmp_path: Path) -> None:
    kept, broken = (run(tmp_path, "cost", "--day", day) for day in ("2025-05-08", "2025-05-09"))
    assert (kept["likely_minor"], broken["likely_minor"]) == (
        599900 + 15000 + 11000 - 200000,
        599900 + 30000 + 11000 - 200000,
    )
    assert (kept["low_minor"], kept["high_minor"]) == (599900 + 15000 + 5000 - 220000, 599900 + 15000 + 24000 - 150000)
    assert sum(line["likely_minor"] for line in kept["lines"]) == kept["likely_minor"]
    assert any("half-price" in words["en"] for words in kept["assumptions"])


def test_later_payments_weigh_less_and_the_range_holds_every_corner() -> None:
    discount = Ranged(Decimal("0.02"), Decimal("0.05"), Decimal("0.10"))
    repair = Repair(WORDS, Ranged(Decimal("0.1"), Decimal("0.1"), Decimal("0.1")), Ranged(*[Decimal(100_000)] * 3))
    plan = PlanPrice(WORDS, 10_000, 12)
    resale = Ranged(*[Decimal(200_000)] * 3)
    found = compute_cost(Ownership("CNY", 2, discount, 500_000, (plan,), (repair,), resale))
    # by hand at 5 %: 10000/1.05; 10000/1.05^0.5 + 10000/1.05^1.5; 200000/1.05^2
    assert [line.likely_minor for line in found.lines] == [500_000, 9_524, 19_053, -181_406]
    for rate in discount:
        alone = compute_cost(Ownership("CNY", 2, Ranged(rate, rate, rate), 500_000, (plan,), (repair,), resale))
        assert found.low_minor <= alone.likely_minor <= found.high_minor


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("years: 5", "years: five", "line 11, promises.years: 'five'"),
        ("from: 2025-03-01\n    years: 5", "from: 2025-02-30\n    years: 5", "line 10, promises.from: '2025-02-30'"),
        ("rhythm: every", "rhythm: sometimes", "line 8, promises.rhythm: 'sometimes'"),
        ("price: 5999.00", "price: 5999.001", "line 25, cost.price: '5999.001' is no amount of CNY"),
        ("5%..10%..20%", "20%..10%", "line 27, cost.repairs.chance: '20%..10%' is no range"),
        ("promise: half-price", "promise: half", "line 26, cost.plans.promise: there is no promise half"),
        ("{on: 2025-05-01}", "{on: 2025-05-01, honoured: 2025-04-01}", "line 21, promises.asked.honoured:"),
        ("owners: 1200", "fans: 1200", "line 14, promises.fans: is not a known field"),
        ("    years: 1\n", "", "promises.until: needs exactly one of until and years"),
        ("years: 2", "years: 0", "line 23, cost.years: needs years"),
    ],
)
def test_a_problem_names_its_line_and_field(old: str, new: str, told: str) -> None:
    assert PLANS.count(old) >= 1
    with pytest.raises(BadInput) as caught:
        parse_plans(PLANS.replace(old, new, 1))
    assert told in str(caught.value)


def test_without_a_cost_the_mend_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="has no cost"):
        run(tmp_path, "cost", text=PLANS.partition("cost:")[0])
