"""The API of spread: the numbers of the pages, permissions, errors in the fixed shape."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from canyu.ops.people.models import Person
from canyu.ops.people.rules import Role
from travel_lake import MANY, PERIOD

PATHS = (
    "/api/spread/cascades",
    "/api/spread/cascade?post=post-a",
    "/api/spread/forecasts",
    "/api/spread/forecast?post=young",
)


@pytest.fixture
def analyst(travel_lake: Path, sign_in: Callable[..., Client]) -> Client:
    return sign_in(Role.DATA_ANALYST)


@pytest.mark.parametrize("path", PATHS)
def test_nobody_and_the_wrong_role_are_refused(path: str, travel_lake: Path, sign_in: Callable[..., Client]) -> None:
    assert Client().get(path).status_code == 401
    refused = sign_in(Role.CARE_AGENT).get(path)
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")


@pytest.mark.parametrize("path", PATHS)
def test_the_right_role_is_answered(path: str, analyst: Client) -> None:
    assert analyst.get(path).status_code == 200


def test_cascades_and_carriers_are_those_of_the_page(analyst: Client) -> None:
    found = analyst.get(f"/api/spread/cascades?{PERIOD}").json()
    assert [(row["post"], row["reposts"], row["depth"]) for row in found["cascades"]] == [
        ("post-a", 7, 4),
        ("post-b", 3, 2),
        ("gone", 2, 2),
    ]
    assert [(row["account"], row["carried"]) for row in found["carriers"]][:2] == [("u1", 5), ("u2", 2)]
    values = {figure["name"]: figure["value"] for figure in found["figures"]}
    assert (values["cascades"], values["reposts"], values["virality"]) == (3, 12, 2.5)
    assert (found["total"], found["page"], found["pages"]) == (3, 1, 1)
    assert "SELECT" in found["figures"][0]["proof"]["sql"]


def test_one_cascade_comes_by_page(
    large_path: Path, use_lake: Callable[[Path], None], sign_in: Callable[..., Client]
) -> None:
    use_lake(large_path)
    client = sign_in(Role.DATA_ANALYST)
    first = client.get("/api/spread/cascade?post=large").json()
    last = client.get("/api/spread/cascade?post=large&page=20").json()
    assert (first["cascade"]["reposts"], first["pages"], len(first["reposts"])) == (MANY, 20, 500)
    assert (len(last["reposts"]), last["reposts"][-1]["below"]) == (500, 0)
    assert client.get("/api/spread/cascade?post=large&page=21").json()["reposts"] == []


def test_a_branch_of_one_cascade(analyst: Client) -> None:
    found = analyst.get("/api/spread/cascade?post=post-a&at=a2").json()
    assert [(row["id"], row["account"], row["parent"], row["how"]) for row in found["reposts"]] == [
        ("a4", "u4", "u2", "stated"),
        ("a5", "u1", "u4", "stated"),
    ]


def test_accounts_are_numbers_for_those_who_may_not_see_posts(
    travel_lake: Path, accounts: Callable[..., Person]
) -> None:
    person = accounts(name="figures-only")
    person.user_permissions.add(Permission.objects.get(codename="view_pulse"))
    client = Client()
    client.force_login(person)
    found = client.get(f"/api/spread/cascades?{PERIOD}").json()
    assert [row["account"] for row in found["carriers"]][:2] == ["account 1", "account 2"]
    one = client.get("/api/spread/cascade?post=post-a").json()
    assert {row["account"] for row in one["reposts"]} == {f"account {number}" for number in range(2, 8)}


def test_forecasts_have_their_intervals_and_one_its_band(analyst: Client) -> None:
    (row,) = analyst.get("/api/spread/forecasts?passes=50").json()["forecasts"]
    assert (row["post"], row["seen"], row["day_actual"], row["curve"]) == ("young", 40, None, [])
    assert row["day"]["low"] <= row["day"]["size"] <= row["day"]["high"]
    one = analyst.get("/api/spread/forecast?post=young&age=1&passes=50").json()
    assert (one["day"], [point["hours"] for point in one["curve"]]) == (row["day"], list(range(2, 25)))
    assert one["curve"][-1]["middle"] == one["day"]["size"]


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/api/spread/cascades?from=2025-03-11&to=2025-03-10", 400, "bad_input"),
        ("/api/spread/cascades?page=0", 400, "bad_input"),
        ("/api/spread/cascades?with=likes", 400, "bad_input"),
        ("/api/spread/cascade", 400, "bad_input"),
        ("/api/spread/cascade?post=nobody", 404, "not_found"),
        ("/api/spread/cascade?post=post-a&at=b1", 404, "not_found"),
        ("/api/spread/forecasts?at=yesterday", 400, "bad_input"),
        ("/api/spread/forecast?post=nobody", 404, "not_found"),
        ("/api/spread/forecast?post=young&age=99", 400, "bad_input"),
        ("/api/spread/forecast?post=few", 409, "conflict"),
    ],
)
def test_refusals_have_the_fixed_shape(path: str, status: int, code: str, analyst: Client) -> None:
    refused = analyst.get(path)
    assert (refused.status_code, refused.json()["code"]) == (status, code)


def test_an_empty_lake_is_told_of(
    tmp_path: Path, use_lake: Callable[[Path], None], sign_in: Callable[..., Client]
) -> None:
    use_lake(tmp_path / "none.lake")
    refused = sign_in(Role.DATA_ANALYST).get("/api/spread/cascades")
    assert (refused.status_code, refused.json()["code"]) == (404, "not_found")
