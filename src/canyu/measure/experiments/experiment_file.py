"""Reads a file of experiments and says everything that is wrong with it: line, field and mend."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

import yaml

from canyu.events.catalogue_problems import Fault, Problem
from canyu.events.located_yaml import MAX_BYTES, NodeReader, refuse_problems
from canyu.events.vocabulary import find_verb
from canyu.kit.errors import NotFound
from canyu.kit.words import Words
from canyu.kit.written import read_written
from canyu.measure.experiments.experiment import Arm, Experiment, Kind, Outcome, Unit, find_faults

Choice = TypeVar("Choice", bound=StrEnum)

TOP_FIELDS = {"format", "experiments"}
ARM_FIELDS = {"name", "weight", "saturation"}
OUTCOME_NUMBERS = {"days": 0, "days_before": 0}
OUTCOME_FIELDS = {"name", "label", "event", "kind", "currency", "per", "winsorise", "referral", *OUTCOME_NUMBERS}
NUMBERS = {"looks": 1, "expected_units": 0, "period_hours": 0, "washout_hours": 0}
FIELDS = {"name", "unit", "arms", "start", "end", "outcomes", "shareable", "coverage", *NUMBERS}

WHOLE = re.compile(r"-?[0-9]{1,9}")

PROBLEMS = Words("实验文件有 {} 处问题：", "The file of experiments has {} problem(s):")
LINE_BY_LINE = Words("请按行改正。", "Mend them line by line.")
NO_NUMBER = Fault(Words("不是数。", "is no number."), Words("请写一个数。", "Write a number."))
NO_INTEGER = Fault(
    Words("不是整数。", "is no whole number."), Words("请写至多九位的整数。", "Write one of nine digits at most.")
)
NO_MOMENT = Fault(
    Words("不是带时区的时间。", "is no time with its zone."),
    Words("请写成 2025-04-01T00:00:00+08:00。", "Write 2025-04-01T00:00:00+08:00."),
)
NO_YES = Fault(
    Words("不是 true 或 false。", "is neither true nor false."), Words("请写其中之一。", "Write one of them.")
)
GIVEN_TWICE = Fault(Words("与另一个实验同名。", "is another one's name."), Words("请换一个名称。", "Choose another."))
NO_EXPERIMENT = Fault(
    Words("没有实验。", "has no experiment."), Words("请在 `experiments` 下列出。", "List them under `experiments`.")
)
NO_UNIT = Fault(
    Words("没有填写，而且内容不可分享。", "is missing, and what is tested cannot be shared."),
    Words(
        "请写 person、community、city、invite_tree 或 period。", "Write person, community, city, invite_tree or period."
    ),
)
NO_MOMENT_AT_ALL = datetime.fromtimestamp(0).astimezone()


def open_experiments(path: str) -> dict[str, Experiment]:
    """Return the checked experiments of a file by name. Raises NotFound or BadInput that tells the first problems."""
    text = read_written(
        path,
        absent=Words(f"{path} 处没有实验文件。", f"There is no file of experiments at {path}."),
        too_long=Words("这应是人手写的清单。", "It should be a list written by people."),
        most_bytes=MAX_BYTES,
    )
    return parse_experiments(text)


def parse_experiments(text: str) -> dict[str, Experiment]:
    """Return the experiments in ``text`` by name. Raises BadInput that tells the first problems, by line."""
    found, problems = _read(text)
    if problems:
        raise refuse_problems(problems, PROBLEMS, LINE_BY_LINE)
    return found


def get_experiment(path: str, name: str) -> Experiment:
    """Return one experiment of a file. Raises NotFound that lists those there are."""
    found = open_experiments(path)
    if name not in found:
        known = ", ".join(found)
        raise NotFound(
            Words(f"{path} 中没有实验 {name!r}。", f"There is no experiment {name!r} in {path}."),
            mend=Words(f"可用的有：{known}。", f"There are: {known}."),
        )
    return found[name]


@dataclass(slots=True)
class _Reader(NodeReader):
    """Reads the entries of a file of experiments."""

    def read_number(self, node: yaml.Node | None, name: str, default: float) -> float:
        if node is None:
            return default
        try:
            return float(self.read_text(node, name))
        except ValueError:
            self.tell(node, name, NO_NUMBER)
            return default

    def read_integer(self, node: yaml.Node | None, name: str, default: int) -> int:
        if node is None:
            return default
        text = self.read_text(node, name)
        if not WHOLE.fullmatch(text):
            self.tell(node, name, NO_INTEGER)
            return default
        return int(text)

    def read_yes(self, node: yaml.Node | None, name: str) -> bool:
        text = self.read_text(node, name) if node is not None else "false"
        if text not in {"true", "false"}:
            self.tell(node, name, NO_YES)
        return text == "true"

    def read_moment(self, node: yaml.Node | None, name: str, above: yaml.Node) -> datetime:
        text = self.read_text(node, name, above)
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            moment = None
        if moment is not None and moment.tzinfo is not None:
            return moment
        if text:
            self.tell(node, name, NO_MOMENT)
        return NO_MOMENT_AT_ALL

    def read_choice(self, node: yaml.Node | None, name: str, default: Choice) -> Choice:
        if node is None:
            return default
        known = {str(choice): choice for choice in type(default)}
        text = self.read_text(node, name)
        if text not in known:
            words = Words(f"请写 {'、'.join(known)} 之一。", f"Write one of {', '.join(known)}.")
            self.tell(node, name, Fault(Words("不在可选之列。", "is none of the choices."), words))
        return known.get(text, default)

    def read_arm(self, node: yaml.Node) -> Arm:
        given = self.read_map(node, "arms", ARM_FIELDS)
        saturation = given.get("saturation")
        return Arm(
            self.read_text(given.get("name"), "arms.name", node),
            self.read_number(given.get("weight"), "arms.weight", 0.0),
            None if saturation is None else self.read_number(saturation, "arms.saturation", 0.0),
        )

    def read_outcome(self, node: yaml.Node) -> Outcome:
        given = self.read_map(node, "outcomes", OUTCOME_FIELDS)
        texts = {name: self.read_text(given[name], name) for name in ("currency", "per") if name in given}
        name = self.read_text(given.get("name"), "outcomes.name", node)
        event = self.read_text(given.get("event"), "outcomes.event", node)
        return Outcome(
            name,
            self.read_words(given["label"], "outcomes.label") if "label" in given else Words(name, name),
            str(find_verb(event) or event),
            self.read_choice(given.get("kind"), "outcomes.kind", Kind.MEAN),
            texts.get("currency", ""),
            str(find_verb(texts.get("per", "")) or texts.get("per", "")),
            **{field: self.read_integer(given.get(field), field, usual) for field, usual in OUTCOME_NUMBERS.items()},
            winsorise=self.read_number(given.get("winsorise"), "outcomes.winsorise", 0.0),
            is_referral=self.read_yes(given.get("referral"), "outcomes.referral"),
        )

    def read_experiment(self, node: yaml.Node) -> Experiment:
        given = self.read_map(node, "experiments", FIELDS)
        is_shareable = self.read_yes(given.get("shareable"), "shareable")
        if "unit" not in given and not is_shareable:
            self.tell(node, "unit", NO_UNIT)
        return Experiment(
            self.read_text(given.get("name"), "name", node),
            self.read_choice(given.get("unit"), "unit", Unit.COMMUNITY),  # what can be shared goes by clusters
            tuple(self.read_arm(item) for item in self.read_list(given.get("arms"), "arms")),
            self.read_moment(given.get("start"), "start", node),
            self.read_moment(given.get("end"), "end", node),
            tuple(self.read_outcome(item) for item in self.read_list(given.get("outcomes"), "outcomes")),
            is_shareable,
            coverage=self.read_number(given.get("coverage"), "coverage", 1.0),
            **{field: self.read_integer(given.get(field), field, usual) for field, usual in NUMBERS.items()},
        )


def _read(text: str) -> tuple[dict[str, Experiment], list[Problem]]:
    reader = _Reader()
    root = reader.compose(text, "file")
    if root is None:
        return {}, reader.problems
    top = reader.read_top(root, "file", TOP_FIELDS)
    nodes = reader.read_list(top.get("experiments"), "experiments")
    if not nodes:
        reader.tell(root, "experiments", NO_EXPERIMENT)
    found: dict[str, Experiment] = {}
    for node in nodes:
        known = len(reader.problems)
        experiment = reader.read_experiment(node)
        if len(reader.problems) == known:  # what cannot be read is told once
            for field, fault in find_faults(experiment):
                reader.tell(node, field, fault)
        if experiment.name in found:
            reader.tell(node, "name", GIVEN_TWICE)
        found[experiment.name] = experiment
    return found, reader.problems
