"""Articles of the tests: a few of the shipped example, and one each for customers and for staff."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from canyu.care import Audience
from canyu.care.assistant import Article, load_articles
from canyu.kit.clock import get_now
from canyu.kit.words import Words
from canyu.ops.knowledge import actions
from canyu.ops.people.models import Person

ASKED = "退款多久到账"
REFUND = "refund-when"
CHOSEN = (REFUND, "warranty-period", "repair-book", "return-seven-days", "delivery-track", "invoice", "member-points")


@cache
def list_chosen() -> tuple[Article, ...]:
    """Return some articles of the example, as its file says them."""
    return tuple(each for each in load_articles() if each.id in CHOSEN)


def find_article(slug: str = REFUND) -> Article:
    """Return one of them."""
    return next(each for each in list_chosen() if each.id == slug)


def fill_shelf() -> Person:
    """Import them; return who did."""
    viewer = Person.objects.get_or_create(username="keeper")[0]
    actions.import_articles(viewer, list_chosen(), get_now())
    return viewer


def say_otherwise(article: Article, zh: str, **changes: object) -> Article:
    """Return an article's next version, in Chinese alone, with another text."""
    told = replace(article, version=article.version + 1, body=Words(zh, ""), title=Words(article.title.zh, ""))
    return replace(told, **changes)  # type: ignore[arg-type]


def make_inside(article: Article) -> Article:
    """Return an article for staff alone."""
    return replace(article, audience=Audience.INSIDE)
