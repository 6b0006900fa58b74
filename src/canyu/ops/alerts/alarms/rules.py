"""Rules on forecasts, and what an alarm of one says; pure, no database, no lake."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any
from zoneinfo import ZoneInfo

from canyu.kit.numbers import format_number
from canyu.kit.words import Words
from canyu.listen.bursts import QuietHours, Rule, Severity
from canyu.listen.bursts.messages import tell_local
from canyu.listen.bursts.rules import check_rule_names, parse_quiet, parse_rule, parse_rules, parse_severity
from canyu.listen.bursts.settings import check_number, refuse_field
from canyu.listen.bursts.severity import RANKS
from canyu.measure.channels import get_channel_label
from canyu.ops.evidence.words import say_percent, say_span
from canyu.ops.travel.crossings import Crossing, Threshold, find_pass
from canyu.ops.travel.forecasts import Reactions
from canyu.ops.travel.gathering import FOLLOWED
from canyu.spread.prediction import Size

USUAL_PASSES, USUAL_CHANCE = 500, 50
MOST_PASSES = 10_000_000
LEAST_CHANCE, MOST_CHANCE = 1, 99
KNOWN = {"name", "team", "passes", "chance_percent", "products", "severity", "quiet_from", "quiet_to", "time_zone"}


@dataclass(frozen=True, slots=True)
class AlarmRule:
    """Tell ``team`` once of each post that passes ``passes`` reactions in the end with at least this probability.

    ``products``: only posts that name one of these; none means every post.
    """

    name: str
    team: str
    passes: int = USUAL_PASSES
    chance_percent: int = USUAL_CHANCE
    products: tuple[str, ...] = ()
    severity: Severity = Severity.WARNING
    quiet: QuietHours | None = None

    @property
    def threshold(self) -> Threshold:
        """What is looked for."""
        return Threshold(self.passes, self.chance_percent / 100)


@dataclass(frozen=True, slots=True)
class Alarm:
    """One post and one number of reactions: what was foreseen when it was found, and what came until the last look.

    ``told``: the teams that heard of it; ``waiting``: those that will once their quiet hours are over.
    """

    post: str
    posted: datetime
    channel: str
    passes: int
    found: datetime
    chance: float
    seen: int
    day: Size
    final: Size
    is_beyond: bool
    model: str
    rules: tuple[str, ...]
    severity: Severity
    came: int
    passed_at: datetime | None = None
    ended: datetime | None = None
    told: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()

    @property
    def alert_id(self) -> str:
        """The same for the same post and number, whatever rule found it and when."""
        text = f"forecast\n{self.post}\n{self.passes}"
        return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()

    @property
    def age_h(self) -> float:
        """Hours from the post to the hour at which it was found."""
        return (self.found - self.posted) / timedelta(hours=1)

    @property
    def was_passed(self) -> bool:
        """Whether the number was passed already when it was found."""
        return self.seen > self.passes

    def join(self, other: Alarm) -> Alarm:
        """Return the alarm with the rules and the severity of another one of the same post and number."""
        rules = tuple(dict.fromkeys((*self.rules, *other.rules)))
        return replace(self, rules=rules, severity=max(self.severity, other.severity, key=lambda one: RANKS[one]))

    def follow(self, reactions: Reactions, until: datetime) -> Alarm:
        """Return the alarm with what is known at a moment: over once it passed, or when the post's 30 days are over."""
        passed, over = find_pass(reactions, self.passes), self.posted + FOLLOWED
        passed = passed if passed and passed <= until else None
        ended = max(passed, self.found) if passed else over if over <= min(until, reactions.until) else None
        return replace(self, came=reactions.count(until), passed_at=passed, ended=ended)


def make_alarm(crossing: Crossing, rule: AlarmRule, until: datetime) -> Alarm:
    """Return the alarm of a rule: what was foreseen at the hour that it was found, with what is known at ``until``."""
    found, reactions = crossing.forecast.found, crossing.forecast.reactions
    alarm = Alarm(
        post=reactions.root.id,
        posted=reactions.root.time,
        channel=reactions.channel,
        passes=crossing.passes,
        found=crossing.found,
        chance=crossing.forecast.chance,
        seen=found.seen,
        day=found.day,
        final=found.final,
        is_beyond=found.is_beyond_data,
        model=found.version,
        rules=(rule.name,),
        severity=rule.severity,
        came=0,
    )
    return alarm.follow(reactions, until)


def name_alarm(alarm: Alarm, time_zone: str) -> Words:
    """Return what an alarm is called: the number, and when and where the post stands."""
    posted, channel = tell_local(alarm.posted, ZoneInfo(time_zone)), get_channel_label(alarm.channel)
    zh, en = (format_number(alarm.passes, language) for language in ("zh", "en"))
    return Words(
        f"将超过 {zh} 条：{channel.zh} {posted} 的帖子", f"Will pass {en}: the post of {posted} on {channel.en}"
    )


def write_alarm(alarm: Alarm, time_zone: str) -> Words:
    """Return an alarm in words: what was seen, how likely it passes the number, how large it will be.

    No text of the post and no account is in it: those stay in the lake.
    """
    posted, channel = tell_local(alarm.posted, ZoneInfo(time_zone)), get_channel_label(alarm.channel)
    span, chance = say_span(alarm.age_h * 3600), say_percent(alarm.chance)
    (seen_zh, seen_en), (passes_zh, passes_en) = _say_both(alarm.seen), _say_both(alarm.passes)
    sizes = [_say_both(number) for number in (alarm.final.size, alarm.final.low, alarm.final.high)]
    (size_zh, low_zh, high_zh), (size_en, low_en, high_en) = zip(*sizes, strict=True)
    passed_zh, passed_en = (
        f"有 {chance}% 的可能超过 {passes_zh} 条",
        f"passes {passes_en} with a probability of {chance}%",
    )
    if alarm.was_passed:
        passed_zh = f"有 {chance}% 的可能超过 {passes_zh} 条"
    passed_en = f"passes {passes_en} with a probability of {chance}%"
    if alarm.was_passed:
        passed_zh, passed_en = f"已超过 {passes_zh} 条", f"has passed {passes_en} already"
    urgent = alarm.severity == Severity.CRITICAL
    names = ", ".join(alarm.rules)
    return Words(
        f"【传播{'·紧急' if urgent else ''}】{channel.zh} {posted} 的帖子，发布 {span.zh}已有 {seen_zh} 条转发与评论，"
        f"{passed_zh}；最终约 {size_zh} 条（80% 区间 {low_zh}–{high_zh}）。（规则：{names}）",
        f"Going far{' (critical)' if urgent else ''}: the post of {posted} on {channel.en} had {seen_en} reposts and "
        f"comments after {span.en} and {passed_en}; about {size_en} in the end (80% interval {low_en} to {high_en}). "
        f"(rule: {names})",
    )


def write_outcome(alarm: Alarm) -> Words:
    """Return what came of an alarm until the last look."""
    zh, en = _say_both(alarm.came)
    if alarm.passed_at is not None:
        return Words(f"超过了：至今 {zh} 条", f"it did: {en} so far")
    if alarm.ended is not None:
        return Words(f"没有超过：30 天共 {zh} 条", f"it did not: {en} in 30 days")
    return Words(f"尚未见分晓：至今 {zh} 条", f"not settled yet: {en} so far")


def link_forecast(alarm: Alarm) -> dict[str, str]:
    """Return the parameters of the forecast's page, as things stood when the alarm was found."""
    return {"post": alarm.post, "age": f"{alarm.age_h:.4g}", "passes": str(alarm.passes)}


def parse_rule_file(document: object) -> tuple[tuple[Rule, ...], tuple[AlarmRule, ...]]:
    """Return the rules of a list of mappings, as a YAML file holds them: those on counts, and those on forecasts.

    A rule with ``passes`` is one on forecasts. Its fields: ``name``, ``team``, ``passes``, ``chance_percent``,
    ``products`` (a list), ``severity``, ``quiet_from`` and ``quiet_to`` with ``time_zone``. Raises ``BadInput``
    naming the rule's field and the mend.

    >>> counts, forecasts = parse_rule_file([{"name": "far", "team": "PR", "passes": 1000, "chance_percent": 60}])
    >>> counts, forecasts[0].threshold
    ((), Threshold(passes=1000, chance=0.6))
    """
    if not isinstance(document, list):
        return parse_rules(document), ()  # type: ignore[arg-type] # says what is wrong with it
    rules: list[Rule] = []
    alarm_rules: list[AlarmRule] = []
    for number, given in enumerate(document):
        place = f"rules[{number}]"
        if isinstance(given, Mapping) and "passes" in given:
            alarm_rules.append(parse_alarm_rule(given, place))
        else:
            rules.append(parse_rule(given, place))
    check_rule_names([str(given["name"]) for given in document])
    return tuple(rules), tuple(alarm_rules)


def parse_alarm_rule(given: Mapping[str, Any], place: str) -> AlarmRule:
    """Return one rule on forecasts; ``place`` names it in errors."""
    for name in given:
        if name not in KNOWN:
            listed = ", ".join(sorted(KNOWN))
            raise refuse_field(f"{place}.{name}", Words(f"可用的字段：{listed}。", f"Known fields: {listed}."))
    for name in ("name", "team"):
        if not isinstance(given.get(name), str) or not given[name].strip():
            raise refuse_field(f"{place}.{name}", Words("请填写文字。", "Give a text."))
    chance = given.get("chance_percent", USUAL_CHANCE)
    check_number(f"{place}.passes", given["passes"], 1, MOST_PASSES)
    check_number(f"{place}.chance_percent", chance, LEAST_CHANCE, MOST_CHANCE)
    products = given.get("products", ())
    if not isinstance(products, list | tuple) or not all(isinstance(name, str) for name in products):
        raise refuse_field(f"{place}.products", Words("请给文字的列表。", "Give a list of texts."))
    return AlarmRule(
        name=given["name"],
        team=given["team"],
        passes=int(given["passes"]),
        chance_percent=int(chance),
        products=tuple(products),
        severity=parse_severity(given.get("severity", Severity.WARNING), f"{place}.severity"),
        quiet=parse_quiet(given, place),
    )


def list_hearers(alarm: Alarm, rules: Sequence[AlarmRule], now: datetime) -> tuple[list[str], list[str]]:
    """Return the waiting teams that hear of an alarm now, and those whose quiet hours still hold it.

    A team whose rules were switched off meanwhile is in neither.
    """
    hear: list[str] = []
    wait: list[str] = []
    for team in alarm.waiting:
        mine = [rule for rule in rules if rule.team == team and rule.name in alarm.rules]
        is_quiet = alarm.severity != Severity.CRITICAL and all(rule.quiet and rule.quiet.contains(now) for rule in mine)
        if mine:
            (wait if is_quiet else hear).append(team)
    return hear, wait


def _say_both(number: float) -> tuple[str, str]:
    return format_number(number, "zh"), format_number(number, "en")
