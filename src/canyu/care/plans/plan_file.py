"""Reads a product's plans from YAML: promises and the cost of owning; every problem names line, field and mend."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import TypeVar

import yaml

from canyu.care.plans.cost import NOTHING, Ownership, PlanPrice, Ranged, Repair
from canyu.care.plans.money import read_amount
from canyu.care.plans.promises import Asking, Promise, Rhythm, add_months
from canyu.care.severity import Harm
from canyu.events.catalogue_problems import GIVEN_TWICE, Fault, Pattern, tell_unknown_choice
from canyu.events.located_yaml import MAX_BYTES, NodeReader, refuse_problems
from canyu.kit.words import Words
from canyu.kit.written import read_written

Read = TypeVar("Read")
TOP = {"format", "product", "currency", "promises", "cost"}
PROMISE = {"name", "words", "rhythm", "from", "until", "years", "every_months", "within_days", "done", "asked"}
PROMISE |= {"harm", "owners"}
COST = {"years", "discount", "price", "plans", "repairs", "resale"}
PLAN = {"words", "price", "month", "share", "promise"}
REPAIR = {"words", "chance", "price", "covered", "covered_months"}
RHYTHMS = {rhythm.value: rhythm for rhythm in Rhythm}
HARMS = {harm.value: harm for harm in Harm}
MOST_YEARS, MOST_OWNERS = 50, 10**10
RANGE = ".."

NO_DAY = Pattern(Words("{0!r} 不是日期。", "{0!r} is no date."), Words("请写 2025-03-01。", "Write it as 2025-03-01."))
NO_COUNT = Pattern(
    Words("{0!r} 不是 {1} 以内的整数。", "{0!r} is no whole number up to {1}."),
    Words("请写 0 或正整数。", "Write 0 or a positive whole number."),
)
NO_AMOUNT = Pattern(
    Words("{0!r} 不是 {1} 的金额。", "{0!r} is no amount of {1}."),
    Words(
        "请写 5999.00；不得为负，小数位不得多于该货币的最小单位。",
        "Write 5999.00: not negative, no finer than the minor unit.",
    ),
)
NO_SHARE = Pattern(
    Words("{0!r} 不是 0% 到 100% 的比例。", "{0!r} is no share from 0% to 100%."),
    Words(
        "请写 8%，一段写 5%..12%，带最可能值写 5%..8%..12%。",
        "Write 8%, a range 5%..12%, with the likely value 5%..8%..12%.",
    ),
)
NO_RANGE = Pattern(
    Words("{0!r} 不是从小到大的范围。", "{0!r} is no range from low to high."),
    Words("请写 低..高 或 低..最可能..高。", "Write LOW..HIGH or LOW..LIKELY..HIGH."),
)
NO_CURRENCY = Pattern(
    Words("{0!r} 不是货币代码。", "{0!r} is no currency."),
    Words("请写 CNY 这样的三个字母。", "Write three letters such as CNY."),
)
NO_END = Fault(
    Words(
        "until 与 years 须恰好写一个，且结束不早于开始。",
        "needs exactly one of until and years, and ends no earlier than it begins.",
    ),
    Words("五年写 years: 5，或写 until: 2030-02-28。", "Write years: 5, or until: 2030-02-28."),
)
NO_LENGTH = Pattern(Words("还要写 {0}。", "needs {0}."), Words("请写正整数。", "Write a positive whole number."))
BACKWARDS = Fault(
    Words("兑现早于提出。", "is honoured before it was asked for."), Words("请核对两个日期。", "Check both days.")
)
NO_PROMISE = Pattern(
    Words("没有名为 {0} 的承诺。", "there is no promise {0}."),
    Words("请写 promises 下的 name。", "Write a name under promises."),
)
PROBLEMS = Words("计划文件有 {} 处问题：", "The file of plans has {} problem(s):")
LINE_BY_LINE = Words("请按行改正。", "Mend them line by line.")


@dataclass(frozen=True, slots=True)
class PlanFile:
    """One product's promises, and what owning it costs where the file says so."""

    product: str
    currency: str
    promises: tuple[Promise, ...]
    cost: Ownership | None


def load_plans(path: str) -> PlanFile:
    """Return the checked plans at ``path``. Raises NotFound where there is no file, BadInput with what is wrong."""
    absent = Words(f"没有计划文件 {path}。", f"There is no file of plans {path}.")
    too_long = Words("一个产品的计划只需几十行。", "The plans of a product need some dozens of lines.")
    return parse_plans(read_written(path, absent=absent, too_long=too_long, most_bytes=MAX_BYTES))


def parse_plans(text: str) -> PlanFile:
    r"""Return the plans that a YAML text holds. Raises BadInput that tells the first problems.

    >>> promise = '{name: u, words: 五年更新, rhythm: every, every_months: 3, from: 2025-03-01, years: 5}'
    >>> found = parse_plans(f'format: 1\nproduct: a/b\ncurrency: CNY\npromises:\n- {promise}')
    >>> str(found.promises[0].last)
    '2030-02-28'
    """
    reader = _PlanReader()
    root = reader.compose(text, "plans")
    found = reader.read_plans(root) if root is not None else None
    if reader.problems or found is None:
        raise refuse_problems(reader.problems, PROBLEMS, LINE_BY_LINE)
    return found


class _PlanReader(NodeReader):
    """Walks the nodes of a file of plans."""

    def read_plans(self, root: yaml.Node) -> PlanFile | None:
        """Return the plans; what cannot be read is told and left out."""
        top = self.read_top(root, "plans", TOP)
        if not top:
            return None
        product = self.read_text(top.get("product"), "product", root)
        currency = self.read_text(top.get("currency"), "currency", root)
        if currency and not (len(currency) == 3 and currency.isascii() and currency.isupper()):
            self.tell(top["currency"], "currency", NO_CURRENCY.tell(currency))
        promises: dict[str, Promise] = {}
        for node in self.read_list(top.get("promises"), "promises"):
            promise = self.read_promise(node)
            if promise is not None and promise.name in promises:
                self.tell(node, "promises.name", GIVEN_TWICE)
            elif promise is not None:
                promises[promise.name] = promise
        cost = self.read_cost(top["cost"], currency, set(promises)) if "cost" in top else None
        return PlanFile(product, currency, tuple(promises.values()), cost)

    def read_promise(self, node: yaml.Node) -> Promise | None:
        """Return one promise; None, and problems, where it cannot be read."""
        kept, before = self.read_map(node, "promises", PROMISE), len(self.problems)
        name = self.read_text(kept.get("name"), "promises.name", node)
        words = self.read_words(kept.get("words"), "promises.words", node)
        rhythm = self.read_choice(kept.get("rhythm"), "promises.rhythm", RHYTHMS, node)
        first = self.read_day(kept.get("from"), "promises.from", node)
        last = self.read_last(kept, node, first)
        every, within = (
            self.read_count(kept.get(key), f"promises.{key}", 1_200) for key in ("every_months", "within_days")
        )
        if rhythm is Rhythm.EVERY and not every:
            self.tell(kept.get("every_months", node), "promises.every_months", NO_LENGTH.tell("every_months"))
        if rhythm is Rhythm.ON_REQUEST and "within_days" not in kept:
            self.tell(node, "promises.within_days", NO_LENGTH.tell("within_days"))
        done = tuple(
            day
            for each in self.read_list(kept.get("done"), "promises.done")
            if (day := self.read_day(each, "promises.done"))
        )
        askings = tuple(
            asking for each in self.read_list(kept.get("asked"), "promises.asked") if (asking := self.read_asking(each))
        )
        harm = self.read_choice(kept.get("harm"), "promises.harm", HARMS) if "harm" in kept else Harm.NUISANCE
        owners = self.read_count(kept.get("owners"), "promises.owners", MOST_OWNERS)
        if len(self.problems) > before or rhythm is None or first is None or last is None or harm is None:
            return None
        return Promise(name, words, rhythm, first, last, every, within, done, askings, harm, owners)

    def read_last(self, kept: dict[str, yaml.Node], node: yaml.Node, first: date | None) -> date | None:
        """Return the last day of a promise, told as a day or in years."""
        if ("until" in kept) == ("years" in kept):
            self.tell(node, "promises.until", NO_END)
            return None
        if "until" in kept:
            last = self.read_day(kept["until"], "promises.until")
        else:
            years = self.read_count(kept["years"], "promises.years", MOST_YEARS)
            last = add_months(first, 12 * years) - timedelta(1) if first else None
        if first and last and last < first:
            self.tell(kept.get("until", kept.get("years")), "promises.until", NO_END)
            return None
        return last

    def read_asking(self, node: yaml.Node) -> Asking | None:
        """Return one asking and the day on which it was honoured, if it was."""
        kept = self.read_map(node, "promises.asked", {"on", "honoured"})
        asked = self.read_day(kept.get("on"), "promises.asked.on", node)
        honoured = self.read_day(kept["honoured"], "promises.asked.honoured") if "honoured" in kept else None
        if asked and honoured and honoured < asked:
            self.tell(kept["honoured"], "promises.asked.honoured", BACKWARDS)
        return Asking(asked, honoured) if asked else None

    def read_cost(self, node: yaml.Node, currency: str, promises: set[str]) -> Ownership | None:
        """Return what owning is reckoned from."""
        kept = self.read_map(node, "cost", COST)
        if not kept:
            return None
        years = self.read_count(kept.get("years"), "cost.years", MOST_YEARS)
        if not years:
            self.tell(kept.get("years", node), "cost.years", NO_LENGTH.tell("years"))
        price = self.read_amount(kept.get("price"), "cost.price", currency, node)
        plans = tuple(
            self.read_plan(each, currency, promises) for each in self.read_list(kept.get("plans"), "cost.plans")
        )
        repairs = tuple(
            self.read_repair(each, currency) for each in self.read_list(kept.get("repairs"), "cost.repairs")
        )
        discount = self.read_range(kept.get("discount"), "cost.discount", read_share, NO_SHARE)
        resale = self.read_amounts(kept.get("resale"), "cost.resale", currency)
        return Ownership(currency, years, discount, price, plans, repairs, resale)

    def read_plan(self, node: yaml.Node, currency: str, promises: set[str]) -> PlanPrice:
        """Return the price of one plan."""
        kept = self.read_map(node, "cost.plans", PLAN)
        words = self.read_words(kept.get("words"), "cost.plans.words", node)
        price = self.read_amount(kept.get("price"), "cost.plans.price", currency, node)
        month = self.read_count(kept.get("month"), "cost.plans.month", 12 * MOST_YEARS)
        share = self._read(kept.get("share"), "cost.plans.share", read_share, NO_SHARE)
        promise = self.read_text(kept["promise"], "cost.plans.promise") if "promise" in kept else ""
        if promise and promise not in promises:
            self.tell(kept["promise"], "cost.plans.promise", NO_PROMISE.tell(promise))
        return PlanPrice(words, price, month, Decimal(1) if share is None else share, promise)

    def read_repair(self, node: yaml.Node, currency: str) -> Repair:
        """Return one repair that may be needed."""
        kept = self.read_map(node, "cost.repairs", REPAIR)
        words = self.read_words(kept.get("words"), "cost.repairs.words", node)
        chance = self.read_range(kept.get("chance"), "cost.repairs.chance", read_share, NO_SHARE)
        price = self.read_amounts(kept.get("price"), "cost.repairs.price", currency)
        covered = self._read(kept.get("covered"), "cost.repairs.covered", read_share, NO_SHARE)
        months = self.read_count(kept.get("covered_months"), "cost.repairs.covered_months", 12 * MOST_YEARS)
        return Repair(words, chance, price, covered or Decimal(0), months)

    def read_choice(
        self, node: yaml.Node | None, name: str, choices: dict[str, Read], above: yaml.Node | None = None
    ) -> Read | None:
        """Return one of some choices."""
        text = self.read_text(node, name, above)
        if text and text not in choices:
            self.tell(node, name, tell_unknown_choice(text, choices))
        return choices.get(text)

    def read_day(self, node: yaml.Node | None, name: str, above: yaml.Node | None = None) -> date | None:
        """Return a day."""
        return self._read(node, name, date.fromisoformat, NO_DAY, above)

    def read_count(self, node: yaml.Node | None, name: str, most: int) -> int:
        """Return a whole number from 0 on; 0 where it is not there."""
        text = "0" if node is None else self.read_text(node, name)
        if text and not (text.isascii() and text.isdigit() and len(text) < 12 and int(text) <= most):
            self.tell(node, name, NO_COUNT.tell(text, most))
            return 0
        return int(text or 0)

    def read_amount(self, node: yaml.Node | None, name: str, currency: str, above: yaml.Node) -> int:
        """Return an amount in minor units."""
        text = self.read_text(node, name, above)
        try:
            return read_amount(text, currency) if text else 0
        except ValueError:
            self.tell(node, name, NO_AMOUNT.tell(text, currency))
            return 0

    def read_amounts(self, node: yaml.Node | None, name: str, currency: str) -> Ranged:
        """Return an amount, or a range of amounts, in minor units."""
        fault = Pattern(*NO_AMOUNT.tell("{0}", currency))
        return self.read_range(node, name, lambda text: Decimal(read_amount(text, currency)), fault)

    def read_range(self, node: yaml.Node | None, name: str, parse: Callable[[str], Decimal], fault: Pattern) -> Ranged:
        """Return a value with its range; nothing at all where it is not there."""
        text = "" if node is None else self.read_text(node, name)
        if not text:
            return NOTHING
        try:
            values = [parse(part.strip()) for part in text.split(RANGE)]
        except ValueError:
            self.tell(node, name, fault.tell(text))
            return NOTHING
        if len(values) > 3 or values != sorted(values):
            self.tell(node, name, NO_RANGE.tell(text))
            return NOTHING
        middle = values[1] if len(values) == 3 else (values[0] + values[-1]) / 2
        return Ranged(values[0], middle, values[-1])

    def _read(
        self,
        node: yaml.Node | None,
        name: str,
        parse: Callable[[str], Read],
        fault: Pattern,
        above: yaml.Node | None = None,
    ) -> Read | None:
        text = "" if node is None and above is None else self.read_text(node, name, above)
        try:
            return parse(text) if text else None
        except ValueError:
            self.tell(node, name, fault.tell(text))
            return None


def read_share(text: str) -> Decimal:
    """Return a share written in per cent. ValueError for one that is none or is over a whole.

    >>> read_share("8%"), read_share("12.5 %")
    (Decimal('0.08'), Decimal('0.125'))
    """
    try:
        share = Decimal(text.removesuffix("%").strip()) / 100
    except InvalidOperation:
        raise ValueError(text) from None
    if not text.endswith("%") or not share.is_finite() or not 0 <= share <= 1:
        raise ValueError(text)
    return share
