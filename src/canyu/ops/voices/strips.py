"""The figures above topics and storylines, and where each leads: the posts counted, and the share with a finding."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django.urls import reverse

from canyu.kit.words import Words
from canyu.listen.storyline_report import StorylineReport
from canyu.listen.topic_report import TopicReport
from canyu.measure import Figure, OverviewQuery, Proof
from canyu.measure.aspects import AspectMap
from canyu.measure.catalogue.words import ONCE
from canyu.measure.counted import Counts, make_posts_figure, make_share_figure, say_with_copies
from canyu.measure.definitions import CAVEAT_COLLECTED
from canyu.ops.insight.rules import ALL, ANY_FINDING, ONLY, WITHOUT
from canyu.ops.insight.tables import link_posts

TOPIC_POSTS = Words(
    "所示各日或各周的帖数；选了品牌时只数提及它的。" + ONCE.zh,
    "Posts of the days or weeks shown; where a brand is chosen, those that mention it. " + ONCE.en,
)
TOPIC_SHARE = Words(
    "归入某个话题的帖数 ÷ 所读的帖数 × 100。区间为去重的 Wilson 95% 区间。" + ONCE.zh,
    "Posts that belong to a topic ÷ posts read × 100. Interval: Wilson's 95% interval, without copies. " + ONCE.en,
)
TOPIC_OWN = Words(
    "所示各日或各周的帖子中，产品目录登记的品牌官方账号发的帖数，含雷同帖；话题的帖数也包括它们。",
    "Of the posts of the days or weeks shown, those of the brands' own accounts that the catalogue registers, copies "
    "too; topics count them still.",
)
LABEL_TOPICS = Words("归入话题的（去重）", "In a topic, without copies")
LABEL_OWN = Words("官方账号发的", "By the brands' own accounts")
LABEL_MESSAGES = Words("带有主张的（去重）", "Carry a message, without copies")
OWN_COUNTED = Words("话题的帖数包括它们", "topics count them too")
STORYLINE_POSTS = Words(
    "期间内提及各主张所属品牌的帖数，官方账号的除外。去重值：雷同的帖子只算一条。",
    "Posts of the period that mention a brand of the messages, those of official accounts left out. Without copies: "
    "posts that say the same, or nearly, count once.",
)
STORYLINE_SHARE = Words(
    "至少说出一条主张的帖数 ÷ 这些帖数 × 100。被否认、被质问的不算。区间为去重的 Wilson 95% 区间。",
    "Posts that carry at least one message ÷ these posts × 100; denied or asked about is not carried. Interval: "
    "Wilson's 95% interval, without copies.",
)


@dataclass(frozen=True, slots=True)
class Shown:
    """One figure of a strip: where it leads, and what is said below it."""

    figure: Figure
    url: str
    note: Words | None = None
    once_url: str = ""
    """Where the value without copies leads."""


@dataclass(frozen=True, slots=True)
class Strip:
    """Figures above a page, and the days that they are about."""

    figures: tuple[Shown, ...]
    first: date
    last: date

    @property
    def days(self) -> int:
        """How many days these are."""
        return (self.last - self.first).days + 1

    def find(self, name: str) -> Figure | None:
        """Return a figure by its name."""
        return next((one.figure for one in self.figures if one.figure.name == name), None)


def build_aspect_strip(found: AspectMap) -> Strip:
    """Return the figures above the heat map."""
    posts, share = found.figures
    query = found.query
    told = Shown(share, link_posts(query, aspect=ANY_FINDING, copies=WITHOUT), found.with_copies)
    return Strip(
        (Shown(posts, link_posts(query), None, link_posts(query, copies=WITHOUT)), told), query.start, query.end
    )


def build_topic_strip(report: TopicReport, query: OverviewQuery, days: tuple[date, date]) -> Strip:
    """Return the figures above the topics of whole days or weeks, from the first to the last day."""
    posts, told = Counts(report.posts, report.unique), Counts(report.told, report.told_unique)
    counted = make_posts_figure(posts, _prove(report, TOPIC_POSTS, posts.every))
    shared = make_share_figure(LABEL_TOPICS, told, posts, _prove(report, TOPIC_SHARE, told.every))
    once_url = _link_days(query, days, copies=WITHOUT)
    figures = [
        Shown(counted, _link_days(query, days), None, once_url),
        Shown(shared, "#topics", say_with_copies(told, posts)),
    ]
    if report.own is not None:
        own = len(report.own)
        figure = Figure("own", LABEL_OWN, own, Words("条", "posts"), _prove(report, TOPIC_OWN, own))
        figures.append(Shown(figure, _link_days(query, days, accounts=ONLY), OWN_COUNTED))
    return Strip(tuple(figures), *days)


def build_storyline_strip(report: StorylineReport, query: OverviewQuery, link: str) -> Strip:
    """Return the figures above the messages; ``link``: the one brand that they are about, empty where of several."""
    row = report.carrying or {}
    posts = Counts(row.get("posts", 0), row.get("unique_posts", 0))
    carrying = Counts(row.get("carrying", 0), row.get("unique_carrying", 0))
    days = query.start, query.end
    whose = {"link": link or ALL} | ({"accounts": WITHOUT} if report.official else {})
    counted = make_posts_figure(posts, _prove(report, STORYLINE_POSTS, posts.every))
    shared = make_share_figure(LABEL_MESSAGES, carrying, posts, _prove(report, STORYLINE_SHARE, carrying.every))
    figures = (
        Shown(counted, _link_days(query, days, **whose)),
        Shown(shared, _link_days(query, days, storyline=ANY_FINDING, **whose), say_with_copies(carrying, posts)),
    )
    return Strip(figures, *days)


def _link_days(query: OverviewQuery, days: tuple[date, date], **narrower: str) -> str:
    params = {"from": days[0].isoformat(), "to": days[1].isoformat(), "link": query.brand or ALL}
    params |= {"channel": query.channel, "market": query.market, **narrower}
    return f"{reverse('posts')}?{urlencode({name: value for name, value in params.items() if value})}"


def _prove(report: TopicReport | StorylineReport, definition: Words, rows: int) -> Proof:
    return Proof(definition, report.sql, report.versions, rows, report.engine, (CAVEAT_COLLECTED,))
