"""What ``canyu spread plan`` was given, read from its options and tables."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from canyu.commands.spread_graph import start_session
from canyu.commands.spread_tables import cast_numbers, check_columns, read_table
from canyu.kit.errors import BadInput
from canyu.kit.words import Words
from canyu.spread.graphs import Graph
from canyu.spread.influence import Family
from canyu.spread.selection import Fatigue, Happened, Limits, PlanOptions, Timing, Wave, match_delays

AMOUNT = Words("金额用最小单位（如分）的整数。", "Write amounts as integers of the minor unit.")
NUMBER = Words("要写数，或留空。", "Write a number, or leave it empty.")


@dataclass(frozen=True)
class PlanInput:
    """The graph, the names of its columns, the one probability of the model uniform, and the command's options."""

    graph: Graph
    source: str
    target: str
    chance: float | None
    asked: dict[str, Any]

    @property
    def model(self) -> str:
        """The model of influence."""
        return str(self.asked["model"])

    @cached_property
    def accounts(self) -> pa.Table:
        """The table of accounts: ids as the graph has them, numbers where the file holds texts."""
        table = cast_numbers(self.read_ids(self.asked["accounts_path"]), "cost", pa.int64(), AMOUNT)
        check_columns(table, self.asked["accounts_path"], "cost")
        for name in ("start_h", "last_used_h", "uses"):
            table = cast_numbers(table, name, pa.float64(), NUMBER, may_be_empty=True)
        return table

    @cached_property
    def limits(self) -> Limits:
        """Budget, quotas, and who must or must never be in."""
        must, never = self.read_names("must"), self.read_names("never")
        quotas, least = read_quotas(self.asked["quotas"]), read_quotas(self.asked.get("least", ()))
        return Limits(self.asked["budget"], quotas, must, never, least)

    @cached_property
    def options(self) -> PlanOptions:
        """Chance, threads, and the conditions of the plan."""
        options = PlanOptions(seed=self.asked["seed"], workers=self.asked["workers"])
        if self.chance is not None:
            options["probability"] = self.chance
        if self.asked["deadline_h"] is not None:
            options["timing"] = self.read_timing()
        if self.asked["fatigue_half_life_h"] is not None:
            options["fatigue"] = Fatigue(self.asked["fatigue_half_life_h"], self.asked["fatigue_depth"])
        if self.asked["values_path"] is not None:
            self.add_values(options)
        if self.asked["address"]:
            options["spark"] = start_session(self.asked["address"])
        return options

    @cached_property
    def waves(self) -> tuple[Wave, ...]:
        """The waves, none where all is one."""
        if not self.asked["waves"] and self.asked["happened_path"] is not None:
            raise BadInput(
                Words("重新安排要有 --waves。", "a plan made anew needs --waves."),
                mend=Words("写出整个计划的各波，如 0:60%,24:40%。", "Give those of the whole plan: 0:60%,24:40%."),
            )
        return read_waves(self.asked["waves"])

    @cached_property
    def happened(self) -> Happened | None:
        """What happened so far, None where nothing was said of it."""
        path = self.asked["happened_path"]
        if path is None:
            return None
        table = cast_numbers(self.read_ids(path), "hour_h", pa.float64(), NUMBER, may_be_empty=True)
        table = cast_numbers(table, "cost", pa.int64(), AMOUNT, may_be_empty=True)
        check_columns(table, path, "hour_h", "what")
        happened = read_happened_rows(table.to_pylist(), self.accounts, self.asked["now_h"])
        return replace(happened, again=self.read_names("again"))

    def read_names(self, option: str) -> tuple[str | int, ...]:
        """Return the accounts that an option names, as the graph has their ids."""
        return tuple(pa.array(list(self.asked[option]), pa.string()).cast(self.graph.ids.type).to_pylist())

    def read_ids(self, path: Path) -> pa.Table:
        """Return a table whose ids are as the graph has them."""
        table = read_table(path)
        check_columns(table, path, "id")
        kind = self.graph.ids.type
        if pa.types.is_integer(kind):
            table = cast_numbers(table, "id", kind, Words("图里的编号是整数。", "Ids of the graph are integers."))
        return table.set_column(table.column_names.index("id"), "id", table["id"].cast(kind))

    def read_timing(self) -> Timing:
        """Return the deadline, or none, with the delays of the arcs."""
        median, path = self.asked["delay_median_h"], self.asked["delays_path"]
        centres: Any = median
        if path is not None:
            table = cast_numbers(read_table(path), "delay_h", pa.float64(), NUMBER)
            centres = match_delays(self.graph, table, self.source, self.target, median)
        family = Family(self.asked["delay_family"])
        deadline = self.asked["deadline_h"]
        return Timing(np.inf if deadline is None else deadline, centres, self.asked["delay_sigma"], family)

    def add_values(self, options: PlanOptions) -> None:
        """Set what each node is worth, 0 for those who are not in the table, and who was reached before."""
        path = self.asked["values_path"]
        table = self.read_ids(path)
        check_columns(table, path, "value")
        numbers = self.graph.find_nodes(table["id"].combine_chunks())
        is_known = numbers >= 0
        for name, column in (("values", "value"), ("reached", "reached")):
            table = cast_numbers(table, column, pa.float64(), NUMBER, may_be_empty=name == "reached")
            if column in table.column_names:
                whole = np.zeros(self.graph.nodes)
                whole[numbers[is_known]] = pc.fill_null(table[column].cast(pa.float64()), 0.0).to_numpy()[is_known]
                options[name] = whole  # type: ignore[literal-required]  # one of two keys


def read_quotas(given: tuple[str, ...]) -> dict[str, dict[str, int]]:
    """Return quotas written as COLUMN=VALUE:N; raises BadInput where one cannot be read."""
    quotas: dict[str, dict[str, int]] = {}
    for text in given:
        column, _, rest = text.partition("=")
        value, _, number = rest.rpartition(":")
        if not column or not value or not number.isdecimal():
            raise BadInput(
                Words(f"看不懂配额“{text}”。", f"the quota {text!r} cannot be read."),
                mend=Words("写成 platform=weibo:10。", "Write it as platform=weibo:10."),
            )
        quotas.setdefault(column, {})[value] = int(number)
    return quotas


def read_waves(text: str) -> tuple[Wave, ...]:
    """Return waves written as HOUR:PART, parts in per cent or as amounts; raises BadInput where one cannot be read.

    >>> read_waves("0:60%,24:5000")
    (Wave(hour_h=0.0, share=0.6, amount=None), Wave(hour_h=24.0, share=None, amount=5000))
    """
    waves = []
    for each in filter(None, (part.strip() for part in text.split(","))):
        hour, _, part = each.partition(":")
        try:
            if part.endswith("%"):
                waves.append(Wave(float(hour), share=float(part[:-1]) / 100.0))
            else:
                waves.append(Wave(float(hour), amount=int(part)))
        except ValueError:
            raise BadInput(
                Words(f"看不懂这一波“{each}”。", f"the wave {each!r} cannot be read."),
                mend=Words("写成 0:60% 或 24:50000。", "Write it as 0:60% or 24:50000."),
            ) from None
    return tuple(waves)


def read_happened_rows(rows: list[dict[str, Any]], accounts: pa.Table, now_h: float | None) -> Happened:
    """Return what happened; who posted without a cost has cost what the table of accounts says."""
    posted: dict[str | int, float] = {}
    reached: dict[str | int, float | None] = {}
    prices = {row["id"]: row["cost"] for row in accounts.select(["id", "cost"]).to_pylist()}
    spent = 0
    for number, row in enumerate(rows, 1):
        if row["what"] not in ("posted", "reached") or (row["what"] == "posted" and row["hour_h"] is None):
            raise BadInput(
                Words(f"第 {number} 行看不懂。", f"row {number}: what happened cannot be read."),
                mend=Words(
                    "what 写 posted 或 reached；posted 要有 hour_h。",
                    "what is posted or reached; posted has an hour_h.",
                ),
            )
        if row["what"] == "posted":
            posted[row["id"]] = row["hour_h"]
            cost = row.get("cost")
            spent += prices.get(row["id"], 0) if cost is None else cost
        else:
            reached[row["id"]] = row["hour_h"]
    hours = [hour for hour in (*posted.values(), *reached.values()) if hour is not None]
    return Happened(max(hours, default=0.0) if now_h is None else now_h, posted, reached, spent)
