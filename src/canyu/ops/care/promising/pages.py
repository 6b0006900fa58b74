"""The pages of plans: what was promised and kept of each product, and the editor with its preview."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from canyu.care.plans import Standing, parse_plans
from canyu.kit.clock import get_now
from canyu.kit.errors import BadInput, CanyuError
from canyu.kit.words import Words
from canyu.ops.care.forms import CareForm
from canyu.ops.care.models import ProductPlan
from canyu.ops.care.promising import actions, queries
from canyu.ops.gate import get_viewer, requires
from canyu.ops.people.rules import MANAGE_CARE, VIEW_CASES

STANDINGS = {
    Standing.AHEAD: Words("未开始", "ahead"),
    Standing.DUE: Words("进行中", "runs"),
    Standing.KEPT: Words("已兑现", "kept"),
    Standing.BROKEN: Words("已违约", "broken"),
}
EXAMPLE = """format: 1
product: xiaomi/phone-15
currency: CNY
promises:
  - name: updates
    words: {zh: 五年系统更新, en: five years of updates}
    rhythm: every
    every_months: 12
    from: 2025-03-01
    years: 5
    done: ["2025-09-01"]
    owners: 1200
  - name: half-price
    words: {zh: 首年碎屏险半价, en: first year of screen cover at half price}
    rhythm: on request
    from: 2025-03-01
    years: 1
    within_days: 7
cost:
  years: 3
  discount: 2%..3%..5%
  price: 5999.00
  plans: [{words: 碎屏险, price: 299, month: 0, share: 50%, promise: half-price}]
  repairs: [{words: 换屏, chance: 5%..8%..15%, price: 1000..1400, covered: 100%, covered_months: 12}]
  resale: 1500..1900..2200
"""


class PlanForm(CareForm):
    """A product's plan in YAML."""

    text = forms.CharField(
        label=gettext_lazy("Plan (YAML)"),
        max_length=60_000,
        widget=forms.Textarea(attrs={"class": "code", "rows": 24}),
    )

    def clean_text(self) -> str:
        """Refuse a plan that cannot be read, line by line."""
        text = str(self.cleaned_data["text"])
        try:
            parse_plans(text)
        except BadInput as error:
            raise forms.ValidationError(str(error)) from error
        return text


@requires(VIEW_CASES)
@require_safe
def show_plans(request: HttpRequest) -> HttpResponseBase:
    """Show what was promised of each product, which of it is broken, and what the product costs to own."""
    now = get_now()
    context = {"plans": queries.list_plans(get_viewer(request), now), "standings": STANDINGS, "now": now}
    return render(request, "care/plans.html", context)


@requires(MANAGE_CARE)
@require_http_methods(["GET", "HEAD", "POST"])
def edit_plan(request: HttpRequest) -> HttpResponseBase:
    """Show the editor of a product's plan, try it, or keep it."""
    viewer, product, now = get_viewer(request), request.GET.get("product", ""), get_now()
    text = queries.get_plan_row(viewer, product).text if product else EXAMPLE
    form = PlanForm(request.POST) if request.method == "POST" else PlanForm(initial={"text": text})
    error: CanyuError | None = None
    preview = None
    if request.method == "POST" and form.is_valid():
        try:
            if request.POST.get("what") == "keep":
                actions.save_plan(viewer, form.cleaned_data["text"], now)
                messages.success(request, _("Kept."))
                return redirect("care_plans")
            row = ProductPlan(text=form.cleaned_data["text"], made_by=viewer.username, made_at=now)
            preview = queries.judge_plan(row, queries.find_today(now))
        except CanyuError as fault:
            error = fault
    status = error.status if error else 400 if form.errors else 200
    context: dict[str, Any] = {"form": form, "error": error, "preview": preview, "standings": STANDINGS}
    return render(request, "care/plan.html", context, status=status)


@requires(MANAGE_CARE)
@require_POST
def withdraw_plan(request: HttpRequest) -> HttpResponseBase:
    """Take a product's plan out of use."""
    actions.withdraw_plan(get_viewer(request), request.POST.get("product", ""))
    messages.success(request, _("Withdrawn."))
    return redirect("care_plans")
