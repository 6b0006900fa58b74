"""All reads of articles: the newest ones for the index, a list with search, one with its versions, public ones."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet
from django.urls import reverse

from canyu.care import Audience
from canyu.care.assistant import Article
from canyu.kit.errors import NotFound
from canyu.kit.words import Words
from canyu.ops.knowledge.models import ArticleVersion, Change
from canyu.ops.people.models import Person


@dataclass(frozen=True, slots=True)
class ArticleFilter:
    """What the list shows; empty fields mean all."""

    q: str = ""
    stand: str = "all"
    audience: str = ""


@dataclass(frozen=True, slots=True)
class ArticlePage:
    """One page of the list, and how many articles there are in all."""

    rows: tuple[ArticleVersion, ...]
    total: int
    page: int
    pages: int


def read_change() -> tuple[int, str]:
    """Return what tells whether an index is old: one row of the database."""
    return Change.objects.values_list("number", "token").first() or (0, "")


def make_article(row: ArticleVersion) -> Article:
    """Return a version as the engine reads it; a public one leads to its own page."""
    is_public = row.audience == Audience.PUBLIC.value
    return Article(
        row.slug,
        row.number,
        Words(row.title_zh, row.title_en),
        Words(row.body_zh, row.body_en),
        row.source,
        reverse("help_article", args=[row.slug]) if is_public else row.link,
        Audience(row.audience),
        tuple(row.products),
        tuple(row.asked),
        row.starts_at,
        row.ends_at,
        row.withdrawn_at is not None,
    )


def load_newest() -> list[Article]:
    """Return the newest version of every article that is not withdrawn, by identifier."""
    rows = ArticleVersion.objects.filter(is_newest=True, withdrawn_at=None).order_by("slug")
    return [make_article(row) for row in rows]


def find_newest(slug: str) -> ArticleVersion | None:
    """Return the newest version of an article, or None."""
    return ArticleVersion.objects.filter(slug=slug, is_newest=True).first()


def list_quotable(slugs: Iterable[str], now: datetime) -> dict[str, tuple[int, bool]]:
    """Return, of the articles named, those that may be quoted to anybody now: the version, and whether it is public."""
    rows = _valid(now).filter(slug__in=set(slugs)).exclude(audience=Audience.INSIDE.value)
    found = rows.values_list("slug", "number", "audience")
    return {slug: (number, audience == Audience.PUBLIC.value) for slug, number, audience in found}


def list_articles(viewer: Person, asked: ArticleFilter, now: datetime, page: int, rows: int) -> ArticlePage:  # noqa: ARG001 - viewer first
    """Return a page of the newest versions, by identifier."""
    chosen = ArticleVersion.objects.filter(is_newest=True)
    if asked.stand == "valid":
        chosen = _valid(now)
    elif asked.stand == "waiting":
        chosen = chosen.filter(withdrawn_at=None, starts_at__gt=now)
    elif asked.stand == "ended":
        chosen = chosen.filter(withdrawn_at=None, ends_at__lte=now)
    elif asked.stand == "withdrawn":
        chosen = chosen.exclude(withdrawn_at=None)
    if asked.audience:
        chosen = chosen.filter(audience=asked.audience)
    for word in asked.q.split():
        fields = ("slug", "title_zh", "title_en", "body_zh", "body_en", "source")
        found = Q()
        for name in fields:
            found |= Q(**{f"{name}__icontains": word})
        chosen = chosen.filter(found)
    total = chosen.count()
    pages = max(-(-total // rows), 1)
    page = min(max(page, 1), pages)
    return ArticlePage(tuple(chosen.order_by("slug")[(page - 1) * rows : page * rows]), total, page, pages)


def list_versions(viewer: Person, slug: str) -> list[ArticleVersion]:  # noqa: ARG001 - reads take the viewer first
    """Return the versions of an article, the newest first. Raises NotFound."""
    found = list(ArticleVersion.objects.filter(slug=slug).order_by("-number"))
    if not found:
        raise NotFound(
            Words("没有这篇文章。", "There is no such article."),
            mend=Words("请从文章列表打开。", "Open it from the list of articles."),
        )
    return found


def find_public(slug: str, now: datetime) -> ArticleVersion | None:
    """Return an article that anybody may read now, or None."""
    return _valid(now).filter(slug=slug, audience=Audience.PUBLIC.value).first()


def list_public(now: datetime) -> list[ArticleVersion]:
    """Return the articles that anybody may read now, by identifier."""
    return list(_valid(now).filter(audience=Audience.PUBLIC.value).order_by("slug").defer("body_zh", "body_en"))


def find_stand(row: ArticleVersion, now: datetime) -> str:
    """Return where a version stands: one of ``rules.STAND_WORDS``, or ``superseded``."""
    if not row.is_newest:
        return "superseded"
    if row.withdrawn_at is not None:
        return "withdrawn"
    if row.starts_at is not None and row.starts_at > now:
        return "waiting"
    return "ended" if row.ends_at is not None and row.ends_at <= now else "valid"


def _valid(now: datetime) -> QuerySet[ArticleVersion]:
    begun, lasts = Q(starts_at=None) | Q(starts_at__lte=now), Q(ends_at=None) | Q(ends_at__gt=now)
    return ArticleVersion.objects.filter(begun, lasts, is_newest=True, withdrawn_at=None)
