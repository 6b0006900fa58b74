"""Reads the design of a white paper from YAML, and says everything that is wrong with it: line, field and mend."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TypeVar

import yaml

from canyu.events.catalogue_problems import Fault, tell_unknown_choice
from canyu.events.located_yaml import MAX_BYTES, NodeReader, refuse_problems
from canyu.kit.words import Words
from canyu.kit.written import read_written
from canyu.measure.claims.claim import Relation
from canyu.measure.whitepaper.design import PaperDesign, Sentence, Side

Choice = TypeVar("Choice", Relation, Side)

TOP_FIELDS = {"format", "title", "lab", "simulated", "devices", "tests", "claims"}
TEST_FIELDS = {"name", "signed"}
CLAIM_FIELDS = {"id", "statement", "test", "device", "against", "says", "stated", "unit", "relation"}

NO_NUMBER = Fault(Words("不是零或正数。", "is neither zero nor above it."), Words("请写 12 或 0。", "Write 12, or 0."))
NO_FLAG = Fault(
    Words("不是 true 或 false。", "is neither true nor false."), Words("请写其中之一。", "Write one of them.")
)
GIVEN_BEFORE = Fault(
    Words("与前面的说法编号相同。", "is the id of a claim before."), Words("请换一个编号。", "Choose another.")
)
ITSELF = Fault(
    Words("把设备与它自己相比。", "holds a device against itself."), Words("请写另一台设备。", "Name another device.")
)
NOBODY = Fault(Words("没有写与谁相比。", "names nobody to hold against."), Words("请写设备的编号。", "Name a device."))
PROBLEMS = Words("白皮书设计有 {} 处问题：", "The design of the paper has {} problem(s):")
LINE_BY_LINE = Words("请按行改正。", "Mend them line by line.")


def load_paper_design(path: Path) -> PaperDesign:
    """Return the checked design at ``path``. Raises NotFound where there is no file, BadInput with what is wrong."""
    text = read_written(
        str(path),
        absent=Words(f"没有文件 {path}。", f"There is no file {path}."),
        too_long=Words("设计文件由人手写。", "A design is written by people."),
        most_bytes=MAX_BYTES,
    )
    return parse_paper_design(text)


def parse_paper_design(text: str) -> PaperDesign:
    """Return the design that a text holds. Raises BadInput that tells the first problems, by line."""
    reader = _Reader()
    root = reader.compose(text, "design")
    found = reader.read_design(root) if root is not None else None
    if reader.problems or found is None:
        raise refuse_problems(reader.problems, PROBLEMS, LINE_BY_LINE)
    return found


class _Reader(NodeReader):
    """Walks a design's nodes."""

    def read_design(self, root: yaml.Node) -> PaperDesign:
        """Return the design; what is wrong in it is among the problems."""
        top = self.read_top(root, "design", TOP_FIELDS)
        devices = self.read_map(top["devices"], "devices") if "devices" in top else {}
        tests = self.read_map(top["tests"], "tests") if "tests" in top else {}
        given = {name: self.read_map(node, f"tests.{name}", TEST_FIELDS) for name, node in tests.items()}
        return PaperDesign(
            self.read_words(top.get("title"), "title", root),
            self.read_words(top.get("lab"), "lab", root),
            {name: self.read_words(node, f"devices.{name}") for name, node in devices.items()},
            {
                name: self.read_words(each["name"], f"tests.{name}.name")
                for name, each in given.items()
                if "name" in each
            },
            frozenset(
                name for name, each in given.items() if self.read_flag(each.get("signed"), f"tests.{name}.signed")
            ),
            self.read_sentences(top.get("claims")),
            self.read_flag(top.get("simulated"), "simulated"),
        )

    def read_sentences(self, node: yaml.Node | None) -> tuple[Sentence, ...]:
        """Return the sentences in order, each with an id of its own."""
        found: dict[str, Sentence] = {}
        for place, each in enumerate(self.read_list(node, "claims"), 1):
            sentence = self.read_sentence(each, f"claims.{place}")
            if sentence.id in found:
                self.tell(each, f"claims.{place}.id", GIVEN_BEFORE)
            found[sentence.id] = sentence
        return tuple(found.values())

    def read_sentence(self, node: yaml.Node, name: str) -> Sentence:
        """Return one sentence; what is wrong in it is among the problems."""
        fields = self.read_map(node, name, CLAIM_FIELDS)

        def text(key: str) -> str:
            return self.read_text(fields.get(key), f"{name}.{key}", node)

        device, against = text("device"), self.read_against(fields.get("against"), f"{name}.against", node)
        if device in against:
            self.tell(node, f"{name}.against", ITSELF)
        return Sentence(
            text("id"),
            self.read_words(fields.get("statement"), f"{name}.statement", node),
            text("test"),
            device,
            against,
            self.read_choice(text("says"), fields.get("says"), f"{name}.says", Side.HIGHER),
            self.read_number(text("stated"), fields.get("stated"), f"{name}.stated"),
            text("unit"),
            self.read_choice(text("relation"), fields.get("relation"), f"{name}.relation", Relation.EXCEEDS),
        )

    def read_against(self, node: yaml.Node | None, name: str, above: yaml.Node) -> tuple[str, ...]:
        """Return one device or several, each once."""
        if not isinstance(node, yaml.SequenceNode):
            return (self.read_text(node, name, above),)
        found = tuple(dict.fromkeys(self.read_text(each, name) for each in node.value))
        if not found:
            self.tell(node, name, NOBODY)
        return found

    def read_choice(self, told: str, node: yaml.Node | None, name: str, usual: Choice) -> Choice:
        """Return one of a few words; ``usual``, and a problem, where it is none of them."""
        known = {str(choice): choice for choice in type(usual)}
        if told and told not in known:
            self.tell(node, name, tell_unknown_choice(told, known))
        return known.get(told, usual)

    def read_number(self, told: str, node: yaml.Node | None, name: str) -> float:
        """Return a number from 0 on; 0, and a problem, where it is none."""
        try:
            number = float(told) if told else 0.0
        except ValueError:
            number = math.nan
        if not (math.isfinite(number) and number >= 0):
            self.tell(node, name, NO_NUMBER)
            return 0.0
        return number

    def read_flag(self, node: yaml.Node | None, name: str) -> bool:
        """Return whether something is so; it is not where nothing is said."""
        told = self.read_text(node, name) if node is not None else "false"
        if told not in {"true", "false"}:
            self.tell(node, name, NO_FLAG)
        return told == "true"
