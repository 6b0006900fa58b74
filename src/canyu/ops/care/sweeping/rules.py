"""What a notice says; pure, no database."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from canyu.care import ClockName, Role
from canyu.care.timeline import CLOCKS, ROLES
from canyu.kit.words import Words
from canyu.ops.care.models import Case, Notice

CHAIN = "chain"
MISSED = 100


def write_notice(case: Case, rows: Sequence[Notice], zone: str) -> Words:
    """Return one message about everything that a role is told of a case now; no word of a customer is in it."""
    lines = [name_notice(row, zone) for row in rows]
    return Words(
        f"工单 {case.number}（{case.product or '未指明产品'}）：" + "；".join(line.zh for line in lines) + "。",
        f"Case {case.number} ({case.product or 'no product named'}): " + "; ".join(line.en for line in lines) + ".",
    )


def name_notice(row: Notice, zone: str) -> Words:
    """Return what a notice is about, its time by the clock of a zone."""
    at = f"{row.crossed_at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"
    if row.clock == CHAIN:
        role = ROLES[Role(row.role)]
        return Words(f"升级，呼叫{role.zh}（{at}）", f"escalated, calling the {role.en} ({at})")
    clock = CLOCKS[ClockName(row.clock)]
    if row.threshold >= MISSED:
        return Words(
            f"“{clock.zh}”已超时，用时 {row.threshold}%（{at}）",
            f"the {clock.en} is missed, {row.threshold}% of its time used ({at})",
        )
    return Words(
        f"“{clock.zh}”用时已达 {row.threshold}%（{at}）",
        f"{row.threshold}% of the time for the {clock.en} is used ({at})",
    )
