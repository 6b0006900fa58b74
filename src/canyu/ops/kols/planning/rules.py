"""How an address becomes a plan and back, and what a plan does not keep to; pure, no database."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TypeVar
from urllib.parse import urlencode

from canyu.kit.errors import BadInput
from canyu.kit.words import Words
from canyu.ops.kols.intake.cells import parse_count, parse_minor
from canyu.ops.kols.models import PostKind
from canyu.ops.kols.planning.amounts import spell_money
from canyu.ops.kols.planning.keys import parse_keys, shorten_keys, spell_keys
from canyu.ops.kols.planning.schemas import Fault, Goal, PlanQuery, Quota, Sort
from canyu.spread.reach import Range

MOST_HOURS = 24 * 90
MOST_LETTERS = 100
QUOTA_COLUMNS = ("platform", "market", "topic")
QUOTA_ROWS = 3
CURRENCY = re.compile(r"[A-Z]{3}")
SHARE = re.compile(r"\d{1,3}(\.\d+)?")
Choice = TypeVar("Choice", bound=StrEnum)
Params = Mapping[str, Sequence[str]]
Spell = Callable[[Sequence[int]], str]


@dataclass(slots=True)
class Asked:
    """What an address asks for, each field as it was typed, and what of it cannot be used."""

    query: PlanQuery
    typed: dict[str, str]
    faults: list[Fault] = field(default_factory=list)


def read_query(params: Params) -> Asked:
    """Return what an address asks for. A field that cannot be used is told as a fault and left at its default.

    Raises BadInput for what nobody types: lists of accounts that are none.
    """
    reader = _Reader(params)
    usual = PlanQuery()
    currency = reader.read("currency", usual.currency, _match(CURRENCY), _NOT_CURRENCY)
    query = PlanQuery(
        goal=reader.choose("goal", Goal, usual.goal),
        target=reader.read("target", 0, parse_count, _NOT_COUNT),
        budget_minor=reader.read("budget", 0, lambda text: parse_minor(text, currency), _NOT_MONEY),
        currency=currency,
        kind=reader.choose("kind", PostKind, usual.kind),
        hours=reader.read("hours", usual.hours, _limit(1, MOST_HOURS), _NOT_HOURS),
        platform=reader.get("platform"),
        market=reader.get("market"),
        topic=reader.get("topic"),
        quotas=reader.read_quotas(),
        chosen=reader.read_keys("in"),
        must=reader.read_keys("must"),
        never=reader.read_keys("never"),
        is_tired=reader.get("tired") == "1",
        people=reader.read_range("people", None, parse_count, _NOT_COUNT),
        seen=reader.read_range("seen", usual.seen, _parse_share, _NOT_SHARE) or usual.seen,
        text=reader.get("q"),
        sort=reader.choose("sort", Sort, usual.sort),
        was=reader.read_keys("was") if "was" in params else None,
        plan=reader.read("plan", 0, parse_count, _NOT_COUNT),
        version=reader.read("version", 0, parse_count, _NOT_COUNT),
    )
    chosen = set(query.chosen)
    must = tuple(key for key in query.must if key in chosen)
    never = tuple(key for key in query.never if key not in chosen)
    query = replace(query, must=must, never=never)
    if query.goal is Goal.REACH and not query.target and not reader.has_fault("target") and query.budget_minor:
        reader.faults.append(Fault("target", *_NO_TARGET))
    return Asked(query, reader.typed, [*reader.faults, *check_quotas(query.quotas)])


def check_quotas(quotas: Sequence[Quota]) -> list[Fault]:
    """Return the quotas that contradict themselves or each other."""
    faults, seen = [], set()
    for quota in quotas:
        name = f"{quota.column}={quota.value}"
        if (quota.column, quota.value) in seen:
            faults.append(
                Fault(
                    "quotas",
                    Words(f"配额“{name}”写了两次。", f"The quota {name} stands twice."),
                    Words("合成一行。", "Put both ends into one row."),
                )
            )
        seen.add((quota.column, quota.value))
        if quota.least is not None and quota.most is not None and quota.least > quota.most:
            faults.append(
                Fault(
                    "quotas",
                    Words(
                        f"配额“{name}”自相矛盾：至少 {quota.least} 个，至多 {quota.most} 个。",
                        f"The quota {name} contradicts itself: at least {quota.least}, at most {quota.most}.",
                    ),
                    Words("调低下限，或调高上限。", "Lower the least, or raise the most."),
                )
            )
    return faults


def list_params(query: PlanQuery, spell: Spell = shorten_keys) -> list[tuple[str, str]]:
    """Return the query as parameters of an address, without what is as usual; the same query gives the same address."""
    usual = PlanQuery()
    first = [
        ("goal", query.goal if query.goal != usual.goal else ""),
        ("target", str(query.target or "")),
        ("budget", spell_money(query.budget_minor, query.currency) if query.budget_minor else ""),
        ("currency", query.currency if query.currency != usual.currency else ""),
        ("kind", query.kind if query.kind != usual.kind else ""),
        ("hours", str(query.hours) if query.hours != usual.hours else ""),
        ("platform", query.platform),
        ("market", query.market),
        ("topic", query.topic),
    ]
    quotas = []  # three lists that go together: an end that is empty stays
    for quota in query.quotas:
        quotas.append(("quota", f"{quota.column}:{quota.value}"))
        ends = (("least", quota.least), ("most", quota.most))
        quotas += [(name, "" if end is None else str(end)) for name, end in ends]
    last = [
        ("tired", "1" if query.is_tired else ""),
        *(_spell_range("people", query.people) if query.people is not None else ()),
        *(_spell_range("seen", query.seen) if query.seen != usual.seen else ()),
        ("in", spell(query.chosen)),
        ("must", spell(query.must)),
        ("never", spell(query.never)),
        ("q", query.text),
        ("sort", query.sort if query.sort != usual.sort else ""),
        ("plan", str(query.plan or "")),
        ("version", str(query.version or "")),
        ("was", "" if query.was is None else spell(query.was) or "none"),
    ]
    return [*(pair for pair in first if pair[1]), *quotas, *(pair for pair in last if pair[1])]


def link_plan(query: PlanQuery) -> str:
    """Return the query of the address that shows this plan; long lists by their names, which somebody has to keep."""
    return urlencode(list_params(query))


def write_plan(query: PlanQuery) -> str:
    """Return the same with every list spelled out, to be kept."""
    return urlencode(list_params(query, spell_keys))


def move(query: PlanQuery, params: Params) -> PlanQuery | None:
    """Return the plan after the step that an address names, None where it names none.

    Steps: ``add``, ``drop``, ``pin``, ``unpin``, ``ban``, ``unban`` an account, ``undo`` the last step. The chosen
    before it are kept as ``was``. Raises BadInput where a plan would hold too many.
    """
    name = next((step for step in _STEPS if params.get(step)), "")
    if not name:
        return None
    if name == "undo":
        back = query.was if query.was is not None else query.chosen
        return replace(query, chosen=back, must=tuple(key for key in query.must if key in back), was=None)
    keys = parse_keys(params[name][0])
    moved = _STEPS[name](query, keys)
    parse_keys(spell_keys(moved.chosen))
    return replace(moved, was=query.chosen if moved.chosen != query.chosen else query.was)


def _add(query: PlanQuery, keys: tuple[int, ...]) -> PlanQuery:
    never = tuple(key for key in query.never if key not in keys)
    return replace(query, chosen=tuple(dict.fromkeys((*query.chosen, *keys))), never=never)


def _drop(query: PlanQuery, keys: tuple[int, ...]) -> PlanQuery:
    left = tuple(key for key in query.chosen if key not in keys)
    return replace(query, chosen=left, must=tuple(key for key in query.must if key in left))


def _pin(query: PlanQuery, keys: tuple[int, ...]) -> PlanQuery:
    added = _add(query, keys)
    return replace(added, must=tuple(dict.fromkeys((*added.must, *keys))))


def _unpin(query: PlanQuery, keys: tuple[int, ...]) -> PlanQuery:
    return replace(query, must=tuple(key for key in query.must if key not in keys))


def _ban(query: PlanQuery, keys: tuple[int, ...]) -> PlanQuery:
    dropped = _drop(query, keys)
    return replace(dropped, never=tuple(dict.fromkeys((*dropped.never, *keys))))


def _unban(query: PlanQuery, keys: tuple[int, ...]) -> PlanQuery:
    return replace(query, never=tuple(key for key in query.never if key not in keys))


Step = Callable[[PlanQuery, tuple[int, ...]], PlanQuery]
_STEPS: dict[str, Step] = {
    "add": _add,
    "drop": _drop,
    "pin": _pin,
    "unpin": _unpin,
    "ban": _ban,
    "unban": _unban,
    "undo": _drop,
}
_NOT_COUNT = Words("不是人数。", "is no number of people."), Words("例如 200万 或 2000000。", "Write 2,000,000 or 2m.")
_NOT_MONEY = Words("不是金额。", "is no amount."), Words("例如 100万 或 1000000.50。", "Write 1,000,000 or 1000000.50.")
_NOT_CURRENCY = Words("不是币种。", "is no currency."), Words("三个大写字母，如 CNY。", "Three capitals, such as CNY.")
_NOT_HOURS = (
    Words("不是可用的小时数。", "is no usable number of hours."),
    Words(f"1 到 {MOST_HOURS} 的整数。", f"A whole number from 1 to {MOST_HOURS}."),
)
_NOT_SHARE = Words("不是百分比。", "is no percentage."), Words("0 到 100 之间的数。", "A number above 0, up to 100.")
_NOT_KNOWN = Words("没有这个选项。", "is no choice here."), Words("请从列表里选。", "Choose from the list.")
_NOT_QUOTA = (
    Words("不是配额。", "is no quota."),
    Words("请从列表里选，人数写整数。", "Choose from the list; whole numbers."),
)
_NO_TARGET = (
    Words("没有写要触达多少人。", "No number of people to reach was given."),
    Words("写一个目标人数，或改选“预算内触达最多”。", "Give one, or choose the most for the budget."),
)
_NO_RANGE = (
    Words("区间不成立。", "is no interval."),
    Words("要 0 < 下限 ≤ 数值 ≤ 上限。", "Give 0 < low <= value <= high."),
)
Reasons = tuple[Words, Words]
Value = TypeVar("Value")


class _Reader:
    """Reads fields one by one and keeps what was typed and what could not be used."""

    def __init__(self, params: Params) -> None:
        self.params = params
        self.typed: dict[str, str] = {}
        self.faults: list[Fault] = []

    def get(self, name: str) -> str:
        text = "".join(sign for sign in (self.params.get(name) or [""])[-1] if sign.isprintable()).strip()
        self.typed[name] = text[:MOST_LETTERS]
        return self.typed[name]

    def has_fault(self, name: str) -> bool:
        return any(fault.field == name for fault in self.faults)

    def read(self, name: str, usual: Value, parse: Callable[[str], Value | None], reasons: Reasons) -> Value:
        text = self.get(name)
        if not text:
            return usual
        found = parse(text)
        if found is None:
            what, mend = reasons
            self.faults.append(Fault(name, Words(f"“{text}”{what.zh}", f"{text!r} {what.en}"), mend))
            return usual
        return found

    def choose(self, name: str, kind: type[Choice], usual: Choice | str) -> Choice:
        known = {str(one.value): one for one in kind}
        return self.read(name, known[str(usual)], known.get, _NOT_KNOWN)

    def read_keys(self, name: str) -> tuple[int, ...]:
        return parse_keys((self.params.get(name) or [""])[-1])

    def read_range(
        self, name: str, usual: Range | None, parse: Callable[[str], float | None], reasons: Reasons
    ) -> Range | None:
        value = self.read(name, 0.0, parse, reasons)
        if not value:
            return usual
        ends = [self.read(f"{name}_{end}", value, parse, reasons) for end in ("low", "high")]
        try:
            return Range(float(value), float(ends[0]), float(ends[1]))
        except BadInput:
            shown = f"{ends[0]:g} / {value:g} / {ends[1]:g}"
            what = Words(f"{shown} {_NO_RANGE[0].zh}", f"{shown} {_NO_RANGE[0].en}")
            self.faults.append(Fault(name, what, _NO_RANGE[1]))
            return usual

    def read_quotas(self) -> tuple[Quota, ...]:
        found = []
        lists = [list(self.params.get(name, ())) for name in ("quota", "least", "most")]
        for at, text in enumerate(lists[0][:20]):
            column, _, value = text.partition(":")
            ends = [(ends[at] if at < len(ends) else "").strip() for ends in lists[1:]]
            if not text:
                continue
            counts = [parse_count(end) if end else None for end in ends]
            is_wrong = any(end and count is None for end, count in zip(ends, counts, strict=True))
            if column not in QUOTA_COLUMNS or not value or is_wrong:
                shown = f"{text} {' '.join(ends)}".strip()[:MOST_LETTERS]
                what, mend = _NOT_QUOTA
                self.faults.append(Fault("quotas", Words(f"“{shown}”{what.zh}", f"{shown!r} {what.en}"), mend))
                continue
            if counts != [None, None]:
                found.append(Quota(column, value[:MOST_LETTERS], counts[0], counts[1]))
        return tuple(found)


def _match(pattern: re.Pattern[str]) -> Callable[[str], str | None]:
    return lambda text: text if pattern.fullmatch(text) else None


def _limit(low: int, high: int) -> Callable[[str], int | None]:
    def parse(text: str) -> int | None:
        found = parse_count(text)
        return found if found is not None and low <= found <= high else None

    return parse


def _parse_share(text: str) -> float | None:
    found = float(text) if SHARE.fullmatch(text) else 0.0
    return found if 0.0 < found <= 100.0 else None


def _spell_range(name: str, found: Range) -> list[tuple[str, str]]:
    ends = [(name, found.value), (f"{name}_low", found.low), (f"{name}_high", found.high)]
    return [(field_name, f"{value:.10g}") for field_name, value in ends]
