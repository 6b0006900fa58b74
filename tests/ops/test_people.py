"""Accounts: one-time passwords, roles, closing; and the way in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from canyu.ops.people import actions
from canyu.ops.people.errors import NameTaken, NameUnusable, OwnAccount
from canyu.ops.people.models import Person
from canyu.ops.people.rules import LETTERS, ROLE_PERMISSIONS, Role, make_one_time_password
from console_fixtures import PASSWORD

Accounts = Callable[..., Person]


def test_a_one_time_password_has_four_groups_of_plain_letters() -> None:
    password = make_one_time_password()
    assert [len(group) for group in password.split("-")] == [4, 4, 4, 4]
    assert set(password) <= {*LETTERS, "-"}
    assert password != make_one_time_password()


def test_the_first_account_is_opened_once(db: None) -> None:
    password = actions.create_first_administrator()
    assert password is not None
    person = Person.objects.get()
    assert (person.username, person.must_change_password, person.check_password(password)) == ("admin", True, True)
    assert actions.create_first_administrator() is None


def test_each_role_holds_exactly_its_permissions(db: None) -> None:
    Group.objects.all().delete()
    actions.update_roles()
    actions.update_roles()
    held = {
        Role(group.name): {f"{p.content_type.app_label}.{p.codename}" for p in group.permissions.all()}
        for group in Group.objects.all()
    }
    assert held == {role: set(permissions) for role, permissions in ROLE_PERMISSIONS.items()}


def test_an_administrator_opens_an_account_with_roles(accounts: Accounts) -> None:
    admin = accounts(administrator=True)
    password = actions.create_person(admin, " lin ", [Role.PR_OFFICER])
    lin = Person.objects.get(username="lin")
    assert lin.check_password(password)
    assert lin.must_change_password
    assert lin.has_perm("people.view_pulse")
    assert not lin.has_perm("people.manage_people")


def test_a_taken_or_unusable_name_opens_nothing(accounts: Accounts) -> None:
    admin = accounts(administrator=True)
    with pytest.raises(NameTaken, match=r"taken|占用"):
        actions.create_person(admin, "admin", [])
    for name in ("", "a b", "<script>", "x" * 151):
        with pytest.raises(NameUnusable):
            actions.create_person(admin, name, [])
    assert Person.objects.count() == 1


def test_nobody_closes_or_resets_their_own_account(accounts: Accounts) -> None:
    admin = accounts(administrator=True)
    with pytest.raises(OwnAccount):
        actions.close_account(admin, admin)
    with pytest.raises(OwnAccount):
        actions.reset_password(admin, admin)
    admin.refresh_from_db()
    assert admin.is_active
    assert admin.check_password(PASSWORD)


def test_a_closed_account_is_out_at_once_and_back_when_opened(accounts: Accounts, brand_lake: Path) -> None:
    admin, lead = accounts(administrator=True), accounts(Role.MARKETING_LEAD)
    client = Client()
    client.force_login(lead)
    assert client.get("/pulse/").status_code == 200
    actions.close_account(admin, lead)
    assert client.get("/pulse/").status_code == 302
    actions.open_account(admin, lead)
    client.force_login(lead)
    assert client.get("/pulse/").status_code == 200


def test_a_reset_password_ends_open_sessions(accounts: Accounts, brand_lake: Path) -> None:
    admin, lead = accounts(administrator=True), accounts(Role.MARKETING_LEAD)
    client = Client()
    client.force_login(lead)
    password = actions.reset_password(admin, lead)
    assert client.get("/pulse/").status_code == 302
    lead.refresh_from_db()
    assert lead.check_password(password)
    assert lead.must_change_password


def test_the_page_opens_an_account_and_shows_its_password_once(
    sign_in: Callable[..., Client], brand_lake: Path
) -> None:
    client = sign_in(administrator=True)
    page = client.post("/people/new/", {"username": "lin", "roles": ["pr_officer", "nonsense"]}).content.decode()
    shown = page.split('class="secret">')[1].split("<")[0]
    lin = Person.objects.get(username="lin")
    assert lin.check_password(shown)
    assert [group.name for group in lin.groups.all()] == ["pr_officer"]
    assert shown not in client.get("/people/").content.decode()


def test_signing_in_with_the_one_time_password_asks_for_ones_own(accounts: Accounts, brand_lake: Path) -> None:
    accounts(administrator=True, one_time=True)
    client = Client(headers={"accept-language": "en"})
    response = client.post("/account/login/", {"login": "admin", "password": PASSWORD}, follow=True)
    assert response.redirect_chain[-1] == ("/account/password/", 302)
    form = {"oldpassword": PASSWORD, "password1": PASSWORD, "password2": PASSWORD}
    assert "This is the present password" in client.post("/account/password/", form).content.decode()
    own = "a new and long one"
    client.post("/account/password/", form | {"password1": own, "password2": own})
    admin = Person.objects.get()
    assert admin.check_password(own)
    assert not admin.must_change_password
    assert client.get("/pulse/").status_code == 200


def test_failed_sign_ins_close_the_door_for_a_while(accounts: Accounts, brand_lake: Path) -> None:
    accounts(administrator=True)
    client = Client(headers={"accept-language": "en"})
    for _ in range(5):
        page = client.post("/account/login/", {"login": "admin", "password": "wrong"}).content.decode()
        assert "not correct" in page
    page = client.post("/account/login/", {"login": "admin", "password": PASSWORD}).content.decode()
    assert "Too many failed login attempts" in page
    assert "_auth_user_id" not in client.session


def test_a_form_without_its_token_changes_nothing(accounts: Accounts, brand_lake: Path) -> None:
    client = Client(enforce_csrf_checks=True, headers={"accept-language": "en"})
    client.force_login(accounts(administrator=True))
    response = client.post("/people/new/", {"username": "eve"})
    assert response.status_code == 403
    assert "This form is out of date" in response.content.decode()
    assert Person.objects.count() == 1


def test_there_is_no_sign_up(db: None) -> None:
    assert Client().get("/account/signup/").status_code == 404
