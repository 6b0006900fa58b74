"""What the ledger answers to one operation: kept, kept before, or refused with the reason and the mend."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from canyu.kit.errors import BadInput, CanyuError, Conflict
from canyu.kit.words import Words


class Verdict(StrEnum):
    """The answer; everything but DONE and EXISTS is a refusal that changed nothing."""

    DONE = "done"
    EXISTS = "exists"
    DIFFERENT = "different"
    BAD_INPUT = "bad_input"
    UNKNOWN_ACCOUNT = "unknown_account"
    UNIT_MISMATCH = "unit_mismatch"
    BEYOND_LIMIT = "beyond_limit"
    TOO_LARGE = "too_large"
    UNKNOWN_HOLD = "unknown_hold"
    ALREADY_SETTLED = "already_settled"
    ALREADY_VOIDED = "already_voided"
    ALREADY_EXPIRED = "already_expired"
    EXPIRED = "expired"
    NOT_DUE = "not_due"
    MORE_THAN_HELD = "more_than_held"
    UNKNOWN_TRANSFER = "unknown_transfer"
    NOT_REVERSIBLE = "not_reversible"
    ALREADY_REVERSED = "already_reversed"


KEPT = frozenset({Verdict.DONE, Verdict.EXISTS})


class Refused(Conflict):
    """The ledger refused an operation; nothing was changed. ``outcome`` says which and why."""

    code = "ledger_refused"

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.message, mend=outcome.mend)
        self.outcome = outcome


class RefusedInput(BadInput):
    """The ledger cannot read an operation; nothing was changed. ``outcome`` says which and why."""

    code = "ledger_bad_input"

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.message, mend=outcome.mend)
        self.outcome = outcome


class LedgerRace(Conflict):
    """Another transaction wrote the same id at the same moment; this transaction has to be run again."""

    code = "ledger_race"


class LedgerBusy(CanyuError):
    """More work waits for the ledger than it may; nothing was taken."""

    code = "ledger_busy"
    status = 503


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answer to one operation: ``id`` of the operation, what was kept of it, and the words of a refusal."""

    id: str
    verdict: Verdict
    amount: int = 0
    """What was moved or held, of DONE and EXISTS; 0 of a void or an expiry."""
    made_at: datetime | None = None
    """When it was kept first; of EXISTS, this is before now."""
    what: str = ""
    """Of a refusal: the account, hold, transfer or field at fault."""
    parts: tuple[Outcome, ...] = ()
    """Of linked operations: the answer to each, up to the first refusal."""

    @property
    def is_kept(self) -> bool:
        """Say whether the operation is in the ledger, now or from before."""
        return self.verdict in KEPT

    @property
    def message(self) -> Words:
        """What happened, naming the operation and what is at fault."""
        said = REASONS[self.verdict][0]
        return Words(
            f"账本操作 {self.id!r}：{said.zh.format(what=self.what)}",
            f"Ledger operation {self.id!r}: {said.en.format(what=self.what)}",
        )

    @property
    def mend(self) -> Words:
        """What to do about it."""
        return REASONS[self.verdict][1]

    def require(self) -> Outcome:
        """Return the outcome itself; raises Refused, or RefusedInput, where it is a refusal."""
        if self.is_kept:
            return self
        raise (RefusedInput if self.verdict is Verdict.BAD_INPUT else Refused)(self)


_NOTHING = Words("", "")
_LOOK = Words("请查看这个编号的记录，不要重复处理。", "Look at the row of that id; do not do it again.")
REASONS: dict[Verdict, tuple[Words, Words]] = {
    Verdict.DONE: (Words("已记入。", "kept."), _NOTHING),
    Verdict.EXISTS: (Words("此前已记入。", "kept before."), _NOTHING),
    Verdict.DIFFERENT: (
        Words("同一编号此前记入的内容不同（{what}）。", "the same id was kept with another body ({what})."),
        Words("新的操作请用新的编号。", "Give a new operation a new id."),
    ),
    Verdict.BAD_INPUT: (
        Words("字段 {what} 不能使用。", "field {what} cannot be used."),
        Words(
            "金额是 1 到 2^63-1 的整数；编号和单位是 1 到 200 个可见字符，备注最多 500 个；"
            "时间要带时区；借方与贷方不能相同。",
            "Amounts are whole numbers from 1 to 2^63-1; ids and units are 1 to 200 printable characters, notes at"
            " most 500; times have a zone; debit and credit differ.",
        ),
    ),
    Verdict.UNKNOWN_ACCOUNT: (
        Words("没有账户 {what}。", "there is no account {what}."),
        Words("请先开户，或改正编号。", "Open the account first, or correct its id."),
    ),
    Verdict.UNIT_MISMATCH: (
        Words("账户 {what} 记的是另一种单位。", "account {what} counts another unit."),
        Words("借贷双方与操作必须是同一单位。", "Both accounts and the operation must have one unit."),
    ),
    Verdict.BEYOND_LIMIT: (
        Words("账户 {what} 的余额不足。", "account {what} does not have that much."),
        Words("请减少金额，或先转入。", "Ask for less, or move something in first."),
    ),
    Verdict.TOO_LARGE: (
        Words("账户 {what} 的累计会超过 2^63-1。", "the sum of account {what} would pass 2^63-1."),
        Words("请另开一个账户。", "Open another account."),
    ),
    Verdict.UNKNOWN_HOLD: (
        Words("没有预留 {what}。", "there is no hold {what}."),
        Words("请改正预留的编号。", "Correct the id of the hold."),
    ),
    Verdict.ALREADY_SETTLED: (Words("预留 {what} 已结清。", "hold {what} is settled already."), _LOOK),
    Verdict.ALREADY_VOIDED: (Words("预留 {what} 已取消。", "hold {what} is voided already."), _LOOK),
    Verdict.ALREADY_EXPIRED: (Words("预留 {what} 已过期释放。", "hold {what} is expired already."), _LOOK),
    Verdict.EXPIRED: (
        Words("预留 {what} 的时间已过。", "the time of hold {what} is over."),
        Words("请重新预留；已付的款要退回。", "Hold again; a payment that came late is to be refunded."),
    ),
    Verdict.NOT_DUE: (
        Words("预留 {what} 还没有到期。", "hold {what} has not expired yet."),
        Words("请等到期，或取消它。", "Wait until it does, or void it."),
    ),
    Verdict.MORE_THAN_HELD: (
        Words("超过了预留 {what} 的金额。", "it is more than hold {what} set aside."),
        Words("请结算不超过预留的金额。", "Settle at most what is held."),
    ),
    Verdict.UNKNOWN_TRANSFER: (
        Words("没有转账 {what}。", "there is no transfer {what}."),
        Words("请改正转账的编号。", "Correct the id of the transfer."),
    ),
    Verdict.NOT_REVERSIBLE: (
        Words("{what} 不是可以冲正的转账。", "{what} is no transfer that can be reversed."),
        Words("只有转账和结算可以冲正；预留请取消。", "Transfers and settlements can be reversed; void a hold."),
    ),
    Verdict.ALREADY_REVERSED: (Words("{what} 已冲正。", "{what} is reversed already."), _LOOK),
}
