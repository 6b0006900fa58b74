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


class Pattern(NamedTuple):
    """A fault with places, {0} and {1}, for what stands in the file."""

    message: Words
    mend: Words

    def tell(self, *found: object) -> Fault:
        """Return the fault of what was found."""
        return Fault(*(Words(words.zh.format(*found), words.en.format(*found)) for words in (self.message, self.mend)))


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

NO_YAML = Pattern(
    Words("不是 YAML：{0}。", "is not YAML: {0}."),
    Words("请检查该处的缩进和引号。", "Check indentation and quotes there."),
)
"""A text that the YAML reader refuses, with its own words: said."""

TOO_DEEP = Pattern(
    Words("嵌套太深。", "is nested too deeply."),
    Words("最多 {0} 层。", "{0} levels are enough."),
)
"""A file nested too deeply: levels."""


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

NO_CONTEXT = Pattern(
    Words("没有名为 {0} 的语境词表。", "there is no context list {0}."),
    Words("请在 `contexts` 下定义它。", "Define it under `contexts`."),
)
"""A reference to a context list that is not there: word."""

EMPTY_CONTEXT = Pattern(
    Words("{0!r} 什么也没说。", "{0!r} says nothing."),
    Words("请写一次别名的位置，并带上词：`~粥`。", "Write the alias's place once, with words: `~粥`."),
)
"""A context word that marks the alias's place and nothing else, or twice: word."""


def tell_long_context(longest: int) -> Fault:
    """Return the fault of a context word that is a sentence."""
    return Fault(tell_longer(longest), Words("请用能说明含义的词。", "Use a word that tells the sense."))


def tell_long_alias(longest: int) -> Fault:
    """Return the fault of an alias that is a sentence."""
    return Fault(tell_longer(longest), Words("请用人们常写的简称。", "Use the short form that people write."))


def tell_longer(longest: int) -> Words:
    """Return that a text has more characters than it may."""
    return Words(f"超过 {longest} 个字符。", f"is over {longest} characters.")


NO_WINDOW = Pattern(
    Words("{0!r} 不是有效的窗口。", "{0!r} is no window."),
    Words("请填 1 到 {1} 个字符。", "Give 1 to {1} characters."),
)
"""A window that is no number in its range: text, largest."""

BARE_ALIAS = Pattern(
    Words("{0!r} 不含字母、汉字或数字。", "{0!r} has no letter or digit."),
    Words("请写一个词。", "Give a word."),
)
"""An alias of signs only: text."""

SHORT_ALIAS = Pattern(
    Words("{0!r} 只有一个字符，到处都会匹配。", "{0!r} is one character and would match everywhere."),
    Words("请在 `needs` 下写明它的语境词。", "Give the words of its context under `needs`."),
)
"""An alias of one character without a context: text."""

SHARED_ALIAS = Pattern(
    Words("{0!r} 也是 {1} 的别名。", "{0!r} is an alias of {1} as well."),
    Words("请只留一处，或用 `needs` 区分。", "Keep it once, or tell them apart with `needs`."),
)
"""An alias that two entries claim: text, owner."""


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

NO_ID = Pattern(
    Words("{0!r} 不是有效的编号。", "{0!r} is no id."),
    Words("请写成 brand 或 brand/thing，只用 a-z、0-9 和 -。", "Write brand or brand/thing in a-z, 0-9 and -."),
)
"""An id that is not written as one: text."""

NO_BRAND_KIND = Pattern(
    Words("编号里没有品牌的是品牌，不是 {0}。", "an id without a brand is a brand, not a {0}."),
    Words("请写成 brand/thing。", "Write brand/thing."),
)
"""A product, person … whose id names no brand: kind."""

NO_ALIAS = Pattern(
    Words("{0} 没有别名，任何文字都提不到它。", "{0} has none, so no text can speak of it."),
    Words("请列出人们怎么写它。", "List how people write it."),
)
"""An entry without aliases: entry_id."""

NO_FLAG = Pattern(
    Words("{0!r} 既不是 true 也不是 false。", "{0!r} is neither true nor false."),
    Words("请写 true 或 false。", "Write true or false."),
)
"""A mark that is neither true nor false: text."""

NO_HOME = Pattern(
    Words("{0} 不是这个文件里的品牌。", "{0} is not a brand of this file."),
    Words("请写自家品牌的编号。", "Name the id of your own brand."),
)
"""A home brand that the file does not list: home."""

DOUBLE_ID = Pattern(
    Words("{0} 写了两次。", "{0} is given twice."),
    Words("请把两个条目合并。", "Join the two entries."),
)
"""Two entries with one id: entry_id."""

NO_BRAND = Pattern(
    Words("没有品牌 {0}。", "there is no brand {0}."),
    Words("请为这个品牌加一个条目。", "Add an entry for the brand."),
)
"""An entry whose brand the file does not list: brand."""

NO_LABEL = Pattern(
    Words("{0} 没有名称。", "{0} has no label."),
    Words("请在 `categories` 下补上。", "Add it under `categories`."),
)
"""A category without a name: category."""
