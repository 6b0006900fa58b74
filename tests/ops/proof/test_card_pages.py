"""The scorecard on its pages: targets with their history, the card of a week or month, its proofs and files."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from canyu.kit.clock import get_now
from canyu.ops.people.rules import Role
from canyu.ops.proof.card import queries
from canyu.ops.proof.claims import actions as claims
from canyu.ops.proof.models import ClaimsFile, Rhythm, Target
from job_work import do_jobs

APRIL = "rhythm=month&day=2025-04-10"
TARGET = {"metric": "orders", "rhythm": "month", "value": "4", "since": "2025-04-01", "owner": "Chen <Lu>"}


def read(answer: Any) -> str:
    return str(answer.content.decode())


def test_a_target_is_set_and_its_history_stays(metric_lake: Path, sign_in: Callable[..., Client]) -> None:
    client = sign_in(Role.MARKETING_LEAD)
    for wrong in ({"metric": "index_peak"}, {"value": "many"}, {"value": "1e999"}, {"owner": ""}, {"since": "soon"}):
        assert client.post("/scorecard/targets/new/", TARGET | wrong).status_code == 400
    assert Target.objects.count() == 0
    client.post("/scorecard/targets/new/", TARGET)
    client.post("/scorecard/targets/new/", TARGET | {"value": "9", "since": "2025-06-01"})
    client.post("/scorecard/targets/new/", TARGET | {"value": "", "since": "2025-09-01"})
    page = read(client.get("/scorecard/targets/"))
    assert "Chen &lt;Lu&gt;" in page
    assert page.count('data-label="Set by"') == 3
    assert "none any more" in page
    found = [queries.list_targets(Rhythm.MONTH, date(2025, month, 1)) for month in (4, 6, 9)]
    assert [[row.value for row in rows] for rows in found] == [[4.0], [9.0], []]
    assert "≥ 4" in read(client.get(f"/scorecard/?{APRIL}"))
    assert "no target is set yet" in read(client.get("/scorecard/?rhythm=month&day=2025-09-05"))


def test_only_the_lead_sets_targets(metric_lake: Path, sign_in: Callable[..., Client]) -> None:
    client = sign_in(Role.DATA_ANALYST)
    assert client.get("/scorecard/targets/").status_code == 200
    assert client.post("/scorecard/targets/new/", TARGET).status_code == 403
    assert Target.objects.count() == 0


def test_a_card_tells_what_a_leader_must_know(metric_lake: Path, sign_in: Callable[..., Client]) -> None:
    client = sign_in(Role.MARKETING_LEAD)
    client.post("/scorecard/targets/new/", TARGET)
    client.post("/scorecard/claims/sample/")
    claims.ask_for_check(sign_in(administrator=True).request().wsgi_request.user, ClaimsFile.objects.get(), get_now())
    do_jobs()
    page = read(client.get(f"/scorecard/?{APRIL}"))
    assert "2025-04-01 – 2025-04-30" in page
    assert "1 of 1 targets reached" in page
    assert "Technology for everyone" in page
    assert "Orders" in page
    assert "not supported" in page
    assert "of 30 days hold data" in page
    assert 'href="?rhythm=month&amp;day=2025-03-01"' in page
    chinese = Client(headers={"accept-language": "zh-hans"})
    chinese.cookies = client.cookies
    assert "目标与实际" in read(chinese.get(f"/scorecard/?{APRIL}"))


def test_every_figure_of_a_card_opens(metric_lake: Path, sign_in: Callable[..., Client]) -> None:
    client = sign_in(Role.MARKETING_LEAD)
    proof = read(client.get(f"/scorecard/proof/metric/orders/?{APRIL}", headers={"HX-Request": "true"}))
    assert "Orders placed in the period" in proof
    assert "events@" in proof
    index = read(client.get(f"/scorecard/proof/index/resonance/?{APRIL}"))
    assert "weight" in index or "not stated" in index
    assert "Every digit is the same." in read(client.get(f"/scorecard/proof/metric/orders/?{APRIL}&again=1"))
    for missing in ("metric/absent", "index/absent", "shift/absent", "other/orders"):
        assert client.get(f"/scorecard/proof/{missing}/?{APRIL}").status_code == 404


def test_weights_stand_in_the_address_and_are_checked(metric_lake: Path, sign_in: Callable[..., Client]) -> None:
    client = sign_in(Role.MARKETING_LEAD)
    plain, weighed = (read(client.get(f"/scorecard/?{APRIL}{more}")) for more in ("", "&w_nps=7"))
    assert plain != weighed
    assert "w_nps=7" in weighed
    zeros = "&".join(f"w_{name}=0" for name in ("female_share", "overseas_share", "conversion", "nps"))
    for wrong in (
        "w_nps=-1",
        "w_nps=much",
        "w_nps=nan",
        zeros,
        "rhythm=day",
        "day=soon",
        "by=person",
        "day=9999-12-31",
    ):
        assert client.get(f"/scorecard/?{wrong}").status_code == 400, wrong


def test_a_card_is_taken_along(metric_lake: Path, sign_in: Callable[..., Client]) -> None:
    client = sign_in(Role.MARKETING_LEAD)
    client.post("/scorecard/targets/new/", TARGET)
    pdf = client.get(f"/scorecard/report.pdf?{APRIL}")
    assert pdf.content.startswith(b"%PDF-")
    assert pdf["Content-Disposition"] == 'attachment; filename="canyu-scorecard-2025-04-01-2025-04-30.pdf"'
    page = read(client.get(f"/scorecard/report.html?{APRIL}"))
    assert "Chen &lt;Lu&gt;" in page
    assert "default-src 'none'" in page
    assert read(client.get(f"/scorecard/file/targets.csv?{APRIL}")).splitlines()[1].split(",")[1] == "Orders"
    assert client.get(f"/scorecard/file/targets.svg?{APRIL}").content.startswith(b"<svg")
    for missing in ("report.doc", "file/absent.csv", "file/targets.doc"):
        assert client.get(f"/scorecard/{missing}?{APRIL}").status_code == 404


def test_a_program_reads_the_card_that_the_page_shows(metric_lake: Path, sign_in: Callable[..., Client]) -> None:
    client = sign_in(Role.MARKETING_LEAD)
    client.post("/scorecard/targets/new/", TARGET)
    found = client.get("/api/scorecard?rhythm=month&day=2025-04-10&weights=nps=7").json()
    orders = next(line for line in found["lines"] if line["name"] == "orders")
    assert (found["from"], found["to"], orders["target"], orders["standing"]) == (
        "2025-04-01",
        "2025-04-30",
        4.0,
        "reached",
    )
    assert "SELECT" in orders["sql"]
    weights = {part["metric"]: part["weight"] for index in found["indices"] for part in index["parts"]}
    assert weights["nps"] > weights["female_share"]
    assert client.get("/api/scorecard?weights=nps=-1").json()["code"] == "bad_input"
    assert client.get("/api/scorecard?rhythm=day").status_code == 400
    assert sign_in(Role.CARE_AGENT).get("/api/scorecard").status_code == 403
    assert Client().get("/api/scorecard").status_code == 401


def test_a_card_that_takes_long_says_so(
    metric_lake: Path, sign_in: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "WAIT_S", 0.0)
    queries.forget_cards()
    client = sign_in(Role.MARKETING_LEAD)
    assert "Being worked out" in read(client.get(f"/scorecard/?{APRIL}"))
    monkeypatch.setattr(queries, "WAIT_S", 120.0)
    assert "Hand it on" in read(client.get(f"/scorecard/?{APRIL}"))


def test_an_empty_console_says_how_to_fill_it(
    tmp_path: Path, use_lake: Callable[[Path], None], sign_in: Callable[..., Client]
) -> None:
    use_lake(tmp_path / "none.lake")
    client = sign_in(Role.MARKETING_LEAD)
    assert "canyu import" in read(client.get("/scorecard/"))
    assert client.get("/scorecard/report.pdf").status_code == 404
