"""The vendor's error codes: what each asks of the sender, and its reason in words for the agent.

From the vendor's tables "全局返回码" (WeChat) and "全局错误码" (WeCom), as of 2026-11. A code that is not here is given
up with the vendor's own words: sending again what somebody refused for an unknown reason may double it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from canyu.kit.words import Words


class Remedy(StrEnum):
    """What a refusal asks for: a new access token, another try at once, a pause, or nothing any more."""

    REFRESH = "refresh"
    RETRY = "retry"
    WAIT = "wait"
    GIVE_UP = "give_up"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to do about a code, why, and after how many seconds a pause ends."""

    remedy: Remedy
    reason: Words
    pause_s: int = 0
    is_window_used: bool = False
    """Whether the vendor says that the user may not be sent more: the windows here are used up too."""


MINUTE_S = 60
HOUR_S = 3600
_TOKEN = Words("access_token 失效，已换新的。", "The access token was no longer valid; a new one was fetched.")

CODES: dict[int, Verdict] = {
    -1: Verdict(Remedy.RETRY, Words("微信系统繁忙。", "The vendor is busy.")),
    40001: Verdict(Remedy.REFRESH, _TOKEN),
    40014: Verdict(Remedy.REFRESH, _TOKEN),
    41001: Verdict(Remedy.REFRESH, _TOKEN),
    42001: Verdict(Remedy.REFRESH, _TOKEN),
    45011: Verdict(Remedy.WAIT, Words("这一分钟调用太频繁。", "Too many calls within this minute."), MINUTE_S),
    45033: Verdict(Remedy.WAIT, Words("并发调用太多。", "Too many calls at once."), 5),
    40003: Verdict(
        Remedy.GIVE_UP, Words("这个 OpenID 不属于本账号，或已取消关注。", "The user is not a follower of this account.")
    ),
    40007: Verdict(
        Remedy.GIVE_UP, Words("素材已失效，请重新上传。", "The picture or file is no longer there; upload it again.")
    ),
    40013: Verdict(Remedy.GIVE_UP, Words("AppID 或 CorpID 不对。", "The app id or corp id is wrong.")),
    40125: Verdict(Remedy.GIVE_UP, Words("AppSecret 不对。", "The secret of the account is wrong.")),
    40164: Verdict(
        Remedy.GIVE_UP,
        Words("服务器的地址不在微信后台的白名单里。", "The server's address is not on the vendor's list."),
    ),
    43004: Verdict(Remedy.GIVE_UP, Words("用户没有关注。", "The user does not follow the account.")),
    43019: Verdict(Remedy.GIVE_UP, Words("用户在黑名单里。", "The user is on the account's block list.")),
    45002: Verdict(Remedy.GIVE_UP, Words("消息太长。", "The message is too long.")),
    45008: Verdict(Remedy.GIVE_UP, Words("图文条数太多。", "The message has too many cards.")),
    45015: Verdict(
        Remedy.GIVE_UP,
        Words("回复时限已过：等用户再发一条消息才能继续。", "The time to answer is over: the user has to write first."),
        is_window_used=True,
    ),
    45047: Verdict(
        Remedy.GIVE_UP,
        Words(
            "客服消息条数已用完：等用户再发一条消息才能继续。",
            "The messages are used up: the user has to write first.",
        ),
        is_window_used=True,
    ),
    48001: Verdict(Remedy.GIVE_UP, Words("账号没有这个接口的权限。", "The account may not use this interface.")),
    48002: Verdict(Remedy.GIVE_UP, Words("用户拒收消息。", "The user does not want messages.")),
    48004: Verdict(Remedy.GIVE_UP, Words("接口被微信封禁。", "The vendor has blocked the interface.")),
    50002: Verdict(Remedy.GIVE_UP, Words("用户账号受限。", "The user's account is restricted.")),
    60020: Verdict(
        Remedy.GIVE_UP,
        Words("服务器的地址不在企业微信的可信 IP 里。", "The server's address is not among WeCom's trusted ones."),
    ),
    93000: Verdict(
        Remedy.GIVE_UP, Words("群机器人的地址无效，或已被移除。", "The robot's key is wrong, or it was removed.")
    ),
    95001: Verdict(
        Remedy.GIVE_UP,
        Words(
            "客服消息条数已用完：等客户再发一条消息才能继续。",
            "The messages are used up: the customer has to write first.",
        ),
        is_window_used=True,
    ),
    95018: Verdict(
        Remedy.GIVE_UP,
        Words(
            "会话在企业微信里由人工接待或已结束，接口不能发。",
            "A person at WeCom has the conversation, or it is over: nothing can be sent from here.",
        ),
    ),
}
_DAY_SPENT = Words("今天的调用次数已用完。", "Today's calls are used up.")
_TOO_FAST = Words("调用太频繁。", "Too many calls.")


def judge_code(errcode: int, errmsg: str, *, is_wecom: bool = False) -> Verdict:
    """Return what a code asks for. 45009 is a day's quota of an official account, and a rate of WeCom.

    >>> judge_code(45047, "out of response count limit").remedy.value
    'give_up'
    """
    if errcode == 45009:
        return Verdict(Remedy.WAIT, *((_TOO_FAST, MINUTE_S) if is_wecom else (_DAY_SPENT, HOUR_S)))
    told = errmsg[:200]
    return CODES.get(errcode) or Verdict(
        Remedy.GIVE_UP, Words(f"微信拒绝了：{errcode} {told}", f"The vendor refused: {errcode} {told}")
    )
