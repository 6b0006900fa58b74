"""What every room holds of a person, for which purpose and how long: what a copy of their data is made of.

A room that keeps something of people is one more line in ``HOLDINGS``; what it forgets is in ``canyu.ops.forgetting``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ibis
from django.db.models import Model, Q
from django.forms.models import model_to_dict

from canyu.events.suppression import hash_actor, read_salt
from canyu.kit.words import Words
from canyu.ops.campaigns.challenges.media.actions import IMAGES
from canyu.ops.campaigns.challenges.models import Entrant, Entry, Vote
from canyu.ops.campaigns.charity.models import Gift, StoryPicture
from canyu.ops.campaigns.charity.pictures.files import PICTURES
from canyu.ops.campaigns.models import Consent, Edge, Member, Reward, Sale, Signal
from canyu.ops.campaigns.posters.models import MemberLink
from canyu.ops.care.models import Case, CaseMention, CaseMessage
from canyu.ops.crisis.models import Stakeholder
from canyu.ops.fans.models import AgeTold, ConsentGiven, Identifier, Link, Request
from canyu.ops.knowledge.models import Talk, Turn
from canyu.ops.kols.models import Account
from canyu.ops.lakes import find_lake
from canyu.ops.offers.drops.models import Claim
from canyu.ops.offers.drops.models import Entrant as DropEntrant
from canyu.ops.offers.models import Code, Redemption
from canyu.ops.outbox.models import WaitingEvent
from canyu.ops.sources.models import Delivery, QuarantinedEvent
from canyu.ops.stations.models import Booking, Reminder
from canyu.ops.wechat.models import Conversation, Outgoing, Push

AT_ONCE = 300
TAKING_PART = Words("参加活动与结算奖励", "taking part in a campaign and its rewards")
WHILE_CAMPAIGN = Words("活动期间，退出即删", "while the campaign runs; leaving erases")
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Whose:
    """A person: their fan's number and row, every number they had, and what the lake and the rooms call them."""

    key: str
    fan_id: int
    keys: tuple[str, ...]
    actors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Holding:
    """One part of a copy: its name, what it is kept for, how long, its rows, and the files that belong to them."""

    name: str
    purpose: Words
    retention: Words
    rows: Callable[[Whose], Iterator[Row]]
    files: Callable[[Whose], Iterator[Path]] | None = None


def read_rows(model: type[Model], field: str, *, without: Sequence[str] = ()) -> Callable[[Whose], Iterator[Row]]:
    """Return what reads the rows of a model whose ``field`` names the person."""

    def read(whose: Whose) -> Iterator[Row]:
        for start in range(0, len(whose.actors), AT_ONCE):
            chosen = model._default_manager.filter(**{f"{field}__in": whose.actors[start : start + AT_ONCE]})
            yield from (describe(row, without) for row in chosen.order_by("pk").iterator(AT_ONCE))

    return read


def describe(row: Model, without: Sequence[str] = ()) -> Row:
    """Return a row as plain values, without what is a secret of ours."""
    return {name: value for name, value in model_to_dict(row).items() if name not in without}


def read_gifts(whose: Whose) -> Iterator[Row]:
    """Yield what the person's orders gave to a good cause."""
    lake = find_lake()
    if lake is None or not whose.actors:
        return
    salt = read_salt(lake.store)
    for start in range(0, len(whose.actors), AT_ONCE):
        givers = [hash_actor(salt, actor) for actor in whose.actors[start : start + AT_ONCE]]
        rows = Gift.objects.filter(giver__in=givers).order_by("pk")
        yield from (describe(row, ("giver",)) for row in rows.iterator(AT_ONCE))


def read_lake(whose: Whose) -> Iterator[Row]:
    """Yield the person's events in the lake, as they are at one version, day by day."""
    lake = find_lake()
    if lake is None or lake.version() is None or not whose.actors:
        return
    events = lake.scan("events", version=lake.version())
    mine = events.filter(events.actor.isin(list(whose.actors)))
    days = lake.engine.run(mine.select("day").distinct().order_by("day"))["day"].to_pylist()
    for day in days:  # a day at a time, so that a person of many years fits into memory
        yield from lake.engine.run(mine.filter(mine.day == ibis.literal(day)).order_by("time", "id")).to_pylist()


def read_own(model: type[Model], path: str) -> Callable[[Whose], Iterator[Row]]:
    """Return what reads the rows of this room that hang on the person's fan."""

    def read(whose: Whose) -> Iterator[Row]:
        chosen = model._default_manager.filter(**{path: whose.fan_id}).order_by("pk").distinct()
        yield from (describe(row) for row in chosen)

    return read


def read_edges(whose: Whose) -> Iterator[Row]:
    """Yield who brought the person and whom they brought, without naming the other one."""
    mine = Q(inviter__person__in=whose.actors) | Q(invitee__person__in=whose.actors)
    hidden = ("inviter", "invitee", "first_touch", "last_touch")
    for row in Edge.objects.filter(mine).select_related("inviter", "invitee").order_by("pk"):
        yield {"side": "inviter" if row.inviter.person in whose.actors else "invitee", **describe(row, hidden)}


def read_links(whose: Whose) -> Iterator[Row]:
    """Yield what ties the person's identifiers to one another."""
    chosen = Link.objects.filter(Q(before__fan=whose.fan_id) | Q(after__fan=whose.fan_id)).order_by("pk")
    yield from (describe(row) for row in chosen)


def read_pushes(whose: Whose) -> Iterator[Row]:
    """Yield what the person wrote on WeChat as it came, while it is kept so."""
    for talk in Conversation.objects.filter(person__in=whose.actors).order_by("pk"):
        rows = Push.objects.filter(account=talk.account_id, user=talk.user).order_by("pk")
        yield from (describe(row, ("key", "fault", "attempts", "next_try")) for row in rows.iterator(AT_ONCE))


def read_waiting(whose: Whose) -> Iterator[Row]:
    """Yield what is on its way into the lake."""
    wanted = set(whose.actors)
    yield from (row.event for row in WaitingEvent.objects.order_by("pk").iterator() if row.event["actor"] in wanted)


def read_requests(whose: Whose) -> Iterator[Row]:
    """Yield what the person has asked for."""
    yield from (describe(row, ("tally",)) for row in Request.objects.filter(fan__in=whose.keys).order_by("pk"))


def list_entry_pictures(whose: Whose) -> Iterator[Path]:
    """Yield the files of the pictures that the person entered challenges with."""
    entries = Entry.objects.filter(entrant__person__in=whose.actors).exclude(media="").order_by("pk")
    yield from (IMAGES.find_path(name) for name in entries.values_list("media", flat=True))


def list_story_pictures(whose: Whose) -> Iterator[Path]:
    """Yield the files of the pictures of stories that show the person."""
    shown = StoryPicture.objects.filter(person__in=whose.actors, withdrawn_at=None).order_by("pk")
    yield from (PICTURES.find_path(name) for name in shown.values_list("name", flat=True))


def read_seen_messages(whose: Whose) -> Iterator[Row]:
    """Yield what the person wrote to us and what they were answered; notes inside are not theirs to read."""
    mine = CaseMessage.objects.filter(case__person__in=whose.actors).exclude(audience="inside").order_by("pk")
    yield from (describe(row) for row in mine)


ANSWERING = Words("答复投诉与咨询", "answering complaints and questions")
ASKING = Words("回答提问并改进答案", "answering questions, and improving the answers")
TALKS = Words("见设置 CANYU_TALK_DAYS", "see the setting CANYU_TALK_DAYS")
AS_RAW = Words("见设置 CANYU_WECHAT_RAW_DAYS", "see the setting CANYU_WECHAT_RAW_DAYS")
SETTING = Words("见设置 CANYU_QUARANTINE_DAYS", "see the setting CANYU_QUARANTINE_DAYS")
ONE_PERSON = Words("认出同一个人", "telling that two are one person")
STORIES = Words("公益故事", "stories of charity")
WHILE_SHOWN = Words("直到撤回同意", "until the consent is withdrawn")
PROOF = Words("证明同意", "proof of consent")
LIMITED = Words("限量发售", "the limited edition")
VOUCHERS = Words("优惠与权益", "vouchers and entitlements")
WHILE_KNOWN = Words("直到本人要求删除", "until the person asks for erasure")
FOR_BOOKS = Words(
    "订单金额依会计法规保留，编号随删除去掉", "amounts as bookkeeping law asks; the id goes with an erasure"
)
HOLDINGS: tuple[Holding, ...] = (
    Holding("identifiers", ONE_PERSON, WHILE_KNOWN, read_own(Identifier, "fan")),
    Holding("links", ONE_PERSON, WHILE_KNOWN, read_links),
    Holding("consents", PROOF, WHILE_KNOWN, read_own(ConsentGiven, "identifier__fan")),
    Holding("ages", Words("保护未成年人", "protection of minors"), WHILE_KNOWN, read_own(AgeTold, "identifier__fan")),
    Holding("requests", Words("答复本人的请求", "answering requests"), WHILE_KNOWN, read_requests),
    Holding("events", Words("统计口碑与效果", "measuring word of mouth"), WHILE_KNOWN, read_lake),
    Holding("members", TAKING_PART, WHILE_CAMPAIGN, read_rows(Member, "person")),
    Holding("campaign_consents", PROOF, WHILE_CAMPAIGN, read_rows(Consent, "member__person")),
    Holding(
        "fingerprints",
        Words("防止重复参加", "keeping one person from joining twice"),
        WHILE_CAMPAIGN,
        read_rows(Signal, "member__person"),
    ),
    Holding("shares", TAKING_PART, WHILE_CAMPAIGN, read_edges),
    Holding("sales", TAKING_PART, WHILE_CAMPAIGN, read_rows(Sale, "member__person")),
    Holding("rewards", TAKING_PART, FOR_BOOKS, read_rows(Reward, "member__person")),
    Holding("gifts", Words("公益捐赠随订单计入", "what an order gives to a good cause"), FOR_BOOKS, read_gifts),
    Holding("posters", TAKING_PART, WHILE_CAMPAIGN, read_rows(MemberLink, "member__person")),
    Holding("entrants", TAKING_PART, WHILE_CAMPAIGN, read_rows(Entrant, "person")),
    Holding("works", TAKING_PART, WHILE_CAMPAIGN, read_rows(Entry, "entrant__person"), list_entry_pictures),
    Holding("votes", TAKING_PART, WHILE_CAMPAIGN, read_rows(Vote, "person")),
    Holding("story_pictures", STORIES, WHILE_SHOWN, read_rows(StoryPicture, "person"), list_story_pictures),
    Holding("claims", LIMITED, FOR_BOOKS, read_rows(Claim, "person")),
    Holding("entries", LIMITED, WHILE_CAMPAIGN, read_rows(DropEntrant, "person")),
    Holding("codes", VOUCHERS, FOR_BOOKS, read_rows(Code, "person", without=("digest",))),
    Holding("redemptions", VOUCHERS, FOR_BOOKS, read_rows(Redemption, "person", without=("digest",))),
    Holding(
        "bookings",
        Words("预约到店服务", "booking a visit to a station"),
        Words("姓名与联系方式在到店 30 天后删除", "name and contact go 30 days after the visit"),
        read_rows(Booking, "person", without=("key", "visit")),
    ),
    Holding(
        "booking_mails", Words("提醒预约", "reminding of a visit"), WHILE_KNOWN, read_rows(Reminder, "booking__person")
    ),
    Holding("kol_accounts", Words("达人合作", "work with KOLs"), WHILE_KNOWN, read_rows(Account, "actor")),
    Holding("refused_events", Words("修复数据", "mending data"), SETTING, read_rows(QuarantinedEvent, "actor")),
    Holding(
        "deliveries",
        Words("告知订阅系统", "telling subscribed systems"),
        Words("7 天", "7 days"),
        read_rows(Delivery, "actor"),
    ),
    Holding("wechat", ANSWERING, WHILE_KNOWN, read_rows(Conversation, "person", without=("windows",))),
    Holding("wechat_messages", ANSWERING, WHILE_KNOWN, read_rows(Outgoing, "conversation__person")),
    Holding("wechat_pushes", ANSWERING, AS_RAW, read_pushes),
    Holding("cases", ANSWERING, WHILE_KNOWN, read_rows(Case, "person", without=("link_digest",))),
    Holding("case_messages", ANSWERING, WHILE_KNOWN, read_seen_messages),
    Holding("case_mentions", ANSWERING, WHILE_KNOWN, read_rows(CaseMention, "actor")),
    Holding("talks", ASKING, TALKS, read_rows(Talk, "person", without=("key", "form"))),
    Holding("talk_turns", ASKING, TALKS, read_rows(Turn, "talk__person", without=("form",))),
    Holding(
        "crisis_stakeholders",
        Words("危机时告知相关方", "telling whom a crisis touches"),
        WHILE_KNOWN,
        read_rows(Stakeholder, "person"),
    ),
    Holding("waiting", Words("写入数据湖之前", "on the way into the lake"), Words("几秒", "seconds"), read_waiting),
)
