"""The demo has one founder session, whose minutes, orders and gap are those of the rehearsal."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import canyu
from canyu.commands.demo_live import stage_live
from canyu.kit.clock import get_now
from canyu.ops.campaigns.lives import queries
from canyu.ops.campaigns.lives.models import Session
from canyu.ops.people.models import Person
from canyu.rehearse.campaigns.livestream import run_livestream
from canyu.rehearse.plan import MarketPlan
from canyu.rehearse.scene import Stage, World, list_spans
from canyu.rehearse.tables import build_part


def test_the_demo_stages_the_rehearsed_launch_once(
    empty_ledger: None, use_lake: Callable[[Path], None], tmp_path: Path
) -> None:
    world = World(MarketPlan(2025, 0.0002, 7))
    stage = Stage(world, list_spans(world)[1], "livestream")
    lake = canyu.open(tmp_path / "demo.lake", create=True)
    lake.append(build_part(stage, run_livestream(stage)).events)
    use_lake(tmp_path / "demo.lake")
    for _ in range(2):
        stage_live(2025)
    session = Session.objects.get()
    found = queries.measure_session(Person(), session, get_now())
    facts = world.tally.build_tree("campaigns/su7-ultra-launch")
    assert len(found.in_window) == facts["orders_first_10_minutes"]
    assert found.window.start == session.started_at + timedelta(minutes=60)
    viewers = [row.minute.viewers for row in found.rows]
    assert [number for number, value in enumerate(viewers) if value is None] == list(range(84, 91))
    assert max(value for value in viewers if value is not None) == facts["peak_viewers"]
