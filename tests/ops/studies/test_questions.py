"""Funnels, retention, journeys and attribution on their pages: asked by address, kept by name, proven."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

import canyu
from canyu.measure.journeys import FunnelQuery, StartRule, compute_funnel, parse_step
from canyu.ops.people.models import Person
from canyu.ops.people.rules import Role
from canyu.ops.studies.models import Study, StudyText
from canyu.ops.studies.queries import are_same
from study_lake import DAYS, HOSTILE

Read = Callable[..., str]
FUNNEL = f"/studies/funnel/?{DAYS}&step=view&step=click&step=order&window=14d"


def test_a_funnel_says_what_the_engine_says(read: Read, study_path: Path) -> None:
    page = read(f"{FUNNEL}&start=first&by=channel")
    steps = tuple(parse_step(text) for text in ("view", "click", "order"))
    ends = (date(2025, 3, 3), date(2025, 4, 6))
    found = compute_funnel(canyu.open(study_path), FunnelQuery(*ends, steps, timedelta(days=14), StartRule.FIRST))
    for step in found.whole.steps:
        assert re.search(rf"<code[^>]*>{step.step.name}</code></th><td[^>]*>{step.people:,}<", page)
    assert "By channel of the start" in page
    assert 'aria-labelledby="chart-funnel-en-title' in page
    assert "95 % interval" in page


def test_the_start_is_named_and_the_two_are_told_apart(read: Read) -> None:
    empty = read("/studies/funnel/")
    assert empty.count('type="radio"') == 2
    assert "checked" not in empty
    assert "The two can differ by ten times" in empty
    first, every = (read(f"{FUNNEL}&start={rule}") for rule in StartRule)
    assert re.search(r'value="first"[^>]* checked', first)
    assert "each next step at its earliest moment" in first
    assert first != every


def test_every_fault_stands_beside_its_field_with_its_mend(read: Read) -> None:
    page = read(f"/studies/funnel/?{DAYS}&step=gaze&step=click+colour%3Dred&window=long&hold=nothing", 400)
    for said in (
        "'gaze' names no event type",
        "no field 'colour'",
        "30min, 6h, 14d",
        "no field 'nothing'",
        "start is not named",
    ):
        assert said in page, said
    assert page.count('aria-invalid="true"') == 4
    assert "A funnel has two steps at least" in read(f"/studies/funnel/?{DAYS}&step=view&start=any", 400)
    assert "before it begins" in read(
        "/studies/funnel/?from=2025-03-09&to=2025-03-01&step=view&step=click&start=any", 400
    )
    assert "1 second to 366 days" in read(f"{FUNNEL}&start=any&window=400d".replace("window=14d&", ""), 400)


def test_what_comes_from_outside_is_text(analyst: Client) -> None:
    page = analyst.get(f"/studies/funnel/?{DAYS}&step=share&step=click&start=any&by=campaign").content.decode()
    assert HOSTILE not in page
    page = analyst.get(f"/studies/funnel/?{DAYS}&step=%3Cscript%3E&by=channel").content.decode()
    assert "<script>&" not in page
    page = analyst.get(f"/studies/attribution/?{DAYS}&by=campaign").content.decode()
    assert HOSTILE not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_a_proof_holds_definition_query_version_and_rows_and_runs_again(read: Read) -> None:
    page = read(f"/studies/funnel/proof/answer/?{DAYS}&step=view&step=order&start=any&again=1")
    for said in ("any start", "SELECT", "events@", "Every digit is the same", 'href="/studies/funnel/?from='):
        assert said in page, said
    assert "The question" not in page
    read(f"/studies/funnel/proof/nothing/?{DAYS}&step=view&step=order&start=any", 404)
    read("/studies/funnel/proof/answer/", 404)


def test_answers_are_the_same_but_for_the_last_digits_of_sums() -> None:
    assert are_same({"a": [1.0, "x"]}, {"a": [1.0 + 1e-13, "x"]})
    assert not are_same({"a": [1.0]}, {"a": [1.0 + 1e-6]})
    assert not are_same({"a": 1}, {"b": 1})
    assert not are_same((1,), (1, 2))


def test_files_hold_what_the_page_shows(analyst: Client) -> None:
    base = f"{DAYS}&step=view&step=order&start=any&by=channel"
    csv = analyst.get(f"/studies/funnel/file/funnel.csv?{base}").content.decode("utf-8-sig").splitlines()
    assert csv[0] == "step,people,share,low,high"
    assert len(csv) == 3
    groups = analyst.get(f"/studies/funnel/file/groups.csv?{base}").content.decode("utf-8-sig")
    assert "weibo,view" in groups
    assert analyst.get(f"/studies/funnel/file/funnel.svg?{base}").content.startswith(b"<svg")
    for name in ("funnel.pdf", "groups.svg", "nothing.csv"):
        assert analyst.get(f"/studies/funnel/file/{name}?{base}").status_code == 404


def test_retention_leaves_open_what_is_not_known(read: Read) -> None:
    assert "Say who begins" in read("/studies/retention/")
    page = read(f"/studies/retention/?{DAYS}&begin=view&back=order")
    assert "were back one week later" in page
    assert "Week by week" in page
    money = read(f"/studies/retention/?{DAYS}&begin=view&back=order&quantity=revenue")
    assert "CNY" in money
    assert "no choice 'hope'" in read(f"/studies/retention/?{DAYS}&begin=view&quantity=hope", 400)
    long = "from=2023-01-01&to=2025-04-06&begin=view"
    assert "more than 62 weeks" in read(f"/studies/retention/?{long}", 400)


def test_journeys_list_the_ways_to_an_order(read: Read, analyst: Client) -> None:
    page = read(f"/studies/journeys/?{DAYS}")
    assert "The ways that ended in most conversions" in page
    assert "nobody's credit" in page
    csv = analyst.get(f"/studies/journeys/file/paths.csv?{DAYS}").content.decode("utf-8-sig")
    assert csv.startswith("path,conversions,lost,value_minor,share,low,high")
    assert "There is no conversion" in read("/studies/journeys/?from=2020-01-01&to=2020-01-31")


def test_attribution_says_first_that_it_is_not_lift(read: Read) -> None:
    page = read(f"/studies/attribution/?{DAYS}")
    assert page.index("Attribution is not lift") < page.index("The question") < page.index("Conversions by method")
    assert 'href="/studies/lift/"' in page
    for method in ("first", "last", "linear", "position", "decay", "Markov", "Shapley"):
        assert re.search(rf'<th scope="col" class="num" title="[^"]+">{method}</th>', page), method
    assert "Removal effect" in page
    assert re.search(r'<span class="under">¥[0-9,.]+</span>', page)  # money with its currency beside the orders
    assert "neither is corrected by the other" in page
    assert "between" in page
    assert read(f"/studies/attribution/proof/survey/?{DAYS}").count("Neither is added to") == 1
    assert "There are: 1, 2, 3, 4, 5." in read(f"/studies/attribution/?{DAYS}&order=9", 400)


def test_sharers_are_told_to_those_who_may_see_posts(read: Read, accounts: Callable[..., Person]) -> None:
    address = f"/studies/attribution/?{DAYS}"
    assert "<code>sharer</code>" in read(address)
    person = accounts(name="figures")
    person.user_permissions.add(Permission.objects.get(codename="view_studies"))
    client = Client()
    client.force_login(person)
    page = client.get(address)
    assert (page.status_code, b"<code>sharer</code>" in page.content) == (200, False)


def test_a_question_is_kept_by_name_with_its_history(analyst: Client, read: Read) -> None:
    kept = {"name": " 看 › 买 ", "question": f"{DAYS}&step=view&step=order&start=any&again=1&by="}
    answer = analyst.post("/studies/funnel/save/", kept)
    row = Study.objects.get()
    assert (answer["Location"], row.name, row.kind) == (f"/studies/one/{row.pk}/", "看 › 买", "funnel")
    assert analyst.get(answer["Location"])["Location"] == f"/studies/funnel/?{DAYS}&step=view&step=order&start=any"
    analyst.post("/studies/funnel/save/", kept)
    analyst.post("/studies/funnel/save/", {**kept, "question": f"{DAYS}&step=view&step=click&start=first"})
    assert [text.number for text in StudyText.objects.order_by("number")] == [1, 2]
    assert "看 › 买" in read("/studies/")
    assert "看 › 买" in read("/studies/funnel/")
    assert analyst.post("/studies/funnel/save/", {"name": "\n", "question": ""}).status_code == 400


def test_a_study_is_put_away_and_brought_back(analyst: Client, read: Read) -> None:
    analyst.post("/studies/journeys/save/", {"name": "the ways", "question": DAYS})
    row = Study.objects.get()
    analyst.post(f"/studies/one/{row.pk}/away/", {"away": "1"})
    assert ">the ways<" not in read("/studies/journeys/")
    assert "Bring back" in read("/studies/")
    analyst.post(f"/studies/one/{row.pk}/away/", {"away": "0"})
    assert ">the ways<" in read("/studies/journeys/")
    assert analyst.get("/studies/one/999/").status_code == 404


def test_who_may_not_keep_may_still_read(study_lake: Path, sign_in: Callable[..., Client]) -> None:
    officer = sign_in(Role.PR_OFFICER)
    assert "Keep this question" not in officer.get(f"/studies/journeys/?{DAYS}").content.decode()
    assert officer.post("/studies/journeys/save/", {"name": "ways", "question": DAYS}).status_code == 403
    assert sign_in(Role.CARE_AGENT).get(f"/studies/journeys/?{DAYS}").status_code == 403


def test_a_long_answer_does_not_keep_the_page(analyst: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("canyu.ops.studies.queries.PATIENCE_S", 0.0)
    address = f"/studies/journeys/?{DAYS}&lookback=29d"
    response = analyst.get(address)
    assert (response["Refresh"], "being computed" in response.content.decode()) == ("3", True)
    for _ in range(2_000):
        response = analyst.get(address)
        if "Refresh" not in response:
            break
    assert "The ways that ended" in response.content.decode()


def test_without_a_lake_the_page_says_how_to_fill_one(
    tmp_path: Path, use_lake: Callable[[Path], None], sign_in: Callable[..., Client]
) -> None:
    use_lake(tmp_path / "none.lake")
    client = sign_in(Role.DATA_ANALYST)
    for address in ("/studies/funnel/", "/studies/attribution/"):
        assert "canyu import" in client.get(address).content.decode()
    assert client.get("/studies/").status_code == 200


def test_the_pages_speak_chinese(analyst: Client) -> None:
    chinese = {"accept-language": "zh"}
    for address in (f"{FUNNEL}&start=any", f"/studies/attribution/?{DAYS}", "/studies/"):
        page = analyst.get(address, headers=chinese).content.decode()
        assert 'lang="zh-hans"' in page
    assert "归因不是增量" in analyst.get(f"/studies/attribution/?{DAYS}", headers=chinese).content.decode()
