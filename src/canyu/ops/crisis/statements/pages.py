"""The staff's pages of statements: write a version, read every version, return it or release it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from canyu.care.crisis.statement import VERDICTS
from canyu.kit.clock import get_now
from canyu.kit.errors import BadInput, CanyuError
from canyu.ops.crisis.forms import StatementForm, fill_statement
from canyu.ops.crisis.models import Run, Statement
from canyu.ops.crisis.queries import get_run
from canyu.ops.crisis.statements import actions, queries
from canyu.ops.crisis.statements.answering import answer_file
from canyu.ops.gate import get_viewer, requires
from canyu.ops.people.rules import MANAGE_CRISIS, RELEASE_STATEMENTS, VIEW_CRISIS


@requires(MANAGE_CRISIS)
@require_http_methods(["GET", "HEAD", "POST"])
def create_statement(request: HttpRequest, run_id: int) -> HttpResponseBase:
    """Show the form of a new statement, or keep its first version."""
    return _edit(request, get_run(get_viewer(request), run_id), None)


@requires(MANAGE_CRISIS)
@require_http_methods(["GET", "HEAD", "POST"])
def edit_statement(request: HttpRequest, statement_id: int) -> HttpResponseBase:
    """Show the form that goes on from the newest version, or keep the next one."""
    known = queries.get_statement(get_viewer(request), statement_id)
    return _edit(request, known.run, known)


@requires(VIEW_CRISIS)
@require_safe
def show_statement(request: HttpRequest, statement_id: int) -> HttpResponse:
    """Show every version of a statement, and what can be done with the newest."""
    return _render(request, statement_id)


@requires(RELEASE_STATEMENTS)
@require_POST
def release_statement(request: HttpRequest, statement_id: int) -> HttpResponseBase:
    """Release the version that the viewer has read; its address is typed by hand, for there is no way back."""
    viewer, given = get_viewer(request), request.POST
    known = queries.get_statement(viewer, statement_id)
    try:
        if given.get("slug", "").strip() != known.slug:
            raise BadInput(
                _("The address was not typed as it is."), mend=_("Nothing was released. Type the address once more.")
            )
        actions.release(viewer, statement_id, _number(given.get("number", "")), given.get("digest", ""), get_now())
    except CanyuError as error:
        return _render(request, statement_id, error)
    messages.success(request, _("Released: the public reads it now."))
    return redirect("statement", statement_id)


@requires(RELEASE_STATEMENTS)
@require_POST
def return_statement(request: HttpRequest, statement_id: int) -> HttpResponseBase:
    """Say why the newest version is not released."""
    given = request.POST
    try:
        number = _number(given.get("number", ""))
        actions.return_version(get_viewer(request), statement_id, number, given.get("text", ""), get_now())
    except CanyuError as error:
        return _render(request, statement_id, error)
    messages.success(request, _("Returned."))
    return redirect("statement", statement_id)


@requires(VIEW_CRISIS)
@require_safe
def send_draft_file(request: HttpRequest, statement_id: int, sha256: str) -> HttpResponse:
    """Send a file of a statement to the staff, whether it is released or not."""
    known = queries.get_statement(get_viewer(request), statement_id)
    found = next((each for each in queries.list_files(known) if each.sha256 == sha256), None)
    if found is None:
        raise Http404(sha256)
    return answer_file(found)


def _edit(request: HttpRequest, run: Run, known: Statement | None) -> HttpResponseBase:
    viewer, is_sent = get_viewer(request), request.method == "POST"
    versions = queries.list_versions(viewer, known) if known else []
    said = versions[0].said if versions else None
    form = StatementForm(
        request.POST if is_sent else None,
        request.FILES if is_sent else None,
        is_new=known is None,
        is_out=any(each.row.release for each in versions),
        initial=fill_statement(said) if said else None,
    )
    kept = request.POST.getlist("kept") if is_sent else [each.sha256 for each in said.attachments] if said else []
    error: CanyuError | None = None
    if is_sent and form.is_valid():
        try:
            draft = form.make_draft(tuple(kept))
            if known is None:
                slug = form.cleaned_data["slug"].strip()
                version = actions.create_statement(viewer, run.pk, slug, draft, get_now())
            else:
                version = actions.write_version(viewer, known.pk, draft, get_now())
        except CanyuError as fault:
            error = fault
        else:
            messages.success(request, _("Kept. Somebody else reads and releases it."))
            return redirect("statement", version.statement_id)
    context: dict[str, Any] = {"form": form, "error": error, "run": run, "known": known, "kept": kept}
    context["files"] = queries.list_files(known) if known else []
    status = error.status if error else 400 if form.errors else 200
    return render(request, "crisis/statement_form.html", context, status=status)


def _render(request: HttpRequest, statement_id: int, error: CanyuError | None = None) -> HttpResponse:
    viewer = get_viewer(request)
    known = queries.get_statement(viewer, statement_id)
    versions = queries.list_versions(viewer, known)
    newest = versions[0]
    authors = actions.list_authors(known)
    context: dict[str, Any] = {
        "known": known,
        "run": known.run,
        "versions": versions,
        "newest": newest,
        "is_waiting": newest.row.release is None,
        "is_own": viewer.username in authors,
        "authors": sorted(authors),
        "verdicts": VERDICTS,
        "error": error,
    }
    return render(request, "crisis/statement.html", context, status=error.status if error else 200)


def _number(told: str) -> int:
    return int(told) if told.isascii() and told.isdigit() and len(told) < 10 else 0
