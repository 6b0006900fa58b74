"""What a plan holds by the 3-3 rule, and when it may go on; pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from canyu.kit.words import Words

SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{1,58}[a-z0-9])")
MOST_GOAL = 10**12


class CampaignState(StrEnum):
    """Where a campaign stands."""

    DRAFT = "draft"
    REVIEW = "review"
    LIVE = "live"
    CLOSED = "closed"


class Goal(StrEnum):
    """What a campaign is measured by."""

    PARTICIPANTS = "participants"
    SHARES = "shares"
    VISITS = "visits"
    ORDERS = "orders"
    K_FACTOR = "k_factor"
    MENTIONS = "mentions"


STATE_WORDS: dict[str, Words] = {
    CampaignState.DRAFT: Words("草稿", "Draft"),
    CampaignState.REVIEW: Words("待发布", "In review"),
    CampaignState.LIVE: Words("进行中", "Live"),
    CampaignState.CLOSED: Words("已结束", "Closed"),
}
GOAL_WORDS: dict[str, Words] = {
    Goal.PARTICIPANTS: Words("参与人数", "People who join"),
    Goal.SHARES: Words("带来过访问的分享码", "Share codes that brought a visit"),
    Goal.VISITS: Words("到访人次", "Visits through share codes"),
    Goal.ORDERS: Words("订单数", "Orders"),
    Goal.K_FACTOR: Words("K 因子", "K-factor"),
    Goal.MENTIONS: Words("声量（帖子数）", "Volume (posts)"),
}
MOVES: dict[str, tuple[CampaignState, ...]] = {
    CampaignState.DRAFT: (CampaignState.REVIEW, CampaignState.CLOSED),
    CampaignState.REVIEW: (CampaignState.DRAFT, CampaignState.LIVE),
    CampaignState.LIVE: (CampaignState.CLOSED,),
    CampaignState.CLOSED: (),
}
STRATEGY: dict[str, Words] = {
    "strategy_hit": Words("做爆品", "Make a hit"),
    "strategy_fans": Words("做粉丝", "Make fans"),
    "strategy_media": Words("做自媒体", "Make own media"),
}
TACTIC: dict[str, Words] = {
    "tactic_node": Words("开放参与节点", "Open a participation node"),
    "tactic_interaction": Words("设计互动方式", "Design the interaction"),
    "tactic_spread": Words("扩散口碑事件", "Spread the event"),
}
PLAN_HINTS: dict[str, Words] = {
    "strategy_hit": Words("哪个产品、凭什么让人主动说？", "Which product, and why would people talk of it unasked?"),
    "strategy_fans": Words("谁先成为朋友，他们得到什么？", "Who becomes a friend first, and what do they get?"),
    "strategy_media": Words("在哪些自有阵地讲，由谁讲？", "On which own channels is it told, and by whom?"),
    "tactic_node": Words("哪个环节交给用户参与？", "Which step is opened for people to take part in?"),
    "tactic_interaction": Words(
        "参与简单、有益、有趣、真实吗？怎么做？", "Is it simple, useful, fun and true? What do people do?"
    ),
    "tactic_spread": Words("先在谁当中发生，再怎样传开？", "Among whom does it begin, and how does it travel on?"),
}
COPY_FIELDS: dict[str, Words] = {
    "title_zh": Words("标题（中文）", "Title (Chinese)"),
    "title_en": Words("标题（英文）", "Title (English)"),
    "copy_zh": Words("文案（中文）", "Copy (Chinese)"),
    "copy_en": Words("文案（英文）", "Copy (English)"),
}


@dataclass(frozen=True, slots=True)
class Market:
    """One market of a campaign; festivals are the days that its calendar marks, each with its name."""

    market: str
    language: str
    currency: str
    zone: str
    festivals: tuple[tuple[str, str], ...] = ()

    def dump(self) -> dict[str, object]:
        """Return the market as plain values."""
        days = [list(each) for each in self.festivals]
        return {
            "market": self.market,
            "language": self.language,
            "currency": self.currency,
            "zone": self.zone,
            "festivals": days,
        }


@dataclass(frozen=True, slots=True)
class CampaignDraft:
    """A plan as somebody writes it; ``texts`` holds the six parts of the 3-3 rule and the public copy by name."""

    slug: str
    name: str
    owner: str
    texts: Mapping[str, str]
    goals: Mapping[str, float] = field(default_factory=dict)
    markets: Sequence[Market] = ()
    channels: Sequence[str] = ()
    budget_minor: int = 0
    currency: str = "CNY"
    starts_at: datetime | None = None
    ends_at: datetime | None = None


def list_gaps(draft: CampaignDraft) -> list[Words]:
    """Return what a plan lacks before it may be reviewed; empty where it lacks nothing."""
    names = {**STRATEGY, **TACTIC}
    gaps = [names[name] for name in names if not draft.texts.get(name, "").strip()]
    if not draft.goals:
        gaps.append(Words("至少一个目标", "at least one goal"))
    if not draft.markets:
        gaps.append(Words("至少一个市场", "at least one market"))
    if not draft.channels:
        gaps.append(Words("至少一个渠道", "at least one channel"))
    if draft.starts_at is None or draft.ends_at is None:
        gaps.append(Words("开始和结束时间", "when it begins and ends"))
    for language, name in (("zh", "中文"), ("en", "英文")):
        if not all(draft.texts.get(f"{part}_{language}", "").strip() for part in ("title", "copy")):
            spoken = {"zh": "Chinese", "en": "English"}[language]
            gaps.append(Words(f"公开页的{name}标题和文案", f"title and copy of the public page in {spoken}"))
    return gaps


def is_open(state: str, starts_at: datetime | None, ends_at: datetime | None, now: datetime) -> bool:
    """Say whether a campaign takes people in: it is live, and between its beginning and its end."""
    return state == CampaignState.LIVE and (starts_at or now) <= now <= (ends_at or now)


def is_second_person(who: str, authors: Collection[str]) -> bool:
    """Say whether somebody had no hand in what they release."""
    return who not in authors


def name_budget(campaign_id: int) -> str:
    """Return the ledger's account of a campaign's budget."""
    return f"campaign:{campaign_id}:budget"


def name_bank(currency: str) -> str:
    """Return the ledger's account that campaigns are funded from."""
    return f"campaigns:bank:{currency}"
