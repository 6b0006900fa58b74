"""What is kept of a plan and what is sent as a file: the choice as it was, with what it was computed on."""

from __future__ import annotations

import csv
import io
from typing import Any

from canyu.kit.words import Words
from canyu.ops.insight.rules import guard_cell
from canyu.ops.kols.planning.amounts import spell_money
from canyu.ops.kols.planning.answers import Ground
from canyu.ops.kols.planning.engine import SEED
from canyu.ops.kols.planning.queries import Certificate
from canyu.ops.kols.planning.schemas import Answer, PlanQuery
from canyu.ops.kols.planning.views import ChosenRow

COLUMNS = {
    "number": Words("序号", "number"),
    "name": Words("达人", "KOL"),
    "platform": Words("平台", "platform"),
    "handle": Words("账号", "handle"),
    "cost": Words("报价", "cost"),
    "currency": Words("币种", "currency"),
    "followers": Words("粉丝数", "followers"),
    "adds": Words("依次新增触达", "adds in this order"),
    "alone": Words("单独触达", "reach alone"),
    "alone_low": Words("单独触达下限", "reach alone, low"),
    "alone_high": Words("单独触达上限", "reach alone, high"),
    "unique": Words("只有它触达", "only it reaches"),
    "unique_low": Words("只有它触达下限", "only it reaches, low"),
    "unique_high": Words("只有它触达上限", "only it reaches, high"),
    "shared_percent": Words("重叠 %", "overlap %"),
    "replacement": Words("可替换为", "replacement"),
    "uses_30d": Words("30 天内合作次数", "uses in 30 days"),
}


def make_result(
    ground: Ground, query: PlanQuery, answer: Answer, rows: list[ChosenRow], certificate: Certificate
) -> dict[str, Any]:
    """Return a plan as it is kept: reach, costs and every account, and what they were computed on."""
    building = ground.building
    accounts = []
    for place, row in enumerate(rows):
        person = row.person
        accounts.append(
            {
                "account": person.key,
                "name": person.name,
                "platform": ground.roster.table["platform"][ground.roster.places[person.key]].as_py(),
                "handle": person.handle,
                "cost_minor": person.cost_minor,
                "followers": person.followers,
                "adds": _round(answer.adds[place]),
                "alone": _round(answer.alone[place]),
                "alone_low": _round(answer.alone_low[place]),
                "alone_high": _round(answer.alone_high[place]),
                "unique": _round(answer.unique[place]),
                "unique_low": _round(answer.unique_low[place]),
                "unique_high": _round(answer.unique_high[place]),
                "shared_percent": row.shared_percent,
                "replacement": row.swap.name if row.swap else None,
                "uses_30d": person.uses_30d,
            }
        )
    return {
        "reach": _round(answer.reach),
        "low": _round(answer.low),
        "high": _round(answer.high),
        "people": [answer.people.value, answer.people.low, answer.people.high],
        "cost_minor": sum(row.person.cost_minor for row in rows),
        "certificate_percent": None if certificate.percent is None else round(certificate.percent, 1),
        "basis": "followers" if building is None else "graph",
        "samples": answer.samples,
        "seed": SEED,
        "hours": query.hours,
        "graph": None
        if building is None
        else {
            "nodes": building.graph.nodes,
            "arcs": building.graph.arcs,
            "model": building.about.model,
            "made_at": building.about.made_at.isoformat(),
        },
        "roster_read_at": ground.roster.read_at.isoformat(),
        "roster_accounts": len(ground.roster.table),
        "accounts": accounts,
    }


def write_plan_csv(result: dict[str, Any], currency: str, language: str) -> str:
    """Return the accounts of a plan as CSV, one a row, with a headline in the language; no cell is a formula."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([words.say(language) for words in COLUMNS.values()])
    for number, account in enumerate(result["accounts"], 1):
        own = {**account, "number": number, "currency": currency, "cost": spell_money(account["cost_minor"], currency)}
        writer.writerow([guard_cell("" if own.get(name) is None else own[name]) for name in COLUMNS])
    return out.getvalue()


def _round(value: float) -> float | None:
    return None if value != value else round(float(value), 2)  # NaN is no number of people
