"""Claims on their pages: kept, checked by jobs, opened, replayed, filtered, taken along, let go."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django_tasks_db.models import DBTaskResult

import canyu
from canyu.events import build_event_table
from canyu.kit.clock import get_now
from canyu.kit.jsonio import parse_json
from canyu.measure.claims import load_records
from canyu.ops.people.rules import Role
from canyu.ops.proof.claims import actions
from canyu.ops.proof.models import ClaimsFile, ClaimsRun
from canyu.ops.queue.actions import reap
from job_work import do_jobs
from metric_lake import at, tell

CLAIMS = """format: 1
claims:
  - id: orders
    statement: {zh: 四月订单 3 单以上, en: "=At least 3 <orders> in April"}
    source: a test
    metric: orders
    from: 2025-04-01
    to: 2025-04-30
    stated: 3
    relation: at_least
  - id: many
    statement: {zh: 四月 100 单, en: 100 orders in April}
    source: a test
    metric: orders
    from: 2025-04-01
    to: 2025-04-30
    stated: 100
    relation: at_least
  - id: brought
    statement: {zh: 口碑带来 2 单, en: Word of mouth brought 2 orders}
    source: a test
    metric: orders
    from: 2025-04-01
    to: 2025-04-30
    stated: 2
    relation: at_least
"""


def read(answer: Any) -> str:
    return str(answer.content.decode())


def keep(client: Client, text: str = CLAIMS, name: str = "april") -> ClaimsFile:
    answer = client.post("/scorecard/claims/new/", {"name": name, "text": text})
    assert answer.status_code == 302, read(answer)
    return ClaimsFile.objects.get(name=name)


def check(client: Client, file: ClaimsFile) -> ClaimsRun:
    assert client.post(f"/scorecard/claims/one/{file.pk}/check/").status_code == 302
    assert do_jobs() == 1
    return ClaimsRun.objects.filter(of=None).latest("pk")


def test_claims_are_kept_checked_and_told(own_lake: Path, sign_in: Callable[..., Client]) -> None:
    client = sign_in(Role.DATA_ANALYST)
    assert "No claims yet" in read(client.get("/scorecard/claims/"))
    file = keep(client)
    place = f"/scorecard/claims/one/{file.pk}/"
    assert "Not checked yet" in read(client.get(place))
    client.post(f"{place}check/")
    assert client.post(f"{place}check/").status_code == 409  # a double click checks once
    assert "Being checked" in read(client.get(place))
    assert (do_jobs(), do_jobs()) == (1, 0)
    page = read(client.get(place))
    assert "=At least 3 &lt;orders&gt; in April" in page
    assert "≥ 3 orders" in page
    run = ClaimsRun.objects.get()
    found = {one["id"]: (one["verdict"], one["reason_code"]) for one in run.found["en"]}
    assert found == {
        "orders": ("verified", "holds"),
        "many": ("not_supported", "lower_bound"),
        "brought": ("not_supported", "no_lift_design"),
    }
    assert run.found["zh"][0]["statement"] == "四月订单 3 单以上"
    kept = {
        (pin.table, pin.version)
        for pin in canyu.open(own_lake).pins()
        if pin.reason == f"claims: console check {run.pk}"
    }
    assert ("events", run.found["en"][0]["lake_version"]["events"]) in kept
    only = read(client.get(f"{place}?verdict=verified"))
    assert "orders&gt;" in only
    assert "100 orders" not in only
    assert client.get(f"{place}?verdict=true").status_code == 400
    assert client.get(f"{place}?run=999").status_code == 404


def test_a_verdict_opens_to_its_proof_and_runs_again(own_lake: Path, sign_in: Callable[..., Client]) -> None:
    client = sign_in(Role.DATA_ANALYST)
    run = check(client, keep(client))
    place = f"/scorecard/claims/proof/{run.pk}/"
    proof = read(client.get(f"{place}?claim=orders", headers={"HX-Request": "true"}))
    assert "Orders placed in the period" in proof
    assert "events@" in proof
    assert "SELECT" in proof
    assert run.found["en"][0]["query_hash"] in proof
    assert "Every digit is the same." in read(client.get(f"{place}?claim=orders&again=1"))
    assert client.get(f"{place}?claim=absent").status_code == 404


def test_a_replay_says_the_same_digits_or_what_changed(own_lake: Path, sign_in: Callable[..., Client]) -> None:
    client = sign_in(Role.DATA_ANALYST)
    file = keep(client)
    run = check(client, file)
    place = f"/scorecard/claims/one/{file.pk}/"
    order = tell("order", "late", at("04-29"), actor="Z", value=1, currency="CNY", props={"order_id": "n9"})
    canyu.open(own_lake).append(build_event_table([order]))
    client.post(f"{place}run/{run.pk}/replay/")
    do_jobs()
    assert "every digit is the same" in read(client.get(place))  # the versions are those of the check
    newer = check(client, file)
    assert newer.found["en"][0]["value"] == run.found["en"][0]["value"] + 1
    file.text = CLAIMS.replace("to: 2025-04-30", "to: 2025-04-02", 1)
    client.post(f"{place}edit/", {"name": file.name, "text": file.text})
    client.post(f"{place}run/{run.pk}/replay/")
    do_jobs()
    page = read(client.get(f"{place}?run={run.pk}"))
    assert "these differ" in page
    assert "The claim, or the definition of its metric, was changed." in page


def test_verdicts_are_taken_along_without_formulas(own_lake: Path, sign_in: Callable[..., Client]) -> None:
    client = sign_in(Role.DATA_ANALYST)
    file = keep(client)
    check(client, file)
    place = f"/scorecard/claims/one/{file.pk}/verdicts"
    rows = list(csv.DictReader(io.StringIO(read(client.get(f"{place}.csv")).lstrip("\ufeff"))))
    assert rows[0]["statement"] == "'=At least 3 <orders> in April"
    assert [row["verdict"] for row in rows] == ["verified", "not_supported", "not_supported"]
    told = read(client.get(f"{place}.json"))
    assert set(load_records(told)) == {"orders", "many", "brought"}
    assert parse_json(told)["checks"][0]["value"] == float(rows[0]["value"])
    assert client.get(f"{place}.xlsx").status_code == 404


FAULTS = {
    "": "Choose a file, or paste the claims.",
    "format: 1\nclaims: [": "line",
    CLAIMS.replace("relation: at_least", "relation: nearly", 1): "nearly",
    CLAIMS.replace("metric: orders", "design: /etc/passwd", 1): "It was not given along with the claims.",
}


@pytest.mark.parametrize("text", FAULTS)
def test_what_cannot_be_kept_is_told_and_nothing_is(
    text: str, metric_lake: Path, sign_in: Callable[..., Client]
) -> None:
    client = sign_in(Role.DATA_ANALYST)
    answer = client.post("/scorecard/claims/new/", {"name": "april", "text": text})
    assert answer.status_code == 400
    assert FAULTS[text] in read(answer)
    assert ClaimsFile.objects.count() == 0


def test_a_design_comes_with_the_file(own_lake: Path, sign_in: Callable[..., Client]) -> None:
    client = sign_in(Role.DATA_ANALYST)
    design = b"format: 1\nkind: did\ntreated: [cn]\nstart: 2025-04-10\nuntouched: none\n"
    text = CLAIMS.replace(
        "metric: orders\n    from: 2025-04-01\n    to: 2025-04-30\n    stated: 2", "design: lift.yaml\n    stated: 2"
    )
    sent = {
        "name": "lift",
        "file": SimpleUploadedFile("c.yaml", text.encode()),
        "designs": [SimpleUploadedFile("lift.yaml", design)],
    }
    answer = client.post("/scorecard/claims/new/", sent)
    assert answer.status_code == 302, read(answer)
    run = check(client, ClaimsFile.objects.get())
    assert {one["id"]: one["reason_code"] for one in run.found["en"]}["brought"] != "no_lift_design"


def test_the_shipped_claims_are_a_start(metric_lake: Path, sign_in: Callable[..., Client]) -> None:
    client = sign_in(Role.MARKETING_LEAD)
    client.post("/scorecard/claims/sample/")
    assert ClaimsFile.objects.get().name == "xiaomi-2025"
    client.post("/scorecard/claims/sample/")
    assert ClaimsFile.objects.count() == 1
    assert "Another file has this name." in read(client.get("/scorecard/claims/"))


def test_letting_go_frees_the_versions(own_lake: Path, sign_in: Callable[..., Client]) -> None:
    client = sign_in(Role.DATA_ANALYST)
    file = keep(client)
    first, second = check(client, file), check(client, file)
    client.post(f"/scorecard/claims/one/{file.pk}/run/{first.pk}/drop/")
    assert {pin.reason for pin in canyu.open(own_lake).pins()} == {f"claims: console check {second.pk}"}
    place = f"/scorecard/claims/one/{file.pk}/drop/"
    client.post(place, {"name": "other"})
    assert ClaimsFile.objects.count() == 1
    client.post(place, {"name": "april"})
    assert (ClaimsFile.objects.count(), ClaimsRun.objects.count()) == (0, 0)
    assert canyu.open(own_lake).pins() == []


def test_who_may_only_read_changes_nothing(metric_lake: Path, sign_in: Callable[..., Client]) -> None:
    file = keep(sign_in(Role.DATA_ANALYST))
    reader = sign_in(Role.SOCIAL_ANALYST)
    assert reader.get(f"/scorecard/claims/one/{file.pk}/").status_code == 200
    for place in ("new/", "sample/", f"one/{file.pk}/edit/", f"one/{file.pk}/check/", f"one/{file.pk}/drop/"):
        assert reader.post(f"/scorecard/claims/{place}", {"name": "x", "text": CLAIMS}).status_code == 403
    assert (ClaimsFile.objects.get().text, ClaimsRun.objects.count()) == (CLAIMS, 0)


def test_a_check_that_a_dead_process_took_is_done_by_the_next(
    own_lake: Path, sign_in: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = sign_in(Role.DATA_ANALYST)
    file = keep(client)
    client.post(f"/scorecard/claims/one/{file.pk}/check/")

    def die(*args: object) -> None:
        raise SystemExit(9)

    with monkeypatch.context() as patch:
        patch.setattr(actions, "check_claims", die)
        with pytest.raises(SystemExit):
            do_jobs()
    lease = actions.run_check.lease
    assert (reap(get_now()), do_jobs()) == (0, 0)  # its lease is not over
    assert reap(get_now() + lease) == 1
    DBTaskResult.objects.update(run_after=get_now())
    assert do_jobs() == 1
    assert ClaimsRun.objects.get().state == "done"


def test_a_check_that_fails_unforeseen_each_time_is_told_and_may_be_asked_for_anew(
    own_lake: Path, sign_in: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = sign_in(Role.DATA_ANALYST)
    file = keep(client)
    client.post(f"/scorecard/claims/one/{file.pk}/check/")

    def fail(*args: object) -> None:
        raise RuntimeError("unforeseen")

    with monkeypatch.context() as patch:
        patch.setattr(actions, "check_claims", fail)
        for _ in range(actions.run_check.most_attempts):
            DBTaskResult.objects.update(run_after=get_now())
            assert do_jobs() == 0
    row = ClaimsRun.objects.get()
    assert (row.state, row.fault["en"]) == ("failed", "The check failed unforeseen; the log tells how.")
    assert check(client, file).state == "done"


def test_a_check_that_waited_before_checks_were_jobs_becomes_one(
    own_lake: Path, sign_in: Callable[..., Client]
) -> None:
    file = keep(sign_in(Role.DATA_ANALYST))
    ClaimsRun.objects.create(file=file, asked_by="boss", asked_at=get_now())
    import_module("canyu.ops.proof.migrations.0002_checks_are_jobs").ask_for_waiting(apps, None)
    assert (do_jobs(), ClaimsRun.objects.get().state) == (1, "done")
