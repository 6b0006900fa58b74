"""The only place that changes articles: published in a new version, imported, withdrawn with a reason.

Each change grows the number by which every process sees that its index is old, in the same transaction.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F

from canyu.care.assistant import Article
from canyu.kit.errors import BadInput
from canyu.kit.words import Words
from canyu.ops.knowledge.errors import ArticleChanged, ArticleUnfit
from canyu.ops.knowledge.models import ArticleVersion, Change
from canyu.ops.knowledge.queries import find_newest
from canyu.ops.knowledge.rules import MOST_REASON, list_misfits
from canyu.ops.people.models import Person

MOST_TOLD = 20
logger = logging.getLogger("canyu.knowledge")


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of the articles of a file: how many are new, in a new version, withdrawn, and as they were."""

    added: int
    superseded: int
    withdrawn: int
    unchanged: int


def publish(viewer: Person, article: Article, after: int, now: datetime) -> ArticleVersion:
    """Keep an article's next version, which takes the place of the one that the writer saw.

    ``after``: the number of that one, 0 for none. Raises ArticleUnfit; ArticleChanged where another one came between.
    """
    _refuse_misfits([article])
    with transaction.atomic():
        row = _keep(viewer, article, after + 1, after, now)
        _mark_change()
    logger.info("%s published %s version %s", viewer.username, row.slug, row.number)
    return row


def withdraw(viewer: Person, slug: str, number: int, reason: str, now: datetime) -> None:
    """Withdraw an article in the version that was seen, with a reason: no answer quotes it from here on.

    Raises BadInput without a reason; ArticleChanged where it was withdrawn, or another version came between.
    """
    reason = reason.replace("\0", "").strip()[:MOST_REASON]
    if not reason:
        raise BadInput(
            Words("没有写撤回的原因。", "The reason is missing."),
            mend=Words("请写为什么不能再引用它。", "Write why it may not be quoted any more."),
        )
    with transaction.atomic():
        rows = ArticleVersion.objects.filter(slug=slug, number=number, is_newest=True, withdrawn_at=None)
        if not rows.update(withdrawn_at=now, withdrawn_by=viewer.username, withdrawn_reason=reason):
            raise _tell_changed(slug)
        _mark_change()
    logger.info("%s withdrew %s version %s", viewer.username, slug, number)


def import_articles(viewer: Person, articles: Sequence[Article], now: datetime) -> Imported:
    """Keep the articles of a file, all or none: a new version only where something is said otherwise.

    A file says its versions: one that is below ours is left alone, one that says other words under our number is
    refused. Raises ArticleUnfit that names article, field and mend.
    """
    _refuse_misfits(articles)
    counts = {"added": 0, "superseded": 0, "withdrawn": 0, "unchanged": 0}
    with transaction.atomic():
        for article in sorted(articles, key=lambda each: each.id):  # two files at once take the rows in one order
            counts[_import_one(viewer, article, now)] += 1
        if counts["added"] + counts["superseded"] + counts["withdrawn"]:
            _mark_change()
    logger.info("%s imported articles: %s", viewer.username, counts)
    return Imported(**counts)


def _import_one(viewer: Person, article: Article, now: datetime) -> str:
    newest = find_newest(article.id)
    before = newest.number if newest else 0
    is_same = newest is not None and _describe(article) == {name: getattr(newest, name) for name in _describe(article)}
    is_gone = newest is not None and newest.withdrawn_at is not None
    if newest is not None and (article.version < before or (is_same and is_gone == article.is_withdrawn)):
        return "unchanged"
    if article.version == before and not (is_same and article.is_withdrawn):
        raise ArticleUnfit(
            Words(
                f"文章 {article.id} 的第 {before} 版已经在这里，内容不同或已撤回。",
                f"The article {article.id} is here in version {before}, with other words or withdrawn.",
            ),
            mend=Words(
                f"版本发布后不再修改：请把 version 改为 {before + 1}。",
                f"A version is never edited: write version: {before + 1}.",
            ),
        )
    row = newest if is_same and newest and article.version == before else None
    if row is None:
        row = _keep(viewer, article, article.version, before, now)
    if article.is_withdrawn:
        reason = Words("文件中标为撤回。", "Withdrawn in the file.")
        fields = {"withdrawn_at": now, "withdrawn_by": viewer.username, "withdrawn_reason": str(reason)}
        ArticleVersion.objects.filter(pk=row.pk).update(**fields)
        return "withdrawn"
    return "superseded" if before else "added"


def _keep(viewer: Person, article: Article, number: int, after: int, now: datetime) -> ArticleVersion:
    if after and not ArticleVersion.objects.filter(slug=article.id, number=after, is_newest=True).update(
        is_newest=False
    ):
        raise _tell_changed(article.id)
    try:
        with transaction.atomic():
            return ArticleVersion.objects.create(
                number=number, made_by=viewer.username, made_at=now, **_describe(article)
            )
    except IntegrityError:
        raise _tell_changed(article.id) from None


def _describe(article: Article) -> dict[str, object]:
    return {
        "slug": article.id,
        "title_zh": article.title.zh,
        "title_en": article.title.en,
        "body_zh": article.body.zh,
        "body_en": article.body.en,
        "audience": article.audience.value,
        "source": article.source,
        "link": article.link,
        "products": list(article.products),
        "asked": list(article.asked),
        "starts_at": article.starts_at,
        "ends_at": article.ends_at,
    }


def _mark_change() -> None:
    """Let every process see that its index is old, once this transaction is committed."""
    row, _ = Change.objects.get_or_create(pk=1)
    Change.objects.filter(pk=row.pk).update(number=F("number") + 1, token=secrets.token_hex(8))


def _refuse_misfits(articles: Sequence[Article]) -> None:
    found = [(article.id, misfit) for article in articles for misfit in list_misfits(article)]
    if not found:
        return
    told = found[:MOST_TOLD]
    zh = "".join(f"{slug}，{each.field}：{each.message.zh}{each.mend.zh}" for slug, each in told)
    en = " ".join(f"{slug}, {each.field}: {each.message.en} {each.mend.en}" for slug, each in told)
    raise ArticleUnfit(
        Words(f"文章有 {len(found)} 处问题：{zh}", f"The articles have {len(found)} problem(s): {en}"),
        mend=Words("什么也没有保存；请改正后再试。", "Nothing was kept; mend them and try again."),
    )


def _tell_changed(slug: str) -> ArticleChanged:
    return ArticleChanged(
        Words(f"文章 {slug} 刚刚被别人发布或撤回了。", f"Somebody else has just published or withdrawn {slug}."),
        mend=Words(
            "什么也没有保存；请打开最新一版再改。", "Nothing was kept; open the newest version and go on there."
        ),
    )
