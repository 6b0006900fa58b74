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
