"""The public pages of statements: what is said, every version that was released, and the files with their hashes.

No account, no cookie, no script that runs: the data for programs stand in an element that no browser executes.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from canyu.care.crisis.claim_review import dump_for_page, make_claim_review
from canyu.care.crisis.statement import VERDICTS
from canyu.kit.words import Words
from canyu.ops.crisis.statements import queries
from canyu.ops.crisis.statements.answering import answer_file
from canyu.ops.crisis.statements.queries import Public


@login_not_required
@require_safe
def show_statement(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the version in force."""
    return _render(request, queries.find_public(slug))


@login_not_required
@require_safe
def show_release(request: HttpRequest, slug: str, release: int) -> HttpResponse:
    """Show an earlier version as it was released; it says which one replaced it."""
    return _render(request, queries.find_public(slug, release))


@login_not_required
@require_safe
def send_file(request: HttpRequest, slug: str, sha256: str) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """Send a file that a released version carries."""
    found = queries.find_public_file(slug, sha256)
    if found is None:
        raise Http404(slug)
    return answer_file(found)


def _render(request: HttpRequest, found: Public | None) -> HttpResponse:
    if found is None:
        raise Http404("statement")
    language, said = get_language() or "", found.shown.said
    url = request.build_absolute_uri(reverse("public_statement", args=[found.statement.slug]))
    released_at = found.shown.row.released_at
    data = make_claim_review(said, url, released_at, language) if found.is_newest and released_at else None
    context: dict[str, Any] = {
        "found": found,
        "row": found.shown.row,
        "said": said,
        "slug": found.statement.slug,
        "newest": found.released[0].row,
        "verdict": VERDICTS[said.verdict],
        "is_chinese": language.startswith("zh"),
        "texts": {
            name: Text.pick(getattr(said, name), language) for name in ("title", "claim", "findings", "correction")
        },
        "data": mark_safe(dump_for_page(data)) if data else "",  # noqa: S308 - every letter that could end it is escaped
        "url": url,
    }
    return render(request, "crisis/public_statement.html", context)


class Text:
    """A text of a statement in the page's language, or in Chinese where there is no English."""

    def __init__(self, text: str, tag: str) -> None:
        self.text, self.tag = text, tag

    @classmethod
    def pick(cls, words: Words, language: str) -> Text:
        """Return the text that a reader of this language is shown, with the tag of the language it is in."""
        if language.startswith("zh") or not words.en:
            return cls(words.zh, "zh-Hans")
        return cls(words.en, "en")
