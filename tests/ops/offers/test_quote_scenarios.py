"""Carts and offers with known answers: each row of the data file is one test, named by its row."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from canyu.kit.jsonio import dump_json
from canyu.ops.offers.quoting import Outcome, Quote, parse_request, quote

ROWS = yaml.safe_load((Path(__file__).parents[2] / "data" / "offers" / "quotes.yaml").read_text("utf-8"))


def read_answer(found: Quote, name: str) -> Any:
    steps = found.steps
    return {
        "after": lambda: [step.after_minor for step in steps],
        "applied": lambda: [step.offer.id for step in steps if step.outcome is Outcome.APPLIED],
        "discount": lambda: found.discount_minor,
        "discounts": lambda: [step.discount_minor for step in steps],
        "is_refused": lambda: found.is_refused,
        "kept": lambda: [step.kept_minor for step in steps],
        "lines": lambda: list(found.line_discounts),
        "lines_sum": lambda: sum(found.line_discounts),
        "order": lambda: [step.offer.id for step in steps],
        "outcomes": lambda: [step.outcome.value for step in steps],
        "reasons": lambda: [step.reason.value if step.reason else None for step in steps],
        "shipping": lambda: found.shipping_discount_minor,
        "short": lambda: dict(found.short),
        "step_lines": lambda: [list(step.lines) for step in steps],
        "total": lambda: found.total_minor,
        "unused": lambda: [step.unused_minor for step in steps],
    }[name]()


@pytest.mark.parametrize("row", ROWS, ids=[f"row {row['row']}: {row['title']}" for row in ROWS])
def test_the_known_answer(row: dict[str, Any]) -> None:
    found = quote(*parse_request(dump_json(row["request"])))
    assert {name: read_answer(found, name) for name in row["expect"]} == row["expect"]
    assert sum(found.line_discounts) + found.shipping_discount_minor == found.discount_minor
    assert found.total_minor >= 0


def test_every_row_that_concerns_a_quote_is_here() -> None:
    asked = {1, 2, 3, 5, 6, 8, 9, 10, 11, 12, 13, 14, 15, 17, 18, 19, 20, 21, 22, 23, 25, 27, 28, 29, 30, 32, 34, 35}
    asked |= {36, 37, 38, 39, 40, 42, 43, 44, 45, 47, 48, 49, 60, 63}
    assert {row["row"] for row in ROWS} == {str(row) for row in asked} | {"D7", "D9"}
