"""Runs in the database: started from a case, ticked, told, closed; every one rebuilt from its records."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from canyu.care import CaseKind
from canyu.ops.care.actions import open_case
from canyu.ops.care.models import Case, Channel
from canyu.ops.care.rules import CaseDraft
from canyu.ops.crisis import actions, queries
from canyu.ops.crisis.models import Run
from canyu.ops.crisis.rules import RunDraft
from canyu.ops.people.models import Person

NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)
CLAIM = "新空调用半年就漏氟，门店不认"


def make_case(officer: Person) -> Case:
    return open_case(officer.username, CaseDraft(CaseKind.RUMOUR, CLAIM, Channel.STAFF), NOW).case


def test_a_run_starts_with_its_playbook_copied_and_dues_derived(officer: Person, brand_lake: object) -> None:
    case = make_case(officer)
    run = actions.start_run(officer, case, RunDraft("漏氟传言", "漏氟"), NOW)
    kept = Run.objects.get()
    assert (kept.status, kept.items_done, kept.items_all) == ("open", 0, 9)
    assert (kept.next_due, kept.update_due) == (NOW, NOW + timedelta(hours=2))
    state = queries.derive(run.pk, NOW)
    assert [state.find_item(key).due - NOW for key in ("chain", "first response", "evidence", "solution")] == [
        timedelta(minutes=15), timedelta(hours=1), timedelta(hours=6), timedelta(hours=24)
    ]  # fmt: skip
    assert actions.start_run(officer, case, RunDraft("again"), NOW).pk == run.pk


def test_the_list_of_crises_is_a_page(officer: Person, brand_lake: object, sign_in: object) -> None:
    actions.start_run(officer, make_case(officer), RunDraft("漏氟传言"), NOW)
    from canyu.ops.people.rules import Role

    page = sign_in(Role.PR_OFFICER, name="other").get("/crises/").content.decode()
    assert "漏氟传言" in page
    assert "0 / 9" in page
