"""The auditor's pages: the trial balance, one account, one row, the proof, and the ledger as a file."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from canyu.ledger import ExportForm, ExportPart
from canyu.ops.gate import get_viewer, requires
from canyu.ops.lakes import describe_place
from canyu.ops.ledger import queries
from canyu.ops.ledger.rules import clean, parse_books, parse_position
from canyu.ops.people.rules import VIEW_LEDGER

MEDIA = {ExportForm.CSV: "text/csv; charset=utf-8", ExportForm.JSON_LINES: "application/x-ndjson"}


@requires(VIEW_LEDGER)
@require_safe
def show_books(request: HttpRequest) -> HttpResponse:
    """Show the trial balance by unit, and the accounts that match."""
    query = parse_books(request.GET.dict())
    return render(
        request, "ledger/books.html", {"query": query, "books": queries.read_books(get_viewer(request), query)}
    )


@requires(VIEW_LEDGER)
@require_safe
def show_account(request: HttpRequest) -> HttpResponse:
    """Show one account with its history, newest first, each row with the balance after it."""
    before = parse_position(request.GET.get("before", ""))
    found = queries.read_history(get_viewer(request), clean(request.GET.get("id", "")), before)
    return render(request, "ledger/account.html", {"found": found, "account": found.account, "before": before})


@requires(VIEW_LEDGER)
@require_safe
def show_row(request: HttpRequest) -> HttpResponse:
    """Show one row as it is kept, with what it answers and what answers it."""
    found = queries.read_row(get_viewer(request), clean(request.GET.get("id", "")))
    return render(request, "ledger/row.html", {"found": found, "row": found.placed.row})


@requires(VIEW_LEDGER)
@require_http_methods(["GET", "HEAD", "POST"])
def show_proof(request: HttpRequest) -> HttpResponse:
    """Tell what is proven; on request, prove it now."""
    viewer, is_asked = get_viewer(request), request.method == "POST"
    context = {
        "rows": queries.count_rows(viewer),
        "most": queries.MOST_PROVEN_HERE,
        "is_asked": is_asked,
        "proof": queries.prove_books(viewer) if is_asked else None,
        "place": describe_place(),
    }
    return render(request, "ledger/proof.html", context)


@requires(VIEW_LEDGER)
@require_safe
def send_books(request: HttpRequest, part: str, form: str) -> HttpResponseBase:
    """Send the rows (of one account) or the accounts as a file, piece by piece."""
    if part not in list(ExportPart) or form not in list(ExportForm):
        raise Http404("no such file")
    account = clean(request.GET.get("account", ""))
    pieces = queries.export_books(get_viewer(request), ExportPart(part), ExportForm(form), account)
    name = f'attachment; filename="canyu-ledger-{part}.{form}"'
    return StreamingHttpResponse(pieces, content_type=MEDIA[ExportForm(form)], headers={"Content-Disposition": name})
