"""All reads of accounts; the viewer comes first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from allauth.mfa.models import Authenticator
from django.utils.translation import gettext as _

from canyu.kit.errors import NotFound
from canyu.ops.people.models import Person
from canyu.ops.people.rules import Role


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One line of the list of people."""

    id: int
    username: str
    roles: tuple[Role, ...]
    is_administrator: bool
    is_active: bool
    has_second_factor: bool
    last_login: datetime | None
    is_viewer: bool


def list_people(viewer: Person) -> list[PersonRow]:
    """Return every account with its roles, by name; three queries however many there are."""
    people = Person.objects.order_by("username").prefetch_related("groups")
    protected = set(Authenticator.objects.filter(type=Authenticator.Type.TOTP).values_list("user_id", flat=True))
    return [
        PersonRow(
            id=person.pk,
            username=person.username,
            roles=tuple(Role(group.name) for group in person.groups.all() if group.name in list(Role)),
            is_administrator=person.is_superuser,
            is_active=person.is_active,
            has_second_factor=person.pk in protected,
            last_login=person.last_login,
            is_viewer=person.pk == viewer.pk,
        )
        for person in people
    ]


def get_person(viewer: Person, person_id: int) -> Person:  # noqa: ARG001 - reads take the viewer first
    """Return one account; raises NotFound."""
    found = Person.objects.filter(pk=person_id).first()
    if found is None:
        raise NotFound(_("There is no such account."))
    return found


def has_people() -> bool:
    """Say whether anybody can sign in yet."""
    return Person.objects.exists()
