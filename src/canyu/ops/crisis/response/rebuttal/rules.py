"""What is asked of a rebuttal plan and what its briefs must say; pure, no database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from canyu.kit.errors import BadInput
from canyu.kit.words import Words
from canyu.ops.kols.bookings.marks import CHINA, Mark, find_mark
from canyu.ops.kols.planning.option_rules import RumourChoice, read_rumour
from canyu.ops.kols.planning.rules import read_query
from canyu.ops.kols.planning.schemas import Fault, PlanQuery

FIELDS = ("budget", "currency", "hours", "market", "who", "age", "delay", "must")
USUAL = {"currency": "CNY", "hours": "72", "age": "2", "delay": "1"}
AD_MARK = "#广告#"


@dataclass(frozen=True, slots=True)
class RebuttalAsked:
    """A plan as it is asked for: the limits of the KOL room, who spreads the rumour, and handles that must be in."""

    typed: dict[str, str]
    query: PlanQuery
    choice: RumourChoice
    must: tuple[str, ...]
    faults: tuple[Fault, ...]


def read_asked(params: Mapping[str, str], usual_who: Sequence[str]) -> RebuttalAsked:
    """Return what a form asks for; fields that were not sent take their usual values."""
    usual = {**USUAL, "who": " ".join(usual_who)}
    typed = {name: params.get(name, usual.get(name, "")).strip() for name in FIELDS}
    asked = read_query({name: [typed[name]] for name in ("budget", "currency", "hours", "market") if typed[name]})
    choice = read_rumour({name: [typed[name]] for name in ("who", "age", "delay")})
    must = tuple(
        dict.fromkeys(name.lstrip("@＠") for name in typed["must"].replace("，", " ").replace(",", " ").split())
    )
    return RebuttalAsked(typed, asked.query, choice, must, (*asked.faults, *choice.faults))


def check_brief(brief: str, market: str) -> None:
    """Refuse a brief that does not ask for the mark of advertising in the words of its market. Raises BadInput."""
    if find_mark(brief, market or CHINA).mark is not Mark.CLEAR:
        raise BadInput(
            Words("简报没有写明广告标识。", "The brief does not ask for the mark of advertising."),
            mend=Words(f"请写明正文开头标注 {AD_MARK}。", f"Ask for {AD_MARK} at the start of the post."),
        )
