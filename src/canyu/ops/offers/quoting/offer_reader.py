"""Reads one offer from a YAML or JSON node and says everything that is wrong with it: line, field and mend."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar

import yaml

from canyu.events.catalogue_problems import Fault, Pattern, tell_unknown_choice
from canyu.events.located_yaml import NodeReader
from canyu.kit.words import Words
from canyu.ops.offers.quoting.money import WHOLE_BP
from canyu.ops.offers.quoting.offers import (
    MOST_PARTS,
    Conditions,
    Effect,
    Kind,
    Offer,
    Part,
    Scope,
    Share,
    Spread,
    Stacks,
    Target,
    Unused,
)
from canyu.ops.offers.quoting.reasons import Reason

MOST_MINOR = 10**13
MOST_UNITS = 1_000_000
LONGEST_ID = 120
CURRENCY = re.compile(r"[A-Z]{3}")
WHOLE_NUMBER = re.compile(r"\d{1,15}")
PERCENT = re.compile(r"\d{1,3}(\.\d{1,2})?")

EFFECT_FIELDS = {"percent", "amount_minor", "on", "products", "categories", "spread", "share", "units", "at_most_minor"}
CONDITION_FIELDS = {
    "starts_at",
    "ends_at",
    "markets",
    "persons",
    "first_order",
    "min_amount_minor",
    "min_quantity",
}
PART_FIELDS = {"products", "categories", "quantity"}
OFFER_FIELDS = {
    "id",
    "name",
    "kind",
    "effect",
    "conditions",
    "bundle",
    "most_bundles",
    "currency",
    "priority",
    "category",
    "stacks",
    "uses_left",
    "person_uses_left",
    "budget",
    "unused",
    "refused",
}

NO_NUMBER = Pattern(
    Words("{0!r} 不是可用的整数。", "{0!r} is no usable whole number."),
    Words(
        "请写 {1} 到 {2} 的整数；金额以最小货币单位（如分）计。",
        "Write {1} to {2}; money in minor units (such as fen).",
    ),
)
NO_PERCENT = Pattern(
    Words("{0!r} 不是可用的百分比。", "{0!r} is no usable per cent."),
    Words("请写 0.01 到 100，至多两位小数。", "Write 0.01 to 100 with two decimals at most."),
)
NO_TIME = Pattern(
    Words("{0!r} 不是带时区的时刻。", "{0!r} is no instant with its zone."),
    Words("请写成 2026-06-18T00:00:00+08:00。", "Write it as 2026-06-18T00:00:00+08:00."),
)
NO_CURRENCY = Pattern(
    Words("{0!r} 不是币种代码。", "{0!r} is no currency code."),
    Words("请写三个大写字母，如 CNY。", "Write three capitals, such as CNY."),
)
NO_FLAG = Pattern(
    Words("{0!r} 既不是 true 也不是 false。", "{0!r} is neither true nor false."),
    Words("请写 true 或 false。", "Write true or false."),
)
TOO_LONG = Pattern(
    Words("超过 {0} 个字符。", "is over {0} characters."),
    Words("请写短一些。", "Shorten it."),
)
NO_DISCOUNT = Fault(
    Words("要减多少没有写清。", "does not say what is taken off."),
    Words("percent 和 amount_minor 中写一个，而且只写一个。", "Write one of percent and amount_minor, not both."),
)
EACH_NEEDS_AMOUNT = Fault(
    Words("spread: each 只用于固定金额。", "spread: each is for amounts only."),
    Words("去掉 spread，或写 amount_minor。", "Leave spread out, or write amount_minor."),
)
NO_PART = Fault(
    Words("没有写商品或品类。", "names no product and no category."),
    Words("请写 products 或 categories。", "Write products or categories."),
)
TOO_MANY_PARTS = Pattern(
    Words("超过 {0} 种。", "has more than {0} parts."),
    Words("请减少。", "Use fewer."),
)
NO_BUNDLE = Fault(
    Words("类型是 bundle，却没有写套装内容。", "is a bundle without its parts."),
    Words("请在 bundle 下列出每套需要什么。", "List under `bundle` what one needs."),
)
ENDS_FIRST = Fault(
    Words("结束不晚于开始。", "is not after the start."),
    Words("请改其中一个。", "Mend one of the two."),
)

Choice = TypeVar("Choice", bound=StrEnum)


@dataclass(slots=True)
class OfferReader(NodeReader):
    """Reads offers, conditions, effects and bundles; what is absent takes its default."""

    def read_short(self, node: yaml.Node | None, name: str, above: yaml.Node) -> str:
        """Return a text that is not too long."""
        text = self.read_text(node, name, above)
        if len(text) > LONGEST_ID:
            self.tell(node, name, TOO_LONG.tell(LONGEST_ID))
        return text

    def read_optional(self, node: yaml.Node | None, name: str) -> str:
        """Return a text, empty where there is none."""
        return "" if node is None or _is_null(node) else self.read_short(node, name, node)

    def read_number(self, node: yaml.Node | None, name: str, least: int = 0, most: int = MOST_MINOR) -> int | None:
        """Return a whole number within its range, None where there is none or it is no such number."""
        if node is None or _is_null(node):
            return None
        text = str(node.value).replace("_", "") if isinstance(node, yaml.ScalarNode) else ""
        if not WHOLE_NUMBER.fullmatch(text.removeprefix("-")) or not least <= int(text) <= most:
            self.tell(node, name, NO_NUMBER.tell(node.value if text else "", f"{least:,}", f"{most:,}"))
            return None
        return int(text)

    def need_number(self, node: yaml.Node | None, name: str, above: yaml.Node, least: int = 0) -> int:
        """Return a whole number that must be there."""
        if node is None:
            self.read_text(None, name, above)
        found = self.read_number(node, name, least)
        return least if found is None else found

    def read_time(self, node: yaml.Node | None, name: str) -> datetime | None:
        """Return an instant with its zone, None where there is none."""
        if node is None or _is_null(node):
            return None
        try:
            found = datetime.fromisoformat(str(node.value))
        except ValueError:
            found = None
        if found is None or found.tzinfo is None:
            self.tell(node, name, NO_TIME.tell(str(node.value)[:40]))
            return None
        return found

    def read_flag(self, node: yaml.Node | None, name: str) -> bool:
        """Return true or false; false where nothing is said."""
        text = str(node.value).lower() if isinstance(node, yaml.ScalarNode) else "false" if node is None else ""
        if text not in {"true", "false"}:
            self.tell(node, name, NO_FLAG.tell(text))
        return text == "true"

    def read_choice(self, node: yaml.Node | None, name: str, usual: Choice) -> Choice:
        """Return one of the names of a choice; the usual one where nothing is said."""
        if node is None:
            return usual
        text, kind = self.read_text(node, name, node), type(usual)
        if text and text not in set(kind):
            self.tell(node, name, tell_unknown_choice(text, kind))
        return kind(text) if text in set(kind) else usual

    def read_names(self, node: yaml.Node | None, name: str) -> frozenset[str]:
        """Return a list of names as a set."""
        found = [self.read_short(item, name, item) for item in self.read_list(node, name)]
        return frozenset(text for text in found if text)

    def read_currency(self, node: yaml.Node | None, name: str) -> str:
        """Return a currency code, empty where there is none."""
        text = self.read_optional(node, name)
        if text and not CURRENCY.fullmatch(text):
            self.tell(node, name, NO_CURRENCY.tell(text))
        return text

    def read_percent(self, node: yaml.Node | None, name: str) -> int:
        """Return a per cent as basis points, 0 where there is none."""
        if node is None:
            return 0
        text = str(node.value).strip().removesuffix("%") if isinstance(node, yaml.ScalarNode) else ""
        points = int(Decimal(text) * 100) if PERCENT.fullmatch(text) else 0
        if not 0 < points <= WHOLE_BP:
            self.tell(node, name, NO_PERCENT.tell(text))
            return 0
        return points

    def read_effect(self, node: yaml.Node | None, above: yaml.Node) -> Effect:
        """Return what is taken off: one of percent and amount."""
        if node is None:
            self.read_text(None, "effect", above)
            return Effect()
        given = self.read_map(node, "effect", EFFECT_FIELDS)
        effect = Effect(
            percent_bp=self.read_percent(given.get("percent"), "effect.percent"),
            amount_minor=self.read_number(given.get("amount_minor"), "effect.amount_minor") or 0,
            scope=self.read_choice(given.get("on"), "effect.on", Scope.GOODS),
            target=Target(
                self.read_names(given.get("products"), "effect.products"),
                self.read_names(given.get("categories"), "effect.categories"),
            ),
            spread=self.read_choice(given.get("spread"), "effect.spread", Spread.ACROSS),
            share=self.read_choice(given.get("share"), "effect.share", Share.VALUE),
            units=self.read_number(given.get("units"), "effect.units", 1, MOST_UNITS),
            at_most_minor=self.read_number(given.get("at_most_minor"), "effect.at_most_minor"),
        )
        if ("percent" in given) == ("amount_minor" in given):
            self.tell(node, "effect", NO_DISCOUNT)
        if effect.spread is Spread.EACH and "percent" in given:
            self.tell(given["spread"], "effect.spread", EACH_NEEDS_AMOUNT)
        return effect

    def read_conditions(self, node: yaml.Node | None) -> Conditions:
        """Return when an offer may be used."""
        if node is None:
            return Conditions()
        given = self.read_map(node, "conditions", CONDITION_FIELDS)
        found = Conditions(
            starts_at=self.read_time(given.get("starts_at"), "conditions.starts_at"),
            ends_at=self.read_time(given.get("ends_at"), "conditions.ends_at"),
            markets=self.read_names(given.get("markets"), "conditions.markets"),
            persons=self.read_names(given.get("persons"), "conditions.persons"),
            first_order=self.read_flag(given.get("first_order"), "conditions.first_order"),
            min_amount_minor=self.read_number(given.get("min_amount_minor"), "conditions.min_amount_minor") or 0,
            min_quantity=self.read_number(given.get("min_quantity"), "conditions.min_quantity", 0, MOST_UNITS) or 0,
        )
        if found.starts_at and found.ends_at and found.ends_at <= found.starts_at:
            self.tell(given["ends_at"], "conditions.ends_at", ENDS_FIRST)
        return found

    def read_part(self, node: yaml.Node) -> Part:
        """Return what a bundle needs once."""
        given = self.read_map(node, "bundle", PART_FIELDS)
        target = Target(
            self.read_names(given.get("products"), "bundle.products"),
            self.read_names(given.get("categories"), "bundle.categories"),
        )
        if not target.products and not target.categories:
            self.tell(node, "bundle", NO_PART)
        return Part(target, self.read_number(given.get("quantity"), "bundle.quantity", 1, MOST_UNITS) or 1)

    def read_offer(self, node: yaml.Node) -> Offer:
        """Return one offer."""
        given = self.read_map(node, "offers", OFFER_FIELDS)
        parts = tuple(self.read_part(item) for item in self.read_list(given.get("bundle"), "bundle"))
        if len(parts) > MOST_PARTS:
            self.tell(given["bundle"], "bundle", TOO_MANY_PARTS.tell(MOST_PARTS))
        if "kind" not in given:
            self.read_text(None, "kind", node)
        offer = Offer(
            id=self.read_short(given.get("id"), "id", node),
            kind=self.read_choice(given.get("kind"), "kind", Kind.PROMOTION),
            effect=self.read_effect(given.get("effect"), node),
            conditions=self.read_conditions(given.get("conditions")),
            parts=parts[:MOST_PARTS],
            most_bundles=self.read_number(given.get("most_bundles"), "most_bundles", 1, MOST_UNITS),
            currency=self.read_currency(given.get("currency"), "currency"),
            priority=self.read_number(given.get("priority"), "priority", -1000, 1000) or 0,
            category=self.read_optional(given.get("category"), "category"),
            stacks=self.read_choice(given.get("stacks"), "stacks", Stacks.COMMON),
            uses_left=self.read_number(given.get("uses_left"), "uses_left"),
            person_uses_left=self.read_number(given.get("person_uses_left"), "person_uses_left"),
            budget=self.read_optional(given.get("budget"), "budget"),
            unused=self.read_choice(given.get("unused"), "unused", Unused.FORFEIT),
            refused=self._read_refused(given.get("refused")),
        )
        if offer.kind is Kind.BUNDLE and not parts:
            self.tell(node, "bundle", NO_BUNDLE)
        return offer

    def _read_refused(self, node: yaml.Node | None) -> str:
        return "" if node is None else str(self.read_choice(node, "refused", Reason.VOID))


def _is_null(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and node.tag == "tag:yaml.org,2002:null"
