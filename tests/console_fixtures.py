"""Fixtures of the server's tests: a lake with known contents, people with roles, signed-in clients."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.cache import cache
from django.test import Client

from brand_lake import fill_brand_lake
from canyu.ops.config import load_config
from canyu.ops.people.actions import update_roles
from canyu.ops.people.models import Person
from canyu.ops.people.rules import Role

PASSWORD = "correct-horse-battery"


@pytest.fixture(scope="session")
def brand_lake_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The lake of ``brand_lake``, written once."""
    path = tmp_path_factory.mktemp("console") / "brand.lake"
    fill_brand_lake(path)
    return path


@pytest.fixture
def use_lake(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Path], None]]:
    """Point the console at a lake for one test."""

    def use(path: Path) -> None:
        monkeypatch.setenv("CANYU_LAKE", str(path))
        load_config.cache_clear()

    yield use
    monkeypatch.undo()
    load_config.cache_clear()


@pytest.fixture
def brand_lake(brand_lake_path: Path, use_lake: Callable[[Path], None]) -> Path:
    """The console shows the lake of ``brand_lake``."""
    use_lake(brand_lake_path)
    return brand_lake_path


@pytest.fixture
def accounts(db: None, settings: Any) -> Callable[..., Person]:
    """Make an account: with roles, or an administrator."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # the real one is slow on purpose
    cache.clear()
    if not Group.objects.exists():  # a test that commits leaves the database empty
        update_roles()

    def make(*roles: Role, name: str = "", administrator: bool = False, one_time: bool = False) -> Person:
        username = name or (roles[0].value if roles else "admin" if administrator else "nobody")
        person = Person(username=username, is_superuser=administrator, must_change_password=one_time)
        person.set_password(PASSWORD)
        person.save()
        person.groups.set(person.groups.model.objects.filter(name__in=list(roles)))
        return person

    return make


@pytest.fixture
def sign_in(accounts: Callable[..., Person]) -> Callable[..., Client]:
    """Return a browser that is signed in as a new account."""

    def make(*roles: Role, **options: object) -> Client:
        client = Client(headers={"accept-language": "en"})
        client.force_login(accounts(*roles, **options))
        return client

    return make
