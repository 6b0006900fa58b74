"""YAML files that people write by hand: walked node by node, so that every problem names its line and field."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import yaml

from canyu.events import catalogue_problems as faults
from canyu.events.catalogue_problems import TOLD_AT_ONCE, Fault, Problem
from canyu.kit.errors import BadInput
from canyu.kit.words import Words

MAX_BYTES = 4 * 1024 * 1024
MAX_DEPTH = 8

# One loader for both: libyaml where the wheel has it (ten times faster), the same safe subset elsewhere.
LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(slots=True)
class NodeReader:
    """Walks the YAML nodes and keeps the problems met."""

    problems: list[Problem] = field(default_factory=list)

    def compose(self, text: str, name: str) -> yaml.Node | None:
        """Return the root of a text; None, and a problem of the field ``name``, where it cannot be read."""
        try:
            trap = _find_trap(text, name)
            if trap is not None:
                self.problems.append(trap)
                return None
            root: yaml.Node | None = yaml.compose(text, LOADER)
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            said = getattr(error, "problem", None) or str(error).splitlines()[0]
            self.problems.append(Problem(mark.line + 1 if mark else 1, name, *faults.NO_YAML.tell(said)))
            return None
        if root is None:
            self.problems.append(Problem(1, name, *faults.EMPTY))
        return root

    def read_top(self, root: yaml.Node, name: str, known: set[str]) -> dict[str, yaml.Node]:
        """Return the fields of the whole file, whose format must be one that is known."""
        top = self.read_map(root, name, known)
        if self.read_text(top.get("format"), "format", root) not in {"", "1"}:
            self.tell(top["format"], "format", faults.UNKNOWN_FORMAT)
        return top

    def tell(self, node: yaml.Node | None, name: str, fault: Fault) -> None:
        """Keep a problem of a node's line."""
        self.problems.append(Problem(node.start_mark.line + 1 if node else 1, name, *fault))

    def read_map(self, node: yaml.Node | None, name: str, known: set[str] | None = None) -> dict[str, yaml.Node]:
        """Return the fields of a mapping, those that are not known too; empty where it is none."""
        if not isinstance(node, yaml.MappingNode):
            self.tell(node, name, faults.NO_MAPPING)
            return {}
        found: dict[str, yaml.Node] = {}
        for key, value in node.value:
            word = str(key.value)
            if word in found:
                self.tell(key, f"{name}.{word}", faults.GIVEN_TWICE)
            if known is not None and word not in known:
                self.tell(key, f"{name}.{word}", faults.tell_unknown_field(known))
            found[word] = value
        return found

    def read_list(self, node: yaml.Node | None, name: str) -> list[yaml.Node]:
        """Return the items of a list; none where it is absent or no list."""
        if node is None:
            return []
        if not isinstance(node, yaml.SequenceNode):
            self.tell(node, name, faults.NO_LIST)
            return []
        return list(node.value)

    def read_text(self, node: yaml.Node | None, name: str, above: yaml.Node | None = None) -> str:
        """Return a text without the space around it; where it is missing, ``above`` is the place that lacks it."""
        if node is None:
            self.tell(above, name, faults.MISSING)
            return ""
        if not isinstance(node, yaml.ScalarNode) or not str(node.value).strip():
            self.tell(node, name, faults.NO_TEXT)
            return ""
        return str(node.value).strip()

    def read_words(self, node: yaml.Node | None, name: str, above: yaml.Node | None = None) -> Words:
        """Return a name in both languages: one text for both, or one of each."""
        if node is None:
            self.tell(above, name, faults.MISSING_NAMES)
            return Words("", "")
        if isinstance(node, yaml.ScalarNode):
            text = self.read_text(node, name, above)
            return Words(text, text)
        both = self.read_map(node, name, {"zh", "en"})
        return Words(
            self.read_text(both.get("zh"), f"{name}.zh", node), self.read_text(both.get("en"), f"{name}.en", node)
        )


def refuse_problems(problems: Iterable[Problem], count: Words, mend: Words) -> BadInput:
    """Return the refusal of a file that has problems: it tells the first of them; ``count`` has their number as {}."""
    ordered = sorted(problems)
    told = [problem.tell() for problem in ordered[:TOLD_AT_ONCE]]
    zh, en = ("\n  ".join(getattr(words, language) for words in told) for language in ("zh", "en"))
    message = Words(f"{count.zh.format(len(ordered))}\n  {zh}\n", f"{count.en.format(len(ordered))}\n  {en}\n")
    return BadInput(message, mend=mend)


def _find_trap(text: str, name: str) -> Problem | None:
    """Return what would cost a reader far more than the file is long: anchors ("billion laughs") and deep nesting."""
    depth = 0
    for event in yaml.parse(text, LOADER):
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.AliasEvent):
            return Problem(line, name, *faults.ANCHOR)
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            return Problem(line, name, *faults.TOO_DEEP.tell(MAX_DEPTH))
    return None
