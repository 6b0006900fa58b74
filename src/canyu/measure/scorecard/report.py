"""The scorecard as a report: indices as boxes, targets, what moved, what is proven, what is missing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from canyu.kit.words import Words
from canyu.measure import definitions
from canyu.measure.catalogue.indices import IndexResult
from canyu.measure.catalogue.registry import METRICS
from canyu.measure.claims.verdicts import VERDICTS
from canyu.measure.figure import OverviewQuery, Proof
from canyu.measure.report.document import Box, Document, Proved, Section, Sheet
from canyu.measure.report.saying import say_period
from canyu.measure.scorecard.card import Line, Scorecard
from canyu.measure.scorecard.decomposition import DIMENSIONS
from canyu.measure.scorecard.goals import STANDINGS
from canyu.measure.scorecard.pictures import draw_shifts, draw_targets, list_parts
from canyu.measure.scorecard.saying import (
    say_bounds,
    say_estimate,
    say_goal,
    say_index,
    say_move,
    say_signed,
)

TITLE = Words("口碑记分卡", "Word-of-mouth scorecard")
COMPARED = Words("变化：对比之前同样多的天数。", "Changes are against as many days before.")
CHANCE = Words("在误差之内", "within chance")
NO_TARGETS = Words("各项指标（还没有设目标）", "The figures (no target is set yet)")
TARGETS = Words("目标与实际", "Targets against actual")
MOVED = Words("什么变了，为什么", "What moved, and why")
NOT_APART = Words("{label} {change}：{reason}", "{label} {change}: {reason}")
NOTHING_MOVED = Words("没有可比的变化。", "Nothing moved that can be compared.")
PROVEN = Words("哪些说法站得住", "What is proven and what is not")
NO_CLAIMS = Words("没有核验过的说法。", "No claim was checked.")
MISSING = Words("缺什么数据", "What is missing")
NO_GAPS = Words("所列指标的每一天都有数据。", "Every day of these figures holds data.")
LINE_HEADINGS = (
    *(Words("指标", "Metric"), Words("实际", "Actual"), Words("95% 区间", "95 % interval"), Words("目标", "Target")),
    *(Words("结论", "Standing"), Words("变化", "Change"), Words("负责人", "Owner")),
)
SHIFT_HEADINGS = (
    *(Words("指标", "Metric"), Words("部分", "Part"), Words("贡献", "Contribution")),
    *(Words("其中自身变化", "of its own"), Words("其中占比变化", "of its weight")),
)
SCORED = Words(
    "权重 {weight:g}，{floor:g} 记 0 分、{top:g} 记 100 分，得 {score:.0f} 分。",
    "weight {weight:g}; {floor:g} scores 0, {top:g} scores 100; it scores {score:.0f}.",
)
WEIGHED = Words("权重：{weights}", "Weights: {weights}")
CLAIM_HEADINGS = (Words("说法", "Claim"), Words("结论", "Verdict"), Words("原因", "Why"))


@dataclass(frozen=True, slots=True)
class CardReport:
    """A scorecard, its language, the brand's name in it, and the moment it was made."""

    card: Scorecard
    language: str
    brand: Words
    made: datetime

    def compose(self) -> Document:
        """Return the card as a document."""
        card, query = self.card, self.card.query
        notes = (*((definitions.SIMULATED,) if card.is_simulated else ()), COMPARED)
        title = f"{self._say(TITLE)} · {self._say(self.brand)}" if query.brand else self._say(TITLE)
        return Document(
            title,
            say_period(OverviewQuery(query.start, query.end), self.language),
            self.language,
            query.zone,
            self.made,
            tuple(self._say(note) for note in notes),
            tuple(self._make_box(index) for index in card.indices),
            (self._tell_lines(), self._tell_shifts(), self._tell_claims(), self._tell_gaps()),
            tuple(self._list_proofs()),
        )

    def _say(self, words: Words) -> str:
        return words.say(self.language)

    def _make_box(self, index: IndexResult) -> Box:
        estimate = index.estimate
        told = (*((estimate.missing,) if estimate.missing else ()), *estimate.notes, tell_weights(index))
        lines = (say_bounds(estimate, self.language), *(self._say(note) for note in told))
        value = say_index(estimate, self.language)
        label = self._say(index.index.label)
        return Box(index.index.name, label, value, tuple(line for line in lines if line), prove_index(index), value)

    def _tell_lines(self) -> Section:
        picture = draw_targets(self.card, self.language)
        title = picture.title if picture else TARGETS if self.card.goals else NO_TARGETS
        rows = tuple(self._tell_line(line) for line in self.card.lines)
        sheet = Sheet(tuple(map(self._say, LINE_HEADINGS)), rows, frozenset({1, 2, 3, 5}), frozenset({0}))
        subtitle = self._say(picture.subtitle) if picture else ""
        return Section("targets", self._say(title), subtitle, picture, sheet, is_sheet_shown=True)

    def _tell_line(self, line: Line) -> tuple[str, ...]:
        move = say_move(line, self.language)
        if move and line.is_sure is False:
            move = f"{move} ({self._say(CHANCE)})"
        missing = line.estimate.missing
        bounds = say_bounds(line.estimate, self.language, is_short=True)
        return (
            self._say(line.metric.label),
            say_estimate(line.estimate, line.metric, self.language),
            self._say(missing) if missing else bounds or "—",
            say_goal(line, self.language),
            self._say(STANDINGS[line.standing]),
            move or "—",
            line.goal.owner if line.goal else "—",
        )

    def _tell_shifts(self) -> Section:
        picture = draw_shifts(self.card, self.language)
        lines, rows = [], []
        for line, shift in self.card.shifts:
            label = self._say(line.metric.label)
            if shift.missing is not None:
                told = {"label": label, "change": say_move(line, self.language), "reason": self._say(shift.missing)}
                lines.append(self._say(NOT_APART).format(**told))
                continue
            for name, part in list_parts(shift):
                amounts = (say_signed(amount, self.language) for amount in (part.amount, part.own, part.mix))
                rows.append((label, self._say(name), *amounts))
        if not self.card.shifts:
            lines.append(self._say(NOTHING_MOVED))
        sheet = Sheet(tuple(map(self._say, SHIFT_HEADINGS)), tuple(rows), frozenset({2, 3, 4})) if rows else None
        title, subtitle = (picture.title, self._say(picture.subtitle)) if picture else (MOVED, "")
        return Section("moved", self._say(title), subtitle, picture, sheet, lines=tuple(lines))

    def _tell_claims(self) -> Section:
        claims = self.card.claims
        rows = tuple(
            (self._say(one.statement), self._say(VERDICTS[one.verdict]), self._say(one.reason)) for one in claims
        )
        sheet = Sheet(tuple(map(self._say, CLAIM_HEADINGS)), rows, texts=frozenset({0, 2})) if rows else None
        counts = (
            f"{self._say(words)} {sum(one.verdict is verdict for one in claims)}" for verdict, words in VERDICTS.items()
        )
        lines = () if claims else (self._say(NO_CLAIMS),)
        subtitle = " · ".join(counts) if claims else ""
        return Section("claims", self._say(PROVEN), subtitle, sheet=sheet, is_sheet_shown=True, lines=lines)

    def _tell_gaps(self) -> Section:
        gaps = self.card.gaps or (NO_GAPS,)
        return Section("gaps", self._say(MISSING), lines=tuple(self._say(gap) for gap in gaps))

    def _list_proofs(self) -> list[Proved]:
        found = [Proved(self._say(line.metric.label), line.result.proof) for line in self.card.lines]
        by = DIMENSIONS.get(self.card.query.by, Words(self.card.query.by, self.card.query.by))
        return found + [
            Proved(f"{self._say(line.metric.label)} · {self._say(by)}", shift.proof)
            for line, shift in self.card.shifts
            if shift.proof is not None
        ]


def tell_weights(index: IndexResult) -> Words:
    """Return the weights that an index was computed with, its own or those that were asked for."""
    zh = "、".join(f"{METRICS[part.part.metric].label.zh} {part.weight:g}" for part in index.parts)
    en = ", ".join(f"{METRICS[part.part.metric].label.en} {part.weight:g}" for part in index.parts)
    return Words(WEIGHED.zh.format(weights=zh), WEIGHED.en.format(weights=en))


def prove_index(index: IndexResult) -> Proof:
    """Return how an index came to be: its definition, weights, and the queries of all its parts."""
    results = [part.result for part in index.parts if part.result is not None]
    versions: dict[str, int] = {}
    for result in results:
        versions |= result.proof.versions
    sql = ";\n\n".join(f"-- {result.metric.name}\n{result.proof.sql}" for result in results)
    engine = results[0].proof.engine if results else "—"
    told = tuple(_tell_part(index, place) for place in range(len(index.parts)))
    rows = sum(result.proof.rows for result in results)
    return Proof(index.index.definition, sql, versions, rows, engine, (*told, *index.estimate.notes))


def _tell_part(index: IndexResult, place: int) -> Words:
    part = index.parts[place]
    label = METRICS[part.part.metric].label
    if part.score is None:
        missing = part.missing or Words("—", "—")
        return Words(f"{label.zh}：{missing.zh}", f"{label.en}: {missing.en}")
    scale = {"weight": part.weight, "floor": part.part.floor, "top": part.part.target, "score": part.score}
    told = SCORED.fill(**scale)
    return Words(f"{label.zh}：{told.zh}", f"{label.en}: {told.en}")
