"""What every test may ask for."""

from __future__ import annotations

import os
from importlib import import_module
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from hypothesis import settings as hypothesis_settings
from pytest_django.plugin import DjangoDbBlocker

import canyu
from canyu.kit.compiled import Kernel
from canyu.ops.people.actions import update_roles

# no test of time: the first example may wait for kernels to compile
hypothesis_settings.register_profile("canyu", deadline=None)
hypothesis_settings.load_profile("canyu")
os.environ["CANYU_LANG"] = "en"  # tests match English texts, whatever the terminal speaks
# A session of a minute over a few rows gains nothing from Java's second compiler, which takes as long as all the rest.
os.environ.setdefault("SPARK_SUBMIT_OPTS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")

ROOT = Path(__file__).resolve().parent.parent
FIRST = ("long", "browser", "faults", "spark")
"""Modules with these marks are begun first: the last ones to be handed out are short, so that no worker ends alone."""


def pytest_sessionstart() -> None:
    """Share the work of compiling: every second process begins at the other end, and meets what is compiled already."""
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker:
        names = sorted(path.stem for path in (ROOT / "src" / "canyu" / "listen" / "kernels").glob("[a-z]*.py"))
        for name in names[:: -1 if int(worker.removeprefix("gw")) % 2 else 1]:
            for value in vars(import_module(f"canyu.listen.kernels.{name}")).values():
                if isinstance(value, Kernel):
                    value.compile()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Order modules by ``FIRST``, at random among themselves."""
    ranks: dict[str, int] = {}
    for item in items:
        marks = [mark.name for mark in item.iter_markers()]
        own = min((FIRST.index(name) for name in marks if name in FIRST), default=len(FIRST))
        ranks[get_module(item)] = min(own, ranks.get(get_module(item), own))
    items.sort(key=lambda item: ranks[get_module(item)])


def get_module(item: pytest.Item) -> str:
    return item.nodeid.partition("::")[0]


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of public data sets beside the checkout; tests that need it say so when it is absent."""
    folder = Path(os.environ.get("CANYU_SHARED", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no public data sets at {folder}: real-data tests did not run")
    return folder


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    tmp_path_factory: pytest.TempPathFactory, django_db_modify_db_settings_parallel_suffix: None
) -> None:
    """Test on a database file, as the console runs: in memory SQLite refuses the second writer instead of waiting."""
    if connection.vendor == "sqlite":
        connection.settings_dict["TEST"]["NAME"] = str(tmp_path_factory.mktemp("database") / "console.sqlite3")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """What a server's start puts into an empty database is there for every test; made once, for it takes a while."""
    with django_db_blocker.unblock():
        call_command("createcachetable", verbosity=0)
        update_roles()


@pytest.fixture(scope="session", autouse=True)
def find_static_files_when_asked() -> None:
    """Let each new client look for a static file when it is asked for one, instead of for all of them beforehand."""
    settings.WHITENOISE_AUTOREFRESH = True


@pytest.fixture
def lake(tmp_path: Path) -> canyu.Lake:
    """An empty lake in a folder of its own."""
    return canyu.open(tmp_path / "my.lake", create=True)
