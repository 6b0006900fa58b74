"""What the page shows of a plan: rows, figures and what it does not keep to, ready to be written out; no database."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from canyu.kit.numbers import format_full, format_number
from canyu.kit.words import Words
from canyu.measure.channels import get_channel_label
from canyu.measure.markets import get_market_label
from canyu.ops.kols.planning.amounts import say_amount, say_money, scale_down
from canyu.ops.kols.planning.answers import Ground
from canyu.ops.kols.planning.filling import is_within, make_room
from canyu.ops.kols.planning.schemas import Answer, Fault, Goal, PlanQuery, Quota, Roster, Sort

PAGE_ROWS = 20
CHOSEN_ROWS = 100


@dataclass(frozen=True, slots=True)
class Person:
    """One account as a row names it: with its platform, and ``about``: market, topic, followers, uses."""

    key: int
    name: str
    handle: str
    platform: Words
    about: Words
    followers: int | None
    cost_minor: int
    cost: Words
    uses_30d: int


@dataclass(frozen=True, slots=True)
class ChosenRow:
    """One account in the plan; numbers are people, None where its reach is not known."""

    person: Person
    is_must: bool
    alone: float | None
    unique: float | None
    unique_ends: tuple[float, float]
    unique_full: str
    shared_percent: int
    per_person: Words | None
    swap: Person | None
    swap_said: Words


@dataclass(frozen=True, slots=True)
class OtherRow:
    """One account outside: what it would add, None where that is not known, and whether it may be added."""

    person: Person
    adds: float | None
    per_person: Words | None
    is_banned: bool
    why_not: Words | None


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of the strip: value and unit as written, every digit for the hover, and what stands below."""

    name: str
    label: Words
    value: Words
    unit: Words
    more: Words
    full: str = ""


def name_person(roster: Roster, row: int, currency: str) -> Person:
    """Return one account as rows name it; long names are cut."""
    found = roster.rows[row]
    platform, topic = get_channel_label(found["platform"]), found["topic"] or ""
    markets = [get_market_label(market) for market in roster.markets[row]]
    named = ("、".join(market.zh for market in markets), ", ".join(market.en for market in markets))
    about = [named, (_cut(topic, 20),) * 2]
    if found["followers"] is not None:
        shown = _both(found["followers"])
        about.append((f"粉丝 {shown.zh}", f"{shown.en} followers"))
    uses = found["uses_30d"]
    if uses:
        about.append((f"30 天内用过 {uses} 次", f"used {uses} time{'s' if uses > 1 else ''} in 30 days"))
    return Person(
        key=found["account"],
        name=_cut(found["name"], 40),
        handle=found["handle"],
        platform=platform,
        about=_join(about),
        followers=found["followers"],
        cost_minor=found["cost"],
        cost=say_amount(found["cost"], currency),
        uses_30d=uses,
    )


def list_chosen(ground: Ground, query: PlanQuery, answer: Answer) -> list[ChosenRow]:
    """Return the accounts in the plan, in its order."""
    roster, must = ground.roster, set(query.must)
    known = [key for key in query.chosen if key in roster.places]
    return [_show_chosen((roster, query, answer), place, key, is_must=key in must) for place, key in enumerate(known)]


def list_shown(ground: Ground, query: PlanQuery, answer: Answer) -> tuple[list[ChosenRow], int]:
    """Return the accounts in the plan that the page lists, and how many there are in all.

    Of more than ``CHOSEN_ROWS`` only the first, or those whose name is looked for.
    """
    roster, must = ground.roster, set(query.must)
    known = [key for key in query.chosen if key in roster.places]
    places = list(range(len(known)))
    if len(known) > CHOSEN_ROWS and query.text:
        is_named = _match_names(roster, query.text)
        places = [place for place in places if is_named[roster.places[known[place]]]]
    shown = places[:CHOSEN_ROWS]
    return [
        _show_chosen((roster, query, answer), place, known[place], is_must=known[place] in must) for place in shown
    ], len(known)


def list_others(ground: Ground, query: PlanQuery, answer: Answer) -> tuple[list[OtherRow], int]:
    """Return the first rows outside the plan in the order asked for, and how many there are."""
    roster, banned = ground.roster, set(query.never)
    keys, costs = np.array(roster.keys, np.int64), roster.costs
    may = is_within(roster, query) & ~np.isin(keys, query.chosen)
    if query.text:
        may &= _match_names(roster, query.text)
    rows = np.flatnonzero(may)
    room, gains = make_room(roster, query, ground.is_known), np.nan_to_num(answer.gains, nan=-1.0)
    fits = room.find_fits()[rows]
    worth = {
        Sort.VALUE: gains[rows] / np.maximum(costs[rows], 1e-9),
        Sort.ADDS: gains[rows],
        Sort.COST: -costs[rows].astype(np.float64),
    }[query.sort]
    order = np.lexsort((keys[rows], -worth, ~fits)) if len(rows) else np.zeros(0, np.int64)
    found = []
    for row in rows[order[:PAGE_ROWS]].tolist():
        person = name_person(roster, row, query.currency)
        gain = _know(answer.gains[row])
        why_not = None if room.fits(row) else _tell_why_not(ground, query, room.left, row)
        per_person = _price(person.cost_minor, gain or 0.0, query.currency)
        found.append(OtherRow(person, gain, per_person, person.key in banned, why_not))
    return found, len(rows)


def list_breaches(roster: Roster, query: PlanQuery) -> list[Fault]:
    """Return what the plan as it stands does not keep to: budget, quotas, accounts that cannot be had any more."""
    rows = [roster.places[key] for key in query.chosen if key in roster.places]
    faults = []
    spent = int(roster.costs[rows].sum())
    if query.budget_minor and spent > query.budget_minor:
        over = say_money(spent - query.budget_minor, query.currency)
        faults.append(
            Fault(
                "budget",
                Words(f"超出预算 {over.zh}。", f"{over.en} over the budget."),
                Words("移出一些账号，或提高预算。", "Take accounts out, or raise the budget."),
            )
        )
    for quota in query.quotas:
        faults += _check_quota(roster, quota, rows)
    gone = len(query.chosen) - len(rows)
    if gone:
        faults.append(
            Fault(
                "in",
                Words(
                    f"{gone} 个账号现在不能选：没有有效报价、已停用或被屏蔽。",
                    f"{gone} account{'s' if gone > 1 else ''} cannot be had now: no price, inactive or blocked.",
                ),
                Words("没有计入任何数字。", "No figure counts them."),
            )
        )
    return faults


def check_limits(roster: Roster, query: PlanQuery) -> list[Fault]:
    """Return what of the limits cannot be had together, whatever is chosen: it says which, and the mend."""
    faults = []
    may = is_within(roster, query) & ~np.isin(np.array(roster.keys, np.int64), query.never)
    costs = roster.costs[may]
    if query.budget_minor and len(costs) and int(costs.min()) > query.budget_minor:
        row = int(np.flatnonzero(may)[int(np.argmin(costs))])
        person, price = name_person(roster, row, query.currency), say_money(int(costs.min()), query.currency)
        faults.append(
            Fault(
                "budget",
                Words(
                    f"预算低于最便宜的账号：{person.name}，{price.zh}。",
                    f"The budget is below the cheapest account, {person.name} at {price.en}.",
                ),
                Words("提高预算，或放宽筛选。", "Raise the budget, or widen the filters."),
            )
        )
    for quota in query.quotas:
        if quota.least is None:
            continue
        values = np.array([value == quota.value for value in roster.table[quota.column].to_pylist()], bool)
        prices = np.sort(roster.costs[may & values])
        name = name_value(quota)
        if len(prices) < quota.least:
            faults.append(
                Fault(
                    "quotas",
                    Words(
                        f"“{name.zh}”要至少 {quota.least} 个，可选的只有 {len(prices)} 个。",
                        f"At least {quota.least} of {name.en} are asked for, but only {len(prices)} can be had.",
                    ),
                    Words("调低下限，或放宽筛选。", "Lower the least, or widen the filters."),
                )
            )
        elif query.budget_minor and int(prices[: quota.least].sum()) > query.budget_minor:
            least = say_money(int(prices[: quota.least].sum()), query.currency)
            faults.append(
                Fault(
                    "quotas",
                    Words(
                        f"“{name.zh}”至少 {quota.least} 个，最便宜也要 {least.zh}，超过预算。",
                        f"At least {quota.least} of {name.en} cost {least.en} or more, over the budget.",
                    ),
                    Words("调低下限，或提高预算。", "Lower the least, or raise the budget."),
                )
            )
    return faults


def name_value(quota: Quota) -> Words:
    """Return the value that a quota limits, as people call it."""
    if quota.column == "platform":
        return get_channel_label(quota.value)
    return get_market_label(quota.value) if quota.column == "market" else Words(quota.value, quota.value)


def list_figures(roster: Roster, query: PlanQuery, answer: Answer) -> list[Figure]:
    """Return the figures of the strip, but for the certificate."""
    rows = [roster.places[key] for key in query.chosen if key in roster.places]
    spent = int(roster.costs[rows].sum())
    reach = _say(answer.reach, (answer.low, answer.high))
    followers = sum(count or 0 for count in roster.table["followers"].take(pa.array(rows, pa.int64())).to_pylist())
    ends = _say_ends((answer.low, answer.high))
    share = answer.reached_share * 100.0
    figures = [
        Figure(
            "reach",
            Words("触达（去重）", "Unique reach"),
            reach,
            Words("人", "people"),
            ends,
            format_full(round(answer.reach)),
        ),
        Figure(
            "share",
            Words("占受众", "Of the audience"),
            Words(*(format_number(share, language) for language in ("zh", "en"))),
            Words("%", "%"),
            Words(f"受众 {_both(answer.people.value).zh} 人", f"of {_both(answer.people.value).en} people"),
        ),
        Figure(
            "cost",
            Words("花费", "Cost"),
            say_money(spent, query.currency),
            Words("", ""),
            _tell_left(query, spent),
            f"{scale_down(spent, query.currency):,.2f} {query.currency}",
        ),
        Figure(
            "per_person",
            Words("每触达一人", "Per person reached"),
            _price(spent, answer.reach, query.currency) or Words("—", "—"),
            Words("元" if query.currency == "CNY" else query.currency, query.currency),
            Words(
                f"粉丝数之和 {_both(followers).zh}，重复计人",
                f"followers add up to {_both(followers).en}, people counted repeatedly",
            ),
            format_full(followers),
        ),
    ]
    if query.goal is Goal.REACH and query.target:
        done = 100.0 * answer.reach / query.target
        low, high = (100.0 * end / query.target for end in (answer.low, answer.high))
        interval = (low, high) if high > low else None
        figures.append(
            Figure(
                "goal",
                Words("完成目标", "Of the goal"),
                Words(*(format_number(done, language, interval) for language in ("zh", "en"))),
                Words("%", "%"),
                Words(f"目标 {_both(query.target).zh} 人", f"of {_both(query.target).en} people"),
            )
        )
    return figures


def _show_chosen(told: tuple[Roster, PlanQuery, Answer], place: int, key: int, *, is_must: bool) -> ChosenRow:
    """Return the row of an account; ``place``: among the chosen that can be had."""
    roster, query, answer = told
    person = name_person(roster, roster.places[key], query.currency)
    unique = float(answer.unique[place])
    ends = (float(answer.unique_low[place]), float(answer.unique_high[place]))
    swap = int(answer.swaps[place])
    other = name_person(roster, swap, query.currency) if swap >= 0 else None
    return ChosenRow(
        person=person,
        is_must=is_must,
        alone=_know(answer.alone[place]),
        unique=_know(unique),
        unique_ends=ends,
        unique_full=" – ".join(format_full(round(float(end))) for end in ends) if ends[1] == ends[1] else "",
        shared_percent=round(100.0 * float(np.nan_to_num(answer.shared[place]))),
        per_person=_price(person.cost_minor, unique, query.currency),
        swap=other,
        swap_said=_say_swap(other, float(answer.swap_changes[place])),
    )


def _match_names(roster: Roster, text: str) -> NDArray[np.bool_]:
    """Return which rows have the text in their name or handle, bool, (accounts,)."""
    names = zip(roster.table["name"].to_pylist(), roster.table["handle"].to_pylist(), strict=True)
    wanted = text.casefold()
    return np.array([wanted in f"{name}\n{handle}".casefold() for name, handle in names], bool)


def _say_swap(other: Person | None, change: float) -> Words:
    if other is None:
        return Words("", "")
    shown = [format_number(abs(round(change)), language) for language in ("zh", "en")]
    sign = "" if not round(change) else "+" if change > 0 else "−"
    return Words(
        f"可换 {other.name}（{other.cost.zh}，{sign}{shown[0]} 人）",
        f"or {other.name} ({other.cost.en}, {sign}{shown[1]} people)",
    )


def _join(parts: list[tuple[str, str]]) -> Words:
    return Words(" · ".join(zh for zh, _ in parts if zh), " · ".join(en for _, en in parts if en))


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def _say(value: float, ends: tuple[float, float]) -> Words:
    interval = ends if ends[1] > ends[0] else None
    return Words(*(format_number(round(value), language, interval) for language in ("zh", "en")))


def _both(value: float) -> Words:
    return Words(*(format_number(round(value), language) for language in ("zh", "en")))


def _say_ends(ends: tuple[float, float]) -> Words:
    if ends[1] <= 0.0:
        return Words("", "")
    low, high = (_say(end, ends) for end in ends)
    return Words(f"95% 区间 {low.zh} 至 {high.zh}", f"95% interval {low.en} to {high.en}")


def _tell_left(query: PlanQuery, spent: int) -> Words:
    if not query.budget_minor:
        return Words("没有设预算", "no budget set")
    left = say_money(abs(query.budget_minor - spent), query.currency)
    if spent > query.budget_minor:
        return Words(f"超出 {left.zh}", f"{left.en} over")
    return Words(f"还剩 {left.zh}", f"{left.en} left")


def _tell_why_not(ground: Ground, query: PlanQuery, left: int, row: int) -> Words:
    if not ground.is_known[row]:
        if ground.building is None:
            return Words("没有粉丝数", "no number of followers")
        return Words("不在影响图里", "not in the graph")
    if int(ground.roster.keys[row]) in query.never:
        return Words("不选", "never")
    if int(ground.roster.costs[row]) > left:
        return Words("超出余额", "over what is left")
    return Words("配额已满", "its quota is full")


def _check_quota(roster: Roster, quota: Quota, rows: list[int]) -> list[Fault]:
    values = roster.table[quota.column].to_pylist()
    held, name = sum(values[row] == quota.value for row in rows), name_value(quota)
    if quota.most is not None and held > quota.most:
        return [
            Fault(
                "quotas",
                Words(
                    f"“{name.zh}”有 {held} 个，配额至多 {quota.most}。",
                    f"{held} of {name.en}; its quota is {quota.most} at most.",
                ),
                Words("移出一些，或放宽配额。", "Take some out, or raise the quota."),
            )
        ]
    if quota.least is not None and held < quota.least:
        return [
            Fault(
                "quotas",
                Words(
                    f"“{name.zh}”有 {held} 个，配额至少 {quota.least}。",
                    f"{held} of {name.en}; its quota is {quota.least} at least.",
                ),
                Words("加入一些，或点“补满”。", "Add some, or fill the rest."),
            )
        ]
    return []


def _price(cost_minor: float, people: float, currency: str) -> Words | None:
    """Return what one person costs, without the currency; None for nobody."""
    return say_amount(cost_minor / people, currency) if people > 0.0 and math.isfinite(people) else None


def _know(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
