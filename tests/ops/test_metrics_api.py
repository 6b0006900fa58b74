"""The catalogue over HTTP: the same answers as in Python, refusals in the fixed shape."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from django.test import Client

import canyu
from canyu.measure.catalogue import METRICS
from canyu.ops.people.rules import Role

PERIOD = "from=2025-03-01&to=2025-04-30"
DAYS = (date(2025, 3, 1), date(2025, 4, 30))


@pytest.fixture
def lead(sign_in: Callable[..., Client], brand_lake: Path) -> Client:
    return sign_in(Role.MARKETING_LEAD)


def test_the_catalogue_is_listed(lead: Client) -> None:
    assert [row["name"] for row in lead.get("/api/metrics").json()] == list(METRICS)


def test_a_metric_answers_as_it_does_in_python(lead: Client, brand_lake: Path) -> None:
    found = lead.get(f"/api/metrics/share_of_voice?{PERIOD}&brand=xiaomi&by=channel,month").json()
    expected = canyu.open(brand_lake).metric("share_of_voice", *DAYS, brand="xiaomi", by=("channel", "month"))
    assert [cell["value"] for cell in found["cells"]] == [cell.estimate.value for cell in expected.cells]
    assert found["from"] == "2025-03-01"
    assert found["cells"][0]["keys"] == {"channel": "douyin", "month": "2025-03"}
    assert "SELECT" in found["sql"]
    assert found["simulated"] is True
    assert found["versions"] == expected.proof.versions


def test_a_dimension_shows_every_part(lead: Client) -> None:
    found = lead.get(
        f"/api/metrics/index/resonance?{PERIOD}&brand=xiaomi&weights=k_factor=0,participation_rate=0"
    ).json()
    scores = {part["metric"]: part["score"] for part in found["parts"]}
    assert set(scores) == {"share_of_voice", "net_sentiment", "message_pull_through"}
    assert scores["message_pull_through"] is None
    assert found["value"] == (scores["share_of_voice"] + scores["net_sentiment"]) / 2
    assert "Message pull-through" in found["notes"][0]


def test_what_cannot_be_asked_is_refused_in_the_fixed_shape(lead: Client) -> None:
    refusals = {
        f"/api/metrics/nothing?{PERIOD}": (404, "not_found", "There is no metric"),
        f"/api/metrics/orders?{PERIOD}&by=mood": (400, "bad_input", "cannot be told by 'mood'"),
        "/api/metrics/orders?from=2025-03-01": (400, "bad_input", "to"),
        f"/api/metrics/index/resonance?{PERIOD}&weights=nps": (400, "bad_input", "is no number"),
        f"/api/metrics/index/resonance?{PERIOD}&weights=orders=1": (400, "bad_input", "cannot take the weight"),
        f"/api/metrics/index/joy?{PERIOD}": (404, "not_found", "There is no index"),
    }
    for address, (status, code, told) in refusals.items():
        answer = lead.get(address)
        assert (answer.status_code, answer.json()["code"]) == (status, code), address
        assert told in answer.json()["message"], address
        assert answer.json()["mend"], address
