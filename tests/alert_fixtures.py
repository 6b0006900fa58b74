"""Fixtures of the tests of alerts: the lake with planted bursts, and a check that has run on it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from alert_lake import END, fill_alert_lake
from canyu.ops.alerts import actions
from canyu.ops.alerts.models import AlertRoute

NOW = END + timedelta(minutes=5)


@pytest.fixture(scope="session")
def alert_lake_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The lake of ``alert_lake``, written once."""
    path = tmp_path_factory.mktemp("alerts") / "alert.lake"
    fill_alert_lake(path)
    return path


@pytest.fixture
def alert_lake(alert_lake_path: Path, use_lake: Callable[[Path], None]) -> Path:
    """The console shows the lake of ``alert_lake``."""
    use_lake(alert_lake_path)
    return alert_lake_path


@pytest.fixture
def checked(db: None, alert_lake: Path) -> actions.Check:
    """One check has run, five minutes after the newest hour."""
    return actions.check_alerts(NOW)


def add_route(**changes: Any) -> AlertRoute:
    """Keep a route of the team PR to the address named PR."""
    row = AlertRoute(team="PR", time_zone="Asia/Shanghai", addresses=["PR"], changed_by="x", changed_at=NOW)
    for name, value in changes.items():
        setattr(row, name, value)
    row.save()
    return row
