"""What a metric is: one declarative record, which says everything about a figure and holds its one expression."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import ibis.expr.types as ir

from canyu.kit.words import Words
from canyu.measure.catalogue.query import MetricQuery
from canyu.measure.catalogue.view import View
from canyu.measure.estimate import Estimate

Build = Callable[[ir.Table, View], ir.Table]
"""An expression: from the rows of a table to whole numbers, one row for each combination of ``view.by``."""


class Theme(StrEnum):
    """The chapters of the catalogue."""

    VOICE = "voice"
    ATTENTION = "attention"
    SHARING = "sharing"
    SALES = "sales"
    CARE = "care"
    PEOPLE = "people"


THEMES: dict[Theme, Words] = {
    Theme.VOICE: Words("声量与口碑", "Voice"),
    Theme.ATTENTION: Words("关注度", "Attention"),
    Theme.SHARING: Words("分享", "Sharing"),
    Theme.SALES: Words("销售", "Sales"),
    Theme.CARE: Words("服务", "Care"),
    Theme.PEOPLE: Words("参与与生态", "Participation and ecosystem"),
}


class Method(StrEnum):
    """How an interval comes about."""

    NONE = "none"
    WILSON = "wilson"
    TANGO = "tango"
    POISSON = "poisson"
    MULTINOMIAL = "multinomial"
    STUDENT = "student"
    SCORE_RATIO = "score_ratio"
    GIVEN = "given"


METHODS: dict[Method, Words] = {
    Method.NONE: Words(
        "没有区间：这是全部计数，不是抽样。", "No interval: everything that was imported is counted, nothing sampled."
    ),
    Method.WILSON: Words("Wilson 95% 得分区间（1927）。", "Wilson's 95 % score interval (1927)."),
    Method.TANGO: Words("Tango 95% 得分区间（1998）。", "Tango's 95 % score interval (1998)."),
    Method.POISSON: Words(
        "泊松均值的 95% 精确区间（Garwood 1936）；各人差异大于泊松时按离散系数放宽。",
        "Exact 95 % Poisson interval (Garwood 1936), wider by the dispersion where people differ more than that.",
    ),
    Method.MULTINOMIAL: Words(
        "由多项分布方差得出的 95% 区间；不足 30 份回答时用 Tango 区间。",
        "95 % interval from the multinomial variance; Tango's interval below 30 answers.",
    ),
    Method.STUDENT: Words("均值的 Student t 95% 区间。", "Student's 95 % interval of a mean."),
    Method.SCORE_RATIO: Words(
        "两比例之比的 95% 得分区间（Miettinen 与 Nurminen 1985），p 值出自同一检验。",
        "95 % score interval of a ratio of shares (Miettinen and Nurminen 1985); the p-value is of the same test.",
    ),
    Method.GIVEN: Words("由所给增量估计的区间换算。", "Carried over from the interval of the lift that was given."),
}


@dataclass(frozen=True, slots=True)
class Counted:
    """The whole numbers of one combination, and how many of its days hold any data of the metric's kind."""

    numbers: dict[str, Any]
    days: int
    observed_days: int
    query: MetricQuery

    def __getitem__(self, name: str) -> int:
        return int(self.numbers.get(name) or 0)


Reckon = Callable[[Counted, Words], Estimate]
"""From whole numbers to the answer, in plain Python; the words say how the interval comes about."""


@dataclass(frozen=True, slots=True)
class Metric:
    """One figure of the catalogue.

    ``table`` says which table of the lake a query reads; ``basis`` which types of events must have been collected for a
    0 to be a 0 (empty: any row of the table). ``filters`` are the fields of the query that mean something here,
    ``needs`` those without which there is no answer; ``window_days`` is the default of a follow-up where there is one.
    ``has_year_before`` says that the aligned days of the year before are read, too,
    ``is_contiguous`` that the days must stand in one row.
    """

    name: str
    theme: Theme
    label: Words
    definition: Words
    unit: Words
    grain: Words
    method: Method
    table: Callable[[MetricQuery], str]
    build: Build
    reckon: Reckon
    dimensions: tuple[str, ...]
    filters: tuple[str, ...]
    owner: Words
    basis: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    window_days: int | None = None
    caveats: tuple[Words, ...] = ()
    is_more_better: bool = True
    has_model: bool = False
    has_year_before: bool = False
    is_contiguous: bool = False
    target: float | None = None


def always(name: str) -> Callable[[MetricQuery], str]:
    """Return the choice of a table that no query changes."""
    return lambda query: name  # noqa: ARG005 - the contract of ``Metric.table``
