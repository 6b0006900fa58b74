"""Checks of alerts: what is kept, told once, held and tried again."""

from __future__ import annotations

from pathlib import Path

from alert_fixtures import NOW
from alert_lake import ASPECT, BURST, END
from canyu.ops.alerts import actions
from canyu.ops.alerts.models import FiredAlert

SERIES = {
    ("xiaomi/su7", "", ""),
    ("xiaomi/su7", "", "negative"),
    ("xiaomi/su7", ASPECT, "negative"),
}


def test_a_check_keeps_the_burst_once_with_its_posts(db: None, alert_lake: Path) -> None:
    first = actions.check_alerts(NOW)
    assert (first.alerts, first.new, first.until) == (6, 6, END)
    rows = [row for row in FiredAlert.objects.all() if row.ended is None]
    assert {tuple(row.facts["series"][name] for name in ("product", "aspect", "sentiment")) for row in rows} == SERIES
    assert {row.found for row in rows} == {BURST}
    assert all(len(row.facts["evidence"]) == 10 for row in rows)
    again = actions.check_alerts(NOW)
    assert (again.new, FiredAlert.objects.count()) == (0, 6)
