"""Options that several words of the command line share; like every command, imported once the language is known."""

from __future__ import annotations

import click

from canyu.kit.words import say

HELP_NAMES = {"help_option_names": ["-h", "--help"]}

catalogue_option = click.option(
    "--catalogue",
    "catalogue_path",
    default="",
    help=say("产品目录文件；默认用自带的示例。", "A catalogue file; the shipped example by default."),
)
model_option = click.option(
    "--model",
    default="",
    help=say(
        "情感模型的版本；默认用已安装的最新一个。",
        "A sentiment model by its version; the newest installed one by default.",
    ),
)
storylines_option = click.option(
    "--storylines",
    "storylines_path",
    default="",
    help=say("核心信息文件；默认用自带的示例。", "A file of key messages; the shipped example by default."),
)
json_option = click.option(
    "--json",
    "as_json",
    is_flag=True,
    help=say("只输出一行 JSON。", "End with one line of JSON and print nothing else."),
)
lake_option = click.option(
    "--lake",
    "address",
    required=True,
    help=say("数据湖：文件夹，或 s3://bucket/lake。", "The lake: a folder, or s3://bucket/lake."),
)
first_day_option = click.option(
    "--from",
    "first",
    required=True,
    type=click.DateTime(["%Y-%m-%d"]),
    help=say("第一天，如 2025-01-01，按品牌所在时区。", "The first day, as 2025-01-01, in the brand's zone."),
)
last_day_option = click.option(
    "--to",
    "last",
    required=True,
    type=click.DateTime(["%Y-%m-%d"]),
    help=say("最后一天，包含在内。", "The last day, included."),
)
channel_option = click.option(
    "--channel", default="", help=say("只看这个渠道，如 weibo。", "Only this channel, such as weibo.")
)
market_option = click.option("--market", default="", help=say("只看这个市场。", "Only this market."))
zone_option = click.option(
    "--zone",
    default="Asia/Shanghai",
    show_default=True,
    help=say("品牌按哪个时区分日。", "The time zone of the brand's days."),
)
