"""The page of a retrospective, its files, and the form of lessons."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from canyu.kit.clock import get_now
from canyu.kit.errors import CanyuError
from canyu.measure.report import Section, render_html, render_pdf
from canyu.ops.config import load_config
from canyu.ops.crisis.response.retrospective import actions
from canyu.ops.crisis.response.retrospective.queries import read_retrospective
from canyu.ops.crisis.response.retrospective.report import RetrospectiveReport
from canyu.ops.gate import get_viewer, requires
from canyu.ops.insight.pages import REPORT_KINDS, send_file
from canyu.ops.people.rules import MANAGE_CRISIS, VIEW_CRISIS


@requires(VIEW_CRISIS)
@require_safe
def show_retrospective(request: HttpRequest, run_id: int) -> HttpResponse:
    """Show what happened in a crisis, and the form of lessons."""
    return _render(request, run_id)


@requires(VIEW_CRISIS)
@require_safe
def send_retrospective(request: HttpRequest, run_id: int, form: str) -> HttpResponse:
    """Send the retrospective as a self-contained HTML page or a PDF, in the page's language."""
    if form not in REPORT_KINDS:
        raise Http404(form)
    report = _make_report(request, run_id)
    body = render_pdf(report) if form == "pdf" else render_html(report)
    return send_file(body, REPORT_KINDS[form], f"canyu-crisis-R{run_id:04d}.{form}")


@requires(MANAGE_CRISIS)
@require_POST
def add_lessons(request: HttpRequest, run_id: int) -> HttpResponseBase:
    """Keep what was learnt."""
    try:
        actions.add_lessons(get_viewer(request), run_id, request.POST.get("text", ""), get_now())
    except CanyuError as error:
        return _render(request, run_id, error)
    messages.success(request, _("Kept."))
    return redirect("crisis_retrospective", run_id=run_id)


def _make_report(request: HttpRequest, run_id: int) -> RetrospectiveReport:
    told = read_retrospective(get_viewer(request), run_id)
    language = "zh" if (get_language() or "").startswith("zh") else "en"
    return RetrospectiveReport(told, language, load_config().zone)


def _label_cells(section: Section) -> list[list[tuple[str, str]]]:
    """Return each row's cells with the heading of their column, which a narrow screen shows beside them."""
    if section.sheet is None:
        return []
    headings = section.sheet.headings
    return [list(zip(headings, row, strict=True)) for row in section.sheet.rows]


def _render(request: HttpRequest, run_id: int, error: CanyuError | None = None) -> HttpResponse:
    report = _make_report(request, run_id)
    document = report.compose()
    context = {
        "row": report.told.row,
        "document": document,
        "sections": [(section, _label_cells(section)) for section in document.sections],
        "error": error,
        "may_manage": get_viewer(request).has_perm(MANAGE_CRISIS),
        "part": "retrospective",
    }
    return render(request, "crisis_response/retrospective.html", context, status=error.status if error else 200)
