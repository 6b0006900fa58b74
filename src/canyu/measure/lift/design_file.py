"""Reads a lift design from YAML, and says everything that is wrong with it: line, field and mend."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path

import yaml

from canyu.events.catalogue_problems import Fault, Pattern
from canyu.events.located_yaml import MAX_BYTES, NodeReader, refuse_problems
from canyu.kit.errors import BadInput, NotFound
from canyu.kit.words import Words
from canyu.measure.lift.design import LiftDesign, LiftKind, check_design
from canyu.measure.lift.panel import Time
from canyu.measure.lift.panel_lake import Outcome, check_outcome
from canyu.measure.lift.panel_table import parse_time

TOP_FIELDS = {
    "format",
    "id",
    "name",
    "kind",
    "outcome",
    "treated",
    "start",
    "end",
    "first",
    "donors",
    "untouched",
    "gaps",
    "placebo",
    "cycle",
}
OUTCOME_FIELDS = {field.name for field in fields(Outcome)}

NO_TIME = Fault(
    Words("不是时间。", "is no time."),
    Words("请写 2025-01-31、2025-01-31T20:00+08:00 或数字。", "Write 2025-01-31, 2025-01-31T20:00+08:00 or a number."),
)
NO_KIND = Pattern(Words("没有 {0} 这种设计。", "is no kind of design: {0}."), Words("可用：{1}。", "There are: {1}."))
NO_START = Fault(
    Words("没有写从何时开始。", "does not say when it starts."),
    Words("请写 start，或在 treated 里逐个写明。", "Give start, or a time for each of treated."),
)
NO_PAIR = Fault(Words("不是一段时间。", "is no span of time."), Words("请写 [开始, 结束]。", "Write [first, last]."))
NO_NUMBER = Fault(Words("不是整数。", "is no whole number."), Words("请写 0、7 或 24。", "Write 0, 7 or 24."))

PROBLEMS = Words("增量设计文件有 {} 处问题：", "The lift design has {} problem(s):")
LINE_BY_LINE = Words("请按行改正。", "Mend them line by line.")


def load_design(path: Path) -> LiftDesign:
    """Return the checked design at ``path``. Raises NotFound where there is no file, BadInput with what is wrong."""
    if not path.is_file():
        raise NotFound(Words(f"没有文件 {path}。", f"There is no file {path}."))
    if path.stat().st_size > MAX_BYTES:
        raise BadInput(Words("设计文件过大。", "The design file is too large."))
    try:
        return parse_design(path.read_text("utf-8"))
    except UnicodeDecodeError as error:
        raise BadInput(
            Words("设计文件不是 UTF-8。", "The design file is not UTF-8."),
            mend=Words("请另存为 UTF-8。", "Save it as UTF-8."),
        ) from error


def parse_design(text: str) -> LiftDesign:
    r"""Return the design that a text holds. Raises BadInput that tells the first problems.

    >>> found = parse_design("format: 1\nkind: did\ntreated: [California]\nstart: 1989\nuntouched: no such tax")
    >>> found.kind.value, dict(found.treated)
    ('did', {'California': 1989.0})
    """
    reader = _DesignReader()
    root = reader.compose(text, "design")
    found = reader.read_design(root) if root is not None else None
    if reader.problems or found is None:
        raise refuse_problems(reader.problems, PROBLEMS, LINE_BY_LINE)
    check_design(found)
    if found.outcome is not None:
        check_outcome(found.outcome)
    return found


class _DesignReader(NodeReader):
    """Walks a design's nodes."""

    def read_design(self, root: yaml.Node) -> LiftDesign | None:
        """Return the design; None where it has no kind or nothing treated."""
        top = self.read_top(root, "design", TOP_FIELDS)
        kind = self.read_text(top.get("kind"), "kind", root)
        if kind and kind not in set(LiftKind):
            self.tell(top["kind"], "kind", NO_KIND.tell(kind, ", ".join(LiftKind)))
        treated = self.read_treated(top, root)
        if self.problems:
            return None
        times = {name: self.read_time(top[name], name) for name in ("first", "end", "placebo") if name in top}
        design = LiftDesign(
            LiftKind(kind),
            treated,
            self._read_optional(top, "id"),
            tuple(self.read_text(node, "donors") for node in self.read_list(top.get("donors"), "donors")),
            self._read_optional(top, "untouched"),
        )
        return replace(
            design,
            first=times.get("first"),
            end=times.get("end"),
            placebo=times.get("placebo"),
            gaps=self.read_gaps(top.get("gaps")),
            cycle=self.read_cycle(top.get("cycle")),
            outcome=self.read_outcome(top.get("outcome")),
            name=self.read_words(top["name"], "name") if "name" in top else design.name,
        )

    def read_treated(self, top: dict[str, yaml.Node], root: yaml.Node) -> dict[str, Time]:
        """Return each treated unit's start: of its own, or the one for all."""
        node = top.get("treated")
        if isinstance(node, yaml.MappingNode):
            times = {
                unit: self.read_time(each, f"treated.{unit}") for unit, each in self.read_map(node, "treated").items()
            }
            return {unit: time for unit, time in times.items() if time is not None}
        units = [self.read_text(each, "treated") for each in self.read_list(node, "treated")]
        if node is None:
            self.read_text(None, "treated", root)
        if "start" not in top:
            self.tell(root, "start", NO_START)
            return {}
        start = self.read_time(top["start"], "start")
        return {} if start is None else dict.fromkeys(units, start)

    def read_time(self, node: yaml.Node, name: str) -> Time | None:
        """Return a time; None, and a problem, where it is none."""
        time = parse_time(self.read_text(node, name))
        if time is None:
            self.tell(node, name, NO_TIME)
        return time

    def read_gaps(self, node: yaml.Node | None) -> tuple[tuple[Time, Time], ...]:
        """Return the spans in which nothing was collected."""
        found = []
        for each in self.read_list(node, "gaps"):
            ends = [self.read_time(end, "gaps") for end in self.read_list(each, "gaps")]
            if len(ends) == 2 and ends[0] is not None and ends[1] is not None:
                found.append((ends[0], ends[1]))
            else:
                self.tell(each, "gaps", NO_PAIR)
        return tuple(found)

    def read_cycle(self, node: yaml.Node | None) -> int:
        """Return the number of periods of a season."""
        text = "0" if node is None else self.read_text(node, "cycle")
        if not text.isdecimal():
            self.tell(node, "cycle", NO_NUMBER)
            return 0
        return int(text)

    def read_outcome(self, node: yaml.Node | None) -> Outcome | None:
        """Return what is counted in the lake."""
        if node is None:
            return None
        known = self.read_map(node, "outcome", OUTCOME_FIELDS)
        given = {
            name: self.read_text(each, f"outcome.{name}") for name, each in known.items() if name in OUTCOME_FIELDS
        }
        if "event" not in given:
            self.read_text(None, "outcome.event", node)
            return None
        return Outcome(**given)

    def _read_optional(self, top: dict[str, yaml.Node], name: str) -> str:
        return self.read_text(top[name], name) if name in top else ""
