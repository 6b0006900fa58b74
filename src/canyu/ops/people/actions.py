"""The only place that changes accounts and roles."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from django.contrib.auth.models import Group, Permission
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from canyu.kit.errors import NotFound
from canyu.kit.words import Words
from canyu.ops.people.errors import NameTaken, NameUnusable, OwnAccount
from canyu.ops.people.models import Person
from canyu.ops.people.rules import ROLE_PERMISSIONS, Role, make_one_time_password

FIRST_ADMINISTRATOR = "admin"
logger = logging.getLogger("canyu.people")


@transaction.atomic
def update_roles() -> None:
    """Make every role's group hold exactly the permissions of the rules; safe to repeat."""
    permissions_there_are = Permission.objects.select_related("content_type")
    known = {f"{p.content_type.app_label}.{p.codename}": p for p in permissions_there_are}
    for role, permissions in ROLE_PERMISSIONS.items():
        group, _is_new = Group.objects.get_or_create(name=role.value)
        group.permissions.set([known[name] for name in permissions])


@transaction.atomic
def create_first_administrator() -> str | None:
    """Open the account ``admin`` where there is no account at all; return its one-time password, else None."""
    if Person.objects.exists():
        return None
    password = make_one_time_password()
    person = Person(username=FIRST_ADMINISTRATOR, is_superuser=True, is_staff=True, must_change_password=True)
    person.set_password(password)
    person.save()
    return password


def create_person(viewer: Person, username: str, roles: Iterable[Role]) -> str:
    """Open an account with these roles; return its one-time password. Raises NameTaken or NameUnusable."""
    password = make_one_time_password()
    person = Person(username=username.strip(), must_change_password=True)
    person.set_password(password)
    try:
        person.clean_fields()
        with transaction.atomic():
            person.save()
            person.groups.set(Group.objects.filter(name__in=[role.value for role in roles]))
    except ValidationError as error:
        raise NameUnusable(
            _("%s cannot be a user name.") % repr(username[:40]),
            mend=_("Use letters, digits and @ . + - _ only, 150 at most."),
        ) from error
    except IntegrityError as error:
        raise NameTaken(_("The name %s is taken.") % repr(username[:40]), mend=_("Choose another one.")) from error
    logger.info("%s opened the account %s", viewer.username, person.username)
    return password


@transaction.atomic
def update_person_roles(viewer: Person, person: Person, roles: Iterable[Role]) -> None:
    """Give the person exactly these roles."""
    names = [role.value for role in roles]
    person.groups.set(Group.objects.filter(name__in=names))
    logger.info("%s gave %s the roles %s", viewer.username, person.username, names)


def reset_password(viewer: Person, person: Person) -> str:
    """Replace the password by a one-time one and return it; sessions opened with the old one end."""
    if viewer.pk == person.pk:
        raise OwnAccount(_("This is your own account."), mend=_("Change your password in the account menu."))
    return _replace_password(person)


def reset_password_by_name(username: str) -> str:
    """As ``reset_password``, for whoever holds the machine itself; the account is opened again if it was closed."""
    person = Person.objects.filter(username=username).first()
    if person is None:
        names = list(Person.objects.order_by("username").values_list("username", flat=True)[:20])
        raise NotFound(
            Words(f"没有账号 {username!r}。", f"There is no account {username!r}."),
            mend=Words(f"现有账号：{'、'.join(names) or '无'}。", f"There are: {', '.join(names) or 'none'}."),
        )
    person.is_active = True
    return _replace_password(person)


def close_account(viewer: Person, person: Person) -> None:
    """Shut the account: its sessions end with the next request. It can be opened again."""
    if viewer.pk == person.pk:
        raise OwnAccount(_("This is your own account."), mend=_("Ask another administrator."))
    person.is_active = False
    person.save(update_fields=["is_active"])
    logger.info("%s closed the account %s", viewer.username, person.username)


def open_account(viewer: Person, person: Person) -> None:
    """Open a closed account again, with its roles as they were."""
    person.is_active = True
    person.save(update_fields=["is_active"])
    logger.info("%s opened the account %s again", viewer.username, person.username)


def change_own_password(person: Person, password: str) -> None:
    """Set a password that the person chose; from now on it is theirs and no longer one-time."""
    person.set_password(password)
    person.must_change_password = False
    person.save()


def _replace_password(person: Person) -> str:
    password = make_one_time_password()
    person.set_password(password)
    person.must_change_password = True
    person.save()
    return password
