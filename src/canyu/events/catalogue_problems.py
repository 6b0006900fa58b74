"""What can be wrong with a catalogue file, in both languages: each fault says what it is and how to mend it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from canyu.kit.words import Words

TOLD_AT_ONCE = 5
"""So many problems are told in one error; the check lists all."""


class Fault(NamedTuple):
    """What is wrong at one place of a file, and how to mend it."""

    message: Words
    mend: Words


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing wrong in a catalogue file, and how to mend it."""

    line: int
    field: str
    message: Words
    mend: Words

    def tell(self) -> Words:
        """Return the whole problem in one line."""
        return Words(
            f"第 {self.line} 行，{self.field}：{self.message.zh}{self.mend.zh}",
            f"line {self.line}, {self.field}: {self.message.en} {self.mend.en}",
        )

    def __str__(self) -> str:
        return str(self.tell())


# The shape of the file

ANCHOR = Fault(
    Words("使用了 YAML 锚点。", "uses YAML anchors."),
    Words("请把值直接写出来。", "Write the values out."),
)
EMPTY = Fault(
    Words("是空的。", "is empty."),
    Words("可以从 `canyu catalogue show --yaml` 的输出改起。", "Start from `canyu catalogue show --yaml`."),
)
GIVEN_TWICE = Fault(
    Words("写了两次。", "is given twice."),
    Words("请只留一个。", "Keep one."),
)
MISSING = Fault(
    Words("没有填写。", "is missing."),
    Words("请补上。", "Add it."),
)
MISSING_NAMES = Fault(
    Words("没有填写。", "is missing."),
    Words("请写成 {zh: …, en: …}。", "Write {zh: …, en: …}."),
)
NO_ENTRY = Fault(
    Words("没有条目。", "has no entry."),
    Words("请在 `entries` 下列出品牌和产品。", "List brands and products under `entries`."),
)
NO_LIST = Fault(
    Words("不是列表。", "is not a list."),
    Words("请写成多行 `- 条目`，或 [a, b]。", "Write `- item` lines, or [a, b]."),
)
NO_MAPPING = Fault(
    Words("不是键值对。", "is not a mapping."),
    Words("请在它下面写 `key: value` 行。", "Write `key: value` lines under it."),
)
NO_TEXT = Fault(
    Words("不是文字。", "is not a text."),
    Words("请写一个词，或加引号的文字。", "Write one word or quoted text."),
)
UNKNOWN_FORMAT = Fault(
    Words("不是当前版本能读的格式。", "is not a format that this version reads."),
    Words("当前版本只读格式 1。", "This version reads format 1."),
)


def tell_no_yaml(said: str) -> Fault:
    """Return the fault of a text that the YAML reader refuses, with its own words."""
    return Fault(
        Words(f"不是 YAML：{said}。", f"is not YAML: {said}."),
        Words("请检查该处的缩进和引号。", "Check indentation and quotes there."),
    )


def tell_too_deep(levels: int) -> Fault:
    """Return the fault of a file nested too deeply."""
    return Fault(
        Words("嵌套太深。", "is nested too deeply."),
        Words(f"最多 {levels} 层。", f"{levels} levels are enough."),
    )


def tell_unknown_field(known: Iterable[str]) -> Fault:
    """Return the fault of a field that is none."""
    names = sorted(known)
    return Fault(
        Words("不是已知的字段。", "is not a known field."),
        Words(f"可用的字段：{'、'.join(names)}。", f"Known are: {', '.join(names)}."),
    )


def tell_unknown_choice(text: str, choices: Iterable[str]) -> Fault:
    """Return the fault of a value that is none of the choices."""
    return Fault(Words(f"不认识 {text!r}。", f"{text!r} is not known."), name_choices(choices))


def tell_no_choice(choices: Iterable[str]) -> Fault:
    """Return the fault of a value that must be chosen and is not there."""
    return Fault(MISSING.message, name_choices(choices))


def name_choices(choices: Iterable[str]) -> Words:
    """Return the mend that lists what may be chosen."""
    names = list(choices)
    return Words(f"请从中选一个：{'、'.join(names)}。", f"Choose one of: {', '.join(names)}.")


# Contexts and aliases


def tell_no_context(word: str) -> Fault:
    """Return the fault of a reference to a context list that is not there."""
    return Fault(
        Words(f"没有名为 {word} 的语境词表。", f"there is no context list {word}."),
        Words("请在 `contexts` 下定义它。", "Define it under `contexts`."),
    )


def tell_empty_context(word: str) -> Fault:
    """Return the fault of a context word that marks the alias's place and nothing else, or twice."""
    return Fault(
        Words(f"{word!r} 什么也没说。", f"{word!r} says nothing."),
        Words("请写一次别名的位置，并带上词：`~粥`。", "Write the alias's place once, with words: `~粥`."),
    )


def tell_long_context(longest: int) -> Fault:
    """Return the fault of a context word that is a sentence."""
    return Fault(tell_longer(longest), Words("请用能说明含义的词。", "Use a word that tells the sense."))


def tell_long_alias(longest: int) -> Fault:
    """Return the fault of an alias that is a sentence."""
    return Fault(tell_longer(longest), Words("请用人们常写的简称。", "Use the short form that people write."))


def tell_longer(longest: int) -> Words:
    """Return that a text has more characters than it may."""
    return Words(f"超过 {longest} 个字符。", f"is over {longest} characters.")


def tell_no_window(text: str, largest: int) -> Fault:
    """Return the fault of a window that is no number in its range."""
    return Fault(
        Words(f"{text!r} 不是有效的窗口。", f"{text!r} is no window."),
        Words(f"请填 1 到 {largest} 个字符。", f"Give 1 to {largest} characters."),
    )


def tell_bare_alias(text: str) -> Fault:
    """Return the fault of an alias of signs only."""
    return Fault(
        Words(f"{text!r} 不含字母、汉字或数字。", f"{text!r} has no letter or digit."),
        Words("请写一个词。", "Give a word."),
    )


def tell_short_alias(text: str) -> Fault:
    """Return the fault of an alias of one character without a context."""
    return Fault(
        Words(f"{text!r} 只有一个字符，到处都会匹配。", f"{text!r} is one character and would match everywhere."),
        Words("请在 `needs` 下写明它的语境词。", "Give the words of its context under `needs`."),
    )


def tell_shared_alias(text: str, owner: str) -> Fault:
    """Return the fault of an alias that two entries claim."""
    return Fault(
        Words(f"{text!r} 也是 {owner} 的别名。", f"{text!r} is an alias of {owner} as well."),
        Words("请只留一处，或用 `needs` 区分。", "Keep it once, or tell them apart with `needs`."),
    )


# Accounts

ACTOR_AND_ID = Fault(
    Words("actor 与 source、id 只能用一种。", "stands beside source or id."),
    Words("请只留一种。", "Give either the actor, or source and id."),
)
NO_ACCOUNT = Fault(
    Words("没有填写。", "is missing."),
    Words("请写来源（如 weibo）和账号编号 id，或写 actor。", "Give source (as weibo) and id, or actor."),
)

# Entries

HOME_COMPETITOR = Fault(
    Words("自家品牌不是竞品。", "the home brand is no competitor."),
    Words("请去掉这个标记。", "Remove the mark."),
)


def tell_no_id(text: str) -> Fault:
    """Return the fault of an id that is not written as one."""
    return Fault(
        Words(f"{text!r} 不是有效的编号。", f"{text!r} is no id."),
        Words(
            "请写成 brand 或 brand/thing，只用 a-z、0-9 和 -。",
            "Write brand or brand/thing in a-z, 0-9 and -.",
        ),
    )


def tell_no_brand_kind(kind: str) -> Fault:
    """Return the fault of a product, person … whose id names no brand."""
    return Fault(
        Words(f"编号里没有品牌的是品牌，不是 {kind}。", f"an id without a brand is a brand, not a {kind}."),
        Words("请写成 brand/thing。", "Write brand/thing."),
    )


def tell_no_alias(entry_id: str) -> Fault:
    """Return the fault of an entry without aliases."""
    return Fault(
        Words(f"{entry_id} 没有别名，任何文字都提不到它。", f"{entry_id} has none, so no text can speak of it."),
        Words("请列出人们怎么写它。", "List how people write it."),
    )


def tell_no_flag(text: str) -> Fault:
    """Return the fault of a mark that is neither true nor false."""
    return Fault(
        Words(f"{text!r} 既不是 true 也不是 false。", f"{text!r} is neither true nor false."),
        Words("请写 true 或 false。", "Write true or false."),
    )


def tell_no_home(home: str) -> Fault:
    """Return the fault of a home brand that the file does not list."""
    return Fault(
        Words(f"{home} 不是这个文件里的品牌。", f"{home} is not a brand of this file."),
        Words("请写自家品牌的编号。", "Name the id of your own brand."),
    )


def tell_double_id(entry_id: str) -> Fault:
    """Return the fault of two entries with one id."""
    return Fault(
        Words(f"{entry_id} 写了两次。", f"{entry_id} is given twice."),
        Words("请把两个条目合并。", "Join the two entries."),
    )


def tell_no_brand(brand: str) -> Fault:
    """Return the fault of an entry whose brand the file does not list."""
    return Fault(
        Words(f"没有品牌 {brand}。", f"there is no brand {brand}."),
        Words("请为这个品牌加一个条目。", "Add an entry for the brand."),
    )


def tell_no_label(category: str) -> Fault:
    """Return the fault of a category without a name."""
    return Fault(
        Words(f"{category} 没有名称。", f"{category} has no label."),
        Words("请在 `categories` 下补上。", "Add it under `categories`."),
    )
