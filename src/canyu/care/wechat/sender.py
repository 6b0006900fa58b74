"""Sending customer-service messages: each ends as sent, later, refused or unknown, with the reason for the agent."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from canyu.care.wechat.access_tokens import TokenKeeper
from canyu.care.wechat.client import NoAnswer, Said, VendorClient
from canyu.care.wechat.codes import Remedy, Verdict, judge_code
from canyu.care.wechat.errors import VendorFailure
from canyu.care.wechat.rates import Rate
from canyu.care.wechat.replies import Article, ImageReply, NewsReply, TextReply, check_text
from canyu.kit.errors import BadInput
from canyu.kit.words import Words

TRIES = 3
FIRST_PAUSE_S = 0.5
AGAIN_S = 30.0
"""So long a queue waits where the vendor could not be reached, or stayed busy."""


class Result(StrEnum):
    """How a message ended: sent; to be sent later; refused for good; or nobody knows, for no answer came."""

    SENT = "sent"
    LATER = "later"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one message. ``again_after_s`` is for LATER; ``is_window_used``: no more to this user for now.

    An UNKNOWN one may have arrived: it is never sent again without a person.
    """

    result: Result
    reason: Words | None = None
    errcode: int = 0
    again_after_s: float = 0.0
    is_window_used: bool = False
    msg_id: str = ""


CustomerMessage = TextReply | ImageReply | NewsReply


class VendorApi:
    """Calls the vendor with an access token: fetches another where it is refused, and is patient where it is busy."""

    def __init__(
        self,
        client: VendorClient,
        tokens: TokenKeeper,
        *,
        is_wecom: bool = False,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.client = client
        self.tokens = tokens
        self.is_wecom = is_wecom
        self._sleep = sleep

    def call(self, path: str, content: Mapping[str, Any]) -> tuple[Said, Verdict | None]:
        """Return what the vendor said, with the verdict where it refused; after at most three tries and one new token.

        Raises VendorFailure: NotReached, NoAnswer (done or not, nobody knows), or no token to be had.
        """
        token, has_replaced, tries = self.tokens.get(), False, 1
        while True:
            said = self.client.post(path, content, {"access_token": token})
            if not said.errcode:
                return said, None
            verdict = judge_code(said.errcode, said.errmsg, is_wecom=self.is_wecom)
            if verdict.remedy is Remedy.REFRESH and not has_replaced:
                token, has_replaced = self.tokens.replace(token), True
            elif verdict.remedy is Remedy.RETRY and tries < TRIES:
                self._sleep(FIRST_PAUSE_S * 2.0 ** (tries - 1))
                tries += 1
            else:
                return said, verdict

    def send(self, path: str, content: Mapping[str, Any], rate: Rate | None = None) -> Outcome:
        """Send one message and return what became of it; raises nothing that the vendor or the network did."""
        wait_s = rate.take() if rate is not None else 0.0
        if wait_s:
            return Outcome(Result.LATER, Words("排队等发送频率。", "Waiting for its turn."), again_after_s=wait_s)
        try:
            said, verdict = self.call(path, content)
        except NoAnswer as failure:
            return Outcome(Result.UNKNOWN, _tell(failure))
        except VendorFailure as failure:
            is_wrong = failure.errcode and judge_code(failure.errcode, "").remedy in (Remedy.GIVE_UP, Remedy.REFRESH)
            if is_wrong:
                return Outcome(Result.REFUSED, _tell(failure), failure.errcode)
            return Outcome(Result.LATER, _tell(failure), failure.errcode, AGAIN_S)
        if verdict is None:
            return Outcome(Result.SENT, msg_id=said.get_text("msgid"))
        if verdict.remedy is Remedy.GIVE_UP:
            return Outcome(Result.REFUSED, verdict.reason, said.errcode, is_window_used=verdict.is_window_used)
        return Outcome(Result.LATER, verdict.reason, said.errcode, verdict.pause_s or AGAIN_S)


class CustomerMessages:
    """Sends customer-service messages of an official account. Take the message from the user's quota first."""

    def __init__(self, api: VendorApi, rate: Rate | None = None) -> None:
        self._api = api
        self._rate = rate

    def send(self, user: str, message: CustomerMessage, *, kf_account: str = "") -> Outcome:
        """Send a message to a follower, in the name of one of the account's agents where one is named.

        Raises BadInput, before anything is sent, where the vendor would not take the message.
        """
        content = {"touser": user, **describe_message(message)}
        if kf_account:
            content["customservice"] = {"kf_account": kf_account}
        return self._api.send("/cgi-bin/message/custom/send", content, self._rate)


def describe_message(message: CustomerMessage) -> dict[str, Any]:
    """Return a message as the vendor's JSON has it. Raises BadInput where the vendor would not take it."""
    if isinstance(message, TextReply):
        return {"msgtype": "text", "text": {"content": check_text(message.content)}}
    if isinstance(message, ImageReply):
        return {"msgtype": "image", "image": {"media_id": message.media_id}}
    if len(message.articles) != 1:
        raise BadInput(
            Words(
                f"图文有 {len(message.articles)} 条，客服消息只能发一条。",
                f"{len(message.articles)} cards: a customer-service message has one.",
            ),
            mend=Words("请分成几条发送。", "Send them one by one."),
        )
    return {"msgtype": "news", "news": {"articles": [_describe_article(each) for each in message.articles]}}


def _describe_article(article: Article) -> dict[str, str]:
    return {
        "title": article.title,
        "description": article.description,
        "url": article.url,
        "picurl": article.picture_url,
    }


def _tell(failure: VendorFailure) -> Words:
    message = failure.args[0]
    return message if isinstance(message, Words) else Words(str(message), str(message))
