"""Runs in the database: started from a case, ticked, told, closed; every one rebuilt from its records."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from canyu.care import Audience, CaseKind, ClockName, ClockStatus
from canyu.kit.errors import BadInput, Conflict, NotFound
from canyu.ops.care.actions import assign
from canyu.ops.care.models import Case
from canyu.ops.care.queries import derive as derive_case
from canyu.ops.crisis import actions, queries
from canyu.ops.crisis.models import Run, RunRecord, RunText, Stakeholder
from canyu.ops.crisis.rules import ItemDraft, RunDraft, StakeholderDraft
from canyu.ops.outbox.models import WaitingEvent
from canyu.ops.people.models import Person
from canyu.ops.people.rules import Role
from crisis_fixtures import CLAIM, NOW, make_case, make_run

HOUR = timedelta(hours=1)
LATER = NOW + HOUR


def test_a_run_starts_with_its_playbook_copied_and_its_dues_derived(officer: Person) -> None:
    run = make_run(officer)
    kept = Run.objects.get()
    assert (kept.status, kept.items_done, kept.items_all) == ("open", 0, 9)
    assert (kept.next_due, kept.update_due) == (NOW, NOW + 2 * HOUR)
    assert RunRecord.objects.get().body["playbook"]["name"] == "default"
    again = actions.start_run(officer, Case.objects.get(), RunDraft("again"), LATER)
    assert (again.pk, Run.objects.count()) == (run.pk, 1)


def test_a_run_starts_only_from_a_rumour_or_a_crisis(officer: Person) -> None:
    with pytest.raises(BadInput, match="A run starts from a case of a rumour or a crisis"):
        actions.start_run(officer, make_case(officer, CaseKind.COMPLAINT), RunDraft(""), NOW)
    assert not Run.objects.exists()
    assert actions.start_run(officer, make_case(officer, CaseKind.CRISIS), RunDraft(""), NOW).title == CLAIM


def test_a_case_that_has_an_owner_has_its_first_item_done_in_time(officer: Person) -> None:
    case = make_case(officer)
    assign(officer, case.pk, officer.username, NOW)
    case.refresh_from_db()
    state = queries.derive(actions.start_run(officer, case, RunDraft(""), NOW).pk, NOW)
    first = state.find_item("case")
    assert first is not None
    assert (first.is_done, first.was_late) == (True, False)


def test_what_is_done_is_ticked_assigned_added_and_dropped(officer: Person, lead: Person) -> None:
    run = make_run(officer)
    actions.assign(officer, run.pk, "evidence", lead.username, NOW)
    actions.tick(lead, run.pk, "evidence", LATER)
    actions.add_item(officer, run.pk, ItemDraft("致电监管", 1800), LATER)
    actions.drop_item(officer, run.pk, "goodwill", "没有人受损", LATER)
    state = queries.derive(run.pk, LATER)
    evidence, own = state.find_item("evidence"), state.find_item("own 1")
    assert evidence is not None
    assert own is not None
    assert (evidence.who, evidence.is_done) == (lead.username, True)
    assert own.due == LATER + timedelta(minutes=30)
    kept = Run.objects.get()
    assert (kept.items_done, kept.items_all) == (1, 9)  # nine, one more, one dropped
    actions.untick(officer, run.pk, "evidence", LATER)
    assert Run.objects.get().items_done == 0
    with pytest.raises(NotFound, match="may not work on crises"):
        actions.assign(officer, run.pk, "evidence", "nobody", LATER)
    before = RunRecord.objects.count()
    with pytest.raises(Conflict, match="was dropped"):
        actions.tick(officer, run.pk, "goodwill", LATER)
    assert RunRecord.objects.count() == before


def test_an_update_for_the_public_answers_the_case_in_the_same_transaction(officer: Person) -> None:
    run = make_run(officer)
    actions.give_update(officer, run.pk, "内部：已送检", Audience.INSIDE, NOW + HOUR / 4)
    case = Case.objects.get()
    assert derive_case(case.pk, LATER).first_response_at is None
    assert WaitingEvent.objects.count() == 0
    at = NOW + HOUR / 2
    actions.give_update(officer, run.pk, "已送检三台，明日公布结果。", Audience.PUBLIC, at)
    state = queries.derive(run.pk, at)
    first = state.find_item("first response")
    assert first is not None
    assert (first.done_at, state.update_due) == (at, at + 2 * HOUR)
    clock = derive_case(case.pk, at).find_clock(ClockName.FIRST_RESPONSE)
    assert clock is None or clock.status is ClockStatus.MET
    assert derive_case(case.pk, at).first_response_at == at
    told = WaitingEvent.objects.get().event
    assert (told["type"], told["text"]) == ("reply", "已送检三台，明日公布结果。")
    with pytest.raises(BadInput, match="There is no text"):
        actions.give_update(officer, run.pk, " \0 ", Audience.PUBLIC, at)


def test_the_sweep_notes_what_is_overdue_once(officer: Person) -> None:
    run = make_run(officer)
    at = NOW + 2 * HOUR + timedelta(seconds=1)
    assert (actions.sweep(NOW), actions.sweep(at), actions.sweep(at)) == (0, 4, 0)
    kept = Run.objects.get()
    assert kept.look_at == NOW + 6 * HOUR
    found = queries.read_run(officer, run.pk, at)
    assert next(entry.words.en for entry, _ in found.entries[:4]) == "Overdue: status update"
    assert {entry.by for entry, _ in found.entries if entry.type == "missed"} == {"canyu"}


def test_a_closed_run_takes_its_retrospective_and_its_case_may_have_another(officer: Person) -> None:
    run = make_run(officer)
    actions.close_run(officer, run.pk, "负面占比已回落 48 小时", LATER)
    with pytest.raises(Conflict, match="closed"):
        actions.tick(officer, run.pk, "evidence", LATER)
    actions.tick(officer, run.pk, "retrospective", LATER)
    kept = Run.objects.get()
    assert (kept.is_open, kept.update_due, kept.items_done) == (False, None, 1)
    second = actions.start_run(officer, Case.objects.get(), RunDraft(""), LATER)
    assert second.pk != run.pk
    with pytest.raises(Conflict, match="Somebody else changed the run"):
        actions.reopen_run(officer, run.pk, "又起来了", LATER)
    assert queries.derive(run.pk, LATER).is_open is False


def test_stakeholders_and_words_are_erased_and_the_records_stay(officer: Person) -> None:
    run = make_run(officer)
    draft = StakeholderDraft("王经理", Audience.CUSTOMER, "杭州经销商", "wang@example.com")
    actions.add_stakeholder(officer, run.pk, draft, NOW)
    row = Stakeholder.objects.get()
    actions.tell_stakeholder(officer, run.pk, row.pk, LATER)
    assert queries.read_run(officer, run.pk, LATER).stakeholders[0].told_at == LATER
    actions.remove_stakeholder(officer, run.pk, row.pk, LATER)
    row.refresh_from_db()
    assert (row.name, row.organisation, row.contact, row.is_erased) == ("", "", "", True)
    actions.note(officer, run.pk, "王经理电话 13800000000", LATER)
    actions.erase_text(officer, run.pk, RunText.objects.get().pk)
    said = queries.read_run(officer, run.pk, LATER).entries[0]
    assert (said[0].words.en, said[1].text if said[1] else None) == ("Note inside", "")
    kept = "".join(str(body) for body in RunRecord.objects.values_list("body", flat=True))
    assert "王经理" not in kept
    assert "13800000000" not in kept


def test_a_person_erased_from_the_lake_is_erased_here(officer: Person, brand_lake: Path) -> None:
    from canyu.ops.lakes import get_lake

    run = make_run(officer)
    for person in ("care:gone", "care:stays"):
        actions.add_stakeholder(officer, run.pk, StakeholderDraft(person, Audience.PUBLIC, person=person), NOW)
    assert actions.forget_erased() == 0
    get_lake().erase("care:gone")
    assert actions.forget_erased() == 1
    assert list(Stakeholder.objects.order_by("pk").values_list("name", flat=True)) == ["", "care:stays"]
    Case.objects.update(title="")
    assert (actions.forget_erased(), Run.objects.get().title) == (1, "")


def test_the_page_of_a_run_does_its_steps(officer: Person, brand_lake: Path, sign_in: Callable[..., Client]) -> None:
    case = make_case(officer)
    client = sign_in(Role.PR_OFFICER, name="zhiban")
    assert "Start a crisis run" in client.get(f"/care/one/{case.pk}/").content.decode()
    run_page = client.post(f"/crises/start/{case.pk}/")["Location"]
    assert run_page in client.get(f"/care/one/{case.pk}/").content.decode()
    run = Run.objects.get()

    def act(what: str, **given: str) -> int:
        return client.post(f"{run_page}do/{what}/", given).status_code

    assert act("tick", key="case") == 302
    assert act("tick", key="case") == 409
    assert act("tick", key="nonsense") == 400
    assert act("assign", key="chain", who="zhiban") == 302
    assert act("add", title="<script>alert(1)</script>", within="2h", duty="legal") == 302
    assert act("add", title="x", within="soon", duty="legal") == 400
    assert act("update", text="<b>已送检</b>", audience="inside") == 302
    assert act("note", text="x") == 302
    assert act("stakeholder", name="王经理", audience="customer") == 302
    assert act("stakeholder", name="王经理", audience="everybody") == 400
    assert act("told", who=str(Stakeholder.objects.get().pk)) == 302
    assert act("remove", who="999") == 409
    assert act("drop", key="kols", text="不需要") == 302
    assert act("name", title="漏氟", topic="漏氟 空调") == 302
    assert act("dance") == 404
    page = client.get(run_page).content.decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "&lt;b&gt;已送检&lt;/b&gt;" in page
    assert "<script>alert" not in page
    assert act("close", text="过去了") == 302
    assert act("reopen", text="又来了") == 302
    assert Run.objects.get().topic == "漏氟 空调"
    assert "漏氟" in client.get("/crises/?stand=all").content.decode()
    assert queries.derive(run.pk, LATER).is_open


def test_a_page_costs_as_many_queries_however_much_happened(
    officer: Person, brand_lake: Path, sign_in: Callable[..., Client]
) -> None:
    run = make_run(officer)
    client = sign_in(Role.PR_OFFICER, name="zhiban")
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as found:
            assert client.get(f"/crises/one/{run.pk}/").status_code == 200
        counts.append(len(found))
        for number in range(5):
            actions.give_update(officer, run.pk, f"进展 {number}", Audience.INSIDE, LATER)
            draft = StakeholderDraft(f"王经理 {number}", Audience.CUSTOMER)
            actions.add_stakeholder(officer, run.pk, draft, LATER)
    assert counts[0] == counts[1] <= 20


def test_who_may_only_look_changes_nothing(officer: Person, brand_lake: Path, sign_in: Callable[..., Client]) -> None:
    run = make_run(officer)
    client = sign_in(Role.CARE_AGENT)
    page = client.get(f"/crises/one/{run.pk}/").content.decode()
    assert "/do/" not in page
    assert client.post(f"/crises/one/{run.pk}/do/tick/", {"key": "case"}).status_code == 403
    assert client.post(f"/crises/start/{run.case_id}/").status_code == 403
    assert RunRecord.objects.count() == 1


def test_the_live_picture_says_why_there_is_none(
    officer: Person, brand_lake: Path, sign_in: Callable[..., Client]
) -> None:
    case = make_case(officer)
    actions.start_run(officer, case, RunDraft(""), NOW)
    client = sign_in(Role.PR_OFFICER, name="zhiban")
    run = Run.objects.get()
    page = client.get(f"/crises/one/{run.pk}/live/", headers={"HX-Request": "true"}).content.decode()
    assert "no words were given" in page
    assert "<html" not in page
    actions.name_run(run.pk, RunDraft("", "漏氟"))
    assert "before this crisis" in client.get(f"/crises/one/{run.pk}/live/").content.decode()
