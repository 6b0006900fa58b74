"""Reads a file of claims, and says everything that is wrong with it: line, field and mend."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import yaml

from canyu.events.catalogue_problems import Fault, Pattern
from canyu.events.located_yaml import MAX_BYTES, NodeReader, refuse_problems
from canyu.kit.errors import BadInput, CanyuError, NotFound
from canyu.kit.words import Words
from canyu.measure.catalogue.filters import WRITTEN, Form
from canyu.measure.catalogue.query import MetricQuery, make_query
from canyu.measure.catalogue.registry import METRICS
from canyu.measure.claims.claim import ABOUT_PERCENT, Claim, Part, Relation
from canyu.measure.lift.design import LiftDesign
from canyu.measure.lift.design_file import load_design, parse_design

TOP_FIELDS = {"format", "zone", "claims"}
CLAIM_FIELDS = {
    *("id", "statement", "source", "stated", "relation", "within", "complete"),
    *("metric", "from", "to", "where", "cell", "design", "part"),
}
SWITCHES = ("true", "false")
DEFAULT_ZONE = "Asia/Shanghai"

NO_DAY = Fault(Words("不是日期。", "is no day."), Words("请写 2025-01-31。", "Write 2025-01-31."))
NO_NUMBER = Fault(Words("不是数字。", "is no number."), Words("请写 14000 或 46.5。", "Write 14000 or 46.5."))
NO_MOMENT = Fault(
    Words("不是带时区的时刻。", "is no instant with a zone."),
    Words("请写 2025-05-22T19:00+08:00。", "Write 2025-05-22T19:00+08:00."),
)
NO_CHOICE = Pattern(Words("没有 {0}。", "there is no {0}."), Words("可用：{1}。", "There are: {1}."))
TWO_PROOFS = Fault(
    Words("同时写了 metric 与 design。", "names a metric and a design."), Words("两者择一。", "Keep one of them.")
)
GIVEN_BEFORE = Fault(
    Words("与前面的说法编号相同。", "is the id of a claim before."), Words("请换一个编号。", "Choose another.")
)
UNREAD_DESIGN = Pattern(Words("设计文件读不出：{0}", "the design cannot be read: {0}"), Words("请改正它。", "Mend it."))
NO_DESIGN_FILE = Words("没有随说法一起给出。", "It was not given along with the claims.")
PROBLEMS = Words("说法文件有 {} 处问题：", "The file of claims has {} problem(s):")
LINE_BY_LINE = Words("请按行改正。", "Mend them line by line.")


def load_claims(path: Path) -> tuple[Claim, ...]:
    """Return the claims of the file at ``path``; designs are found beside it.

    Raises NotFound where there is no file, BadInput with what is wrong.
    """
    if not path.is_file():
        raise NotFound(Words(f"没有文件 {path}。", f"There is no file {path}."))
    if path.stat().st_size > MAX_BYTES:
        raise BadInput(Words("说法文件过大。", "The file of claims is too large."))
    try:
        return parse_claims(path.read_text("utf-8"), path.parent)
    except UnicodeDecodeError as error:
        raise BadInput(
            Words("说法文件不是 UTF-8。", "The file of claims is not UTF-8."),
            mend=Words("请另存为 UTF-8。", "Save it as UTF-8."),
        ) from error


def parse_claims(text: str, designs: Path | Mapping[str, str]) -> tuple[Claim, ...]:
    """Return the claims that a text holds. Raises BadInput with its problems.

    ``designs`` is the folder where its designs lie, or their texts by name: then no file is opened.
    """
    reader = _ClaimReader()
    reader.designs = designs
    root = reader.compose(text, "claims")
    claims = reader.read_all(root) if root is not None else []
    if reader.problems:
        raise refuse_problems(reader.problems, PROBLEMS, LINE_BY_LINE)
    return tuple(claims)


class _ClaimReader(NodeReader):
    """Walks the nodes of a file of claims."""

    designs: Path | Mapping[str, str]
    zone: str

    def read_all(self, root: yaml.Node) -> list[Claim]:
        """Return every claim; those with a problem are told and left out."""
        top = self.read_top(root, "claims", TOP_FIELDS)
        self.zone = self.read_text(top["zone"], "zone") if "zone" in top else DEFAULT_ZONE
        if "claims" not in top:
            self.read_text(None, "claims", root)
        found: dict[str, Claim] = {}
        for place, node in enumerate(self.read_list(top.get("claims"), "claims"), 1):
            claim = self.read_claim(node, f"claims.{place}")
            if claim is not None and claim.id in found:
                self.tell(node, f"claims.{place}.id", GIVEN_BEFORE)
            elif claim is not None:
                found[claim.id] = claim
        return list(found.values())

    def read_claim(self, node: yaml.Node, name: str) -> Claim | None:
        """Return one claim; None where it has a problem."""
        before = len(self.problems)
        fields = self.read_map(node, name, CLAIM_FIELDS)

        def text(key: str) -> str:
            return self.read_text(fields.get(key), f"{name}.{key}", node)

        if "metric" in fields and "design" in fields:
            self.tell(node, name, TWO_PROOFS)
        design = self.read_design(fields["design"], f"{name}.design") if "design" in fields else None
        metric = text("metric") if "metric" in fields else ""
        claim = Claim(
            text("id"),
            self.read_words(fields.get("statement"), f"{name}.statement", node),
            text("source"),
            self.read_number(fields.get("stated"), f"{name}.stated", node),
            Relation(self.read_choice(fields, "relation", name, tuple(Relation))),
            metric,
            self.read_query(fields, metric, name, node) if metric in METRICS else None,
            self.read_cell(fields, name),
            design,
            Part(self.read_choice(fields, "part", name, tuple(Part))) if "part" in fields else Part.TOTAL,
            self.read_number(fields["within"], f"{name}.within", node) if "within" in fields else ABOUT_PERCENT,
            self.read_words(fields["complete"], f"{name}.complete", node) if "complete" in fields else None,
        )
        return claim if len(self.problems) == before else None

    def read_query(self, fields: dict[str, yaml.Node], metric: str, name: str, node: yaml.Node) -> MetricQuery | None:
        """Return what the metric is asked for; None where that cannot be read."""
        days = [self.read_day(fields.get(key), f"{name}.{key}", node) for key in ("from", "to")]
        where = self.read_where(fields["where"], f"{name}.where") if "where" in fields else {}
        if days[0] is None or days[1] is None:
            return None
        by = [key for key, _ in self.read_cell(fields, name)]
        return make_query(metric, days[0], days[1], by, {"zone": self.zone, **where})  # type: ignore[typeddict-item]

    def read_cell(self, fields: dict[str, yaml.Node], name: str) -> tuple[tuple[str, str], ...]:
        """Return which part of a breakdown is meant, dimension by dimension."""
        given = self.read_map(fields["cell"], f"{name}.cell") if "cell" in fields else {}
        return tuple((key, self.read_text(node, f"{name}.cell.{key}")) for key, node in given.items())

    def read_where(self, node: yaml.Node, name: str) -> dict[str, Any]:
        """Return the filters and windows of a metric, each of its own kind."""
        given = self.read_map(node, name, set(WRITTEN))
        known = {key: value for key, value in given.items() if key in WRITTEN}
        return {key: self.read_filter(value, f"{name}.{key}", WRITTEN[key]) for key, value in known.items()}

    def read_filter(self, node: yaml.Node, name: str, form: Form) -> Any:
        """Return one filter as its form is written."""
        match form:
            case Form.LIST:
                return tuple(self.read_text(each, name) for each in self.read_list(node, name))
            case Form.NUMBER:
                return int(self.read_number(node, name, node))
            case Form.MOMENT:
                return self.read_moment(node, name)
            case Form.SWITCH:
                return self.read_switch(node, name)
            case _:
                return self.read_text(node, name)

    def read_switch(self, node: yaml.Node, name: str) -> bool:
        """Return yes or no; no, and a problem, where it is neither."""
        told = self.read_text(node, name)
        if told not in {"", *SWITCHES}:
            self.tell(node, name, NO_CHOICE.tell(told, ", ".join(SWITCHES)))
        return told == "true"

    def read_choice(self, fields: dict[str, yaml.Node], key: str, name: str, choices: tuple[str, ...]) -> str:
        """Return one of a few words; the first of them, and a problem, where it is none."""
        node = fields.get(key)
        told = self.read_text(node, f"{name}.{key}", next(iter(fields.values()), None))
        if told in choices:
            return told
        if told:
            self.tell(node, f"{name}.{key}", NO_CHOICE.tell(told, ", ".join(choices)))
        return choices[0]

    def read_number(self, node: yaml.Node | None, name: str, above: yaml.Node) -> float:
        """Return a number; 0, and a problem, where it is none."""
        told = self.read_text(node, name, above)
        try:
            return float(told.replace("_", ""))
        except ValueError:
            if told:
                self.tell(node, name, NO_NUMBER)
            return 0.0

    def read_day(self, node: yaml.Node | None, name: str, above: yaml.Node) -> date | None:
        """Return a day; None, and a problem, where it is none."""
        told = self.read_text(node, name, above)
        try:
            return date.fromisoformat(told)
        except ValueError:
            if told:
                self.tell(node, name, NO_DAY)
            return None

    def read_moment(self, node: yaml.Node, name: str) -> datetime | None:
        """Return an instant; None, and a problem, where it is none or names no zone."""
        told = self.read_text(node, name)
        try:
            moment = datetime.fromisoformat(told)
        except ValueError:
            moment = None
        if moment is None or moment.tzinfo is None:
            self.tell(node, name, NO_MOMENT)
            return None
        return moment

    def read_design(self, node: yaml.Node, name: str) -> LiftDesign | None:
        """Return the design in the file that is named, beside this one."""
        told = self.read_text(node, name)
        try:
            if isinstance(self.designs, Path):
                return load_design(self.designs / told)
            if told not in self.designs:
                raise NotFound(NO_DESIGN_FILE)
            return parse_design(self.designs[told])
        except CanyuError as error:
            self.tell(node, name, UNREAD_DESIGN.tell(error.message))
            return None
