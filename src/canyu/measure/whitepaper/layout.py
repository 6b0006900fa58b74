"""The paper laid out in one language: headings, sentences, tables and charts as texts, for HTML and PDF alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from canyu.kit.markup import make_fit
from canyu.kit.numbers import MISSING
from canyu.kit.words import Words
from canyu.measure.charts import render_chart
from canyu.measure.figure import Picture, Proof
from canyu.measure.theme import Theme
from canyu.measure.whitepaper.contrast import EXACT, LEVEL, WELCH, find_spread
from canyu.measure.whitepaper.definitions import DEFINITIONS
from canyu.measure.whitepaper.design import Side
from canyu.measure.whitepaper.digits import say_estimate, say_interval, say_number, say_p_value, say_spread
from canyu.measure.whitepaper.holding import PERCENT, Held
from canyu.measure.whitepaper.numbers import Cell, LabTest, Pair
from canyu.measure.whitepaper.paper import WhitePaper

SIMULATED = Words("模拟数据：并非真实测量", "Simulated data: nothing was measured")
CARRIED = Words("数据支持的结论", "What the numbers carry")
NONE_CARRIED = Words("没有一句设计中的语句得到数据支持。", "No sentence of the design is carried by the numbers.")
NONE_ASKED = Words("设计中没有结论语句。", "The design asks for no sentence.")
REFUSED = Words(
    "另有 {n} 句未获数据或法规支持，没有印出。", "{n} more were refused by the numbers or the law and are not printed."
)
METHOD = Words("方法", "Method")
DEFINED = Words("定义与出处", "Definitions and sources")
DOTS = Words(
    "每个点是一次测量；竖线是均值，横线是 95% 区间；单位 {unit}",
    "A dot is one run; the stroke is the mean, the line its 95 % interval; in {unit}",
)
CELLS = (
    Words("设备", "Device"),
    Words("次数", "Runs"),
    Words("均值", "Mean"),
    Words("95% 区间", "95 % interval"),
    Words("标准差", "Std deviation"),
)
PAIRS = (
    Words("比较", "Compared"),
    Words("差", "Difference"),
    Words("比值", "Ratio"),
    Words("Hedges' g", "Hedges' g"),
    Words("p 值", "p-value"),
    Words("校正后", "Corrected"),
    Words("检验", "Test"),
)
METHODS = (
    Words("测试", "Test"),
    Words("单位", "Unit"),
    Words("方法", "Method"),
    Words("仪器", "Instrument"),
    Words("各设备次数", "Runs by device"),
    Words("日期", "Days"),
)
NO_DAYS = Words("文件未写明", "not stated")
NO_DIFFERENCE = Words("{test}：这些测量看不出差别", "{test}: these runs show no difference")
LOWER = Words("{test}：{one}比{other}低 {by}", "{test}: {one} reads {by} less than {other}")
HIGHER = Words("{test}：{one}比{other}高 {by}", "{test}: {one} reads {by} more than {other}")
SOME_DIFFER = Words("{test}：{all} 对设备中有 {some} 对有差别", "{test}: {some} of {all} pairs differ")
WAYS = {
    Side.HIGHER: Words(
        "比{other}高 {by}，95% 区间 {low} 至 {high}，校正后 p {p}",
        "{by} more than {other}, 95 % interval {low} to {high}, corrected p {p}",
    ),
    Side.LOWER: Words(
        "比{other}低 {by}，95% 区间 {low} 至 {high}，校正后 p {p}",
        "{by} less than {other}, 95 % interval {low} to {high}, corrected p {p}",
    ),
}
UNKNOWN = Words("{test}：无法比较", "{test}: nothing can be compared")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table: headings, and rows of as many cells; ``numbers`` says which columns are set flush right."""

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """One test as shown; ``picture`` is None where nothing can be drawn."""

    title: str
    subtitle: str
    picture: Picture | None
    notes: tuple[str, ...]
    cells: Sheet
    pairs: Sheet | None


@dataclass(frozen=True, slots=True)
class Layout:
    """The whole paper in one language."""

    language: str
    title: str
    lines: tuple[str, ...]
    mark: str
    carried_title: str
    sentences: tuple[tuple[str, str], ...]
    remarks: tuple[str, ...]
    sections: tuple[Section, ...]
    method_title: str
    methods: Sheet
    facts: tuple[str, ...]
    defined_title: str
    definitions: tuple[tuple[str, str], ...]


def lay_out(paper: WhitePaper, language: str) -> Layout:
    """Return the paper in one language."""
    writer = _Writer(paper, language)
    design = paper.design
    remarks = []
    if not paper.carried:
        remarks.append(NONE_CARRIED if paper.held else NONE_ASKED)
    if paper.refused:
        remarks.append(REFUSED.fill(n=len(paper.refused)))
    return Layout(
        language,
        design.title.say(language),
        (design.lab.say(language), writer.tell_days(paper.numbers.tests)),
        SIMULATED.say(language) if design.is_simulated else "",
        CARRIED.say(language),
        tuple((each.sentence.statement.say(language), writer.tell_figures(each)) for each in paper.carried),
        tuple(words.say(language) for words in remarks),
        tuple(writer.write_section(test) for test in paper.numbers.tests),
        METHOD.say(language),
        writer.write_methods(),
        writer.list_facts(),
        DEFINED.say(language),
        tuple((term.say(language), text.say(language)) for term, text in DEFINITIONS),
    )


def draw(section: Section, language: str, theme: Theme, number: int) -> str:
    """Return a section's chart as SVG, with ids of its own among the charts of a page; empty where there is none."""
    if section.picture is None:
        return ""
    name = f"chart-{section.picture.name}-"
    return render_chart(section.picture, language, theme).replace(name, f"{name}{number}-")


@dataclass(frozen=True, slots=True)
class _Writer:
    """Writes the parts of one paper in one language."""

    paper: WhitePaper
    language: str

    def write_section(self, test: LabTest) -> Section:
        title, subtitle = self.tell_title(test), DOTS.fill(unit=", ".join(test.units))
        is_drawn = all(cell.mean.value is not None for cell in test.cells)
        picture = self.draw_picture(test, title, subtitle) if is_drawn else None
        return Section(
            title.say(self.language),
            subtitle.say(self.language) if picture else "",
            picture,
            self.list_notes(test),
            Sheet(self.say_all(CELLS), tuple(map(self.write_cell, test.cells)), (False, True, True, True, True)),
            Sheet(self.say_all(PAIRS), tuple(map(self.write_pair, test.pairs)), (False, *[True] * 5, False))
            if test.pairs
            else None,
        )

    def list_notes(self, test: LabTest) -> tuple[str, ...]:
        """Return what could not be known, once each, with the device or the pair where it is not so of all."""
        cells = {self.name(cell.device): [cell.mean.missing, *cell.mean.notes] for cell in test.cells}
        pairs = {
            self.tell_pair(pair): [each.missing for each in (pair.contrast.difference, pair.contrast.ratio)]
            + [*pair.contrast.difference.notes]
            for pair in test.pairs
        }
        notes = list(self.say_all(test.notes))
        for told in (cells, pairs):
            whose: dict[Words, list[str]] = {}
            for name, reasons in told.items():
                for reason in dict.fromkeys(filter(None, reasons)):
                    whose.setdefault(reason, []).append(name)
            for reason, names in whose.items():
                said = Words("；", "; ").say(self.language).join(names) + Words("：", ": ").say(self.language)
                notes.append(("" if len(names) == len(told) else said) + reason.say(self.language))
        return tuple(dict.fromkeys(notes))

    def tell_title(self, test: LabTest) -> Words:
        name = self.paper.design.name_test(test.name)
        known = [pair for pair in test.pairs if pair.corrected is not None]
        shown = [pair for pair in known if (pair.corrected or 0) < LEVEL]
        if not known:
            return _fill(UNKNOWN, test=name)
        if not shown:
            return _fill(NO_DIFFERENCE, test=name)
        if len(known) > 1:
            return _fill(SOME_DIFFER, test=name, all=len(known), some=len(shown))
        pair = shown[0]
        ratio, difference = pair.contrast.ratio, pair.contrast.difference
        by = (
            f"{say_number(abs(difference.value or 0), (difference.low, difference.high))} {test.units[0]}"
            if ratio.value is None
            else f"{abs(ratio.value - 1) * 100:.2g}%"
        )
        one, other = (self.paper.design.name_device(device) for device in (pair.one, pair.other))
        pattern = LOWER if (difference.value or 0) < 0 else HIGHER
        return _fill(pattern, test=name, one=one, other=other, by=by)

    def draw_picture(self, test: LabTest, title: Words, subtitle: Words) -> Picture:
        rows = []
        for place, cell in enumerate(test.cells):
            mean = cell.mean
            interval = (mean.low, mean.high)
            text = f"{make_fit(self.name(cell.device))} · {say_number(mean.value, interval)} {test.units[0]}"
            same = {"device": place, "text": text, "mean": mean.value, "low": mean.low, "high": mean.high}
            rows += [{**same, "run": run.run, "value": run.value} for run in cell.runs]
        numbers = ("mean", "low", "high", "value")
        kinds = {"device": pa.int64(), "text": pa.string(), "run": pa.int64(), **dict.fromkeys(numbers, pa.float64())}
        return Picture(
            "lab_runs", title, subtitle, pa.Table.from_pylist(rows, schema=pa.schema(kinds)), self.prove(rows)
        )

    def prove(self, rows: Sequence[object]) -> Proof:
        return Proof(Words("", ""), "", {}, len(rows), "lab file")

    def write_cell(self, cell: Cell) -> tuple[str, ...]:
        mean, values = cell.mean, [run.value for run in cell.runs]
        interval = (mean.low, mean.high)
        spread = find_spread(values) if mean.value is not None and len(values) > 1 else None
        return (
            self.name(cell.device),
            f"{len(cell.runs):,}",
            say_number(mean.value, interval),
            say_interval(mean),
            say_spread(spread),
        )

    def write_pair(self, pair: Pair) -> tuple[str, ...]:
        found = pair.contrast
        return (
            self.tell_pair(pair),
            *(say_estimate(each) for each in (found.difference, found.ratio, found.g)),
            say_p_value(found.difference.p_value),
            say_p_value(pair.corrected),
            (EXACT if found.is_exact else WELCH).say(self.language) if pair.corrected is not None else MISSING,
        )

    def write_methods(self) -> Sheet:
        rows = []
        for test in self.paper.numbers.tests:
            name = self.paper.design.name_test(test.name).say(self.language)
            runs = ", ".join(f"{self.name(cell.device)} {len(cell.runs)}" for cell in test.cells)
            how = (", ".join(test.units), ", ".join(test.methods), ", ".join(test.instruments))
            rows.append((name, *how, runs, self.tell_days((test,))))
        return Sheet(self.say_all(METHODS), tuple(rows), (False,) * 6)

    def list_facts(self) -> tuple[str, ...]:
        sheet, numbers = self.paper.sheet, self.paper.numbers
        facts = (
            Words(
                f"计入 {len(sheet.runs):,} 行测量，剔除 {len(sheet.refusals):,} 行不能用的。全文共 "
                f"{numbers.comparisons} 个比较，"
                "p 值按 Holm 法一并校正。",
                f"{len(sheet.runs):,} rows of measurements were used, {len(sheet.refusals):,} could not be. The "
                "paper makes "
                f"{numbers.comparisons} comparisons, whose p-values are corrected together by Holm's method.",
            ),
            Words(
                "每个测试、每对设备都列出，没有挑选。",
                "Every test and every pair of devices is shown; none was picked.",
            ),
            Words(f"数据文件 SHA-256：{sheet.fingerprint}", f"SHA-256 of the lab file: {sheet.fingerprint}"),
            Words(f"生成于 {self.paper.made:%Y-%m-%d %H:%M %Z}", f"Made {self.paper.made:%Y-%m-%d %H:%M %Z}"),
        )
        return self.say_all(facts)

    def tell_days(self, tests: Sequence[LabTest]) -> str:
        days = sorted({run.day for test in tests for cell in test.cells for run in cell.runs if run.day})
        if not days:
            return NO_DAYS.say(self.language)
        ends = dict.fromkeys((days[0].isoformat(), days[-1].isoformat()))
        return Words(" 至 ", " to ").say(self.language).join(ends)

    def tell_figures(self, held: Held) -> str:
        sentence = held.sentence
        said = WAYS[sentence.side]
        unit = sentence.unit if sentence.unit == PERCENT else f" {sentence.unit}"
        told = []
        for other, found, corrected in held.figures:
            ends = (found.low, found.high)
            words = _fill(
                said,
                other=self.paper.design.name_device(other),
                by=f"{say_number(found.value, ends)}{unit}",
                low=say_number(found.low, ends),
                high=say_number(found.high, ends),
                p=say_p_value(corrected),
            )
            told.append(words.say(self.language))
        test = self.paper.design.name_test(sentence.test).say(self.language)
        return f"{test}{Words('：', ': ').say(self.language)}{Words('；', '; ').say(self.language).join(told)}"

    def tell_pair(self, pair: Pair) -> str:
        return f"{self.name(pair.one)} − {self.name(pair.other)}"

    def name(self, device: str) -> str:
        return self.paper.design.name_device(device).say(self.language)

    def say_all(self, words: Sequence[Words]) -> tuple[str, ...]:
        return tuple(each.say(self.language) for each in words)


def _fill(pattern: Words, **values: object) -> Words:
    zh, en = (
        text.format(**{name: value[place] if isinstance(value, Words) else value for name, value in values.items()})
        for place, text in enumerate(pattern)
    )
    return Words(zh, en)
