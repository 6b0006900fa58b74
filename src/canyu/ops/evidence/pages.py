"""The pages of evidence: copies, coordinated posting, rumour candidates, and the check of copy."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from canyu.listen.copycheck import INDUSTRIES, RULES_VERSION, check_copy
from canyu.ops.evidence.copy_check import MOST_LETTERS, describe_report, find_fault
from canyu.ops.evidence.words import INDUSTRY_WORDS
from canyu.ops.gate import requires
from canyu.ops.insight.queries import get_catalogue
from canyu.ops.people.rules import VIEW_PULSE


@requires(VIEW_PULSE)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def show_copy_check(request: HttpRequest) -> HttpResponse:
    """Show the form; where copy was sent, its findings too. Nothing is stored."""
    sent = request.POST if request.method == "POST" else request.GET
    industry, is_paid = sent.get("industry", ""), sent.get("paid") == "1"
    context: dict[str, Any] = {
        "industries": [(name, INDUSTRY_WORDS[name]) for name in INDUSTRIES],
        "industry": industry if industry in INDUSTRIES else "",
        "is_paid": is_paid,
        "most": MOST_LETTERS,
        "rules_version": RULES_VERSION,
    }
    if request.method != "POST":
        return render(request, "evidence/copy_check.html", context)
    text = sent.get("text", "").replace("\r\n", "\n").replace("\0", "")
    fault = find_fault(text, industry)
    if fault:
        return render(request, "evidence/copy_check.html", {**context, "text": text, "fault": fault}, status=400)
    report = check_copy(text, industry=industry, is_paid=is_paid, catalogue=get_catalogue())
    return render(request, "evidence/copy_check.html", {**context, "text": text, **describe_report(text, report)})
