"""Reads a file of storylines and says everything that is wrong with it: line, field and mend."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

import yaml

from canyu.events.catalogue_file import fold_alias
from canyu.events.catalogue_problems import Fault, Problem
from canyu.events.located_yaml import MAX_BYTES, NodeReader, refuse_problems
from canyu.kit.words import Words
from canyu.kit.written import read_written
from canyu.listen.context import MAX_SYMBOLS
from canyu.listen.storylines.definitions import RESERVED, Counter, Storyline, Storylines

EXAMPLE = "xiaomi-2025.yaml"
MAX_PARTS = 4
MAX_EXAMPLE = 200
ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
BRAND_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*(/[a-z0-9]+(-[a-z0-9]+)*)?")
TOP_FIELDS = {"format", "version", "name", "storylines"}
MESSAGE_FIELDS = {"id", "name", "phrases", "examples"}
STORYLINE_FIELDS = MESSAGE_FIELDS | {"brands", "counters"}

NO_STORYLINE = Fault(
    Words("没有传播主张。", "has no storyline."),
    Words("请在 `storylines` 下列出。", "List them under `storylines`."),
)
NO_WAY_TO_FIND = Fault(
    Words("既没有短语也没有例句，任何文字都匹配不到。", "has neither phrases nor examples, so no text can carry it."),
    Words("请写几种人们的说法。", "List some ways in which people put it."),
)
NO_BRAND = Fault(
    Words("没有写品牌。", "names no brand."),
    Words("请写产品目录里的品牌编号，例如 [xiaomi]。", "Give ids of the catalogue, such as [xiaomi]."),
)
NO_ID = Fault(
    Words("不是有效的编号。", "is no id."),
    Words("只用 a-z、0-9 和 -。", "Write it in a-z, 0-9 and -."),
)
GIVEN_TWICE = Fault(
    Words("与另一条重复。", "is there already."),
    Words("请只留一条。", "Keep one."),
)
BAD_PHRASE = Fault(
    Words("不能用作短语。", "cannot be a phrase."),
    Words(
        f"至少两个字符；用 * 隔开时至多 {MAX_PARTS} 段，每段至多 {MAX_SYMBOLS} 个字符。",
        f"Give 2 characters or more; at most {MAX_PARTS} parts with * between, each of {MAX_SYMBOLS} at most.",
    ),
)
BAD_EXAMPLE = Fault(
    Words("不能用作例句。", "cannot be an example."),
    Words(f"请写 4 到 {MAX_EXAMPLE} 个字符的一句话。", f"Write one sentence of 4 to {MAX_EXAMPLE} characters."),
)
RESERVED_ID = Fault(
    Words("是保留的编号。", "is kept for us."),
    Words(f"请换一个；保留的有 {'、'.join(RESERVED)}。", f"Choose another; these are kept: {', '.join(RESERVED)}."),
)


PROBLEMS = Words("传播主张文件有 {} 处问题：", "The storylines have {} problem(s):")
LINE_BY_LINE = Words("请按行改正。", "Mend them line by line.")


def open_storylines(path: str = "") -> Storylines:
    """Return the checked storylines at ``path`` (empty: the shipped example).

    Raises NotFound where there is no file, BadInput with the problems where it cannot be used.
    """
    return parse_storylines(read_text(path))


def check_storylines(text: str) -> list[Problem]:
    """Return every problem of a file's text, by line; an empty list means that it can be used."""
    return sorted(_read(text)[1])


@lru_cache(maxsize=8)
def parse_storylines(text: str) -> Storylines:
    """Return the storylines in ``text``. Raises BadInput that tells the first problems."""
    found, problems = _read(text)
    if problems or found is None:
        raise refuse_problems(problems, PROBLEMS, LINE_BY_LINE)
    return found


def read_text(path: str = "") -> str:
    """Return a file's text (empty path: the shipped example). Raises NotFound or BadInput."""
    if not path:
        return resources.files("canyu.listen.storylines").joinpath(EXAMPLE).read_text("utf-8")
    return read_written(
        path,
        absent=Words(f"{path} 处没有传播主张文件。", f"There is no file of storylines at {path}."),
        too_long=Words("这应是人手写的清单。", "It should be a list written by people."),
        most_bytes=MAX_BYTES,
    )


@dataclass(slots=True)
class _Reader(NodeReader):
    """Reads the entries of a file of storylines."""

    def read_id(self, node: yaml.Node | None, name: str, above: yaml.Node) -> str:
        text = self.read_text(node, name, above)
        if text and not ID.fullmatch(text):
            self.tell(node or above, name, NO_ID)
        return text

    def read_phrases(self, node: yaml.Node | None, name: str) -> tuple[str, ...]:
        found = {}
        for item in self.read_list(node, name):
            text = self.read_text(item, name, item)
            if text and not _is_phrase(text):
                self.tell(item, name, BAD_PHRASE)
            found[text] = True
        return tuple(found)

    def read_examples(self, node: yaml.Node | None, name: str) -> tuple[str, ...]:
        found = {}
        for item in self.read_list(node, name):
            text = self.read_text(item, name, item)
            if text and not 4 <= len(text) <= MAX_EXAMPLE:
                self.tell(item, name, BAD_EXAMPLE)
            found[text] = True
        return tuple(found)

    def read_counter(self, node: yaml.Node, storyline_id: str) -> Counter:
        given = self.read_map(node, "counters", MESSAGE_FIELDS)
        part = self.read_id(given.get("id"), "counters.id", node)
        if part in RESERVED:
            self.tell(given["id"], "counters.id", RESERVED_ID)
        counter = Counter(
            f"{storyline_id}/{part}",
            self.read_words(given.get("name"), "counters.name", node),
            self.read_phrases(given.get("phrases"), "counters.phrases"),
            self.read_examples(given.get("examples"), "counters.examples"),
        )
        if not counter.phrases and not counter.examples:
            self.tell(node, "counters", NO_WAY_TO_FIND)
        return counter

    def read_brands(self, node: yaml.Node | None, above: yaml.Node) -> tuple[str, ...]:
        brands = [self.read_text(item, "brands", item) for item in self.read_list(node, "brands")]
        if not brands:
            self.tell(node or above, "brands", NO_BRAND)
        if not all(BRAND_ID.fullmatch(brand) for brand in brands if brand):
            self.tell(node or above, "brands", NO_ID)
        return tuple(brands)

    def read_storyline(self, node: yaml.Node) -> Storyline:
        given = self.read_map(node, "storylines", STORYLINE_FIELDS)
        storyline_id = self.read_id(given.get("id"), "id", node)
        counters = [self.read_counter(item, storyline_id) for item in self.read_list(given.get("counters"), "counters")]
        storyline = Storyline(
            storyline_id,
            self.read_words(given.get("name"), "name", node),
            self.read_brands(given.get("brands"), node),
            self.read_phrases(given.get("phrases"), "phrases"),
            self.read_examples(given.get("examples"), "examples"),
            tuple(counters),
        )
        if not storyline.phrases and not storyline.examples:
            self.tell(node, "storylines", NO_WAY_TO_FIND)
        return storyline


def _is_phrase(text: str) -> bool:
    parts = text.split("*")
    is_short = all(len(part) <= MAX_SYMBOLS and fold_alias(part) for part in parts)
    return is_short and len(parts) <= MAX_PARTS and len(fold_alias(text)) > 1


def _read(text: str) -> tuple[Storylines | None, list[Problem]]:
    reader = _Reader()
    root = reader.compose(text, "file")
    if root is None:
        return None, reader.problems
    top = reader.read_top(root, "file", TOP_FIELDS)
    nodes = reader.read_list(top.get("storylines"), "storylines")
    if not nodes:
        reader.tell(root, "storylines", NO_STORYLINE)
    entries = [reader.read_storyline(node) for node in nodes]
    seen: set[str] = set()
    for node, entry in zip(nodes, entries, strict=True):
        for found_id in (entry.id, *(counter.id for counter in entry.counters)):
            if found_id and found_id in seen:
                reader.tell(node, "id", GIVEN_TWICE)
            seen.add(found_id)
    version = reader.read_text(top.get("version"), "version", root)
    return Storylines(version, reader.read_words(top.get("name"), "name", root), tuple(entries)), reader.problems
