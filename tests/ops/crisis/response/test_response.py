"""What is done in a crisis: goodwill without strings, whether opinion turned, a retrospective of the same bytes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from django.db import IntegrityError, transaction
from django.test import Client

import canyu
from canyu.care import CaseKind
from canyu.care.crisis.statement import Statement
from canyu.care.crisis.statement import Verdict as SaidVerdict
from canyu.care.crisis.turning import Closing, Verdict
from canyu.events import Event, build_event_table
from canyu.events.tables import TABLES
from canyu.kit.errors import BadInput
from canyu.kit.words import Words
from canyu.measure.report import render_pdf
from canyu.ops.care.actions import open_case
from canyu.ops.care.models import Channel
from canyu.ops.care.rules import CaseDraft
from canyu.ops.crisis import actions as runs
from canyu.ops.crisis.models import Run
from canyu.ops.crisis.queries import derive
from canyu.ops.crisis.response.goodwill import actions as goodwill
from canyu.ops.crisis.response.goodwill.actions import GoodwillDraft
from canyu.ops.crisis.response.goodwill.forms import GoodwillForm
from canyu.ops.crisis.response.goodwill.queries import list_goodwill
from canyu.ops.crisis.response.models import Goodwill, GoodwillKind
from canyu.ops.crisis.response.retrospective.actions import add_lessons
from canyu.ops.crisis.response.retrospective.queries import read_retrospective
from canyu.ops.crisis.response.retrospective.report import RetrospectiveReport
from canyu.ops.crisis.response.turning.queries import read_opinion
from canyu.ops.crisis.rules import RunDraft
from canyu.ops.crisis.statements.actions import create_statement, release
from canyu.ops.crisis.statements.rules import VersionDraft
from canyu.ops.offers.actions import make_personal_codes, release_offer
from canyu.ops.offers.errors import SecondPersonNeeded
from canyu.ops.offers.models import Offer
from canyu.ops.people.models import Person
from canyu.ops.people.rules import Role

BEGAN = datetime(2026, 3, 2, 1, tzinfo=UTC)
STATED = BEGAN + timedelta(hours=30)
ENDS = STATED + timedelta(hours=96)
BEFORE_H = 24 * 16
HOSTILE = "<script>window.hit=1</script>"


@pytest.fixture(scope="module")
def crisis_lake_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Posts on a leak and on other things: 15 % negative, 70 % once it began, 30 % after a statement."""
    rng = np.random.default_rng(5)
    start = BEGAN - timedelta(hours=BEFORE_H)
    hours = int((ENDS - start) / timedelta(hours=1))
    events: list[Event] = []
    moods: list[str] = []
    for hour in range(hours):
        moment = start + timedelta(hours=hour)
        share = 0.15 if moment < BEGAN else 0.7 if moment < STATED else 0.3
        for text, posts, negative in (("新空调漏氟", 2 if moment < BEGAN else 14, share), ("洗衣机很安静", 6, 0.2)):
            for number in range(posts):
                at = moment + timedelta(minutes=3 * number + 1)
                name = f"{text}-{hour}-{number}"
                events.append(
                    Event(
                        id=name,
                        type="post",
                        time=at,
                        received=at,
                        source="hand",
                        market="CN",
                        channel="weibo",
                        text=text,
                    )
                )
                moods.append("negative" if rng.random() < negative else "neutral")
    path = tmp_path_factory.mktemp("crisis") / "crisis.lake"
    lake = canyu.open(path, create=True)
    lake.append(build_event_table(events))
    scores = [_score(event, mood) for event, mood in zip(events, moods, strict=True)]
    lake.write_derived("scores", pa.Table.from_pylist(scores, TABLES["scores"].schema))
    return path


def _score(event: Event, mood: str) -> dict[str, Any]:
    place = {"event_id": event.id, "day": event.time.date(), "time": event.time, "type": "post", "channel": "weibo"}
    return {**place, "market": "CN", "lang": "zh", "sentiment": mood, "links": [], "model_version": ""}


@pytest.fixture
def crisis_lake(crisis_lake_path: Path, use_lake: Callable[[Path], None]) -> Path:
    use_lake(crisis_lake_path)
    return crisis_lake_path


@pytest.fixture
def run(officer: Person) -> Run:
    case = open_case(officer.username, CaseDraft(CaseKind.RUMOUR, f"新空调漏氟 {HOSTILE}", Channel.STAFF), BEGAN).case
    return runs.start_run(officer, case, RunDraft(f"漏氟传言 {HOSTILE}", "漏氟"), BEGAN)


def state(run: Run, officer: Person, lead: Person) -> None:
    """Release a statement: one writes it, another releases it."""
    said = Statement(
        title=Words("关于漏氟的说明", "On the leak"),
        claim=Words("新空调漏氟", "New air conditioners leak"),
        findings=Words("正在检测。", "Tests are under way."),
        verdict=SaidVerdict.UNPROVEN,
        publisher="品牌",
        signatory="王岚",
    )
    kept = create_statement(officer, run.pk, "leak-2026", VersionDraft(said), STATED - timedelta(hours=1))
    release(lead, kept.statement_id, 1, kept.digest, STATED)


def make_draft(**changed: Any) -> GoodwillDraft:
    given = {
        "kind": GoodwillKind.VOUCHER,
        "name": Words("关怀券", "Care voucher"),
        "words": Words("凡在 3 月前购买的用户都可领取", "For everybody who bought one before March"),
        "product": "brand/ac",
        "bought": (date(2025, 6, 1), date(2026, 2, 28)),
        "cap": 50,
        "valid_days": 90,
        "amount_minor": 20_000,
    }
    return GoodwillDraft(**{**given, **changed})


def test_goodwill_is_an_offer_with_its_cap_in_the_ledger_and_a_second_person(
    run: Run, officer: Person, lead: Person, crisis_lake: Path, empty_ledger: object
) -> None:
    kept = goodwill.create_goodwill(officer, run.pk, make_draft(), BEGAN)
    assert (kept.offer.uses, kept.offer.budget_minor) == (50, 1_000_000)
    with pytest.raises(SecondPersonNeeded):
        release_offer(officer, kept.offer_id, BEGAN)
    release_offer(lead, kept.offer_id, BEGAN)
    make_personal_codes(lead, kept.offer_id, 3, BEGAN)
    view = list_goodwill(officer, run.pk)[0]
    assert (view.codes, view.used, view.spent_minor, len(view.batches)) == (3, 0, 0, 1)


def test_nothing_in_goodwill_can_hang_on_a_review(run: Run, officer: Person, crisis_lake: Path) -> None:
    for words in (Words("删除差评后可领取", "ok"), Words("好", "Change your review to get it")):
        with pytest.raises(BadInput):
            goodwill.create_goodwill(officer, run.pk, make_draft(words=words), BEGAN)
    with pytest.raises(BadInput):
        goodwill.create_goodwill(officer, run.pk, make_draft(name=Words("好评返现", "Voucher")), BEGAN)
    assert (Goodwill.objects.count(), Offer.objects.count()) == (0, 0)
    # what an offer can be made of is fixed: who bought what and when, how many, and words that were checked
    assert {each.name for each in fields(GoodwillDraft)} == {
        *("kind", "name", "words", "product", "bought", "cap", "valid_days", "currency", "amount_minor"),
        *("months", "service"),
    }
    assert set(GoodwillForm().fields) == {
        *("kind", "name_zh", "name_en", "months", "service", "amount", "currency", "product", "bought_from"),
        *("bought_until", "cap", "valid_days", "words_zh", "words_en"),
    }
    assert {field.name for field in Goodwill._meta.get_fields()} == {
        *("id", "run", "offer", "kind", "months", "product", "bought_from", "bought_until", "words_zh", "words_en"),
        *("made_by", "made_at"),
    }
    rules = goodwill._make_rules(make_draft())
    assert rules["conditions"] == {}


def test_a_longer_warranty_says_by_how_much_and_the_database_knows(
    run: Run, officer: Person, crisis_lake: Path
) -> None:
    kept = goodwill.create_goodwill(
        officer, run.pk, make_draft(kind=GoodwillKind.WARRANTY, months=12, service="care-plus", amount_minor=0), BEGAN
    )
    assert (kept.offer.uses, kept.offer.budget_minor, kept.months) == (50, None, 12)
    with pytest.raises(IntegrityError), transaction.atomic():
        Goodwill.objects.filter(pk=kept.pk).update(months=0)


def test_the_form_marks_the_words_that_it_refuses(run: Run, sign_in: Callable[..., Client], crisis_lake: Path) -> None:
    client = sign_in(Role.PR_OFFICER)
    sent = {
        "kind": "voucher",
        "name_zh": "券",
        "name_en": "Voucher",
        "amount": "200",
        "currency": "CNY",
        "product": "brand/ac",
        "bought_from": "2025-06-01",
        "bought_until": "2026-02-28",
        "cap": "10",
        "valid_days": "90",
        "words_zh": "删除差评后可领取",
        "words_en": "For everybody who bought one",
    }
    refused = client.post(f"/crises/one/{run.pk}/goodwill/create/", sent)
    assert refused.status_code == 400
    page = refused.content.decode()
    assert "asks to delete" in page
    assert "whatever they said" in page
    assert HOSTILE not in page
    kept = client.post(f"/crises/one/{run.pk}/goodwill/create/", {**sent, "words_zh": "凡购买者都可领取"})
    assert kept.status_code == 302
    assert "For everybody who bought one" in client.get(f"/crises/one/{run.pk}/goodwill/").content.decode()


def test_opinion_is_judged_from_the_lake(
    run: Run, officer: Person, lead: Person, sign_in: Callable[..., Client], crisis_lake: Path
) -> None:
    before = read_opinion(run, derive(run.pk, STATED), STATED)
    assert before.turn is None
    assert before.missing is not None
    assert before.closing is not None
    assert before.closing.state is Closing.ABOVE
    state(run, officer, lead)
    view = read_opinion(run, derive(run.pk, ENDS), ENDS)
    assert view.opinions is not None
    assert view.opinions.posts.sum() == BEFORE_H * 2 + (30 + 96) * 14
    assert view.turn is not None
    assert view.turn.verdict is Verdict.TURNED
    assert view.closing is not None
    assert view.closing.state is Closing.ABOVE  # 30 % negative is better than 70, and not yet what it was
    page = sign_in(Role.DATA_ANALYST).get(f"/crises/one/{run.pk}/opinion/").content.decode()
    assert "Opinion" in page
    assert HOSTILE not in page


def test_the_same_records_give_the_same_pdf_and_a_new_one_another(
    run: Run, officer: Person, lead: Person, crisis_lake: Path, empty_ledger: object
) -> None:
    state(run, officer, lead)
    goodwill.create_goodwill(officer, run.pk, make_draft(), STATED + timedelta(hours=5))
    runs.close_run(officer, run.pk, "平息了", ENDS)
    add_lessons(officer, run.pk, f"先测再说 {HOSTILE} #set page()", ENDS)

    def make(language: str) -> RetrospectiveReport:
        return RetrospectiveReport(read_retrospective(officer, run.pk), language, "Asia/Shanghai")

    first, again = render_pdf(make("zh")), render_pdf(make("zh"))
    assert first.startswith(b"%PDF")
    assert first == again
    told = make("en").compose()
    names = [section.name for section in told.sections]
    assert names == [
        *("clocks", "checklist", "statements", "opinion", "rebuttal", "goodwill", "lessons", "timeline", "digest")
    ]
    lines = told.sections[-1].lines
    assert len(lines[0].split()[-1]) == 64
    assert lines == make("en").compose().sections[-1].lines
    add_lessons(officer, run.pk, "还有一条", ENDS + timedelta(hours=1))
    assert make("en").compose().sections[-1].lines != lines


def test_the_retrospective_is_shown_and_sent(
    run: Run, officer: Person, sign_in: Callable[..., Client], crisis_lake: Path
) -> None:
    client = sign_in(Role.PR_OFFICER)
    assert client.post(f"/crises/one/{run.pk}/lessons/", {"text": "  "}).status_code == 400
    assert client.post(f"/crises/one/{run.pk}/lessons/", {"text": HOSTILE}).status_code == 302
    page = client.get(f"/crises/one/{run.pk}/retrospective/").content.decode()
    assert "&lt;script&gt;window.hit" in page
    assert HOSTILE not in page
    sent = client.get(f"/crises/one/{run.pk}/retrospective.html")
    assert sent.status_code == 200
    assert HOSTILE not in sent.content.decode()
    assert client.get(f"/crises/one/{run.pk}/retrospective.exe").status_code == 404
    assert sign_in(Role.CAMPAIGN_MANAGER).get(f"/crises/one/{run.pk}/retrospective/").status_code == 403
