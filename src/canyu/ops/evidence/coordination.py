"""Groups of accounts that post as one, as the listening found them, with their first words; and one with its posts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from canyu.events import Lake
from canyu.kit.errors import NotFound
from canyu.kit.words import Words
from canyu.listen.coordination import Coordination, read_coordination
from canyu.listen.copies import Group, GroupKind
from canyu.listen.own_voice import name_official
from canyu.measure import OverviewQuery
from canyu.measure.facts import identify_lake
from canyu.measure.period import make_period
from canyu.ops.evidence.once import Once
from canyu.ops.insight.queries import get_own_actors

TABLES_READ = frozenset({"events", "scores", "coordination", "findings", "listenings"})
MOST_GROUPS = 100
MOST_GROUP_POSTS = 200
KIND_WORDS: dict[str, Words] = {
    GroupKind.LOTTERY: Words("抽奖", "lottery"),
    GroupKind.FAN_CLUB: Words("粉丝组织", "fan club"),
    GroupKind.OFFICIAL_REPOST: Words("转发同一条帖子", "reposts of one post"),
    GroupKind.REWARD: Words("有奖评价或模板", "rewarded or from a template"),
    GroupKind.NEWS: Words("新闻", "news"),
    GroupKind.COORDINATED: Words("协同，未见常见原因", "coordinated, no usual reason seen"),
}
TRACE_WORDS: dict[str, Words] = {
    "text": Words("相同文字", "same text"),
    "hashtags": Words("相同话题", "same hashtags"),
    "link": Words("相同链接", "same link"),
    "repost": Words("转发同一帖", "same post reposted"),
}


@dataclass(frozen=True, slots=True)
class GroupRow:
    """One group with the text of its first post, and its words."""

    group: Group
    text: str

    @property
    def kind(self) -> Words:
        """What the group is called."""
        return KIND_WORDS[self.group.kind]

    @property
    def traces(self) -> tuple[tuple[Words, int], ...]:
        """What ties its accounts, and how many of each."""
        return tuple((TRACE_WORDS[name], n) for name, n in self.group.traces.items())


@dataclass(frozen=True, slots=True)
class CoordinationPage:
    """The groups of some weeks, the largest first; ``more`` are left out."""

    found: Coordination
    rows: tuple[GroupRow, ...]
    more: int
    versions: dict[str, int]

    @property
    def first_day(self) -> date | None:
        """The Monday of the first week that was read."""
        since = self.found.since
        return since.astimezone(ZoneInfo(self.found.rules.zone)).date() if since else None

    @property
    def last_day(self) -> date | None:
        """The Sunday of the last one."""
        until = self.found.until
        return until.astimezone(ZoneInfo(self.found.rules.zone)).date() - timedelta(days=1) if until else None

    @property
    def tied(self) -> int:
        """How many posts are in a group."""
        return sum(group.posts for group in self.found.groups)

    @property
    def share(self) -> float | None:
        """Posts in a group among those read, in per cent."""
        return 100 * self.tied / self.found.posts if self.found.posts else None


@dataclass(frozen=True, slots=True)
class GroupPost:
    """One post of a group; ``account`` numbers its accounts in the order of their first post, 0 where unknown."""

    id: str
    time: datetime
    account: int
    type: str
    channel: str | None
    text: str


def get_coordination(lake: Lake, query: OverviewQuery) -> CoordinationPage:
    """Return the groups of the weeks that a period touches, read once per data version and kept."""
    versions = {name: version for name, version in lake.versions().items() if name in TABLES_READ}
    own = get_own_actors()
    key = (identify_lake(lake), tuple(sorted(versions.items())), query.start, query.end, query.zone, own)
    return _PAGES.get(key, lambda: _read(lake, query, versions, own))


def get_group(lake: Lake, query: OverviewQuery, group_id: str) -> tuple[GroupRow, tuple[GroupPost, ...]]:
    """Return one group of a period with its first posts; raises NotFound."""
    page = get_coordination(lake, query)
    for row in page.rows:
        if row.group.group_id == group_id:
            return row, _read_posts(lake, row.group, page.versions)
    raise NotFound(_("There is no such group in this period."), mend=_("Open it from the list of groups."))


_PAGES = Once(16)


def _read(lake: Lake, query: OverviewQuery, versions: dict[str, int], own: frozenset[str]) -> CoordinationPage:
    period = make_period(query.start, query.end, query.zone)
    found = read_coordination(lake, period.start, period.end, versions=versions)
    found = replace(found, groups=name_official(lake, found.groups, own, versions=versions))
    shown = found.groups[:MOST_GROUPS]
    texts = {row["id"]: row["text"] or "" for row in _read_events(lake, shown, [g.group_id for g in shown], versions)}
    rows = tuple(GroupRow(group, texts.get(group.group_id, "")) for group in shown)
    return CoordinationPage(found, rows, len(found.groups) - len(shown), versions)


def _read_events(
    lake: Lake, groups: tuple[Group, ...], ids: list[str], versions: dict[str, int]
) -> list[dict[str, Any]]:
    if not groups:
        return []
    first = min(group.first_time for group in groups).astimezone(UTC).date()
    last = max(group.last_time for group in groups).astimezone(UTC).date()
    events = lake.scan("events", version=versions.get("events"))
    rows = events.filter(events.day.between(first, last), events.id.isin(ids)).order_by("time", "id")
    found: list[dict[str, Any]] = lake.engine.run(
        rows.select("id", "time", "actor", "type", "channel", "text")
    ).to_pylist()
    return found


def _read_posts(lake: Lake, group: Group, versions: dict[str, int]) -> tuple[GroupPost, ...]:
    rows = _read_events(lake, (group,), list(group.event_ids[:MOST_GROUP_POSTS]), versions)
    numbers: dict[str, int] = {}
    return tuple(
        GroupPost(
            id=row["id"],
            time=row["time"],
            account=numbers.setdefault(row["actor"], len(numbers) + 1) if row["actor"] else 0,
            type=row["type"],
            channel=row["channel"],
            text=row["text"] or "",
        )
        for row in rows
    )
