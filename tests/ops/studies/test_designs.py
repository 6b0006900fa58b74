"""Experiments and lift studies on their pages: kept with their history, split first, placebos beside the answer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

import canyu
from canyu.measure.lift import compute_lift, read_study
from canyu.measure.lift.design_file import parse_design
from canyu.measure.lift.pictures import tell_effect
from canyu.ops.people.rules import Role
from canyu.ops.studies.models import Study, StudyText
from study_lake import EXPERIMENTS, LIFT

Read = Callable[..., str]


def keep(client: Client, kind: str, text: str, name: str = "one", **given: object) -> str:
    answer = client.post(f"/studies/{kind}/new/", {"name": name, "text": text, **given})
    assert answer.status_code == 302, answer.content.decode()
    return answer["Location"]


@pytest.fixture
def experiment(analyst: Client) -> str:
    return keep(analyst, "experiment", EXPERIMENTS)


@pytest.fixture
def lift(analyst: Client) -> str:
    return keep(analyst, "lift", LIFT)


def test_a_sound_split_comes_first_then_the_effects(read: Read, experiment: str) -> None:
    page = read(experiment)
    assert page.index("The split is as planned") < page.index("Each effect")
    assert "orders placed" in page
    assert "7 times: the intervals hold at every look" in page
    assert 'aria-labelledby="chart-effects-en-title' in page
    proof = read(f"{experiment}proof/orders/?again=1")
    for said in ("SELECT", "events@", "Every digit is the same", "2025-03-03"):
        assert said in proof, said
    read(f"{experiment}proof/nothing/", 404)


def test_a_broken_split_blocks_the_readout(read: Read, experiment: str) -> None:
    page = read(f"{experiment}?experiment=broken")
    assert "The split is broken: no effect is shown" in page
    assert "assigning or recording is at fault" in page
    assert "Each effect" not in page
    assert "<svg aria-labelledby" not in page
    read(f"{experiment}file/effects.csv?experiment=broken", 404)


def test_referrals_from_assigned_people_are_refused_with_the_reason(read: Read, experiment: str) -> None:
    page = read(f"{experiment}?experiment=invite")
    assert "Incremental referrals cannot come from assigning people" in page
    assert page.count("Assigning people cannot tell it") == 2
    assert "direct effect on oneself" in page


def test_clusters_tell_direct_spillover_and_total_apart(read: Read, experiment: str) -> None:
    page = read(f"{experiment}?experiment=towns")
    for target in ("total effect", "effect on those told", "effect on whole clusters", "direct effect on oneself"):
        assert target in page
    assert "Correlation within clusters" in page
    assert "communities" in page


def test_an_effect_is_read_by_day_only_where_that_was_planned(read: Read, experiment: str) -> None:
    page = read(f"{experiment}days/")
    assert "holds at every look" in page
    assert page.count('<tr><th scope="row">2025-03-') == 7
    once = read(f"{experiment}days/?experiment=towns", 400)
    assert "planned to be read once" in once
    assert "State looks and expected_units" in once
    read(f"{experiment}days/?outcome=nothing", 404)


def test_power_is_calculated_beside_the_list(read: Read) -> None:
    page = read("/studies/experiment/?deviation=1&units=1570&effect=0.1&people=1&icc=0")
    assert ">0.14<" in page
    assert ">3,140<" in page
    daily = read("/studies/experiment/?deviation=1&units=1570&effect=0.1&daily=1")
    assert ">0.14<" not in daily
    assert "cannot be used" in read("/studies/experiment/?deviation=-1")
    assert "make no sense" in read("/studies/experiment/?deviation=0")
    assert "smallest difference worth finding" in read("/studies/experiment/?effect=0")


def test_a_fault_of_a_design_names_line_field_and_mend_and_keeps_nothing(analyst: Client, read: Read) -> None:
    for kind, text in (
        ("experiment", EXPERIMENTS.replace("weight: 0.5", "weight: 0.7")),
        ("lift", LIFT.replace("geo_lift", "magic")),
    ):
        answer = analyst.post(f"/studies/{kind}/new/", {"name": "one", "text": text})
        page = answer.content.decode()
        assert answer.status_code == 400
        assert "line" in page
        assert ("arms.weight" in page) or ("no kind of design: magic" in page)
    assert "Nothing was kept yet" in page
    assert not Study.objects.exists()
    assert not StudyText.objects.exists()
    assert analyst.post("/studies/lift/new/", {"name": "", "text": LIFT}).status_code == 400


def test_a_design_keeps_every_text_and_nobody_overwrites_another(analyst: Client, read: Read, experiment: str) -> None:
    row = Study.objects.get()
    newer = EXPERIMENTS.replace("orders placed", "orders made")
    edit = f"{experiment}edit/"
    assert 'name="number" value="1"' in read(edit)
    assert analyst.post(edit, {"name": "two", "text": newer, "number": 1}).status_code == 302
    late = analyst.post(edit, {"name": "two", "text": EXPERIMENTS + "# late\n", "number": 1})
    assert late.status_code == 400
    assert "changed it meanwhile" in late.content.decode()
    assert list(row.texts.order_by("number").values_list("number", flat=True)) == [1, 2]
    assert "orders made" in read(experiment)
    old = read(f"{experiment}?version=1")
    assert "This is text 1, not the newest" in old
    assert "orders placed" in old
    taken = analyst.post("/studies/experiment/new/", {"name": "two", "text": EXPERIMENTS})
    assert "There is a study named" in taken.content.decode()
    read(f"{experiment}?version=9", 404)


def test_a_lift_stands_with_both_placebos(read: Read, lift: str, study_path: Path) -> None:
    design = parse_design(LIFT)
    found = compute_lift(read_study(canyu.open(study_path), design), design)
    page = read(lift)
    assert tell_effect(found).en.partition(": ")[2] in page
    for said in (
        "Placebo in time",
        "Placebo in space",
        "Rank p:",
        "would have been",
        "the ads ran in one market alone",
        "the lake",
    ):
        assert said in page, said
    assert 'aria-labelledby="chart-lift-en-title' in page
    assert 'aria-labelledby="slim-placebos-en-title' in page
    assert "Every digit is the same" in read(f"{lift}proof/answer/?again=1")
    assert read(f"{lift}file/lift.csv").startswith("\ufeffat,label,actual")


def test_markets_are_chosen_with_their_power(read: Read, lift: str) -> None:
    page = read(f"{lift}markets/?length=10")
    assert "Power at 5.0%" in page
    assert "m5" in page
    assert "less than" in read(f"{lift}markets/?length=60", 400)
    assert "whole number from 1 to 366" in read(f"{lift}markets/?length=soon", 400)


def test_a_table_goes_before_the_lake_and_is_kept(analyst: Client, read: Read) -> None:
    rows = [
        f"u{n},{day},{20 + n + day % 5 + (9 if n == 0 and day >= 40 else 0)}" for n in range(9) for day in range(50)
    ]
    table = SimpleUploadedFile("t.csv", "\n".join(["unit,time,value", *rows]).encode())
    text = "format: 1\nkind: did\ntreated: [u0]\nstart: 40\nuntouched: nobody was told\n"
    address = keep(analyst, "lift", text, table=table)
    page = read(address)
    assert "a table given with the design" in page
    assert "+9" in page
    assert analyst.post(f"{address}edit/", {"name": "one", "text": text + "# more\n", "number": 1}).status_code == 302
    assert StudyText.objects.get(number=2).table.startswith("unit,time,value")
    bad = SimpleUploadedFile("t.csv", b"unit,time,value\nu0,soon,3\n")
    refused = analyst.post("/studies/lift/new/", {"name": "bad", "text": text, "table": bad})
    assert "row 1, time" in refused.content.decode()


def test_what_cannot_be_known_is_said(read: Read, analyst: Client) -> None:
    alone = LIFT.replace("untouched: the ads ran in one market alone\n", "")
    page = read(keep(analyst, "lift", alone))
    assert "It cannot be said" in page
    assert "does not say why the donors are untouched" in page
    early = EXPERIMENTS.replace("2025-03-03", "2020-03-03").replace("2025-03-10", "2020-03-10")
    page = read(keep(analyst, "experiment", early))
    assert "Too few units came in to check the split" in page
    nowhere = LIFT.replace("first: 2025-03-03\n", "")
    assert "needs outcome, first and end" in read(keep(analyst, "lift", nowhere, "three"), 400)


def test_who_may_not_keep_may_still_read(study_lake: Path, sign_in: Callable[..., Client], lift: str) -> None:
    officer = sign_in(Role.PR_OFFICER)
    assert "Change the design" not in officer.get(lift).content.decode()
    assert officer.get(f"{lift}edit/").status_code == 403
    assert officer.post("/studies/lift/new/", {"name": "x", "text": LIFT}).status_code == 403
    assert officer.get(lift.replace("lift", "experiment")).status_code == 404
