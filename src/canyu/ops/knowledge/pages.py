"""The staff's pages of articles: the list with search, one with its versions, writing, a file of them, withdrawing."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from canyu.care.assistant import parse_articles
from canyu.kit.clock import get_now
from canyu.kit.errors import CanyuError
from canyu.kit.words import Words, say
from canyu.ops.config import load_config
from canyu.ops.gate import get_viewer, requires
from canyu.ops.knowledge import actions, queries
from canyu.ops.knowledge.forms import (
    ArticleForm,
    describe_article,
    name_languages,
    read_articles_text,
    tell_draft,
)
from canyu.ops.knowledge.models import ArticleVersion
from canyu.ops.knowledge.queries import ArticleFilter
from canyu.ops.knowledge.rules import AUDIENCE_WORDS, STAND_WORDS
from canyu.ops.people.rules import MANAGE_KNOWLEDGE, VIEW_KNOWLEDGE

STANDS = {**STAND_WORDS, "superseded": Words("已被新版取代", "superseded")}


@requires(VIEW_KNOWLEDGE)
@require_safe
def show_articles(request: HttpRequest) -> HttpResponse:
    """Show every article in its newest version, by words, validity and audience."""
    given, now = request.GET, get_now()
    asked = ArticleFilter(
        given.get("q", "").replace("\0", "").strip()[:100],
        given["stand"] if given.get("stand") in STAND_WORDS else "all",
        given["audience"] if given.get("audience") in AUDIENCE_WORDS else "",
    )
    found = queries.list_articles(get_viewer(request), asked, now, read_page(request), load_config().page_rows)
    context = {
        "found": found,
        "rows": [_describe(row, queries.find_stand(row, now)) for row in found.rows],
        "asked": asked,
        "stands": STAND_WORDS.items(),
        "audiences": AUDIENCE_WORDS.items(),
    }
    return render(request, "knowledge/articles.html", context)


@requires(VIEW_KNOWLEDGE)
@require_safe
def show_article(request: HttpRequest, slug: str) -> HttpResponse:
    """Show an article with its versions."""
    return _render_article(request, slug)


@requires(MANAGE_KNOWLEDGE)
@require_http_methods(["GET", "HEAD", "POST"])
def write_article(request: HttpRequest) -> HttpResponseBase:
    """Show the form of an article, of its next version, or of a gap; or publish what was written."""
    viewer, error = get_viewer(request), None
    slug = (request.POST if request.method == "POST" else request.GET).get("of", "").replace("\0", "")
    before = queries.list_versions(viewer, slug)[0] if slug else None
    form = ArticleForm(request.POST) if request.method == "POST" else ArticleForm(initial=_start(request, before))
    if before is not None:
        form.fields["slug"].widget.attrs["readonly"] = True
    if request.method == "POST" and form.is_valid():
        after = request.POST.get("after", "0")
        try:
            article = form.make_article()
            number = int(after) if after.isascii() and after.isdigit() and len(after) < 10 else 0
            row = actions.publish(viewer, article, number, get_now())
        except CanyuError as fault:
            error = fault
        else:
            messages.success(request, _("Published."))
            return redirect("knowledge_article", row.slug)
    status = error.status if error else 400 if form.errors else 200
    seen = request.POST.get("after", "") if request.method == "POST" else str(before.number if before else 0)
    context = {"form": form, "error": error, "before": before, "after": seen}
    return render(request, "knowledge/write.html", context, status=status)


@requires(MANAGE_KNOWLEDGE)
@require_POST
def withdraw_article(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Withdraw an article for a reason; no answer quotes it any more."""
    viewer, number = get_viewer(request), request.POST.get("number", "")
    versions = queries.list_versions(viewer, slug)
    seen = int(number) if number.isascii() and number.isdigit() and len(number) < 10 else versions[0].number
    try:
        actions.withdraw(viewer, slug, seen, request.POST.get("reason", ""), get_now())
    except CanyuError as error:
        return _render_article(request, slug, error)
    messages.success(request, _("Withdrawn: no answer quotes it any more."))
    return redirect("knowledge_article", slug)


@requires(MANAGE_KNOWLEDGE)
@require_http_methods(["GET", "HEAD", "POST"])
def import_articles(request: HttpRequest) -> HttpResponseBase:
    """Show the form of a file of articles, or keep what it holds; every problem is told with line, field and mend."""
    error, written = None, request.POST.get("text", "")
    if request.method == "POST":
        try:
            text = read_articles_text(written, request.FILES.get("file"))
            done = actions.import_articles(get_viewer(request), parse_articles(text), get_now())
        except CanyuError as fault:
            error = fault
        else:
            told = (done.added, done.superseded, done.withdrawn, done.unchanged)
            messages.success(
                request,
                say(
                    "新增 {} 篇，新版 {} 篇，撤回 {} 篇，未变 {} 篇。",
                    "{} new, {} new versions, {} withdrawn, {} unchanged.",
                ).format(*told),
            )
            return redirect("knowledge")
    context = {"error": error, "text": written}
    return render(request, "knowledge/import.html", context, status=error.status if error else 200)


def read_page(request: HttpRequest) -> int:
    """Return the number of the page of a list that the address asks for."""
    page = request.GET.get("page", "1")
    return int(page) if page.isascii() and page.isdigit() and 0 < len(page) < 7 else 1


def _start(request: HttpRequest, before: ArticleVersion | None) -> dict[str, Any]:
    if before is not None:
        return describe_article(before)
    title = request.GET.get("title", "").replace("\0", "").strip()
    return tell_draft(title, "\n".join(request.GET.getlist("asked")[:10]).replace("\0", "")[:2000])


def _render_article(request: HttpRequest, slug: str, error: CanyuError | None = None) -> HttpResponse:
    now = get_now()
    versions = queries.list_versions(get_viewer(request), slug)
    context = {
        "slug": slug,
        "newest": versions[0],
        "versions": [_describe(row, queries.find_stand(row, now)) for row in versions],
        "error": error,
        "reason": request.POST.get("reason", ""),
    }
    return render(request, "knowledge/article.html", context, status=error.status if error else 200)


def _describe(row: ArticleVersion, stand: str) -> dict[str, Any]:
    return {
        "row": row,
        "title": say(row.title_zh or row.title_en, row.title_en or row.title_zh),
        "stand": stand,
        "stand_words": STANDS[stand],
        "audience_words": AUDIENCE_WORDS[row.audience],
        "languages": name_languages(row),
        "texts": [(code, title, body) for code, title, body in _list_texts(row) if title],
    }


def _list_texts(row: ArticleVersion) -> list[tuple[str, str, str]]:
    return [("zh-Hans", row.title_zh, row.body_zh), ("en", row.title_en, row.body_en)]
