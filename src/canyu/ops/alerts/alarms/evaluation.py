"""Looks for posts that will go far by rules on forecasts: in the newest hours, or in the hours of a replay."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from canyu.events import Lake
from canyu.ops.alerts.alarms.rules import Alarm, AlarmRule, make_alarm
from canyu.ops.insight.posts import list_by_ids
from canyu.ops.travel.crossings import Watched, find_crossings, follow_posts
from canyu.spread.influence.intervals import compute_wilson

LOOKBACK = timedelta(hours=24)
WEEK = timedelta(days=7)
ALWAYS = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Found:
    """The alarms of each rule by its name, in the order of their hours, and what was looked at."""

    by_rule: Mapping[str, tuple[Alarm, ...]]
    watched: Watched

    @property
    def alarms(self) -> tuple[Alarm, ...]:
        """Each post and number once, with all rules that found it, as the first of them found it."""
        joined: dict[str, Alarm] = {}
        for alarm in sorted((one for alarms in self.by_rule.values() for one in alarms), key=lambda one: one.found):
            known = joined.get(alarm.alert_id)
            joined[alarm.alert_id] = known.join(alarm) if known else alarm
        return tuple(joined.values())


@dataclass(frozen=True, slots=True)
class AlarmTally:
    """What one rule told in a replay: how many posts, and of those that are settled how many passed the number."""

    rule: AlarmRule
    alarms: int
    per_week: float
    passed: int
    missed: int

    @property
    def is_open(self) -> int:
        """Posts of which it is not known yet."""
        return self.alarms - self.passed - self.missed

    @property
    def share(self) -> tuple[float, float, float] | None:
        """The share of the settled ones that passed, with its 95 % interval (Wilson); None without any."""
        settled = self.passed + self.missed
        if not settled:
            return None
        share = self.passed / settled
        low, high = compute_wilson(np.array([share]), np.array([float(settled)]))
        return share, float(low[0]), float(high[0])


def find_alarms(
    lake: Lake, begin: datetime, end: datetime, rules: Sequence[AlarmRule], until: datetime = ALWAYS
) -> Found | None:
    """Return which posts each rule tells of at the whole hours after ``begin`` until ``end`` (aware), each post once.

    What came of them is counted until ``until``. None where there are no rules, or the lake holds no post.
    """
    watched = find_crossings(lake, begin, end, list(dict.fromkeys(rule.threshold for rule in rules))) if rules else None
    if watched is None:
        return None
    links = _read_links(lake, watched, rules)
    by_rule = {}
    for rule in rules:
        alarms = [make_alarm(crossing, rule, until) for crossing in watched.crossings[rule.threshold]]
        wanted = set(rule.products)
        by_rule[rule.name] = tuple(one for one in alarms if not wanted or wanted & links.get(one.post, frozenset()))
    return Found(by_rule, watched)


def find_new_alarms(lake: Lake, now: datetime, rules: Sequence[AlarmRule]) -> Found | None:
    """Return which posts the rules tell of in the day before ``now``: what a stopped check missed is found later."""
    return find_alarms(lake, now - LOOKBACK, now, rules, now)


def follow_alarms(lake: Lake, alarms: Iterable[Alarm], now: datetime) -> tuple[Alarm, ...]:
    """Return alarms with what is known of their posts at ``now``; those whose post is gone are left out."""
    kept = list(alarms)
    posts = follow_posts(lake, {alarm.post: alarm.posted for alarm in kept})
    return tuple(alarm.follow(posts[alarm.post], now) for alarm in kept if alarm.post in posts)


def tally_rules(found: Found, rules: Sequence[AlarmRule]) -> tuple[AlarmTally, ...]:
    """Return what each rule told, a week, and how much of it came true."""
    weeks = max((found.watched.end - found.watched.begin) / WEEK, 1 / 168)
    tallies = []
    for rule in rules:
        alarms = found.by_rule[rule.name]
        passed = sum(alarm.passed_at is not None for alarm in alarms)
        missed = sum(alarm.passed_at is None and alarm.ended is not None for alarm in alarms)
        tallies.append(AlarmTally(rule, len(alarms), len(alarms) / weeks, passed, missed))
    return tuple(tallies)


def _read_links(lake: Lake, watched: Watched, rules: Sequence[AlarmRule]) -> dict[str, frozenset[str]]:
    """Return which products and brands the posts name, where a rule asks for that and somebody listened."""
    thresholds = {rule.threshold for rule in rules if rule.products}
    roots = [crossing.forecast.reactions.root for one in thresholds for crossing in watched.crossings[one]]
    if not roots:
        return {}
    first, last = min(root.time for root in roots).date(), max(root.time for root in roots).date()
    posts = list_by_ids(lake, sorted({root.id for root in roots}), first, last)
    return {post.id: frozenset(post.links) for post in posts}
