"""``canyu alerts``: what would have woken somebody, and how much of it would have been noise."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from canyu.commands.options import HELP_NAMES, json_option, lake_option
from canyu.kit.jsonio import dump_json
from canyu.kit.words import say

if TYPE_CHECKING:
    from canyu.listen.bursts import Alert, Replay


@click.group(
    context_settings=HELP_NAMES,
    help=say("声量突增的警报：回放过去，看看会响几次。", "Alerts of bursts: replay the past."),
)
def command() -> None:
    """Alerts of bursts."""


@command.command(
    "replay",
    help=say(
        "过去若干天里会发出哪些警报，每周多少条，其中多少可能是误报。",
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
    help=say("人定的规则（YAML）。", "Rules by people (YAML)."),
)
@json_option
def replay_command(
    address: str, days: int, now: datetime | None, settings_path: Path | None, rules_path: Path | None, as_json: bool
) -> None:
    """Tell what would have fired."""
    from canyu.events import open_lake
    from canyu.kit.errors import NotFound
    from canyu.kit.words import Words
    from canyu.listen.bursts import BurstSettings, parse_rules, parse_settings
    from canyu.listen.watch import find_last_hour, replay_alerts

    lake = open_lake(address)
    moment = now.replace(tzinfo=UTC) if now else find_last_hour(lake)
    if moment is None:
        raise NotFound(
            Words("还没有可看的数据。", "There is nothing to watch yet."),
            mend=Words("请先运行 canyu listen。", "Run canyu listen first."),
        )
    settings = parse_settings(read_yaml(settings_path)) if settings_path else BurstSettings()
    rules = parse_rules(read_yaml(rules_path)) if rules_path else ()
    found = replay_alerts(lake, days=days, now=moment, settings=settings, rules=rules)
    if as_json:
        click.echo(dump_json(describe_replay(found)))
        return
    for alert in found.alerts:
        click.echo(tell_alert(alert))
    week, false = f"{found.per_week:.1f}", found.false_alarms
    click.echo(
        say(
            f"{len(found.alerts)} 条警报，每周 {week} 条；其中误报约每周 {false.per_week:.2f} 条"
            f"（95% 区间 {false.low:.2f} 至 {false.high:.2f}）：{false.how.zh}",
            f"{len(found.alerts)} alerts, {week} a week; false ones about {false.per_week:.2f} a week "
            f"(95 % interval {false.low:.2f} to {false.high:.2f}): {false.how.en}",
        )
    )
    for note in found.notes:
        click.echo(str(note))


@command.command(
    "check",
    help=say(
        "查看最新的几小时：记下新警报、写好要发的消息；加 --deliver 就发出去。让 cron 或 systemd 每小时运行一次。",
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
                f"统计至 {until}：{check.alerts} 条警报，新增 {check.new} 条，写好 {check.messages} 条消息；"
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


def describe_replay(found: Replay) -> dict[str, Any]:
    """Return a replay as a program reads it."""
    false = found.false_alarms
    return {
        "begin": found.begin.isoformat(),
        "end": found.end.isoformat(),
        "alerts": [describe_alert(alert) for alert in found.alerts],
        "per_week": found.per_week,
        "false_alarms_per_week": {"value": false.per_week, "low": false.low, "high": false.high, "how": false.how.en},
        "notes": [note.en for note in found.notes],
    }


def describe_alert(alert: Alert) -> dict[str, Any]:
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
        "severity": alert.severity.value,
        "observed": alert.observed,
        "raw": alert.raw,
        "expected": round(alert.expected, 2),
        "ratio": round(alert.ratio, 2),
        "p": alert.p,
        "q": alert.q,
        "evidence": list(alert.evidence),
    }


def tell_alert(alert: Alert) -> str:
    """Return an alert on one line."""
    key = alert.series
    what = " ".join(part for part in (key.product, key.aspect, key.sentiment) if part)
    when, times = f"{alert.found:%Y-%m-%d %H:%M} UTC  {what}", f"{alert.ratio:.1f}"
    return say(
        f"{when}：{alert.observed} 条（含雷同 {alert.raw} 条），约为平时的 {times} 倍",
        f"{when}: {alert.observed} posts ({alert.raw} with copies), {times} times as many as usual",
    )
