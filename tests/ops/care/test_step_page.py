"""Which step costs the time: the page and its file on cases with known hours, and the file of the queue."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from canyu.kit.clock import get_now
from canyu.ops.care import actions
from canyu.ops.care.actions import Message
from canyu.ops.care.models import Case
from canyu.ops.care.policies.actions import save_answer
from canyu.ops.people.models import Person
from canyu.ops.people.rules import Role
from case_fixtures import HOUR, complain

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("brand_lake")]


def read_rows(client: Client, address: str) -> list[dict[str, str]]:
    response = client.get(address)
    assert response.status_code == 200
    body = b"".join(response.streaming_content) if response.streaming else response.content  # type: ignore[attr-defined]
    return list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"))))


def handle(viewer: Person, *, ago_h: float, answered_h: float, solved_h: float | None, text: str) -> Case:
    """Open a case some hours ago, answer it and solve it after so many hours."""
    start = get_now() - ago_h * HOUR
    case = complain(start, text=text)
    actions.say(case.pk, Message(viewer.username, "您好"), start + answered_h * HOUR)
    if solved_h is not None:
        actions.solve(viewer, case.pk, start + solved_h * HOUR)
    return case


def test_the_page_tells_what_each_step_costs(sign_in: Callable[..., Client]) -> None:
    client = sign_in(Role.CARE_AGENT, name="xiaomei")
    viewer = Person.objects.get()
    for number in range(4):
        handle(viewer, ago_h=40, answered_h=2, solved_h=6, text=f"第{number}件")
    handle(viewer, ago_h=3, answered_h=2, solved_h=None, text="还没解决")
    merged = complain(get_now() - 900 * HOUR, text="并入的")
    actions.merge(
        viewer, merged.pk, handle(viewer, ago_h=1, answered_h=0.5, solved_h=None, text="归到这").pk, get_now()
    )
    by_name = {row["step"]: row for row in read_rows(client, "/care/steps/steps.csv?limit=5&days=90")}
    assert {name: (row["cases"], float(row["mean_h"])) for name, row in by_name.items() if row["cases"] != "0"} == {
        "assignment": ("6", pytest.approx(2.0)),
        "work": ("6", pytest.approx(4.0)),
    }
    assert float(by_name["assignment"]["share_of_mean"]) == pytest.approx(1 / 3)
    assert float(by_name["assignment"]["rate_without"]) == pytest.approx(1.0)
    assert float(by_name["assignment"]["gain"]) == pytest.approx(1.0)
    page = client.get("/care/steps/?limit=5", headers={"accept-language": "en"}).content.decode()
    assert "until somebody has it" in page
    assert "4 solved, 2 open and young, 0 open and over the limit" in page
    assert "0 / 4" in page
    assert "等待分配" in client.get("/care/steps/", headers={"accept-language": "zh-hans"}).content.decode()


def test_without_a_solved_case_it_says_so_and_odd_wishes_are_left_out(sign_in: Callable[..., Client]) -> None:
    client = sign_in(Role.DATA_ANALYST)
    complain(get_now())
    page = client.get("/care/steps/?days=5&limit=nan&goal=x&kind=%00", headers={"accept-language": "en"})
    assert "1 case is open in this period" in page.content.decode()
    assert client.get("/care/steps/steps.csv").status_code == 404


def test_the_queue_is_taken_along_in_its_order_without_contacts(sign_in: Callable[..., Client]) -> None:
    client = sign_in(Role.CARE_AGENT, name="xiaomei")
    soon = complain(get_now() - timedelta(minutes=5), text="=HYPERLINK(1)", product="yu7")
    Case.objects.filter(pk=soon.pk).update(contact="13800000000")
    complain(get_now(), text="车门异响")
    rows = read_rows(client, "/care/cases.csv?order=newest")
    assert [row["title"] for row in rows] == ["车门异响", "'=HYPERLINK(1)"]
    assert [row["number"] for row in read_rows(client, "/care/cases.csv?product=yu7")] == [soon.number]
    assert "13800000000" not in str(rows)


def test_a_text_written_beforehand_is_put_into_the_form(sign_in: Callable[..., Client]) -> None:
    client = sign_in(Role.CARE_AGENT, name="xiaomei")
    save_answer(Person.objects.get(), "sorry & soon", ("很抱歉，马上处理", "Sorry, at once"), get_now())
    case = complain(get_now())
    page = client.get(f"/care/one/{case.pk}/?answer=sorry+%26+soon", headers={"accept-language": "en"}).content.decode()
    assert 'dir="auto">Sorry, at once</textarea>' in page
    assert "?answer=sorry%20%26%20soon#text" in page
