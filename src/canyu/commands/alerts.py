"""``canyu alerts``: what would have woken somebody, and how much of it would have been noise."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from canyu.commands.options import HELP_NAMES, json_option, lake_option
from canyu.kit.jsonio import dump_json
from canyu.kit.words import say

if TYPE_CHECKING:
    from canyu.listen.bursts import Alert, Forecast, Replay, Rule, Tally
    from canyu.ops.alerts.alarms.evaluation import AlarmTally
    from canyu.ops.alerts.alarms.rules import Alarm, AlarmRule

MOST_LETTERS = 120


@click.group(
    context_settings=HELP_NAMES,
    help=say("声量突增的预警：回放过去，看看会预警几次。", "Alerts of bursts: replay the past."),
)
def command() -> None:
    """Alerts of bursts."""


@command.command(
    "replay",
    help=say(
        "过去若干天里会发出哪些预警，每周多少条，其中多少可能是误报。",
        "Tell which alerts the last days would have brought, how many a week, and how many of them would be false.",
    ),
)
@lake_option
@click.option("--days", default=90, show_default=True, type=click.IntRange(1, 3660), help=say("回放多少天。", "Days."))
@click.option(
    "--now",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M"]),
    help=say(
        "以此刻（UTC）为今天；默认是最新一条数据的那一小时。", "As of this moment (UTC); by default the newest data's."
    ),
)
@click.option(
    "--settings",
    "settings_path",
    type=click.Path(path_type=Path),
    help=say("灵敏度设置（YAML）。", "How sensitive (YAML)."),
)
@click.option(
    "--rules",
    "rules_path",
    type=click.Path(path_type=Path),
    help=say(
        "人定的规则（YAML）；默认只有一条预测规则。",
        "Rules by people (YAML), on counts and on forecasts; by default one on forecasts.",
    ),
)
@click.option(
    "--posts",
    default=0,
    show_default=True,
    type=click.IntRange(0, 10),
    help=say("每条预警列出几条代表帖的文字。", "Texts of the posts behind each alert."),
)
@json_option
def replay_command(
    address: str,
    days: int,
    now: datetime | None,
    settings_path: Path | None,
    rules_path: Path | None,
    posts: int,
    as_json: bool,
) -> None:
    """Tell what would have fired."""
    from canyu.events import open_lake
    from canyu.kit.errors import NotFound
    from canyu.kit.words import Words
    from canyu.listen.bursts import BurstSettings, parse_settings
    from canyu.listen.watch import find_last_hour, read_texts, replay_alerts
    from canyu.ops.alerts.alarms.evaluation import find_alarms, tally_rules
    from canyu.ops.alerts.alarms.rules import write_alarm, write_outcome

    lake = open_lake(address)
    moment = now.replace(tzinfo=UTC) if now else find_last_hour(lake)
    if moment is None:
        raise NotFound(
            Words("还没有可看的数据。", "There is nothing to watch yet."),
            mend=Words("请先运行 canyu listen。", "Run canyu listen first."),
        )
    settings = parse_settings(read_yaml(settings_path)) if settings_path else BurstSettings()
    rules, alarm_rules = read_rules(rules_path)
    found = replay_alerts(lake, days=days, now=moment, settings=settings, rules=rules)
    alarms = find_alarms(lake, moment - timedelta(days=days), moment, alarm_rules)
    tallies = tally_rules(alarms, alarm_rules) if alarms else ()
    texts = read_texts(lake, [post for alert in found.alerts for post in alert.evidence[:posts]])
    if as_json:
        told = describe_replay(found, texts)
        told |= {"forecast_alerts": [describe_alarm(alarm) for alarm in alarms.alarms] if alarms else []}
        told |= {"forecast_rules": [describe_alarm_tally(tally) for tally in tallies]}
        click.echo(dump_json(told))
        return
    for alert in found.alerts:
        click.echo(tell_alert(alert))
        click.echo(f"    {tell_course(alert)}")
        for post in alert.evidence[:posts]:
            click.echo(f"    - {cut_text(texts.get(post, ''))}")
    for alarm in alarms.alarms if alarms else ():
        click.echo(str(write_alarm(alarm, settings.time_zone)))
        click.echo(f"    {write_outcome(alarm)}")
    for line in (*tell_replay(found), *map(tell_alarm_tally, tallies)):
        click.echo(line)


@command.command(
    "check",
    help=say(
        "查看最新的几小时：记下新预警、写好要发的消息；加 --deliver 就发出去。让 cron 或 systemd 每小时运行一次。",
        "Look at the newest hours: keep new alerts and write the messages that are due; with --deliver, send them. "
        "For cron or systemd, once an hour.",
    ),
)
@lake_option
@click.option(
    "--deliver",
    is_flag=True,
    help=say(
        "发出到期的消息；地址取自环境变量 CANYU_ALERT_名称。",
        "Send the messages that are due, to the addresses in the environment: CANYU_ALERT_ and their name.",
    ),
)
@click.option(
    "--now",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M"]),
    help=say("以此刻（UTC）为现在；默认取时钟。", "As of this moment (UTC); by default the clock's."),
)
@json_option
def check_command(address: str, deliver: bool, now: datetime | None, as_json: bool) -> None:
    """Keep what fired and tell whom it concerns."""
    from canyu.commands.serve import configure
    from canyu.events import open_lake
    from canyu.kit.clock import get_now

    open_lake(address)  # where there is none, nothing is made
    configure(address, "127.0.0.1")
    prepare_database()
    from canyu.ops.alerts.actions import Delivered, check_alerts, deliver_messages
    from canyu.ops.outbox.actions import relay

    relay()
    moment = now.replace(tzinfo=UTC) if now else get_now()
    check = check_alerts(moment)
    done = deliver_messages(moment) if deliver else Delivered(0, 0, 0)
    if as_json:
        told = {"until": check.until.isoformat(), "alerts": check.alerts, "new": check.new, "messages": check.messages}
        sent = {"sent": done.sent, "failed": done.failed, "given_up": done.given_up}
        click.echo(dump_json({**told, "is_late": check.is_late, **sent}))
    else:
        until = f"{check.until:%Y-%m-%d %H:%M} UTC"
        click.echo(
            say(
                f"统计至 {until}：{check.alerts} 条预警，新增 {check.new} 条，写好 {check.messages} 条消息；"
                f"发出 {done.sent} 条，{done.failed} 条稍后再试，放弃 {done.given_up} 条。",
                f"Counted until {until}: {check.alerts} alerts, {check.new} new, {check.messages} messages written; "
                f"{done.sent} sent, {done.failed} to be tried again, {done.given_up} given up.",
            )
        )
        if check.is_late:
            click.echo(say("另一次检查更新，本次没有改动。", "A later check was first; this one changed nothing."))
        for note in check.notes:
            click.echo(str(note))
    if done.failed or done.given_up:
        raise SystemExit(1)


def prepare_database() -> None:
    """Bring the console's own database up to date; raises StorageFailure where it cannot be opened."""
    import django

    from canyu.kit.errors import StorageFailure
    from canyu.kit.words import Words
    from canyu.ops.config import load_config

    folder = load_config().state_path
    django.setup()
    from django.core.management import call_command
    from django.db import OperationalError

    try:
        folder.mkdir(parents=True, exist_ok=True)
        call_command("migrate", verbosity=0, interactive=False)
    except (OperationalError, OSError) as error:
        raise StorageFailure(
            Words(f"无法打开控制台的数据库：{error}。", f"The console's database cannot be opened: {error}."),
            mend=Words(
                f"请让 {folder} 可写，或设置 CANYU_STATE_FOLDER 或 CANYU_DATABASE_URL。",
                f"Make {folder} writable, or set CANYU_STATE_FOLDER or CANYU_DATABASE_URL.",
            ),
        ) from error


def read_rules(path: Path | None) -> tuple[tuple[Rule, ...], tuple[AlarmRule, ...]]:
    """Return the rules of a file; without one none on counts, and one on forecasts with the usual values."""
    from canyu.ops.alerts.alarms.rules import AlarmRule, parse_rule_file

    return parse_rule_file(read_yaml(path)) if path else ((), (AlarmRule("forecasts", ""),))


def read_yaml(path: Path) -> Any:
    """Return what a YAML file holds; raises NotFound or BadInput where it cannot be read."""
    import yaml

    from canyu.kit.errors import BadInput, NotFound
    from canyu.kit.words import Words

    try:
        return yaml.safe_load(path.read_text("utf-8"))
    except OSError as error:
        raise NotFound(Words(f"读不到 {path}。", f"{path} cannot be read.")) from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        reason = str(error).splitlines()[0]
        raise BadInput(
            Words(f"{path.name} 不是 YAML（{reason}）。", f"{path.name} is no YAML ({reason})."),
            mend=Words("请改正这一处。", "Correct it there."),
        ) from error


def describe_replay(found: Replay, texts: dict[str, str]) -> dict[str, Any]:
    """Return a replay as a program reads it."""
    false = found.false_alarms
    return {
        "begin": found.begin.isoformat(),
        "end": found.end.isoformat(),
        "watched_hours": found.watched_hours,
        "alerts": [describe_alert(alert, texts) for alert in found.alerts],
        "things": found.things,
        "per_week": found.per_week,
        "false_alarms_per_week": {"value": false.per_week, "low": false.low, "high": false.high, "how": false.how.en},
        "rules": [describe_tally(tally) for tally in found.tallies],
        "forecasts": {"judged": found.judged, "held": found.held},
        "notes": [note.en for note in found.notes],
    }


def describe_tally(tally: Tally) -> dict[str, Any]:
    """Return what one rule, or the test for bursts, told in a replay."""
    false, calm = tally.false_alarms, tally.calm
    return {
        "source": tally.source,
        "alerts": tally.alerts,
        "per_week": tally.per_week,
        "false_alarms_per_week": {"value": false.per_week, "low": false.low, "high": false.high, "how": false.how.en},
        "false_alarms_per_week_calm_days": {"low": calm.low, "high": calm.high, "how": calm.how.en},
    }


def describe_alarm(alarm: Alarm) -> dict[str, Any]:
    """Return a post that was foreseen to go far as a program reads it."""
    return {
        "id": alarm.alert_id,
        "post": alarm.post,
        "posted": alarm.posted.isoformat(),
        "channel": alarm.channel,
        "rules": list(alarm.rules),
        "severity": alarm.severity.value,
        "passes": alarm.passes,
        "found": alarm.found.isoformat(),
        "seen": alarm.seen,
        "chance": round(alarm.chance, 4),
        "day": {"size": alarm.day.size, "low": alarm.day.low, "high": alarm.day.high},
        "final": {"size": alarm.final.size, "low": alarm.final.low, "high": alarm.final.high},
        "model": alarm.model,
        "came": alarm.came,
        "passed_at": alarm.passed_at.isoformat() if alarm.passed_at else None,
        "is_settled": alarm.ended is not None,
    }


def describe_alarm_tally(tally: AlarmTally) -> dict[str, Any]:
    """Return what one rule on forecasts told in a replay, and how much of it came true."""
    share = tally.share
    return {
        "rule": tally.rule.name,
        "passes": tally.rule.passes,
        "chance_percent": tally.rule.chance_percent,
        "alerts": tally.alarms,
        "per_week": tally.per_week,
        "passed": tally.passed,
        "missed": tally.missed,
        "not_settled": tally.is_open,
        "share_passed": None if share is None else {"value": share[0], "low": share[1], "high": share[2]},
    }


def tell_alarm_tally(tally: AlarmTally) -> str:
    """Return on one line what a rule on forecasts told, and how much of it came true."""
    rule, week = tally.rule, f"{tally.per_week:.1f}"
    told = say(
        f"{rule.name}（超过 {rule.passes:,} 条的可能不低于 {rule.chance_percent}%）：{tally.alarms} 条，"
        f"每周 {week} 条；其中超过 {tally.passed} 条，没有超过 {tally.missed} 条，尚未见分晓 {tally.is_open} 条",
        f"{rule.name} (passes {rule.passes:,} with {rule.chance_percent} % or more): {tally.alarms} alerts, {week} a "
        f"week; {tally.passed} came true, {tally.missed} did not, {tally.is_open} are not settled",
    )
    if tally.share is None:
        return told + say("。", ".")
    share, low, high = (f"{100 * number:.0f}" for number in tally.share)
    return told + say(
        f"；见分晓的有 {share}% 成真（95% 区间 {low} 至 {high}）。",
        f"; of those settled {share} % came true (95 % interval {low} to {high}).",
    )


def tell_replay(found: Replay) -> Iterator[str]:
    """Yield the lines that end a replay: alerts and false ones per week by rule, forecasts, how it was counted."""
    week, things = f"{found.per_week:.1f}", found.things
    yield say(
        f"{len(found.alerts)} 条预警（{things} 件事），每周 {week} 条。",
        f"{len(found.alerts)} alerts about {things} things, {week} a week.",
    )
    for tally in found.tallies:
        false, calm = tally.false_alarms, tally.calm
        rates = f"{false.per_week:.2f}", f"{false.low:.2f}", f"{false.high:.2f}", f"{calm.low:.2f}", f"{calm.high:.2f}"
        yield say(
            f"{tally.source}：{tally.alerts} 条，每周 {tally.per_week:.1f} 条；每周误报：按模型 {rates[0]} 条"
            f"（95% 区间 {rates[1]} 至 {rates[2]}），按平静日子 {rates[3]} 至 {rates[4]} 条。",
            f"{tally.source}: {tally.alerts} alerts, {tally.per_week:.1f} a week; false ones a week: {rates[0]} by the "
            f"model (95 % interval {rates[1]} to {rates[2]}), {rates[3]} to {rates[4]} by calm days.",
        )
    if found.judged:
        yield say(
            f"发现时的 24 小时预测：{found.judged} 次已见分晓，{found.held} 次落在 80% 区间内。",
            f"Forecasts of the next 24 hours at finding: {found.judged} are over, the 80 % interval held {found.held}.",
        )
    for note in found.notes:
        yield str(note)
    first = found.tallies[0]
    how, calm_how = first.false_alarms.how, first.calm.how
    yield say(f"按模型：{how.zh}", f"By the model: {how.en}")
    yield say(f"按平静日子：{calm_how.zh}", f"By calm days: {calm_how.en}")


def describe_alert(alert: Alert, texts: dict[str, str]) -> dict[str, Any]:
    """Return an alert as a program reads it."""
    key = alert.series
    return {
        "id": alert.alert_id,
        "source": alert.source,
        "product": key.product,
        "aspect": key.aspect,
        "sentiment": key.sentiment,
        "begin": alert.begin.isoformat(),
        "found": alert.found.isoformat(),
        "ended": alert.ended.isoformat() if alert.ended else None,
        "peak": alert.peak,
        "peak_at": alert.peak_at.isoformat(),
        "severity": alert.severity.value,
        "observed": alert.observed,
        "raw": alert.raw,
        "expected": round(alert.expected, 2),
        "ratio": round(alert.ratio, 2),
        "p": alert.p,
        "q": alert.q,
        "next_24_hours": describe_forecast(alert.forecast),
        "at_finding": {"next_24_hours": describe_forecast(alert.forecast_found), "came": alert.came},
        "evidence": list(alert.evidence),
        "texts": {post: texts[post] for post in alert.evidence if post in texts},
    }


def describe_forecast(forecast: Forecast | None) -> dict[str, float] | None:
    """Return the likely posts of 24 hours with their 80% interval."""
    if forecast is None:
        return None
    return {name: round(value, 1) for name, value in asdict(forecast).items()}


def tell_alert(alert: Alert) -> str:
    """Return an alert on one line."""
    key = alert.series
    what = " ".join(part for part in (key.product, key.aspect, key.sentiment) if part)
    when, times = f"{alert.found:%Y-%m-%d %H:%M} UTC  {what}", f"{alert.ratio:.1f}"
    return say(
        f"{when}：{alert.observed} 条（含雷同 {alert.raw} 条），约为平时的 {times} 倍",
        f"{when}: {alert.observed} posts ({alert.raw} with copies), {times} times as many as usual",
    )


def tell_course(alert: Alert) -> str:
    """Return since when, until when, and what was likely in the 24 hours after finding beside what came."""
    since = f"{alert.begin:%Y-%m-%d %H:%M}"
    until = f"{alert.ended:%Y-%m-%d %H:%M}" if alert.ended else say("尚未结束", "still going on")
    told = say(f"{since} 至 {until}", f"since {since}, until {until}")
    ahead = alert.forecast_found
    if ahead is not None:
        low, size, high = (f"{value:,.0f}" for value in (ahead.low, ahead.size, ahead.high))
        told += say(
            f"；发现时预计此后 24 小时 {size} 条（80% 区间 {low} 至 {high}）",
            f"; at finding about {size} posts were likely in 24 hours (80 % interval {low} to {high})",
        )
    if alert.came is not None:
        told += say(f"，实际 {alert.came:,} 条", f", {alert.came:,} came")
    return told


def cut_text(text: str) -> str:
    """Return the begin of a post on one line, without control characters."""
    line = "".join(letter if letter.isprintable() else " " for letter in " ".join(text.split()))
    return line if len(line) <= MOST_LETTERS else line[: MOST_LETTERS - 1] + "…"
