"""WeCom customer service: its signal says only that there is news; they are pulled by a cursor, page by page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from typing import Any, Protocol

from canyu.care.wechat.codes import Remedy
from canyu.care.wechat.errors import VendorFailure
from canyu.care.wechat.messages import KfSignal
from canyu.care.wechat.rates import Rate
from canyu.care.wechat.replies import ImageReply, TextReply
from canyu.care.wechat.sender import Outcome, VendorApi, describe_message
from canyu.kit.clock import get_now
from canyu.kit.errors import BadInput
from canyu.kit.words import Words

TOKEN_LASTS = timedelta(minutes=10)
PAGE = 1000
MOST_PAGES = 1000
"""A pull stops here and goes on with the next one: nothing is lost, and nothing runs for ever."""


@dataclass(frozen=True, slots=True)
class KfLink:
    """A card that opens a page; its picture is one that was uploaded before."""

    title: str
    description: str
    url: str
    thumb_media_id: str


KfContent = TextReply | ImageReply | KfLink


class Origin(IntEnum):
    """Who wrote a message of customer service, as the vendor numbers them."""

    CUSTOMER = 3
    SYSTEM = 4
    AGENT = 5


@dataclass(frozen=True, slots=True)
class KfMessage:
    """One message or event of customer service; ``msg_id`` names it for ever, ``values`` is all the vendor said."""

    msg_id: str
    open_kfid: str
    customer: str
    sent_at: datetime
    origin: int
    kind: str
    content: str
    values: dict[str, Any]

    @property
    def is_from_customer(self) -> bool:
        """Whether the customer wrote it, which opens the window for five answers."""
        return self.origin == Origin.CUSTOMER and self.kind != "event"


class Cursors(Protocol):
    """Where each account's cursor is kept, beside what was pulled."""

    def load(self, open_kfid: str) -> str:
        """Return the cursor of an account, empty where nothing was pulled yet."""
        ...

    def save(self, open_kfid: str, cursor: str) -> None:
        """Keep the cursor of an account."""
        ...


@dataclass(frozen=True, slots=True)
class Pulled:
    """How far a pull came: messages kept, pages, whether the vendor has more."""

    messages: int
    pages: int
    has_more: bool


class KfPull:
    """Pulls the messages of customer service. Of one account one pull runs at a time: see to that with a lock."""

    def __init__(self, api: VendorApi, cursors: Cursors, clock: Callable[[], datetime] = get_now) -> None:
        self._api = api
        self._cursors = cursors
        self._clock = clock

    def pull(self, signal: KfSignal, keep: Callable[[Sequence[KfMessage]], None]) -> Pulled:
        """Pull what is new of the account that a signal names.

        Each page is kept before its cursor is: a crash between the two pulls the page again, so ``keep`` keeps each
        ``msg_id`` once. The signal's token is sent for the ten minutes that it lasts; without one the vendor allows few
        calls. Raises VendorFailure; what was kept stays, and the next pull goes on from there.
        """
        account = signal.open_kfid
        if not account:
            raise BadInput(
                Words("没有客服账号 open_kfid，不能拉取。", "Without open_kfid nothing can be pulled."),
                mend=Words("它在企业微信的通知里。", "It stands in WeCom's signal."),
            )
        cursor, count = self._cursors.load(account), 0
        for page in range(1, MOST_PAGES + 1):
            said = self._ask(signal, cursor)
            found = said.get("msg_list")
            messages = [read_kf_message(each) for each in (found if isinstance(found, list) else [])]
            if messages:  # a page may be empty and others follow
                keep(messages)
                count += len(messages)
            following = str(said.get("next_cursor") or cursor)
            has_more = bool(said.get("has_more"))
            if has_more and following == cursor:
                raise _tell_stuck(account)
            if following != cursor:
                self._cursors.save(account, following)
                cursor = following
            if not has_more:
                return Pulled(count, page, False)
        return Pulled(count, MOST_PAGES, True)

    def _ask(self, signal: KfSignal, cursor: str) -> dict[str, Any]:
        content: dict[str, Any] = {"open_kfid": signal.open_kfid, "limit": PAGE}
        if cursor:
            content["cursor"] = cursor
        if self._clock() - signal.created_at < TOKEN_LASTS:
            content["token"] = signal.token
        said, verdict = self._api.call("/cgi-bin/kf/sync_msg", content)
        if verdict is None:
            return said.values
        later = verdict.remedy is not Remedy.GIVE_UP
        failure = VendorFailure(
            Words(f"拉取客服消息失败：{verdict.reason.zh}", f"Messages could not be pulled: {verdict.reason.en}"),
            mend=Words("稍后再拉。", "Pull again later.") if later else Words("请检查权限。", "Check the permissions."),
        )
        failure.errcode = said.errcode
        raise failure


class KfMessages:
    """Sends messages of WeCom customer service. Take the message from the customer's quota first."""

    def __init__(self, api: VendorApi, rate: Rate | None = None) -> None:
        self._api = api
        self._rate = rate

    def send(self, open_kfid: str, customer: str, message: KfContent, *, msg_id: str = "") -> Outcome:
        """Send a message to a customer. Raises BadInput, before anything is sent, where the vendor would not take it.

        ``msg_id``: a name of our own for it (32 letters, digits, ``-``, ``_``), by which a pull finds it again.
        """
        content = {"touser": customer, "open_kfid": open_kfid, **_describe(message)}
        if msg_id:
            content["msgid"] = msg_id
        return self._api.send("/cgi-bin/kf/send_msg", content, self._rate)


def read_kf_message(found: Any) -> KfMessage:
    """Return a message of a page. Raises VendorFailure where it has no id: it could not be kept once."""
    msg_id = found.get("msgid") if isinstance(found, dict) else None
    sent = found.get("send_time", 0) if isinstance(found, dict) else 0
    if not isinstance(msg_id, str) or not msg_id or not isinstance(sent, int) or not 0 <= sent < 32_000_000_000:
        raise VendorFailure(
            Words("企业微信给的消息没有编号或时间。", "A message of WeCom has no id or no time."),
            mend=Words("没有移动游标，稍后再拉。", "The cursor stays; pull again later."),
        )
    event = found.get("event")
    told = event if isinstance(event, dict) else found
    kind = str(found.get("msgtype", ""))
    text = found.get("text")
    return KfMessage(
        msg_id=msg_id,
        open_kfid=str(told.get("open_kfid", "")),
        customer=str(told.get("external_userid", "")),
        sent_at=datetime.fromtimestamp(sent, UTC),
        origin=found["origin"] if isinstance(found.get("origin"), int) else 0,
        kind=kind,
        content=str(text.get("content", "")) if isinstance(text, dict) else "",
        values=found,
    )


def _describe(message: KfContent) -> dict[str, Any]:
    if not isinstance(message, KfLink):
        return describe_message(message)
    link = {"title": message.title, "desc": message.description, "url": message.url}
    return {"msgtype": "link", "link": link | {"thumb_media_id": message.thumb_media_id}}


def _tell_stuck(account: str) -> VendorFailure:
    return VendorFailure(
        Words(f"{account} 的游标不前进。", f"The cursor of {account} does not move."),
        mend=Words("没有丢消息，稍后再拉。", "Nothing is lost; pull again later."),
    )
