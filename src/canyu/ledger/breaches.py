"""What an audit may find: which row, what is wrong with it, and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from canyu.kit.words import Words


class Flaw(StrEnum):
    """What is wrong."""

    UNEVEN = "uneven"
    WRONG_SUM = "wrong_sum"
    NO_SUM = "no_sum"
    BELOW_LIMIT = "below_limit"
    ORPHAN = "orphan"
    OTHER_UNIT = "other_unit"
    WRONG_ANSWER = "wrong_answer"
    ANSWERED_TWICE = "answered_twice"
    WRONG_OPEN_HOLD = "wrong_open_hold"
    WRONG_HELD = "wrong_held"
    NO_GUARD = "no_guard"


@dataclass(frozen=True, slots=True)
class Breach:
    """One finding: ``row`` is the id of a row, account, unit or guard; ``what`` the values that do not fit."""

    flaw: Flaw
    row: str
    what: str

    @property
    def message(self) -> Words:
        """What is wrong, naming the row and the values."""
        said = SAID[self.flaw][0]
        return Words(
            said.zh.format(row=self.row, what=self.what),
            said.en.format(row=self.row, what=self.what),
        )

    @property
    def mend(self) -> Words:
        """What to do about it."""
        return SAID[self.flaw][1]


_RESTORE = Words(
    "账本之外有人改过数据库：找出是谁，从备份恢复或以新的转账更正，不要改动旧行。",
    "Somebody changed the database past the ledger: find out who, restore a backup or correct it by a new transfer;"
    " do not edit the old row.",
)
_SUMS = Words(
    "行是依据，合计可以由行重新算出：停止写入，按此账户的各行改正合计。",
    "The rows hold, the sums follow from them: stop writing, and set this account's sums to what its rows add up to.",
)
SAID: dict[Flaw, tuple[Words, Words]] = {
    Flaw.UNEVEN: (Words("单位 {row} 的借贷不平：{what}。", "Unit {row} is not even: {what}."), _SUMS),
    Flaw.WRONG_SUM: (
        Words("账户 {row} 的合计与各行不符：{what}。", "The sums of account {row} are not those of its rows: {what}."),
        _SUMS,
    ),
    Flaw.NO_SUM: (Words("账户 {row} 缺少合计（{what}）。", "Account {row} has no sums ({what})."), _SUMS),
    Flaw.BELOW_LIMIT: (
        Words("账户 {row} 低于限额：{what}。", "Account {row} is below its limit: {what}."),
        _RESTORE,
    ),
    Flaw.ORPHAN: (
        Words("行 {row} 指向不存在的账户或行：{what}。", "Row {row} names what is not there: {what}."),
        _RESTORE,
    ),
    Flaw.OTHER_UNIT: (
        Words("行 {row} 的单位与账户不同：{what}。", "Row {row} has another unit than its account: {what}."),
        _RESTORE,
    ),
    Flaw.WRONG_ANSWER: (
        Words("行 {row} 与它所处理的行不符：{what}。", "Row {row} does not fit the row that it answers: {what}."),
        _RESTORE,
    ),
    Flaw.ANSWERED_TWICE: (
        Words("行 {row} 被处理了不止一次：{what}。", "Row {row} was answered more than once: {what}."),
        _RESTORE,
    ),
    Flaw.WRONG_OPEN_HOLD: (
        Words("未结预留表与行 {row} 不符（{what}）。", "The table of open holds does not fit row {row} ({what})."),
        _SUMS,
    ),
    Flaw.WRONG_HELD: (
        Words(
            "账户 {row} 的冻结额不是未结预留之和：{what}。", "What account {row} holds is not its open holds: {what}."
        ),
        _SUMS,
    ),
    Flaw.NO_GUARD: (
        Words("数据库缺少守卫 {row}（{what}）。", "The database lacks the guard {row} ({what})."),
        Words(
            "请按 canyu.ledger.schema 重新建立它，并查明是谁去掉的。",
            "Make it again as canyu.ledger.schema has it, and find out who dropped it.",
        ),
    ),
}
