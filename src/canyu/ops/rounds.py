"""What comes round again: one line each, with how often, in which lane, and what it does.

Code of the rooms is loaded where a round runs, so that the page that lists them loads none of it.
"""

from __future__ import annotations

from datetime import timedelta

from canyu.kit.clock import get_now
from canyu.kit.words import Words
from canyu.ops.lakes import find_lake
from canyu.ops.queue.rounds.actions import Round
from canyu.ops.queue.rules import Lane


def compact() -> None:
    """Make one file of the many that a day's commits left; pages read fewer files then."""
    lake = find_lake()
    if lake is not None:
        lake.compact()


def follow_campaigns() -> None:
    """Tell campaigns and their pledges of orders and refunds, pay what is due, drop hashes that nothing needs more."""
    from canyu.ops.campaigns.charity.following import follow_gifts
    from canyu.ops.campaigns.charity.gifts.actions import end_hidden as end_hidden_gifts
    from canyu.ops.campaigns.charity.pictures.actions import sweep_files
    from canyu.ops.campaigns.referral.actions import end_hidden as end_hidden_sales
    from canyu.ops.campaigns.referral.following import follow_lake
    from canyu.ops.campaigns.referral.rewards.actions import settle_due

    follow_lake(get_now())
    settle_due(get_now())
    follow_gifts(get_now())
    sweep_files(get_now())
    end_hidden_sales(get_now())
    end_hidden_gifts(get_now())


def collect_posts() -> None:
    """Make entries of the posts that carry a challenge's hashtag, and count what people did with them."""
    from canyu.ops.campaigns.challenges.collecting.actions import collect_posts as collect

    collect(get_now())


def sweep_pictures() -> None:
    """Delete images of challenges that no entry names."""
    from canyu.ops.campaigns.challenges.actions import sweep_pictures as sweep

    sweep(get_now())


def link_fans() -> None:
    """Link what identify events say."""
    from canyu.ops.fans.identity.following import follow_lake

    follow_lake(get_now())


def answer_fans() -> None:
    """Finish what people asked for."""
    from canyu.ops.fans.erasing.actions import finish_erasures
    from canyu.ops.fans.subject.actions import end_old_copies

    end_old_copies(get_now())
    finish_erasures(get_now)


def remind_visitors() -> None:
    """Send the mails of bookings whose time has come."""
    from canyu.ops.stations.queries import is_mail_due

    if is_mail_due(get_now()):
        from canyu.ops.stations.reminding.actions import send_due

        send_due(get_now())


def drop_old_contacts() -> None:
    """Empty names and contacts of visits that are long over."""
    from canyu.ops.stations.actions import drop_old_contacts as drop

    drop(get_now())


def drop_old_talks() -> None:
    """Drop the words of talks with the assistant that are over for long."""
    from canyu.ops.knowledge.asking.actions import drop_old_talks as drop

    drop(get_now())


def drop_old_pushes() -> None:
    """Drop pushes of WeChat that were worked on long ago."""
    from canyu.ops.wechat.inbox.actions import drop_old

    drop_old(get_now())


def sweep_cases() -> None:
    """Look at the cases whose clocks passed something, and send what is to be told."""
    from canyu.ops.care.sweeping.actions import send_notices, sweep

    sweep(get_now())
    send_notices(get_now())


def judge_promises() -> None:
    """Open a case for each promise to buyers that was broken."""
    from canyu.ops.care.promising.actions import open_broken

    open_broken(get_now())


def sweep_crises() -> None:
    """Note what is overdue in the runs of crises."""
    from canyu.ops.crisis.actions import sweep

    sweep(get_now())


def mail_scorecards() -> None:
    """Send the scorecards whose time has come."""
    from canyu.ops.proof.queries import is_mail_due

    if is_mail_due(get_now()):
        from canyu.ops.proof.mailing.actions import send_due

        send_due(get_now())


def announce_alerts() -> None:
    """Tell alerts to the webhooks that want them."""
    from canyu.ops.sources.outbound.actions import announce_alerts as announce

    announce(get_now())


def drop_deliveries() -> None:
    """Forget old deliveries of webhooks."""
    from canyu.ops.sources.outbound.actions import drop_old

    drop_old(get_now())


def drop_refused() -> None:
    """Forget old events that were refused."""
    from canyu.ops.sources.actions import drop_old

    drop_old(get_now())


def drop_jobs() -> None:
    """Forget jobs that were done or given up long ago."""
    from canyu.ops.queue.actions import drop_old

    drop_old(get_now())


HALF_MINUTE, MINUTE, HOUR = timedelta(seconds=30), timedelta(minutes=1), timedelta(hours=1)
ROUNDS: tuple[Round, ...] = (
    Round("announce alerts", Words("把预警告知 Webhook", "Tell webhooks of alerts"), HALF_MINUTE, announce_alerts),
    Round("follow campaigns", Words("跟进活动的订单与退款", "Follow campaigns"), 5 * MINUTE, follow_campaigns),
    Round("collect posts", Words("收集挑战赛的帖子", "Collect posts of challenges"), 2 * MINUTE, collect_posts),
    Round("sweep images", Words("删除无人用的图片", "Delete images that nothing names"), HOUR, sweep_pictures),
    Round("link fans", Words("关联粉丝身份", "Link fans"), MINUTE, link_fans),
    # apart: an erasure that cannot end yet keeps nobody from being linked
    Round("answer fans", Words("办结粉丝的请求", "Finish what fans asked for"), MINUTE, answer_fans),
    Round("drop contacts", Words("清空旧到店记录的联系方式", "Empty old contacts of visits"), HOUR, drop_old_contacts),
    Round("drop talks", Words("清空旧的问答记录", "Drop the words of old talks"), HOUR, drop_old_talks),
    Round("drop pushes", Words("清除旧的微信推送", "Forget old pushes of WeChat"), HOUR, drop_old_pushes),
    Round("sweep crises", Words("记下危机中逾期的事项", "Note what is overdue in crises"), MINUTE, sweep_crises),
    Round("compact", Words("压实数据湖", "Compact the lake"), HOUR, compact),
    Round(
        "drop deliveries",
        Words("清除旧的 Webhook 发送记录", "Forget old deliveries of webhooks"),
        HOUR,
        drop_deliveries,
    ),
    Round("drop refused", Words("清除旧的被拒事件", "Forget old refused events"), HOUR, drop_refused),
    Round("drop jobs", Words("清除旧任务", "Forget old jobs"), HOUR, drop_jobs),
    # slow: a mail server that does not answer keeps nobody else waiting
    Round("sweep cases", Words("巡查工单时限", "Sweep the clocks of cases"), MINUTE, sweep_cases, Lane.SLOW),
    Round("judge promises", Words("判断对买家的承诺", "Judge promises to buyers"), HOUR, judge_promises, Lane.SLOW),
    Round("mail scorecards", Words("寄出记分卡", "Mail scorecards"), HALF_MINUTE, mail_scorecards, Lane.SLOW),
    Round("remind visitors", Words("提醒预约的人", "Remind visitors"), HALF_MINUTE, remind_visitors, Lane.SLOW),
)
"""A room with something that comes round is one more line here."""
