"""Reads articles from YAML, and says everything that is wrong with them: line, field and mend."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import yaml

from canyu.care.assistant.articles import Article
from canyu.care.case_events import Audience
from canyu.events.catalogue_problems import NO_FLAG, Fault, Pattern, tell_unknown_choice
from canyu.events.located_yaml import MAX_BYTES, NodeReader, refuse_problems
from canyu.kit.clock import find_instant
from canyu.kit.words import Words
from canyu.kit.written import read_written

EXAMPLE = Path(__file__).with_name("example_articles.yaml")
"""Sixty articles of a made-up brand, and one for staff."""

TOP = {"format", "zone", "articles"}
FIELDS = {
    "id",
    "version",
    "title",
    "body",
    "audience",
    "from",
    "until",
    "source",
    "link",
    "products",
    "asked",
    "withdrawn",
}
LANGUAGES = {"zh", "en"}
MAX_BODY = 4000
"""Characters of one body; what is longer is a manual, and no reader of an answer finds the place in it."""

_IDENTIFIER = re.compile(r"[a-z0-9]+(?:[-_.][a-z0-9]+)*")
_LINK = re.compile(r"https?://[^\s<>\"']+")

NO_ARTICLES = Fault(
    Words("没有文章。", "has no article."),
    Words("请在 `articles` 下列出文章。", "List the articles under `articles`."),
)
NO_IDENTIFIER = Pattern(
    Words("{0!r} 不能作编号。", "{0!r} is no identifier."),
    Words("请用小写字母、数字和连字符，如 refund-when。", "Use small letters, digits and hyphens, as in refund-when."),
)
TAKEN_TWICE = Pattern(
    Words("编号 {0} 用了两次。", "the identifier {0} is used twice."),
    Words("每篇文章请用自己的编号；新版本改 version。", "Give each article its own; a new version raises `version`."),
)
NO_VERSION = Pattern(
    Words("{0!r} 不是版本号。", "{0!r} is no version."),
    Words("请写 1、2、3 这样的整数。", "Write a whole number from 1 on."),
)
NO_DAY = Pattern(
    Words("{0!r} 不是日期。", "{0!r} is no date."),
    Words("请写 2026-10-08。", "Write it as 2026-10-08."),
)
ENDS_BEFORE = Fault(
    Words("在开始日期之前。", "is before the first day."),
    Words("请写不早于 `from` 的日期。", "Write a day that is not before `from`."),
)
NO_LINK = Pattern(
    Words("{0!r} 不是网址。", "{0!r} is no address."),
    Words("请写 https:// 开头的网址。", "Write an address that starts with https://."),
)
NO_LANGUAGE = Fault(
    Words("没有中文也没有英文。", "is written in neither Chinese nor English."),
    Words("请写成 {zh: …}、{en: …} 或两者都写。", "Write {zh: …}, {en: …} or both."),
)
UNEVEN = Fault(
    Words("与标题的语言不一致。", "is not in the languages of the title."),
    Words("标题和正文请用同样的语言。", "Write title and body in the same languages."),
)
TOO_LONG = Pattern(
    Words("超过 {0} 个字符。", "is over {0} characters."),
    Words("请拆成几篇短文章。", "Split it into several short articles."),
)
NO_ZONE = Pattern(
    Words("没有 {0} 这个时区。", "there is no time zone {0}."),
    Words("请写 Asia/Shanghai 这样的名称。", "Write a name such as Asia/Shanghai."),
)
PROBLEMS = Words("文章文件有 {} 处问题：", "The file of articles has {} problem(s):")
LINE_BY_LINE = Words("请按行改正。", "Mend them line by line.")


def load_articles(path: str = "") -> list[Article]:
    """Return the checked articles at ``path``, the shipped example where none is named.

    Raises NotFound where there is no file, BadInput with what is wrong.
    """
    absent = Words(f"没有文章文件 {path}。", f"There is no file of articles {path}.")
    too_long = Words("请把文章分到几个文件。", "Split the articles into several files.")
    return parse_articles(read_written(path or str(EXAMPLE), absent=absent, too_long=too_long, most_bytes=MAX_BYTES))


def parse_articles(text: str) -> list[Article]:
    r"""Return the articles that a YAML text holds. Raises BadInput that tells the first problems.

    >>> text = "articles: [{id: a, version: 1, source: s, title: {zh: 退货}, body: {zh: 七天内可退。}}]"
    >>> [(found.id, found.body.zh) for found in parse_articles(text)]
    [('a', '七天内可退。')]
    """
    reader = _ArticleReader()
    root = reader.compose(text, "articles")
    found = reader.read_articles(root) if root is not None else []
    if reader.problems:
        raise refuse_problems(reader.problems, PROBLEMS, LINE_BY_LINE)
    return found


@dataclass(slots=True)
class _ArticleReader(NodeReader):
    """Walks the nodes of a file of articles."""

    zone: str = "Asia/Shanghai"
    taken: set[str] = field(default_factory=set)

    def read_articles(self, root: yaml.Node) -> list[Article]:
        """Return the articles; what cannot be read is told and left out."""
        top = self.read_map(root, "articles", TOP)
        if not top:
            return []
        if "format" in top:
            self.read_top(root, "articles", TOP)
        if "zone" in top:
            self.read_zone(top["zone"])
        nodes = self.read_list(top.get("articles"), "articles")
        if not nodes:
            self.tell(top.get("articles", root), "articles", NO_ARTICLES)
        return [found for node in nodes if (found := self.read_article(node)) is not None]

    def read_zone(self, node: yaml.Node) -> None:
        """Keep the zone of the days, where there is such a one."""
        zone = self.read_text(node, "zone")
        try:
            self.zone = ZoneInfo(zone).key if zone else self.zone
        except (LookupError, OSError, ValueError):  # a folder of zones is one of the OSErrors
            self.tell(node, "zone", NO_ZONE.tell(zone))

    def read_article(self, node: yaml.Node) -> Article | None:
        """Return one article; None, and its problems, where it cannot be read."""
        before = len(self.problems)
        given = self.read_map(node, "article", FIELDS)
        if not isinstance(node, yaml.MappingNode):
            return None
        name = self.read_identifier(given.get("id"), node)
        version = self.read_version(given.get("version"), node)
        title = self.read_languages(given.get("title"), "title", node)
        body = self.read_languages(given.get("body"), "body", node)
        if title != ("", "") and body != ("", "") and [not each for each in title] != [not each for each in body]:
            self.tell(given["body"], "body", UNEVEN)
        if max(len(each) for each in body) > MAX_BODY:
            self.tell(given["body"], "body", TOO_LONG.tell(MAX_BODY))
        starts_at, ends_at = self.read_validity(given)
        found = Article(
            name,
            version,
            title,
            body,
            self.read_text(given.get("source"), "source", node),
            self.read_link(given.get("link")),
            self.read_audience(given.get("audience")),
            tuple(self.read_text(each, "products") for each in self.read_list(given.get("products"), "products")),
            tuple(self.read_text(each, "asked") for each in self.read_list(given.get("asked"), "asked")),
            starts_at,
            ends_at,
            self.read_flag(given.get("withdrawn")),
        )
        return found if len(self.problems) == before else None

    def read_identifier(self, node: yaml.Node | None, above: yaml.Node) -> str:
        """Return an identifier that no other article has."""
        name = self.read_text(node, "id", above)
        if name and not _IDENTIFIER.fullmatch(name):
            self.tell(node, "id", NO_IDENTIFIER.tell(name))
        if name in self.taken:
            self.tell(node, "id", TAKEN_TWICE.tell(name))
        self.taken.add(name)
        return name

    def read_version(self, node: yaml.Node | None, above: yaml.Node) -> int:
        """Return a version, a whole number from 1 on."""
        text = self.read_text(node, "version", above)
        if text and not (text.isascii() and text.isdigit() and int(text[:9]) > 0 and len(text) <= 9):
            self.tell(node, "version", NO_VERSION.tell(text))
            return 0
        return int(text or 0)

    def read_languages(self, node: yaml.Node | None, name: str, above: yaml.Node) -> Words:
        """Return a text in one language or in both."""
        if node is None:
            self.read_text(node, name, above)  # tells that it is missing
            return Words("", "")
        given = self.read_map(node, name, LANGUAGES)
        found = {each: self.read_text(given[each], f"{name}.{each}") for each in LANGUAGES & given.keys()}
        if not found and isinstance(node, yaml.MappingNode):
            self.tell(node, name, NO_LANGUAGE)
        return Words(found.get("zh", ""), found.get("en", ""))

    def read_validity(self, given: dict[str, yaml.Node]) -> tuple[datetime | None, datetime | None]:
        """Return the first instant and the one after the last: both days are included."""
        first, last = (self.read_day(given.get(each), each) for each in ("from", "until"))
        if first and last and last < first:
            self.tell(given["until"], "until", ENDS_BEFORE)
        return self._find_start(first), self._find_start(last and last + timedelta(1))

    def read_day(self, node: yaml.Node | None, name: str) -> date | None:
        """Return a day; None where there is none, and a problem where it is no day of our calendar."""
        text = "" if node is None else self.read_text(node, name)
        if not text:
            return None
        try:
            found = date.fromisoformat(text)
            if self._find_start(found) is None:
                raise ValueError(text)
        except ValueError:
            self.tell(node, name, NO_DAY.tell(text))
            return None
        return found

    def read_link(self, node: yaml.Node | None) -> str:
        """Return the address that an answer links to; none where the article has no page."""
        text = "" if node is None else self.read_text(node, "link")
        if text and not _LINK.fullmatch(text):
            self.tell(node, "link", NO_LINK.tell(text))
        return text

    def read_audience(self, node: yaml.Node | None) -> Audience:
        """Return whom it is for; everybody where nothing is said."""
        text = "public" if node is None else self.read_text(node, "audience")
        if text and text not in set(Audience):
            self.tell(node, "audience", tell_unknown_choice(text, Audience))
            return Audience.INSIDE
        return Audience(text or "inside")

    def read_flag(self, node: yaml.Node | None) -> bool:
        """Return whether it is withdrawn."""
        text = "false" if node is None else self.read_text(node, "withdrawn").lower()
        if text not in {"true", "false"}:
            self.tell(node, "withdrawn", NO_FLAG.tell(text))
        return text == "true"

    def _find_start(self, day: date | None) -> datetime | None:
        if day is None:
            return None
        midnight = datetime(day.year, day.month, day.day)  # noqa: DTZ001 - the zone's own midnight
        return find_instant(midnight, self.zone) or find_instant(midnight + timedelta(hours=1), self.zone)
