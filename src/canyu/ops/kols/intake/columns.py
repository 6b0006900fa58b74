"""The columns of a roster file with their aliases, and why a row is refused; pure, no database."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from canyu.events.importers.headers import normalise_header
from canyu.kit.words import Words

COLUMNS: dict[str, tuple[str, ...]] = {
    "kol": ("达人", "达人名称", "名称", "name"),
    "platform": ("平台", "渠道", "channel"),
    "handle": ("账号", "帐号", "账号名", "昵称", "account"),
    "actor": ("编号", "账号编号", "用户编号"),
    "source": ("来源",),
    "url": ("链接", "主页", "主页链接", "link"),
    "followers": ("粉丝数", "粉丝", "粉丝量"),
    "topics": ("领域", "话题", "内容领域", "topic"),
    "markets": ("市场", "地区", "market"),
    "kind": ("类型", "type"),
    "price_post": ("图文报价", "图文价格"),
    "price_video": ("视频报价", "视频价格"),
    "price_live": ("直播报价", "直播价格"),
    "currency": ("币种", "货币"),
    "contract_from": ("合约开始", "合同开始"),
    "contract_until": ("合约结束", "合同结束"),
    "disclosure": ("广告标识", "需标广告"),
    "note": ("备注", "说明", "notes"),
}
"""Our name -> other names that a header may have."""
NEEDED = ("platform", "handle")
KINDS: dict[str, tuple[str, ...]] = {
    "creator": ("达人", "博主", "kol", "koc"),
    "media": ("媒体", "自媒体"),
    "agency": ("机构", "mcn"),
    "employee": ("员工", "内部"),
}
LENGTHS = {"kol": 120, "platform": 40, "handle": 120, "actor": 200, "source": 40, "url": 500, "note": 2000}


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a cell cannot be used, and the mend."""

    words: Words
    mend: Words


REASONS: dict[str, Reason] = {
    "missing": Reason(Words("没有填写", "is empty"), Words("请补上。", "Fill it in.")),
    "too_long": Reason(Words("太长", "is too long"), Words("请缩短。", "Shorten it.")),
    "not_a_count": Reason(
        Words("不是数量", "is no count"), Words("请写整数，如 125000、12.5万。", "Write a whole number, as 125000.")
    ),
    "not_an_amount": Reason(
        Words("不是金额，或小数位超过该币种", "is no amount, or finer than the currency goes"),
        Words("请写如 2300.00，不用逗号作小数点。", "Write 2300.00, with a point before the decimals."),
    ),
    "not_a_currency": Reason(
        Words("不是币种代码", "is no currency code"),
        Words("请写三个字母，如 CNY、USD。", "Write three letters, as USD."),
    ),
    "currency_unknown": Reason(
        Words("有报价但没有币种", "stands beside a price and is empty"),
        Words("请填写币种，如 JPY。", "Write the currency, as JPY."),
    ),
    "not_a_day": Reason(Words("不是日期", "is no day"), Words("请写如 2025-04-01。", "Write a day as 2025-04-01.")),
    "ends_before": Reason(
        Words("早于合约开始", "is before the contract begins"),
        Words("请改正其中一个日期。", "Mend one of the two days."),
    ),
    "begins_never": Reason(
        Words("有合约结束，没有合约开始", "has an end and no begin"),
        Words("请填写合约开始。", "Write when the contract begins."),
    ),
    "not_yes_or_no": Reason(
        Words("不是“是”或“否”", "is neither yes nor no"), Words("请写是或否。", "Write yes or no.")
    ),
    "not_a_kind": Reason(
        Words("没有这种类型", "is no kind"),
        Words("请写达人、媒体、机构或员工。", "Write creator, media, agency or employee."),
    ),
    "not_a_link": Reason(Words("不是网址", "is no web address"), Words("请以 https:// 开头。", "Begin with https://.")),
    "account_twice": Reason(
        Words("与前面的行是同一个账号", "is the account of an earlier row"),
        Words("同一账号只留一行。", "Keep one row for each account."),
    ),
    "actor_taken": Reason(
        Words("这个编号属于另一个账号", "belongs to another account"),
        Words("请改正编号，或先改那个账号。", "Mend it here, or at the other account first."),
    ),
    "renamed": Reason(
        Words("已改名", "was renamed"),
        Words(
            "请写新的账号名；若现在属于别人，请填写编号。",
            "Write the new handle; if it is somebody else's now, give the actor.",
        ),
    ),
    "disagrees": Reason(
        Words("与同一达人前面的行不一致", "differs from an earlier row of the same KOL"),
        Words("同一达人的各行请写成一样。", "Write the same in every row of the KOL."),
    ),
    "no_salt": Reason(
        Words("写了来源，但还没有数据湖可以换算编号", "is given, but there is no lake to hash the id with"),
        Words("请先导入数据，或直接填写事件里的编号。", "Import data first, or give the actor as the events have it."),
    ),
}


def find_columns(header: Iterable[str]) -> dict[str, str]:
    """Return our name -> the file's column, for the columns that are known; the first of several counts.

    >>> find_columns(["达人", "平台", "账号", "图文报价（元）", "心情"])
    {'kol': '达人', 'platform': '平台', 'handle': '账号', 'price_post': '图文报价（元）'}
    """
    known = {normalise_header(alias): name for name, aliases in COLUMNS.items() for alias in (name, *aliases)}
    found: dict[str, str] = {}
    for column in header:
        name = known.get(normalise_header(column))
        if name:
            found.setdefault(name, column)
    return found
