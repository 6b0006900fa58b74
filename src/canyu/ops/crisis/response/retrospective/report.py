"""The retrospective as a report: one page or PDF, the same bytes for the same records."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from canyu.care import ClockName
from canyu.care.crisis.statement import VERDICTS as SAID
from canyu.kit.jsonio import dump_json
from canyu.kit.numbers import format_number
from canyu.kit.words import Words
from canyu.measure.figure import Proof
from canyu.measure.report import Box, Document, Section, Sheet
from canyu.ops.care.rules import CLOCK_STATUS_WORDS
from canyu.ops.crisis.response.goodwill.forms import KINDS
from canyu.ops.crisis.response.models import GoodwillKind
from canyu.ops.crisis.response.retrospective.queries import Retrospective
from canyu.ops.crisis.response.turning.words import CELLS, CLOSINGS, VERDICTS, list_points
from canyu.ops.kols.bookings.rules import name_state
from canyu.ops.kols.planning.amounts import spell_money

CLOCKS = {
    ClockName.FIRST_RESPONSE: Words("首次响应", "First response"),
    ClockName.UPDATE: Words("后续回复", "Next answer"),
    ClockName.SOLUTION: Words("解决", "Solution"),
}
TIME, WHAT, WHO = Words("时间", "Time"), Words("事件", "What happened"), Words("谁", "Who")
PLANNED = Words(
    "{name}：计划救下 {people[0]} 人 [{people[1]}, {people[2]}]，计划花 {cost}、已花 {spent} {currency}",
    "{name}: {people[0]} people to save [{people[1]}, {people[2]}]; planned {cost}, spent {spent} {currency}",
)
NOTHING = Words("没有。", "None.")
NOT_KNOWN = Words("—", "—")
DEFINITIONS = {
    "clock": Words(
        "工单的首次响应时钟，按启动时抄入工单的规则与日历。",
        "The case's clock of the first response, by the policy and calendar copied into it when it began.",
    ),
    "turn": Words(
        "声明前后负面占比之差，减去其他帖子同期之差；区间考虑相邻小时的相关与过度离散；连续 24 小时不含零才算转变。",
        "The change of the negative share around the first statement less that of other posts; the interval allows for "
        "hours that hang together; turned only where it stays clear of zero for 24 hours running.",
    ),
    "saved": Words(
        "预计会先听到谣言、而因辟谣先听到我们的人数；实际为对帖子有反应的人数，只看过的不计。",
        "People who would have heard the rumour and were foreseen to hear from us first; actual: people who reacted to "
        "the posts, those who only saw them are not known.",
    ),
    "reach": Words(
        "并入工单的各条提及的触达之和，有重叠。", "The reach of the mentions in the case, added up; they overlap."
    ),
}


@dataclass(frozen=True, slots=True)
class _Table:
    """Headings and rows of a section; ``texts`` are the columns that may be long."""

    headings: tuple[Words, ...]
    rows: Sequence[tuple[str, ...]]
    texts: frozenset[int] = frozenset({0})


@dataclass(frozen=True, slots=True)
class RetrospectiveReport:
    """A retrospective in a language, with times on the clock of a zone."""

    told: Retrospective
    language: str
    zone: str

    def compose(self) -> Document:
        """Return the retrospective as a document; its last section holds the digest of all the others."""
        row = self.told.row
        ended = self._time(row.closed_at) if row.closed_at else self._say(Words("进行中", "going on"))
        sections = tuple(self._list_sections())
        boxes = tuple(self._list_boxes())
        document = Document(
            f"{self._say(Words('危机复盘', 'Retrospective'))} · {row.number} {row.title}",
            f"{self._time(row.started_at)} – {ended}",
            self.language,
            self.zone,
            self.told.as_of,
            (),
            boxes,
            sections,
        )
        digest = digest_document(document)
        note = Words(f"内容摘要 SHA-256 {digest}", f"SHA-256 of the content {digest}")
        told = Words(
            "由记录生成：同样的记录得到同样的文件。", "Made from the records: the same records give the same file."
        )
        last = Section(
            "digest", self._say(Words("如何核对", "How to check it")), lines=(self._say(note), self._say(told))
        )
        return Document(
            *(document.title, document.period, document.language, document.zone, document.made),
            (),
            boxes,
            (*sections, last),
        )

    def _say(self, words: Words) -> str:
        return words.say(self.language)

    def _time(self, moment: datetime | None) -> str:
        return "—" if moment is None else f"{moment.astimezone(ZoneInfo(self.zone)):%Y-%m-%d %H:%M}"

    def _number(self, value: float | None) -> str:
        return "—" if value is None else format_number(round(value), self.language)

    def _list_boxes(self) -> Iterator[Box]:
        told, opinion = self.told, self.told.opinion
        version = {} if opinion.version is None else {"scores": opinion.version}
        clock = told.case.find_clock(ClockName.FIRST_RESPONSE)
        if clock is not None:
            value = self._say(CLOCK_STATUS_WORDS[clock.status])
            took = f"{self._time(clock.started_at)} → {self._time(told.case.first_response_at)}"
            yield self._box("clock", CLOCKS[ClockName.FIRST_RESPONSE], value, (took,))
        reach = self._number(told.reach)
        count = Words(f"{told.mentions} 条提及", f"{told.mentions} mentions")
        yield self._box("reach", Words("触达", "Reach"), reach, (self._say(count),))
        turn = opinion.turn
        value = self._say(VERDICTS[turn.verdict]) if turn else "—"
        lines: tuple[str, ...] = ()
        if turn is not None and turn.change is not None:
            change, low, high = list_points(turn.change)
            lines = (self._say(Words(f"{change} 个百分点 [{low}, {high}]", f"{change} points [{low}, {high}]")),)
        proof = Proof(DEFINITIONS["turn"], "", version, sum(cell.posts for cell in turn.cells) if turn else 0, "DuckDB")
        yield Box("turn", self._say(Words("舆论", "Opinion")), value, lines, proof)
        for plan in told.rebuttals[-1:]:
            low, high = self._number(plan.row.saved_low), self._number(plan.row.saved_high)
            actual = self._number(plan.measured)
            reacted = self._say(Words(f"实际有反应 {actual} 人", f"{actual} people reacted"))
            saved = self._number(plan.row.saved), (f"[{low}, {high}]", reacted)
            yield self._box("saved", Words("辟谣救下（计划）", "Saved (planned)"), *saved)

    def _box(self, name: str, label: Words, value: str, lines: tuple[str, ...]) -> Box:
        return Box(name, self._say(label), value, lines, Proof(DEFINITIONS[name], "", {}, 1, "Canyu"))

    def _list_sections(self) -> Iterator[Section]:
        yield self._tell_clocks()
        yield self._tell_checklist()
        yield self._tell_statements()
        yield self._tell_opinion()
        yield self._tell_rebuttals()
        yield self._tell_goodwill()
        lessons = [f"{self._time(each.at)} {each.by}: {each.text}" for each in self.told.lessons]
        yield self._section("lessons", Words("学到了什么", "Lessons"), None, lessons)
        rows = [
            (self._time(entry.at), self._tell_entry(entry.words, text), entry.by) for entry, text in self.told.entries
        ]
        yield self._section("timeline", Words("时间线", "Timeline"), _Table((TIME, WHAT, WHO), rows, frozenset({1})))

    def _tell_entry(self, words: Words, text: str) -> str:
        return f"{self._say(words)}: {text}" if text else self._say(words)

    def _section(self, name: str, title: Words, table: _Table | None, lines: Sequence[str] = ()) -> Section:
        rows = () if table is None else tuple(table.rows)
        if not rows and not lines:
            return Section(name, self._say(title), lines=(self._say(NOTHING),))
        sheet = Sheet(tuple(map(self._say, table.headings)), rows, texts=table.texts) if table and rows else None
        return Section(name, self._say(title), sheet=sheet, is_sheet_shown=True, lines=tuple(lines))

    def _tell_clocks(self) -> Section:
        headings = (Words("时钟", "Clock"), Words("开始", "Began"), Words("应在", "Due"), Words("结果", "Outcome"))
        rows = [
            (
                self._say(CLOCKS[clock.name]),
                self._time(clock.started_at),
                self._time(clock.due),
                self._say(CLOCK_STATUS_WORDS[clock.status]),
            )
            for clock in self.told.case.clocks
        ]
        return self._section("clocks", Words("时钟", "Clocks"), _Table(headings, rows))

    def _tell_checklist(self) -> Section:
        headings = (Words("事项", "Item"), Words("负责", "Owner"), Words("应在", "Due"), Words("完成", "Done"))
        rows = []
        for state in self.told.state.items:
            done = self._time(state.done_at)
            if state.is_dropped:
                done = self._say(Words("取消", "dropped"))
            elif state.was_late:
                done = f"{done} ({self._say(Words('晚了', 'late'))})"
            elif state.is_over:
                done = self._say(Words("逾期未完成", "overdue"))
            rows.append((self._say(state.item.title), state.who or "—", self._time(state.due), done))
        return self._section("checklist", Words("清单", "Checklist"), _Table(headings, rows))

    def _tell_statements(self) -> Section:
        headings = (
            *(Words("声明", "Statement"), Words("版本", "Version"), Words("结论", "Verdict"), Words("作者", "Author")),
            *(Words("发布", "Released"), Words("发布人", "By"), Words("摘要", "Digest")),
        )
        rows = [
            (
                statement.slug,
                str(version.row.number),
                self._say(SAID[version.said.verdict]),
                version.row.author,
                self._time(version.row.released_at),
                version.row.released_by or "—",
                version.row.digest[:16],
            )
            for statement, versions in self.told.statements
            for version in versions
        ]
        return self._section("statements", Words("声明", "Statements"), _Table(headings, rows))

    def _tell_opinion(self) -> Section:
        opinion, lines, rows = self.told.opinion, [], []
        if opinion.missing is not None:
            lines.append(self._say(opinion.missing))
        if opinion.turn is not None:
            lines.append(self._say(VERDICTS[opinion.turn.verdict]))
            for cell in opinion.turn.cells:
                share = f"{100 * cell.negative / cell.posts:.1f}%" if cell.posts else "—"
                needed = f"{cell.needed:,}" if cell.needed else "—"
                rows.append((self._say(CELLS[cell.name]), f"{cell.posts:,}", share, needed))
        if opinion.closing is not None:
            lines.append(self._say(CLOSINGS[opinion.closing.state]))
        headings = (
            Words("哪些帖子", "Posts"),
            Words("条数", "Count"),
            Words("负面", "Negative"),
            Words("还需要", "Needed"),
        )
        return self._section("opinion", Words("舆论", "Opinion"), _Table(headings, rows), lines)

    def _tell_rebuttals(self) -> Section:
        headings = (
            *(Words("账号", "Account"), Words("状态", "State"), Words("报价", "Price")),
            *(Words("计划触达", "Planned reach"), Words("实际", "Actual")),
        )
        rows, lines = [], []
        for plan in self.told.rebuttals:
            row, currency = plan.row, plan.row.plan.currency
            people = [self._number(end) for end in (row.saved, row.saved_low, row.saved_high)]
            cost = spell_money(plan.row.plan.result.get("cost_minor", 0), currency)
            spent = spell_money(plan.spent_minor, currency)
            told = PLANNED.fill(name=row.plan.name, people=people, cost=cost, spent=spent, currency=currency)
            lines.append(self._say(told))
            for booking in plan.bookings:
                name = booking.account.kol.name if booking.account else "—"
                price = spell_money(booking.price_minor, booking.currency)
                reach = self._number(booking.planned_reach), self._number(booking.actual_reach)
                rows.append((name, self._say(name_state(booking)), price, *reach))
        title = Words("辟谣：计划与实际", "Rebuttal: plan and actual")
        return self._section("rebuttal", title, _Table(headings, rows), lines)

    def _tell_goodwill(self) -> Section:
        headings = (
            *(Words("补偿", "Goodwill"), Words("给谁", "For whom"), Words("上限", "Cap")),
            *(Words("发码", "Codes"), Words("已用", "Used"), Words("金额", "Amount")),
        )
        rows = []
        for view in self.told.goodwill:
            row = view.row
            name = row.offer.name_zh if self.language.startswith("zh") else row.offer.name_en
            whom = f"{row.product} {row.bought_from} – {row.bought_until}"
            kind = self._say(KINDS[GoodwillKind(row.kind)])
            spent = spell_money(view.spent_minor, row.offer.currency)
            rows.append((f"{name} ({kind})", whom, f"{row.offer.uses:,}", f"{view.codes:,}", f"{view.used:,}", spent))
        return self._section("goodwill", Words("补偿", "Goodwill"), _Table(headings, rows, frozenset({0, 1})))


def digest_document(document: Document) -> str:
    """Return the SHA-256 of everything that a document says, in hex."""
    told = {
        "title": document.title,
        "period": document.period,
        "boxes": [[box.name, box.label, box.value, list(box.lines)] for box in document.boxes],
        "sections": [
            [
                section.name,
                section.title,
                list(section.lines),
                [] if section.sheet is None else [list(section.sheet.headings), *map(list, section.sheet.rows)],
            ]
            for section in document.sections
        ],
    }
    return hashlib.sha256(dump_json(told).encode()).hexdigest()
