"""Promises to buyers: kept in versions, judged at the day, and a case for each that was broken, once for ever."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.db import connections
from django.test import Client

from canyu.ops.care.models import Case, CaseMessage, ProductPlan
from canyu.ops.care.promising import actions, queries
from canyu.ops.people.models import Person
from canyu.ops.people.rules import Role
from case_fixtures import make_policy
from racing import run_together

DAY = datetime(2026, 5, 2, 4, tzinfo=UTC)
PLAN = """format: 1
product: xiaomi/phone-15
currency: CNY
promises:
  - {name: updates, words: {zh: 五年更新, en: five years of updates}, rhythm: every, every_months: 12, from: 2025-03-01,
     years: 5, harm: money, owners: 1200}
  - {name: half, words: {zh: "半价<b>", en: "half<b>"}, rhythm: on request, from: 2025-03-01, years: 1, within_days: 7}
cost: {years: 3, discount: 0%, price: 5999.00, resale: 1900}
"""
MENDED = PLAN.replace("harm: money", 'harm: money, done: ["2026-04-02"]')


@pytest.mark.django_db
@pytest.mark.usefixtures("brand_lake")
def test_a_broken_promise_opens_one_case_for_ever(accounts: Callable[..., Person]) -> None:
    lead = accounts(Role.MARKETING_LEAD)
    make_policy(lead, DAY)
    assert actions.save_plan(lead, PLAN, DAY).number == 1
    assert actions.save_plan(lead, PLAN, DAY).number == 1
    assert [actions.open_broken(DAY) for _ in range(3)] == [1, 0, 0]
    case = Case.objects.get()
    assert (case.channel, case.product, case.reach, case.harm) == ("promise", "xiaomi/phone-15", 1200, "money")
    assert case.solution_due is not None
    assert "五年更新" in case.title
    assert not CaseMessage.objects.exists()  # nobody wrote: the words are those of the mention
    assert "five years of updates" in case.mentions.get().text
    assert actions.save_plan(lead, MENDED, DAY).number == 2
    assert actions.open_broken(DAY) == 0
    (found,) = queries.list_plans(lead, DAY)
    assert (found.broken, found.row.number) == (0, 2)
    assert actions.open_broken(datetime(2027, 3, 2, 4, tzinfo=UTC)) == 0  # what mended the first was the second's
    assert actions.open_broken(datetime(2028, 3, 2, 4, tzinfo=UTC)) == 1
    actions.withdraw_plan(lead, "xiaomi/phone-15")
    assert queries.list_plans(lead, DAY) == []
    assert Case.objects.count() == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("brand_lake")
def test_two_at_once_open_it_once(accounts: Callable[..., Person]) -> None:
    actions.save_plan(accounts(Role.MARKETING_LEAD), PLAN, DAY)

    def look() -> None:
        try:
            actions.open_broken(DAY)
        finally:
            connections.close_all()

    assert run_together(*[look] * 4) == []
    assert Case.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.usefixtures("brand_lake")
def test_the_editor_tries_keeps_and_refuses_by_line(sign_in: Callable[..., Client]) -> None:
    lead = sign_in(Role.MARKETING_LEAD)
    english = {"accept-language": "en"}
    tried = lead.post("/care/plans/edit/", {"text": PLAN, "what": "try"}, headers=english).content.decode()
    assert "CNY 4,099.00" in tried
    assert "half&lt;b&gt;" in tried
    assert not ProductPlan.objects.exists()
    broken = lead.post("/care/plans/edit/", {"text": PLAN.replace("years: 5", "years: x"), "what": "keep"})
    assert broken.status_code == 400
    assert not ProductPlan.objects.exists()
    assert lead.post("/care/plans/edit/", {"text": PLAN, "what": "keep"})["Location"] == "/care/plans/"
    page = lead.get("/care/plans/", headers=english).content.decode()
    assert '<span class="tag bad">broken</span>' in page
    assert "2026-02-28 · not mended" in page
    assert "已违约" in lead.get("/care/plans/", headers={"accept-language": "zh-hans"}).content.decode()
    assert "rhythm: every" in lead.get("/care/plans/edit/?product=xiaomi/phone-15").content.decode()
    assert lead.get("/care/plans/edit/?product=other").status_code == 404
    assert lead.post("/care/plans/withdraw/", {"product": "xiaomi/phone-15"}).status_code == 302
    assert "No promise is written down yet" in lead.get("/care/plans/", headers=english).content.decode()
