"""Codes, targets and visitors of short links; pure, no database."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from django.utils.translation import gettext as _

from canyu.kit.words import Words
from canyu.ops.links.errors import LinkUnusable

SOURCE = "links"
"""The source of clicks and scans in the lake."""

CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{2,63}")
LETTERS = "23456789abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ"  # without those that are taken for another
CODE_LETTERS = 11  # 56^11, 64 bits: not to be guessed
UTM_NAMES = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content")
LONGEST_UTM = 200
NOTE = "link"
PERSONAL = "(personal)"
"""Who made a link that a page made for one person: no account can have this name."""


class Outcome(StrEnum):
    """What following a link was counted as: a person's click or scan, or why it is none."""

    CLICK = "click"
    SCAN = "scan"
    BOT_AGENT = "bot_agent"
    BOT_PREVIEW = "bot_preview"
    BOT_PREFETCH = "bot_prefetch"
    BOT_HEAD = "bot_head"
    BOT_NO_AGENT = "bot_no_agent"


OUTCOMES: dict[Outcome, Words] = {
    Outcome.CLICK: Words("点击", "clicks"),
    Outcome.SCAN: Words("扫码", "scans"),
    Outcome.BOT_AGENT: Words("自称爬虫或程序", "says that it is a crawler or a program"),
    Outcome.BOT_PREVIEW: Words("应用为链接生成预览", "an app makes a preview of the link"),
    Outcome.BOT_PREFETCH: Words("浏览器预先加载", "a browser loads ahead"),
    Outcome.BOT_HEAD: Words("只问标头（HEAD）", "asks for the headers only (HEAD)"),
    Outcome.BOT_NO_AGENT: Words("没有说明自己是什么", "does not say what it is"),
}

PREVIEWS = re.compile(
    r"facebookexternalhit|facebookcatalog|twitterbot|slackbot|whatsapp|telegrambot|linkedinbot|discordbot|skypeuripreview"
    r"|pinterestbot|vkshare|line-poker|kakaotalk-scrap|dingtalkbot|larkurl2meta|bytespider|mattermost|iframely|embedly",
    re.IGNORECASE,
)
PROGRAMS = re.compile(
    r"bot\b|bot/|spider|crawl|slurp|scrapy|curl/|wget/|python-|python/|aiohttp|httpx/|go-http|java/|okhttp|libwww|perl"
    r"|ruby|node-fetch|axios|undici|headless|phantomjs|lighthouse|pingdom|uptime|monitor|scanner|nmap|zgrab|masscan",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class LinkDraft:
    """What a short link is to be; without a code one is made."""

    target: str
    code: str = ""
    title: str = ""
    campaign: str = ""
    market: str = ""
    channel: str = ""
    parent: str = ""
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Visit:
    """What a request tells of who follows a link; nothing of it is kept."""

    method: str
    agent: str
    purpose: str
    is_scan: bool


def make_code() -> str:
    """Return a code that nobody guesses."""
    return "".join(secrets.choice(LETTERS) for _ in range(CODE_LETTERS))


def check_code(code: str) -> str:
    """Return a chosen code; raises LinkUnusable."""
    if not CODE.fullmatch(code):
        raise LinkUnusable(
            _("%s cannot be a code.") % repr(code[:70]), mend=_("Use 3 to 64 letters, digits, dashes and underscores.")
        )
    return code


def check_target(target: str, hosts: Iterable[str]) -> str:
    """Return a target on one of the allowed hosts; raises LinkUnusable.

    >>> check_target("https://shop.example.com/su7", [".example.com"])
    'https://shop.example.com/su7'
    """
    target = target.strip()
    if not is_allowed(target, hosts):
        raise LinkUnusable(
            _("Short links may not lead to %s.") % repr(target[:80]),
            mend=_("Use an https address on a host that CANYU_LINK_HOSTS names."),
        )
    return target


def is_allowed(target: str, hosts: Iterable[str]) -> bool:
    """Say whether a target is a web address on one of the hosts; ``.example.com`` stands for all hosts below it."""
    try:
        parts = urlsplit(target)
        host = (parts.hostname or "").lower()
        port_is_sound = parts.port is None or parts.port > 0
    except ValueError:
        return False
    if parts.scheme not in {"http", "https"} or not host or not port_is_sound or "@" in parts.netloc:
        return False
    if "\\" in target or any(letter.isspace() or ord(letter) < 32 for letter in target):
        return False
    return any(host == name.lower() or (name.startswith(".") and host.endswith(name.lower())) for name in hosts)


def judge_visit(visit: Visit) -> Outcome:
    """Return what a visit counts as, by what it says of itself.

    >>> judge_visit(Visit("GET", "Mozilla/5.0 (iPhone) MicroMessenger/8.0", "", False)).value
    'click'
    """
    if visit.method == "HEAD":
        return Outcome.BOT_HEAD
    if not visit.agent.strip():
        return Outcome.BOT_NO_AGENT
    if "prefetch" in visit.purpose or "preview" in visit.purpose:
        return Outcome.BOT_PREFETCH
    if PREVIEWS.search(visit.agent):
        return Outcome.BOT_PREVIEW
    if PROGRAMS.search(visit.agent):
        return Outcome.BOT_AGENT
    return Outcome.SCAN if visit.is_scan else Outcome.CLICK


def read_utm(query: str) -> dict[str, str]:
    """Return the utm marks of a query string, in their usual order."""
    try:
        given = dict(parse_qsl(query, max_num_fields=50))
    except ValueError:
        return {}
    return {name: given[name][:LONGEST_UTM] for name in UTM_NAMES if given.get(name)}


def add_utm(target: str, utm: Mapping[str, str]) -> str:
    """Return the target with these marks; one that it has already gives way to the visit's own.

    >>> add_utm("https://a.example/x?id=1&utm_source=mail#top", {"utm_source": "weibo"})
    'https://a.example/x?id=1&utm_source=weibo#top'
    """
    if not utm:
        return target
    parts = urlsplit(target)
    kept = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name not in utm]
    return urlunsplit(parts._replace(query=urlencode([*kept, *utm.items()])))


def write_note(code: str, day: str, outcome: Outcome) -> str:
    """Return under what the carrier counts a visit."""
    return f"{NOTE}|{code}|{day}|{outcome.value}"


def read_note(note: str) -> tuple[str, str, str] | None:
    """Return code, day and outcome of such a note, None where it is another's."""
    parts = note.split("|")
    return (parts[1], parts[2], parts[3]) if len(parts) == 4 and parts[0] == NOTE else None
