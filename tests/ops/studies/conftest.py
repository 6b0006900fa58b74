"""A lake for every kind of study, written once."""

from __future__ import annotations

import html
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client

from canyu.ops.people.rules import Role
from study_lake import fill_study_lake


@pytest.fixture(scope="session")
def study_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The lake of ``study_lake``, written once."""
    path = tmp_path_factory.mktemp("studies") / "study.lake"
    fill_study_lake(path)
    return path


@pytest.fixture
def study_lake(study_path: Path, use_lake: Callable[[Path], None], monkeypatch: pytest.MonkeyPatch) -> Path:
    """The console shows the lake of ``study_lake``, and waits for answers however long they take."""
    use_lake(study_path)
    monkeypatch.setattr("canyu.ops.studies.queries.PATIENCE_S", 60.0)
    return study_path


@pytest.fixture
def analyst(study_lake: Path, sign_in: Callable[..., Client]) -> Client:
    return sign_in(Role.DATA_ANALYST)


Read = Callable[..., str]


@pytest.fixture
def read(analyst: Client) -> Read:
    """Return the text of a page, which must answer with ``status``."""

    def get(address: str, status: int = 200, **given: object) -> str:
        response = analyst.get(address, **given)
        assert response.status_code == status, response.content.decode()
        return html.unescape(response.content.decode())

    return get
