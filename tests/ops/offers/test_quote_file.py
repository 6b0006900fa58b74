"""The file of `canyu quote`: what is wrong is named by line and field, with the mend; the command tells every step."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from canyu.cli import canyu
from canyu.kit.errors import BadInput
from canyu.kit.jsonio import parse_json
from canyu.kit.words import speak
from canyu.ops.offers.quoting import parse_request
from canyu.ops.offers.quoting.reasons import REASON_WORDS, Reason

GOOD = """format: 1
cart:
  currency: CNY
  at: 2026-06-18T10:00:00+08:00
  lines:
    - {product: ac, category: appliance, quantity: 1, unit_price_minor: 499900}
    - {product: fridge, category: appliance, quantity: 1, unit_price_minor: 599900}
offers:
  - id: set
    kind: bundle
    effect: {amount_minor: 300000}
    bundle: [{products: [ac]}, {products: [fridge]}]
  - {id: old, kind: code, effect: {percent: 5}, conditions: {ends_at: 2026-06-01T00:00:00+08:00}}
switches: {policy: partial}
"""


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (
            "quantity: 1, unit_price_minor: 499900",
            "quantity: 0, unit_price_minor: 499900",
            "line 6, cart.lines.quantity",
        ),
        ("unit_price_minor: 599900", "unit_price_minor: 5999.00", "line 7, cart.lines.unit_price_minor"),
        (", unit_price_minor: 599900", "", "line 7, cart.lines.unit_price_minor: is missing"),
        ("currency: CNY", "currency: yuan", "line 3, cart.currency: 'yuan' is no currency code"),
        ("10:00:00+08:00", "10:00:00", "line 4, cart.at"),
        ("kind: bundle", "kind: gift", "line 10, kind: 'gift' is not known. Choose one of: promotion, code"),
        ("amount_minor: 300000", "amount_minor: 300000, percent: 3", "line 11, effect: does not say what is taken off"),
        ("percent: 5", "percent: 500", "line 13, effect.percent: '500' is no usable per cent"),
        ("{products: [fridge]}", "{quantity: 2}", "line 12, bundle: names no product"),
        ("policy: partial", "polic: partial", "line 14, switches.polic: is not a known field"),
        ("{policy: partial}", "{category_limits: {a: many}}", "line 14, switches.category_limits.a"),
        ("id: set", "id: set\n    budget: june", "line 9, budget: there is no budget june"),
    ],
)
def test_a_fault_is_named_with_its_place_and_mend(before: str, after: str, told: str) -> None:
    assert before in GOOD
    with speak("en"), pytest.raises(BadInput) as refused:
        parse_request(GOOD.replace(before, after, 1))
    assert told in refused.value.message


def test_anchors_and_deep_nesting_are_refused() -> None:
    with pytest.raises(BadInput):
        parse_request(GOOD.replace("[ac]", "&x [ac]").replace("[fridge]", "*x"))


def test_the_command_ends_with_one_line_of_json(tmp_path: Path) -> None:
    file = tmp_path / "quote.yaml"
    file.write_text(GOOD, "utf-8")
    done = CliRunner().invoke(canyu, ["quote", str(file), "--json"])
    told = parse_json(done.output)
    assert (done.exit_code, told["total_minor"], told["discount_minor"]) == (0, 799800, 300000)
    assert [(step["offer"], step["outcome"], step["reason"]) for step in told["steps"]] == [
        ("set", "applied", None),
        ("old", "refused", "expired"),
    ]
    assert [line["net_minor"] for line in told["lines"]] == [363539, 436261]


def test_the_command_tells_every_step_in_words(tmp_path: Path) -> None:
    file = tmp_path / "quote.yaml"
    file.write_text(GOOD.replace("policy: partial", "policy: all"), "utf-8")
    with speak("en"):
        done = CliRunner().invoke(canyu, ["quote", str(file)])
    assert done.exit_code == 1
    assert "1. set [skipped] Another one was refused, and all must hold." in done.output
    assert "2. old [refused] It has expired." in done.output
    assert "To pay CNY 10,998.00, CNY 0.00 off in all." in done.output


def test_every_reason_has_its_words_in_both_languages() -> None:
    assert set(REASON_WORDS) == set(Reason)
    assert all(words.zh and words.en for words in REASON_WORDS.values())
